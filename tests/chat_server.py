"""A server of chat completions on this machine that answers as it is told: for the faults of a real one."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Scripted:
    """One reply."""

    body: bytes
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    drip_seconds: float = 0.0
    """Pause between two bytes of the body."""
    cut: bool = False
    """Whether the connection ends before the body that was announced."""


Reply = Scripted | Callable[[Mapping[str, Any]], Scripted]


def says(content: object, *, finish_reason: str = "stop") -> Scripted:
    """A chat completion with this text; what is no text is said as JSON."""
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    return completion({"role": "assistant", "content": text}, finish_reason=finish_reason)


def completion(message: object, *, finish_reason: str = "stop") -> Scripted:
    """A chat completion with this message."""
    choice = {"index": 0, "message": message, "finish_reason": finish_reason}
    return Scripted(body=json.dumps({"object": "chat.completion", "choices": [choice]}).encode())


def refuses(status: int, message: str = "", **headers: str) -> Scripted:
    """An error as OpenAI words it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Scripted(body=json.dumps({"error": {"message": message}}).encode(), status=status, headers=named)


class ChatServer:
    """Gives its replies in order, the last one for ever, and keeps what it was asked."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.replies: Sequence[Reply] = [says("…")]
        self.questions: list[dict[str, Any]] = []
        self.headers: list[Mapping[str, str]] = []
        self.paths: list[str] = []

    def reply(self, *replies: Reply) -> None:
        """Forget what was asked, and answer so from now on: as told, or as each question has it."""
        self.replies = replies
        self.questions.clear()
        self.headers.clear()
        self.paths.clear()

    @property
    def prompt(self) -> str:
        """All messages of the last question."""
        return "\n".join(message["content"] for message in self.questions[-1]["messages"])


@contextmanager
def serve_chat() -> Iterator[ChatServer]:
    """Run a server until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            chat.paths.append(self.path)
            chat.headers.append(dict(self.headers))
            chat.questions.append(json.loads(self.rfile.read(length)))
            told = chat.replies[min(len(chat.questions), len(chat.replies)) - 1]
            reply = told(chat.questions[-1]) if callable(told) else told
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body) + (100 if reply.cut else 0)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if not reply.drip_seconds:
                self.wfile.write(reply.body)
                return
            for byte in reply.body:
                try:
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                except OSError:  # nobody listens any more, as should be
                    return
                time.sleep(reply.drip_seconds)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    chat = ChatServer(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield chat
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
