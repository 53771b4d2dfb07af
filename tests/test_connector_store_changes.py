"""Marks of the database's state: another one after every write, whoever wrote, and the same one otherwise."""

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from connector.store import Store
from connector.store.changes import Mark
from tests.builders import make_history, make_page, make_store

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
