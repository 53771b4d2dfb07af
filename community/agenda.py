"""The agenda of a meeting: which items it has, how long each takes, and which of them are settled.

Of an item that comes from somewhere only the key is kept, so that a question that is reworded, a page that is
moved, hidden or deleted, and somebody who is erased are on no agenda as they were before.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from capture.follow_ups import FollowUps
from community.model import AgendaItem, Evidence, Person
from connector.errors import NotKeptError
from connector.model import Page, PageHead, Site
from connector.practice import from_wikitext
from connector.store import Store
from connector.store.meetings import AgendaRows, Meeting
from connector.wikitext.escape import one_line
from search.people import PeopleFilter
from search.readable import Readable, restriction

LONGEST_ITEM: Final = 280
"""Characters of an item that somebody writes."""
MOST_MINUTES: Final = 240
"""Of one item."""
ROUND_MINUTES: Final = 5
"""Of the round that opens a meeting, and of the one that closes it."""
_OF_PAGES: Final = frozenset({"contradiction", "promotion", "step_back", "stale"})
_FOLLOW_UPS: Final = frozenset({"action", "follow_up"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaLine:
    """An item of an agenda, in its place."""

    item: AgendaItem
    """As it is called now; its minutes are those that were asked for."""
    minutes: int
    """That it has, so that all fits into the meeting."""
    offset: int
    """Minutes from the beginning of the meeting."""
    settled: bool
    """Whether there is nothing left to talk about: somebody said so, or what it is about is closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """What a meeting is to talk about; all minutes together are the meeting's."""

    meeting: Meeting
    opening: int
    """Minutes of the round that opens it."""
    lines: Sequence[AgendaLine]
    rest: int
    """Minutes that nothing is planned for."""
    closing: int
    """Minutes of the round that closes it."""


