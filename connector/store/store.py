"""One database, opened once: the mirror of the wiki, and the drafts that are not in the wiki yet."""

from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from connector.errors import StoreError
from connector.store.drafts import DraftStore
from connector.store.engine import make_engine, store_errors
from connector.store.pages import PageStore
from connector.store.revisions import RevisionStore
from connector.store.site import SiteStore

# The newest file in migrations/versions. Known here so that an up-to-date database opens without loading
# Alembic; a test holds the two together.
SCHEMA_REVISION = "0001"


class Store:
    """The database, by subject: `site`, `pages`, `revisions`, `drafts`. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.site = SiteStore(engine)
        self.pages = PageStore(engine, self.site)
        self.revisions = RevisionStore(engine)
        self.drafts = DraftStore(engine)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a database, creating it or bringing its schema up to date when needed.

        Args:
            path: an SQLite file; its folder must exist.

        Raises:
            StoreError: it cannot be opened, is no database, or was written by a newer Compagnon.
        """
        engine = make_engine(path)
        try:
            _bring_up_to_date(engine)
        except StoreError:
            engine.dispose()
            raise
        return cls(engine)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def _bring_up_to_date(engine: Engine) -> None:
    with store_errors("opening"):
        with engine.connect() as connection:
            current = None
            if inspect(connection).has_table("alembic_version"):
                current = connection.execute(
                    text("SELECT version_num FROM alembic_version")
                ).scalar_one_or_none()
        if current == SCHEMA_REVISION:
            return

    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    try:
        with engine.begin() as connection:
            # Python's sqlite3 opens no transaction for CREATE TABLE: one that is stopped half way would leave
            # a database that can neither be used nor made anew.
            # https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#pysqlite-serializable
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as e:
        raise StoreError(
            f"the database has schema {current}, this Compagnon knows {SCHEMA_REVISION}: update Compagnon"
        ) from e
    except SQLAlchemyError as e:
        reason = str(getattr(e, "orig", None) or e).splitlines()[0]
        raise StoreError(f"the database's schema could not be brought up to date: {reason}") from e
