"""The line to the wiki: its address, one HTTP exchange, and what can go wrong in it, in plain words.

Every fault of an exchange leaves here as a `ReplyFault`, which says whether trying again may help; addresses
with their parameters, texts of replies and library messages stay out of it, because they can hold secrets.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol, Self
from urllib.parse import urljoin, urlsplit

import requests

from connector.errors import WikiUnavailableError
from connector.timed_body import BodyFault, TimedBody

# 500 pages of 2 MiB would be 1 GiB; a wiki cuts its replies at 8 MiB ($wgAPIMaxResultSize) unless it is told
# otherwise.
_LONGEST_REPLY_BYTES = 128 << 20
# Answers of servers and proxies that pass (RFC 9110, 15.5 and 15.6; 429: RFC 6585).
_PASSING_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
# Of these, what a script says that ran out of memory or time; the others say "not now".
_BROKEN_STATUSES = frozenset({500, 502, 504})


class ReplyFault(Exception):  # noqa: N818 - an event in the connector, never seen by its users
    """An exchange that brought no usable reply; whether the wiki did what was asked is not known."""

    def __init__(
        self,
        reason: str,
        *,
        passing: bool,
        broken: bool = False,
        retry_after: float | None = None,
        unauthorized: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        """What the wiki did, in plain words, to follow its address: "answers 503"."""
        self.passing = passing
        """Whether trying again may help."""
        self.broken = broken
        """Whether asking for less may help: the wiki, or something on the way, broke under what was asked."""
        self.retry_after = retry_after
        """Seconds that the wiki asks to wait, if it does."""
        self.unauthorized = unauthorized
        """Whether the wiki does not take what was shown to say who asks."""


class Exchange(Protocol):
    """One request and its reply, without trying again."""

    def __call__(self, parameters: Mapping[str, Any], *, post: bool) -> tuple[dict[str, Any], float | None]:
        """Return the reply and the seconds that the wiki asks to wait (Retry-After).

        Raises:
            ReplyFault: there is no reply that is JSON.
        """


@dataclass(frozen=True, slots=True)
class ApiAddress:
    """The address of a wiki's api.php, in the parts that mwclient wants."""

    scheme: str
    host: str
    path: str
    """With both slashes: `/w/`."""

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read an address such as `https://wiki.example.org/w/api.php`; without a scheme it means https.

        Raises:
            WikiUnavailableError: it is no address of an api.php, or it holds a password.
        """
        try:
            given = url.strip()
            parts = urlsplit(given if "://" in given else f"https://{given}")
            port = parts.port
        except ValueError as e:
            raise WikiUnavailableError(
                "the wiki's address cannot be read: it looks like https://wiki.example.org/w/api.php"
            ) from e
        if parts.username is not None or parts.password is not None:
            raise WikiUnavailableError("the wiki's address must not hold a name or a password")
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise WikiUnavailableError(
                f"“{url}” is no address of a wiki: it looks like https://wiki.example.org/w/api.php", url=url
            )
        if not parts.path.endswith("/api.php"):
            raise WikiUnavailableError(
                f"“{url}” is no address of a wiki's API: it ends with /api.php, as the wiki's page "
                "Special:Version shows",
                url=url,
            )
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        return cls(parts.scheme, f"{host}:{port}" if port else host, parts.path.removesuffix("api.php"))

    @property
    def url(self) -> str:
        """The whole address."""
        return f"{self.scheme}://{self.host}{self.path}api.php"

    @property
    def exposed(self) -> bool:
        """Whether passwords and pages would cross a network unencrypted."""
        if self.scheme == "https":
            return False
        name = urlsplit(self.url).hostname or ""
        try:
            return not ipaddress.ip_address(name).is_loopback
        except ValueError:
            return name != "localhost" and not name.endswith(".localhost")


class BearerAuth(requests.auth.AuthBase):
    """Shows an OAuth 2 access token with each request (RFC 6750, 2.1)."""

    # As `auth`, and not among the headers: a .netrc of the machine would take the header's place.

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class WikiSession(requests.Session):
    """A session that goes to one host only, ends in time, and turns every fault into a `ReplyFault`."""

    def __init__(self, *, user_agent: str, timeout_seconds: float, body_seconds: float) -> None:
        super().__init__()
        self.headers["User-Agent"] = user_agent
        self._timeout_seconds = timeout_seconds
        self._body_seconds = body_seconds
        self.retry_after: float | None = None
        """What the newest reply asks to wait, in seconds."""
        self.answered_from = ""
        """The address that gave the newest reply, after redirects."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Follow a redirect within the host only, and never back to an unencrypted line."""
        target = super().get_redirect_target(resp)
        if target is None:
            return None
        here, there = urlsplit(resp.url), urlsplit(urljoin(resp.url, target))
        if here.hostname != there.hostname or (here.scheme, there.scheme) == ("https", "http"):
            raise ReplyFault(f"sends elsewhere, to {there.scheme}://{there.netloc}", passing=False)
        if resp.request.method == "POST" and resp.status_code not in {307, 308}:
            # What was posted would be lost on the way (RFC 9110, 15.4).
            raise ReplyFault(f"has moved to {there.scheme}://{there.netloc}{there.path}", passing=False)
        return target

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        """Send a request and return its complete reply, whose status is 200.

        Raises:
            ReplyFault: there is none.
        """
        self.retry_after = None
        deadline = time.monotonic() + self._body_seconds
        options |= {"timeout": self._timeout_seconds, "stream": True}
        try:
            response = super().request(method, url, *args, **options)
            response.raw = TimedBody(response.raw, deadline=deadline, longest_bytes=_LONGEST_REPLY_BYTES)
            response.content  # noqa: B018 - reads the body
        except BodyFault as e:
            if e.endless:
                raise ReplyFault("sends an answer without end", passing=False, broken=True) from e
            raise ReplyFault("sends its answer too slowly", passing=True, broken=True) from e
        except (requests.RequestException, OSError) as e:
            raise _explain(e, self._timeout_seconds) from e
        # A guess from the bytes is slow and can be wrong: JSON is UTF-8 (RFC 8259, 8.1).
        response.encoding = "utf-8"
        self.answered_from = response.url
        self.retry_after = _seconds(response.headers.get("Retry-After"), response.headers.get("Date"))
        # mwclient would take this one for itself, and stumble where Retry-After is missing.
        response.headers.pop("X-Database-Lag", None)
        if response.status_code != requests.codes.ok:
            raise ReplyFault(
                _say_status(response.status_code),
                passing=response.status_code in _PASSING_STATUSES,
                broken=response.status_code in _BROKEN_STATUSES,
                retry_after=self.retry_after,
                unauthorized=response.status_code == requests.codes.unauthorized,
            )
        return response


