"""PHP's built-in web server as a child process that cannot outlive the tests."""

import atexit
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

# The shell leads the process group. It lives as long as its standard input, a pipe that only this process
# holds: even when the tests are killed outright, the pipe closes and the whole group goes with it. (PHP's
# workers, left to themselves, outlive their parent and keep the port.) When PHP ends by itself, so does
# the group. SIGINT is for PHP alone: it makes its workers finish the request in hand, then leave.
_LEADER = """
trap '' INT
( "$@" </dev/null; kill -KILL 0 ) &
read -r _
kill -KILL 0
"""
_LOG_TAIL = 4_000  # characters


class PhpServer:
    """One `php -S` with a few workers, in a process group of its own.

    Args:
        command: the program and its arguments.
        environment: the complete environment of the process.
        log: file that receives what the server prints; it is appended to.
    """

    def __init__(self, command: Sequence[str], *, environment: Mapping[str, str], log: Path) -> None:
        self._command = list(command)
        self._environment = dict(environment)
        self._log = log
        self._leader: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    @property
    def listening(self) -> bool:
        """Whether PHP has said, since the last start, that the port is its own."""
        return self.running and "Development Server" in self._read_log()

    @property
    def running(self) -> bool:
        """Whether the server was started and has not ended, by itself or by `stop` or `kill`."""
        return self._leader is not None and self._leader.poll() is None

    def start(self) -> None:
        """Start the processes; whether they answer is for the caller to find out."""
        if self.running:
            raise RuntimeError("this server is already running")
        with self._log.open("ab") as log:
            self._log_start = log.tell()
            self._leader = subprocess.Popen(
                ["/bin/sh", "-c", _LEADER, "sh", *self._command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,
            )
        atexit.register(self.kill)

    def stop(self, *, patience: float = 15.0) -> None:
        """End the server after the requests in hand, or after `patience` seconds at the latest."""
        leader = self._leader
        if leader is not None and leader.poll() is None:
            os.killpg(leader.pid, signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                leader.wait(patience)
        self.kill()

    def kill(self) -> None:
        """End the server at once, whatever it is doing, and wait until none of its processes is left."""
        leader = self._leader
        if leader is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):  # the group may be gone already
            os.killpg(leader.pid, signal.SIGKILL)
        leader.wait()
        if leader.stdin is not None:
            leader.stdin.close()
        deadline = time.monotonic() + 10
        while left := group_members(leader.pid):
            if time.monotonic() > deadline:
                raise RuntimeError(f"processes that do not die: {left}")
            time.sleep(0.01)
        self._leader = None
        atexit.unregister(self.kill)

    def process_ids(self) -> list[int]:
        """The live processes of this server: its leader, PHP and PHP's workers."""
        return [] if self._leader is None else group_members(self._leader.pid)

    def log_tail(self) -> str:
        """The end of what the server printed since its last start."""
        return self._read_log()[-_LOG_TAIL:]

    def _read_log(self) -> str:
        with self._log.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace")


def group_members(group: int) -> list[int]:
    """The processes of a process group that are alive: a zombie is dead already. Reads /proc."""
    members = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            status = (folder / "stat").read_text(encoding="utf-8", errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue  # ended between the listing and the reading
        # proc(5): "pid (name) state parent group ..."; the name may hold spaces and parentheses.
        state, _parent, process_group = status.rpartition(")")[2].split()[:3]
        if int(process_group) == group and state not in "ZX":
            members.append(int(folder.name))
    return sorted(members)
