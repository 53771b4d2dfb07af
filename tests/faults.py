"""The ways in which a wiki, or what stands before it, misbehaves; for `FaultProxy.inject`.

The API's errors look like MediaWiki 1.39's own: `test_tests_faultproxy.py` compares them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.faultproxy import Exchange, Headers, Reply, Request

_HTML = (
    "<!DOCTYPE html><html><head><title>Connexion au réseau</title></head>"
    "<body><form action='/portail'>Acceptez les conditions pour continuer.</form></body></html>"
)


@dataclass(frozen=True)
class HttpError:
    """The server, or a proxy before it, refuses without asking the wiki: 429, 503, 502 ...

    Args:
        status: the HTTP status.
        retry_after: the value of a Retry-After header, seconds or an HTTP date; None for no header.
    """

    status: int
    retry_after: int | str | None = None

    def play(self, exchange: Exchange) -> None:
        extra = () if self.retry_after is None else (("Retry-After", str(self.retry_after)),)
        exchange.send(_make_reply(self.status, "text/html", "<h1>Service indisponible</h1>", extra=extra))


@dataclass(frozen=True)
class ApiError:
    """api.php answers 200 with an error, and does nothing. See `maxlag`, `ratelimited`, `readonly`."""

    code: str
    info: str
    details: Mapping[str, Any] = field(default_factory=dict)
    headers: Headers = ()

    def play(self, exchange: Exchange) -> None:
        modern = exchange.request.parameters.get("formatversion") in ("2", "latest")
        help_text = {"docref" if modern else "*": "See api.php for API usage."}
        error = {"code": self.code, "info": self.info, **self.details, **help_text}
        headers = (*self.headers, ("MediaWiki-API-Error", self.code))
        exchange.send(_make_reply(200, "application/json", json.dumps({"error": error}), extra=headers))


def maxlag(*, lag: int = 7, retry_after: int = 5) -> ApiError:
    """The wiki's database is behind, and the client said it would rather wait (parameter `maxlag`)."""
    return ApiError(
        "maxlag",
        f"Waiting for a database server: {lag} seconds lagged.",
        {"host": "", "lag": lag, "type": "db"},
        (("Retry-After", str(retry_after)), ("X-Database-Lag", str(lag))),
    )


def ratelimited() -> ApiError:
    """Too many edits in a minute; MediaWiki does not say how long to wait."""
    return ApiError("ratelimited", "As an anti-abuse measure, you are limited from performing this action.")


def readonly(*, reason: str = "Sauvegarde en cours") -> ApiError:
    """The wiki accepts no writing for now."""
    return ApiError("readonly", "The wiki is currently in read-only mode.", {"readonlyreason": reason})


@dataclass(frozen=True)
class TruncatedJson:
    """The reply arrives whole for HTTP, but its JSON stops in the middle.

    Args:
        keep: the part of the body that is kept, from 0 to 1.
    """

    keep: float = 0.5

    def play(self, exchange: Exchange) -> None:
        reply = exchange.forward()
        body = reply.decoded_body()
        exchange.send(reply.with_body(body[: int(len(body) * self.keep)]))


@dataclass(frozen=True)
class HtmlPage:
    """A page of HTML with status 200 instead of the wiki's answer: a captive portal, a login page."""

    html: str = _HTML

    def play(self, exchange: Exchange) -> None:
        exchange.send(_make_reply(200, "text/html", self.html))


@dataclass(frozen=True)
class EmptyBody:
    """Nothing at all, with status 200."""

    def play(self, exchange: Exchange) -> None:
        exchange.send(_make_reply(200, "application/json", ""))


@dataclass(frozen=True)
class SlowDrip:
    """The wiki's answer, drop by drop."""

    bytes_per_second: float

    def play(self, exchange: Exchange) -> None:
        exchange.send(exchange.forward(), bytes_per_second=self.bytes_per_second)


@dataclass(frozen=True)
class DropBeforeForward:
    """The connection closes before the wiki has seen the request: nothing was done."""

    def play(self, exchange: Exchange) -> None:
        exchange.drop()


@dataclass(frozen=True)
class CommitThenDrop:
    """The wiki does what it was asked, then the connection closes without its answer."""

    def play(self, exchange: Exchange) -> None:
        exchange.forward()
        exchange.drop()


@dataclass(frozen=True)
class WithoutRevisions:
    """Pages come without their revisions, as in a reply past $wgAPIMaxResultSize; `continue` says so.

    As in such a reply, the first of these pages has an empty `revisions`, the others have none at all.
    Following that `continue` gives the rest, since it is the one that MediaWiki gives. With `times=None` and
    `keep=0` it never gives anything: one page that is larger than the limit by itself.

    Args:
        keep: how many pages keep their revisions, in the order of their ids.
    """

    keep: int = 0

    def play(self, exchange: Exchange) -> None:
        reply = exchange.forward()
        content = json.loads(reply.decoded_body())
        pages = content.get("query", {}).get("pages", [])
        full = [
            page for page in (pages.values() if isinstance(pages, dict) else pages) if "revisions" in page
        ]
        dropped = sorted(full, key=lambda page: int(page["pageid"]))[self.keep :]
        if dropped:
            first = dropped[0]
            position = f"{first['pageid']}|{first['revisions'][0].get('revid', 0)}"
            content["continue"] = {"rvcontinue": position, **_continue_same_batch(exchange.request)}
            content.pop("batchcomplete", None)
            first["revisions"] = []
        for page in dropped[1:]:
            del page["revisions"]
        exchange.send(reply.with_body(json.dumps(content).encode()))


@dataclass(frozen=True)
class StuckContinue:
    """From its second reply on, a list hands back the `continue` that it was given: it never ends."""

    def play(self, exchange: Exchange) -> None:
        reply = exchange.forward()
        content = json.loads(reply.decoded_body())
        given = _find_continue(exchange.request)
        if given:
            content["continue"] = given
            content.pop("batchcomplete", None)
        exchange.send(reply.with_body(json.dumps(content).encode()))


@dataclass(frozen=True)
class SessionLost:
    """The wiki forgets the client's session, from this request on: it answers as to anybody.

    The cookies that the client presents with this request are worth nothing from here on. It can log in
    again: the cookies that it gets then are good.
    """

    def play(self, exchange: Exchange) -> None:
        exchange.lose_session()
        exchange.send(exchange.forward())


def _find_continue(request: Request) -> dict[str, str]:
    """What of a `continue` a request hands back: `continue` itself and `gapcontinue`, `rvcontinue` ..."""
    return {name: value for name, value in request.parameters.items() if name.endswith("continue")}


def _continue_same_batch(request: Request) -> dict[str, str]:
    """The rest of the `continue` of an unfinished batch: where its generator stands, and what is done."""
    given = _find_continue(request)
    generator = given.get("continue", "").partition("||")[0]
    done = [name for name in request.parameters.get("prop", "").split("|") if name != "revisions"]
    kept = {name: value for name, value in given.items() if name in generator.split("|")}
    return {**kept, "continue": f"{generator}||{'|'.join(filter(None, done))}"}


def _make_reply(status: int, content_type: str, body: str, *, extra: Headers = ()) -> Reply:
    headers = (("Content-Type", f"{content_type}; charset=utf-8"), *extra)
    return Reply(status, headers, b"").with_body(body.encode())
