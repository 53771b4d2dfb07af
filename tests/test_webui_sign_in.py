"""Signing in with a bot password, on a real wiki: sessions, roles, signing out, who is blocked or renamed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from connector.errors import WikiUnavailableError
from tests.mediawiki import LocalWiki
from tests.sign_in_ground import (
    COORDINATOR,
    MEMBER,
    app,
    client,
    make_client,
    name_shown,
    post,
    sign_in,
    sign_in_services,
    soup,
)
from webui.bootstrap import Services
from webui.rights.readers import current_reader
from webui.rights.roles import Role
from webui.sign_in.accounts import KEPT, WikiAccounts

__all__ = ["app", "client"]  # fixtures

SECRET = "0123456789abcdefghijklmnopqrstuv"  # noqa: S105 - of nobody

# What Extension:Renameuser does to the two tables that hold names.
RENAME = """
$dbw = wfGetDB( DB_PRIMARY );
$dbw->update( 'user', [ 'user_name' => '{name}' ], [ 'user_id' => {number} ] );
$dbw->update( 'actor', [ 'actor_name' => '{name}' ], [ 'actor_user' => {number} ] );
"""


@pytest.fixture(scope="module")
def wiki(wiki_template_fr: LocalWiki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWiki]:
    local = wiki_template_fr.copy(tmp_path_factory.mktemp("wiki") / "copy")
    local.edit("Compost", "Le compost se retourne au printemps.")
    local.create_user(COORDINATOR, groups=["sysop"])
    yield local
    local.discard()


@pytest.fixture(scope="module")
def login(wiki: LocalWiki) -> tuple[str, str]:
    return wiki.create_bot_password(MEMBER, "compagnon")


@pytest.fixture(scope="module")
def coordinator(wiki: LocalWiki) -> tuple[str, str]:
    return wiki.create_bot_password(COORDINATOR, "compagnon")


@pytest.fixture(scope="module")
def services(wiki: LocalWiki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with sign_in_services(tmp_path_factory.mktemp("data"), wiki.api_url) as services:
        yield services


def a_minute_later(services: Services, name: str) -> None:
    """Make what the wiki said of somebody a minute old."""
    account = services.store.accounts.named(name)
    assert account is not None
    services.store.accounts.put(
        wiki_user_id=account.wiki_user_id,
        name=name,
        groups=account.groups,
        told_at=account.told_at - timedelta(minutes=1),
    )


def role(client: FlaskClient) -> Role:
    with client:
        client.get("/about")
        return current_reader().role


def test_a_bot_password_signs_in_and_leads_to_where_one_was(
    client: FlaskClient, login: tuple[str, str], services: Services
) -> None:
    assert name_shown(client) == ""
    answer = sign_in(client, *login, next_path="/links?q=compost")
    assert (answer.status_code, answer.location) == (303, "/links?q=compost")
    assert name_shown(client) == MEMBER
    assert role(client) is Role.EDITOR, "whoever has an account is in the group “user”"
    account = services.store.accounts.named(MEMBER)
    assert account is not None
    assert not account.has_credential, "it is kept only when the person says so"


def test_groups_of_the_wiki_make_the_role(client: FlaskClient, coordinator: tuple[str, str]) -> None:
    sign_in(client, *coordinator)
    assert role(client) is Role.ADMINISTRATOR


def test_a_main_password_is_refused_and_never_sent(
    client: FlaskClient, wiki: LocalWiki, monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    monkeypatch.setattr(services, "connect", lambda **_: pytest.fail("it was sent to the wiki"))
    for password in (wiki.account(MEMBER).password, "p@ssw0rd", f"app@{SECRET[:31]}", ""):
        answer = sign_in(client, MEMBER, password)
        assert answer.status_code == 400
        assert "mot de passe de robot" in soup(answer).select(".notice.bad")[0].get_text()


def test_a_wrong_bot_password_is_told_and_not_echoed(client: FlaskClient, login: tuple[str, str]) -> None:
    answer = sign_in(client, login[0], SECRET)
    page = soup(answer)
    assert answer.status_code == 403
    assert SECRET not in str(page)
    account = page.select_one("#account")
    assert account
    assert account["value"] == login[0]
    assert name_shown(client) == ""


def test_a_kept_bot_password_is_sealed_used_and_forgotten(
    client: FlaskClient, login: tuple[str, str], services: Services
) -> None:
    sign_in(client, *login, keep="1")
    account = services.store.accounts.named(MEMBER)
    assert account is not None
    sealed = services.store.accounts.credential(account.id)
    assert sealed is not None
    assert login[1] not in sealed
    own = services.own_wikis.of(account.id)
    assert own is not None
    assert own.user == MEMBER
    assert login[0] in client.get("/sign-in").get_data(as_text=True)
    post(client, "/sign-in", {}, to="/sign-in/forget")
    assert services.own_wikis.of(account.id) is None
    assert services.store.accounts.credential(account.id) is None


def test_what_the_wiki_no_longer_takes_is_forgotten(
    client: FlaskClient, wiki: LocalWiki, services: Services
) -> None:
    given = wiki.create_bot_password("Sacha Morel", "compagnon")
    sign_in(client, *given, keep="1")
    account = services.store.accounts.named("Sacha Morel")
    assert account is not None
    assert not services.own_wikis.is_refused(account.id)
    wiki.run_maintenance("invalidateBotPasswords.php", "--user=Sacha Morel")
    assert services.own_wikis.is_refused(account.id)
    assert services.store.accounts.credential(account.id) is None


def test_signing_in_gives_a_new_session_and_a_new_form_token(
    app: Flask, coordinator: tuple[str, str]
) -> None:
    """An attacker who has put their cookie into somebody's browser is not signed in along with them."""
    victim, attacker = make_client(app), make_client(app)
    planted = soup(attacker.get("/sign-in")).select_one("input[name=csrf_token]")
    cookie = attacker.get_cookie("compagnon")
    assert planted
    assert cookie
    victim.set_cookie("compagnon", cookie.value)
    sign_in(victim, *coordinator)
    assert name_shown(victim) == COORDINATOR
    assert name_shown(attacker) == ""
    after = victim.get_cookie("compagnon")
    assert after
    assert after.value != cookie.value
    forged = victim.post("/sign-out", data={"csrf_token": planted["value"]})
    assert forged.status_code == 400, "the token of before is worth nothing"


