"""What the community knows of somebody stands on their own page and in their download: theirs alone."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from connector.store import Account
from connector.store.wishes import Wish
from tests.community_traces import NEWCOMER_ID, QUESTION, leave_traces
from tests.members import PutThere, client, ground, only, readers
from tests.sign_in_ground import soup
from webui.bootstrap import Services
from webui.rights.roles import Role

__all__ = ["client", "ground", "readers"]  # fixtures

NAME = "Odile Ferrand"
# A practice, of the ground's community.
PAGEID = 1


@pytest.fixture(scope="module")
def services(ground: tuple[Services, PutThere]) -> Services:
    services, readers = ground
    account = readers.person(NAME)
    leave_traces(
        services.store,
        name=NAME,
        user_id=account.wiki_user_id,
        account_id=account.id,
        pageid=PAGEID,
    )
    return services


@pytest.fixture
def account(services: Services, readers: PutThere) -> Account:
    return readers.person(NAME)


def downloaded(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/me/data.json")
    assert answer.status_code == 200
    community: dict[str, Any] = json.loads(answer.get_data())["community"]
    return community


def test_their_page_shows_it(client: FlaskClient, account: Account) -> None:
    section = soup(client.get("/me")).select_one("section[aria-labelledby=community-heading]")
    assert section is not None
    text = section.get_text(" ", strip=True)
    assert "Accueillir un nouveau bénévole" in text
    assert "Qui a répondu ?" in text
    assert f"{NAME} hésite" in text
    assert f"Chez {NAME}" in text
    assert "Who shows you around: Awa Diop" in text
    assert "You show around: Awa Diop" in text


def test_the_download_has_all_of_it(client: FlaskClient, account: Account) -> None:
    known = downloaded(client)
    page = {"pageid": PAGEID, "title": "Accueillir un nouveau bénévole"}
    [tried] = known["experiences"]
    assert (tried["page"], tried["outcome"], tried["published"]) == (page, "worked", False)
    assert [one["question"]["text"] for one in known["asked"]] == [QUESTION, QUESTION]
    assert [one["question"]["text"] for one in known["asked_others"]] == ["Qui a répondu ?"]
    assert [one["text"] for one in known["answers"]] == ["Qui a répondu ?"]
    [decision] = known["decisions"]
    assert (decision["page"], decision["decision"]) == (page, "declined")
    [judged] = known["judgements"]
    assert judged["verdict"] == "settled"
    assert [one["title"] for one in known["meetings_planned"]] == [f"Chez {NAME}"]
    assert (known["contact"], known["shows_around"]) == ("Awa Diop", ["Awa Diop"])
    assert known["digest"]["address"] == "odile.ferrand@exemple.org"
    assert known["digest"]["confirmed_at"].startswith("2026-03-02")


def test_it_is_of_nobody_else(client: FlaskClient, services: Services, readers: PutThere) -> None:
    readers.person("Jonas Whitlock")
    known = downloaded(client)
    assert not any(known.values())
    page = client.get("/me").get_data(as_text=True)
    assert "No experience, question, newcomer, decision or mail" in page
    assert NAME not in page


def test_who_opted_out_is_no_one_s_contact(
    client: FlaskClient, services: Services, account: Account, readers: PutThere
) -> None:
    store = services.store
    other = store.accounts.put(wiki_user_id=NEWCOMER_ID, name="Awa Diop", groups=(), told_at=account.told_at)
    store.wishes.put(other.id, Wish(opted_out=True))
    known = downloaded(client)
    assert (known["contact"], known["shows_around"]) == (None, [])
    assert "Awa Diop" not in client.get("/me").get_data(as_text=True)
    store.wishes.put(other.id, Wish())


def test_a_title_is_told_to_who_may_read_it(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    readers.person(NAME, readable=only(2))
    known = downloaded(client)
    assert known["experiences"][0]["page"] == {"pageid": PAGEID, "title": None}
    assert "Accueillir un nouveau" not in client.get("/me").get_data(as_text=True)
    readers.person(NAME, Role.COORDINATOR)
