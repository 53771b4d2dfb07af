"""A data directory to save, and looks into backups and databases."""

import sqlite3
import tarfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connector.store import Store
from tests.builders import make_page
from webui.config import Config, load_config

MOMENT = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
PASSWORD = "0123456789abcdef" * 2
OAUTH_SECRET = "fedcba98" * 2


@pytest.fixture
def data(tmp_path: Path) -> Config:
    """A data directory with a mirror, an account, settings and secrets."""
    folder = tmp_path / "data"
    config = load_config(folder)
    config.make_folder()
    config.keep(
        {
            "wiki.api_url": "https://wiki.example.org/w/api.php",
            "wiki.sync_every": 30,
            "web.oauth_client": "public-key-of-the-client",
            "web.oauth_secret": OAUTH_SECRET,
            "search.database": "postgresql://compagnon:hunter2@127.0.0.1/words",
        }
    )
    config.keep_wiki_password(PASSWORD)
    config.secret_key()
    with Store.open(config.database) as store:
        store.pages.put_many([make_page(number, f"Atelier {number}") for number in range(1, 200)])
        store.accounts.put(wiki_user_id=7, name="Zoé Martin", groups=["user"], told_at=MOMENT)
    return load_config(folder)


def members(path: Path) -> dict[str, bytes]:
    """Read a backup as anybody's tar would."""
    found = {}
    with tarfile.open(path, "r:gz") as archive:
        for entry in archive:
            stream = archive.extractfile(entry)
            assert stream is not None
            found[entry.name] = stream.read()
    return found


def query(path: Path, sql: str) -> Any:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def files_of(folder: Path) -> dict[str, bytes]:
    """What stands in a folder, but for locks and for what SQLite shares between processes."""
    kept = (path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in kept
        if path.stat().st_size and not path.name.endswith(("-shm", ".lock"))
    }
