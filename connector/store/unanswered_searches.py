"""What was searched for without a good answer: how often, on how many days, never by whom.

What is searched for can be anything, a name too. So nothing is told that was not searched for several times,
and what nobody has searched for in half a year is forgotten.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine, Row, delete, insert, select, update

from connector.store.engine import reading, writing
from connector.store.questions import LONGEST_QUESTION, question_digest
from connector.store.schema_community import unanswered_search
from connector.store.scrubbing import note_traces
from connector.wikitext.escape import one_line

FORGOTTEN_AFTER: Final = timedelta(days=180)
MOST_KEPT: Final = 5_000
"""Of more, those that were searched for longest ago are forgotten."""
TOLD_FROM: Final = 2
"""So often something is searched for before anybody is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnansweredSearch:
    """Words that nothing answers."""

    digest: str
    """Names it, as 64 hexadecimal digits."""
    language: str
    times: int
    """At most once per visitor and day."""
    days: int
    """On how many days."""
    first_at: datetime
    last_at: datetime
    text: str
    """As it was searched for first, on one line."""


class UnansweredSearchStore:
    """Counts of searches. Nothing here can be rebuilt: each change is one durable transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def count(self, text: str, *, language: str, now: datetime) -> None:
        """Count a search that found no good answer.

        Args:
            text: what was searched for; the same words are one search, as on the community's list.
            language: code of its language.
            now: aware.

        Raises:
            ValueError: it is empty or has more than `LONGEST_QUESTION` characters.
        """
        line = one_line(text)
        if not 1 <= len(line) <= LONGEST_QUESTION:
            raise ValueError(f"a search has 1 to {LONGEST_QUESTION:,} characters")
        table = unanswered_search.c
        digest = question_digest(line)
        with writing(self._engine, "counting a search") as connection:
            known = connection.execute(select(unanswered_search).where(table.digest == digest)).one_or_none()
            if known is None:
                new = {"digest": digest, "language": language[:16], "times": 1, "days": 1, "text": line}
                connection.execute(insert(unanswered_search).values(**new, first_at=now, last_at=now))
                _drop(connection, now)
                return
            connection.execute(
                update(unanswered_search)
                .where(table.digest == digest)
                .values(
                    times=known.times + 1,
                    days=known.days + (known.last_at.date() != now.date()),
                    last_at=max(known.last_at, now),
                )
            )

    def often(self, *, now: datetime, limit: int, least: int = TOLD_FROM) -> Sequence[UnansweredSearch]:
        """Return what was searched for most: on most days, then most often, then last.

        Args:
            now: aware; what was last searched for more than `FORGOTTEN_AFTER` before it is not told.
            limit: how many at most.
            least: only what was searched for so many times.
        """
        table = unanswered_search.c
        query = (
            select(unanswered_search)
            .where(table.times >= max(TOLD_FROM, least), table.last_at >= now - FORGOTTEN_AFTER)
            .order_by(table.days.desc(), table.times.desc(), table.last_at.desc(), table.digest)
        )
        with reading(self._engine, "reading what was searched for") as connection:
            return [_search(row) for row in connection.execute(query.limit(limit))]

    def forget(self, *, now: datetime) -> int:
        """Forget what nobody has searched for in `FORGOTTEN_AFTER`; return how many there were."""
        with writing(self._engine, "forgetting what was searched for") as connection:
            return _drop(connection, now)

    def reword(self, rewrite: Callable[[str], str]) -> int:
        """Drop what a name stands in, as when somebody is erased; return how many were dropped.

        Args:
            rewrite: gives a text as it is to stand; what it gives back unchanged stays.
        """
        gone = []
        with writing(self._engine, "rewording what was searched for") as connection:
            for row in connection.execute(select(unanswered_search)).all():
                if one_line(rewrite(row.text)) != row.text:
                    gone.append(row.digest)
            for digest in gone:
                # Without the name it is no search that anybody made.
                connection.execute(delete(unanswered_search).where(unanswered_search.c.digest == digest))
            if gone:
                note_traces(connection, "erased")
        return len(gone)


def _drop(connection: Connection, now: datetime) -> int:
    table = unanswered_search.c
    kept = select(table.digest).order_by(table.last_at.desc(), table.digest).limit(MOST_KEPT)
    old = delete(unanswered_search).where((table.last_at < now - FORGOTTEN_AFTER) | table.digest.not_in(kept))
    gone = connection.execute(old).rowcount
    if gone:
        note_traces(connection, "erased")
    return gone


def _search(row: Row[Any]) -> UnansweredSearch:
    return UnansweredSearch(**row._asdict())
