"""The lock that gives an index folder one owning process.

Chroma needs it: two writers lose vectors without an error, and a reader beside a writer misses new ones
(https://cookbook.chromadb.dev/core/system_constraints/).
"""

import fcntl
import json
import os
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from connector.errors import IndexBusyError, SearchError

_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The process that holds an index for itself."""

    pid: int
    url: str | None
    """Where it answers over HTTP; None when it does not."""
    token: str
    """Shows that who asks can read the index folder."""


class IndexLock:
    """One owner of an index folder: who writes or serves holds it alone, one-shot readers share it.

    The lock is the kernel's (flock on `lock` in the folder): it goes with its process, however that ends.
    An instance may be entered several times, from several threads; the outermost entry decides.
    """

    shared = False
    """Whether the index is in no folder, and others may use it beside the owner."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mutex = threading.RLock()
        self._file: IO[bytes] | None = None
        self._shared = 0
        self._exclusive = 0

    @property
    def exclusive(self) -> bool:
        """Whether this instance holds the folder alone."""
        return self._exclusive > 0

    @contextmanager
    def acquire(self, *, exclusive: bool, wait_seconds: float, url: str | None = None) -> Iterator[None]:
        """Hold the folder while the block runs.

        Args:
            exclusive: alone (to write or to serve), or together with other readers.
            wait_seconds: how long to try.
            url: where this process answers over HTTP, for those who find the folder taken.

        Raises:
            IndexBusyError: another process held it all the time; the message says which.
        """
        self._enter(exclusive=exclusive, wait_seconds=wait_seconds, url=url)
        try:
            yield
        finally:
            self._leave(exclusive=exclusive)

    @contextmanager
    def serve(self, *, wait_seconds: float, url: str) -> Iterator[None]:
        """Hold what a process needs that answers at `url`, while the block runs: the folder, alone.

        Raises:
            IndexBusyError: as `acquire`.
        """
        with self.acquire(exclusive=True, wait_seconds=wait_seconds, url=url):
            yield

    def owner(self) -> Owner | None:
        """Return who holds the folder alone now, or None."""
        try:
            with (self._folder / "lock").open("rb") as file:
                if _flock(file, fcntl.LOCK_SH):
                    return None  # nobody holds it alone: an owner.json there is left from a crash
            described = json.loads((self._folder / "owner.json").read_text(encoding="utf-8"))
            return Owner(pid=int(described["pid"]), url=described["url"], token=str(described["token"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None  # no lock at all, or an owner that has not introduced itself

    def _enter(self, *, exclusive: bool, wait_seconds: float, url: str | None) -> None:
        with self._mutex:
            if self._exclusive == 0 and (exclusive or self._shared == 0):
                try:
                    self._take(fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH, wait_seconds)
                    if exclusive:
                        self._introduce(url)
                except OSError as e:
                    self._step_back()  # else nobody could have it as long as this process lives
                    raise SearchError(f"the index folder {self._folder} cannot be used: {e.strerror}") from e
            if exclusive:
                self._exclusive += 1
            else:
                self._shared += 1

    def _leave(self, *, exclusive: bool) -> None:
        with self._mutex:
            if exclusive:
                self._exclusive -= 1
                if self._exclusive == 0:
                    (self._folder / "owner.json").unlink(missing_ok=True)
            else:
                self._shared -= 1
            if self._file is None or self._exclusive:
                return
            if self._shared == 0:
                self._file.close()
                self._file = None
            elif exclusive:
                fcntl.flock(self._file, fcntl.LOCK_SH)

    def _take(self, mode: int, wait_seconds: float) -> None:
        deadline = time.monotonic() + wait_seconds
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = (self._folder / "lock").open("ab")
        while not _flock(self._file, mode):
            if time.monotonic() >= deadline:
                self._step_back()
                raise IndexBusyError(self._busy())
            time.sleep(_POLL_SECONDS)

    def _step_back(self) -> None:
        """Have what was held before: nothing, or a share."""
        if self._file is None:
            return
        if self._shared == 0:
            self._file.close()
            self._file = None
        else:
            _flock(self._file, fcntl.LOCK_SH)  # what was tried in vain took the share too (flock(2))

    def _busy(self) -> str:
        owner = self.owner()
        if owner is None:
            return f"another process is using the index {self._folder}: try again when it has ended"
        where = f", serving {owner.url}" if owner.url else ""
        return f"process {owner.pid}{where} is using the index {self._folder}: try again when it has ended"

    def _introduce(self, url: str | None) -> None:
        owner = Owner(pid=os.getpid(), url=url, token=secrets.token_urlsafe(24))
        draft = self._folder / "owner.json.new"
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(asdict(owner), file)
        draft.replace(self._folder / "owner.json")


def _flock(file: IO[bytes], mode: int) -> bool:
    try:
        fcntl.flock(file, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
