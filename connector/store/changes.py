"""Whether anything in the database has changed: what caches of it are dropped by."""

import threading
from collections.abc import Callable

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from connector.store import postgresql
from connector.store.counting_changes import counted_changes
from connector.store.engine import store_errors

Mark = tuple[int, int]
"""Equal to an earlier one when nothing was written since, by whatever process."""


class ChangeMarks:
    """Marks of the database's state, for next to nothing, whatever its size.

    SQLite tells a connection when another one has committed
    (https://www.sqlite.org/pragma.html#pragma_data_version), so one is kept aside that never writes: tens of
    microseconds. In PostgreSQL each transaction that changes something notes its number, which is read: the
    way to the server and back, a tenth of a millisecond on one machine.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._mutex = threading.Lock()
        self._connection: Connection | None = None
        self._opened = 0
        self._counted: tuple[Mark, Mark] | None = None

    def mark(self) -> Mark:
        """Return the mark of the state that is read from now on.

        A cache takes its mark first and then reads: what is written in between makes the mark an old one.
        """
        with self._mutex, store_errors(self._engine, "looking whether anything changed"):
            return self._tried(self._read)

    def mark_of_counted(self) -> Mark:
        """Return a mark that stays the same, too, when something was only noted in passing.

        Signing in, a search that is counted, a sync that finds nothing new (`counting_changes` has the list):
        for what takes long to work out and reads nothing of these. As quick as `mark` while nothing at all is
        written. A database that does not count has the mark of all.
        """
        with self._mutex, store_errors(self._engine, "looking whether anything changed"):
            return self._tried(self._read_counted)

    def close(self) -> None:
        """Close the connection; the next mark opens another."""
        with self._mutex:
            self._drop()

    def _tried(self, read: Callable[[], Mark]) -> Mark:
        was_open = self._connection is not None
        try:
            return read()
        except SQLAlchemyError as e:
            self._drop()
            if not was_open or not getattr(e, "connection_invalidated", False):
                raise
        return read()  # the server was started anew since

    def _read_counted(self) -> Mark:
        # Before the number: what is committed between the two is looked at again the next time.
        mark = self._read()
        if self._counted is None or self._counted[0] != mark:
            assert self._connection is not None  # noqa: S101 - `_read` has opened it
            number = counted_changes(self._connection)
            # Below zero: never one of those that are counted.
            self._counted = (mark, (-mark[0], mark[1]) if number is None else (mark[0], number))
        return self._counted[1]

    def _read(self) -> Mark:
        if self._connection is None:
            # Marks of two connections say nothing of one another.
            self._opened += 1
            self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            if postgresql.is_postgresql(self._connection):
                return self._opened, postgresql.last_change(self._connection)
            number = self._connection.exec_driver_sql("PRAGMA data_version").scalar_one()
        except SQLAlchemyError:
            self._drop()
            raise
        return self._opened, int(number)

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()
