"""A backup while others write, and its way back: whole or not at all, and private."""

import hashlib
import json
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from connector.erasing import begin_erasing, finish_erasing
from connector.errors import ConfigError, StoreError
from connector.store import Store
from search.index_lock import IndexLock
from tests.backup_ground import OAUTH_SECRET, PASSWORD, change, data, files_of, members, query
from tests.builders import make_history, make_page
from tests.command_line import ROOT, CommandLine, compagnon
from webui.backup.manifest import DATABASE, MANIFEST
from webui.backup.restoring import restore_backup
from webui.backup.writing import write_backup
from webui.config import Config, load_config

__all__ = ["compagnon", "data"]  # fixtures

pytestmark = pytest.mark.sqlite("copies of SQLite files; PostgreSQL has tests of its own")

# What is in it


def test_it_holds_what_cannot_be_made_again_and_says_the_checksum_of_each(
    data: Config, tmp_path: Path
) -> None:
    target = tmp_path / "b.tar.gz"
    write_backup(data, target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    found = members(target)
    manifest = json.loads(found.pop(MANIFEST))
    assert {each["name"]: (each["bytes"], each["sha256"]) for each in manifest["members"]} == {
        name: (len(content), hashlib.sha256(content).hexdigest()) for name, content in found.items()
    }
    assert set(found) == {DATABASE, "compagnon.toml", "wiki-password", "secret-key"}
    assert found["wiki-password"].decode() == PASSWORD
    assert (manifest["schema"], manifest["secrets"]) == (
        query(data.database, "SELECT version_num FROM alembic_version")[0][0],
        True,
    )
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_without_secrets_there_is_none_in_it(data: Config, tmp_path: Path) -> None:
    target = tmp_path / "b.tar.gz"
    write_backup(data, target, with_secrets=False)
    found = members(target)
    assert set(found) == {MANIFEST, DATABASE, "compagnon.toml"}
    everything = b"".join(found.values())
    for secret in (PASSWORD, data.secret_key(), OAUTH_SECRET, "hunter2"):
        assert secret.encode() not in everything
    assert b"sync_every = 30" in found["compagnon.toml"]
    assert b"public-key-of-the-client" in found["compagnon.toml"]


def test_it_is_of_one_moment_while_others_write(data: Config, tmp_path: Path) -> None:
    """Each transaction adds a page and counts it: a copy of two moments would tell different numbers."""
    change(data.database, "CREATE TABLE counted (number INTEGER)", "INSERT INTO counted VALUES (199)")
    stop = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(data.database, timeout=60, isolation_level=None)) as connection:
            number = 1000
            while not stop.is_set():
                number += 1
                connection.execute("BEGIN IMMEDIATE")
                row = (number, 0, f"Page {number}", number, "x" * 9_000)
                connection.execute(
                    "INSERT INTO page (pageid, namespace, title, revid, timestamp, wikitext, content_model, "
                    "sha1) VALUES (?, ?, ?, ?, '2026-03-14 15:09:26.000000', ?, 'wikitext', '')",
                    row,
                )
                connection.execute("UPDATE counted SET number = number + 1")
                connection.execute("COMMIT")

    writer = threading.Thread(target=write)
    writer.start()
    seen = []
    try:
        for number in range(4):
            target = tmp_path / f"{number}.tar.gz"
            write_backup(data, target)
            copy = tmp_path / f"{number}.sqlite3"
            copy.write_bytes(members(target)[DATABASE])
            assert query(copy, "PRAGMA integrity_check") == [("ok",)]
            seen.append(query(copy, "SELECT (SELECT count(*) FROM page), (SELECT number FROM counted)")[0])
    finally:
        stop.set()
        writer.join()
    assert all(pages == counted for pages, counted in seen)
    assert seen[-1][0] > seen[0][0]


