"""Pairs of texts that say the same in English and in French, to train on: read, cleaned, sampled, joined.

A file has one pair a line: English, tab, French, and after another tab, if any, where it is from. Lines that
follow one another in a file are taken to follow one another in a document.
"""

import csv
import hashlib
import lzma
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from connector.errors import ConfigError

_LEAST_LETTERS = 3
_LEAST_LETTER_SHARE = 0.6
_MOST_CHARACTERS = 2_000
_MOST_VARIANTS = 3
# Of what is long enough to have a ratio: French takes some 15 % more letters than English.
_RATIO_FROM = 20
_LEAST_RATIO, _MOST_RATIO = 0.6, 2.2
# Of every joined text; the sentences are drawn between these, so that all lengths occur.
_JOINED_CHARACTERS = (200, 1_000)
# Markup that documentation leaves in its sentences: anchors of headings, tags, addresses.
_LEFT_OVER = re.compile(r"\{/?[*/][^}]*\}|</?[a-zA-Z][^>]{0,200}>|<>|</>|https?://\S+|&[a-z]{2,8};")
_SPACES = re.compile(r"\s+")
_ENDS = re.compile(r"[.!?…»”\"]$")


@dataclass(frozen=True, slots=True)
class Pair:
    """What says the same in both languages."""

    english: str
    french: str
    source: str


def read_pairs(path: Path) -> Iterator[Pair]:
    """Read a file of pairs (`.tsv`, or `.tsv.xz`), in its order, cleaned of what no reader would miss.

    Raises:
        ConfigError: it cannot be read, or a line has no two texts.
    """
    try:
        with _opened(path) as file:
            rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            for number, row in enumerate(rows, start=1):
                if len(row) not in (2, 3):
                    raise ConfigError(
                        f"{path.name}, line {number}: English, tab, French expected (and a tab and a source)"
                    )
                yield Pair(_tidied(row[0]), _tidied(row[1]), row[2] if len(row) > 2 else path.name)
    except (OSError, UnicodeDecodeError, lzma.LZMAError, csv.Error) as e:
        raise ConfigError(f"{path} cannot be read as pairs: {e}") from e


def worth_training(pairs: Iterable[Pair]) -> Iterator[Pair]:
    """Yield each pair once that can teach something: both sides are text, differ, and are alike in length."""
    seen: set[bytes] = set()
    sides: Counter[bytes] = Counter()
    for pair in pairs:
        if not _teaches(pair):
            continue
        english, french = _key("en", pair.english), _key("fr", pair.french)
        # A text has few translations: one that comes again and again is a phrase of forms, or misaligned.
        if english + french in seen or max(sides[english], sides[french]) >= _MOST_VARIANTS:
            continue
        seen.add(english + french)
        sides.update((english, french))
        yield pair


def sampled(pairs: Sequence[Pair], *, most: Mapping[str, int], seed: int) -> list[Pair]:
    """Return the pairs in their order, at most so many of a source; whole sentences are preferred.

    Args:
        pairs: of any number of sources.
        most: by source; one that is not named keeps all of its pairs.
        seed: of the draw.
    """
    by_source: dict[str, list[int]] = {}
    for i, pair in enumerate(pairs):
        by_source.setdefault(pair.source, []).append(i)
    kept: list[int] = []
    for source, members in by_source.items():
        if source in most and len(members) > most[source]:
            chance = random.Random(f"{seed} {source}")  # noqa: S311 - a sample, no secret
            # A clause that begins or ends in the middle teaches less than a sentence: half its chance.
            drawn = sorted(members, key=lambda i: chance.random() * (1 if _is_sentence(pairs[i]) else 2))
            members = drawn[: most[source]]
        kept += members
    return [pairs[i] for i in sorted(kept)]


def held_out(pairs: Sequence[Pair], *, each: int, seed: int) -> tuple[list[Pair], list[Pair]]:
    """Return the pairs to train on, and so many of each source (a tenth at most) that are not."""
    by_source: dict[str, list[int]] = {}
    for i, pair in enumerate(pairs):
        by_source.setdefault(pair.source, []).append(i)
    out: set[int] = set()
    for source, members in by_source.items():
        chance = random.Random(f"held out {seed} {source}")  # noqa: S311 - a sample, no secret
        out.update(chance.sample(members, min(each, len(members) // 10)))
    return [p for i, p in enumerate(pairs) if i not in out], [pairs[i] for i in sorted(out)]


def joined(pairs: Sequence[Pair], *, seed: int) -> list[Pair]:
    """Return longer pairs made of neighbours: passages of a page are longer than a sentence."""
    chance = random.Random(f"joined {seed}")  # noqa: S311 - lengths, no secret
    made: list[Pair] = []
    run: list[Pair] = []
    length, wanted = 0, chance.randint(*_JOINED_CHARACTERS)
    for pair in pairs:
        if run and (pair.source != run[0].source or length >= wanted):
            made += _join(run)
            run, length, wanted = [], 0, chance.randint(*_JOINED_CHARACTERS)
        run.append(pair)
        length += len(pair.french)
    return [*made, *_join(run)]


def _join(run: Sequence[Pair]) -> list[Pair]:
    if len(run) < 2:
        return []
    english = " ".join(pair.english for pair in run)
    return [Pair(english, " ".join(pair.french for pair in run), run[0].source)]


def _opened(path: Path) -> TextIO:
    if path.suffix == ".xz":
        return lzma.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def _tidied(text: str) -> str:
    return _SPACES.sub(" ", _LEFT_OVER.sub(" ", unicodedata.normalize("NFC", text))).strip()


def _teaches(pair: Pair) -> bool:
    english, french = pair.english, pair.french
    if english.casefold() == french.casefold() or max(len(english), len(french)) > _MOST_CHARACTERS:
        return False
    for text in (english, french):
        letters = sum(c.isalpha() or c == " " for c in text)
        if letters < _LEAST_LETTERS or letters < _LEAST_LETTER_SHARE * len(text):
            return False
    if min(len(english), len(french)) < _RATIO_FROM:
        return max(len(english), len(french)) < 3 * _RATIO_FROM
    return _LEAST_RATIO < len(french) / len(english) < _MOST_RATIO


def _is_sentence(pair: Pair) -> bool:
    return pair.english[:1].isupper() and _ENDS.search(pair.english) is not None


def _key(language: str, text: str) -> bytes:
    words = " ".join(re.findall(r"\w+", text.casefold()))
    return hashlib.blake2b(f"{language} {words}".encode(), digest_size=8).digest()
