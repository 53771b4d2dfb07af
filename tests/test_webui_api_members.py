"""Practices, questions and filters in JSON: shapes, who may, and what is refused."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from connector.store.schema_people import question
from tests.members import PutThere, client, ground, only, readers
from webui.bootstrap import Services
from webui.rights.roles import Role

__all__ = ["client", "ground", "readers"]  # fixtures

SCHEMAS = Path(__file__).resolve().parent.parent / "webui" / "api" / "schemas"
QUESTION = "Où garer un vélo-cargo ?"
NADIA = "Nadia Ould"


@pytest.fixture
def services(ground: tuple[Services, PutThere]) -> Iterator[Services]:
    services = ground[0]
    yield services
    with services.store._engine.begin() as connection:
        connection.execute(question.delete())


def valid(shape: Any, name: str) -> Any:
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(shape)
    return shape


def get(client: FlaskClient, path: str, name: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return valid(answer.get_json(), name)


def test_a_practice_has_its_shape(client: FlaskClient) -> None:
    shape = get(client, "/api/v1/practices/1", "practice")
    assert (shape["title"], shape["status"], shape["language"]) == (
        "Accueillir un nouveau bénévole",
        "reference",
        "fr",
    )
    assert [each["field"] for each in shape["sections"]] == ["problem", "solution", "steps"]
    assert shape["sections"][2]["text"].startswith("- Préparer un badge")
    assert shape["edit_url"] == (
        "http://wiki.invalid/w/index.php?title=Accueillir_un_nouveau_b%C3%A9n%C3%A9vole&action=edit"
    )


def test_a_search_is_narrowed_as_the_facets_say(client: FlaskClient) -> None:
    facets = get(client, "/api/v1/facets", "facets")
    assert [each["value"] for each in facets["statuses"]] == ["emerging", "tested", "adopted", "reference"]
    assert facets["categories"] == [{"value": "Accueil", "name": "Accueil", "pages": 1}]
    for kind, name in (("statuses", "status"), ("languages", "language"), ("categories", "category")):
        for choice in facets[kind]:
            found = get(client, f"/api/v1/search?q=atelier&top_k=50&{name}={choice['value']}", "search")
            assert len(found["hits"]) <= choice["pages"]
    found = get(
        client, "/api/v1/search?q=soirée réparation&status=tested&namespace=0&since=2026-01-01", "search"
    )
    assert [hit["title"] for hit in found["hits"]] == ["Soirée réparation"]


def test_facets_count_what_may_be_read(client: FlaskClient, readers: PutThere) -> None:
    readers.visitor(readable=only(2, 5))
    facets = get(client, "/api/v1/facets", "facets")
    assert [each["value"] for each in facets["statuses"]] == ["tested"]
    assert facets["categories"] == []


def test_members_ask_and_the_same_question_is_one(client: FlaskClient, readers: PutThere) -> None:
    readers.person(NADIA)
    first = client.post("/api/v1/questions", json={"text": QUESTION})
    assert first.status_code == 201
    shape = valid(first.get_json(), "question")
    assert (shape["text"], shape["state"], shape["asked_by"], shape["answer"]) == (
        QUESTION,
        "open",
        NADIA,
        None,
    )
    again = client.post("/api/v1/questions", json={"text": QUESTION.upper()})
    assert (again.status_code, again.get_json()["id"]) == (200, shape["id"])
    assert get(client, "/api/v1/questions", "questions")["total"] == 1


def test_visitors_read_the_list_without_names_and_add_nothing(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    account = readers.person(NADIA)
    services.store.questions.ask(QUESTION, language="fr", asked_by=account.id)
    readers.visitor()
    (shape,) = get(client, "/api/v1/questions", "questions")["questions"]
    assert (shape["text"], shape["asked_by"]) == (QUESTION, None)
    assert client.post("/api/v1/questions", json={"text": "Autre ?"}).status_code == 401
    assert client.post(f"/api/v1/questions/{shape['id']}/answer", json={"pageid": 1}).status_code == 401
    assert client.get("/api/v1/questions?state=withdrawn").status_code == 401
    assert services.store.questions.counts() == {"open": 1, "answered": 0, "withdrawn": 0}


def test_a_question_is_closed_by_who_asked_and_by_coordinators(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    account = readers.person(NADIA)
    asked, _ = services.store.questions.ask(QUESTION, language="fr", asked_by=account.id)
    address = f"/api/v1/questions/{asked.id}/answer"
    readers.person("Ruth Ellery")
    assert client.post(address, json={"pageid": 1}).status_code == 403
    assert client.get("/api/v1/questions?state=withdrawn").status_code == 403
    readers.person("Ruth Ellery", Role.COORDINATOR, readable=only(1))
    for wrong in ({"pageid": 2}, {"pageid": 999}, {"title": "Soirée réparation"}):
        assert client.post(address, json=wrong).status_code == 404
    closed = client.post(address, json={"title": "accueillir un nouveau bénévole"})
    shape = valid(closed.get_json(), "question")
    assert (shape["state"], shape["answer"]["pageid"]) == ("answered", 1)
    assert client.post(address, json={"pageid": 1}).status_code == 409
    assert client.post("/api/v1/questions/999/answer", json={"pageid": 1}).status_code == 404


@pytest.mark.parametrize(
    "body", [{}, {"text": 5}, {"text": " "}, {"text": "?!"}, {"text": "x" * 1_001}, [], "x"]
)
def test_what_is_no_question_is_refused(client: FlaskClient, readers: PutThere, body: object) -> None:
    readers.person(NADIA)
    assert client.post("/api/v1/questions", json=body).status_code == 400


@pytest.mark.parametrize("body", [{}, {"pageid": "1"}, {"pageid": True}, {"pageid": -1}, {"title": " "}, []])
def test_what_is_no_page_answers_nothing(
    client: FlaskClient, services: Services, readers: PutThere, body: object
) -> None:
    account = readers.person(NADIA)
    asked, _ = services.store.questions.ask(QUESTION, language="fr", asked_by=account.id)
    assert client.post(f"/api/v1/questions/{asked.id}/answer", json=body).status_code == 400


def test_another_web_site_asks_nothing(client: FlaskClient, readers: PutThere) -> None:
    readers.person(NADIA)
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/api/v1/questions", json={"text": QUESTION}, headers=headers).status_code == 403


def test_whom_to_ask_has_its_shape_and_what_becomes_of_it(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    text = "Comment accueillir un nouveau bénévole ?"
    asked, _ = services.store.questions.ask(text, language="fr", asked_by=None)
    path = f"/api/v1/questions/{asked.id}"
    assert client.get(f"{path}/people").status_code == 401
    nadia = readers.person(NADIA)
    shape = get(client, f"{path}/people", "question-people")
    name = shape["candidates"][0]["name"]
    assert shape["candidates"][0]["evidence"]
    assert shape["asked"] == []
    first = client.post(f"{path}/asks", json={"name": name})
    assert first.status_code == 201
    kept = valid(first.get_json(), "question-people")["asked"]
    assert [(each["name"], each["state"], each["waits"]) for each in kept] == [(name, "asked", True)]
    assert client.post(f"{path}/asks", json={"name": name}).status_code == 200
    assert client.post(f"{path}/asks", json={"name": "Nobody"}).status_code == 409
    assert client.post(f"{path}/asks", json={"name": name, "together": 1}).status_code == 400
    one = f"{path}/asks/{kept[0]['id']}"
    assert client.post(one, json={"action": "shout"}).status_code == 400
    # Somebody who has nothing to do with it takes nothing back.
    readers.person("Zoé Ba")
    assert client.post(one, json={"action": "drop"}).status_code == 403
    readers.person(NADIA)
    dropped = client.post(one, json={"action": "drop"})
    assert dropped.status_code == 200
    assert valid(dropped.get_json(), "question-people")["asked"] == []
    assert client.post(one, json={"action": "drop"}).status_code == 404
    # Who was asked says no, takes that back, and answers.
    services.store.asks.put(
        asked.id, name=NADIA, wiki_user_id=nadia.wiki_user_id, asked_by=None, now=datetime.now(UTC)
    )
    one = f"{path}/asks/{services.store.asks.of_person(NADIA, nadia.wiki_user_id)[0].id}"
    assert client.post(one, json={"action": "decline"}).get_json()["asked"][0]["state"] == "declined"
    assert client.post(one, json={"action": "decline"}).status_code == 409
    assert client.post(one, json={"action": "again"}).get_json()["asked"][0]["waits"]
    refused = client.post(f"{path}/answer", json={"pageid": 1, "given_by": "Somebody"})
    assert refused.status_code == 409
    closed = client.post(f"{path}/answer", json={"pageid": 1, "given_by": NADIA})
    assert valid(closed.get_json(), "question")["answered_by"] == NADIA
    readers.visitor()
    (told,) = get(client, "/api/v1/questions?state=answered", "questions")["questions"]
    assert told["answered_by"] is None


def test_a_hit_tells_which_question_brought_it_here_to_who_may_see_the_list(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    text = "Où ranger la trottinette de Gaspard ?"
    asked, _ = services.store.questions.ask(text, language="fr", asked_by=None)
    services.store.questions.close(asked.id, state="answered", closed_by=None, answer_pageid=1)
    services.update_index()
    hits = get(client, "/api/v1/search?q=ranger une trottinette", "search")["hits"]
    assert {hit["pageid"]: hit["answered_question"] for hit in hits}[1] == text
    services.store.questions.reopen(asked.id)
    hits = get(client, "/api/v1/search?q=ranger une trottinette", "search")["hits"]
    assert all(hit["answered_question"] is None for hit in hits)
    services.update_index()


def test_a_question_is_taken_off_the_list_and_opened_again_by_who_asked(
    client: FlaskClient, readers: PutThere
) -> None:
    readers.person("Zoé Blanc")
    number = client.post("/api/v1/questions", json={"text": QUESTION}).get_json()["id"]
    path = f"/api/v1/questions/{number}/status"
    readers.person(NADIA)
    assert client.post(path, json={"action": "withdraw"}).status_code == 403
    readers.visitor()
    assert client.post(path, json={"action": "withdraw"}).status_code == 401
    readers.person("Zoé Blanc")
    assert client.post(path, json={"action": "burn"}).status_code == 400
    assert client.post(path, json={"action": "reopen"}).status_code == 409
    answer = client.post(path, json={"action": "withdraw"})
    assert valid(answer.get_json(), "question")["state"] == "withdrawn"
    assert client.post(path, json={"action": "withdraw"}).status_code == 409  # in another window, too
    readers.person(NADIA)
    assert (
        client.post(path, json={"action": "reopen"}).status_code == 404
    )  # what is withdrawn is nobody else's
    readers.person("Inès Caradec", Role.COORDINATOR)
    assert client.post(path, json={"action": "reopen"}).get_json()["state"] == "open"


def test_who_gave_an_answer_is_said_afterwards(client: FlaskClient, readers: PutThere) -> None:
    readers.person("Zoé Blanc")
    number = client.post("/api/v1/questions", json={"text": QUESTION}).get_json()["id"]
    path = f"/api/v1/questions/{number}/giver"
    mine = {"given_by": "Zoé Blanc"}
    assert client.post(path, json=mine).status_code == 403  # nothing is answered yet
    client.post(f"/api/v1/questions/{number}/answer", json={"pageid": 1})
    for wrong in ({}, {"given_by": 3}, {"given_by": "a" * 256}):
        assert client.post(path, json=wrong).status_code == 400
    assert client.post(path, json={"given_by": NADIA}).status_code == 409  # who was not asked
    answer = client.post(path, json=mine)
    assert valid(answer.get_json(), "question")["answered_by"] == "Zoé Blanc"
    readers.person(NADIA)
    assert client.post(path, json={"given_by": None}).status_code == 403
    readers.person("Inès Caradec", Role.COORDINATOR)
    assert client.post(path, json={"given_by": None}).get_json()["answered_by"] is None
