"""HTML tags of wikitext: what they hold, and how long their own markup is."""

from mwparserfromhell.nodes import Tag

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
