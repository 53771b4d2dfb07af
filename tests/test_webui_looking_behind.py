"""Contradictions are looked for behind the pages: nobody waits for them, and nobody looks twice at once."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import jsonschema
import pytest
from flask.testing import FlaskClient

from connector.errors import IndexNotBuiltError, SearchError
from search.contradictions import Contradiction
from tests.builders import HashingEmbedder, make_page
from tests.community import empty_community, mirrored_community
from tests.knowledge_pages import SHARPEN, WORKSHOP
from tests.review_forms import soup, words
from tests.store_on_postgresql import copied_data
from webui.app import create_app
from webui.bootstrap import Services
from webui.looking_behind import LookingBehind

SCHEMA = json.loads(
    (Path(__file__).parent.parent / "webui" / "api" / "schemas" / "community.json").read_text("utf-8")
)
BOTH = "Ciseau à bois / Atelier bois"
LONG = 60.0
Look = Callable[[], Sequence[Contradiction]]


class Slowly:
    """Looks for contradictions, and does not end before it may."""

    def __init__(self, look: Look) -> None:
        self.may_end = threading.Event()
        self.times = 0
        self.fails: SearchError | None = None
        self._look = look

    def __call__(self) -> Sequence[Contradiction]:
        self.times += 1
        assert self.may_end.wait(LONG)
        if self.fails is not None:
            raise self.fails
        return self._look()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with two pages that disagree, for each test to have a copy of."""
    folder = tmp_path_factory.mktemp("prepared") / "data"
    services = mirrored_community(folder)
    services.__dict__["embedder"] = HashingEmbedder()
    services.store.pages.put_many(
        [make_page(201, "Ciseau à bois", SHARPEN), make_page(202, "Atelier bois", WORKSHOP)]
    )
    services.update_index()
    services.close()
    return folder


@pytest.fixture
def services(prepared: Path, tmp_path: Path) -> Iterator[Services]:
    services = empty_community(copied_data(prepared, tmp_path / "data"))
    services.__dict__["embedder"] = HashingEmbedder()
    yield services
    services.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


@pytest.fixture
def slowly(services: Services, monkeypatch: pytest.MonkeyPatch) -> Iterator[Slowly]:
    slowly = Slowly(services.contradictions._look)
    monkeypatch.setattr(services.contradictions, "_look", slowly)
    services.__dict__["looking_behind"] = LookingBehind(services.contradictions, moment=0.01)
    yield slowly
    slowly.may_end.set()
    services.looking_behind.end()


def test_the_page_is_there_at_once_and_says_what_is_being_worked_out(
    client: FlaskClient, services: Services, slowly: Slowly
) -> None:
    address = "/community?months=6&since=2026-01-01"
    page = soup(client.get(address, headers={"Accept-Language": "en"}))
    assert "are being worked out" in words(page, "#meeting [role=status]")
    assert BOTH not in words(page, "#meeting")
    assert words(page, "#load h2"), "the other questions are answered"
    (again,) = page.select("#meeting .pending a")
    assert again["href"] == address
    answer = client.get("/api/v1/community").json
    jsonschema.validate(answer, SCHEMA)
    assert answer is not None
    assert answer["pending"] == ["contradictions"]
    assert not [item for item in answer["next_meeting"] if item["kind"] == "contradiction"]

    # What a sync warms up waits for the same, and does not look beside it.
    warming = threading.Thread(target=services.contradictions.open)
    warming.start()
    slowly.may_end.set()
    warming.join(LONG)
    services.looking_behind.end()
    page = soup(client.get(address))
    assert not page.select("#meeting .pending")
    assert BOTH in words(page, "#meeting")
    answer = client.get("/api/v1/community").json
    assert answer is not None
    assert answer["pending"] == []
    assert [item["title"] for item in answer["next_meeting"] if item["kind"] == "contradiction"] == [BOTH]
    assert slowly.times == 1


def test_it_is_looked_again_once_the_index_has_changed(services: Services, slowly: Slowly) -> None:
    slowly.may_end.set()
    services.looking_behind.is_done()
    services.looking_behind.end()
    assert services.looking_behind.is_done()
    services.store.pages.put_many([make_page(203, "Rabot", "Le rabot se range à plat.")])
    services.update_index()
    slowly.may_end.clear()
    assert not services.looking_behind.is_done()
    assert services.looking_behind.is_looking
    assert not services.looking_behind.is_done()
    slowly.may_end.set()
    services.looking_behind.end()
    assert services.looking_behind.is_done()
    assert slowly.times == 2


def test_of_a_small_wiki_nobody_is_told_to_come_back(client: FlaskClient, services: Services) -> None:
    services.__dict__["looking_behind"] = LookingBehind(services.contradictions, moment=LONG)
    page = soup(client.get("/community"))
    assert not page.select("#meeting .pending")
    assert BOTH in words(page, "#meeting")


def test_what_cannot_be_looked_for_is_told_to_the_next_who_asks_and_tried_again(
    services: Services, slowly: Slowly
) -> None:
    slowly.fails = IndexNotBuiltError("the index was deleted meanwhile")
    assert not services.looking_behind.is_done()
    slowly.may_end.set()
    services.looking_behind.end()
    with pytest.raises(IndexNotBuiltError, match="meanwhile"):
        services.looking_behind.is_done()
    slowly.fails = None
    services.looking_behind.is_done()
    services.looking_behind.end()
    assert services.looking_behind.is_done()


def test_services_are_closed_after_it_has_ended(services: Services, slowly: Slowly) -> None:
    assert not services.looking_behind.is_done()
    timer = threading.Timer(0.2, slowly.may_end.set)
    timer.start()
    services.close()
    assert not services.looking_behind.is_looking
    timer.join()
