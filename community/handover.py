"""The hand-over file: all that the next coordinator needs, on one page.

Who, what is open, what is at risk, rites and dates. It is made anew each time it is asked for, of what who
asks may read, and nothing of it is kept.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Final

from capture.follow_ups import FollowUps
from community.calls import Calls, Newcomer
from community.model import Evidence, IfTheyLeave, Person
from community.risk import StalePage, TopicRisk
from connector.store import FollowUpRecord, Question, Store
from connector.store.meetings import Meeting
from search.people import PeopleFilter
from search.readable import Readable

if TYPE_CHECKING:  # it loads numpy
    from community.overview import Overview, Overviews

# A break of summer must not hide that meetings are weekly: the middle of the last gaps counts.
_GAPS: Final = 12
# Of the meetings, this part on one day of the week makes it their day.
_USUAL: Final = 0.6
_MOST_MEETINGS: Final = 12
_MOST_QUESTIONS: Final = 100
_MOST_TOPICS: Final = 12
# Topics that rest on more people than these are not at risk.
_FEW: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often a community meets, as far as its past meetings show."""

    meetings: int
    """How many there were."""
    last: date | None
    every_days: int | None
    """Days between two of them: the median of the last twelve gaps; None with fewer than three meetings."""
    weekday: int | None
    """0 is Monday; None where no day of the week has most of them."""
    next_expected: date | None
    """When the next one would be, if the rhythm goes on: on the usual day, if there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldMeeting:
    """A meeting that there are notes of."""

    notes_id: int
    title: str
    met_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """All that is handed over."""

    made_at: datetime
    wiki: str
    """Name of the wiki."""
    rhythm: Rhythm
    coming: Sequence[Meeting]
    held: Sequence[HeldMeeting]
    """The last ones, newest first."""
    carriers: Sequence[Person]
    """Who carried half of the work in the last twelve months, by the alphabet."""
    newcomers: Sequence[Newcomer]
    actions: Sequence[FollowUpRecord]
    left_questions: Sequence[FollowUpRecord]
    """That meetings left open."""
    questions: Sequence[Question]
    """That the community was asked, the oldest first."""
    decide: Sequence[Evidence]
    """Practices whose status can be decided, or whose pages disagree."""
    drafts: Sequence[tuple[int, str, str]]
    """Number, title and language of the drafts that nobody has published."""
    topics: Sequence[TopicRisk]
    """Those that rest on one person, or on nobody any more."""
    leaving: Sequence[IfTheyLeave]
    stale: Sequence[StalePage]


def rhythm(days: Collection[date], *, today: date) -> Rhythm:
    """Return how often a community meets.

    Args:
        days: of its meetings; those after today do not count.
        today: the next one is not expected before.
    """
    held = sorted({day for day in days if day <= today})
    gaps = [(later - earlier).days for earlier, later in pairwise(held)][-_GAPS:]
    if len(held) < 3:
        last = held[-1] if held else None
        return Rhythm(meetings=len(held), last=last, every_days=None, weekday=None, next_expected=None)
    every = round(median(gaps))
    weekday, times = Counter(day.weekday() for day in held[-_GAPS:]).most_common(1)[0]
    usual = weekday if times >= _USUAL * len(held[-_GAPS:]) else None
    expected = held[-1] + timedelta(days=every)
    while expected < today:
        expected += timedelta(days=every)
    if usual is not None and every >= 7:
        # The usual day that is nearest.
        off = (usual - expected.weekday() + 3) % 7 - 3
        expected += timedelta(days=off)
        if expected < today:
            expected += timedelta(days=7)
    return Rhythm(meetings=len(held), last=held[-1], every_days=every, weekday=usual, next_expected=expected)


class HandOvers:
    """Makes hand-over files. Safe to share between threads.

    Args:
        store: meetings, notes, questions, drafts.
        people: who may be named: a text that names somebody else is left out.
        follow_ups: what meetings left to do.
        calls: who is new.
        overviews: what is at risk, and who carries it.
    """

    def __init__(
        self,
        *,
        store: Store,
        people: PeopleFilter,
        follow_ups: FollowUps,
        calls: Calls,
        overviews: "Overviews",
    ) -> None:
        self._store = store
        self._people = people
        self._follow_ups = follow_ups
        self._calls = calls
        self._overviews = overviews

    def make(self, *, now: datetime, readable: Readable | None = None) -> HandOver:
        """Return what is handed over now.

        Args:
            now: aware.
            readable: what who asks may read: nothing else is told or counted. None: everything.

        Raises:
            IndexNotBuiltError: there is no index yet.
        """
        overview = self._overviews.of(now=now, readable=readable)
        site = self._store.site.get()
        today = now.date()
        notes = [each for each in self._store.notes.list() if each.met_on is not None]
        held = sorted(
            (
                HeldMeeting(notes_id=each.id, title=each.title or "", met_on=each.met_on)
                for each in notes
                if each.met_on is not None and each.met_on <= today
            ),
            key=lambda each: (each.met_on, each.notes_id),
            reverse=True,
        )
        planned = self._store.meetings.list(last_day=today - timedelta(days=1))
        days = {each.met_on for each in held} | {each.planned_on for each in planned}
        left = [one for one in self._follow_ups.open() if self._may_stand(one.text)]
        questions = self._store.questions.list(state="open", limit=_MOST_QUESTIONS)
        return HandOver(
            made_at=now,
            wiki=site.name if site is not None else "",
            rhythm=rhythm(days, today=today),
            coming=[
                each for each in self._store.meetings.list(first_day=today) if self._may_stand(each.title)
            ],
            held=[each for each in held if self._may_stand(each.title)][:_MOST_MEETINGS],
            carriers=overview.load.carriers,
            newcomers=self._calls.newcomers(now=now, readable=readable),
            actions=[self._owned(one) for one in left if one.kind == "action"],
            left_questions=[one for one in left if one.kind == "question"],
            questions=[each for each in reversed(questions) if self._may_stand(each.text)],
            decide=_to_decide(overview),
            drafts=[
                (each.id, each.title, each.language)
                for each in self._store.drafts.list()
                if each.state in ("draft", "review") and self._may_stand(each.title)
            ],
            topics=[each for each in overview.topics if each.absence_factor_now <= _FEW][:_MOST_TOPICS],
            leaving=overview.leaving,
            stale=overview.stale,
        )

    def _owned(self, action: FollowUpRecord) -> FollowUpRecord:
        """Return an action without an owner who may not be named."""
        if action.owner is None or self._people.named([action.owner]):
            return action
        return replace(action, owner=None)

    def _may_stand(self, text: str) -> bool:
        return not self._people.names_left_out(text)


def _to_decide(overview: "Overview") -> list[Evidence]:
    """Return the pages that wait for a decision, each once."""
    kinds = ("contradiction", "promotion", "step_back")
    found: dict[int, Evidence] = {}
    for item in overview.items:
        if item.kind in kinds and not item.missing:
            for each in item.evidence:
                if each.kind == "page" and each.id is not None:
                    found.setdefault(each.id, each)
    return list(found.values())
