"""What a question's words and its meaning find in the two indexes, of all pages or of those within reach."""

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Final

from search.candidates import Candidates, find_candidates
from search.embedding import Embedder, Vectors
from search.indexer import Index
from search.language import Language
from search.reach import Reach
from search.spelling import SpellingCorrector
from search.words import QueryWords

# Passages taken from each of the two indexes: with 200 no set of questions was answered better.
_CANDIDATES: Final = 60
# So many readable pages are enough for an answer, where not all may be read: as many as vote for people.
_ENOUGH = 40
# Of a long text so many times more words are looked into than are looked up.
_LOOKED_INTO = 3
# Questions that are compared by meaning at once; more wait for their turn.
_MOST_BESIDE = 16


@dataclass(frozen=True, slots=True)
class Nearest:
    """What meaning finds."""

    vector: Vectors
    """Of the question."""
    found: Sequence[tuple[str, float]]
    """Chunk ids and cosines, nearest first."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What both indexes give for a question."""

    guessed: Language | None
    """Language of the question, where it tells."""
    words: QueryWords
    frequencies: Mapping[str, int]
    """In how many passages each term stands, as far as who asks may know."""
    with_words: Sequence[tuple[str, float]]
    """Chunk ids and BM25, best first."""
    nearest: Nearest
    vectors: Mapping[str, Vectors]
    """Of the passages with words."""


class Lookup:
    """Looks questions up. Safe to share between threads."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._corrector = SpellingCorrector(index.keywords, analyzer=index.analyzer)
        # Threads come as questions do, and stay: each question needs one beside its own.
        self._beside = ThreadPoolExecutor(_MOST_BESIDE, thread_name_prefix="meaning")

    def everywhere(
        self,
        query: str,
        embedder: Embedder,
        *,
        top_k: int,
        most_words: int | None,
        without_pages: Collection[int] = (),
        without_passages: Collection[str] = (),
    ) -> Looked:
        """Look in all pages; see `Retriever.retrieve`."""
        index = self._index
        # Whole pages may be left out: then as many candidates more are looked at.
        room = (max(_CANDIDATES, 2 * top_k) + len(without_passages)) * (2 if without_pages else 1)
        # The model and Chroma compute without Python's lock, while SQLite does here.
        nearest = self._beside.submit(_nearest, index, embedder, query, limit=room)
        try:
            guessed = index.detector.guess(query)
            words, frequencies = self._words(query, guessed, most_words)
            with_words = index.keywords.search(words, limit=room)
            vectors = index.vectors.get(embedder.model_id, [chunk_id for chunk_id, _ in with_words])
        finally:
            wait([nearest])  # the model must stay as long as it is used
        return Looked(guessed, words, frequencies, with_words, nearest.result(), vectors)

    def within(
        self,
        query: str,
        embedder: Embedder,
        reach: Reach,
        *,
        top_k: int,
        most_words: int | None,
        size: tuple[int, int],
    ) -> Looked:
        """Look among the pages within reach alone; `size`: how many pages and passages the index has."""
        index, model_id = self._index, embedder.model_id
        vector = self._beside.submit(embedder.embed_query, query)
        try:
            guessed = index.detector.guess(query)
            words, frequencies = self._words(query, guessed, most_words)
        finally:
            wait([vector])  # the model must stay as long as it is used

        def look(words: QueryWords) -> Candidates:
            return find_candidates(
                index,
                model_id=model_id,
                words=words,
                vector=vector.result(),
                reach=reach,
                room=max(_CANDIDATES, 2 * top_k),
                enough=max(_ENOUGH, 2 * top_k),
                size=size,
            )

        found = look(words)
        if reach.restricted:
            # Who was asked about the candidates has told of most words; what is left is found out now.
            known, frequencies = self._words_within(query, guessed, reach, most_words)
            if known != words:
                words, found = known, look(known)
        vectors = index.vectors.get(model_id, [chunk_id for chunk_id, _ in found.by_words])
        nearest = Nearest(vector.result(), found.by_meaning)
        return Looked(guessed, words, frequencies, found.by_words, nearest, vectors)

    def _words(
        self, query: str, guessed: Language | None, most_words: int | None
    ) -> tuple[QueryWords, dict[str, int]]:
        """Return what to look up, and in how many passages each term of it stands."""
        keywords = self._index.keywords
        asked = self._index.analyzer.query(query, guessed)
        frequencies = keywords.frequencies((*asked.terms, *asked.exact))
        words = self._corrector.correct(asked, frequencies=frequencies)
        if words is not asked:
            frequencies = keywords.frequencies((*words.terms, *words.exact))
        if most_words is not None:
            words = rarest(words, frequencies, most_words)
        return words, frequencies

    def _words_within(
        self, query: str, guessed: Language | None, reach: Reach, most_words: int | None
    ) -> tuple[QueryWords, dict[str, int]]:
        """Return what `_words` does, as if there were only the pages that may be read."""
        keywords = self._index.keywords
        asked = self._index.analyzer.query(query, guessed)
        everywhere = keywords.frequencies((*asked.terms, *asked.exact))
        if most_words is not None:
            # Of a long text only the rarest words are looked up: the others need not be looked into.
            rarest_first = sorted(everywhere, key=lambda term: (everywhere[term], term))
            everywhere = {term: everywhere[term] for term in rarest_first[: _LOOKED_INTO * most_words]}
        frequencies = reach.terms(everywhere)
        words = self._corrector.correct(asked, frequencies=frequencies, reach=reach)
        if words is not asked:
            more = [term for term in words.terms if term not in everywhere]
            frequencies |= reach.terms(keywords.frequencies(more))
        if most_words is not None:
            words = rarest(words, frequencies, most_words)
        return words, frequencies


def rarest(words: QueryWords, frequencies: Mapping[str, int], most: int) -> QueryWords:
    """Return the rarest words of a text among those that the index has."""
    known = sorted((t for t in words.terms if t in frequencies), key=lambda t: (frequencies[t], t))
    kept = frozenset(known[:most])
    pairs = [pair for pair in zip(words.groups, words.forms, strict=False) if pair[0] & kept]
    terms = tuple(dict.fromkeys(term for group, _ in pairs for term in sorted(group)))
    return QueryWords(
        terms=terms,
        exact=words.exact[:most],
        groups=tuple(group for group, _ in pairs),
        forms=tuple(form for _, form in pairs),
    )


def _nearest(index: Index, embedder: Embedder, query: str, *, limit: int) -> Nearest:
    vector = embedder.embed_query(query)
    return Nearest(vector, index.vectors.nearest(embedder.model_id, vector, limit=limit))
