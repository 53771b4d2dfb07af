"""When the disk or another process fails the store: one clear line, nothing half done, then on it goes."""

import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, event

from connector.errors import StoreError
from connector.model import Page, PageLinks
from connector.store import Store
from connector.store.known_pages import known_pages
from tests.builders import MONDAY, make_history, make_page

pytestmark = pytest.mark.sqlite("faults of SQLite and of its file")

NAME = "mirror.sqlite3"
WORD = "MOTSECRET"
BEFORE = [make_page(i, f"Fiche {i}", "un texte " * 100) for i in range(1, 6)]
WRITES: dict[str, Callable[[Store], object]] = {
    "pages": lambda store: store.pages.put_many(
        [make_page(i, f"{WORD} {i}", f"{WORD} " * 500) for i in range(3, 90)]
    ),
    "revisions": lambda store: store.revisions.put_many(
        make_history(1, [f"{WORD} {i}" for i in range(2_000)])
    ),
    "links": lambda store: store.links.put_many(
        [PageLinks(pageid=i, links=tuple(f"{WORD} {n}" for n in range(3_000))) for i in range(1, 6)]
    ),
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / NAME, busy_seconds=0.3) as store:
        store.pages.put_many(BEFORE)
        yield store


def check_line(error: StoreError) -> None:
    """The message is one line without texts of pages, and so is all that a log would show of its causes."""
    told: BaseException | None = error
    assert "\n" not in str(error)
    while told is not None:
        assert WORD not in str(told)
        told = told.__cause__


def check_unchanged(store: Store) -> None:
    assert list(store.pages.iterate()) == BEFORE
    assert store.revisions.count() == 0
    assert store.links.lagging_pages() == [1, 2, 3, 4, 5]
    assert store.integrity_check() == []


@contextmanager
def full(store: Store) -> Iterator[None]:
    """No page can be added to the database: SQLite says the same as when the disk is full."""

    def limit(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # its present size, as it has more

    event.listen(store._engine, "connect", limit)
    store._engine.dispose()
    yield
    event.remove(store._engine, "connect", limit)
    store._engine.dispose()


@pytest.mark.parametrize("write", WRITES)
def test_a_full_disk(store: Store, write: str) -> None:
    with full(store):
        for _ in range(2):
            with pytest.raises(StoreError, match="the disk is full") as caught:
                WRITES[write](store)
            check_line(caught.value)
            check_unchanged(store)
    WRITES[write](store)
    assert store.integrity_check() == []
    with pytest.raises(AssertionError):
        check_unchanged(store)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1.5 MB, where it may be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1536k", "tmpfs", place],
        check=False,
        capture_output=True,
        text=True,
    )
    if mounted.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_disk_that_is_really_full(small_disk: Path) -> None:
    with Store.open(small_disk / NAME) as store:
        store.pages.put_many(BEFORE)
        with pytest.raises(OSError, match="space"):
            (small_disk / "filler").write_bytes(bytes(2**21))
        for write in WRITES.values():
            with pytest.raises(StoreError, match="disk") as caught:
                write(store)
            check_line(caught.value)
        check_unchanged(store)
        store.pages.delete([])
        (small_disk / "filler").unlink()
        for write in (WRITES["pages"], WRITES["revisions"]):
            write(store)
        assert store.pages.count() == 89
        assert store.integrity_check() == []


# What a process can be given but not taken away again, or what root is not held by: in a process of its own.
FAULT = """
import os, resource, sys
from pathlib import Path
from connector.errors import StoreError
from connector.store import Store
from connector.store.known_pages import known_pages
from tests.builders import make_page

def limit(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

def expect(words, act):
    try:
        act()
    except StoreError as e:
        assert words in str(e), str(e)
        assert "SECRET" not in str(e) and "\\n" not in str(e), str(e)
    else:
        raise AssertionError(f"no error that says {words}")

def become_nobody():  # root may write to everything
    if os.getuid() == 0:
        os.seteuid(65534)

path = Path(sys.argv[1])
"""


