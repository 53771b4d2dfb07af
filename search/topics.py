"""What a community knows about, and who: topics with their people, a person's topics, and who must not leave.

Topics are the wiki's categories; where those leave practices out, each of these is a topic of its own. How
many people would have to leave for a topic to be orphaned is the truck factor of Avelino, Passos, Hora &
Valente, "A novel approach for estimating truck factors" (ICPC 2016), with pages for files: those who know
most pages leave first, until more than half of the pages have nobody left.
"""

import math
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

from connector.errors import IndexNotBuiltError
from connector.model import Site
from connector.store import Store
from connector.store.changes import Mark
from connector.titles import split_title
from search.categories import CATEGORY, hidden_categories
from search.experts import Evidence, Expert, ExpertFinder, VotingPage, evidence_of
from search.indexer import Index
from search.keyword_index import IndexedPage
from search.page_votes import Identities, PageVote, VotesOfPage, name_now
from search.readable import Readable, readable_pages, restriction
from search.settings import SearchSettings
from search.words import fold

# A category of one page, or of nearly all, says little.
_LEAST_PAGES = 2
_NEARLY_ALL = 0.8
_FEWEST_PAGES_FOR_ALL = 5
# Who has at least this part of what the page's first person has knows the page too.
_KNOWS = 0.5
_MAX_EVIDENCE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """Something that the community knows about."""

    name: str
    url: str
    kind: Literal["category", "practice"]
    pages: int
    people: int
    """Those who know a page of it."""
    absence_factor: int
    """How many people would have to leave for it to be orphaned; 0: it is already."""
    holders: tuple[str, ...]
    """These people, who knows most pages first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicOfPerson:
    """A topic that somebody knows about."""

    topic: Topic
    share: float
    """The person's part (0..1) in all that is known of who knows it."""
    evidence: tuple[Evidence, ...]
    """The most telling page first."""


