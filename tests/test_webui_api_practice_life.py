"""The life of practices for programs: what was tried, what it speaks for, and decisions, by their shapes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient

from tests.members import PutThere, client, ground, only, readers
from webui.bootstrap import Services
from webui.rights.roles import Role

__all__ = ["client", "ground", "readers"]  # fixtures

SCHEMAS = Path(__file__).resolve().parent.parent / "webui" / "api" / "schemas"
TOOLS = "/api/v1/practices/3"
TRIED = {"outcome": "worked", "context": "Samedi", "note": "Bien.", "tried_on": "2026-03-01"}


@pytest.fixture
def services(ground: tuple[Services, PutThere]) -> Iterator[Services]:
    services = ground[0]
    yield services
    for number in [each.id for some in services.store.experiences.all().values() for each in some]:
        services.store.experiences.remove(number)


def valid(shape: Any, name: str) -> Any:
    jsonschema.validate(shape, json.loads((SCHEMAS / f"{name}.json").read_text()))
    return shape


def life(client: FlaskClient) -> Any:
    answer = client.get(f"{TOOLS}/life")
    assert answer.status_code == 200
    return valid(answer.get_json(), "practice-life")


def test_members_say_what_they_tried(client: FlaskClient, readers: PutThere) -> None:
    assert client.post(f"{TOOLS}/experiences", json=TRIED).status_code == 401
    readers.person("Zoé Blanc")
    answer = client.post(f"{TOOLS}/experiences", json=TRIED)
    assert answer.status_code == 201
    shape = valid(answer.get_json(), "practice-life")
    (one,) = shape["experiences"]
    assert (one["person"], one["tried_on"], one["published"]) == ("Zoé Blanc", "2026-03-01", False)
    assert shape["proposal"]["missing"] == ["experience", "person"]
    readers.visitor()
    assert life(client)["experiences"][0]["person"] is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcome": "great"},
        {"tried_on": "2999-01-01"},
        {"tried_on": 3},
        {"note": "a" * 2_001},
        {"context": 1},
    ],
)
def test_what_is_no_experience_is_refused(
    client: FlaskClient, services: Services, readers: PutThere, wrong: dict[str, object]
) -> None:
    readers.person("Zoé Blanc")
    assert client.post(f"{TOOLS}/experiences", json=TRIED | wrong).status_code == 400
    assert services.store.experiences.all() == {}


def test_coordinators_see_what_is_proposed_and_decide(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    for name in ("Zoé Blanc", "Marc Le Goff"):
        readers.person(name)
        client.post(f"{TOOLS}/experiences", json=TRIED)
    assert client.get("/api/v1/community/practices").status_code == 403
    assert client.post(f"{TOOLS}/status", json={"decision": "reviewed"}).status_code == 403
    readers.person("Inès Caradec", Role.COORDINATOR, readable=only(1))
    assert client.get("/api/v1/community/practices").get_json() == {"proposals": []}
    assert client.get(f"{TOOLS}/life").status_code == 404
    readers.person("Inès Caradec", Role.COORDINATOR)
    shape = valid(client.get("/api/v1/community/practices").get_json(), "practice-steps")
    (proposal,) = [each for each in shape["proposals"] if each["pageid"] == 3]
    assert (proposal["to"], proposal["missing"], proposal["evidence"]["people"]) == ("tested", [], 2)
    sent = {"decision": "declined", "to": "tested", "note": "Trop tôt"}
    assert client.post(f"{TOOLS}/status", json=sent | {"to": "adopted"}).status_code == 409
    assert client.post(f"{TOOLS}/status", json=sent | {"note": "a" * 281}).status_code == 400
    assert client.post(f"{TOOLS}/status", json={"decision": "accepted", "to": "tested"}).status_code == 400
    shape = valid(client.post(f"{TOOLS}/status", json=sent).get_json(), "practice-life")
    assert shape["proposal"] is None
    assert (shape["steps"][0]["decision"], shape["steps"][0]["decided_by"]) == ("declined", "Inès Caradec")
    assert client.post(f"{TOOLS}/status", json={"decision": "reviewed"}).status_code == 200
    assert [each["decision"] for each in life(client)["steps"]] == ["reviewed", "declined"]
