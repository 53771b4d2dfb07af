"""The MediaWiki extension, in a real MediaWiki."""

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from bs4 import BeautifulSoup, Tag

import webui
from tests.mediawiki import LocalWiki

FOLDER = Path(webui.__file__).parent / "extension" / "Compagnon"
BASE = "https://compagnon.example.org/potager"
HOSTILE = "Où est-ce ? \"100 %\" & l'eau +1 'onclick=alert(1)' title=x&q=y"


def enable(wiki: LocalWiki, url: str) -> None:
    wiki.enable_extension(FOLDER, f"$wgCompagnonUrl = {json.dumps(url)};")


def read(wiki: LocalWiki, title: str, **query: str) -> BeautifulSoup:
    session = requests.Session()
    session.trust_env = False
    reply = session.get(wiki.index_url, params={"title": title, **query}, timeout=60)
    return BeautifulSoup(reply.text, "html.parser")


def links(page: BeautifulSoup) -> dict[str, tuple[str, str]]:
    """The extension's links by their id: text and address."""
    found = {}
    for item in page.select("#p-tb [id^=t-compagnon]"):
        assert isinstance(item, Tag)
        [link] = item.find_all("a")
        found[str(item["id"])] = (link.get_text(strip=True), str(link["href"]))
    return found


@pytest.mark.wiki
def test_a_content_page_leads_to_its_links_and_to_related_practices(fresh_wiki: LocalWiki) -> None:
    enable(fresh_wiki, BASE + "/")
    fresh_wiki.edit("Bac à compost", "Un bac.")
    french = links(read(fresh_wiki, "Bac à compost"))
    assert french == {
        "t-compagnon-links": ("Liens suggérés", f"{BASE}/links?title=Bac+%C3%A0+compost"),
        "t-compagnon-related": ("Pratiques voisines", f"{BASE}/?q=Bac+%C3%A0+compost"),
    }
    english = links(read(fresh_wiki, "Bac à compost", uselang="en"))
    assert [text for text, _ in english.values()] == ["Suggested links", "Related practices"]
    assert [address for _, address in english.values()] == [address for _, address in french.values()]


@pytest.mark.wiki
def test_a_hostile_title_stays_inside_its_parameter(fresh_wiki: LocalWiki) -> None:
    enable(fresh_wiki, BASE)
    title = fresh_wiki.edit(HOSTILE, "Une page.").title
    page = read(fresh_wiki, title)
    addresses = {name: urlsplit(address) for name, (_, address) in links(page).items()}
    assert parse_qs(addresses["t-compagnon-links"].query) == {"title": [title]}
    assert parse_qs(addresses["t-compagnon-related"].query) == {"q": [title]}
    assert {address.netloc for address in addresses.values()} == {"compagnon.example.org"}
    for link in page.select("[id^=t-compagnon] a"):
        assert "onclick" not in link.attrs


@pytest.mark.wiki
def test_other_pages_have_no_such_links(fresh_wiki: LocalWiki) -> None:
    enable(fresh_wiki, BASE)
    fresh_wiki.edit("Discussion:Semis", "Bonjour.")
    for title in ("Page absente", "Discussion:Semis", "Spécial:Version"):
        assert links(read(fresh_wiki, title)) == {}


@pytest.mark.wiki
@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "//compagnon.example.org",
        "ftp://compagnon.example.org",
        "compagnon.example.org",
        "https://",
        "https://compagnon.example.org/?x=",
        "http:///x",
    ],
)
def test_nothing_is_shown_without_an_address_of_the_web(fresh_wiki: LocalWiki, url: str) -> None:
    enable(fresh_wiki, url)
    fresh_wiki.edit("Semis", "En mars.")
    page = read(fresh_wiki, "Semis")
    assert page.select("#p-tb")
    assert links(page) == {}


@pytest.mark.wiki
def test_the_wiki_lists_the_extension(english_wiki: LocalWiki) -> None:
    english_wiki.enable_extension(FOLDER)
    [row] = [row for row in _extensions(english_wiki) if row["name"] == "Compagnon"]
    manifest = json.loads((FOLDER / "extension.json").read_text(encoding="utf-8"))
    assert row["version"] == manifest["version"]
    assert row["license-name"] == "MIT"
    shown = read(english_wiki, "Special:Version").select_one("#mw-version-ext-other-Compagnon")
    assert shown is not None
    assert "Shows related practices and people below the pages" in shown.get_text()


def _extensions(wiki: LocalWiki) -> list[dict[str, str]]:
    reply = wiki.session().ask("query", meta="siteinfo", siprop=["extensions"])
    return list(reply["query"]["extensions"])


def test_every_message_is_in_both_languages_and_explained() -> None:
    tables = {}
    for language in ("en", "fr", "qqq"):
        text = (FOLDER / "i18n" / f"{language}.json").read_text(encoding="utf-8")
        tables[language] = {key for key in json.loads(text) if key != "@metadata"}
    assert tables["en"] == tables["fr"] == tables["qqq"]


def test_the_extension_has_the_version_of_the_package() -> None:
    project = (Path(webui.__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    manifest = json.loads((FOLDER / "extension.json").read_text(encoding="utf-8"))
    assert f'\nversion = "{manifest["version"]}"\n' in project
