"""Where a related page is named in a wikitext: in its section "See also", or in a new one at its end."""

import re
from typing import Final

from connector.wikitext import CLOSED, HeadingLine, heading_lines, masked
from search.words import fold

HEADINGS: Final = {"fr": "Voir aussi", "en": "See also"}
"""What a new section is called, by language."""

_KNOWN = re.compile(
    r"(?:(?:a )?(?:voir|lire|consulter) (?:aussi|egalement)"
    r"|(?:pages?|articles?|pratiques?|fiches?|sujets?|themes?) "
    r"(?:liee?s?|connexes?|associee?s?|similaires?|apparentee?s?)"
    r"|see also|related(?: (?:pages?|articles?|practices?|patterns?|topics?))?)\Z"
)
_EMPHASIS = re.compile(r"'{2,}")
_LIST_ITEM = re.compile(r"[*#:;]")
# Lines that a wiki keeps at a page's end: categories, other languages' pages, sort keys, switches.
_END_LINE = re.compile(
    r"(?:\[\[\s*(?:category|catégorie|categorie)\s*:[^\[\]\n]*\]\]|\[\[[a-z]{2,3}(?:-[a-z-]{2,12})?:[^\[\]\n]+\]\]"
    r"|\{\{\s*(?:DEFAULTSORT|DEFAULTSORTKEY|DEFAULTCATEGORYSORT|CLEFDETRI|CLEDETRI)\s*:"
    r"[^{}\n]*\}\}|__[A-Z]+__|\s)+\Z",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


def see_also_place(wikitext: str, language: str) -> tuple[int, str, str]:
    """Return where the item of a related page goes: `text[:offset] + before + item + after + text[offset:]`.

    A section for related pages is known by its heading, in French and English; the item follows its last
    one. Without one a new section is made, before the categories and sort keys that end the page. The item
    (`* [[Title]]`) has no line ends of its own.

    Args:
        wikitext: the page's text, saved or not.
        language: of a new section's heading; as MediaWiki writes languages.

    Returns:
        Offset in characters, and the text that goes before and after the item.
    """
    lines = _lines(wikitext)
    end = _end_of_content(wikitext, lines)
    section = _section(wikitext)
    if section is not None:
        start, stop = section
        inside = [(last, shown) for first, last, shown in lines if start < first and last <= min(stop, end)]
        items = [last for last, shown in inside if _LIST_ITEM.match(shown)]
        filled = [last for last, shown in inside if shown.strip()]
        return (items or filled or [start])[-1], "\n", ""
    heading = HEADINGS["fr" if language.partition("-")[0].casefold() == "fr" else "en"]
    before = f"== {heading} ==\n" if end == 0 else f"\n\n== {heading} ==\n"
    return end, before, _gap(wikitext[end:])


def _section(wikitext: str) -> tuple[int, int] | None:
    """Return where the text of the section for related pages begins and ends, without its subsections."""
    headings = heading_lines(wikitext)
    for number, heading in enumerate(headings):
        if _is_known(heading):
            # "Voir aussi" may be parted into pages of the wiki and others.
            inner = number + 1
            while inner < len(headings) and headings[inner].level > heading.level:
                if _is_known(headings[inner]):
                    number = inner
                    break
                inner += 1
            stop = headings[number + 1].start - 1 if number + 1 < len(headings) else len(wikitext)
            return headings[number].end, stop
    return None


def _is_known(heading: HeadingLine) -> bool:
    words = _EMPHASIS.sub("", heading.title).strip(" \u00a0\u202f:")
    return _KNOWN.match(fold(words.casefold())) is not None


def _lines(wikitext: str) -> list[tuple[int, int, str]]:
    """Return start, end and shown text of each line; what is closed to an editor lies within one line."""
    found = []
    start = 0
    for line in masked(wikitext).split("\n"):
        found.append((start, start + len(line), line))
        start += len(line) + 1
    return found


def _end_of_content(wikitext: str, lines: list[tuple[int, int, str]]) -> int:
    """Return where the last line ends that is none of those that a wiki keeps at a page's end."""
    for first, last, shown in reversed(lines):
        written = _COMMENT.sub("", wikitext[first:last]) if CLOSED in shown else shown
        if shown.strip() and not _END_LINE.match(written):
            return last
    return 0


def _gap(rest: str) -> str:
    """Return the line ends that are missing between a list and what follows it."""
    if not rest.strip():
        return "\n" if rest and not rest.startswith("\n") else ""
    return "\n" * max(0, 2 - (len(rest) - len(rest.lstrip("\n"))))
