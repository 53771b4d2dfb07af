"""The keyword index in SQLite: its file, and what goes wrong with it."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.errors import IndexNotBuiltError, SearchError
from search.chunking import chunk_ids
from search.keyword_sqlite import SqliteKeywordIndex
from tests.keyword_pages import ANALYZER, chunk, fill, found, put


@pytest.fixture
def index(tmp_path: Path) -> Iterator[SqliteKeywordIndex]:
    made = SqliteKeywordIndex(tmp_path / "keyword.sqlite3", analyzer=ANALYZER)
    made.create()
    yield made
    made.close()


def test_deleting_leaves_no_trace_in_the_file(index: SqliteKeywordIndex, tmp_path: Path) -> None:
    fill(index)
    secret = chunk("Confidentiel", "Le digicode kryptonite ouvre la réserve.")
    put(index, 1, secret)
    assert index.delete_pages([1]) == chunk_ids(1, [secret])
    assert found(index, "kryptonite") == []
    assert index.pages([1]) == {}
    index.close()
    with sqlite3.connect(tmp_path / "keyword.sqlite3") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    assert b"kryptonit" not in (tmp_path / "keyword.sqlite3").read_bytes()


def test_a_file_of_another_version_is_emptied(index: SqliteKeywordIndex, tmp_path: Path) -> None:
    put(index, 1, chunk("Un", "Un."))
    index.close()
    with sqlite3.connect(tmp_path / "keyword.sqlite3") as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    assert not index.exists
    index.create()
    assert index.exists
    assert index.manifest() == {}


def test_no_file_is_no_index(tmp_path: Path) -> None:
    missing = SqliteKeywordIndex(tmp_path / "none" / "keyword.sqlite3", analyzer=ANALYZER)
    assert not missing.exists
    with pytest.raises(IndexNotBuiltError):
        missing.manifest()
    assert not (tmp_path / "none").exists()


def test_a_file_that_is_no_database_is_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "keyword.sqlite3"
    path.write_bytes(b"this is no database " * 100)
    with pytest.raises(SearchError, match=r"delete .*keyword\.sqlite3") as caught:
        SqliteKeywordIndex(path, analyzer=ANALYZER).create()
    assert "\n" not in str(caught.value)


def test_a_full_disk_is_said_as_what_it_is(
    index: SqliteKeywordIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The advice to delete the file would be wrong: nothing in it is."""
    connect = sqlite3.connect

    def on_a_small_disk(path: Path, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(path, **options)
        connection.execute("PRAGMA max_page_count = 1")  # SQLite takes the size that the file has
        return connection

    index.close()
    monkeypatch.setattr(sqlite3, "connect", on_a_small_disk)
    with pytest.raises(SearchError, match="disk is full"):
        put(index, 1, *(chunk("Perceuse", f"mot{number} " * 200) for number in range(200)))
