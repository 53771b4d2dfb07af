"""The pages of the French wiki that the reading tests share: a beekeepers' community, all invented.

Three authors, a category, a redirect, a template, a talk page, pages of several revisions. Tests may rely on
what stands here.
"""

from dataclasses import dataclass

from tests.mediawiki import LocalWiki


@dataclass(frozen=True)
class SeedEdit:
    """One edit: `user` saves `text` as the page `title`."""

    title: str
    user: str
    summary: str
    text: str


SHARED_PAGES = (
    SeedEdit(
        "Modèle:Pratique",
        "Aline Ferrand",
        "Modèle des fiches",
        "'''Contexte''' : {{{contexte|}}}\n\n'''Statut''' : {{{statut|émergente}}}"
        "<includeonly>[[Catégorie:Pratiques]]</includeonly>",
    ),
    SeedEdit(
        "Catégorie:Pratiques", "Aline Ferrand", "Création", "Les pratiques du rucher, relues par le groupe."
    ),
    SeedEdit(
        "Hivernage des ruches",
        "Aline Ferrand",
        "Première version",
        "{{Pratique|contexte=Ruches Dadant en plaine|statut=éprouvée}}\n\n"
        "Préparer les colonies à passer l’hiver sans les déranger.",
    ),
    SeedEdit(
        "Hivernage des ruches",
        "Bastien Lorgeou",
        "Ajout de la pesée",
        "{{Pratique|contexte=Ruches Dadant en plaine|statut=éprouvée}}\n\n"
        "Préparer les colonies à passer l’hiver sans les déranger.\n\n"
        "== Réserves ==\n"
        "Peser chaque ruche mi-octobre : il faut 15 kg de miel pour une Dadant. En dessous, donner du\n"
        "[[Sirop de nourrissement|sirop]] avant les premiers froids.\n\n"
        "== Isolation ==\n"
        "Poser un isolant sous le toit, jamais au plancher, et réduire l’entrée contre les mulots.",
    ),
    SeedEdit(
        "Sirop de nourrissement",
        "Bastien Lorgeou",
        "Création",
        "{{Pratique|contexte=Disette ou fin d’été}}\n\n"
        "Deux kilos de sucre pour un litre d’eau tiède en septembre ; moitié-moitié au printemps.\n\n"
        "Voir aussi [[Hivernage des ruches]].",
    ),
    SeedEdit(
        "Comptage du varroa",
        "Noémie Tréguier",
        "Création",
        "{{Pratique|contexte=Suivi sanitaire|statut=adoptée}}\n\n"
        "== Méthode ==\n"
        "Compter les chutes naturelles sur un lange graissé pendant trois jours, et diviser par trois.\n\n"
        "== Résultats ==\n"
        "Au-delà de cinq varroas par jour fin août, [[Traitement à l’acide oxalique|traiter]] aussitôt.",
    ),
    SeedEdit(
        "Comptage du varroa",
        "Aline Ferrand",
        "Précaution",
        "{{Pratique|contexte=Suivi sanitaire|statut=adoptée}}\n\n"
        "== Méthode ==\n"
        "Compter les chutes naturelles sur un lange graissé pendant trois jours, et diviser par trois.\n\n"
        "== Résultats ==\n"
        "Au-delà de cinq varroas par jour fin août, [[Traitement à l’acide oxalique|traiter]] aussitôt.\n\n"
        "== Précautions ==\n"
        "Un lange trop sec laisse les fourmis emporter les varroas : le compte est alors faux.",
    ),
    SeedEdit("Compter le varroa", "Noémie Tréguier", "Autre titre", "#REDIRECTION [[Comptage du varroa]]"),
    SeedEdit(
        "Discussion:Comptage du varroa",
        "Bastien Lorgeou",
        "Question",
        "Le seuil est-il le même en montagne ? --~~~~",
    ),
    SeedEdit(
        "Swarm capture",
        "Noémie Tréguier",
        "English page",
        "A swarm that hangs within reach is shaken into a box at dusk, then left until the last\n"
        "bees are in.\n\n"
        "[[Category:Pratiques]]",
    ),
)


def seed(wiki: LocalWiki) -> None:
    """Save the shared pages, in their order, each as its author."""
    for edit in SHARED_PAGES:
        wiki.edit(edit.title, edit.text, user=edit.user, summary=edit.summary)
    wiki.run_maintenance("runJobs.php")
