"""Opening the database: one engine, SQLite tuned for one writer and many readers, errors wrapped once."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import SQLAlchemyError

from connector.errors import StoreError

# How long a writer waits for another one. Batches are small: a minute means that something is wrong.
_BUSY_TIMEOUT_MS = 60_000


def make_engine(path: Path) -> Engine:
    """Return an engine for an SQLite file; nothing is opened yet."""
    engine = create_engine(URL.create("sqlite", database=str(path)))
    event.listen(engine, "connect", _tune_sqlite)
    return engine


def _tune_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """Set what SQLite does not remember between connections, and WAL, which it does.

    synchronous=FULL: drafts and reviews cannot be rebuilt (https://www.sqlite.org/pragma.html#pragma_synchronous).
    """
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    # What is erased must not linger in free pages (https://www.sqlite.org/pragma.html#pragma_secure_delete).
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()


@contextmanager
def store_errors(doing: str) -> Iterator[None]:
    """Turn the library's errors into a StoreError that says what was being done.

    The library's own text is cut to its first line: the rest repeats the statement and its parameters, which
    are page texts and names.
    """
    try:
        yield
    except SQLAlchemyError as e:
        reason = str(getattr(e, "orig", None) or e).splitlines()[0]
        raise StoreError(f"the database failed while {doing}: {reason}") from e


@contextmanager
def writing(engine: Engine, doing: str) -> Iterator[Connection]:
    """Open a transaction that is committed at the end, or rolled back whole."""
    with store_errors(doing), engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine, doing: str) -> Iterator[Connection]:
    """Open a connection for reading."""
    with store_errors(doing), engine.connect() as connection:
        yield connection


def upsert(connection: Connection, table: Table, rows: Sequence[dict[str, Any]], *, key: str) -> None:
    """Insert rows, or replace those whose key is already there; the same rows twice change nothing."""
    if not rows:
        return
    statement = insert(table)
    changes = {c.name: statement.excluded[c.name] for c in table.columns if c.name != key}
    connection.execute(statement.on_conflict_do_update(index_elements=[key], set_=changes), list(rows))