def test_the_cookie_is_not_for_scripts_nor_other_sites(client: FlaskClient, login: tuple[str, str]) -> None:
    header = sign_in(client, *login).headers["Set-Cookie"]
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header


def test_signing_out_here_and_everywhere(app: Flask, services: Services, login: tuple[str, str]) -> None:
    here, there, elsewhere = (make_client(app) for _ in range(3))
    for each in (here, there, elsewhere):
        sign_in(each, *login)
    stolen = here.get_cookie("compagnon")
    assert stolen
    post(here, "/sign-in", {}, to="/sign-out")
    assert name_shown(here) == ""
    here.set_cookie("compagnon", stolen.value)
    assert name_shown(here) == "", "a cookie that was signed out is worth nothing"
    page = soup(there.get("/sign-in"))
    assert "Firefox, Linux" in page.get_text()
    other = page.select_one("button[name=browser]")
    assert other
    post(there, "/sign-in", {"browser": str(other["value"])}, to="/sign-out")
    sign_in(here, *login, keep="1")
    post(there, "/sign-in", {"everywhere": "1"}, to="/sign-out")
    account = services.store.accounts.named(MEMBER)
    assert account is not None
    assert not account.has_credential, "nothing goes on acting in their name"
    assert [name_shown(each) for each in (here, there, elsewhere)] == ["", "", ""]


def test_a_sign_in_ends_when_it_is_not_used_and_after_ninety_days_in_any_case(
    client: FlaskClient, services: Services, login: tuple[str, str]
) -> None:
    sign_in(client, *login)
    account = services.store.accounts.named(MEMBER)
    assert account is not None
    now = datetime.now(UTC)
    newest = max(services.store.sign_ins.of_account(account.id, now=now), key=lambda each: each.created_at)
    assert timedelta(days=29) < newest.expires_at - now <= timedelta(days=30)
    services.store.sign_ins.seen(newest.digest, now=now, expires_at=now)
    assert name_shown(client) == ""


def test_a_form_sent_after_the_sign_in_has_ended_is_kept(
    client: FlaskClient, services: Services, login: tuple[str, str]
) -> None:
    sign_in(client, *login)
    token = soup(client.get("/me/tokens")).select_one("input[name=csrf_token]")
    assert token
    account = services.store.accounts.named(MEMBER)
    assert account is not None
    services.store.sign_ins.end_all(account.id)
    answer = client.post(
        "/me/tokens", data={"csrf_token": token["value"], "label": "Mon script", "days": "30"}
    )
    assert answer.status_code == 401
    fields = {field["name"]: field["value"] for field in soup(answer).select("main input[type=hidden]")}
    assert fields["label"] == "Mon script"
    other_tab = client
    sign_in(other_tab, *login)
    again = client.post("/me/tokens", data=fields)
    assert "Mon script" in soup(again).get_text()
    assert again.status_code == 200


def test_who_is_blocked_is_signed_out_and_stays_out(
    client: FlaskClient, wiki: LocalWiki, services: Services, app: Flask
) -> None:
    given = wiki.create_bot_password("Ophélie Blot", "compagnon")
    sign_in(client, *given)
    token = services.store.access_tokens.make(
        services.wiki_accounts.named("Ophélie Blot").id,  # type: ignore[union-attr]
        label="",
        now=datetime.now(UTC),
        expires_at=None,
    )
    wiki.session().write("block", user="Ophélie Blot", reason="essai")
    a_minute_later(services, "Ophélie Blot")
    assert name_shown(client) == ""
    assert (
        client.get("/api/v1/search?q=compost", headers={"Authorization": f"Bearer {token}"}).status_code
        == 401
    )
    answer = sign_in(make_client(app), *given)
    assert answer.status_code == 403
    assert "bloqué" in soup(answer).get_text()