class Agendas:
    """Reads and changes agendas. Safe to share between threads.

    Args:
        store: where they are.
        people: who may be named; an item that names somebody else is on no agenda.
        follow_ups: what meetings left to do, and who does it.
    """

    def __init__(self, *, store: Store, people: PeopleFilter, follow_ups: FollowUps) -> None:
        self._store = store
        self._people = people
        self._follow_ups = follow_ups

    def of(self, meeting: Meeting, *, held: bool, readable: Readable | None = None) -> Agenda:
        """Return the agenda of a meeting as somebody may read it.

        Args:
            meeting: which one.
            held: whether it is over; before that, what is settled takes no time.
            readable: what who asks may read: items on other pages are not there. None: everything.
        """
        site = self._store.site.get()
        pages = self._pages(meeting.agenda, readable)
        found = []
        for row in meeting.agenda:
            item = self._item(row, pages)
            if item is not None and not self._people.names_left_out(item.title):
                found.append((item, bool(row.get("settled")) or self._is_closed(item, pages, site)))
        timed = [item.minutes if held or not settled else 0 for item, settled in found]
        given, rest = share_minutes([ROUND_MINUTES, *timed, ROUND_MINUTES], meeting.minutes)
        lines, offset = [], given[0]
        for (item, settled), minutes in zip(found, given[1:-1], strict=True):
            lines.append(AgendaLine(item=item, minutes=minutes, offset=offset, settled=settled))
            offset += minutes
        return Agenda(meeting=meeting, opening=given[0], lines=lines, rest=rest, closing=given[-1])

    def add(self, meeting_id: int, items: Sequence[AgendaItem]) -> Meeting:
        """Put items at the end of an agenda; those that it has already stay where they are.

        Raises:
            NotKeptError: there is no such meeting.
            ValueError: there would be too many.
        """

        def added(before: AgendaRows) -> Sequence[Mapping[str, Any]]:
            known = {row["key"] for row in before}
            return [*before, *(_row(item) for item in items if item.key not in known)]

        return self._store.meetings.change_agenda(meeting_id, added)

    def add_free(self, meeting_id: int, text: str, *, minutes: int, language: str) -> Meeting:
        """Put an item that somebody writes at the end of an agenda.

        Raises:
            NotKeptError: there is no such meeting.
            ValueError: the text or the minutes do not fit, or there would be too many items.
        """
        title = one_line(text)
        if not 0 < len(title) <= LONGEST_ITEM or not 0 < minutes <= MOST_MINUTES:
            raise ValueError(f"an item has 1 to {LONGEST_ITEM} characters and 1 to {MOST_MINUTES} minutes")

        def added(before: AgendaRows) -> Sequence[Mapping[str, Any]]:
            numbers = [_number_in(row["key"]) or 0 for row in before if row["kind"] == "free"]
            key = f"free {max(numbers, default=0) + 1}"
            item = AgendaItem(kind="free", key=key, title=title, minutes=minutes, weight=0, language=language)
            return [*before, _row(item)]

        return self._store.meetings.change_agenda(meeting_id, added)

    def remove(self, meeting_id: int, key: str) -> Meeting:
        """Take an item off an agenda; errors as `add`."""
        return self._store.meetings.change_agenda(
            meeting_id, lambda before: [row for row in before if row["key"] != key]
        )

    def move(self, meeting_id: int, key: str, *, places: int, among: Sequence[str]) -> Meeting:
        """Move an item towards the end (or the beginning, where `places` is negative); errors as `add`.

        Args:
            meeting_id: of which meeting.
            key: of the item.
            places: by how many places among those that are seen.
            among: keys of the items that who moves it sees, in their order; the others stay behind the same
                ones as before.
        """

        def moved(before: AgendaRows) -> Sequence[Mapping[str, Any]]:
            seen = [row["key"] for row in before if row["key"] in among]
            if key not in seen:
                return before
            place = min(max(seen.index(key) + places, 0), len(seen) - 1)
            seen.remove(key)
            seen.insert(place, key)
            rows = {row["key"]: row for row in before}
            order = iter(seen)
            return [rows[next(order)] if row["key"] in among else row for row in before]

        return self._store.meetings.change_agenda(meeting_id, moved)

    def set_minutes(self, meeting_id: int, minutes: Mapping[str, int]) -> Meeting:
        """Say how long items are to take, by their keys; errors as `add_free`."""
        if not all(0 < each <= MOST_MINUTES for each in minutes.values()):
            raise ValueError(f"an item has 1 to {MOST_MINUTES} minutes")
        return self._change_rows(
            meeting_id, lambda row: {"minutes": minutes.get(row["key"], row["minutes"])}, minutes
        )

    def settle(self, meeting_id: int, keys: Collection[str], *, settled: bool = True) -> Meeting:
        """Say that items need not be talked about any more, or must be after all; errors as `add`."""
        return self._change_rows(meeting_id, lambda _: {"settled": settled}, keys)

    def _change_rows(
        self, meeting_id: int, change: Callable[[Mapping[str, Any]], dict[str, Any]], keys: Collection[str]
    ) -> Meeting:
        return self._store.meetings.change_agenda(
            meeting_id,
            lambda before: [dict(row) | change(row) if row["key"] in keys else row for row in before],
        )

    def _pages(self, rows: AgendaRows, readable: Readable | None) -> dict[int, Page]:
        """Return the pages that items are about, as far as they are there and may be read."""
        wanted = {pageid for row in rows for pageid in _pageids(row)}
        pages = self._store.pages.get_many(sorted(wanted))
        asked = restriction(readable)
        if asked is None:
            return pages
        heads = [
            PageHead(pageid=page.pageid, namespace=page.namespace, title=page.title, revid=page.revid)
            for page in pages.values()
        ]
        allowed = asked.among(heads)
        return {pageid: page for pageid, page in pages.items() if pageid in allowed}

    def _item(self, row: Mapping[str, Any], pages: Mapping[int, Page]) -> AgendaItem | None:
        """Return an item as it is called now; None where it is not there for who asks."""
        kind, key = row["kind"], row["key"]
        item = AgendaItem(
            kind=kind,
            key=key,
            title=row.get("title") or "",
            minutes=row["minutes"],
            weight=0.0,
            language=row.get("language") or "",
            status=key.split()[2] if kind in ("promotion", "step_back") else "",
        )
        source = key.split()[0]
        if kind in _OF_PAGES:
            return _about_pages(item, [pages.get(pageid) for pageid in _pageids(row)])
        if source in _FOLLOW_UPS:
            return self._left_by_a_meeting(item)
        if source == "question":
            return self._asked(item)
        if kind == "newcomer":
            return self._newcomer(item, row.get("person") or {})
        if kind == "unwritten" and row.get("pages"):
            linking = [pages[pageid] for pageid in row["pages"] if pageid in pages]
            # Who may read none of the pages that link there is not told what they link to.
            return replace(item, evidence=tuple(map(_evidence, linking))) if linking else None
        return item if item.title else None

    def _asked(self, item: AgendaItem) -> AgendaItem | None:
        try:
            question = self._store.questions.get(_number_in(item.key) or 0)
        except NotKeptError:
            return None
        evidence = Evidence(kind="question", id=question.id, label=question.text, when=question.asked_at)
        return replace(item, title=question.text, language=question.language, evidence=(evidence,))

    def _left_by_a_meeting(self, item: AgendaItem) -> AgendaItem | None:
        try:
            kept = self._store.follow_ups.get(_number_in(item.key) or 0)
        except NotKeptError:
            return None
        shown = next(one for one in self._follow_ups.of_notes(kept.notes_id) if one.id == kept.id)
        named = self._people.named([shown.owner]) if shown.owner else ()
        return replace(
            item,
            title=shown.text,
            person=Person(name=named[0]) if named else None,
            evidence=(Evidence(kind="follow_up", id=shown.id, label=shown.text, when=shown.due),),
        )

    def _newcomer(self, item: AgendaItem, person: Mapping[str, Any]) -> AgendaItem | None:
        name, user_id = str(person.get("name") or ""), person.get("user_id")
        account = self._store.accounts.of_wiki_user(user_id) if user_id else None
        name = account.name if account is not None else name
        if not name or not self._people.is_person(name, user_id):
            return None
        return replace(item, title=name, person=Person(name=name, user_id=user_id))

    def _is_closed(self, item: AgendaItem, pages: Mapping[int, Page], site: Site | None) -> bool:
        """Whether what an item is about has been closed since."""
        number = _number_in(item.key)
        source = item.key.split()[0]
        if source == "question" and number is not None:
            return self._store.questions.get(number).state != "open"
        if source in _FOLLOW_UPS and number is not None:
            return self._store.follow_ups.get(number).state != "open"
        if item.status and site is not None and number is not None and number in pages:
            page = pages[number]
            practice = from_wikitext(page.title, page.wikitext, site=site)
            return practice is not None and practice.status == item.status
        return False


