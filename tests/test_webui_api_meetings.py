"""What the API tells from page to act: shapes, and who may ask."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from capture.notes import read_notes
from connector.model import Revision
from connector.store.meetings import PlannedMeeting
from tests.community import NOTES
from tests.members import PutThere, client, ground, readers
from webui.bootstrap import Services
from webui.rights.roles import Role

__all__ = ["client", "ground", "readers"]  # fixtures

SCHEMAS = Path(__file__).resolve().parent.parent / "webui" / "api" / "schemas"
OF_COORDINATORS = ("/api/v1/meetings", "/api/v1/meetings/1", "/api/v1/hand-over", "/api/v1/thanks")


@pytest.fixture(scope="module")
def services(ground: tuple[Services, PutThere]) -> Services:
    """Two meetings, notes, and what somebody gave."""
    services = ground[0]
    soon = datetime.now(UTC).date() + timedelta(days=7)
    for day, title in ((soon, "Réunion à venir"), (date(2026, 3, 3), "Réunion de mars")):
        planned = PlannedMeeting(planned_on=day, starts_at="18:30", title=title, minutes=60, language="fr")
        services.store.meetings.plan(planned, created_by=None)
    notes = read_notes(NOTES)
    services.desk.add(services.capture.capture(notes), notes, actor="a test")
    services.agendas.add(1, services.overviews.items(now=datetime.now(UTC)))
    services.agendas.add_free(1, "La fête de juin", minutes=20, language="fr")
    given = Revision(
        revid=90_001, pageid=3, timestamp=datetime.now(UTC), user="Anick Roux", user_id=201, size=2_000
    )
    services.store.revisions.put_many([given])
    return services


def get(client: FlaskClient, path: str, name: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    shape = answer.get_json()
    Draft202012Validator(json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))).validate(shape)
    return shape


def test_meetings_are_told_with_their_agendas(client: FlaskClient, readers: PutThere) -> None:
    readers.person("Ruth Ellery", Role.COORDINATOR)
    told = get(client, "/api/v1/meetings", "meetings")
    assert [[each["title"] for each in told[part]] for part in ("coming", "past")] == [
        ["Réunion à venir"],
        ["Réunion de mars"],
    ]
    meeting = get(client, "/api/v1/meetings/1", "meeting")
    titles = [each["item"]["title"] for each in meeting["agenda"]]
    assert titles[-1] == "La fête de juin"
    assert "Qui imprime le plan ?" in titles
    minutes = sum(each["minutes"] for each in meeting["agenda"])
    assert meeting["opening"] + minutes + meeting["rest"] + meeting["closing"] == 60
    assert "=== La fête de juin ===" in meeting["wikitext"]
    assert "## La fête de juin" in meeting["markdown"]
    assert client.get("/api/v1/meetings/99").status_code == 404


def test_the_hand_over_the_welcome_and_thanks_have_their_shapes(
    client: FlaskClient, readers: PutThere
) -> None:
    readers.person("Ruth Ellery", Role.COORDINATOR)
    told = get(client, "/api/v1/hand-over", "hand-over")
    assert [each["title"] for each in told["coming"]] == ["Réunion à venir"]
    assert [each["owner"] for each in told["actions"]] == ["Marc"]
    path = get(client, "/api/v1/welcome?language=en", "welcome")
    assert path["pages"][0]["title"] == "Funding a workshop"
    assert path["first_thing"]["kind"] in ("link", "tell")
    assert client.get("/api/v1/welcome?language=xx").status_code == 400
    [prompt] = get(client, "/api/v1/thanks", "thanks")["prompts"]
    assert (prompt["revid"], prompt["person"]["name"]) == (90_001, "Anick Roux")


def test_all_but_the_welcome_are_for_coordinators(client: FlaskClient, readers: PutThere) -> None:
    readers.person("Nadia Ould", Role.EDITOR)
    assert [client.get(path).status_code for path in OF_COORDINATORS] == [403] * len(OF_COORDINATORS)
    readers.visitor()
    assert [client.get(path).status_code for path in OF_COORDINATORS] == [401] * len(OF_COORDINATORS)
    assert client.get("/api/v1/welcome").status_code == 200
