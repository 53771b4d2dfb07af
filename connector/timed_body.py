"""The body of an answer that must end, and in time: a slow drip must not hold who asked for ever.

A timeout of requests limits the silence between two bytes and not the whole.
"""

import time
from collections.abc import Iterator
from typing import Any

import requests
from urllib3.exceptions import ReadTimeoutError

_CHUNK_BYTES = 1 << 16


class BodyFault(Exception):  # noqa: N818 - an event on the line, never seen by users
    """A body that did not end."""

    def __init__(self, *, endless: bool) -> None:
        super().__init__("longer than it may be" if endless else "not complete in time")
        self.endless = endless
        """Whether it was too long; else it was too slow."""


class TimedBody:
    """Takes the place of `requests.Response.raw`, from which requests reads the body."""

    def __init__(self, body: Any, *, deadline: float, longest_bytes: int) -> None:
        """Take the bounds.

        Args:
            body: `response.raw`.
            deadline: by `time.monotonic`.
            longest_bytes: unpacked: compressed, a body without end costs its sender nothing.
        """
        self._body = body
        self._deadline = deadline
        self._longest_bytes = longest_bytes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._body, name)

    def stream(self, _size: int, decode_content: bool | None = None) -> Iterator[bytes]:
        """Yield what comes as it comes (what `requests.Response.iter_content` calls).

        Raises:
            BodyFault: it is too long, or takes too long.
        """
        length = 0
        while chunk := self._body.read1(_CHUNK_BYTES, decode_content=decode_content):
            length += len(chunk)
            if length > self._longest_bytes:
                raise BodyFault(endless=True)
            yield chunk
            if time.monotonic() > self._deadline:
                raise BodyFault(endless=False)


def is_timeout(error: BaseException) -> bool:
    """Whether nothing came in time: requests tells a silence within a body as a broken connection."""
    return isinstance(error, requests.exceptions.Timeout) or any(
        isinstance(cause, ReadTimeoutError) for cause in error.args
    )
