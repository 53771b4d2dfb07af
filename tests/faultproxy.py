"""An HTTP proxy before the wiki that misbehaves as the test tells it to; the faults are in `faults.py`.

    with FaultProxy(wiki.server_url) as proxy:
        proxy.inject(action_is("edit"), CommitThenDrop())          # the next edit is saved, its reply is lost
        proxy.inject(action_is("query"), HttpError(503), times=None)   # every query, until the end
        Client(proxy.url)...
        assert len(proxy.requests_of("edit")) == 2

What no fault concerns passes unchanged: status, headers, cookies, compressed bodies. Addresses within
replies stay those of the wiki. The log has every request, with its parameters from the query and the body
(`proxy.requests`), its times, and the fault that it met (`proxy.exchanges`).
"""

import contextlib
import email.parser
import email.policy
import gzip
import http.client
import socket
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol, Self
from urllib.parse import parse_qsl, urlsplit

# They concern one connection, not the message (RFC 9110, 7.6.1).
_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade"}
)
_FORWARD_PATIENCE = 120.0  # seconds
_DRIP_INTERVAL = 0.05  # seconds between two pieces of a slow reply

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Request:
    """One request as the client sent it."""

    method: str
    path: str  # without its query
    parameters: dict[str, str]  # of the query and of the body, decoded
    headers: Headers
    target: str  # path and query, as they were sent
    body: bytes = field(repr=False)

    def header(self, name: str) -> str:
        """The value of a header, "" when it is absent."""
        return _find_header(self.headers, name)


@dataclass(frozen=True)
class Reply:
    """One reply, of the wiki or made up."""

    status: int
    headers: Headers
    body: bytes = field(repr=False)

    def header(self, name: str) -> str:
        """The value of a header, "" when it is absent."""
        return _find_header(self.headers, name)

    def decoded_body(self) -> bytes:
        """The body without its compression."""
        return gzip.decompress(self.body) if self.header("Content-Encoding") == "gzip" else self.body

    def with_body(self, body: bytes) -> Self:
        """The same reply with another, uncompressed, body and the length that goes with it."""
        changed = ("content-length", "content-encoding")
        headers = tuple((name, value) for name, value in self.headers if name.lower() not in changed)
        return replace(self, headers=(*headers, ("Content-Length", str(len(body)))), body=body)


class Fault(Protocol):
    """A way to misbehave. It answers the exchange, or drops it: exactly one of the two."""

    def play(self, exchange: "Exchange") -> None:
        """Deal with one exchange; called in a thread of its own, perhaps several at the same time."""
        ...


class Exchange:
    """A request, what came of it, and what a fault may do with it. Times are those of `time.monotonic`."""

    def __init__(self, proxy: "FaultProxy", request: Request, handler: BaseHTTPRequestHandler) -> None:
        self.request = request
        self.started = time.monotonic()
        self.finished: float | None = None
        self.fault: Fault | None = None
        self.status: int | None = None  # what the client was sent; None when it was dropped
        self.forwarded = False  # whether the wiki saw it
        self.landed = False  # whether the client has all that it will get, or as good as
        self._proxy = proxy
        self._handler = handler

    def forward(self) -> Reply:
        """Pass the request on to the wiki and return its reply.

        Raises:
            OSError or http.client.HTTPException: the wiki does not answer.
        """
        self.forwarded = True
        return self._proxy.forward(self.request)

    def send(self, reply: Reply, *, bytes_per_second: float | None = None) -> None:
        """Send a reply to the client, its body slowly if a speed is given."""
        self.status = reply.status
        if not reply.body or self.request.method == "HEAD":
            self._proxy.land(self)
        # One reply a connection, as PHP's server does: a dropped connection concerns one request only.
        self._handler.close_connection = True
        self._handler.send_response_only(reply.status)
        for name, value in (*reply.headers, ("Connection", "close")):
            self._handler.send_header(name, value)
        self._handler.end_headers()
        if self.request.method == "HEAD":
            return
        size = len(reply.body)
        if bytes_per_second is not None:
            size = max(1, int(bytes_per_second * _DRIP_INTERVAL))
        for start in range(0, len(reply.body), max(1, size)):
            if start + size >= len(reply.body):
                self._proxy.land(self)  # with the last byte the client may ask again
            self._handler.wfile.write(reply.body[start : start + size])
            if bytes_per_second is not None and self._proxy.stopping.wait(size / bytes_per_second):
                self.drop()
                return

    def drop(self) -> None:
        """Close the connection without another word."""
        self._proxy.land(self)
        self._handler.close_connection = True
        with contextlib.suppress(OSError):  # the client may have left first
            self._handler.connection.shutdown(socket.SHUT_RDWR)

    def lose_session(self) -> None:
        """Make the wiki forget this request's cookies, here and in all that follow; new ones are good."""
        self._proxy.forget_cookies(_split_cookies(self.request.header("Cookie")))


