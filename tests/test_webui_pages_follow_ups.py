"""What meetings left to do: listed in three orders, closed and opened again, proposed by later notes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from capture.notes import read_notes
from tests.community import NOTES, mirrored_community
from tests.review_forms import fields, soup, words
from webui.app import create_app
from webui.bootstrap import Services

FRENCH = {"Accept-Language": "fr"}
SECOND = """# Bureau du 1er avril 2098

Présents : Zoé Perrin

## Actions

- [ ] Zoé : payer le loyer de la salle avant le 30 avril 2098
- [ ] ranger la réserve
"""
LATER = """# Atelier : réunion du 24 mars 2026

Présents : Marc Le Goff

- Marc : dessiner le plan de l'atelier, c'est fait.
"""


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    services = mirrored_community(tmp_path)
    yield services
    services.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


def keep(services: Services, text: str) -> int:
    notes = read_notes(text)
    services.desk.add(services.capture.capture(notes), notes, actor="a test")
    return services.desk.add_notes(notes)


def opened(client: FlaskClient, path: str = "/follow-ups") -> BeautifulSoup:
    answer = client.get(path, headers=FRENCH)
    assert answer.status_code == 200
    return soup(answer)


def send(client: FlaskClient, changes: dict[str, str]) -> TestResponse:
    data = fields(opened(client), "main form") | changes
    return client.post("/follow-ups", data=data, headers=FRENCH)


def shown(page: BeautifulSoup) -> list[str]:
    return [" ".join(each.text.split()) for each in page.select(".found .what")]


def test_nothing_yet_leads_to_the_notes(client: FlaskClient) -> None:
    page = opened(client)
    assert "Rien pour l’instant." in page.text
    assert page.select_one('main a[href="/capture"]')


def test_what_is_open_stands_by_date_with_the_late_ones_named(
    client: FlaskClient, services: Services
) -> None:
    keep(services, SECOND)
    keep(services, NOTES)
    page = opened(client)
    texts = shown(page)
    assert ["dessiner le plan" in text for text in texts][:3] == [True, False, False]
    assert "payer le loyer" in texts[1]
    assert "ranger la réserve" in texts[2]
    assert "Qui imprime le plan" in texts[3]
    rows = page.select(".follow-up")
    assert "en retard de" in rows[0].text
    assert "Marc" in rows[0].text
    assert "en retard" not in rows[1].text
    assert page.select_one('.follow-up a[href^="/capture/2#L"]'), "each leads to its line in its notes"


@pytest.mark.parametrize(
    ("order", "headings"),
    [
        ("owner", ["Marc", "Zoé", "Personne", "Personne"]),
        (
            "meeting",
            [
                "Atelier : réunion du 3 mars 2026 · 3 mars 2026",
                "Bureau du 1er avril 2098 · 1er avril 2098",
                "Atelier : réunion du 3 mars 2026 · 3 mars 2026",
            ],
        ),
    ],
)
def test_what_is_open_stands_by_person_or_by_meeting(
    client: FlaskClient, services: Services, order: str, headings: list[str]
) -> None:
    keep(services, SECOND)
    keep(services, NOTES)
    page = opened(client, f"/follow-ups?by={order}")
    assert [heading.text for heading in page.select(".found h3")] == headings
    assert len(shown(page)) == 4


def test_an_order_that_is_none_is_refused(client: FlaskClient) -> None:
    assert client.get("/follow-ups?by=colour").status_code == 400


@pytest.mark.parametrize(
    ("button", "state", "told"), [("done", "done", "Close"), ("dropped", "dropped", "Abandonnée")]
)
def test_closing_says_who_and_opening_again_takes_it_back(
    client: FlaskClient, services: Services, button: str, state: str, told: str
) -> None:
    keep(services, NOTES)
    answer = send(client, {button: "1", "your-name": "Marc", "by": "owner"})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/follow-ups?by=owner"
    (closed,) = services.follow_ups.closed()
    assert (closed.id, closed.state, closed.closed_by, closed.closed_in) == (1, state, "Marc", None)
    page = opened(client)
    assert told in words(page, ".notice")
    assert "par Marc le" in words(page, ".closed")
    assert fields(page, "main form")["your-name"] == "Marc"
    assert send(client, {"reopen": "1"}).status_code == 303
    assert not services.follow_ups.closed()
    assert "Rouverte." in opened(client).text


def test_remembering_the_name_closes_nothing(client: FlaskClient, services: Services) -> None:
    keep(services, NOTES)
    first = opened(client).select("main form button")[0]
    assert not first.get("name"), "it is the button that Enter presses"
    send(client, {"your-name": "Marc"})
    assert fields(opened(client), "main form")["your-name"] == "Marc"
    assert not services.follow_ups.closed()


def test_what_another_person_has_closed_already_is_told(client: FlaskClient, services: Services) -> None:
    keep(services, NOTES)
    services.follow_ups.close(1, actor="the other")
    assert send(client, {"done": "1", "your-name": "Marc"}).status_code == 303
    assert "Quelqu’un l’a déjà fait." in opened(client).text
    assert services.follow_ups.closed()[0].closed_by == "the other"


@pytest.mark.parametrize(("value", "status"), [("99", 404), ("", 400), ("1; 2", 400)])
def test_a_follow_up_that_is_none_is_refused(
    client: FlaskClient, services: Services, value: str, status: int
) -> None:
    keep(services, NOTES)
    assert send(client, {"done": value}).status_code == status
    assert not services.follow_ups.closed()


def test_later_notes_propose_to_close_what_they_say_is_done(client: FlaskClient, services: Services) -> None:
    keep(services, NOTES)
    later = keep(services, LATER)
    page = opened(client, f"/capture/{later}")
    proposal = page.select_one(".proposals li")
    assert proposal
    assert proposal["data-lines"] == "5"
    assert "c'est fait" in words(page, ".proposals .quote")
    data = fields(page, ".proposals form") | {"done": "1"}
    answer = client.post("/follow-ups", data=data, headers=FRENCH)
    assert answer.headers["Location"] == f"/capture/{later}"
    (closed,) = (one for one in services.follow_ups.closed() if one.notes_id == 1)
    assert (closed.id, closed.closed_in, closed.closed_by) == (1, later, "web page")
    page = opened(client, f"/capture/{later}")
    assert not page.select(".proposals")
    assert "fait" in words(opened(client, "/capture/1"), '.found li[data-lines="16"] .adopted')


def test_what_notes_and_names_say_is_shown_and_never_run(client: FlaskClient, services: Services) -> None:
    attack = "<img src=x onerror=alert(1)>"
    keep(services, f"# Réunion {attack} du 3 mars 2026\n\n## Actions\n\n- [ ] Marc : ranger {attack}\n")
    send(client, {"your-name": f"Zoé {attack}", "done": "1"})
    for path in ("/follow-ups", "/capture", "/capture/1"):
        answer = client.get(path, headers=FRENCH)
        assert attack not in answer.text, path
        assert "&lt;img src=x" in answer.text, path
