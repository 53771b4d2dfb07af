"""Which pages a filter leaves, and what there is to filter by."""

import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Final

from connector.model import Site
from connector.practice import Status
from connector.store import Store
from connector.store.changes import Mark
from search.categories import category_name, category_title, hidden_categories
from search.filters import Choice, Facets, SearchFilters
from search.indexer import BUILT_AT, Index
from search.keyword_index import IndexedPage
from search.readable import AT_ONCE, MOST_BATCHES, Readable, head_of, restriction

# Of a wiki with more, the small ones are found by a link that names them, and by who types them.
_MOST_CATEGORIES: Final = 200

# What a page fits: kind of filter, and value.
_Value = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Survey:
    """What can be known of all pages at one moment."""

    pages: Mapping[int, IndexedPage]
    categories: Mapping[str, frozenset[int]]
    """By title, the pages of it that can be found."""
    shown: frozenset[str]
    """The categories that readers see."""


class PageChoice:
    """Chooses pages by what is known of them. Safe to share between threads.

    What is read of all pages is kept until the index or the mirror changes: a tenth of a second for 20,000.
    """

    def __init__(self, *, store: Store, index: Index) -> None:
        self._store = store
        self._index = index
        self._mutex = threading.Lock()
        self._pages: tuple[str | None, Mapping[int, IndexedPage]] | None = None
        self._kept: tuple[Mark, str | None, _Survey] | None = None
        self._known: tuple[_Survey, Site, Facets] | None = None

    def fitting(self, filters: SearchFilters, *, practices_only: bool, site: Site) -> frozenset[int] | None:
        """Return the pages that filters leave; None when these are all.

        Raises:
            IndexNotBuiltError: there is no index yet.
        """
        if filters.is_empty and not practices_only:
            return None
        if filters.categories:
            survey = self._survey(site)
            titles = {category_title(name, site=site) or "" for name in filters.categories}
            wanted = [survey.categories[title] for title in titles if title in survey.categories]
            chosen = {i: survey.pages[i] for i in frozenset[int]().union(*wanted)}
        else:
            chosen = dict(self._indexed()[1])
        since = None
        if filters.edited_since is not None:
            since = datetime.combine(filters.edited_since, time(), tzinfo=UTC)
        return frozenset(
            pageid
            for pageid, page in chosen.items()
            if (not practices_only or page.status is not None)
            and (not filters.statuses or (page.status or None) in filters.statuses)
            and (not filters.languages or page.language in filters.languages)
            and (not filters.namespaces or page.namespace in filters.namespaces)
            and (since is None or page.last_edited >= since)
        )

    def facets(self, site: Site, *, readable: Readable | None = None) -> Facets:
        """Return what there is to choose from: see `Searcher.facets`."""
        asked = restriction(readable)
        if asked is not None:
            survey = self._survey(site)
            return _facets(dict.fromkeys(_readable_values(survey, asked)), _sizes(survey), site)
        survey = self._survey(site)
        known = self._known
        if known is None or known[0] is not survey or known[1] != site:
            counts: Counter[_Value] = Counter()
            for _, values in _values(survey):
                counts.update(values)
            self._known = known = (survey, site, _facets(counts, _sizes(survey), site))
        return known[2]

    def _indexed(self) -> tuple[str | None, Mapping[int, IndexedPage]]:
        built_at = self._index.keywords.get_meta(BUILT_AT)  # before anything is read
        kept = self._pages
        if kept is None or kept[0] != built_at:
            self._pages = kept = (built_at, self._index.keywords.manifest())
        return kept

    def _survey(self, site: Site) -> _Survey:
        mark = self._store.changes.mark_of_counted()  # before anything is read
        built_at, pages = self._indexed()
        with self._mutex:  # who asks meanwhile waits for this one, and makes none beside it
            if self._kept is None or self._kept[:2] != (mark, built_at):
                members: dict[str, set[int]] = defaultdict(set)
                for pageid, titles in self._store.links.categories().items():
                    if pageid in pages:
                        for title in titles:
                            members[title].add(pageid)
                shown = members.keys() - hidden_categories(self._store, members)
                categories = {title: frozenset(ids) for title, ids in members.items()}
                self._kept = (mark, built_at, _Survey(pages, categories, frozenset(shown)))
            return self._kept[2]


def _values(survey: _Survey) -> Iterable[tuple[IndexedPage, list[_Value]]]:
    """Yield the pages with what they fit."""
    categories: dict[int, list[_Value]] = defaultdict(list)
    for title in survey.shown:
        for pageid in survey.categories[title]:
            categories[pageid].append(("category", title))
    for pageid, page in survey.pages.items():
        values = [("language", page.language), ("namespace", str(page.namespace)), *categories[pageid]]
        yield page, [*values, ("status", page.status)] if page.status else values


def _readable_values(survey: _Survey, readable: Readable) -> set[_Value]:
    """Return what pages fit that may be read, as far as a few questions tell; of the rest nothing is said."""
    fits: dict[int, list[_Value]] = {}
    pages: dict[_Value, list[int]] = defaultdict(list)
    for page, values in _values(survey):
        fits[page.pageid] = values
        for value in values:
            pages[value].append(page.pageid)
    left = {value: iter(sorted(ids)) for value, ids in sorted(pages.items())}
    found: set[_Value] = set()
    asked: set[int] = set()
    for _ in range(MOST_BATCHES):
        # A page of each value that is not settled, then another of each: the rarest first, which have fewest.
        batch: list[int] = []
        order = sorted(left.keys() - found, key=lambda value: (len(pages[value]), value))
        while order and len(batch) < AT_ONCE:
            going = []
            for value in order:
                pageid = next((i for i in left[value] if i not in asked), None)
                if pageid is not None and len(batch) < AT_ONCE:
                    asked.add(pageid)
                    batch.append(pageid)
                    going.append(value)
            order = going
        if not batch:
            break
        allowed = readable.among([head_of(survey.pages[pageid]) for pageid in batch])
        found.update(value for pageid in batch if pageid in allowed for value in fits[pageid])
    return found


def _sizes(survey: _Survey) -> Mapping[str, int]:
    return {title: len(pages) for title, pages in survey.categories.items()}


def _facets(counts: Mapping[_Value, int | None], sizes: Mapping[str, int], site: Site) -> Facets:
    def of(kind: str) -> dict[str, int | None]:
        return {value: count for (each, value), count in counts.items() if each == kind}

    def names(number: str) -> str:
        namespace = site.namespaces.get(int(number))
        return namespace.name if namespace is not None else number

    statuses, categories = of("status"), of("category")
    rank = {str(status): place for place, status in enumerate(Status)}
    # Who may not read all is not told by the order how many pages there are.
    told = all(count is not None for count in categories.values())
    largest = sorted(categories, key=lambda title: (-sizes[title] if told else 0, title))[:_MOST_CATEGORIES]
    named = [(category_name(title, site=site), categories[title]) for title in largest]
    return Facets(
        statuses=tuple(
            Choice(value=value, name=value, pages=statuses[value])
            for value in sorted(statuses, key=lambda value: (rank.get(value, len(rank)), value))
        ),
        categories=tuple(Choice(value=name, name=name, pages=count) for name, count in named),
        languages=tuple(
            Choice(value=value, name=value, pages=count) for value, count in sorted(of("language").items())
        ),
        namespaces=tuple(
            Choice(value=value, name=names(value), pages=count)
            for value, count in sorted(of("namespace").items(), key=lambda each: int(each[0]))
        ),
    )
