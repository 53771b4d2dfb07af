"""What is at risk: topics that few still know, pages that only one person knows, references nobody reviews.

Who knows a page, and how many must leave until a topic is orphaned, is `search.topics`: the truck factor of
Avelino, Passos, Hora & Valente (ICPC 2016). Those who knew may have left long ago: that most projects lose
such people, and some survive, is Avelino, Constantinou, Valente & Serebrenik, "On the abandonment and
survival of open source projects" (ESEM 2019). So a topic says as well how many of its people are still here.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal

from community.activity import Activity
from community.model import Evidence, IfTheyLeave, Person
from community.settings import MONTH, CommunitySettings
from connector.practice import Status
from connector.store import Store
from search.keyword_index import IndexedPage
from search.readable import Readable
from search.topics import Knowledge, Topics, Who

STILL_HERE: Final = timedelta(days=365)
"""Who edited anything within so long is still here."""
MANY_PAGES: Final = 5
"""Pages that only one person knows, from which on that is told of who holds no topic alone."""
MUCH_LINKED: Final = 5
"""Pages that must link to a page for it to be one that others build on, where no status says so."""
# Of all content pages, that part is built on at most: those that most pages link to.
_MUCH_LINKED_SHARE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicRisk:
    """How safely a topic is held."""

    name: str
    url: str
    pages: int
    people: int
    """Those who know a page of it."""
    still_here: int
    """Those of them who edited anything within `STILL_HERE`, or are only named and have no account."""
    absence_factor: int
    """How many people would have to leave for most of its pages to have nobody; 0: it is so already."""
    holders: Sequence[Person]
    """These people, by the alphabet."""
    absence_factor_now: int
    """The same among those who are still here."""
    orphans: Sequence[Evidence]
    """Its pages that nobody knows who is still here, as `still_here` counts, by title."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StalePage:
    """A page that others rely on, and that nobody has looked through for long."""

    page: Evidence
    why: Literal["reference", "much_linked"]
    """Whether its status says that it is relied on, or the links to it."""
    links: int
    """Content pages that link to it."""
    reviewed_on: date | None
    """When a person last made an edit that is no minor one, or said that it still holds; None: never."""
    months: int
    """Since then, or since the page was last changed at all."""


