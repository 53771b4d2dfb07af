"""What a wiki's gardeners can do: pages that nobody links to, pages that lead nowhere, links to be made.

The first two are what MediaWiki lists as Special:LonelyPages and Special:DeadendPages
(https://www.mediawiki.org/wiki/Help:Special_pages), among content pages alone. A page is offered for links to
be made when there are at least two, as in Growth's "Add a link"
(https://www.mediawiki.org/wiki/Growth/Personalized_first_day/Structured_tasks/Add_a_link). What each list
begins with is what is worth most: practices, and pages that other pages could link to right away.
"""

import threading
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from connector.errors import IndexNotBuiltError
from connector.model import Page, PageHead, PageLinks, Site
from connector.store import Store
from connector.store.changes import Mark
from connector.store.link_feedback import REJECTIONS_TO_DROP
from connector.titles import normalize_title
from search.indexer import Index
from search.kept_file import Version
from search.link_scan import scan
from search.link_survey import LinkSurvey, SurveyedPage, can_lack_links, content_heads
from search.readable import Readable, restriction
from search.words import fold

Kind = Literal["orphans", "dead_ends", "suggestions"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

GOOD_SCORE: Final = 0.6
"""From here on a link that could be made counts as a good one."""
LEAST_LINKS: Final = 2
"""Pages with fewer good links to be made are not listed for that."""
_MOST_SHOWN = 3
_PAGES_AT_ONCE = 200
_MOST_REDIRECTS = 3
_RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class PossibleLink:
    """The other end of a link that could be made."""

    pageid: int
    title: str
    score: float
    """How likely an editor makes this link, in 0..1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GardenPage:
    """A page that lacks something."""

    pageid: int
    title: str
    status: str | None
    """The practice's status; None for a page that is no practice, and without an index."""
    links: int
    """Good links that could be made on it."""
    leads_to: tuple[PossibleLink, ...]
    """Where the best of these would lead, three at most."""
    mentions: int
    """Pages that could link to it: their words name it."""
    mentioned_on: tuple[PossibleLink, ...]
    """The best of these, three at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GardenQueue:
    """A part of a list."""

    kind: Kind
    counts: Mapping[Kind, int]
    """Pages in each list."""
    pages: tuple[GardenPage, ...]
    unsurveyed: int
    """Pages in which nobody has looked for links yet: an update of the index does."""


@dataclass(frozen=True, slots=True)
class _Lists:
    """All lists, in order, at one moment."""

    titles: Mapping[int, str]
    statuses: Mapping[int, str]
    possible: Mapping[int, Sequence[tuple[int, float]]]
    """By pageid, the pages that it could link to, best first."""
    mentions: Mapping[int, Sequence[tuple[int, float]]]
    """By pageid, the pages that could link to it, best first."""
    lists: Mapping[Kind, Sequence[int]]
    unsurveyed: int


class Gardening:
    """Lists pages by what they lack. Safe to share between threads.

    The lists are of the mirror as it is, kept until it or the survey changes. A possible link whose page was
    purged, that was made meanwhile, or that editors have rejected twice is in none of them.

    Args:
        store: the mirror.
        index: says which pages are practices.
        survey: which links could be made.
    """

    def __init__(self, *, store: Store, index: Index, survey: LinkSurvey) -> None:
        self._store = store
        self._index = index
        self._survey = survey
        self._mutex = threading.Lock()
        self._kept: tuple[tuple[Mark, Version, str], _Lists] | None = None

    def queue(
        self, kind: Kind, *, limit: int, offset: int = 0, readable: Readable | None = None
    ) -> GardenQueue:
        """Return a part of a list, what is worth most first.

        Args:
            kind: which list.
            limit: how many pages at most.
            offset: after how many pages.
            readable: what who asks may read: other pages are in no list and no number. None: everything.

        Raises:
            IndexNotBuiltError: there is no mirror yet.
        """
        lists = self._current(readable)
        return GardenQueue(
            kind=kind,
            counts={each: len(lists.lists[each]) for each in KINDS},
            pages=tuple(_garden_page(lists, pageid) for pageid in lists.lists[kind][offset : offset + limit]),
            unsurveyed=lists.unsurveyed,
        )

    def _current(self, readable: Readable | None) -> _Lists:
        # Marks before anything is read: what changes meanwhile makes the lists old ones.
        state = (self._store.changes.mark(), self._survey.version(), self._built_at())
        if restriction(readable) is not None:  # what somebody may read can change at any time
            return self._make(readable)
        with self._mutex:  # who asks meanwhile waits for these lists, and makes none beside them
            if self._kept is None or self._kept[0] != state:
                self._kept = (state, self._make(None))
            return self._kept[1]

    def _built_at(self) -> str:
        try:
            return self._index.stats().built_at.isoformat()
        except IndexNotBuiltError:
            return ""

    def _make(self, readable: Readable | None) -> _Lists:
        site = self._store.site.get()
        if site is None:
            raise IndexNotBuiltError("there is no copy of the wiki yet: run `compagnon sync`")
        redirects = self._store.pages.redirects()
        heads = [head for head in content_heads(self._store, site) if head.title not in redirects]
        asked = restriction(readable)
        if asked is not None:
            allowed = asked.among(heads)
            heads = [head for head in heads if head.pageid in allowed]
        titles = {head.pageid: head.title for head in heads}
        leads_to = self._read_links(heads, redirects=redirects, site=site)
        linked = {target for targets in leads_to.values() for target in targets}
        known, revids = self._survey.read(), {head.pageid: head.revid for head in heads}
        # What was found in an older text of a page is void.
        survey = {i: known[i] for i, revid in revids.items() if i in known and known[i].revid == revid}
        possible = self._possible(survey, leads_to)
        mentions: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for source, links in possible.items():
            for target, score in links:
                mentions[target].append((source, score))
        for sources in mentions.values():
            sources.sort(key=lambda each: (-each[1], each[0]))
        good = {pageid: _count_good(links) for pageid, links in possible.items()}
        statuses = self._statuses()
        main_page = next((pageid for pageid, title in titles.items() if title == site.main_page), None)
        lone = [pageid for pageid in titles if pageid not in linked and pageid != main_page]
        ends = [pageid for pageid in titles if not leads_to.get(pageid) and pageid != main_page]
        able = self._can_lack({*lone, *ends}, survey)
        names = {pageid: fold(title.casefold()) for pageid, title in titles.items()}

        def is_practice(pageid: int) -> bool:
            return statuses.get(pageid, _RETIRED) != _RETIRED

        def by_worth(pageids: Iterable[int], worth: Mapping[int, int]) -> list[int]:
            return sorted(pageids, key=lambda i: (not is_practice(i), -worth.get(i, 0), names[i], i))

        many = (i for i, count in good.items() if count >= LEAST_LINKS and survey[i].can_lack)
        return _Lists(
            titles=titles,
            statuses=statuses,
            possible=possible,
            mentions=mentions,
            lists={
                "orphans": by_worth(
                    able.intersection(lone), {i: len(found) for i, found in mentions.items()}
                ),
                "dead_ends": sorted(able.intersection(ends), key=lambda i: (-good.get(i, 0), names[i], i)),
                "suggestions": sorted(many, key=lambda i: (-good[i], names[i], i)),
            },
            unsurveyed=len(titles) - len(survey),
        )

    def _read_links(
        self, heads: Sequence[PageHead], *, redirects: Mapping[str, str], site: Site
    ) -> dict[int, set[int]]:
        """Return, by pageid, the other content pages that a page links to or includes, redirects followed."""
        ids = {head.title: head.pageid for head in heads}
        known = self._store.links.get_many([head.pageid for head in heads])
        # Those of a page that has just been made are read a moment later than its text.
        unread = [head.pageid for head in heads if head.pageid not in known]
        known.update((page.pageid, _links_in_text(page, site)) for page in self._texts(unread))
        found = {}
        for pageid, links in known.items():
            targets = {_resolve(title, ids, redirects) for title in (*links.links, *links.templates)}
            found[pageid] = {target for target in targets if target is not None} - {pageid}
        return found

    def _possible(
        self, survey: Mapping[int, SurveyedPage], leads_to: Mapping[int, Collection[int]]
    ) -> dict[int, list[tuple[int, float]]]:
        """Return the links of the survey that can still be made."""
        rejections: dict[tuple[int, int], int] = defaultdict(int)
        for feedback in self._store.link_feedback.all():
            rejections[feedback.pageid, feedback.target_pageid] += feedback.rejected
        return {
            pageid: [
                (target, score)
                for target, score in found.links
                if target in leads_to
                and target not in leads_to.get(pageid, ())
                and rejections.get((pageid, target), 0) < REJECTIONS_TO_DROP
            ]
            for pageid, found in survey.items()
        }

    def _can_lack(self, pageids: Collection[int], survey: Mapping[int, SurveyedPage]) -> set[int]:
        """Return those that could lack links; texts are read only of pages that the survey does not know."""
        unknown = [pageid for pageid in pageids if pageid not in survey]
        return {i for i in pageids if i in survey and survey[i].can_lack} | {
            page.pageid for page in self._texts(unknown) if can_lack_links(page)
        }

    def _texts(self, pageids: Sequence[int]) -> Iterator[Page]:
        """Yield pages with their texts, some at a time: all of a wiki would fill the memory."""
        for start in range(0, len(pageids), _PAGES_AT_ONCE):
            yield from self._store.pages.get_many(pageids[start : start + _PAGES_AT_ONCE]).values()

    def _statuses(self) -> dict[int, str]:
        try:
            manifest = self._index.keywords.manifest()
        except IndexNotBuiltError:
            return {}
        return {pageid: page.status for pageid, page in manifest.items() if page.status is not None}


def _garden_page(lists: _Lists, pageid: int) -> GardenPage:
    possible, mentions = lists.possible.get(pageid, ()), lists.mentions.get(pageid, ())
    return GardenPage(
        pageid=pageid,
        title=lists.titles[pageid],
        status=lists.statuses.get(pageid),
        links=_count_good(possible),
        leads_to=_shown([each for each in possible if each[1] >= GOOD_SCORE], lists.titles),
        mentions=len(mentions),
        mentioned_on=_shown(mentions, lists.titles),
    )


def _shown(links: Sequence[tuple[int, float]], titles: Mapping[int, str]) -> tuple[PossibleLink, ...]:
    return tuple(
        PossibleLink(pageid=pageid, title=titles[pageid], score=score)
        for pageid, score in links[:_MOST_SHOWN]
    )


def _count_good(links: Sequence[tuple[int, float]]) -> int:
    return sum(score >= GOOD_SCORE for _, score in links)


def _links_in_text(page: Page, site: Site) -> PageLinks:
    titles = []
    for target, _ in scan(page.wikitext).links:
        try:
            titles.append(normalize_title(target.partition("#")[0], site=site))
        except ValueError:
            continue  # no page can be called so
    return PageLinks(pageid=page.pageid, links=tuple(titles))


def _resolve(title: str, ids: Mapping[str, int], redirects: Mapping[str, str]) -> int | None:
    for _ in range(_MOST_REDIRECTS):
        if title in ids:
            return ids[title]
        if title not in redirects:
            return None
        title = redirects[title]
    return ids.get(title)
