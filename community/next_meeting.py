"""What the next meeting should talk about: what waits for people together, the most urgent first.

Nothing here decides anything. Each item leads to what it was made from, and says how urgent it is in points
whose table is below: a coordinator who wonders why something comes first can count it again.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice
from typing import TYPE_CHECKING, Final

from community.model import AgendaItem, AgendaKind, Evidence, Person
from community.red_links import RedLinks, WantedTitle
from connector.store import FollowUpRecord, Question, Store
from connector.store.unanswered_searches import UnansweredSearch
from search.people import PeopleFilter
from search.readable import Readable
from search.words import fold

if TYPE_CHECKING:  # what finds contradictions loads numpy
    from community.evidence_rules import Proposal
    from community.risk import StalePage
    from search.contradictions import Contradiction

MINUTES: Final[dict[AgendaKind, int]] = {
    "question": 5,
    "action": 3,
    "contradiction": 10,
    "promotion": 5,
    "step_back": 5,
    "unwritten": 5,
    "stale": 5,
    "newcomer": 5,
    "free": 5,
}
"""How long an item takes, as a first guess: whoever plans the meeting changes it."""

POINTS: Final[Mapping[str, float]] = {
    "contradiction": 3.0,
    "put_off": 5.0,
    "action": 2.5,
    "decidable": 2.0,
    "question": 1.5,
    "stale": 1.2,
    "unwritten": 1.0,
    "one_short": 0.8,
}
"""What an item begins with: what misleads people before what only waits. "put_off" is a contradiction that
somebody wants to be talked about at the meeting, "decidable" a status that can be decided now."""
LESS: Final = 0.15
"""Each further item of a kind loses this part of its points: a list begins with some of everything."""
# Waiting adds one point in so many days, up to two.
_DAYS_A_POINT: Final = 30
_MOST_WAITING: Final = 2.0
# Years that nobody has looked a page through add one point at most.
_DAYS_STALE: Final = 3 * 365
# What fewer pages link to is mostly a slip of the pen.
_LEAST_LINKS: Final = 2
_MOST_OF_KIND: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What other parts have found for one reader, at one moment."""

    steps: "Sequence[Proposal]" = ()
    contradictions: "Sequence[Contradiction]" = ()
    stale: "Sequence[StalePage]" = ()


class NextMeeting:
    """Draws up what there is to talk about. Safe to share between threads.

    Args:
        store: questions, follow-ups, and what was searched for without an answer.
        people: who may be named. What names somebody who is left out is on no list.
        red_links: titles that pages link to, and nobody has written.
    """

    def __init__(self, *, store: Store, people: PeopleFilter, red_links: RedLinks) -> None:
        self._store = store
        self._people = people
        self._red_links = red_links

    def items(
        self, findings: Findings, *, now: datetime, readable: Readable | None = None
    ) -> list[AgendaItem]:
        """Return all items, the most urgent first.

        Args:
            findings: what this reader may read of what other parts have found.
            now: the moment that waiting is counted up to.
            readable: what who asks may read; None: everything.
        """
        people = self._people.snapshot()  # asked of each of what may be thousands of lines
        # A page that may go back because nobody has looked through it is one item, not two.
        unread = {each.page.id: each.months for each in findings.stale if each.reviewed_on is not None}
        steps = [_step(each, unread=unread.get(each.pageid, 0)) for each in findings.steps]
        back = {each.pageid for each in findings.steps if each.direction == "back"}
        found = [
            *self._questions(now),
            *self._follow_ups(now.date(), people),
            *_contradictions(findings.contradictions),
            *steps,
            *self._unwritten(now, readable),
            *(_stale(each, now=now) for each in findings.stale if each.page.id not in back),
        ]
        return ranked(found, may_stand=lambda item: not _names_left_out(item, people))

    def _questions(self, now: datetime) -> list[AgendaItem]:
        open_ones = self._store.questions.list(state="open", limit=1_000)
        return [_question(each, now=now) for each in open_ones]

    def _follow_ups(self, today: date, people: PeopleFilter) -> list[AgendaItem]:
        """Return actions that are overdue, and questions that meetings left open."""
        left = self._store.follow_ups.list(kinds=("action", "question"), states=("open",))
        return [
            _follow_up(each, today=today, people=people)
            for each in left
            if each.kind == "question" or (each.due is not None and each.due < today)
        ]

    def _unwritten(self, now: datetime, readable: Readable | None) -> list[AgendaItem]:
        """Return what was searched for and what pages link to; what is called the same is one item."""
        wanted = {fold(each.title.casefold()): each for each in self._red_links.most_wanted(readable)}
        items = []
        for each in self._store.unanswered_searches.often(now=now, limit=_MOST_OF_KIND):
            linked = wanted.pop(fold(each.text.casefold()), None)
            items.append(_searched(each, linked))
        items += [_wanted(each) for each in wanted.values() if len(each.linked_from) >= _LEAST_LINKS]
        return items


def ranked(
    items: Iterable[AgendaItem], *, may_stand: Callable[[AgendaItem], bool] = lambda _: True
) -> list[AgendaItem]:
    """Return items by weight, each further one of a kind weighing less, so that no kind hides the others.

    Args:
        items: in any order.
        may_stand: whether an item may be on the list; not asked of those that are too many anyway.
    """
    by_kind: dict[AgendaKind, list[AgendaItem]] = defaultdict(list)
    for item in items:
        by_kind[item.kind].append(item)
    found = []
    for same in by_kind.values():
        same.sort(key=lambda item: (-item.weight, item.key))
        found += [
            replace(item, weight=round(item.weight * (1 - LESS) ** place, 4))
            for place, item in enumerate(islice(filter(may_stand, same), _MOST_OF_KIND))
        ]
    return sorted(found, key=lambda item: (-item.weight, item.kind, item.key))