class Risks:
    """What is at risk. Safe to share between threads."""

    def __init__(
        self, *, store: Store, topics: Topics, activity: Activity, settings: CommunitySettings
    ) -> None:
        self._store = store
        self._topics = topics
        self._activity = activity
        self._settings = settings

    def topics(self, *, now: datetime, readable: Readable | None = None) -> list[TopicRisk]:
        """Return all topics: those first that the fewest who are still here hold, of equal ones the largest.

        Args:
            now: aware.
            readable: as of `Activity.accounts`.

        Raises:
            IndexNotBuiltError: there is no index yet.
        """
        knowledge = self._topics.knowledge(readable=readable)
        here = self._still_here(knowledge, now, readable)
        found = []
        for topic, pageids in knowledge.topics.values():
            people = frozenset[Who]().union(*(knowledge.knowers[pageid] for pageid in pageids))
            found.append(
                TopicRisk(
                    name=topic.name,
                    url=topic.url,
                    pages=topic.pages,
                    people=topic.people,
                    still_here=len(people & here),
                    absence_factor=topic.absence_factor,
                    holders=_people(knowledge.leaving(topic.name), knowledge),
                    absence_factor_now=len(knowledge.leaving(topic.name, among=here)),
                    orphans=_pages(
                        (pageid for pageid in pageids if not knowledge.knowers[pageid] & here), knowledge
                    ),
                )
            )
        return sorted(found, key=lambda each: (each.absence_factor_now, -each.pages, each.name))

    def if_they_leave(self, *, now: datetime, readable: Readable | None = None) -> list[IfTheyLeave]:
        """Return what would be lost with each person who is still here, the greatest loss first.

        A topic is lost when most of its pages have nobody left, and were not so already. People with whom no
        topic and fewer than `MANY_PAGES` pages would be lost are left out.

        Arguments and errors as of `topics`.
        """
        knowledge = self._topics.knowledge(readable=readable)
        here = self._still_here(knowledge, now, readable)
        only: dict[Who, set[int]] = defaultdict(set)
        nobody: set[int] = set()
        for pageid, knowers in knowledge.knowers.items():
            left = knowers & here
            if len(left) == 1:
                only[next(iter(left))].add(pageid)
            elif not left:
                nobody.add(pageid)
        lost: dict[Who, list[str]] = defaultdict(list)
        for name, (_, pageids) in knowledge.topics.items():
            already = len(nobody.intersection(pageids))
            if 2 * already > len(pageids):
                continue
            for who, theirs in only.items():
                if 2 * (already + len(theirs.intersection(pageids))) > len(pageids):
                    lost[who].append(name)
        found = [
            IfTheyLeave(
                person=_person(who, knowledge),
                topics=tuple(sorted(lost[who])),
                pages=_pages(theirs, knowledge),
            )
            for who, theirs in only.items()
            if lost[who] or len(theirs) >= MANY_PAGES
        ]
        return sorted(found, key=lambda each: (-len(each.topics), -len(each.pages), each.person.name))

    def stale(self, *, now: datetime, readable: Readable | None = None) -> list[StalePage]:
        """Return the pages that others rely on and that nobody has reviewed for the settings' months.

        Those with the status of a reference come first, then those to which most pages link: `MUCH_LINKED` at
        least, and no more than the twentieth of all pages that most link to. Retired practices are none of
        them.

        Arguments and errors as of `topics`.
        """
        pages = self._topics.knowledge(readable=readable).pages
        links = self._linked_from(pages)
        reviewed = self._reviewed(list(pages), now, readable)
        references = [pageid for pageid, page in pages.items() if page.status == Status.REFERENCE]
        linked = [
            pageid
            for pageid, number in links.most_common(round(_MUCH_LINKED_SHARE * len(pages)))
            if number >= MUCH_LINKED and pages[pageid].status not in {Status.REFERENCE, Status.RETIRED}
        ]
        reasons: dict[int, Literal["reference", "much_linked"]] = dict.fromkeys(linked, "much_linked")
        reasons |= dict.fromkeys(references, "reference")
        found = []
        for pageid, why in reasons.items():
            page = pages[pageid]
            last = reviewed.get(pageid)
            months = (now - (last or page.last_edited)) // MONTH
            if months >= self._settings.rules.review_months:
                found.append(
                    StalePage(
                        page=_page(page),
                        why=why,
                        links=links[pageid],
                        reviewed_on=None if last is None else last.astimezone(UTC).date(),
                        months=months,
                    )
                )
        return sorted(found, key=lambda each: (each.why != "reference", -each.months, each.page.label))

    def _still_here(self, knowledge: Knowledge, now: datetime, readable: Readable | None) -> frozenset[Who]:
        accounts = self._activity.accounts(now=now, readable=readable)
        return frozenset(
            who
            for who in knowledge.names
            # Nobody can tell whether who has no account is gone.
            if not isinstance(who, int) or (who in accounts and now - accounts[who].last <= STILL_HERE)
        )

    def _reviewed(
        self, pageids: Sequence[int], now: datetime, readable: Readable | None
    ) -> dict[int, datetime]:
        """Return when each page was last reviewed, as `community.life_cycle` counts it."""
        moments: dict[int, datetime] = {}
        for account in self._activity.accounts(now=now, readable=readable).values():
            for part in account.parts:
                if part.last_major is not None:
                    moments[part.pageid] = max(part.last_major, moments.get(part.pageid, part.last_major))
        for pageid, steps in self._store.status_steps.of_pages(pageids).items():
            for step in steps:
                if step.decision == "reviewed" and step.decided_at <= now:
                    moments[pageid] = max(step.decided_at, moments.get(pageid, step.decided_at))
        return moments

    def _linked_from(self, pages: Mapping[int, IndexedPage]) -> Counter[int]:
        """Return how many of the pages link to each, by redirects too."""
        pageids = {page.title: pageid for pageid, page in pages.items()}
        for title, target in self._store.pages.redirects().items():
            if target in pageids:
                pageids.setdefault(title, pageids[target])
        counts: Counter[int] = Counter()
        for source, links in self._store.links.get_many(list(pages)).items():
            counts.update({pageids[title] for title in links.links if title in pageids} - {source})
        return counts


def _person(who: Who, knowledge: Knowledge) -> Person:
    return Person(name=knowledge.names[who], user_id=who if isinstance(who, int) else None)


def _people(whose: Iterable[Who], knowledge: Knowledge) -> tuple[Person, ...]:
    return tuple(sorted((_person(who, knowledge) for who in whose), key=lambda each: each.name))


def _pages(pageids: Iterable[int], knowledge: Knowledge) -> tuple[Evidence, ...]:
    found = (_page(knowledge.pages[pageid]) for pageid in pageids)
    return tuple(sorted(found, key=lambda each: (each.label, each.id)))


def _page(page: IndexedPage) -> Evidence:
    return Evidence(
        kind="page", label=page.title, id=page.pageid, when=page.last_edited, language=page.language
    )
