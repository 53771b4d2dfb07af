"""Reads a page in the wiki's own rendering: the HTML that action=parse gives.

What a template makes of its parameters only the wiki knows, so on a wiki that lives on templates this reading
is complete where `connector.wikitext` can but guess. It costs a request a page.

Left out is what is no text of the page: tables of contents and navigation boxes, edit links, references'
numbers (not the references), what is hidden from the reader, scripts and styles, and the name of a picture
that the wiki does not have.

Reading never raises, and its work is linear in the length of the text. HTML that no wiki makes (comments and
tags without an end, by the thousand) is read by its words and headings alone.
"""

import html as entities
import re
from collections.abc import Iterator, Mapping

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, Tag

from connector.model import Section
from connector.wikitext.plain import BULLET, on_one_line, without_controls
from connector.wikitext.sections import SectionWriter
from connector.wikitext.tags import HEADING_TAGS, hides_text

_OUT_TAGS = frozenset(
    ["script", "style", "template", "noscript", "title", "textarea", "select", "button", "svg", "iframe"]
)
_OUT_CLASSES = frozenset(
    [
        *("toc", "mw-editsection", "mw-editsection-like", "mw-cite-backlink", "mw-jump-link", "catlinks"),
        *("printfooter", "mw-hidden-catlinks", "mw-broken-media"),
    ]
)
_BLOCKS = frozenset(
    [
        *(
            "address",
            "article",
            "aside",
            "blockquote",
            "center",
            "details",
            "div",
            "dl",
            "fieldset",
            "figure",
        ),
        *("figcaption", "footer", "header", "hr", "main", "ol", "p", "pre", "section", "summary", "ul"),
    ]
)
_LISTS = frozenset(["ul", "ol", "dl"])
_ITEM_START = f"{BULLET} "
_SPACES = re.compile(r"[ \t\n]+")

