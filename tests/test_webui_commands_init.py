"""`compagnon init`: one wiki a data directory, and no password in it that is not a bot password."""

import io
import stat
import sys
from pathlib import Path

import pytest

from connector.errors import ConfigError
from connector.transport import ApiAddress
from tests.command_line import SAMPLE, CommandLine, compagnon
from tests.conftest import MakeWiki
from tests.mediawiki import LocalWiki
from tests.terminal import terminal
from webui.config import load_config
from webui.first_run import try_wiki

__all__ = ["compagnon"]  # a fixture


def test_one_wiki_is_the_same_wiki_however_its_address_is_written(
    wiki: LocalWiki, compagnon: CommandLine
) -> None:
    assert compagnon("init", "--wiki", f" {wiki.api_url}?action=query ").code == 0
    assert load_config(compagnon.data).optional_text("wiki.api_url") == wiki.api_url
    assert compagnon("init", "--wiki", wiki.api_url).code == 0


def test_a_wiki_that_moved_to_https_is_the_same_and_another_path_is_not(
    wiki: LocalWiki, compagnon: CommandLine
) -> None:
    config = load_config(compagnon.data)
    config.make_folder()
    config.keep({"wiki.api_url": wiki.api_url.replace("http://", "https://")})
    assert compagnon("init", "--wiki", wiki.api_url).code == 0
    assert load_config(compagnon.data).optional_text("wiki.api_url") == wiki.api_url
    other = wiki.api_url.replace("/api.php", "/other/api.php")
    assert wiki.api_url in compagnon("init", "--wiki", other).assert_one_clear_line()


