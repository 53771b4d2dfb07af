"""Merge first: which pages of the wiki a draft may belong to, how likely, and what both have in common."""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from capture.draft import Draft, SimilarPractice
from capture.lines import folded
from connector.model import Page, Site
from connector.practice import from_wikitext
from connector.store import Store

_CANDIDATES = 8
_PROPOSED = 3
# Below this a page is not named at all; a page that is proposed for merging should reach 0.5.
_LEAST = 0.1
_PART_CHARACTERS = 700
_LEAST_PART_WORDS = 4
# Log-odds. Chosen on invented pairs (tests/data/merging_pairs.toml), see docs/decisions.md.
_BIAS, _MEANING, _WORDS, _TITLE, _PEOPLE = -7.0, 5.0, 5.5, 2.0, 0.7
_NO_PRACTICE = -1.0
# The page of a draft's own practice stands out; where several are as near, they share its subject only.
_STANDS_OUT, _FAR_OUT = 0.6, 2.5


class SimilarPage(Protocol):
    """A page that the search floor finds near to a text."""

    @property
    def pageid(self) -> int:
        """Of the page."""
        ...

    @property
    def title(self) -> str:
        """Of the page."""
        ...

    @property
    def status(self) -> str | None:
        """The practice's status; None for a page that is no practice."""
        ...


class Likeness(Protocol):
    """What a page has of a text (see `search.likeness`)."""

    @property
    def meaning(self) -> float:
        """Mean cosine of the text's parts and their nearest passages."""
        ...

    @property
    def words(self) -> float:
        """Part of the text's words that the page has, by their rarity."""
        ...

    @property
    def shared(self) -> Sequence[str]:
        """The rarest words of both."""
        ...


class PageSearch(Protocol):
    """What merging asks of the search floor (`search.query.Searcher`)."""

    def similar(self, text: str, *, top_k: int = 5, exclude: Collection[int] = ()) -> Sequence[SimilarPage]:
        """Return the pages nearest to a text."""
        ...

    def compare(self, parts: Sequence[str], *, pageids: Sequence[int]) -> Mapping[int, Likeness]:
        """Return how like a text pages are."""
        ...


class MergeFinder:
    """Finds the pages that a draft may belong to. Safe to share between threads.

    Args:
        search: Finds pages and compares them with a text.
        store: The mirror: titles, redirects, contacts.
    """

    def __init__(self, *, search: PageSearch, store: Store) -> None:
        self._search = search
        self._store = store

    def find(self, draft: Draft, *, top_k: int = _PROPOSED) -> tuple[SimilarPractice, ...]:
        """Return the pages that a draft may belong to, likeliest first; none when nothing is near.

        A score is the chance that the page is on the draft's own practice and not only on its subject. French
        drafts find English pages and the other way round.

        Args:
            draft: Its title, statements and people count.
            top_k: How many pages at most.

        Raises:
            SearchError: There is no index, or it cannot be used.
        """
        site = self._store.site.get()
        parts = list(_parts(draft))
        candidates = {page.pageid: page for text in _questions(draft) for page in self._near(text)}
        named = self._named(draft.title)
        pageids = list(dict.fromkeys([*candidates, *([named] if named is not None else [])]))
        likeness = self._search.compare(parts, pageids=pageids)
        pages = self._store.pages.get_many(list(likeness))
        titles = self._titles(pages)
        odds: dict[int, float] = {}
        why: dict[int, str] = {}
        for pageid, page in pages.items():
            contacts = _contacts(page, site)
            people = [name for name in draft.people if folded(name) in contacts]
            alike = max(_alike(draft.title, title) for title in titles[pageid])
            near = likeness[pageid]
            practice = contacts or (pageid in candidates and candidates[pageid].status is not None)
            odds[pageid] = (
                _BIAS
                + _MEANING * near.meaning
                + _WORDS * near.words
                + _TITLE * alike
                + (_PEOPLE if people else 0.0)
                + (0.0 if practice else _NO_PRACTICE)
            )
            why[pageid] = " · ".join(filter(None, [", ".join(near.shared), ", ".join(people)]))
        order = sorted(odds, key=lambda pageid: (-odds[pageid], pageid))
        if order:
            behind = odds[order[1]] if len(order) > 1 else -math.inf
            odds[order[0]] += _STANDS_OUT * min(odds[order[0]] - behind, _FAR_OUT)
        scores = {pageid: round(1 / (1 + math.exp(-odds[pageid])), 3) for pageid in order}
        return tuple(
            SimilarPractice(pageid=pageid, title=pages[pageid].title, score=scores[pageid], why=why[pageid])
            for pageid in order[:top_k]
            if scores[pageid] >= _LEAST
        )

    def _near(self, text: str) -> Sequence[SimilarPage]:
        return self._search.similar(text, top_k=_CANDIDATES)

    def _named(self, title: str) -> int | None:
        """Return the page that has the draft's title, or that a redirect of this title leads to."""
        page = self._store.pages.by_title(title)
        if page is not None and page.redirect_target is not None:
            page = self._store.pages.by_title(page.redirect_target)
        return None if page is None or page.redirect_target is not None else page.pageid

    def _titles(self, pages: Mapping[int, Page]) -> dict[int, list[str]]:
        """Return the titles of pages, those that redirect to them included."""
        titles = {pageid: [page.title] for pageid, page in pages.items()}
        by_title = {page.title: pageid for pageid, page in pages.items()}
        for title, target in self._store.pages.redirects().items():
            if target in by_title:
                titles[by_title[target]].append(title)
        return titles


def _questions(draft: Draft) -> Iterator[str]:
    said = " ".join(statement.text for statements in draft.fields.values() for statement in statements)
    yield f"{draft.title}. {said}"
    yield draft.title


def _parts(draft: Draft) -> Iterator[str]:
    """Yield what the draft says, field by field, in pieces as long as a passage; each after the title."""
    short = [draft.title]
    for statements in draft.fields.values():
        text = " ".join(statement.text for statement in statements)
        if len(text.split()) < _LEAST_PART_WORDS:
            short.append(text)
            continue
        for start in range(0, len(text), _PART_CHARACTERS):
            yield f"{draft.title}\n{text[start : start + _PART_CHARACTERS]}"
    if len(short) > 1:
        yield "\n".join(short)


def _contacts(page: Page, site: Site | None) -> set[str]:
    practice = from_wikitext(page.title, page.wikitext, site=site) if site is not None else None
    return set(map(folded, practice.contacts)) if practice is not None else set()


def _alike(one: str, other: str) -> float:
    """Return how alike two titles are (0..1): the words that both have, by their beginnings."""
    first, second = _title_words(one), _title_words(other)
    if not first or not second:
        return 0.0
    return 2 * len(first & second) / (len(first) + len(second))


def _title_words(title: str) -> set[str]:
    words = "".join(c if c.isalnum() else " " for c in folded(title)).split()
    return {word[:5] for word in words if len(word) > 3}