# A page is at most 2 MiB of wikitext ($wgMaxArticleSize); colours of code make 20 times as much HTML of it.
_MAX_LENGTH = 48_000_000
_MAX_TAGS = 1_000_000
_MAX_STRAYS = 1_000
_MAX_DEPTH = 1_000
_VOID = frozenset(
    ["area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
# Every "<" and "&#" in a wiki's HTML begins one of these: for any other it writes "&lt;" and "&amp;".
_MARKUP = re.compile(
    r"<!--.*?-->|<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9]*)(?P<rest>[^<>]*)>|(?P<stray><|&\#(?![0-9xX]))",
    re.DOTALL,
)
_ID = re.compile(r"""\bid\s*=\s*(?:"([^"]*)"|'([^']*)')""")


def read_rendering(html: str) -> list[Section]:
    """Read the sections of a rendered page.

    Args:
        html: what action=parse gives as `text`, with or without edit links and table of contents.

    Returns:
        The sections in the order of the page, in the same conventions as those of `connector.wikitext.parse`;
        the first is what stands before the first heading. Each `wikitext_offset` is 0: a rendering has none.
    """
    source = without_controls(html.replace("\r", "\n"))
    if not _is_affordable(source):
        return _read_words(source)
    reader = _Reader()
    reader.read(BeautifulSoup(source, "html.parser"))
    return reader.sections()


def _is_affordable(html: str) -> bool:
    """Tell whether the parser reads the text in linear work; itself linear.

    For every "<" that has no end Python's parser looks through all the rest of the text, and for every tag
    the tree is walked up to its top.
    """
    # Without an end for the last comment, the search below would do the same.
    if len(html) > _MAX_LENGTH or html.rfind("<!--") > html.rfind("-->"):
        return False
    strays = depth = 0
    for number, found in enumerate(_MARKUP.finditer(html)):
        strays += found["stray"] is not None
        if found["name"] and found["name"].lower() not in _VOID:
            depth = max(0, depth - 1) if found["end"] else depth + (not found["rest"].endswith("/"))
        if number > _MAX_TAGS or strays > _MAX_STRAYS or depth > _MAX_DEPTH:
            return False
    return True


def _read_words(html: str) -> list[Section]:
    """Read the words and headings of HTML that is too broken for the parser."""
    sections = SectionWriter()
    # Comments without an end: their openers are taken for text.
    source = html if html.rfind("<!--") <= html.rfind("-->") else html.replace("<!--", " ")
    position, anchor, heading = 0, "", ""
    pieces: list[str] = sections.pieces
    unread = ""
    for found in _MARKUP.finditer(source):
        if not unread:
            pieces.extend((entities.unescape(source[position : found.start()]), " "))
        position = found.end()
        name = (found["name"] or "").lower()
        if unread:
            unread = "" if name == unread and found["end"] else unread
        elif name in {"script", "style"} and not found["end"]:
            unread = name
        elif found["stray"]:
            pieces.append(found["stray"])
        elif found["end"] and name == heading:
            title = on_one_line("".join(pieces))
            sections.open(title, level=HEADING_TAGS[heading], offset=0, anchor=entities.unescape(anchor))
            heading, pieces = "", sections.pieces
        elif name in HEADING_TAGS and not heading:
            heading, anchor, pieces = name, "", []
        elif name in _BLOCKS or name in {"li", "tr", "br"}:
            pieces.append("\n")
        if heading and not anchor and found["rest"] and (named := _ID.search(found["rest"])):
            anchor = named[1] or named[2] or ""
    pieces = sections.pieces if not heading else pieces
    pieces.append(entities.unescape(source[position:]) if not unread else "")
    if heading:
        sections.pieces.extend(pieces)
    return list(sections.sections())


class _Reader:
    """Walks once through the tree, without recursion: a page may be nested to any depth."""

    def __init__(self) -> None:
        self._sections = SectionWriter()
        self._out = self._sections.pieces
        self._outer: list[list[str]] = []
        self._tables: list[list[list[str]] | None] = []
        """Rows of the tables that are being read; None for one that lays out a page."""
        self._anchor = ""
        self._lists = 0
        self._verbatim = 0

    def sections(self) -> list[Section]:
        return list(self._sections.sections())

    def read(self, root: Tag) -> None:
        """Read everything below an element."""
        open_tags: list[tuple[Tag, Iterator[PageElement]]] = [(root, iter(root.contents))]
        while open_tags:
            tag, children = open_tags[-1]
            child = next(children, None)
            if child is None:
                open_tags.pop()
                if open_tags:
                    self._leave(tag)
            elif isinstance(child, Tag):
                if child.name == "math":  # its words are those of the formula that the author wrote
                    self._put(_attributes(child).get("alttext", ""))
                elif not _is_left_out(child):
                    self._enter(child)
                    open_tags.append((child, iter(child.contents)))
            elif type(child) is NavigableString:  # its subclasses are comments and the like
                self._text(str(child))

    def _put(self, text: str) -> None:
        if text:
            self._out.append(text)

    def _text(self, value: str) -> None:
        if not self._verbatim:
            value = _SPACES.sub(" ", value)
            if value == " " and self._at_line_start():  # the source's own layout
                return
        self._put(value)

    def _at_line_start(self) -> bool:
        return not self._out or self._out[-1].endswith("\n")

    def _break(self, lines: str) -> None:
        if (
            not self._out or self._out[-1] != _ITEM_START
        ):  # an item begins with its bullet, then its paragraph
            self._put(lines)

    def _enter(self, tag: Tag) -> None:
        name = tag.name
        if name in HEADING_TAGS:
            headline = tag.find(
                class_="mw-headline"
            )  # up to MediaWiki 1.43; then the heading itself has the id
            self._anchor = _attributes(headline if isinstance(headline, Tag) else tag).get("id", "")
            self._begin()
        elif name == "table":
            self._break("\n\n")
            self._tables.append(None if tag.find([*HEADING_TAGS, "table"]) else [[]])
        elif name in {"td", "th", "caption", "tr"}:
            self._enter_part(name)
        elif name == "li":
            self._start_line()
            self._put(_ITEM_START)
        elif name in {"dd", "dt"}:
            self._start_line()
        elif name == "br":
            self._put("\n")
        elif name in _LISTS and self._lists:
            self._start_line()
        elif name in _BLOCKS:
            self._break("\n\n")
        self._verbatim += name == "pre"
        self._lists += name in _LISTS

    def _leave(self, tag: Tag) -> None:
        name = tag.name
        self._verbatim -= name == "pre"
        self._lists -= name in _LISTS
        if name in HEADING_TAGS:
            self._leave_heading(HEADING_TAGS[name])
        elif name == "table":
            rows = self._tables.pop()
            if rows is not None:
                self._put("\n".join(" | ".join(cells) for cells in rows if cells))
            self._put("\n\n")
        elif name in {"td", "th", "caption"}:
            self._leave_part(name)
        elif name in {"li", "dd", "dt"} or (name in _LISTS and self._lists):
            self._start_line()
        elif name in _BLOCKS:
            self._put("\n\n")

    def _start_line(self) -> None:
        if not self._at_line_start():
            self._put("\n")

    def _begin(self) -> None:
        self._outer.append(self._out)
        self._out = []

    def _end(self) -> str:
        text = on_one_line("".join(self._out))
        self._out = self._outer.pop()
        return text

    def _leave_heading(self, level: int) -> None:
        heading = self._end()
        if self._outer:  # in a heading, or in a cell that the parser put there: no section begins here
            self._put(f"\n\n{heading}\n\n")
        elif heading:
            self._sections.open(heading, level=level, offset=0, anchor=self._anchor)
            self._out = self._sections.pieces

    def _enter_part(self, name: str) -> None:
        rows = self._tables[-1] if self._tables else None
        if rows is None:
            self._break("\n\n")
        elif name == "tr":
            rows.append([])
        else:
            self._begin()

    def _leave_part(self, name: str) -> None:
        rows = self._tables[-1] if self._tables else None
        if rows is None:
            self._put("\n\n")
            return
        text = self._end()
        if name == "caption":
            rows.extend([[text], []])
        elif text:
            rows[-1].append(text)


def _attributes(tag: Tag) -> Mapping[str, str]:
    return {name: " ".join(value) if isinstance(value, list) else value for name, value in tag.attrs.items()}


def _is_left_out(tag: Tag) -> bool:
    if tag.name in _OUT_TAGS:
        return True
    if tag.name == "figcaption" and tag.parent is not None and _is_frameless(tag.parent):
        return True  # no skin shows it
    attributes = _attributes(tag)
    classes = attributes.get("class", "").split()
    if not _OUT_CLASSES.isdisjoint(classes) or hides_text(attributes):
        return True
    if tag.name == "a" and "new" in classes and "wpDestFile=" in attributes.get("href", ""):
        # A picture that the wiki does not have: up to MediaWiki 1.39 it has no class of its own.
        return tag.get_text() == attributes.get("title", "")
    return tag.name == "sup" and "reference" in classes


def _is_frameless(figure: Tag) -> bool:
    kinds = _attributes(figure).get("typeof", "").split()
    return any(kind.startswith("mw:") for kind in kinds) and not any(
        kind.endswith(("/Thumb", "/Frame")) for kind in kinds
    )
