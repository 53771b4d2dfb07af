"""The sweep: a first copy that is cut off, faults at the worst moment, and what only it can see."""

import dataclasses
import shutil
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from connector.errors import SuspiciousShrinkError, SyncStoppedError, WikiUnavailableError
from connector.model import Rendering, TextHash
from connector.store import Store
from connector.sync import SyncSettings, sync
from tests.fakes import FakeWiki
from tests.mediawiki import LocalWiki
from tests.mirrors import OFFLINE, community_of, contents, done, live, run, sweep_alone, titles


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "mirror.sqlite3") as store:
        yield store


@pytest.fixture
def fake() -> FakeWiki:
    return community_of()


def test_a_first_copy_that_is_cut_off_goes_on_where_it_was(store: Store) -> None:
    fake = community_of(250)
    fake.fail("contents", after=120, error=OFFLINE)
    with pytest.raises(WikiUnavailableError):
        run(fake, store)
    assert store.pages.count() == 90  # of the first hundred; ten were to be asked for
    assert store.site.last_sync() is None
    fake.repair()
    fake.texts_fetched.clear()
    fake.fail("page_links", after=60, error=OFFLINE)
    with pytest.raises(WikiUnavailableError):
        run(fake, store)
    assert len(fake.texts_fetched) == 160
    fake.repair()
    fake.texts_fetched.clear()
    report = run(fake, store)
    assert (done(report), report.swept) == ({"unchanged": 250, "revisions": 500}, True)
    assert fake.texts_fetched == []
    assert store.revisions.count() == 500
    assert store.site.last_sync() == fake.now()
    assert store.links.lagging_pages() == []


def test_histories_that_were_cut_off_go_on_where_they_were(store: Store) -> None:
    fake = community_of(1_500)
    fake.fail("all_revisions", after=2_500, error=OFFLINE)
    with pytest.raises(WikiUnavailableError):
        run(fake, store)
    kept = store.revisions.count()
    assert kept == 2_000
    fake.repair()
    # Counted from the last moment that was kept, which is read again.
    assert run(fake, store).revisions == 3_000 - kept
    assert store.revisions.count() == 3_000
    assert fake.calls.get("revisions", 0) == 0
    assert done(run(fake, store, sweep=True)) == {"unchanged": 1_500}


def test_a_first_copy_that_is_cut_off_while_the_wiki_changes(store: Store, tmp_path: Path) -> None:
    fake = community_of(1_500)
    fake.fail("all_revisions", after=2_500, error=OFFLINE)
    with pytest.raises(WikiUnavailableError):
        run(fake, store)
    fake.repair()
    fake.delete("Fiche 3")
    fake.edit("Fiche 4", "Changée")
    fake.edit("Fiche 5", "Importée", timestamp=fake.clock - timedelta(days=900))
    fake.hide("Fiche 6", store.pages.require("Fiche 6").revid - 1)
    run(fake, store)
    run(fake, store, sweep=True)
    with Store.open(tmp_path / "again.sqlite3") as anew:
        run(fake, anew)
        assert contents(store) == contents(anew)


@pytest.mark.parametrize("method", ["site", "heads", "existing"])
def test_nothing_is_changed_when_the_sweep_fails(fake: FakeWiki, store: Store, method: str) -> None:
    sweep_alone(fake, store)
    before = contents(store)
    fake.delete("Fiche 7")
    fake.edit("Fiche 8", "Changée")
    fake.fail(method, error=OFFLINE)
    with pytest.raises(WikiUnavailableError):
        sweep_alone(fake, store)
    assert contents(store) == before
    fake.repair()
    assert done(sweep_alone(fake, store)) == {"purged": 1, "updated": 1, "unchanged": 118, "revisions": 1}


def test_a_sweep_that_ends_early_with_an_error_purges_nothing(fake: FakeWiki, store: Store) -> None:
    sweep_alone(fake, store)
    fake.delete("Fiche 7")
    fake.fail("heads", after=110, error=OFFLINE)
    with pytest.raises(WikiUnavailableError):
        sweep_alone(fake, store)
    assert "Fiche 7" in titles(store)


