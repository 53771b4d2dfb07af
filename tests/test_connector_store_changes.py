"""Marks of the database's state: another one after every write, whoever wrote, and the same one otherwise."""

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from connector.model import PageLinks
from connector.store import Store
from connector.store.changes import Mark
from connector.store.counting_changes import (
    COUNTER,
    PASSING_COLUMNS,
    PASSING_TABLES,
    count_changes,
    stop_counting,
)
from connector.store.engine import writing
from connector.store.postgresql import is_postgresql
from connector.store.schema import metadata
from connector.store.wishes import Wish
from tests.builders import FRENCH_WIKI, make_history, make_page, make_store

pytestmark = pytest.mark.usefixtures("each_database")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return make_store(tmp_path, [make_page(1, "Grille-pain")])


def test_nothing_written_is_the_same_mark(store: Store) -> None:
    first = store.changes.mark()
    store.pages.get(1)
    store.revisions.of_page(1)
    assert store.changes.mark() == first


def test_every_write_gives_another_mark(store: Store) -> None:
    marks: list[Mark] = [store.changes.mark()]
    writes: list[Callable[[], None]] = [
        lambda: store.pages.put_many([make_page(2, "Vélo")]),
        lambda: store.revisions.put_many(make_history(1, ["Nadia"])),
        lambda: store.revisions.put_many(make_history(1, [None])),  # her name was hidden
        lambda: store.pages.delete([2]),
    ]
    for write in writes:
        write()
        marks.append(store.changes.mark())
    assert len(set(marks)) == len(marks)


def test_another_process_that_writes_is_noticed(store: Store, tmp_path: Path) -> None:
    before = store.changes.mark()
    script = (
        "import sys; from pathlib import Path; from connector.store import Store\n"
        "with Store.open(Path(sys.argv[1])) as store: store.pages.delete([1])"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "mirror.sqlite3")], check=True, timeout=60)
    assert store.changes.mark() != before
    assert store.pages.get(1) is None


