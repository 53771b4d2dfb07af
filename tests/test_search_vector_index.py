"""Vectors in a real Chroma: kept by model, found by nearness, gone when deleted."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from connector.errors import IndexNotBuiltError, SearchError
from search.embedding import Vectors
from search.index_lock import IndexLock
from search.vector_index import VectorIndex


def opened(folder: Path) -> VectorIndex:
    return VectorIndex(folder / "chroma", lock=IndexLock(folder), wait_seconds=0.2)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[VectorIndex]:
    made = opened(tmp_path)
    yield made
    made.close()


def rows(*angles: float) -> Vectors:
    return np.array([[np.cos(a), np.sin(a), 0] for a in np.radians(angles)], dtype=np.float32)


def test_the_nearest_come_first_with_their_cosine(index: VectorIndex) -> None:
    index.add("m", ["1:a", "2:a", "3:a"], rows(0, 60, 180))
    found = index.nearest("m", rows(10)[0], limit=10)
    assert [chunk_id for chunk_id, _ in found] == ["1:a", "2:a", "3:a"]
    assert [cosine for _, cosine in found] == pytest.approx(np.cos(np.radians([10, 50, 170])), abs=1e-5)
    assert len(index.nearest("m", rows(10)[0], limit=2)) == 2


def test_similarities_are_those_of_the_ids_that_are_there(index: VectorIndex) -> None:
    index.add("m", ["1:a", "2:a", "3:a"], rows(0, 60, 180))
    found = index.similarities("m", rows(0)[0], ["3:a", "9:z", "1:a"])
    assert found == {"3:a": pytest.approx(-1, abs=1e-5), "1:a": pytest.approx(1, abs=1e-5)}
    assert index.similarities("m", rows(0)[0], []) == {}


def test_vectors_outlive_the_process(index: VectorIndex, tmp_path: Path) -> None:
    index.add("m", ["1:a", "2:a"], rows(0, 90))
    index.close()
    again = opened(tmp_path)
    assert again.ids("m") == {"1:a", "2:a"}
    assert again.nearest("m", rows(90)[0], limit=1)[0][0] == "2:a"
    again.close()


def test_more_vectors_than_chroma_takes_at_once(index: VectorIndex) -> None:
    many = [f"{n}:a" for n in range(5_600)]
    index.add("m", many, np.tile(rows(0, 45), (2_800, 1)))
    assert index.ids("m") == set(many)
    index.delete(many[1:])
    assert index.ids("m") == {"0:a"}


def test_each_model_has_its_own_vectors(index: VectorIndex) -> None:
    index.add("one@1", ["1:a", "2:a"], rows(0, 90))
    index.add("two@1", ["1:a", "2:a"], np.eye(2, 5, dtype=np.float32))
    assert index.nearest("one@1", rows(90)[0], limit=1)[0][0] == "2:a"
    index.delete(["2:a"])
    assert index.ids("one@1") == index.ids("two@1") == {"1:a"}
    index.drop_other_models("two@1")
    assert index.ids("two@1") == {"1:a"}
    with pytest.raises(IndexNotBuiltError):
        index.nearest("one@1", rows(0)[0], limit=1)


def test_without_vectors_there_is_no_index(index: VectorIndex) -> None:
    with pytest.raises(IndexNotBuiltError, match="compagnon index"):
        index.nearest("m", rows(0)[0], limit=1)


def test_a_folder_that_is_no_chroma_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "chroma").mkdir()
    (tmp_path / "chroma" / "chroma.sqlite3").write_bytes(b"no database at all " * 400)
    index = opened(tmp_path)
    with pytest.raises(SearchError, match="delete the folder") as caught:
        index.ids("m")
    assert "\n" not in str(caught.value)
    with IndexLock(tmp_path).acquire(exclusive=True, wait_seconds=0):
        pass  # the lock was let go


def test_vectors_of_another_length_are_refused(index: VectorIndex) -> None:
    index.add("m", ["1:a"], rows(0))
    with pytest.raises(SearchError):
        index.add("m", ["2:a"], np.ones((1, 7), dtype=np.float32))


def test_chroma_keeps_no_text(index: VectorIndex, tmp_path: Path) -> None:
    index.add("m", ["1:a"], rows(0))
    (stored,) = [c.get() for c in index._opened().list_collections()]
    assert not any(stored["documents"] or ())
    assert not any(stored["metadatas"] or ())
    assert stored["ids"] == ["1:a"]
