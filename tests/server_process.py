"""`compagnon serve` as a process of its own, and waiting for what it does by itself."""

import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).parent.parent
_PATIENCE = 120
"""Seconds: much more than anything takes; a machine may be busy."""


class Server:
    """A running `compagnon serve`."""

    def __init__(self, data: Path, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "webui.cli", "--data", str(data), "serve", *options],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        line = self.process.stdout.readline()  # it speaks when it answers, or closes its end when it dies
        assert "http://127.0.0.1:" in line, self.process.communicate()[1]
        self.url = line.split()[3]

    def get(self, path: str) -> dict[str, Any]:
        """What it answers."""
        with urllib.request.urlopen(self.url + path, timeout=120) as reply:  # noqa: S310 - our own server
            answer: dict[str, Any] = json.load(reply)
        return answer

    def titles(self, question: str) -> list[str]:
        """The titles of what it finds."""
        return [hit["title"] for hit in self.get(f"/api/v1/search?q={quote(question)}")["hits"]]

    def end(self, number: signal.Signals) -> int:
        """Send it a signal; its exit code."""
        self.process.send_signal(number)
        self.process.communicate(timeout=60)
        return self.process.returncode


def until(true: Callable[[], object]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + _PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)
