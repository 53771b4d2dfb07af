"""`compagnon wiki-setup`: it says what it would do, asks, and does that."""

import io

import pytest

from tests.command_line import CommandLine, compagnon
from tests.mediawiki import LocalWiki
from tests.mediawiki_api import LocalWikiError

__all__ = ["compagnon"]  # a fixture


def test_it_asks_first_and_then_makes_what_is_missing(
    english_wiki: LocalWiki, compagnon: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    login, password = english_wiki.create_bot_password("Camille Roux", "setup")
    english_wiki.edit("Category:Practices", "Ours")
    assert compagnon("init", "--wiki", english_wiki.api_url).code == 0

    shown = compagnon("wiki-setup", "--show")
    assert shown.code == 0
    assert "{{{status|emerging}}}" in shown.out

    monkeypatch.setenv("COMPAGNON_WIKI_PASSWORD", password)
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    refused = compagnon("wiki-setup", "--user", login)
    assert refused.code != 0
    assert "To be made: Template:Practice" in refused.out
    with pytest.raises(LocalWikiError, match="no such page"):
        english_wiki.text("Template:Practice")

    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    done = compagnon("wiki-setup", "--user", login)
    assert done.code == 0
    assert "left as it is: Category:Practices" in done.out
    assert "Special:Tags" in done.out
    assert "{{{status|emerging}}}" in english_wiki.text("Template:Practice")
    assert english_wiki.text("Category:Practices") == "Ours"

    again = compagnon("wiki-setup", "--user", login)  # nothing to ask
    assert again.code == 0
    assert "To be made" not in again.out


def test_without_a_wiki_it_says_so(compagnon: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPAGNON_WIKI_PASSWORD", "x" * 32)
    line = compagnon("wiki-setup", "--user", "Camille Roux@setup").assert_one_clear_line()
    assert "compagnon init" in line
