"""One exchange with a server that runs a model: JSON there, JSON back, in time, and nowhere else.

What is said of a fault is ours: what the server answered may repeat the texts or the key that it was sent.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from connector.errors import ConfigError, SearchError

_CHUNK_BYTES = 1 << 16
_LONGEST_REPLY_BYTES = 64 << 20
# Answers that pass: too many requests (RFC 6585), a proxy without its server, a model that is being loaded.
_PASSING: Final = frozenset({429, 502, 503, 504})
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

    def __init__(self, reason: str, *, passing: bool, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        """What the server does, to follow its name: "answers 503"."""
        self.passing = passing
        """Whether trying again may help."""
        self.retry_after = retry_after
        """Seconds that the server asks to wait, if it does."""


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
        self.url = _address(url, path=path, setting=setting)
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
        body = json.dumps(question, ensure_ascii=False).encode("utf-8", "replace")
        deadline = self._clock() + patience_seconds
        wait = _FIRST_WAIT_SECONDS
        while True:
            try:
                return self._exchange(body)
            except ServerFault as e:
                pause = max(wait, e.retry_after or 0.0)
                if not e.passing or self._clock() + pause >= deadline:
                    raise self.error(e.reason) from e
            self._sleep(pause)
            wait = min(2 * wait, _LONGEST_WAIT_SECONDS)

    def error(self, reason: str) -> SearchError:
        """Return the error that says what the server does."""
        return SearchError(f"{self._name} {reason}")

    def _exchange(self, body: bytes) -> object:
        try:
            with self._session().post(
                self.url,
                data=body,
                headers={"Content-Type": "application/json", "Accept": "application/json"},
                auth=self._key,
                timeout=(self._connect_seconds, self._answer_seconds),
                stream=True,
                # A redirect would carry texts, and perhaps the key, to where nobody meant them to go.
                allow_redirects=False,
            ) as response:
                response.raw = _TimedBody(response.raw, seconds=self._answer_seconds)
                content, status = response.content, response.status_code
        except requests.exceptions.Timeout as e:
            raise self._too_slow() from e
        except (requests.RequestException, OSError) as e:
            raise ServerFault("cannot be reached", passing=True) from e
        if status != requests.codes.ok:
            raise ServerFault(
                _REASONS.get(status, f"answers {status}"),
                passing=status in _PASSING,
                retry_after=_seconds(response.headers.get("Retry-After")),
            )
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as e:
            raise ServerFault("answers something else than JSON", passing=False) from e

    def _session(self) -> requests.Session:
        """Return this thread's session, which keeps its connection; two threads may not share one."""
        session: requests.Session | None = getattr(self._sessions, "session", None)
        if session is None:
            session = self._sessions.session = requests.Session()
        return session

    def _too_slow(self) -> ServerFault:
        return ServerFault(f"does not answer within {self._answer_seconds:g} seconds", passing=False)


class _TimedBody:
    """The body of an answer, which must be complete in time, and end.

    A timeout of requests limits the silence between two bytes and not the whole.
    """

    def __init__(self, body: Any, *, seconds: float) -> None:
        self._body = body
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds

    def __getattr__(self, name: str) -> Any:
        return getattr(self._body, name)

    def stream(self, _size: int, decode_content: bool | None = None) -> Iterator[bytes]:
        """Yield what comes as it comes (what `requests.Response.iter_content` calls)."""
        length = 0
        while chunk := self._body.read1(_CHUNK_BYTES, decode_content=decode_content):
            length += len(chunk)
            if length > _LONGEST_REPLY_BYTES:
                raise ServerFault("sends an answer without end", passing=False)
            yield chunk
            if time.monotonic() > self._deadline:
                raise ServerFault(f"does not answer within {self._seconds:g} seconds", passing=False)


class BearerKey(AuthBase):
    """The key of the settings, or none: without an `auth`, requests would take one from ~/.netrc."""

    def __init__(self, key: str | None) -> None:
        self._key = key

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the key to a request (what requests calls)."""
        if self._key:
            r.headers["Authorization"] = f"Bearer {self._key}"
        return r


def _address(url: str, *, path: str, setting: str) -> str:
    """Return the address to post to."""
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
    with suppress(ValueError):
        at = parsedate_to_datetime(retry_after)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return max(0.0, (at - datetime.now(UTC)).total_seconds())
    return None
