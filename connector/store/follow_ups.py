"""What meetings leave behind: actions and open questions until someone closes them, and decisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, delete, func, insert, select, update

from connector.errors import NotKeptError
from connector.store.engine import reading, writing
from connector.store.schema import follow_up, notes


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFollowUp:
    """A follow-up that is to be kept."""

    kind: str
    """`action`, `question` or `decision`."""
    text: str
    owner: str | None = None
    due: date | None = None
    state: str = "open"
    """`open` or `done`; of a decision `decided` or `proposed`."""
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpRecord:
    """A follow-up, and the meeting that it comes from."""

    id: int
    notes_id: int
    kind: str
    """`action`, `question` or `decision`."""
    state: str
    """`open`, `done` or `dropped`; of a decision `decided` or `proposed`."""
    text: str
    owner: str | None
    due: date | None
    lines: tuple[int, ...]
    created_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    closed_in: int | None
    """The notes that say that it is done, when it was closed because of them."""
    meeting: str
    """Title of the meeting; may be empty."""
    met_on: date | None


class FollowUpStore:
    """Follow-ups, each with the state that people gave it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, follow_up_id: int) -> FollowUpRecord:
        """Return a follow-up.

        Raises:
            NotKeptError: there is none with this id.
        """
        found = self._select(follow_up.c.id == follow_up_id)
        if not found:
            raise NotKeptError(f"there is no follow-up {follow_up_id}")
        return found[0]

    def list(
        self,
        *,
        kinds: Sequence[str] | None = None,
        states: Sequence[str] | None = None,
        notes_id: int | None = None,
    ) -> Sequence[FollowUpRecord]:
        """Return follow-ups in the order of their notes; of some kinds, states or notes only, when given."""
        conditions: tuple[ColumnElement[bool], ...] = ()
        if kinds is not None:
            conditions += (follow_up.c.kind.in_(kinds),)
        if states is not None:
            conditions += (follow_up.c.state.in_(states),)
        if notes_id is not None:
            conditions += (follow_up.c.notes_id == notes_id,)
        return self._select(*conditions)

    def set_state(
        self,
        follow_up_id: int,
        *,
        state: str,
        expected: Sequence[str],
        actor: str,
        closed_in: int | None = None,
    ) -> bool:
        """Give a follow-up another state, if it still is in an expected one; say whether it was.

        Args:
            follow_up_id: which one.
            state: the new state; `open` forgets who closed it.
            expected: the states that it may be in.
            actor: who does it.
            closed_in: the notes that say so.
        """
        closing = state != "open"
        with writing(self._engine, "closing a follow-up") as connection:
            changed = connection.execute(
                update(follow_up)
                .where(follow_up.c.id == follow_up_id, follow_up.c.state.in_(expected))
                .values(
                    state=state,
                    closed_at=datetime.now(UTC) if closing else None,
                    closed_by=actor if closing else None,
                    closed_in=closed_in if closing else None,
                )
            )
        return changed.rowcount == 1

    def _select(self, *conditions: ColumnElement[bool]) -> Sequence[FollowUpRecord]:
        query = (
            select(follow_up, func.coalesce(notes.c.title, "").label("meeting"), notes.c.met_on)
            .join(notes, notes.c.id == follow_up.c.notes_id)
            .where(*conditions)
            .order_by(follow_up.c.notes_id, follow_up.c.id)
        )
        with reading(self._engine, "listing follow-ups") as connection:
            rows = [row._asdict() for row in connection.execute(query)]
        return [FollowUpRecord(**{**row, "lines": tuple(row["lines"])}) for row in rows]


def refresh_follow_ups(connection: Connection, notes_id: int, found: Sequence[NewFollowUp]) -> None:
    """Keep, within a transaction, what notes leave behind.

    Notes may be read again: what is known already keeps the state that people gave it, and gets the owner,
    the date and the lines that are found now; what was closed stays, and what is open and not found any more
    goes.
    """
    known = connection.execute(
        select(follow_up).where(follow_up.c.notes_id == notes_id).order_by(follow_up.c.id)
    ).all()
    left = [*found]
    again = _again(known, left)
    for row_id, new in again.items():
        # People close actions and questions; of a decision the state is what the notes say.
        changes = {"owner": new.owner, "due": new.due, "lines": list(new.lines)}
        changes |= {"state": new.state} if new.kind == "decision" else {}
        connection.execute(update(follow_up).where(follow_up.c.id == row_id).values(changes))
    stale = [row.id for row in known if row.id not in again and row.state not in ("done", "dropped")]
    connection.execute(delete(follow_up).where(follow_up.c.id.in_(stale)))
    now = datetime.now(UTC)
    rows = [
        {
            "notes_id": notes_id,
            "kind": new.kind,
            "state": new.state,
            "text": new.text,
            "owner": new.owner,
            "due": new.due,
            "lines": list(new.lines),
            "created_at": now,
            "closed_at": now if new.state == "done" else None,
            "closed_in": notes_id if new.state == "done" else None,
        }
        for new in left
    ]
    if rows:
        connection.execute(insert(follow_up), rows)


def _again(known: Sequence[Row[Any]], left: list[NewFollowUp]) -> dict[int, NewFollowUp]:
    """Take out of `left` what is known already, and return it by the id of its row.

    Two people may have the same to do, and one person twice: who and which lines tell them apart, as long as
    both readings found the same.
    """
    found: dict[int, NewFollowUp] = {}
    for alike in (("owner", "lines"), ("owner",), ()):
        for row in known:
            if row.id in found:
                continue
            told = NewFollowUp(kind=row.kind, text=row.text, owner=row.owner, lines=tuple(row.lines))
            wanted = attrgetter("kind", "text", *alike)
            place = next((i for i, new in enumerate(left) if wanted(new) == wanted(told)), None)
            if place is not None:
                found[row.id] = left.pop(place)
    return found
