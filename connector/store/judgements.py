"""What people decided of things that were put before them, so that nothing is put before them twice.

A thing is known by its kind and its subject, which is short and names no person: "12+45", "revision 9".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Engine, Row, Select, delete, func, select

from connector.store.engine import handfuls, insert, reading, writing
from connector.store.schema_community import judgement
from connector.store.schema_people import account
from connector.store.scrubbing import note_traces
from connector.wikitext.escape import one_line

LONGEST_KIND: Final = 24
LONGEST_SUBJECT: Final = 128
LONGEST_VERDICT: Final = 24
LONGEST_NOTE: Final = 280


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What somebody decided of one thing."""

    kind: str
    subject: str
    verdict: str
    """A word of whoever asks: "settled", "pass", "thanked"."""
    judged_by: int | None
    """Their account; None when it is gone, or when nobody had to sign in."""
    judge: str
    """Name of that account; empty without one."""
    judged_at: datetime
    note: str
    """On one line; empty when nothing was said."""


class JudgementStore:
    """Judgements. Nothing here can be rebuilt: each change is one durable transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(
        self, kind: str, subject: str, verdict: str, *, judged_by: int | None, note: str = ""
    ) -> Judgement:
        """Keep what somebody decided, in the place of what was decided before of the same thing.

        Args:
            kind: of thing: 1 to `LONGEST_KIND` characters.
            subject: names the thing within its kind: 1 to `LONGEST_SUBJECT` characters.
            verdict: what was decided: 1 to `LONGEST_VERDICT` characters.
            judged_by: the account of who decided.
            note: why; put on one line.

        Raises:
            ValueError: a text is empty or too long.
        """
        line = one_line(note)
        for name, text, longest in (
            ("kind", kind, LONGEST_KIND),
            ("subject", subject, LONGEST_SUBJECT),
            ("verdict", verdict, LONGEST_VERDICT),
        ):
            if not 0 < len(text) <= longest:
                raise ValueError(f"the {name} of a judgement has 1 to {longest} characters")
        if len(line) > LONGEST_NOTE:
            raise ValueError(f"a note has at most {LONGEST_NOTE} characters")
        values = {"verdict": verdict, "judged_by": judged_by, "judged_at": datetime.now(UTC), "note": line}
        with writing(self._engine, "keeping a judgement") as connection:
            statement = insert(connection, judgement).values(kind=kind, subject=subject, **values)
            connection.execute(
                statement.on_conflict_do_update(index_elements=["kind", "subject"], set_=values)
            )
            query = _JUDGEMENTS.where(judgement.c.kind == kind, judgement.c.subject == subject)
            return _judgement(connection.execute(query).one())

    def get(self, kind: str, subject: str) -> Judgement | None:
        """Return what was decided of a thing; None when nobody has decided yet."""
        query = _JUDGEMENTS.where(judgement.c.kind == kind, judgement.c.subject == subject)
        with reading(self._engine, "reading a judgement") as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _judgement(row)

    def of_kind(self, kind: str) -> Mapping[str, Judgement]:
        """Return what was decided of all things of a kind, by their subject, newest first."""
        query = _JUDGEMENTS.where(judgement.c.kind == kind).order_by(
            judgement.c.judged_at.desc(), judgement.c.subject
        )
        with reading(self._engine, "listing judgements") as connection:
            return {row.subject: _judgement(row) for row in connection.execute(query)}

    def forget(self, kind: str, subjects: Sequence[str]) -> int:
        """Take back what was decided of things, and return of how many something was."""
        gone = 0
        with writing(self._engine, "forgetting judgements") as connection:
            for some in handfuls(list(subjects)):
                found = connection.execute(
                    delete(judgement).where(judgement.c.kind == kind, judgement.c.subject.in_(some))
                )
                gone += found.rowcount
            if gone:
                note_traces(connection, "erased")  # a note may say anything
        return gone


_JUDGEMENTS: Final[Select[Any]] = select(
    judgement, func.coalesce(account.c.name, "").label("judge")
).outerjoin(account, account.c.id == judgement.c.judged_by)


def _judgement(row: Row[Any]) -> Judgement:
    return Judgement(**row._asdict())
