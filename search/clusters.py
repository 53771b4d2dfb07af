"""Groups of vectors by their direction, the same ones every time, and where these groups lie on a plane.

Spherical k-means (Dhillon & Modha, "Concept decompositions for large sparse text data using clustering",
Machine Learning 42, 2001) begun by k-means++ (Arthur & Vassilvitskii, SODA 2007); how many groups there are
is chosen by the silhouette (Rousseeuw, J. Comput. Appl. Math. 20, 1987) over cosine distances, within half
and twice the rule of thumb √(n/2) (Mardia, Kent & Bibby, "Multivariate Analysis", 1979): the silhouette of
texts is flat, and highest for two halves of everything, which tell nobody anything.
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from search.embedding import Vectors

Labels = NDArray[np.int64]

FEWEST: Final = 6
"""Of fewer vectors there is one group."""
MOST_GROUPS: Final = 24
"""More than this nobody reads at a glance."""
_LEAST_SIZE: Final = 3  # on the average
_STARTS: Final = 2
_ROUNDS: Final = 25
# Of two numbers of groups that part the vectors about as well the smaller one is taken.
_NEARLY: Final = 0.95
_EVERY_NUMBER: Final = 8


def unit(vectors: Vectors) -> Vectors:
    """Return vectors of length 1 (shape as given); those of no length stay."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32)


def cluster(vectors: Vectors) -> Labels:
    """Return the number of each vector's group, 0 for that of the most vectors.

    Args:
        vectors: shape [n, dimension], of length 1 each.
    """
    n = len(vectors)
    if n < FEWEST:
        return np.zeros(n, dtype=np.int64)
    scored = []
    for k in _numbers(n):
        labels = _grouped(vectors, k)
        scored.append((_silhouette(vectors, labels), labels))
    best = max(score for score, _ in scored)
    labels = next(labels for score, labels in scored if score >= _NEARLY * best or score == best)
    return _by_size(labels)


def places(centres: Vectors) -> NDArray[np.float64]:
    """Return where vectors lie on a plane (shape [n, 2], within -1..1): near ones near, as far as that goes.

    Classical multidimensional scaling (Torgerson, Psychometrika 17, 1952) of the angles between them.
    """
    n = len(centres)
    if n < 2:
        return np.zeros((n, 2))
    squared = np.arccos(np.clip(centres @ centres.T, -1, 1)).astype(np.float64) ** 2
    centred = squared - squared.mean(axis=0) - squared.mean(axis=1)[:, None] + squared.mean()
    values, axes = np.linalg.eigh(-centred / 2)
    found = axes[:, ::-1][:, :2] * np.sqrt(np.maximum(values[::-1][:2], 0))
    if found.shape[1] < 2:
        found = np.hstack([found, np.zeros((n, 2 - found.shape[1]))])
    # An axis has no direction of its own: the first group lies on the left, and above.
    found *= np.where(found[0] > 0, -1, 1)
    scaled: NDArray[np.float64] = found / max(float(np.abs(found).max()), 1e-9)
    return scaled


def _numbers(n: int) -> Sequence[int]:
    usual = math.sqrt(n / 2)
    most = max(2, min(MOST_GROUPS, n // _LEAST_SIZE, round(2 * usual)))
    fewest = min(most, max(2, round(usual / 2)))
    return [k for k in range(fewest, most + 1) if k <= _EVERY_NUMBER or k % 2 == 0 or k == most]


def _grouped(vectors: Vectors, k: int) -> Labels:
    """Return the best of some groupings into at most k groups."""
    best = -np.inf, np.zeros(len(vectors), dtype=np.int64)
    for seed in range(_STARTS):
        centres = _begin(vectors, k, np.random.default_rng(seed))
        labels = np.full(len(vectors), -1, dtype=np.int64)
        for _ in range(_ROUNDS):
            near = vectors @ centres.T
            now = near.argmax(axis=1).astype(np.int64)
            if np.array_equal(now, labels):
                break
            labels = now
            counts = np.bincount(labels, minlength=len(centres))
            centres = np.where(counts[:, None] > 0, unit(_sums(vectors, labels, len(centres))), centres)
        within = float((vectors * centres[labels]).sum())
        if within > best[0] + 1e-6:
            best = (within, labels)
    return best[1]


def _begin(vectors: Vectors, k: int, chance: np.random.Generator) -> Vectors:
    chosen = [int(chance.integers(len(vectors)))]
    far = 1 - vectors @ vectors[chosen[0]]
    for _ in range(k - 1):
        odds = np.maximum(far, 0).astype(np.float64) ** 2
        total = odds.sum()
        if total <= 0:  # all the others are the same as one that was chosen
            break
        chosen.append(int(np.searchsorted(np.cumsum(odds), chance.random() * total).clip(0, len(odds) - 1)))
        far = np.minimum(far, 1 - vectors @ vectors[chosen[-1]])
    return vectors[chosen]


def _silhouette(vectors: Vectors, labels: Labels) -> float:
    """Return the mean silhouette (-1..1); of cosine distances the means are products with sums."""
    k = int(labels.max()) + 1
    counts = np.bincount(labels, minlength=k).astype(np.float64)
    sums = _sums(vectors, labels, k)
    rows = np.arange(len(vectors))
    near = vectors @ sums.T
    own = counts[labels]
    inside = 1 - (near[rows, labels] - (vectors * vectors).sum(axis=1)) / np.maximum(own - 1, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        others = 1 - near / counts
    others[:, counts == 0] = np.inf
    others[rows, labels] = np.inf
    outside = others.min(axis=1)
    if not np.isfinite(outside).all():  # there is one group only
        return -1.0
    widest = np.maximum(np.maximum(inside, outside), 1e-9)
    return float(np.where(own > 1, (outside - inside) / widest, 0).mean())


def _sums(vectors: Vectors, labels: Labels, k: int) -> Vectors:
    """Return the sum of each group's vectors: a product of matrices is the quickest way."""
    members = np.zeros((k, len(vectors)), dtype=np.float32)
    members[labels, np.arange(len(vectors))] = 1
    return members @ vectors


def _by_size(labels: Labels) -> Labels:
    """Number the groups anew, the largest first, of equal ones that of the earlier vector; none is empty."""
    numbers, first, counts = np.unique(labels, return_index=True, return_counts=True)
    order = sorted(range(len(numbers)), key=lambda i: (-counts[i], first[i]))
    new = {int(numbers[i]): place for place, i in enumerate(order)}
    return np.array([new[int(label)] for label in labels], dtype=np.int64)
