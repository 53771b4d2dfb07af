"""Leaving no trace of what was erased: not in the database's file, not in its write-ahead log.

`PRAGMA secure_delete` overwrites rows and pages as they are freed, but not the copies that SQLite leaves in a
page's unused middle when it moves rows between neighbouring pages. Only writing the file anew (VACUUM,
https://www.sqlite.org/lang_vacuum.html) is sure to lose those; then the write-ahead log is emptied into the
file and cut to nothing (https://www.sqlite.org/pragma.html#pragma_wal_checkpoint).

PostgreSQL keeps old rows in its tables until those are written anew (VACUUM FULL,
https://www.postgresql.org/docs/current/sql-vacuum.html); what its write-ahead log, its archives and its
backups keep is its administrator's to say.

PostgreSQL keeps old rows in its tables until those are written anew (VACUUM FULL,
https://www.postgresql.org/docs/current/sql-vacuum.html); what its write-ahead log, its archives and its
backups keep is its administrator's to say.

Whoever erases or replaces something notes it in the same transaction, so that an erasure whose process was
killed is still scrubbed by the next one.
"""

from collections.abc import Mapping
from typing import Literal

from sqlalchemy import Connection, Engine, delete, select
from sqlalchemy.exc import OperationalError

from connector.store.engine import is_busy, store_errors, upsert, writing
from connector.store.postgresql import is_postgresql
from connector.store.schema import metadata, state

# What was done since the file was last written anew, and how often: keys of the table `state`.
Trace = Literal["erased", "replaced"]
_KEYS: dict[Trace, str] = {"erased": "traces_of_erased", "replaced": "traces_of_replaced"}


def note_traces(connection: Connection, trace: Trace) -> None:
    """Note, within a transaction, what it leaves traces of."""
    key = _KEYS[trace]
    counted = connection.execute(select(state.c.value).where(state.c.key == key)).scalar_one_or_none()
    upsert(connection, state, [{"key": key, "value": (counted or 0) + 1}], key="key")


def scrub(engine: Engine, *, thorough: bool, wait_seconds: float) -> bool:
    """Do what `Store.scrub` says."""
    if is_postgresql(engine):
        return _scrub_tables(engine, thorough=thorough, wait_seconds=wait_seconds)
    with store_errors(engine, "wiping what was erased"), engine.connect() as plain:
        connection = plain.execution_options(isolation_level="AUTOCOMMIT")
        patience = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {round(wait_seconds * 1000)}")
        try:
            traces = _traces(connection)
            if _KEYS["erased"] in traces or (thorough and traces):
                _rewrite(connection)
                _forget(connection, traces)
            busy: int = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
        except OperationalError as e:
            if is_busy(e):
                return False
            raise
        finally:
            connection.exec_driver_sql("PRAGMA temp_store = MEMORY")
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {patience}")
    return not busy


def _traces(connection: Connection) -> dict[str, int]:
    query = select(state.c.key, state.c.value).where(state.c.key.in_(_KEYS.values()))
    return {row.key: row.value for row in connection.execute(query)}


def _rewrite(connection: Connection) -> None:
    # The copy holds what is not erased, and can be large: a file without a name, not memory.
    connection.exec_driver_sql("PRAGMA temp_store = FILE")
    connection.exec_driver_sql("VACUUM")


def _forget(connection: Connection, traces: Mapping[str, int]) -> None:
    """Forget the traces that were wiped; those that came in the meantime have counted on."""
    for key, count in traces.items():
        connection.execute(delete(state).where(state.c.key == key, state.c.value == count))


def _scrub_tables(engine: Engine, *, thorough: bool, wait_seconds: float) -> bool:
    with store_errors(engine, "wiping what was erased"), engine.connect() as plain:
        connection = plain.execution_options(isolation_level="AUTOCOMMIT")
        traces = _traces(connection)
        if not (_KEYS["erased"] in traces or (thorough and traces)):
            return True
        patience = connection.exec_driver_sql("SHOW lock_timeout").scalar_one()
        connection.exec_driver_sql(f"SET lock_timeout = {max(1, round(wait_seconds * 1000))}")
        try:
            for table in metadata.sorted_tables:
                connection.exec_driver_sql(f"VACUUM (FULL, ANALYZE) {table.name}")
        except OperationalError as e:
            if is_busy(e):
                return False
            raise
        finally:
            if not connection.invalidated:
                connection.exec_driver_sql(f"SET lock_timeout = '{patience}'")
    with writing(engine, "noting what was wiped") as connection:
        now = _traces(connection)
        done = [key for key, count in traces.items() if now.get(key) == count]
        connection.execute(delete(state).where(state.c.key.in_(done)))
    return True
