"""The room for vectors to come holds nothing on the disk, whatever memory the graph was written from."""

from pathlib import Path

import numpy as np
import pytest

from search.index_lock import IndexLock
from search.unused_room import empty_unused_room
from search.vector_index import VectorIndex

SECRET = b"le mot de passe "


def write_vectors(folder: Path, count: int) -> np.ndarray:
    """Keep so many vectors of shape [8], close, and return them."""
    rows = np.random.default_rng(7).random((count, 8), dtype=np.float32)
    lock = IndexLock(folder)
    vectors = VectorIndex(folder / "chroma", lock=lock, wait_seconds=1)
    with lock.acquire(exclusive=True, wait_seconds=1):
        vectors.add("model", [str(number) for number in range(count)], rows)
        vectors.probe("model")
        vectors.close()
    return rows


def room_of(folder: Path, name: str) -> tuple[Path, int]:
    """Return a graph's file, and where its passages end in it."""
    header = next(folder.rglob("header.bin")).read_bytes()
    count = int.from_bytes(header[20:28], "little")
    bytes_each = int.from_bytes(header[28:36], "little") if name == "data_level0.bin" else 4
    return next(folder.rglob(name)), count * bytes_each


# Chroma puts passages into the graph a thousand at a time, and writes the room of an empty one only: what
# stands behind a full one is added here.
@pytest.mark.parametrize(("count", "added"), [(20, 0), (2_500, 400)])
@pytest.mark.parametrize("name", ["length.bin", "data_level0.bin"])
def test_what_stands_behind_the_last_passage_is_gone_after_closing(
    tmp_path: Path, name: str, count: int, added: int
) -> None:
    rows = write_vectors(tmp_path, count)
    file, end = room_of(tmp_path, name)
    whole = file.read_bytes() + bytes(added)
    assert len(whole) >= end + 400
    room = (SECRET * len(whole))[: len(whole) - end]
    file.write_bytes(whole[:end] + room)

    lock = IndexLock(tmp_path)
    vectors = VectorIndex(tmp_path / "chroma", lock=lock, wait_seconds=1)
    with lock.acquire(exclusive=True, wait_seconds=1):
        assert vectors.count("model") == count
        vectors.close()

    assert file.read_bytes()[:end] == whole[:end]
    assert not file.read_bytes()[end:].strip(b"\0")
    with lock.acquire(exclusive=False, wait_seconds=1):
        assert vectors.nearest("model", rows[7], limit=1)[0][0] == "7"
        assert len(vectors.get("model", [str(number) for number in range(count)])) == count
        vectors.close()


def test_files_that_are_not_understood_are_left_alone(tmp_path: Path) -> None:
    write_vectors(tmp_path, 20)
    file, _ = room_of(tmp_path, "length.bin")
    header = file.with_name("header.bin")
    whole = header.read_bytes()
    file.write_bytes(SECRET)

    for unknown in (whole[:12], b"\x02" + whole[1:]):
        header.write_bytes(unknown)
        empty_unused_room(tmp_path / "chroma")
        assert file.read_bytes() == SECRET

    header.write_bytes(whole)
    file.unlink()
    empty_unused_room(tmp_path / "chroma")
    assert not file.exists()