def _say_status(status: int) -> str:
    if status == requests.codes.not_found:
        return "answers 404: there is no api.php (the wiki's page Special:Version shows its address)"
    return f"answers {status}"


def _seconds(retry_after: str | None, date: str | None) -> float | None:
    """Read a Retry-After: seconds, or a date (RFC 9110, 10.2.3), which counts from the server's own clock."""
    if retry_after is None:
        return None
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(retry_after)
        told = parsedate_to_datetime(date) if date is not None else datetime.now(UTC)
        return max(0.0, (until - told).total_seconds())
    except (ValueError, TypeError):  # no date, or one with a zone and one without
        return None


def _explain(error: BaseException, timeout_seconds: float) -> ReplyFault:
    """Say in plain words what a library's exception means, and whether it may pass."""
    if isinstance(error, requests.exceptions.Timeout):
        met = not isinstance(error, requests.exceptions.ConnectTimeout)
        return ReplyFault(f"does not answer within {timeout_seconds:g} seconds", passing=True, broken=met)
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return ReplyFault("shows a certificate that is not trusted", passing=False)
    if isinstance(error, requests.exceptions.SSLError):
        return ReplyFault(
            "does not speak TLS as it should (perhaps its address begins with http://)", passing=False
        )
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return ReplyFault("has a name that is not known on this network", passing=True)
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return ReplyFault("refuses the connection", passing=True)
    if isinstance(error, requests.exceptions.TooManyRedirects):
        return ReplyFault("sends in circles", passing=False)
    if isinstance(error, requests.exceptions.InvalidURL):
        return ReplyFault("has an address that cannot be used", passing=False)
    return ReplyFault("breaks the connection", passing=True, broken=True)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and all that led to it; urllib3 and requests keep theirs in different places."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        found = waiting.pop()
        if isinstance(found, BaseException) and id(found) not in seen:
            seen.add(id(found))
            yield found
            waiting += [found.__cause__, found.__context__, getattr(found, "reason", None), *found.args]
