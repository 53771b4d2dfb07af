"""What a keyword index holds of a page, whichever engine keeps it: stems by field, vocabulary, titles."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from search.chunking import Chunk
from search.words import Phrase, WordAnalyzer, fold, is_stop_word

FIELDS = ("title", "redirects", "heading", "body", "exact")
"""Of a chunk, in the order of `field_stems`; the last holds exact tokens."""
WEIGHTS = (3.0, 2.5, 2.0, 1.0, 1.0)
"""What a word counts in each field: a title says what a page is about."""
BETWEEN_REDIRECTS = "."
"""Stands between the stems of two redirects, so that no phrase reaches from one into the other."""

_LEAST_RARITY = 1e-6
_SHORTEST_WORD, _LONGEST_WORD = 4, 40
# A little word that is finished, "l’" that waits for its noun.
_OPEN_ELISION = re.compile(
    r"(?:^|(?<=\W))(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)['’ʼ]\s*$", re.IGNORECASE
)
_MOST_TYPED_WORDS = 12


@dataclass(frozen=True, slots=True)
class TypedTitle:
    """The beginning of a title, as it is being typed."""

    words: tuple[str, ...]
    """What words of the title must begin with: no accents, no little words that are finished."""
    start: str
    """What the title's key begins with when it begins with what was typed."""


def rarity(chunks: int, *, of: int) -> float:
    """Return what a stem is worth that stands in `chunks` of so many, as FTS5 counts it.

    https://www.sqlite.org/fts5.html#the_bm25_function: what stands in more than half of them counts next to
    nothing.
    """
    return max(math.log((max(of - chunks, 0) + 0.5) / (chunks + 0.5)), _LEAST_RARITY)


def field_stems(analyzer: WordAnalyzer, chunk: Chunk, redirects: Sequence[str]) -> tuple[list[str], ...]:
    """Return the stems of each of `FIELDS`."""
    names: list[str] = []
    for redirect in redirects:
        names += [BETWEEN_REDIRECTS] if names else []
        names += analyzer.stems(redirect, chunk.language)
    title, heading, body = (
        analyzer.stems(text, chunk.language) for text in (chunk.title, chunk.heading, chunk.text)
    )
    exact = analyzer.exact_tokens("\n".join((chunk.title, *redirects, chunk.heading, chunk.text)))
    # "nodejs" is asked for as a word, and so as its stem.
    exact += [analyzer.stem(token, chunk.language) for token in exact if token.isalpha()]
    return title, names, heading, body, exact


def holds(fields: Sequence[Sequence[str]], phrase: Phrase) -> bool:
    """Whether one of the fields (as `field_stems` orders them) holds the words of a phrase in a row."""
    *texts, exact = fields
    if len(phrase) == 1 and not phrase[0].isdisjoint(exact):
        return True
    return any(_follows(stems, phrase) for stems in texts)


def _follows(stems: Sequence[str], phrase: Phrase) -> bool:
    return any(
        stems[start] in phrase[0]
        and all(stems[start + n] in group for n, group in enumerate(phrase[1:], start=1))
        for start in range(len(stems) - len(phrase) + 1)
    )


def vocabulary_of(analyzer: WordAnalyzer, texts: Iterable[str]) -> Counter[str]:
    """Count the words of texts that a misspelt word may have been meant to be."""
    return Counter(
        word.form
        for text in texts
        for word in analyzer.words(text)
        if _SHORTEST_WORD <= len(word.form) <= _LONGEST_WORD and word.form.isalpha()
    )


def title_key(analyzer: WordAnalyzer, title: str) -> str:
    """Return the words of a title as they are looked for: no accents, no elided articles, small letters."""
    return " ".join(_title_words(analyzer, title))


def typed_title(analyzer: WordAnalyzer, prefix: str) -> TypedTitle:
    """Return what to look for while a title is being typed; no words when there is nothing to look for."""
    text = _OPEN_ELISION.sub("", prefix)
    words = _title_words(analyzer, text)[:_MOST_TYPED_WORDS]
    finished = not text[-1:].isalnum()
    asked = [
        word
        for number, word in enumerate(words)
        if not is_stop_word(word, None) or (number == len(words) - 1 and not finished)
    ]
    return TypedTitle(words=tuple(dict.fromkeys(asked or words)), start=" ".join(words))


def _title_words(analyzer: WordAnalyzer, title: str) -> list[str]:
    words = (fold(word.form).replace("'", "") for word in analyzer.words(title))
    return [word for word in words if word]


def whole_ends(folded: str, *, edits: int) -> tuple[str, str]:
    """Return a beginning and an end of a word of which one edit leaves one whole, and two mostly do.

    An edit is a letter too many, missing or wrong, or two neighbours that changed places: the letter between
    the two parts belongs to neither, so that no such change of places touches both.
    """
    length = max(1, (len(folded) - 1) // 2) if edits == 1 else max(1, len(folded) // 4)
    longest = min(length, 3)
    return folded[:longest], folded[-longest:]
