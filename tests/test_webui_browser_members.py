"""A member's way in real Chromium, by clicks and by keyboard: narrow, say what helped, ask the community."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from connector.store.wishes import Wish
from tests.conftest import OpenPage
from tests.members import PutThere, members_before
from tests.served_pages import served, too_wide
from tests.wiki_editor import axe_violations
from webui.bootstrap import Services
from webui.rights.roles import Role

if TYPE_CHECKING:
    from playwright.sync_api import Page

QUESTION = "Où garer un vélo-cargo et sa remorque ?"
PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740},
    "locale": "en-GB",
    "color_scheme": "dark",
    "has_touch": True,
}


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Services, PutThere, str]]:
    with (
        members_before(tmp_path_factory.mktemp("community")) as (services, readers),
        served(services) as url,
    ):
        yield services, readers, url


@pytest.fixture
def services(ground: tuple[Services, PutThere, str]) -> Services:
    return ground[0]


@pytest.fixture
def readers(ground: tuple[Services, PutThere, str]) -> PutThere:
    return ground[1]


@pytest.fixture
def url(ground: tuple[Services, PutThere, str]) -> str:
    return ground[2]


def test_what_nothing_answers_is_put_to_the_community_and_closed_by_a_coordinator(
    page: "Page", url: str, services: Services, readers: PutThere
) -> None:
    readers.person("Nadia Ould")
    page.goto(url)
    page.get_by_role("combobox", name="Votre question").fill(QUESTION)
    page.get_by_role("button", name="Rechercher").click()
    nobody = page.get_by_role("region", name="Personne ne semble avoir encore écrit à ce sujet")
    nobody.get_by_role("button", name="Demander à la communauté").click()
    assert page.get_by_role("status").inner_text() == "Votre question est dans la liste de la communauté."
    assert page.get_by_role("heading", level=1).inner_text() == QUESTION
    assert "C’est votre question" in page.locator("main").inner_text()

    page.get_by_role("navigation", name="Principal").get_by_role("link", name="Questions").click()
    listed = page.locator(".questions li")
    assert listed.count() == 1
    assert QUESTION in listed.inner_text()

    readers.person("Aïcha Benali", Role.COORDINATOR)
    page.reload()
    assert "Posée par Nadia Ould" in listed.inner_text()
    listed.get_by_role("link", name=QUESTION).click()
    field = page.get_by_label("La page qui répond")
    field.press_sequentially("rang")
    page.get_by_role("option").first.wait_for()
    field.press("ArrowDown")
    assert field.input_value() == "Ranger les outils"
    field.press("Enter")
    page.wait_for_url("**/questions/*")
    page.get_by_text(
        "Close avec « Ranger les outils ».".replace("« ", "«\u00a0").replace(" »", "\u00a0»")
    ).wait_for()
    assert page.locator("main .notice.good a").inner_text() == "Ranger les outils"
    assert services.store.questions.counts() == {"open": 0, "answered": 1, "withdrawn": 0}


def test_a_search_is_narrowed_by_keyboard_and_widened_again(
    page: "Page", url: str, readers: PutThere
) -> None:
    readers.visitor()
    page.goto(f"{url}/?q={quote('soirée réparation outils')}")
    every = page.locator(".hit").count()
    page.locator(".filters summary").press("Enter")
    box = page.get_by_role("checkbox", name="testée")
    box.press("Space")
    box.press("Enter")
    page.wait_for_url("**status=tested**")
    assert page.locator(".hit h3").all_inner_texts() == ["Soirée réparation"]
    chip = page.get_by_role("list", name="Filtres de cette recherche").get_by_role("link")
    assert chip.count() == 1
    chip.press("Enter")
    page.wait_for_url(lambda address: "status" not in address)
    assert page.locator(".hit").count() == every


def test_what_helped_is_said_without_loading_the_page_anew(
    page: "Page", url: str, services: Services, readers: PutThere
) -> None:
    readers.person("Nadia Ould")
    page.goto(f"{url}/?q={quote('multimètre')}")
    page.evaluate("window.stayed = true")
    first = page.locator(".hit").first
    helped = first.get_by_role("button", name="Cela m’a aidé")
    helped.press("Enter")
    first.get_by_role("status").get_by_text("Merci.").wait_for()
    assert helped.get_attribute("aria-pressed") == "true"
    assert page.evaluate("window.stayed"), "the page was not loaded anew"
    page.reload()
    assert helped.get_attribute("aria-pressed") == "true"
    assert [(each.question, each.helped) for each in services.store.hit_feedback.all()] == [("multimètre", 1)]


def test_when_the_sending_fails_the_form_goes_its_usual_way(
    page: "Page", url: str, readers: PutThere, page_errors: list[str]
) -> None:
    readers.person("Nadia Ould")
    page.goto(f"{url}/?q={quote('mairie')}")
    readers.visitor()
    page.locator(".hit").first.get_by_role("button", name="Pas ma question").click()
    page.wait_for_url("**/feedback**")
    assert page.locator("main form input[name=verdict]").get_attribute("value") == "not_helped"
    assert all("401" in error for error in page_errors)
    page_errors.clear()


def test_on_a_dark_phone_axe_finds_nothing_and_all_fits(
    open_page: OpenPage, url: str, services: Services, readers: PutThere
) -> None:
    account = readers.person("Marc Le Goff", Role.COORDINATOR)
    wish = Wish(paused=True, languages=("fr", "en"), availability="Le jeudi, à l’atelier")
    services.store.wishes.put(account.id, wish)
    asked, _ = services.store.questions.ask("Que faire d’un aspirateur ?", language="fr", asked_by=account.id)
    page = open_page(**PHONE)
    words = quote("soirée réparation outils")
    for path in (
        f"/?q={words}&status=tested&since=2026-01-01&language=fr",
        "/questions",
        f"/questions/{asked.id}",
        "/practices/1",
    ):
        page.goto(url + path)
        for summary in page.locator("main summary").all():
            summary.click()
        assert axe_violations(page, "body") == [], path
        assert too_wide(page) == [], path
    services.store.wishes.put(account.id, Wish())
