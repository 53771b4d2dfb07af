"""Pages about what a page is about: near in meaning, and linked to the same pages."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from connector.store import Store
from connector.store.changes import Mark
from search.answer_sentences import answer_units, shown
from search.candidates import find_candidates
from search.chunking import Chunk, is_key, pageid_of, without_keys
from search.embedding import Embedder, Vectors
from search.indexer import Index
from search.reach import Reach
from search.readable import Readable
from search.results import SimilarPage
from search.words import QueryWords

_NEAREST = 60
# Below this no reader sees what two pages have to do with each other.
_LEAST = 0.35
# A link between the two, or pages that both link to, bring them this much nearer at most.
_BY_LINKS = 0.15
_ENOUGH_SHARED = 3
# What stands between the cells of a table in an index's text.
_CELLS = " | "


class RelatedPages:
    """Finds them from vectors that are there already: no text is embedded. Safe to share between threads."""

    def __init__(self, *, store: Store, index: Index) -> None:
        self._store = store
        self._index = index
        # A wiki may have thousands, which take longer to read than all else: read when anything changed.
        self._known_redirects: tuple[Mark, Mapping[str, str]] | None = None

    def find(self, pageid: int, *, top_k: int, readable: Readable | None = None) -> list[SimilarPage]:
        """Return the nearest pages, best first; none for a page that is not in the index, or may not be read.

        Args:
            pageid: of the page.
            top_k: how many pages.
            readable: what who asks may read; None: everything.

        Raises:
            SearchError: there is no index, or it cannot be used.
        """
        index = self._index
        with index.answering() as embedder:
            ids = sorted(without_keys(index.keywords.chunk_ids([pageid])))
            own = index.vectors.get(embedder.model_id, ids)
            if not own:
                return []
            mean = np.mean(list(own.values()), axis=0)
            length = float(np.linalg.norm(mean))
            if length == 0:
                return []
            vector = (mean / length).astype(np.float32)
            reach = Reach(index.keywords, readable=readable)
            reach.ask([pageid])
            if not reach.readable(pageid):
                return []
            cosines: dict[int, float] = {}
            passages: dict[int, str] = {}
            for chunk_id, cosine in self._nearest(embedder, vector, reach, own=len(own)):
                other = pageid_of(chunk_id)
                if other != pageid and not is_key(chunk_id) and cosine > cosines.get(other, -1.0):
                    cosines[other], passages[other] = cosine, chunk_id
            pages = index.keywords.pages(cosines)
        linked = self._links([pageid, *pages])
        here = linked.get(pageid, frozenset())
        titles = {each.pageid: each.title for each in pages.values()}
        own_title = self._title(pageid)
        rare = Counter(target for targets in linked.values() for target in targets)
        scored = []
        for other, page in pages.items():
            there = linked.get(other, frozenset())
            direct = titles[other] in here or own_title in there
            shared = math.fsum(1 / math.log2(1 + rare[target]) for target in here & there)
            nearer = 1.0 if direct else min(1.0, shared / _ENOUGH_SHARED)
            score = cosines[other] + _BY_LINKS * nearer
            if score >= _LEAST:
                scored.append(
                    SimilarPage(pageid=other, title=page.title, score=min(1.0, score), status=page.status)
                )
        scored.sort(key=lambda each: (-each.score, each.pageid))
        best = scored[:top_k]
        stored = index.keywords.chunks(passages[each.pageid] for each in best)
        sentences = {each.pageid: _first_sentence(each.chunk) for each in stored.values()}
        return [replace(each, sentence=sentences.get(each.pageid)) for each in best]

    def _nearest(
        self, embedder: Embedder, vector: Vectors, reach: Reach, *, own: int
    ) -> list[tuple[str, float]]:
        found = find_candidates(
            self._index,
            model_id=embedder.model_id,
            words=QueryWords(terms=(), exact=()),
            vector=vector,
            reach=reach,
            room=_NEAREST + own,
            enough=_NEAREST,
            size=(1, 1),  # nothing is left out but what may not be read
        )
        return found.by_meaning

    def _title(self, pageid: int) -> str | None:
        page = self._store.pages.get(pageid)
        return None if page is None else page.title

    def _links(self, pageids: Iterable[int]) -> dict[int, frozenset[str]]:
        """Return the titles that pages link to, redirects followed."""
        redirects = self._redirects()
        return {
            pageid: frozenset(redirects.get(title, title) for title in links.links)
            for pageid, links in self._store.links.get_many(list(pageids)).items()
        }

    def _redirects(self) -> Mapping[str, str]:
        mark = self._store.changes.mark()  # before they are read
        known = self._known_redirects
        if known is None or known[0] != mark:
            self._known_redirects = known = (mark, self._store.pages.redirects())
        return known[1]


def _first_sentence(chunk: Chunk) -> str | None:
    """Return the first sentence of a passage that can stand alone, which a row of a table cannot."""
    own = [part.offset for part in chunk.parts if not part.labels]
    text = chunk.text[own[0] :] if own else ""
    units = (unit for unit in answer_units(text) if not unit.dependent)
    return next((shown(text, unit) for unit in units if _CELLS not in text[unit.start : unit.end]), None)
