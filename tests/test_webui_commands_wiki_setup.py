"""`compagnon wiki-setup`: it says what it would do, asks, and does that."""

import io
import json
import re
from pathlib import Path

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


def test_the_gadget_is_shown_asked_for_and_installed(
    english_wiki: LocalWiki, compagnon: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert compagnon("init", "--wiki", english_wiki.api_url).code == 0
    assert "web.public_url" in compagnon("wiki-setup", "--gadget", "--show").assert_one_clear_line()
    monkeypatch.setenv("COMPAGNON_WEB_PUBLIC_URL", "http://compagnon.example.org/")

    shown = compagnon("wiki-setup", "--gadget", "--show")
    assert shown.code == 0
    assert "-------- MediaWiki:Gadget-compagnon.js" in shown.out
    assert '"url": "http://compagnon.example.org"' in shown.out
    assert "* compagnon[ResourceLoader|actions=view,edit|" in shown.out

    english_wiki.create_user("Odile Cariou", groups=("interface-admin",))
    grants = ("basic", "createeditmovepage", "editsiteconfig")
    login, password = english_wiki.create_bot_password("Odile Cariou", "setup", grants=grants)
    monkeypatch.setenv("COMPAGNON_WIKI_PASSWORD", password)
    assert "Gadgets" in compagnon("wiki-setup", "--gadget", "--user", login).assert_one_clear_line()

    english_wiki.enable_extension("Gadgets")
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    refused = compagnon("wiki-setup", "--gadget", "--user", login)
    assert refused.code != 0
    assert "To be made: MediaWiki:Gadgets-definition" in refused.out
    with pytest.raises(LocalWikiError, match="no such page"):
        english_wiki.text("MediaWiki:Gadget-compagnon.js")

    done = compagnon("wiki-setup", "--gadget", "--user", login, "--yes")
    assert done.code == 0, done.err
    assert "Special:Preferences" in done.out
    assert english_wiki.text("MediaWiki:Gadget-compagnon.js") in shown.out
    assert "To be" not in compagnon("wiki-setup", "--gadget", "--user", login).out

    english_wiki.make_private()
    monkeypatch.delenv("COMPAGNON_WIKI_PASSWORD")
    assert compagnon("wiki-setup", "--gadget", "--show").assert_one_clear_line()
    monkeypatch.setenv("COMPAGNON_WIKI_PASSWORD", password)
    line = compagnon("wiki-setup", "--gadget", "--user", login).assert_one_clear_line()
    assert "private wiki" in line


def test_without_a_wiki_it_says_so(compagnon: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPAGNON_WIKI_PASSWORD", "x" * 32)
    line = compagnon("wiki-setup", "--user", "Camille Roux@setup").assert_one_clear_line()
    assert "compagnon init" in line


def test_the_lines_for_the_extension_are_printed_and_the_secret_stays(
    compagnon: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = compagnon("wiki-setup", "--extension")
    assert first.code == 0
    comment, load, url, secret = first.out.strip().splitlines()
    assert comment.startswith("#")
    path = re.fullmatch(r"wfLoadExtension\( 'Compagnon', '(/.*)' \);", load)
    assert path is not None
    assert json.loads(Path(path[1]).read_text(encoding="utf-8"))["name"] == "Compagnon"
    assert url == "$wgCompagnonUrl = 'http://127.0.0.1:8642';"
    assert re.fullmatch(r"\$wgCompagnonSecret = '[0-9a-f]{64}';", secret)
    assert compagnon("wiki-setup", "--extension").out == first.out

    monkeypatch.setenv("COMPAGNON_EXTENSION_SECRET", "it's a secret with a \\ in it, of 39 signs")
    assert r"'it\'s a secret with a \\ in it, of 39 signs';" in compagnon("wiki-setup", "--extension").out


def test_gadget_and_extension_are_not_for_one_wiki(compagnon: CommandLine) -> None:
    refused = compagnon("wiki-setup", "--extension", "--gadget")
    assert refused.code != 0
    assert "choose one" in refused.err
