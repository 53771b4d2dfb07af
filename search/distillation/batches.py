"""Which pairs are learned together, and in which order: for one seed, always the same."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from search.question_encoder import batches_by_length

Ids = npt.NDArray[np.int64]

# Texts of like lengths come together within so many that chance has put side by side.
_SORTED_TOGETHER = 4_096


def epoch_batches(lengths: Sequence[int], *, tokens: int, seed: int, epoch: int) -> list[Ids]:
    """Return the places of all texts, in batches of like lengths, in the order of an epoch.

    Args:
        lengths: of the texts, in tokens.
        tokens: of a batch at the most, padding included; a text that is longer comes alone.
        seed: of the order.
        epoch: each has another order.
    """
    random = np.random.default_rng([seed, epoch])
    size = np.asarray(lengths)
    order = random.permutation(len(size))
    batches: list[Ids] = []
    for start in range(0, len(order), _SORTED_TOGETHER):
        some = order[start : start + _SORTED_TOGETHER]
        batches += [some[places] for places in batches_by_length(size[some].tolist(), tokens=tokens)]
    return [batches[i] for i in random.permutation(len(batches))]
