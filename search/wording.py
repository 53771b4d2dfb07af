"""How closely a passage's wording is that of the question: what BM25 over stems does not see.

Of the first candidates it tells those that have the question's words next to one another, in the same form
and in the title, and those that have words of the same family: "décantation" and "décanter" share no stem,
but most of their letters. What it is worth was measured over eight sets of questions (docs/decisions.md).
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, compress
from typing import Final, NamedTuple

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


class _Told(NamedTuple):
    """What one word of a passage has of the question."""

    folded: str
    group: int | None
    pieces: Sequence[str]


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

    @property
    def length(self) -> int:
        """How many words the question has that say something."""
        return len(self._groups)

    def likeness(self, chunks: Sequence[Chunk]) -> list[Likeness]:
        """Compare with each of some passages, its title and its headings; many at once are read faster."""
        heads = [_WORD.findall(f"{chunk.title}\n{chunk.heading}".lower()) for chunk in chunks]
        texts = [_WORD.findall(chunk.text.lower()) for chunk in chunks]
        telling = self._telling({*chain(*heads, *texts)} or {""})
        return [self._of_one(head, text, telling) for head, text in zip(heads, texts, strict=True)]

    def _of_one(self, head: list[str], text: list[str], telling: Mapping[str, _Told]) -> Likeness:
        tokens = head + text
        places: dict[int, list[int]] = {}
        pieces: list[str] = []
        held: set[str] = set()
        for place in compress(range(len(tokens)), map(telling.__contains__, tokens)):
            told = telling[tokens[place]]
            if told.group is not None:
                places.setdefault(told.group, []).append(place)
            if told.pieces:
                pieces += told.pieces
                held.add(told.folded)
        norm = _K1 * (1 - _B + _B * len(tokens) / _AVERAGE_WORDS)
        return Likeness(
            letters=math.fsum(self._pieces[piece] * n / (n + norm) for piece, n in Counter(pieces).items()),
            forms=self._share(rarity for form, rarity in self._forms.items() if form in held),
            together=self._share(self._neighbours(places)),
            title=self._share(self._rarity[group] for group, at in places.items() if at[0] < len(head)),
        )

    def _telling(self, tokens: set[str]) -> dict[str, _Told]:
        """Return which of some words have something of the question, and what; most of them have nothing."""
        folded = fold("$".join(tokens)).split("$")
        by_pieces = self._with_pieces(f"^{'$^'.join(dict.fromkeys(folded))}$")
        of_term = self._group_of_term
        by_stems = self._analyzer.having(of_term, tokens)
        known = by_pieces.keys() | of_term.keys()
        telling = {}
        for token, form in zip(tokens, folded, strict=True):
            if form in known or token in by_stems:
                groups = (of_term.get(term) for term in (form, *self._analyzer.stems_of(token)))
                group = min((group for group in groups if group is not None), default=None)
                telling[token] = _Told(form, group, by_pieces.get(form, ()))
        return telling

    def _with_pieces(self, bounded: str) -> dict[str, list[str]]:
        """Return which words, each between ^ and $, have which pieces of the question's words.

        The question's few pieces are looked for in all words at once, which takes less than to cut up each.
        """
        found: dict[str, list[str]] = {}
        for piece in self._pieces:
            at = bounded.find(piece)
            while at >= 0:
                end = bounded.find("$", at)
                found.setdefault(bounded[bounded.rfind("^", 0, at + 1) + 1 : end], []).append(piece)
                at = bounded.find(piece, end)
        return found

    def _neighbours(self, places: Mapping[int, list[int]]) -> list[float]:
        """Return the rarity of each two words that follow one another in the question and stand near here."""
        return [
            (self._rarity[group] + self._rarity[group + 1]) / 2
            for group in places
            if group + 1 in places and _are_near(places[group], places[group + 1])
        ]

    def _share(self, rarities: Iterable[float]) -> float:
        return min(1.0, math.fsum(rarities) / self._total)


def _pieces(word: str) -> tuple[str, ...]:
    """Return the four-letter pieces of a word, its beginning and its end among them, each once."""
    bounded = f"^{word}$"
    starts = range(max(1, len(bounded) - _GRAM + 1))
    return tuple(dict.fromkeys(bounded[start : start + _GRAM] for start in starts))


def _are_near(first: list[int], second: list[int]) -> bool:
    """Whether a place of the second follows one of the first closely; both in order."""
    later = 0
    for place in first:
        while later < len(second) and second[later] <= place:
            later += 1
        if later < len(second) and second[later] - place <= _NEAR:
            return True
    return False
