"""Finds a page's headings, and what of its text is closed to an editor, as MediaWiki reads a page.

Nothing is parsed: comments, tags whose inside is no wikitext, template calls and tables are found in linear
time, whatever the text, by the rules of MediaWiki's preprocessor (includes/parser/Preprocessor_Hash.php).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from connector.wikitext.tags import HIDDEN_TAGS, VERBATIM_TAGS

CLOSED = "\x00"
"""What `masked` puts in the place of what is closed."""

# Without its end such a tag is shown as it is written; `includeonly` goes on to the end of the page.
_TAGS = sorted((HIDDEN_TAGS | VERBATIM_TAGS | {"gallery", "poem"}) - {"section"})
_OPENER = re.compile(rf"<!--|<(?P<tag>{'|'.join(_TAGS)})(?:[\s/][^<>]*)?>", re.IGNORECASE)
_BRACES = re.compile(r"\{{2,}|\}{2,}|-\{(?!\{)|(?<!\})\}-")
_TABLE = re.compile(r"^[ \t:]*(?:(?P<open>\{\|)|\|\})", re.MULTILINE)
_MAX_LEVEL = 6
_PAIR = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadingLine:
    """A heading of the page itself: none of a comment, a template call or a table."""

    level: int
    """1 to 6 as in `== x ==` (2)."""
    title: str
    """Wikitext between its signs."""
    start: int
    end: int
    """Where its line ends, in characters from the start of the page; the line end itself stands there."""


def masked(wikitext: str) -> str:
    """Return a text of the same length in which what is closed is hidden.

    Comments become spaces. The insides of `nowiki`, `pre`, `ref` and their like, template calls, parser
    functions, variants (`-{ }-`) and tables become `CLOSED`, their line ends too.
    """
    hidden = list(wikitext)
    _hide_verbatim(wikitext, hidden)
    _hide_calls("".join(hidden), hidden)
    _hide_tables("".join(hidden), hidden)
    return "".join(hidden)


def heading_lines(wikitext: str) -> tuple[HeadingLine, ...]:
    """Return the headings of a page in their order."""
    found = []
    start = 0
    for line in masked(wikitext).split("\n"):
        if line.startswith("="):
            heading = _read_heading(line, wikitext[start : start + len(line)], start)
            if heading is not None:
                found.append(heading)
        start += len(line) + 1
    return tuple(found)


def _read_heading(line: str, written: str, start: int) -> HeadingLine | None:
    shown = line.rstrip(" \t\r")  # comments after it are spaces here
    opening = len(shown) - len(shown.lstrip("="))
    if opening == len(shown):
        # "=====" is a heading that says "=".
        level = min(_MAX_LEVEL, (opening - 1) // 2)
    else:
        level = min(_MAX_LEVEL, opening, len(shown) - len(shown.rstrip("=")))
    if level == 0:
        return None
    title = written[level : len(shown) - level].strip()
    return HeadingLine(level=level, title=title, start=start, end=start + len(written.rstrip("\r")))


def _hide_verbatim(wikitext: str, hidden: list[str]) -> None:
    position = 0
    unclosed: set[str] = set()
    while found := _OPENER.search(wikitext, position):
        if found["tag"] is None:
            end = wikitext.find("-->", found.end())
            position = len(wikitext) if end < 0 else end + len("-->")
            hidden[found.start() : position] = " " * (position - found.start())
            continue
        tag = found["tag"].lower()
        position = found.end()
        if not found.group().endswith("/>"):
            closing = _closing(wikitext, tag, position) if tag not in unclosed else None
            if closing is not None:
                position = closing
            elif tag == "includeonly":
                position = len(wikitext)
            else:
                unclosed.add(tag)  # nor is a later one closed
                continue
        hidden[found.start() : position] = CLOSED * (position - found.start())


def _closing(wikitext: str, tag: str, position: int) -> int | None:
    found = re.compile(rf"</{tag}\s*>", re.IGNORECASE).search(wikitext, position)
    return found.end() if found else None


def _hide_calls(text: str, hidden: list[str]) -> None:
    # Each opener: where its next brace to be matched ends, and how many of its braces are left; 0 for "-{".
    stack: list[tuple[int, int]] = []
    spans: list[tuple[int, int]] = []
    for found in _BRACES.finditer(text):
        run = found.group()
        if run == "-{":
            stack.append((found.start(), 0))
        elif run == "}-":
            if stack and stack[-1][1] == 0:
                spans.append((stack.pop()[0], found.end()))
        elif run[0] == "{":
            stack.append((found.end(), len(run)))
        else:
            spans.extend(_close_calls(stack, found))
    end = 0
    for first, last in sorted(spans, key=lambda span: (span[0], -span[1])):
        if last > end:  # else it stands in the one before it
            hidden[first:last] = CLOSED * (last - first)
            end = last


def _close_calls(stack: list[tuple[int, int]], found: re.Match[str]) -> Iterator[tuple[int, int]]:
    left = len(found.group())
    end = found.start()
    while left >= _PAIR and stack:
        opened, braces = stack.pop()
        if braces < _PAIR:  # a variant that has no end
            continue
        matched = min(left, braces, 3)
        left -= matched
        end += matched
        yield opened - matched, end
        if braces - matched >= _PAIR:
            stack.append((opened - matched, braces - matched))


def _hide_tables(text: str, hidden: list[str]) -> None:
    depth = start = 0
    for found in _TABLE.finditer(text):
        if found["open"]:
            start = start if depth else found.start()
            depth += 1
        elif depth:
            depth -= 1
            if not depth:
                hidden[start : found.end()] = CLOSED * (found.end() - start)
    if depth:  # it goes on to the end of the page
        hidden[start:] = CLOSED * (len(hidden) - start)