def test_who_is_renamed_is_the_same_account(client: FlaskClient, wiki: LocalWiki, services: Services) -> None:
    given = wiki.create_bot_password("Nour Vidal", "compagnon")
    sign_in(client, *given)
    before = services.store.accounts.named("Nour Vidal")
    assert before is not None
    number = before.wiki_user_id
    wiki.run_maintenance("eval.php", input=RENAME.format(number=number, name="Nour Haddad"))
    a_minute_later(services, "Nour Vidal")
    assert name_shown(client) == "Nour Haddad"
    after = services.store.accounts.named("Nour Haddad")
    assert after is not None
    assert after.id == before.id


def test_while_the_wiki_is_away_its_last_word_holds_a_quarter_of_an_hour(services: Services) -> None:
    class Away:
        def users(self, **_: object) -> list[object]:
            raise WikiUnavailableError("away")

    account = services.wiki_accounts.named(MEMBER)
    assert account is not None
    clock = [account.told_at + KEPT - timedelta(seconds=1)]
    accounts = WikiAccounts(services.store, Away, now=lambda: clock[0])  # type: ignore[arg-type]
    assert accounts.current(account) == account
    clock[0] = account.told_at + KEPT
    with pytest.raises(WikiUnavailableError):
        accounts.current(account)


def test_the_language_of_a_person_follows_them_to_another_browser(app: Flask, login: tuple[str, str]) -> None:
    first, second = make_client(app), make_client(app)
    sign_in(first, *login)
    first.get("/links?lang=en")
    sign_in(second, *login)
    page = soup(second.get("/links", headers={"Accept-Language": "fr"}))
    assert page.html
    assert page.html["lang"] == "en"
    second.get("/links?lang=fr")
    page = soup(first.get("/links"))
    assert page.html
    assert page.html["lang"] == "fr"


def test_a_token_asks_in_the_name_of_its_owner_until_it_is_revoked(
    client: FlaskClient, app: Flask, login: tuple[str, str]
) -> None:
    sign_in(client, *login)
    made = post(client, "/me/tokens", {"label": "Tableau de bord", "days": "90"})
    field = soup(made).select_one("#made")
    assert field
    token = str(field["value"])
    assert token not in client.get("/me/tokens").get_data(as_text=True), "it is shown once"
    program = make_client(app)
    headers = {"Authorization": f"Bearer {token}"}
    with program:
        assert program.get("/api/v1/search?q=compost", headers=headers).status_code == 200
        assert current_reader().name == MEMBER
    listed = soup(client.get("/me/tokens"))
    revoke = next(form for form in listed.select("form") if "/revoke" in str(form.get("action")))
    assert "dernière utilisation" in listed.get_text() or "last used" in listed.get_text()
    post(client, "/me/tokens", {}, to=str(revoke["action"]))
    assert program.get("/api/v1/search?q=compost", headers=headers).status_code == 401
    assert post(client, "/me/tokens", {"label": " ", "days": "90"}).status_code == 400
    assert post(client, "/me/tokens", {"label": "x", "days": "9999"}).status_code == 400


def test_a_token_opens_the_api_and_no_page(app: Flask, services: Services, login: tuple[str, str]) -> None:
    sign_in(make_client(app), *login)
    account = services.store.accounts.named(MEMBER)
    assert account is not None
    soon = datetime.now(UTC) + timedelta(days=1)
    tokens = services.store.access_tokens
    found = tokens.make(account.id, label="perdu", now=datetime.now(UTC), expires_at=soon)
    thief = make_client(app, HTTP_AUTHORIZATION=f"Bearer {found}")
    assert thief.get("/api/v1/search?q=compost").status_code == 200
    assert thief.get("/me/tokens").status_code == 302, "who finds a token makes no other that lasts for ever"
    assert thief.get("/me/data.json").status_code == 302
    # A proxy that shows a token of its own keeps nobody out.
    assert make_client(app, HTTP_AUTHORIZATION="Bearer eyJhbGciOiJub25lIn0").get("/about").status_code == 200


def test_a_credential_opens_for_the_account_that_it_was_sealed_for(
    app: Flask, services: Services, login: tuple[str, str], coordinator: tuple[str, str]
) -> None:
    for given in (login, coordinator):
        sign_in(make_client(app), *given, keep="1")
    accounts = services.store.accounts
    member, other = accounts.named(MEMBER), accounts.named(COORDINATOR)
    assert member is not None
    assert other is not None
    assert services.credentials.of(other.id) is not None
    accounts.set_credential(member.id, accounts.credential(other.id))
    assert services.credentials.of(member.id) is None
    services.own_wikis.forget(member.id)
    services.own_wikis.forget(other.id)


def test_a_cookie_changes_nothing_through_the_api(client: FlaskClient, coordinator: tuple[str, str]) -> None:
    sign_in(client, *coordinator)
    with client:
        client.get("/api/v1/search?q=compost")
        assert current_reader().name == COORDINATOR
        client.post("/api/v1/notes", data={"text": "Notes"})
        assert current_reader().account is None
