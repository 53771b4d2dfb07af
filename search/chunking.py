"""From a page's sections to passages short enough for the embedding model and long enough to mean something.

A passage follows the page's sections: a long section becomes several that overlap by a sentence or two, short
neighbours share one. Title and headings go in front of what is embedded, because a passage alone ("Three
steps are enough.") does not say what it is about.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from connector.model import Section
from search.language import Language, LanguageDetector
from search.sentences import sentence_spans

CHUNKER_VERSION: Final = 2
"""Part of every page's manifest entry: raise it when the same page would be cut or labelled otherwise."""

# French takes about two tokens of the bundled model a word: 130 words of it fill the model's 256 tokens.
MAX_WORDS: Final = 130
MIN_WORDS: Final = 60
OVERLAP_WORDS: Final = 25
# A shorter passage is in its page's language, because the detector is not sure of so few words.
_OWN_LANGUAGE_WORDS = 12
PATH_SEPARATOR: Final = " › "
# Before the digest of a key; no hexadecimal digit.
_KEY_MARK: Final = "q"


@dataclass(frozen=True, slots=True)
class Part:
    """From which section the text from `offset` on comes."""

    offset: int
    section: str
    """Heading path, joined by " › "; empty before the first heading."""
    anchor: str
    labels: bool = False
    """Whether this is no text of the page but what is said about it (see `chunk_page`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A passage of a page."""

    title: str
    heading: str
    """Heading path of the first part."""
    text: str
    language: Language
    parts: tuple[Part, ...]
    is_key: bool = False
    """Whether it is no text of the page but a question that the page answers."""

    @property
    def embedded(self) -> str:
        """What the embedding model reads."""
        if self.is_key:
            return self.text
        return "\n".join(line for line in (self.title, self.heading, self.text) if line)

    def sentences(self, part: Part) -> list[tuple[int, int]]:
        """Return (start, end) of the sentences of a part, without its heading."""
        number = self.parts.index(part)
        end = self.parts[number + 1].offset if number + 1 < len(self.parts) else len(self.text)
        spans = [(part.offset + s, part.offset + e) for s, e in sentence_spans(self.text[part.offset : end])]
        return spans[1:] if number and part.section else spans

    def part_at(self, offset: int) -> Part:
        """Return the part that the character at `offset` of the text belongs to."""
        return next((p for p in reversed(self.parts) if p.offset <= offset), self.parts[0])


@dataclass(frozen=True, slots=True)
class _Unit:
    text: str
    words: int
    new_paragraph: bool
    part: Part


def chunk_page(
    *,
    title: str,
    sections: Sequence[Section],
    labels: str,
    language: Language,
    detector: LanguageDetector,
) -> list[Chunk]:
    """Return a page's passages, in reading order; a page without text gives one that has its title only.

    Args:
        title: the page's full title.
        sections: its sections, the lead first.
        labels: text about the page (categories, practice template) that goes with the lead.
        language: the page's language, for passages too short to tell theirs.
        detector: tells the language of a passage.
    """
    packer = _Packer()
    about = _units(labels, Part(0, "", "", labels=True))
    if not sections or sections[0].heading:
        packer.take(about)
    for number, section in enumerate(sections):
        units = _units(section.text, Part(0, PATH_SEPARATOR.join(section.path), section.anchor))
        packer.take(units + about if number == 0 and not section.heading else units)
    chunks = []
    for text, parts in packer.finish():
        own = detector.guess(text) if len(text.split()) >= _OWN_LANGUAGE_WORDS else None
        chunks.append(
            Chunk(title=title, heading=parts[0].section, text=text, language=own or language, parts=parts)
        )
    if not chunks:
        chunks = [Chunk(title=title, heading="", text="", language=language, parts=(Part(0, "", ""),))]
    return chunks


def chunk_ids(pageid: int, chunks: Sequence[Chunk]) -> list[str]:
    """Return the chunks' ids: `pageid:digest of the embedded text`, numbered where a page repeats itself.

    The same text on the same page keeps its id, so its vector is found again and never computed twice.
    That of a key is told by its mark.
    """
    seen: dict[str, int] = {}
    ids = []
    for chunk in chunks:
        mark = _KEY_MARK if chunk.is_key else ""
        base = f"{pageid}:{mark}{hashlib.sha256(chunk.embedded.encode()).hexdigest()[:24]}"
        seen[base] = number = seen.get(base, 0) + 1
        ids.append(base if number == 1 else f"{base}:{number}")
    return ids


def pageid_of(chunk_id: str) -> int:
    """Return the page that a chunk id belongs to."""
    return int(chunk_id.partition(":")[0])


def is_key(chunk_id: str) -> bool:
    """Whether a chunk is a question that its page answers, and no text of the page."""
    return chunk_id.partition(":")[2].startswith(_KEY_MARK)


def without_keys(chunk_ids: Iterable[str]) -> set[str]:
    """Return the ids of those chunks that are text of their pages."""
    return {chunk_id for chunk_id in chunk_ids if not is_key(chunk_id)}


class _Packer:
    """Packs units into passages of MIN_WORDS to MAX_WORDS words."""

    def __init__(self) -> None:
        self._done: list[tuple[str, tuple[Part, ...]]] = []
        self._units: list[_Unit] = []
        self._fresh = False  # whether _units holds more than overlap

    def take(self, units: Sequence[_Unit]) -> None:
        """Add a section."""
        words = sum(unit.words for unit in units)
        if self._words() >= MIN_WORDS or self._words() + words > MAX_WORDS:
            self._flush(overlap=False)
        for unit in units:
            if self._fresh and self._words() + unit.words > MAX_WORDS:
                self._flush(overlap=True)
            self._units.append(unit)
            self._fresh = True

    def finish(self) -> list[tuple[str, tuple[Part, ...]]]:
        """Return all passages as (text, parts)."""
        self._flush(overlap=False)
        return self._done

    def _words(self) -> int:
        return sum(unit.words for unit in self._units)

    def _flush(self, *, overlap: bool) -> None:
        if self._fresh:
            self._done.append(_joined(self._units))
        kept: list[_Unit] = []
        if overlap:
            for unit in reversed(self._units):
                if sum(u.words for u in kept) + unit.words > OVERLAP_WORDS:
                    break
                kept.insert(0, unit)
        self._units = kept
        self._fresh = False


def _joined(units: Sequence[_Unit]) -> tuple[str, tuple[Part, ...]]:
    text = ""
    parts: list[Part] = []
    for unit in units:
        new_part = not parts or replace(parts[-1], offset=0) != unit.part
        if text:
            text += "\n" if unit.new_paragraph or new_part else " "
        if new_part:
            parts.append(replace(unit.part, offset=len(text)))
            if len(parts) > 1 and unit.part.section:
                text += unit.part.section.rpartition(PATH_SEPARATOR)[2] + "\n"
        text += unit.text
    return text, tuple(parts)


def _units(text: str, part: Part) -> list[_Unit]:
    units = []
    line_end = -1
    for start, end in sentence_spans(text):
        new_paragraph = line_end < 0 or "\n" in text[line_end:start]
        line_end = end
        words = text[start:end].split()
        if len(words) <= MAX_WORDS:
            units.append(_Unit(text[start:end], len(words), new_paragraph, part))
            continue
        for first in range(0, len(words), MAX_WORDS):
            piece = words[first : first + MAX_WORDS]
            units.append(_Unit(" ".join(piece), len(piece), new_paragraph and first == 0, part))
    return units