Who = int | str
"""Tells one person from all others: the number of their account, or the key of a name without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """Who knows which page and which topic."""

    pages: Mapping[int, IndexedPage]
    knowers: Mapping[int, frozenset[Who]]
    """Those who know each page, as the absence factor counts them, by pageid; nobody for some."""
    names: Mapping[Who, str]
    """As each of these people is called now."""
    topics: Mapping[str, tuple[Topic, tuple[int, ...]]]
    """With the numbers of their pages, by name."""
    strengths: Mapping[str, Mapping[Who, float]]
    """How much each person knows of each topic: who leaves first of those who know equally many pages."""

    def leaving(self, topic: str, *, among: AbstractSet[Who] | None = None) -> list[Who]:
        """Return who would have to leave for a topic to be orphaned, who knows most pages first.

        Args:
            topic: its name.
            among: only these still know anything; None: all do.
        """
        _, pageids = self.topics[topic]
        knowing = [self.knowers[pageid] for pageid in pageids]
        if among is not None:
            knowing = [knowers & among for knowers in knowing]
        return who_orphans(knowing, self.strengths[topic])


@dataclass(frozen=True, slots=True)
class _Survey:
    site: Site
    pages: Mapping[int, IndexedPage]
    votes: Mapping[int, VotesOfPage]
    identities: Identities
    knowers: Mapping[int, frozenset[Who]]
    topics: Mapping[str, tuple[Topic, tuple[int, ...]]]
    """With their pages, by name."""
    strengths: Mapping[str, Mapping[Who, float]]


class Topics:
    """Topics of the pages that are searched. Safe to share between threads.

    What a survey of all pages found is kept until the mirror or the index changes.
    """

    def __init__(self, *, store: Store, index: Index, settings: SearchSettings) -> None:
        self._store = store
        self._index = index
        self.finder = ExpertFinder(store=store, people=index.people, settings=settings.experts)
        """Knows whom the pages speak for."""
        self._mutex = threading.Lock()
        self._kept: tuple[Mark, str, _Survey] | None = None

    def all(self, *, readable: Readable | None = None) -> list[Topic]:
        """Return all topics: the one that the fewest would have to leave first, of equal ones the largest.

        Raises:
            IndexNotBuiltError: there is no index yet.
        """
        topics = [topic for topic, _ in self._survey(readable).topics.values()]
        return sorted(topics, key=lambda t: (t.absence_factor, -t.pages, t.name))

    def people_of(
        self, name: str, *, top_k: int, readable: Readable | None = None
    ) -> tuple[Topic, list[Expert]] | None:
        """Return a topic and the people who know about it, best first; None when there is no such topic.

        Args:
            name: as a user may write it: `réparation`, `Reparation`, `Catégorie:Réparation`.
            top_k: how many people at most.
            readable: as of `ExpertFinder.find`.

        Raises:
            IndexNotBuiltError: there is no index yet.
        """
        survey = self._survey(readable)
        known = _called(name, survey.topics, survey.site)
        if known is None:
            return None
        topic, pageids = survey.topics[known]
        voting = [VotingPage(page=survey.pages[pageid], weight=1.0) for pageid in pageids]
        return topic, self.finder.find(voting, site=survey.site, top_k=top_k, readable=readable)

    def topics_of(self, person: str, *, top_k: int, readable: Readable | None = None) -> list[TopicOfPerson]:
        """Return what somebody knows about, best first; nothing for who is left out or unknown.

        A topic counts by what the person has done for its pages, and the more the fewer pages it has, as a
        rare word does (tf-idf).

        Raises:
            IndexNotBuiltError: there is no index yet.
        """
        survey = self._survey(readable)
        who = survey.identities.named(person)
        if who is None or not self._index.people.is_person(person):
            return []
        found: list[tuple[float, TopicOfPerson]] = []
        for topic, pageids in survey.topics.values():
            mine = []
            everything = 0.0
            for pageid in pageids:
                for vote in survey.votes[pageid].votes:
                    whose = survey.identities.of(vote)
                    everything += 0.0 if whose is None else _weight(vote)
                    if whose == who:
                        mine.append((_weight(vote), pageid, vote))
            if not mine:
                continue
            mine.sort(key=lambda each: (-each[0], each[1]))
            done = math.fsum(weight for weight, _, _ in mine)
            part = TopicOfPerson(
                topic=topic,
                share=done / everything,
                evidence=tuple(
                    evidence_of(survey.pages[pageid], vote, site=survey.site)
                    for _, pageid, vote in mine[:_MAX_EVIDENCE]
                ),
            )
            found.append((done * math.log(1 + len(survey.pages) / len(pageids)), part))
        found.sort(key=lambda each: (-each[0], each[1].topic.name))
        return [part for _, part in found[:top_k]]

    def knowledge(self, *, readable: Readable | None = None) -> Knowledge:
        """Return who knows what.

        Raises:
            IndexNotBuiltError: there is no index yet.
        """
        survey = self._survey(readable)
        theirs = _votes_by_person(survey.votes.values(), survey.identities)
        known = frozenset[Who]().union(*survey.knowers.values())
        return Knowledge(
            pages=survey.pages,
            knowers=survey.knowers,
            names={who: name_now(votes) for who, votes in theirs.items() if who in known},
            topics=survey.topics,
            strengths=survey.strengths,
        )

    def _survey(self, readable: Readable | None) -> _Survey:
        mark = self._store.changes.mark_of_counted()  # before anything is read
        built_at = self._index.stats().built_at.isoformat()
        if restriction(readable) is not None:  # what somebody may read can change at any time
            return self._make_survey(readable)
        with self._mutex:  # who asks meanwhile waits for this survey, and makes none beside it
            if self._kept is None or self._kept[:2] != (mark, built_at):
                self._kept = (mark, built_at, self._make_survey(None))
            return self._kept[2]

    def _make_survey(self, readable: Readable | None) -> _Survey:
        site = self._store.site.get()
        if site is None:
            raise IndexNotBuiltError("there is nothing to search in yet: run `compagnon sync`")
        indexed = self._index.keywords.manifest().values()
        pages = readable_pages((page for page in indexed if page.namespace != CATEGORY), readable)
        order = list(pages.values())
        votes = dict(zip(pages, self.finder.votes.of(order, site=site, readable=readable), strict=True))
        identities = Identities(list(votes.values()))
        knowers = {pageid: _knowers(voted, identities) for pageid, voted in votes.items()}
        topics, strengths = {}, {}
        for name, kind, pageids in self._subjects(pages, site):
            theirs = _votes_by_person([votes[pageid] for pageid in pageids], identities)
            strengths[name] = {who: math.fsum(map(_weight, known)) for who, known in theirs.items()}
            knowing = [knowers[pageid] for pageid in pageids]
            leaving = who_orphans(knowing, strengths[name])
            category = site.namespaces.get(CATEGORY)
            title = f"{category.name}:{name}" if kind == "category" and category is not None else name
            topic = Topic(
                name=name,
                url=site.page_url(title),
                kind=kind,
                pages=len(pageids),
                people=len(frozenset[Who]().union(*knowing)),
                absence_factor=len(leaving),
                holders=tuple(name_now(theirs[who]) for who in leaving),
            )
            topics[name] = (topic, pageids)
        return _Survey(site, pages, votes, identities, knowers, topics, strengths)

    def _subjects(
        self, pages: Mapping[int, IndexedPage], site: Site
    ) -> list[tuple[str, Literal["category", "practice"], tuple[int, ...]]]:
        """Return name, kind and pages of each topic."""
        members: dict[str, list[int]] = defaultdict(list)
        links = self._store.links.get_many(list(pages))
        for pageid in pages:
            for title in links[pageid].categories if pageid in links else ():
                members[title].append(pageid)
        nearly_all = _NEARLY_ALL * len(pages) if len(pages) >= _FEWEST_PAGES_FOR_ALL else len(pages) + 1
        telling = {t: ids for t, ids in members.items() if _LEAST_PAGES <= len(ids) < nearly_all}
        hidden = hidden_categories(self._store, telling)
        subjects: list[tuple[str, Literal["category", "practice"], tuple[int, ...]]] = [
            (_name(title, site), "category", tuple(ids))
            for title, ids in sorted(telling.items())
            if title not in hidden
        ]
        covered = {pageid for _, _, ids in subjects for pageid in ids}
        names = {name for name, _, _ in subjects}
        subjects += [
            (page.title, "practice", (pageid,))
            for pageid, page in pages.items()
            if page.status is not None and pageid not in covered and page.title not in names
        ]
        return subjects


def _knowers(voted: VotesOfPage, identities: Identities) -> frozenset[Who]:
    """Return those who have a good part of what a page's first person has."""
    theirs = _votes_by_person([voted], identities)
    weights = {who: math.fsum(map(_weight, votes)) for who, votes in theirs.items()}
    most = max(weights.values(), default=0.0)
    return frozenset(who for who, weight in weights.items() if weight >= _KNOWS * most > 0)


