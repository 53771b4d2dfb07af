"""Whose clause it is: a sentence that says of one what its source says of another.

Notes put several people into one sentence ("Maud writes to the town, Noé calls the bank"). A clause of a
sentence is compared with the clause of the source that shares most of its other words; when that one names
people, and none of those that the sentence names, the sentence turns round who does what. It is no parser: a
clause that names nobody ("he calls the bank") refuses nothing.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from search.words import fold

_BREAK = re.compile(
    r"[;:()—–!?]|,(?!\d)|\.\s|\n|\b(?:but|mais|et|and|puis|then|while|whereas|tandis|alors que)\b", re.I
)
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_ALIGNED = 0.6
_NEARLY = 0.1


@dataclass(frozen=True, slots=True)
class _Part:
    names: frozenset[str]
    stems: frozenset[str]


def swaps_names(
    said: str,
    told: Sequence[str],
    *,
    names: frozenset[str],
    spoken: frozenset[str],
    stems_of: Callable[[str], frozenset[str]],
) -> bool:
    """Whether a clause names people, and the source's clause that says the same only others.

    Args:
        said: a sentence.
        told: the texts that it is said to come from.
        names: folded words that are names in them.
        spoken: those of them who say the texts, and say "I" there.
        stems_of: returns the words of a text, comparable.
    """
    theirs = [part for text in told for part in _parts(text, names, stems_of)]
    for mine in _parts(said, names, stems_of):
        if not mine.names or not mine.names.isdisjoint(spoken) or len(mine.stems) < 2:
            continue
        shares = [(len(mine.stems & part.stems) / len(mine.stems), part) for part in theirs]
        best = max((share for share, _ in shares), default=0.0)
        if best < _ALIGNED:
            continue
        nearest = [part for share, part in shares if share >= best - _NEARLY]
        if all(part.names and mine.names.isdisjoint(part.names) for part in nearest):
            return True
    return False


def _parts(text: str, names: frozenset[str], stems_of: Callable[[str], frozenset[str]]) -> Iterable[_Part]:
    """Yield the clauses of a text; what only names people ("Noé and Aïcha call") is part of the next."""
    held: frozenset[str] = frozenset()
    for piece in _BREAK.split(text):
        here = frozenset(word for word in _folded_words(piece) if word in names)
        stems = stems_of(" ".join(word for word in _WORD.findall(piece) if not _folded(word) & names))
        if not stems:
            held |= here
            continue
        yield _Part(names=held | here, stems=stems)
        held = frozenset()


def _folded_words(text: str) -> Iterable[str]:
    for word in _WORD.findall(text):
        yield from _folded(word)


def _folded(word: str) -> frozenset[str]:
    bare = re.sub(r"^\w{1,2}['’]|['’]s$", "", word)
    return frozenset({fold(bare.lower())})
