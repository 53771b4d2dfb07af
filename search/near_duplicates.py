"""Pages that say nearly the same in the passage that answers: one of them is shown, the others are named."""

import re
from collections.abc import Iterator, Sequence

from search.retrieval import Found

_WORD = re.compile(r"\w+")
# Two passages with so many of their words in common are one (Jaccard index of their words in threes).
_ALIKE = 0.8
_LEAST_WORDS = 15
_RUN = 3


def fold_duplicates(pages: Sequence[Found], *, most: int) -> Iterator[tuple[Found, tuple[Found, ...]]]:
    """Yield at most `most` pages, each with the later ones whose best passage is nearly the same.

    Args:
        pages: best first, each with at least one passage.
        most: how many to show.
    """
    kept: list[tuple[Found, frozenset[tuple[str, ...]], list[Found]]] = []
    for page in pages:
        runs = _runs(page.passages[0].chunk.text)
        copied = next((copies for _, other, copies in kept if _are_alike(runs, other)), None)
        if copied is not None:
            copied.append(page)
        elif len(kept) < most:
            kept.append((page, runs, []))
        else:
            break
    yield from ((page, tuple(copies)) for page, _, copies in kept)


def _runs(text: str) -> frozenset[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    if len(words) < _LEAST_WORDS:
        return frozenset()  # "See also" and the like are alike everywhere
    return frozenset(zip(*(words[start:] for start in range(_RUN)), strict=False))


def _are_alike(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> bool:
    shared = len(one & other)
    return bool(shared) and shared >= _ALIKE * (len(one) + len(other) - shared)
