"""A proxy in front says who people are: believed from its own address, and of whom the wiki knows."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from flask import Flask

from connector.store import Store
from connector.users import WikiUser
from tests.mediawiki import LocalWiki
from tests.sign_in_ground import MEMBER, make_app, make_client, name_shown, sign_in_services, soup
from webui.sign_in.accounts import ASKED_AGAIN, WikiAccounts

PROXY = {"REMOTE_ADDR": "10.1.2.3"}


@pytest.fixture(scope="module")
def app(wiki: LocalWiki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    wiki.account(MEMBER)
    settings = 'sign_in = "proxy"\nproxy_header = "X-Person"\ntrusted_proxies = ["10.1.2.3"]'
    folder = tmp_path_factory.mktemp("data")
    with sign_in_services(folder, wiki.api_url, settings=settings) as services:
        yield make_app(services)


def header(name: str) -> str:
    """A name as WSGI gives it: bytes read as Latin-1."""
    return name.encode().decode("latin-1")


@pytest.mark.parametrize("name", [MEMBER, "inès_Caron"])
def test_whom_the_proxy_names_is_signed_in(app: Flask, name: str) -> None:
    client = make_client(app, HTTP_X_PERSON=header(name), **PROXY)
    assert name_shown(client) == MEMBER
    page = soup(client.get("/sign-in"))
    assert MEMBER in page.get_text()
    assert not page.select("main form[action='/sign-out']"), "one signs out where one signed in"


def test_from_another_address_the_header_is_ignored(app: Flask) -> None:
    client = make_client(app, HTTP_X_PERSON=header(MEMBER), REMOTE_ADDR="10.9.9.9")
    assert name_shown(client) == ""
    forwarded = make_client(
        app, HTTP_X_PERSON=header(MEMBER), HTTP_X_FORWARDED_FOR="10.1.2.3", REMOTE_ADDR="10.9.9.9"
    )
    assert name_shown(forwarded) == ""
    assert client.get("/sign-in").status_code == 401


def test_a_name_that_the_wiki_does_not_know_is_told_so(app: Flask) -> None:
    client = make_client(app, HTTP_X_PERSON="Zacharie Inconnu", **PROXY)
    assert name_shown(client) == ""
    answer = client.get("/sign-in")
    assert answer.status_code == 403
    assert "Zacharie Inconnu" in soup(answer).get_text()


def test_the_header_changes_nothing_through_the_api(app: Flask) -> None:
    client = make_client(app, HTTP_X_PERSON=header(MEMBER), **PROXY)
    assert client.post("/api/v1/notes", data={"text": "Notes"}).status_code == 401


def test_a_name_in_small_letters_is_not_asked_for_at_each_page(tmp_path: Path) -> None:
    asked: list[object] = []

    class Directory:
        def users(self, *, ids: Sequence[int] = (), names: Sequence[str] = ()) -> list[WikiUser]:
            asked.append((ids, names))
            return [WikiUser(id=77, name=MEMBER, groups=("user",), blocked=False)]

    now = [100.0]
    with Store.open(tmp_path / "compagnon.db") as store:
        accounts = WikiAccounts(store, Directory, monotonic=lambda: now[0])
        found = {account.name for _ in range(5) if (account := accounts.named("inès Caron")) is not None}
        assert found == {MEMBER}
        assert len(asked) == 1
        now[0] += ASKED_AGAIN.total_seconds() + 1
        accounts.named("inès Caron")
    assert len(asked) == 2, "an account of this name may be there by now"
