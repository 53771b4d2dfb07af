"""A map of what a community writes about: pages in groups by their meaning, named by their own words.

A page lies where the mean of its passages' vectors points to. What a model makes of the language a page is in
is taken out first (the mean of all pages of that language), so that groups are of a subject and not of a
language. What is written in no passage, or may not be read, is not on the map, nor in its words.
"""

import threading
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from connector.errors import IndexNotBuiltError
from connector.model import Site
from connector.store import Store
from search.chunking import PATH_SEPARATOR, pageid_of, without_keys
from search.clusters import FEWEST, Labels, cluster, places, unit
from search.distinctive_terms import GroupText, distinctive_terms
from search.embedding import Vectors
from search.experts import Expert, ExpertFinder, VotingPage
from search.indexer import Index
from search.keyword_index import IndexedPage
from search.language import LANGUAGES, Language
from search.naming_words import NamingWords
from search.readable import Readable, readable_pages, restriction

# With so many practices the map is of them alone; with fewer, of all pages of content.
_ENOUGH_PRACTICES = 12
_ENOUGH_TO_CENTRE = 5
_TERMS = 3
_PEOPLE = 5
# Passages of a page that are read for its words.
_PASSAGES = 3
# A group has a name of its own in a language that so many of its pages are in.
_LEAST_SHARE = 0.2
# Maps of people who may not read everything: a few are kept, by what they may read.
_KEPT_MAPS = 8
_VECTORS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class MapPage:
    """A page on the map."""

    pageid: int
    title: str
    url: str
    status: str | None
    """Of the practice; None for another page."""
    language: Language
    last_edited: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MapTopic:
    """A group of pages about the same thing."""

    names: Mapping[Language, tuple[str, ...]]
    """Its distinctive words in each language that enough of its pages are in; at least one language."""
    pages: tuple[MapPage, ...]
    """The most central one first."""
    place: tuple[float, float]
    """On the plane (-1..1): near topics are near."""
    people: tuple[Expert, ...]
    """Who knows its pages best."""

    @property
    def pageid(self) -> int:
        """Number of its most central page, by which it is asked for."""
        return self.pages[0].pageid

    def words(self, language: str) -> tuple[Language, tuple[str, ...]]:
        """Return its name in a language, or in the one that most of its pages are in, and which it is."""
        chosen = next((each for each in self.names if each == language), next(iter(self.names)))
        return chosen, self.names[chosen]


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    """All topics, the largest first."""

    topics: tuple[MapTopic, ...]
    pages: int
    practices_only: bool

    def topic_of(self, pageid: int) -> MapTopic | None:
        """Return the topic that a page is in; None for a page that is not on the map."""
        return next((each for each in self.topics if any(page.pageid == pageid for page in each.pages)), None)


