"""One owner of an index folder, whoever else comes, however it ends."""

import errno
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connector.errors import IndexBusyError, SearchError
from search.index_lock import IndexLock

_HOLDER = """
import sys
from pathlib import Path
from search.index_lock import IndexLock
exclusive, url = sys.argv[2] == "exclusive", sys.argv[3] or None
with IndexLock(Path(sys.argv[1])).acquire(exclusive=exclusive, wait_seconds=5, url=url):
    print("held", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def held_elsewhere(folder: Path, mode: str, url: str = "") -> Iterator[subprocess.Popen[str]]:
    """The folder is held by another process."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(folder), mode, url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        if process.poll() is None:
            process.stdin.close()
        process.wait(timeout=20)
        process.stdout.close()


@pytest.mark.parametrize("exclusive", [True, False])
def test_who_finds_it_taken_is_told_by_whom(tmp_path: Path, exclusive: bool) -> None:
    with held_elsewhere(tmp_path, "exclusive", "http://127.0.0.1:8642") as process:
        lock = IndexLock(tmp_path)
        with (
            pytest.raises(IndexBusyError, match=rf"process {process.pid}, serving http://127\.0\.0\.1:8642"),
            lock.acquire(exclusive=exclusive, wait_seconds=0.1),
        ):
            pass
        owner = lock.owner()
        assert owner is not None
        assert (owner.pid, owner.url) == (process.pid, "http://127.0.0.1:8642")
        assert len(owner.token) >= 20
    with lock.acquire(exclusive=exclusive, wait_seconds=0):
        pass


def test_readers_share_and_a_writer_waits_for_them(tmp_path: Path) -> None:
    with held_elsewhere(tmp_path, "shared"):
        lock = IndexLock(tmp_path)
        with lock.acquire(exclusive=False, wait_seconds=0):
            assert lock.owner() is None
        with pytest.raises(IndexBusyError), lock.acquire(exclusive=True, wait_seconds=0.1):
            pass


def test_a_writer_gets_it_once_the_other_has_ended(tmp_path: Path) -> None:
    with held_elsewhere(tmp_path, "exclusive") as process:
        assert process.stdin is not None
        threading.Timer(0.3, process.stdin.close).start()
        with IndexLock(tmp_path).acquire(exclusive=True, wait_seconds=20):
            pass


def test_a_killed_owner_owns_nothing(tmp_path: Path) -> None:
    with held_elsewhere(tmp_path, "exclusive", "http://127.0.0.1:1") as process:
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=20)
        assert (tmp_path / "owner.json").exists()
        lock = IndexLock(tmp_path)
        assert lock.owner() is None
        with lock.acquire(exclusive=True, wait_seconds=0):
            pass


def test_it_may_be_entered_again_and_by_other_threads(tmp_path: Path) -> None:
    lock = IndexLock(tmp_path)
    other = IndexLock(tmp_path)
    with lock.acquire(exclusive=True, wait_seconds=0):
        entered = threading.Event()

        def read() -> None:
            with lock.acquire(exclusive=False, wait_seconds=0):
                entered.set()

        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
        assert entered.is_set()
        with lock.acquire(exclusive=True, wait_seconds=0):
            assert lock.exclusive
        assert lock.exclusive
        with pytest.raises(IndexBusyError), other.acquire(exclusive=False, wait_seconds=0):
            pass
    assert not lock.exclusive
    with other.acquire(exclusive=True, wait_seconds=0):
        pass


def test_a_reader_that_became_the_writer_is_a_reader_again(tmp_path: Path) -> None:
    lock, other = IndexLock(tmp_path), IndexLock(tmp_path)
    with lock.acquire(exclusive=False, wait_seconds=0):
        with lock.acquire(exclusive=True, wait_seconds=0):
            pass
        with other.acquire(exclusive=False, wait_seconds=0):
            pass
        with pytest.raises(IndexBusyError), other.acquire(exclusive=True, wait_seconds=0):
            pass


def test_a_failure_inside_lets_go(tmp_path: Path) -> None:
    lock = IndexLock(tmp_path)
    with pytest.raises(ZeroDivisionError), lock.acquire(exclusive=True, wait_seconds=0):
        raise ZeroDivisionError
    assert lock.owner() is None
    with IndexLock(tmp_path).acquire(exclusive=True, wait_seconds=0):
        pass


def test_a_full_disk_is_one_clear_error_and_keeps_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    lock = IndexLock(tmp_path)
    monkeypatch.setattr("search.index_lock.json.dump", full)
    with (
        pytest.raises(SearchError, match="No space left"),
        lock.acquire(exclusive=True, wait_seconds=0),
    ):
        pass
    monkeypatch.undo()
    with IndexLock(tmp_path).acquire(exclusive=True, wait_seconds=0):
        pass


def test_only_its_user_may_read_the_token(tmp_path: Path) -> None:
    lock = IndexLock(tmp_path)
    tokens = set()
    for _ in range(2):
        with lock.acquire(exclusive=True, wait_seconds=0):
            assert stat.S_IMODE((tmp_path / "owner.json").stat().st_mode) == 0o600
            owner = lock.owner()
            assert owner is not None
            tokens.add(owner.token)
    assert len(tokens) == 2
    assert not (tmp_path / "owner.json").exists()


def test_no_folder_has_no_owner_and_a_file_in_its_place_is_one_clear_error(tmp_path: Path) -> None:
    assert IndexLock(tmp_path / "none").owner() is None
    assert not (tmp_path / "none").exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(SearchError), IndexLock(tmp_path / "file").acquire(exclusive=True, wait_seconds=0):
        pass
