"""Links by meaning: pages that belong under "See also", with the sentence that tells why.

What is compared are passages, not words only, so that a page brings others that say the same in other words;
and links: what pages near in meaning link to, and what is linked to the same pages, belongs together
(bibliographic coupling, Kessler 1963; co-citation, Small 1973; nearest neighbours as in collaborative
filtering).
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np

from connector.errors import IndexNotBuiltError
from connector.model import Page, Site
from connector.store import Store
from connector.wikitext import parse
from search.chunking import chunk_ids, chunk_page, is_key, pageid_of, without_keys
from search.embedding import Embedder, Vectors
from search.indexer import Index
from search.link_anchors import AnchorTable, read_page
from search.link_words import PhraseReader
from search.links import LinkSettings, LinkSuggester
from search.practices import read_page as read_text
from search.readable import Readable, first_readable, restriction
from search.see_also_score import NEAR, Signs, Surroundings, score
from search.see_also_sentence import NearPassages, choose_sentences

LEAST_SCORE: Final = 0.07
"""What is less likely is not offered; meaning alone, without a shared word, reaches it from a cosine of .65.
Of pairs that score as much, editors of six real wikis had linked 12 to 39 % (docs/decisions.md)."""
_NEAREST_PASSAGES = 40
_NEAREST_PAGES = 40
# Where not all pages may be read, so many times more passages are looked at besides.
_DEEPER = 3
# Each passage is a question of its own to the vectors, a millisecond or two.
_MOST_PASSAGES = 8
# Embedding a passage takes some 15 ms; of a text that is being written rarely more than these are new.
_MOST_NEW_PASSAGES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SeeAlsoSuggestion:
    """A page that could stand in a page's section "See also"."""

    pageid: int
    title: str
    score: float
    """How likely the page links to it where editors link what belongs together, in 0..1."""
    sentence: str | None
    """The sentence that brings them together, plain text in one line; None where no sentence says it."""
    sentence_pageid: int | None
    """The page on which it stands; None without one."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """What is known of the pages that may belong to a page, those that it links to among them."""

    signs: dict[int, Signs]
    linked: frozenset[int]
    passages: dict[int, tuple[str, int]]
    """By pageid, its passage that is nearest to one of the page (id), and to which (place in `vectors`)."""
    vectors: Vectors
    """Of the page's passages: shape [n, dimension]."""
    words: dict[str, float]
    """Of the page, by how much they say."""
    text: str
    """Of the page, plain, in one line."""


