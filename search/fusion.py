"""From two lists of scores to one order of pages.

The mean of z-scores beat rank fusion here, and the dense part's weight depends on the language: the
figures are in docs/decisions.md. Why scores are standardized before they are added: Bruch, Gai & Ingber,
"An Analysis of Fusion Functions for Hybrid Retrieval" (ACM TOIS 42, 2023,
https://arxiv.org/abs/2210.11934).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from search.chunking import pageid_of

# Smaller spreads are noise: a list whose scores are all the same says nothing.
_LEAST_SPREAD = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedPage:
    """A page in the order of the answer."""

    pageid: int
    score: float
    """Fused, in standard deviations: comparable within one question only."""
    chunk_ids: tuple[str, ...]
    """Its passages that were found, best first."""


def fuse(
    words: Mapping[str, float], meaning: Mapping[str, float], *, meaning_weight: float
) -> dict[str, float]:
    """Return the fused score of every chunk that has a cosine.

    Args:
        words: BM25 by chunk id; a chunk that is not there has none of the words.
        meaning: cosine by chunk id, of every candidate.
        meaning_weight: the share of the cosine, 0 to 1.
    """
    ids = list(meaning)
    by_words = _standardized([words.get(i, 0.0) for i in ids])
    by_meaning = _standardized([meaning[i] for i in ids])
    return {
        i: meaning_weight * m + (1 - meaning_weight) * w
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


def _standardized(scores: list[float]) -> list[float]:
    if not scores:
        return []
    mean = math.fsum(scores) / len(scores)
    spread = math.sqrt(math.fsum((s - mean) ** 2 for s in scores) / len(scores))
    if spread < _LEAST_SPREAD:
        return [0.0] * len(scores)
    return [(s - mean) / spread for s in scores]
