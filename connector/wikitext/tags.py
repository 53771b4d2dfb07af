"""HTML tags of wikitext: what they hold, and how long their own markup is."""

import re
from collections.abc import Mapping

from mwparserfromhell.nodes import Node, Tag

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
