"""The prose of a practice as pages show it: headings, paragraphs and lists of plain text; links stay.

The wikitext is read as the search reads it, not as the wiki renders it: no markup, image or template reaches
the page, and nothing in it can be more than text or a link of ours.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from connector.model import Site
from connector.wikitext import parse

BlockKind = Literal["paragraph", "list", "numbered"]

# Characters of private use: they come through the parser, and a text has none once they are taken out of it.
_LINK, _SHOWN, _END, _NUMBERED = "\ue000", "\ue001", "\ue002", "\ue003"
_OURS: Final = re.compile(f"[{_LINK}-{_NUMBERED}]")
_RUN: Final = re.compile(f"{_LINK}(\\d+){_SHOWN}([^{_LINK}{_END}]*){_END}")
_NUMBERED_LINE: Final = re.compile(r"^(#[*#:;]*)[ \t]*(?=\S)", re.MULTILINE)
_BULLET: Final = "- "
_MOST_LINKS: Final = 60
"""Of one text; of more the later ones are words only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRun:
    """A stretch of text that leads somewhere, or nowhere."""

    text: str
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextBlock:
    """A paragraph, of one item, or a list."""

    kind: BlockKind
    items: tuple[tuple[TextRun, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPart:
    """What stands under one heading of a text, or before the first."""

    heading: str
    """Empty before the first."""
    blocks: tuple[TextBlock, ...]


def text_parts(wikitext: str, *, site: Site, href: Callable[[str], str]) -> list[TextPart]:
    """Return a piece of wikitext as it is shown.

    Args:
        wikitext: the piece.
        site: the wiki.
        href: gives the address that a link to a title leads to; empty for none.
    """
    source = _OURS.sub("", wikitext)
    marked, targets = _with_marks(source, site=site)
    addresses = [href(target) for target in targets]

    def runs(text: str) -> tuple[TextRun, ...]:
        return tuple(_runs(text, addresses))

    parts = []
    for section in parse(marked, site=site).sections:
        blocks = tuple(_blocks(section.text, runs))
        if blocks or section.heading:
            parts.append(TextPart(heading=_plain(section.heading), blocks=blocks))
    return parts


def plain_text_of(parts: Sequence[TextPart]) -> str:
    """Return the words of a text, a block a line."""
    lines = []
    for part in parts:
        if part.heading:
            lines.append(part.heading)
        for block in part.blocks:
            for item in block.items:
                start = _BULLET if block.kind != "paragraph" else ""
                lines.append(start + "".join(run.text for run in item))
    return "\n".join(lines)


def _with_marks(source: str, *, site: Site) -> tuple[str, list[str]]:
    """Return a text whose links are marked stretches of words, numbered lists are marked, and the targets."""
    pieces: list[str] = []
    targets: list[str] = []
    position = 0
    for link in parse(source, site=site).links[:_MOST_LINKS]:
        if link.wikitext_offset < position:  # within another one
            continue
        pieces.append(source[position : link.wikitext_offset])
        pieces.append(f"{_LINK}{len(targets)}{_SHOWN}{link.link_text}{_END}")
        targets.append(link.target)
        position = link.wikitext_offset + link.length
    marked = "".join([*pieces, source[position:]])
    return _NUMBERED_LINE.sub(rf"\1 {_NUMBERED}", marked), targets


def _blocks(text: str, runs: Callable[[str], tuple[TextRun, ...]]) -> Iterator[TextBlock]:
    items: list[tuple[TextRun, ...]] = []
    kind: BlockKind = "list"
    for line in text.split("\n"):
        is_item = line.startswith(_BULLET)
        words = line.removeprefix(_BULLET)
        wanted: BlockKind = "numbered" if words.startswith(_NUMBERED) else "list"
        if items and (not is_item or wanted != kind):
            yield TextBlock(kind=kind, items=tuple(items))
            items = []
        if not words.strip(_NUMBERED + " "):
            continue
        if is_item:
            kind = wanted
            items.append(runs(words))
        else:
            yield TextBlock(kind="paragraph", items=(runs(words),))
    if items:
        yield TextBlock(kind=kind, items=tuple(items))


def _runs(text: str, addresses: list[str]) -> Iterator[TextRun]:
    position = 0
    for found in _RUN.finditer(text):
        if before := _plain(text[position : found.start()]):
            yield TextRun(text=before)
        if words := _plain(found[2]):
            number = int(found[1])
            yield TextRun(text=words, href=addresses[number] if number < len(addresses) else "")
        position = found.end()
    if rest := _plain(text[position:]):
        yield TextRun(text=rest)


def _plain(text: str) -> str:
    """Return a text without marks of ours: what a link was cut through leaves its words."""
    return _OURS.sub("", re.sub(f"{_LINK}\\d+{_SHOWN}", "", text))
