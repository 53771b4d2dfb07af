"""A backup of a database in PostgreSQL, by its own programs."""

import subprocess
from pathlib import Path

import pytest

from connector.errors import StoreError
from connector.store import Store
from tests.backup_ground import data, members
from tests.builders import make_page
from tests.postgresql import LocalPostgresql
from webui.backup.manifest import DATABASE
from webui.backup.restoring import restore_backup
from webui.backup.writing import write_backup
from webui.config import Config, load_config

__all__ = ["data"]  # a fixture

pytestmark = pytest.mark.sqlite("has a database in PostgreSQL of its own")


def test_a_database_in_postgresql_is_saved_by_its_own_program_and_comes_back(
    data: Config, postgresql: LocalPostgresql, tmp_path: Path
) -> None:
    url = f"{postgresql.url}&options=-csearch_path%3Dbackup_test"
    run_sql(postgresql, "CREATE SCHEMA backup_test")
    try:
        with Store.open(url) as store:
            store.pages.put_many([make_page(number, f"Atelier {number}") for number in (1, 2, 3)])
        data.keep({"store.database": url})
        target = tmp_path / "b.tar.gz"
        write_backup(load_config(data.folder), target)
        assert "compagnon.pgdump" in members(target)
        assert DATABASE not in members(target)
        restored = restore_backup(target, tmp_path / "new")
        assert restored.settled is None
        dump = tmp_path / "new" / "compagnon.pgdump"
        run_sql(postgresql, "DROP SCHEMA backup_test CASCADE")
        back = ["pg_restore", "--clean", "--if-exists", "--no-owner", f"--dbname={postgresql.url}", str(dump)]
        done = subprocess.run(back, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        with Store.open(url) as store:
            assert store.pages.count() == 3
    finally:
        run_sql(postgresql, "DROP SCHEMA IF EXISTS backup_test CASCADE")


def test_a_postgresql_that_is_away_is_one_clear_line_without_its_password(
    data: Config, tmp_path: Path
) -> None:
    data.keep({"store.database": "postgresql://compagnon:hunter2@127.0.0.1:9/none"})
    with pytest.raises(StoreError, match="pg_dump") as caught:
        write_backup(load_config(data.folder), tmp_path / "b.tar.gz")
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


def run_sql(server: LocalPostgresql, sql: str) -> None:
    subprocess.run(["psql", "-q", "-c", sql, server.url], check=True, capture_output=True)
