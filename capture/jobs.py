"""Reading long notes behind the pages: a job with its progress, that survives a restart and is not run twice.

The rows of the database are the truth, `capture.job_queue` wakes the thread that works on them.
"""

import fcntl
import logging
import os
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from capture.job_queue import JobQueue
from capture.job_turn import CaptureTurn
from capture.notes import Notes
from capture.review import ReviewDesk
from capture.service import CaptureService
from connector.errors import CompagnonError, StoreError
from connector.store import CaptureJobRecord, Store
from connector.store.drafts import OPEN_STATES

logger = logging.getLogger(__name__)

SHORT_NOTES_BYTES = 20_000
"""Notes up to this size are read by the local extractor while one waits: some seconds."""
_LOCK_FILE = "capture.lock"
_SECONDS_BETWEEN_WRITES = 0.5
# Once more after a process was killed; whoever ends it each time must not end it for ever.
_MOST_ATTEMPTS = 2
_KILLED_TWICE = "the process ended twice while these notes were read"
_OUR_MISTAKE = "an unexpected error, which the log of the server describes"


class _NotWantedError(Exception):
    """The work is to end: the process ends, or the notes were deleted."""


class CaptureJobs:
    """Gives notes to be read, says how far that is, and does it when it has been started.

    Args:
        store: The database.
        capture: Returns what reads notes, for the wiki as it is known then.
        folder: The data folder.
        queue_url: Address of a Redis server for the queue, or "" for a file in the folder.
    """

    def __init__(
        self, *, store: Store, capture: Callable[[], CaptureService], folder: Path, queue_url: str = ""
    ) -> None:
        self._store = store
        self._rows = store.capture_jobs
        self._desk = ReviewDesk(store=store)
        self._capture = capture
        self._folder = folder
        # Processes that share a database share the queue, if it is a server's.
        name = None if store.locks is None else lambda: store.names.get_or_make("queue")
        self._queue = JobQueue(folder=folder, url=queue_url, run=self._run, broken=self._broken, name=name)
        self._ending = threading.Event()
        self._lock: int | None = None
        self._turn: CaptureTurn | None = None
        if store.locks is not None:
            self._turn = CaptureTurn(store.locks, self._begin, self._go_on, self._pause)
        self._queued: set[tuple[int, datetime]] = set()

    def submit(self, notes: Notes, *, actor: str) -> CaptureJobRecord:
        """Keep notes, and have them read.

        Notes that wait or are being read already bring back their job; those that were read, and have drafts
        to review, a job that is done.

        Raises:
            CaptureError: The queue cannot be reached; the notes are read at the next start.
            StoreError: The database refuses.
        """
        notes_id = self._desk.add_notes(notes)
        read = self._desk.summary(notes_id) is not None
        drafts = self._store.drafts.list(notes_id=notes_id) if read else []
        ready = any(draft.state in OPEN_STATES for draft in drafts)
        job = self._rows.submit(notes_id, actor=actor, ready=ready)
        if job.state == "waiting":
            self._queue.put(job.id)
        return job

    def get(self, job_id: int) -> CaptureJobRecord:
        """Return a job.

        Raises:
            NotKeptError: There is none with this id.
        """
        return self._rows.get(job_id)

    def of_notes(self, notes_id: int) -> CaptureJobRecord | None:
        """Return the latest job of notes, if there was one."""
        return self._rows.of_notes(notes_id)

    def retry(self, job_id: int) -> CaptureJobRecord:
        """Have a failed job done again; one that has not failed stays as it is.

        Raises:
            NotKeptError: There is none with this id.
            CaptureError: The queue cannot be reached; the notes are read at the next start.
        """
        if self._rows.retry(job_id):
            self._queue.put(job_id)
        return self._rows.get(job_id)

    def start(self) -> bool:
        """Begin to work, in a thread, with what an earlier process left; say whether this process does.

        One process of a data folder works at a time: the lock is the kernel's and goes with its process. Of
        those that share a database one does, and another takes over when it ends (`capture.job_turn`).

        Raises:
            CaptureError: The queue cannot be reached.
            StoreError: The database or the folder cannot be used.
        """
        if self._turn is not None:
            self._ending.clear()
            return self._turn.start()
        if self._lock is not None:
            return True
        self._lock = _take_lock(self._folder / _LOCK_FILE)
        if self._lock is None:
            logger.info("another process reads the notes of %s", self._folder)
            return False
        self._ending.clear()
        try:
            self._begin()
        except CompagnonError:
            self.end()
            raise
        return True

    def _begin(self) -> None:
        """Begin to work with what was left; the caller has the lock."""
        # Nobody else works: what is said to run was cut off.
        for job in self._rows.unfinished():
            if job.state == "running" and job.attempts >= _MOST_ATTEMPTS:
                self._rows.fail(job.id, error=_KILLED_TWICE)
            elif job.state == "running":
                self._rows.put_back(job.id)
        self._queue.start()  # which forgets the messages that are there
        self._queued = set()
        self._go_on()

    def _go_on(self) -> None:
        """Have done what waits, also what other processes were given; a message too many does nothing."""
        waiting = {(job.id, job.updated_at) for job in self._rows.unfinished() if job.state == "waiting"}
        for job_id, _ in sorted(waiting - self._queued):
            self._queue.put(job_id)
        self._queued = waiting

    def _pause(self) -> bool:
        """Stop working, since another process may do so now; say whether the thread has ended."""
        self._ending.set()
        ended = self._queue.end()
        self._ending.clear()
        return ended

    def end(self) -> bool:
        """End the work; what is not done waits for the next start. Say whether the thread has ended."""
        if self._turn is not None:
            self._ending.set()
            return self._turn.end()
        if self._lock is None:
            return True
        self._ending.set()
        ended = self._queue.end()
        if ended:
            os.close(self._lock)
            self._lock = None
        return ended

    def _run(self, job_id: int) -> None:
        job = None if self._ending.is_set() else self._rows.begin(job_id)
        if job is None:
            return  # a message too many: it is done, being done or deleted
        try:
            notes = self._desk.notes(job.notes_id)
            result = self._capture().capture(notes, progress=_Teller(self._tell_or_end, job.id))
            self._desk.add(result, notes, actor=job.actor, job_id=job.id)
        except _NotWantedError:
            self._rows.put_back(job.id, begun=False)
        except CompagnonError as e:
            # Of notes that were deleted meanwhile there is no job left to fail.
            if self._rows.fail(job.id, error=str(e)):
                logger.warning("job %d failed: %s", job.id, e)

    def _tell_or_end(self, job_id: int, done: int, total: int, what: str) -> None:
        if self._ending.is_set() or not self._rows.tell(job_id, done=done, total=total, label=what):
            raise _NotWantedError

    def _broken(self, job_id: int) -> None:
        self._rows.fail(job_id, error=_OUR_MISTAKE)


class _Teller:
    """Progress that is written down now and then: each time is a durable transaction."""

    def __init__(self, tell: Callable[[int, int, int, str], None], job_id: int) -> None:
        self._tell = tell
        self._job_id = job_id
        self._last = 0.0
        self._what = ""

    def __call__(self, done: int, total: int, what: str) -> None:
        now = time.monotonic()
        if what == self._what and now - self._last < _SECONDS_BETWEEN_WRITES:
            return
        self._last, self._what = now, what
        self._tell(self._job_id, done, total, what)


def _take_lock(path: Path) -> int | None:
    """Return the open lock file, or None when another process has it."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as e:
        raise StoreError(f"{path} cannot be used: {e.strerror}") from e
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
