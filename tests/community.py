"""A small community of its own: a mirror filled by hand, indexed by the real model; no wiki is needed.

The people, the association and what they do are invented.
"""

import functools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connector.model import Namespace, Page, Revision, Site
from search.embedding import Embedder, SentenceTransformerEmbedder
from search.settings import EmbeddingSettings
from tests.builders import HashingEmbedder
from webui.bootstrap import Services, build_services
from webui.config import load_config

SITE = Site(
    name="Wiki des ateliers",
    language="fr",
    server_url="http://wiki.invalid",
    namespaces={
        0: Namespace(id=0, name="", content=True),
        1: Namespace(id=1, name="Discussion", canonical="Talk"),
        2: Namespace(id=2, name="Utilisateur", canonical="User"),
        10: Namespace(id=10, name="Modèle", canonical="Template"),
        14: Namespace(id=14, name="Catégorie", canonical="Category"),
    },
)
_START = datetime(2026, 1, 10, 9, tzinfo=UTC)

WELCOME = """{{Practice|statut=référence|contexte=Atelier|contacts=Aïcha Benali|langue=fr}}
== Problème ==
Les nouveaux bénévoles repartent sans savoir à qui s'adresser, et la moitié ne revient pas.
== Solution ==
Chaque nouveau bénévole est accueilli par deux anciens. Ils lui montrent l'atelier, puis ils réparent ensemble
un premier objet pendant la [[soirée réparation]].
== Étapes ==
* Préparer un badge à son nom.
* Faire le tour de l'atelier en un quart d'heure.
[[Catégorie:Accueil]]
"""
EVENING = """{{Practice|statut=testée|contacts=Marc Le Goff|langue=fr}}
== Contexte ==
La soirée réparation a lieu le premier jeudi du mois.
== Solution ==
Installer six tables, une par métier, et tenir un registre des objets apportés par les visiteurs.
== Outils ==
Multimètre, fer à souder, fiches de suivi.
"""
TOOLS = """{{Practice|statut=émergente|langue=fr}}
== Problème ==
Après la soirée réparation les outils sont éparpillés.
== Solution ==
Un tableau mural montre la silhouette de chaque outil : on voit tout de suite celui qui manque.
"""
FUNDING = """{{Practice|status=adopted|contacts=Ruth Ellery|language=en}}
== Problem ==
Grants end, and the rent of the workshop does not.
== Solution ==
Ask each visitor for a free donation at the door, and publish the monthly accounts so that people see where
the money goes.
"""
MEETING_PLACE = (
    "L'atelier se trouve derrière la mairie. On y entre par la cour, aussi pour la [[soirée réparation]]."
)
SHEET = "La fiche de suivi est remplie à deux pendant la [[soirée réparation]], puis signée par le visiteur."
REGISTER = "Le registre liste les objets de chaque [[soirée réparation]] et ce qu'ils sont devenus."


def page(pageid: int, title: str, wikitext: str, *, namespace: int = 0, redirect: str | None = None) -> Page:
    return Page(
        pageid=pageid,
        namespace=namespace,
        title=title,
        revid=1000 + pageid,
        timestamp=_START + timedelta(days=10 * pageid),
        wikitext=wikitext,
        redirect_target=redirect,
    )


PAGES = (
    page(1, "Accueillir un nouveau bénévole", WELCOME),
    page(2, "Soirée réparation", EVENING),
    page(3, "Ranger les outils", TOOLS),
    page(4, "Funding a workshop", FUNDING),
    page(5, "Atelier", MEETING_PLACE),
    page(
        6,
        "Accueil des bénévoles",
        "#REDIRECTION [[Accueillir un nouveau bénévole]]",
        redirect="Accueillir un nouveau bénévole",
    ),
    page(7, "Fiche de suivi", SHEET),
    page(8, "Registre des objets", REGISTER),
)
AUTHORS = {1: "Aïcha Benali", 2: "Marc Le Goff", 3: "Marc Le Goff", 4: "Ruth Ellery", 5: "Inès Caradec"}


def revisions(pages: Sequence[Page]) -> list[Revision]:
    return [
        Revision(
            revid=one.revid,
            pageid=one.pageid,
            timestamp=one.timestamp,
            user=AUTHORS.get(one.pageid, "Inès Caradec"),
            user_id=100 + one.pageid,
            size=len(one.wikitext.encode()),
        )
        for one in pages
    ]


@functools.cache
def shared_embedder() -> Embedder:
    """The bundled model, loaded once for all tests of a run."""
    return SentenceTransformerEmbedder(EmbeddingSettings())


def empty_community(folder: Path) -> Services:
    """Services on a data directory that holds nothing yet."""
    folder.mkdir(parents=True, exist_ok=True)
    services = build_services(load_config(folder))
    services.__dict__["embedder"] = shared_embedder()
    return services


def mirrored_community(folder: Path) -> Services:
    """Services on a mirror of `PAGES`, not indexed."""
    services = empty_community(folder)
    services.store.site.put(SITE, source="http://wiki.invalid/w/api.php")
    services.store.pages.put_many(PAGES)
    services.store.revisions.put_many(revisions(PAGES))
    services.store.site.set_last_sync(datetime.now(UTC) - timedelta(minutes=7))
    return services


def small_community(folder: Path) -> Services:
    """Services on a mirror of `PAGES`, indexed."""
    services = mirrored_community(folder)
    services.update_index()
    return services


def hashed_community(folder: Path) -> Services:
    """Services on a mirror of `PAGES`, indexed without a model: quick, and good where no rank matters."""
    services = mirrored_community(folder)
    services.__dict__["embedder"] = HashingEmbedder()
    services.update_index()
    return services


@contextmanager
def answers_on_a_talk_page(services: Services, pageid: int) -> Iterator[None]:
    """Solène Prat answers on the talk page of "Atelier", which has this pageid, and nowhere else."""
    talk = page(pageid, "Discussion:Atelier", "On ouvre le samedi.", namespace=1)
    services.store.pages.put_many([talk])
    answer = Revision(
        revid=talk.revid,
        pageid=pageid,
        timestamp=talk.timestamp,
        user="Solène Prat",
        user_id=300,
        size=len(talk.wikitext),
    )
    services.store.revisions.put_many([answer])
    try:
        yield
    finally:
        services.store.pages.delete([pageid])


NOTES = """# Atelier : réunion du 3 mars 2026

Présents : Aïcha Benali, Marc Le Goff
Excusée : Inès Caradec

## Plan de l'atelier

Problème : les nouveaux ne savent pas où sont les outils.

Solution : afficher un plan de l'atelier à l'entrée.

Décision : le plan sera affiché avant la prochaine soirée.

## Actions

- [ ] Marc : dessiner le plan avant le 20 mars 2026

## Questions

- Qui imprime le plan ?
"""
"""Notes of a meeting, with one practice in them: the problem in line 8, the solution in line 10."""
