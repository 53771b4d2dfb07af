"""The sync that `compagnon serve` does by itself (setting `wiki.sync_every`), beside the pages it serves."""

import logging
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connector.errors import CompagnonError, SyncBusyError, SyncStoppedError
from connector.progress import Progress
from webui.digests.weekly import WeeklyPost
from webui.rounds import NEEDS_A_PERSON, Rounds
from webui.sharing import SECONDS_TO_TAKE_OVER

if TYPE_CHECKING:
    from webui.bootstrap import Services

logger = logging.getLogger(__name__)

# A wiki that refuses the account every few seconds will lock it ($wgPasswordAttemptThrottle).
_SECONDS_AFTER_REFUSAL = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BackgroundError:
    """Why the last round failed."""

    at: datetime
    error: CompagnonError


class BackgroundSync:
    """A thread that brings mirror and index in step every so many seconds.

    It must be ended with `end` before the services are closed: a process that ends under it crashes.
    """

    def __init__(self, services: "Services", *, every_seconds: float) -> None:
        self._services = services
        self.every_seconds = every_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="background-sync")
        self.last_error: BackgroundError | None = None
        """Why the last round failed; None after one that did not."""
        self.works = False
        """Whether this process is the one that syncs; of several that share a database one is."""

    @property
    def alive(self) -> bool:
        """Whether it goes on: a mistake of ours would end it, with a traceback in the log."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin with the first round, behind the first pages."""
        self._thread.start()

    def end(self) -> None:
        """End after the batch at hand; returns when it is over."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        try:
            self._rounds()
        finally:
            self._services.worker.give_up()

    def _rounds(self) -> None:
        rounds = Rounds(self._services, stop=self._stop, update_index=self._update_index)
        post = WeeklyPost(self._services)
        while not self._stop.is_set():
            seconds = self.every_seconds
            try:
                self.works = self._services.worker.is_this_process()
                if self.works:
                    rounds.run()
                    post.tick(datetime.now(UTC))
                else:
                    seconds = min(seconds, SECONDS_TO_TAKE_OVER)
                    rounds.follow()
                self._services.warm_community(stop=self._stop.is_set)
            except SyncStoppedError:
                return
            except SyncBusyError as e:
                # `compagnon sync` is at it: that is as good as this round, and if it fails it says so itself.
                logger.info("%s", e)
            except CompagnonError as e:
                self._note(e)
                if isinstance(e, NEEDS_A_PERSON):
                    seconds = max(seconds, _SECONDS_AFTER_REFUSAL)
            else:
                self.last_error = None
            self._stop.wait(seconds)

    def _note(self, error: CompagnonError) -> None:
        known = self.last_error
        self.last_error = BackgroundError(at=datetime.now(UTC), error=error)
        # A wiki that is away for a night is told once.
        if known is None or str(known.error) != str(error):
            logger.warning("sync in the background: %s", error)

    def _update_index(self, progress: Progress) -> int:
        return self._services.update_index(progress=progress).pages_indexed
