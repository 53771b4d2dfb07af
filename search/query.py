"""Answers questions: hits with the passage that answers, experts with their proof, similar pages."""

import math
import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import partial

from connector.errors import IndexNotBuiltError, InvalidQueryError
from connector.model import Site
from connector.store import Store
from connector.store.changes import Mark
from search.answered_questions import AnsweredQuestions
from search.answers import Passage, passages_of
from search.chunking import Chunk
from search.experts import Expert, ExpertFinder, VotingPage
from search.facets import PageChoice
from search.filters import Facets, SearchFilters
from search.indexer import Index
from search.language import base_language
from search.likeness import Likeness, compare
from search.near_duplicates import fold_duplicates
from search.readable import Readable
from search.related import RelatedPages
from search.reranking import Reranker
from search.results import ExpertResult, Hit, Ranking, SamePage, SearchResult, SimilarPage
from search.retrieval import Found, Retrieved, Retriever
from search.settings import SearchSettings
from search.snippets import Snippet, SnippetMaker

MAX_QUESTION_CHARACTERS = 1_000
MAX_TOP_K = 100
# How many times more of the question than the best passage another of a hit must hold to be shown instead:
# the best may be a list of addresses that the title lifted.
_SHOWN_OF = 4
_TELLS_MORE = 2.0
_SAYS_ENOUGH = 0.25
_VOTING_PAGES = 40
_EXPERTS_BESIDE_HITS = 5
# Of the first, second ... hit, how many of its passages an answer is made from.
_PASSAGES_OF_HITS = (3, 2, 1, 1, 1)
# Of a text that is compared, what is read and how many of its words are looked up.
_COMPARED_CHARACTERS = 4_000
_COMPARED_WORDS = 30
# What a hit must reach to be called near in meaning.
_NEAR = 0.35
# The next hits' scores fall with their distance from the first.
_DECAY = 3.0
# A page votes for its people by how near it comes to the first hit; sharper than the score that is shown.
_VOTE_DECAY = 1.0
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]+")


