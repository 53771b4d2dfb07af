"""Opening the database: one engine, tuned for one writer and many readers, errors wrapped once.

SQLite in a file, or PostgreSQL by its address; both give the same promises (`writing`, `reading`).
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import postgresql as in_postgresql
from sqlalchemy.dialects import sqlite as in_sqlite
from sqlalchemy.exc import SQLAlchemyError

from connector.errors import StoreError
from connector.store import postgresql
from connector.store.wal import switch_to_wal

# How long a writer waits for another one. Batches are small: a minute means that something is wrong.
BUSY_SECONDS = 60.0
# What the reasons for which a database fails mean for whoever has to mend it, by SQLite's primary result code
# (https://www.sqlite.org/rescode.html).
_REASONS = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "its file or folder may only be read",
    sqlite3.SQLITE_PERM: "its file or folder may not be opened",
    sqlite3.SQLITE_BUSY: "another process has been writing to it for too long",
    sqlite3.SQLITE_LOCKED: "another process has been writing to it for too long",
    sqlite3.SQLITE_CORRUPT: "its file is damaged",
    sqlite3.SQLITE_IOERR: "the disk could not be read or written: it may be full, or failing",
}
# After these a connection stays as it is when the cause is gone: one that was opened when the file could only
# be read never writes again.
_SPOILED = frozenset([sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT])
# As it stands, not in \u escapes: a third of the size, and a name can be looked for in the file.
_TO_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

_T = TypeVar("_T")


def make_engine(database: Path | str, *, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """Return an engine; nothing is opened yet.

    Args:
        database: an SQLite file, or the address of a PostgreSQL database (`postgresql://user@host/name`).
        busy_seconds: how long to wait for another process that writes.

    Raises:
        StoreError: the address cannot be read.
    """
    if isinstance(database, str):
        return postgresql.make_postgresql_engine(
            database, busy_seconds=busy_seconds, json_serializer=_TO_JSON
        )
    engine = create_engine(
        URL.create("sqlite", database=str(database)),
        hide_parameters=True,  # an error must not carry page texts into a log
        json_serializer=_TO_JSON,
    )

    def tune(connection: sqlite3.Connection, _record: object) -> None:
        _tune_sqlite(connection, busy_seconds=busy_seconds)

    event.listen(engine, "connect", tune)
    return engine


def _tune_sqlite(connection: sqlite3.Connection, *, busy_seconds: float) -> None:
    """Set what SQLite does not remember between connections, and WAL, which it does.

    synchronous=FULL: drafts and reviews cannot be rebuilt (https://www.sqlite.org/pragma.html#pragma_synchronous).
    """
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {round(busy_seconds * 1000)}")
    switch_to_wal(connection, busy_seconds=busy_seconds)
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    # What is erased must not linger in free pages (https://www.sqlite.org/pragma.html#pragma_secure_delete),
    # nor what is sorted in files outside the data folder (https://www.sqlite.org/tempfiles.html).
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.execute("PRAGMA temp_store = MEMORY")
    cursor.close()


@contextmanager
def store_errors(engine: Engine, doing: str) -> Iterator[None]:
    """Turn the library's errors into a StoreError that says what was being done.

    To be entered before a connection is opened: when it ends, the transaction is rolled back already.
    """
    try:
        yield
    except SQLAlchemyError as e:
        if _code(getattr(e, "orig", None)) in _SPOILED:
            engine.dispose()
        raise StoreError(f"the database failed while {doing}: {reason(e)}") from e
    except UnicodeEncodeError as e:
        raise StoreError(f"the database failed while {doing}: a text is not valid Unicode") from e


def reason(error: SQLAlchemyError) -> str:
    """Say in one line why the database failed.

    The library's own text is cut to its first line: the rest repeats the statement and its parameters, which
    are page texts and names.
    """
    original = getattr(error, "orig", None)
    said = str(original or error).splitlines()[0]
    known = _REASONS.get(_code(original)) or postgresql.known_reason(original)
    return f"{known} ({said})" if known else said


def is_busy(error: SQLAlchemyError) -> bool:
    """Whether another connection stood in the way for too long."""
    original = getattr(error, "orig", None)
    return _code(original) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) or postgresql.is_busy(original)


def _code(original: BaseException | None) -> int:
    """The primary result code, which extended ones keep in their low byte; 0 when there is none."""
    code: int = getattr(original, "sqlite_errorcode", 0)
    return code & 0xFF


@contextmanager
def writing(engine: Engine, doing: str) -> Iterator[Connection]:
    """Open a transaction that is committed at the end, or rolled back whole.

    It is the only one that writes from its start on: what it reads stays true until it is committed, and it
    cannot fail half way because another process was faster (https://www.sqlite.org/lang_transaction.html).
    """
    with store_errors(engine, doing), engine.begin() as connection:
        if postgresql.is_postgresql(connection):
            postgresql.begin_writing(connection)
            yield connection
            postgresql.note_change(connection)
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection


@contextmanager
def reading(engine: Engine, doing: str) -> Iterator[Connection]:
    """Open a connection for reading: each statement sees what is committed when it begins."""
    with store_errors(engine, doing), engine.connect() as connection:
        if postgresql.is_postgresql(connection):
            # No transaction stays open, and none costs a way to the server and back.
            yield connection.execution_options(isolation_level="AUTOCOMMIT")
        else:
            yield connection


def insert(connection: Connection, table: Table) -> in_sqlite.Insert | in_postgresql.Insert:
    """Return the INSERT of the database's own dialect, which has `on_conflict_do_update`."""
    if postgresql.is_postgresql(connection):
        return in_postgresql.insert(table)
    return in_sqlite.insert(table)


def upsert(
    connection: Connection,
    table: Table,
    rows: Sequence[dict[str, Any]],
    *,
    key: str,
    keep: frozenset[str] = frozenset(),
) -> None:
    """Insert rows, or replace those whose key is already there; the same rows twice change nothing.

    Args:
        connection: a transaction.
        table: where.
        rows: values by column name, each with the same columns.
        key: the primary key's column.
        keep: columns that a row which is already there keeps.
    """
    if not rows:
        return
    statement = insert(connection, table)
    changed = [c.name for c in table.columns if c.name != key and c.name not in keep]
    changes = {name: statement.excluded[name] for name in changed}
    connection.execute(statement.on_conflict_do_update(index_elements=[key], set_=changes), list(rows))


def handfuls(items: Sequence[_T], size: int = 500) -> Iterator[Sequence[_T]]:
    """Cut a sequence: SQLite takes 32,766 variables in a statement (SQLITE_MAX_VARIABLE_NUMBER).

    PostgreSQL takes 65,535.
    """
    for start in range(0, len(items), size):
        yield items[start : start + size]
