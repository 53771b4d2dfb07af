"""Write-ahead logging is switched on by all who open a new file at the same moment."""

import sqlite3
import threading
from pathlib import Path

import pytest

from connector.store.wal import switch_to_wal

pytestmark = pytest.mark.sqlite("SQLite's write-ahead log")


def test_all_who_open_a_new_file_at_once_get_it(tmp_path: Path) -> None:
    """SQLite refuses one of two at once, whatever busy_timeout says: about one time in six, measured."""
    failed: list[sqlite3.OperationalError] = []

    def switch(path: Path, start: threading.Barrier) -> None:
        connection = sqlite3.connect(path, isolation_level=None)
        start.wait()
        try:
            switch_to_wal(connection, busy_seconds=60)
        except sqlite3.OperationalError as e:
            failed.append(e)
        finally:
            connection.close()

    for number in range(60):
        start = threading.Barrier(4)
        threads = [
            threading.Thread(target=switch, args=(tmp_path / f"{number}.sqlite3", start)) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failed == []


def test_a_file_that_stays_locked_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "locked.sqlite3"
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA busy_timeout = 0")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        switch_to_wal(connection, busy_seconds=0.1)
    holder.execute("ROLLBACK")
    switch_to_wal(connection, busy_seconds=0.1)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    holder.close()
    connection.close()


def test_another_fault_is_not_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "text.sqlite3"
    path.write_text("this is no database, and says so in more than a hundred characters " * 4)
    connection = sqlite3.connect(path, isolation_level=None)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        switch_to_wal(connection, busy_seconds=3600)
    connection.close()
