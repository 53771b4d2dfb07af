"""The wiki's own clock, which dates everything that it says, read without a request for it.

Every reply tells the wiki's time when asked to (`curtimestamp`). From there on our own monotonic clock
counts, for a minute: so a pass over a wiki that did not change costs no request more for the time.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

# NTP slews a clock by 500 millionths at most (RFC 5905, 11.3): two drift apart by a thousandth at most.
_SLOWEST: Final = 0.999
_BELIEVED_SECONDS: Final = 60.0


class WikiClock:
    """Tells the wiki's time from its newest reply, and never a time that the wiki has not reached yet.

    What is kept as "read until then" must not be in the future: changes of those seconds would be missed. So
    the time counts from when the reply had come (the wiki wrote its time before), a little slowly, in whole
    seconds as the wiki writes them, and not for long: a machine can sleep, and a clock can be set back.

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
        """Return the time (UTC), or None when the wiki must be asked.

        Raises:
            ValueError: what the wiki told is no time.
        """
        if self._told is None:
            return None
        told, came = self._told
        passed = self._monotonic() - came
        if passed > _BELIEVED_SECONDS:
            return None
        return (self.read(told) + timedelta(seconds=_SLOWEST * passed)).replace(microsecond=0)

    @staticmethod
    def read(text: str) -> datetime:
        """Read a timestamp of MediaWiki's (ISO 8601).

        Raises:
            ValueError: it is none.
        """
        return datetime.fromisoformat(text).astimezone(UTC)