def test_a_page_that_the_sweep_missed_is_kept(fake: FakeWiki, store: Store) -> None:
    """One that moves from ahead of the cursor to behind it is in no part of the listing."""
    sweep_alone(fake, store)
    really = fake.heads

    def blind(*, namespaces: tuple[int, ...]) -> Iterator[object]:
        return (head for head in really(namespaces=namespaces) if head.title != "Abaque")

    fake.move("Fiche 7", "Abaque", redirect=False)
    fake.heads = blind  # type: ignore[assignment, method-assign]
    assert done(sweep_alone(fake, store)) == {"moved": 1, "unchanged": 120}
    assert "Abaque" in titles(store)
    assert "Fiche 7" not in titles(store)


def test_a_shrink_that_is_hard_to_believe_stops_before_anything_is_changed(
    fake: FakeWiki, store: Store
) -> None:
    sweep_alone(fake, store)
    for number in range(1, 26):  # 25 of 120 are 21 %
        fake.delete(f"Fiche {number}")
    fake.edit("Fiche 30", "Changée")
    before = contents(store)
    with pytest.raises(SuspiciousShrinkError, match="25 of 120") as caught:
        sweep_alone(fake, store)
    assert (caught.value.missing, caught.value.known) == (25, 120)
    assert contents(store) == before
    assert done(sweep_alone(fake, store, allow_shrink=True))["purged"] == 25
    for number in range(31, 50):  # exactly 20 % of 95
        fake.delete(f"Fiche {number}")
    assert done(sweep_alone(fake, store))["purged"] == 19
    for number in range(50, 90):
        fake.delete(f"Fiche {number}")
    assert done(sweep_alone(fake, store, purge_limit=0.9))["purged"] == 40


def test_texts_that_all_become_unreadable_are_a_shrink_too(fake: FakeWiki, store: Store) -> None:
    sweep_alone(fake, store)
    for number in range(1, 31):
        made = fake.edit(f"Fiche {number}", "Caché")
        fake.hide(f"Fiche {number}", made.revid)
    with pytest.raises(SuspiciousShrinkError):
        sweep_alone(fake, store)
    assert store.pages.count() == 120
    assert sweep_alone(fake, store, allow_shrink=True).purged == 30


def test_progress_is_told_with_totals(fake: FakeWiki, store: Store) -> None:
    told: list[tuple[int, int, str]] = []
    sync(fake, store, settings=SyncSettings(), progress=lambda *fact: told.append(fact))
    kinds = list(dict.fromkeys(what for _, _, what in told))
    assert kinds == ["pages", "links", "histories"]
    assert [fact for fact in told if fact[2] == "pages"] == [
        (90, 120, "pages"),
        (108, 120, "pages"),
        (108, 120, "pages"),
        (120, 120, "pages"),
    ]
    assert (240, 240, "histories") in told
    told.clear()
    sync(fake, store, settings=SyncSettings(), sweep=True, progress=lambda *fact: told.append(fact))
    assert told[0] == (120, 120, "sweep")
    assert told[-1] == (120, 120, "proofs")


def test_it_stops_when_told_and_goes_on_the_next_time(fake: FakeWiki, store: Store) -> None:
    asked = iter([False, True])
    with pytest.raises(SyncStoppedError):
        sync(fake, store, settings=SyncSettings(), stop=lambda: next(asked))
    assert store.pages.count() == 90
    assert done(run(fake, store))["added"] == 30


# What only the sweep can see


def test_what_no_log_tells_is_found(fake: FakeWiki, store: Store) -> None:
    run(fake, store)
    three = store.pages.require("Fiche 3")
    fake.delete("Fiche 1", logged=False)
    fake.move("Fiche 2", "Abaque", redirect=False, logged=False)
    fake.hide("Fiche 3", three.revid - 1, logged=False)
    fake.edit("Fiche 4", "Venue d’ailleurs", timestamp=fake.clock - timedelta(days=800))
    before = contents(store)
    report = run(fake, store, sweep=False)
    assert (report.swept, report.changed, contents(store) == before) == (False, False, True)
    report = run(fake, store, sweep=True)
    assert (report.swept, report.purged, report.moved) == (True, 1, 1)
    assert {"Fiche 1", "Fiche 2"}.isdisjoint(titles(store))
    assert [r.user for r in store.revisions.of_page(three.pageid)] == [None, "Léo"]
    assert len(store.revisions.of_page(store.pages.require("Fiche 4").pageid)) == 3


