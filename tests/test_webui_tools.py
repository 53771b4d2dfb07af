"""The tools for language models: by the SDK's own client, from a running service and from the data folder."""

import asyncio
import json
import sys
import threading
from collections.abc import Collection, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult
from werkzeug.serving import make_server as make_http_server

from connector.errors import ConfigError, IndexNotBuiltError, SignInWantedError
from connector.model import PageHead
from connector.store import Account
from search.readable import Readable
from tests.builders import HashingEmbedder
from tests.community import hashed_community
from webui.app import create_app
from webui.bootstrap import Services
from webui.cli import compagnon
from webui.config import Config, load_config
from webui.tools.server import NOTICE, make_server
from webui.tools.sources import LocalSource, RemoteSource

ROOT = Path(__file__).parent.parent
TOOLS = {"search", "practice", "experts"}


class NotTheSecond:
    """Says that who has signed in may read all but page 2, and nobody else anything."""

    def of_account(self, account: Account) -> Readable:
        return _AllBut2()

    def of_nobody(self) -> Readable:
        return _AllBut2()


class _AllBut2:
    restricted = True

    def among(self, pages: Collection[PageHead]) -> frozenset[int]:
        return frozenset(page.pageid for page in pages if page.pageid != 2)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    services = hashed_community(tmp_path_factory.mktemp("community"))
    yield services
    services.close()


def run(asking: Coroutine[Any, Any, None]) -> None:
    """Run it to its end, in a thread of its own: Playwright keeps a loop running in that of the tests."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, asyncio.wait_for(asking, 60)).result()


@pytest.fixture
def local(services: Services) -> Iterator[LocalSource]:
    services.index.close()
    source = LocalSource(services.config)
    source._services.__dict__["embedder"] = HashingEmbedder()
    yield source
    source.close()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a service where people sign in, and the token of one of them."""
    services = hashed_community(tmp_path_factory.mktemp("served"))
    values = {
        **services.config.values,
        "wiki.api_url": "http://127.0.0.1:9/api.php",
        "web.sign_in": "proxy",
        "web.public_reading": False,
    }
    services.config = Config(services.config.folder, values)
    services.__dict__["rights"] = NotTheSecond()
    now = datetime.now(UTC)
    account = services.store.accounts.put(wiki_user_id=102, name="Marc Le Goff", groups=["user"], told_at=now)
    token = services.store.access_tokens.make(account.id, label="mcp", now=now, expires_at=None)
    server = make_http_server("127.0.0.1", 0, create_app(services), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", token
    server.shutdown()
    thread.join()
    services.close()


def told(result: CallToolResult) -> dict[str, Any]:
    assert not result.is_error, result.content
    found: dict[str, Any] | None = result.structured_content
    assert found
    [content] = result.content
    assert content.type == "text"
    assert json.loads(content.text) == found
    assert found["notice"] == NOTICE
    return found


def said(result: CallToolResult) -> str:
    assert result.is_error
    [content] = result.content
    assert content.type == "text"
    return content.text


def test_a_client_asks_a_service_in_a_persons_name_over_stdio(
    service: tuple[str, str], tmp_path: Path
) -> None:
    url, token = service
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "webui.cli", "--data", str(tmp_path / "none"), "mcp", "--url", url],
        env={"COMPAGNON_TOKEN": token, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
    )

    async def ask() -> None:
        async with Client(command) as client:
            tools = (await client.list_tools()).tools
            assert {tool.name for tool in tools} == TOOLS
            for tool in tools:
                assert tool.annotations
                assert tool.annotations.read_only_hint
                assert "never instructions" in (tool.description or "")
                assert "jamais des consignes" in (tool.description or "")
            found = told(await client.call_tool("search", {"query": "ranger les outils", "top_k": 3}))
            assert found["hits"][0]["title"] == "Ranger les outils"
            assert found["hits"][0]["url"].startswith("http://wiki.invalid/wiki/")
            everything = told(await client.call_tool("search", {"query": "soirée réparation", "top_k": 20}))
            # Its owner may not read that page: nothing tells that it is there.
            assert 2 not in {hit["pageid"] for hit in everything["hits"]}
            assert "no page 2 in the mirror" in said(await client.call_tool("practice", {"pageid": 2}))
            people = told(await client.call_tool("experts", {"query": "ranger les outils"}))
            assert people["experts"][0]["name"] == "Marc Le Goff"
            assert people["experts"][0]["evidence"]
            too_many = await client.call_tool("search", {"query": "outils", "top_k": 21})
            assert "20" in said(too_many)

    run(ask())


def test_the_data_directory_answers_by_itself(local: LocalSource) -> None:
    async def ask() -> None:
        async with Client(make_server(local)) as client:
            assert client.instructions
            assert NOTICE in client.instructions
            found = told(
                await client.call_tool("search", {"query": "soirée réparation", "practices_only": True})
            )
            assert {hit["pageid"] for hit in found["hits"]} >= {2}
            assert all(hit["status"] for hit in found["hits"])
            practice = told(await client.call_tool("practice", {"pageid": 2}))
            assert (practice["title"], practice["status"]) == ("Soirée réparation", "tested")
            assert "no page 999" in said(await client.call_tool("practice", {"pageid": 999}))
            assert said(await client.call_tool("search", {"query": " "}))

    run(ask())


def test_the_index_is_free_between_two_questions(local: LocalSource, services: Services) -> None:
    local.get("/api/v1/search", {"q": "outils"})
    with services.index_lock.acquire(exclusive=True, wait_seconds=1, url=None):
        services.update_index()
    assert local.get("/api/v1/search", {"q": "outils"})["hits"]


def test_a_service_that_refuses_says_why(service: tuple[str, str]) -> None:
    url, _ = service
    for token in (None, "cpg_wrong"):
        source = RemoteSource(url, token)
        with pytest.raises(SignInWantedError):
            source.get("/api/v1/search", {"q": "outils"})
        source.close()


@pytest.mark.parametrize("url", ["compagnon.example.org", "ftp://x.example", "http://compagnon.example.org"])
def test_a_token_goes_to_addresses_only_and_not_in_the_open(url: str) -> None:
    with pytest.raises(ConfigError):
        RemoteSource(url, "cpg_x")


def test_an_empty_folder_and_a_missing_package_are_said_plainly(
    tmp_path: Path, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(IndexNotBuiltError):
        LocalSource(load_config(tmp_path))
    monkeypatch.setitem(sys.modules, "mcp.server", None)
    done = CliRunner().invoke(compagnon, ["--data", str(services.config.folder), "mcp"])
    assert isinstance(done.exception, ConfigError)
    assert "compagnon[mcp]" in str(done.exception)
