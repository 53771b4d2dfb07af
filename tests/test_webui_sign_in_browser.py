"""Signing in and publishing as a person does it: Chromium, in French, by keyboard, on a phone."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from capture.notes import read_notes
from tests.community import NOTES
from tests.mediawiki import LocalWiki
from tests.oauth_provider import CLIENT_ID, CLIENT_SECRET, Provider, oauth_provider
from tests.served_pages import served, tab_to, too_wide
from tests.sign_in_ground import COORDINATOR, sign_in_services
from tests.wiki_editor import axe_violations
from webui.bootstrap import Services

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture(scope="module")
def provider(wiki_template_fr: LocalWiki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    local = wiki_template_fr.copy(tmp_path_factory.mktemp("wiki") / "copy")
    local.create_user(COORDINATOR, groups=["sysop"])
    local.edit("Ranger les outils", "Chaque outil a sa place sur le mur.", user=COORDINATOR)
    with oauth_provider(local) as provider:
        provider.signed_in_as = COORDINATOR
        yield provider
    local.discard()


@pytest.fixture(scope="module")
def services(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    settings = f'oauth_client = "{CLIENT_ID}"\noauth_secret = "{CLIENT_SECRET}"'
    folder = tmp_path_factory.mktemp("data")
    with sign_in_services(folder, f"{provider.url}/api.php", settings=settings) as services:
        yield services


@pytest.fixture(scope="module")
def url(services: Services) -> Iterator[str]:
    with served(services) as address:
        yield address


@pytest.fixture
def page_options() -> dict[str, Any]:
    return {"locale": "fr-FR", "viewport": {"width": 360, "height": 740}, "color_scheme": "dark"}


def add_draft(services: Services) -> int:
    notes = read_notes(NOTES, filename="notes.md")
    return services.desk.add(services.capture.capture(notes), notes, actor="un essai")[0]


def test_signing_in_by_keyboard_and_publishing_under_ones_own_name(
    page: "Page", url: str, services: Services, provider: Provider
) -> None:
    provider.answer = "ask"
    draft_id = add_draft(services)
    page.goto(f"{url}/drafts/{draft_id}")
    assert page.url.startswith(f"{url}/sign-in?next=")
    assert axe_violations(page, "body") == []
    assert too_wide(page) == []
    tab_to(page, "Se connecter avec le wiki")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{provider.url}/**")
    tab_to(page, "Autoriser")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{url}/drafts/{draft_id}")
    assert page.locator("html").get_attribute("lang") == "fr"
    assert page.get_by_text(f"Vous publiez sous le nom de {COORDINATOR}").is_visible()
    assert page.locator("#password").count() == 0
    assert page.get_by_label("Votre nom").count() == 0
    page.get_by_role("button", name="Créer la page").click()
    page.get_by_text("Cette pratique est dans le wiki").wait_for()
    assert provider.wiki.revisions("Plan de l'atelier")[0]["user"] == COORDINATOR

    tab_to(page, COORDINATOR)
    page.keyboard.press("Enter")
    assert too_wide(page) == []
    assert axe_violations(page, "header") == []
    tab_to(page, "Jetons")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{url}/me/tokens")
    assert axe_violations(page, "body") == []
    page.get_by_label("À quoi il sert").fill("Tableau de bord")
    page.keyboard.press("Enter")
    assert page.get_by_label("Le jeton").input_value().startswith("cpg_")
    assert axe_violations(page, "body") == []
    assert too_wide(page) == []
    page.goto(f"{url}/sign-in")
    assert axe_violations(page, "body") == []
    assert too_wide(page) == []
    page.get_by_role("button", name="Se déconnecter", exact=True).last.click()
    page.get_by_role("link", name="Se connecter avec le wiki").wait_for()


def test_what_was_taken_back_in_the_wiki_is_told_and_the_draft_is_safe(
    page: "Page", url: str, services: Services, provider: Provider, page_errors: list[str]
) -> None:
    provider.answer = "allow"
    draft_id = add_draft(services)
    page.goto(f"{url}/sign-in/wiki?next=/drafts/{draft_id}")
    page.get_by_label("Titre de la page").fill("Un plan à l’entrée")
    page.get_by_role("button", name="Enregistrer", exact=True).last.click()
    page.get_by_text("Enregistré.").wait_for()
    provider.revoke(COORDINATOR)
    page.get_by_role("button", name="Créer la page").click()
    notice = page.get_by_role("alert")
    assert "Le wiki ne laisse plus Compagnon agir sous votre nom" in notice.inner_text()
    assert page.get_by_label("Titre de la page").input_value() == "Un plan à l’entrée"
    assert not provider.wiki.session().exists("Un plan à l’entrée")
    page.get_by_role("link", name="Se connecter de nouveau").click()
    page.wait_for_url(f"{url}/drafts/{draft_id}")
    page.get_by_role("button", name="Créer la page").click()
    page.get_by_text("Cette pratique est dans le wiki").wait_for()
    assert provider.wiki.revisions("Un plan à l’entrée")[0]["user"] == COORDINATOR
    page_errors.clear()  # the browser logs the answer 403
