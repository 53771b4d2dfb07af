"""Groups of vectors, and where they lie."""

import numpy as np
import pytest

from search.clusters import cluster, places, unit
from search.embedding import Vectors


def around(*directions: int, each: int, noise: float = 0.15) -> Vectors:
    """Vectors around some axes of a space, in turn."""
    chance = np.random.default_rng(5)
    rows = np.zeros((len(directions) * each, 12))
    for row in range(len(rows)):
        rows[row, directions[row % len(directions)]] = 1
    return unit((rows + noise * chance.normal(size=rows.shape)).astype(np.float32))


@pytest.mark.parametrize("directions", [(0, 1), (0, 3, 7), (1, 2, 4, 8, 9)])
def test_groups_that_are_there_are_found_and_no_others(directions: tuple[int, ...]) -> None:
    labels = cluster(around(*directions, each=12))
    assert len(set(labels.tolist())) == len(directions)
    for place in range(len(directions)):
        assert len(set(labels[place :: len(directions)].tolist())) == 1


def test_the_same_vectors_have_the_same_groups_and_the_largest_is_the_first() -> None:
    vectors = np.vstack([around(0, 4, each=10), around(4, each=9)])
    labels = cluster(vectors)
    assert labels.tolist() == cluster(vectors.copy()).tolist()
    counts = np.bincount(labels)
    assert counts.tolist() == [19, 10]


@pytest.mark.parametrize("vectors", [around(0, each=5), np.zeros((0, 4), dtype=np.float32)])
def test_few_vectors_are_one_group(vectors: Vectors) -> None:
    assert cluster(vectors).tolist() == [0] * len(vectors)


def test_vectors_that_are_all_the_same_do_no_harm() -> None:
    labels = cluster(np.tile(unit(np.ones((1, 6), dtype=np.float32)), (20, 1)))
    assert labels.shape == (20,)


def test_near_groups_lie_near_and_the_plane_has_an_edge() -> None:
    centres = unit(np.array([[1, 0, 0], [0.9, 0.4, 0], [0, 0, 1]], dtype=np.float32))
    found = places(centres)
    apart = np.linalg.norm(found[:, None] - found[None, :], axis=-1)
    assert apart[0, 1] < apart[0, 2]
    assert np.abs(found).max() == pytest.approx(1)
    assert places(centres[:1]).tolist() == [[0, 0]]


def test_two_halves_of_everything_are_no_map() -> None:
    chance = np.random.default_rng(5)
    halves = np.eye(2, 64)[np.arange(72) % 2]
    labels = cluster(unit((halves + chance.normal(scale=0.05, size=(72, 64))).astype(np.float32)))
    assert 3 <= len(set(labels.tolist())) <= 12, "half and twice the root of 36"
