"""Who is active: what each account did, month by month, as far as a reader may read it.

Edits are counted as CHAOSS counts contributions (https://chaoss.community/kb/metric-contributors/): each
saved revision is one, whatever its size, of every page that the mirror has, discussions and redirects
included; what was reverted later counts too. Programs, addresses, and people who are left out count nowhere.

In a young wiki everybody's first edit is recent. Who wrote in its first days founded it, and is no newcomer.
"""

import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from community.model import Evidence, Person
from connector.model import PageHead
from connector.store import Store
from connector.store.activity import EditsOfMonth
from connector.store.changes import Mark
from search.people import PeopleFilter
from search.readable import Readable, restriction

FOUNDING: Final = timedelta(days=30)
"""Who wrote within so long of a wiki's first edit founded it: a community that meets each month has met once
by then, and who comes later comes to something that is there already."""
MOST_EVIDENCE: Final = 3
"""Edits that are shown as proof of one person's activity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountActivity:
    """What one person did."""

    user_id: int
    person: Person
    edits: int
    """Above 0."""
    first: datetime
    last: datetime
    by_month: Mapping[date, int]
    """Edits by the first day of the month; only months with any."""
    parts: Sequence[EditsOfMonth]
    """The same by page and month, the last ones first."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """All that the mirror has of who edited what, at one state of the database."""

    rows: Sequence[EditsOfMonth]
    heads: Mapping[int, PageHead]
    everything: Mapping[int, AccountActivity]
    newest: datetime | None


class Activity:
    """What people did in the wiki. Safe to share between threads.

    What was found for who may read everything is kept until the database changes.
    """

    def __init__(self, *, store: Store, people: PeopleFilter) -> None:
        self._store = store
        self._people = people
        self._mutex = threading.Lock()
        self._kept: tuple[Mark, _Seen] | None = None

    def accounts(self, *, now: datetime, readable: Readable | None = None) -> Mapping[int, AccountActivity]:
        """Return what each person did until a moment, by the number of their account.

        Args:
            now: aware; what was saved later does not count.
            readable: what who asks may read: edits of other pages count nowhere. None: everything.
        """
        seen = self._seen()
        later = seen.newest is not None and seen.newest > now
        asked = restriction(readable)
        if not later and asked is None:
            return seen.everything
        rows: Iterable[EditsOfMonth] = self._store.activity.months(until=now) if later else seen.rows
        if asked is not None:
            allowed = asked.among(list(seen.heads.values()))
            rows = (row for row in rows if row.pageid in allowed)
        return self._accounts(rows)

    def began(self, *, now: datetime) -> datetime | None:
        """Return when the first of all these edits was saved, whoever may read it; None without any."""
        return min((each.first for each in self.accounts(now=now).values()), default=None)

    def newcomers_from(self, *, now: datetime, days: int) -> datetime:
        """Return the moment from which on a first edit was a newcomer's.

        That is so many days ago, but not before the wiki's founding (`FOUNDING`) was over.
        """
        lately, began = now - timedelta(days=days), self.began(now=now)
        return lately if began is None else max(lately, began + FOUNDING)

    def heads(self) -> Mapping[int, PageHead]:
        """Return the pages that the mirror has, whoever may read them, by pageid."""
        return self._seen().heads

    def evidence(self, of: AccountActivity, *, most: int = MOST_EVIDENCE) -> tuple[Evidence, ...]:
        """Return somebody's last edits, one a page, the newest first."""
        heads = self._seen().heads
        newest: dict[int, EditsOfMonth] = {}
        for part in of.parts:
            if part.pageid in heads:
                newest.setdefault(part.pageid, part)
            if len(newest) == most:
                break
        return tuple(
            Evidence(kind="revision", label=heads[part.pageid].title, id=part.revid, when=part.last)
            for part in newest.values()
        )

    def _seen(self) -> _Seen:
        mark = self._store.changes.mark_of_counted()  # before anything is read
        with self._mutex:  # who asks meanwhile waits for these sums, and makes none beside them
            if self._kept is None or self._kept[0] != mark:
                rows = self._store.activity.months()
                heads = {head.pageid: head for head in self._store.pages.heads()}
                newest = max((row.last for row in rows), default=None)
                self._kept = (mark, _Seen(rows, heads, self._accounts(rows), newest))
            return self._kept[1]

    def _accounts(self, rows: Iterable[EditsOfMonth]) -> dict[int, AccountActivity]:
        theirs: dict[int, list[EditsOfMonth]] = defaultdict(list)
        for row in rows:
            theirs[row.user_id].append(row)
        found = {}
        people = self._people.snapshot()
        for user_id, parts in sorted(theirs.items()):
            # One name under which somebody is left out is enough, whatever they were called before.
            if not all(people.is_person(name, user_id) for name in {part.user for part in parts}):
                continue
            parts.sort(key=lambda part: (part.last, part.revid), reverse=True)
            months: Counter[date] = Counter()
            for part in parts:
                months[part.month] += part.edits
            found[user_id] = AccountActivity(
                user_id=user_id,
                person=Person(name=parts[0].user, user_id=user_id),
                edits=months.total(),
                first=min(part.first for part in parts),
                last=parts[0].last,
                by_month=dict(sorted(months.items())),
                parts=tuple(parts),
            )
        return found
