"""What several processes share: the database, the right to sync, the index; and who of them does the work.

With SQLite one process owns a data folder, by locks of the machine's kernel. With PostgreSQL several
processes, each with a data folder of its own, may serve: one of them syncs and updates the index (the
worker), and another one takes over when it ends.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from connector.errors import SyncBusyError
from webui.built_once import built_once
from webui.config import Config

if TYPE_CHECKING:
    from connector.store import Store
    from connector.store.locks import DatabaseLock
    from search.index_lock import IndexLock

SECONDS_TO_TAKE_OVER = 5.0
"""How often a process looks whether the worker has ended."""
_SYNC_WAIT_SECONDS = 20.0


class SharingParts:
    """What `webui.bootstrap.Services` has for it; the rest of it is named here, and made there."""

    config: Config
    building: threading.RLock
    if TYPE_CHECKING:

        @property
        def store(self) -> Store: ...  # noqa: D102 - see `Services`

    @property
    def shares_index(self) -> bool:
        """Whether the index is in servers, and not in the data folder."""
        return (
            self.config.optional_text("store.database") is not None
            and self.config.optional_text("search.chroma_url") is not None
        )

    @built_once
    def index_lock(self) -> "IndexLock":
        """Says which process owns the index."""
        locks = self.store.locks if self.shares_index else None
        if locks is None:
            from search.index_lock import IndexLock

            return IndexLock(self.config.index_folder)
        from search.shared_index_lock import SharedIndexLock

        return SharedIndexLock(self.config.index_folder, locks)

    @built_once
    def worker(self) -> "Worker":
        """Says whether this process is the one that syncs by itself."""
        return Worker(None if self.store.locks is None else self.store.locks.lock("worker"))

    @contextmanager
    def right_to_sync(self) -> Iterator[Callable[[], None]]:
        """Hold the right to sync while the block runs; what is given raises when it was lost meanwhile.

        Raises:
            SyncBusyError: another process syncs, on and on.
        """
        if self.store.locks is None:
            from connector.sync import SyncLock

            with SyncLock(self.config.folder).hold(wait_seconds=_SYNC_WAIT_SECONDS):
                yield _nothing
            return
        lock = self.store.locks.lock("sync")
        with lock.hold(wait_seconds=_SYNC_WAIT_SECONDS) as taken:
            if not taken:
                raise SyncBusyError("another process syncs this database: try again when it has ended")
            yield lock.check


class Worker:
    """Whether this process is the worker: one of all that share a database is, the first that asks.

    Args:
        lock: of the database; None where no other process can be.
    """

    def __init__(self, lock: "DatabaseLock | None") -> None:
        self._lock = lock

    def is_this_process(self) -> bool:
        """Become the worker when nobody is, and say whether this process is it.

        Raises:
            StoreError: the database cannot be used.
        """
        return self._lock is None or self._lock.is_held() or self._lock.take()

    def give_up(self) -> None:
        """Let another process be it."""
        if self._lock is not None:
            self._lock.release()


def _nothing() -> None:
    """A lock of the kernel is never lost."""
