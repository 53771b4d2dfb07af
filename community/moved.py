"""What moved since the last meeting, or since any other moment: pages, statuses, questions, people."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal

from community.model import Evidence, Since
from connector.model import PageHead
from connector.store import Store
from connector.store.recent import EditsOfPage, Occurrence
from search.people import PeopleFilter
from search.readable import Readable, restriction

WITHOUT_A_MEETING: Final = timedelta(days=30)
"""How far is looked back where no meeting is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedPage:
    """A page that people edited in a span of time."""

    page: PageHead
    edits: int
    last_at: datetime
    last_revid: int
    is_new: bool
    """Whether it was made in that span."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnPage:
    """Something that happened to a practice: a step of its status, an experience."""

    pageid: int
    at: datetime


class Moved:
    """Tells what moved. Safe to share between threads; nothing is kept: the database counts it.

    Args:
        store: the mirror, questions, follow-ups, meetings.
        people: whose edits count: programs and who is left out move nothing.
    """

    def __init__(self, *, store: Store, people: PeopleFilter) -> None:
        self._store = store
        self._people = people

    def last_meeting(self, *, now: datetime) -> Evidence | None:
        """Return the last meeting before today, by its notes or by its plan; None where none is known."""
        held = self._store.recent.last_notes(now.date())
        told = None if held is None else Evidence(kind="notes", id=held[0], label=held[1], when=held[2])
        planned = self._store.meetings.list(last_day=now.date() - timedelta(days=1), cancelled=False)
        if not planned:
            return told
        last = max(planned, key=lambda meeting: (meeting.planned_on, meeting.id))
        if held is not None and held[2] >= last.planned_on:
            return told
        return Evidence(kind="meeting", id=last.id, label=last.title, when=last.planned_on)

    def moment(self, day: date | None, *, now: datetime) -> tuple[datetime, Evidence | None]:
        """Return the moment to look back to, and the meeting that it is of, where it is one's.

        Args:
            day: which counts as a whole: notes are published the same evening. None: the last meeting's, or
                thirty days ago where none is known.
            now: aware.
        """
        meeting = self.last_meeting(now=now)
        held_on = meeting.when if meeting is not None else None
        if day is None and isinstance(held_on, date):
            return _midnight(held_on), meeting
        if day is None:
            return now - WITHOUT_A_MEETING, None
        return _midnight(day), meeting if held_on == day else None

    def changed_pages(
        self, since: datetime, until: datetime, *, readable: Readable | None = None
    ) -> list[ChangedPage]:
        """Return the content pages that people edited in a span of time, the one edited last first.

        Args:
            since: from this moment on.
            until: and before this one.
            readable: what who asks may read; None: everything.
        """
        site = self._store.site.get()
        if site is None:
            return []
        content = [number for number, namespace in site.namespaces.items() if namespace.content] or [0]
        edits = self._store.recent.edits(since, until, namespaces=content)
        by_page: dict[int, list[EditsOfPage]] = defaultdict(list)
        for each in edits:
            if each.user is None or self._people.is_person(each.user, each.user_id):
                by_page[each.page.pageid].append(each)
        asked = restriction(readable)
        if asked is not None:
            allowed = asked.among([theirs[0].page for theirs in by_page.values()])
            by_page = defaultdict(list, {i: theirs for i, theirs in by_page.items() if i in allowed})
        return [
            ChangedPage(
                page=theirs[0].page,
                edits=sum(each.edits for each in theirs),
                last_at=max(each.last_at for each in theirs),
                last_revid=max(each.last_revid for each in theirs),
                is_new=theirs[0].begun_at >= since,
            )
            for theirs in by_page.values()
            if not self._people.names_left_out(theirs[0].page.title)
        ]

    def since(
        self,
        day: date | None,
        *,
        now: datetime,
        readable: Readable | None = None,
        steps: Iterable[OnPage] = (),
        experiences: Iterable[OnPage] = (),
        newcomers: Sequence[Evidence] = (),
    ) -> Since:
        """Return what moved since a day.

        Args:
            day: as of `moment`.
            now: up to this moment.
            readable: what who asks may read; None: everything.
            steps: changes of status, whenever they were.
            experiences: likewise.
            newcomers: who came, with the moment of their first sign of life.
        """
        moment, meeting = self.moment(day, now=now)
        pages = self.changed_pages(moment, now, readable=readable)
        recent = self._store.recent
        return Since(
            moment=moment,
            meeting=meeting,
            new_pages=tuple(_page(each) for each in pages if each.is_new),
            changed_pages=tuple(_page(each) for each in pages if not each.is_new),
            steps=self._on_pages(steps, moment, now, readable),
            experiences=self._on_pages(experiences, moment, now, readable),
            asked=self._told(recent.asked(moment, now), "question"),
            answered=self._told(recent.answered(moment, now), "question"),
            done=self._told(recent.done(moment, now), "follow_up"),
            newcomers=tuple(
                each for each in newcomers if isinstance(each.when, datetime) and moment <= each.when < now
            ),
        )

    def _told(
        self, found: Iterable[Occurrence], kind: Literal["question", "follow_up"]
    ) -> tuple[Evidence, ...]:
        return tuple(
            Evidence(kind=kind, id=each.id, label=each.text, when=each.at, language=each.language)
            for each in found
            if not self._people.names_left_out(each.text)
        )

    def _on_pages(
        self, found: Iterable[OnPage], since: datetime, until: datetime, readable: Readable | None
    ) -> tuple[Evidence, ...]:
        """Return the pages to which something happened, each as often as it did, the last first."""
        mine = sorted((each for each in found if since <= each.at < until), key=lambda each: each.at)
        pages = self._store.pages.get_many(sorted({each.pageid for each in mine}))
        heads = [
            PageHead(pageid=page.pageid, namespace=page.namespace, title=page.title, revid=page.revid)
            for page in pages.values()
        ]
        asked = restriction(readable)
        allowed = {head.pageid for head in heads} if asked is None else asked.among(heads)
        titles = {head.pageid: head.title for head in heads if head.pageid in allowed}
        return tuple(
            Evidence(kind="page", id=each.pageid, label=titles[each.pageid], when=each.at)
            for each in reversed(mine)
            if each.pageid in titles and not self._people.names_left_out(titles[each.pageid])
        )


def _page(changed: ChangedPage) -> Evidence:
    return Evidence(kind="page", id=changed.page.pageid, label=changed.page.title, when=changed.last_at)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