def test_who_runs_it_again_need_not_know_the_address(
    wiki: LocalWiki, compagnon: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert compagnon("init", "--wiki", wiki.api_url).code == 0
    with (compagnon.data / "compagnon.toml").open("a", encoding="utf-8") as settings:
        settings.write("sync_every = 30\n")
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    outcome = compagnon("init")
    assert outcome.code == 0
    assert wiki.api_url in outcome.out
    assert load_config(compagnon.data).number("wiki.sync_every") == 30


def test_an_accounts_own_password_is_refused_and_not_kept(
    wiki: LocalWiki, compagnon: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = wiki.account()
    monkeypatch.setenv("COMPAGNON_WIKI_PASSWORD", account.password)
    line = compagnon("init", "--wiki", wiki.api_url, "--user", account.name).assert_one_clear_line()
    assert "Special:BotPasswords" in line
    assert account.password not in line
    assert not compagnon.data.exists()


def test_without_a_terminal_the_password_is_not_asked_for_in_the_open(
    compagnon: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_terminal(*_: object, **__: object) -> str:
        import getpass

        return getpass.fallback_getpass("", sys.stderr)  # type: ignore[attr-defined, no-any-return]

    monkeypatch.setattr("getpass.getpass", no_terminal)
    monkeypatch.delenv("COMPAGNON_WIKI_PASSWORD", raising=False)
    outcome = compagnon("init", "--wiki", "http://127.0.0.1:9/api.php", "--user", "Camille Roux@compagnon")
    assert "COMPAGNON_WIKI_PASSWORD" in outcome.assert_one_clear_line()


def test_nothing_but_words_is_said_where_there_is_no_terminal(compagnon: CommandLine) -> None:
    outcome = compagnon("sync", "--dump", str(SAMPLE / "community.xml"))
    assert (outcome.code, outcome.err) == (0, "")


# On a terminal


def test_a_new_user_is_led_from_a_page_of_the_wiki_to_a_mirror_and_an_index(
    wiki: LocalWiki, data_dir: Path
) -> None:
    with terminal(data_dir, "init") as screen:
        screen.answer("Address of the wiki", f"{wiki.server_url}/nowhere/at/all.html")
        screen.wait_for("public wiki")
        screen.wait_for("MediaWiki 1.")
        screen.answer("Your address", "camille@example.org")
        screen.answer("Follow the wiki? [Y/n]", "")
        screen.answer("Seconds between two looks at it [30]", "3")
        screen.answer("Seconds between two looks at it [30]", "60")
        screen.answer("1, 2, 3 or 4 [2]", "2")
        screen.answer("index it now? [Y/n]", "")
        assert screen.end() == 0, screen.screen
        assert "Indexed" in screen.screen
        assert f"Next: compagnon --data {data_dir} serve" in screen.screen
    config = load_config(data_dir)
    assert config.optional_text("wiki.api_url") == wiki.api_url
    assert config.text("wiki.contact") == "camille@example.org"
    assert config.number("wiki.sync_every") == 60
    assert config.text("web.sign_in") == "wiki"
    # Again: what is known is offered, and stays.
    with terminal(data_dir, "init", "--no-sync") as screen:
        screen.answer(f"[{wiki.api_url}]", "")
        screen.answer("[camille@example.org]", "")
        screen.answer("Follow the wiki? [Y/n]", "")
        screen.answer("[60]", "")
        screen.answer("[2]", "")
        assert screen.end() == 0
        assert f"Next: compagnon --data {data_dir} sync" in screen.screen
    assert load_config(data_dir).values == config.values


def test_a_private_wiki_is_explained_and_a_wrong_password_is_asked_again(
    make_wiki: MakeWiki, data_dir: Path
) -> None:
    private = make_wiki()
    login, password = private.create_bot_password("Noémie Tréguier", "compagnon", grants=("basic",))
    private.make_private()
    with terminal(data_dir, "init", "--contact", "", "--sync-every", "0", "--no-sync") as screen:
        screen.answer("Address of the wiki", private.server_url)
        screen.wait_for("Special:BotPasswords")
        screen.wait_for("Basic rights")
        screen.answer("Name of the bot password", login)
        screen.answer(f"Bot password of {login}", "x" * 32)
        screen.wait_for("refuses the account")
        screen.answer("Name of the bot password", "")
        screen.answer(f"Bot password of {login}", password)
        screen.wait_for("private wiki")
        screen.wait_for("does not have it yet")
        screen.answer("1, 2, 3 or 4", "1")
        screen.answer("browsers reach Compagnon", "compagnon.example.org")
        screen.answer("browsers reach Compagnon", "https://compagnon.example.org/")
        screen.wait_for("https://compagnon.example.org/sign-in/return")
        screen.answer("Key of the client", "0123456789abcdef")
        screen.answer("Secret of the client", "fedcba9876543210")
        assert screen.end() == 0, screen.screen
        for secret in (password, "fedcba9876543210"):
            assert secret not in screen.screen
    config = load_config(data_dir)
    assert (config.optional_text("wiki.user"), config.wiki_password()) == (login, password)
    assert config.optional_text("web.oauth_client") == "0123456789abcdef"
    assert config.optional_text("web.oauth_secret") == "fedcba9876543210"
    assert config.values["web.secure_cookies"] is True
    assert stat.S_IMODE((data_dir / "compagnon.toml").stat().st_mode) == 0o600


def test_ctrl_c_leaves_everything_as_it_was(wiki: LocalWiki, data_dir: Path) -> None:
    (data_dir / "compagnon.toml").write_text('[wiki]\ncontact = "avant@example.org"\n', encoding="utf-8")
    with terminal(data_dir, "init") as screen:
        screen.answer("Address of the wiki", wiki.server_url)
        screen.answer("Your address", "apres@example.org")
        screen.wait_for("Follow the wiki?")
        screen.interrupt()
        assert screen.end() == 130
        assert "Traceback" not in screen.screen
    assert [path.name for path in data_dir.iterdir()] == ["compagnon.toml"]
    assert "avant@example.org" in (data_dir / "compagnon.toml").read_text(encoding="utf-8")


# In a script


def test_a_script_gives_everything_by_options(
    make_wiki: MakeWiki, compagnon: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = make_wiki()
    login, password = private.create_bot_password("Noémie Tréguier", "compagnon", grants=("basic",))
    private.make_private()
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    options = ["--user", login, "--password-stdin", "--contact", "a@example.org", "--sync-every", "45"]
    web = ["--sign-in", "wiki", "--oauth-client", "key", "--public-url", "https://c.example.org", "--yes"]
    outcome = compagnon("init", "--wiki", private.server_url, *options, *web)
    assert outcome.code == 0, outcome.err
    assert password not in outcome.out
    config = load_config(compagnon.data)
    assert (config.wiki_password(), config.number("wiki.sync_every")) == (password, 45)
    assert config.optional_text("web.public_url") == "https://c.example.org"
    assert config.values["web.secure_cookies"] is True
    # The account is known now: another run needs neither its name nor its password.
    assert compagnon("init", "--contact", "b@example.org", "--yes").code == 0
    again = load_config(compagnon.data)
    assert (again.text("wiki.contact"), again.wiki_password()) == ("b@example.org", password)


@pytest.mark.parametrize(
    "options", [("--sync-every", "3"), ("--public-url", "compagnon.example.org"), ("--sign-in", "never")]
)
def test_an_option_that_is_none_is_wrong_usage(compagnon: CommandLine, options: tuple[str, str]) -> None:
    outcome = compagnon("init", "--wiki", "http://127.0.0.1:9/", *options)
    assert outcome.code == 2
    assert not compagnon.data.exists()


def test_without_an_address_a_script_is_told_what_to_give(compagnon: CommandLine) -> None:
    assert "--wiki" in compagnon("init").assert_one_clear_line()


def test_a_disk_that_fails_leaves_the_password_before(
    wiki: LocalWiki, compagnon: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    login, password = wiki.create_bot_password("Noémie Tréguier", "avant", grants=("basic",))
    other, second = wiki.create_bot_password("Noémie Tréguier", "apres", grants=("basic",))
    monkeypatch.setenv("COMPAGNON_WIKI_PASSWORD", password)
    assert compagnon("init", "--wiki", wiki.api_url, "--user", login).code == 0
    (compagnon.data / "compagnon.toml").rename(compagnon.data / "kept")
    (compagnon.data / "compagnon.toml").symlink_to("/proc/compagnon.toml")
    monkeypatch.setenv("COMPAGNON_WIKI_PASSWORD", second)
    compagnon("init", "--wiki", wiki.api_url, "--user", other).assert_one_clear_line()
    assert (compagnon.data / "wiki-password").read_text(encoding="utf-8").strip() == password


@pytest.mark.parametrize("address", ["wiki.exemple.org", "https://wiki.exemple.org/wiki/Accueil"])
def test_a_password_goes_over_an_open_line_only_when_that_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    open_line = ApiAddress.parse("http://wiki.exemple.org/w/api.php")
    monkeypatch.setattr("connector.discovery.find_api", lambda _: open_line)
    sent: list[object] = []
    monkeypatch.setattr("webui.bootstrap.Services.connect", lambda _, **given: sent.append(given))
    with pytest.raises(ConfigError, match="not encrypted"):
        try_wiki(load_config(tmp_path), address, user="Lectrice@app", password="s" * 32)
    assert sent == []
