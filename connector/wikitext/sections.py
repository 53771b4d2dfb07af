"""A page's sections and their anchors.

Anchors are made as MediaWiki 1.30+ makes them (Parser::finalizeHeadings, Sanitizer::escapeIdInternal).
"""

import re
from urllib.parse import quote_plus

from connector.model import Section
from connector.wikitext.plain import BULLET, on_one_line, tidy

_DIRECTION_MARKS = re.compile(r"[\u200e\u200f\u202a-\u202e]+")
_SPACES = re.compile(r"[ _\u00a0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_TRIMMED = " _\t\n\r\0\x0b"
_MAX_LENGTH = 1024
_ASCII_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


class Anchors:
    """Gives each heading of one page its anchor, in the order of the page."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._next: dict[str, int] = {}

    def add(self, heading: str) -> str:
        """Return the anchor of the next heading, given its text as it stands, with its no-break spaces.

        A heading that was there before (in any ASCII case) gets `_2`, `_3` and so on. The anchors of the old
        encoding (`.C3.A9` for `é`) stand in the page too and take their names away from later headings.
        """
        name = _SPACES.sub(" ", _DIRECTION_MARKS.sub("", heading).lstrip(_TRIMMED)).rstrip()
        primary = re.sub(r"[\t\n\f\r ]", "_", name[:_MAX_LENGTH])
        legacy = quote_plus(name[:_MAX_LENGTH].replace(" ", "_"), safe="").replace("~", "%7E")
        legacy = legacy.replace("%3A", ":").replace("%", ".")
        anchor = primary + self._suffix(primary)
        if legacy != primary:
            self._suffix(legacy)
        return anchor

    def _suffix(self, anchor: str) -> str:
        key = anchor.translate(_ASCII_LOWER)
        if key not in self._taken:
            self._taken.add(key)
            return ""
        number = self._next.get(key, 2)  # all before are taken: a page of equal headings stays linear
        while f"{key}_{number}" in self._taken:
            number += 1
        self._taken.add(f"{key}_{number}")
        self._next[key] = number + 1
        return f"_{number}"


class SectionWriter:
    """Takes the text of a page piece by piece, and its headings as they come."""

    def __init__(self) -> None:
        self._anchors = Anchors()
        self._done: list[Section] = []
        self._heading = self._anchor = ""
        self._level = self._offset = 0
        self._outline: list[tuple[int, str]] = []
        self.pieces: list[str] = []
        """Where the text of the section that is being read goes."""

    def open(self, heading: str, *, level: int, offset: int, anchor: str | None = None) -> None:
        """End the section that is being read and begin the next one, whose heading stands at `offset`.

        Its anchor is made from the heading when none is given, and from all its spaces.
        """
        title = on_one_line(heading)
        if "\n" in heading or BULLET in heading:
            heading = title
        self._done.append(self._closed())
        self._outline = [(above, name) for above, name in self._outline if above < level]
        self._outline.append((level, title))
        self._heading, self._level, self._offset = title, level, offset
        self._anchor = self._anchors.add(heading) if anchor is None else anchor
        self.pieces = []

    def sections(self) -> tuple[Section, ...]:
        """Return the sections so far; what stands before the first heading always comes first."""
        return (*self._done, self._closed())

    def _closed(self) -> Section:
        return Section(
            heading=self._heading,
            level=self._level,
            anchor=self._anchor,
            path=tuple(name for _, name in self._outline),
            text=tidy("".join(self.pieces)),
            wikitext_offset=self._offset,
        )
