"""OpenDocument texts (.odt), by way of HTML.

The document's XML is walked once and written as HTML, which the HTML reader makes lines of. The format is
OpenDocument 1.3, part 3 (https://docs.oasis-open.org/office/OpenDocument/v1.3/).
"""

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from capture.formats.archives import parse_xml, read_members
from capture.formats.html import read_html
from capture.lines import NoteLine, visible, word_set
from connector.errors import UnreadableNotesError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_OASIS = "{urn:oasis:names:tc:opendocument:xmlns:"
_OFFICE = _OASIS + "office:1.0}"
_TEXT = _OASIS + "text:1.0}"
_TABLE = _OASIS + "table:1.0}"
_STYLE = _OASIS + "style:1.0}"
_DRAW = _OASIS + "drawing:1.0}"
_FORM = _OASIS + "form:1.0}"
_FO = _OASIS + "xsl-fo-compatible:1.0}"
_MANIFEST = _OASIS + "manifest:1.0}"
_READ = ("content.xml", "styles.xml", "meta.xml", "META-INF/manifest.xml")
# What a reader does not see, or what is no part of the notes: what was deleted, comments, contents, forms.
_GONE = {
    *(
        _TEXT + name
        for name in word_set(
            """
            tracked-changes table-of-content alphabetical-index illustration-index table-index
            bibliography hidden-text sequence-decls variable-decls user-field-decls note-citation ruby-text
            """
        )
    ),
    *(_OFFICE + name for name in word_set("annotation annotation-end forms event-listeners settings")),
    _DRAW + "image",
    _DRAW + "object",
    _DRAW + "plugin",
}
_MAX_CELLS = 20
"""Repeated empty cells that are written out; a sheet's row repeats thousands."""


@dataclass(frozen=True, slots=True)
class _Style:
    parent: str = ""
    name: str = ""
    outline: int = 0
    bold: bool | None = None
    hidden: bool | None = None


def read_odt(data: bytes) -> tuple[list[NoteLine], str]:
    """Read an OpenDocument text into note lines, without heading paths and speakers yet.

    Args:
        data: The file's bytes.

    Returns:
        The lines, numbered from 1 as they are shown, and the title in the document's properties.

    Raises:
        UnreadableNotesError: When the file is damaged, protected, hostile, or no OpenDocument text.
    """
    members = read_members(data, wanted=lambda name: name in _READ)
    manifest = members.pop("META-INF/manifest.xml", None)
    if manifest is not None:
        encrypted = parse_xml(manifest).find(f".//{_MANIFEST}encryption-data")
        if encrypted is not None:
            raise UnreadableNotesError(
                "The document is protected by a password: save it without, or paste its text."
            )
    trees = {name: parse_xml(content) for name, content in members.items()}
    content = trees.get("content.xml")
    body = content.find(f"{_OFFICE}body/{_OFFICE}text") if content is not None else None
    if content is None or body is None:
        raise UnreadableNotesError("The file is no OpenDocument text: save it as .odt, or paste its text.")
    writer = _Writer(content, trees.get("styles.xml"))
    meta = trees.get("meta.xml")
    title = meta.findtext(".//{http://purl.org/dc/elements/1.1/}title") if meta is not None else ""
    return read_html(writer.document(body))[0], visible(title or "")[:300]