class Searcher:
    """Answers questions from an index. Safe to share between threads; models load with the first question."""

    def __init__(
        self, *, store: Store, index: Index, settings: SearchSettings, reranker: Reranker | None = None
    ) -> None:
        self._store = store
        self._index = index
        self._retriever = Retriever(index=index, settings=settings, reranker=reranker)
        self._related = RelatedPages(store=store, index=index)
        self._choice = PageChoice(store=store, index=index)
        self._answered = AnsweredQuestions(store)
        # Read again when anything in the mirror has changed.
        self._known_site: tuple[Mark, Site | None] | None = None
        self._experts = ExpertFinder(store=store, people=index.people, settings=settings.experts)

    def warm_up(self) -> None:
        """Load what the first question would wait for.

        Raises:
            SearchError: there is no index, or the model cannot be loaded.
        """
        site = self._site()
        self._index.detector.guess("warm-up")
        self._retriever.retrieve("warm-up", top_k=1, fallback=base_language(site.language))

    def search(
        self,
        question: str,
        *,
        top_k: int = 10,
        practices_only: bool = False,
        filters: SearchFilters | None = None,
        readable: Readable | None = None,
    ) -> SearchResult:
        """Return the `top_k` pages that answer best, each once, and the people behind them.

        Args:
            question: in one's own words; what stands in quotes must stand on a page so.
            top_k: how many pages.
            practices_only: leave out pages that are no practice.
            filters: which pages are looked at; None: all.
            readable: what who asks may read: nothing is told of other pages, nor counted. None: everything.

        Raises:
            InvalidQueryError: the question is empty or too long, or `top_k` is not 1 to MAX_TOP_K.
            IndexNotBuiltError: there is no index yet.
            ModelMismatchError: the index was built with another model.
            IndexBusyError: another process owns the index.
            SearchError: a part of the index cannot be used.
        """
        query = _checked(question, top_k)
        site = self._site()
        found = self._retriever.retrieve(
            query,
            top_k=top_k,
            fallback=base_language(site.language),
            only=self._only(filters, practices_only, site),
            readable=readable,
        )
        hits = tuple(map(self._to_show, self._still_answered(list(_hits(found, site, top_k=top_k)))))
        return SearchResult(
            query=query,
            language=found.language,
            hits=hits,
            experts=tuple(self._find_experts(found, site, top_k=_EXPERTS_BESIDE_HITS, readable=readable)),
            answerable=found.answerable,
            confidence=found.chance,
            corrections=found.words.corrections,
            passages=_passages(found, hits, site),
        )

    def experts(
        self,
        question: str,
        *,
        top_k: int = 5,
        filters: SearchFilters | None = None,
        readable: Readable | None = None,
    ) -> ExpertResult:
        """Return the `top_k` people who know most about the subject of a question; as `search`."""
        query = _checked(question, top_k)
        site = self._site()
        found = self._retriever.retrieve(
            query,
            top_k=_VOTING_PAGES,
            fallback=base_language(site.language),
            only=self._only(filters, False, site),
            readable=readable,
        )
        return ExpertResult(
            query=query,
            language=found.language,
            experts=tuple(self._find_experts(found, site, top_k=top_k, readable=readable)),
        )

    def similar(
        self,
        text: str,
        *,
        top_k: int = 5,
        exclude: Collection[int] = (),
        readable: Readable | None = None,
    ) -> list[SimilarPage]:
        """Return the pages that say what `text` says, most similar first; any length, else as `search`."""
        cleaned = _cleaned(text)[:_COMPARED_CHARACTERS]
        if not cleaned:
            return []
        found = self._retriever.retrieve(
            cleaned,
            top_k=top_k + len(exclude),
            fallback=base_language(self._site().language),
            most_words=_COMPARED_WORDS,
            readable=readable,
        )
        scores = _scores(found)
        pages = [
            SimilarPage(
                pageid=each.page.pageid,
                title=each.indexed.title,
                score=score,
                status=each.indexed.status,
            )
            for each, score in zip(found.pages, scores, strict=True)
            if each.page.pageid not in exclude
        ]
        return pages[:top_k]

    def compare(self, parts: Sequence[str], *, pageids: Sequence[int]) -> dict[int, Likeness]:
        """Return how like a text, in parts as long as a passage, pages are (see `search.likeness`).

        Raises:
            SearchError: there is no index, or it cannot be used.
        """
        return compare(self._index, [_cleaned(part) for part in parts], pageids=pageids)

    def facets(self, *, readable: Readable | None = None) -> Facets:
        """Return what a search can be narrowed by.

        Args:
            readable: what who asks may read: what only other pages have is not told. None: everything.

        Raises:
            IndexNotBuiltError: there is no index yet.
        """
        self._index.check()
        return self._choice.facets(self._site(), readable=readable)

    def related(self, pageid: int, *, top_k: int = 5, readable: Readable | None = None) -> list[SimilarPage]:
        """Return the pages that are about what a page is about, nearest first; none when it is not indexed.

        Args:
            pageid: of the page, which who asks may read.
            top_k: how many pages.
            readable: what who asks may read; None: everything.

        Raises:
            InvalidQueryError: `top_k` is not 1 to MAX_TOP_K.
            SearchError: there is no index, or it cannot be used.
        """
        _check_number(top_k)
        return self._related.find(pageid, top_k=top_k, readable=readable)

    def ranking(
        self,
        question: str,
        *,
        top_k: int,
        without_pages: Collection[int] = (),
        without_passages: Collection[str] = (),
    ) -> Ranking:
        """Return the order of pages alone, as an exam or a calibration needs it; errors as `search`.

        Args:
            question: what is asked.
            top_k: how many pages.
            without_pages: pages that are out of reach.
            without_passages: chunk ids that are.
        """
        found = self._retriever.retrieve(
            _checked(question, top_k),
            top_k=top_k,
            fallback=base_language(self._site().language),
            without_pages=without_pages,
            without_passages=without_passages,
        )
        return Ranking(pageids=tuple(each.page.pageid for each in found.pages[:top_k]), signs=found.signs)

    def _site(self) -> Site:
        mark = self._store.changes.mark()  # before it is read
        known = self._known_site
        if known is None or known[0] != mark:
            self._known_site = known = (mark, self._store.site.get())
        site = known[1]
        if site is None:
            raise IndexNotBuiltError("there is nothing to search in yet: run `compagnon sync`")
        return site

    def _only(self, filters: SearchFilters | None, practices_only: bool, site: Site) -> frozenset[int] | None:
        if not practices_only and (filters is None or filters.is_empty):
            return None
        self._index.check()
        return self._choice.fitting(filters or SearchFilters(), practices_only=practices_only, site=site)

    def _still_answered(self, hits: Sequence[Hit]) -> list[Hit]:
        """Return hits without the questions that the index has and nobody has answered any more."""
        still = self._answered.still([hit.answered for hit in hits if hit.answered is not None])
        return [
            hit if hit.answered is None or hit.answered in still else replace(hit, answered=None)
            for hit in hits
        ]

    def _to_show(self, hit: Hit) -> Hit:
        """Return a hit without whom nobody is to find, also while the index still has their names."""
        people = self._index.people
        contacts = people.to_ask(hit.contacts, pageid=hit.pageid)
        if contacts == hit.contacts:
            return hit
        gone = set(hit.contacts).difference(people.named(hit.contacts))
        if any(name in hit.snippet for name in gone):
            return replace(hit, contacts=contacts, snippet="", marks=())
        return replace(hit, contacts=contacts)

    def _find_experts(
        self, found: Retrieved, site: Site, *, top_k: int, readable: Readable | None
    ) -> list[Expert]:
        voters = found.pages[:_VOTING_PAGES]
        voting = [
            VotingPage(
                page=voter.indexed, weight=math.exp((voter.page.score - voters[0].page.score) / _VOTE_DECAY)
            )
            for voter in voters
        ]
        return self._experts.find(voting, site=site, top_k=top_k, readable=readable)