class Injection:
    """A fault in wait. `used` says how many requests met it."""

    def __init__(self, match: Callable[[Request], bool], fault: Fault, times: int | None) -> None:
        self.match = match
        self.fault = fault
        self.times = times
        self.used = 0

    def remove(self) -> None:
        """No request meets it any more."""
        self.times = self.used


class FaultProxy:
    """A proxy on a free port of 127.0.0.1, started at once; a context manager, or `stop` it.

    Args:
        target_url: the root of the site, such as `LocalWiki.server_url`, without a path.
    """

    def __init__(self, target_url: str) -> None:
        target = urlsplit(target_url)
        self._target = (target.hostname or "", target.port or 80)
        self._injections: list[Injection] = []
        self._lost_cookies: set[str] = set()
        self._exchanges: list[Exchange] = []
        self._in_flight = 0
        self._lock = threading.Lock()
        self._broken: list[BaseException] = []
        self.max_in_flight = 0
        self.stopping = threading.Event()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.daemon = True
        self._thread.start()

    @property
    def server_url(self) -> str:
        """The root of the site, through the proxy."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        """The address of api.php, through the proxy."""
        return f"{self.server_url}/api.php"

    @property
    def exchanges(self) -> list[Exchange]:
        """Every request so far, in the order of arrival, with what came of it."""
        with self._lock:
            return list(self._exchanges)

    @property
    def requests(self) -> list[Request]:
        """Every request so far, in the order of arrival."""
        return [exchange.request for exchange in self.exchanges]

    def requests_of(self, action: str) -> list[Request]:
        """The requests for one action of api.php."""
        return [request for request in self.requests if request.parameters.get("action") == action]

    def clear_log(self) -> None:
        """Forget the requests so far, and the most that were in flight."""
        with self._lock:
            self._exchanges.clear()
            self.max_in_flight = self._in_flight

    def inject(self, match: Callable[[Request], bool], fault: Fault, *, times: int | None = 1) -> Injection:
        """Let the next `times` requests (None: all) that `match` meet the fault.

        The injection that came first is asked first; one request meets one fault.
        """
        injection = Injection(match, fault, times)
        with self._lock:
            self._injections.append(injection)
        return injection

    def stop(self) -> None:
        """Stop. What is in flight is dropped.

        Raises:
            RuntimeError: a fault, or a `match`, raised an exception: the test's own mistake.
        """
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        if self._broken:
            raise RuntimeError("a fault is broken") from self._broken[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def handle(self, request: Request, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request; called by the server, in the request's thread."""
        exchange = Exchange(self, request, handler)
        with self._lock:
            self._exchanges.append(exchange)
            self._in_flight += 1
            self.max_in_flight = max(self.max_in_flight, self._in_flight)
        try:
            exchange.fault = self._find_fault(request)
            if exchange.fault is None:
                exchange.send(exchange.forward())
            else:
                exchange.fault.play(exchange)
        except (OSError, http.client.HTTPException):
            exchange.drop()  # the wiki or the client is gone: the other sees a closed connection
        except Exception as error:
            self._broken.append(error)  # for `stop` to raise
            exchange.drop()
            raise
        finally:
            self.land(exchange)
            exchange.finished = time.monotonic()

    def land(self, exchange: Exchange) -> None:
        """Count an exchange as in flight no more."""
        with self._lock:
            if not exchange.landed:
                exchange.landed = True
                self._in_flight -= 1

    def forward(self, request: Request) -> Reply:
        """The wiki's reply to a request, without the cookies that it has forgotten."""
        changed = _HOP_BY_HOP | {"host", "cookie"}
        headers = {name: value for name, value in request.headers if name.lower() not in changed}
        headers["Host"] = f"{self._target[0]}:{self._target[1]}"
        cookies = _split_cookies(request.header("Cookie"))
        if known := [cookie for cookie in cookies if cookie not in self._lost_cookies]:
            headers["Cookie"] = "; ".join(known)
        connection = http.client.HTTPConnection(*self._target, timeout=_FORWARD_PATIENCE)
        with contextlib.closing(connection):
            connection.request(request.method, request.target, body=request.body or None, headers=headers)
            response = connection.getresponse()
            body = response.read()
            self._know_again(response.headers.get_all("Set-Cookie", []))
            kept_headers = [pair for pair in response.getheaders() if pair[0].lower() not in _HOP_BY_HOP]
        if request.method != "HEAD" and not response.getheader("Content-Length"):
            kept_headers.append(("Content-Length", str(len(body))))
        return Reply(response.status, tuple(kept_headers), body)

    def forget_cookies(self, cookies: Collection[str]) -> None:
        """Withhold these cookies ("name=value") from the wiki from now on."""
        with self._lock:
            self._lost_cookies |= set(cookies)

    def _know_again(self, set_cookies: list[str]) -> None:
        """A cookie that the wiki sets again (after a new login, the user's name) is good again."""
        with self._lock:
            self._lost_cookies -= {cookie.partition(";")[0].strip() for cookie in set_cookies}

    def _find_fault(self, request: Request) -> Fault | None:
        with self._lock:
            for injection in self._injections:
                left = injection.times is None or injection.used < injection.times
                if left and injection.match(request):
                    injection.used += 1
                    return injection.fault
        return None


