"""Learns from a wiki's own links how its editors link.

Each page that has links is judged as if it had none and had never had any: its links are taken out of its
text, and what it contributes to the counts is left out of them (`search.link_candidates`). What could then
be linked, and what of it the editors had linked, is what `search.link_model` is fitted to. Because every page
is judged without itself, the chances that come out are those of pages that were never seen.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from connector.model import Page
from connector.wikitext import parse
from search.kept_file import KeptFile, Version
from search.link_anchors import AnchorTable
from search.link_candidates import find_candidates
from search.link_model import DEFAULT, LinkModel, fit
from search.link_words import PhraseReader

LEAST_LINKS: Final = 20
"""Of fewer links that could have been suggested nothing is learnt, and the default stays."""
_STRENGTH: Final = 5.0
# Judging a page takes 10 to 30 ms; more pages than this change the weights no more.
_MOST_PAGES: Final = 1_000
# The model is kept until the wiki has a tenth more or fewer links.
_LEAST_CHANGE: Final = 0.1
_LINK = re.compile(r"\[\[([^\[\]|{}\n]+)(?:\|([^\[\]|{}\n]+))?\]\]")


@dataclass(frozen=True, slots=True)
class Example:
    """A link that could be made on a page of the mirror, and whether its editors made it."""

    pageid: int
    features: tuple[float, ...]
    linked: bool


def examples_of(page: Page, *, table: AnchorTable, reader: PhraseReader) -> list[Example]:
    """Return what could be linked on a page if it had no links, and whether it is; nothing without links."""
    stripped, targets = without_links(page, table=table)
    if not targets:
        return []
    return [
        Example(page.pageid, candidate.features.values(), candidate.target in targets)
        for candidate in find_candidates(stripped, table=table, reader=reader)
    ]


def without_links(page: Page, *, table: AnchorTable) -> tuple[Page, set[int]]:
    """Return a page whose links to pages that may be offered are only their words, and where they led."""
    pieces: list[str] = []
    targets: set[int] = set()
    position = 0
    for link in sorted(parse(page.wikitext, site=table.site).links, key=lambda each: each.wikitext_offset):
        target = table.resolve(link.target)
        found = _LINK.match(page.wikitext, link.wikitext_offset)
        if found is None or target in (None, page.pageid) or link.wikitext_offset < position:
            continue
        targets.add(int(target or 0))
        pieces += [page.wikitext[position : link.wikitext_offset], (found[2] or found[1]).strip()]
        position = found.end()
    pieces.append(page.wikitext[position:])
    return replace(page, wikitext="".join(pieces)), targets


def train(pages: Iterable[Page], *, table: AnchorTable, reader: PhraseReader) -> LinkModel | None:
    """Return what a wiki's links teach; None when there are too few.

    Args:
        pages: of the wiki; at most a thousand of those with links are read, always the same.
        table: of the same pages.
        reader: reads words and phrases.
    """
    linking = sorted((page for page in pages if table.links_from.get(page.pageid)), key=_lot)[:_MOST_PAGES]
    return fit_to([each for page in linking for each in examples_of(page, table=table, reader=reader)])


def fit_to(examples: Sequence[Example]) -> LinkModel | None:
    """Return the model that examples lead to; None when too few of them are links."""
    import numpy as np

    if sum(example.linked for example in examples) < LEAST_LINKS:
        return None
    rows = np.array([example.features for example in examples], dtype=np.float64)
    labels = np.array([example.linked for example in examples], dtype=np.float64)
    return fit(rows, labels, strength=_STRENGTH, start=DEFAULT)


def _lot(page: Page) -> bytes:
    return hashlib.sha256(str(page.pageid).encode()).digest()


class KeptModel:
    """The model of a wiki in a file: plain numbers, put in the place of older ones at one stroke.

    Args:
        file: where it is kept; there need not be one.
    """

    def __init__(self, file: Path) -> None:
        self._file = KeptFile(file)
        self._read_at: Version = None
        self._model = DEFAULT

    def model(self) -> LinkModel:
        """Return the kept model, also when another process has just kept it; without one the default."""
        version = self._file.version()
        if version is None:
            return DEFAULT
        if version != self._read_at:
            kept = self._kept()
            self._model = DEFAULT if kept is None else kept[0] or DEFAULT
            self._read_at = version
        return self._model

    def is_due(self, links: int) -> bool:
        """Tell whether a wiki with so many links has others than the kept model was learnt from."""
        kept = self._kept()
        return kept is None or abs(links - kept[1]) > _LEAST_CHANGE * kept[1]

    def keep(self, model: LinkModel | None, *, links: int) -> None:
        """Keep a model, or that so many links are too few for one. Who trains holds the index lock.

        Raises:
            OSError: it cannot be written; the older one is still there.
        """
        self._file.write({"links": links, "model": None if model is None else model.to_json()})

    def _kept(self) -> tuple[LinkModel | None, int] | None:
        """Return the model and the links it was learnt from; None when nothing of this version is kept."""
        try:
            kept = self._file.read()
            text, links = kept["model"], int(kept["links"])
            model = None if text is None else LinkModel.from_json(text)
        except (ValueError, TypeError, KeyError):
            return None
        return None if text is not None and model is None else (model, links)
