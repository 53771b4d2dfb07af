"""Walks once through mwparserfromhell's tree and collects what a page says."""

import html
import re

import mwparserfromhell
from mwparserfromhell.nodes import (
    Argument,
    Comment,
    ExternalLink,
    Heading,
    HTMLEntity,
    Node,
    Tag,
    Template,
    Text,
    Wikilink,
)
from mwparserfromhell.wikicode import Wikicode

from connector.model import Section, Site, WikiLink
from connector.wikitext.links import LinkReader, display_text, link_trail
from connector.wikitext.notes import Notes, lists_notes
from connector.wikitext.plain import BULLET, SOFT_BREAK, SWITCH, on_one_line
from connector.wikitext.quotes import QUOTES, find_elisions, shown_apostrophes
from connector.wikitext.sections import SectionWriter
from connector.wikitext.tables import closed_tables, read_table
from connector.wikitext.tags import (
    BLOCK_TAGS,
    CLOSED_TAGS,
    HEADING_TAGS,
    HIDDEN_TAGS,
    STRAY_TAG,
    VERBATIM_TAGS,
    attributes_of,
    closing_length,
    hides,
    is_known,
    opening_length,
    stray_text,
)
from connector.wikitext.templates import TEMPLATE_CHARACTERS, is_function, is_navigation, template_text

# Deeper than any page needs, and shallow enough for Python's stack wherever this is called from.
_MAX_DEPTH = 60
_HEADING_TAIL = re.compile(r"[ \t]*(?:<!--(?:(?!-->).)*-->[ \t]*)*(?:\n|\Z)", re.DOTALL)
_PARAGRAPH = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_MARKS = re.compile(f"{QUOTES.pattern}|{SWITCH.pattern}|{STRAY_TAG.pattern}", re.IGNORECASE)
_ITEM_START = f"{BULLET} "


