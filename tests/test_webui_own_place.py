"""What the coordinator's page says of somebody stands on their own page and in their download."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from connector.model import Revision
from connector.store import Account
from connector.store.wishes import Wish
from tests.members import PutThere, client, ground, only, readers
from tests.sign_in_ground import soup
from webui.bootstrap import Services

__all__ = ["client", "ground", "readers"]  # fixtures

NAME = "Odile Ferrand"
DAY = timedelta(days=1)
# A practice that names no contact.
TOOLS = 3


@pytest.fixture(scope="module")
def services(ground: tuple[Services, PutThere]) -> Services:
    """Odile Ferrand has just begun, and has rewritten a practice already."""
    services, readers = ground
    account, now = readers.person(NAME), datetime.now(UTC)
    services.store.revisions.put_many(
        Revision(
            revid=90_000 + number,
            pageid=TOOLS,
            timestamp=now - (10 - number) * DAY,
            user=NAME,
            user_id=account.wiki_user_id,
            size=100_000 * (number + 1),
        )
        for number in range(9)
    )
    return services


@pytest.fixture
def account(services: Services, readers: PutThere) -> Iterator[Account]:
    account = readers.person(NAME)
    yield account
    services.store.wishes.put(account.id, Wish())


def shown(client: FlaskClient) -> str:
    section = soup(client.get("/me")).select_one("section[aria-labelledby=place-heading]")
    assert section is not None
    return section.get_text(" ", strip=True)


def downloaded(client: FlaskClient) -> dict[str, Any]:
    place: dict[str, Any] = json.loads(client.get("/me/data.json").get_data())["coordinators_read"]
    return place


def test_everything_that_is_said_of_them_is_there(client: FlaskClient, account: Account) -> None:
    text = shown(client)
    assert "You are new, and nobody shows you around yet." in text
    assert "9 edits since" in text
    assert "You are among those who together made half of the edits of the last twelve months." in text
    assert "If you left" in text
    place = downloaded(client)
    assert [call["why"] for call in place["calls"]] == ["newcomer"]
    assert place["carries_half_of_the_year"]
    assert place["holds_topics"] == place["if_they_leave"]["topics"]
    assert [page["pageid"] for page in place["if_they_leave"]["pages"]] == [TOOLS]


def test_a_page_that_is_not_theirs_and_a_pause_take_it_away(
    services: Services, client: FlaskClient, account: Account
) -> None:
    services.store.wishes.put(account.id, Wish(paused=True, not_mine=frozenset([TOOLS])))
    place = downloaded(client)
    assert (place["calls"], place["if_they_leave"], place["holds_topics"]) == ([], None, [])
    assert "nobody shows you around" not in shown(client)


def test_of_who_opted_out_nothing_is_said(services: Services, client: FlaskClient, account: Account) -> None:
    services.store.wishes.put(account.id, Wish(opted_out=True))
    assert shown(client).endswith("Nothing: you are not named on their page of the community.")
    assert not downloaded(client)["carries_half_of_the_year"]


def test_it_is_made_of_what_they_may_read(services: Services, client: FlaskClient, readers: PutThere) -> None:
    readers.person(NAME, readable=only(1, 2))
    place = downloaded(client)
    assert (place["if_they_leave"], place["carries_half_of_the_year"]) == (None, False)
