"""The passage that answers: the sentences of a chunk that hold most of the question, its words marked."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from search.chunking import Chunk
from search.word_finder import Match, WordFinder
from search.words import QueryWords, WordAnalyzer

MAX_CHARACTERS = 300
_MOST_SENTENCES = 3
# A sentence counts for what it says per word, but a short one must not win for being short.
_LENGTH_FREE_WORDS = 25
# What remains of a word's weight when the title holds it.
_SAID_BY_TITLE = 0.3
_ELLIPSIS = "…"
# What stands on a page and says nothing of its subject: the way back ("← Projects"), addresses, whom to mail.
_WAY_BACK = re.compile(r"(?:- )?[←↑⇐⬅↩«‹<]+ ?\S")
_ADDRESS = re.compile(r"\b(?:https?|ftp)://\S+|<?\b[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,63}>?")
_WORDS_BESIDE_ADDRESS = 6
_NEVER = -1.0
_LEAST = 0.01
# What remains of a sentence's value when it is an address: it may be what was asked for.
_SAID_BY_ADDRESS = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """Text to show under a hit."""

    text: str
    """One line of plain text, at most MAX_CHARACTERS long."""
    marks: tuple[tuple[int, int], ...]
    """(start, end) of the question's words in `text`, in order, without overlap."""
    offset: int
    """Where it starts in the chunk's text."""
    value: float
    """How much of the question its best sentence holds; below 0 when it says nothing of the subject."""


class SnippetMaker:
    """Makes the snippets of one answer."""

    def __init__(
        self, words: QueryWords, *, analyzer: WordAnalyzer, frequencies: Mapping[str, int], chunks: int
    ) -> None:
        self._finder = WordFinder(words, analyzer=analyzer)
        # A word or code counts by how rare it is (inverse document frequency), once whatever its forms.
        self._weights = {
            group: max(math.log(1 + (chunks + 1) / (frequencies.get(term, 0) + 0.5)) for term in group)
            for group in words.groups
        }

    @property
    def most(self) -> float:
        """The value of a sentence that says all of the question; none is worth more."""
        return math.fsum(self._weights.values()) / math.sqrt(_LENGTH_FREE_WORDS)

    def coverage(self, chunk: Chunk) -> float:
        """Return the share (0..1) of the question's words, by weight, that a passage or its headings hold.

        A word that the wiki has nowhere counts too: what the passage does not say, it does not answer.
        """
        texts = (chunk.title, *(part.section for part in chunk.parts), chunk.text)
        found = {match.term for text in texts for match in self._finder.find(text)}
        total = math.fsum(self._weights.values())
        held = math.fsum(weight for group, weight in self._weights.items() if group & found)
        return held / total if total else 0.0

    def make(self, chunk: Chunk) -> Snippet:
        """Return the best one to three sentences of a section; the first ones when no word was asked for.

        What is said about the page (categories, status) is shown only where the passage says nothing else.
        """
        text = chunk.text
        parts = [chunk.sentences(part) for part in chunk.parts if not part.labels]
        parts = [spans for spans in parts if spans] or [chunk.sentences(part) for part in chunk.parts]
        matches = self._finder.find(text)
        values = self._values(chunk, spans=[span for part in parts for span in part], matches=matches)
        best, value = (0, 0), -math.inf
        for number, spans in enumerate(parts):
            for place, span in enumerate(spans):
                if (here := values[span]) > value:
                    best, value = (number, place), here
        if value == -math.inf:
            return Snippet(text="", marks=(), offset=0, value=value)
        start, end = _widened(parts[best[0]], best[1], values)
        inside = [m for m in matches if start <= m.start and m.end <= end]
        return self._cut(text, start, end, inside, value)

    def _values(
        self, chunk: Chunk, *, spans: list[tuple[int, int]], matches: list[Match]
    ) -> dict[tuple[int, int], float]:
        """Return what each sentence says of the question; the title has said its words already."""
        titled = {match.term for match in self._finder.find(chunk.title)}
        weights = {
            group: weight * (_SAID_BY_TITLE if group & titled else 1.0)
            for group, weight in self._weights.items()
        }
        values = {}
        for start, end in spans:
            terms = {m.term for m in matches if start <= m.start and m.end <= end}
            said = math.fsum(weight for group, weight in weights.items() if group & terms)
            words = len(chunk.text[start:end].split())
            value = said / math.sqrt(max(words, _LENGTH_FREE_WORDS))
            sentence = chunk.text[start:end]
            if _WAY_BACK.match(sentence):
                value = _NEVER
            elif _is_address(sentence):
                value = _SAID_BY_ADDRESS * value - _LEAST
            values[start, end] = value
        return values

    def _cut(self, text: str, start: int, end: int, matches: list[Match], value: float) -> Snippet:
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
        # On one line, list items stay apart; neither change moves a character.
        shown = before + text[start:end].replace("\n- ", " • ").replace("\n", " ") + after
        shift = len(before) - start
        marks: list[tuple[int, int]] = []
        for match in sorted(matches, key=lambda m: (m.start, -m.end)):
            if (
                start <= match.start
                and match.end <= end
                and (not marks or match.start + shift >= marks[-1][1])
            ):
                marks.append((match.start + shift, match.end + shift))
        return Snippet(text=shown, marks=tuple(marks), offset=start, value=value)


def _is_address(sentence: str) -> bool:
    rest = _ADDRESS.sub(" ", sentence)
    return rest != sentence and sum(word[0].isalpha() for word in rest.split()) <= _WORDS_BESIDE_ADDRESS


def _widened(
    spans: list[tuple[int, int]], best: int, values: Mapping[tuple[int, int], float]
) -> tuple[int, int]:
    """Return where the best sentence begins and ends, with neighbours as long as there is room."""
    first = last = best
    while last - first < _MOST_SENTENCES - 1:
        # The neighbour that says more; the following one when both say the same; none that says nothing.
        options = []
        if last + 1 < len(spans) and spans[last + 1][1] - spans[first][0] <= MAX_CHARACTERS:
            options.append((values[spans[last + 1]], 1))
        if first > 0 and spans[last][1] - spans[first - 1][0] <= MAX_CHARACTERS:
            options.append((values[spans[first - 1]], 0))
        options = [option for option in options if option[0] >= 0 or values[spans[best]] < 0]
        if not options:
            break
        if max(options)[1]:
            last += 1
        else:
            first -= 1
    return spans[first][0], spans[last][1]
