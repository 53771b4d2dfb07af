"""The database in PostgreSQL, by its address: connections, what its errors mean, where SQLite differs.

What is kept is the same in both. PostgreSQL sorts texts by the language of the database, limits the lengths
of texts and numbers, and refuses NUL in a text: here it does as SQLite does, but for NUL, which comes back as
U+FFFD (no page of a wiki holds one).
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import BigInteger, Connection, Engine, create_engine, event

from connector.errors import StoreError
from connector.store.schema import metadata

if TYPE_CHECKING:
    import psycopg

# Seconds, unless the address says otherwise. A server that went without a word (its machine, the way to it)
# is found out in a minute, not in the two hours and more of TCP's own
# (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS).
PATIENCE: Final = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,  # milliseconds
}
# The server finds out as soon that we went without a word, and gives our locks to others
# (https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-TCP-KEEPALIVES-IDLE).
_SESSION: Final = {
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "60000",
    "timezone": "UTC",
}
# Advisory locks are numbers, a pair of them ours: https://www.postgresql.org/docs/current/explicit-locking.html
LOCK_CLASS: Final = 0x434F4D50
WRITER: Final = 1
# What the reasons for which PostgreSQL fails mean for whoever has to mend it, by SQLSTATE or the class of it
# (https://www.postgresql.org/docs/current/errcodes-appendix.html).
_REASONS: Final = {
    "53100": "the disk of the database's server is full",
    "53200": "the database's server is out of memory",
    "53300": "the database's server has no connection left: raise its max_connections",
    "42501": "the account of store.database lacks a right: let it own the database",
    "25006": "the database's server may only be read: is it a standby?",
    "55P03": "another process has been writing to it for too long",
    "57P01": "the database's server was stopped",
    "57P02": "the database's server has crashed and starts again",
    "57P03": "the database's server is starting or stopping",
    "3D000": "there is no such database: create it",
    "28": "the database's server refuses the account or its password",
    "08": "the connection with the database's server is lost",
    "58": "the disk of the database's server could not be read or written: it may be full, or failing",
    "XX001": "a file of the database is damaged",
    "XX002": "an index of the database is damaged",
}
_BUSY: Final = "55P03"
_PORTS = re.compile(r"(?:\d*,)*\d*")


def address_parts(url: str) -> dict[str, Any]:
    """Return what the address of a PostgreSQL database says, by libpq's names.

    Raises:
        ValueError: it cannot be read. What libpq says of it shows parts of it, a password's too; this does
            not.
    """
    import psycopg

    try:
        said: dict[str, Any] = psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        said = {"host": "@"}
    # A password with "@" or "/" in it makes another part of what follows.
    if any("@" in said.get(part, "") for part in ("host", "dbname")) or not _PORTS.fullmatch(
        str(said.get("port", ""))
    ):
        raise ValueError(
            "cannot be read: it looks like postgresql://user@host/name, with %-escapes for what is no letter "
            "and no digit of a password"
        )
    return said


def make_postgresql_engine(
    url: str, *, busy_seconds: float, json_serializer: Callable[[object], str]
) -> Engine:
    """Return an engine for a PostgreSQL database; nothing is opened yet.

    Args:
        url: of the database, as libpq reads it (`postgresql://user@host/name`).
        busy_seconds: how long to wait for another process that writes.
        json_serializer: how JSON is written.

    Raises:
        StoreError: psycopg is not installed, or the address cannot be read.
    """
    try:
        import psycopg
    except ImportError as e:
        raise StoreError(
            "store.database needs psycopg: install Compagnon with its extra, compagnon[postgresql]"
        ) from e
    try:
        said = address_parts(url)
    except ValueError as e:
        raise StoreError(f"the address in store.database {e}") from e
    patience: dict[str, Any] = {name: value for name, value in PATIENCE.items() if name not in said}
    engine = create_engine(
        "postgresql+psycopg://",
        # libpq reads the address itself: sockets, several hosts and service files included.
        creator=lambda: psycopg.connect(url, client_encoding="UTF8", **patience),
        hide_parameters=True,  # an error must not carry page texts into a log
        # A restart of the server costs nobody an answer: dead connections are found before they are used.
        pool_pre_ping=True,
    )

    def tune(connection: "psycopg.Connection[Any]", _record: object) -> None:
        _tune(connection, busy_seconds=busy_seconds, json_serializer=json_serializer)

    event.listen(engine, "connect", tune)
    return engine


def _tune(
    connection: "psycopg.Connection[Any]", *, busy_seconds: float, json_serializer: Callable[[object], str]
) -> None:
    from psycopg.types.json import set_json_dumps
    from psycopg.types.string import StrDumperUnknown

    class NulFreeDumper(StrDumperUnknown):
        """Writes texts; PostgreSQL would refuse a whole page for one NUL."""

        def dump(self, obj: str) -> Any:
            """Return the text as it is sent."""
            return super().dump(obj.replace("\0", "\ufffd") if "\0" in obj else obj)

    connection.adapters.register_dumper(str, NulFreeDumper)
    set_json_dumps(json_serializer, connection)  # SQLAlchemy tells only connections of its own making
    session = {**_SESSION, "lock_timeout": str(max(1, round(busy_seconds * 1000)))}
    before = connection.autocommit
    connection.autocommit = True
    for name, value in session.items():
        connection.execute("SELECT set_config(%s, %s, false)", (name, value))
    connection.autocommit = before


def is_postgresql(bind: Engine | Connection) -> bool:
    """Whether this is a PostgreSQL database."""
    return bind.dialect.name == "postgresql"


def known_reason(original: BaseException | None) -> str | None:
    """Return what an error of PostgreSQL means; None when it is another database's, or nothing known."""
    if original is None or type(original).__module__.partition(".")[0] != "psycopg":
        return None
    state = getattr(original, "sqlstate", None)
    if state is None:
        # libpq gives none for a connection that is not made, or that was cut.
        return _REASONS["08"] if type(original).__name__ == "OperationalError" else None
    return _REASONS.get(state) or _REASONS.get(state[:2])


