"""Meetings that are to come, with what they are to talk about; then with their notes."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, Row, delete, insert, select, update

from connector.errors import NotKeptError
from connector.store.engine import reading, writing
from connector.store.schema_community import meeting
from connector.store.scrubbing import note_traces
from connector.wikitext.escape import one_line

LONGEST_TITLE: Final = 255
LONGEST_PLACE: Final = 255
SHORTEST: Final = 10
LONGEST: Final = 600
"""Minutes of a meeting."""
MOST_ITEMS: Final = 40
"""Of one agenda."""
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")

AgendaRows = tuple[Mapping[str, Any], ...]
"""Items of an agenda in their order: JSON of the community floor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMeeting:
    """What is said of a meeting before it is held."""

    planned_on: date
    starts_at: str = ""
    """`HH:MM` on the clocks of where they meet; empty where nobody has said."""
    title: str
    place: str = ""
    """May be empty."""
    minutes: int
    language: str
    """Code of the language that it is held in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting(PlannedMeeting):
    """A meeting, with its agenda."""

    id: int
    agenda: AgendaRows
    created_by: int | None
    """The account of who planned it; None when it is gone, or when nobody had to sign in."""
    created_at: datetime
    notes_id: int | None
    """Its notes, once somebody has said which they are."""
    cancelled: bool


class MeetingStore:
    """Meetings. Nothing here can be rebuilt: each change is one durable transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def plan(self, planned: PlannedMeeting, *, created_by: int | None) -> Meeting:
        """Keep a meeting that is to be held.

        Args:
            planned: when, where, how long.
            created_by: the account of who plans it.

        Raises:
            ValueError: a text is empty or too long, it is too short or too long, or its time is no time.
        """
        values = _values(planned) | {"agenda": [], "created_by": created_by, "cancelled": False}
        with writing(self._engine, "planning a meeting") as connection:
            inserted = connection.execute(
                insert(meeting).values(**values, created_at=datetime.now(UTC)).returning(meeting.c.id)
            )
            return _one(connection, inserted.scalar_one())

    def get(self, meeting_id: int) -> Meeting:
        """Return a meeting.

        Raises:
            NotKeptError: there is none with this id.
        """
        with reading(self._engine, "reading a meeting") as connection:
            return _one(connection, meeting_id)

    def list(
        self,
        *,
        first_day: date | None = None,
        last_day: date | None = None,
        cancelled: bool = False,
        limit: int = 500,
    ) -> Sequence[Meeting]:
        """Return meetings by their day, the earliest first.

        Args:
            first_day: only those on this day or later.
            last_day: only those on this day or earlier; then the latest are returned when there are too many.
            cancelled: those that were cancelled, too.
            limit: how many at most.
        """
        from_the_end = first_day is None and last_day is not None
        order = (meeting.c.planned_on, meeting.c.starts_at, meeting.c.id)
        query = select(meeting).limit(limit)
        query = query.order_by(*(column.desc() for column in order) if from_the_end else order)
        if first_day is not None:
            query = query.where(meeting.c.planned_on >= first_day)
        if last_day is not None:
            query = query.where(meeting.c.planned_on <= last_day)
        if not cancelled:
            query = query.where(meeting.c.cancelled.is_(False))
        with reading(self._engine, "listing meetings") as connection:
            found = [_meeting(row) for row in connection.execute(query)]
        return found[::-1] if from_the_end else found

    def of_notes(self, notes_id: int) -> Meeting | None:
        """Return the meeting that somebody has said these notes are of."""
        query = select(meeting).where(meeting.c.notes_id == notes_id).order_by(meeting.c.id).limit(1)
        with reading(self._engine, "reading the meeting of notes") as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _meeting(row)

    def change(self, meeting_id: int, planned: PlannedMeeting) -> Meeting:
        """Say anew when, where and how long a meeting is; errors as `plan` and `get`."""
        return self._set(meeting_id, _values(planned))

    def cancel(self, meeting_id: int, *, cancelled: bool = True) -> Meeting:
        """Cancel a meeting, or hold it after all; errors as `get`."""
        return self._set(meeting_id, {"cancelled": cancelled})

    def set_notes(self, meeting_id: int, notes_id: int | None) -> Meeting:
        """Say which notes are of a meeting, and of no other one; errors as `get`."""
        with writing(self._engine, "keeping whose notes these are") as connection:
            if notes_id is not None:
                others = update(meeting).where(meeting.c.notes_id == notes_id)
                connection.execute(others.values(notes_id=None))
            connection.execute(update(meeting).where(meeting.c.id == meeting_id).values(notes_id=notes_id))
            return _one(connection, meeting_id)

    def change_agenda(
        self, meeting_id: int, change: Callable[[AgendaRows], Sequence[Mapping[str, Any]]]
    ) -> Meeting:
        """Change what a meeting is to talk about; what two people change at once is both kept.

        Args:
            meeting_id: which one.
            change: gives the items that are to stand in the place of those there are.

        Raises:
            NotKeptError: there is no such meeting.
            ValueError: there are more than `MOST_ITEMS`.
        """
        with writing(self._engine, "changing an agenda") as connection:
            before = _one(connection, meeting_id).agenda
            after = [dict(item) for item in change(before)]
            if len(after) > MOST_ITEMS:
                raise ValueError(f"an agenda has at most {MOST_ITEMS} items")
            if len(after) < len(before):
                note_traces(connection, "replaced")
            connection.execute(update(meeting).where(meeting.c.id == meeting_id).values(agenda=after))
            return _one(connection, meeting_id)

    def forget(self, meeting_id: int) -> None:
        """Delete a meeting with its agenda; errors as `get`."""
        with writing(self._engine, "deleting a meeting") as connection:
            _one(connection, meeting_id)
            connection.execute(delete(meeting).where(meeting.c.id == meeting_id))
            note_traces(connection, "erased")

    def _set(self, meeting_id: int, values: dict[str, Any]) -> Meeting:
        with writing(self._engine, "changing a meeting") as connection:
            connection.execute(update(meeting).where(meeting.c.id == meeting_id).values(**values))
            return _one(connection, meeting_id)


def _values(planned: PlannedMeeting) -> dict[str, Any]:
    title, place = one_line(planned.title), one_line(planned.place)
    if not 0 < len(title) <= LONGEST_TITLE or len(place) > LONGEST_PLACE:
        raise ValueError(f"a title has 1 to {LONGEST_TITLE} characters, a place at most {LONGEST_PLACE}")
    if not SHORTEST <= planned.minutes <= LONGEST:
        raise ValueError(f"a meeting takes {SHORTEST} to {LONGEST} minutes")
    if planned.starts_at and not _CLOCK.fullmatch(planned.starts_at):
        raise ValueError("a time is written HH:MM")
    return {
        "planned_on": planned.planned_on,
        "starts_at": planned.starts_at,
        "title": title,
        "place": place,
        "minutes": planned.minutes,
        "language": planned.language[:16],
    }


def _one(connection: Connection, meeting_id: int) -> Meeting:
    row = connection.execute(select(meeting).where(meeting.c.id == meeting_id)).one_or_none()
    if row is None:
        raise NotKeptError(f"there is no meeting {meeting_id}")
    return _meeting(row)


def _meeting(row: Row[Any]) -> Meeting:
    return Meeting(**{**row._asdict(), "agenda": tuple(row.agenda)})
