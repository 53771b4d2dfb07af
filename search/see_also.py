"""Links by meaning: pages that belong under "See also", with the sentence that tells why.

What is compared are passages, not words, so that a page in French brings one in English; and links: pages
that lead to the same pages, or that the same pages lead to, are about one thing (bibliographic coupling,
Kessler 1963; co-citation, Small 1973).
"""

from dataclasses import dataclass

import numpy as np

from connector.model import Page, Site
from connector.store import Store
from connector.wikitext import parse
from search.answer_sentences import answer_units, shown
from search.chunking import Chunk, chunk_ids, chunk_page, pageid_of
from search.embedding import Embedder, Vectors
from search.indexer import Index
from search.links import LinkSuggester
from search.practices import read_page

LEAST_SCORE = 0.5
_NEAREST = 60
# Embedding a passage takes some 15 ms; what is new in a text that is being written is rarely more than these.
_MOST_NEW_PASSAGES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SeeAlsoSuggestion:
    """A page that could stand in a page's section "See also"."""

    pageid: int
    title: str
    score: float
    """How likely the two belong together, in 0..1."""
    sentence: str | None
    """The sentence that brings them together, plain text in one line; None where no sentence says it."""
    sentence_pageid: int | None
    """The page on which it stands: the suggested one, or the page itself."""


class SeeAlso:
    """Finds them. Safe to share between threads.

    Args:
        store: the mirror.
        index: the vectors of its pages.
        links: knows the wiki's links; None for one of its own.
    """

    def __init__(self, *, store: Store, index: Index, links: LinkSuggester | None = None) -> None:
        self._store = store
        self._index = index
        self._links = links

    def find(self, page: Page, *, top_k: int = 5) -> list[SeeAlsoSuggestion]:
        """Return the pages that belong to a page and that it does not link to, best first.

        Args:
            page: a page of the mirror, or a text that is being written (`pageid` 0 for a new page).
            top_k: at most so many.

        Raises:
            SearchError: there is no index, or it cannot be used.
        """
        site = self._store.site.get()
        if site is None or page.redirect_target is not None or page.content_model != "wikitext":
            return []
        with self._index.answering() as embedder:
            passages, vectors = self._passages(page, site, embedder)
            cosines: dict[int, float] = {}
            mean = vectors.mean(axis=0)
            for vector in [mean / (float(np.linalg.norm(mean)) or 1.0), *vectors]:
                for chunk_id, cosine in self._index.vectors.nearest(
                    embedder.model_id, vector.astype(np.float32), limit=_NEAREST
                ):
                    other = pageid_of(chunk_id)
                    cosines[other] = max(cosine, cosines.get(other, -1.0))
            known = self._index.keywords.pages(cosines)
        taken = self._taken(page, site)
        scored = sorted(
            (
                (min(1.0, max(0.0, cosines[other])), other)
                for other, row in known.items()
                if row.title not in taken and other != page.pageid
            ),
            key=lambda each: (-each[0], each[1]),
        )
        return [
            SeeAlsoSuggestion(
                pageid=other,
                title=known[other].title,
                score=round(score, 3),
                sentence=self._sentence(other, passages),
                sentence_pageid=other,
            )
            for score, other in scored[:top_k]
            if score >= LEAST_SCORE
        ]

    def _passages(self, page: Page, site: Site, embedder: Embedder) -> tuple[list[Chunk], Vectors]:
        """Return a page's passages and their vectors; of a text that is being written only a few anew."""
        text = read_page(page, site=site, detector=self._index.detector, people=self._index.people)
        chunks = chunk_page(
            title=page.title,
            sections=text.sections,
            labels=text.labels,
            language=text.language,
            detector=self._index.detector,
        )
        ids = chunk_ids(page.pageid, chunks)
        there = self._index.vectors.get(embedder.model_id, ids)
        new = [number for number, each in enumerate(ids) if each not in there][:_MOST_NEW_PASSAGES]
        made = embedder.embed_passages([chunks[number].embedded for number in new])
        vectors = {ids.index(each): vector for each, vector in there.items()} | dict(
            zip(new, made, strict=True)
        )
        numbers = sorted(vectors)
        return [chunks[number] for number in numbers], np.stack([vectors[number] for number in numbers])

    def _taken(self, page: Page, site: Site) -> set[str]:
        """Return the titles that a page links to, where redirects lead included."""
        redirects = self._store.pages.redirects()
        titles = {link.target for link in parse(page.wikitext, site=site).links}
        return titles | {redirects[title] for title in titles if title in redirects}

    def _sentence(self, pageid: int, passages: list[Chunk]) -> str | None:
        stored = self._index.keywords.chunks(sorted(self._index.keywords.chunk_ids([pageid])))
        for each in stored.values():
            for unit in answer_units(each.chunk.text):
                if not unit.dependent:
                    return shown(each.chunk.text, unit)
        return None
