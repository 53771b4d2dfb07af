"""`compagnon serve` as a process of its own: other commands ask it, and its end frees the index."""

import os
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connector.errors import ConfigError
from tests.command_line import CommandLine, assert_shape, compagnon
from tests.community import NOTES, small_community
from tests.server_process import Server
from webui.config import load_config
from webui.server import listening_socket, until_told

__all__ = ["compagnon"]  # a fixture

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def community(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("served") / "data"
    small_community(folder).close()
    return folder


@pytest.fixture
def server(community: Path) -> Iterator[Server]:
    running = Server(community)
    yield running
    if running.process.poll() is None:
        running.end(signal.SIGKILL)


@pytest.mark.model
def test_other_commands_ask_the_one_that_serves(
    server: Server, community: Path, compagnon: CommandLine
) -> None:
    compagnon.data = community
    asked = compagnon("search", "accueillir un nouveau bénévole", "--json").json
    path = "/api/v1/search?q=accueillir%20un%20nouveau%20b%C3%A9n%C3%A9vole&top_k=10"
    assert asked == server.get(f"{path}&answer=1")
    assert compagnon("search", "accueillir un nouveau bénévole", "--no-answer", "--json").json == server.get(
        path
    )
    near = compagnon("related", "Accueil des bénévoles", "--json").json
    assert near == server.get("/api/v1/pages/1/related")
    assert asked["hits"][0]["title"]
    assert compagnon("experts", "accueil", "--json").json["experts"]
    assert compagnon("index", "--json").json["pages_indexed"] == 0
    error = compagnon("search", "x" * 5000).assert_one_clear_line()
    assert "1,000" in error


def test_notes_that_are_to_be_kept_are_read_by_the_one_that_serves(
    server: Server, community: Path, compagnon: CommandLine, tmp_path: Path
) -> None:
    compagnon.data = community
    (tmp_path / "n.md").write_text(NOTES, encoding="utf-8")
    outcome = compagnon("capture", str(tmp_path / "n.md"), "--save", "--json")
    assert_shape(outcome.json, "capture")
    assert "Kept as draft" in outcome.err
    job = server.get("/api/v1/jobs/1")
    assert (job["state"], job["result"]) == ("done", outcome.json)
    assert [one["id"] for one in compagnon("drafts", "--json").json["drafts"]] == job["drafts"]
    (tmp_path / "n.md").write_text(" ", encoding="utf-8")
    assert "empty" in compagnon("capture", str(tmp_path / "n.md"), "--save").assert_one_clear_line()


def test_visitors_behind_a_proxy_are_not_taken_for_this_machine(server: Server) -> None:
    def status(path: str, **headers: str) -> int:
        request = urllib.request.Request(f"{server.url}{path}", headers=headers)  # noqa: S310
        try:
            return int(urllib.request.urlopen(request, timeout=60).status)  # noqa: S310 - our own server
        except urllib.error.HTTPError as e:
            return e.code

    asked = [status("/related", **{"X-Forwarded-For": "192.0.2.7"}) for _ in range(61)]
    assert (asked[0], asked[60]) == (404, 429)
    assert status("/related", **{"X-Forwarded-For": "192.0.2.8"}) == 404
    assert status("/related") == 404


def test_the_index_is_only_updated_for_who_knows_the_token(server: Server, community: Path) -> None:
    for header in ({}, {"Authorization": "Bearer wrong"}):
        request = urllib.request.Request(f"{server.url}/api/v1/index", method="POST", headers=header)  # noqa: S310
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request, timeout=60)  # noqa: S310 - our own server
        assert caught.value.code in (401, 403)
    assert (community / "index" / "owner.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_when_told(server: Server, community: Path, number: signal.Signals) -> None:
    assert server.end(number) in (0, 130)
    assert not (community / "index" / "owner.json").exists()


@pytest.mark.model
def test_after_a_crash_the_index_belongs_to_whoever_comes_next(
    server: Server, community: Path, compagnon: CommandLine
) -> None:
    server.end(signal.SIGKILL)
    assert (community / "index" / "owner.json").exists()  # what it left behind fools nobody
    compagnon.data = community
    assert compagnon("search", "soirée réparation", "--json").json["hits"]
    again = Server(community)
    try:
        assert again.get("/api/v1/search?q=outils")["hits"]
    finally:
        again.end(signal.SIGTERM)


def test_a_port_that_is_taken(tmp_path: Path, compagnon: CommandLine) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=str(port)):
            listening_socket("127.0.0.1", port, or_next=False)
        with listening_socket("127.0.0.1", port, or_next=True) as free:
            assert port < free.getsockname()[1] <= port + 20
        assert str(port) in compagnon("serve", "--port", str(port)).assert_one_clear_line()


@pytest.mark.parametrize("host", ["::1", "192.0.2.1", "nowhere.invalid"])
def test_an_address_that_is_not_ours_is_one_clear_line(compagnon: CommandLine, host: str) -> None:
    assert host in compagnon("serve", "--host", host).assert_one_clear_line()


def test_a_private_wiki_is_served_to_the_network_for_its_extension_only(
    compagnon: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = small_community(compagnon.data)
    site = services.site()
    assert site is not None
    services.store.site.put(replace(site, private=True), source="http://wiki.invalid/api.php")
    services.close()
    to_all = ("serve", "--host", "0.0.0.0")  # noqa: S104 - it refuses, and then listens nowhere
    assert "private" in compagnon(*to_all).assert_one_clear_line()

    load_config(compagnon.data).make_extension_secret()
    served: list[str] = []
    monkeypatch.setattr("webui.server.serve_forever", lambda services, **where: served.append(where["host"]))
    assert compagnon(*to_all).code == 0
    assert served == ["0.0.0.0"]  # noqa: S104 - the same


def test_two_servers_on_one_index_are_refused(
    server: Server, community: Path, compagnon: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webui.server._LOCK_WAIT_SECONDS", 0.2)
    compagnon.data = community
    line = compagnon("serve").assert_one_clear_line()
    assert server.url in line
    assert (community / "index" / "owner.json").exists()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_being_told_where_python_hears_nothing_is_heard_all_the_same(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webui.server._AGAIN_SECONDS", 0.2)

    class Tidied:
        def __del__(self) -> None:
            os.kill(os.getpid(), number)
            time.sleep(0)  # here it is raised, and lost

    handlers = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)]
    heard = True
    with until_told():
        Tidied()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            time.sleep(0.01)
        heard = False
    assert heard
    assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)] == handlers
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
