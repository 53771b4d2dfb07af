"""The mirror in step with the wiki: real changes on a real MediaWiki, and what a mirror is of."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.dump import DumpWiki
from connector.errors import (
    ConfigError,
    DumpError,
    WikiLoginError,
)
from connector.model import Namespace, Site
from connector.store import Store
from connector.sync import default_namespaces
from connector.wiki import MediaWiki, WikiSettings
from tests.fakes import FRENCH_SITE, FakeWiki
from tests.faultproxy import FaultProxy, action_is
from tests.faults import HttpError, SessionLost, TruncatedJson, WithoutRevisions
from tests.mediawiki import LocalWiki
from tests.mirrors import community_of, contents, done, live, run, sweep_alone, titles


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "mirror.sqlite3") as store:
        yield store


# A real wiki


def test_a_live_wiki_and_its_export_make_the_same_mirror(
    wiki: LocalWiki, tmp_path: Path, store: Store
) -> None:
    first = run(live(wiki), store)
    assert first.added == store.pages.count() == 8
    assert first.revisions == store.revisions.count() == 10
    assert store.pages.redirects() == {"Compter le varroa": "Comptage du varroa"}
    described = dataclasses.replace(live(wiki).site(), page_count=0, edit_count=0)
    assert store.site.get() == described
    assert store.site.source() == wiki.api_url
    assert done(run(live(wiki), store)) == {"unchanged": 8}

    path = tmp_path / "export.xml"
    path.write_text(wiki.run_maintenance("dumpBackup.php", "--full", "--quiet"), encoding="utf-8")
    with Store.open(tmp_path / "seeded.sqlite3") as seeded:
        assert run(DumpWiki(path), seeded).added == 8
        assert list(seeded.pages.iterate(redirects=True)) == list(store.pages.iterate(redirects=True))
        # Change tags are not in an export.
        tagless = [dataclasses.replace(revision, tags=()) for revision in store.revisions.iterate()]
        assert list(seeded.revisions.iterate()) == tagless
        assert done(run(DumpWiki(path), seeded)) == {"unchanged": 8}
        # An export may be the first copy of a live wiki, and not replace what came later.
        assert done(run(live(wiki), seeded)) == {"unchanged": 8, "revisions": 1}  # the one with a change tag
        assert list(seeded.revisions.iterate()) == list(store.revisions.iterate())
        with pytest.raises(ConfigError, match="older export"):
            run(DumpWiki(path), seeded)


def test_the_mirror_follows_every_kind_of_change(fresh_wiki: LocalWiki, store: Store) -> None:
    wiki, mirror = fresh_wiki, live(fresh_wiki)
    for title in ("Rabot", "Varlope", "Riflard", "Guillaume", "Bouvet", "Discussion:Rabot"):
        wiki.edit(title, f"{title} : première version.", user="Odile Garance")
    wiki.edit("Feuilleret", "#REDIRECTION [[Guillaume]]")
    run(mirror, store)
    varlope = store.pages.require("Varlope")

    wiki.edit("Rabot", "Deuxième version.", user="Basile Ormond")
    wiki.move("Varlope", "Grande varlope")
    wiki.move("Riflard", "Aide:Riflard", redirect=False)
    wiki.delete("Bouvet")
    wiki.edit("Trusquin", "Nouvelle page.")
    wiki.edit("Feuilleret", "#REDIRECTION [[Rabot]]")
    assert done(run(mirror, store)) == {
        "added": 2,  # Trusquin, and the redirect that the move left
        "updated": 4,  # a move is a revision too
        "moved": 2,
        "purged": 1,
        "unchanged": 3,
        "revisions": 2 + 4 * 2,
    }
    assert store.pages.require("Rabot").wikitext == "Deuxième version."
    assert [r.user for r in store.revisions.of_page(store.pages.require("Rabot").pageid)] == [
        "Odile Garance",
        "Basile Ormond",
    ]
    assert store.pages.require("Grande varlope").pageid == varlope.pageid
    assert store.pages.redirects() == {"Varlope": "Grande varlope", "Feuilleret": "Rabot"}
    assert store.pages.require("Aide:Riflard").namespace == 12
    assert "Bouvet" not in titles(store)
    assert "Riflard" not in titles(store)

    wiki.session().write("undelete", title="Bouvet")
    wiki.delete("Discussion:Rabot")
    wiki.move("Guillaume", "Utilisateur:Odile/Guillaume", redirect=False)
    report = run(mirror, store)
    assert (report.added, report.purged, report.moved) == (1, 1, 1)
    assert store.pages.require("Bouvet").wikitext == "Bouvet : première version."
    assert len(store.revisions.of_page(store.pages.require("Bouvet").pageid)) == 1
    assert done(run(mirror, store)) == {"unchanged": store.pages.count()}


def test_a_page_that_leaves_the_mirrored_namespaces_leaves_the_mirror(
    fresh_wiki: LocalWiki, store: Store
) -> None:
    for number in range(6):
        fresh_wiki.edit(f"Fiche {number}", "Texte")
    run(live(fresh_wiki), store)
    fresh_wiki.move("Fiche 3", "Modèle:Fiche 3", redirect=False)
    assert done(run(live(fresh_wiki), store)) == {"purged": 1, "unchanged": 6}
    assert not any("Fiche 3" in title for title in titles(store))


def test_faults_on_the_way_do_not_change_what_is_mirrored(
    wiki: LocalWiki, store: Store, tmp_path: Path
) -> None:
    run(live(wiki), store)
    with FaultProxy(wiki.server_url) as proxy, Store.open(tmp_path / "second.sqlite3") as second:
        faults = (HttpError(503, retry_after=1), TruncatedJson(), HttpError(429), WithoutRevisions(keep=1))
        for parameters in ({"generator": "allpages"}, {"prop": "info|revisions"}, {"prop": "revisions"}):
            for fault in faults:
                proxy.inject(action_is("query", **parameters), fault)
        run(live(wiki, url=proxy.url), second)
        assert contents(second) == contents(store)


def test_a_lost_session_stops_the_pass_and_purges_nothing(fresh_wiki: LocalWiki, store: Store) -> None:
    fresh_wiki.edit("Rabot", "Raboter.")
    fresh_wiki.make_private()
    admin = fresh_wiki.account()
    with FaultProxy(fresh_wiki.server_url) as proxy:
        settings = WikiSettings(api_url=proxy.url, user=admin.name, password=admin.password)
        mirror = MediaWiki(settings, sleep=lambda _: None)
        run(mirror, store)
        before = contents(store)
        fresh_wiki.delete("Rabot")
        proxy.inject(action_is("query", generator="allpages"), SessionLost(), times=None)
        with pytest.raises(WikiLoginError):
            sweep_alone(mirror, store)
        assert contents(store) == before


# A wiki in memory


@pytest.fixture
def fake() -> FakeWiki:
    return community_of()


def test_a_mirror_is_of_one_wiki(fake: FakeWiki, store: Store) -> None:
    run(fake, store)
    before = contents(store)
    elsewhere = dataclasses.replace(FRENCH_SITE, server_url="https://autre.example")
    beside = dataclasses.replace(FRENCH_SITE, article_path="/autre/$1")
    for other in (FakeWiki(site=elsewhere), FakeWiki(site=beside)):
        with pytest.raises(ConfigError, match="data folder of its own"):
            run(other, store, allow_shrink=True)
    assert contents(store) == before
    fake.described_as = dataclasses.replace(
        FRENCH_SITE, server_url="http://SAVOIRS.example", name="Nouveau nom"
    )
    assert run(fake, store).unchanged == 120
    site = store.site.get()
    assert site is not None
    assert site.name == "Nouveau nom"


def test_a_damaged_export_leaves_the_mirror_as_it_is(fake: FakeWiki, store: Store, tmp_path: Path) -> None:
    run(fake, store)
    before = contents(store)
    path = tmp_path / "cut.xml"
    path.write_text(
        '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/"><siteinfo>', encoding="utf-8"
    )
    with pytest.raises(DumpError):
        run(DumpWiki(path), store)
    assert contents(store) == before


def test_namespaces_are_chosen_by_the_settings(fake: FakeWiki, store: Store) -> None:
    fake.edit("Modèle:Fiche", "{{{1}}}")
    fake.edit("Discussion:Fiche 1", "Relue ?")
    assert run(fake, store, namespaces=(1, 10)).added == 2
    assert titles(store) == {"Modèle:Fiche", "Discussion:Fiche 1"}


def test_content_people_and_help_are_mirrored_with_their_talk() -> None:
    extra = {
        100: Namespace(id=100, name="Recette", content=True),
        101: Namespace(id=101, name="Discussion Recette"),
        102: Namespace(id=102, name="Brouillon"),
    }
    site = Site(name="x", language="fr", server_url="", namespaces={**FRENCH_SITE.namespaces, **extra})
    assert default_namespaces(site) == (0, 1, 2, 3, 4, 5, 12, 13, 14, 15, 100, 101)
