"""Drafts made from notes, and who did what to each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, Row, func, insert, select, update

from connector.errors import DraftNotFoundError, DraftStateError
from connector.store.engine import reading, writing
from connector.store.schema import draft, draft_event

OPEN_STATES = ("draft", "review")
"""States of a draft that can still be changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDraft:
    """A draft that is to be kept; `content` is the capture floor's JSON."""

    title: str
    language: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRecord:
    """A draft and its state; `content` is the capture floor's JSON."""

    id: int
    notes_id: int
    state: str
    """`draft`, `review`, `published` or `dropped`."""
    version: int
    title: str
    language: str
    content: str
    created_at: datetime
    updated_at: datetime
    pageid: int | None = None
    revid: int | None = None
    published_by: str | None = None
    reviewer: str | None = None
    """Who looks through it."""
    merge_into: int | None = None
    """Pageid of the page that it is to be added to; None for a page of its own."""
    pending_title: str | None = None
    """Page that the wiki was asked to save; None when nothing is under way."""
    pending_sha1: str | None = None
    """Of the text that it was asked to save, in UTF-8, hexadecimal."""
    pending_by: str | None = None
    pending_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftEvent:
    """Something that someone did to a draft."""

    timestamp: datetime
    actor: str
    action: str
    """`captured`, `taken`, `released`, `edited`, `publishing`, `abandoned`, `published`, `dropped`."""
    detail: str


class DraftStore:
    """Drafts. Nothing here can be rebuilt: each change is one durable transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, *, notes_id: int, title: str, language: str, content: str, actor: str) -> int:
        """Keep a new draft and return its id."""
        new = NewDraft(title=title, language=language, content=content)
        with writing(self._engine, "keeping a draft") as connection:
            return insert_draft(connection, new, notes_id=notes_id, actor=actor)

    def get(self, draft_id: int) -> DraftRecord:
        """Return a draft.

        Raises:
            DraftNotFoundError: there is none with this id.
        """
        with reading(self._engine, "reading a draft") as connection:
            row = connection.execute(select(draft).where(draft.c.id == draft_id)).one_or_none()
        if row is None:
            raise DraftNotFoundError(f"there is no draft {draft_id}", draft_id=draft_id)
        return _record(row)

    def list(
        self, *, state: str | None = None, notes_id: int | None = None, pageid: int | None = None
    ) -> Sequence[DraftRecord]:
        """Return drafts, newest first; of one state, one set of notes or one page only, when given."""
        query = select(draft).order_by(draft.c.id.desc())
        if state is not None:
            query = query.where(draft.c.state == state)
        if notes_id is not None:
            query = query.where(draft.c.notes_id == notes_id)
        if pageid is not None:
            query = query.where(draft.c.pageid == pageid)
        with reading(self._engine, "listing drafts") as connection:
            return [_record(row) for row in connection.execute(query)]

    def pending(self) -> Sequence[DraftRecord]:
        """Return the open drafts that the wiki was asked to save, and that nobody knows more about."""
        query = (
            select(draft)
            .where(draft.c.pending_title.is_not(None), draft.c.state.in_(OPEN_STATES))
            .order_by(draft.c.id)
        )
        with reading(self._engine, "listing drafts") as connection:
            return [_record(row) for row in connection.execute(query)]

    def update(
        self,
        draft_id: int,
        *,
        version: int,
        actor: str,
        action: str,
        detail: str = "",
        **changes: str | int | datetime | None,
    ) -> DraftRecord:
        """Change columns of a draft that is still open, and note who did what.

        Args:
            draft_id: which draft.
            version: the version that was read; guards against two people at once.
            actor: who changes it.
            action: what they do (see `DraftEvent`).
            detail: more about it, in a few words.
            **changes: new values, by column name.

        Raises:
            DraftNotFoundError: there is none with this id.
            DraftStateError: someone else changed it since `version`, or it is no longer open.
        """
        now = datetime.now(UTC)
        with writing(self._engine, "changing a draft") as connection:
            changed = connection.execute(
                update(draft)
                .where(draft.c.id == draft_id, draft.c.version == version, draft.c.state.in_(OPEN_STATES))
                .values(**changes, version=version + 1, updated_at=now)
            )
            if changed.rowcount == 1:
                _note_event(connection, draft_id, actor=actor, action=action, detail=detail)
        current = self.get(draft_id)
        if changed.rowcount != 1:
            if current.state not in OPEN_STATES:
                raise DraftStateError(f"draft {draft_id} is already {current.state}", draft_id=draft_id)
            raise DraftStateError(
                f"draft {draft_id} was changed by someone else in the meantime: reload it and try again",
                draft_id=draft_id,
            )
        return current

    def events(self, draft_id: int) -> Sequence[DraftEvent]:
        """Return what was done to a draft, oldest first."""
        query = select(draft_event).where(draft_event.c.draft_id == draft_id).order_by(draft_event.c.id)
        with reading(self._engine, "reading a draft's history") as connection:
            return [
                DraftEvent(timestamp=row.timestamp, actor=row.actor, action=row.action, detail=row.detail)
                for row in connection.execute(query)
            ]

    def counts(self) -> dict[str, int]:
        """Return how many drafts are in each state."""
        query = select(draft.c.state, func.count()).group_by(draft.c.state)
        with reading(self._engine, "counting drafts") as connection:
            return {str(state): int(count) for state, count in connection.execute(query)}


def insert_draft(connection: Connection, new: NewDraft, *, notes_id: int, actor: str) -> int:
    """Keep a new draft within a transaction and return its id."""
    now = datetime.now(UTC)
    inserted = connection.execute(
        insert(draft)
        .values(
            notes_id=notes_id,
            state="draft",
            version=1,
            title=new.title,
            language=new.language,
            content=new.content,
            created_at=now,
            updated_at=now,
        )
        .returning(draft.c.id)
    )
    draft_id = int(inserted.scalar_one())
    _note_event(connection, draft_id, actor=actor, action="captured", detail="")
    return draft_id


def open_drafts(connection: Connection, notes_id: int) -> list[int]:
    """Return the ids of the drafts from these notes that can still be changed, oldest first."""
    query = (
        select(draft.c.id)
        .where(draft.c.notes_id == notes_id, draft.c.state.in_(OPEN_STATES))
        .order_by(draft.c.id)
    )
    return list(connection.execute(query).scalars())


def _note_event(connection: Connection, draft_id: int, *, actor: str, action: str, detail: str) -> None:
    connection.execute(
        insert(draft_event).values(
            draft_id=draft_id, timestamp=datetime.now(UTC), actor=actor, action=action, detail=detail
        )
    )


def _record(row: Row[tuple[object, ...]]) -> DraftRecord:
    return DraftRecord(**row._asdict())
