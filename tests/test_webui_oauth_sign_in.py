"""Signing in with the wiki's OAuth: a provider made with Authlib's server, in front of a real wiki."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from connector.errors import WikiLoginError
from connector.wiki import PageEdit
from tests.mediawiki import LocalWiki
from tests.oauth_provider import CLIENT_ID, CLIENT_SECRET, Provider, oauth_provider
from tests.sign_in_ground import (
    MEMBER,
    app,
    client,
    make_client,
    name_shown,
    post,
    sign_in_services,
    soup,
)
from webui.bootstrap import Services
from webui.sign_in.credentials import OAuthGrant
from webui.sign_in.oauth import GrantRefusedError, OAuthProvider
from webui.sign_in.oauth_flows import LONGEST_SECONDS

__all__ = ["app", "client"]  # fixtures


@pytest.fixture(scope="module")
def _provider(wiki_template_fr: LocalWiki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    local = wiki_template_fr.copy(tmp_path_factory.mktemp("wiki") / "copy")
    local.edit("Compost", "Le compost se retourne au printemps.", user=MEMBER)
    with oauth_provider(local) as provider:
        yield provider
    local.discard()


@pytest.fixture
def provider(_provider: Provider) -> Provider:
    fresh = Provider(wiki=_provider.wiki, url=_provider.url)
    for name in ("client_secret", "answer", "access_seconds", "refresh_seconds", "is_down"):
        setattr(_provider, name, getattr(fresh, name))
    _provider.signed_in_as = MEMBER
    _provider.asked.clear()
    return _provider


@pytest.fixture(scope="module")
def services(_provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    settings = f'oauth_client = "{CLIENT_ID}"\noauth_secret = "{CLIENT_SECRET}"'
    folder = tmp_path_factory.mktemp("data")
    with sign_in_services(folder, f"{_provider.url}/api.php", settings=settings) as services:
        yield services


def through_the_wiki(client: FlaskClient, way: str = "/sign-in/wiki?next=/links") -> str:
    """Go through the wiki's page as the browser does; return the address that it sends back to, as a path."""
    sent = client.get(way)
    assert sent.status_code == 302
    return back_from(sent)


def back_from(sent: TestResponse) -> str:
    answer = requests.get(sent.location or "", allow_redirects=False, timeout=30)
    assert answer.status_code == 302, answer.text
    parts = urlsplit(answer.headers["Location"])
    return f"{parts.path}?{parts.query}"


def sign_in(client: FlaskClient) -> None:
    answer = client.get(through_the_wiki(client))
    assert (answer.status_code, answer.location) == (303, "/links"), soup(answer).get_text()


def account_id(services: Services) -> int:
    account = services.store.accounts.named(MEMBER)
    assert account is not None
    return account.id


