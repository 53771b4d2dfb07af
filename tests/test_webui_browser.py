"""A member's and a coordinator's part, by clicking, in real Chromium on a real wiki."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from tests.community import EVENING, MEETING_PLACE, NOTES, REGISTER, SHEET, TOOLS, WELCOME, empty_community
from tests.conftest import OpenPage
from tests.mediawiki import LocalWiki
from tests.served_pages import served
from webui.bootstrap import Services

if TYPE_CHECKING:
    from playwright.sync_api import Dialog, Locator, Page, Route

pytestmark = pytest.mark.model

TEMPLATE = "'''Statut''' : {{{statut|émergente}}}, '''contacts''' : {{{contacts|}}}"


@pytest.fixture
def services(fresh_wiki: LocalWiki, data_dir: Path) -> Iterator[Services]:
    """A small wiki with two practices, mirrored and indexed, which can be published to."""
    fresh_wiki.edit("Modèle:Practice", TEMPLATE, user="Inès Caradec")
    fresh_wiki.edit("Accueillir un nouveau bénévole", WELCOME, user="Aïcha Benali")
    fresh_wiki.edit("Soirée réparation", EVENING, user="Marc Le Goff")
    fresh_wiki.edit("Atelier", MEETING_PLACE, user="Inès Caradec")
    fresh_wiki.edit("Ranger les outils", TOOLS, user="Marc Le Goff")
    fresh_wiki.edit("Fiche de suivi", SHEET, user="Inès Caradec")
    fresh_wiki.edit("Registre des objets", REGISTER, user="Inès Caradec")
    (data_dir / "compagnon.toml").write_text(
        f'[web]\nsign_in = "off"\n[wiki]\napi_url = "{fresh_wiki.api_url}"\n', encoding="utf-8"
    )
    services = empty_community(data_dir)
    services.refresh()
    yield services
    services.close()


@pytest.fixture
def url(services: Services) -> Iterator[str]:
    with served(services) as address:
        yield address


def click(page: "Page", name: str, *, role: str = "link") -> None:
    page.get_by_role(role, name=name, exact=True).first.click()  # type: ignore[arg-type]


def statement(page: "Page", text: str) -> "Locator":
    """The statement of a draft whose field holds a text."""
    fields = page.locator(".statement textarea")
    places = [place for place in range(fields.count()) if text in fields.nth(place).input_value()]
    assert len(places) == 1, f"one statement says “{text}”"
    return page.locator(".statement").nth(places[0])


def test_a_member_asks_and_is_led_to_the_practice_and_the_person(page: "Page", url: str) -> None:
    page.goto(url)
    page.get_by_role("combobox", name="Votre question").fill("qui accueille les nouveaux bénévoles ?")
    click(page, "Rechercher", role="button")
    first = page.locator(".hit").first
    assert first.get_by_role("heading").inner_text() == "Accueillir un nouveau bénévole"
    assert first.locator("mark").count() > 0
    people = page.get_by_role("complementary", name="À qui demander")
    assert "Aïcha Benali" in people.inner_text()
    assert "/?q=" in page.url, "the address can be shared"
    first.get_by_role("heading").get_by_role("link").click()
    page.wait_for_load_state()
    assert "accueilli par deux anciens" in page.locator("#mw-content-text").inner_text()


def test_a_member_follows_an_example_and_changes_the_language(page: "Page", url: str) -> None:
    page.goto(url)
    page.locator(".examples a").first.click()
    assert page.locator(".hit").count() > 0
    question = page.get_by_role("combobox").input_value()
    click(page, "English")
    assert page.get_by_role("combobox", name="Your question").input_value() == question
    assert page.get_by_role("button", name="Search").is_visible()
    assert page.locator("html").get_attribute("lang") == "en"


def test_an_editor_chooses_a_page_by_typing_its_beginning(page: "Page", url: str) -> None:
    page.goto(url)
    click(page, "Liens")
    field = page.get_by_label("Titre d’une page")
    field.press_sequentially("rang")
    completion = page.get_by_role("option").first
    completion.wait_for()
    assert completion.inner_text() == "Ranger les outils"
    completion.click()
    suggestion = page.locator(".suggestions li").first
    assert suggestion.locator("mark").inner_text() == "soirée réparation"
    assert suggestion.get_by_role("link").inner_text() == "Soirée réparation"


def test_a_member_chooses_a_title_by_keyboard_while_typing(page: "Page", url: str) -> None:
    page.goto(url)
    field = page.get_by_role("combobox", name="Votre question")
    assert field.get_attribute("aria-expanded") == "false"
    field.press_sequentially("benev accueil")
    options = page.get_by_role("option")
    options.first.wait_for()
    assert options.all_inner_texts() == ["Accueillir un nouveau bénévole"]
    assert field.get_attribute("aria-expanded") == "true"
    field.press("ArrowDown")
    assert field.input_value() == "Accueillir un nouveau bénévole"
    active = field.get_attribute("aria-activedescendant")
    assert active
    assert page.locator(f"#{active}").get_attribute("aria-selected") == "true"
    field.press("Escape")
    assert field.input_value() == "benev accueil", "what was typed comes back"
    assert not page.get_by_role("listbox").is_visible()
    field.press_sequentially("l")
    options.first.wait_for()
    field.press("ArrowUp")
    field.press("Enter")
    page.wait_for_url("**/?q=*")
    assert page.locator(".hit h3").first.inner_text() == "Accueillir un nouveau bénévole"


def test_a_question_that_nobody_has_answered_is_asked_in_the_wiki(
    page: "Page", url: str, fresh_wiki: LocalWiki
) -> None:
    question = "Où garer un vélo-cargo & sa remorque ?"
    page.goto(f"{url}/?{urlencode({'q': question})}")
    nobody = page.get_by_role("region", name="Personne ne semble avoir encore écrit à ce sujet")
    nobody.get_by_role("link", name="Demander sur la page communautaire du wiki").click()
    page.wait_for_load_state()
    assert page.url.startswith(fresh_wiki.api_url.removesuffix("api.php"))
    assert page.locator("#wpSummary").input_value() == question


def test_a_coordinator_pastes_notes_corrects_the_draft_publishes_and_finds_it(
    page: "Page", url: str, fresh_wiki: LocalWiki
) -> None:
    account, password = fresh_wiki.create_bot_password("Aïcha Benali", "compagnon")

    page.goto(url)
    click(page, "Notes")
    page.get_by_label("Notes", exact=True).fill(NOTES)
    click(page, "Lire ces notes", role="button")
    assert page.get_by_role("heading", level=1).inner_text() == "Atelier : réunion du 3 mars 2026"
    assert "Aïcha Benali, Marc Le Goff" in page.locator(".told").inner_text()
    assert "le plan sera affiché" in page.locator(".found").filter(has_text="Décisions").inner_text()

    page.locator(".drafts a").click()
    solution = statement(page, "Afficher un plan")
    solution.hover()
    assert page.locator(".numbered .lit").all_inner_texts() == [
        "10\nSolution : afficher un plan de l'atelier à l'entrée."
    ]
    field = solution.locator("textarea")
    field.fill("Afficher un grand plan de l'atelier à l'entrée, sous plastique.")
    assert page.locator("#L10").evaluate("line => line.classList.contains('lit')")
    page.get_by_label("Titre de la page").fill("Plan de l'atelier à l'entrée")
    click(page, "Enregistrer", role="button")
    assert page.get_by_role("status").inner_text() == "Enregistré."
    page.get_by_text("Wikitexte de la page").click()
    assert "sous plastique" in page.locator(".wikitext pre").inner_text()

    page.get_by_label("Compte").fill(account)
    page.get_by_label("Mot de passe de robot").fill(password)
    page.get_by_label("Mot de passe de robot").press("Enter")
    assert "La recherche le trouve" in page.get_by_role("status").inner_text()
    (revision,) = fresh_wiki.revisions("Plan de l'atelier à l'entrée")
    assert revision["user"] == "Aïcha Benali"
    assert "sous plastique" in revision["content"]

    click(page, "Rechercher")
    page.get_by_role("combobox").fill("un plan sous plastique pour trouver les outils")
    click(page, "Rechercher", role="button")
    assert page.locator(".hit h3").first.inner_text() == "Plan de l'atelier à l'entrée"

    click(page, "Brouillons")
    page.get_by_role("link", name=re.compile("Plan de l'atelier")).click()
    click(page, "Lire dans le wiki")
    page.wait_for_load_state()
    assert "sous plastique" in page.locator("#mw-content-text").inner_text()


def test_a_wrong_password_is_told_and_the_work_is_there(
    page: "Page", url: str, fresh_wiki: LocalWiki, page_errors: list[str]
) -> None:
    account, _ = fresh_wiki.create_bot_password("Aïcha Benali", "compagnon")
    open_draft(page, url)
    statement(page, "Afficher un plan").locator("textarea").fill("Afficher un grand plan.")
    page.get_by_label("Compte").fill(account)
    page.get_by_label("Mot de passe de robot").fill("a" * 32)
    page.locator("button[value=publish]").click()
    assert "Le wiki refuse ce compte" in page.get_by_role("alert").inner_text()
    assert statement(page, "Afficher un grand plan.").count() == 1
    assert page.get_by_label("Mot de passe de robot").input_value() == ""
    assert all("403" in error for error in page_errors)
    page_errors.clear()


def test_a_title_that_is_taken_is_told_and_nothing_is_overwritten(
    page: "Page", url: str, fresh_wiki: LocalWiki, page_errors: list[str]
) -> None:
    account, password = fresh_wiki.create_bot_password("Marc Le Goff", "compagnon")
    open_draft(page, url)
    page.get_by_label("Titre de la page").fill("Soirée réparation")
    page.get_by_label("Compte").fill(account)
    page.get_by_label("Mot de passe de robot").fill(password)
    click(page, "Créer la page « Soirée réparation »", role="button")
    assert "Le wiki a déjà une page de ce titre" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Titre de la page").input_value() == "Soirée réparation"
    assert fresh_wiki.text("Soirée réparation").strip() == EVENING.strip()
    assert all("409" in error for error in page_errors)
    page_errors.clear()


def test_a_title_that_is_typed_before_the_script_is_there_is_named_by_the_button(
    page: "Page", url: str
) -> None:
    open_draft(page, url)
    held: list[Route] = []
    page.route("**/draft.js*", lambda route: held.append(route))
    page.goto(page.url, wait_until="commit")
    page.get_by_label("Titre de la page").fill("Un titre bien à elle")
    while not held:
        page.wait_for_timeout(20)
    held[0].continue_()
    button = page.get_by_role("button", name="Créer la page « Un titre bien à elle »", exact=True)
    button.wait_for(timeout=20_000)


def test_work_that_is_not_saved_is_not_left_by_mistake(page: "Page", url: str) -> None:
    open_draft(page, url)
    page.get_by_label("Titre de la page").fill("Un autre titre")
    asked: list[str] = []

    def stay(dialog: "Dialog") -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    click(page, "Liens")
    assert asked == ["beforeunload"]
    assert page.get_by_label("Titre de la page").input_value() == "Un autre titre"


def test_on_a_phone_the_lines_are_quoted_in_place_and_nothing_sticks_out(
    open_page: OpenPage, url: str
) -> None:
    page = open_page(locale="fr-FR", viewport={"width": 360, "height": 740}, has_touch=True)
    pages = (
        "/",
        "/?q=bénévole",
        "/links?title=Soirée réparation",
        "/capture",
        "/drafts",
        "/follow-ups",
        "/health",
    )
    for path in pages:
        page.goto(url + path)
        assert sticks_out(page) == 0, path
    open_draft(page, url)
    assert sticks_out(page) == 0
    solution = statement(page, "Afficher un plan")
    solution.get_by_role("link", name="ligne 10").tap()
    assert solution.locator(".quote").inner_text() == "Solution : afficher un plan de l'atelier à l'entrée."
    solution.get_by_role("link", name="ligne 10").tap()
    assert solution.locator(".quote").count() == 0


def test_everything_works_without_scripts(open_page: OpenPage, url: str, page_errors: list[str]) -> None:
    page = open_page(locale="fr-FR", java_script_enabled=False)
    page.goto(url)
    page.get_by_role("searchbox").fill("qui accueille les nouveaux bénévoles ?")
    click(page, "Rechercher", role="button")
    page.locator(".hit").first.get_by_role("link", name="Pages voisines").click()
    assert page.locator(".suggestions h3").count() > 0
    page.goto(f"{url}/links")
    page.get_by_label("Titre d’une page").fill("reparation")
    click(page, "Proposer des liens", role="button")
    assert page.get_by_role("link", name="Soirée réparation").is_visible()
    assert all("404" in error for error in page_errors)
    page_errors.clear()
    page.goto(f"{url}/capture")
    page.get_by_label("Notes", exact=True).fill(NOTES)
    click(page, "Lire ces notes", role="button")
    page.locator(".drafts a").click()
    click(page, "ligne 10")
    assert page.url.endswith("#L10")
    page.get_by_label("Titre de la page").fill("Plan de l'entrée")
    click(page, "Enregistrer", role="button")
    assert page.get_by_label("Titre de la page").input_value() == "Plan de l'entrée"


def test_the_pages_can_be_used_by_keyboard(page: "Page", url: str) -> None:
    page.goto(f"{url}/about")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Aller au contenu")
    assert skip.evaluate("link => link === document.activeElement")
    page.keyboard.press("Enter")
    assert page.locator("main").evaluate("main => main === document.activeElement")


def open_draft(page: "Page", url: str) -> None:
    page.goto(f"{url}/capture")
    page.get_by_label("Notes", exact=True).fill(NOTES)
    click(page, "Lire ces notes", role="button")
    page.locator(".drafts a").click()


def sticks_out(page: "Page") -> int:
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert isinstance(width, int)
    return width
