"""Learns from a wiki's own links how its editors link.

Each page that has links is judged as if it had none and had never had any: its links are taken out of its
text, and what it contributes to the counts is left out of them (`search.link_candidates`). What could then
be linked, and what of it the editors had linked, is what `search.link_model` is fitted to. Because every page
is judged without itself, the chances that come out are those of pages that were never seen.

That something is not linked may mean that nobody thought of it. What editors said of a suggestion means what
it says, and counts for more.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from heapq import nsmallest
from pathlib import Path
from typing import Final

from connector.model import Page
from connector.store import LinkFeedback
from connector.store.kept_values import KeptValue
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
# Or so many verdicts more or fewer, and a tenth.
_LEAST_VERDICTS: Final = 20
# What a verdict counts. Only what scores high is ever judged, so that much more would bend the chances:
# measured with simulated verdicts, recall grows on with it where half of a wiki's links had been forgotten,
# but where a tenth was, 4 costs up to 9 points of F1, and 2 one at most.
_VERDICT_COUNTS: Final = 2.0
_LINK = re.compile(r"\[\[([^\[\]|{}\n]+)(?:\|([^\[\]|{}\n]+))?\]\]")


@dataclass(frozen=True, slots=True)
class Example:
    """A link that could be made on a page of the mirror, and whether its editors made it."""

    pageid: int
    features: tuple[float, ...]
    linked: bool
    judged: bool = False
    """Whether editors said so of a suggestion, too."""


def examples_of(
    page: Page, *, table: AnchorTable, reader: PhraseReader, feedback: Sequence[LinkFeedback] = ()
) -> list[Example]:
    """Return what could be linked on a page if it had no links, and whether it is.

    Of a page without links only what was judged: nobody may have thought of the rest. The page says what is
    linked; a verdict that it contradicts, as when an accepted link was taken back, counts for nothing.

    Args:
        page: of the mirror.
        table: of the same pages.
        reader: reads words and phrases.
        feedback: what editors said of links that were suggested on the page.
    """
    stripped, targets = without_links(page, table=table)
    if not targets and not feedback:
        return []
    found = []
    for candidate in find_candidates(stripped, table=table, reader=reader):
        linked = candidate.target in targets
        words = stripped.wikitext[candidate.start : candidate.end]
        said = _said(candidate.target, words, feedback)
        judged = said > 0 if linked else said < 0
        if targets or judged:
            found.append(Example(page.pageid, candidate.features.values(), linked, judged))
    return found


def _said(target: int, words: str, feedback: Sequence[LinkFeedback]) -> int:
    """Return how many more editors were for a link than against it.

    A wrong target is wrong by any words; what was said of words is said of these alone.
    """
    said = 0
    for each in feedback:
        if each.target_pageid == target:
            said += each.accepted - each.rejected_target
            if each.link_text in (words, ""):
                said -= each.rejected - each.rejected_target
    return said


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


def train(
    pages: Iterable[Page],
    *,
    table: AnchorTable,
    reader: PhraseReader,
    feedback: Iterable[LinkFeedback] = (),
) -> LinkModel | None:
    """Return what a wiki's links, and what was said of suggested ones, teach; None when there are too few.

    Args:
        pages: of the wiki; at most a thousand of those with links or feedback are read, always the same, and
            those with feedback first.
        table: of the same pages.
        reader: reads words and phrases.
        feedback: on links of any pages.
    """
    said: dict[int, list[LinkFeedback]] = {}
    for each in feedback:
        if each.accepted or each.rejected:
            said.setdefault(each.pageid, []).append(each)
    telling = (page for page in pages if page.pageid in said or table.links_from.get(page.pageid))
    # Their texts alone are held, however many pages the wiki has.
    chosen = nsmallest(_MOST_PAGES, telling, key=lambda page: (page.pageid not in said, _lot(page)))
    return fit_to(
        [
            example
            for page in chosen
            for example in examples_of(page, table=table, reader=reader, feedback=said.get(page.pageid, ()))
        ]
    )


def fit_to(examples: Sequence[Example]) -> LinkModel | None:
    """Return the model that examples lead to; None when too few of them are links."""
    import numpy as np

    if sum(example.linked for example in examples) < LEAST_LINKS:
        return None
    rows = np.array([example.features for example in examples], dtype=np.float64)
    labels = np.array([example.linked for example in examples], dtype=np.float64)
    counts = np.array([_VERDICT_COUNTS if example.judged else 1.0 for example in examples], dtype=np.float64)
    return fit(rows, labels, counts=counts, strength=_STRENGTH, start=DEFAULT)


def _lot(page: Page) -> bytes:
    return hashlib.sha256(str(page.pageid).encode()).digest()


class KeptModel:
    """The model of a wiki in a file: plain numbers, put in the place of older ones at one stroke.

    Args:
        file: where it is kept; there need not be one.
    """

    def __init__(self, file: Path | KeptValue) -> None:
        self._file = KeptFile(file) if isinstance(file, Path) else file
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

    def is_due(self, links: int, *, verdicts: int = 0) -> bool:
        """Tell whether a wiki has other links and verdicts than the kept model was learnt from.

        Args:
            links: how many the wiki has.
            verdicts: how often suggested links were accepted or rejected.
        """
        kept = self._kept()
        if kept is None:
            return True
        _, known_links, known_verdicts = kept
        return abs(links - known_links) > _LEAST_CHANGE * known_links or abs(
            verdicts - known_verdicts
        ) >= max(_LEAST_VERDICTS, _LEAST_CHANGE * known_verdicts)

    def keep(self, model: LinkModel | None, *, links: int, verdicts: int = 0) -> None:
        """Keep a model, or that so many links are too few for one. Who trains holds the index lock.

        Raises:
            OSError: it cannot be written; the older one is still there.
        """
        self._file.write(
            {"links": links, "verdicts": verdicts, "model": None if model is None else model.to_json()}
        )

    def _kept(self) -> tuple[LinkModel | None, int, int] | None:
        """Return the model, and how many links and verdicts it was learnt from; None when none is kept."""
        try:
            kept = self._file.read()
            text, links, verdicts = kept["model"], int(kept["links"]), int(kept.get("verdicts", 0))
            model = None if text is None else LinkModel.from_json(text)
        except (ValueError, TypeError, KeyError):
            return None
        return None if text is not None and model is None else (model, links, verdicts)
