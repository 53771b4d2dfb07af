"""The SQLite file of a keyword index: a connection per thread, transactions, errors said once."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from connector.errors import IndexBusyError, IndexNotBuiltError, SearchError
from connector.store.wal import switch_to_wal
from search.keyword_rows import Row

_IDS_AT_ONCE = 500
_BUSY_SECONDS = 10.0


class KeywordFile:
    """A SQLite file with one schema. Safe to share between threads; several processes may read.

    Args:
        path: where it is; its folder is made when it is created.
        schema: SQL that makes its tables.
        version: raised with each change of the schema.
        tables: the names of all tables that any version has had, in the order in which they can be dropped.
    """

    def __init__(self, path: Path, *, schema: str, version: int, tables: Sequence[str]) -> None:
        self._path = path
        self._schema = schema
        self._version = version
        self._tables = tables
        self._local = threading.local()
        self._mutex = threading.Lock()
        self._connections: list[sqlite3.Connection] = []

    def create(self) -> None:
        """Make the file when it is missing, and anew when another version wrote it or a table is gone."""
        with self.errors():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = self._connect(create=True)
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            there = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
            if version == self._version and there.issuperset(self._tables):
                return
            switch_to_wal(connection, busy_seconds=_BUSY_SECONDS)
            drops = "".join(f"DROP TABLE IF EXISTS {table};" for table in self._tables)
            connection.executescript(
                f"BEGIN IMMEDIATE;{drops}{self._schema}PRAGMA user_version = {self._version};COMMIT;"
            )

    @property
    def exists(self) -> bool:
        """Whether there is a file of this version."""
        if not self._path.exists():
            return False
        with self.errors():
            version = self._connect().execute("PRAGMA user_version").fetchone()[0]
            return bool(version == self._version)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give this thread's connection."""
        with self.errors():
            yield self._connect()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give this thread's connection in a transaction, which an error takes back."""
        with self.errors():
            connection = self._connect()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                if connection.in_transaction:  # on a full disk SQLite has rolled back by itself
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Give this thread's connection, for several reads of one state of the file."""
        with self.errors():
            connection = self._connect()
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("COMMIT")

    def rows(self, query: str, values: Sequence[int | str]) -> Iterator[Row]:
        """Yield the rows of a query that ends in `IN`, for any number of values."""
        with self.errors():
            yield from in_batches(self._connect(), query, values)

    def close(self) -> None:
        """Close the connections of all threads; the next use opens one again."""
        with self._mutex:
            for connection in self._connections:
                connection.close()
            self._connections = []
            self._local = threading.local()

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Say what goes wrong with the file in one line, and what to do.

        Raises:
            IndexBusyError: another process writes to it, and goes on.
            SearchError: instead of whatever sqlite3 and the operating system raise.
        """
        try:
            yield
        except (sqlite3.Error, OSError) as e:
            if getattr(e, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
                raise SearchError(
                    "the disk is full: make room, then run `compagnon index`; nothing is lost"
                ) from e
            if getattr(e, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
                raise IndexBusyError("another process is writing the keyword index: try again") from e
            raise SearchError(
                f"the keyword index cannot be used ({e}): delete {self._path} and run `compagnon index`"
            ) from e

    def _connect(self, *, create: bool = False) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        there = self._identity()
        if connection is not None and self._local.identity != there:
            # The file was deleted: what is written to it now would be gone with this process.
            self._drop(connection)
            connection = None
        if connection is None:
            if not create and there is None:
                raise IndexNotBuiltError("there is no index yet: run `compagnon index`")
            connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
            connection.execute(f"PRAGMA busy_timeout = {round(_BUSY_SECONDS * 1000)}")
            connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
            # What a power cut loses, the next update rebuilds.
            connection.execute("PRAGMA synchronous = NORMAL")
            self._local.connection, self._local.identity = connection, self._identity()
            with self._mutex:
                self._connections.append(connection)
        return connection

    def _identity(self) -> tuple[int, int] | None:
        """Return what tells this file from another one that takes its place; None when there is none."""
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return None
        return status.st_dev, status.st_ino

    def _drop(self, connection: sqlite3.Connection) -> None:
        with self._mutex:
            self._connections = [each for each in self._connections if each is not connection]
        connection.close()


def in_batches(connection: sqlite3.Connection, query: str, values: Sequence[int | str]) -> Iterator[Row]:
    """Yield the rows of a query that ends in `IN`, for any number of values."""
    for start in range(0, len(values), _IDS_AT_ONCE):
        some = values[start : start + _IDS_AT_ONCE]
        yield from connection.execute(f"{query} ({','.join('?' * len(some))})", some)
