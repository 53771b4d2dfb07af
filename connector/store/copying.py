"""A database's file as a whole: looked at without changing it, and copied while others write to it.

Nothing here brings a schema up to date: what is wrong is told as it is.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from connector.errors import StoreError
from connector.progress import Progress
from connector.store.store import SCHEMA_REVISION

_PAGES_AT_ONCE = 4_096
_BUSY_SECONDS = 60.0
_INSTRUCTIONS_BETWEEN_LOOKS = 50_000
_SHOWN_FAULTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseState:
    """What stands in a database's file."""

    schema: str | None
    """Its revision; None for a file that is no mirror."""
    journal_mode: str
    """`wal`, as it should be."""
    faults: tuple[str, ...]
    """What is damaged, a line each, without texts; empty: nothing that was looked at."""
    complete: bool
    """Whether there was time to look at everything."""

    @property
    def up_to_date(self) -> bool:
        """Whether this Compagnon can use it as it is."""
        return self.schema == SCHEMA_REVISION


def examine_database(path: Path, *, seconds: float) -> DatabaseState:
    """Look at a database's file, and change nothing.

    Args:
        path: the file.
        seconds: how long the look at every page of it may take.

    Raises:
        StoreError: it cannot be opened.
    """
    with _opened(path, doing="looking at the database", options="mode=ro") as connection:
        try:
            schema = _schema(connection)
        except sqlite3.DatabaseError as e:
            if e.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                raise
            return DatabaseState(schema=None, journal_mode="", faults=(str(e),), complete=False)
        journal_mode = str(connection.execute("PRAGMA journal_mode").fetchone()[0])
        deadline = time.monotonic() + seconds
        connection.set_progress_handler(lambda: time.monotonic() > deadline, _INSTRUCTIONS_BETWEEN_LOOKS)
        faults: list[str] = []
        complete = True
        try:
            rows = connection.execute(f"PRAGMA integrity_check({_SHOWN_FAULTS})").fetchall()
            faults = [line for row in rows for line in str(row[0]).splitlines() if line != "ok"]
        except sqlite3.OperationalError as e:
            if e.sqlite_errorcode & 0xFF != sqlite3.SQLITE_INTERRUPT:
                raise
            complete = False
        except sqlite3.DatabaseError as e:
            faults = [str(e)]
        return DatabaseState(
            schema=schema,
            journal_mode=journal_mode,
            faults=tuple(faults[:_SHOWN_FAULTS]),
            complete=complete,
        )


def copy_database(source: Path, target: Path, *, progress: Progress | None = None) -> None:
    """Copy a database as it is at one moment, while others go on writing to it.

    SQLite's own backup, in pieces under one read transaction, so that it neither waits for writers nor begins
    anew when they commit (https://www.sqlite.org/backup.html, https://www.sqlite.org/isolation.html).

    Args:
        source: the database in use.
        target: the copy, an empty file; it is one file, without a log beside it.
        progress: told how many of its pages are copied.

    Raises:
        StoreError: one of them cannot be used, or the copy is damaged.
    """

    def told(_status: int, remaining: int, total: int) -> None:
        if progress is not None:
            progress(total - remaining, total, "database")

    with (
        _opened(source, doing="copying the database", options="mode=ro") as original,
        _opened(target, doing="copying the database", options="mode=rw") as copy,
    ):
        # No journal: a copy that fails is thrown away.
        copy.execute("PRAGMA journal_mode = OFF")
        original.execute("BEGIN")
        original.execute("SELECT count(*) FROM sqlite_master").fetchone()
        original.backup(copy, pages=_PAGES_AT_ONCE, progress=told)
        original.execute("ROLLBACK")
    # Nobody else has it: without this it would get a log of its own, as its header asks for.
    with _opened(target, doing="checking the copy", options="mode=ro&immutable=1") as copy:
        damage = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    if damage != "ok":
        raise StoreError(
            f"the database is damaged ({damage}): `compagnon doctor` says more; the copy was thrown away"
        )


def sqlite_abilities() -> tuple[str, bool]:
    """Return the version of this Python's SQLite, and whether it has full-text search (FTS5)."""
    with closing(sqlite3.connect(":memory:")) as connection:
        options = {row[0] for row in connection.execute("PRAGMA compile_options")}
    return sqlite3.sqlite_version, "ENABLE_FTS5" in options


def _schema(connection: sqlite3.Connection) -> str | None:
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
    if known is None:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])


@contextmanager
def _opened(path: Path, *, doing: str, options: str) -> Iterator[sqlite3.Connection]:
    """Open a file that is there; what goes wrong is a StoreError, without texts."""
    try:
        address = f"{path.resolve().as_uri()}?{options}"
        with closing(
            sqlite3.connect(
                address, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
        ) as connection:
            yield connection
    except sqlite3.Error as e:
        raise StoreError(f"the database failed while {doing}: {e}") from e
