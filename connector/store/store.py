"""One database, opened once: the mirror of the wiki, and the drafts that are not in the wiki yet."""

from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from connector.errors import StoreError
from connector.store.access_tokens import AccessTokenStore
from connector.store.accounts import AccountStore
from connector.store.capture_jobs import CaptureJobStore
from connector.store.changes import ChangeMarks
from connector.store.drafts import DraftStore
from connector.store.engine import BUSY_SECONDS, make_engine, reading, reason, store_errors
from connector.store.erasures import ErasureStore
from connector.store.follow_ups import FollowUpStore
from connector.store.hit_feedback import HitFeedbackStore
from connector.store.link_feedback import LinkFeedbackStore
from connector.store.links import LinkStore
from connector.store.no_links import NoLinksStore
from connector.store.notes import NotesStore
from connector.store.pages import PageStore
from connector.store.questions import QuestionStore
from connector.store.renderings import RenderingStore
from connector.store.revisions import RevisionStore
from connector.store.scrubbing import scrub
from connector.store.sign_ins import SignInStore
from connector.store.site import SiteStore
from connector.store.sync_state import SyncStateStore

# The newest file in migrations/versions. Known here so that an up-to-date database opens without loading
# Alembic; a test holds the two together.
SCHEMA_REVISION = "0005"
# How long wiping waits for those who read or write meanwhile: a page of the web is read in less.
_SCRUB_SECONDS = 5.0


class Store:
    """The database, by subject: each attribute is one. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.site = SiteStore(engine)
        self.pages = PageStore(engine, self.site)
        self.revisions = RevisionStore(engine)
        self.links = LinkStore(engine)
        self.link_feedback = LinkFeedbackStore(engine)
        self.no_links = NoLinksStore(engine)
        self.renderings = RenderingStore(engine)
        self.erasures = ErasureStore(engine)
        self.sync_state = SyncStateStore(engine)
        self.notes = NotesStore(engine)
        self.drafts = DraftStore(engine)
        self.follow_ups = FollowUpStore(engine)
        self.capture_jobs = CaptureJobStore(engine)
        self.accounts = AccountStore(engine)
        self.sign_ins = SignInStore(engine)
        self.access_tokens = AccessTokenStore(engine)
        self.questions = QuestionStore(engine)
        self.hit_feedback = HitFeedbackStore(engine)
        self.changes = ChangeMarks(engine)

    @classmethod
    def open(cls, path: Path, *, busy_seconds: float = BUSY_SECONDS) -> Self:
        """Open a database, creating it or bringing its schema up to date when needed.

        Args:
            path: an SQLite file; its folder must exist.
            busy_seconds: how long to wait for another process that writes before that is an error.

        Raises:
            StoreError: it cannot be opened, is no database, or was written by a newer Compagnon.
        """
        engine = make_engine(path, busy_seconds=busy_seconds)
        try:
            _bring_up_to_date(engine)
        except StoreError:
            engine.dispose()
            raise
        return cls(engine)

    def scrub(self, *, thorough: bool = False, wait_seconds: float = _SCRUB_SECONDS) -> bool:
        """Wipe what was erased from the database's file and empty its write-ahead log.

        When a page, a revision, a name or a summary was taken away since the last time, the file is written
        anew, which takes a second or so per hundred megabytes; else only the log is emptied, at no cost. To
        be called at the end of a pass; a call that comes too often does no harm.

        Args:
            thorough: wipe as well what edits and moves replaced.
            wait_seconds: how long to wait for others.

        Returns:
            Whether all is wiped: False when others were reading or writing all the time; try again later.

        Raises:
            StoreError: the disk is full or fails; nothing is lost, and what is to be wiped stays noted.
        """
        return scrub(self._engine, thorough=thorough, wait_seconds=wait_seconds)

    def integrity_check(self) -> list[str]:
        """Return what is wrong with the database's file, a line each, without texts; empty: nothing is."""
        with reading(self._engine, "checking the database") as connection:
            try:
                found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
                orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            except DatabaseError as e:
                return [reason(e)]
        broken = [line for lines in found for line in str(lines).splitlines() if line != "ok"]
        return broken + [f"row {row[1]} of {row[0]} belongs to no row of {row[2]}" for row in orphans]

    def close(self) -> None:
        """Close all connections."""
        self.changes.close()
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def _bring_up_to_date(engine: Engine) -> None:
    with store_errors(engine, "opening"):
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
        with engine.connect() as connection:
            # Tables are rebuilt, which must not empty those that refer to them. It can be switched outside of
            # transactions only (https://www.sqlite.org/pragma.html#pragma_foreign_keys).
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            # Python's sqlite3 opens no transaction for CREATE TABLE: one that is stopped half way would leave
            # a database that can neither be used nor made anew.
            # https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#pysqlite-serializable
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")
    except CommandError as e:
        raise StoreError(
            f"the database has schema {current}, this Compagnon knows {SCHEMA_REVISION}: update Compagnon"
        ) from e
    except SQLAlchemyError as e:
        raise StoreError(f"the database's schema could not be brought up to date: {reason(e)}") from e
