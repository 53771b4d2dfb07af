"""PostgreSQL in the place of the SQLite files that tests name: the same tests hold for both.

A file that a test opens becomes a pointer: it says which database stands for it. So whoever looks whether the
file is there, deletes it, or opens it from another process finds what they would find with SQLite.
"""

import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import connector.store.store
from connector.errors import StoreError
from connector.store import Store
from connector.store.counting_changes import COUNTER
from connector.store.engine import BUSY_SECONDS, make_engine
from connector.store.schema import metadata
from tests.postgresql import LocalPostgresql

SERVER = "COMPAGNON_TEST_POSTGRESQL"
"""Variable that tells other processes of the tests which server it is, and which database to copy."""
PATH_OF_OTHER_PROCESSES = os.pathsep.join(
    [str(Path(__file__).parent / "postgresql_site"), str(Path(__file__).parent.parent)]
)
"""PYTHONPATH with which they do as this one does."""
_MARK = "postgresql://"


class PointedStores:
    """The databases of one server that stand for files."""

    def __init__(self, server: LocalPostgresql, *, template: str | None = None) -> None:
        self._server = server
        self._template = template or self._make_template()
        self._lent: list[str] = []
        self._spare: list[str] = []

    @property
    def for_other_processes(self) -> str:
        """What `SERVER` says."""
        return f"{self._server.folder}|{self._template}"

    def take_back(self) -> None:
        """Empty the databases that were lent since the last time, for the next tests: that is quicker."""
        import psycopg

        tables = ", ".join(table.name for table in metadata.sorted_tables)
        for url in self._lent:
            with psycopg.connect(url, autocommit=True) as connection:
                try:
                    connection.execute("SET lock_timeout = '1s'")
                    connection.execute(f"TRUNCATE {tables} RESTART IDENTITY")
                    connection.execute("INSERT INTO state VALUES (%s, '0')", [COUNTER])
                except psycopg.Error:
                    continue  # somebody is at it still
            self._spare.append(url)
        self._lent = []

    def url(self, path: Path) -> str:
        """Return the address of the database that stands for a file; it is made when there is no file."""
        if path.exists():
            said = path.read_bytes()[:500]
            if said.startswith(_MARK.encode()):
                return said.decode()
            if said:
                raise StoreError(f"{path} is no database")
        url = self._spare.pop() if self._spare else self._server.new_database(template=self._template)
        self._lent.append(url)
        try:
            path.write_text(url)
        except OSError as e:
            raise StoreError(f"{path} cannot be used: {e.strerror}") from e
        return url

    def engine(self, database: Path | str, *, busy_seconds: float = BUSY_SECONDS) -> Any:
        """In the place of `make_engine`."""
        place = self.url(database) if isinstance(database, Path) else database
        return make_engine(place, busy_seconds=busy_seconds)

    def _make_template(self) -> str:
        url = self._server.new_database()
        Store.open(url).close()
        return url.partition("?")[0].rpartition("/")[2]


@contextmanager
def stores_on(stores: PointedStores) -> Iterator[None]:
    """Have every SQLite file of the block be a database of PostgreSQL."""
    connector.store.store.make_engine = stores.engine  # type: ignore[attr-defined]
    try:
        yield
    finally:
        connector.store.store.make_engine = make_engine  # type: ignore[attr-defined]


def keywords_on(stores: PointedStores) -> None:
    """Have the keyword indexes of this process be in PostgreSQL too, each in a database of its own."""
    import search.indexer
    from search.keyword_database import KeywordDatabase
    from search.keyword_postgresql import PostgresqlKeywordIndex
    from search.keyword_tables import SCHEMA
    from search.words import WordAnalyzer

    class PointedKeywordIndex(PostgresqlKeywordIndex):
        """Opens its database at its first use, as a file is opened; none is there before it is made."""

        def __init__(self, path: Path, *, analyzer: WordAnalyzer) -> None:
            self._path = path
            self._opened: KeywordDatabase | None = None
            self._analyzer = analyzer

        @property
        def _database(self) -> KeywordDatabase:  # type: ignore[override]  # where the original has an attribute
            if self._opened is None or not self._path.exists():
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._opened = KeywordDatabase(stores.url(self._path), schema=SCHEMA)
            return self._opened

        @property
        def exists(self) -> bool:
            """See `KeywordIndex`."""
            return self._path.exists() and super().exists

        def close(self) -> None:
            """See `KeywordIndex`."""
            if self._opened is not None:
                self._opened.close()

    search.indexer.SqliteKeywordIndex = PointedKeywordIndex  # type: ignore[assignment, attr-defined]


def chroma_on(url: str) -> None:
    """Have the indexes of this process keep their vectors on a Chroma server, unless they say otherwise."""
    from search.settings import SearchSettings

    defaults: dict[str, Any] = SearchSettings.__init__.__kwdefaults__  # type: ignore[assignment]
    defaults["chroma_url"] = url


def stands_for_database(path: Path) -> bool:
    """Whether a file is no database of SQLite, but says which one of PostgreSQL is meant."""
    return path.is_file() and path.read_bytes().startswith(_MARK.encode())


def copied_data(data: Path, target: Path) -> Path:
    """Copy a data directory that nobody has open; databases for which its files stand are copied with it."""
    import psycopg

    shutil.copytree(data, target)
    for file in target.rglob("*.sqlite3"):
        if not stands_for_database(file):
            continue
        server, name, options = _parted(file.read_text())
        copy = f"copy_{secrets.token_hex(8)}"
        with psycopg.connect(f"{server}/postgres{options}", autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{name}"'.encode())
        file.write_text(f"{server}/{copy}{options}")
    return target


def _parted(url: str) -> tuple[str, str, str]:
    """Return the server's address, the database's name, and what follows it."""
    place, mark, options = url.partition("?")
    server, _, name = place.rpartition("/")
    return server, name, mark + options


def execute_behind(file: Path, statement: str) -> None:
    """Do something to the database for which a file stands, behind the back of who has it open."""
    import psycopg

    with psycopg.connect(file.read_text(), autocommit=True) as connection:
        connection.execute(statement.encode())


def rows_behind(file: bytes) -> bytes:
    """What stands in all rows of the database for which a file stands; nothing for a file that is one."""
    import psycopg
    from psycopg.rows import tuple_row
    from psycopg.sql import SQL, Identifier

    if not file.startswith(_MARK.encode()):
        return b""
    tables = (
        "SELECT schemaname, tablename FROM pg_tables"
        " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    )
    with psycopg.connect(file.decode(), autocommit=True, row_factory=tuple_row) as connection:
        values = [
            value
            for schema, table in connection.execute(tables).fetchall()
            for row in connection.execute(SQL("SELECT * FROM {}").format(Identifier(schema, table)))
            for value in row
        ]
    return b"\n".join(
        value
        if isinstance(value, bytes)
        else value.encode()
        if isinstance(value, str)
        else repr(value).encode()
        for value in values
    )


def install_in_other_process() -> None:
    """Do in a process that a test started what the tests do in theirs (`postgresql_site`)."""
    from tests.postgresql import known_server

    folder, _, template = os.environ[SERVER].partition("|")
    stores = PointedStores(known_server(Path(folder)), template=template)
    connector.store.store.make_engine = stores.engine  # type: ignore[attr-defined]
    keywords_on(stores)


if __name__ == "__main__":
    sys.exit("this is for tests")
