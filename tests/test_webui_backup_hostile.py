"""A backup that is cut short, damaged, of a newer version or made by somebody hostile harms nothing."""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from connector.errors import CompagnonError, ConfigError, StoreError
from tests.backup_ground import change, data, files_of
from webui.backup.manifest import DATABASE, MANIFEST
from webui.backup.restoring import restore_backup
from webui.backup.writing import write_backup
from webui.config import Config

__all__ = ["data"]  # a fixture

pytestmark = pytest.mark.sqlite("copies of SQLite files")


def test_a_backup_that_is_cut_short_or_changed_harms_nothing(data: Config, tmp_path: Path) -> None:
    target = tmp_path / "b.tar.gz"
    write_backup(data, target)
    whole = target.read_bytes()
    damaged = [whole[: len(whole) * part // 8] for part in range(8)]
    for place in (len(whole) // 3, len(whole) * 2 // 3):
        damaged.append(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
    before = files_of(data.folder)
    for content in damaged:
        target.write_bytes(content)
        with pytest.raises(CompagnonError) as caught:
            restore_backup(target, tmp_path / "new")
        assert "\n" not in str(caught.value)
        assert not (tmp_path / "new").exists()
    with pytest.raises(CompagnonError):
        restore_backup(target, data.folder, force=True)
    assert files_of(data.folder) == before


def described(**contents: bytes) -> list[tuple[tarfile.TarInfo, bytes]]:
    """A manifest that names these contents, and they; `_` in a name stands for nothing special."""
    listed = [
        {"name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in contents.items()
    ]
    manifest = {
        "format": 1,
        "compagnon": "0.1.0",
        "schema": "0005",
        "created_at": "2026-03-14T15:09:26+00:00",
        "wiki": None,
        "secrets": True,
        "members": listed,
    }
    entries = []
    for name, content in {MANIFEST: json.dumps(manifest).encode(), **contents}.items():
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        entries.append((entry, content))
    return entries


def climbing() -> list[tuple[tarfile.TarInfo, bytes]]:
    return described(**{DATABASE: b"x", "index/../../escaped": b"x"})


def absolute() -> list[tuple[tarfile.TarInfo, bytes]]:
    return described(**{DATABASE: b"x", "/escaped": b"x"})


def unlisted() -> list[tuple[tarfile.TarInfo, bytes]]:
    entries = described(**{DATABASE: b"x"})
    entry = tarfile.TarInfo("../escaped")
    entry.size = 1
    return [*entries, (entry, b"x")]


def linked() -> list[tuple[tarfile.TarInfo, bytes]]:
    entries = described(**{DATABASE: b"x", "index/a/b": b"x"})
    link = tarfile.TarInfo("index/a")
    link.type, link.linkname = tarfile.SYMTYPE, ".."
    return [*entries[:2], (link, b""), *entries[2:]]


def link_instead() -> list[tuple[tarfile.TarInfo, bytes]]:
    entries = described(**{DATABASE: b""})
    entries[1][0].type, entries[1][0].linkname = tarfile.SYMTYPE, "/etc/passwd"
    return entries


def device() -> list[tuple[tarfile.TarInfo, bytes]]:
    entries = described(**{DATABASE: b""})
    entries[1][0].type = tarfile.CHRTYPE
    return entries


def twice() -> list[tuple[tarfile.TarInfo, bytes]]:
    entries = described(**{DATABASE: b"x"})
    return [*entries, entries[1]]


def longer_than_said() -> list[tuple[tarfile.TarInfo, bytes]]:
    entries = described(**{DATABASE: b"x"})
    entries[1][0].size = 5_000
    return [entries[0], (entries[1][0], b"x" * 5_000)]


def another_content() -> list[tuple[tarfile.TarInfo, bytes]]:
    entries = described(**{DATABASE: b"x"})
    return [entries[0], (entries[1][0], b"y")]


def no_database() -> list[tuple[tarfile.TarInfo, bytes]]:
    return described(**{"wiki-password": b"x"})


def no_database_inside() -> list[tuple[tarfile.TarInfo, bytes]]:
    return described(**{DATABASE: b"this is not SQLite" * 500})


def larger_than_any_disk() -> list[tuple[tarfile.TarInfo, bytes]]:
    entries = described(**{DATABASE: b"x"})
    listed = entries[0][1].replace(b'"bytes": 1', b'"bytes": 4611686018427387904')
    entries[0][0].size = len(listed)
    return [(entries[0][0], listed), entries[1]]


def no_manifest() -> list[tuple[tarfile.TarInfo, bytes]]:
    return described(**{DATABASE: b"x"})[1:]


def nested_for_ever() -> list[tuple[tarfile.TarInfo, bytes]]:
    entry = tarfile.TarInfo(MANIFEST)
    content = b"[" * 200_000
    entry.size = len(content)
    return [(entry, content)]


def of_the_future() -> list[tuple[tarfile.TarInfo, bytes]]:
    entries = described(**{DATABASE: b"x"})
    listed = entries[0][1].replace(b'"format": 1', b'"format": 2')
    return [(entries[0][0], listed), entries[1]]


@pytest.mark.parametrize(
    "make",
    [
        climbing,
        absolute,
        unlisted,
        linked,
        link_instead,
        device,
        twice,
        longer_than_said,
        another_content,
        no_database,
        no_database_inside,
        larger_than_any_disk,
        no_manifest,
        nested_for_ever,
        of_the_future,
    ],
    ids=lambda make: make.__name__,
)
def test_a_hostile_archive_is_one_clear_error_and_leaves_nothing(
    make: Callable[[], list[tuple[tarfile.TarInfo, bytes]]], tmp_path: Path
) -> None:
    place = tmp_path / "hostile.tar.gz"
    with tarfile.open(place, "w:gz") as archive:
        for entry, content in make():
            archive.addfile(entry, io.BytesIO(content))
    with pytest.raises((ConfigError, StoreError)) as caught:
        restore_backup(place, tmp_path / "deep" / "new")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "deep" / "new").exists()
    assert not (tmp_path / "escaped").exists()
    assert not (tmp_path / "deep" / "escaped").exists()


def test_a_backup_of_a_newer_schema_is_refused(data: Config, tmp_path: Path) -> None:
    change(data.database, "UPDATE alembic_version SET version_num = '9999'")
    write_backup(data, tmp_path / "b.tar.gz")
    with pytest.raises(StoreError, match="update Compagnon"):
        restore_backup(tmp_path / "b.tar.gz", tmp_path / "new")
    assert not (tmp_path / "new").exists()
