"""Meeting notes as they were given, and all that was made from them at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Engine, delete, insert, select, update

from connector.errors import NotKeptError
from connector.store.capture_jobs import finish_job
from connector.store.drafts import NewDraft, insert_draft, open_drafts
from connector.store.engine import reading, writing
from connector.store.follow_ups import NewFollowUp, refresh_follow_ups
from connector.store.schema import notes
from connector.store.scrubbing import note_traces


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesEntry:
    """Which notes there are, without what stands in them."""

    id: int
    sha256: str
    filename: str
    media_type: str
    created_at: datetime
    title: str | None
    """Of the meeting; None until the notes have been read."""
    met_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredNotes(NotesEntry):
    """Meeting notes, byte for byte."""

    summary: str | None
    """JSON of the capture floor; None until the notes have been read."""
    original: bytes


class NotesStore:
    """Meeting notes. Nothing here can be rebuilt: each change is one durable transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, *, sha256: str, filename: str, media_type: str, original: bytes) -> int:
        """Keep notes and return their id; the same bytes given twice are kept once."""
        with writing(self._engine, "keeping notes") as connection:
            known = connection.execute(
                select(notes.c.id).where(notes.c.sha256 == sha256)
            ).scalar_one_or_none()
            if known is not None:
                return int(known)
            inserted = connection.execute(
                insert(notes)
                .values(
                    sha256=sha256,
                    filename=filename[:255],
                    media_type=media_type,
                    original=original,
                    created_at=datetime.now(UTC),
                )
                .returning(notes.c.id)
            )
            return int(inserted.scalar_one())

    def get(self, notes_id: int) -> StoredNotes | None:
        """Return notes, or None when there are none with this id."""
        with reading(self._engine, "reading notes") as connection:
            row = connection.execute(select(notes).where(notes.c.id == notes_id)).one_or_none()
        return None if row is None else StoredNotes(**row._asdict())

    def list(self) -> Sequence[NotesEntry]:
        """Return which notes there are, newest first."""
        wanted = [column for column in notes.c if column.name not in ("summary", "original")]
        query = select(*wanted).order_by(notes.c.id.desc())
        with reading(self._engine, "listing notes") as connection:
            return [NotesEntry(**row._asdict()) for row in connection.execute(query)]

    def keep_capture(
        self,
        notes_id: int,
        *,
        title: str,
        met_on: date | None,
        summary: str,
        drafts: Sequence[NewDraft],
        follow_ups: Sequence[NewFollowUp],
        actor: str,
        job_id: int | None = None,
    ) -> Sequence[int]:
        """Keep all that was made from notes, or nothing of it; return the ids of the open drafts.

        While drafts of these notes are open, those stay and no other is added: a repeated capture doubles
        nothing and overwrites nothing that a person has corrected.

        Args:
            notes_id: which notes.
            title: of the meeting.
            met_on: its date.
            summary: JSON of the capture floor.
            drafts: in the order of the notes.
            follow_ups: what is to be done, asked and decided.
            actor: who captures.
            job_id: the job that is done with it, if a job does it.

        Raises:
            NotKeptError: the notes, or their job, were deleted in the meantime.
        """
        with writing(self._engine, "keeping what notes say") as connection:
            changed = connection.execute(
                update(notes)
                .where(notes.c.id == notes_id)
                .values(title=title[:512], met_on=met_on, summary=summary)
            )
            if changed.rowcount != 1:
                raise NotKeptError(f"notes {notes_id} were deleted in the meantime")
            if job_id is not None:
                finish_job(connection, job_id)
            known = open_drafts(connection, notes_id)
            if known:
                return known
            refresh_follow_ups(connection, notes_id, follow_ups)
            return [insert_draft(connection, new, notes_id=notes_id, actor=actor) for new in drafts]

    def forget(self, notes_id: int) -> None:
        """Delete notes with all that came from them: drafts, their histories, follow-ups, jobs.

        To be followed by `Store.scrub`, which overwrites it on disk; until then that stays noted.

        Raises:
            NotKeptError: there are no such notes.
        """
        with writing(self._engine, "deleting notes") as connection:
            gone = connection.execute(delete(notes).where(notes.c.id == notes_id))
            if gone.rowcount != 1:
                raise NotKeptError(f"there are no notes {notes_id}")
            note_traces(connection, "erased")
