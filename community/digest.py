"""What a week brought, for a short mail or a page: practices, questions, newcomers, the meeting to come.

Everything is of what the readers may read; nobody is named but newcomers who were welcomed, and those to
members only. Where nothing happened there is nothing to tell.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from community.evidence import Experience, Experiences, PracticePage
from community.life_cycle import LifeCycle
from community.model import Person
from community.moved import Moved
from connector.model import PageHead
from connector.practice import Status
from connector.store import Store
from connector.store.meetings import Meeting
from connector.store.recent import Occurrence
from search.people import PeopleFilter
from search.readable import Readable, restriction

A_WEEK: Final = timedelta(days=7)
DAYS_AHEAD: Final = 14
"""So far ahead a meeting is announced."""
_MOST_OPEN: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestPage:
    """A page that is told of."""

    pageid: int
    title: str
    language: str
    """Code of the language of its prose; empty where it is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPractice:
    """A practice that was put on the wiki."""

    page: DigestPage
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A practice whose status changed."""

    page: DigestPage
    from_status: str
    to_status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A practice that people tried, and how it went: how many said so, never who."""

    page: DigestPage
    worked: int
    partly: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestQuestion:
    """A question."""

    id: int
    text: str
    language: str
    answer: DigestPage | None = None
    """The page that answers, where the readers may read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingAhead:
    """The next meeting."""

    planned_on: date
    starts_at: str
    """`HH:MM`, or empty."""
    title: str
    place: str
    """Told to members only; may be empty."""
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A week."""

    since: datetime
    until: datetime
    new_practices: Sequence[NewPractice] = ()
    steps: Sequence[Step] = ()
    tried: Sequence[Tried] = ()
    answered: Sequence[DigestQuestion] = ()
    asked: Sequence[DigestQuestion] = ()
    """Asked in this week, and open."""
    open_before: int = 0
    """Questions that were open before already."""
    newcomers: int = 0
    """People who were given a contact."""
    named_newcomers: Sequence[Person] = ()
    """Those of them who may be named; told to members only."""
    meeting: MeetingAhead | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened, and no meeting comes: questions that wait on are no news."""
        return not (
            self.new_practices
            or self.steps
            or self.tried
            or self.answered
            or self.asked
            or self.newcomers
            or self.meeting
        )


def week_before(now: datetime, *, day: int) -> tuple[datetime, datetime]:
    """Return the week that ended on the last such day, in UTC.

    Args:
        now: aware.
        day: of the week: 1 is Monday, 7 Sunday; the week ends when it begins.
    """
    today = now.astimezone(UTC).date()
    ended = today - timedelta(days=(today.isoweekday() - day) % 7)
    until = datetime.combine(ended, time(), tzinfo=UTC)
    return until - A_WEEK, until


class Digests:
    """Tells what a week brought. Safe to share between threads; nothing is kept.

    Args:
        store: the mirror, questions, meetings, who was welcomed.
        people: who may be named.
        moved: which pages are new.
        experiences: what was tried.
        life_cycle: how statuses changed.
    """

    def __init__(
        self,
        store: Store,
        *,
        people: PeopleFilter,
        moved: Moved,
        experiences: Experiences,
        life_cycle: LifeCycle,
    ) -> None:
        self._store = store
        self._people = people
        self._moved = moved
        self._experiences = experiences
        self._life_cycle = life_cycle

    def digest(
        self, since: datetime, until: datetime, *, readable: Readable | None = None, for_members: bool = False
    ) -> Digest:
        """Return what happened from one moment on and before another.

        Args:
            since: aware.
            until: aware.
            readable: what all who will read it may read; None: everything.
            for_members: whether only members read it: newcomers are named, and the meeting's place is.
        """
        hidden = self._people.names_left_out
        practices = {
            number: each
            for number, each in self._experiences.pages.readable(readable).items()
            if not hidden(each.head.title)
        }
        welcomed = self._welcomed(since, until)
        still_open = self._store.questions.list(state="open", limit=_MOST_OPEN)
        waiting = {each.id: each for each in still_open if not hidden(each.text)}
        return Digest(
            since=since,
            until=until,
            new_practices=self._new(since, until, practices, readable),
            steps=self._steps(since, until, practices, readable),
            tried=self._tried(since, until, practices, readable),
            answered=self._answered(since, until, readable),
            asked=tuple(
                _question(each) for each in self._store.recent.asked(since, until) if each.id in waiting
            ),
            open_before=sum(1 for each in waiting.values() if each.asked_at < since),
            newcomers=len(welcomed),
            named_newcomers=tuple(welcomed) if for_members else (),
            meeting=self._meeting(until, for_members=for_members),
        )

    def _new(
        self,
        since: datetime,
        until: datetime,
        practices: Mapping[int, PracticePage],
        readable: Readable | None,
    ) -> tuple[NewPractice, ...]:
        changed = self._moved.changed_pages(since, until, readable=readable)
        return tuple(
            NewPractice(page=_page(practices[each.page.pageid]), status=practices[each.page.pageid].status)
            for each in changed
            if each.is_new and each.page.pageid in practices
        )

    def _steps(
        self,
        since: datetime,
        until: datetime,
        practices: Mapping[int, PracticePage],
        readable: Readable | None,
    ) -> tuple[Step, ...]:
        """Return each practice's way through the week: a change of heart is told as what came of it."""
        first: dict[int, str] = {}
        last: dict[int, str] = {}
        for step in self._life_cycle.steps_since(since, readable=readable):
            if step.decided_at < until and step.pageid in practices:
                first.setdefault(step.pageid, step.from_status)
                last[step.pageid] = step.to_status
        return tuple(
            Step(page=_page(practices[number]), from_status=first[number], to_status=status)
            for number, status in last.items()
            if first[number] != status
        )

    def _tried(
        self,
        since: datetime,
        until: datetime,
        practices: Mapping[int, PracticePage],
        readable: Readable | None,
    ) -> tuple[Tried, ...]:
        found = self._experiences.since(since, readable=readable)
        counts: dict[int, Counter[str]] = {}
        for each in found:
            if each.pageid in practices and _was_said_before(each, until):
                counts.setdefault(each.pageid, Counter())[each.outcome] += 1
        return tuple(
            Tried(
                page=_page(practices[number]),
                worked=of_page["worked"],
                partly=of_page["partly"],
                failed=of_page["not"],
            )
            for number, of_page in counts.items()
        )

    def _answered(
        self, since: datetime, until: datetime, readable: Readable | None
    ) -> tuple[DigestQuestion, ...]:
        hidden = self._people.names_left_out
        told = [each for each in self._store.recent.answered(since, until) if not hidden(each.text)]
        pages = self._store.pages.get_many(sorted({each.pageid for each in told if each.pageid is not None}))
        heads = [
            PageHead(pageid=page.pageid, namespace=page.namespace, title=page.title, revid=page.revid)
            for page in pages.values()
        ]
        asked = restriction(readable)
        allowed = {head.pageid for head in heads} if asked is None else asked.among(heads)
        titles = {
            head.pageid: head.title for head in heads if head.pageid in allowed and not hidden(head.title)
        }
        return tuple(
            _question(each, DigestPage(pageid=each.pageid, title=titles[each.pageid], language=""))
            if each.pageid is not None and each.pageid in titles
            else _question(each)
            for each in told
        )

    def _welcomed(self, since: datetime, until: datetime) -> list[Person]:
        found = [
            Person(name=each.name, user_id=number)
            for number, each in self._store.welcomes.all(ended=True).items()
            if since <= each.since < until and self._people.is_person(each.name, number)
        ]
        return sorted(found, key=lambda person: person.name.casefold())

    def _meeting(self, until: datetime, *, for_members: bool) -> MeetingAhead | None:
        first = until.date()
        planned = self._store.meetings.list(
            first_day=first, last_day=first + timedelta(days=DAYS_AHEAD), limit=20
        )
        return next(
            (self._ahead(each, for_members=for_members) for each in planned if not each.cancelled), None
        )

    def _ahead(self, meeting: Meeting, *, for_members: bool) -> MeetingAhead:
        hidden = self._people.names_left_out
        return MeetingAhead(
            planned_on=meeting.planned_on,
            starts_at=meeting.starts_at,
            title="" if hidden(meeting.title) else meeting.title,
            place=meeting.place if for_members and not hidden(meeting.place) else "",
            language=meeting.language,
        )


def _page(practice: PracticePage) -> DigestPage:
    return DigestPage(
        pageid=practice.head.pageid, title=practice.head.title, language=practice.language or ""
    )


def _question(found: Occurrence, answer: DigestPage | None = None) -> DigestQuestion:
    return DigestQuestion(id=found.id, text=found.text, language=found.language, answer=answer)


def _was_said_before(experience: Experience, until: datetime) -> bool:
    if experience.said_at is not None:
        return experience.said_at < until
    return experience.day is not None and experience.day < until.date()
