"""`compagnon verify` on a real wiki: 0 when all is in step, 1 when anything is off, 2 when it cannot tell."""

import json
import time
from contextlib import closing
from pathlib import Path

import pytest

from connector.store import Store
from connector.sync import SyncLock
from tests.builders import HashingEmbedder
from tests.command_line import SAMPLE, CommandLine, Outcome, assert_shape, compagnon
from tests.mediawiki import LocalWiki
from webui.bootstrap import Services, build_services
from webui.config import load_config
from webui.monitoring.health import read_health

__all__ = ["compagnon"]  # a fixture

MARKER = "zinnia"


@pytest.fixture
def mirrored(
    fresh_wiki: LocalWiki, compagnon: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> tuple[LocalWiki, CommandLine]:
    """A small wiki, mirrored and indexed."""
    monkeypatch.setattr(Services, "embedder", HashingEmbedder())
    fresh_wiki.edit("Compost", "Le compost se retourne.", user="Camille Roux")
    fresh_wiki.edit("Paillage", f"Le paillage et les {MARKER}s.", user="Camille Roux")
    fresh_wiki.edit("Rotation", "Les légumes changent de planche.", user="Camille Roux")
    assert compagnon("init", "--wiki", fresh_wiki.api_url).code == 0
    assert compagnon("sync").code == 0
    assert compagnon("index").code == 0
    return fresh_wiki, compagnon


def shape_of(outcome: Outcome, code: int) -> dict[str, object]:
    assert outcome.code == code, (outcome.out, outcome.err)
    shape: dict[str, object] = json.loads(outcome.out)
    assert_shape(shape, "verify")
    assert shape["in_step"] is (code == 0)
    return shape


def pageid(data: Path, title: str) -> int:
    with Store.open(data / "compagnon.sqlite3") as store:
        return store.pages.require(title).pageid


def test_what_is_in_step_is_proven(mirrored: tuple[LocalWiki, CommandLine]) -> None:
    _, compagnon = mirrored
    shape = shape_of(compagnon("verify", "--json", "--all"), 0)
    mirror, index = shape["mirror"], shape["index"]
    assert isinstance(mirror, dict)
    assert isinstance(index, dict)
    assert mirror["pages"] == mirror["texts"] == index["pages"] == 4
    assert mirror["oldest_proof"]
    assert shape["last_sync"]
    assert shape["last_sweep"]
    shown = compagnon("verify")
    assert shown.code == 0
    assert shown.out.startswith("In step with the wiki.")
    assert "0 ghosts, 0 missing, 0 stale" in shown.out


def test_each_kind_of_difference_is_told_and_mended(mirrored: tuple[LocalWiki, CommandLine]) -> None:
    wiki, compagnon = mirrored
    ghost, stale = pageid(compagnon.data, "Paillage"), pageid(compagnon.data, "Compost")
    wiki.delete("Paillage")
    new = wiki.edit("Semis", "Semer en mars.", user="Camille Roux")
    wiki.edit("Compost", "Le compost se retourne deux fois.", user="Camille Roux")
    mirror = shape_of(compagnon("verify", "--json"), 1)["mirror"]
    assert isinstance(mirror, dict)
    assert (mirror["ghosts"], mirror["missing"], mirror["stale"]) == ([ghost], [new.pageid], [stale])
    shown = compagnon("verify")
    assert shown.code == 1
    assert f"Ghosts in the mirror: page {ghost}" in shown.out
    assert "compagnon sync --sweep" in shown.out
    assert "Semis" not in shown.out

    assert compagnon("sync", "--sweep", "--json").json["swept"] is True
    index = shape_of(compagnon("verify", "--json"), 1)["index"]
    assert isinstance(index, dict)
    assert (index["ghosts"], index["missing"], index["stale"]) == ([ghost], [new.pageid], [stale])
    shown = compagnon("verify")
    assert "What to do: run `compagnon index`" in shown.out
    assert compagnon("index").code == 0
    shape = shape_of(compagnon("verify", "--json"), 0)
    erasures = shape["erasures"]
    assert isinstance(erasures, list)
    assert [erasure["pageid"] for erasure in erasures] == [ghost]
    assert f"Forgot: page {ghost}" in compagnon("verify").out


def test_a_text_that_was_damaged_here_is_found_by_its_checksum(
    mirrored: tuple[LocalWiki, CommandLine],
) -> None:
    _, compagnon = mirrored
    with Store.open(compagnon.data / "compagnon.sqlite3") as store:
        page = store.pages.require("Rotation")
        # The same revision, another text: only its checksum can tell.
        from dataclasses import replace

        store.pages.put_many([replace(page, wikitext="Tout autre chose.")])
    mirror = shape_of(compagnon("verify", "--all", "--json"), 1)["mirror"]
    assert isinstance(mirror, dict)
    assert mirror["stale"] == [page.pageid]


def test_the_next_sync_compares_everything_when_anything_was_off(
    mirrored: tuple[LocalWiki, CommandLine],
) -> None:
    """Else the health page would show for a day what an edit between two syncs looked like."""
    wiki, compagnon = mirrored
    assert compagnon("verify").code == 0
    assert compagnon("sync", "--json").json["swept"] is False
    wiki.edit("Compost", "Le compost se retourne deux fois.", user="Camille Roux")
    assert compagnon("verify").code == 1
    time.sleep(1.1)  # the wiki tells its time in seconds
    with closing(build_services(load_config(compagnon.data))) as services:
        assert read_health(services).mirror_in_step is False
        services.sync(services.wiki())
        assert read_health(services).mirror_in_step is True
        assert services.sync(services.wiki()).swept is False


def test_the_next_step_is_named_when_there_is_one(mirrored: tuple[LocalWiki, CommandLine]) -> None:
    wiki, compagnon = mirrored
    assert "Next" not in compagnon("sync").out
    wiki.edit("Compost", "Le compost se retourne deux fois.", user="Camille Roux")
    assert "1 updated" in (said := compagnon("sync").out)
    assert "Next: compagnon index" in said
    assert "Next: compagnon index" in compagnon("sync").out
    compagnon("index")
    assert "Next" not in compagnon("sync").out


def test_without_an_index_the_mirror_is_verified_and_the_index_asked_for(
    fresh_wiki: LocalWiki, compagnon: CommandLine
) -> None:
    compagnon("init", "--wiki", fresh_wiki.api_url)
    compagnon("sync")
    assert shape_of(compagnon("verify", "--json"), 0)["index"] is None
    assert "compagnon index" in compagnon("verify").out


@pytest.mark.sqlite("the lock of its folder; PostgreSQL’s own is in test_webui_sharing.py")
def test_what_cannot_be_checked_is_exit_code_2(
    fresh_wiki: LocalWiki, compagnon: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "compagnon sync" in compagnon("verify").assert_one_clear_line(code=2)
    assert not compagnon.data.exists()
    compagnon("init", "--wiki", fresh_wiki.api_url)
    compagnon("sync")
    monkeypatch.setattr("webui.sharing._SYNC_WAIT_SECONDS", 0.05)
    with SyncLock(compagnon.data).hold():
        assert "another sync" in compagnon("verify").assert_one_clear_line(code=2)
    fresh_wiki.stop()
    assert fresh_wiki.api_url in compagnon("verify", "--json").assert_one_clear_line(code=2)


def test_a_mirror_of_an_export_has_no_wiki_to_be_compared_with(compagnon: CommandLine) -> None:
    compagnon("sync", "--dump", str(SAMPLE / "community.xml"))
    assert "no wiki is connected" in compagnon("verify").assert_one_clear_line(code=2)


@pytest.mark.sqlite("the lock of its folder; PostgreSQL’s own is in test_webui_sharing.py")
def test_two_syncs_of_one_mirror_are_refused(
    fresh_wiki: LocalWiki, compagnon: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    compagnon("init", "--wiki", fresh_wiki.api_url)
    monkeypatch.setattr("webui.sharing._SYNC_WAIT_SECONDS", 0.05)
    with SyncLock(compagnon.data).hold():
        assert "another sync" in compagnon("sync").assert_one_clear_line()
    assert compagnon("sync").code == 0