def test_threads_share_the_marks(store: Store) -> None:
    marks: set[Mark] = set()
    threads = [threading.Thread(target=lambda: marks.add(store.changes.mark())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(marks) == 1


def test_a_store_that_is_closed_and_used_again_gives_another_mark(store: Store) -> None:
    before = store.changes.mark()
    store.close()
    assert store.changes.mark() != before


def test_a_mark_keeps_nobody_from_wiping_what_was_erased(store: Store) -> None:
    store.changes.mark()
    store.pages.delete([1])
    assert store.scrub()


# What takes long to work out: the mark of what is counted

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)


def account_of(store: Store, *, name: str = "Nadia", at: datetime = NOW) -> int:
    return store.accounts.put(wiki_user_id=7, name=name, groups=["user", at.isoformat()], told_at=at).id


def test_what_is_noted_in_passing_leaves_what_was_worked_out(store: Store) -> None:
    store.revisions.put_many(make_history(1, ["Nadia"]))
    nadia = account_of(store)
    store.site.set_last_sync(NOW)
    before, everything = store.changes.mark_of_counted(), {store.changes.mark()}
    later = NOW + timedelta(days=1)
    writes: list[Callable[[], object]] = [
        lambda: account_of(store, at=later),
        lambda: store.sign_ins.begin(nadia, browser="Firefox", now=later, expires_at=later),
        lambda: store.accounts.set_credential(nadia, "sealed"),
        lambda: store.accounts.set_language(nadia, "fr"),
        lambda: store.unanswered_searches.count("meule", language="fr", now=NOW),
        lambda: store.hit_feedback.judge(1, "meule", "helped"),
        lambda: store.site.set_last_sync(later),
        lambda: store.site.put(store.site.get() or FRENCH_WIKI, source="wiki.xml"),
        lambda: store.sync_state.put(last_sweep=later),
        lambda: store.kept_values.value("link survey").write([1, 2]),
        lambda: store.pages.put_many([make_page(1, "Grille-pain")], now=later),  # proven to be the same
    ]
    for number, write in enumerate(writes):
        write()
        everything.add(store.changes.mark())
        assert store.changes.mark_of_counted() == before, number
    assert len(everything) == len(writes) + 1


def test_all_that_people_and_pages_are_told_by_is_counted(store: Store) -> None:
    store.revisions.put_many(make_history(1, ["Nadia"]))
    nadia = account_of(store)
    marks = [store.changes.mark_of_counted()]
    question, _ = store.questions.ask("Comment affûter ?", language="fr", asked_by=nadia)
    writes: list[Callable[[], object]] = [
        lambda: store.wishes.put(nadia, Wish(opted_out=True)),
        lambda: store.wishes.put(nadia, Wish(opted_out=False)),
        lambda: account_of(store, name="Nadia Lune"),
        lambda: store.pages.put_many([make_page(1, "Grille-pain à deux fentes")]),
        lambda: store.links.put_many([PageLinks(pageid=1, links=("Lime",))]),
        lambda: store.revisions.put_many(make_history(1, [None])),
        lambda: store.questions.close(question.id, state="answered", answer_pageid=1, closed_by=None),
        lambda: store.questions.reopen(question.id),
        lambda: store.judgements.put("quiet", "7", "called", judged_by=None, note=""),
        lambda: store.site.put(replace(FRENCH_WIKI, name="Atelier"), source="wiki.xml"),
        lambda: store.accounts.delete(nadia),
        lambda: store.pages.delete([1]),
    ]
    marks.append(store.changes.mark_of_counted())  # the question
    for write in writes:
        write()
        marks.append(store.changes.mark_of_counted())
    assert [number for number in range(1, len(marks)) if marks[number] == marks[number - 1]] == []


def test_who_is_erased_is_counted(tmp_path: Path) -> None:
    with Store.open(tmp_path / "mirror.sqlite3", secret=lambda: "a secret") as store:
        before = store.changes.mark_of_counted()
        store.erased_names.add(["Zoé Lantier"])
        assert store.changes.mark_of_counted() != before


def test_what_is_given_up_half_way_is_not_counted(store: Store) -> None:
    before = store.changes.mark_of_counted()

    def give_up() -> None:
        with writing(store.pages._engine, "trying") as connection:
            connection.execute(delete(metadata.tables["page"]))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        give_up()
    assert store.changes.mark_of_counted() == before


def test_another_process_is_counted_only_for_what_counts(store: Store, tmp_path: Path) -> None:
    marks = [store.changes.mark_of_counted()]
    for write in ("store.kept_values.value('survey').write(1)", "store.pages.delete([1])"):
        script = (
            "import sys; from pathlib import Path; from connector.store import Store\n"
            f"with Store.open(Path(sys.argv[1])) as store: {write}"
        )
        subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / "mirror.sqlite3")], check=True, timeout=60
        )
        marks.append(store.changes.mark_of_counted())
    assert marks[0] == marks[1] != marks[2]


def test_a_database_that_does_not_count_says_that_anything_may_have_changed(store: Store) -> None:
    with writing(store.pages._engine, "stopping to count") as connection:
        stop_counting(connection)
        connection.execute(delete(metadata.tables["state"]).where(metadata.tables["state"].c.key == COUNTER))
    before = store.changes.mark_of_counted()
    assert store.changes.mark_of_counted() == before
    store.kept_values.value("survey").write(1)
    assert store.changes.mark_of_counted() != before
    with writing(store.pages._engine, "counting again") as connection:
        count_changes(connection)
    before = store.changes.mark_of_counted()
    store.kept_values.value("survey").write(2)
    assert store.changes.mark_of_counted() == before


def test_every_change_of_every_table_is_counted_but_of_those_that_are_named(store: Store) -> None:
    """What is added to the schema later counts, unless somebody says that it does not."""
    with writing(store.pages._engine, "looking") as connection:
        listed = (
            "SELECT trigger_name, event_object_table FROM information_schema.triggers"
            if is_postgresql(connection)
            else "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
        )
        found = {tuple(row) for row in connection.exec_driver_sql(listed)}
    events = ("insert", "update", "delete")
    assert found == {
        (f"count_{name}_{event}", name)
        for name in metadata.tables.keys() - PASSING_TABLES
        for event in events
    }
    assert metadata.tables.keys() >= PASSING_TABLES | PASSING_COLUMNS.keys()
    assert all(set(metadata.tables[name].c.keys()) > cs for name, cs in PASSING_COLUMNS.items())
