"""Before signing in: a private wiki shows nothing, nobody is sent elsewhere, what is no bot password."""

import pytest

from tests.mediawiki import LocalWiki
from tests.sign_in_ground import (
    MEMBER,
    make_app,
    make_client,
    post,
    sign_in,
    sign_in_services,
    soup,
    titles_found,
)
from webui.sign_in.credentials import BotPassword
from webui.sign_in.gate import own_path
from webui.sign_in.passwords import read_bot_password

SECRET = "0123456789abcdefghijklmnopqrstuv"  # noqa: S105 - of nobody
# What Special:BotPasswords does when its owner deletes one.
TAKE_BACK = "BotPassword::newFromUser( User::newFromName( '{name}' ), '{app}' )->delete();"


@pytest.mark.parametrize(
    "path",
    [
        "https://ailleurs.example/",
        "//ailleurs.example/",
        "/\\ailleurs.example",
        "/\t/ailleurs.example",
        "javascript:alert(1)",
        "ailleurs",
        "/sign-in?next=/x",
        "",
        None,
    ],
)
def test_nobody_is_led_to_another_site(path: str | None) -> None:
    assert own_path(path) == "/"


def test_own_paths_are_gone_back_to() -> None:
    assert own_path("/drafts/3?lang=fr") == "/drafts/3?lang=fr"


def test_what_is_a_bot_password() -> None:
    assert read_bot_password("Inès@app", SECRET) == BotPassword(user="Inès@app", password=SECRET)
    assert read_bot_password("Inès", f"app@{SECRET}") == BotPassword(user="Inès@app", password=SECRET)
    for account, password in (
        ("Inès", SECRET),
        ("Inès@app", "secret"),
        ("@app", SECRET),
        ("", f"app@{SECRET}"),
    ):
        assert read_bot_password(account, password) is None


def test_a_private_wiki_shows_nothing_before_one_signs_in(
    wiki_template_fr: LocalWiki, tmp_path_factory: pytest.TempPathFactory
) -> None:
    local = wiki_template_fr.copy(tmp_path_factory.mktemp("private") / "copy")
    try:
        local.edit("Compost", "Le compost se retourne au printemps.")
        local.make_private()
        reader, password = local.create_bot_password("Lectrice", "lecture", grants=("basic",))
        given = local.create_bot_password(MEMBER, "compagnon")
        folder = tmp_path_factory.mktemp("private-data")
        (folder / "wiki-password").write_text(password, encoding="utf-8")
        settings = f'[wiki]\napi_url = "{local.api_url}"\nuser = "{reader}"\n'
        with sign_in_services(folder, local.api_url, wiki=settings) as services:
            client = make_client(make_app(services))
            for path in ("/", "/?q=compost", "/drafts", "/links"):
                answer = client.get(path)
                assert answer.status_code == 302, path
                assert (answer.location or "").startswith("/sign-in"), path
            assert client.get("/api/v1/search?q=compost").status_code == 401
            assert client.get("/answer?q=compost", headers={"Sec-Fetch-Dest": "empty"}).status_code == 401
            for path in ("/about", "/sign-in"):
                answer = client.get(path)
                assert answer.status_code == 200
                assert local.server_url not in answer.get_data(as_text=True)
            refused = sign_in(client, given[0], given[1][::-1])
            assert refused.status_code == 403
            assert local.server_url not in refused.get_data(as_text=True)
            sign_in(client, *given)
            start = client.get("/")
            assert start.status_code == 200
            assert start.headers["Cache-Control"] == "no-store"
            assert not soup(start).select_one(".notice.neutral")
            assert "Compost" in titles_found(client)
            account = services.store.accounts.named(MEMBER)
            assert account is not None
            assert not account.has_credential, "what was not to be kept is in memory only"
            assert not services.own_wikis.can_act(account.id), "nothing is published with it"
            other = make_client(client.application)
            sign_in(other, *given)
            post(other, "/sign-in", {}, to="/sign-out")
            assert services.own_wikis.is_lent(account.id), "another browser is signed in still"
            post(client, "/sign-in", {}, to="/sign-out")
            assert not services.own_wikis.is_lent(account.id)
            sign_in(client, *given)
            services.own_wikis.take_back(account.id)  # as when the service starts anew
            services.rights.forget(account.id)
            assert soup(client.get("/")).select_one(".notice.neutral"), "nothing lets the wiki be asked"
            assert titles_found(client) == []
            sign_in(client, *given, keep="1")
            assert not soup(client.get("/")).select_one(".notice.neutral")
            assert "Compost" in titles_found(client)
            local.run_maintenance("eval.php", input=TAKE_BACK.format(name=MEMBER, app="compagnon"))
            services.rights.forget(services.store.accounts.named(MEMBER).id)  # type: ignore[union-attr]
            assert titles_found(client) == []
            assert soup(client.get("/")).select_one(".notice.neutral"), "what was revoked is told"
    finally:
        local.discard()
