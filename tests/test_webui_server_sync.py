"""A private wiki that is served, in processes of their own: what is saved is found, what goes is gone."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command_line import ROOT, CommandLine, assert_shape, compagnon
from tests.mediawiki import LocalWiki
from tests.server_process import Server, until
from webui.config import load_config

__all__ = ["compagnon"]  # a fixture

pytestmark = pytest.mark.model


@pytest.fixture
def private(
    fresh_wiki: LocalWiki, compagnon: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> tuple[LocalWiki, CommandLine]:
    """A private wiki, mirrored with a bot password of the least rights, and indexed."""
    fresh_wiki.edit("Compost", "Le compost se retourne au printemps.", user="Camille Roux")
    fresh_wiki.make_private()
    account, password = fresh_wiki.create_bot_password("Noémie Tréguier", "lecture", grants=("basic",))
    monkeypatch.setenv("COMPAGNON_WIKI_PASSWORD", password)
    assert compagnon("init", "--wiki", fresh_wiki.api_url, "--user", account).code == 0
    monkeypatch.delenv("COMPAGNON_WIKI_PASSWORD")
    load_config(compagnon.data).keep({"web.sign_in": "off"})
    assert compagnon("sync").code == 0
    assert compagnon("index").code == 0
    return fresh_wiki, compagnon


def test_a_served_wiki_stays_in_step_by_itself(private: tuple[LocalWiki, CommandLine]) -> None:
    wiki, compagnon = private
    load_config(compagnon.data).keep({"wiki.sync_every": 5})
    server = Server(compagnon.data)
    try:
        wiki.edit("Ruche", "Poser la ruche face au sud-est, à l'abri du vent.", user="Camille Roux")
        until(lambda: "Ruche" in server.titles("où poser une ruche ?"))
        wiki.delete("Ruche")
        until(lambda: "Ruche" not in server.titles("où poser une ruche ?"))
        assert compagnon("verify", "--all").code == 0
        shape = server.get("/api/v1/health")
        assert_shape(shape, "health")
        assert shape["in_step"] is True
        assert shape["background"]["last_error"] is None
        assert shape["erasures"][0]["exact"] is True

        wiki.stop()
        assert server.end(signal.SIGTERM) == 0, "it ends while the wiki is away"
    finally:
        if server.process.poll() is None:
            server.end(signal.SIGKILL)


def test_a_watch_beside_the_server_has_it_update_the_index(private: tuple[LocalWiki, CommandLine]) -> None:
    wiki, compagnon = private
    server = Server(compagnon.data)
    command = [
        sys.executable,
        "-m",
        "webui.cli",
        "--data",
        str(compagnon.data),
        "sync",
        "--watch",
        "5",
        "--json",
    ]
    watcher = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        wiki.edit("Ruche", "Poser la ruche face au sud-est.", user="Camille Roux")
        until(lambda: "Ruche" in server.titles("où poser une ruche ?"))
        watcher.send_signal(signal.SIGINT)
        out, err = watcher.communicate(timeout=60)
        assert (watcher.returncode, err) == (0, "")
        told = json.loads(out)
        assert_shape(told, "sync")
        assert told["added"] == 1
        assert server.get("/api/v1/health")["background"] is None
    finally:
        watcher.kill()
        watcher.communicate()
        server.end(signal.SIGTERM)


def test_sync_every_without_a_wiki_is_said_and_serves_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "compagnon.toml").write_text("[wiki]\nsync_every = 60\n", encoding="utf-8")
    server = Server(tmp_path)
    try:
        assert server.get("/api/v1/health")["background"] is None
    finally:
        server.process.send_signal(signal.SIGTERM)
        _, err = server.process.communicate(timeout=60)
    assert "no wiki is connected" in err
