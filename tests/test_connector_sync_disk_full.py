"""No room on the disk: one clear line, nothing lost, and the next sync goes on once there is room."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mediawiki import LocalWiki
from tests.mediawiki_moderation import ExportedRevision, Moderation
from tests.sync_process import SyncProcess, assert_sound
from tests.wiki_history_pages import wiki_namespaces
from tests.wiki_truth import MIRRORED, differences, read_mirror, read_wiki

pytestmark = pytest.mark.sqlite("the disk that is full has its file")

_PAGES = 60
_TEXT = "Un paragraphe de plus sur la façon de ranger les outils de l’atelier. " * 220  # some 15 kB


@pytest.fixture
def large_wiki(fresh_wiki: LocalWiki) -> LocalWiki:
    """A wiki of about 1 MB."""
    pages = {
        f"Fiche {number}": [ExportedRevision("2021-05-04T08:10:00Z", "Fulgence", f"{number} {_TEXT}")]
        for number in range(_PAGES)
    }
    Moderation(fresh_wiki).import_quietly(pages)
    return fresh_wiki


def assert_one_clear_line(code: int, err: str) -> None:
    assert code == 1, (code, err)
    assert len(err.strip().splitlines()) == 1, err
    assert err.startswith("compagnon: ")


def assert_recovered(wiki: LocalWiki, data: Path) -> None:
    code, _, err = SyncProcess(data, wiki.api_url).finish()
    assert (code, err) == (0, "")
    assert_sound(data / "compagnon.sqlite3")
    names = wiki_namespaces(wiki)
    truth = read_wiki(wiki.folder, namespaces=MIRRORED, names=names.__getitem__)
    assert len(truth.pages) >= _PAGES
    assert not differences(truth, read_mirror(data / "compagnon.sqlite3"))


@contextlib.contextmanager
def small_disk(folder: Path, *, kilobytes: int) -> Iterator[Path]:
    """A disk of its own that is soon full; the test is skipped where none can be had (root only)."""
    folder.mkdir()
    options = f"size={kilobytes}k,mode=700"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("this account may mount no disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_said_in_one_line_and_the_next_sync_goes_on(
    large_wiki: LocalWiki, tmp_path: Path
) -> None:
    if os.geteuid() != 0:
        pytest.skip("this account may mount no disk")
    with small_disk(tmp_path / "disk", kilobytes=900) as disk:
        data = disk / "data"
        code, _, err = SyncProcess(data, large_wiki.api_url).finish()
        assert_one_clear_line(code, err)
        assert "disk is full" in err
        assert_sound(data / "compagnon.sqlite3")
        subprocess.run(["mount", "-o", "remount,size=40m", disk], check=True)
        assert_recovered(large_wiki, data)
        # Full again, while much is replaced and purged.
        for number in range(8):
            large_wiki.edit(f"Fiche {number}", f"{number} autrement. {_TEXT}")
        large_wiki.delete("Fiche 9")
        used = sum(path.stat().st_size for path in disk.rglob("*") if path.is_file())
        subprocess.run(["mount", "-o", f"remount,size={used // 1024 + 60}k", disk], check=True)
        code, _, err = SyncProcess(data, large_wiki.api_url).finish()
        assert_one_clear_line(code, err)
        assert "disk is full" in err
        assert_sound(data / "compagnon.sqlite3")
        subprocess.run(["mount", "-o", "remount,size=40m", disk], check=True)
        assert_recovered(large_wiki, data)


def test_a_file_that_may_not_grow_is_said_in_one_line(large_wiki: LocalWiki, tmp_path: Path) -> None:
    """A quota looks like this; every account can try it (setrlimit(2), RLIMIT_FSIZE)."""
    data = tmp_path / "data"
    limited = SyncProcess(data, large_wiki.api_url, before=["prlimit", "--fsize=600000"])
    code, _, err = limited.finish()
    assert_one_clear_line(code, err)
    assert_sound(data / "compagnon.sqlite3")
    assert_recovered(large_wiki, data)
