"""From a question to pages in the order in which they answer, and what the first of them shows.

In two steps, because the second reads texts: words and meaning each bring candidates, whose scores are fused.
Of the first of these the wording is compared with the question's; a cross-encoder judges, where one is set.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import numpy as np

from search.answered_questions import lost_by_key, same_question
from search.calibration import AnswerSigns, Calibration, read_calibration
from search.chunking import is_key, pageid_of, without_keys
from search.fusion import RankedPage, fuse, rank_pages, standardized, verbosity, weight_of_meaning
from search.indexer import BUILT_AT, Index
from search.keyword_index import IndexedPage, StoredChunk
from search.language import Language, base_language
from search.lookup import Looked, Lookup
from search.reach import Reach
from search.readable import Readable
from search.reranking import Reranker
from search.settings import SearchSettings
from search.snippets import SnippetMaker
from search.wording import Wording
from search.words import QueryWords, is_stop_word

# Passages whose wording is compared.
_COMPARED: Final = 30
# What letters weigh in a short question, and what less in a long one: every long passage has its letters.
_BY_LETTERS, _LESS_BY_LENGTH = 0.5, 0.3
# A question of whose words the wiki has none, and that no passage comes this near to, has no answer here:
# what is typed at random stays below 0.25, short questions in other words reach 0.28 (default model).
_LEAST_NEAR = 0.25
# Pages that an answer needs besides those that are asked for: they vote for people.
_MORE_PAGES = 40
# Of a page that a question brought which it answers, so many passages are looked at for what to show.
_PASSAGES_BEHIND: Final = 4
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
    """Its best ones that were read, best first, keys left out; may be empty for a page far behind."""
    cosine: float
    """Of its best passage and the question."""
    by_words: bool
    """Whether one of its passages has a word of the question."""
    key: StoredChunk | None = None
    """What brought it here, where that is no passage of its text but a question that it answers."""
    text_cosine: float = 0.0
    """Of its best passage that is text, and the question."""


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
class _OfIndex:
    pages: int
    passages: int
    calibration: Calibration
    """How sure a hit may be."""


class Retriever:
    """Finds pages in an index. Safe to share between threads."""

    def __init__(self, *, index: Index, settings: SearchSettings, reranker: Reranker | None = None) -> None:
        self._index = index
        self._settings = settings
        self._reranker = reranker
        self._lookup = Lookup(index)
        # What changes with the index only.
        self._known: tuple[tuple[str | None, str], _OfIndex] | None = None

    def retrieve(
        self,
        query: str,
        *,
        top_k: int,
        fallback: Language,
        most_words: int | None = None,
        only: frozenset[int] | None = None,
        readable: Readable | None = None,
        without_pages: Collection[int] = (),
        without_passages: Collection[str] = (),
    ) -> Retrieved:
        """Return at least `top_k` pages where there are as many.

        Args:
            query: one line of text.
            top_k: how many pages will be shown.
            fallback: the language where the text does not tell.
            most_words: of a longer text only so many words are looked up, the rarest.
            only: the pages that filters leave, whatever the others hold; None for all.
            readable: what who asks may read: nothing else is looked at. None: everything.
            without_pages: pages that are out of reach, as if they were not there.
            without_passages: chunk ids that are.

        Raises:
            SearchError: there is no index, it was built with another model, or it cannot be used.
        """
        index = self._index
        with index.answering() as embedder:
            out = (frozenset(without_pages), frozenset(without_passages))
            reach = Reach(index.keywords, only=only, readable=readable)
            if reach.unlimited:
                found = self._lookup.everywhere(
                    query,
                    embedder,
                    top_k=top_k,
                    most_words=most_words,
                    without_pages=out[0],
                    without_passages=out[1],
                )
                known = self._of_index(embedder.model_id)
            else:
                known = self._of_index(embedder.model_id)
                found = self._lookup.within(
                    query,
                    embedder,
                    reach,
                    top_k=top_k,
                    most_words=most_words,
                    size=(known.pages, known.passages),
                )
            words, frequencies = found.words, found.frequencies
            language = found.guessed or fallback
            by_words, by_meaning = self._candidates(found, out=out)
            if self._settings.found_by == "both":
                weight = weight_of_meaning(self._settings.meaning_weight[language], len(words.groups))
                sizes = index.keywords.page_sizes({pageid_of(i) for i in by_meaning})
                fused = fuse(by_words, by_meaning, sizes, weight=weight)
            else:
                fused = dict(by_words if self._settings.found_by == "words" else by_meaning)
            wording = Wording(words, analyzer=index.analyzer, frequencies=frequencies, chunks=known.passages)
            snippets = SnippetMaker(
                words, analyzer=index.analyzer, frequencies=frequencies, chunks=known.passages
            )
            # A vector whose page is not in the manifest is not there: it changed or went a moment ago.
            indexed = index.keywords.pages({pageid_of(i) for i in fused})
            fused = {i: score for i, score in fused.items() if pageid_of(i) in indexed}
            fused, read = self._compare(query, fused, wording, top_k=top_k)
            if self._settings.found_by == "both":
                fused = _with_fair_keys(fused, by_meaning, read, snippets)
            ranked = self._order(fused, indexed, top_k=top_k)
            behind, cosines = self._behind_keys(ranked[:top_k], read, found, model_id=embedder.model_id)
        pages = tuple(
            Found(
                page=page,
                indexed=indexed[page.pageid],
                passages=tuple(read[i] for i in page.chunk_ids if i in read and not is_key(i))
                or behind.get(page.pageid, ()),
                cosine=by_meaning[page.chunk_ids[0]],
                by_words=any(i in by_words for i in page.chunk_ids),
                key=read.get(page.chunk_ids[0]) if is_key(page.chunk_ids[0]) else None,
                text_cosine=max(
                    (by_meaning[i] for i in page.chunk_ids if not is_key(i)),
                    default=cosines.get(page.pageid, 0.0),
                ),
            )
            for page in ranked
        )
        return Retrieved(
            language=language,
            words=words,
            snippets=snippets,
            pages=pages,
            signs=_signs(pages, words, snippets, found.guessed),
            calibration=known.calibration,
        )

    def _of_index(self, model_id: str) -> _OfIndex:
        """Return what is known of the index; read again after each update."""
        keywords = self._index.keywords
        state = (keywords.get_meta(BUILT_AT), model_id)
        known = self._known
        if known is None or known[0] != state:
            calibration = read_calibration(keywords, model_id=model_id)
            calibration = calibration.with_threshold(self._settings.no_answer_below)
            self._known = known = (state, _OfIndex(*keywords.counts(), calibration))
        return known[1]

    def _candidates(
        self, found: Looked, *, out: tuple[frozenset[int], frozenset[str]]
    ) -> tuple[dict[str, float], dict[str, float]]:
        """Return BM25 and cosine by chunk id; of every candidate the cosine is known."""
        index, words, nearest = self._index, found.words, found.nearest

        def reachable(scored: Sequence[tuple[str, float]]) -> dict[str, float]:
            pages, passages = out
            if not pages and not passages:
                return dict(scored)
            return {i: s for i, s in scored if i not in passages and pageid_of(i) not in pages}

        by_words = reachable(found.with_words)
        by_meaning = reachable(nearest.found)
        if words.phrases:
            held = index.keywords.holding(words.phrases, by_meaning)
            by_meaning = {i: s for i, s in by_meaning.items() if i in held}
        if not by_words and max(by_meaning.values(), default=0.0) < _LEAST_NEAR:
            return {}, {}
        others = [i for i in by_words if i in found.vectors and i not in by_meaning]
        if others:
            cosines = np.stack([found.vectors[i] for i in others]) @ nearest.vector
            by_meaning.update(zip(others, cosines.tolist(), strict=True))
        return by_words, by_meaning

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

    def _behind_keys(
        self,
        ranked: Sequence[RankedPage],
        read: Mapping[str, StoredChunk],
        found: Looked,
        *,
        model_id: str,
    ) -> tuple[dict[int, tuple[StoredChunk, ...]], dict[int, float]]:
        """Return the passages of pages that only a key has brought, nearest first, and the best cosine."""
        index = self._index
        bare = [
            page.pageid
            for page in ranked
            if is_key(page.chunk_ids[0]) and not any(i in read and not is_key(i) for i in page.chunk_ids)
        ]
        if not bare:
            return {}, {}
        vectors = index.vectors.get(model_id, sorted(without_keys(index.keywords.chunk_ids(bare))))
        cosines = {i: float(vector @ found.nearest.vector) for i, vector in vectors.items()}
        best: dict[int, list[str]] = {}
        for chunk_id in sorted(cosines, key=lambda i: (-cosines[i], i)):
            chosen = best.setdefault(pageid_of(chunk_id), [])
            if len(chosen) < _PASSAGES_BEHIND:
                chosen.append(chunk_id)
        texts = index.keywords.chunks([i for ids in best.values() for i in ids])
        passages = {pageid: tuple(texts[i] for i in ids if i in texts) for pageid, ids in best.items()}
        return passages, {pageid: cosines[ids[0]] for pageid, ids in best.items()}

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


def _with_fair_keys(
    fused: Mapping[str, float],
    cosines: Mapping[str, float],
    read: Mapping[str, StoredChunk],
    snippets: SnippetMaker,
) -> dict[str, float]:
    """Return scores in which keys weigh as far as they ask what is asked; those not read by meaning alone."""
    fair = dict(fused)
    for chunk_id in filter(is_key, fused):
        coverage = _words_of_key(read[chunk_id], snippets) if chunk_id in read else 0.0
        fair[chunk_id] -= lost_by_key(cosines[chunk_id], coverage)
    return fair


def _words_of_key(key: StoredChunk, snippets: SnippetMaker) -> float:
    """Return the share of the question's words that a key has; those of its page's title are none of it."""
    return snippets.coverage(replace(key.chunk, title=""))


def _is_same(found: Found, snippets: SnippetMaker) -> bool:
    """Whether the question that a page answers is the one that is asked: then what it shows is sure.

    Another key may bring a page, but says nothing of whether the page answers.
    """
    key = found.key
    return key is not None and same_question(found.cosine, _words_of_key(key, snippets)) >= 1


def _signs(
    found: Sequence[Found], words: QueryWords, snippets: SnippetMaker, guessed: Language | None
) -> AnswerSigns | None:
    if not found:
        return None
    first = found[0]
    if first.key is not None and (not first.passages or _is_same(first, snippets)):
        best, cosine = first.key.chunk, first.cosine
    elif first.passages:
        best = first.passages[0].chunk
        cosine = first.cosine if first.key is None else first.text_cosine
    else:
        return None
    return AnswerSigns(
        cosine=cosine,
        coverage=snippets.coverage(best),
        # Words that every page has ("a", "le") are no subject.
        words=0 if all(is_stop_word(form, guessed) for form in words.forms) else len(words.groups),
        foreign=guessed is not None and guessed != base_language(best.language),
    )
