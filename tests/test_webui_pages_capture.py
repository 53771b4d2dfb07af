"""Giving meeting notes, and what was found in them."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.community import NOTES, mirrored_community
from webui.app import create_app
from webui.bootstrap import Services

FRENCH = {"Accept-Language": "fr"}


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    services = mirrored_community(tmp_path)
    yield services
    services.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


def soup(answer: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "html.parser")


def give(client: FlaskClient, *, text: str = "", file: tuple[bytes, str] | None = None) -> TestResponse:
    token = soup(client.get("/capture")).select_one("[name=csrf_token]")
    assert token
    data: dict[str, object] = {"csrf_token": token["value"], "text": text}
    if file is not None:
        data["file"] = (io.BytesIO(file[0]), file[1])
    return client.post("/capture", data=data, headers=FRENCH, content_type="multipart/form-data")


def read_notes_page(client: FlaskClient, given: TestResponse) -> BeautifulSoup:
    assert given.status_code == 303
    answer = client.get(given.headers["Location"], headers=FRENCH)
    assert answer.status_code == 200
    return soup(answer)


def texts(page: BeautifulSoup, selector: str) -> list[str]:
    return [" ".join(found.text.split()) for found in page.select(selector)]


def test_pasted_notes_become_a_summary_with_the_lines_of_each_finding(client: FlaskClient) -> None:
    page = read_notes_page(client, give(client, text=NOTES))
    told = dict(zip(texts(page, ".told dt"), texts(page, ".told dd"), strict=True))
    assert told["Date"] == "3 mars 2026"
    assert told["Présents"] == "Aïcha Benali, Marc Le Goff"
    assert told["Excusés"] == "Inès Caradec"
    found = {
        str(item["data-lines"]): " ".join(item.text.split()) for item in page.select(".found li[data-lines]")
    }
    assert "le plan sera affiché avant la prochaine soirée" in found["12"]
    assert "dessiner le plan" in found["16"]
    assert "Marc" in found["16"]
    assert "pour le 20 mars 2026" in found["16"]
    assert "qui imprime le plan" in found["20"].lower()


def test_the_notes_stand_beside_with_their_numbers(client: FlaskClient) -> None:
    page = read_notes_page(client, give(client, text=NOTES))
    lines = page.select(".numbered li")
    assert len(lines) == len(NOTES.splitlines())
    line = page.select_one("#L12")
    assert line
    assert "Décision : le plan sera affiché avant la prochaine soirée." in line.text
    for link in page.select("a.lines"):
        assert page.select_one(str(link["href"])), "each line number leads to its line, without any script"


def test_the_drafts_that_were_found_can_be_opened(client: FlaskClient) -> None:
    page = read_notes_page(client, give(client, text=NOTES))
    links = page.select(".drafts a")
    assert len(links) == 1
    assert client.get(str(links[0]["href"])).status_code == 200


def test_a_file_is_read_with_its_own_format(client: FlaskClient) -> None:
    text = "<h1>Réunion du 3 mars 2026</h1><ul><li>Décision : on garde la salle.</li></ul>"
    page = read_notes_page(client, give(client, file=(text.encode(), "réunion.html")))
    assert "réunion.html" in page.text
    assert "on garde la salle" in page.text


def test_the_same_notes_given_twice_double_nothing(client: FlaskClient, services: Services) -> None:
    first, second = give(client, text=NOTES), give(client, text=NOTES)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(services.desk.list()) == 1


def test_notes_without_a_practice_are_kept_and_say_so(client: FlaskClient) -> None:
    page = read_notes_page(client, give(client, text="Réunion du 3 mars 2026\nDécision : on garde la salle."))
    assert "Pas de pratique dans ces notes" in page.text
    assert "on garde la salle" in page.text


def test_what_the_notes_say_is_shown_and_never_run(client: FlaskClient) -> None:
    hostile = "Décision : <script>alert(1)</script> <img src=x onerror=alert(2)>"
    answer = client.get(give(client, text=hostile).headers["Location"], headers=FRENCH)
    assert "<script>alert" not in answer.text
    assert "<img src=x" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "empty"), ("  \n\n ", "empty"), ("a" * 2_100_000, "too large")],
    ids=["nothing", "blank", "2.1 MB"],
)
def test_notes_that_cannot_be_read_are_refused_and_not_lost(
    client: FlaskClient, text: str, message: str
) -> None:
    answer = give(client, text=text)
    assert answer.status_code == 400
    page = soup(answer)
    alert, field = page.select_one("[role=alert]"), page.select_one("textarea#text")
    assert alert
    assert "Ces notes ne peuvent pas être lues" in alert.text
    assert message in alert.text
    assert field
    assert field.text.strip() == text.strip()


def test_a_picture_given_for_notes_is_named(client: FlaskClient) -> None:
    answer = give(client, file=(b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "notes.txt"))
    assert answer.status_code == 400
    assert "a picture" in answer.text


def test_notes_that_nobody_gave_are_not_found(client: FlaskClient) -> None:
    assert client.get("/capture/99").status_code == 404
