"""Write-ahead logging, switched on by however many processes open a new file at once."""

import sqlite3
import time

_PAUSE_SECONDS = 0.01


def switch_to_wal(connection: sqlite3.Connection, *, busy_seconds: float) -> None:
    """Make the file keep a write-ahead log, which it remembers (https://www.sqlite.org/wal.html).

    The switch needs the file to itself. When two connections try it at the same moment SQLite tells one of
    them at once that the file is locked, without waiting as busy_timeout says: each would wait for the other
    (https://www.sqlite.org/c3ref/busy_handler.html). The one who is refused holds nothing: it tries again.

    Args:
        connection: one that is in no transaction.
        busy_seconds: how long to try.

    Raises:
        sqlite3.OperationalError: the file is still locked then, or cannot be written.
    """
    deadline = time.monotonic() + busy_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").close()
            return
        except sqlite3.OperationalError as e:
            if e.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= deadline:
                raise
        time.sleep(_PAUSE_SECONDS)
