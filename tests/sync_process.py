"""`compagnon sync` as a process that a test kills, and a proxy that counts the texts it was given."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from tests.faultproxy import Exchange, FaultProxy, Reply, Request
from tests.store_on_postgresql import stands_for_database

ROOT = Path(__file__).parent.parent
_PATIENCE = 300.0  # seconds


class CountingProxy(FaultProxy):
    """A proxy that knows how often the text, and the line in the history, of each revision was given."""

    def __init__(self, target: str) -> None:
        self.texts: Counter[int] = Counter()
        self.lines: Counter[int] = Counter()
        super().__init__(target)

    def forward(self, request: Request) -> Reply:
        """See `FaultProxy.forward`."""
        reply = super().forward(request)
        if reply.header("Content-Type").startswith("application/json"):
            query = json.loads(reply.decoded_body()).get("query", {})
            for page in query.get("pages", ()):
                for revision in page.get("revisions", ()):
                    given = "content" in revision.get("slots", {}).get("main", {})
                    (self.texts if given else self.lines)[revision["revid"]] += 1
            for page in query.get("allrevisions", ()):
                self.lines.update(revision["revid"] for revision in page["revisions"])
        return reply

    def forget(self) -> None:
        """Count anew."""
        self.texts.clear()
        self.lines.clear()
        self.clear_log()


class SyncProcess:
    """`compagnon --data FOLDER ...` in a process of its own.

    Args:
        data: the data directory.
        api_url: the wiki's api.php.
        arguments: the command.
        settings: more of the environment.
        before: a program that starts this one, and its arguments.
    """

    def __init__(
        self,
        data: Path,
        api_url: str,
        arguments: Sequence[str] = ("sync",),
        *,
        settings: Mapping[str, str] | None = None,
        before: Sequence[str] = (),
    ) -> None:
        environment = {**os.environ, "COMPAGNON_WIKI_API_URL": api_url, **(settings or {})}
        self._process = subprocess.Popen(
            [*before, sys.executable, "-m", "webui.cli", "--data", str(data), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=ROOT,
        )

    def finish(self) -> tuple[int, str, str]:
        """Wait until it ends: exit code (negative when killed by a signal), output and error output."""
        try:
            out, err = self._process.communicate(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            out, err = self._process.communicate()
            raise AssertionError(f"it did not end\n{out}\n{err}") from None
        return self._process.returncode, out, err

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def kill(self) -> None:
        """Kill it as a power cut would."""
        self._process.kill()


class KillThen:
    """A fault that kills the process which asks, before the wiki's answer reaches it or some time after.

    Args:
        answer: whether it still gets the answer.
        seconds: how much later it is killed.
    """

    def __init__(self, *, answer: bool, seconds: float) -> None:
        self.target: SyncProcess | None = None
        self.answer = answer
        self.seconds = seconds

    def play(self, exchange: Exchange) -> None:
        """See `Fault`."""
        reply = exchange.forward()
        if self.answer:
            exchange.send(reply)
            time.sleep(self.seconds)
        assert self.target is not None
        self.target.kill()
        if not self.answer:
            exchange.drop()


class Countdown:
    """A `match` for the request that is the n-th from now on."""

    def __init__(self, number: int) -> None:
        self._left = number
        self._lock = threading.Lock()

    def __call__(self, _request: Request) -> bool:
        with self._lock:
            self._left -= 1
            return self._left == 0

    def cancel(self) -> None:
        """Match no request any more."""
        with self._lock:
            self._left = 0


def sync_and_kill(data: Path, proxy: FaultProxy, *, request: int, rng: random.Random) -> bool:
    """Start a sync and kill it at its n-th request; return whether that came, and it was killed."""
    fault = KillThen(answer=rng.random() < 0.7, seconds=rng.uniform(0, 0.15))
    countdown = Countdown(request)
    proxy.inject(countdown, fault)
    process = SyncProcess(data, proxy.url)
    fault.target = process
    code, _, err = process.finish()
    assert code in (0, -signal.SIGKILL), err
    countdown.cancel()
    return code != 0


def assert_sound(path: Path) -> None:
    """The database's file is whole and consistent."""
    if stands_for_database(path):
        return  # nothing that a test does leaves PostgreSQL half a transaction
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
