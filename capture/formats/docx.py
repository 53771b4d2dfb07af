"""Word documents (.docx), by way of HTML.

mammoth turns the document into HTML by its styles, and the HTML reader makes lines of it. Before that, what
mammoth cannot know is written into the document's own XML: headings by outline level and inherited style,
list bullets that are boxes to tick, and what Word does not show (hidden text, the table of contents).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from capture.formats.archives import packed, parse_xml, read_members
from capture.formats.html import read_html
from capture.lines import NoteLine, visible
from connector.errors import UnreadableNotesError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT_W = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_MAIN = "word/document.xml"
_STYLES = "word/styles.xml"
_NUMBERING = "word/numbering.xml"
_CORE = "docProps/core.xml"
# Comments, headers and footers are no notes of the meeting, and pictures hold no text.
_READ = re.compile(
    r"^(?:\[Content_Types\]\.xml|_rels/\.rels|docProps/core\.xml|"
    r"word/(?:document|styles|numbering|footnotes|endnotes)\.xml|"
    r"word/_rels/(?:document|footnotes|endnotes)\.xml\.rels)$"
)
_HEADING_NAME = re.compile(r"^(?:heading|titre) ([1-9])$", re.I)
_CONTENTS_NAME = re.compile(r"^toc (?:[1-9]|heading)$", re.I)
_BOXES = {
    "☐": "☐", "□": "☐", "❏": "☐", "❑": "☐", "◻": "☐", "\uf0a8": "☐", "\uf06f": "☐", "\uf071": "☐",
    "☑": "☑", "☒": "☑", "✓": "☑", "✔": "☑", "\uf0fe": "☑", "\uf0fc": "☑", "\uf078": "☑",
}  # fmt: skip
"""Bullets that are boxes to tick, some of them in the private characters of Word's symbol fonts."""
_BACK_LINK = re.compile(r'<a href="#(?:foot|end)note-ref-\d+">↑</a>')
_NO_TITLE = re.compile(r"^(?:microsoft word\b.*|(?:new )?document ?\d*|.*\.docx?)$", re.I)
_STYLE_MAP = "\n".join(
    f"p[style-name='List {name}{f' {depth}' if depth > 1 else ''}'] => {'ul|ol > li > ' * (depth - 1)}"
    f"{tag} > li:fresh"
    for name, tag in (("Bullet", "ul"), ("Number", "ol"))
    for depth in range(1, 6)
)


@dataclass(frozen=True, slots=True)
class _Style:
    name: str
    based_on: str
    outline: int | None
    hidden: bool


def read_docx(data: bytes) -> tuple[list[NoteLine], str]:
    """Read a Word document into note lines, without heading paths and speakers yet.

    Args:
        data: The file's bytes.

    Returns:
        The lines, numbered from 1 as they are shown, and the title in the document's properties.

    Raises:
        UnreadableNotesError: When the file is damaged, protected, hostile, or no Word document.
    """
    members = read_members(data, wanted=lambda name: bool(_READ.match(name)))
    if _MAIN not in members:
        raise UnreadableNotesError("The file is no Word document: save it as .docx, or paste its text.")
    trees = {name: parse_xml(content) for name, content in members.items()}
    title = _property_title(trees.pop(_CORE, None))
    _prepare(trees)
    return read_html(_BACK_LINK.sub("", _to_html(trees)))[0], title


def _to_html(trees: "dict[str, Element]") -> str:
    from xml.etree.ElementTree import tostring

    import mammoth

    archive = packed({name: tostring(tree, encoding="utf-8") for name, tree in trees.items()})
    try:
        result = mammoth.convert_to_html(
            archive,
            style_map=_STYLE_MAP,
            include_embedded_style_map=False,
            convert_image=lambda image: [],
        )
    except RecursionError as error:
        raise UnreadableNotesError("The document is nested too deeply: paste its text.") from error
    # mammoth has no error of its own: it stumbles where a damaged document lacks what it looks up.
    except (LookupError, AttributeError, TypeError, ValueError, OSError) as error:
        raise UnreadableNotesError(
            "The document is damaged and cannot be read: save it again, or paste its text."
        ) from error
    return str(result.value)


def _property_title(core: "Element | None") -> str:
    if core is None:
        return ""
    title = visible(core.findtext("{http://purl.org/dc/elements/1.1/}title") or "")
    return "" if _NO_TITLE.match(title) else title[:300]


def _prepare(trees: "dict[str, Element]") -> None:
    """Write into the main document what its styles and numbering say of each paragraph."""
    main = trees[_MAIN]
    if any(element.tag.startswith(_STRICT_W) for element in main.iter()):
        for tree in trees.values():  # "Strict Open XML": the same words in another namespace
            for element in tree.iter():
                element.tag = element.tag.replace(_STRICT_W, _W)
                for name in [name for name in element.attrib if name.startswith(_STRICT_W)]:
                    element.set(name.replace(_STRICT_W, _W), element.attrib.pop(name))
    styles = _styles(trees.get(_STYLES))
    boxes = _box_bullets(trees.get(_NUMBERING))
    in_tables = {id(paragraph) for table in main.iter(f"{_W}tbl") for paragraph in table.iter(f"{_W}p")}
    titled = any(_is_title(paragraph, styles) for paragraph in main.iter(f"{_W}p"))
    for parent in list(main.iter()):
        for child in list(parent):
            if child.tag == f"{_W}p":
                if _CONTENTS_NAME.match(_style_name(child, styles)):
                    parent.remove(child)
                    continue
                _mark_heading(child, styles, titled=titled)
                _mark_box(child, boxes)
            elif child.tag == f"{_W}r" and _unseen(child, styles):
                parent.remove(child)
    for paragraph in main.iter(f"{_W}p"):
        if id(paragraph) not in in_tables:
            _drop_white(paragraph)


