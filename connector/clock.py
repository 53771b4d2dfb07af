"""The wiki's own clock, which dates everything that it says, read without a request for it.

Every reply tells the wiki's time when asked to (`curtimestamp`), so a pass over a wiki that did not change
costs no request more for it.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

_BELIEVED_SECONDS: Final = 5.0


class WikiClock:
    """Tells the wiki's time by its newest reply, and never a time that the wiki has not reached yet.

    What is kept as "read until then" must not lie in the future: changes of those seconds would be missed.
    So nothing is added for the time that has passed since the reply (the wiki's clock may stand still
    meanwhile, when its machine is moved, or go slower than ours); it is asked again after some seconds.

    Args:
        monotonic: seconds that never go back, as `time.monotonic` gives them.
    """

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._told: tuple[str, float] | None = None

    def set(self, told: object) -> None:
        """Take the time of a reply that has just come; anything but a text is none."""
        if isinstance(told, str):
            self._told = told, self._monotonic()

    def now(self) -> datetime | None:
        """Return the time (UTC), some seconds early at most, or None when the wiki must be asked.

        Raises:
            ValueError: what the wiki told is no time.
        """
        if self._told is None:
            return None
        told, came = self._told
        return None if self._monotonic() - came > _BELIEVED_SECONDS else self.read(told)

    @staticmethod
    def read(text: str) -> datetime:
        """Read a timestamp of MediaWiki's (ISO 8601).

        Raises:
            ValueError: it is none.
        """
        return datetime.fromisoformat(text).astimezone(UTC)
