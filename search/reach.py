"""What one question may show and know: the pages that filters leave, and those that who asks may read.

A word that stands only on pages that may not be read is, for who asks, none that the wiki has: else the way
in which a question is read would tell what is written there. A word in more passages than `RARE` is not
looked into: it is taken for known.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from search.chunking import pageid_of
from search.keyword_index import KeywordIndex, VocabularyWord
from search.keyword_text import vocabulary_of
from search.language import LANGUAGES
from search.readable import AT_ONCE, MOST_BATCHES, Readable, head_of, restriction
from search.words import QueryWords, WordAnalyzer

RARE: Final = 50
"""Passages with a word, up to which it is found out whether one of them may be read."""


class Reach:
    """Of one question; remembers what was asked. Not to be shared between threads.

    Args:
        keywords: the index.
        only: the pages that filters leave; None for all.
        readable: what who asks may read; None: everything.
    """

    def __init__(
        self,
        keywords: KeywordIndex,
        *,
        only: frozenset[int] | None = None,
        readable: Readable | None = None,
    ) -> None:
        self.only = only
        self._keywords = keywords
        self._readable = restriction(readable)
        self._answers: dict[int, bool] = {}

    @property
    def unlimited(self) -> bool:
        """Whether every page is within reach."""
        return self.only is None and self._readable is None

    @property
    def restricted(self) -> bool:
        """Whether there may be pages that who asks may not read."""
        return self._readable is not None

    def readable(self, pageid: int) -> bool:
        """Whether a page may be read; not before it was asked for."""
        return self._readable is None or self._answers.get(pageid, False)

    def is_asked(self, pageid: int) -> bool:
        """Whether it is known if a page may be read."""
        return self._readable is None or pageid in self._answers

    def ask(self, pageids: Iterable[int]) -> None:
        """Find out of pages whether they may be read, of all at once."""
        if self._readable is None:
            return
        new = [pageid for pageid in dict.fromkeys(pageids) if pageid not in self._answers]
        if new:
            pages = self._keywords.pages(new)
            # In their order: who is asked for more than a request can hold takes the first ones first.
            allowed = self._readable.among([head_of(pages[pageid]) for pageid in new if pageid in pages])
            self._answers |= {pageid: pageid in allowed for pageid in new}

    def ask_in_order(self, pageids: Sequence[int], *, enough: int, batches: int) -> int:
        """Ask a batch at a time until there are enough readable pages; return how many batches it took."""
        order = list(dict.fromkeys(pageids))
        for asked in range(batches):
            new = [pageid for pageid in order if pageid not in self._answers][:AT_ONCE]
            if not new or sum(self._answers.get(pageid, False) for pageid in order) >= enough:
                return asked
            self.ask(new)
        return batches

    def terms(self, frequencies: Mapping[str, int]) -> dict[str, int]:
        """Return in how many passages that may be read each term stands; without those in none.

        Args:
            frequencies: in how many passages of the index, whoever may read them. A term of more than `RARE`
                passages keeps its number.
        """
        if self._readable is None:
            return dict(frequencies)
        known = {term: count for term, count in frequencies.items() if count > RARE}
        pages = {
            term: self._pages_with([term])
            for term, count in frequencies.items()
            if count <= RARE  # that count may be a little too low: a term may be found more frequent
        }
        known |= {term: frequencies[term] for term, found in pages.items() if found is None}
        rare = {term: found for term, found in pages.items() if found is not None}
        self._settle(list(rare.values()))
        for term, found in rare.items():
            count = sum(passages for pageid, passages in found.items() if self.readable(pageid))
            if count:
                known[term] = count
        return known

    def vocabulary(self, words: Sequence[VocabularyWord], analyzer: WordAnalyzer) -> list[VocabularyWord]:
        """Return those of the wiki's words that stand on pages that may be read, counted on these alone."""
        if self._readable is None:
            return list(words)
        stems = [
            sorted({analyzer.stem(word.form, language) for language in LANGUAGES} - {""}) for word in words
        ]
        pages = [self._pages_with(each) for each in stems]
        titles = [self._keywords.titles_starting(word.form, limit=RARE) for word in words]
        named = [Counter(match.pageid for match in found) for found in titles]
        self._settle([*(found for found in pages if found is not None), *named])
        seen = []
        for word, found, matches in zip(words, pages, titles, strict=True):
            if found is None:
                # Of a frequent stem a rare form cannot be looked for by itself: it is not told of.
                if word.count > RARE:
                    seen.append(word)
                continue
            texts = [match.matched for match in matches if self.readable(match.pageid)]
            texts += self._texts([pageid for pageid in found if self.readable(pageid)])
            count = vocabulary_of(analyzer, texts)[word.form]
            if count:
                seen.append(replace(word, count=count))
        return seen

    def _texts(self, pageids: Sequence[int]) -> list[str]:
        chunks = self._keywords.chunks(self._keywords.chunk_ids(pageids)).values() if pageids else ()
        return [text for stored in chunks for text in (stored.chunk.heading, stored.chunk.text)]

    def _pages_with(self, terms: Collection[str]) -> Counter[int] | None:
        """Return how many passages of which pages have one of the terms; None when there are too many."""
        asked = QueryWords(terms=tuple(terms), exact=())
        found = self._keywords.search(asked, limit=RARE + 1)
        return None if len(found) > RARE else Counter(pageid_of(chunk_id) for chunk_id, _ in found)

    def _settle(self, needed: Sequence[Mapping[int, int]]) -> None:
        """Ask until of each of these sets of pages one is readable, or all are known not to be.

        What is not known after `MOST_BATCHES` batches counts as not readable.
        """
        for _ in range(MOST_BATCHES):
            open_ones = [pages for pages in needed if not any(self.readable(pageid) for pageid in pages)]
            missing = Counter(pageid for pages in open_ones for pageid in pages if not self.is_asked(pageid))
            if not missing:
                return
            # Those that settle most.
            self.ask(pageid for pageid, _ in missing.most_common(AT_ONCE))