class SeeAlso:
    """Finds them. Safe to share between threads.

    Args:
        store: the mirror.
        index: the vectors of its pages.
        links: what the wiki's links teach; None to read them apart.
    """

    def __init__(self, *, store: Store, index: Index, links: LinkSuggester | None = None) -> None:
        self._store = store
        self._index = index
        self._links = links or LinkSuggester(store=store, settings=LinkSettings())
        self._reader = PhraseReader()

    def find(
        self, page: Page, *, top_k: int = 5, readable: Readable | None = None
    ) -> list[SeeAlsoSuggestion]:
        """Return the pages that belong to a page and that it does not link to, best first.

        Args:
            page: a page of the mirror, or a text that is being written (`pageid` 0 for a new page).
            top_k: at most so many.
            readable: what who asks may read: no other page, nor a sentence of one. None: everything.

        Raises:
            SearchError: there is no index, or it cannot be used.
        """
        site, table = self._store.site.get(), self._links.table()
        if site is None or table is None or page.redirect_target or page.content_model != "wikitext":
            return []
        with self._index.answering() as embedder:
            weighed = self._weigh(page, site, table, embedder, readable=restriction(readable))
            unwanted = weighed.linked | self._store.link_feedback.dropped(page.pageid)
            scored = [
                (score(signs), other) for other, signs in weighed.signs.items() if other not in unwanted
            ]
            likely = [each for each in scored if each[0] >= LEAST_SCORE]
            likely.sort(key=lambda each: (-each[0], each[1]))
            allowed = first_readable([table.head(other) for _, other in likely], readable, enough=top_k)
            chosen = [each for each in likely if each[1] in allowed][:top_k]
            sentences = self._sentences([other for _, other in chosen], weighed, embedder)
        return [
            SeeAlsoSuggestion(
                pageid=other,
                title=table.titles[other],
                score=round(value, 3),
                sentence=sentences.get(other),
                sentence_pageid=other if other in sentences else None,
            )
            for value, other in chosen
        ]

    def weigh(self, page: Page, *, also: Collection[int] = ()) -> Weighed:
        """Return what is known of the pages that may belong to a page: what `find` chooses from.

        Args:
            page: of the mirror.
            also: other pages that are weighed whatever is known of them.

        Raises:
            IndexNotBuiltError: there is no mirror, or no index.
            SearchError: the index cannot be used.
        """
        site, table = self._store.site.get(), self._links.table()
        if site is None or table is None:
            raise IndexNotBuiltError("there is nothing to compare yet: run `compagnon sync`")
        with self._index.answering() as embedder:
            return self._weigh(page, site, table, embedder, also=also)

    def _weigh(
        self,
        page: Page,
        site: Site,
        table: AnchorTable,
        embedder: Embedder,
        *,
        also: Collection[int] = (),
        readable: Readable | None = None,
    ) -> Weighed:
        vectors = self._vectors(page, site, embedder)
        parsed = parse(page.wikitext, site=site)
        linked = {table.resolve(link.target) for link in parsed.links}
        links = {target for target in linked if target is not None} - {page.pageid}
        cosines: dict[int, float] = {}
        passages: dict[int, tuple[str, int]] = {}
        near: dict[int, float] = {}
        if len(vectors):
            mean = vectors.mean(axis=0)
            mean /= float(np.linalg.norm(mean)) or 1.0
            # All that a long page has, and not only what is compared: they are the nearest to it.
            own = len(self._index.keywords.chunk_ids([page.pageid]))
            deep = own if readable is None else own + _DEEPER * _NEAREST_PASSAGES
            for other, _, cosine in self._nearest(page, table, mean, embedder, more=deep):
                near.setdefault(other, cosine)
            for place, vector in enumerate(vectors):
                for other, chunk_id, cosine in self._nearest(page, table, vector, embedder, more=deep):
                    if cosine > cosines.get(other, -1.0):
                        cosines[other], passages[other] = cosine, (chunk_id, place)
        if readable is not None:
            nearness = {i: max(near.get(i, -1.0), cosines.get(i, -1.0)) for i in near.keys() | cosines.keys()}
            order = sorted(nearness, key=lambda other: (-nearness[other], other))
            allowed = first_readable([table.head(i) for i in order], readable, enough=_NEAREST_PAGES)
            near = {other: cosine for other, cosine in near.items() if other in allowed}
            cosines = {other: cosine for other, cosine in cosines.items() if other in allowed}
        around = Surroundings(
            table,
            pageid=page.pageid,
            links=links,
            near=sorted(near.items(), key=lambda each: -each[1])[:NEAR],
        )
        nearest = sorted(cosines, key=lambda other: (-cosines[other], other))[:_NEAREST_PAGES]
        candidates = {*nearest, *around.candidates(), *also} - {page.pageid}
        candidates = {other for other in candidates if other in table.titles}
        self._compare(sorted(candidates - cosines.keys()), vectors, embedder, cosines, passages)
        facts = table.facts.get(page.pageid)
        if facts is None or facts.revid != page.revid:
            facts = read_page(page, self._reader)
        words = table.weighted(facts.terms)
        signs = {
            other: around.signs(other, passage=cosines[other], likeness=table.likeness(words, other))
            for other in self._index.keywords.pages(candidates & cosines.keys())
        }
        return Weighed(signs, frozenset(links), passages, vectors, words, " ".join(parsed.text.split()))

    def _vectors(self, page: Page, site: Site, embedder: Embedder) -> Vectors:
        """Return the vectors of a page's passages, some dozen of a long page; of a new text few are made."""
        index = self._index
        known = self._store.pages.get(page.pageid) if page.pageid else None
        if known is not None and known.wikitext == page.wikitext:
            ids = sorted(without_keys(index.keywords.chunk_ids([page.pageid])))
            rows = list(
                index.vectors.get(embedder.model_id, ids[:: -(-len(ids) // _MOST_PASSAGES) or 1]).values()
            )
            if rows:
                return np.stack(rows)
        text = read_text(page, site=site, detector=index.detector, people=index.people)
        chunks = chunk_page(
            title=page.title,
            sections=text.sections,
            labels=text.labels,
            language=text.language,
            detector=index.detector,
        )
        ids = chunk_ids(page.pageid, chunks)
        there = index.vectors.get(embedder.model_id, ids)
        new = [chunk.embedded for chunk, each in zip(chunks, ids, strict=True) if each not in there]
        made = embedder.embed_passages(new[:: -(-len(new) // _MOST_NEW_PASSAGES) or 1])
        old = [there[each] for each in ids if each in there]
        return np.stack([*old[:: -(-len(old) // _MOST_PASSAGES) or 1], *made])

    def _nearest(
        self, page: Page, table: AnchorTable, vector: Vectors, embedder: Embedder, *, more: int
    ) -> list[tuple[int, str, float]]:
        """Return the nearest passages of other pages that may be offered: page, id and cosine."""
        found = self._index.vectors.nearest(
            embedder.model_id, vector.astype(np.float32), limit=_NEAREST_PASSAGES + more
        )
        passages = [
            (pageid_of(chunk_id), chunk_id, cosine) for chunk_id, cosine in found if not is_key(chunk_id)
        ]
        return [each for each in passages if each[0] != page.pageid and each[0] in table.titles]

    def _compare(
        self,
        pageids: list[int],
        vectors: Vectors,
        embedder: Embedder,
        cosines: dict[int, float],
        passages: dict[int, tuple[str, int]],
    ) -> None:
        """Find the nearest passages of pages that only links have brought."""
        if not pageids or not len(vectors):
            return
        ids = sorted(without_keys(self._index.keywords.chunk_ids(pageids)))
        there = self._index.vectors.get(embedder.model_id, ids)
        if not there:
            return
        both = np.stack(list(there.values())) @ vectors.T
        for chunk_id, row in zip(there, both, strict=True):
            place = int(row.argmax())
            other, cosine = pageid_of(chunk_id), float(row[place])
            if cosine > cosines.get(other, -1.0):
                cosines[other], passages[other] = cosine, (chunk_id, place)

    def _sentences(self, pageids: list[int], weighed: Weighed, embedder: Embedder) -> dict[int, str]:
        stored = self._index.keywords.chunks(weighed.passages[other][0] for other in pageids)
        known = [other for other in pageids if weighed.passages[other][0] in stored]
        pairs = [
            NearPassages(stored[chunk_id].chunk, weighed.vectors[place])
            for chunk_id, place in (weighed.passages[other] for other in known)
        ]
        found = choose_sentences(
            pairs, text=weighed.text, words=weighed.words, reader=self._reader, embedder=embedder
        )
        return {other: sentence for other, sentence in zip(known, found, strict=True) if sentence}