def test_signing_in_with_state_and_pkce(client: FlaskClient, provider: Provider, services: Services) -> None:
    sign_in(client)
    assert name_shown(client) == MEMBER
    asked = parse_qs(urlsplit(provider.asked[0]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["code_challenge"][0]) == 43
    assert len(asked["state"][0]) == 43
    assert asked["redirect_uri"][0].endswith("/sign-in/return")
    [user] = provider.wiki.session().ask("query", list="users", ususers=MEMBER)["query"]["users"]
    account = services.store.accounts.named(MEMBER)
    assert account is not None
    assert account.wiki_user_id == user["userid"], "the number in the wiki's own table, not the central one"


def test_what_is_done_with_the_grant_is_done_under_the_persons_name(
    client: FlaskClient, provider: Provider, services: Services
) -> None:
    sign_in(client)
    own = services.own_wikis.of(account_id(services))
    assert own is not None
    assert own.user == MEMBER
    own.save(
        PageEdit(title="Paillage", wikitext="Le paillage garde l’eau.", summary="Création", base_revid=None)
    )
    assert provider.wiki.revisions("Paillage")[0]["user"] == MEMBER


def test_a_sign_in_that_another_browser_began_is_refused(app: Flask, provider: Provider) -> None:
    attacker, victim = make_client(app), make_client(app)
    path = through_the_wiki(attacker)
    answer = victim.get(path)
    assert answer.status_code == 400
    assert name_shown(victim) == ""
    assert not victim.get("/sign-in").headers.get("Location")


def test_a_state_is_good_once_and_a_code_too(client: FlaskClient, provider: Provider) -> None:
    path = through_the_wiki(client)
    assert client.get(path).status_code == 303
    answer = client.get(path)
    assert answer.status_code == 400
    code = parse_qs(urlsplit(path).query)["code"][0]
    state = parse_qs(urlsplit(client.get("/sign-in/wiki").location or "").query)["state"][0]
    replayed = client.get(f"/sign-in/return?code={code}&state={state}")
    assert replayed.status_code == 400
    assert len(soup(replayed).select(".notice.bad")) == 1


def test_a_code_without_its_verifier_is_refused(provider: Provider, client: FlaskClient) -> None:
    path = through_the_wiki(client)
    code = parse_qs(urlsplit(path).query)["code"][0]
    stranger = OAuthProvider(
        endpoints=f"{provider.url}/rest.php",
        pages=f"{provider.url}/rest.php",
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
    )
    with pytest.raises(GrantRefusedError):
        stranger.redeem(code, verifier="x" * 43, redirect_uri="http://localhost/sign-in/return")


def test_who_says_no_is_told_so_on_one_clear_page(client: FlaskClient, provider: Provider) -> None:
    provider.answer = "deny"
    answer = client.get(through_the_wiki(client))
    assert answer.status_code == 403
    assert len(soup(answer).select(".notice.bad")) == 1
    assert soup(answer).select_one("a.button[href^='/sign-in/wiki']")
    assert name_shown(client) == ""


def test_a_sign_in_that_took_too_long_is_begun_again(
    client: FlaskClient, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = through_the_wiki(client)
    import time

    later = time.time() + LONGEST_SECONDS + 1
    monkeypatch.setattr("webui.sign_in.oauth_flows.time.time", lambda: later)
    assert client.get(path).status_code == 400


def test_a_provider_that_is_down_is_told_and_nobody_is_signed_in(
    client: FlaskClient, provider: Provider
) -> None:
    provider.is_down = True
    answer = client.get(through_the_wiki(client))
    assert answer.status_code == 502
    provider.is_down = False
    assert name_shown(client) == ""


def test_a_client_without_a_secret_signs_in_too(
    client: FlaskClient, provider: Provider, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.client_secret = None
    values = {**services.config.values, "web.oauth_secret": None}
    monkeypatch.setattr(services, "config", type(services.config)(services.config.folder, values))
    sign_in(client)
    assert name_shown(client) == MEMBER


def test_an_access_token_that_ends_is_renewed(
    client: FlaskClient, provider: Provider, services: Services
) -> None:
    provider.access_seconds = 10.0  # less than what is begun with it may last
    sign_in(client)
    before = services.credentials.of(account_id(services))
    provider.access_seconds = 3600.0
    own = services.own_wikis.of(account_id(services))
    assert own is not None
    assert own.user == MEMBER
    assert services.credentials.of(account_id(services)) != before


def test_when_the_refresh_token_has_ended_the_browser_goes_through_the_wiki_unasked(
    client: FlaskClient, provider: Provider, services: Services
) -> None:
    sign_in(client)
    end_grant(services, provider)
    part = client.get("/answer?q=compost", headers={"Sec-Fetch-Dest": "empty"})
    assert part.status_code != 302, "a part of a page is not sent away"
    sent = client.get("/links?q=Compost")
    assert (sent.location or "").startswith(f"{provider.url}/rest.php/oauth2/authorize")
    back = client.get(back_from(sent))
    assert back.location == "/links?q=Compost"
    assert services.own_wikis.of(account_id(services)) is not None
    assert name_shown(client) == MEMBER


def test_it_does_not_go_in_circles(client: FlaskClient, provider: Provider, services: Services) -> None:
    sign_in(client)
    end_grant(services, provider)
    provider.answer = "deny"
    back = client.get(back_from(client.get("/links")))
    assert back.location == "/links"
    assert client.get("/links").status_code == 200
    assert name_shown(client) == MEMBER, "who they are is known; only the right to act in the wiki has ended"


def test_not_even_when_each_new_grant_has_ended_at_once(
    client: FlaskClient, provider: Provider, services: Services
) -> None:
    sign_in(client)
    end_grant(services, provider)
    provider.access_seconds = 10.0
    back = client.get(back_from(client.get("/links")))
    assert back.location == "/links"
    end_grant(services, provider)
    assert client.get("/links").status_code == 200


def test_a_wiki_that_is_down_sends_nobody_away(
    client: FlaskClient, provider: Provider, services: Services
) -> None:
    provider.access_seconds = 10.0
    sign_in(client)
    provider.is_down = True
    assert client.get("/links").status_code == 200


def test_what_was_revoked_is_noticed_and_forgotten(
    client: FlaskClient, provider: Provider, services: Services
) -> None:
    sign_in(client)
    number = account_id(services)
    own = services.own_wikis.of(number)
    assert own is not None
    provider.revoke(MEMBER)
    with pytest.raises(WikiLoginError):
        own.readable_titles([1])
    assert services.own_wikis.is_refused(number)
    assert services.own_wikis.of(number) is None
    assert services.store.accounts.credential(number) is None


def test_two_processes_do_not_spend_one_refresh_token_twice(
    client: FlaskClient, provider: Provider, services: Services
) -> None:
    provider.access_seconds = 10.0
    sign_in(client)
    provider.access_seconds = 3600.0
    number = account_id(services)
    stale = services.credentials.of(number)
    assert isinstance(stale, OAuthGrant)
    oauth = services.oauth
    assert oauth is not None
    services.credentials.keep(number, oauth.refresh(stale))  # the other process
    assert services.own_wikis.of(number) is not None
    with pytest.raises(GrantRefusedError):
        oauth.refresh(stale)


def test_who_signs_out_everywhere_while_a_grant_is_renewed_stays_out(
    client: FlaskClient, provider: Provider, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.access_seconds = 10.0
    sign_in(client)
    provider.access_seconds = 3600.0
    number = account_id(services)
    refresh = OAuthProvider.refresh

    def slow(oauth: OAuthProvider, grant: OAuthGrant) -> OAuthGrant:
        renewed = refresh(oauth, grant)
        services.own_wikis.forget(number)
        return renewed

    monkeypatch.setattr(OAuthProvider, "refresh", slow)
    assert services.own_wikis.of(number) is None
    assert services.store.accounts.credential(number) is None


def test_forgetting_the_grant(client: FlaskClient, provider: Provider, services: Services) -> None:
    sign_in(client)
    post(client, "/sign-in", {}, to="/sign-in/forget")
    assert services.own_wikis.of(account_id(services)) is None


def end_grant(services: Services, provider: Provider) -> None:
    """Let an hour go by."""
    provider.expire(refresh=True)
    number = account_id(services)
    kept = services.credentials.of(number)
    assert isinstance(kept, OAuthGrant)
    ended = OAuthGrant(access_token=kept.access_token, refresh_token=kept.refresh_token, expires_at=0.0)
    services.credentials.keep(number, ended)
