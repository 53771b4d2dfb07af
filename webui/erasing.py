"""Erasing a person while the service runs: found no more at once, the rest behind the pages.

Whoever begins is not made to wait until every text is masked and indexed anew. What was cut off, because the
process ended, is noted in the database, and ended by the next process that serves.
"""

import logging
import threading
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from connector.errors import CompagnonError, IndexNotBuiltError, ModelMismatchError, SyncStoppedError
from connector.progress import Progress

if TYPE_CHECKING:
    from connector.erasing import PersonErased
    from webui.bootstrap import Services

logger = logging.getLogger(__name__)


class PersonEraser:
    """Erases people. Safe to share between threads.

    A process that uses the thread must end it with `end` before the services are closed.
    """

    def __init__(self, services: "Services") -> None:
        self._services = services
        self._stop = threading.Event()
        self._mutex = threading.Lock()
        self._again = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self, names: Sequence[str], *, account_ids: Collection[int] = ()) -> int:
        """Have somebody found no more; return how many names are known of them. Arguments as `begin_erasing`.

        Raises:
            ValueError: there is no name, or one without a letter.
            StoreError: the database failed; begin again.
        """
        from connector.erasing import begin_erasing

        return begin_erasing(self._services.store, names, account_ids=account_ids)

    def finish(self, *, progress: Progress | None = None) -> "PersonErased":
        """Mask whoever was ever erased, wherever they still stand in the database.

        Raises:
            StoreError: the database failed; run it again.
        """
        from capture.erased_notes import masked_notes
        from connector.erasing import finish_erasing

        return finish_erasing(self._services.store, mask_notes=masked_notes, progress=progress)

    def update_index(self, *, anew: bool = True, progress: Progress | None = None) -> None:
        """Have the index forget them too, where there is one. The caller holds the index lock.

        Args:
            anew: write the vectors' files anew, in which memory of earlier versions may stand.
            progress: told how far it is.

        Raises:
            SearchError: a part of the index cannot be used.
        """
        try:
            self._services.index.check()
        except IndexNotBuiltError:
            return
        except ModelMismatchError:
            pass  # the update mends that too
        self._services.update_index(progress=progress)
        if anew:
            self._services.index.renew_vectors()

    def finish_behind(self) -> None:
        """Do `finish` and `update_index` in a thread of this process, once more where it is at it already."""
        self._again.set()
        with self._mutex:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="erasing")
                self._thread.start()

    def update_index_behind(self) -> None:
        """Bring the index in step behind the pages, after somebody opted out or back in: nobody waits for it.

        Only where this process owns the index; until then what the index has of them is not shown.
        """
        if self._services.index_lock.exclusive:
            self.finish_behind()

    def resume(self) -> None:
        """Go on where a process was cut off; nothing where none was."""
        services = self._services
        if services.config.exists and not services.store.erased_names.is_finished():
            self.finish_behind()

    def end(self) -> None:
        """Stop at the next handful; returns when it is over. What is left is done by the next process."""
        self._stop.set()
        with self._mutex:
            thread = self._thread
        if thread is not None:
            thread.join()

    def wait(self) -> None:
        """Return when all is done that was begun."""
        with self._mutex:
            thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while self._again.is_set() and not self._stop.is_set():
            self._again.clear()
            try:
                erasing = not self._services.store.erased_names.is_finished()
                if erasing:
                    report = self.finish(progress=self._heed)
                    logger.info("somebody was erased: %d pages, %d notes", report.pages, report.notes)
                self.update_index(anew=erasing, progress=self._heed)
                self._services.store.erased_names.finish()
            except SyncStoppedError:
                return
            except CompagnonError as e:
                logger.warning("erasing somebody is not finished, and goes on at the next start: %s", e)

    def _heed(self, done: int, total: int, what: str) -> None:
        """Be told how far it is (`Progress`), which is when it can be stopped."""
        if self._stop.is_set():
            raise SyncStoppedError("erasing was stopped; the next process goes on")
