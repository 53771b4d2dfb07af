"""Contradictions, looked for behind the pages: that takes long in a large wiki, and nobody is to wait for it.

The background sync works them out after each round. Where there is none, or it has not come so far, whoever
opens a page first sees the rest of it at once.
"""

import threading
from typing import TYPE_CHECKING, Final

from connector.errors import CompagnonError

if TYPE_CHECKING:
    from search.contradictions import Contradictions

A_MOMENT: Final = 0.5
"""Seconds that who asks waits: in a small wiki all is found by then, and nobody has to come back."""


class LookingBehind:
    """Has contradictions looked for in a thread. Safe to share between threads.

    `Contradictions` itself does not look twice at once, whoever asks: the sync, a page, or this.
    A process that uses it must end it with `end` before the services are closed.

    Args:
        contradictions: which keeps what was found.
        moment: seconds that who asks waits.
    """

    def __init__(self, contradictions: "Contradictions", *, moment: float = A_MOMENT) -> None:
        self._contradictions = contradictions
        self._moment = moment
        self._mutex = threading.Lock()
        self._thread: threading.Thread | None = None
        self._error: CompagnonError | None = None

    def is_done(self) -> bool:
        """Tell whether contradictions are known; where they are not, have them looked for meanwhile.

        Raises:
            SearchError: they cannot be, as there is no index, or it cannot be used; the next one who asks has
                it tried again.
        """
        if self._contradictions.is_worked_out():
            return True
        with self._mutex:
            self._collect()
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, name="contradictions")
                self._thread.start()
            thread = self._thread
        thread.join(self._moment)
        with self._mutex:
            self._collect()
        return self._contradictions.is_worked_out()

    @property
    def is_looking(self) -> bool:
        """Whether the thread is at it: it cannot be told to stop."""
        thread = self._thread
        return thread is not None and thread.is_alive()

    def end(self) -> None:
        """Return when the thread has ended."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def _collect(self) -> None:
        """Let go of a thread that has ended, and raise what it met; the caller holds the mutex."""
        if self._thread is None or self._thread.is_alive():
            return
        error, self._thread, self._error = self._error, None, None
        if error is not None:
            raise error

    def _look(self) -> None:
        try:
            self._contradictions.all()
        except CompagnonError as e:
            self._error = e
