"""What an edit changes of a page's text, line by line, for the person who decides about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_CONTEXT = 3
# The product of the lines that are compared: difflib's time grows with it.
_MOST_COMPARED = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffLine:
    """A line of a diff."""

    kind: Literal["same", "removed", "added", "gap"]
    """`gap` stands for lines that are the same and are not shown."""
    text: str = ""
    old_number: int | None = None
    """From 1, in the old text; None for an added line. Of a gap, its first line."""
    new_number: int | None = None
    """Likewise in the new text; None for a removed line."""
    count: int = 1
    """How many lines a gap stands for; 1 for any other line."""


def text_diff(old: str, new: str, *, context: int = _CONTEXT) -> tuple[DiffLine, ...]:
    """Return the lines that differ, with some that are the same around them; nothing when no line differs.

    Two texts of thousands of different lines are not compared within: all of the old comes as removed, all
    of the new as added.

    Args:
        old: The text before.
        new: The text after.
        context: How many lines are shown around a difference.
    """
    before, after = old.splitlines(), new.splitlines()
    if before == after:
        return ()
    return tuple(_lines(_blocks(before, after), before, after, context=context))


_Block = tuple[Literal["same", "changed"], int, int, int, int]


def _blocks(before: list[str], after: list[str]) -> list[_Block]:
    """Return runs of equal and of different lines, as (kind, old start and end, new start and end)."""
    shorter = min(len(before), len(after))
    head = next((i for i in range(shorter) if before[i] != after[i]), shorter)
    rest = shorter - head
    tail = next((i for i in range(rest) if before[-1 - i] != after[-1 - i]), rest)
    old_end, new_end = len(before) - tail, len(after) - tail
    blocks: list[_Block] = [("same", 0, head, 0, head)]
    if (old_end - head) * (new_end - head) > _MOST_COMPARED:
        blocks.append(("changed", head, old_end, head, new_end))
    else:
        matcher = SequenceMatcher(None, before[head:old_end], after[head:new_end], autojunk=False)
        for tag, i, j, k, m in matcher.get_opcodes():
            blocks.append(("same" if tag == "equal" else "changed", head + i, head + j, head + k, head + m))
    blocks.append(("same", old_end, len(before), new_end, len(after)))
    return [block for block in blocks if block[1] < block[2] or block[3] < block[4]]


def _lines(blocks: list[_Block], before: list[str], after: list[str], *, context: int) -> Iterator[DiffLine]:
    for index, (kind, old, old_end, new, new_end) in enumerate(blocks):
        if kind == "changed":
            for i in range(old, old_end):
                yield DiffLine(kind="removed", text=before[i], old_number=i + 1)
            for i in range(new, new_end):
                yield DiffLine(kind="added", text=after[i], new_number=i + 1)
            continue
        first = context if index else 0
        last = context if index + 1 < len(blocks) else 0
        hidden = old_end - old - first - last
        for i in range(old, old_end):
            if hidden > 1 and first <= i - old < first + hidden:
                if i - old == first:
                    yield DiffLine(kind="gap", old_number=i + 1, new_number=new + i - old + 1, count=hidden)
                continue
            yield DiffLine(kind="same", text=before[i], old_number=i + 1, new_number=new + i - old + 1)