class TopicMap:
    """Draws it. Safe to share between threads; kept until mirror or index change."""

    def __init__(self, *, store: Store, index: Index, finder: ExpertFinder) -> None:
        """Take what it is made from.

        Args:
            store: the mirror.
            index: its vectors and passages.
            finder: knows whom pages speak for (`search.topics.Topics.finder`).
        """
        self._store = store
        self._index = index
        self._finder = finder
        self._naming = NamingWords(index.analyzer)
        self._mutex = threading.Lock()
        self._kept: dict[frozenset[int] | None, tuple[str, str, Map]] = {}

    def draw(self, *, readable: Readable | None = None) -> Map:
        """Return the map of what somebody may read.

        Raises:
            SearchError: there is no index, or it cannot be used.
        """
        version = self._index.stats().built_at.isoformat()
        people = self._index.people.digest  # who opts out leaves the map at once
        site = self._store.site.get()
        if site is None:
            raise IndexNotBuiltError("there is nothing to draw yet: run `compagnon sync`")
        indexed = [page for page in self._index.keywords.manifest().values() if _is_content(page, site)]
        asked = restriction(readable)
        allowed = readable_pages(indexed, asked)
        key = None if asked is None else frozenset(allowed)
        with self._mutex:
            kept = self._kept.pop(key, None)
            if kept is None or kept[:2] != (version, people):
                drawn = self._draw(allowed, site)
                if asked is None:
                    drawn = self._with_people(drawn, allowed, site, None)
                kept = (version, people, drawn)
            self._kept[key] = kept  # the last one that was asked for is the last to go
            while len(self._kept) > _KEPT_MAPS:
                del self._kept[next(iter(self._kept))]
        # Talk pages tell who knows, too: two people who may read the same pages may not read the same talks.
        return kept[2] if asked is None else self._with_people(kept[2], allowed, site, asked)

    def _with_people(
        self, drawn: Map, allowed: Mapping[int, IndexedPage], site: Site, readable: Readable | None
    ) -> Map:
        """Return a map with who knows each topic best, as far as somebody may read what tells it."""
        topics = []
        for topic in drawn.topics:
            voting = [VotingPage(page=allowed[page.pageid], weight=1.0) for page in topic.pages]
            people = self._finder.find(voting, site=site, top_k=_PEOPLE, readable=readable)
            topics.append(replace(topic, people=tuple(people)))
        return replace(drawn, topics=tuple(topics))

    def _draw(self, allowed: Mapping[int, IndexedPage], site: Site) -> Map:
        """Return the map without anybody on it."""
        practices = {pageid: page for pageid, page in allowed.items() if page.status is not None}
        only = len(practices) >= _ENOUGH_PRACTICES
        wanted = practices if only else allowed
        pageids, vectors = self._vectors(sorted(wanted))
        if not pageids:
            return Map(topics=(), pages=0, practices_only=only)
        pages = [wanted[pageid] for pageid in pageids]
        vectors = _without_language(vectors, [page.language for page in pages])
        labels = cluster(vectors)
        centres = unit(np.stack([vectors[labels == n].mean(axis=0) for n in range(int(labels.max()) + 1)]))
        names = self._names(pages, labels)
        drawn = []
        for number, place in enumerate(places(centres)):
            near = vectors @ centres[number]
            own = sorted(
                np.flatnonzero(labels == number).tolist(), key=lambda i: (-float(near[i]), pages[i].pageid)
            )
            drawn.append(
                MapTopic(
                    names=names[number],
                    pages=tuple(_map_page(pages[i], site) for i in own),
                    place=(float(place[0]), float(place[1])),
                    people=(),
                )
            )
        return Map(topics=tuple(drawn), pages=len(pages), practices_only=only)

    def _vectors(self, pageids: Sequence[int]) -> tuple[list[int], Vectors]:
        """Return the pages that have passages, and a vector of length 1 for each."""
        sums: dict[int, Vectors] = {}
        with self._index.answering() as embedder:
            ids = sorted(without_keys(self._index.keywords.chunk_ids(pageids)))
            for start in range(0, len(ids), _VECTORS_AT_ONCE):
                some = ids[start : start + _VECTORS_AT_ONCE]
                for chunk_id, vector in self._index.vectors.get(embedder.model_id, some).items():
                    pageid = pageid_of(chunk_id)
                    sums[pageid] = sums[pageid] + vector if pageid in sums else vector.astype(np.float32)
        found = [pageid for pageid in pageids if pageid in sums and float(np.linalg.norm(sums[pageid])) > 0]
        if not found:
            return [], np.zeros((0, 1), dtype=np.float32)
        return found, unit(np.stack([sums[pageid] for pageid in found]))

    def _names(self, pages: Sequence[IndexedPage], labels: Labels) -> list[dict[Language, tuple[str, ...]]]:
        texts = self._texts(pages)
        left_out = self._names_of_people(pages)
        number = int(labels.max()) + 1
        groups: dict[Language, dict[int, GroupText]] = {
            language: defaultdict(GroupText) for language in LANGUAGES
        }
        for page, label in zip(pages, labels.tolist(), strict=True):
            read = texts.get(page.pageid, [])
            groups[page.language][label].add(
                page.title,
                [text for text, _ in read],
                headings=dict.fromkeys(heading for _, headings in read for heading in headings),
                language=page.language,
                naming=self._naming,
                left_out=left_out,
            )
        terms = {language: distinctive_terms(groups[language], most=_TERMS) for language in LANGUAGES}
        named: list[dict[Language, tuple[str, ...]]] = []
        for label in range(number):
            counts = {language: groups[language][label].number for language in LANGUAGES}
            whole = sum(counts.values())
            by_number = sorted(LANGUAGES, key=lambda language: -counts[language])
            found = {
                language: terms[language].get(label, ())
                for language in by_number
                if counts[language] >= _LEAST_SHARE * whole and terms[language].get(label)
            }
            named.append(found or {by_number[0]: (_central_title(pages, labels, label),)})
        return named

    def _texts(self, pages: Sequence[IndexedPage]) -> dict[int, list[tuple[str, list[str]]]]:
        """Return some passages of pages, always the same ones, and the headings over them.

        What is only said about a page is left out.
        """
        ids = sorted(without_keys(self._index.keywords.chunk_ids([page.pageid for page in pages])))
        by_page: dict[int, list[tuple[str, list[str]]]] = defaultdict(list)
        for stored in self._index.keywords.chunks(ids).values():
            if len(by_page[stored.pageid]) < _PASSAGES:
                parts = stored.chunk.parts
                labels = next((part.offset for part in parts if part.labels), None)
                text = stored.chunk.text
                headings = [part.section.rpartition(PATH_SEPARATOR)[2] for part in parts if part.section]
                by_page[stored.pageid].append((text if labels is None else text[:labels], headings))
        return by_page

    def _names_of_people(self, pages: Collection[IndexedPage]) -> frozenset[str]:
        """Return the words of people's names: a topic is not called after somebody."""
        names = {name for page in pages for name in page.contacts} | set(self._store.revisions.user_names())
        names |= self._index.people.left_out_names
        return frozenset(word.form for name in names for word in self._index.analyzer.words(name))


def _is_content(page: IndexedPage, site: Site) -> bool:
    namespace = site.namespaces.get(page.namespace)
    return page.namespace == 0 or (namespace is not None and namespace.content)


def _without_language(vectors: Vectors, languages: Sequence[Language]) -> Vectors:
    """Return vectors without what all pages of their language share, where both have enough pages."""
    rows = {
        language: [i for i, each in enumerate(languages) if each == language] for language in set(languages)
    }
    if len(rows) < 2 or min(map(len, rows.values())) < _ENOUGH_TO_CENTRE or len(vectors) < FEWEST:
        return vectors
    centred = vectors.copy()
    for some in rows.values():
        centred[some] -= vectors[some].mean(axis=0)
    return unit(centred)


def _central_title(pages: Sequence[IndexedPage], labels: Labels, label: int) -> str:
    return next(page.title for page, each in zip(pages, labels.tolist(), strict=True) if each == label)


def _map_page(page: IndexedPage, site: Site) -> MapPage:
    return MapPage(
        pageid=page.pageid,
        title=page.title,
        url=site.page_url(page.title),
        status=page.status,
        language=page.language,
        last_edited=page.last_edited,
    )