def test_a_text_that_is_not_the_wikis_is_fetched_again(fake: FakeWiki, store: Store) -> None:
    run(fake, store)
    page = store.pages.require("Fiche 7")
    store.pages.put_many([dataclasses.replace(page, wikitext="Abîmé")])
    report = run(fake, store, sweep=True)
    assert (report.proven, report.mended, report.changed) == (119, 1, True)
    assert store.pages.require("Fiche 7").wikitext == page.wikitext
    assert store.pages.oldest_proof() == fake.now()


def test_texts_are_proven_by_turns(fake: FakeWiki, store: Store) -> None:
    run(fake, store)
    proofs = [store.pages.oldest_proof()]
    for _ in range(8):
        fake.clock += timedelta(days=1)
        assert run(fake, store, proofs_per_sweep=40).proven == 40
        proofs.append(store.pages.oldest_proof())
    assert None not in proofs
    assert proofs[-1] > proofs[0]  # type: ignore[operator]  # as just asserted


def test_it_is_made_when_it_is_due(fake: FakeWiki, store: Store) -> None:
    assert run(fake, store).swept
    assert not run(fake, store).swept
    fake.clock += timedelta(hours=23)
    assert not run(fake, store).swept
    fake.clock += timedelta(hours=1)
    assert run(fake, store).swept
    assert not run(fake, store).swept
    assert run(fake, store, namespaces=(0,)).swept
    assert not run(fake, store, namespaces=(0,)).swept
    fake.source = "https://savoirs.example/w/api2.php"
    assert run(fake, store, namespaces=(0,), sweep=False).swept


def test_a_template_that_changes_changes_the_links_of_its_users(fake: FakeWiki, store: Store) -> None:
    fake.edit("Modèle:Fiche", "[[Catégorie:Outils]]")
    fake.edit("Fiche 7", "{{Fiche}} et [[Fiche 8]]")
    run(fake, store)
    pageid = store.pages.require("Fiche 7").pageid
    links = store.links.get(pageid)
    assert links is not None
    assert (links.categories, links.links, links.templates) == (
        ("Catégorie:Outils",),
        ("Fiche 8",),
        ("Modèle:Fiche",),
    )
    fake.edit("Modèle:Fiche", "[[Catégorie:Machines]]")
    fake.calls.clear()
    run(fake, store, sweep=True)
    links = store.links.get(pageid)
    assert links is not None
    assert links.categories == ("Catégorie:Machines",)
    assert fake.calls.get("pages", 0) == 0


def test_pages_that_may_not_be_read_any_more_leave_the_mirror(fake: FakeWiki, store: Store) -> None:
    """Nothing of a page changes when the account that reads loses the right to read it."""
    run(fake, store)
    for number in range(1, 21):
        fake.lock(f"Fiche {number}")
    # A part of the texts is compared, and all of them once one may not be read.
    assert run(fake, store, sweep=True, proofs_per_sweep=110).purged == 20
    assert titles(store) == {f"Fiche {number}" for number in range(21, 121)}
    assert len(store.erasures.newest(100)) == 20
    for number in range(1, 21):
        fake.lock(f"Fiche {number}", readable=True)
    assert run(fake, store, sweep=True).added == 20


def test_an_account_that_may_not_read_half_of_the_pages_any_more(fake: FakeWiki, store: Store) -> None:
    run(fake, store)
    before = contents(store)
    for number in range(1, 61):
        fake.lock(f"Fiche {number}")
    with pytest.raises(SuspiciousShrinkError):
        run(fake, store, sweep=True)
    assert contents(store) == before
    assert run(fake, store, sweep=True, allow_shrink=True).purged == 60


