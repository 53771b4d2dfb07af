"""What the mirror proves itself with: checksums, proofs, links, renderings, erasures, holes in histories."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from connector.errors import StoreError
from connector.model import PageHead, PageLinks, Revision, Section, TextHash
from connector.store import Erasure, Store, StoredRendering, SyncState
from tests.builders import make_history, make_page, make_store

pytestmark = pytest.mark.usefixtures("each_database")

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with make_store(tmp_path, [make_page(i, f"Fiche {i}") for i in (1, 2, 3)]) as store:
        yield store


def touched(pageid: int, moment: datetime | None) -> PageHead:
    return PageHead(pageid=pageid, namespace=0, title="", revid=0, touched=moment)


# Texts and their proofs


def test_the_checksum_is_that_of_the_text_in_utf_8(store: Store) -> None:
    text = "Décaper à l’éponge 🧽"
    store.pages.put_many([make_page(1, "Fiche 1", text, revid=7)])
    expected = hashlib.sha1(text.encode("utf-8"), usedforsecurity=False).hexdigest()
    assert store.pages.hashes([1, 99]) == {1: TextHash(pageid=1, revid=7, sha1=expected)}


def test_a_text_of_unknown_age_is_proven_first_then_the_one_proven_longest_ago(store: Store) -> None:
    assert store.pages.oldest_proof() is None
    store.pages.put_many([make_page(1, "Fiche 1"), make_page(4, "Fiche 4")], now=LATER)
    store.pages.put_many([make_page(3, "Discussion:Fiche 3", namespace=1)], now=NOW)
    assert store.pages.oldest_proof() is None, "page 2 was never proven"
    assert store.pages.least_recently_proven(10) == [2, 3, 1, 4]
    assert store.pages.least_recently_proven(2) == [2, 3]
    assert store.pages.least_recently_proven(10, namespaces=[0]) == [2, 1, 4]
    store.pages.prove_many([2, 3], now=LATER + timedelta(hours=1))
    assert store.pages.oldest_proof() == LATER
    assert store.pages.least_recently_proven(10) == [1, 4, 2, 3]


def test_a_text_that_comes_without_the_wikis_clock_loses_its_proof(store: Store) -> None:
    store.pages.prove_many([1, 2, 3], now=NOW)
    assert store.pages.oldest_proof() == NOW
    store.pages.put_many([make_page(1, "Fiche 1", "autre texte")])
    assert store.pages.oldest_proof() is None


def test_an_empty_mirror_proves_nothing(tmp_path: Path) -> None:
    with Store.open(tmp_path / "empty.sqlite3") as empty:
        assert empty.pages.oldest_proof() is None
        assert empty.pages.least_recently_proven(5) == []


def test_a_new_text_leaves_when_the_links_were_read(store: Store) -> None:
    assert [head.touched for head in store.pages.heads()] == [None, None, None]
    store.pages.set_touched_many([touched(1, NOW), touched(2, NOW), touched(99, NOW)])
    store.pages.put_many([make_page(1, "Fiche 1", "neuf", revid=111)], now=LATER)
    assert [(h.pageid, h.revid, h.touched) for h in store.pages.heads()] == [
        (1, 111, NOW),
        (2, 200, NOW),
        (3, 300, None),
    ]
    store.pages.set_touched_many([touched(2, None)])
    assert store.pages.heads(namespaces=[0])[1].touched is None


# Links


def test_links_come_back_as_they_were_and_are_replaced_whole(store: Store) -> None:
    first = PageLinks(
        pageid=1, categories=("Catégorie:Outils",), links=("Étau", "Lime"), templates=("Modèle:A",)
    )
    store.links.put_many([first, PageLinks(pageid=2), PageLinks(pageid=99, links=("Nulle part",))])
    assert store.links.get(1) == first
    assert store.links.get_many([1, 2, 3, 99]) == {1: first, 2: PageLinks(pageid=2)}
    assert store.links.lagging_pages() == [3], "a page that leads nowhere is read all the same"
    second = PageLinks(pageid=1, links=("Lime",))
    store.links.put_many([second])
    assert store.links.get(1) == second


@pytest.mark.sqlite("its write-ahead log")
def test_links_that_are_the_same_again_are_not_written_again(store: Store, tmp_path: Path) -> None:
    many = [PageLinks(pageid=i, links=("Lime",)) for i in (1, 2, 3)]
    store.links.put_many(many)
    assert store.scrub()
    store.links.put_many(many)
    assert (tmp_path / "mirror.sqlite3-wal").stat().st_size == 0


def test_a_new_text_leaves_the_links_and_a_purge_takes_them(store: Store) -> None:
    kept = PageLinks(pageid=1, links=("Lime",))
    store.links.put_many([kept, PageLinks(pageid=2)])
    store.pages.put_many([make_page(1, "Fiche 1", "neuf", revid=111)])
    assert store.links.get(1) == kept
    store.pages.delete([1])
    assert store.links.get(1) is None
    store.pages.put_many([make_page(1, "Fiche 1")])
    assert store.links.lagging_pages() == [1, 3]


# Renderings

SECTIONS = (
    Section(heading="", level=0, anchor="", path=(), text="Débrancher."),
    Section(
        heading="Étapes", level=2, anchor="Étapes", path=("Étapes",), text="- dévisser", wikitext_offset=12
    ),
)


def test_a_rendering_comes_back_and_is_stale_when_its_page_changes_or_is_touched(store: Store) -> None:
    store.pages.put_many([make_page(4, "Renvoi", redirect="Fiche 1")])
    assert store.renderings.stale_pages() == [1, 2, 3], "a redirect is never rendered"
    for pageid in (1, 2, 3, 99):
        store.renderings.put(pageid, revid=100 * pageid, touched=None, sections=SECTIONS)
    assert store.renderings.get(1) == StoredRendering(revid=100, touched=None, sections=SECTIONS)
    assert store.renderings.get(99) is None
    assert store.renderings.stale_pages() == []
    store.pages.put_many([make_page(1, "Fiche 1", "neuf", revid=111)])
    store.pages.set_touched_many([touched(2, NOW)])
    assert store.renderings.stale_pages() == [1, 2]
    store.renderings.put(1, revid=111, touched=None, sections=())
    store.renderings.put(2, revid=200, touched=NOW, sections=())
    assert store.renderings.stale_pages() == []
    assert store.renderings.get(2) == StoredRendering(revid=200, touched=NOW, sections=())
    store.pages.set_touched_many([touched(2, None)])
    assert store.renderings.stale_pages() == [2]


def test_which_state_each_rendering_shows_is_told_without_its_sections(store: Store) -> None:
    assert store.renderings.stamps() == {}
    store.renderings.put(1, revid=100, touched=None, sections=SECTIONS)
    store.renderings.put(2, revid=200, touched=NOW, sections=())
    assert store.renderings.stamps() == {1: (100, None), 2: (200, NOW)}


def test_renderings_go_with_their_page_or_all_at_once(store: Store) -> None:
    for pageid in (1, 2, 3):
        store.renderings.put(pageid, revid=100 * pageid, touched=None, sections=SECTIONS)
    store.pages.delete([1])
    assert store.renderings.get(1) is None
    store.renderings.clear()
    assert store.renderings.stale_pages() == [2, 3]


# Erasures


def test_erasures_are_told_newest_first_and_outlive_their_pages(store: Store) -> None:
    first = Erasure(pageid=1, gone_at=NOW, exact=True, erased_at=NOW + timedelta(seconds=42))
    second = Erasure(pageid=1, gone_at=NOW, exact=False, erased_at=NOW + timedelta(hours=1))
    store.erasures.add_many([first, second])
    store.pages.delete([1])
    assert store.erasures.newest() == [second, first]
    assert store.erasures.newest(1) == [second]
    assert (first.seconds, second.seconds) == (42.0, 3600.0)
    assert replace(first, erased_at=NOW - timedelta(seconds=1)).seconds == 0.0, "clocks a second apart"


def test_only_the_newest_thousand_erasures_are_kept(store: Store) -> None:
    erasures = [Erasure(pageid=i, gone_at=NOW, exact=True, erased_at=LATER) for i in range(1, 1_006)]
    store.erasures.add_many(erasures[:3])
    store.erasures.add_many([])
    store.erasures.add_many(erasures[3:])
    assert [e.pageid for e in store.erasures.newest(2_000)] == list(range(1_005, 5, -1))


# Histories


def test_known_and_differing_revisions(store: Store) -> None:
    history = make_history(1, ["Zoé", "Anne", "192.0.2.7"])
    tagged = replace(history[1], tags=("mobile", "visualeditor"), comment="coquille")
    store.revisions.put_many([history[0], tagged])
    assert store.revisions.known(r.revid for r in history) == {100, 101}
    elsewhere = Revision(revid=9_900, pageid=99, timestamp=NOW)
    given = [history[2], history[0], tagged, elsewhere]
    assert store.revisions.differing(given) == [history[2]]
    changes = [
        replace(tagged, user=None, user_id=None),
        replace(tagged, comment=""),
        replace(tagged, tags=()),
        replace(tagged, pageid=2),
        replace(tagged, timestamp=NOW),
        replace(tagged, minor=True),
    ]
    for change in changes:
        assert store.revisions.differing([change]) == [change]


def test_a_hidden_author_takes_the_place_of_a_known_one(store: Store) -> None:
    history = make_history(1, ["Zoé", "Anne"])
    store.revisions.put_many(history)
    hidden = replace(history[1], user=None, user_id=None, comment="")
    store.revisions.put_many([history[0], hidden])
    assert store.revisions.of_page(1) == [history[0], hidden]


def test_more_revisions_than_a_statement_takes_variables(store: Store) -> None:
    many = [Revision(revid=i, pageid=1 + i % 3, timestamp=NOW) for i in range(1, 40_001)]
    store.revisions.put_many(many)
    assert store.revisions.known(range(1, 40_002)) == set(range(1, 40_001))
    assert store.revisions.differing(many) == []
    assert store.revisions.counts() == {1: 13_333, 2: 13_334, 3: 13_333}
    assert [r.revid for r in store.revisions.iterate()] == [
        r.revid for r in sorted(many, key=_page_then_revid)
    ]


def _page_then_revid(revision: Revision) -> tuple[int, int]:
    return revision.pageid, revision.revid


def test_a_chain_is_broken_by_a_missing_parent_or_by_no_revision_at_all(store: Store) -> None:
    whole, cut = make_history(1, ["Zoé"] * 4), make_history(2, ["Anne"] * 4)
    store.revisions.put_many([*whole, cut[0], cut[1], cut[3]])
    assert store.revisions.broken_chains([1, 2, 3, 99]) == [2, 3]
    assert store.revisions.broken_chains([1]) == []
    store.revisions.put_many([cut[2]])
    assert store.revisions.broken_chains([1, 2, 3]) == [3]
    assert store.revisions.counts() == {1: 4, 2: 4}


def test_a_replaced_history_keeps_what_stays(store: Store) -> None:
    history = make_history(1, ["Zoé"] * 4)
    store.revisions.put_many(history[:3])
    store.revisions.replace_history(1, history[1:])
    assert store.revisions.of_page(1) == history[1:]
    store.revisions.forget_histories([1, 2])
    assert store.revisions.count() == 0


# The state of the synchronization


def test_the_state_of_the_synchronization_survives_a_restart(store: Store, tmp_path: Path) -> None:
    assert store.sync_state.get() == SyncState()
    store.sync_state.put(feed_since=NOW, handled_events=(4, 5), namespaces=(0, 1))
    verification = {
        "checked_at": NOW.isoformat(),
        "pages": 3,
        "ghosts": [7],
        "in_step": False,
        "oldest": None,
    }
    expected = SyncState(
        feed_since=NOW, handled_events=(), last_sweep=LATER, namespaces=(0, 1), last_verification=verification
    )
    told = store.sync_state.put(handled_events=(), last_sweep=LATER, last_verification=verification)
    assert told == expected
    store.close()
    with Store.open(tmp_path / "mirror.sqlite3") as again:
        assert again.sync_state.get() == expected
        assert again.sync_state.put(feed_since=None).feed_since is None


@pytest.mark.parametrize(
    "changes",
    [
        {"last_verification": {"ghosts": ["Page secrète"]}},
        {"last_verification": {"titles": {"7": "Page secrète"}}},
        {"last_verification": {"pages": object()}},
        {"cursor": 3},
        {"feed_since": datetime(2026, 1, 1)},
    ],
)
def test_the_state_of_the_synchronization_holds_no_texts(store: Store, changes: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        store.sync_state.put(**changes)
    assert store.sync_state.get() == SyncState()


# The whole


def test_an_intact_database_has_nothing_to_report(store: Store) -> None:
    store.revisions.put_many(make_history(1, ["Zoé"]))
    assert store.integrity_check() == []


@pytest.mark.sqlite("PostgreSQL lets nobody make such a row")
def test_a_row_without_its_page_is_reported(store: Store) -> None:
    store.links.put_many([PageLinks(pageid=1)])
    with store._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("DELETE FROM page WHERE pageid = 1")
        connection.commit()
        connection.exec_driver_sql("PRAGMA foreign_keys = ON")
    assert store.integrity_check() == ["row 1 of page_links belongs to no row of page"]


def test_a_text_that_is_no_unicode_is_refused_in_one_line(store: Store) -> None:
    with pytest.raises(StoreError, match="not valid Unicode"):
        store.pages.put_many([make_page(5, "Fiche 5", "\ud800")])
    with pytest.raises(StoreError, match="not valid Unicode"):
        store.links.put_many([PageLinks(pageid=1, links=("\ud800",))])
    assert store.pages.get(5) is None


@pytest.mark.sqlite("its query plans")
def test_no_question_about_a_part_of_the_mirror_reads_all_of_it(store: Store) -> None:
    asked: list[tuple[str, object]] = []

    def note(_c: object, _k: object, statement: str, parameters: object, _x: object, _m: bool) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    event.listen(store._engine, "before_cursor_execute", note)
    store.pages.get_many([1, 2])
    store.pages.by_title("Fiche 1")
    store.pages.hashes([1, 2])
    store.pages.least_recently_proven(10)
    store.pages.oldest_proof()
    store.links.get_many([1, 2])
    store.renderings.get(1)
    store.revisions.known([1, 2])
    store.revisions.differing(make_history(1, ["Zoé"]))
    store.revisions.put_many(make_history(1, ["Zoé"]))
    store.revisions.broken_chains([1, 2])
    store.revisions.of_page(1)
    list(store.revisions.iterate())
    event.remove(store._engine, "before_cursor_execute", note)
    assert len(asked) >= 15
    with store._engine.connect() as connection:
        plans = [
            (statement, str(step[3]))
            for statement, parameters in asked
            for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()  # type: ignore[arg-type]  # as they were given
        ]
    # An index that is read in its order, up to a limit, is no reading of everything.
    whole = [
        plan for plan in plans if plan[1].startswith("SCAN") and "INDEX ix_page_proven_at" not in plan[1]
    ]
    assert whole == []
    assert len(plans) >= 15


@pytest.mark.sqlite("its order of columns")
def test_a_pass_over_all_pages_does_not_read_their_texts(store: Store) -> None:
    """SQLite reaches a column through those before it: the text, which can be long, stands last."""
    with store._engine.connect() as connection:
        for table in ("page", "rendering"):
            columns = [row[1] for row in connection.exec_driver_sql(f"PRAGMA table_info({table})")]
            assert columns[-1] in ("wikitext", "sections")
