"""HTML tags of wikitext: what they hold, and how long their own markup is."""

import re
from collections.abc import Mapping

from mwparserfromhell.nodes import Node, Tag

from connector.wikitext.plain import BULLET, HARD_BREAK

HEADING_TAGS = {f"h{level}": level for level in range(1, 7)}
HIDDEN_TAGS = frozenset(
    ["ref", "references", "templatedata", "templatestyles", "includeonly", "style", "script", "indicator"]
) | frozenset(["categorytree", "inputbox", "imagemap", "graph", "score", "section", "timeline", "mapframe"])
VERBATIM_TAGS = frozenset(["nowiki", "pre", "source", "syntaxhighlight", "math", "chem", "ce", "hiero"])
BLOCK_TAGS = frozenset(
    ["div", "p", "blockquote", "center", "ul", "ol", "dl", "pre", "source", "syntaxhighlight", "poem"]
)
# A link put in here would not work, or would change a quotation, code or a heading.
CLOSED_TAGS = (
    frozenset(["blockquote", "q", "cite", "code", "tt", "kbd", "samp", "var", "gallery", "a"])
    | HEADING_TAGS.keys()
    | HIDDEN_TAGS
    | VERBATIM_TAGS
)
ROW_TAGS = frozenset(["tr", "td", "th", "caption", "tbody", "thead", "tfoot"])
# Sanitizer::getRecognizedTagData, the parts of a table that mwparserfromhell knows too, and what the parser
# itself takes out of a page.
_HTML_TAGS = HEADING_TAGS.keys() | frozenset(
    [
        *("abbr", "b", "bdi", "bdo", "big", "blockquote", "br", "caption", "center", "cite", "code", "data"),
        *("dd", "del", "dfn", "div", "dl", "dt", "em", "font", "hr", "i", "ins", "kbd", "li", "mark"),
        *("ol", "p", "pre", "q", "rb", "rp", "rt", "rtc", "ruby", "s", "samp", "small", "span"),
        *(
            "strike",
            "strong",
            "sub",
            "sup",
            "table",
            "tbody",
            "td",
            "tfoot",
            "th",
            "thead",
            "time",
            "tr",
            "tt",
        ),
        *("u", "ul", "var", "wbr"),
    ]
)
_OTHER_TAGS = frozenset(["gallery", "noinclude", "onlyinclude", "poem", "langconvert", "translate", "tvar"])
_KNOWN_TAGS = _HTML_TAGS | _OTHER_TAGS | HIDDEN_TAGS | VERBATIM_TAGS
STRAY_TAG = re.compile(
    rf"</?(?P<stray>{'|'.join(sorted(_HTML_TAGS - VERBATIM_TAGS))})(?:[\s/][^<>]*)?>", re.IGNORECASE
)
"""A tag whose other half stands nowhere; the wiki closes it itself, or shows nothing of it."""

_HIDING_STYLE = re.compile(r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*hidden)\b", re.IGNORECASE)
# Boxes of links to other pages, on the wikis that took their templates from Wikipedia.
_NAVIGATION_CLASSES = frozenset(["navbox", "vertical-navbox", "navbox-container", "noprint"])


def hides_text(attributes: Mapping[str, str]) -> bool:
    """Tell whether what an element holds is no text of the page: hidden from the reader, or a box of links.

    Args:
        attributes: the element's, by their names in small letters.
    """
    if "hidden" in attributes or attributes.get("role", "").strip().lower() == "navigation":
        return True
    if not _NAVIGATION_CLASSES.isdisjoint(attributes.get("class", "").split()):
        return True
    return "style" in attributes and _HIDING_STYLE.search(attributes["style"]) is not None


def is_known(name: str) -> bool:
    """Tell whether a wiki reads a tag of this name; it shows any other as it is written."""
    return name in _KNOWN_TAGS


def stray_text(tag: str) -> str:
    """Return what takes the place of a tag without its other half (see `STRAY_TAG`)."""
    name = tag.strip("</>").split(maxsplit=1)[0].rstrip("/").lower()
    if name == "li" and not tag.startswith("</"):
        return f"{HARD_BREAK}{BULLET} "
    if name in {"br", "dd", "dt", "tr"}:
        return HARD_BREAK
    if name in {"td", "th"}:
        return " "
    return HARD_BREAK * 2 if name in BLOCK_TAGS or name in HEADING_TAGS or name in {"hr", "table"} else ""


def attributes_of(node: Tag) -> dict[str, str]:
    """Return a tag's attributes, their names in small letters and their values as written."""
    return {
        str(attribute.name).strip().lower(): str(attribute.value or "").strip()
        for attribute in node.attributes
    }


def hides(node: Node) -> bool:
    """Tell whether a node is a tag whose text is none of the page's (see `hides_text`)."""
    return isinstance(node, Tag) and bool(node.attributes) and hides_text(attributes_of(node))


def opening_length(node: Tag) -> int:
    """Return how many characters stand before what a tag holds."""
    attributes = sum(len(str(attribute)) for attribute in node.attributes)
    padding = len(node.padding or "")
    if node.wiki_markup:
        return len(node.wiki_markup) + attributes + padding + len(node.wiki_style_separator or "")
    return len("<") + len(str(node.tag)) + attributes + padding + len(">")


def closing_length(node: Tag) -> int:
    """Return how many characters stand after what a tag holds."""
    if node.wiki_markup:
        return len(node.closing_wiki_markup or "")
    return len("</") + len(str(node.closing_tag)) + len(">")