class _Writer:
    """Writes the elements of a text as HTML."""

    def __init__(self, content: "Element", styles: "Element | None") -> None:
        self._styles: dict[str, _Style] = {}
        self._numbered: dict[tuple[str, int], bool] = {}
        for tree in (styles, content):
            if tree is not None:
                self._read_styles(tree)
        self._boxes = {
            box.get(name, ""): box.get(f"{_FORM}current-state", box.get(f"{_FORM}state", ""))
            for box in content.iter(f"{_FORM}checkbox")
            for name in (f"{_FORM}id", "{http://www.w3.org/XML/1998/namespace}id")
        }
        self._html: list[str] = []
        self._footnotes: list[Element] = []
        self._titled = any(
            self._named(paragraph.get(f"{_TEXT}style-name", ""), "title")
            for paragraph in content.iter(f"{_TEXT}p")
        )

    def document(self, body: "Element") -> str:
        """Return the body as HTML, its footnotes below it."""
        self._children(body)
        while self._footnotes:
            note = self._footnotes.pop(0)
            self._children(note)
        return "<body>" + "".join(self._html) + "</body>"

    def _read_styles(self, tree: "Element") -> None:
        for style in tree.iter(f"{_STYLE}style"):
            properties = style.find(f"{_STYLE}text-properties")
            weight = properties.get(f"{_FO}font-weight") if properties is not None else None
            display = properties.get(f"{_TEXT}display") if properties is not None else None
            outline = style.get(f"{_STYLE}default-outline-level", "")
            self._styles[style.get(f"{_STYLE}name", "")] = _Style(
                parent=style.get(f"{_STYLE}parent-style-name", ""),
                name=style.get(f"{_STYLE}display-name", style.get(f"{_STYLE}name", "")),
                outline=int(outline) if re.fullmatch(r"[1-9]", outline) else 0,
                bold=None if weight is None else weight == "bold" or weight in ("600", "700", "800", "900"),
                hidden=None if display is None else display == "none",
            )
        for styles in tree.iter(f"{_TEXT}list-style"):
            for level in styles:
                depth = level.get(f"{_TEXT}level", "")
                if re.fullmatch(r"[0-9]{1,2}", depth):
                    numbered = level.tag == f"{_TEXT}list-level-style-number" and bool(
                        level.get(f"{_STYLE}num-format")
                    )
                    self._numbered[styles.get(f"{_STYLE}name", ""), int(depth)] = numbered

    def _chain(self, name: str) -> list[_Style]:
        found: list[_Style] = []
        while name in self._styles and len(found) < 20:
            found.append(self._styles[name])
            name = self._styles[name].parent
        return found

    def _named(self, name: str, wanted: str) -> bool:
        chain = self._chain(name)
        return name.lower() == wanted or any(
            wanted in (style.name.lower(), style.parent.lower()) for style in chain
        )

    def _is_hidden(self, name: str) -> bool:
        return next((style.hidden for style in self._chain(name) if style.hidden is not None), False)

    def _is_bold(self, name: str) -> bool:
        return next((style.bold for style in self._chain(name) if style.bold is not None), False)

    def _children(self, element: "Element", *, lists: tuple[str, int] = ("", 0)) -> None:
        self._write(element.text)
        for child in element:
            if child.tag not in _GONE:
                self._element(child, lists)
            self._write(child.tail)

    def _write(self, text: str | None) -> None:
        if text:
            self._html.append(html.escape(text))

    def _wrapped(self, tag: str, element: "Element", *, lists: tuple[str, int] = ("", 0)) -> None:
        self._html.append(f"<{tag}>")
        self._children(element, lists=lists)
        self._html.append(f"</{tag}>")

    def _element(self, element: "Element", lists: tuple[str, int]) -> None:
        name = element.tag
        if name in (f"{_TEXT}h", f"{_TEXT}p"):
            self._paragraph(element)
        elif name == f"{_TEXT}span":
            style = element.get(f"{_TEXT}style-name", "")
            if not self._is_hidden(style):
                self._wrapped("b" if self._is_bold(style) else "span", element)
        elif name == f"{_TEXT}list":
            depth = lists[1] + 1
            style = element.get(f"{_TEXT}style-name", lists[0])
            tag = "ol" if self._numbered.get((style, depth)) else "ul"
            self._wrapped(tag, element, lists=(style, depth))
        elif name == f"{_TEXT}list-item":
            self._wrapped("li", element, lists=lists)
        elif name == f"{_TABLE}table":
            self._wrapped("table", element)
        elif name == f"{_TABLE}table-row":
            self._wrapped("tr", element)
        elif name == f"{_TABLE}table-header-rows":
            self._wrapped("thead", element)
        elif name == f"{_TABLE}table-cell":
            times = element.get(f"{_TABLE}number-columns-repeated", "1")
            repeated = int(times) if re.fullmatch(r"[0-9]{1,2}", times) else _MAX_CELLS
            for _ in range(max(1, min(repeated, _MAX_CELLS)) if not len(element) else 1):
                self._wrapped("td", element)
        elif name == f"{_TEXT}note":
            body = element.find(f"{_TEXT}note-body")
            if body is not None:
                self._footnotes.append(body)
        elif name == f"{_DRAW}control":
            state = self._boxes.get(element.get(f"{_DRAW}control", ""))
            if state is not None:
                self._html.append(f"<input type=checkbox{' checked' if state == 'checked' else ''}>")
        elif name in (f"{_TEXT}line-break", f"{_TEXT}soft-page-break"):
            self._html.append("<br>" if name.endswith("line-break") else "")
        elif name in (f"{_TEXT}s", f"{_TEXT}tab"):
            self._html.append(" ")
        elif not _is_conditional_and_hidden(element):
            self._children(element, lists=lists)

    def _paragraph(self, element: "Element") -> None:
        style = element.get(f"{_TEXT}style-name", "")
        if (
            self._is_hidden(style)
            or element.find(f"{_TEXT}hidden-paragraph[@{_TEXT}is-hidden='true']") is not None
        ):
            return
        level = element.get(f"{_TEXT}outline-level", "1") if element.tag == f"{_TEXT}h" else ""
        number = int(level) if re.fullmatch(r"[1-9]", level) else 0
        if not number:
            number = next((link.outline for link in self._chain(style) if link.outline), 0)
        if self._named(style, "title"):
            number = 1
        elif number and self._titled:
            number += 1  # the document's title stands over them
        if number:
            self._wrapped(f"h{min(number, 6)}", element)
        elif self._is_bold(style):
            self._html.append("<p>")
            self._wrapped("b", element)
            self._html.append("</p>")
        else:
            self._wrapped("p", element)


def _is_conditional_and_hidden(element: "Element") -> bool:
    """Whether a section is hidden."""
    return element.tag == f"{_TEXT}section" and element.get(f"{_TEXT}display", "true") == "none"