def test_the_index_comes_along_only_when_asked_and_when_nobody_uses_it(
    data: Config, compagnon: CommandLine
) -> None:
    (data.index_folder / "vectors").mkdir(parents=True)
    (data.index_folder / "vectors" / "chroma.sqlite3").write_bytes(b"vectors")
    (data.index_folder / "owner.json").write_text('{"token": "of a service"}', encoding="utf-8")
    target = data.folder.parent / "b.tar.gz"
    with IndexLock(data.index_folder).acquire(exclusive=True, wait_seconds=0):
        assert compagnon("backup", str(target)).code == 0
        assert "index/vectors/chroma.sqlite3" not in members(target)
    assert "--replace" in compagnon("backup", str(target)).assert_one_clear_line()
    assert compagnon("backup", "--with-index", "--replace", str(target)).code == 0
    assert members(target)["index/vectors/chroma.sqlite3"] == b"vectors"
    assert "index/owner.json" not in members(target)
    compagnon.data = data.folder.parent / "new"
    outcome = compagnon("restore", str(target))
    assert (outcome.code, "compagnon index" in outcome.out) == (0, False)
    assert (data.folder.parent / "new" / "index" / "vectors" / "chroma.sqlite3").read_bytes() == b"vectors"


# Its way back


def test_what_was_saved_is_there_again(data: Config, compagnon: CommandLine) -> None:
    target = data.folder.parent / "b.tar.gz"
    assert PASSWORD not in compagnon("backup", str(target)).out
    compagnon.data = data.folder.parent / "new"
    outcome = compagnon("restore", str(target))
    assert outcome.code == 0
    assert "compagnon index" in outcome.out
    restored = load_config(compagnon.data)
    assert stat.S_IMODE(compagnon.data.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in compagnon.data.iterdir()} == {0o600}
    assert (restored.wiki_password(), restored.secret_key()) == (PASSWORD, data.secret_key())
    assert restored.values == data.values
    with Store.open(restored.database) as store:
        assert store.pages.count() == 199
        assert [account.name for account in store.accounts.list()] == ["Zoé Martin"]


def test_what_is_there_is_replaced_only_with_force_and_only_when_nobody_uses_it(
    data: Config, compagnon: CommandLine
) -> None:
    target = data.folder.parent / "b.tar.gz"
    write_backup(data, target)
    with Store.open(data.database) as store:
        store.pages.delete([1])
    before = files_of(data.folder)
    assert "--force" in compagnon("restore", str(target)).assert_one_clear_line()
    lock = IndexLock(data.index_folder)
    with lock.acquire(exclusive=True, wait_seconds=0, url="http://127.0.0.1:8642"):
        line = compagnon("restore", "--force", str(target)).assert_one_clear_line()
        assert "stop `compagnon serve`" in line
        assert {name: content for name, content in files_of(data.folder).items() if "index" not in name} == {
            name: content for name, content in before.items() if "index" not in name
        }
    assert compagnon("restore", "--force", str(target)).code == 0
    with Store.open(data.database) as store:
        assert store.pages.count() == 199
    assert [path.name for path in data.folder.iterdir() if path.name.startswith(".")] == []


def test_secrets_that_the_backup_lacks_stay(data: Config, tmp_path: Path) -> None:
    target = tmp_path / "b.tar.gz"
    write_backup(data, target, with_secrets=False)
    restore_backup(target, data.folder, force=True)
    assert load_config(data.folder).wiki_password() == PASSWORD


def test_people_s_newer_decisions_count_and_nobody_stays_signed_in(data: Config, tmp_path: Path) -> None:
    change(
        data.database,
        "INSERT INTO wish (account_id, opted_out, paused, languages, availability, not_mine, updated_at) "
        "VALUES (1, 0, 0, '[]', '', '[]', '2026-03-14 15:09:26.000000')",
        "INSERT INTO access_token (account_id, digest, label, created_at) "
        "VALUES (1, 'kept', 'x', '2026-03-14 15:09:26'), (1, 'withdrawn', 'x', '2026-03-14 15:09:26')",
        "UPDATE account SET credential = 'sealed'",
        "INSERT INTO sign_in VALUES ('d', 1, 'b', '2026-03-14', '2026-03-14', '2030-03-14')",
    )
    target = tmp_path / "b.tar.gz"
    write_backup(data, target)
    change(
        data.database,
        "UPDATE wish SET opted_out = 1, updated_at = '2026-04-01 08:00:00.000000'",
        "DELETE FROM access_token WHERE digest = 'withdrawn'",
        "UPDATE account SET credential = NULL",
    )
    settled = restore_backup(target, data.folder, force=True).settled
    assert settled is not None
    assert (settled.erased_names, settled.wishes, settled.access_tokens) == (0, 1, 1)
    assert query(data.database, "SELECT opted_out FROM wish") == [(1,)]
    assert query(data.database, "SELECT digest FROM access_token") == [("kept",)]
    assert query(data.database, "SELECT * FROM sign_in") == []
    assert set(query(data.database, "SELECT credential FROM account")) == {(None,)}
    restore_backup(target, tmp_path / "elsewhere")
    assert query(tmp_path / "elsewhere" / DATABASE, "SELECT * FROM sign_in") == []


