"""Newcomers, calls, thanks, contradictions and twins for programs: who may, what is refused, two at once."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from search import contradictions, twins
from tests.builders import edits, make_page
from tests.knowledge_pages import SHARPEN, SHARPEN_ENGLISH, SHARPEN_FRENCH, WORKSHOP
from tests.members import PutThere, client, ground, only, readers
from webui.bootstrap import Services
from webui.rights.roles import Role

__all__ = ["client", "ground", "readers"]  # fixtures

SCHEMAS = Path(__file__).resolve().parent.parent / "webui" / "api" / "schemas"
ANICK, LEO, MARC, QUIET = 201, 202, 203, 204
LATEST = 90_001
CHISEL, SHOP, BURIN, ENGLISH_CHISEL = 301, 302, 303, 304
SENT: dict[str, dict[str, object]] = {
    f"/api/v1/newcomers/{LEO}/contact": {"contact_id": ANICK},
    "/api/v1/community/calls": {"user_id": QUIET, "why": "quiet"},
    "/api/v1/thanks": {"revid": LATEST, "verdict": "thanked"},
    "/api/v1/contradictions": {"key": "1.abc+2.def", "verdict": "settled"},
    "/api/v1/twins/1/2": {"verdict": "settled"},
}


@pytest.fixture(scope="module")
def services(ground: tuple[Services, PutThere]) -> Services:
    """Somebody who has written for long, one who has just come, one who fell silent, and an addition."""
    services = ground[0]
    some = [
        *edits("Anick Roux", ANICK, pageid=1, ago=[5, 40, 75, 110, 400]),
        *edits("Léo Petit", LEO, pageid=2, ago=[3, 4]),
        *edits("Marc Blin", MARC, pageid=1, ago=[6, 41, 76, 111]),
        *edits("Nour Saïd", QUIET, pageid=3, ago=list(range(130, 400, 15))),
    ]
    given = edits("Anick Roux", ANICK, pageid=3, ago=[1], size=2_000)[0]
    services.store.revisions.put_many([*some, given])
    services.store.pages.put_many(
        [
            make_page(CHISEL, "Ciseau à bois", SHARPEN),
            make_page(SHOP, "Atelier bois", WORKSHOP),
            make_page(BURIN, "Burin de Kervern", SHARPEN_FRENCH),
            make_page(ENGLISH_CHISEL, "Kervern chisel", SHARPEN_ENGLISH),
        ]
    )
    services.update_index()
    return services


@pytest.fixture
def coordinator(readers: PutThere) -> PutThere:
    readers.person("Ruth Ellery", Role.COORDINATOR)
    return readers


def valid(answer: TestResponse, name: str) -> Any:
    assert answer.status_code == 200, answer.get_data(as_text=True)
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(answer.get_json())
    return answer.get_json()


def post(client: FlaskClient, path: str, **sent: object) -> int:
    return client.post(path, json=sent).status_code


def test_all_of_it_is_for_coordinators(client: FlaskClient, services: Services, readers: PutThere) -> None:
    readers.visitor()
    assert {client.post(path, json=body).status_code for path, body in SENT.items()} == {401}
    readers.person("Nadia Ould", Role.EDITOR)
    assert {client.post(path, json=body).status_code for path, body in SENT.items()} == {403}
    assert client.get("/api/v1/newcomers").status_code == 403
    assert services.store.welcomes.all() == {}


def test_what_is_nothing_of_the_kind_is_refused(
    client: FlaskClient, services: Services, coordinator: PutThere
) -> None:
    for path, body in SENT.items():
        for name in body:
            for wrong in ({name: "nonsense"}, {name: True}):
                allowed = name == "key" and wrong == {name: "nonsense"}
                assert client.post(path, json=body | wrong).status_code == (404 if allowed else 400), (
                    path,
                    name,
                )
            assert (
                client.post(path, json={other: body[other] for other in body if other != name}).status_code
                == 400
            )


def test_newcomers_are_told_and_get_a_contact(
    client: FlaskClient, services: Services, coordinator: PutThere
) -> None:
    told = valid(client.get("/api/v1/newcomers"), "newcomers")
    assert told["newcomers"][0]["person"] == {"name": "Léo Petit", "user_id": LEO}
    assert ANICK not in [each["person"]["user_id"] for each in told["newcomers"]]
    assert ANICK in [each["person"]["user_id"] for each in told["contacts"]]
    path = f"/api/v1/newcomers/{LEO}/contact"
    told = valid(client.post(path, json={"contact_id": ANICK}), "newcomers")
    assert told["newcomers"][0]["contact"] == {"name": "Anick Roux", "user_id": ANICK}
    assert {each["person"]["user_id"]: each["shows_around"] for each in told["contacts"]}[ANICK] == 1
    assert post(client, path, contact_id=LEO) in (404, 409)  # nobody shows themselves around
    assert post(client, path, contact_id=999) == 404  # nobody who could
    assert post(client, f"/api/v1/newcomers/{ANICK}/contact", contact_id=MARC) == 404  # is no newcomer
    told = valid(client.post(path, json={"contact_id": None}), "newcomers")
    assert told["newcomers"][0]["contact"] is None
    assert post(client, path, contact_id=None) == 409  # the other coordinator was quicker


def test_who_was_called_is_listed_no_more(
    client: FlaskClient, services: Services, coordinator: PutThere
) -> None:
    def listed() -> list[tuple[str, int]]:
        calls = client.get("/api/v1/community").get_json()["calls"]
        return [(each["why"], each["person"]["user_id"]) for each in calls]

    assert {("newcomer", LEO), ("quiet", QUIET)} <= set(listed())
    assert post(client, "/api/v1/community/calls", user_id=ANICK, why="quiet") == 404
    coordinator.person("Ruth Ellery", Role.COORDINATOR, readable=only(1))
    assert post(client, "/api/v1/community/calls", user_id=QUIET, why="quiet") == 404  # wrote on page 3 alone
    coordinator.person("Ruth Ellery", Role.COORDINATOR)
    for user_id, why in ((LEO, "newcomer"), (QUIET, "quiet")):
        assert post(client, "/api/v1/community/calls", user_id=user_id, why=why) == 204
        assert (why, user_id) not in listed()
    assert post(client, "/api/v1/community/calls", user_id=QUIET, why="quiet") == 404  # said twice


def test_somebody_is_thanked_for_an_edit_of_a_page_that_one_may_read(
    client: FlaskClient, services: Services, coordinator: PutThere
) -> None:
    [prompt] = client.get("/api/v1/thanks").get_json()["prompts"]
    coordinator.person("Ruth Ellery", Role.COORDINATOR, readable=only(1))
    assert post(client, "/api/v1/thanks", revid=prompt["revid"], verdict="thanked") == 404
    coordinator.person("Ruth Ellery", Role.COORDINATOR)
    assert post(client, "/api/v1/thanks", revid=7, verdict="pass") == 404
    answer = client.post("/api/v1/thanks", json={"revid": prompt["revid"], "verdict": "thanked"})
    assert (answer.status_code, answer.data) == (204, b"")
    assert client.get("/api/v1/thanks").get_json()["prompts"] == []
    [kept] = services.store.judgements.of_kind("thanks").values()
    assert (kept.verdict, kept.judge) == ("thanked", "Ruth Ellery")


def test_a_contradiction_is_judged_and_opened_again(
    client: FlaskClient, services: Services, coordinator: PutThere
) -> None:
    path = "/api/v1/contradictions"
    [found] = client.get(path).get_json()["contradictions"]
    key = found["key"]
    for hidden in (only(CHISEL), only(SHOP)):
        coordinator.person("Ruth Ellery", Role.COORDINATOR, readable=hidden)
        answer = client.post(path, json={"key": key, "verdict": "settled"})
        nothing = client.post(path, json={"key": "1.abc+2.def", "verdict": "settled"})
        assert (answer.status_code, answer.data) == (404, nothing.data)
    coordinator.person("Ruth Ellery", Role.COORDINATOR)
    assert post(client, path, key=key, verdict="settled", note="a" * 281) == 400
    assert services.store.judgements.of_kind(contradictions.JUDGED) == {}
    assert post(client, path, key=key, verdict="settled", note="Vu avec <b>Hugo</b>") == 204
    [kept] = services.store.judgements.of_kind(contradictions.JUDGED).values()
    assert (kept.note, kept.judge) == ("Vu avec <b>Hugo</b>", "Ruth Ellery")
    assert client.get(path).get_json()["number"] == 0
    assert post(client, path, key=key, verdict="meeting") == 204
    assert client.get(path).get_json()["contradictions"][0]["at_meeting"] is True
    assert [post(client, path, key=key, verdict="take_back") for _ in range(2)] == [204, 204]
    assert services.store.judgements.of_kind(contradictions.JUDGED) == {}


def test_twins_are_judged_by_who_may_read_both(
    client: FlaskClient, services: Services, coordinator: PutThere
) -> None:
    path = f"/api/v1/twins/{BURIN}/{ENGLISH_CHISEL}"
    for hidden in (only(BURIN), only(ENGLISH_CHISEL)):
        coordinator.person("Ruth Ellery", Role.COORDINATOR, readable=hidden)
        assert post(client, path, verdict="settled") == 404
    coordinator.person("Ruth Ellery", Role.COORDINATOR)
    assert post(client, f"/api/v1/twins/{ENGLISH_CHISEL}/{SHOP}", verdict="settled") == 404
    assert services.store.judgements.of_kind(twins.JUDGED) == {}
    assert post(client, path, verdict="settled") == 204
    assert client.get(path).get_json()["judged"] is True
    assert post(client, path, verdict="none") == 204
    assert client.get(path).status_code == 404
    assert post(client, path, verdict="settled") == 404  # no pair any more: somebody was quicker
