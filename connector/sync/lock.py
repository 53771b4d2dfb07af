"""One sync of a data folder at a time: a second one could put an older text over a newer one."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connector.errors import StoreError, SyncBusyError

_POLL_SECONDS = 0.1


class SyncLock:
    """The right to sync a data folder.

    It is the kernel's (flock): it goes with its process, however that ends.

    Args:
        folder: the data folder; it must exist.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "sync.lock"

    @contextmanager
    def hold(self, *, wait_seconds: float = 0.0) -> Iterator[None]:
        """Hold it while the block runs.

        Args:
            wait_seconds: how long to wait for another one to end.

        Raises:
            SyncBusyError: another sync held it all the time.
            StoreError: the folder cannot be used.
        """
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as e:
            raise StoreError(f"{self._path} cannot be used: {e.strerror}") from e
        try:
            self._take(descriptor, time.monotonic() + wait_seconds)
            yield
        finally:
            os.close(descriptor)

    def _take(self, descriptor: int, deadline: float) -> None:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as e:
                if time.monotonic() >= deadline:
                    raise SyncBusyError(
                        f"another sync of {self._path.parent} is running: try again when it has ended"
                    ) from e
                time.sleep(_POLL_SECONDS)
            else:
                return