def test_who_ended_the_mails_gets_none_after_an_older_backup(data: Config, tmp_path: Path) -> None:
    change(
        data.database,
        "INSERT INTO account (id, wiki_user_id, name, groups, told_at, created_at, seen_at) "
        "VALUES (71, 7001, 'Ola', '[]', '2026-03-01', '2026-03-01', '2026-03-01'), "
        "(72, 7002, 'Pia', '[]', '2026-03-01', '2026-03-01', '2026-03-01'), "
        "(73, 7003, 'Rui', '[]', '2026-03-01', '2026-03-01', '2026-03-01')",
        "INSERT INTO subscription SELECT id, lower(name) || '@example.org', 'fr', 'c', 'stop', "
        "'2026-03-01 08:00:00', '2026-03-01 09:00:00', '2026-03-09 08:00:00' FROM account WHERE id > 70",
        "INSERT INTO digest_list VALUES ('list', '2026-03-09 08:00:00')",
    )
    target = tmp_path / "b.tar.gz"
    write_backup(data, target)
    change(
        data.database,
        "DELETE FROM subscription WHERE account_id = 71",
        "UPDATE subscription SET address = 'pia@elsewhere.example' WHERE account_id = 72",
        "UPDATE subscription SET sent_at = '2026-03-16 08:00:00', stop_digest = 'new' WHERE account_id = 73",
        "UPDATE digest_list SET sent_at = '2026-03-16 08:00:00'",
    )
    restore_backup(target, data.folder, force=True)
    assert query(data.database, "SELECT address, sent_at, stop_digest FROM subscription") == [
        ("rui@example.org", "2026-03-16 08:00:00", "new")
    ]
    assert query(data.database, "SELECT sent_at FROM digest_list") == [("2026-03-16 08:00:00",)]


def test_who_was_erased_stays_erased_after_an_older_backup(data: Config, tmp_path: Path) -> None:
    with Store.open(data.database, secret=data.secret_key) as store:
        store.pages.put_many([make_page(500, "Étau", "L’étau de Camille Roux, et de personne d’autre.")])
        store.revisions.put_many(make_history(500, ["Camille Roux"]))
    target = tmp_path / "b.tar.gz"
    write_backup(data, target)
    with Store.open(data.database, secret=data.secret_key) as store:
        begin_erasing(store, ["Camille Roux"])
        finish_erasing(store)
    settled = restore_backup(target, data.folder, force=True).settled
    assert settled is not None
    assert settled.erased_names == 1
    with Store.open(data.database, secret=data.secret_key) as store:
        assert store.pages.count() == 200
        assert [revision.user for revision in store.revisions.of_page(500)] == [None]
        assert store.erased_names.is_finished()
    for path in data.folder.iterdir():
        if path.is_file():
            assert b"Camille Roux" not in path.read_bytes(), path.name
    # Elsewhere nobody knows of it; and without the key nobody could be told from another.
    restore_backup(target, tmp_path / "elsewhere")
    assert b"Camille Roux" in (tmp_path / "elsewhere" / DATABASE).read_bytes()
    write_backup(data, target, with_secrets=False, replace=True)
    with pytest.raises(StoreError, match="secret key"):
        restore_backup(target, tmp_path / "third")
    assert not (tmp_path / "third").exists()


