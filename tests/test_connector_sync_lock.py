"""One sync of a data folder at a time, whoever runs it and however it ends."""

import subprocess
import sys
from pathlib import Path

import pytest

from connector.errors import StoreError, SyncBusyError
from connector.sync import SyncLock

_HOLD = """
import sys
from pathlib import Path
from connector.sync import SyncLock
with SyncLock(Path(sys.argv[1])).hold():
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_one_is_told_so(tmp_path: Path) -> None:
    lock = SyncLock(tmp_path)
    with lock.hold(), pytest.raises(SyncBusyError, match="another sync"), lock.hold():
        pass
    with lock.hold(), pytest.raises(SyncBusyError), SyncLock(tmp_path).hold(wait_seconds=0.2):
        pass
    with lock.hold():
        assert (tmp_path / "sync.lock").stat().st_mode & 0o077 == 0


def test_it_goes_with_its_process_however_that_ends(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path)],
        cwd=Path(__file__).parent.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(SyncBusyError), SyncLock(tmp_path).hold():
            pass
    finally:
        holder.kill()
        holder.communicate(timeout=30)
    with SyncLock(tmp_path).hold():
        pass


def test_who_waits_gets_it_when_the_other_ends(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path)],
        cwd=Path(__file__).parent.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdin
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    holder.stdin.close()
    with SyncLock(tmp_path).hold(wait_seconds=60):
        pass
    holder.stdout.close()
    assert holder.wait(timeout=30) == 0


def test_a_folder_that_cannot_be_used_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"sync\.lock"), SyncLock(tmp_path / "none").hold():
        pass
