"""Whether anything in the database has changed: what caches of it are dropped by."""

import threading

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from connector.store import postgresql
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

    def mark(self) -> Mark:
        """Return the mark of the state that is read from now on.

        A cache takes its mark first and then reads: what is written in between makes the mark an old one.
        """
        with self._mutex, store_errors(self._engine, "looking whether anything changed"):
            was_open = self._connection is not None
            try:
                return self._read()
            except SQLAlchemyError as e:
                self._drop()
                if not was_open or not getattr(e, "connection_invalidated", False):
                    raise
            return self._read()  # the server was started anew since

    def close(self) -> None:
        """Close the connection; the next mark opens another."""
        with self._mutex:
            self._drop()

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