def test_a_damaged_database_does_not_stand_in_the_way_of_its_backup(data: Config, tmp_path: Path) -> None:
    target = tmp_path / "b.tar.gz"
    write_backup(data, target)
    data.database.write_bytes(b"no database at all" * 1000)
    restore_backup(target, data.folder, force=True)
    with Store.open(data.database) as store:
        assert store.pages.count() == 199


def test_a_damaged_database_is_not_saved_as_if_it_were_whole(data: Config, tmp_path: Path) -> None:
    change(data.database, "PRAGMA journal_mode = DELETE")
    content = bytearray(data.database.read_bytes())
    for place in range(5 * 4096, len(content), 4096):
        content[place : place + 64] = b"\xff" * 64
    data.database.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        write_backup(data, tmp_path / "b.tar.gz")
    assert "\n" not in str(caught.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


# What goes wrong half way

WRITE = """
import sys
from pathlib import Path
from webui.backup.writing import write_backup
from webui.config import load_config

def told(done, total, what):
    if what == sys.argv[3]:
        print("there", flush=True)
        sys.stdin.readline()

write_backup(load_config(Path(sys.argv[1])), Path(sys.argv[2]), replace=True, progress=told)
"""


@pytest.mark.parametrize("at", ["database", "archive", "backup"])
def test_a_backup_that_is_killed_leaves_the_one_before_and_the_next_one_clears_up(
    data: Config, tmp_path: Path, at: str
) -> None:
    target = tmp_path / "b.tar.gz"
    write_backup(data, target)
    before = target.read_bytes()
    process = subprocess.Popen(
        [sys.executable, "-c", WRITE, data.folder, target, at],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"there\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert target.read_bytes() == before
    left = [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    assert left
    assert {stat.S_IMODE(path.stat().st_mode) for path in left} == {0o600}
    write_backup(data, target, replace=True)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    restore_backup(target, tmp_path / "new")


FULL = """
import os, resource, signal, sys
from pathlib import Path
from connector.erasing import begin_erasing, finish_erasing
from connector.errors import CompagnonError
from webui.backup.restoring import restore_backup
from webui.backup.writing import write_backup
from webui.config import load_config

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), resource.RLIM_INFINITY))
for act in (
    lambda: write_backup(load_config(Path(sys.argv[1])), Path(sys.argv[2]), replace=True),
    lambda: restore_backup(Path(sys.argv[2]), Path(sys.argv[3])),
):
    try:
        act()
    except CompagnonError as e:
        assert "\\n" not in str(e), str(e)
    else:
        raise AssertionError("no error")
"""


def test_a_full_disk_is_one_clear_error_and_leaves_the_backup_before(data: Config, tmp_path: Path) -> None:
    """No file of the process may grow past a limit: what writes then fails as on a full disk."""
    target = tmp_path / "b.tar.gz"
    write_backup(data, target)
    before = target.read_bytes()
    limit = data.database.stat().st_size // 2
    command = [sys.executable, "-c", FULL, str(data.folder), str(target), str(tmp_path / "new"), str(limit)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert target.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.tar.gz", "data"]


def test_a_restore_that_cannot_put_its_files_in_place_puts_the_old_ones_back(
    data: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "b.tar.gz"
    write_backup(data, target)
    before = files_of(data.folder)
    rename, calls = Path.rename, 0

    def failing(self: Path, target: Path) -> Path:
        nonlocal calls
        calls += 1
        if calls == 7:
            raise OSError(5, "Input/output error", str(self))
        return rename(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", failing)
        with pytest.raises(ConfigError, match="Input/output error"):
            restore_backup(target, data.folder, force=True)
    assert calls > 7
    assert {name: c for name, c in files_of(data.folder).items() if not name.startswith("index")} == before


# PostgreSQL


def test_where_nothing_is_there_is_nothing_to_save(compagnon: CommandLine, tmp_path: Path) -> None:
    assert "nothing" in compagnon("backup", str(tmp_path / "b")).assert_one_clear_line()
    assert not compagnon.data.exists()
