"""Paragraphs and sentences of the notes, each with the lines it stands on.

Mail and many editors break a paragraph over several lines, while a pad holds one thought a line: lines are
joined only where the next line's first word would not have fitted on the line before it.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from capture.formats.chats import chat_author
from capture.lines import LineKind, NoteLine
from capture.outline import line_role
from capture.vocabulary import Role

_MAX_WRAP = 130
"""Longer lines are not broken by an editor; they are paragraphs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence and its lines."""

    text: str
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A paragraph, a list item or a table row."""

    text: str
    lines: tuple[int, ...]
    kind: LineKind
    role: Role | None
    """What the section that it stands in holds."""
    heading_path: tuple[str, ...] = ()
    depth: int = 0
    ordered: bool = False
    checked: bool | None = None
    speaker: str | None = None
    cells: tuple[str, ...] = ()
    header: bool = False
    starts: tuple[int, ...] = (0,)
    """Where in `text` each of the lines starts."""
    position: int = 0
    """Index among the blocks of the notes."""

    def lines_of(self, start: int, end: int) -> tuple[int, ...]:
        """Return the lines on which the characters from `start` to `end` stand."""
        first = max(bisect_right(self.starts, start) - 1, 0)
        # Not by looking at every line: a long block has as many sentences as lines, or more.
        return self.lines[first : bisect_left(self.starts, max(end, start + 1))] or self.lines[-1:]

    def sentences(self) -> list[Sentence]:
        """Cut the block into sentences."""
        return [
            Sentence(text=self.text[start:end], lines=self.lines_of(start, end))
            for start, end in sentence_spans(self.text)
        ]


def blocks_of(lines: tuple[NoteLine, ...]) -> list[Block]:
    """Join lines into blocks. Headings, rules, code and what programs wrote are left out."""
    width = _wrap_width(lines)
    groups: list[list[NoteLine]] = []
    previous: NoteLine | None = None
    for line in lines:
        if line.kind in (LineKind.TEXT, LineKind.ITEM, LineKind.ROW) and line.content:
            if (line.continues and groups) or (
                previous is not None and _continues(previous, line, groups[-1][0], width)
            ):
                groups[-1].append(line)
            else:
                groups.append([line])
            previous = line
        else:
            previous = None
    role = lru_cache(maxsize=None)(line_role)
    return [_block(group, role(group[0].heading_path), index) for index, group in enumerate(groups)]


def below_lists(blocks: Sequence[Block]) -> set[int]:
    """Return the places of paragraphs that stand apart below a list of their section, and are no part of it.

    Below "Actions" and its list a mail says good-bye.
    """
    found: set[int] = set()
    for above, block in pairwise(blocks):
        if block.kind is not LineKind.TEXT or block.heading_path != above.heading_path:
            continue
        apart = above.kind is LineKind.ITEM and block.lines[0] - above.lines[-1] > 1
        if apart or above.position in found:
            found.add(block.position)
    return found


def _block(group: list[NoteLine], role: Role | None, position: int) -> Block:
    first = group[0]
    text = ""
    starts: list[int] = []
    for line in group:
        if text:
            text += " "
        starts.append(len(text))
        text += line.content
    return Block(
        text=text,
        lines=tuple(line.number for line in group),
        kind=first.kind,
        role=role,
        heading_path=first.heading_path,
        depth=first.depth,
        ordered=first.ordered,
        checked=first.checked,
        speaker=first.speaker,
        cells=first.cells,
        header=first.header,
        starts=tuple(starts),
        position=position,
    )


def _wrap_width(lines: tuple[NoteLine, ...]) -> int:
    """Return the column at which the notes' lines were broken; 0 when they were not."""
    lengths = sorted(
        len(line.text.rstrip())
        for line in lines
        # Beside what an editor broke there may be long lines that a program wrote.
        if line.kind in (LineKind.TEXT, LineKind.ITEM) and line.content and len(line.text) <= _MAX_WRAP
    )
    if len(lengths) < 3:
        return 0
    longest = lengths[min(len(lengths) - 1, int(len(lengths) * 0.98))]
    # Where an editor breaks lines, many end near the same column.
    full = sum(1 for length in lengths if longest - 12 <= length <= longest)
    broken = full >= 3 and full >= 0.15 * len(lengths)
    return longest if broken and 50 <= longest <= _MAX_WRAP else 0


def _continues(previous: NoteLine, line: NoteLine, first: NoteLine, width: int) -> bool:
    if line.kind is not LineKind.TEXT or previous.kind is LineKind.ROW or line.number != previous.number + 1:
        return False
    if line.speaker and chat_author(line.text):
        return False  # a message of its own
    if line.speaker != previous.speaker and not (first.kind is LineKind.ITEM and line.text[:1].isspace()):
        return False
    if line.bold or previous.bold:
        return False
    if first.kind is LineKind.ITEM and line.text[:2].isspace():
        return True  # indented under its bullet
    if not width or _LABELLED.match(line.content):
        return False
    word = line.text.split(maxsplit=1)[0]
    return len(previous.text.rstrip()) + 1 + len(word) > width - 4


_LABELLED = re.compile(r"^[^\W\d_][\w '’()·.-]{1,40}\s?: ")
# No sentence ends after these.
_ABBREVIATION = re.compile(
    r"(?:\b(?:M|Mme|Mlle|MM|Dr|Pr|Mr|Mrs|Ms|St|Ste|Jr|Sr|etc|ex|p|pp|cf|vs|env|approx|av|bd|no|"
    r"No|art|chap|fig|vol|tél|tel|i\.e|e\.g|c\.-à-d|Inc|Ltd|min|max|resp)|"
    r"\b[A-Z]|\b(?:janv|févr|avr|juil|sept|oct|nov|déc|Jan|Feb|Mar|Apr|Aug|Sept|Oct|Nov|Dec))$"
)
_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?:\s+|$)|\s+(?:;|•)\s+")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return start and end of each sentence of a text."""
    spans: list[tuple[int, int]] = []
    start = 0
    for found in _END.finditer(text):
        end = found.end()
        mark = found.group().strip()
        if mark.startswith(".") and end < len(text):
            if text[start : found.start()].strip().isdigit():
                continue  # "1. Ouvrir la porte"
            if len(mark.rstrip("\"'”’»)]")) == 1 and _ABBREVIATION.search(
                text[max(start, found.start() - 12) : found.start()]
            ):
                continue
            if not (text[end].isupper() or text[end].isdigit() or text[end] in "«“\"'(-–—[→#@*"):
                continue
        stop = found.start() + len(found.group().rstrip()) if mark not in (";", "•") else found.start()
        if text[start:stop].strip():
            spans.append((start, stop))
        start = end
    if text[start:].strip():
        spans.append((start, len(text.rstrip())))
    return spans or [(0, len(text))]
