"""The digest for programs: the week as one may read it, wanting it by mail and ending it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from tests.digest_ground import MONDAY_MORNING, let_a_week_pass
from tests.mail_ground import Kept, mail_server
from tests.members import PutThere, client, ground, only, readers
from webui.bootstrap import Services
from webui.config import Config
from webui.rights.readers import Reader
from webui.rights.rights import Everything
from webui.rights.roles import Role

__all__ = ["client", "ground", "readers"]  # fixtures

SCHEMAS = Path(__file__).resolve().parent.parent / "webui" / "api" / "schemas"
MINE = "/api/v1/me/digest"
ADDRESS = "zoe@example.org"


@pytest.fixture(scope="module")
def kept() -> Kept:
    return Kept()


@pytest.fixture(scope="module")
def services(ground: tuple[Services, PutThere], kept: Kept) -> Iterator[Services]:
    """After a week in which something happened, with a server for mail."""
    services = ground[0]
    let_a_week_pass(services.store)
    with mail_server(kept) as port:
        values: dict[str, Any] = {
            "web.public_url": "http://localhost",
            "mail.server": "127.0.0.1",
            "mail.port": port,
        }
        values |= {"mail.security": "none", "mail.sender": "Compagnon <compagnon@example.org>"}
        services.config = Config(services.config.folder, {**services.config.values, **values})
        yield services


def valid(answer: TestResponse, name: str = "digest-wish", *, status: int = 200) -> Any:
    assert answer.status_code == status, answer.get_data(as_text=True)
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(answer.get_json())
    return answer.get_json()


@time_machine.travel(MONDAY_MORNING, tick=False)
def test_members_are_told_the_week_as_they_may_read_it(client: FlaskClient, readers: PutThere) -> None:
    def told() -> str:
        return json.dumps(valid(client.get("/api/v1/digest"), "digest"), ensure_ascii=False)

    assert client.get("/api/v1/digest").status_code == 401
    readers.person("Zoé Blanc")
    assert "Ranger les outils" in told()
    readers.person("Zoé Blanc", readable=only(2))
    assert "Ranger les outils" not in told()
    assert "Soirée réparation" in told()


def test_it_is_asked_for_confirmed_in_the_mail_and_ended(
    client: FlaskClient, services: Services, readers: PutThere, kept: Kept
) -> None:
    assert client.post(MINE, json={"address": ADDRESS}).status_code == 401
    account = readers.person("Zoé Blanc")
    assert valid(client.get(MINE))["address"] is None
    for wrong in ({}, {"address": "nobody"}, {"address": 3}, {"address": ADDRESS, "language": "xx"}):
        assert client.post(MINE, json=wrong).status_code == 400
    assert kept.recipients == []
    wish = valid(client.post(MINE, json={"address": ADDRESS, "language": "fr"}), status=202)
    assert (wish["address"], wish["confirmed_at"]) == (ADDRESS, None)
    assert kept.recipients == [ADDRESS]
    readers.person("Marc Le Goff")
    assert valid(client.get(MINE))["address"] is None, "an address is its owner's alone"
    assert client.post(f"{MINE}/status", json={"action": "end"}).status_code == 200
    assert services.store.subscriptions.get(account.id) is not None
    readers.person("Zoé Blanc")
    assert client.post(f"{MINE}/status", json={"action": "burn"}).status_code == 400
    assert valid(client.post(f"{MINE}/status", json={"action": "end"}))["address"] is None
    assert services.store.subscriptions.get(account.id) is None


def test_without_a_server_for_mail_or_an_account_there_is_none(
    client: FlaskClient, services: Services, readers: PutThere, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers.reader = Reader(role=Role.MEMBER, readable=Everything())  # nobody signs in here
    assert client.get(MINE).status_code == 403
    assert client.post(MINE, json={"address": ADDRESS}).status_code == 403
    readers.person("Zoé Blanc")
    monkeypatch.setattr(
        services, "config", Config(services.config.folder, {**services.config.values, "mail.server": None})
    )
    assert client.post(MINE, json={"address": ADDRESS}).status_code == 409
    assert valid(client.get(MINE))["can_be_sent"] is False
