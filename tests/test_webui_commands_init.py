"""`compagnon init`: one wiki a data directory, and no password in it that is not a bot password."""

import io
import sys

import pytest

from tests.command_line import SAMPLE, CommandLine, compagnon
from tests.mediawiki import LocalWiki
from webui.config import load_config

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
