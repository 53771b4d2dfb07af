"""The lock of an index that several machines share: keyword index in PostgreSQL, vectors on a Chroma server.

Whoever asks needs no lock there: both are servers. Who updates holds one in the database that all share, so
that no two do at a time. A process that serves still introduces itself in its own folder, so that the
commands of its machine can have it answer, with the model that it has loaded.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from connector.errors import IndexBusyError
from connector.store.locks import DatabaseLock, DatabaseLocks
from search.index_lock import IndexLock, Owner

_POLL_SECONDS = 0.1


class SharedIndexLock(IndexLock):
    """As `IndexLock`, for an index that is in no folder.

    Args:
        folder: of this process, for what it says of itself.
        locks: of the database that all share.
    """

    shared = True

    def __init__(self, folder: Path, locks: DatabaseLocks) -> None:
        super().__init__(folder)
        self._own_folder = IndexLock(folder)
        self._locks = locks
        self._changing = threading.Lock()
        self._lock: DatabaseLock | None = None
        self._entered = 0

    @property
    def exclusive(self) -> bool:
        """Whether this process may change the index now."""
        return self._entered > 0

    @contextmanager
    def serve(self, *, wait_seconds: float, url: str) -> Iterator[None]:
        """Say in the folder that this process answers; a second one of the same folder answers unsaid."""
        with ExitStack() as held:
            with suppress(IndexBusyError):  # the other one is who the commands of this machine ask
                held.enter_context(self._own_folder.acquire(exclusive=True, wait_seconds=0.0, url=url))
            yield

    @contextmanager
    def acquire(self, *, exclusive: bool, wait_seconds: float, url: str | None = None) -> Iterator[None]:
        """Hold the right to change the index while the block runs; to read it needs none."""
        if not exclusive:
            yield
            return
        self._enter_shared(wait_seconds)
        try:
            yield
        finally:
            self._leave_shared()

    def owner(self) -> Owner | None:
        """Return the process that serves this folder, or None."""
        return self._own_folder.owner()

    def _enter_shared(self, wait_seconds: float) -> None:
        deadline = time.monotonic() + wait_seconds
        while True:
            with self._changing:
                if self._lock is not None and self._lock.is_held():
                    self._entered += 1
                    return
                lock = self._locks.lock("index")
                if lock.take():
                    if self._lock is not None:
                        self._lock.release()
                    self._lock = lock
                    self._entered += 1
                    return
            if time.monotonic() >= deadline:
                raise IndexBusyError("another process updates the index: try again when it has ended")
            time.sleep(_POLL_SECONDS)

    def _leave_shared(self) -> None:
        with self._changing:
            self._entered -= 1
            if self._entered == 0 and self._lock is not None:
                self._lock.release()
                self._lock = None
