"""Notes in pieces that a language model can read at once, and how they are shown to it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from capture.lines import LineKind, NoteLine
from search.language_model import neutral
from search.written_answers import gives_orders

WITHHELD = "(…)"
"""Stands for a line that speaks to a language model: the model does not get to read it."""

_NUMBER_CHARACTERS = 8
_LATEST_CUT = 0.5
"""Of a window that is full, the share that stays in it at least when a better place to cut is looked for."""
_ORDER_LINES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Some lines of the notes, from `first` to `last`."""

    first: int
    last: int
    own: int
    """The first line that the window before does not have."""
    readable: bool = True
    """False for a line alone that is longer than a window."""

    @property
    def own_lines(self) -> range:
        """The lines that no window before has."""
        return range(self.own, self.last + 1)


def windows(lines: Sequence[NoteLine], *, characters: int, overlap: int) -> list[Window]:
    """Cut notes into windows, at headings and empty lines where there are any.

    Args:
        lines: all of the notes.
        characters: how long a window may be.
        overlap: how much of the window before is shown again, at the most.
    """
    found: list[Window] = []
    start = 0
    while start < len(lines):
        end = _end(lines, start, characters)
        if _cost(lines[start]) > characters:
            found.append(Window(first=start + 1, last=start + 1, own=start + 1, readable=False))
            start += 1
            continue
        if any(line.content or line.text.strip() for line in lines[start:end]):
            first = _overlapped(lines, start, overlap) if found and found[-1].readable else start
            found.append(Window(first=first + 1, last=end, own=start + 1))
        start = end
    return found


def _cost(line: NoteLine) -> int:
    return len(line.text) + _NUMBER_CHARACTERS


def _end(lines: Sequence[NoteLine], start: int, characters: int) -> int:
    """Return where a window that starts here is cut: the index after its last line."""
    spent = 0
    end = start
    while end < len(lines) and spent + _cost(lines[end]) <= characters:
        spent += _cost(lines[end])
        end += 1
    if end == len(lines):
        return end
    earliest = start + max(1, round((end - start) * _LATEST_CUT))
    for kind in (LineKind.HEADING, LineKind.BLANK):
        for place in range(end, earliest - 1, -1):
            if lines[place].kind is kind:
                return place
    return end


def _overlapped(lines: Sequence[NoteLine], start: int, characters: int) -> int:
    spent = 0
    while start > 0 and spent + _cost(lines[start - 1]) <= characters:
        start -= 1
        spent += _cost(lines[start])
    return start


def order_lines(lines: Sequence[NoteLine]) -> frozenset[int]:
    """Return the numbers of lines that give orders to a language model, alone or with those after them.

    What follows in the same paragraph may be what is ordered, and counts as well.
    """
    found = {line.number for line in lines if gives_orders(line.text)}
    for size in range(2, _ORDER_LINES + 1):
        for start in range(len(lines) - size + 1):
            group = lines[start : start + size]
            numbers = {line.number for line in group}
            if found.isdisjoint(numbers) and gives_orders(" ".join(line.text for line in group)):
                found |= numbers
    for number in sorted(found):
        for line in lines[number : number + _ORDER_LINES]:
            if line.kind is not LineKind.TEXT or not line.text.strip():
                break
            found.add(line.number)
    return frozenset(found)


def numbered(lines: Sequence[NoteLine], window: Window, withheld: frozenset[int]) -> str:
    """Return the lines of a window, each behind its number; empty ones only count."""
    return "\n".join(_numbered(lines[window.first - 1 : window.last], withheld))


def _numbered(lines: Sequence[NoteLine], withheld: frozenset[int]) -> Iterator[str]:
    for line in lines:
        # One line stays one, whatever a reader of the notes takes for its end.
        text = " ".join(neutral(line.text).rstrip().splitlines())
        if text.strip():
            yield f"{line.number}| {WITHHELD if line.number in withheld else text}"
