"""How likely two pages belong together: a logistic regression on their texts and on the links around them.

Its weights were learnt from links that editors of real wikis made, each judged as if it were not there
(`python -m benchmarks.see_also --fit FOLDER...`), so that a score tells in which part of such pairs one page
links to the other. That is less than the part of those that belong together: editors leave out good links.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from heapq import nlargest
from typing import Final

from search.link_anchors import AnchorTable

NEAR: Final = 10
"""So many pages nearest in meaning tell by their links what belongs to such a page."""
_MOST_BY_LINKS = 20
# Half a wiki may link to its glossary: of those pages the ones that other links speak for too.
_MOST_LINKERS = 40
# What is linked to more pages than this says next to nothing of any two of them.
_MOST_AROUND = 1_000
# Three pages that lead to both, and to nothing else, leave no doubt.
_SURE_PATHS = 3.0
# From about so many links around a page on, what they do not lead to says something.
_FEW_LINKS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What is known of two pages; each in 0..1 but the cosine, which may be less."""

    passage: float
    """Cosine of the two passages, one of each page, that are nearest in meaning."""
    likeness: float
    """Cosine of the words of the two pages, by how rare they are."""
    linked_back: float
    """1 when the other page links to this one."""
    neighbours: float
    """Which part of the pages nearest in meaning to this one link to the other, weighted by how near."""
    paths: float
    """How many pages are linked to both, one way or the other; those with many links count less."""
    known: float
    """How much there is of links around the page: near 0 in a wiki without any."""


FEATURES: Final = ("passage", "likeness", "linked_back", "neighbours", "paths")
"""The signs that are weighed; the last three are of links."""
TEXT_FEATURES: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Weights of the features in the log-odds, the bias first."""

    with_links: tuple[float, ...]
    """Where pages have links around them."""
    without_links: tuple[float, ...]
    """Where they have none: the texts alone must tell."""


LEARNT: Final = Weights(
    with_links=(-4.13, 1.39, 2.57, 0.42, 4.18, 1.36), without_links=(-3.74, 1.79, 2.91, 0.0, 0.0, 0.0)
)


def values_of(signs: Signs) -> tuple[float, ...]:
    """Return the values of `FEATURES`."""
    return signs.passage, signs.likeness, signs.linked_back, signs.neighbours, signs.paths


def score(signs: Signs, *, weights: Weights = LEARNT) -> float:
    """Return how likely the page links to the other one, in 0..1."""
    values = (1.0, *values_of(signs))
    odds, by_texts = (
        math.fsum(map(float.__mul__, side, values)) for side in (weights.with_links, weights.without_links)
    )
    # That links do not lead there says little where there are few.
    odds += (1 - signs.known) * max(0.0, by_texts - odds)
    return 1 / (1 + math.exp(-odds))


class Surroundings:
    """The links around a page.

    Args:
        table: the wiki's links and words.
        pageid: the page.
        links: the pages that its text links to now.
        near: the pages nearest to it in meaning, and their cosines.
    """

    def __init__(
        self, table: AnchorTable, *, pageid: int, links: set[int], near: Iterable[tuple[int, float]]
    ) -> None:
        self._table = table
        self._pageid = pageid
        self._links = links
        self._linkers = table.links_to.get(pageid, set())
        self._voters = {other: cosine for other, cosine in near if cosine > 0}
        total = math.fsum(self._voters.values()) or 1.0
        self._neighbours: dict[int, float] = {}
        seen = len(links) + len(self._linkers)
        for other, cosine in self._voters.items():
            targets = table.links_from.get(other, set()) - {pageid}
            seen += len(targets)
            for target in targets:
                self._neighbours[target] = self._neighbours.get(target, 0.0) + cosine / total
        self._known = seen / (seen + _FEW_LINKS)
        self._paths: dict[int, float] = {}
        for middle in links | self._linkers:
            targets, linkers = table.links_from.get(middle, set()), table.links_to.get(middle, set())
            if len(targets) + len(linkers) > _MOST_AROUND:
                continue
            around = (targets | linkers) - {pageid}
            for other in around:
                self._paths[other] = self._paths.get(other, 0.0) + 1 / (2 + len(around))

    def candidates(self) -> set[int]:
        """Return the pages that the links around the page lead to, at most some dozens."""

        def beside(other: int) -> tuple[float, float, int]:
            return self._neighbours.get(other, 0.0), self._paths.get(other, 0.0), -other

        found = set(nlargest(_MOST_LINKERS, self._linkers, key=beside))
        for counts in (self._neighbours, self._paths):
            found.update(nlargest(_MOST_BY_LINKS, counts, key=lambda other: (counts[other], -other)))
        return found - {self._pageid}

    def signs(self, other: int, *, passage: float, likeness: float) -> Signs:
        """Return what is known of the page and another one that may be offered.

        A link from the page to the other one changes nothing: the two are judged as if it were not there.
        """
        return Signs(
            passage=passage,
            likeness=likeness,
            linked_back=float(other in self._linkers),
            neighbours=min(1.0, self._neighbours.get(other, 0.0)),
            paths=min(1.0, _SURE_PATHS * self._paths.get(other, 0.0)),
            known=self._known,
        )
