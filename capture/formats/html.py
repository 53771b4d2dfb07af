"""HTML notes (a pad's export, a page saved from a browser, a paste from an office suite) as lines of text.

The lines are those of the text that a reader sees: scripts, styles, comments and hidden elements are gone;
headings, list nesting, checkboxes, table cells and emphasis are kept.
"""

import re
from dataclasses import dataclass, replace

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PreformattedString

from capture.formats.html_lists import box_state, classes_of, item_mark, list_depth, paragraph_mark
from capture.formats.html_styles import Ink, Styles
from capture.formats.markup import split_bullet, split_checkbox
from capture.lines import LineKind, NoteLine, refuse_too_many, visible, word_set

_BLOCKS = word_set(
    """
    ac:task ac:task-body address article aside blockquote body center dd details dialog dir div dl dt
    fieldset figcaption
    figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre section
    summary table tbody td tfoot th thead tr ul
    """
)
# What mail programs wrap around the message that is answered, and around signatures.
_QUOTES = word_set(
    """
    gmail_quote gmail_extra gmail_signature yahoo_quoted protonmail_quote moz-cite-prefix moz-signature
    zmail_extra tutanota_quote
    """
)
_PLAIN = Ink()
_BREAK = "\n"
_MAX_NESTING = 300
_MAX_UNCLOSED = 200


@dataclass(slots=True)
class _Line:
    """A line being written."""

    text: str = ""
    strong: int = 0
    """Characters that stand in bold."""
    level: int = 0
    depth: int = 0
    ordered: bool = False
    checked: bool | None = None
    code: bool = False
    cells: tuple[str, ...] = ()
    header: bool = False
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the document's structure the reader stands."""

    level: int = 0
    depth: int = 0
    ordered: bool = False
    strong: bool = False
    code: bool = False
    quoted: bool = False
    ink: Ink = _PLAIN


def read_html(source: str, *, quoted: set[int] | None = None) -> tuple[list[NoteLine], str]:
    """Read HTML into note lines, without heading paths and speakers yet.

    Args:
        source: The document, or a part of one.
        quoted: Takes the numbers of the lines that mail programs mark as quoted or as a signature.

    Returns:
        The lines of the visible text, numbered from 1, and the document's `<title>` ("" without one).
    """
    soup = BeautifulSoup(_closed(source), "html.parser")
    title = visible(soup.title.get_text()) if soup.title else ""
    writer = _Writer(Styles(soup))
    writer.walk(soup.body or soup, _Place(), 0)
    writer.end_line()
    refuse_too_many(len(writer.lines))
    if quoted is not None:
        quoted.update(index + 1 for index, line in enumerate(writer.lines) if line.quoted)
    return [_note_line(index + 1, line) for index, line in enumerate(writer.lines)], title


def _closed(source: str) -> str:
    """Return HTML in which signs that open no tag are text, where there are many of them.

    Python's parser takes minutes over a text such as "<a <a <a ...", which no editor writes.
    """
    if source.count("<") <= source.count(">") + _MAX_UNCLOSED:
        return source
    return re.sub(r"<(?=[^<>]*(?:<|\Z))", "&lt;", source)


