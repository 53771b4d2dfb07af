"""A small server with OpenAI's `/v1/embeddings` on this machine, and the faults that such servers have."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.builders import HashingEmbedder

Answer = tuple[int, dict[str, str], bytes]
"""Status, headers, body. A body that is shorter than its Content-Length is cut there."""
Fault = Callable[[dict[str, Any]], Answer]
"""Makes an answer from the JSON that was posted."""


@dataclass
class EmbeddingServer:
    """What it was asked, and what it does next."""

    port: int = 0
    faults: list[Fault | None] = field(default_factory=list)
    """The next answers, in order; None, and when there are none left: as it should."""
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    connections: int = 0
    drip_seconds: float = 0.0
    """How long an answer that is cut goes on with a space now and then."""
    model: HashingEmbedder = field(default_factory=HashingEmbedder)

    @property
    def url(self) -> str:
        """For `search.embedding_url`."""
        return f"http://127.0.0.1:{self.port}/v1"

    def vectors(self, question: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the `data` of a right answer; vectors are not of length 1."""
        rows = self.model.embed_passages(question["input"])
        return [
            {"object": "embedding", "index": place, "embedding": [round(3 * float(x), 7) for x in row]}
            for place, row in enumerate(rows)
        ]

    def answer(self, question: dict[str, Any]) -> Answer:
        """Return a right answer."""
        return as_json({"object": "list", "data": self.vectors(question), "model": question["model"]})


def as_json(content: object, *, status: int = 200, **headers: str) -> Answer:
    """Return an answer of JSON; NaN is written as Python and many servers write it."""
    return status, {"Content-Type": "application/json", **headers}, json.dumps(content).encode()


@contextmanager
def run_embedding_server() -> Iterator[EmbeddingServer]:
    """Run a server until the end of the block."""
    state = EmbeddingServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            state.connections += 1

        def do_POST(self) -> None:
            question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.asked.append(question)
            state.headers.append(dict(self.headers.items()))
            state.paths.append(self.path)
            fault = state.faults.pop(0) if state.faults else None
            status, headers, body = (fault or state.answer)(question)
            if status == 0:  # hang up without a word
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            if int(headers.get("Content-Length", len(body))) != len(body):
                self.drip(time.monotonic() + state.drip_seconds)
                self.close_connection = True

        def drip(self, end: float) -> None:
            with suppress(ConnectionError):  # nobody listens any more
                while time.monotonic() < end:
                    self.wfile.write(b" ")
                    self.wfile.flush()
                    time.sleep(0.02)

        def log_message(self, *arguments: object) -> None:
            """Be silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
