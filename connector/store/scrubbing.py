"""Leaving no trace of what was erased: not in the database's file, not in its write-ahead log.

`PRAGMA secure_delete` overwrites rows and pages as they are freed, but not the copies that SQLite leaves in a
page's unused middle when it moves rows between neighbouring pages. Only writing the file anew (VACUUM,
https://www.sqlite.org/lang_vacuum.html) is sure to lose those; then the write-ahead log is emptied into the
file and cut to nothing (https://www.sqlite.org/pragma.html#pragma_wal_checkpoint).

Whoever erases or replaces something notes it in the same transaction, so that an erasure whose process was
killed is still scrubbed by the next one.
"""

from collections.abc import Mapping
from typing import Literal

from sqlalchemy import Connection, Engine, delete, select, text
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import OperationalError

from connector.store.engine import is_busy, store_errors
from connector.store.schema import state

# What was done since the file was last written anew, and how often: keys of the table `state`.
Trace = Literal["erased", "replaced"]
_KEYS: dict[Trace, str] = {"erased": "traces_of_erased", "replaced": "traces_of_replaced"}


def note_traces(connection: Connection, trace: Trace) -> None:
    """Note, within a transaction, what it leaves traces of."""
    statement = insert(state).values(key=_KEYS[trace], value=1)
    counted = statement.on_conflict_do_update(index_elements=["key"], set_={"value": text("state.value + 1")})
    connection.execute(counted)


def scrub(engine: Engine, *, thorough: bool, wait_seconds: float) -> bool:
    """Do what `Store.scrub` says."""
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
