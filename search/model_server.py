"""One exchange with a server that runs a model: JSON there, JSON back, in time, and nowhere else.

What is said of a fault is ours: what the server answered may repeat the texts or the key that it was sent.
"""

import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError

from connector.errors import ConfigError, SearchError
from connector.timed_body import BodyFault, TimedBody, is_timeout

_LONGEST_REPLY_BYTES = 64 << 20
# Too many requests (RFC 6585), a proxy without its server, a model that is being loaded.
PASSING: Final = frozenset({429, 502, 503, 504})
"""Statuses that pass."""
_FIRST_WAIT_SECONDS: Final = 0.5
_LONGEST_WAIT_SECONDS: Final = 30.0
_REASONS: Final = {
    401: "refuses the key",
    403: "refuses the key",
    404: "answers 404: it has no such address, or no such model",
    413: "says that the texts are too long",
}


class ServerFault(Exception):  # noqa: N818 - an event on the line, never seen by users
    """An exchange that brought nothing."""

    def __init__(
        self, reason: str, *, passing: bool, retry_after: float | None = None, readable: bool = True
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        """What the server does, to follow its name: "answers 503"."""
        self.passing = passing
        """Whether trying again may help."""
        self.retry_after = retry_after
        """Seconds that the server asks to wait, if it does."""
        self.readable = readable
        """False when an answer came that is none."""


@dataclass(frozen=True, slots=True)
class ServerReply:
    """A whole answer."""

    status: int
    retry_after: float | None
    """Seconds that the server asks to wait, if it does."""
    body: bytes


def post_json(
    session: requests.Session,
    url: str,
    question: dict[str, Any],
    *,
    key: "BearerKey",
    connect_seconds: float,
    answer_seconds: float,
    deadline: float,
    longest_bytes: int,
) -> ServerReply:
    """Send a question and return the answer, whatever its status.

    Args:
        session: for one thread.
        url: where to.
        question: what to send.
        key: to send with it.
        connect_seconds: how long to wait for a connection.
        answer_seconds: how long an answer may take, as it is told.
        deadline: by `time.monotonic`, for the whole answer.
        longest_bytes: of an answer.

    Raises:
        ServerFault: there is none, or it did not come in time.
    """
    too_slow = f"does not answer within {answer_seconds:g} seconds"
    remaining = deadline - time.monotonic()
    if remaining <= 0:
        raise ServerFault(too_slow, passing=False)
    try:
        with session.post(
            url,
            data=json.dumps(question, ensure_ascii=False).encode("utf-8", "replace"),
            headers={"Content-Type": "application/json", "Accept": "application/json"},
            auth=key,
            timeout=(min(connect_seconds, remaining), remaining),
            stream=True,
            # A redirect would carry texts, and perhaps the key, to where nobody meant them to go.
            allow_redirects=False,
        ) as response:
            response.raw = TimedBody(response.raw, deadline=deadline, longest_bytes=longest_bytes)
            return ServerReply(
                response.status_code, _seconds(response.headers.get("Retry-After")), response.content
            )
    except BodyFault as e:
        if e.endless:
            raise ServerFault("sends an answer without end", passing=False, readable=False) from e
        raise ServerFault(too_slow, passing=False) from e
    except (requests.RequestException, HTTPError, OSError) as e:
        if is_timeout(e):
            raise ServerFault(too_slow, passing=False) from e
        # requests lets urllib3's complaint about a name that cannot be one through.
        raise ServerFault("cannot be reached", passing=True) from e


class ModelServer:
    """A server's address and key. Safe to share between threads."""

    def __init__(
        self,
        url: str,
        *,
        path: str,
        what: str,
        setting: str,
        api_key: str | None,
        connect_seconds: float,
        answer_seconds: float,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read the address; nothing is sent yet.

        Args:
            url: "http://localhost:11434", ".../v1", or all of it.
            path: what the address ends in: "/embeddings".
            what: who it is, in messages: "the embedding server".
            setting: where the address comes from, in messages.
            api_key: sent with each request, if there is one.
            connect_seconds: how long to wait for a connection.
            answer_seconds: how long to wait for a whole answer.
            sleep: how to wait between two tries.
            clock: seconds that only grow.

        Raises:
            ConfigError: it is no address, or it holds a password.
        """
        self.url = post_address(url, path=path, setting=setting)
        self._name = f"{what} at {urlsplit(self.url).netloc}"
        self._key = BearerKey(api_key)
        self._connect_seconds = connect_seconds
        self._answer_seconds = answer_seconds
        self._sleep = sleep
        self._clock = clock
        self._sessions = threading.local()

    def ask(self, question: dict[str, Any], *, patience_seconds: float) -> object:
        """Return the JSON of an answer; what passes is tried again, for so long.

        Raises:
            SearchError: there is none.
        """
        deadline = self._clock() + patience_seconds
        wait = _FIRST_WAIT_SECONDS
        while True:
            try:
                return self._exchange(question)
            except ServerFault as e:
                pause = max(wait, e.retry_after or 0.0)
                if not e.passing or self._clock() + pause >= deadline:
                    raise self.error(e.reason) from e
            self._sleep(pause)
            wait = min(2 * wait, _LONGEST_WAIT_SECONDS)

    def error(self, reason: str) -> SearchError:
        """Return the error that says what the server does."""
        return SearchError(f"{self._name} {reason}")

    def _exchange(self, question: dict[str, Any]) -> object:
        reply = post_json(
            self._session(),
            self.url,
            question,
            key=self._key,
            connect_seconds=self._connect_seconds,
            answer_seconds=self._answer_seconds,
            deadline=time.monotonic() + self._answer_seconds,
            longest_bytes=_LONGEST_REPLY_BYTES,
        )
        if reply.status != requests.codes.ok:
            raise ServerFault(
                _REASONS.get(reply.status, f"answers {reply.status}"),
                passing=reply.status in PASSING,
                retry_after=reply.retry_after,
            )
        try:
            return json.loads(reply.body)
        except (ValueError, RecursionError) as e:
            raise ServerFault("answers something else than JSON", passing=False) from e

    def _session(self) -> requests.Session:
        """Return this thread's session, which keeps its connection; two threads may not share one."""
        session: requests.Session | None = getattr(self._sessions, "session", None)
        if session is None:
            session = self._sessions.session = requests.Session()
        return session


class BearerKey(AuthBase):
    """The key of the settings, or none: without an `auth`, requests would take one from ~/.netrc."""

    def __init__(self, key: str | None) -> None:
        self._key = key

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the key to a request (what requests calls)."""
        if self._key:
            r.headers["Authorization"] = f"Bearer {self._key}"
        return r


def post_address(url: str, *, path: str, setting: str) -> str:
    """Return the address to post to: of "http://localhost:11434", ".../v1" or the whole.

    Raises:
        ConfigError: it is no address, or it holds a password.
    """
    try:
        parts = urlsplit(url.strip())
        parts.port  # noqa: B018 - raises when it is none
    except ValueError as e:
        raise ConfigError(f"{setting} cannot be read as an address") from e
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigError(f"{setting} looks like http://localhost:11434/v1")
    if parts.username is not None or parts.password is not None:
        raise ConfigError(f"{setting} must hold no password: the key is a setting of its own")
    place = parts.path.rstrip("/")
    if not place.endswith(path):
        place = f"{place or '/v1'}{path}"
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}{place}{query}"


def _seconds(retry_after: str | None) -> float | None:
    """Read a Retry-After: seconds, or a date (RFC 9110, 10.2.3)."""
    if retry_after is None:
        return None
    with suppress(ValueError):
        return max(0.0, float(retry_after))
    with suppress(ValueError, OverflowError):  # a year of twenty digits
        at = parsedate_to_datetime(retry_after)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return max(0.0, (at - datetime.now(UTC)).total_seconds())
    return None
