"""Which English tokens a French word stands for, learned from pairs of texts.

IBM Model 1 (Brown et al. 1993, https://aclanthology.org/J93-2003/): every English token of a pair was written
for one of its French words, or for none; which ones is estimated by expectation maximization. Order plays no
part, so a few passes over a hundred thousand pairs take seconds to minutes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]

_PASSES = 5
# Long texts have many combinations, most of them nonsense, and teach little more than short ones.
_MOST_TOKENS = 30


@dataclass(frozen=True, slots=True)
class WordTranslations:
    """For each French word the probabilities of the English tokens that it stands for, likeliest first.

    The word `i` has `tokens[starts[i]:starts[i + 1]]` with the `shares` of the same places, which sum to 1; a
    word of which nothing is known has none.
    """

    starts: Ids
    tokens: Ids
    shares: npt.NDArray[np.float64]

    def of(self, word: int) -> tuple[Ids, npt.NDArray[np.float64]]:
        """Return the tokens and their shares."""
        place = slice(self.starts[word], self.starts[word + 1])
        return self.tokens[place], self.shares[place]


def learn_translations(
    pairs: Sequence[tuple[Sequence[int], Sequence[int]]], *, words: int, tokens: int
) -> WordTranslations:
    """Estimate which English tokens each French word stands for.

    Args:
        pairs: numbers of the French words of a text, and of the English tokens that say the same.
        words: how many French words there are; their numbers are below.
        tokens: how many English tokens there are; their numbers are below.
    """
    short = [
        (french, english)
        for french, english in pairs
        if 0 < len(french) <= _MOST_TOKENS and 0 < len(english) <= _MOST_TOKENS
    ]
    if not short:
        nothing = np.zeros(0, dtype=np.int64)
        return WordTranslations(np.zeros(words + 1, dtype=np.int64), nothing, np.zeros(0))
    keys, starts = _links(short, tokens)
    cells, places = np.unique(keys, return_inverse=True)
    places = places.astype(np.int32)
    sizes = np.diff(np.append(starts, len(places)))
    owner = cells // tokens
    shares = np.ones(len(cells))
    for _ in range(_PASSES):
        weights = shares[places]
        weights /= np.repeat(np.add.reduceat(weights, starts), sizes)
        counts = np.bincount(places, weights=weights, minlength=len(cells))
        totals = np.bincount(owner, weights=counts, minlength=words + 1)
        shares = counts / np.maximum(totals[owner], 1e-12)
    return _sorted_rows(cells, shares, words=words, tokens=tokens)


def _links(pairs: Sequence[tuple[Sequence[int], Sequence[int]]], tokens: int) -> tuple[Ids, Ids]:
    """Return each combination of word and token as one number, by token, and where those of a token begin.

    The word 0 is the one that is not there: for tokens that nothing in the French asked for.
    """
    keys: list[Ids] = []
    sizes: list[Ids] = []
    for french, english in pairs:
        words = np.unique(np.array([-1, *french], dtype=np.int64)) + 1
        keys.append((np.array(english)[:, np.newaxis] + words[np.newaxis, :] * tokens).ravel())
        sizes.append(np.full(len(english), len(words), dtype=np.int64))
    lengths = np.concatenate(sizes)
    return np.concatenate(keys), np.cumsum(lengths) - lengths


def _sorted_rows(cells: Ids, shares: npt.NDArray[np.float64], *, words: int, tokens: int) -> WordTranslations:
    kept = (cells >= tokens) & (shares > 0.01)
    owner, token, share = cells[kept] // tokens - 1, cells[kept] % tokens, shares[kept]
    order = np.lexsort((token, -share, owner))
    owner, token, share = owner[order], token[order], share[order]
    sums = np.bincount(owner, weights=share, minlength=words)
    starts = np.searchsorted(owner, np.arange(words + 1))
    return WordTranslations(starts=starts, tokens=token, shares=share / sums[owner])
