"""Reads and writes wikitext: sections, plain text, links, protected spans, safe escaping.

The one door to mwparserfromhell. Reading never raises and never takes long, whatever the text: what is too
broken for the parser (see `connector.wikitext.limits`) is read section by section, and a section that is
still too broken gives its words without markup, no links, and no place to put one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import mwparserfromhell

from connector.model import Section, Site, WikiLink
from connector.titles import normalize_title, split_title
from connector.wikitext.escape import as_saved, escape, escape_summary, one_line, storable
from connector.wikitext.headings import CLOSED, HeadingLine, heading_lines, masked
from connector.wikitext.limits import is_affordable
from connector.wikitext.links import LinkReader
from connector.wikitext.plain import strip_markup, without_controls
from connector.wikitext.reading import Reader

__all__ = [
    "CLOSED",
    "HeadingLine",
    "ParsedPage",
    "TemplateCall",
    "as_saved",
    "escape",
    "escape_summary",
    "heading_lines",
    "is_redirect",
    "masked",
    "normalize_title",
    "one_line",
    "parse",
    "plain_text",
    "storable",
    "strip_namespace",
    "template_calls",
    "title_namespace",
]

# The word is the wiki's language's; English always works (languages/messages/Messages*.php).
_REDIRECT = re.compile(
    r"\s*#(?:REDIRECT|REDIRECTION|WEITERLEITUNG|REDIRECCI[OÓ]N|RINVI[AO]|RIMANDO|DOORVERWIJZING|REDIRECIONAMENTO)"
    r"\s*:?\s*\[\[([^\[\]|\n]{1,600})(?:\|[^\[\]\n]{0,600})?\]\]",
    re.IGNORECASE,
)
_HEADING_LINE = re.compile(r"^(={1,6})([^\n]{1,1000}?)(={1,6})[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedPage:
    """What a page's wikitext says."""

    sections: tuple[Section, ...]
    """In the order of the page; the first is what stands before the first heading."""
    links: tuple[WikiLink, ...]
    """Links to pages of the wiki, wherever they stand: no categories, files or other wikis. A link's text and
    length hold its trail (`[[book]]s` is one link with the text "books")."""
    categories: tuple[str, ...]
    """Names without their prefix."""
    templates: tuple[str, ...]
    """Names without their prefix."""
    redirect_target: str | None
    """Title of the page that this one redirects to."""
    protected: tuple[tuple[int, int], ...]
    """Spans of the wikitext (start, end) where a link may not be put: links, templates, headings, references,
    code, comments, tags, quotations. In order, without overlap."""

    @property
    def text(self) -> str:
        """All sections as one plain text, each after its heading."""
        parts = [part for section in self.sections for part in (section.heading, section.text) if part]
        return "\n\n".join(parts)


def parse(wikitext: str, *, site: Site) -> ParsedPage:
    """Read a page's wikitext.

    Args:
        wikitext: the text; offsets in the answer count its characters.
        site: the wiki, for its language and namespaces.
    """
    return _parse(wikitext, site=site, notes=True)


def plain_text(wikitext: str, *, site: Site) -> str:
    """Return the plain text of a piece of wikitext (a template's parameter, a paragraph), without its notes.

    Notes are shown at the end of a page, not of a piece.
    """
    return _parse(wikitext, site=site, notes=False).text


def is_redirect(wikitext: str) -> bool:
    """Tell whether a page leads to another one and shows nothing of its own."""
    return _REDIRECT.match(wikitext) is not None


def _parse(wikitext: str, *, site: Site, notes: bool) -> ParsedPage:
    source = without_controls(wikitext)
    redirect_target = _redirect_target(source, site=site)
    reader = Reader(source, site=site)
    if redirect_target is not None:
        reader.put_text("", start=0, end=len(source))
    elif is_affordable(source):
        reader.read(source)
    else:
        _read_in_blocks(reader, source)
    return ParsedPage(
        sections=reader.sections(notes=notes),
        links=tuple(reader.links),
        categories=tuple(reader.categories),
        templates=tuple(reader.templates),
        redirect_target=redirect_target,
        protected=reader.protected(),
    )


def _redirect_target(wikitext: str, *, site: Site) -> str | None:
    found = _REDIRECT.match(wikitext)
    if found is None:
        return None
    place = LinkReader(site=site).read(":" + found[1].strip().removeprefix(":"))
    return place.target if place.kind == "page" else None


def _read_in_blocks(reader: Reader, wikitext: str) -> None:
    start = 0
    for heading in [*_HEADING_LINE.finditer(wikitext), None]:
        end = heading.start() if heading else len(wikitext)
        block = wikitext[start:end]
        if is_affordable(block, share=max(len(block) / max(len(wikitext), 1), 0.001)):
            reader.read(block, offset=start)
        else:
            reader.put_text(strip_markup(block), start=start, end=end)
        if heading:
            start = heading.end()
            level = min(len(heading[1]), len(heading[3]))
            reader.open_section(strip_markup(heading[2].strip("= ")), level=level, offset=heading.start())
            reader.put_text("", start=heading.start(), end=start)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateCall:
    """A call of a template, where it stands in the wikitext."""

    name: str
    """Normalized name without its prefix."""
    parameters: tuple[tuple[str, str], ...]
    """Name ("1", "2" ... when unnamed) and wikitext of the value, stripped, in order."""
    start: int
    end: int
    values: tuple[tuple[int, int], ...] = ()
    """Where each value stands in the wikitext, white space around it included."""


def template_calls(wikitext: str, *, name: str, site: Site) -> tuple[TemplateCall, ...]:
    """Return the calls of one template that stand in no other template, in order.

    A text that is too broken for the parser has none.
    """
    source = without_controls(wikitext)
    if not is_affordable(source):
        return ()
    reader = LinkReader(site=site)
    wanted = reader.template(name)
    calls = []
    offset = 0
    for node in mwparserfromhell.parse(source, skip_style_tags=True).nodes:
        end = offset + len(str(node))
        if (
            isinstance(node, mwparserfromhell.nodes.Template)
            and reader.template(str(node.name).strip()) == wanted
        ):
            parameters = tuple((str(p.name).strip(), str(p.value).strip()) for p in node.params)
            values = tuple(_value_spans(node, offset))
            calls.append(
                TemplateCall(name=wanted, parameters=parameters, start=offset, end=end, values=values)
            )
        offset = end
    return tuple(calls)


def _value_spans(node: mwparserfromhell.nodes.Template, offset: int) -> Iterator[tuple[int, int]]:
    position = offset + len("{{") + len(str(node.name))
    for parameter in node.params:
        position += len("|") + (len(str(parameter.name)) + len("=") if parameter.showkey else 0)
        end = position + len(str(parameter.value))
        yield position, end
        position = end


def title_namespace(title: str, site: Site) -> tuple[int, str]:
    """Return a title's namespace number and its normalized name without the prefix.

    Raises:
        ValueError: no page can have this title.
    """
    return split_title(title, site=site)


def strip_namespace(title: str, *, site: Site) -> str:
    """Return a title without its namespace, or as it is when no page can have it."""
    try:
        return split_title(title, site=site)[1]
    except ValueError:
        return title
