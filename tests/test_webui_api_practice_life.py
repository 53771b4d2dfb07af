"""The life of practices for programs: what was tried, what it speaks for, and decisions, by their shapes."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient

from connector.errors import EditConflictError
from connector.store.schema_community import status_step
from tests.live_wiki import LiveWiki
from tests.members import PutThere, client, ground, only, readers
from webui.bootstrap import Services
from webui.rights.roles import Role

__all__ = ["client", "ground", "readers"]  # fixtures

SCHEMAS = Path(__file__).resolve().parent.parent / "webui" / "api" / "schemas"
TOOLS = "/api/v1/practices/3"
BOT = {"account": "Inès Caradec@compagnon", "password": "a" * 32}
TAKEN = {"decision": "accepted", "to": "tested", "note": "Bravo"}
TRIED = {"outcome": "worked", "context": "Samedi", "note": "Bien.", "tried_on": "2026-03-01"}


@pytest.fixture
def services(ground: tuple[Services, PutThere]) -> Iterator[Services]:
    services = ground[0]
    before = list(services.store.pages.iterate())
    yield services
    services.store.pages.put_many(before)
    with services.store._engine.begin() as connection:
        connection.execute(status_step.delete())
    for number in [each.id for some in services.store.experiences.all().values() for each in some]:
        services.store.experiences.remove(number)


@pytest.fixture
def live(services: Services, monkeypatch: pytest.MonkeyPatch) -> LiveWiki:
    """The wiki, under the account of whose bot password is sent."""
    wiki = LiveWiki(services, "Inès Caradec")

    def connect(*, user: str, password: str) -> LiveWiki:
        assert (user, password) == ("Inès Caradec@compagnon", "a" * 32)
        return wiki

    monkeypatch.setattr(services, "connect", connect)
    monkeypatch.setattr(services, "refresh", lambda: None)
    return wiki


def tried_by_two(client: FlaskClient, readers: PutThere) -> None:
    for name in ("Zoé Blanc", "Marc Le Goff"):
        readers.person(name)
        assert client.post(f"{TOOLS}/experiences", json=TRIED).status_code == 201


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
    tried_by_two(client, readers)
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
    assert client.post(f"{TOOLS}/status", json=sent | {"decision": "agreed"}).status_code == 400
    shape = valid(client.post(f"{TOOLS}/status", json=sent).get_json(), "practice-life")
    assert shape["proposal"] is None
    assert (shape["steps"][0]["decision"], shape["steps"][0]["decided_by"]) == ("declined", "Inès Caradec")
    assert client.post(f"{TOOLS}/status", json={"decision": "reviewed"}).status_code == 200
    assert [each["decision"] for each in life(client)["steps"]] == ["reviewed", "declined"]


def test_a_step_is_taken_in_the_wiki_under_ones_own_account(
    client: FlaskClient, services: Services, readers: PutThere, live: LiveWiki
) -> None:
    tried_by_two(client, readers)
    assert client.post(f"{TOOLS}/status", json=TAKEN | BOT).status_code == 403  # Marc is no coordinator
    readers.person("Inès Caradec", Role.COORDINATOR, readable=only(1))
    assert client.post(f"{TOOLS}/status", json=TAKEN | BOT).status_code == 404
    readers.person("Inès Caradec", Role.COORDINATOR)
    for none in ({}, BOT | {"password": "my own password"}, BOT | {"account": "Inès Caradec"}):
        refused = client.post(f"{TOOLS}/status", json=TAKEN | none)
        assert (refused.status_code, refused.get_json()["error"]["type"]) == (403, "Forbidden")
    assert client.post(f"{TOOLS}/status", json=TAKEN | BOT | {"account": 3}).status_code == 400
    assert client.post(f"{TOOLS}/status", json=TAKEN | BOT | {"to": "adopted"}).status_code == 409
    live.fails = EditConflictError("somebody was quicker", title="Ranger les outils")
    refused = client.post(f"{TOOLS}/status", json=TAKEN | BOT)
    assert (refused.status_code, refused.get_json()["error"]["type"]) == (409, "EditConflictError")
    assert life(client)["steps"] == []
    live.fails = None
    answer = client.post(f"{TOOLS}/status", json=TAKEN | BOT)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    (step,) = valid(answer.get_json(), "practice-life")["steps"]
    assert (step["to"], step["decision"], step["note"], step["decided_by"]) == (
        "tested", "accepted", "Bravo", "Inès Caradec",
    )  # fmt: skip
    (edit,) = live.edits
    assert "statut=testée" in edit.wikitext
    assert client.post(f"{TOOLS}/status", json=TAKEN | BOT).status_code == 409  # the other coordinator's
    assert len(live.edits) == 1


def test_two_who_take_the_same_step_at_once_take_it_once(
    client: FlaskClient,
    services: Services,
    readers: PutThere,
    live: LiveWiki,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried_by_two(client, readers)
    readers.person("Inès Caradec", Role.COORDINATOR)
    page = services.store.pages.get(3)
    assert page
    changed = replace(page, wikitext=page.wikitext.replace("émergente", "testée"), revid=page.revid + 1)
    assert changed.wikitext != page.wikitext
    # The other one's edit is in the wiki, and not read yet: the step is still proposed here.
    monkeypatch.setattr(live, "pages", lambda pageids: iter([changed]))
    answer = client.post(f"{TOOLS}/status", json=TAKEN | BOT)
    assert (answer.status_code, answer.get_json()["error"]["type"]) == (409, "EditConflictError")
    assert live.edits == []
    assert life(client)["steps"] == []


def test_without_a_wiki_behind_the_copy_no_step_is_taken(
    client: FlaskClient, services: Services, readers: PutThere, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried_by_two(client, readers)
    readers.person("Inès Caradec", Role.COORDINATOR)
    monkeypatch.setattr(type(services), "can_publish", False)
    assert client.post(f"{TOOLS}/status", json=TAKEN | BOT).status_code == 409


def test_what_one_tried_is_put_into_the_wiki_or_taken_back(
    client: FlaskClient,
    services: Services,
    readers: PutThere,
    live: LiveWiki,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    account = readers.person("Zoé Blanc")
    (one,) = client.post(f"{TOOLS}/experiences", json=TRIED).get_json()["experiences"]
    path = f"{TOOLS}/experiences/{one['id']}"
    publish, remove = {"action": "publish"}, {"action": "remove"}
    readers.person("Marc Le Goff")
    assert [client.post(path, json=each | BOT).status_code for each in (publish, remove)] == [404, 404]
    readers.person("Zoé Blanc", readable=only(1))
    assert client.post(path, json=publish | BOT).status_code == 404
    readers.visitor()
    assert client.post(path, json=remove).status_code == 401
    readers.person("Zoé Blanc")
    assert client.post(path, json={"action": "burn"}).status_code == 400
    assert client.post(path, json=publish).status_code == 403
    # What the person lets us keep is enough.
    readers.reader = replace(readers.reader, account=replace(account, has_credential=True))
    monkeypatch.setattr(services.own_wikis, "of", lambda number: live if number == account.id else None)
    answer = client.post(path, json=publish)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    (told,) = valid(answer.get_json(), "practice-life")["experiences"]
    assert (told["published"], told["person"]) == (True, "Zoé Blanc")
    assert "Bien." in live.edits[0].wikitext
    (other,) = [
        each
        for each in client.post(f"{TOOLS}/experiences", json=TRIED | {"note": "Moins bien."}).get_json()[
            "experiences"
        ]
        if not each["published"]
    ]
    path = f"{TOOLS}/experiences/{other['id']}"
    assert client.post(path.replace("practices/3", "practices/2"), json=remove).status_code == 404
    readers.person("Inès Caradec", Role.COORDINATOR)
    assert client.post(path, json=publish | BOT).status_code == 404  # not hers to publish
    assert client.post(path, json=remove).status_code == 200
    assert client.post(path, json=remove).status_code == 404  # somebody was quicker
