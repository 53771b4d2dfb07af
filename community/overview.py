"""The five questions of a coordinator, answered for one reader at one moment.

What should the next meeting talk about? Whom should I call? What is at risk? What moved since the last
meeting? Who carries the load?
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Final, Literal

from community.calls import Calls
from community.evidence import Experiences
from community.life_cycle import LifeCycle
from community.load import Loads
from community.model import AgendaItem, Call, Evidence, IfTheyLeave, Load, Since
from community.moved import Moved, OnPage
from community.next_meeting import Findings, NextMeeting
from community.risk import Risks, StalePage, TopicRisk
from search.readable import Readable

if TYPE_CHECKING:  # it loads numpy
    from search.contradictions import Contradictions

MONTHS: Final = 12
"""Of the load, unless more or fewer are asked for."""
MOST_LEAVING: Final = 10
"""People of whom it is told what they alone know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """All five answers."""

    now: datetime
    items: Sequence[AgendaItem]
    calls: Sequence[Call]
    topics: Sequence[TopicRisk]
    """All of them, the one that hangs by the fewest first."""
    leaving: Sequence[IfTheyLeave]
    stale: Sequence[StalePage]
    since: Since
    load: Load
    own_share: float | None
    """The part of who asks in the load; None where it is not known who asks."""
    pending: Sequence[Literal["contradictions"]] = ()
    """What was not waited for, and is not among the items."""


class Overviews:
    """Answers the five questions. Safe to share between threads; its parts keep what takes long."""

    def __init__(
        self,
        *,
        next_meeting: NextMeeting,
        calls: Calls,
        risks: Risks,
        moved: Moved,
        loads: Loads,
        life_cycle: LifeCycle,
        experiences: Experiences,
        contradictions: "Contradictions",
    ) -> None:
        self.moved = moved
        self._next_meeting = next_meeting
        self._calls = calls
        self._risks = risks
        self._loads = loads
        self._life_cycle = life_cycle
        self._experiences = experiences
        self._contradictions = contradictions

    def of(
        self,
        *,
        now: datetime,
        readable: Readable | None = None,
        since: date | None = None,
        months: int = MONTHS,
        user_id: int | None = None,
        with_contradictions: bool = True,
    ) -> Overview:
        """Return all five answers.

        Args:
            now: aware.
            readable: what who asks may read: nothing else counts anywhere. None: everything.
            since: the day from which on it is told what moved; None: that of the last meeting.
            months: of the load.
            user_id: number in the wiki of the account of who asks.
            with_contradictions: whether to wait for them, where they are not worked out yet.

        Raises:
            IndexNotBuiltError: there is no index yet.
        """
        stale = self._risks.stale(now=now, readable=readable)
        return Overview(
            now=now,
            items=self._items(stale, now=now, readable=readable, with_contradictions=with_contradictions),
            calls=self._calls.all(now=now, readable=readable),
            topics=self._risks.topics(now=now, readable=readable),
            leaving=self._risks.if_they_leave(now=now, readable=readable)[:MOST_LEAVING],
            stale=stale,
            since=self.since(since, now=now, readable=readable),
            load=self._loads.over(months=months, now=now, readable=readable),
            own_share=None
            if user_id is None
            else self._loads.share_of(user_id, months=months, now=now, readable=readable),
            pending=() if with_contradictions else ("contradictions",),
        )

    def warm_up(self, *, now: datetime, stop: Callable[[], bool]) -> None:
        """Work out what takes long and is kept: the next one who asks is answered at once.

        Args:
            now: aware.
            stop: asked between two parts whether to stop.

        Raises:
            IndexNotBuiltError: there is no index yet.
        """
        parts: tuple[Callable[[], object], ...] = (
            lambda: self._risks.topics(now=now),
            self._contradictions.open,
            lambda: self.of(now=now),
        )
        for part in parts:
            if stop():
                return
            part()

    def items(self, *, now: datetime, readable: Readable | None = None) -> list[AgendaItem]:
        """Return what the next meeting should talk about, the most urgent first; arguments as of `of`."""
        return self._items(self._risks.stale(now=now, readable=readable), now=now, readable=readable)

    def since(self, day: date | None, *, now: datetime, readable: Readable | None = None) -> Since:
        """Return what moved since a day, or since the last meeting; arguments as of `of`."""
        moment, _ = self.moved.moment(day, now=now)
        steps = self._life_cycle.steps_since(moment, readable=readable)
        tried = self._experiences.since(moment, readable=readable)
        newcomers = self._calls.newcomers(now=now, readable=readable)
        return self.moved.since(
            day,
            now=now,
            readable=readable,
            steps=[OnPage(pageid=step.pageid, at=step.decided_at) for step in steps],
            experiences=[
                OnPage(pageid=each.pageid, at=each.said_at or _noon(each.tried_on))
                for each in tried
                if each.said_at is not None or each.tried_on is not None
            ],
            newcomers=[
                Evidence(kind="person", id=each.person.user_id, label=each.person.name, when=each.since)
                for each in newcomers
            ],
        )

    def _items(
        self,
        stale: Sequence[StalePage],
        *,
        now: datetime,
        readable: Readable | None,
        with_contradictions: bool = True,
    ) -> list[AgendaItem]:
        findings = Findings(
            steps=self._life_cycle.proposals(now=now, readable=readable),
            contradictions=self._contradictions.open(readable=readable) if with_contradictions else (),
            stale=stale,
        )
        return self._next_meeting.items(findings, now=now, readable=readable)


def _noon(day: date | None) -> datetime:
    """Return a moment for something of which only the day is known."""
    return datetime.combine(day or date.min, time(12), tzinfo=UTC)
