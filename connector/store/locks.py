"""Locks in the database, for several processes on one or more machines that share it.

They are PostgreSQL's session locks, each on a connection of its own: it goes with its process, however that
ends, and within a minute with a machine that went without a word
(https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS). SQLite needs none: its file is
one machine's, and so are the locks on the data folder.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Literal

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from connector.errors import StoreError
from connector.store.engine import store_errors
from connector.store.postgresql import LOCK_CLASS, WRITER

LockName = Literal["sync", "index", "worker", "capture"]
_NUMBERS: Final[dict[LockName, int]] = {
    "sync": WRITER + 1,
    "index": WRITER + 2,
    "worker": WRITER + 3,
    "capture": WRITER + 4,
}
_POLL_SECONDS = 0.1


class DatabaseLock:
    """A lock that one process of all that use the database has at a time. Safe to share between threads.

    Not to be entered twice: who has it does not get it again.
    """

    def __init__(self, engine: Engine, name: LockName) -> None:
        self._engine = engine
        self._name = name
        self._key = f"{LOCK_CLASS}, {_NUMBERS[name]}"
        self._mutex = threading.Lock()
        self._connection: Connection | None = None

    def take(self, *, wait_seconds: float = 0.0) -> bool:
        """Take it, waiting for it; say whether it was to be had.

        Raises:
            StoreError: the database cannot be used.
        """
        deadline = time.monotonic() + wait_seconds
        while not self._try():
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True

    def is_held(self) -> bool:
        """Whether this process still has it: the server takes it back with a connection that is lost."""
        with self._mutex:
            if self._connection is None:
                return False
            try:
                self._connection.exec_driver_sql("SELECT 1")
            except SQLAlchemyError:
                self._drop()
                return False
            return True

    def check(self) -> None:
        """Make sure that this process still has it.

        Raises:
            StoreError: it was lost: another process may have it now.
        """
        if not self.is_held():
            raise StoreError(
                f"the connection with the database that held the lock “{self._name}” was lost: "
                "the next try goes on from here"
            )

    def release(self) -> None:
        """Give it back; nothing happens when this process does not have it."""
        with self._mutex:
            self._drop()

    @contextmanager
    def hold(self, *, wait_seconds: float = 0.0) -> Iterator[bool]:
        """Take it while the block runs; give whether it was to be had."""
        taken = self.take(wait_seconds=wait_seconds)
        try:
            yield taken
        finally:
            if taken:
                self.release()

    def _try(self) -> bool:
        with self._mutex, store_errors(self._engine, f"taking the lock “{self._name}”"):
            if self._connection is not None:
                return False
            connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            try:
                connection.detach()  # it is nobody else's, and closing it gives the lock back
                row = connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({self._key})").scalar_one()
            except BaseException:
                connection.close()
                raise
            if not row:
                connection.close()
                return False
            self._connection = connection
            return True

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


class DatabaseLocks:
    """The locks of a database, by name. Each call gives a lock of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def lock(self, name: LockName) -> DatabaseLock:
        """Return a lock that is not held yet."""
        return DatabaseLock(self._engine, name)
