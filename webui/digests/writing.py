"""A letter as text, as HTML for mail programs, and as wikitext; each the same words in the same order.

Titles and questions are written by anybody who may write in the wiki or ask: they are escaped for where they
go, stand on one line, show nothing that is not there, and make no link of their own.
"""

import re
import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from capture.lines import visible
from connector.wikitext.escape import escape
from webui.digests.letter import Letter, Line

_TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
_WIDTH: Final = 72
_WORD_JOINER: Final = "\u2060"
_KEEPING: Final = ("\u00a0", "\u202f")
_AT_KEEPING: Final = re.compile("([\u00a0\u202f])")


def as_text(letter: Letter) -> str:
    """Return a letter as plain text, in lines of 72 characters; only addresses are longer."""
    return "\n".join(_text_lines(letter)) + "\n"


def as_html(letter: Letter) -> str:
    """Return a letter as HTML: simple, without tables, pictures or anything that is fetched.

    Its colours are the mail program's own, so that it is readable in light and dark.
    """
    return _environment().get_template("mail/letter.html").render(letter=letter)


def as_wikitext(letter: Letter) -> str:
    """Return a letter as wikitext under headings of level 3; its heading and footer are left out."""
    return "\n".join(_wikitext_lines(letter)).strip() + "\n"


def shown(text: str) -> str:
    """Return words of people as a mail shows them: on one line, and no program makes a link of them.

    Mail programs make links of whatever looks like an address; a joiner that nobody sees keeps them from it.
    """
    # A space that keeps a sign on its word's line, as before a French colon, stays one.
    line = "".join(part if part in _KEEPING else visible(part) for part in _AT_KEEPING.split(text))
    for sign in ("://", "www."):
        line = line.replace(sign, f"{sign[0]}{_WORD_JOINER}{sign[1:]}")
    return line


def _text_lines(letter: Letter) -> Iterator[str]:
    heading = shown(letter.subject)
    yield heading
    yield "=" * min(len(heading), _WIDTH)
    for paragraph in letter.paragraphs:
        yield ""
        yield from _wrapped(shown(paragraph))
    for section in letter.sections:
        title = shown(section.heading)
        yield from ("", title, "-" * min(len(title), _WIDTH))
        for line in section.lines:
            said = f"{shown(line.text)} – {shown(line.note)}" if line.note else shown(line.text)
            yield from _wrapped(said, first="* ", rest="  ")
            if line.url:
                yield f"  {line.url}"
        if section.lines and section.closing:
            yield ""
        if section.closing:
            yield from _wrapped(shown(section.closing))
    if letter.action is not None:
        yield from ("", f"{shown(letter.action.text)}:", letter.action.url)
    if letter.footer:
        yield from ("", "-- ")
        for line in letter.footer:
            yield from _wrapped(shown(line.text))
            if line.url:
                yield line.url


def _wrapped(text: str, *, first: str = "", rest: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        width=_WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _wikitext_lines(letter: Letter) -> Iterator[str]:
    for paragraph in letter.paragraphs:
        yield escape(paragraph)
        yield ""
    for section in letter.sections:
        yield f"=== {escape(section.heading)} ==="
        for line in section.lines:
            yield f"* {_wiki_line(line)}"
        if section.lines and section.closing:
            yield ""
        if section.closing:
            yield escape(section.closing)
        yield ""


def _wiki_line(line: Line) -> str:
    words = escape(visible(line.text))
    linked = words
    if line.title:
        linked = f"[[:{line.title}|{words}]]"
    elif line.url:
        linked = f"[{line.url} {words}]"
    return f"{linked} – {escape(line.note)}" if line.note else linked


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["shown"] = shown
    return environment
