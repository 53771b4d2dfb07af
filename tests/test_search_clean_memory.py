"""What this process had in its memory is not in the files of the vectors."""

import ctypes
import platform
import threading
from pathlib import Path

import numpy as np
import pytest

from search.index_lock import IndexLock
from search.vector_index import VectorIndex

SECRET = "le mot de passe de la trésorière ".encode()
GNU = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")


def leave_in_memory() -> None:
    """Write a secret into much memory, and give it back."""
    library = ctypes.CDLL(None)
    library.malloc.restype = ctypes.c_void_p
    library.malloc.argtypes = [ctypes.c_size_t]
    library.free.argtypes = [ctypes.c_void_p]

    def write() -> None:
        taken = []
        for number in range(2_000):
            size = 100 + 7 * number % 6_000
            place = library.malloc(size)
            ctypes.memmove(place, (SECRET * 200)[:size], size)
            taken.append(place)
        for place in taken:
            library.free(place)

    threads = [threading.Thread(target=write) for _ in range(16)]
    for thread in threads:
        thread.start()
    write()  # this thread too
    for thread in threads:
        thread.join()


@GNU
def test_vectors_are_written_without_what_was_in_memory(tmp_path: Path) -> None:
    lock = IndexLock(tmp_path)
    vectors = VectorIndex(tmp_path / "chroma", lock=lock, wait_seconds=1)
    random = np.random.default_rng(7)
    found: set[str] = set()
    with lock.acquire(exclusive=True, wait_seconds=1):
        for turn in range(6):
            leave_in_memory()
            ids = [f"{turn}-{number}" for number in range(20)]
            vectors.add("model", ids, random.random((20, 16), dtype=np.float32))
            leave_in_memory()
            vectors.probe("model")
            vectors.delete(ids[:5])
            vectors.close()
            files = [path for path in (tmp_path / "chroma").rglob("*.bin") if path.stat().st_size]
            assert files, "the graph is on the disk"
            found |= {path.name for path in files if SECRET[:12] in path.read_bytes()}
    assert found == set()


@GNU
def test_files_written_anew_hold_the_same_vectors(tmp_path: Path) -> None:
    lock = IndexLock(tmp_path)
    vectors = VectorIndex(tmp_path / "chroma", lock=lock, wait_seconds=1)
    rows = np.eye(6, 8, dtype=np.float32)
    with lock.acquire(exclusive=True, wait_seconds=1):
        vectors.add("model", list("abcdef"), rows)
        before = vectors.get("model", list("abcdef"))
        vectors.renew("model")
        after = vectors.get("model", list("abcdef"))
        assert vectors.nearest("model", rows[2], limit=1)[0][0] == "c"
        vectors.close()
    assert before.keys() == after.keys()
    assert all(np.allclose(before[key], after[key]) for key in before)
