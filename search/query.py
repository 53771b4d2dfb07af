"""Answers questions: hits with the passage that answers, experts with their proof, similar pages."""

import math
import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.errors import IndexNotBuiltError, InvalidQueryError
from connector.model import Site
from connector.store import Store
from search.chunking import Chunk
from search.experts import Expert, ExpertFinder, VotingPage
from search.fusion import RankedPage, fuse, rank_pages
from search.indexer import Index
from search.keyword_index import IndexedPage, StoredChunk
from search.language import Language, base_language
from search.settings import SearchSettings
from search.snippets import Snippet, SnippetMaker
from search.words import QueryWords

MAX_QUESTION_CHARACTERS = 1_000
MAX_TOP_K = 100
# Passages taken from each of the two indexes.
_CANDIDATES = 200
# Passages of a hit that are looked at for what to show, and how many times more of the question than the best
# one another must hold to be shown instead: the best may be a list of addresses that the title lifted.
_SHOWN_OF = 4
_TELLS_MORE = 2.0
_SAYS_ENOUGH = 0.25
_VOTING_PAGES = 20
_EXPERTS_BESIDE_HITS = 5
# Of a text that is compared, what is read and how many of its words are looked up.
_COMPARED_CHARACTERS = 4_000
_COMPARED_WORDS = 30
# What a hit must reach to be called near in meaning.
_NEAR = 0.35
# A question of whose words the wiki has none, and that no passage comes this near to, has no answer here:
# what is typed at random stays below 0.25, short questions in other words reach 0.28 (default model).
_LEAST_NEAR = 0.25
# The first hit's score is the chance that it answers, from its cosine and the share of the question's words
# that it holds: a logistic regression (docs/decisions.md). The next ones lose with their distance from it.
_CHANCE = (-2.3, 2.5, 2.0)
_DECAY = 3.0
# A page votes for its people by how near it comes to the first hit; sharper than the score that is shown.
_VOTE_DECAY = 1.5
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A page that answers, with the passage that does."""

    pageid: int
    title: str
    url: str
    section: str
    """Heading path joined by " › "; empty before the first heading."""
    anchor: str
    snippet: str
    marks: tuple[tuple[int, int], ...]
    """(start, end) of the question's words in `snippet`."""
    score: float
    """0 to 1, falling from hit to hit."""
    revid: int
    language: str
    """Of the passage."""
    last_edited: datetime
    matched: tuple[str, ...]
    """Of "words" and "meaning", what brought the page here."""
    status: str | None
    """The practice's status; None for a page that is no practice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """The answer to a question."""

    query: str
    language: str
    hits: tuple[Hit, ...]
    experts: tuple[Expert, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertResult:
    """The people who know about a subject."""

    query: str
    language: str
    experts: tuple[Expert, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarPage:
    """A page that says something near to a text."""

    pageid: int
    title: str
    score: float
    """0 to 1."""


@dataclass(frozen=True, slots=True)
class _Ranked:
    page: RankedPage
    indexed: IndexedPage
    passages: tuple[StoredChunk, ...]
    """Its best ones, best first."""
    score: float
    matched: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Answer:
    site: Site
    language: Language
    ranked: Sequence[_Ranked]
    snippets: SnippetMaker


class Searcher:
    """Answers questions from an index. Safe to share between threads; models load with the first question."""

    def __init__(self, *, store: Store, index: Index, settings: SearchSettings) -> None:
        self._store = store
        self._index = index
        self._settings = settings
        self._experts = ExpertFinder(store=store, people=index.people, settings=settings.experts)

    def warm_up(self) -> None:
        """Load what the first question would wait for.

        Raises:
            SearchError: there is no index, or the model cannot be loaded.
        """
        self._index.check()
        self._index.detector.guess("warm-up")
        vector = self._index.embedder.embed_query("warm-up")
        self._index.vectors.nearest(self._index.embedder.model_id, vector, limit=1)

    def search(self, question: str, *, top_k: int = 10) -> SearchResult:
        """Return the `top_k` pages that answer best, each once, and the people behind them.

        Raises:
            InvalidQueryError: the question is empty or too long, or `top_k` is not 1 to MAX_TOP_K.
            IndexNotBuiltError: there is no index yet.
            ModelMismatchError: the index was built with another model.
            IndexBusyError: another process owns the index.
            SearchError: a part of the index cannot be used.
        """
        query = _checked(question, top_k)
        answer = self._answer(query, self._guess(query))
        return SearchResult(
            query=query,
            language=answer.language,
            hits=tuple(self._hit(answer, ranked) for ranked in answer.ranked[:top_k]),
            experts=tuple(self._find_experts(answer, top_k=_EXPERTS_BESIDE_HITS)),
        )

    def experts(self, question: str, *, top_k: int = 5) -> ExpertResult:
        """Return the `top_k` people who know most about the subject of a question; errors as `search`."""
        query = _checked(question, top_k)
        answer = self._answer(query, self._guess(query))
        return ExpertResult(
            query=query, language=answer.language, experts=tuple(self._find_experts(answer, top_k=top_k))
        )

    def similar(self, text: str, *, top_k: int = 5, exclude: Collection[int] = ()) -> list[SimilarPage]:
        """Return the pages that say what `text` says, most similar first; any length, errors as `search`."""
        cleaned = _cleaned(text)[:_COMPARED_CHARACTERS]
        if not cleaned:
            return []
        guessed = self._index.detector.guess(cleaned)
        answer = self._answer(cleaned, guessed, most_words=_COMPARED_WORDS)
        pages = [ranked for ranked in answer.ranked if ranked.page.pageid not in exclude]
        return [
            SimilarPage(pageid=each.page.pageid, title=each.indexed.title, score=each.score)
            for each in pages[:top_k]
        ]

    def _guess(self, query: str) -> Language | None:
        return self._index.detector.guess(query)

    def _answer(self, query: str, guessed: Language | None, *, most_words: int | None = None) -> _Answer:
        index = self._index
        index.check()
        site = self._store.site.get()
        if site is None:
            raise IndexNotBuiltError("there is nothing to search in yet: run `compagnon sync`")
        language = guessed or base_language(site.language)
        words = index.analyzer.query(query, guessed)
        frequencies = index.keywords.frequencies((*words.terms, *words.exact))
        if most_words is not None:
            words = _rarest(words, frequencies, most_words)
        snippets = SnippetMaker(
            words, analyzer=index.analyzer, frequencies=frequencies, chunks=index.keywords.counts()[1]
        )
        by_words = dict(index.keywords.search(words, limit=_CANDIDATES))
        with index.answering() as embedder:
            model_id = embedder.model_id
            vector = embedder.embed_query(query)
            by_meaning = dict(index.vectors.nearest(model_id, vector, limit=_CANDIDATES))
            if not by_words and max(by_meaning.values(), default=0.0) < _LEAST_NEAR:
                by_meaning = {}
            others = [chunk_id for chunk_id in by_words if chunk_id not in by_meaning]
            by_meaning |= index.vectors.similarities(model_id, vector, others)
        # A vector whose chunk is not in the manifest is not there: its page changed or went a moment ago.
        chunks = index.keywords.chunks(by_meaning)
        fused = fuse(
            by_words,
            {chunk_id: by_meaning[chunk_id] for chunk_id in chunks},
            meaning_weight=self._settings.meaning_weight.get(language, 0.5),
        )
        pages = rank_pages(fused)
        indexed = index.keywords.pages([page.pageid for page in pages])
        pages = [page for page in pages if page.pageid in indexed]
        ranked: list[_Ranked] = []
        first = pages[0].score if pages else 0.0
        chance = 0.0
        for page in pages:
            passages = tuple(chunks[chunk_id] for chunk_id in page.chunk_ids[:_SHOWN_OF])
            best = passages[0]
            cosine = by_meaning[best.chunk_id]
            if not ranked:
                chance = _chance(cosine, snippets.coverage(best.chunk))
            matched = []
            if any(chunk_id in by_words for chunk_id in page.chunk_ids):
                matched.append("words")
            if cosine >= _NEAR or not matched:
                matched.append("meaning")
            score = chance * math.exp((page.score - first) / _DECAY)
            ranked.append(_Ranked(page, indexed[page.pageid], passages, score, tuple(matched)))
        return _Answer(site, language, ranked, snippets)

    def _hit(self, answer: _Answer, ranked: _Ranked) -> Hit:
        chunk, snippet = _most_telling(answer.snippets, [passage.chunk for passage in ranked.passages])
        part = chunk.part_at(snippet.offset)
        page = ranked.indexed
        return Hit(
            pageid=page.pageid,
            title=page.title,
            url=answer.site.page_url(page.title, anchor=part.anchor),
            section=part.section,
            anchor=part.anchor,
            snippet=snippet.text,
            marks=snippet.marks,
            score=ranked.score,
            revid=page.revid,
            language=chunk.language,
            last_edited=page.last_edited,
            matched=ranked.matched,
            status=page.status,
        )

    def _find_experts(self, answer: _Answer, *, top_k: int) -> list[Expert]:
        voters = answer.ranked[:_VOTING_PAGES]
        voting = [
            VotingPage(
                page=voter.indexed, weight=math.exp((voter.page.score - voters[0].page.score) / _VOTE_DECAY)
            )
            for voter in voters
        ]
        return self._experts.find(voting, site=answer.site, top_k=top_k)


def _most_telling(snippets: SnippetMaker, chunks: Sequence[Chunk]) -> tuple[Chunk, Snippet]:
    """Return the passage to show: the best one, unless it says far less of the question than another."""
    chosen, shown = chunks[0], snippets.make(chunks[0])
    if shown.value == 0 and not snippets.coverage(chosen):
        return chosen, shown  # found by its meaning, and none of the words would say more
    if shown.value >= _SAYS_ENOUGH * snippets.most:
        return chosen, shown  # as is most often so: the others need not be read
    for chunk in chunks[1:]:
        other = snippets.make(chunk)
        if other.value > max(_TELLS_MORE * shown.value, 0.0):
            chosen, shown = chunk, other
    return chosen, shown


def _checked(question: str, top_k: int) -> str:
    if not 1 <= top_k <= MAX_TOP_K:
        raise InvalidQueryError(f"the number of results must be 1 to {MAX_TOP_K}, not {top_k}")
    if len(question) > MAX_QUESTION_CHARACTERS:
        raise InvalidQueryError(
            f"the question has {len(question):,} characters; at most {MAX_QUESTION_CHARACTERS:,} can be asked"
        )
    query = _cleaned(question)
    if not query:
        raise InvalidQueryError("the question is empty")
    return query


def _cleaned(text: str) -> str:
    """Return one line without control characters and direction marks."""
    return " ".join(unicodedata.normalize("NFC", _CONTROLS.sub(" ", text)).split())


def _rarest(words: QueryWords, frequencies: dict[str, int], most: int) -> QueryWords:
    known = sorted((t for t in words.terms if t in frequencies), key=lambda t: (frequencies[t], t))
    kept = frozenset(known[:most])
    groups = tuple(group for group in words.groups if group & kept)
    terms = tuple(dict.fromkeys(term for group in groups for term in sorted(group)))
    return QueryWords(terms=terms, exact=words.exact[:most], groups=groups)


def _chance(cosine: float, coverage: float) -> float:
    intercept, by_cosine, by_coverage = _CHANCE
    return 1 / (1 + math.exp(-(intercept + by_cosine * cosine + by_coverage * coverage)))
