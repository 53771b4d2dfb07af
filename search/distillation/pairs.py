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

LEAST_WATCHED = 50
"""Held-out pairs of a source that say something: of a handful, the right one is the nearest by chance."""

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
        ConfigError: it cannot be read, or a line that is not empty has no two texts.
    """
    try:
        with _opened(path) as file:
            rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            for row in rows:
                if not row:
                    continue
                if len(row) not in (2, 3):
                    raise ConfigError(
                        f"{path}, line {rows.line_num}: expected are English, tab, French "
                        "(and perhaps another tab and a source)"
                    )
                source = row[2].strip() if len(row) > 2 else ""
                yield Pair(_tidied(row[0]), _tidied(row[1]), source or path.name)
    except UnicodeDecodeError as e:
        raise ConfigError(f"{path} cannot be read as pairs: it is not in UTF-8") from e
    except OSError as e:
        raise ConfigError(f"{path} cannot be read as pairs: {e.strerror or e}") from e
    except (EOFError, lzma.LZMAError, csv.Error) as e:
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
    kept: list[int] = []
    for source, members in _places(pairs).items():
        if source in most and len(members) > most[source]:
            chance = random.Random(f"{seed} {source}")  # noqa: S311 - a sample, no secret
            # A clause that begins or ends in the middle teaches less than a sentence: half its chance.
            drawn = sorted(members, key=lambda i: chance.random() * (1 if _is_sentence(pairs[i]) else 2))
            members = drawn[: most[source]]
        kept += members
    return [pairs[i] for i in sorted(kept)]


def held_out(pairs: Sequence[Pair], *, each: int, seed: int) -> tuple[list[Pair], list[Pair]]:
    """Return the pairs to train on, and so many of each source (a tenth at most) that are not.

    Sources too small to give `LEAST_WATCHED` pairs count as one together.
    """
    out: set[int] = set()
    for source, members in grouped(pairs, least=10 * LEAST_WATCHED).items():
        chance = random.Random(f"held out {seed} {source}")  # noqa: S311 - a sample, no secret
        out.update(chance.sample(members, min(each, len(members) // 10)))
    return [p for i, p in enumerate(pairs) if i not in out], [pairs[i] for i in sorted(out)]


def grouped(pairs: Sequence[Pair], *, least: int) -> dict[str, list[int]]:
    """Return the places of the pairs of each source, those of small sources together.

    Args:
        pairs: of any number of sources.
        least: a source with fewer is small; so many that all of them together are small go to the largest.
    """
    places = _places(pairs)
    large = {source: members for source, members in places.items() if len(members) >= least}
    rest = [i for source, members in places.items() if source not in large for i in members]
    if large and 0 < len(rest) < least:
        largest = max(large, key=lambda source: len(large[source]))
        large[largest] = sorted(large[largest] + rest)
    elif rest:
        large[""] = sorted(rest)
    return large


def fingerprint(pairs: Iterable[Pair]) -> str:
    """Return what tells these pairs, in this order, from any others."""
    digest = hashlib.blake2b(digest_size=16)
    for pair in pairs:
        # No text has a tab: it would have been a space since it was read.
        digest.update(f"{pair.english}\t{pair.french}\t{pair.source}\n".encode())
    return digest.hexdigest()


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


def _places(pairs: Sequence[Pair]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for i, pair in enumerate(pairs):
        places.setdefault(pair.source, []).append(i)
    return places


def _join(run: Sequence[Pair]) -> list[Pair]:
    if len(run) < 2:
        return []
    english = " ".join(pair.english for pair in run)
    return [Pair(english, " ".join(pair.french for pair in run), run[0].source)]


def _opened(path: Path) -> TextIO:
    # Spreadsheets begin a file in UTF-8 with a mark (U+FEFF), which is no text.
    if path.suffix == ".xz":
        return lzma.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


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
