"""How Compagnon behaves towards a wiki: what it waits for, how long, and what it takes as final."""

import random
import time
from collections.abc import Callable

from connector.errors import WikiUnavailableError

# Seconds of replication lag at which a wiki may send us away (https://www.mediawiki.org/wiki/Manual:Maxlag_parameter).
MAXLAG_SECONDS = 5

# Errors that pass by themselves; the wiki has done nothing of what was asked.
PASSING_CODES = frozenset(
    {"maxlag", "ratelimited", "readonly", "timeouterror", "internal_api_error_DBReadOnlyError"}
)

_FIRST_WAIT_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 30.0
_GOOD_REPLIES_BEFORE_MORE = 8


def passes(code: str) -> bool:
    """Whether an error of the API goes away by itself."""
    return code in PASSING_CODES or code.startswith("internal_api_error_DB")


class Patience:
    """The waits of one piece of work: longer each time, and limited in total.

    The waits double and are spread at random ("full jitter" on their upper half), so that clients that were
    sent away together do not come back together. What the wiki asks for (Retry-After) is the least.
    """

    def __init__(
        self, *, limit_seconds: float, url: str, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._left = limit_seconds
        self._next = _FIRST_WAIT_SECONDS
        self._url = url
        self._sleep = sleep

    def wait(self, reason: str, *, at_least: float | None = None, longer_each_time: bool = True) -> None:
        """Wait before another try.

        Args:
            reason: what the wiki did, in plain words, to follow its address.
            at_least: seconds that the wiki asks for.
            longer_each_time: whether the next wait is longer; not where the next try is another one.

        Raises:
            WikiUnavailableError: the patience is at its end, or would be before the wait is over.
        """
        # Not a secret: it only spreads the load.
        seconds = max(self._next * random.uniform(0.5, 1.0), at_least or 0.0)  # noqa: S311
        if seconds > self._left:
            raise WikiUnavailableError(f"{self._url} {reason}: try again later", url=self._url)
        self._left -= seconds
        if longer_each_time:
            self._next = min(2 * self._next, _LONGEST_WAIT_SECONDS)
        self._sleep(seconds)


class Portion:
    """How much is asked for at once: halved when a reply comes broken, doubled again after some good ones.

    Args:
        largest: what the account may ask for.
    """

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._good = 0
        self.size = largest

    @property
    def whole(self) -> bool:
        """Whether it is as large as it may be."""
        return self.size == self._largest

    def halve(self, broken: int | None = None) -> None:
        """Take less from now on: half of what was `broken`, or of the portion."""
        self.size = max(1, min(self.size, broken or self.size) // 2)
        self._good = 0

    def praise(self) -> None:
        """Count a reply that came whole."""
        self._good += 1
        if self._good >= _GOOD_REPLIES_BEFORE_MORE and not self.whole:
            self.size = min(2 * self.size, self._largest)
            self._good = 0
