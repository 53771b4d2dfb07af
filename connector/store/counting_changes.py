"""Counting, in the database itself, all changes but of what is only noted in passing.

Triggers count, so that whoever writes is counted, in the transaction that writes: a sync, a masking, another
process, somebody with a tool of the database. What is not named here counts: a new table, a new column.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import Column, Connection, Table

from connector.store import postgresql

# All tables are wanted, not only those of the mirror.
from connector.store import schema_community as schema_community
from connector.store import schema_people as schema_people
from connector.store.schema import metadata

COUNTER: Final = "counted_changes"
"""Key in `state`: in SQLite of how many rows changed, in PostgreSQL of the last transaction that did it."""
PASSING_TABLES: Final = frozenset(
    {
        "access_token",
        "capture_job",
        "digest_list",
        "draft_event",
        "hit_feedback",
        "link_feedback",
        "sign_in",
        "subscription",
        "unanswered_search",
    }
)
"""Who came by, what was looked for, which work is under way: nothing that takes long is made of these."""
PASSING_COLUMNS: Final = {
    "account": frozenset({"groups", "told_at", "seen_at", "language", "credential"}),
    "page": frozenset({"proven_at"}),
}
"""Of tables that count: columns that may change without being counted."""
PASSING_KEYS: Final = (COUNTER, "last_change", "last_sync", "source", "sync")
"""Of `state`: where the sync stands, and what counts changes."""
PASSING_PREFIX: Final = "kept_"
"""Of keys of `state`: derived numbers, which have a version of their own."""
_PREFIX: Final = "count_"
_EVENTS: Final = ("INSERT", "UPDATE", "DELETE")


def count_changes(connection: Connection) -> None:
    """Have the database count from now on; to be called when its schema is the one that is known here.

    Args:
        connection: a transaction of whoever owns the tables.
    """
    zero = f"INSERT INTO state VALUES ('{COUNTER}', '0') ON CONFLICT (key) DO NOTHING"  # noqa: S608
    connection.exec_driver_sql(zero)
    in_postgresql = postgresql.is_postgresql(connection)
    if in_postgresql:
        connection.exec_driver_sql(_FUNCTION)
    for table in metadata.sorted_tables:
        if table.name not in PASSING_TABLES:
            for event in _EVENTS:
                make = _in_postgresql if in_postgresql else _in_sqlite
                connection.exec_driver_sql(make(table, event))


def stop_counting(connection: Connection) -> None:
    """Take the triggers away: a schema is changed without them, and PostgreSQL alters no column they look at.

    Args:
        connection: a transaction of whoever owns the tables.
    """
    quote = connection.dialect.identifier_preparer.quote
    if postgresql.is_postgresql(connection):
        found = connection.exec_driver_sql(
            "SELECT trigger_name, event_object_table FROM information_schema.triggers "
            "WHERE trigger_schema = current_schema() AND starts_with(trigger_name, 'count_')"
        ).all()
        for name, table in found:
            connection.exec_driver_sql(f"DROP TRIGGER {quote(name)} ON {quote(table)}")
        return
    names = connection.exec_driver_sql(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND substr(name, 1, 6) = 'count_'"
    ).scalars()
    for name in names.all():
        connection.exec_driver_sql(f"DROP TRIGGER {quote(name)}")


def counted_changes(connection: Connection) -> int | None:
    """Return a number that is another one after each change that counts; None where nothing counts them."""
    query = f"SELECT CAST(CAST(value AS TEXT) AS BIGINT) FROM state WHERE key = '{COUNTER}'"  # noqa: S608
    found: int | None = connection.exec_driver_sql(query).scalar_one_or_none()
    return found


# The transaction's own number, which no other has, and once for each: a row that is written thousands of
# times in one transaction gets ever slower.
_FUNCTION: Final = f"""
CREATE OR REPLACE FUNCTION {_PREFIX}change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO state (key, value)
    VALUES ('{COUNTER}', to_json(pg_current_xact_id()::text::bigint))
    ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE state.value::text <> excluded.value::text;
    RETURN NULL;
END $$
"""  # noqa: S608 - nothing in it comes from elsewhere


def _in_sqlite(table: Table, event: str) -> str:
    # No INSERT in it: REPLACE of the statement that fires would take the place of what it does on a conflict
    # (https://www.sqlite.org/lang_createtrigger.html).
    when = " AND ".join(_conditions(table, event, different="IS NOT"))
    return (
        f"CREATE TRIGGER {_name(table, event)} AFTER {event} ON {table.name} "  # noqa: S608 - our own names
        f"{when and f'WHEN {when} '}"
        f"BEGIN UPDATE state SET value = value + 1 WHERE key = '{COUNTER}'; END"
    )


def _in_postgresql(table: Table, event: str) -> str:
    when = " AND ".join(_conditions(table, event, different="IS DISTINCT FROM", cast="::text"))
    # By statement, a DELETE that finds nothing would count too, and an INSERT that finds its row there
    # (https://www.postgresql.org/docs/current/trigger-definition.html).
    return (
        f"CREATE TRIGGER {_name(table, event)} AFTER {event} ON {table.name} FOR EACH ROW "
        f"{when and f'WHEN ({when}) '}EXECUTE FUNCTION {_PREFIX}change()"
    )


def _name(table: Table, event: str) -> str:
    return f"{_PREFIX}{table.name}_{event.lower()}"


def _conditions(table: Table, event: str, *, different: str, cast: str = "") -> Iterator[str]:
    """Yield what must hold of a row for its change to count; nothing: each does."""
    columns: Sequence[Column[object]] = ()
    if table.name == "state":
        columns = [table.c.value]
        row = "OLD" if event == "DELETE" else "NEW"
        keys = ", ".join(f"'{key}'" for key in PASSING_KEYS)
        yield f"{row}.key NOT IN ({keys})"
        yield f"substr({row}.key, 1, {len(PASSING_PREFIX)}) <> '{PASSING_PREFIX}'"
    elif table.name in PASSING_COLUMNS:
        columns = [column for column in table.c if column.name not in PASSING_COLUMNS[table.name]]
    if columns and event == "UPDATE":
        compared = (f"OLD.{c.name}{cast} {different} NEW.{c.name}{cast}" for c in columns)
        yield f"({' OR '.join(compared)})"
