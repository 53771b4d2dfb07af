"""Lines of the notes as people write them: “12, 14–16”."""

import re

_DASH = re.compile(r"\s*[-‐‑‒–—]\s*")
_BETWEEN = re.compile(r"[\s,;]+")
_SPAN = re.compile(r"([0-9]{1,7})(?:-([0-9]{1,7}))?")


class LineChoiceError(ValueError):
    """What is written names no lines of the notes."""

    def __init__(self, part: str, *, beyond: bool = False) -> None:
        super().__init__(f"“{part}” names no lines of the notes")
        self.part = part
        """What cannot be used."""
        self.beyond = beyond
        """Whether it is a number, of a line that the notes do not have."""


def chosen_lines(text: str, *, line_count: int) -> tuple[int, ...]:
    """Return the lines that a person wrote down, ascending, each once; none for an empty text.

    Args:
        text: Numbers and spans of numbers, with commas, semicolons or spaces between.
        line_count: How many lines the notes have.

    Raises:
        LineChoiceError: A part of it is no number or span, or no line of the notes.
    """
    lines: set[int] = set()
    for part in _BETWEEN.split(_DASH.sub("-", text).strip(" \t\r\n,;")):
        if not part:
            continue
        span = _SPAN.fullmatch(part)
        if span is None:
            raise LineChoiceError(part.replace("-", "–"))
        first, last = sorted((int(span[1]), int(span[2] or span[1])))
        if first < 1 or last > line_count:
            raise LineChoiceError(str(last if last > line_count else first), beyond=True)
        lines.update(range(first, last + 1))
    return tuple(sorted(lines))