def _scores(found: Retrieved) -> list[float]:
    """Return the pages' scores: the chance of the first, and less of it the further behind one is."""
    first = found.pages[0].page.score if found.pages else 0.0
    return [found.chance * math.exp((each.page.score - first) / _DECAY) for each in found.pages]


def _hits(found: Retrieved, site: Site, *, top_k: int) -> Iterator[Hit]:
    scores = {each.page.pageid: score for each, score in zip(found.pages, _scores(found), strict=True)}
    shown = [each for each in found.pages if each.passages]
    for page, copies in fold_duplicates(shown, most=top_k):
        same = tuple(
            SamePage(pageid=copy.page.pageid, title=copy.indexed.title, url=site.page_url(copy.indexed.title))
            for copy in copies
        )
        yield _hit(found.snippets, page, site, score=scores[page.page.pageid], same=same)


def _hit(
    snippets: SnippetMaker, found: Found, site: Site, *, score: float, same: tuple[SamePage, ...]
) -> Hit:
    chunk, snippet = _most_telling(snippets, [passage.chunk for passage in found.passages[:_SHOWN_OF]])
    part = chunk.part_at(snippet.offset)
    page = found.indexed
    matched = ["words"] if found.by_words else []
    if found.cosine >= _NEAR or not matched:
        matched.append("meaning")
    return Hit(
        pageid=page.pageid,
        title=page.title,
        url=site.page_url(page.title, anchor=part.anchor),
        section=part.section,
        anchor=part.anchor,
        snippet=snippet.text,
        marks=snippet.marks,
        score=score,
        revid=page.revid,
        language=chunk.language,
        last_edited=page.last_edited,
        matched=tuple(matched),
        status=page.status,
        contacts=page.contacts,
        same=same,
        answered=None if found.key is None else found.key.chunk.text,
    )


def _passages(found: Retrieved, hits: Sequence[Hit], site: Site) -> tuple[Passage, ...]:
    """Return what an answer may be made from: of the first hits, the first of them with more passages."""
    scores = {hit.pageid: hit.score for hit in hits}
    shown = [each for each in found.pages if each.page.pageid in scores]
    passages: list[Passage] = []
    for each, number in zip(shown, _PASSAGES_OF_HITS, strict=False):
        for stored in each.passages[:number]:
            passages += passages_of(
                stored.chunk,
                pageid=each.page.pageid,
                revid=each.indexed.revid,
                score=scores[each.page.pageid],
                url=partial(_address, site, each.indexed.title),
            )
    return tuple(passages)


def _address(site: Site, title: str, anchor: str) -> str:
    return site.page_url(title, anchor=anchor)


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
    _check_number(top_k)
    if len(question) > MAX_QUESTION_CHARACTERS:
        raise InvalidQueryError(
            f"the question has {len(question):,} characters; at most {MAX_QUESTION_CHARACTERS:,} can be asked"
        )
    query = _cleaned(question)
    if not query:
        raise InvalidQueryError("the question is empty")
    return query


def _check_number(top_k: int) -> None:
    if not 1 <= top_k <= MAX_TOP_K:
        raise InvalidQueryError(f"the number of results must be 1 to {MAX_TOP_K}, not {top_k}")


def _cleaned(text: str) -> str:
    """Return one line without control characters and direction marks."""
    return " ".join(unicodedata.normalize("NFC", _CONTROLS.sub(" ", text)).split())