class Reader:
    """Reads one page, as a whole or block after block."""

    def __init__(self, wikitext: str, *, site: Site) -> None:
        self._source = wikitext
        self._links = LinkReader(site=site)
        self._trail = link_trail(site.language)
        self._sections = SectionWriter()
        self._out: list[str] = self._sections.pieces
        self._notes = Notes()
        self._elisions = find_elisions(wikitext)
        self.nested = 0
        self._depth = 0
        self._in_item = False
        self.links: list[WikiLink] = []
        self.categories: dict[str, None] = {}
        self.templates: dict[str, None] = {}
        self._protected: list[tuple[int, int]] = []

    def sections(self, *, notes: bool = True) -> tuple[Section, ...]:
        """Return what was read; the section before the first heading always comes first.

        Args:
            notes: whether those that the page lists nowhere stand at the end of the last section.
        """
        if notes:
            self.put(self._notes.take_all())
        return self._sections.sections()

    def protected(self) -> tuple[tuple[int, int], ...]:
        """Return the spans where no link may be put, in order and without overlap."""
        merged: list[tuple[int, int]] = []
        length = len(self._source)
        for start, end in sorted((start, min(end, length)) for start, end in self._protected):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            elif start < end:
                merged.append((start, end))
        return tuple(merged)

    def read(self, wikitext: str, *, offset: int = 0) -> None:
        """Read a part of the page that stands at `offset`."""
        self.walk(mwparserfromhell.parse(closed_tables(wikitext), skip_style_tags=True), offset)

    def protect(self, *spans: tuple[int, int]) -> None:
        """Keep links out of spans of the page."""
        self._protected.extend(spans)

    def put_text(self, text: str, *, start: int, end: int) -> None:
        """Take a text as it is for what stands in a part of the page, where no link may be put then."""
        self.put(text)
        self.protect((start, end))

    def open_section(self, heading: str, *, level: int, offset: int) -> None:
        """End the section that is being read and begin the next one."""
        self._sections.open(heading, level=level, offset=offset)
        self._out = self._sections.pieces
        self._in_item = False

    def put(self, text: str) -> None:
        """Take a text."""
        if text:
            self._out.append(text)

    def walk(self, code: Wikicode, offset: int) -> int:
        """Read what stands at `offset`; return where it ends in the page."""
        if self._depth >= _MAX_DEPTH:
            end = offset + len(str(code))
            self.protect((offset, end))
            return end
        self._depth += 1
        nodes = code.nodes
        for index, node in enumerate(nodes):
            if type(node) is Text:  # most nodes are
                self._text(node.value, offset)
                offset += len(node.value)
            else:
                following = nodes[index + 1] if index + 1 < len(nodes) else None
                offset = self._node(node, offset, following)
        self._depth -= 1
        return offset

    def render(self, code: Wikicode, offset: int) -> tuple[str, int]:
        """Return the text of what stands at `offset`, and where it ends."""
        outer, in_item = self._out, self._in_item
        self._out, self._in_item = [], False
        self.nested += 1
        end = self.walk(code, offset)
        self.nested -= 1
        text = "".join(self._out)
        self._out, self._in_item = outer, in_item
        return text, end

    def _node(self, node: Node, offset: int, following: Node | None) -> int:
        if isinstance(node, Wikilink):
            return self._wikilink(node, offset, following)
        if isinstance(node, Tag):
            return self._tag(node, offset)
        if isinstance(node, Template):
            return self._template(node, offset)
        if isinstance(node, Heading):
            return self._heading(node, offset)
        if isinstance(node, ExternalLink):
            return self._external_link(node, offset)
        end = offset + len(str(node))
        if isinstance(node, HTMLEntity):
            character = html.unescape(str(node))
            self.put(" " if character.isspace() and character != "\u00a0" else character)
        elif isinstance(node, Argument) and node.default is not None:
            self.walk(node.default, offset + len("{{{") + len(str(node.name)) + 1)
        elif not isinstance(node, Argument | Comment):
            self.put(str(node))
        self.protect((offset, end))
        return end

    def _text(self, value: str, offset: int) -> None:
        if offset + len(value) > len(self._source):  # what was put there to close tables
            value = value[: max(0, len(self._source) - offset)]
        if "<" in value or "''" in value or "__" in value:
            value = _MARKS.sub(lambda found: self._mark(found, offset + found.start()), value)
        if "\n" not in value:
            self.put(value)
            return
        value = _PARAGRAPH.sub("\n\n", value)
        if self._in_item:  # a list item ends with its line
            self._in_item = False
            first, _, rest = value.partition("\n")
            self.put(first + ("\n\n" if rest.strip() else "\n"))
            value = rest
        # A line that begins with a space is shown as it is; every other single line end is a space.
        self.put(re.sub(r"(?<!\n)\n(?![\n ])", SOFT_BREAK, value))

    def _mark(self, found: re.Match[str], offset: int) -> str:
        """Return what is shown of markup that stands in a text: quotes, a switch, half of a tag."""
        run = found.group()
        self.protect((offset, offset + len(run)))
        if run[0] == "'":
            return "'" if offset + len(run) - 3 in self._elisions else shown_apostrophes(run)
        return "" if run[0] == "_" else stray_text(run)

    def _heading(self, node: Heading, offset: int) -> int:
        text, end = self.render(node.title, offset + node.level)
        end += node.level
        self.protect((offset, end))
        heading = on_one_line(text)
        if not _HEADING_TAIL.match(self._source, end):  # MediaWiki wants nothing else on the line
            self.put(f"{'=' * node.level} {heading} {'=' * node.level}")
        elif self.nested:
            self.put(f"\n\n{heading}\n\n")
        else:
            self.open_section(text, level=node.level, offset=offset)
        return end

    def _wikilink(self, node: Wikilink, offset: int, following: Node | None) -> int:
        raw = str(node.title)
        title, end = self.render(node.title, offset + len("[["))
        text = None
        if node.text is not None:
            text, end = self.render(node.text, end + 1)
        end += len("]]")
        self.protect((offset, end))
        place = self._links.read(raw)
        if place.kind == "category":
            self.categories[place.target] = None
        elif place.kind == "file":
            self.put(self._links.caption(str(node.text or ""), text or ""))
        else:
            # Nothing can be called by no name: the wiki shows the brackets.
            shown = display_text(title, text) if raw.strip() else f"[[{raw}]]" * (text is None)
            self.put(shown)
            if place.kind == "page":
                trail = self._trail.match(following.value) if type(following) is Text else None
                tail = trail.group() if trail else ""
                self.links.append(
                    WikiLink(
                        target=place.target,
                        link_text=on_one_line(shown) + tail,
                        wikitext_offset=offset,
                        length=end - offset + len(tail),
                        fragment=place.fragment,
                    )
                )
                self.protect((end, end + len(tail)))
        return end

    def _external_link(self, node: ExternalLink, offset: int) -> int:
        end = offset + len(str(node))
        if not node.brackets:
            self.put(str(node.url))
        elif node.title is not None:
            self.walk(node.title, end - 1 - len(str(node.title)))
        self.protect((offset, end))
        return end

    def _template(self, node: Template, offset: int) -> int:
        raw_name = str(node.name)
        name = raw_name.strip()
        end = offset + len("{{") + len(raw_name)
        values: list[tuple[str | None, str]] = []
        for parameter in node.params:
            end += 1
            label = None
            if parameter.showkey:
                label = str(parameter.name)
                end += len(label) + 1
            text, end = self.render(parameter.value, end)
            values.append((label, text))
        end += len("}}")
        self.protect((offset, end))
        if name in TEMPLATE_CHARACTERS:
            self.put(TEMPLATE_CHARACTERS[name])
        elif not is_function(name):
            used = self._links.template(name)
            if used:
                self.templates[used] = None
            if lists_notes(used):
                self.put(self._notes.take(dict(values).get("group", "").strip()))
            elif not is_navigation(used):
                self.put(template_text(values, alone=self._stands_alone(offset, end)))
        return end

    def _stands_alone(self, start: int, end: int) -> bool:
        before = self._source[max(0, start - 80) : start].rstrip(" \t")
        after = self._source[end : end + 80].lstrip(" \t")
        return (not before or before.endswith("\n")) and (not after or after.startswith(("\n", "{{", "<!--")))

    def _tag(self, node: Tag, offset: int) -> int:
        name = str(node.tag).strip().lower()
        if not node.wiki_markup and not is_known(name):
            return self._unknown_tag(node, offset)
        if node.self_closing or node.contents is None:
            return self._single_tag(node, name, offset)
        if hides(node):
            return self._hidden(node, offset)
        if name == "table":
            return read_table(self, node, offset)
        inside = offset + opening_length(node)
        if name == "ref":
            text, end = self.render(node.contents, inside)
            self._notes.add(on_one_line(text), attributes_of(node))
        elif name in HIDDEN_TAGS:
            _, end = self.render(node.contents, inside)
            if name == "references":
                self.put(self._notes.take(attributes_of(node).get("group", "")))
        elif name == "gallery":
            end = self._gallery(str(node.contents), inside)
        elif name in VERBATIM_TAGS:
            end = self._verbatim(node, name, inside)
        elif name in HEADING_TAGS and not self.nested:
            text, end = self.render(node.contents, inside)
            self.open_section(text, level=HEADING_TAGS[name], offset=offset)
        else:
            around = "\n\n" if name in BLOCK_TAGS or name in HEADING_TAGS else ""
            if name == "li":
                self._item(bullet=True)
            self.put(around)
            end = self.walk(node.contents, inside)
            self.put(around or ("\n" if name in {"li", "dd", "dt", "tr", "caption"} else ""))
            self.put(" | " if name in {"td", "th"} else "")
        closed = end + closing_length(node)
        if name in CLOSED_TAGS:
            self.protect((offset, closed))
        else:
            self.protect((offset, inside), (end, closed))
        return closed

    def _unknown_tag(self, node: Tag, offset: int) -> int:
        """Read what only looks like a tag, such as `<my name>`: the wiki shows it as it is written."""
        whole = str(node)
        end = offset + len(whole)
        self.protect((offset, end))
        if node.self_closing or node.contents is None:
            self.put(whole)
            return end
        inside = opening_length(node)
        self.put(whole[:inside])
        self.walk(node.contents, offset + inside)
        self.put(whole[len(whole) - closing_length(node) :])
        return end

    def _hidden(self, node: Tag, offset: int) -> int:
        """Pass over what the reader does not see; its links and categories count all the same."""
        _, end = self.render(node.contents, offset + opening_length(node))
        end += closing_length(node)
        self.protect((offset, end))
        return end

    def _single_tag(self, node: Tag, name: str, offset: int) -> int:
        end = offset + len(str(node))
        self.protect((offset, end))
        markup = node.wiki_markup
        if markup == ":" and self._in_item:  # the colon in "; term : meaning"
            self.put(": ")
        elif name in {"li", "dt", "dd"}:
            self._item(bullet=name == "li")
            self._in_item = markup is not None
        elif name == "references":
            self.put(self._notes.take(attributes_of(node).get("group", "")))
        elif name in {"br", "hr"}:
            self.put("\n" if name == "br" else "\n\n")
        return end

    def _item(self, *, bullet: bool) -> None:
        last = self._out[-1] if self._out else "\n"
        if last == _ITEM_START:  # "**" comes as two tags in a row: the item begins once
            return
        if not last.endswith("\n"):
            self.put("\n")
        if bullet:
            self.put(_ITEM_START)

    def _verbatim(self, node: Tag, name: str, offset: int) -> int:
        value = str(node.contents)
        if name in BLOCK_TAGS:
            self.put(f"\n\n{html.unescape(value)}\n\n")
        else:
            self.put(html.unescape(value).replace("\n", SOFT_BREAK))
        return offset + len(value)

    def _gallery(self, value: str, offset: int) -> int:
        for line in value.splitlines(keepends=True):
            _, bar, caption = line.partition("|")
            if bar:
                text, _ = self.render(
                    mwparserfromhell.parse(caption, skip_style_tags=True), offset + len(line) - len(caption)
                )
                self.put(f"\n{text}\n")
            offset += len(line)
        return offset