def _votes_by_person(voters: Iterable[VotesOfPage], identities: Identities) -> dict[Who, list[PageVote]]:
    theirs: dict[Who, list[PageVote]] = defaultdict(list)
    for voted in voters:
        for vote in voted.votes:
            who = identities.of(vote)
            if who is not None:
                theirs[who].append(vote)
    return theirs


def who_orphans(knowing: Sequence[AbstractSet[Who]], strength: Mapping[Who, float]) -> list[Who]:
    """Return the fewest people, as far as a greedy choice finds them, without whom most pages have nobody."""
    pages_of: dict[Who, list[int]] = defaultdict(list)
    for number, people in enumerate(knowing):
        for who in people:
            pages_of[who].append(number)
    left = list(map(len, knowing))
    orphans = left.count(0)
    gone: list[Who] = []
    # Who leaves takes nothing from what the others know, so their order stays.
    for who in sorted(pages_of, key=lambda who: (-len(pages_of[who]), -strength[who], str(who))):
        if 2 * orphans > len(left):
            break
        gone.append(who)
        for number in pages_of[who]:
            left[number] -= 1
            orphans += left[number] == 0
    return gone


def _weight(vote: PageVote) -> float:
    return vote.lasting + vote.share


def _name(title: str, site: Site) -> str:
    try:
        return split_title(title, site=site)[1]
    except ValueError:
        return title


def _called(name: str, known: Iterable[str], site: Site) -> str | None:
    """Return which of the names is meant: the one that is written so rather than one that is nearly."""
    written, bare = _plain(name), _plain(_name(name, site))
    ways: tuple[Callable[[str], bool], ...] = (
        lambda each: each == name,
        lambda each: _plain(each) == written,
        lambda each: _plain(each) == bare,
        lambda each: _plain(_name(each, site)) == bare,
    )
    names = list(known)
    return next((each for way in ways for each in names if way(each)), None)


def _plain(name: str) -> str:
    """Return a name as people type it: without accents, capitals and printers' apostrophes."""
    return fold(" ".join(name.replace("_", " ").split()).casefold()).replace("’", "'")