def is_busy(original: BaseException | None) -> bool:
    """Whether another connection held a lock for too long."""
    return getattr(original, "sqlstate", None) == _BUSY


def begin_writing(connection: Connection) -> None:
    """Make the transaction the only one that writes, until it ends.

    What it reads from now on stays true until it is committed: nobody else commits meanwhile, and each
    statement sees what was committed before it began (READ COMMITTED). SERIALIZABLE would promise the same
    and make a writer begin again when two meet; the sync, which writes in long batches, would lose.
    """
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK_CLASS}, {WRITER})")


def note_change(connection: Connection) -> None:
    """Note, at the end of a transaction, that it changed something: what `ChangeMarks` looks at.

    The transaction's own number is noted, if it has one: it gets it with the first row that it writes. It is
    seen at the same moment as what was written, which no sequence would promise.
    """
    connection.exec_driver_sql(
        "INSERT INTO state (key, value) "
        "SELECT 'last_change', to_json(pg_current_xact_id_if_assigned()::text::bigint) "
        "WHERE pg_current_xact_id_if_assigned() IS NOT NULL "
        "ON CONFLICT (key) DO UPDATE SET value = excluded.value"
    )


def last_change(connection: Connection) -> int:
    """Return the number of the last transaction that changed something; 0 when none has."""
    row = connection.exec_driver_sql("SELECT value::text FROM state WHERE key = 'last_change'").first()
    return 0 if row is None else int(row[0])


def keep_as_sqlite(connection: Connection) -> None:
    """Give all columns what SQLite's have: texts of any length in the order of their bytes, long numbers.

    Called after each migration, so that migrations need not know.
    """
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != "UTF8":
        raise StoreError("the database of store.database must have the encoding UTF8")
    columns = connection.exec_driver_sql(
        "SELECT table_name, column_name, data_type FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND table_name <> 'alembic_version' AND ("
        "data_type IN ('character varying', 'integer') "
        "OR (data_type = 'text' AND collation_name IS DISTINCT FROM 'C'))"
    ).all()
    quote = connection.dialect.identifier_preparer.quote
    for table, column, kind in columns:
        if kind != "integer":
            new = 'text COLLATE "C"'
        elif isinstance(metadata.tables[table].c[column].type, BigInteger):
            new = "bigint"
        else:
            continue
        connection.exec_driver_sql(f"ALTER TABLE {quote(table)} ALTER COLUMN {quote(column)} TYPE {new}")
