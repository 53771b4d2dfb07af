"""Whose turn it is to read notes, of several processes that share a database: one's, until it ends.

What waits stands in the database, and is looked for every few seconds: a queue in a file is of one machine,
and the process that was given the notes need not be the one that reads them.
"""

import logging
import threading
from collections.abc import Callable

from connector.errors import CompagnonError
from connector.store.locks import DatabaseLocks

logger = logging.getLogger(__name__)

_LOOK_SECONDS = 3.0


class CaptureTurn:
    """Looks in a thread whether it is this process's turn, and begins and pauses the work.

    Args:
        locks: Of the database.
        begin: Begins to work.
        go_on: Has done what waits.
        pause: Stops working; says whether it has ended.
    """

    def __init__(
        self,
        locks: DatabaseLocks,
        begin: Callable[[], None],
        go_on: Callable[[], None],
        pause: Callable[[], bool],
    ) -> None:
        self._lock = locks.lock("capture")
        self._begin = begin
        self._go_on = go_on
        self._pause = pause
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._works = False
        self._looking = threading.Lock()

    def start(self) -> bool:
        """Begin to look; say whether it is this process's turn already.

        Raises:
            CaptureError: The queue cannot be reached.
            StoreError: The database cannot be used.
        """
        try:
            self._look()
        except CompagnonError:
            self._pause()
            self._lock.release()
            raise
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._watch, name="capture-turn", daemon=True)
            self._thread.start()
        return self._works

    def end(self) -> bool:
        """Stop looking and working; say whether the work has ended, and another process may begin."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        ended = self._pause() if self._works else True
        if ended:
            self._works = False
            self._lock.release()
        return ended

    def _watch(self) -> None:
        while not self._stop.wait(_LOOK_SECONDS):
            try:
                self._look()
            except CompagnonError as e:
                logger.warning("notes wait: %s", e)

    def _look(self) -> None:
        with self._looking:
            self._look_alone()

    def _look_alone(self) -> None:
        if self._works and not self._lock.is_held():
            # The server was started anew: another process may be at it.
            self._works = not self._pause()
        elif self._works:
            self._go_on()
        elif self._lock.is_held() or self._lock.take():
            self._begin()
            self._works = True
