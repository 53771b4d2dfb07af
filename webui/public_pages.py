"""Which pages anybody may read: asked of the live wiki without an account, and remembered for a minute."""

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import islice
from typing import Final

from connector.errors import ConfigError, ConnectorError

logger = logging.getLogger(__name__)

KEPT_SECONDS: Final = 60.0
"""How long a page that is hidden from the public may still be named."""
PAUSE_SECONDS: Final = 20.0
"""How long a wiki that did not answer is left alone: whoever asks it holds one of the server's threads."""
_MOST_KEPT = 20_000
# How long who asks for other pages waits for who asks now.
_WAIT_SECONDS = 2.0


class PublicPages:
    """Knows them. Safe to share between threads.

    Args:
        ask: asks the wiki, as nobody, which of these pages may be read, with their titles.
        monotonic: seconds that never go back.
    """

    def __init__(
        self,
        ask: Callable[[Sequence[int]], Mapping[int, str]],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._monotonic = monotonic
        self._asking = threading.Lock()
        # Replaced as a whole: it is read without the lock.
        self._kept: Mapping[int, tuple[float, str | None]] = {}
        self._paused_until = float("-inf")

    def titles(self, pageids: Collection[int]) -> dict[int, str]:
        """Return the titles that those pages have now which anybody may read.

        None when the wiki does not answer: nothing is shown that it has not just said may be shown.
        """
        known = self._remembered(pageids)
        if len(known) < len(set(pageids)):
            if not self._asking.acquire(timeout=_WAIT_SECONDS):
                return {}
            try:
                known = self._remembered(pageids)  # most often somebody else has just asked for the same
                unknown = sorted(set(pageids) - known.keys())
                if unknown:
                    known |= self._find_out(unknown)
            finally:
                self._asking.release()
            if len(known) < len(set(pageids)):
                return {}
        return {pageid: title for pageid, title in known.items() if title is not None}

    def _remembered(self, pageids: Collection[int]) -> dict[int, str | None]:
        now = self._monotonic()
        kept = {pageid: self._kept.get(pageid) for pageid in pageids}
        return {pageid: each[1] for pageid, each in kept.items() if each is not None and each[0] > now}

    def _find_out(self, pageids: Sequence[int]) -> dict[int, str | None]:
        """Ask the wiki, and remember what it says; nothing when it does not answer."""
        now = self._monotonic()
        if now < self._paused_until:
            return {}
        try:
            readable = self._ask(pageids)
        except (ConnectorError, ConfigError) as e:
            self._paused_until = self._monotonic() + PAUSE_SECONDS
            logger.warning("what the public may read is not known: %s", e)
            return {}
        found = {pageid: readable.get(pageid) for pageid in pageids}
        # An answer that took its time is as old as the question.
        until = now + KEPT_SECONDS
        kept = {pageid: each for pageid, each in self._kept.items() if each[0] > now}
        kept |= {pageid: (until, title) for pageid, title in found.items()}
        self._kept = dict(islice(kept.items(), max(0, len(kept) - _MOST_KEPT), None))
        return found