def share_minutes(wanted: Sequence[int], total: int) -> tuple[list[int], int]:
    """Return how many minutes each of some items gets, and how many are left.

    What does not fit is shared by the largest remainders (Hamilton's method), each item with a wish having a
    minute at least as long as there are as many.

    Args:
        wanted: minutes that each would take; 0 for what takes none.
        total: minutes that there are.
    """
    if sum(wanted) <= total:
        return [*wanted], total - sum(wanted)
    least = 1 if total >= sum(1 for each in wanted if each) else 0
    over = [max(each - least, 0) for each in wanted]
    left = total - sum(least for each in wanted if each)
    quotas = [each * left / sum(over) for each in over] if any(over) else [0.0] * len(over)
    given = [(least if each else 0) + int(quota) for each, quota in zip(wanted, quotas, strict=True)]
    by_remainder = sorted(range(len(wanted)), key=lambda place: (int(quotas[place]) - quotas[place], place))
    takers = [place for place in by_remainder if wanted[place]]
    for place in takers[: total - sum(given)]:
        given[place] += 1
    return given, 0


def _about_pages(item: AgendaItem, pages: Sequence[Page | None]) -> AgendaItem | None:
    if not pages or any(page is None for page in pages):
        return None
    there = [page for page in pages if page is not None]
    titles = dict.fromkeys(page.title for page in there)
    return replace(item, title=" / ".join(titles), evidence=tuple(map(_evidence, there)))


def _evidence(page: Page) -> Evidence:
    return Evidence(kind="page", id=page.pageid, label=page.title)


def _pageids(row: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the pages that an item is about, or that link to what is not written yet."""
    if row["kind"] in _OF_PAGES:
        return tuple(int(part) for part in row["key"].split()[1].split("+"))
    return tuple(row.get("pages") or ())


def _number_in(key: str) -> int | None:
    parts = key.split()
    return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else None


def _row(item: AgendaItem) -> dict[str, Any]:
    """Return what is kept of an item: its words only where they stand nowhere else."""
    own_words = item.kind in ("free", "unwritten")
    person = item.person if item.kind == "newcomer" else None
    linking = [each.id for each in item.evidence if each.kind == "page" and item.kind == "unwritten"]
    return {
        "kind": item.kind,
        "key": item.key,
        "minutes": item.minutes,
        "title": item.title if own_words else "",
        "language": item.language,
        "person": None if person is None else {"name": person.name, "user_id": person.user_id},
        "pages": linking,
        "settled": False,
    }