def _names_left_out(item: AgendaItem, people: PeopleFilter) -> bool:
    return any(people.names_left_out(text) for text in (item.title, *(each.label for each in item.evidence)))


def _waiting(days: int) -> float:
    return min(_MOST_WAITING, days / _DAYS_A_POINT)


def _question(asked: Question, *, now: datetime) -> AgendaItem:
    days = max(0, (now - asked.asked_at).days)
    return AgendaItem(
        kind="question",
        key=f"question {asked.id}",
        title=asked.text,
        minutes=MINUTES["question"],
        weight=POINTS["question"] + _waiting(days),
        evidence=(Evidence(kind="question", id=asked.id, label=asked.text, when=asked.asked_at),),
        language=asked.language,
        number=days,
    )


def _follow_up(left: FollowUpRecord, *, today: date, people: PeopleFilter) -> AgendaItem:
    since = left.due or left.met_on or left.created_at.date()
    days = max(0, (today - since).days)
    is_action = left.kind == "action"
    named = people.named([left.owner]) if left.owner else ()
    return AgendaItem(
        kind="action" if is_action else "question",
        key=f"action {left.id}" if is_action else f"follow_up {left.id}",
        title=left.text,
        minutes=MINUTES["action" if is_action else "question"],
        weight=POINTS["action" if is_action else "question"] + _waiting(days),
        evidence=(
            Evidence(kind="follow_up", id=left.id, label=left.text, when=left.due),
            Evidence(kind="notes", id=left.notes_id, label=left.meeting, when=left.met_on),
        ),
        person=Person(name=named[0]) if named else None,
        number=days,
    )


def _contradictions(found: "Sequence[Contradiction]") -> list[AgendaItem]:
    """Return an item for each two pages: the meeting has both before it, however often they disagree."""
    pairs: dict[tuple[int, int], list[Contradiction]] = defaultdict(list)
    for each in found:
        first, second = sorted((each.left.pageid, each.right.pageid))
        pairs[first, second].append(each)
    return [_contradiction(pageids, same) for pageids, same in pairs.items()]


def _contradiction(pageids: tuple[int, int], found: "Sequence[Contradiction]") -> AgendaItem:
    quotes = (found[0].left, found[0].right)
    languages = {quote.language for quote in quotes}
    return AgendaItem(
        kind="contradiction",
        key=f"contradiction {pageids[0]}+{pageids[1]}",
        title=" / ".join(dict.fromkeys(quote.title for quote in quotes)),
        minutes=MINUTES["contradiction"],
        weight=POINTS["put_off" if any(each.at_meeting for each in found) else "contradiction"],
        evidence=tuple(
            Evidence(kind="page", id=quote.pageid, label=quote.title, language=quote.language)
            for quote in quotes
        ),
        language=languages.pop() if len(languages) == 1 else "",
        number=len(found),
    )


def _step(proposed: "Proposal", *, unread: int) -> AgendaItem:
    forward = proposed.direction == "forward"
    kind: AgendaKind = "promotion" if forward else "step_back"
    return AgendaItem(
        kind=kind,
        key=proposed.key,
        title=proposed.title,
        minutes=MINUTES[kind],
        weight=POINTS["one_short" if proposed.missing else "decidable"],
        evidence=(Evidence(kind="page", id=proposed.pageid, label=proposed.title),),
        status=proposed.to_status,
        missing=proposed.missing,
        language=proposed.language,
        number=0 if forward else unread,
    )


def _stale(stale: "StalePage", *, now: datetime) -> AgendaItem:
    unread = (now.date() - stale.reviewed_on).days if stale.reviewed_on is not None else 0
    return AgendaItem(
        kind="stale",
        key=f"stale {stale.page.id}",
        title=stale.page.label,
        minutes=MINUTES["stale"],
        weight=POINTS["stale"] + min(1.0, unread / _DAYS_STALE),
        evidence=(stale.page,),
        language=stale.page.language,
        number=stale.months if stale.reviewed_on is not None else 0,
    )


def _searched(searched: UnansweredSearch, linked: WantedTitle | None) -> AgendaItem:
    sources = linked.linked_from if linked is not None else ()
    wanted = searched.times + len(sources)
    return AgendaItem(
        kind="unwritten",
        key=f"unwritten search {searched.digest[:16]}",
        title=searched.text,
        minutes=MINUTES["unwritten"],
        weight=_wanted_by(wanted),
        evidence=(Evidence(kind="search", label=searched.text, when=searched.last_at), *sources),
        language=searched.language,
        number=wanted,
    )


def _wanted(title: WantedTitle) -> AgendaItem:
    return AgendaItem(
        kind="unwritten",
        key=f"unwritten page {title.title}",
        title=title.title,
        minutes=MINUTES["unwritten"],
        weight=_wanted_by(len(title.linked_from)),
        evidence=tuple(title.linked_from),
        number=len(title.linked_from),
    )


def _wanted_by(number: int) -> float:
    """Return the points of something that is missed so often: twice as often is half a point more."""
    return POINTS["unwritten"] + min(_MOST_WAITING, math.log2(max(1, number)) / 2)
