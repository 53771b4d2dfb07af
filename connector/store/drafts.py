"""Meeting notes as they were given, the drafts made from them, and who did what to each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Table, func, insert, select, update

from connector.errors import DraftNotFoundError, DraftStateError
from connector.store.engine import reading, writing
from connector.store.schema import draft, draft_event, notes


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredNotes:
    """Meeting notes, byte for byte."""

    id: int
    sha256: str
    filename: str
    media_type: str
    original: bytes
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRecord:
    """A draft and its state; `content` is the capture floor's JSON."""

    id: int
    notes_id: int
    state: str
    """`draft`, `published` or `dropped`."""
    version: int
    title: str
    language: str
    content: str
    created_at: datetime
    updated_at: datetime
    pageid: int | None = None
    revid: int | None = None
    published_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftEvent:
    """Something that someone did to a draft."""

    timestamp: datetime
    actor: str
    action: str
    detail: str


class DraftStore:
    """Notes and drafts. Nothing here can be rebuilt: each change is one durable transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add_notes(self, *, sha256: str, filename: str, media_type: str, original: bytes) -> int:
        """Keep notes and return their id; the same bytes given twice are kept once."""
        with writing(self._engine, "keeping notes") as connection:
            known = connection.execute(
                select(notes.c.id).where(notes.c.sha256 == sha256)
            ).scalar_one_or_none()
            if known is not None:
                return int(known)
            row = {
                "sha256": sha256,
                "filename": filename[:255],
                "media_type": media_type,
                "original": original,
                "created_at": datetime.now(UTC),
            }
            return _inserted_id(connection, notes, row)

    def notes(self, notes_id: int) -> StoredNotes | None:
        """Return notes, or None when there are none with this id."""
        with reading(self._engine, "reading notes") as connection:
            row = connection.execute(select(notes).where(notes.c.id == notes_id)).one_or_none()
        return None if row is None else StoredNotes(**row._asdict())

    def add(self, *, notes_id: int, title: str, language: str, content: str, actor: str) -> int:
        """Keep a new draft and return its id."""
        now = datetime.now(UTC)
        row = {
            "notes_id": notes_id,
            "state": "draft",
            "version": 1,
            "title": title,
            "language": language,
            "content": content,
            "created_at": now,
            "updated_at": now,
        }
        with writing(self._engine, "keeping a draft") as connection:
            draft_id = _inserted_id(connection, draft, row)
            _note_event(connection, draft_id, actor=actor, action="captured", detail="")
        return draft_id

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

    def list(self, *, state: str | None = None, notes_id: int | None = None) -> Sequence[DraftRecord]:
        """Return drafts, newest first; of one state or one set of notes only, when given."""
        query = select(draft).order_by(draft.c.id.desc())
        if state is not None:
            query = query.where(draft.c.state == state)
        if notes_id is not None:
            query = query.where(draft.c.notes_id == notes_id)
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
        **changes: str | int | None,
    ) -> DraftRecord:
        """Change columns of a draft that is still open, and note who did what.

        Args:
            draft_id: which draft.
            version: the version that was read; guards against two people at once.
            actor: who changes it.
            action: what they do (`edited`, `published`, `dropped`).
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
                .where(draft.c.id == draft_id, draft.c.version == version, draft.c.state == "draft")
                .values(**changes, version=version + 1, updated_at=now)
            )
            if changed.rowcount == 1:
                _note_event(connection, draft_id, actor=actor, action=action, detail=detail)
        current = self.get(draft_id)
        if changed.rowcount != 1:
            if current.state != "draft":
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


def _inserted_id(connection: Connection, table: Table, row: dict[str, Any]) -> int:
    inserted = connection.execute(insert(table).values(**row).returning(table.c.id))
    return int(inserted.scalar_one())


def _note_event(connection: Connection, draft_id: int, *, actor: str, action: str, detail: str) -> None:
    connection.execute(
        insert(draft_event).values(
            draft_id=draft_id, timestamp=datetime.now(UTC), actor=actor, action=action, detail=detail
        )
    )


def _record(row: Row[tuple[object, ...]]) -> DraftRecord:
    return DraftRecord(**row._asdict())
