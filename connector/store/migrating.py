"""Bringing a database's schema up to date; Alembic is loaded only when there is something to do."""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from connector.errors import StoreError
from connector.store import postgresql
from connector.store.counting_changes import count_changes, stop_counting
from connector.store.engine import reason, store_errors

SCHEMA_REVISION: Final = "0006"
"""The newest file in migrations/versions. Known here so that an up-to-date database opens without loading
Alembic; a test holds the two together."""


def bring_up_to_date(engine: Engine) -> None:
    """Give a database the newest schema, from nothing or from an older one.

    Raises:
        StoreError: it cannot be opened, is no database, or was written by a newer Compagnon.
    """
    with store_errors(engine, "opening"):
        with engine.connect() as connection:
            current = _current(connection)
        if current == SCHEMA_REVISION:
            return

    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    try:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            if postgresql.is_postgresql(engine):
                # Two processes that start at once: the second finds everything done.
                postgresql.begin_writing(connection)
                stop_counting(connection)
                command.upgrade(config, "head")
                postgresql.keep_as_sqlite(connection)
                count_changes(connection)
                connection.commit()
                return
            # Tables are rebuilt, which must not empty those that refer to them. It can be switched outside of
            # transactions only (https://www.sqlite.org/pragma.html#pragma_foreign_keys).
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            # Python's sqlite3 opens no transaction for CREATE TABLE: one that is stopped half way would leave
            # a database that can neither be used nor made anew.
            # https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#pysqlite-serializable
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            stop_counting(connection)
            command.upgrade(config, "head")
            count_changes(connection)
            connection.commit()
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")
    except CommandError as e:
        raise StoreError(
            f"the database has schema {current}, this Compagnon knows {SCHEMA_REVISION}: update Compagnon"
        ) from e
    except SQLAlchemyError as e:
        raise StoreError(f"the database's schema could not be brought up to date: {reason(e)}") from e


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(
        text("SELECT version_num FROM alembic_version")
    ).scalar_one_or_none()
    return found
