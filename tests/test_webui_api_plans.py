"""Planning, changing and closing meetings by programs: shapes, who may, what is refused, two at once."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from capture.notes import read_notes
from community.model import AgendaItem
from tests.community import NOTES
from tests.members import PutThere, client, ground, only, readers
from webui.bootstrap import Services
from webui.rights.roles import Role

__all__ = ["client", "ground", "readers"]  # fixtures

SCHEMAS = Path(__file__).resolve().parent.parent / "webui" / "api" / "schemas"
MEETINGS = "/api/v1/meetings"
SOON = datetime.now(UTC).date() + timedelta(days=9)
PLAN = {
    "planned_on": SOON.isoformat(),
    "minutes": 60,
    "starts_at": "18:30",
    "title": "Réunion de l’atelier",
    "place": "La cour",
    "language": "fr",
}
KEYS = "Qui garde les clés du local ?"


@pytest.fixture
def services(ground: tuple[Services, PutThere], readers: PutThere) -> Iterator[Services]:
    """Before a coordinator; without meetings when a test begins."""
    services = ground[0]
    readers.person("Inès Caradec", Role.COORDINATOR)
    yield services
    for each in services.store.meetings.list(cancelled=True):
        services.store.meetings.forget(each.id)


def valid(answer: TestResponse, name: str = "meeting", *, status: int = 200) -> Any:
    assert answer.status_code == status, answer.get_data(as_text=True)
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(answer.get_json())
    return answer.get_json()


def planned(client: FlaskClient, **changes: object) -> str:
    """Plan a meeting, and return its address."""
    return f"{MEETINGS}/{valid(client.post(MEETINGS, json=PLAN | changes), status=201)['id']}"


def written(client: FlaskClient, path: str, *texts: str) -> Any:
    """Put items in own words on an agenda, and return the meeting."""
    shape = None
    for text in texts:
        shape = valid(client.post(f"{path}/items", json={"text": text, "minutes": 10}), status=201)
    return shape


def titles(shape: Any) -> list[str]:
    return [line["item"]["title"] for line in shape["agenda"]]


def test_a_meeting_is_planned_changed_cancelled_and_held_after_all(
    services: Services, client: FlaskClient
) -> None:
    path = planned(client)
    shape = valid(client.get(path))
    assert {name: shape[name] for name in PLAN} == PLAN
    written(client, path, "La fête de juin")
    changed = {"planned_on": "2031-05-01", "minutes": 90, "language": "en"}
    shape = valid(client.post(path, json=changed))
    assert (shape["title"], shape["starts_at"], shape["minutes"]) == ("Meeting of May 1, 2031", "", 90)
    assert titles(shape) == ["La fête de juin"]
    for action, cancelled in (("cancel", True), ("cancel", True), ("hold", False)):
        assert valid(client.post(f"{path}/status", json={"action": action}))["cancelled"] is cancelled


@pytest.mark.parametrize(
    "wrong",
    [
        {"planned_on": "demain"},
        {"planned_on": "1999-12-31"},
        {"planned_on": "20310501"},
        {"minutes": 5},
        {"minutes": True},
        {"starts_at": "25:00"},
        {"title": "a" * 256},
        {"place": 3},
        {"language": "xx"},
    ],
)
def test_what_is_no_plan_is_refused(
    services: Services, client: FlaskClient, wrong: dict[str, object]
) -> None:
    path = planned(client)
    for each in (MEETINGS, path, f"{MEETINGS}/99999"):
        assert client.post(each, json=PLAN | wrong).status_code == 400
    assert [each.title for each in services.store.meetings.list()] == [PLAN["title"]]


def test_all_of_it_is_for_coordinators_and_of_meetings_that_there_are(
    services: Services, client: FlaskClient, readers: PutThere
) -> None:
    path = planned(client)
    sent: dict[str, dict[str, object]] = {
        "": PLAN,
        "/status": {"action": "cancel"},
        "/notes": {"notes_id": None},
        "/items": {"text": "Un", "minutes": 5},
        "/items/change": {"key": "free 1", "action": "up"},
        "/settled": {"key": "free 1"},
    }

    def statuses(address: str) -> set[int]:
        return {client.post(f"{address}{end}", json=body).status_code for end, body in sent.items()}

    assert statuses(f"{MEETINGS}/99999") | {client.get(f"{MEETINGS}/99999/settled").status_code} == {404}
    for put_there, status in (
        (lambda: readers.person("Nadia Ould", Role.EDITOR), 403),
        (readers.visitor, 401),
    ):
        put_there()
        assert statuses(path) == {status}
        assert client.post(MEETINGS, json=PLAN).status_code == status
        assert client.get(f"{path}/settled").status_code == status
    (kept,) = services.store.meetings.list()
    assert (kept.agenda, kept.cancelled) == ((), False)


def test_what_waits_is_put_on_the_agenda_once(services: Services, client: FlaskClient) -> None:
    question, _ = services.store.questions.ask(KEYS, language="fr", asked_by=None)
    path, key = planned(client), f"question {question.id}"
    offered = client.get("/api/v1/community").get_json()["next_meeting"]
    assert key in [each["key"] for each in offered]
    assert titles(valid(client.post(f"{path}/items", json={"key": key}), status=201)) == [KEYS]
    # The other coordinator chooses it, too.
    assert titles(valid(client.post(f"{path}/items", json={"key": key}))) == [KEYS]
    assert client.post(f"{path}/items", json={"key": "question 99999"}).status_code == 409
    for wrong in (
        {},
        {"key": " "},
        {"text": "Un"},
        {"text": "", "minutes": 5},
        {"text": "Un", "minutes": 241},
    ):
        assert client.post(f"{path}/items", json=wrong).status_code == 400
    services.store.questions.close(question.id, state="withdrawn", closed_by=None)


def test_items_are_moved_timed_settled_and_taken_off(services: Services, client: FlaskClient) -> None:
    path = planned(client)
    written(client, path, "Un", "Deux", "Trois")

    def change(key: str, **sent: object) -> Any:
        return valid(client.post(f"{path}/items/change", json={"key": key, **sent}))

    assert titles(change("free 3", action="up")) == ["Un", "Trois", "Deux"]
    assert change("free 1", minutes=25)["agenda"][0]["minutes"] == 25
    assert [line["settled"] for line in change("free 2", action="settle")["agenda"]] == [False, False, True]
    assert change("free 2", action="reopen", minutes=5)["agenda"][2]["minutes"] == 5
    assert titles(change("free 1", action="remove")) == ["Trois", "Deux"]
    gone = client.post(f"{path}/items/change", json={"key": "free 1", "action": "remove"})
    assert (gone.status_code, gone.get_json()["error"]["type"]) == (404, "NotKeptError")
    for wrong in ({"action": "up"}, {"key": "free 2"}, {"key": "free 2", "action": "burn"}):
        assert client.post(f"{path}/items/change", json=wrong).status_code == 400


def test_an_agenda_takes_forty_items(services: Services, client: FlaskClient) -> None:
    path = planned(client)
    number = int(path.rpartition("/")[2])
    items = [
        AgendaItem(kind="free", key=f"free {one}", title="Un", minutes=1, weight=0, language="fr")
        for one in range(40)
    ]
    services.agendas.add(number, items)
    assert client.post(f"{path}/items", json={"text": "Trop", "minutes": 5}).status_code == 409


def test_items_on_pages_that_one_may_not_read_are_neither_seen_nor_changed(
    services: Services, client: FlaskClient, readers: PutThere
) -> None:
    path = planned(client)
    number = int(path.rpartition("/")[2])
    hidden = AgendaItem(kind="stale", key="stale 3", title="", minutes=15, weight=1, language="fr")
    services.agendas.add(number, [hidden])
    written(client, path, "Un")
    readers.person("Inès Caradec", Role.COORDINATOR, readable=only(1))
    for sent in ({"action": "remove"}, {"action": "settle"}, {"action": "up"}, {"minutes": 5}):
        answer = client.post(f"{path}/items/change", json={"key": "stale 3", **sent})
        nothing = client.post(f"{path}/items/change", json={"key": "stale 999", **sent})
        assert (answer.status_code, answer.data) == (404, nothing.data)
    assert client.post(f"{path}/items", json={"key": "stale 3"}).status_code == 409
    assert titles(valid(client.post(f"{path}/items/change", json={"key": "free 1", "action": "up"}))) == [
        "Un"
    ]
    kept = services.store.meetings.get(number).agenda
    assert [(row["key"], row["minutes"], row["settled"]) for row in kept] == [
        ("stale 3", 15, False),
        ("free 1", 10, False),
    ]


def test_what_the_notes_settle_is_told_with_its_lines_and_closed_once(
    services: Services, client: FlaskClient
) -> None:
    question, _ = services.store.questions.ask(KEYS, language="fr", asked_by=None)
    path = planned(client)
    written(client, path, "La fête de juin")
    client.post(f"{path}/items", json={"key": f"question {question.id}"})
    assert valid(client.get(f"{path}/settled"), "settled") == {"notes_id": None, "settled": []}
    assert client.post(f"{path}/settled", json={"key": "free 1"}).status_code == 409
    notes = read_notes(f"# Réunion\n\n## {KEYS}\n\nMarc garde les clés, et Aïcha le double.\n")
    services.desk.add(services.capture.capture(notes), notes, actor="a test")
    notes_id = services.desk.add_notes(notes)
    for wrong in ({}, {"notes_id": "1"}, {"notes_id": True}):
        assert client.post(f"{path}/notes", json=wrong).status_code == 400
    assert client.post(f"{path}/notes", json={"notes_id": 99_999}).status_code == 404
    assert valid(client.post(f"{path}/notes", json={"notes_id": notes_id}))["notes_id"] == notes_id
    told = valid(client.get(f"{path}/settled"), "settled")
    [found] = told["settled"]
    assert (told["notes_id"], found["key"], found["lines"]) == (notes_id, f"question {question.id}", [5])
    assert found["why"].startswith("Marc garde les clés")
    for no_key in ({}, {"key": ""}, {"key": 3}):
        assert client.post(f"{path}/settled", json=no_key).status_code == 400
    shape = valid(client.post(f"{path}/settled", json={"key": found["key"]}))
    assert [line["settled"] for line in shape["agenda"]] == [False, True]
    assert services.store.questions.get(question.id).state == "answered"
    # The other coordinator's page still offers it.
    assert client.post(f"{path}/settled", json={"key": found["key"]}).status_code == 409
    assert valid(client.post(f"{path}/notes", json={"notes_id": None}))["notes_id"] is None


def test_an_action_that_the_notes_say_is_done_is_closed_with_who_did_it(
    services: Services, client: FlaskClient
) -> None:
    notes = read_notes(NOTES)
    services.desk.add(services.capture.capture(notes), notes, actor="a test")
    (action,) = [each for each in services.store.follow_ups.list(states=["open"]) if each.kind == "action"]
    path = planned(client)
    assert client.post(f"{path}/items", json={"key": f"action {action.id}"}).status_code == 201
    done = read_notes("# Réunion suivante\n\n## Actions\n\n- Marc : dessiner le plan, c'est fait.\n")
    services.desk.add(services.capture.capture(done), done, actor="a test")
    client.post(f"{path}/notes", json={"notes_id": services.desk.add_notes(done)})
    [found] = valid(client.get(f"{path}/settled"), "settled")["settled"]
    assert client.post(f"{path}/settled", json={"key": found["key"]}).status_code == 200
    closed = services.store.follow_ups.get(action.id)
    assert (closed.state, closed.closed_by) == ("done", "Inès Caradec")
