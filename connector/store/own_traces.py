"""What one person decided, planned and answered here: gathered for themselves, who may see all of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Engine, select

from connector.store.engine import reading
from connector.store.schema_community import ask, judgement, meeting, status_step
from connector.store.schema_people import question


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTraces:
    """All of it; nobody else is named. Questions and pages are told by their numbers."""

    steps: Sequence[tuple[int, str, str, str, datetime, str]]
    """Of practices: pageid, status before and after, what they decided, when, and their note."""
    judgements: Sequence[tuple[str, str, str, datetime, str]]
    """Kind and subject of what was put before them, their verdict, when, and their note."""
    meetings: Sequence[tuple[int, str, date]]
    """That they planned: number, title and day."""
    asks_made: Sequence[tuple[int, datetime, str]]
    """Questions that they asked others: number of the question, when, and what became of it."""
    answers: Sequence[int]
    """Numbers of the questions whose answer they gave."""


class OwnTraceStore:
    """Reads what others' rooms keep by its subject, by who it is of."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, account_id: int, *, wiki_user_id: int) -> OwnTraces:
        """Return what somebody left, the oldest first.

        Args:
            account_id: their account here.
            wiki_user_id: number of their account in the wiki.
        """
        step, judged, planned, made = status_step.c, judgement.c, meeting.c, ask.c
        steps = select(
            step.pageid, step.from_status, step.to_status, step.decision, step.decided_at, step.note
        ).where(step.decided_by == account_id)
        judgements = select(judged.kind, judged.subject, judged.verdict, judged.judged_at, judged.note).where(
            judged.judged_by == account_id
        )
        meetings = select(planned.id, planned.title, planned.planned_on).where(
            planned.created_by == account_id
        )
        asks = select(made.question_id, made.asked_at, made.state).where(made.asked_by == account_id)
        answers = select(question.c.id).where(question.c.answered_by_user_id == wiki_user_id)
        with reading(self._engine, "gathering what somebody left here") as connection:
            return OwnTraces(
                steps=[tuple(row) for row in connection.execute(steps.order_by(step.id))],
                judgements=[tuple(row) for row in connection.execute(judgements.order_by(judged.judged_at))],
                meetings=[tuple(row) for row in connection.execute(meetings.order_by(planned.planned_on))],
                asks_made=[tuple(row) for row in connection.execute(asks.order_by(made.id))],
                answers=list(connection.scalars(answers.order_by(question.c.id))),
            )
