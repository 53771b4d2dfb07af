"""An index that lost a part or was damaged: it heals, or one line says what to delete, and then it heals."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from connector.errors import SearchError
from search.keyword_tables import SCHEMA
from search.prepared_pages import WaitingRoom
from tests.builders import make_page
from tests.chroma_server import delete_collections
from tests.store_on_postgresql import execute_behind, stands_for_database
from tests.sync_process import assert_sound
from tests.test_connector_sync_disk_full import small_disk
from tests.test_search_indexer import Scene, assert_whole, found, scene

__all__ = ["scene"]  # a fixture

# What SQLite's extension keeps of each word is there a table of our own.
_IN_POSTGRESQL = {"words": "term"}


@pytest.mark.parametrize("table", ["words", "vocabulary", "chunk", "manifest", "meta"])
def test_a_table_that_was_deleted_heals_and_embeds_nothing(scene: Scene, table: str) -> None:
    whole = scene.update()
    path = scene.folder / "index" / "keyword.sqlite3"
    if stands_for_database(path):
        execute_behind(path, f'DROP TABLE "{SCHEMA}".{_IN_POSTGRESQL.get(table, table)} CASCADE')
    else:
        with closing(sqlite3.connect(path)) as database:
            database.execute(f"DROP TABLE {table}")  # names of the test's own
            database.commit()
    report = scene.update()
    assert (report.pages_indexed, report.chunks_embedded) == (4, 0)
    assert report.chunks_reused == whole.chunks_embedded
    assert found(scene, "silhouette") == [2]


def gone_words(folder: Path) -> None:
    if stands_for_database(folder / "keyword.sqlite3"):
        execute_behind(folder / "keyword.sqlite3", f'DROP SCHEMA "{SCHEMA}" CASCADE')
        return
    for path in folder.glob("keyword.sqlite3*"):
        path.unlink()


def gone_vectors(folder: Path) -> None:
    if not (folder / "chroma").exists():
        delete_collections(os.environ["COMPAGNON_SEARCH_CHROMA_URL"], (folder / "chroma-name").read_text())
        return
    shutil.rmtree(folder / "chroma")


def other_vectors(folder: Path) -> None:
    on_server = not (folder / "chroma").exists()
    gone_vectors(folder)
    if on_server:
        (folder / "chroma-name").unlink()  # others of the server's, which do not exist yet
    else:
        (folder / "chroma").mkdir()


@pytest.mark.parametrize("delete", [gone_words, gone_vectors, other_vectors, shutil.rmtree])
def test_what_is_deleted_under_an_open_index_heals_too(scene: Scene, delete: Callable[[Path], None]) -> None:
    index = scene.open()
    with index.lock.acquire(exclusive=True, wait_seconds=0):  # as a process that serves
        index.update()
        delete(scene.folder / "index")
        index.update()
        assert_whole(index)
        index.close()
    assert found(scene, "silhouette") == [2]
    with scene.open().lock.acquire(exclusive=False, wait_seconds=0):
        assert_whole(scene.open())


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def scramble(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[100:] = bytes(byte ^ 0x5A for byte in data[100:])
    path.write_bytes(data)


def replace_it(path: Path) -> None:
    path.write_bytes(b"no database at all " * 400)


@pytest.mark.sqlite("a file that is damaged; PostgreSQL's are its administrator's to mend")
@pytest.mark.parametrize("damage", [cut, scramble, replace_it])
def test_a_damaged_keyword_index_is_one_line_that_says_what_to_delete(
    scene: Scene, damage: Callable[[Path], None]
) -> None:
    for number in range(20, 60):
        scene.put(make_page(number, f"Page {number}", f"La page {number} parle du banc. " * 40))
    scene.update()
    path = scene.folder / "index" / "keyword.sqlite3"
    damage(path)
    index = scene.open()
    with pytest.raises(SearchError) as caught:
        index.update()
    index.close()
    assert f"delete {path} and run `compagnon index`" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    for left in path.parent.glob("keyword.sqlite3*"):
        left.unlink()
    assert scene.update().chunks_embedded == 0
    assert found(scene, "silhouette") == [2]


@pytest.mark.sqlite("a file of Chroma's that is damaged; a server's are its administrator's to mend")
@pytest.mark.parametrize("damage", [cut, scramble, replace_it])
def test_damaged_vectors_are_one_line_that_says_what_to_delete(
    scene: Scene, damage: Callable[[Path], None]
) -> None:
    whole = scene.update()
    folder = scene.folder / "index" / "chroma"
    damage(folder / "chroma.sqlite3")
    index = scene.open()
    with pytest.raises(SearchError) as caught:
        index.update()
    index.close()
    assert f"delete the folder {folder} and run `compagnon index`" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    shutil.rmtree(folder)
    assert scene.update().chunks_embedded == whole.chunks_embedded


@pytest.mark.sqlite("the disk on which its file is; a server has its own")
def test_a_full_disk_is_said_in_one_line_and_the_next_update_goes_on(scene: Scene) -> None:
    for number in range(100, 220):
        text = f"Le banc {number} est décrit. " + "Il faut le poncer, puis le vernir deux fois. " * 60
        scene.put(make_page(number, f"Banc {number}", text))
    with small_disk(scene.folder / "index", kilobytes=1_200) as disk:
        index = scene.open()
        with pytest.raises(SearchError, match="disk is full") as caught:
            index.update()
        index.close()
        assert len(str(caught.value).splitlines()) == 1
        assert_sound(disk / "keyword.sqlite3")
        subprocess.run(["mount", "-o", "remount,size=60m", disk], check=True)
        scene.update()
        # Full again, while much is replaced.
        for number in range(100, 160):
            text = (
                f"Le tabouret {number} est décrit. " + "On le peint trois fois, et on le laisse sécher. " * 60
            )
            scene.put(make_page(number, f"Tabouret {number}", text, revid=90_000 + number))
        used = sum(path.stat().st_size for path in disk.rglob("*") if path.is_file())
        subprocess.run(["mount", "-o", f"remount,size={used // 1024 + 100}k", disk], check=True)
        index = scene.open()
        with pytest.raises(SearchError, match="disk is full"):
            index.update()
        index.check()  # what was whole can be searched
        index.close()
        subprocess.run(["mount", "-o", "remount,size=60m", disk], check=True)
        scene.update()
        assert found(scene, "tabouret 150")[0] == 150
        index = scene.open()
        assert_whole(index)
        index.close()


def test_no_room_for_what_waits_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.prepared_pages._BYTES_IN_MEMORY", 1_000)
    with (
        small_disk(tmp_path / "disk", kilobytes=64) as disk,
        WaitingRoom(disk) as room,
        pytest.raises(SearchError, match="disk is full"),
    ):
        room.add_passage("1:a", "Un banc. " * 20_000)
