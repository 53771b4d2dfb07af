"""Whether pages that were found helped those who asked: counts per page and question, without who.

What is kept of a page goes with it. A question is kept as it was asked, for it is asked again in the exam.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from sqlalchemy import Connection, Engine, delete, insert, select, update

from connector.errors import PageNotFoundError
from connector.store.engine import reading, writing
from connector.store.known_pages import known_pages
from connector.store.questions import LONGEST_QUESTION, question_digest
from connector.store.schema_people import hit_feedback
from connector.store.scrubbing import note_traces
from connector.wikitext.escape import one_line

HitVerdict = Literal["helped", "not_helped"]
MOST_QUESTIONS: Final = 500
"""Questions for which one page is judged; of more those that were judged longest ago are forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HitFeedback:
    """How many said of a page that it helped them with a question, and how many that it did not."""

    pageid: int
    question: str
    """As it was asked first, on one line."""
    helped: int
    not_helped: int
    judged_at: datetime
    """The last time."""


class HitFeedbackStore:
    """Verdicts on hits. Nothing here can be rebuilt: each change is one durable transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def judge(
        self, pageid: int, question: str, verdict: HitVerdict, *, before: HitVerdict | None = None
    ) -> None:
        """Count what somebody says of a page that was found.

        Args:
            pageid: the page.
            question: what they asked; the same words are one question, as on the community's list.
            verdict: whether it helped.
            before: what the same person said of it already, and takes back with this.

        Raises:
            PageNotFoundError: the mirror has no such page.
            ValueError: the question is empty or has more than `LONGEST_QUESTION` characters.
        """
        line = one_line(question)
        if not 1 <= len(line) <= LONGEST_QUESTION:
            raise ValueError(f"a question has 1 to {LONGEST_QUESTION:,} characters")
        digest, now = question_digest(line), datetime.now(UTC)
        table = hit_feedback.c
        with writing(self._engine, "keeping what helped") as connection:
            if pageid not in known_pages(connection, [pageid]):
                raise PageNotFoundError(f"no page {pageid} in the mirror", pageid=pageid)
            known = connection.execute(
                select(hit_feedback).where(table.pageid == pageid, table.digest == digest)
            ).one_or_none()
            counts = {"helped": 0, "not_helped": 0}
            if known is not None:
                counts = {"helped": known.helped, "not_helped": known.not_helped}
            if before is not None:
                counts[before] = max(0, counts[before] - 1)
            counts[verdict] += 1
            if known is not None:
                changed = update(hit_feedback).where(table.id == known.id)
                connection.execute(changed.values(**counts, judged_at=now))
                return
            new = {"pageid": pageid, "digest": digest, "question": line, "judged_at": now}
            connection.execute(insert(hit_feedback).values(**new, **counts))
            _drop_oldest(connection, pageid)

    def all(self) -> Sequence[HitFeedback]:
        """Return all that is kept, by page, the questions of each in the order in which they came."""
        table = hit_feedback.c
        query = select(
            table.pageid, table.question, table.helped, table.not_helped, table.judged_at
        ).order_by(table.pageid, table.id)
        with reading(self._engine, "reading what helped") as connection:
            return [HitFeedback(**row._asdict()) for row in connection.execute(query)]

    def reword(self, rewrite: Callable[[str], str]) -> int:
        """Rewrite questions, as when somebody who is named in them is erased, and return how many changed.

        Args:
            rewrite: gives the text that is to stand instead of a question's; what it gives back unchanged
                stays. Of a page's questions that have become one, the counts are one.
        """
        changed = 0
        with writing(self._engine, "rewording what helped") as connection:
            for row in connection.execute(select(hit_feedback).order_by(hit_feedback.c.id)).all():
                text = one_line(rewrite(row.question))[:LONGEST_QUESTION]
                if text != row.question:
                    _reword(connection, row.id, text)
                    changed += 1
            if changed:
                note_traces(connection, "erased")
        return changed


def _reword(connection: Connection, row_id: int, text: str) -> None:
    table = hit_feedback.c
    digest = question_digest(text)
    # Read now: it may have taken in another one a moment ago.
    old = connection.execute(select(hit_feedback).where(table.id == row_id)).one()
    twin = connection.execute(
        select(hit_feedback).where(table.pageid == old.pageid, table.digest == digest, table.id != row_id)
    ).one_or_none()
    new = {"question": text, "digest": digest}
    if twin is None:
        connection.execute(update(hit_feedback).where(table.id == row_id).values(**new))
        return
    connection.execute(delete(hit_feedback).where(table.id == row_id))
    connection.execute(
        update(hit_feedback)
        .where(table.id == twin.id)
        .values(
            **new,
            helped=twin.helped + old.helped,
            not_helped=twin.not_helped + old.not_helped,
            judged_at=max(twin.judged_at, old.judged_at),
        )
    )


def _drop_oldest(connection: Connection, pageid: int) -> None:
    """Forget, of the questions for which a page was judged, the oldest beyond `MOST_QUESTIONS`."""
    table = hit_feedback.c
    kept = (
        select(table.id)
        .where(table.pageid == pageid)
        .order_by(table.judged_at.desc(), table.id.desc())
        .limit(MOST_QUESTIONS)
    )
    dropped = delete(hit_feedback).where(table.pageid == pageid, table.id.not_in(kept))
    if connection.execute(dropped).rowcount:
        note_traces(connection, "erased")
