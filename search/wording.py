"""How closely a passage's wording is that of the question: what BM25 over stems does not see.

Of the first candidates it tells those that have the question's words next to one another, in the same form
and in the title, and those that have words of the same family: "décantation" and "décanter" share no stem,
but most of their letters. What it is worth was measured over eight sets of questions (docs/decisions.md).
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from sys import intern
from typing import Final

from search.chunking import Chunk
from search.words import QueryWords, WordAnalyzer, fold

# Words without their articles ("l’", "qu’"): apostrophes part words here.
_WORD = re.compile(r"[^\W_]+")
_GRAM: Final = 4
# Two words of the question stand together when they are no further apart than this.
_NEAR = 3
# BM25's k1 and b (Robertson & Zaragoza, "The Probabilistic Relevance Framework", 2009), and the words of a
# passage and its headings, on average.
_K1, _B, _AVERAGE_WORDS = 1.2, 0.75, 140


@dataclass(frozen=True, slots=True)
class Likeness:
    """What the wording of a passage has in common with a question's."""

    letters: float
    """BM25 of the question's four-letter pieces, each weighted by the rarity of its word; 0 or more."""
    forms: float
    """0 to 1: share of the question's words, by rarity, that stand there in the form they were asked in."""
    together: float
    """0 to 1: share of the question, by rarity, whose neighbouring words stand near one another there too."""
    title: float
    """0 to 1: share of the question's words, by rarity, that title and heading hold."""

    @property
    def bonus(self) -> float:
        """What it adds to a fused score, the letters excepted: those are compared among the candidates."""
        return self.forms + 3 * self.together + self.title


@dataclass(frozen=True, slots=True)
class _Told:
    """What one word of a passage has of the question."""

    folded: str
    group: int | None
    pieces: tuple[str, ...]


class Wording:
    """The wording of one question, to be compared with passages.

    Args:
        words: the question's words.
        analyzer: makes stems as the keyword index does.
        frequencies: in how many passages each term stands.
        chunks: how many passages there are.
    """

    def __init__(
        self, words: QueryWords, *, analyzer: WordAnalyzer, frequencies: Mapping[str, int], chunks: int
    ) -> None:
        self._analyzer = analyzer
        self._groups = words.groups
        self._rarity = [
            max(math.log(1 + (chunks + 1) / (frequencies.get(term, 0) + 0.5)) for term in group)
            for group in words.groups
        ]
        self._total = math.fsum(self._rarity) or 1.0
        self._forms: dict[str, float] = {}
        self._pieces: dict[str, float] = {}
        for form, rarity in zip(words.forms, self._rarity, strict=False):
            for part in _WORD.findall(fold(form)):
                self._forms[part] = max(rarity, self._forms.get(part, 0.0))
                for piece in _pieces(part):
                    self._pieces[piece] = rarity + self._pieces.get(piece, 0.0)
        self._group_of_term: dict[str, int] = {}
        for number, group in enumerate(words.groups):
            for term in group:
                self._group_of_term.setdefault(term, number)
        self._wanted = frozenset((*self._group_of_term, *self._pieces))
        # Of the tokens that were met: all, and what those tell that have something of the question.
        self._met: set[str] = set()
        self._telling: dict[str, _Told] = {}

    @property
    def length(self) -> int:
        """How many words the question has that say something."""
        return len(self._groups)

    def likeness(self, chunk: Chunk) -> Likeness:
        """Compare with a passage, its title and its headings."""
        head = _WORD.findall(f"{chunk.title}\n{chunk.heading}".lower())
        tokens = head + _WORD.findall(chunk.text.lower())
        there = set(tokens)
        self._learn(there - self._met)
        telling = self._telling.keys() & there
        places: dict[int, list[int]] = {}
        pieces: Counter[str] = Counter()
        held: set[str] = set()
        if telling:
            for place, token in enumerate(tokens):
                if token not in telling:
                    continue
                told = self._telling[token]
                if told.group is not None:
                    places.setdefault(told.group, []).append(place)
                if told.pieces:
                    pieces.update(told.pieces)
                    held.add(told.folded)
        norm = _K1 * (1 - _B + _B * len(tokens) / _AVERAGE_WORDS)
        return Likeness(
            letters=math.fsum(self._pieces[piece] * n / (n + norm) for piece, n in pieces.items()),
            forms=self._share(rarity for form, rarity in self._forms.items() if form in held),
            together=self._share(self._neighbours(places)),
            title=self._share(self._rarity[group] for group, at in places.items() if at[0] < len(head)),
        )

    def _learn(self, tokens: Collection[str]) -> None:
        self._met.update(tokens)
        for token in tokens:
            signs = _signs(self._analyzer, token)
            # Most words have nothing of the question: this one look is what they cost.
            if self._wanted.isdisjoint(signs):
                continue
            folded = signs[0]
            groups = (self._group_of_term.get(term) for term in (folded, *self._analyzer.stems_of(token)))
            self._telling[token] = _Told(
                folded=folded,
                group=min((group for group in groups if group is not None), default=None),
                pieces=tuple(piece for piece in _pieces(folded) if piece in self._pieces),
            )

    def _neighbours(self, places: Mapping[int, list[int]]) -> list[float]:
        """Return the rarity of each two words that follow one another in the question and stand near here."""
        return [
            (self._rarity[group] + self._rarity[group + 1]) / 2
            for group in places
            if group + 1 in places and _are_near(places[group], places[group + 1])
        ]

    def _share(self, rarities: Iterable[float]) -> float:
        return min(1.0, math.fsum(rarities) / self._total)


@lru_cache(maxsize=50_000)
def _signs(analyzer: WordAnalyzer, token: str) -> tuple[str, ...]:
    """Return all by which a word may be known: without accents first, then its stems and its pieces."""
    folded = fold(token)
    return (folded, *analyzer.stems_of(token), *_pieces(folded))


def _pieces(word: str) -> tuple[str, ...]:
    """Return the four-letter pieces of a word, its beginning and its end among them, each once."""
    bounded = f"^{word}$"
    if len(bounded) <= _GRAM:
        return (intern(bounded),)
    # There are few different ones, and each stands in the signs of many words.
    pieces = (intern(bounded[i : i + _GRAM]) for i in range(len(bounded) - _GRAM + 1))
    return tuple(dict.fromkeys(pieces))


def _are_near(first: list[int], second: list[int]) -> bool:
    """Whether a place of the second follows one of the first closely; both in order."""
    later = 0
    for place in first:
        while later < len(second) and second[later] <= place:
            later += 1
        if later < len(second) and second[later] - place <= _NEAR:
            return True
    return False
