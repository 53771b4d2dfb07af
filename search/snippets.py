"""The passage that answers: the sentences of a chunk that hold most of the question, its words marked."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from search.chunking import Chunk
from search.language import LANGUAGES
from search.words import QueryWords, WordAnalyzer

MAX_CHARACTERS = 300
_MOST_SENTENCES = 3
# A sentence counts for what it says per word, but a short one must not win for being short.
_LENGTH_FREE_WORDS = 25
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """Text to show under a hit."""

    text: str
    """One line of plain text, at most MAX_CHARACTERS long."""
    marks: tuple[tuple[int, int], ...]
    """(start, end) of the question's words in `text`, in order, without overlap."""
    offset: int
    """Where it starts in the chunk's text."""


@dataclass(frozen=True, slots=True)
class _Match:
    start: int
    end: int
    term: str


class SnippetMaker:
    """Makes the snippets of one answer."""

    def __init__(
        self, words: QueryWords, *, analyzer: WordAnalyzer, frequencies: Mapping[str, int], chunks: int
    ) -> None:
        self._analyzer = analyzer
        self._terms = frozenset(words.terms)
        self._exact = frozenset(words.exact)
        self._groups = words.groups
        self._weights = {
            term: math.log(1 + (chunks + 1) / (frequencies.get(term, 0) + 0.5))
            for term in self._terms | self._exact
        }

    def coverage(self, chunk: Chunk) -> float:
        """Return the share (0..1) of the question's words, by weight, that a passage or its headings hold.

        A word that the wiki has nowhere counts too: what the passage does not say, it does not answer.
        """
        text = "\n".join((chunk.title, *(part.section for part in chunk.parts), chunk.text))
        found = {match.term for match in self._matches(text)}
        asked = self._groups
        total = math.fsum(max(self._weights[t] for t in group) for group in asked)
        if total == 0:
            return 0.0
        return math.fsum(max(self._weights[t] for t in g) for g in asked if not found.isdisjoint(g)) / total

    def make(self, chunk: Chunk) -> Snippet:
        """Return the best one to three sentences of a section; the first ones when no word was asked for.

        What is said about the page (categories, status) is shown only where the passage says nothing else.
        """
        text = chunk.text
        parts = [chunk.sentences(part) for part in chunk.parts if not part.labels]
        parts = [spans for spans in parts if spans] or [chunk.sentences(part) for part in chunk.parts]
        matches = self._matches(text)
        best, value = (0, 0), -1.0
        for number, spans in enumerate(parts):
            for place, span in enumerate(spans):
                if (here := self._value(text, span, matches)) > value:
                    best, value = (number, place), here
        if value < 0:
            return Snippet(text="", marks=(), offset=0)
        start, end = self._widened(text, parts[best[0]], best[1], matches)
        return self._cut(text, start, end, [m for m in matches if start <= m.start and m.end <= end])

    def _widened(
        self, text: str, spans: list[tuple[int, int]], best: int, matches: list[_Match]
    ) -> tuple[int, int]:
        """Return where the best sentence begins and ends, with neighbours as long as there is room."""
        first = last = best
        while last - first < _MOST_SENTENCES - 1:
            # The neighbour that says more; the following one when both say the same.
            options = []
            if last + 1 < len(spans) and spans[last + 1][1] - spans[first][0] <= MAX_CHARACTERS:
                options.append((self._value(text, spans[last + 1], matches), 1))
            if first > 0 and spans[last][1] - spans[first - 1][0] <= MAX_CHARACTERS:
                options.append((self._value(text, spans[first - 1], matches), 0))
            if not options:
                break
            if max(options)[1]:
                last += 1
            else:
                first -= 1
        return spans[first][0], spans[last][1]

    def _value(self, text: str, span: tuple[int, int], matches: list[_Match]) -> float:
        start, end = span
        terms = {m.term for m in matches if start <= m.start and m.end <= end}
        words = len(text[start:end].split())
        return math.fsum(self._weights[t] for t in terms) / math.sqrt(max(words, _LENGTH_FREE_WORDS))

    def _cut(self, text: str, start: int, end: int, matches: list[_Match]) -> Snippet:
        before = after = ""
        if text.startswith("- ", start):
            start += 2
        if end - start > MAX_CHARACTERS:
            room = MAX_CHARACTERS - 2 * len(_ELLIPSIS)
            starts = [start, *(max(start, m.start - 40) for m in matches)]
            best = max(starts, key=lambda s: (len({m.term for m in matches if s <= m.start < s + room}), -s))
            if best > start:
                space = text.find(" ", best, best + 40)
                start, before = (space + 1 if space >= 0 else best), _ELLIPSIS
            if end - start > room:
                space = text.rfind(" ", start + room // 2, start + room)
                end, after = (space if space >= 0 else start + room), _ELLIPSIS
        shown = before + text[start:end].replace("\n", " ") + after
        shift = len(before) - start
        marks: list[tuple[int, int]] = []
        for match in sorted(matches, key=lambda m: (m.start, -m.end)):
            if (
                start <= match.start
                and match.end <= end
                and (not marks or match.start + shift >= marks[-1][1])
            ):
                marks.append((match.start + shift, match.end + shift))
        return Snippet(text=shown, marks=tuple(marks), offset=start)

    def _matches(self, text: str) -> list[_Match]:
        found = []
        for word in self._analyzer.words(text):
            for language in LANGUAGES:
                stem = self._analyzer.stem(word.form, language)
                if stem in self._terms:
                    found.append(_Match(word.start, word.end, stem))
                    break
        found += [
            _Match(word.start, word.end, word.form)
            for word in self._analyzer.exact_words(text)
            if word.form in self._exact
        ]
        return found
