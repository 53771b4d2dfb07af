"""One round after another: the mirror brought in step with the wiki, then the index with the mirror."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from connector.errors import (
    ConfigError,
    IndexNotBuiltError,
    ModelMismatchError,
    SuspiciousShrinkError,
    SyncStoppedError,
    WikiLoginError,
)
from connector.progress import Progress

if TYPE_CHECKING:
    from connector.sync import SyncReport
    from connector.wiki import Wiki
    from webui.bootstrap import Services

NEEDS_A_PERSON = (ConfigError, SuspiciousShrinkError, WikiLoginError)
"""What trying again does not mend."""
# One request each: what was fetched is searched before the next ones are.
_RENDERINGS_A_ROUND = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundReport:
    """What one round did."""

    sync: "SyncReport"
    pages_indexed: int | None = None
    """None when there is no index, or nothing to do for it."""


class Rounds:
    """Rounds that share one log-in. For one thread; another one may set `stop`.

    Args:
        services: whose mirror and index.
        stop: ends a round after the batch at hand, and every wait at once.
        update_index: brings the index in step, and returns how many pages were indexed.
        sweep_first: compare every page in the first round, due or not.
        allow_shrink: let the first round purge more than a fifth of the mirror.
    """

    def __init__(
        self,
        services: "Services",
        *,
        stop: threading.Event,
        update_index: Callable[[Progress], int],
        sweep_first: bool = False,
        allow_shrink: bool = False,
    ) -> None:
        self._services = services
        self._stop = stop
        self._update_index = update_index
        self._progress: Progress | None = None
        self._sweep = True if sweep_first else None
        self._allow_shrink = allow_shrink
        self._wiki: Wiki | None = None
        # What was synced before this process began, or in a round whose update failed, waits for the index.
        self._index_lags = True
        self._last_sync: datetime | None = None

    def run(self, *, progress: Progress | None = None) -> RoundReport:
        """Do one round.

        Args:
            progress: told how far it is.

        Raises:
            SyncStoppedError: `stop` was set.
            CompagnonError: what sync and the update of the index raise; the next round goes on from there.
        """
        self._progress = progress
        if self._wiki is None:
            self._wiki = self._services.wiki(sleep=self._sleep)
        # What another process has synced meanwhile is no change to this one, but to the index it is.
        if self._services.store.site.last_sync() != self._last_sync:
            self._index_lags = True
        try:
            report = self._services.sync(
                self._wiki,
                progress=progress,
                sweep=self._sweep,
                allow_shrink=self._allow_shrink,
                stop=self._stop.is_set,
                renderings=_RENDERINGS_A_ROUND,
            )
        except NEEDS_A_PERSON:
            self._wiki = None  # the next round reads settings and password anew
            raise
        self._sweep, self._allow_shrink = None, False
        self._last_sync = self._services.store.site.last_sync()
        self._index_lags = self._index_lags or report.changed
        indexed = None
        if self._has_index() and (self._index_lags or self._lacks_answers()):
            indexed = self._update_index(self._tell_or_stop)
            # What one update had no time for the next one does, even when nothing changes meanwhile.
            self._index_lags = self._services.pages_to_survey > 0
        return RoundReport(sync=report, pages_indexed=indexed)

    def follow(self) -> None:
        """Where another process syncs, bring the index in step with what it has synced, if it is our own.

        Raises:
            SyncStoppedError: `stop` was set.
            CompagnonError: what the update of the index raises.
        """
        synced = self._services.store.site.last_sync()
        if self._services.shares_index or synced == self._last_sync or not self._has_index():
            return
        self._update_index(self._tell_or_stop)
        self._last_sync = synced

    def _has_index(self) -> bool:
        try:
            self._services.index.check()
        except IndexNotBuiltError:
            return False
        except ModelMismatchError:
            return True  # which the update mends
        return True

    def _lacks_answers(self) -> bool:
        from search.answered_questions import lacks_answers

        return lacks_answers(self._services.index.keywords, self._services.store)

    def _tell_or_stop(self, done: int, total: int, what: str) -> None:
        if self._stop.is_set():
            raise SyncStoppedError("the update of the index was stopped: the next one goes on")
        if self._progress is not None:
            self._progress(done, total, what)

    def _sleep(self, seconds: float) -> None:
        """Wait for the wiki as long as nobody wants to stop."""
        if self._stop.wait(seconds):
            raise SyncStoppedError("the sync was stopped: the next one goes on")
