"""The feed: what the wiki tells of its changes, and the same changes seen by the sweep."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connector.errors import WikiUnavailableError
from connector.store import Store
from connector.sync import SyncReport
from connector.wiki import Wiki
from tests.fakes import FakeWiki
from tests.mirrors import OFFLINE, community_of, contents, done, run, sweep_alone, titles

Bring = Callable[[Wiki, Store], SyncReport]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "mirror.sqlite3") as store:
        yield store


@pytest.fixture
def fake() -> FakeWiki:
    return community_of()


@pytest.fixture(params=[run, sweep_alone], ids=["feed", "sweep"])
def bring(request: pytest.FixtureRequest) -> Bring:
    """Bring the mirror in step, in one of the two ways."""
    way: Bring = request.param
    return way


def test_what_is_gone_is_purged_before_anything_is_fetched(
    fake: FakeWiki, store: Store, bring: Bring
) -> None:
    bring(fake, store)
    [gone] = [head.pageid for head in store.pages.heads() if head.title == "Fiche 7"]
    fake.delete("Fiche 7")
    fake.edit("Fiche 8", "Changée")
    fake.fail("pages", error=OFFLINE)
    with pytest.raises(WikiUnavailableError):
        bring(fake, store)
    assert "Fiche 7" not in titles(store)
    assert store.revisions.of_page(gone) == []


def test_a_move_is_seen(fake: FakeWiki, store: Store, bring: Bring) -> None:
    bring(fake, store)
    fake.move("Fiche 7", "Aide:Fiche 7", redirect=False)
    assert done(bring(fake, store))["moved"] == 1
    assert store.pages.require("Aide:Fiche 7").namespace == 12


def test_two_pages_that_swap_their_titles(fake: FakeWiki, store: Store, bring: Bring) -> None:
    bring(fake, store)
    seven, eight = store.pages.require("Fiche 7").pageid, store.pages.require("Fiche 8").pageid
    for title, target in (("Fiche 7", "Zut"), ("Fiche 8", "Fiche 7"), ("Zut", "Fiche 8")):
        fake.move(title, target, redirect=False)
    assert done(bring(fake, store))["moved"] == 2
    assert store.pages.require("Fiche 7").pageid == eight
    assert store.pages.require("Fiche 8").pageid == seven


def test_a_page_whose_text_is_hidden_leaves_the_mirror(fake: FakeWiki, store: Store, bring: Bring) -> None:
    bring(fake, store)
    made = fake.edit("Fiche 7", "Un secret")
    fake.hide("Fiche 7", made.revid)
    report = bring(fake, store)
    assert (report.purged, report.unchanged) == (1, 119)
    assert "Fiche 7" not in titles(store)


def test_a_history_that_lost_revisions_is_replaced(fake: FakeWiki, store: Store, bring: Bring) -> None:
    bring(fake, store)
    pageid = store.pages.require("Fiche 7").pageid
    made = fake.edit("Fiche 7", "Le nom")
    bring(fake, store)
    fake.edit("Fiche 7", "Sans le nom")
    fake.hide("Fiche 7", made.revid)
    bring(fake, store)
    assert [r.user for r in store.revisions.of_page(pageid)] == ["Zoé", "Léo", None, "Admin"]


def test_what_changed_costs_no_more_than_its_share(fake: FakeWiki, store: Store) -> None:
    run(fake, store)
    for number in range(1, 11):
        fake.edit(f"Fiche {number}", "Changée")
    fake.calls.clear()
    fake.texts_fetched.clear()
    assert done(run(fake, store)) == {"updated": 10, "unchanged": 110, "revisions": 10}
    assert len(fake.texts_fetched) == 10
    also = {"titled": 1}  # the list of words that are never linked: its namespace is not mirrored
    assert fake.calls == {
        "site": 1,
        "now": 1,
        "changes": 1,
        "existing": 1,
        "pages": 1,
        "page_links": 1,
        **also,
    }
    fake.calls.clear()
    assert done(run(fake, store)) == {"unchanged": 120}
    assert fake.calls == {"site": 1, "now": 1, "changes": 1, **also}


def test_what_was_logged_is_handled_once(fake: FakeWiki, store: Store) -> None:
    run(fake, store)
    fake.delete("Fiche 7")
    fake.restore("Fiche 7")
    assert run(fake, store).unchanged == 120
    fake.calls.clear()
    run(fake, store)  # within the overlap: the log is read again
    assert "existing" not in fake.calls
    assert "revisions" not in fake.calls


def test_a_page_that_comes_back_is_the_one_it_was(fake: FakeWiki, store: Store) -> None:
    run(fake, store)
    before = contents(store)
    fake.delete("Fiche 7")
    assert run(fake, store).purged == 1
    fake.restore("Fiche 7")
    report = run(fake, store)
    assert (report.added, report.swept) == (1, False)
    assert contents(store) == before


def test_an_edit_that_was_written_late_is_seen(fake: FakeWiki, store: Store) -> None:
    """A row may appear some minutes after the moment that it bears."""
    run(fake, store)
    late = fake.clock - timedelta(minutes=7)
    fake.edit("Fiche 120", "Enregistrée tard", timestamp=late + timedelta(minutes=6, seconds=30))
    fake.edit("Fiche 7", "Plus vieille que la dernière", timestamp=late)
    run(fake, store)
    assert store.pages.require("Fiche 7").wikitext == "Plus vieille que la dernière"


def test_an_edit_between_the_texts_and_the_histories_is_seen_next_time(fake: FakeWiki, store: Store) -> None:
    run(fake, store)
    really = fake.all_revisions

    def meanwhile(**options: object) -> Iterator[object]:
        fake.edit("Fiche 7", "Entre-temps")
        return really(**options)  # type: ignore[arg-type]

    fake.all_revisions = meanwhile  # type: ignore[assignment, method-assign]
    run(fake, store, sweep=True)
    fake.all_revisions = really  # type: ignore[method-assign]
    run(fake, store)
    assert store.pages.require("Fiche 7").wikitext == "Entre-temps"


def test_what_was_erased_is_counted_from_when_it_went(fake: FakeWiki, store: Store) -> None:
    run(fake, store)
    last_seen = fake.now()
    [seven, eight] = [store.pages.require(f"Fiche {number}").pageid for number in (7, 8)]
    fake.delete("Fiche 7")
    deleted_at = fake.now()
    fake.clock += timedelta(minutes=3)
    run(fake, store)
    [told] = store.erasures.newest()
    assert (told.pageid, told.gone_at, told.exact) == (seven, deleted_at, True)
    assert 180 <= told.seconds < 240
    fake.delete("Fiche 8", logged=False)
    run(fake, store, sweep=True)
    found = next(erasure for erasure in store.erasures.newest() if erasure.pageid == eight)
    assert (found.gone_at, found.exact) == (last_seen + timedelta(minutes=4), False)


def test_a_feed_that_fails_changes_nothing_and_is_read_again(fake: FakeWiki, store: Store) -> None:
    run(fake, store)
    before = contents(store)
    fake.delete("Fiche 7")
    fake.edit("Fiche 8", "Changée")
    for method in ("changes", "existing"):
        fake.fail(method, error=OFFLINE)
        with pytest.raises(WikiUnavailableError):
            run(fake, store)
        assert contents(store) == before
        fake.repair()
    report = run(fake, store)
    assert (report.purged, report.updated, report.swept) == (1, 1, False)


def test_too_much_for_a_feed_is_swept(fake: FakeWiki, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run(fake, store)
    monkeypatch.setattr("connector.sync.feed._MOST_CHANGES", 5)
    for number in range(1, 11):
        fake.edit(f"Fiche {number}", "Changée")
    report = run(fake, store)
    assert (report.swept, report.updated) == (True, 10)


def test_a_wiki_whose_clock_was_set_back_is_compared_as_a_whole(fake: FakeWiki, store: Store) -> None:
    run(fake, store)
    really = fake.clock
    fake.clock += timedelta(days=1_500)
    run(fake, store)
    fake.clock = really
    fake.edit("Fiche 7", "Depuis que l’heure est juste")
    assert run(fake, store).swept
    assert store.pages.require("Fiche 7").wikitext == "Depuis que l’heure est juste"
    assert not run(fake, store).swept


def test_a_sweep_that_seems_to_come_is_due(fake: FakeWiki, store: Store) -> None:
    run(fake, store)
    store.sync_state.put(last_sweep=fake.clock + timedelta(days=1_500))
    fake.edit("Fiche 7", "Importée", timestamp=fake.clock - timedelta(days=900))
    assert run(fake, store).swept
    assert not run(fake, store).swept


def test_a_page_whose_title_another_one_has_taken_is_gone(fake: FakeWiki, store: Store) -> None:
    """What is suppressed goes without a word in the log, and leaves its title free."""
    run(fake, store)
    fake.delete("Fiche 7", logged=False)
    fake.edit("Fiche 7", "Écrite à neuf, sans le nom")
    fake.move("Fiche 8", "Fiche 8 bis", redirect=False, logged=False)
    fake.edit("Fiche 8", "Une autre fiche")
    report = run(fake, store)
    assert (report.swept, report.added, report.purged, report.moved) == (False, 2, 1, 1)
    assert sorted(store.pages.titles()) == sorted({head.title for head in fake.heads(namespaces=[0])})
    assert len(titles(store)) == store.pages.count()


def test_too_much_in_the_log_is_swept_as_well(
    fake: FakeWiki, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(fake, store)
    monkeypatch.setattr("connector.sync.feed._MOST_CHANGES", 5)
    for number in range(1, 11):
        fake.delete(f"Fiche {number}")
    report = run(fake, store)
    assert (report.swept, report.purged) == (True, 10)
