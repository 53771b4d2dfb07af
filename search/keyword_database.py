"""The PostgreSQL database of a keyword index: a connection per thread, transactions, errors said once."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from connector.errors import IndexNotBuiltError, SearchError
from connector.store.postgresql import PATIENCE, address_parts

if TYPE_CHECKING:
    import psycopg

    type_of_connection = psycopg.Connection[tuple[Any, ...]]

_T = TypeVar("_T")


class KeywordDatabase:
    """A PostgreSQL database with a schema of the index's own. Safe to share between threads.

    Args:
        url: of the database, as libpq reads it (`postgresql://user@host/name`).
        schema: where its tables stand.
    """

    def __init__(self, url: str, *, schema: str) -> None:
        self.schema = schema
        self._url = url
        self._local = threading.local()
        self._mutex = threading.Lock()
        self._connections: list[type_of_connection] = []

    def read(self, work: "Callable[[type_of_connection], _T]") -> _T:
        """Return what `work` returns; a connection that the server has cut is opened anew, once.

        Raises:
            IndexNotBuiltError: the tables are not there.
            SearchError: the database cannot be used.
        """
        return self._do(work)

    def write(self, work: "Callable[[type_of_connection], _T]") -> _T:
        """Do `work` in a transaction, which an error takes back; it may be begun twice. Errors as `read`."""

        def transaction(connection: "type_of_connection") -> _T:
            with connection.transaction():
                return work(connection)

        return self._do(transaction)

    def close(self) -> None:
        """Close the connections of all threads; the next use opens one again."""
        with self._mutex:
            for connection in self._connections:
                connection.close()
            self._connections = []
            self._local = threading.local()

    def _do(self, work: "Callable[[type_of_connection], _T]") -> _T:
        psycopg = _psycopg()
        try:
            connection, is_new = self._connect()
            try:
                return work(connection)
            except psycopg.OperationalError:
                if is_new or not connection.broken:
                    raise
            return work(self._connect()[0])
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName) as e:
            raise IndexNotBuiltError("there is no index yet: run `compagnon index`") from e
        except psycopg.errors.DiskFull as e:
            raise SearchError(
                "the disk of the database is full: make room, then run `compagnon index`; nothing is lost"
            ) from e
        except psycopg.Error as e:
            why = next(iter(str(e).splitlines()), "") or type(e).__name__
            raise SearchError(
                f"the keyword index in PostgreSQL cannot be used ({why}): look at the setting search.database"
            ) from e

    def _connect(self) -> "tuple[type_of_connection, bool]":
        connection: type_of_connection | None = getattr(self._local, "connection", None)
        if connection is not None and not connection.closed:
            return connection, False
        patience = {name: value for name, value in PATIENCE.items() if name not in self._said()}
        # Reads need no transaction: none stays open between two questions and holds old rows back.
        connection = _psycopg().connect(self._url, autocommit=True, client_encoding="UTF8", **patience)
        path = '"' + self.schema.replace('"', '""') + '"'
        connection.execute("SELECT set_config('search_path', %s, false)", (path,))
        self._local.connection = connection
        with self._mutex:
            self._connections = [each for each in self._connections if not each.closed]
            self._connections.append(connection)
        return connection, True

    def _said(self) -> dict[str, Any]:
        """Return what the address says.

        Raises:
            SearchError: it cannot be read. What libpq says of it shows parts of it, a password's too.
        """
        _psycopg()
        try:
            return address_parts(self._url)
        except ValueError as e:
            raise SearchError(f"the address in search.database {e}") from None


def _psycopg() -> Any:
    try:
        import psycopg
    except ImportError as e:
        raise SearchError(
            "search.database needs psycopg: install Compagnon with its extra, compagnon[postgresql]"
        ) from e
    return psycopg
