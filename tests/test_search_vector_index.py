"""Vectors in a real Chroma: kept by model, found by nearness, gone when deleted."""

import gc
import shutil
import socket
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from chromadb.api.shared_system_client import SharedSystemClient

from connector.errors import ConfigError, IndexNotBuiltError, SearchError
from search.embedding import Vectors
from search.index_lock import IndexLock
from search.vector_index import VectorIndex
from tests.chroma_server import chroma_server


def opened(folder: Path, url: str | None = None) -> VectorIndex:
    return VectorIndex(folder / "chroma", lock=IndexLock(folder), wait_seconds=0.2, url=url)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with chroma_server(tmp_path_factory.mktemp("chroma-server")) as url:
        yield url


@pytest.fixture(params=["folder", "server"])
def url(request: pytest.FixtureRequest) -> str | None:
    """Where the vectors are kept: the same must be true of both places."""
    return request.getfixturevalue("server") if request.param == "server" else None


@pytest.fixture
def index(tmp_path: Path, url: str | None) -> Iterator[VectorIndex]:
    made = opened(tmp_path, url)
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


def test_every_one_of_a_few_is_found_however_alike_they_are(index: VectorIndex, url: str | None) -> None:
    """A graph leaves out one in thousands of such passages, which a template makes; a scan cannot."""
    if url is not None:
        pytest.skip("a server has its graph only: others may write there")
    rng = np.random.default_rng(7)
    alike = (rng.normal(size=(1, 24)) + 0.02 * rng.normal(size=(600, 24))).astype(np.float32)
    ids = [f"{n}:a" for n in range(600)]
    index.add("m", ids, alike)
    assert [index.nearest("m", vector, limit=1)[0][0] for vector in alike] == ids
    # What is read of them is forgotten with each change.
    index.delete(["3:a"])
    assert index.nearest("m", alike[3], limit=1)[0][0] != "3:a"
    index.add("m", ["700:a"], alike[3:4])
    assert index.nearest("m", alike[3], limit=1)[0][0] == "700:a"
    index.delete(ids)
    assert [i for i, _ in index.nearest("m", alike[0], limit=5)] == ["700:a"]
    index.delete(["700:a"])
    assert index.nearest("m", alike[0], limit=5) == []


def test_the_graph_and_the_scan_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(300, 16)).astype(np.float32)
    index = opened(tmp_path)
    index.add("m", [f"{n}:a" for n in range(300)], vectors)
    questions = rng.normal(size=(20, 16)).astype(np.float32)
    scanned = [index.nearest("m", question, limit=10) for question in questions]
    index.close()
    monkeypatch.setattr("search.vector_index._FULL_SCAN", 0)
    for question, expected in zip(questions, scanned, strict=True):
        found = index.nearest("m", question, limit=10)
        assert [i for i, _ in found] == [i for i, _ in expected]
        assert [c for _, c in found] == pytest.approx([c for _, c in expected], abs=1e-5)
    index.close()