def _styles(tree: "Element | None") -> dict[str, _Style]:
    if tree is None:
        return {}
    found: dict[str, _Style] = {}
    for style in tree.iter(f"{_W}style"):
        outline = style.find(f"{_W}pPr/{_W}outlineLvl")
        level = _number(outline)
        found[style.get(f"{_W}styleId", "")] = _Style(
            name=_value(style.find(f"{_W}name")),
            based_on=_value(style.find(f"{_W}basedOn")),
            outline=level,
            hidden=_is_on(style.find(f"{_W}rPr/{_W}vanish")),
        )
    return found


def _chain(style_id: str, styles: dict[str, _Style]) -> Iterator[_Style]:
    """Yield a style and those that it is based on, nearest first."""
    seen: set[str] = set()
    while style_id in styles and style_id not in seen:
        seen.add(style_id)
        yield styles[style_id]
        style_id = styles[style_id].based_on


def _style_name(paragraph: "Element", styles: dict[str, _Style]) -> str:
    style = styles.get(_value(paragraph.find(f"{_W}pPr/{_W}pStyle")))
    return style.name if style else ""


def _is_title(paragraph: "Element", styles: dict[str, _Style]) -> bool:
    return _style_name(paragraph, styles).lower() in ("title", "titre")


def _mark_heading(paragraph: "Element", styles: dict[str, _Style], *, titled: bool) -> None:
    """Give a paragraph that is a heading by its outline level or inheritance the style that mammoth knows."""
    from xml.etree.ElementTree import SubElement

    properties = paragraph.find(f"{_W}pPr")
    if properties is None:
        return
    style = properties.find(f"{_W}pStyle")
    level = _number(properties.find(f"{_W}outlineLvl"))
    if level is None:
        for link in _chain(_value(style), styles):
            named = _HEADING_NAME.match(link.name)
            level = int(named.group(1)) - 1 if named else link.outline
            if level is not None:
                break
    if _is_title(paragraph, styles):
        level = 0
    elif level is None or level > 8:
        return
    elif titled:
        level += 1  # the document's title stands over them
    if style is None:
        style = SubElement(properties, f"{_W}pStyle")
    style.set(f"{_W}val", f"Heading{min(level, 5) + 1}")


def _box_bullets(tree: "Element | None") -> dict[tuple[str, str], str]:
    """Return the levels of lists whose bullet is a box: by number of the list and level."""
    if tree is None:
        return {}
    abstract: dict[str, dict[str, str]] = {}
    for definition in tree.iter(f"{_W}abstractNum"):
        levels: dict[str, str] = {}
        for level in definition.iter(f"{_W}lvl"):
            box = _BOXES.get(_value(level.find(f"{_W}lvlText")).strip())
            if box:
                levels[level.get(f"{_W}ilvl", "0")] = box
        abstract[definition.get(f"{_W}abstractNumId", "")] = levels
    return {
        (number.get(f"{_W}numId", ""), level): box
        for number in tree.iter(f"{_W}num")
        for level, box in abstract.get(_value(number.find(f"{_W}abstractNumId")), {}).items()
    }


def _mark_box(paragraph: "Element", boxes: dict[tuple[str, str], str]) -> None:
    from xml.etree.ElementTree import Element, SubElement

    numbering = paragraph.find(f"{_W}pPr/{_W}numPr")
    if numbering is None or not boxes:
        return
    level = _value(numbering.find(f"{_W}ilvl")) or "0"
    box = boxes.get((_value(numbering.find(f"{_W}numId")), level))
    if box:
        run = Element(f"{_W}r")
        SubElement(run, f"{_W}t").text = f"{box} "
        paragraph.insert(1, run)  # right behind its properties


def _unseen(run: "Element", styles: dict[str, _Style]) -> bool:
    properties = run.find(f"{_W}rPr")
    if properties is None:
        return False
    vanish = properties.find(f"{_W}vanish")
    if vanish is not None:
        return _is_on(vanish)
    size = _number(properties.find(f"{_W}sz"))  # in half points
    if size is not None and size <= 2:
        return True
    return any(link.hidden for link in _chain(_value(properties.find(f"{_W}rStyle")), styles))


def _drop_white(paragraph: "Element") -> None:
    """Remove white text on no background; in tables the background may be the table style's."""
    if paragraph.find(f"{_W}pPr/{_W}shd") is not None:
        return
    for parent in list(paragraph.iter()):
        for run in parent.findall(f"{_W}r"):
            properties = run.find(f"{_W}rPr")
            if properties is None or _value(properties.find(f"{_W}color")).upper() != "FFFFFF":
                continue
            if properties.find(f"{_W}shd") is None and properties.find(f"{_W}highlight") is None:
                parent.remove(run)


def _value(element: "Element | None") -> str:
    return element.get(f"{_W}val", "") if element is not None else ""


def _number(element: "Element | None") -> int | None:
    value = _value(element)
    return int(value) if re.fullmatch(r"[0-9]{1,4}", value) else None


def _is_on(element: "Element | None") -> bool:
    return element is not None and element.get(f"{_W}val", "true").lower() not in ("0", "false", "off")