def run_fault(script: str, path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", FAULT + script, path],
        check=False,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_file_that_may_not_grow(store: Store, tmp_path: Path) -> None:
    store.close()
    run_fault(
        """
store = Store.open(path)
limit(100_000)
secrets = [make_page(i, f"SECRET {i}", "SECRET " * 500) for i in range(3, 90)]
expect("the disk could not be read or written", lambda: store.pages.put_many(secrets))
assert store.pages.count() == 5
limit(resource.RLIM_INFINITY)
store.pages.put_many(secrets)
assert store.pages.count() == 89
assert store.integrity_check() == []
""",
        tmp_path / NAME,
    )


def test_a_disk_that_fills_while_wiping_loses_nothing_and_wiping_is_done_later(
    store: Store, tmp_path: Path
) -> None:
    secrets = [make_page(i, f"{WORD} {i}", f"{WORD} " * 200) for i in range(10, 60)]
    store.pages.put_many(secrets)
    store.pages.put_many([make_page(i, f"Autre {i}", "autre " * 2_000) for i in range(100, 150)])
    store.pages.delete([page.pageid for page in secrets])
    store.close()
    run_fault(
        """
store = Store.open(path)
limit(200_000)
expect("wiping what was erased: the disk", store.scrub)
assert store.pages.count() == 55
limit(resource.RLIM_INFINITY)
assert store.integrity_check() == []
assert store.scrub()
assert store.pages.count() == 55
""",
        tmp_path / NAME,
    )
    assert [path.name for path in tmp_path.iterdir() if WORD.encode() in path.read_bytes()] == []


@pytest.mark.parametrize("folder_too", [False, True])
def test_a_database_that_may_only_be_read(folder_too: bool) -> None:
    place = Path(tempfile.mkdtemp())  # pytest's own folders let nobody else in
    try:
        with Store.open(place / NAME) as store:
            store.pages.put_many(BEFORE)
        (place / NAME).chmod(0o444)
        place.chmod(0o555 if folder_too else 0o777)
        if folder_too:
            script = """
become_nobody()
expect("may only be read", lambda: Store.open(path).pages.count())
"""
        else:
            script = """
become_nobody()
store = Store.open(path)
assert store.pages.count() == 5
expect("may only be read", lambda: store.pages.put_many([make_page(1, "SECRET", "SECRET")]))
expect("may only be read", lambda: store.pages.delete([1]))
assert store.pages.count() == 5
"""
        run_fault(script, place / NAME)
    finally:
        place.chmod(0o700)
        shutil.rmtree(place)


def test_a_database_that_may_be_written_again(store: Store, tmp_path: Path) -> None:
    """A connection that was opened when the file could only be read would never write."""
    spoiled: list[sqlite3.Connection] = []

    def spoil(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA query_only = ON")
        spoiled.append(connection)

    event.listen(store._engine, "connect", spoil)
    store._engine.dispose()
    with pytest.raises(StoreError, match="may only be read") as caught:
        WRITES["pages"](store)
    check_line(caught.value)
    event.remove(store._engine, "connect", spoil)
    assert len(spoiled) == 1
    WRITES["pages"](store)
    assert store.pages.count() == 89


def test_another_process_that_writes_for_too_long(store: Store, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / NAME, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for write in WRITES.values():
            with pytest.raises(StoreError, match="another process has been writing") as caught:
                write(store)
            check_line(caught.value)
        assert store.pages.count() == 5, "reading goes on"
        other.execute("ROLLBACK")
    check_unchanged(store)
    for write in WRITES.values():
        write(store)
    assert store.pages.count() == 89


def test_what_a_writer_has_read_stays_true_until_it_is_done(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look whether a page is there and the keeping of its history nobody can purge it."""
    tried: list[str] = []

    def purge_meanwhile(connection: Connection, pageids: Iterable[int]) -> set[int]:
        seen = known_pages(connection, pageids)
        with closing(sqlite3.connect(tmp_path / NAME, timeout=0)) as other:
            try:
                other.execute("DELETE FROM page")
            except sqlite3.OperationalError as e:
                tried.append(str(e))
            else:
                other.commit()
        return seen

    monkeypatch.setattr("connector.store.revisions.known_pages", purge_meanwhile)
    store.revisions.put_many(make_history(1, ["Anne"]))
    assert tried == ["database is locked"]
    assert store.revisions.count() == 1


def test_a_damaged_file(store: Store, tmp_path: Path) -> None:
    WRITES["pages"](store)
    store.close()
    path = tmp_path / NAME
    intact = path.read_bytes()
    with path.open("r+b") as file:
        for start in range(0, len(intact), 4096):
            if WORD.encode() in intact[start : start + 4096]:
                file.seek(start)
                file.write(b"\xa5" * 512)
    with Store.open(path) as damaged:
        found = damaged.integrity_check()
        assert found
        assert all(WORD not in line and "\n" not in line for line in found)
        uses: list[Callable[[], object]] = [
            lambda: list(damaged.pages.iterate()),
            lambda: WRITES["pages"](damaged),
            lambda: damaged.scrub(thorough=True),
        ]
        for use in uses:
            with pytest.raises(StoreError, match="its file is damaged") as caught:
                use()
            check_line(caught.value)
        path.write_bytes(intact)
    with Store.open(path) as mended:
        assert mended.integrity_check() == []
        assert mended.pages.count() == 89


def test_an_error_half_way_through_a_batch_undoes_the_batch(store: Store) -> None:
    def pages() -> Iterator[Page]:
        yield make_page(1, f"{WORD} 1", WORD)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.pages.put_many(pages())
    naive = make_page(2, f"{WORD} 2", WORD)
    object.__setattr__(naive, "timestamp", MONDAY.replace(tzinfo=None))
    with pytest.raises(StoreError, match="naive datetime") as caught:
        store.pages.put_many([make_page(1, f"{WORD} 1", WORD), naive])
    check_line(caught.value)
    check_unchanged(store)


WRITE = """
import sys
from pathlib import Path
from connector.store import Store
from connector.store.known_pages import known_pages
from tests.builders import make_history, make_page
path, first = Path(sys.argv[1]), int(sys.argv[2])
with Store.open(path) as store:
    print("ready", flush=True)
    sys.stdin.readline()
    for batch in range(30):
        ids = range(first + 10 * batch, first + 10 * batch + 10)
        store.pages.put_many([make_page(i, f"Fiche {i}", "texte " * 300) for i in ids])
        store.revisions.put_many([r for i in ids for r in make_history(i, ["Anne", "Jean"])])
        store.pages.delete([ids[0]])
        if batch % 10 == 0:
            store.scrub(wait_seconds=1)
"""


def test_two_processes_that_write_at_once_both_succeed(store: Store, tmp_path: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WRITE, tmp_path / NAME, str(first)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parent.parent,
        )
        for first in (1_000, 2_000)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [(*process.communicate(), process.returncode) for process in processes]
    assert said == [("", "", 0)] * 2
    assert store.pages.count() == 5 + 2 * 30 * 9
    assert store.revisions.count() == 2 * 30 * 9 * 2
    assert store.integrity_check() == []
    assert store.scrub()