def test_a_server_that_goes_silent_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chroma's own client waits for ever."""
    monkeypatch.setattr("search.chroma_server._ANSWER_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        index = opened(tmp_path, f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(SearchError, match="cannot be used"):
            index.ids("m")
        index.close()


def test_nothing_of_a_server_outlives_closing(tmp_path: Path, server: str) -> None:
    known = dict(SharedSystemClient._identifier_to_system)
    index = opened(tmp_path, server)
    index.add("closed", ["1:a"], rows(0))
    index.close()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        gc.collect()
    assert [each for each in caught if each.category is ResourceWarning] == []
    assert known == SharedSystemClient._identifier_to_system


def test_vectors_are_got_by_their_ids(index: VectorIndex) -> None:
    index.add("m", ["1:a", "2:a"], rows(0, 60))
    found = index.get("m", ["2:a", "9:z"])
    assert list(found) == ["2:a"]
    assert found["2:a"] == pytest.approx(rows(60)[0], abs=1e-6)
    assert index.get("m", []) == {}


def test_vectors_outlive_the_process(index: VectorIndex, tmp_path: Path, url: str | None) -> None:
    index.add("m", ["1:a", "2:a"], rows(0, 90))
    index.close()
    again = opened(tmp_path, url)
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
    index.add("three@1", ["1:a"], rows(0))
    index.drop_other_models("two@1", "three@1")
    assert index.ids("two@1") == index.ids("three@1") == {"1:a"}


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


def test_chroma_keeps_no_text(index: VectorIndex) -> None:
    index.add("m", ["1:a"], rows(0))
    (name,) = index._names()
    stored = index._opened().get_collection(name, embedding_function=None).get()
    assert not any(stored["documents"] or ())
    assert not any(stored["metadatas"] or ())
    assert stored["ids"] == ["1:a"]


def test_passages_that_are_nearly_the_same_are_all_found(index: VectorIndex) -> None:
    """They come in tight groups, as a template's do; with few neighbours the graph loses whole groups."""
    dice = np.random.default_rng(20260302)
    centres = np.repeat(dice.normal(size=(6, 64)), 60, axis=0)
    vectors = (centres + 1e-4 * dice.normal(size=centres.shape)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    ids = [f"{n}:a" for n in range(len(vectors))]
    for start in range(0, len(ids), 16):
        index.add("m", ids[start : start + 16], vectors[start : start + 16])
    for chunk_id, vector in zip(ids, vectors, strict=True):
        assert index.nearest("m", vector, limit=1)[0][1] > 0.999
        assert chunk_id in dict(index.nearest("m", vector, limit=60))


@pytest.mark.parametrize(
    "lost", ["data_level0.bin", "header.bin", "index_metadata.pickle", "", "chroma.sqlite3"]
)
def test_a_folder_that_lost_a_part_is_one_clear_error_or_empty(tmp_path: Path, lost: str) -> None:
    """Its ids can be listed all the same when the graph is gone: that is no proof."""
    index = opened(tmp_path)
    # Enough that Chroma has written the graph.
    index.add("m", [f"{n}:a" for n in range(1_200)], np.tile(rows(*range(120)), (10, 1)))
    index.close()
    folder = tmp_path / "chroma"
    for path in [*folder.glob("*/"), folder / "chroma.sqlite3", *folder.glob("*/*")]:
        if path.name == lost:
            path.unlink()
        elif not lost and path.is_dir():
            shutil.rmtree(path)
    code = _PROBE.format(folder=str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent.parent,
    )
    if lost == "chroma.sqlite3":
        assert done.stdout == "0 vectors\n"  # the next update makes all of them anew
    else:
        assert f"delete the folder {folder} and run `compagnon index`" in done.stdout
        assert len(done.stdout.splitlines()) == 1


# In a process of its own: this one's Chroma remembers the folder.
_PROBE = """
from pathlib import Path
from connector.errors import SearchError
from search.index_lock import IndexLock
from search.vector_index import VectorIndex
folder = Path("{folder}")
index = VectorIndex(folder / "chroma", lock=IndexLock(folder), wait_seconds=1)
try:
    index.probe("m")
    print(len(index.ids("m")), "vectors")
except SearchError as e:
    print(e)
"""


def test_two_communities_share_a_server_and_no_vector(server: str, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    one, two = opened(tmp_path / "one", server), opened(tmp_path / "two", server)
    one.add("m", ["1:a"], rows(0))
    two.add("m", ["2:a"], rows(0))
    assert (one.ids("m"), two.ids("m")) == ({"1:a"}, {"2:a"})
    two.drop_other_models("other")
    assert one.ids("m") == {"1:a"}
    one.close()
    two.close()


def test_a_server_is_read_without_the_lock(server: str, tmp_path: Path) -> None:
    index = opened(tmp_path, server)
    index.add("m", ["1:a"], rows(0))
    with IndexLock(tmp_path).acquire(exclusive=True, wait_seconds=0):
        assert index.nearest("m", rows(0)[0], limit=1)[0][0] == "1:a"
    index.close()


def test_a_server_that_is_away_is_one_clear_error_without_the_password(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    index = opened(tmp_path, f"http://lecture:secret@127.0.0.1:{port}")
    with pytest.raises(SearchError, match=f"Chroma server at 127.0.0.1:{port}") as caught:
        index.ids("m")
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "address", ["localhost:8000", "ftp://127.0.0.1", "http://", "http://a:b", "http://[::"]
)
def test_what_is_no_address_is_a_wrong_setting(tmp_path: Path, address: str) -> None:
    with pytest.raises(ConfigError, match="Chroma"):
        opened(tmp_path, address)
