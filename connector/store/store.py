"""One database, opened once: the mirror of the wiki, and the drafts that are not in the wiki yet."""

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Engine

from connector.errors import StoreError
from connector.store.access_tokens import AccessTokenStore
from connector.store.accounts import AccountStore
from connector.store.activity import ActivityStore
from connector.store.additions import AdditionStore
from connector.store.asks import AskStore
from connector.store.capture_jobs import CaptureJobStore
from connector.store.changes import ChangeMarks
from connector.store.drafts import DraftStore
from connector.store.engine import BUSY_SECONDS, make_engine
from connector.store.erased_names import ErasedNameStore
from connector.store.erasures import ErasureStore
from connector.store.experiences import ExperienceStore
from connector.store.follow_ups import FollowUpStore
from connector.store.hit_feedback import HitFeedbackStore
from connector.store.integrity import integrity_check
from connector.store.judgements import JudgementStore
from connector.store.kept_values import KeptValues
from connector.store.link_feedback import LinkFeedbackStore
from connector.store.links import LinkStore
from connector.store.locks import DatabaseLocks
from connector.store.masking import MaskingStore
from connector.store.meetings import MeetingStore
from connector.store.migrating import SCHEMA_REVISION, bring_up_to_date
from connector.store.names import NameStore
from connector.store.no_links import NoLinksStore
from connector.store.notes import NotesStore
from connector.store.own_traces import OwnTraceStore
from connector.store.pages import PageStore
from connector.store.postgresql import is_postgresql
from connector.store.questions import QuestionStore
from connector.store.recent import RecentStore
from connector.store.renderings import RenderingStore
from connector.store.revisions import RevisionStore
from connector.store.scrubbing import scrub
from connector.store.sign_ins import SignInStore
from connector.store.site import SiteStore
from connector.store.status_steps import StatusStepStore
from connector.store.subscriptions import SubscriptionStore
from connector.store.sync_state import SyncStateStore
from connector.store.unanswered_searches import UnansweredSearchStore
from connector.store.welcomes import WelcomeStore
from connector.store.wishes import WishStore

__all__ = ["SCHEMA_REVISION", "Store"]

# How long wiping waits for those who read or write meanwhile: a page of the web is read in less.
_SCRUB_SECONDS = 5.0


class Store:
    """The database, by subject: each attribute is one. Safe to share between threads."""

    def __init__(self, engine: Engine, *, secret: Callable[[], str] | None = None) -> None:
        self._engine = engine
        self.site = SiteStore(engine)
        self.pages = PageStore(engine, self.site)
        self.revisions = RevisionStore(engine)
        self.recent = RecentStore(engine)
        self.activity = ActivityStore(engine)
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
        self.asks = AskStore(engine)
        self.unanswered_searches = UnansweredSearchStore(engine)
        self.hit_feedback = HitFeedbackStore(engine)
        self.subscriptions = SubscriptionStore(engine)
        self.judgements = JudgementStore(engine)
        self.meetings = MeetingStore(engine)
        self.additions = AdditionStore(engine)
        self.names = NameStore(engine)
        self.kept_values = KeptValues(engine)
        self.changes = ChangeMarks(engine)
        self.wishes = WishStore(engine, changes=self.changes)
        self.welcomes = WelcomeStore(engine)
        self.erased_names = ErasedNameStore(engine, changes=self.changes, secret=secret)
        self.masking = MaskingStore(engine)
        self.own_traces = OwnTraceStore(engine)
        self.experiences = ExperienceStore(engine)
        self.status_steps = StatusStepStore(engine)
        self.locks = DatabaseLocks(engine) if is_postgresql(engine) else None
        """Where several machines may share the database; None for SQLite, which is one machine's."""

    @classmethod
    def open(
        cls,
        database: Path | str,
        *,
        busy_seconds: float = BUSY_SECONDS,
        secret: Callable[[], str] | None = None,
    ) -> Self:
        """Open a database, creating it or bringing its schema up to date when needed.

        Args:
            database: an SQLite file, whose folder must exist, or the address of a PostgreSQL database
                (`postgresql://user@host/name`), which must exist and be our own.
            busy_seconds: how long to wait for another process that writes before that is an error.
            secret: gives what the names of people who were erased are known by (`ErasedNameStore`).

        Raises:
            StoreError: it cannot be opened, is no database, or was written by a newer Compagnon.
        """
        engine = make_engine(database, busy_seconds=busy_seconds)
        try:
            bring_up_to_date(engine)
        except StoreError:
            engine.dispose()
            raise
        return cls(engine, secret=secret)

    def scrub(self, *, thorough: bool = False, wait_seconds: float = _SCRUB_SECONDS) -> bool:
        """Wipe what was erased from the database's files and, of SQLite, empty its write-ahead log.

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
        return integrity_check(self._engine)

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
