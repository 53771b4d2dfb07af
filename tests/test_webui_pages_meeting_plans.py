"""Planning a meeting with few words, and its agenda given back as the beginning of the notes."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from capture.notes import read_notes
from tests.members import FRENCH, members_before
from tests.review_forms import fields, soup, words
from webui.app import create_app
from webui.bootstrap import Services
from webui.rights.roles import Role

PLAN = {
    "title": "",
    "planned_on": "2031-06-02",
    "starts_at": "",
    "minutes": "60",
    "language": "fr",
    "place": "",
}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with members_before(tmp_path_factory.mktemp("plans")) as (services, readers):
        readers.person("Inès Caradec", Role.COORDINATOR)
        yield services


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


def send(client: FlaskClient, path: str, **changes: str) -> str:
    """Send a form of a page that takes it, and return where it leads."""
    token = fields(soup(client.get(path, headers=FRENCH)), "main form")["csrf_token"]
    answer = client.post(path, data={"csrf_token": token, **changes}, headers=FRENCH)
    assert answer.status_code == 303, path
    return str(answer.headers["Location"])


def planned(client: FlaskClient, **changes: str) -> str:
    return send(client, "/community/meetings", **(PLAN | changes))


def test_the_next_meeting_is_planned_as_the_last_one(client: FlaskClient) -> None:
    planned(client, planned_on="2031-03-01", starts_at="20:15", place="La remise", minutes="75")
    cancelled = planned(client, planned_on="2031-04-01", place="Ailleurs")
    send(client, cancelled, action="cancel")
    form = fields(soup(client.get("/community/meetings", headers=FRENCH)), "main form")
    assert (form["starts_at"], form["place"], form["minutes"]) == ("20:15", "La remise", "75")


def test_a_meeting_without_a_title_is_named_after_its_day_in_its_own_language(client: FlaskClient) -> None:
    for language, name in (("fr", "Réunion du 1er mai 2031"), ("en", "Meeting of May 1, 2031")):
        path = planned(client, title=" ", planned_on="2031-05-01", language=language)
        assert words(soup(client.get(path)), "h1") == name


@pytest.mark.parametrize("form", ["wikitext", "markdown"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_agenda_itself_gives_nobody_anything_to_do_when_it_comes_back_as_notes(
    client: FlaskClient, services: Services, form: str, language: str
) -> None:
    path = planned(client, planned_on="2031-06-02", language=language)
    send(client, path, action="free", text="Le loyer de la salle", minutes="10")
    agenda = client.get(f"{path}/agenda?format={form}", headers=FRENCH).text
    read = services.capture.capture(
        read_notes(f"{agenda}\nAction : Marc écrit au propriétaire avant le 1er juillet.\n")
    )
    (action,) = read.notes.actions
    assert "écrit au propriétaire" in action.text
    assert read.notes.questions == ()
    assert read.notes.topics == ("Le loyer de la salle",)
