"""Suggestions as edits of a text in a browser, which counts it in UTF-16 code units."""

import re
from bisect import bisect_left
from dataclasses import replace
from typing import TYPE_CHECKING

from connector.model import Site

if TYPE_CHECKING:
    from search.links import LinkSuggestion
    from webui.api.shapes import Shape

_CONTEXT = 40
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def without_surrogates(text: str) -> str:
    """Return a text that can be written in UTF-8; halves of a character become U+FFFD, which is as long."""
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)


class EditedText:
    """The text that a browser has sent."""

    def __init__(self, wikitext: str) -> None:
        self._text = wikitext
        # JavaScript counts characters beyond U+FFFF twice.
        # https://tc39.es/ecma262/#sec-ecmascript-language-types-string-type
        self._twice = [match.start() for match in _ASTRAL.finditer(wikitext)]

    def edit(self, *, start: int, end: int, replacement: str) -> "Shape":
        """Return `{"start", "end", "original", "replacement", "before", "after"}`.

        `start` and `end` are given in characters and answered in UTF-16 code units; `before` and `after` are
        the 40 characters around, by which the place is found again when the text has moved.
        """
        return {
            "start": self._units(start),
            "end": self._units(end),
            "original": self._text[start:end],
            "replacement": replacement,
            "before": self._text[max(0, start - _CONTEXT) : start],
            "after": self._text[end : end + _CONTEXT],
        }

    def _units(self, offset: int) -> int:
        return offset + bisect_left(self._twice, offset)


def link_wikitext(suggestion: "LinkSuggestion", *, site: Site) -> str:
    """Return the link to put in the place of the suggestion's words."""
    from search.links import apply

    return apply(suggestion.link_text, replace(suggestion, wikitext_offset=0), site=site)
