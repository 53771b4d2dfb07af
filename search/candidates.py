"""Passages that may answer a question, among the pages that are within its reach.

Pages that are few are compared passage by passage. Of more, as many more passages are taken from both indexes
as there are to leave out: a filter of Chroma's own takes a hundred times longer. Where not all may be read,
pages are asked for in the order of rank, some 50 at a time.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from search.chunking import pageid_of
from search.embedding import Vectors
from search.indexer import Index
from search.keyword_index import Scored
from search.reach import Reach
from search.readable import MOST_BATCHES
from search.words import QueryWords

# Reading a vector takes 70 microseconds, and so does looking for 18 more: of N passages, those of some pages
# are all compared when they are fewer than the root of 5 N (280 of 16,000, 700 of 100,000).
_FEW_OF: Final = 5
# Where pages are left out, as many times more is looked at as that makes necessary, and a little more.
_SPARE = 1.5
_DEEPER = 4
_MOST_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Candidates:
    """What words and meaning find within reach, best first."""

    by_words: Scored
    """Chunk ids and BM25."""
    by_meaning: Scored
    """Chunk ids and cosines."""


def find_candidates(
    index: Index,
    *,
    model_id: str,
    words: QueryWords,
    vector: Vectors,
    reach: Reach,
    room: int,
    enough: int,
    size: tuple[int, int],
) -> Candidates:
    """Return at most `room` passages of each kind that are within reach.

    Args:
        index: where to look.
        model_id: whose vectors are compared.
        words: of the question.
        vector: of the question.
        reach: which pages may be shown.
        room: how many passages of each kind are wanted.
        enough: so many readable pages are enough, and no more are asked for.
        size: how many pages the index has, and how many passages.

    Raises:
        SearchError: the index cannot be used.
    """
    only = reach.only
    if only is not None and not only:
        return Candidates([], [])
    pages, passages = max(1, size[0]), max(1, size[1])
    few = _few_passages(index, only, most=math.isqrt(_FEW_OF * passages), mean=passages / pages)
    if few is not None and only is not None:
        found = index.keywords.search(words, limit=max(1, len(few)), pages=only)
        near = _compared(index.vectors.get(model_id, few), vector)
        _ask(reach, found, near, enough=enough, batches=MOST_BATCHES)
        return Candidates(_readable(reach, found)[:room], _readable(reach, near)[:room])
    depth = room if only is None else math.ceil(_SPARE * room * pages / min(pages, len(only)))
    if reach.restricted:
        depth *= _DEEPER
    batches = MOST_BATCHES
    for _ in range(_MOST_ROUNDS):
        found = index.keywords.search(words, limit=depth)
        near = index.vectors.nearest(model_id, vector, limit=depth)
        ended = len(found) < depth, len(near) < depth
        if only is not None:
            found = [each for each in found if pageid_of(each[0]) in only]
            near = [each for each in near if pageid_of(each[0]) in only]
        batches -= _ask(reach, found, near, enough=enough, batches=batches)
        found, near = _readable(reach, found), _readable(reach, near)
        if all(end or len(each) >= room for end, each in zip(ended, (found, near), strict=True)):
            break
        if reach.restricted and (batches <= 0 or _pages(found, near) >= enough):
            break
        depth *= _DEEPER
    return Candidates(found[:room], near[:room])


def _few_passages(index: Index, only: Collection[int] | None, *, most: int, mean: float) -> list[str] | None:
    """Return the passages of these pages when they are few; `mean` is how many a page has."""
    if only is None or len(only) * min(1.0, mean / 2) > most:
        return None
    ids = sorted(index.keywords.chunk_ids(sorted(only)))
    return ids if len(ids) <= most else None


def _compared(vectors: dict[str, Vectors], vector: Vectors) -> Scored:
    if not vectors:
        return []
    rows = np.stack(list(vectors.values()))
    lengths = np.linalg.norm(rows, axis=1) * (float(np.linalg.norm(vector)) or 1.0)
    cosines = (rows @ vector) / np.where(lengths == 0, 1, lengths)
    return sorted(zip(vectors, map(float, cosines), strict=True), key=lambda each: (-each[1], each[0]))


def _ask(reach: Reach, found: Scored, near: Scored, *, enough: int, batches: int) -> int:
    if not reach.restricted or batches <= 0:
        return 0
    # The first of both lists, the second of both ...: their scores do not compare.
    places: dict[int, int] = {}
    for ranked in (found, near):
        for place, (chunk_id, _) in enumerate(ranked):
            pageid = pageid_of(chunk_id)
            places[pageid] = min(place, places.get(pageid, place))
    order = sorted(places, key=lambda pageid: (places[pageid], pageid))
    return reach.ask_in_order(order, enough=enough, batches=batches)


def _readable(reach: Reach, scored: Scored) -> Scored:
    return [each for each in scored if reach.readable(pageid_of(each[0]))] if reach.restricted else scored


def _pages(*lists: Sequence[tuple[str, float]]) -> int:
    return len({pageid_of(chunk_id) for scored in lists for chunk_id, _ in scored})
