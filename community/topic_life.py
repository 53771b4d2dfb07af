"""How alive topics are: what was written and tried of their pages in a year, as far as a reader may know."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from community.activity import Activity
from community.evidence import Experiences
from search.readable import Readable
from search.topic_map import MapTopic

MONTHS: Final = 12
LIVELY: Final = 1 / 3
"""Of a topic's pages, the part that must have been edited or tried for it to be lively."""

Pulse = Literal["lively", "slow", "asleep"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicLife:
    """What happened to a topic's pages in the last twelve months, the present one included."""

    pages: int
    """Those that were edited or tried."""
    edits: int
    """By people, as `community.activity` counts them."""
    experiences: int
    pulse: Pulse
    """"lively": at least a third of the pages; "slow": some; "asleep": none."""


class TopicLives:
    """Looks at topics. Safe to share between threads."""

    def __init__(self, *, activity: Activity, experiences: Experiences) -> None:
        self._activity = activity
        self._experiences = experiences

    def of(
        self, topics: Sequence[MapTopic], *, now: datetime, readable: Readable | None = None
    ) -> list[TopicLife]:
        """Return the life of each topic.

        Args:
            topics: of the map of who asks.
            now: aware; what came later does not count.
            readable: what who asks may read; None: everything.
        """
        first = _first_day(now)
        edits: Counter[int] = Counter()
        for account in self._activity.accounts(now=now, readable=readable).values():
            for part in account.parts:
                if part.month >= first:
                    edits[part.pageid] += part.edits
        wanted = [page.pageid for topic in topics for page in topic.pages if page.status is not None]
        tried: Counter[int] = Counter()
        for pageid, some in self._experiences.of(wanted, readable).items():
            tried[pageid] = sum(each.day is not None and first <= each.day <= now.date() for each in some)
        return [_life([page.pageid for page in topic.pages], edits, tried) for topic in topics]


def _life(pageids: Sequence[int], edits: Counter[int], tried: Counter[int]) -> TopicLife:
    alive = sum(bool(edits[pageid] or tried[pageid]) for pageid in pageids)
    return TopicLife(
        pages=alive,
        edits=sum(edits[pageid] for pageid in pageids),
        experiences=sum(tried[pageid] for pageid in pageids),
        pulse="lively" if alive and alive >= LIVELY * len(pageids) else "slow" if alive else "asleep",
    )


def _first_day(now: datetime) -> date:
    """Return the first day of the month eleven months ago."""
    day = now.date().replace(day=1)
    for _ in range(MONTHS - 1):
        day = (day - timedelta(days=1)).replace(day=1)
    return day
