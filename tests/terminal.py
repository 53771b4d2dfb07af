"""A command on a terminal of its own, as if somebody sat before it, who answers and presses keys."""

import os
import pty
import re
import select
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.command_line import ROOT

_PATIENCE = 90.0  # seconds
_BETWEEN_KEYS = 5.0  # seconds
_ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """`compagnon --data DIR ...` on a pseudo-terminal."""

    def __init__(self, process_id: int, descriptor: int) -> None:
        self._process_id = process_id
        self._descriptor = descriptor
        self._unread = ""
        self.screen = ""
        """All that was shown so far."""
        self.code: int | None = None

    def answer(self, question: str, reply: str) -> None:
        """Wait until a question is asked, and type a line."""
        self.wait_for(question)
        self.type(f"{reply}\n")

    def wait_for(self, text: str) -> None:
        """Wait until a text is shown that was not waited for yet."""
        deadline = time.monotonic() + _PATIENCE
        while text not in self._unread:
            assert time.monotonic() < deadline, f"“{text}” never came:\n{self.screen}"
            assert self._read(0.2), f"“{text}” never came:\n{self.screen}"
        self._unread = self._unread.partition(text)[2]

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._descriptor, keys.encode())

    def interrupt(self) -> None:
        """Press Ctrl+C until the command gives up, as people do.

        Python hears of the first one between two of its instructions: one that comes right before it
        begins to wait for a line is heard when the line has come.
        """
        deadline = time.monotonic() + _PATIENCE
        again = 0.0
        while True:
            if time.monotonic() >= again:
                self.type("\x03")
                again = time.monotonic() + _BETWEEN_KEYS
            if not self._read(0.2):
                return
            assert time.monotonic() < deadline, f"it does not end:\n{self.screen}"

    def end(self) -> int:
        """Read on until the command has ended; return its exit code."""
        deadline = time.monotonic() + _PATIENCE
        while self._read(0.2):
            assert time.monotonic() < deadline, f"it does not end:\n{self.screen}"
        if self.code is None:
            _, status = os.waitpid(self._process_id, 0)
            self.code = os.waitstatus_to_exitcode(status)
        return self.code

    def close(self) -> None:
        """Let go of it, however it is."""
        if self.code is None:
            os.kill(self._process_id, signal.SIGKILL)
            os.waitpid(self._process_id, 0)
        os.close(self._descriptor)

    def _read(self, seconds: float) -> bool:
        """Take what comes within some time; False when nothing will come any more."""
        ready, _, _ = select.select([self._descriptor], [], [], seconds)
        if not ready:
            return True
        try:
            data = os.read(self._descriptor, 65_536)
        except OSError:  # EIO: nobody is at the other end any more
            return False
        text = _ESCAPES.sub(b"", data).decode(errors="replace").replace("\r\n", "\n")
        self.screen += text
        self._unread += text
        return bool(data)


@contextmanager
def terminal(data: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> Iterator[Terminal]:
    """Run a command on a terminal."""
    command = [sys.executable, "-m", "webui.cli", "--data", str(data), *arguments]
    surroundings = {**os.environ, "TERM": "xterm", "COLUMNS": "200", **(environment or {})}
    process_id, descriptor = pty.fork()
    if process_id == 0:
        os.chdir(ROOT)
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a test run in the background ignores it
        os.execve(sys.executable, command, surroundings)  # noqa: S606 - the tests' own program
    started = Terminal(process_id, descriptor)
    try:
        yield started
    finally:
        started.close()
