"""What the community writes in a real wiki, in real Chromium: said, decided, published; then read there."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
import time_machine
from babel.dates import format_date

from capture.wiki_setup import setup_pages
from community.digest import week_before
from connector.wiki import MediaWiki, WikiSettings
from tests.conftest import OpenPage
from tests.mediawiki import LocalWiki
from tests.oauth_provider import CLIENT_ID, CLIENT_SECRET, Provider, oauth_provider
from tests.served_pages import served, tab_to, too_wide
from tests.sign_in_ground import COORDINATOR, MEMBER, sign_in_services
from webui.bootstrap import Services
from webui.config import Config

if TYPE_CHECKING:
    from playwright.sync_api import Page

TOOLS, EVENING, LIBRARY = "Ranger les outils", "Soirée réparation", "Outilthèque"
QUESTION = "Qui garde les [[clés]] du local {{PAGENAME}} ?"
QUESTIONS_PAGE, NEWS_PAGE = "Project:Questions", "Project:Nouvelles"
PRACTICE = """{{{{Practice|statut=émergente|contexte=Atelier|langue=fr}}}}
== Problème ==
Après la soirée, {problem}.
== Solution ==
Un tableau mural montre la silhouette de chaque outil.
"""
TRIED = """== Expériences ==
=== 3 mars 2026 ===
{{Expérience
|par=Nadia Ould
|le=2026-03-03
|issue=réussi
|contexte=Gare
|note=Douze objets réparés.
}}
=== 9 avril 2026 ===
{{Expérience
|par=Malo Rivière
|le=2026-04-09
|issue=en partie
}}
"""
PHONE: dict[str, Any] = {"locale": "fr-FR", "viewport": {"width": 360, "height": 740}, "has_touch": True}
DESK: dict[str, Any] = {"locale": "en-GB", "viewport": {"width": 1280, "height": 900}}


@pytest.fixture(scope="module")
def provider(wiki_template_fr: LocalWiki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    local = wiki_template_fr.copy(tmp_path_factory.mktemp("wiki") / "copy")
    local.create_user(COORDINATOR, groups=["sysop"])
    for page in setup_pages(MediaWiki(WikiSettings(api_url=local.api_url)).site()):
        local.edit(page.title, page.wikitext)
    local.edit(TOOLS, PRACTICE.format(problem="les outils sont éparpillés"), user=COORDINATOR)
    local.edit(EVENING, PRACTICE.format(problem="rien n’est noté") + TRIED, user=COORDINATOR)
    local.edit(LIBRARY, PRACTICE.format(problem="on ne sait qui a quoi") + TRIED, user=COORDINATOR)
    with oauth_provider(local) as provider:
        yield provider
    local.discard()


@pytest.fixture(scope="module")
def services(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    settings = f'oauth_client = "{CLIENT_ID}"\noauth_secret = "{CLIENT_SECRET}"'
    folder = tmp_path_factory.mktemp("data")
    with sign_in_services(folder, f"{provider.url}/api.php", settings=settings) as services:
        since, _ = week_before(datetime.now(UTC), day=1)
        with time_machine.travel(since + timedelta(days=2), tick=False):
            services.store.questions.ask(QUESTION, language="fr", asked_by=None)
        yield services


@pytest.fixture(scope="module")
def url(services: Services) -> Iterator[str]:
    with served(services) as address:
        pages = {"community.questions_page": QUESTIONS_PAGE, "community.digest_page": NEWS_PAGE}
        values = {**services.config.values, **pages, "web.public_url": address}
        services.config = Config(services.config.folder, values)
        yield address


def practice(services: Services, title: str) -> str:
    return f"/practices/{services.store.pages.require(title).pageid}"


def signed_in(page: "Page", url: str, provider: Provider, name: str, *, at: str) -> None:
    """Open a page of ours as somebody who signs in with the wiki."""
    provider.signed_in_as, provider.answer = name, "allow"
    page.goto(f"{url}/sign-in/wiki?next={quote(at)}")
    page.wait_for_url(url + at)


def read_in_the_wiki(page: "Page", provider: Provider, title: str) -> str:
    """Open a page of the wiki as readers do: return its words. Nothing on it is raw, missing or active."""
    page.goto(f"{provider.url}/index.php?title={quote(title)}")
    content = page.locator("#mw-content-text")
    words = content.inner_text().strip().replace("\u00a0", " ")  # the wiki puts them where French wants them
    assert content.locator("a.new").all_inner_texts() == [], "a red link"
    assert content.locator(".error, script").count() == 0
    for raw in ("{{", "}}", "[[", "]]", "&lt;", "<!--", "nowiki"):
        assert raw not in words.replace(QUESTION, ""), raw
    return words


def test_a_member_says_on_a_phone_what_they_tried_and_the_wiki_shows_it(
    open_page: OpenPage, url: str, services: Services, provider: Provider
) -> None:
    page = open_page(**PHONE)
    signed_in(page, url, provider, MEMBER, at=practice(services, TOOLS))
    tried = page.get_by_role("region", name="Ce que les membres ont essayé")
    assert "Personne n’a encore dit" in tried.inner_text()
    tried.get_by_role("radio", name="Cela a marché", exact=True).tap()
    tried.get_by_label("Où, en quelques mots").fill("Repair café <b>du</b> samedi")
    tried.get_by_label("Que diriez-vous aux autres").fill("Un clou par outil suffit. {{Accueil}}")
    assert tried.get_by_role("checkbox", name=f"en tant que {MEMBER}").is_checked()
    tried.get_by_role("button", name="Le dire").tap()
    one = tried.get_by_role("listitem").filter(has_text="Un clou par outil")
    assert MEMBER in one.inner_text()
    assert "pas encore sur la page" not in one.inner_text()
    assert "Presque «\u00a0testée\u00a0»" in tried.inner_text()
    assert too_wide(page) == []
    assert provider.wiki.revisions(TOOLS)[0]["user"] == MEMBER

    page.goto(f"{provider.url}/index.php?title={quote(TOOLS)}")
    words = page.locator("#mw-content-text").inner_text()
    for part in (MEMBER, "Repair café <b>du</b> samedi", "Un clou par outil suffit. {{Accueil}}"):
        assert part in words, part
    assert page.locator("#mw-content-text a.new").all_inner_texts() == []


def test_a_coordinator_takes_a_step_by_keyboard_and_declines_another_with_a_note(
    open_page: OpenPage, url: str, services: Services, provider: Provider
) -> None:
    page = open_page(**DESK)
    signed_in(page, url, provider, COORDINATOR, at="/community/practices")
    before = provider.wiki.text(LIBRARY)
    due = page.get_by_role("region", name="To decide now")
    assert set(due.get_by_role("heading", level=3).all_inner_texts()) == {LIBRARY, EVENING}

    tab_to(page, "Decide", LIBRARY)
    page.keyboard.press("Enter")
    tab_to(page, "Make it “tested”", LIBRARY)
    page.keyboard.press("Enter")
    decided = page.get_by_role("region", name="Decided lately")
    decided.get_by_role("link", name=LIBRARY).wait_for()
    assert provider.wiki.text(LIBRARY) == before.replace("statut=émergente", "statut=testée")
    assert provider.wiki.revisions(LIBRARY)[0]["user"] == COORDINATOR

    due.get_by_text(re.compile(f"Decide.*{EVENING}")).click()
    due.get_by_label("Why (if you want to say it)").fill("After the summer")
    due.get_by_role("button", name="Leave it as it is").click()
    assert "Nothing waits for a decision." in due.inner_text()
    assert "After the summer" in decided.inner_text()
    assert "statut=émergente" in provider.wiki.text(EVENING)
    page.goto(url + practice(services, EVENING))
    page.get_by_text("How its status came to be").click()
    assert re.search(rf"{COORDINATOR}.*After the summer", page.get_by_role("main").inner_text())
    words = read_in_the_wiki(page, provider, EVENING)
    for part in ("réussi 3 mars 2026 Nadia Ould Gare", "Douze objets réparés.", "en partie 9 avril 2026"):
        assert part in " ".join(words.split()), part
    assert words.endswith("Malo Rivière"), "what was left out leaves nothing behind"


def test_open_questions_and_the_week_are_put_on_the_wiki_and_read_there(
    open_page: OpenPage, url: str, provider: Provider
) -> None:
    page = open_page(**PHONE)
    signed_in(page, url, provider, COORDINATOR, at="/questions/wiki-page")
    page.get_by_role("button", name=f"L’écrire sur «\u00a0{QUESTIONS_PAGE}\u00a0»").tap()
    page.get_by_role("status").filter(has_text="Publi").wait_for()
    assert too_wide(page) == []
    words = read_in_the_wiki(page, provider, QUESTIONS_PAGE)
    assert QUESTION in words
    assert f"Questions ouvertes ({format_date(datetime.now(UTC), 'long', locale='fr')})" in words
    page.get_by_role("link", name="répondre").tap()
    page.wait_for_url(f"{url}/questions/*")
    assert page.get_by_role("heading", level=1).inner_text() == QUESTION

    page.goto(f"{url}/digest")
    assert too_wide(page) == []
    page.get_by_role("button", name=f"Les mettre sur «\u00a0{NEWS_PAGE}\u00a0»").tap()
    page.get_by_text("Les nouvelles sont sur le wiki.").wait_for()
    words = read_in_the_wiki(page, provider, NEWS_PAGE)
    assert QUESTION in words
    assert provider.wiki.revisions(NEWS_PAGE)[0]["user"] == COORDINATOR