def test_a_page_that_is_deleted_during_a_sweep_does_not_make_it_longer(fake: FakeWiki, store: Store) -> None:
    run(fake, store)
    really = fake.text_hashes

    def meanwhile(pageids: Sequence[int]) -> dict[int, TextHash]:
        if "Fiche 7" in {head.title for head in fake.heads(namespaces=[0])}:
            fake.delete("Fiche 7")
        return really(pageids)

    fake.text_hashes = meanwhile  # type: ignore[method-assign]
    fake.calls.clear()
    report = run(fake, store, sweep=True, proofs_per_sweep=119)
    assert fake.calls["text_hashes"] == 1
    assert report.purged + run(fake, store).purged == 1


def test_a_wiki_that_was_restored_from_a_backup(fresh_wiki: LocalWiki, store: Store) -> None:
    """It gives the number of a revision that it lost to another text."""
    for number in range(8):
        fresh_wiki.edit(f"Fiche {number}", f"Texte {number}")
    fresh_wiki.stop()
    backup = fresh_wiki.folder.with_name("backup")
    shutil.copytree(fresh_wiki.folder / "data", backup)
    fresh_wiki.start()
    lost = fresh_wiki.edit("Fiche 3", "Perdu")
    run(live(fresh_wiki), store)
    fresh_wiki.stop()
    shutil.rmtree(fresh_wiki.folder / "data")
    shutil.copytree(backup, fresh_wiki.folder / "data")
    fresh_wiki.start()
    assert fresh_wiki.edit("Fiche 3", "Écrit depuis").revid == lost.revid
    report = run(live(fresh_wiki), store, sweep=True, proofs_per_sweep=0)
    assert (report.mended, store.pages.require("Fiche 3").wikitext) == (1, "Écrit depuis")
    assert run(live(fresh_wiki), store, sweep=True, proofs_per_sweep=0).proven == 0


# What the wiki renders


def test_what_the_wiki_renders_is_kept_and_follows_its_templates(fake: FakeWiki, store: Store) -> None:
    fake.edit("Modèle:Avis", "Porter des gants")
    fake.edit("Fiche 7", "== Sécurité ==\n{{Avis}}")
    first = run(fake, store, rendered=True)
    assert first.rendered == 120
    pageid = store.pages.require("Fiche 7").pageid

    def texts() -> list[str]:
        stored = store.renderings.get(pageid)
        assert stored is not None
        return [section.text for section in stored.sections if section.text]

    assert texts() == ["Porter des gants"]
    assert run(fake, store, rendered=True).rendered == 0
    fake.edit("Modèle:Avis", "Porter des lunettes")
    assert run(fake, store, rendered=True, sweep=True).rendered == 1
    assert texts() == ["Porter des lunettes"]
    run(fake, store)  # not wanted any more: it would grow old here
    assert store.renderings.get(pageid) is None


def test_renderings_may_come_by_and_by(fake: FakeWiki, store: Store) -> None:
    fake.lock("Fiche 7")
    fetched = [run(fake, store, rendered=True, renderings_per_sync=50).rendered for _ in range(3)]
    assert fetched == [50, 50, 19]
    assert len(store.renderings.stamps()) == 119


def test_a_page_that_cannot_be_rendered_is_asked_for_once(fake: FakeWiki, store: Store) -> None:
    """The wiki renders a page that is too long for its API at each request, and gives nothing."""
    really = fake.rendering
    too_long = {7, 8}

    def rendering(pageid: int) -> Rendering | None:
        shown = really(pageid)
        return None if pageid in too_long else shown

    fake.rendering = rendering  # type: ignore[method-assign]
    assert run(fake, store, rendered=True).rendered == 118
    fake.calls.clear()
    assert run(fake, store, rendered=True).rendered == 0
    assert "rendering" not in fake.calls
    fake.edit(next(head.title for head in store.pages.heads() if head.pageid == 7), "Plus courte")
    too_long.clear()
    assert run(fake, store, rendered=True).rendered == 1
    assert fake.calls["rendering"] == 1
