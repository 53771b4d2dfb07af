"""The digest on our pages: an address is confirmed by who has its mail; opening a link changes nothing."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from connector.store import Account
from connector.store.subscriptions import Subscription
from tests.digest_ground import MONDAY_MORNING, NEWCOMER, QUESTION, let_a_week_pass
from tests.mail_ground import Kept, mail_server, text_of
from tests.members import PutThere, client, ground, make_client, only, readers
from webui.app import create_app
from webui.bootstrap import Services
from webui.config import Config
from webui.rights.roles import Role

__all__ = ["client", "ground", "readers"]

ROOT = "http://localhost"
ADDRESS = "ines@example.org"


@pytest.fixture(scope="module")
def kept() -> Kept:
    return Kept()


@pytest.fixture(scope="module")
def services(ground: tuple[Services, PutThere], kept: Kept) -> Iterator[Services]:
    services = ground[0]
    let_a_week_pass(services.store)
    with mail_server(kept) as port:
        configure(
            services,
            **{
                "web.public_url": ROOT,
                "mail.server": "127.0.0.1",
                "mail.port": port,
                "mail.security": "none",
                "mail.sender": "Compagnon <compagnon@example.org>",
            },
        )
        yield services


@pytest.fixture(autouse=True)
def _nobody_wants_it(services: Services, kept: Kept) -> Iterator[None]:
    kept.mails.clear()
    before = services.config
    yield
    services.config = before
    for account in services.store.accounts.list():
        services.store.subscriptions.end(account.id)


def configure(services: Services, **values: Any) -> None:
    services.config = Config(services.config.folder, {**services.config.values, **values})


def soup(answer: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(answer.get_data(as_text=True), "html.parser")


def post(client: FlaskClient, to: str, *, page: str = "/about?", **fields: str) -> TestResponse:
    token = soup(client.get(page)).select_one("input[name=csrf_token]")
    assert token, page
    return client.post(to, data={"csrf_token": token["value"], **fields})


def want(client: FlaskClient, address: str = ADDRESS, language: str = "fr") -> TestResponse:
    return post(client, "/me/digest", page="/me", address=address, language=language)


def key_of(kept: Kept) -> str:
    (url,) = re.findall(r"http\S+/digest/confirm\?\S+", text_of(kept.mails[-1][1]))
    return parse_qs(urlsplit(str(url)).query)["key"][0]


def confirm(client: FlaskClient, key: str) -> TestResponse:
    return post(client, "/digest/confirm", page=f"/digest/confirm?key={key}", key=key)


def wish(services: Services, account: Account) -> Subscription | None:
    return services.store.subscriptions.get(account.id)


def stop_key(services: Services, account: Account, kept: Kept) -> str:
    """The key in the digest that somebody was sent."""

    class Known:
        def current(self, account: Account) -> Account:
            return account

    services.__dict__["wiki_accounts"] = Known()
    assert services.digest_post.send_due(MONDAY_MORNING).sent == 1
    ends = str(kept.mails[-1][1]["List-Unsubscribe"]).strip("<>")
    return parse_qs(urlsplit(ends).query)["key"][0]


def subscribed(client: FlaskClient, kept: Kept) -> None:
    want(client)
    assert confirm(client, key_of(kept)).status_code == 200


def test_a_link_goes_to_the_address_and_confirms_it_by_a_button(
    client: FlaskClient, services: Services, readers: PutThere, kept: Kept
) -> None:
    ines = readers.person("Inès Caradec")
    assert want(client, " Ines@Example.org ").status_code == 303
    assert kept.recipients == ["Ines@example.org"]
    mail = kept.mails[0][1]
    assert mail["List-Unsubscribe"] is None
    assert "Wiki des ateliers" in mail["Subject"]
    key = key_of(kept)
    known = wish(services, ines)
    assert known is not None
    assert known.confirmed_at is None
    stranger = make_client(services)
    readers.visitor()
    for _ in range(3):  # as the scanners of mail programs do
        opened = stranger.get(f"/digest/confirm?key={key}")
        assert opened.status_code == 200
        assert stranger.head(f"/digest/confirm?key={key}").status_code == 200
    assert wish(services, ines) == known
    assert ADDRESS not in opened.text
    done = confirm(stranger, key)
    assert done.status_code == 200
    confirmed = wish(services, ines)
    assert confirmed is not None
    assert confirmed.confirmed_at is not None
    again = confirm(stranger, key)
    assert again.status_code == 400, "a link is good once"
    assert wish(services, ines) == confirmed


def test_the_mail_that_asks_holds_nothing_that_who_asks_wrote(
    client: FlaskClient, readers: PutThere, kept: Kept
) -> None:
    readers.person("Buy at evil.example now")
    want(client)
    for kind in ("plain", "html"):
        assert "evil" not in text_of(kept.mails[0][1], kind)
    assert "evil" not in str(kept.mails[0][1]["Subject"])
    assert "X-Auto-Response-Suppress" in kept.mails[0][1]


@pytest.mark.parametrize(
    "address",
    ["", "ines", "ines@example.org\r\nBcc: malo@example.org", "a@example.org,b@example.org", "x" * 3_000],
)
def test_what_is_no_address_is_said_and_sent_nowhere(
    client: FlaskClient, services: Services, readers: PutThere, kept: Kept, address: str
) -> None:
    ines = readers.person("Inès Caradec")
    answer = want(client, address)
    assert answer.status_code == 400
    assert "no address" in answer.text
    assert kept.recipients == []
    assert wish(services, ines) is None


def test_a_mail_that_cannot_be_sent_changes_nothing(
    client: FlaskClient, services: Services, readers: PutThere, kept: Kept
) -> None:
    ines = readers.person("Inès Caradec")
    subscribed(client, kept)
    before = wish(services, ines)
    configure(services, **{"mail.port": 1})
    answer = want(client, "other@example.org")
    assert answer.status_code == 502
    assert "could not be sent" in answer.text
    assert wish(services, ines) == before


def test_another_address_is_confirmed_anew_and_another_language_is_not(
    client: FlaskClient, services: Services, readers: PutThere, kept: Kept
) -> None:
    ines = readers.person("Inès Caradec")
    subscribed(client, kept)
    want(client, language="en")
    known = wish(services, ines)
    assert known is not None
    assert (known.language, known.confirmed_at is not None, len(kept.mails)) == ("en", True, 1)
    want(client, "new@example.org")
    known = wish(services, ines)
    assert known is not None
    assert (known.address, known.confirmed_at) == ("new@example.org", None)
    assert post(client, "/me/digest", page="/me", address=ADDRESS, language="xx").status_code == 400


def test_a_link_that_is_old_made_up_or_empty_confirms_nothing(
    client: FlaskClient, services: Services, readers: PutThere, kept: Kept
) -> None:
    ines = readers.person("Inès Caradec")
    with time_machine.travel(datetime.now(UTC) - timedelta(days=8), tick=False):
        want(client)
    for key in (key_of(kept), "", "0" * 43, "../../etc", "' OR 1=1 --", "é" * 200):
        answer = post(client, "/digest/confirm", page="/digest/confirm", key=key)
        assert answer.status_code == 400, key
        assert "no longer valid" in answer.text
    known = wish(services, ines)
    assert known is not None
    assert known.confirmed_at is None


def test_a_mail_program_ends_it_with_one_click_and_a_scanner_does_not(
    client: FlaskClient, services: Services, readers: PutThere, kept: Kept
) -> None:
    ines = readers.person("Inès Caradec")
    subscribed(client, kept)
    key = stop_key(services, ines, kept)
    readers.visitor()
    program = make_client(services)
    for _ in range(3):
        assert program.get(f"/digest/stop?key={key}").status_code == 200
    assert wish(services, ines) is not None
    wrong = program.post("/digest/stop?key=" + "A" * 43, data={"List-Unsubscribe": "One-Click"})
    assert wrong.status_code == 400
    assert wish(services, ines) is not None
    ended = program.post(f"/digest/stop?key={key}", data={"List-Unsubscribe": "One-Click"})
    assert ended.status_code == 200
    assert wish(services, ines) is None
    assert program.post(f"/digest/stop?key={key}").status_code == 400, "there is nothing left to end"


def test_the_button_of_the_page_ends_it_too(
    client: FlaskClient, services: Services, readers: PutThere, kept: Kept
) -> None:
    ines = readers.person("Inès Caradec")
    subscribed(client, kept)
    key = stop_key(services, ines, kept)
    page = soup(client.get(f"/digest/stop?key={key}"))
    fields = {field["name"]: field["value"] for field in page.select("main input[type=hidden]")}
    assert client.post("/digest/stop", data=fields).status_code == 200
    assert wish(services, ines) is None


def test_the_key_of_one_mail_ends_nobody_elses(
    client: FlaskClient, services: Services, readers: PutThere, kept: Kept
) -> None:
    malo = readers.person("Malo Rivière")
    services.store.subscriptions.ask(
        malo.id, address="malo@example.org", language="fr", confirm="m", stop="n", now=datetime.now(UTC)
    )
    ines = readers.person("Inès Caradec")
    subscribed(client, kept)
    client.post(f"/digest/stop?key={stop_key(services, ines, kept)}")
    assert wish(services, malo) is not None


def test_who_ends_it_on_their_page_is_forgotten(
    client: FlaskClient, services: Services, readers: PutThere, kept: Kept
) -> None:
    ines = readers.person("Inès Caradec")
    subscribed(client, kept)
    assert ADDRESS in client.get("/me").text
    assert post(client, "/me/digest/end", page="/me").status_code == 303
    assert wish(services, ines) is None
    assert ADDRESS not in client.get("/me").text


def test_forms_without_their_token_change_nothing(
    client: FlaskClient, services: Services, readers: PutThere, kept: Kept
) -> None:
    ines = readers.person("Inès Caradec")
    assert client.post("/me/digest", data={"address": ADDRESS}).status_code == 400
    assert kept.recipients == []
    want(client)
    key = key_of(kept)
    assert client.post("/digest/confirm", data={"key": key}).status_code == 400
    assert client.post("/me/digest/end").status_code == 400
    known = wish(services, ines)
    assert known is not None
    assert known.confirmed_at is None


def test_visitors_have_no_digest(client: FlaskClient) -> None:
    for path in ("/digest", "/me"):
        assert client.get(path).status_code in (302, 303)
    assert client.post("/me/digest", data={}).status_code == 400


def test_without_a_server_for_mail_nothing_is_offered(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    readers.person("Inès Caradec")
    configure(services, **{"mail.server": None})
    assert soup(client.get("/me")).select_one("#digest-address") is None
    answer = post(client, "/me/digest", page="/me", address=ADDRESS)
    assert answer.status_code == 500
    assert "mail.server" in answer.text


@time_machine.travel(MONDAY_MORNING, tick=False)
def test_members_see_the_week_as_they_may_read_it(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    readers.person("Inès Caradec")
    whole = client.get("/digest").text
    for words in ("Ranger les outils", "Soirée réparation", QUESTION, NEWCOMER, "emerging"):
        assert words in whole
    assert not soup(client.get("/digest")).select_one("textarea"), "no page of the wiki for members"
    readers.person("Inès Caradec", readable=only(2))
    part = client.get("/digest").text
    assert "Ranger les outils" not in part
    assert "Soirée réparation" in part


@time_machine.travel(MONDAY_MORNING, tick=False)
def test_coordinators_get_wikitext_of_what_everybody_may_read(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    readers.person("Malo Rivière", Role.COORDINATOR)
    configure(services, **{"community.digest_page": "Projet:Nouvelles"})
    page = soup(client.get("/digest"))
    wikitext = page.select_one("textarea").get_text()  # type: ignore[union-attr]
    assert "== Semaine jusqu’au dimanche 15 février 2026 ==" in wikitext
    assert "[[:Ranger les outils|Ranger les outils]] – émergente" in wikitext
    assert NEWCOMER not in wikitext
    assert "Put it on “Projet:Nouvelles”" in page.get_text()
    answer = post(client, "/digest", page="/digest")
    assert answer.status_code == 400
    assert "bot password" in answer.text, "nobody publishes without an account"


@time_machine.travel(MONDAY_MORNING + timedelta(days=70), tick=False)
def test_a_week_without_anything_says_so(client: FlaskClient, readers: PutThere) -> None:
    readers.person("Malo Rivière", Role.COORDINATOR)
    page = client.get("/digest")
    assert "Nothing happened" in page.text
    assert not soup(page).select_one("textarea")


def test_links_that_are_asked_for_and_guessed_are_limited(services: Services, readers: PutThere) -> None:
    readers.visitor()
    program = create_app(services).test_client()
    answers = [
        program.post("/digest/stop?key=x", environ_base={"REMOTE_ADDR": "192.0.2.9"}).status_code
        for _ in range(31)
    ]
    assert answers[:30] == [400] * 30
    assert answers[30] == 429
