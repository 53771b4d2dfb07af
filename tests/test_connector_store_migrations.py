"""A database that an older Compagnon made is brought up to date with everything in it."""

import hashlib
import sqlite3
import subprocess
import sys
from collections.abc import Collection, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

import connector.store.migrations
from connector.errors import StoreError
from connector.model import Page, PageLinks
from connector.store import Store
from connector.store.counting_changes import COUNTER
from connector.store.engine import make_engine
from connector.store.migrating import SCHEMA_REVISION
from tests.builders import make_history, make_page

pytestmark = pytest.mark.sqlite("files of older releases")

MOMENT = "2026-03-14 15:09:26.000000"
WHEN = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
LONG = "Démonter l’étau. " * 4_000


def make_schema(path: Path, revision: str) -> None:
    """An empty database as a revision made it."""
    config = Config()
    config.set_main_option("script_location", str(Path(connector.store.migrations.__file__).parent))
    engine = make_engine(path)
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()
    engine.dispose()


def make_first_schema(path: Path) -> None:
    """A database as revision 0001 made it, with pages, a history, notes and a draft in it."""
    make_schema(path, "0001")
    with closing(sqlite3.connect(path)) as first, first:
        pages = [
            (1, 0, "Étau", 10, MOMENT, LONG, None, "wikitext"),
            (2, 0, "Renvoi", 20, MOMENT, "#REDIRECTION [[Étau]]", "Étau", "wikitext"),
            (3, 4, "Projet:Vide", 30, MOMENT, "", None, "wikitext"),
        ]
        first.executemany("INSERT INTO page VALUES (?, ?, ?, ?, ?, ?, ?, ?)", pages)
        revision = (9, 1, 0, MOMENT, "Zoé", 7, "début", 12, "", 0, '["mobile"]')
        first.execute("INSERT INTO revision VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", revision)
        first.execute("INSERT INTO state VALUES ('last_sync', '\"2026-03-14T15:00:00+00:00\"')")
        first.execute("INSERT INTO notes VALUES (1, 'ab', 'n.md', 'text/markdown', x'ff00', ?)", [MOMENT])
        draft = (1, 1, "draft", 1, "Titre", "fr", "{}", MOMENT, MOMENT, None, None, None)
        first.execute("INSERT INTO draft VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", draft)


def test_everything_survives_and_the_texts_get_their_checksums(tmp_path: Path) -> None:
    make_first_schema(tmp_path / "old.sqlite3")
    with Store.open(tmp_path / "old.sqlite3") as store:
        assert store.integrity_check() == []
        assert list(store.pages.iterate(redirects=True)) == [
            Page(pageid=1, namespace=0, title="Étau", revid=10, timestamp=WHEN, wikitext=LONG),
            Page(
                pageid=2,
                namespace=0,
                title="Renvoi",
                revid=20,
                timestamp=WHEN,
                wikitext="#REDIRECTION [[Étau]]",
                redirect_target="Étau",
            ),
            Page(pageid=3, namespace=4, title="Projet:Vide", revid=30, timestamp=WHEN, wikitext=""),
        ]
        assert {pageid: each.sha1 for pageid, each in store.pages.hashes([1, 2, 3]).items()} == {
            pageid: hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
            for pageid, text in [(1, LONG), (2, "#REDIRECTION [[Étau]]"), (3, "")]
        }
        assert store.pages.oldest_proof() is None
        assert store.pages.least_recently_proven(9) == [1, 2, 3]
        assert [head.touched for head in store.pages.heads()] == [None] * 3
        (revision,) = store.revisions.of_page(1)
        assert (revision.user, revision.tags, revision.timestamp) == ("Zoé", ("mobile",), WHEN)
        assert store.site.last_sync() == datetime(2026, 3, 14, 15, tzinfo=UTC)
        assert store.drafts.get(1).title == "Titre"
        notes = store.notes.get(1)
        assert notes is not None
        assert notes.original == b"\xff\x00"
        assert (notes.filename, notes.created_at, notes.title, notes.summary) == ("n.md", WHEN, None, None)
        assert store.drafts.get(1).merge_into is None
        assert store.drafts.get(1).content == "{}"
        store.notes.forget(1)
        assert store.drafts.list() == []
        assert store.notes.add(sha256="cd", filename="", media_type="text/plain", original=b"x") == 2


def test_what_belongs_to_a_page_still_goes_with_it(tmp_path: Path) -> None:
    make_first_schema(tmp_path / "old.sqlite3")
    with Store.open(tmp_path / "old.sqlite3") as store:
        assert store.links.lagging_pages() == [1, 2, 3]
        store.links.put_many([PageLinks(pageid=1, links=("Lime",))])
        store.revisions.put_many(make_history(99, ["Anne"]))
        store.pages.delete([1])
        assert (store.revisions.count(), store.links.get(1)) == (0, None)
        assert store.integrity_check() == []


def test_an_upgraded_database_has_the_very_schema_of_a_new_one(tmp_path: Path) -> None:
    make_first_schema(tmp_path / "old.sqlite3")
    schemas = []
    for name in ("old.sqlite3", "new.sqlite3"):
        Store.open(tmp_path / name).close()
        with closing(sqlite3.connect(tmp_path / name)) as connection:
            # SQLite quotes the name of a table that was renamed.
            rows = connection.execute(
                "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"
            )
            schemas.append(rows.fetchall())
    assert schemas[0] == schemas[1]
    assert len(schemas[0]) > 10


