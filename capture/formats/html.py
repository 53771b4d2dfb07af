"""HTML notes (a pad's export, a page saved from a browser, a paste from an office suite) as lines of text.

The lines are those of the text that a reader sees: scripts, styles, comments and hidden elements are gone;
headings, list nesting, checkboxes, table cells and emphasis are kept.
"""

import re
from dataclasses import dataclass

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PreformattedString

from capture.formats.markup import split_bullet, split_checkbox
from capture.lines import LineKind, NoteLine, visible, word_set

_GONE = word_set(
    """
    script style head title template noscript iframe object embed svg math canvas audio video select
    option button textarea datalist map meta link
    """
)
_BLOCKS = word_set(
    """
    address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption
    figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre section
    summary table tbody td tfoot th thead tr ul
    """
)
_HIDDEN_STYLE = re.compile(
    r"(?:display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(?:px|pt|"
    r"em)?\s*(?:;|$)|"
    r"opacity\s*:\s*0(?:\.0*)?\s*(?:;|$))",
    re.I,
)
_BOLD_STYLE = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.I)
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


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the document's structure the reader stands."""

    level: int = 0
    depth: int = 0
    ordered: bool = False
    strong: bool = False
    code: bool = False


def read_html(source: str) -> tuple[list[NoteLine], str]:
    """Read HTML into note lines, without heading paths and speakers yet.

    Args:
        source: The document, or a part of one.

    Returns:
        The lines of the visible text, numbered from 1, and the document's `<title>` ("" without one).
    """
    soup = BeautifulSoup(_closed(source), "html.parser")
    title = visible(soup.title.get_text()) if soup.title else ""
    writer = _Writer()
    writer.walk(soup.body or soup, _Place(), 0)
    writer.end_line()
    return [_note_line(index + 1, line) for index, line in enumerate(writer.lines)], title


def _closed(source: str) -> str:
    """Return HTML in which signs that open no tag are text, where there are many of them.

    Python's parser takes minutes over a text such as "<a <a <a ...", which no editor writes.
    """
    if source.count("<") <= source.count(">") + _MAX_UNCLOSED:
        return source
    return re.sub(r"<(?=[^<>]*(?:<|\Z))", "&lt;", source)


def _unseen(tag: Tag) -> bool:
    """Whether a browser shows nothing of an element."""
    if tag.name in _GONE or tag.has_attr("hidden"):
        return True
    if tag.name == "input" and str(tag.get("type", "")).lower() != "checkbox":
        return True
    return bool(_HIDDEN_STYLE.search(str(tag.get("style") or "")))


def _seen_text(tag: Tag) -> str:
    """Return the text that a browser shows of an element, without its structure."""
    texts: list[str] = []
    waiting: list[object] = [tag]
    while waiting:  # not by recursion: a tree may be deeper than Python's stack
        node = waiting.pop()
        if isinstance(node, Tag):
            if not _unseen(node):
                waiting.extend(reversed(node.contents))
        elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            texts.append(str(node))
    return " ".join(texts)


class _Writer:
    """Walks the tree and writes lines."""

    def __init__(self) -> None:
        self.lines: list[_Line] = []
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
            self._write(_seen_text(tag), place)
            return
        for child in tag.children:
            if isinstance(child, PreformattedString):
                continue  # comments, declarations, processing instructions
            if isinstance(child, NavigableString):
                self._write(str(child), place)
            elif isinstance(child, Tag) and not _unseen(child):
                self._tag(child, place, nesting)

    def _tag(self, tag: Tag, place: _Place, nesting: int) -> None:
        name = tag.name
        if name == "br":
            self.end_line()
            return
        if name == "input":
            self._current(place).checked = tag.has_attr("checked")
            return
        if name == "table" and _is_data(tag):
            self.end_line()
            self._table(tag)
            return
        inner = _inner_place(tag, place)
        if name in _BLOCKS:
            self.end_line()
            if name == "li":
                self._current(inner).checked = _item_state(tag)
            self.walk(tag, inner, nesting + 1)
            self.end_line()
        else:
            self.walk(tag, inner, nesting + 1)

    def _current(self, place: _Place) -> _Line:
        if self._line is None:
            self._line = _Line(level=place.level, depth=place.depth, ordered=place.ordered, code=place.code)
            self._line.checked, self._checked = self._checked, None
        return self._line

    def _write(self, text: str, place: _Place) -> None:
        pieces = text.split(_BREAK) if place.code else [re.sub(r"\s+", " ", text)]
        for index, piece in enumerate(pieces):
            if index:
                self.end_line()
            if not piece or (self._line is None and not piece.strip()):
                continue
            line = self._current(place)
            line.text += piece
            line.strong += len(piece.strip()) if place.strong else 0

    def _table(self, table: Tag) -> None:
        for index, row in enumerate(table.find_all("tr")):
            cells = [cell for cell in row.find_all(["td", "th"]) if cell.find_parent("tr") is row]
            texts = tuple(visible(_seen_text(cell)) for cell in cells)
            if any(texts):
                header = index == 0 and (all(cell.name == "th" for cell in cells) or _short(texts))
                self.lines.append(_Line(text=" | ".join(texts), cells=texts, header=header))


def _short(texts: tuple[str, ...]) -> bool:
    return all(0 < len(text) <= 40 for text in texts)


def _is_data(table: Tag) -> bool:
    """Whether a table holds data: rows of several cells, without lists or headings in them."""
    if table.find(["h1", "h2", "h3", "ul", "ol", "table"]) is not None:
        return False
    return any(len(row.find_all(["td", "th"])) > 1 for row in table.find_all("tr"))


def _inner_place(tag: Tag, place: _Place) -> _Place:
    name = tag.name
    level = int(name[1]) if re.fullmatch(r"h[1-6]", name) else place.level
    strong = (
        place.strong or name in ("b", "strong", "dt") or bool(_BOLD_STYLE.search(str(tag.get("style") or "")))
    )
    if name == "b" and re.search(r"font-weight\s*:\s*normal", str(tag.get("style") or ""), re.I):
        strong = place.strong  # an office suite wraps whole documents in <b style="font-weight:normal">
    if name in ("ul", "ol", "menu"):
        return _Place(level=0, depth=place.depth + 1, ordered=name == "ol", strong=strong)
    if name == "dd":
        return _Place(depth=place.depth + 1, strong=strong)
    return _Place(
        level=level, depth=place.depth, ordered=place.ordered, strong=strong, code=place.code or name == "pre"
    )


def _item_state(tag: Tag) -> bool | None:
    """State of a checkbox that is written as a class or an ARIA attribute on the list item."""
    aria = tag.get("aria-checked")
    if aria is not None:
        return str(aria).lower() == "true"
    classes = {str(value).lower() for value in tag.get_attribute_list("class") if value}
    if "checked" in classes or "task-list-item-checked" in classes:
        return True
    return False if classes & {"unchecked", "task-list-item"} and tag.find("input") is None else None


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
        bold=0 < len(line.text.strip()) <= line.strong + 2,
    )