def action_is(action: str, **parameters: str) -> Callable[[Request], bool]:
    """A `match` for the requests of one action of api.php that have these parameters too."""
    wanted = {"action": action, **parameters}
    return lambda request: wanted.items() <= request.parameters.items()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, proxy: FaultProxy) -> None:
        self.proxy = proxy
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        assert isinstance(self.server, _Server)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        url = urlsplit(self.path)
        parameters = dict(parse_qsl(url.query, keep_blank_values=True))
        parameters |= _parse_body(self.headers.get("Content-Type", ""), body)
        headers = tuple(self.headers.items())
        request = Request(self.command, url.path, parameters, headers, self.path, body)
        self.server.proxy.handle(request, self)

    do_HEAD = do_POST = do_PUT = do_GET  # noqa: N815 - the names that http.server looks for

    def log_message(self, *_: object) -> None:
        """Nothing on the test's error output: the proxy has its own log."""


def _parse_body(content_type: str, body: bytes) -> dict[str, str]:
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    if kind != "multipart/form-data":
        return {}
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
    parameters = {}
    for part in message.iter_parts():
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            parameters[str(part.get_param("name", header="content-disposition"))] = content.decode()
    return parameters


def _split_cookies(header: str) -> list[str]:
    return [cookie.strip() for cookie in header.split(";") if cookie.strip()]


def _find_header(headers: Headers, name: str) -> str:
    return next((value for key, value in headers if key.lower() == name.lower()), "")
