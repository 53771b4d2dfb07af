"""The mirror in step with the wiki: real changes on a real MediaWiki, faults on the fake."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.dump import DumpWiki
from connector.errors import (
    ConfigError,
    DumpError,
    SuspiciousShrinkError,
    WikiLoginError,
    WikiUnavailableError,
)
from connector.model import Namespace, Site
from connector.store import Store
from connector.sync import SyncReport, SyncSettings, default_namespaces, sync
from connector.wiki import MediaWiki, Wiki, WikiSettings
from tests.fakes import FRENCH_SITE, FakeWiki
from tests.faultproxy import FaultProxy, action_is
from tests.faults import HttpError, SessionLost, TruncatedJson, WithoutRevisions
from tests.mediawiki import LocalWiki


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "mirror.sqlite3") as store:
        yield store


def run(wiki: Wiki, store: Store, *, allow_shrink: bool = False, **settings: object) -> SyncReport:
    chosen = SyncSettings(**settings)  # type: ignore[arg-type]  # a test names the field it sets
    return sync(wiki, store, settings=chosen, allow_shrink=allow_shrink)


def done(report: SyncReport) -> dict[str, int]:
    """What a pass did to the mirror, without what it did not do."""
    fields = dataclasses.asdict(report)
    beside = ("seconds", "swept", "proven")
    return {name: number for name, number in fields.items() if number and name not in beside}


def titles(store: Store) -> set[str]:
    return {head.title for head in store.pages.heads()}


def contents(store: Store) -> tuple[list[object], list[object]]:
    return list(store.pages.iterate(redirects=True)), list(store.revisions.iterate())


# A real wiki


def live(wiki: LocalWiki, *, url: str | None = None) -> MediaWiki:
    settings = WikiSettings(api_url=url or wiki.api_url, timeout_seconds=20, max_wait_seconds=20)
    return MediaWiki(settings, sleep=lambda _: None)


def test_a_live_wiki_and_its_export_make_the_same_mirror(
    wiki: LocalWiki, tmp_path: Path, store: Store
) -> None:
    first = run(live(wiki), store)
    assert first.added == store.pages.count() == 8
    assert first.revisions == store.revisions.count() == 10
    assert store.pages.redirects() == {"Compter le varroa": "Comptage du varroa"}
    assert store.site.get() == live(wiki).site()
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
        assert done(run(live(wiki), seeded)) == {"unchanged": 8}
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
            run(mirror, store)
        assert contents(store) == before


# The fake, where faults come at the worst moment


@pytest.fixture
def fake() -> FakeWiki:
    fake = FakeWiki()
    for number in range(1, 121):
        fake.edit(f"Fiche {number}", f"Texte {number}", user="Zoé")
        fake.edit(f"Fiche {number}", f"Texte {number}, relu", user="Léo")
    return fake


OFFLINE = WikiUnavailableError("the wiki is gone")


def test_a_first_copy_that_is_cut_off_goes_on_where_it_was(fake: FakeWiki, store: Store) -> None:
    fake.fail("pages", after=75, error=OFFLINE)
    with pytest.raises(WikiUnavailableError):
        run(fake, store)
    assert store.pages.count() == 50
    assert store.site.last_sync() is None
    fake.repair()
    fake.texts_fetched.clear()
    fake.fail("revisions", after=60, error=OFFLINE)
    with pytest.raises(WikiUnavailableError):
        run(fake, store)
    assert len(fake.texts_fetched) == 70
    fake.repair()
    fake.texts_fetched.clear()
    assert done(run(fake, store))["unchanged"] == 120
    assert fake.texts_fetched == []
    assert store.revisions.count() == 240
    assert store.site.last_sync() == fake.now()


def test_a_first_copy_reads_the_histories_of_the_whole_wiki_at_once(store: Store) -> None:
    fake = FakeWiki()
    for number in range(250):
        fake.edit(f"Fiche {number}", "Texte")
    fake.edit("Modèle:Fiche", "Pas dans le miroir")
    fake.fail("all_revisions", after=100, error=OFFLINE)
    with pytest.raises(WikiUnavailableError):
        run(fake, store)
    fake.repair()
    report = run(fake, store)
    assert (fake.calls["all_revisions"], fake.calls.get("revisions", 0)) == (2, 0)
    assert (store.revisions.count(), report.revisions, report.unchanged) == (250, 250, 250)
    fake.edit("Fiche 7", "Changée")
    assert done(run(fake, store)) == {"updated": 1, "unchanged": 249, "revisions": 2}
    assert (fake.calls["all_revisions"], fake.calls["revisions"]) == (2, 1)


@pytest.mark.parametrize("method", ["site", "heads", "existing"])
def test_nothing_is_changed_when_the_sweep_fails(fake: FakeWiki, store: Store, method: str) -> None:
    run(fake, store)
    before = contents(store)
    fake.delete("Fiche 7")
    fake.edit("Fiche 8", "Changée")
    fake.fail(method, error=OFFLINE)
    with pytest.raises(WikiUnavailableError):
        run(fake, store)
    assert contents(store) == before
    fake.repair()
    assert done(run(fake, store)) == {"purged": 1, "updated": 1, "unchanged": 118, "revisions": 3}


def test_a_sweep_that_ends_early_with_an_error_purges_nothing(fake: FakeWiki, store: Store) -> None:
    run(fake, store)
    fake.delete("Fiche 7")
    fake.fail("heads", after=110, error=OFFLINE)
    with pytest.raises(WikiUnavailableError):
        run(fake, store)
    assert "Fiche 7" in titles(store)


def test_what_is_gone_is_purged_before_anything_is_fetched(fake: FakeWiki, store: Store) -> None:
    run(fake, store)
    [gone] = [head.pageid for head in store.pages.heads() if head.title == "Fiche 7"]
    fake.delete("Fiche 7")
    fake.edit("Fiche 8", "Changée")
    fake.fail("pages", error=OFFLINE)
    with pytest.raises(WikiUnavailableError):
        run(fake, store)
    assert "Fiche 7" not in titles(store)
    assert store.revisions.of_page(gone) == []


def test_a_page_that_the_sweep_missed_is_kept(fake: FakeWiki, store: Store) -> None:
    """One that moves from ahead of the cursor to behind it is in no part of the listing."""
    run(fake, store)
    really = fake.heads

    def blind(*, namespaces: tuple[int, ...]) -> Iterator[object]:
        return (head for head in really(namespaces=namespaces) if head.title != "Abaque")

    fake.move("Fiche 7", "Abaque", redirect=False)
    fake.heads = blind  # type: ignore[assignment, method-assign]
    assert done(run(fake, store)) == {"moved": 1, "unchanged": 120}
    assert "Abaque" in titles(store)
    assert "Fiche 7" not in titles(store)


def test_a_move_without_a_revision_is_seen(fake: FakeWiki, store: Store) -> None:
    run(fake, store)
    fake.move("Fiche 7", "Aide:Fiche 7", redirect=False)
    assert done(run(fake, store)) == {"moved": 1, "unchanged": 120}
    assert store.pages.require("Aide:Fiche 7").namespace == 12


def test_two_pages_that_swap_their_titles(fake: FakeWiki, store: Store) -> None:
    run(fake, store)
    seven, eight = store.pages.require("Fiche 7").pageid, store.pages.require("Fiche 8").pageid
    for title, target in (("Fiche 7", "Zut"), ("Fiche 8", "Fiche 7"), ("Zut", "Fiche 8")):
        fake.move(title, target, redirect=False)
    assert done(run(fake, store)) == {"moved": 2, "unchanged": 120}
    assert store.pages.require("Fiche 7").pageid == eight
    assert store.pages.require("Fiche 8").pageid == seven


def test_a_shrink_that_is_hard_to_believe_stops_before_anything_is_changed(
    fake: FakeWiki, store: Store
) -> None:
    run(fake, store)
    for number in range(1, 26):  # 25 of 120 are 21 %
        fake.delete(f"Fiche {number}")
    fake.edit("Fiche 30", "Changée")
    before = contents(store)
    with pytest.raises(SuspiciousShrinkError, match="25 of 120") as caught:
        run(fake, store)
    assert (caught.value.missing, caught.value.known) == (25, 120)
    assert contents(store) == before
    assert done(run(fake, store, allow_shrink=True))["purged"] == 25
    for number in range(31, 50):  # exactly 20 % of 95
        fake.delete(f"Fiche {number}")
    assert done(run(fake, store))["purged"] == 19
    for number in range(50, 90):
        fake.delete(f"Fiche {number}")
    assert done(run(fake, store, purge_limit=0.9))["purged"] == 40


def test_texts_that_all_become_unreadable_are_a_shrink_too(fake: FakeWiki, store: Store) -> None:
    run(fake, store)
    for number in range(1, 31):
        made = fake.edit(f"Fiche {number}", "Caché")
        fake.hide(f"Fiche {number}", made.revid)
    with pytest.raises(SuspiciousShrinkError):
        run(fake, store)
    assert store.pages.count() == 120
    assert run(fake, store, allow_shrink=True).purged == 30


def test_a_page_whose_text_is_hidden_leaves_the_mirror(fake: FakeWiki, store: Store) -> None:
    run(fake, store)
    made = fake.edit("Fiche 7", "Un secret")
    fake.hide("Fiche 7", made.revid)
    assert done(run(fake, store)) == {"purged": 1, "unchanged": 119}
    assert "Fiche 7" not in titles(store)


def test_a_history_that_lost_revisions_is_replaced(fake: FakeWiki, store: Store) -> None:
    run(fake, store)
    pageid = store.pages.require("Fiche 7").pageid
    made = fake.edit("Fiche 7", "Le nom")
    run(fake, store)
    fake.edit("Fiche 7", "Sans le nom")
    fake.hide("Fiche 7", made.revid)
    run(fake, store)
    assert [r.user for r in store.revisions.of_page(pageid)] == ["Zoé", "Léo", None, "Admin"]


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


def test_progress_is_told_in_three_parts(fake: FakeWiki, store: Store) -> None:
    told: list[tuple[int, int, str]] = []
    sync(fake, store, settings=SyncSettings(), progress=lambda *fact: told.append(fact))
    assert [what for what in dict.fromkeys(what for _, _, what in told)] == ["sweep", "pages", "histories"]
    assert told[0] == (120, 120, "sweep")
    assert (50, 120, "pages") in told
    assert told[-1] == (120, 120, "histories")
