"""From two lists of scores to one order of passages, and from that to one of pages.

Scores are standardized before they are added: Bruch, Gai & Ingber, "An Analysis of Fusion Functions for
Hybrid Retrieval" (ACM TOIS 42, 2023, https://arxiv.org/abs/2210.11934). docs/decisions.md has the figures.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from search.chunking import pageid_of

# Smaller spreads are noise: a list whose scores are all the same says nothing.
_LEAST_SPREAD = 1e-6
# A page of many passages has many chances to hold one that looks right: its passages lose with their number.
_LOST_BY_NUMBER: Final = 0.5
# The more a question says, the more its meaning tells beside its words: from so many words on, up to so many.
_SHORT, _LONG = 6, 14
_GAINED_BY_LENGTH = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedPage:
    """A page in the order of the answer."""

    pageid: int
    score: float
    """Comparable within one question only."""
    chunk_ids: tuple[str, ...]
    """Its passages that were found, best first."""


def verbosity(words: int) -> float:
    """Return 0 for a question of a few words that say something, 1 for one of many, and what is between."""
    return min(1.0, max(0.0, (words - _SHORT) / (_LONG - _SHORT)))


def weight_of_meaning(short: float, words: int) -> float:
    """Return what the cosine weighs beside the words' 1.

    Args:
        short: its weight in a short question, 0 or more; 0 leaves it out of long ones too.
        words: how many words the question has that say something.
    """
    return short + _GAINED_BY_LENGTH * verbosity(words) if short else 0.0


def fuse(
    words: Mapping[str, float], meaning: Mapping[str, float], passages: Mapping[int, int], *, weight: float
) -> dict[str, float]:
    """Return the fused score of every passage that has a cosine.

    Args:
        words: BM25 by chunk id; a passage that is not there has none of the words.
        meaning: cosine by chunk id, of every candidate.
        passages: how many passages each page has; one where it is not known.
        weight: of the cosine, beside 1 for BM25.
    """
    ids = list(meaning)
    by_words = standardized([words.get(i, 0.0) for i in ids])
    by_meaning = standardized([meaning[i] for i in ids])
    return {
        i: w + weight * m - _LOST_BY_NUMBER * math.log(max(1, passages.get(pageid_of(i), 1)))
        for i, w, m in zip(ids, by_words, by_meaning, strict=True)
    }


def rank_pages(fused: Mapping[str, float]) -> list[RankedPage]:
    """Return the pages by their best passage, ties by pageid.

    Further good passages lift no page: measured, it made no order better and some worse.
    """
    passages: dict[int, list[tuple[float, str]]] = {}
    for chunk_id, score in fused.items():
        passages.setdefault(pageid_of(chunk_id), []).append((score, chunk_id))
    ranked = []
    for pageid, found in passages.items():
        found.sort(key=lambda each: (-each[0], each[1]))
        ranked.append(
            RankedPage(
                pageid=pageid,
                score=found[0][0],
                chunk_ids=tuple(chunk_id for _, chunk_id in found),
            )
        )
    return sorted(ranked, key=lambda page: (-page.score, page.pageid))


def standardized(scores: Sequence[float]) -> list[float]:
    """Return scores in standard deviations from their mean; all 0 when they hardly differ."""
    if not scores:
        return []
    mean = math.fsum(scores) / len(scores)
    spread = math.sqrt(math.fsum((s - mean) ** 2 for s in scores) / len(scores))
    if spread < _LEAST_SPREAD:
        return [0.0] * len(scores)
    return [(s - mean) / spread for s in scores]