@pytest.mark.parametrize(
    "at", ["alembic.op.drop_table", "alembic.op.rename_table", "alembic.op.create_index"]
)
def test_an_upgrade_that_is_stopped_half_way_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    path = tmp_path / "old.sqlite3"
    make_first_schema(path)

    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(at, stopped)
        with pytest.raises(KeyboardInterrupt):
            Store.open(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
        assert connection.execute("SELECT count(*) FROM revision").fetchone() == (1,)
    with Store.open(path) as store:
        assert (store.pages.count(), store.revisions.count()) == (3, 1)
        assert store.integrity_check() == []


def test_a_full_disk_leaves_the_old_database_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "old.sqlite3"
    make_first_schema(path)
    pages = path.stat().st_size // 4096

    def limit(connection: sqlite3.Connection, **_: object) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA max_page_count = {pages}")

    with monkeypatch.context() as patched:
        patched.setattr("connector.store.engine._tune_sqlite", limit)
        with pytest.raises(StoreError, match="brought up to date: the disk is full") as caught:
            Store.open(path)
    assert "\n" not in str(caught.value)
    with Store.open(path) as store:
        assert (store.pages.count(), store.revisions.count()) == (3, 1)


OPEN = """
import sys
from pathlib import Path
from connector.store import Store
print("ready", flush=True)
sys.stdin.readline()
with Store.open(Path(sys.argv[1])) as store:
    print(store.pages.count(), store.revisions.count())
"""


@pytest.mark.parametrize("old", [True, False])
def test_processes_that_open_at_once_upgrade_once(tmp_path: Path, old: bool) -> None:
    path = tmp_path / "shared.sqlite3"
    if old:
        make_first_schema(path)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN, path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate() for process in processes]
    assert said == [("3 1\n" if old else "0 0\n", "")] * 4


def test_a_new_database_takes_pages_at_once(tmp_path: Path) -> None:
    """Foreign keys are switched off for the migration, and on again for those who use the connection next."""
    with Store.open(tmp_path / "new.sqlite3") as store:
        store.pages.put_many([make_page(1, "Étau")])
        store.revisions.put_many(make_history(1, ["Zoé"]))
        store.pages.delete([1])
        assert store.revisions.count() == 0


# Every schema that was ever released

VALUES = {
    "DATETIME": MOMENT,
    "DATE": "2026-03-14",
    "JSON": '["é"]',
    "INTEGER": 1,
    "BOOLEAN": 1,
    "BLOB": b"\xff\x00",
}


def tables(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """The tables that hold something of ours, with the names of their columns."""
    names = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' "
        "AND name NOT IN ('alembic_version', 'sqlite_sequence')"
    ).fetchall()
    return {name: [row[1] for row in connection.execute(f"PRAGMA table_info({name})")] for (name,) in names}


def fill(connection: sqlite3.Connection, *, besides: Collection[str] = ()) -> None:
    """Put a row into each table, with something in every column; all ids are 1, so all belong together."""
    for name in tables(connection):
        if name in besides:
            continue
        columns = connection.execute(f"PRAGMA table_info({name})").fetchall()
        row = {column: VALUES.get(kind, f"{column} é") for _, column, kind, *_ in columns}
        if name == "state":
            row = {"key": "sweep", "value": "null"}
        marks = ", ".join("?" * len(row))
        connection.execute(
            f"INSERT INTO {name} ({', '.join(map(quoted, row))}) VALUES ({marks})",  # noqa: S608 - our schema
            list(row.values()),
        )


def quoted(name: str) -> str:
    return f'"{name}"'


def content(
    connection: sqlite3.Connection, columns: Mapping[str, list[str]]
) -> dict[str, list[tuple[object, ...]]]:
    """What stands in some columns of each table, but for how often it changed."""
    return {
        name: [
            row
            for row in connection.execute(f"SELECT {', '.join(map(quoted, kept))} FROM {name}")  # noqa: S608
            if row[0] != COUNTER
        ]
        for name, kept in columns.items()
    }


@pytest.mark.parametrize("revision", ["0001", "0002", "0003", "0004"])
def test_each_released_schema_comes_to_the_newest_with_every_value(tmp_path: Path, revision: str) -> None:
    path = tmp_path / "old.sqlite3"
    make_schema(path, revision)
    with closing(sqlite3.connect(path)) as connection, connection:
        fill(connection)
        columns = tables(connection)
        before = content(connection, columns)
    assert all(len(rows) == 1 for rows in before.values())
    with Store.open(path) as store:
        assert store.integrity_check() == []
        assert store.pages.count() == 1
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = ON")
        assert content(connection, columns) == before
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (SCHEMA_REVISION,)
        # The tables that came since take rows, which belong to those that were there.
        fill(connection, besides=columns)
        assert all(len(rows) == 1 for rows in content(connection, tables(connection)).values())
        connection.execute("DELETE FROM page")
        connection.execute("DELETE FROM account")
        assert connection.execute("SELECT asked_by, closed_by FROM question").fetchall() == [(None, None)]
        left = {name: len(rows) for name, rows in content(connection, tables(connection)).items()}
    for gone in ("hit_feedback", "link_feedback", "rendering", "sign_in", "access_token", "wish"):
        assert left[gone] == 0, gone
    # A question is the community's: it stays when who asked it goes, and says no more who that was.
    assert (left["question"], left["notes"], left["erased_name"]) == (1, 1, 1)
    with Store.open(path) as store:
        assert store.integrity_check() == []


def test_the_newest_schema_is_the_last_of_the_migrations() -> None:
    versions = Path(connector.store.migrations.__file__).parent / "versions"
    released = sorted(path.name[:4] for path in versions.glob("[0-9]*.py"))
    assert released[-1] == SCHEMA_REVISION
    assert released == [f"{number:04}" for number in range(1, len(released) + 1)]
