"""Something that listens where the extension expects the service, and answers as a test tells it to.

with ScriptedService() as service:
    service.answers["/broken"] = Answer(body=b"<html>")
    ground.point_to(service.url + "/broken")   # the beginning of the path chooses the answer
    ...
    assert len(service.requests) == 1
"""

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True)
class Answer:
    """One answer; None as status closes the connection without one."""

    status: int | None = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    delay: float = 0.0
    """Seconds before it."""
    repeat: int = 1
    """How many times the body is sent."""
    end: bytes = b""
    """What follows it."""


def says(content: Any) -> Answer:
    """An answer in JSON."""
    return Answer(body=json.dumps(content).encode())


@dataclass(frozen=True)
class Received:
    """A request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class ScriptedService:
    """See the module. Where the path begins with none of `answers` it answers 404."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.requests: list[Received] = []
        script = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                script._answer(self)

            do_POST = do_GET  # noqa: N815 - the name that the server calls

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        self.requests.append(Received(handler.command, handler.path, dict(handler.headers.items()), body))
        chosen = [answer for start, answer in self.answers.items() if handler.path.startswith(f"{start}/")]
        answer = chosen[0] if chosen else Answer(status=404)
        time.sleep(answer.delay)
        if answer.status is None:
            handler.close_connection = True
            return
        handler.send_response(answer.status)
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        handler.send_header("Connection", "close")
        handler.end_headers()
        try:
            for _ in range(answer.repeat):
                handler.wfile.write(answer.body)
            handler.wfile.write(answer.end)
        except OSError:
            pass  # who asked has had enough
