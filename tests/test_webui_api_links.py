"""Suggested links in the JSON API: of a page by its number, and of a text that is not saved."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.community import small_community
from webui.app import create_app
from webui.bootstrap import Services


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    services = small_community(tmp_path_factory.mktemp("community"))
    yield services
    services.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


def ask(client: FlaskClient, **body: object) -> dict[str, Any]:
    answer = client.post("/api/v1/links", json=body)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def test_links_of_a_page_by_its_number(client: FlaskClient) -> None:
    of_page = client.get("/api/v1/pages/3/links").get_json()
    assert of_page["suggestions"]
    assert of_page == client.get("/api/v1/links?pageid=3").get_json()
    assert client.get("/api/v1/pages/999/links").status_code == 404


def test_pages_near_in_meaning_come_with_the_links(client: FlaskClient) -> None:
    def near(answer: dict[str, Any]) -> dict[str, str | None]:
        return {other["title"]: other["sentence"] for other in answer["see_also"]}

    english = client.get("/api/v1/pages/4/links").get_json()
    assert near(english) == {"Soirée réparation": None}, "its sentences are in another language"
    tidying = client.get("/api/v1/pages/3/links").get_json()
    assert [link["link_target"] for link in tidying["suggestions"]] == ["Soirée réparation"]
    assert near(tidying) == {}, "what is offered as a link is not offered twice"
    unsaved = ask(client, wikitext="Chaque bénévole qui arrive est accueilli par deux personnes.", title="?")
    assert "Accueillir un nouveau bénévole" in near(unsaved)
    linked = ask(
        client, wikitext="Chaque bénévole est [[Accueillir un nouveau bénévole|accueilli]].", title="?"
    )
    assert "Accueillir un nouveau bénévole" not in near(linked)


def test_links_of_a_text_that_is_not_saved(client: FlaskClient, services: Services) -> None:
    text = "Avant la soirée réparation, balayer."
    answer = ask(client, wikitext=text, title="Balayage")
    assert (answer["pageid"], answer["title"], answer["revid"]) == (0, "Balayage", 0)
    [suggestion] = answer["suggestions"]
    assert (suggestion["link_text"], suggestion["link_target"]) == ("soirée réparation", "Soirée réparation")
    assert suggestion["wikitext_offset"] == text.index("soirée")
    assert services.store.pages.by_title("Balayage") is None, "nothing is kept"
    assert ask(client, wikitext="")["suggestions"] == []


def test_a_page_that_is_edited_gets_no_link_to_itself(client: FlaskClient, services: Services) -> None:
    text = "Avant la soirée réparation, balayer."
    number = services.store.pages.require("Soirée réparation").pageid
    assert ask(client, wikitext=text, title="Soirée réparation")["suggestions"] == []
    assert ask(client, wikitext=text, title="soirée_réparation")["suggestions"] == []
    assert len(ask(client, wikitext=text, title="<Soirée réparation>")["suggestions"]) == 1
    assert ask(client, wikitext=text, pageid=number)["suggestions"] == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        ("[]", 400),
        ("[" * 100_000, 400),
        ('{"title": "A"}', 400),
        ('{"wikitext": 3}', 400),
        ('{"wikitext": "x", "title": 3}', 400),
        ('{"wikitext": "x", "title": "%s"}' % ("x" * 300), 400),
        ('{"wikitext": "x", "top_k": 0}', 400),
        ('{"wikitext": "x", "top_k": true}', 400),
        ('{"wikitext": "x", "pageid": "3"}', 400),
        ('{"wikitext": "x", "pageid": -1}', 400),
        ('{"wikitext": "x", "pageid": 999}', 404),
    ],
)
def test_a_text_that_is_none_gets_an_error(client: FlaskClient, body: str, status: int) -> None:
    answer = client.post("/api/v1/links", data=body, content_type="application/json")
    assert answer.status_code == status


def test_another_web_site_gets_no_links_of_a_text(client: FlaskClient) -> None:
    answer = client.post(
        "/api/v1/links", json={"wikitext": "soirée réparation"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403
