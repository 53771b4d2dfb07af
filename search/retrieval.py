"""From a question to pages in the order in which they answer, and what the first of them shows.

In two steps, because the second reads texts: words and meaning each bring candidates, whose scores are fused.
Of the first of these the wording is compared with the question's; a cross-encoder judges, where one is set.
"""

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import numpy as np

from search.calibration import AnswerSigns, Calibration, read_calibration
from search.chunking import pageid_of
from search.embedding import Embedder, Vectors
from search.fusion import RankedPage, fuse, rank_pages, standardized, verbosity, weight_of_meaning
from search.indexer import BUILT_AT, Index
from search.keyword_index import IndexedPage, StoredChunk
from search.language import Language, base_language
from search.reranking import Reranker
from search.settings import SearchSettings
from search.snippets import SnippetMaker
from search.spelling import SpellingCorrector
from search.wording import Wording
from search.words import QueryWords, is_stop_word

# Passages taken from each of the two indexes: with 200 no set of questions was answered better.
_CANDIDATES = 60
# Passages whose wording is compared.
_COMPARED: Final = 30
# What letters weigh in a short question, and what less in a long one: every long passage has its letters.
_BY_LETTERS, _LESS_BY_LENGTH = 0.5, 0.3
# A question of whose words the wiki has none, and that no passage comes this near to, has no answer here:
# what is typed at random stays below 0.25, short questions in other words reach 0.28 (default model).
_LEAST_NEAR = 0.25
# Pages that an answer needs besides those that are asked for: they vote for people.
_MORE_PAGES = 40
# Questions that are compared by meaning at once; more wait for their turn.
_MOST_BESIDE = 16
# A score is a sum of about three standardized ones; in these units 1 is a clear difference.
_UNIT = 2.5
# A practice that was given up is rarely what is asked for; one that has proven itself is, between equals.
_BY_STATUS: Final[Mapping[str, float]] = {"retired": -0.3, "adopted": 0.05, "reference": 0.1}
_A_YEAR = -0.01
_MOST_YEARS = 10
_DAYS_A_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Found:
    """A page that may answer."""

    page: RankedPage
    indexed: IndexedPage
    passages: tuple[StoredChunk, ...]
    """Its best ones that were read, best first; may be empty for a page far behind."""
    cosine: float
    """Of its best passage and the question."""
    by_words: bool
    """Whether one of its passages has a word of the question."""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What is known of a question and its answers."""

    language: Language
    words: QueryWords
    snippets: SnippetMaker
    pages: tuple[Found, ...]
    """Best first."""
    signs: AnswerSigns | None
    """What the first page shows; None when there is none."""
    calibration: Calibration

    @property
    def chance(self) -> float:
        """The chance (0 to 1) that the page that answers is among the first ten."""
        return 0.0 if self.signs is None else self.calibration.chance(self.signs)

    @property
    def answerable(self) -> bool:
        """Whether the first page is an answer; else the pages are only the nearest."""
        return self.signs is not None and self.calibration.answers(self.signs)


@dataclass(frozen=True, slots=True)
class _Nearest:
    """What meaning finds."""

    vector: Vectors
    """Of the question."""
    found: list[tuple[str, float]]
    """Chunk ids and cosines, nearest first."""


class Retriever:
    """Finds pages in an index. Safe to share between threads."""

    def __init__(self, *, index: Index, settings: SearchSettings, reranker: Reranker | None = None) -> None:
        self._index = index
        self._settings = settings
        self._reranker = reranker
        self._corrector = SpellingCorrector(index.keywords, analyzer=index.analyzer)
        # Threads come as questions do, and stay: each question needs one beside its own.
        self._beside = ThreadPoolExecutor(_MOST_BESIDE, thread_name_prefix="meaning")
        # What changes with the index only: how many passages there are, and how sure a hit may be.
        self._known: tuple[tuple[str | None, str], int, Calibration] | None = None

    def retrieve(
        self,
        query: str,
        *,
        top_k: int,
        fallback: Language,
        most_words: int | None = None,
        practices_only: bool = False,
        without_pages: Collection[int] = (),
        without_passages: Collection[str] = (),
    ) -> Retrieved:
        """Return at least `top_k` pages where there are as many.

        Args:
            query: one line of text.
            top_k: how many pages will be shown.
            fallback: the language where the text does not tell.
            most_words: of a longer text only so many words are looked up, the rarest.
            practices_only: leave out pages that are no practice.
            without_pages: pages that are out of reach, as if they were not there.
            without_passages: chunk ids that are.

        Raises:
            SearchError: there is no index, it was built with another model, or it cannot be used.
        """
        index = self._index
        with index.answering() as embedder:
            out = (frozenset(without_pages), frozenset(without_passages))
            # Whole pages may be out of reach: then as many candidates more are looked at.
            room = (max(_CANDIDATES, 2 * top_k) + len(out[1])) * (2 if out[0] else 1)
            # The model and Chroma compute without Python's lock, while SQLite does here.
            nearest = self._beside.submit(_nearest, index, embedder, query, limit=room)
            try:
                guessed = index.detector.guess(query)
                words, frequencies = self._words(query, guessed, most_words)
                with_words = index.keywords.search(words, limit=room)
                passages, calibration = self._of_index(embedder.model_id)
                vectors = index.vectors.get(embedder.model_id, [chunk_id for chunk_id, _ in with_words])
            finally:
                wait([nearest])  # the model must stay as long as it is used
            language = guessed or fallback
            by_words, by_meaning = self._candidates(words, with_words, nearest.result(), vectors, out=out)
            if self._settings.found_by == "both":
                weight = weight_of_meaning(self._settings.meaning_weight[language], len(words.groups))
                sizes = index.keywords.page_sizes({pageid_of(i) for i in by_meaning})
                fused = fuse(by_words, by_meaning, sizes, weight=weight)
            else:
                fused = dict(by_words if self._settings.found_by == "words" else by_meaning)
            wording = Wording(words, analyzer=index.analyzer, frequencies=frequencies, chunks=passages)
            snippets = SnippetMaker(words, analyzer=index.analyzer, frequencies=frequencies, chunks=passages)
            indexed = self._pages(fused, practices_only=practices_only)
            fused = {i: score for i, score in fused.items() if pageid_of(i) in indexed}
            fused, read = self._compare(query, fused, wording, top_k=top_k)
        ranked = self._order(fused, indexed, top_k=top_k)
        found = tuple(
            Found(
                page=page,
                indexed=indexed[page.pageid],
                passages=tuple(read[i] for i in page.chunk_ids if i in read),
                cosine=by_meaning[page.chunk_ids[0]],
                by_words=any(i in by_words for i in page.chunk_ids),
            )
            for page in ranked
        )
        return Retrieved(
            language=language,
            words=words,
            snippets=snippets,
            pages=found,
            signs=_signs(found, words, snippets, guessed),
            calibration=calibration,
        )

    def _of_index(self, model_id: str) -> tuple[int, Calibration]:
        """Return how many passages there are, and how sure a hit may be; read again after each update."""
        keywords = self._index.keywords
        state = (keywords.get_meta(BUILT_AT), model_id)
        known = self._known
        if known is None or known[0] != state:
            calibration = read_calibration(keywords, model_id=model_id)
            calibration = calibration.with_threshold(self._settings.no_answer_below)
            self._known = known = (state, keywords.counts()[1], calibration)
        return known[1], known[2]

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

    def _candidates(
        self,
        words: QueryWords,
        with_words: Sequence[tuple[str, float]],
        nearest: _Nearest,
        vectors: Mapping[str, Vectors],
        *,
        out: tuple[frozenset[int], frozenset[str]],
    ) -> tuple[dict[str, float], dict[str, float]]:
        """Return BM25 and cosine by chunk id; of every candidate the cosine is known."""
        index = self._index

        def reachable(scored: Sequence[tuple[str, float]]) -> dict[str, float]:
            pages, passages = out
            if not pages and not passages:
                return dict(scored)
            return {i: s for i, s in scored if i not in passages and pageid_of(i) not in pages}

        by_words = reachable(with_words)
        by_meaning = reachable(nearest.found)
        if words.phrases:
            held = index.keywords.holding(words.phrases, by_meaning)
            by_meaning = {i: s for i, s in by_meaning.items() if i in held}
        if not by_words and max(by_meaning.values(), default=0.0) < _LEAST_NEAR:
            return {}, {}
        others = [i for i in by_words if i in vectors and i not in by_meaning]
        if others:
            cosines = np.stack([vectors[i] for i in others]) @ nearest.vector
            by_meaning.update(zip(others, cosines.tolist(), strict=True))
        return by_words, by_meaning

    def _pages(self, fused: Mapping[str, float], *, practices_only: bool) -> dict[int, IndexedPage]:
        # A vector whose page is not in the manifest is not there: the page changed or went a moment ago.
        indexed = self._index.keywords.pages({pageid_of(i) for i in fused})
        if practices_only:
            return {pageid: page for pageid, page in indexed.items() if page.status is not None}
        return indexed

    def _compare(
        self, query: str, fused: Mapping[str, float], wording: Wording, *, top_k: int
    ) -> tuple[dict[str, float], dict[str, StoredChunk]]:
        """Return the scores after a look at the texts of the first candidates, and these texts."""
        order = sorted(fused, key=lambda i: (-fused[i], i))
        looked_at = order[: max(_COMPARED, 2 * top_k)]
        texts = self._index.keywords.chunks(looked_at)
        # As with pages: a passage that is not there any more is no candidate.
        gone = frozenset(looked_at).difference(texts)
        scores = {i: score for i, score in fused.items() if i not in gone}
        first = [i for i in order[:_COMPARED] if i in texts]
        if not first:
            return scores, texts
        if self._settings.found_by == "both":
            alike = wording.likeness([texts[i].chunk for i in first])
            letters = standardized([each.letters for each in alike])
            weight = _BY_LETTERS - _LESS_BY_LENGTH * verbosity(wording.length)
            for chunk_id, each, by_letters in zip(first, alike, letters, strict=True):
                scores[chunk_id] += each.bonus + weight * by_letters
        if self._reranker is not None:
            judged = self._reranker.rerank(query, [texts[i].chunk.embedded for i in first])
            # The cross-encoder gives the order; how far apart the scores are stays what it was.
            by_judgement = sorted(zip(judged, first, strict=True), key=lambda each: (-each[0], each[1]))
            values = sorted((scores[i] for i in first), reverse=True)
            scores |= {i: value for value, (_, i) in zip(values, by_judgement, strict=True)}
        # Those that were not compared follow those that were, in their order.
        rest = scores.keys() - first
        if rest:
            gap = max(scores[i] for i in rest) - min(scores[i] for i in first)
            for i in rest:
                scores[i] -= max(0.0, gap)
        return scores, texts

    def _order(
        self, fused: Mapping[str, float], indexed: Mapping[int, IndexedPage], *, top_k: int
    ) -> list[RankedPage]:
        """Return the first pages, practices and recent pages a little before others."""
        now = datetime.now(UTC)
        # What tips the scale of a fusion would turn over cosines, or words' own scores, by themselves.
        bare = self._settings.found_by != "both"
        scored = []
        for page in rank_pages({i: score / _UNIT for i, score in fused.items()}):
            row = indexed[page.pageid]
            years = min(_MOST_YEARS, max(0.0, (now - row.last_edited).days / _DAYS_A_YEAR))
            gently = 0.0 if bare else _BY_STATUS.get(row.status or "", 0.0) + _A_YEAR * years
            scored.append((page.score + gently, page))
        scored.sort(key=lambda each: (-each[0], each[1].pageid))
        return [replace(page, score=score) for score, page in scored[: top_k + _MORE_PAGES]]


def _nearest(index: Index, embedder: Embedder, query: str, *, limit: int) -> _Nearest:
    vector = embedder.embed_query(query)
    return _Nearest(vector, index.vectors.nearest(embedder.model_id, vector, limit=limit))


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


def _signs(
    found: Sequence[Found], words: QueryWords, snippets: SnippetMaker, guessed: Language | None
) -> AnswerSigns | None:
    if not found or not found[0].passages:
        return None
    best = found[0].passages[0].chunk
    return AnswerSigns(
        cosine=found[0].cosine,
        coverage=snippets.coverage(best),
        # Words that every page has ("a", "le") are no subject.
        words=0 if all(is_stop_word(form, guessed) for form in words.forms) else len(words.groups),
        foreign=guessed is not None and guessed != base_language(best.language),
    )