class _Writer:
    """Walks the tree and writes lines."""

    def __init__(self, styles: Styles) -> None:
        self.lines: list[_Line] = []
        self._styles = styles
        self._line: _Line | None = None
        self._checked: bool | None = None

    def end_line(self) -> None:
        """Finish the line that is being written; an empty one leaves no trace unless it has a checkbox."""
        line, self._line = self._line, None
        if line is None:
            return
        if visible(line.text) or line.cells:
            self.lines.append(line)
        elif line.checked is not None:
            self._checked = line.checked  # the text that it belongs to stands in a block of its own

    def walk(self, tag: Tag, place: _Place, nesting: int) -> None:
        """Write what a tag holds."""
        if nesting > _MAX_NESTING:  # a tree this deep is no document; its text is kept, its structure is not
            self._write(self._seen_text(tag, place.ink), place)
            return
        for child in tag.children:
            if isinstance(child, PreformattedString):
                continue  # comments, declarations, processing instructions
            if isinstance(child, NavigableString):
                self._write(str(child), place)
            elif isinstance(child, Tag) and not self._styles.gone(child):
                self._tag(child, place, nesting)

    def _seen_text(self, tag: Tag, ink: Ink) -> str:
        """Return the text that a browser shows of an element, without its structure."""
        texts: list[str] = []
        waiting: list[tuple[object, Ink]] = [(tag, ink)]
        while waiting:  # not by recursion: a tree may be deeper than Python's stack
            node, around = waiting.pop()
            if isinstance(node, Tag):
                if not self._styles.gone(node):
                    inner = self._styles.ink(node, around)
                    waiting.extend((child, inner) for child in reversed(node.contents))
            elif (
                isinstance(node, NavigableString) and not isinstance(node, PreformattedString) and around.seen
            ):
                texts.append(str(node))
        return " ".join(texts)

    def _tag(self, tag: Tag, place: _Place, nesting: int) -> None:
        name = tag.name
        if name == "br":
            self.end_line()
            return
        state = box_state(tag)
        if state is not None:
            if name not in _BLOCKS or "checkbox" in classes_of(tag):
                self._current(place).checked = state
            else:
                self.end_line()
                self._checked = state
            if name in ("input", "ac:task-status"):
                return
        if name in ("ac:task-id", "ac:task-uuid"):
            return
        if name == "table" and _is_data(tag):
            self.end_line()
            self._table(tag, place)
            return
        style = self._styles.of(tag)
        if style.get("mso-list") == "ignore":
            self._bullet(self._seen_text(tag, Ink()), place)
            return
        inner = self._inner_place(tag, place)
        if name in _BLOCKS:
            self.end_line()
            mark = item_mark(tag) if name == "li" else paragraph_mark(style)
            if mark.depth:
                ordered = inner.ordered if mark.ordered is None else mark.ordered
                inner = replace(inner, depth=mark.depth, ordered=ordered)
            if name == "li":
                checked = mark.checked if mark.checked is not None else self._checked
                self._current(inner).checked = checked
            self.walk(tag, inner, nesting + 1)
            self.end_line()
            if name in ("li", "ac:task") or (state is not None and "checkbox" not in classes_of(tag)):
                self._checked = None  # a box is its own item's only
        else:
            self.walk(tag, inner, nesting + 1)

    def _bullet(self, bullet: str, place: _Place) -> None:
        """Take note of the bullet or number that Word draws before a list paragraph."""
        line = self._current(place)
        line.ordered = bool(re.search(r"\w[.)]", bullet))
        line.checked = {"☐": False, "☑": True, "☒": True}.get(visible(bullet), line.checked)

    def _inner_place(self, tag: Tag, place: _Place) -> _Place:
        name = tag.name
        strong = self._styles.strong(tag, place.strong)
        classes = classes_of(tag)
        ink = self._styles.ink(tag, place.ink)
        quoted = (
            place.quoted or bool(classes & _QUOTES) or (name == "blockquote" and tag.get("type") == "cite")
        )
        if name in ("ul", "ol", "menu"):
            depth = list_depth(tag, place.depth)
            ordered = name == "ol" or any(value.startswith("list-number") for value in classes)
            return _Place(depth=depth, ordered=ordered, strong=strong, quoted=quoted, ink=ink)
        if name == "dd":
            return _Place(depth=place.depth + 1, strong=strong, quoted=quoted, ink=ink)
        level = int(name[1]) if re.fullmatch(r"h[1-6]", name) else place.level
        if name == "p" and "msotitle" in classes:
            level = 1
        return replace(
            place, level=level, strong=strong, code=place.code or name == "pre", quoted=quoted, ink=ink
        )

    def _current(self, place: _Place) -> _Line:
        if self._line is None:
            self._line = _Line(
                level=place.level,
                depth=place.depth,
                ordered=place.ordered,
                code=place.code,
                quoted=place.quoted,
            )
            self._line.checked, self._checked = self._checked, None
        return self._line

    def _write(self, text: str, place: _Place) -> None:
        if not place.ink.seen:
            return
        pieces = text.split(_BREAK) if place.code else [re.sub(r"\s+", " ", text)]
        for index, piece in enumerate(pieces):
            if index:
                self.end_line()
            if not piece or (self._line is None and not piece.strip()):
                continue
            line = self._current(place)
            line.text += piece
            line.strong += len(piece.strip()) if place.strong else 0

    def _table(self, table: Tag, place: _Place) -> None:
        for index, row in enumerate(table.find_all("tr")):
            cells = [cell for cell in row.find_all(["td", "th"]) if cell.find_parent("tr") is row]
            ink = self._styles.ink(row, self._styles.ink(table, place.ink))
            texts = tuple(visible(self._seen_text(cell, ink)) for cell in cells)
            if any(texts):
                header = index == 0 and (all(cell.name == "th" for cell in cells) or _short(texts))
                self.lines.append(
                    _Line(text=" | ".join(texts), cells=texts, header=header, quoted=place.quoted)
                )


def _short(texts: tuple[str, ...]) -> bool:
    return all(0 < len(text) <= 40 for text in texts)


def _is_data(table: Tag) -> bool:
    """Whether a table holds data: rows of several cells, without lists or headings in them."""
    if table.find(["h1", "h2", "h3", "ul", "ol", "table"]) is not None:
        return False
    return any(len(row.find_all(["td", "th"])) > 1 for row in table.find_all("tr"))


def _note_line(number: int, line: _Line) -> NoteLine:
    text = visible(line.text)
    if line.cells:
        return NoteLine(
            number=number, text=text, content=text, kind=LineKind.ROW, cells=line.cells, header=line.header
        )
    if line.level:
        return NoteLine(number=number, text=text, content=text, kind=LineKind.HEADING, level=line.level)
    # Word writes its lists as paragraphs that begin with a bullet.
    mark, rest = ("", text) if line.depth or line.code else split_bullet(text)
    typed, content = split_checkbox(rest)
    checked = line.checked if line.checked is not None else typed
    item = bool(line.depth or mark) or checked is not None
    return NoteLine(
        number=number,
        text=text,
        content=content,
        kind=LineKind.ITEM if item else LineKind.TEXT,
        depth=max(line.depth, 1) if item else 0,
        ordered=line.ordered or mark.endswith((".", ")")),
        checked=checked,
        bold=line.strong > 0 and len(line.text.strip()) <= line.strong + 2,
    )
