"""How practices went from one status to the next: what people decided here, and what was seen in the wiki."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

from sqlalchemy import Engine, Row, Select, delete, func, insert, select, update

from connector.store.engine import handfuls, reading, upsert, writing
from connector.store.schema_community import practice_status, status_step
from connector.store.schema_people import account
from connector.store.scrubbing import note_traces
from connector.wikitext.escape import one_line

Decision = Literal["accepted", "declined", "seen", "reviewed"]
"""A step that was made here, one that somebody would not make, one that was made in the wiki by hand, and no
step at all: somebody read the page and says that it still stands."""
LONGEST_NOTE: Final = 280


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenStatus:
    """The status that a practice was last seen with."""

    pageid: int
    status: str
    revid: int
    """The newest revision that was looked at."""
    since: datetime
    """When it was first seen with this status, on the page's own clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusStep:
    """A decision about the status of a practice."""

    id: int
    pageid: int
    from_status: str
    to_status: str
    decision: Decision
    decided_at: datetime
    decided_by: int | None
    """The account of who decided; None for what was seen in the wiki, when it is gone, and where nobody
    signs in."""
    decider: str
    """Name of that account; empty without one."""
    decider_user_id: int | None
    """Its number in the wiki."""
    revid: int | None
    """The revision that made the step; None where none did."""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    """What spoke for it then: counts, not names."""
    note: str = ""


class StatusStepStore:
    """Steps and the statuses between them. What people decided cannot be rebuilt."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def seen(self) -> dict[int, SeenStatus]:
        """Return the status that each practice was last seen with, by pageid."""
        with reading(self._engine, "reading statuses") as connection:
            rows = connection.execute(select(practice_status)).all()
        return {row.pageid: SeenStatus(**row._asdict()) for row in rows}

    def see(
        self,
        statuses: Sequence[SeenStatus],
        *,
        gone: Collection[int] = (),
        steps: Sequence[tuple[int, str, str, datetime, int]] = (),
    ) -> None:
        """Note what was seen in the wiki, in one transaction.

        Args:
            statuses: of practices that are new or have changed.
            gone: pages that are no practices any more.
            steps: changes that were made there: page, status before, status after, when, revision.
        """
        if not statuses and not gone and not steps:
            return
        rows = [
            {"pageid": each.pageid, "status": each.status, "revid": each.revid, "since": each.since}
            for each in statuses
        ]
        with writing(self._engine, "noting statuses") as connection:
            upsert(connection, practice_status, rows, key="pageid")
            for ids in handfuls(sorted(gone)):
                connection.execute(delete(practice_status).where(practice_status.c.pageid.in_(ids)))
            for pageid, before, after, when, revid in steps:
                values = _values(pageid, before, after, "seen", decided_at=when, revid=revid)
                connection.execute(insert(status_step).values(values))

    def record(
        self,
        pageid: int,
        from_status: str,
        to_status: str,
        decision: Decision,
        *,
        decided_by: int | None,
        revid: int | None = None,
        evidence: Mapping[str, Any] | None = None,
        note: str = "",
        now: datetime | None = None,
    ) -> StatusStep:
        """Keep what somebody decided.

        Args:
            pageid: the practice.
            from_status: its status then.
            to_status: the one that was proposed; the same for a review.
            decision: what they decided.
            decided_by: the account of who did.
            revid: the revision that made the step.
            evidence: what spoke for it then; counts, not names.
            note: why; put on one line.
            now: the moment; None for the time that it is.

        Raises:
            ValueError: the note has more than `LONGEST_NOTE` characters.
        """
        line = one_line(note)
        if len(line) > LONGEST_NOTE:
            raise ValueError(f"a note has at most {LONGEST_NOTE} characters")
        values = _values(
            pageid, from_status, to_status, decision, decided_at=now or datetime.now(UTC), revid=revid
        )
        values |= {"decided_by": decided_by, "evidence": dict(evidence or {}), "note": line}
        with writing(self._engine, "keeping a decision on a practice") as connection:
            number = connection.execute(
                insert(status_step).values(values).returning(status_step.c.id)
            ).scalar_one()
            return _step(connection.execute(_STEPS.where(status_step.c.id == number)).one())

    def of_page(self, pageid: int) -> list[StatusStep]:
        """Return what was decided of a page, oldest first."""
        return self.of_pages([pageid]).get(pageid, [])

    def of_pages(self, pageids: Sequence[int]) -> dict[int, list[StatusStep]]:
        """Return what was decided of some pages, oldest first; others are not there."""
        found: dict[int, list[StatusStep]] = {}
        with reading(self._engine, "reading steps of practices") as connection:
            for ids in handfuls(list(pageids)):
                for row in connection.execute(_STEPS.where(status_step.c.pageid.in_(ids))):
                    found.setdefault(row.pageid, []).append(_step(row))
        return found

    def since(self, moment: datetime) -> list[StatusStep]:
        """Return what was decided or seen after a moment, of all pages, oldest first."""
        with reading(self._engine, "reading steps of practices") as connection:
            return [_step(row) for row in connection.execute(_STEPS.where(status_step.c.decided_at > moment))]

    def reword(self, rewrite: Callable[[str], str]) -> int:
        """Rewrite notes, as when somebody who is named in them is erased, and return how many changed."""
        with writing(self._engine, "rewording notes on steps") as connection:
            changed = 0
            rows = connection.execute(
                select(status_step.c.id, status_step.c.note).where(status_step.c.note != "")
            ).all()
            for row in rows:
                note = one_line(rewrite(row.note))[:LONGEST_NOTE]
                if note != row.note:
                    connection.execute(
                        update(status_step).where(status_step.c.id == row.id).values(note=note)
                    )
                    changed += 1
            if changed:
                note_traces(connection, "erased")
        return changed


_STEPS: Final[Select[Any]] = (
    select(
        *status_step.c,
        func.coalesce(account.c.name, "").label("decider"),
        account.c.wiki_user_id.label("decider_user_id"),
    )
    .outerjoin(account, account.c.id == status_step.c.decided_by)
    .order_by(status_step.c.decided_at, status_step.c.id)
)


def _values(
    pageid: int, before: str, after: str, decision: Decision, *, decided_at: datetime, revid: int | None
) -> dict[str, Any]:
    return {
        "pageid": pageid,
        "from_status": before,
        "to_status": after,
        "decision": decision,
        "decided_at": decided_at,
        "decided_by": None,
        "revid": revid,
        "evidence": {},
        "note": "",
    }


def _step(row: Row[Any]) -> StatusStep:
    return StatusStep(**row._asdict())
