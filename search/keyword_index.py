"""What a keyword index is: the manifest, the chunks, their words, and the titles and vocabulary of the wiki.

`search.keyword_sqlite` keeps it in one file, `search.keyword_postgresql` in a database; the tests hold both
to the docstrings here (tests/test_search_keyword_index.py). It can always be rebuilt from the mirror.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from search.chunking import Chunk
from search.language import Language
from search.words import Phrase, QueryWords

Scored = list[tuple[str, float]]
"""Chunk ids and what they score, best first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedPage:
    """A manifest row: which state of a page is indexed, and what a hit says of the page."""

    pageid: int
    revid: int
    title: str
    digest: str
    """Digest of title and text, of the titles that redirect to the page, and of which rendering was read."""
    index_version: str
    namespace: int
    language: Language
    last_edited: datetime
    status: str | None
    contacts: tuple[str, ...] = ()
    """Who the practice says to ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredChunk:
    """A chunk with its id and the page it belongs to."""

    chunk_id: str
    pageid: int
    chunk: Chunk


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleMatch:
    """A page that somebody may be typing the title of."""

    pageid: int
    title: str
    matched: str
    """The title that matched: the page's own, or one that redirects to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VocabularyWord:
    """A word as the wiki writes it."""

    form: str
    """Small letters, with accents."""
    folded: str
    """Without accents."""
    count: int
    """How often it stands in titles, redirects, headings and texts."""


class KeywordIndex(Protocol):
    """Manifest, chunks and their words. Safe to share between threads; several processes may read.

    A page's manifest row, its chunks, their words, its titles and its part of the vocabulary are written in
    one transaction: a chunk is there exactly when its page's manifest row is. Whatever is asked for is
    data and never the engine's query language: any text may be asked for, NUL and lone surrogates included.

    Raises:
        IndexNotBuiltError: there is no index yet; from all methods but `create`, `exists` and `close`.
        SearchError: the index cannot be used; one line that says what to do.
    """

    def create(self) -> None:
        """Make the index when it is missing, and empty it when another version of Compagnon wrote it."""
        ...

    @property
    def exists(self) -> bool:
        """Whether there is an index of this version."""
        ...

    def get_meta(self, key: str) -> str | None:
        """Return a fact about the index."""
        ...

    def put_meta(self, key: str, value: str) -> None:
        """Keep a fact about the index."""
        ...

    def manifest(self) -> dict[int, IndexedPage]:
        """Return the whole manifest, by pageid."""
        ...

    def pages(self, pageids: Iterable[int]) -> dict[int, IndexedPage]:
        """Return the manifest rows that are there, by pageid."""
        ...

    def put_page(self, page: IndexedPage, chunks: Sequence[Chunk], redirects: Sequence[str]) -> None:
        """Replace a page, whole or not at all; `redirects` are the titles that lead to it."""
        ...

    def delete_pages(self, pageids: Sequence[int]) -> list[str]:
        """Forget pages for good; return the ids of the chunks they had."""
        ...

    def optimize(self) -> None:
        """Make searches fast again after many changes; quick when there were few. Changes no answer.

        An update calls it at its end.
        """
        ...

    def wipe(self) -> bool:
        """Leave nothing of what was deleted or replaced where the index is kept; free when there is none.

        What an edit replaced may be hidden in the wiki since; nobody tells the index.

        Returns:
            Whether all is wiped; False while another reader needs it: the next update tries again.
        """
        ...

    def chunk_ids(self, pageids: Sequence[int] | None = None) -> set[str]:
        """Return the ids of these pages' chunks, of all pages when None."""
        ...

    def chunks(self, ids: Iterable[str]) -> dict[str, StoredChunk]:
        """Return the chunks that are there, by chunk id."""
        ...

    def search(self, words: QueryWords, *, limit: int, pages: Collection[int] | None = None) -> Scored:
        """Return the chunks that hold any of the words, best first: ids and scores (> 0, higher is better).

        Rare words count more than frequent ones, a title's and a redirect's more than a heading's, and
        those more than a text's. With `words.phrases`, only chunks that hold each of them (see `holding`).
        Scores compare within one answer. With `pages`, only chunks of these (pageids); each counts as if all
        were asked for.
        """
        ...

    def holding(self, phrases: Sequence[Phrase], chunk_ids: Collection[str]) -> set[str]:
        """Return those of the chunks that hold every phrase.

        A chunk holds a phrase when, for each word of the phrase, one of the stems that stand for it follows
        the one before, without a word between, in its title, in one of its redirects, in its heading or in
        its text; or when it has it as an exact token, for a phrase of one. Little words count as others do.
        """
        ...

    def frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """Return in how many chunks each term stands; a term that stands in none is left out.

        Since the last `optimize` a frequent term's number may be off by the chunks that changed.
        """
        ...

    def titles_starting(self, prefix: str, *, limit: int) -> list[TitleMatch]:
        """Return the pages whose title, or a redirect to them, somebody may be typing; each page once.

        Every word typed must begin a word of the title, in any order, accents and elided articles ("l’")
        apart; little words that are finished ("de ") need not be there. Titles that begin with what was
        typed come first, then shorter before longer ones.
        """
        ...

    def words_like(self, folded: str, *, edits: int) -> list[VocabularyWord]:
        """Return words of the wiki among which are those that 1 or 2 edits make of a word without accents.

        An edit is a letter too many, missing, wrong, or changed places with its neighbour. Of the words two
        edits away, those may lack that have one at each end. Words of fewer than four letters, with digits
        or with signs are not in the vocabulary.
        """
        ...

    def page_sizes(self, pageids: Iterable[int]) -> dict[int, int]:
        """Return how many chunks each of the pages has; a page that is not there is left out."""
        ...

    def counts(self) -> tuple[int, int]:
        """Return how many pages and how many chunks there are."""
        ...

    def close(self) -> None:
        """Close the connections of all threads; the next use opens one again."""
        ...
