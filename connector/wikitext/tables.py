"""Reads tables: a line a row where they hold data, their cells one by one where they lay out a page."""

import re
from typing import Protocol

from mwparserfromhell.nodes import Node, Tag
from mwparserfromhell.wikicode import Wikicode

from connector.wikitext.plain import on_one_line
from connector.wikitext.tags import ROW_TAGS, closing_length, hides, opening_length

_LAYOUT = re.compile(r"\n=|\{\||<table|<h[1-6]", re.IGNORECASE)

_TABLE_END = re.compile(r"^[ \t:]*(?:(\{\|)|\|\})", re.MULTILINE)


def closed_tables(wikitext: str) -> str:
    """Return a text with an end for each table that has none: the wiki ends them with the page.

    What is added stands after the text, so that every offset in it stays right.
    """
    depth = 0
    for found in _TABLE_END.finditer(wikitext):
        depth = depth + 1 if found[1] else max(0, depth - 1)
    return wikitext + "\n|}" * depth


class TableReader(Protocol):
    """What reads the inside of the cells."""

    nested: int
    """How many times what is read now stands inside something that is rendered on its own."""

    def put(self, text: str) -> None:
        """Take a text."""

    def walk(self, code: Wikicode, offset: int) -> int:
        """Read what stands at `offset`; return where it ends in the page."""

    def render(self, code: Wikicode, offset: int) -> tuple[str, int]:
        """Return the text of what stands at `offset`, and where it ends."""

    def protect(self, *spans: tuple[int, int]) -> None:
        """Keep links out of spans of the page."""


def read_table(reader: TableReader, node: Tag, offset: int) -> int:
    """Read the table that stands at `offset`; return where it ends in the page."""
    inside = offset + opening_length(node)
    reader.protect((offset, inside))
    reader.put("\n\n")
    # A table that lays out a page holds headings or other tables: its cells are read as text, one by one.
    if not reader.nested and _LAYOUT.search(str(node.contents)):
        end = _read_layout(reader, node.contents, inside)
    else:
        rows: list[list[str]] = [[]]
        end = _read_rows(reader, node.contents, inside, rows)
        reader.put("\n".join(" | ".join(cells) for cells in rows if cells))
    reader.put("\n\n")
    closed = end + closing_length(node)
    reader.protect((end, closed))
    return closed


def _as_part(node: Node) -> tuple[Tag, str] | None:
    """Return a row or cell that holds something, and its name; None for what is none or is hidden."""
    if not isinstance(node, Tag) or node.contents is None:
        return None
    name = str(node.tag).strip().lower()
    return (node, name) if name in ROW_TAGS and not hides(node) else None


def _read_layout(reader: TableReader, code: Wikicode, offset: int) -> int:
    for node in code.nodes:
        found = _as_part(node)
        if found:
            part, _ = found
            inside = offset + opening_length(part)
            reader.put("\n\n")
            end = _read_layout(reader, part.contents, inside)
            closed = end + closing_length(part)
            reader.protect((offset, inside), (end, closed))
            offset = closed
        else:
            offset = reader.walk(Wikicode([node]), offset)
    return offset


def _read_rows(reader: TableReader, code: Wikicode, offset: int, rows: list[list[str]]) -> int:
    for node in code.nodes:
        found = _as_part(node)
        if not found:
            text, offset = reader.render(Wikicode([node]), offset)
            if text.strip():
                rows.append([on_one_line(text)])
            continue
        part, name = found
        inside = offset + opening_length(part)
        if name in {"td", "th", "caption"}:
            text, end = reader.render(part.contents, inside)
            cell = on_one_line(text)
            if part.wiki_markup == "|" and str(part.contents).startswith("+"):  # "|+ caption"
                rows.extend([[cell.removeprefix("+").strip()], []])
            elif cell:
                rows[-1].append(cell)
        else:
            rows.append([])
            end = _read_rows(reader, part.contents, inside, rows)
        closed = end + closing_length(part)
        reader.protect((offset, inside), (end, closed))
        offset = closed
    return offset
