"""Which pages somebody may read: asked of the live wiki, for an account or nobody, and remembered a while."""

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import islice
from typing import Final

from connector.errors import ConfigError, ConnectorError, WikiLoginError

logger = logging.getLogger(__name__)

KEPT_SECONDS: Final = 60.0
"""How long a page that is hidden from the public may still be named."""
PAUSE_SECONDS: Final = 20.0
"""How long a wiki that did not answer is left alone: whoever asks it holds one of the server's threads."""
_MOST_KEPT = 20_000
# A list of all pages of a large wiki holds one of the server's threads no longer than this.
_LONGEST_SECONDS = 8.0
_AT_ONCE = 500
# How long who asks for other pages waits for who asks now.
_WAIT_SECONDS = 2.0


class WikiPause:
    """Leaves a wiki alone that did not answer, for all who share this. Safe to share between threads.

    When the pause is over one of them tries, and the others go on waiting until that one was answered.

    Args:
        monotonic: seconds that never go back.
    """

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._mutex = threading.Lock()
        self._until: float | None = None

    def may_ask(self) -> bool:
        """Whether the wiki can be asked now; who is told so says afterwards how it went."""
        with self._mutex:
            if self._until is None:
                return True
            now = self._monotonic()
            if now < self._until:
                return False
            self._until = now + PAUSE_SECONDS
            return True

    def tell(self, *, answered: bool) -> None:
        """Say whether the wiki answered."""
        with self._mutex:
            self._until = None if answered else self._monotonic() + PAUSE_SECONDS


class AskedPages:
    """Knows them. Safe to share between threads; the wiki is asked by one of them at a time.

    Args:
        ask: asks the wiki which of these pages may be read, with their titles.
        kept_seconds: how long an answer is good.
        pause: shared by those who ask the same wiki; its own when None.
        monotonic: seconds that never go back.
    """

    def __init__(
        self,
        ask: Callable[[Sequence[int]], Mapping[int, str]],
        *,
        kept_seconds: float = KEPT_SECONDS,
        pause: WikiPause | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._kept_seconds = kept_seconds
        self._pause = pause or WikiPause(monotonic=monotonic)
        self._monotonic = monotonic
        self._asking = threading.Lock()
        # Replaced as a whole: it is read without the lock.
        self._kept: Mapping[int, tuple[float, str | None]] = {}
        self._refused_until = float("-inf")

    def titles(self, pageids: Collection[int]) -> dict[int, str]:
        """Return the titles that those pages have now which may be read.

        None when the wiki does not answer: nothing is shown that it has not just said may be shown.
        """
        known = self._known(pageids)
        if len(known) < len(set(pageids)):
            return {}
        return {pageid: title for pageid, title in known.items() if title is not None}

    def among(self, pageids: Collection[int]) -> frozenset[int]:
        """Return those of the pages that may be read, as far as that can be known in seconds."""
        return frozenset(pageid for pageid, title in self._known(pageids).items() if title is not None)

    def _known(self, pageids: Collection[int]) -> dict[int, str | None]:
        known = self._remembered(pageids)
        if len(known) == len(set(pageids)) or not self._asking.acquire(timeout=_WAIT_SECONDS):
            return known
        try:
            known = self._remembered(pageids)  # most often somebody else has just asked for the same
            unknown = sorted(set(pageids) - known.keys())
            if unknown:
                known |= self._find_out(unknown)
        finally:
            self._asking.release()
        return known

    def _remembered(self, pageids: Collection[int]) -> dict[int, str | None]:
        now, all_kept = self._monotonic(), self._kept
        kept = {pageid: all_kept.get(pageid) for pageid in pageids}
        return {pageid: each[1] for pageid, each in kept.items() if each is not None and each[0] > now}

    def _find_out(self, pageids: Sequence[int]) -> dict[int, str | None]:
        """Ask the wiki, and remember what it says; nothing when it does not answer."""
        began = self._monotonic()
        if began < self._refused_until or not self._pause.may_ask():
            return {}
        found: dict[int, str | None] = {}
        try:
            for start in range(0, len(pageids), _AT_ONCE):
                if self._monotonic() - began > _LONGEST_SECONDS:
                    break  # the rest may not be read until somebody asks again, and goes on from here
                found |= self._ask_for(pageids[start : start + _AT_ONCE])
        except (WikiLoginError, ConfigError) as e:  # it answers, but not to this account
            self._pause.tell(answered=True)
            self._refused_until = self._monotonic() + PAUSE_SECONDS
            logger.warning("what may be read is not known: %s", e)
            return found
        except ConnectorError as e:
            self._pause.tell(answered=False)
            logger.warning("what may be read is not known: %s", e)
            return found
        self._pause.tell(answered=True)
        return found

    def _ask_for(self, pageids: Sequence[int]) -> dict[int, str | None]:
        """Ask the wiki for some pages, and remember what it says."""
        now = self._monotonic()
        readable = self._ask(pageids)
        found = {pageid: readable.get(pageid) for pageid in pageids}
        # An answer that took its time is as old as the question.
        until = now + self._kept_seconds
        kept = {pageid: each for pageid, each in self._kept.items() if each[0] > now}
        kept |= {pageid: (until, title) for pageid, title in found.items()}
        self._kept = dict(islice(kept.items(), max(0, len(kept) - _MOST_KEPT), None))
        return found
