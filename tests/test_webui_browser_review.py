"""A coordinator's evening in real Chromium: long notes, lines corrected by keyboard, what is left to do.

An experience is added to a page that people wrote, in a real wiki.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.community import EVENING, TOOLS, WELCOME, empty_community
from tests.conftest import OpenPage
from tests.mediawiki import LocalWiki
from tests.served_pages import served
from webui.bootstrap import Services

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.model

TITLE = "Accueillir un nouveau bénévole"
NOTES = """# Atelier : réunion du 7 avril 2026

Présents : Aïcha Benali, Marc Le Goff

## Accueillir un nouveau bénévole

Problème : les nouveaux bénévoles repartent sans savoir à qui s'adresser dans l'atelier.

Solution : deux anciens les accueillent, et un carnet de parrainage garde le nom des trois personnes.

Le carnet est rangé dans le tiroir de l'accueil.

## Actions

- [ ] Marc : acheter le carnet avant le 20 avril 2026

## Divers

"""
# So long that a job reads them.
LONG_NOTES = NOTES + "".join(
    f"Tour de table, point {number} : rien de nouveau cette semaine.\n" for number in range(400)
)


@pytest.fixture
def services(fresh_wiki: LocalWiki, data_dir: Path) -> Iterator[Services]:
    """A small wiki, mirrored and indexed, which can be published to; its jobs are worked on."""
    fresh_wiki.edit(TITLE, WELCOME, user="Aïcha Benali")
    fresh_wiki.edit("Soirée réparation", EVENING, user="Marc Le Goff")
    fresh_wiki.edit("Ranger les outils", TOOLS, user="Marc Le Goff")
    (data_dir / "compagnon.toml").write_text(
        f'[web]\nsign_in = "off"\n[wiki]\napi_url = "{fresh_wiki.api_url}"\n', encoding="utf-8"
    )
    services = empty_community(data_dir)
    services.refresh()
    assert services.jobs.start()
    yield services
    assert services.jobs.end()
    services.close()


@pytest.fixture
def url(services: Services) -> Iterator[str]:
    with served(services) as address:
        yield address


def give(page: "Page", url: str, notes: str) -> None:
    page.goto(f"{url}/capture")
    page.get_by_label("Notes", exact=True).fill(notes)
    page.get_by_role("button", name="Lire ces notes").click()


def open_draft(page: "Page", url: str) -> None:
    give(page, url, NOTES)
    page.locator(".drafts a").click()


def lit(page: "Page") -> list[str]:
    return [text.partition("\n")[0] for text in page.locator(".numbered .lit").all_inner_texts()]


def test_long_notes_become_an_experience_on_the_page_that_people_wrote(
    page: "Page", url: str, fresh_wiki: LocalWiki
) -> None:
    account, password = fresh_wiki.create_bot_password("Marc Le Goff", "compagnon")
    give(page, url, LONG_NOTES)
    page.get_by_role("heading", name="Atelier : réunion du 7 avril 2026").wait_for(timeout=120_000)
    page.locator(".drafts a").click()

    # A field is corrected, its lines are lit, another line is chosen by keyboard alone.
    solution = page.get_by_label("Solution, énoncé 1", exact=True)
    solution.focus()
    assert lit(page) == ["9"]
    solution.fill(
        "Deux anciens les accueillent ; un carnet de parrainage, dans le tiroir, garde les trois noms."
    )
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert "Autres lignes" in page.locator(":focus").inner_text()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    notes = page.get_by_role("listbox", name="Lignes de Solution, énoncé 1")
    assert notes.evaluate("list => list === document.activeElement")
    assert [
        option.split("\n")[0] for option in notes.get_by_role("option", selected=True).all_inner_texts()
    ] == ["9"]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    field = page.get_by_label("Lignes de Solution, énoncé 1")
    assert field.input_value() == "9, 11"
    assert field.evaluate("field => field === document.activeElement")
    assert lit(page) == ["9", "11"]

    # The page that it belongs to was found; the change is seen before anything is written.
    page.get_by_role("radio", name=re.compile(f"Ajouter à « {TITLE} »")).check()
    assert not page.get_by_label("Compte").is_visible(), "nothing is published that was not seen"
    page.get_by_role("button", name="Enregistrer et montrer ce qui sera écrit").click()
    diff = page.get_by_role("region", name="Ce qui change sur la page")
    assert "un carnet de parrainage, dans le tiroir" in diff.inner_text()
    assert fresh_wiki.text(TITLE).strip() == WELCOME.strip()
    page.get_by_label("Compte").fill(account)
    page.get_by_label("Mot de passe de robot").fill(password)
    page.get_by_role("button", name=f"Ajouter à « {TITLE} »").click()
    assert "La recherche le trouve" in page.get_by_role("status").inner_text()
    written = fresh_wiki.text(TITLE)
    assert "un carnet de parrainage, dans le tiroir" in written
    for line in WELCOME.splitlines()[1:]:
        assert line in written, "what people wrote is still there"
    assert {revision["user"] for revision in fresh_wiki.revisions(TITLE)} == {"Aïcha Benali", "Marc Le Goff"}

    page.get_by_role("link", name="Lire dans le wiki").click()
    page.wait_for_load_state()
    assert "carnet de parrainage" in page.locator("#mw-content-text").inner_text()
    page.goto(url)
    page.get_by_role("combobox").fill("un carnet de parrainage dans le tiroir")
    page.get_by_role("button", name="Rechercher").click()
    assert page.locator(".hit h3").first.inner_text() == TITLE


def test_a_person_takes_a_draft_and_another_one_sees_who(open_page: OpenPage, url: str) -> None:
    first, second = open_page(locale="fr-FR"), open_page(locale="fr-FR")
    open_draft(first, url)
    first.get_by_label("Votre nom").fill("Aïcha")
    first.get_by_label("Titre de la page").fill("Le carnet de parrainage")
    first.get_by_role("button", name="Je relis ce brouillon").click()
    assert first.get_by_label("Titre de la page").input_value() == "Le carnet de parrainage", (
        "nothing is lost"
    )
    second.goto(first.url)
    assert second.get_by_text("Aïcha relit ce brouillon.").is_visible()
    assert second.get_by_label("Votre nom").input_value() == ""
    second.get_by_text("Historique").click()
    assert "Aïcha : pris en relecture" in second.locator(".history").inner_text().replace("\u00a0", " ")


def test_an_action_is_closed_by_who_did_it(page: "Page", url: str) -> None:
    give(page, url, NOTES)
    page.get_by_role("link", name="Suites", exact=True).click()
    page.get_by_label("Votre nom").fill("Marc")
    page.get_by_role("button", name=re.compile("C’est fait.*acheter le carnet")).click()
    assert page.get_by_role("status").inner_text() == "Close : c’est fait.".replace(" :", "\u00a0:")
    page.get_by_text("Closes récemment").click()
    assert "par Marc" in page.locator(".closed").inner_text()
    assert page.get_by_label("Votre nom").input_value() == "Marc"


def test_the_review_is_readable_on_a_small_phone(open_page: OpenPage, url: str) -> None:
    page = open_page(locale="fr-FR", viewport={"width": 320, "height": 640}, has_touch=True)
    open_draft(page, url)
    page.get_by_label("Ajouter à une autre page").check()
    page.get_by_label("Titre de l’autre page").fill(TITLE)
    page.get_by_role("button", name="Enregistrer et montrer").tap()
    page.locator(".diff").wait_for()
    assert page.locator(".diff .added").count() > 3
    assert sticks_out(page) == 0
    page.get_by_text("Autres lignes").first.tap()
    page.get_by_role("button", name="Choisir dans les notes").first.tap()
    page.locator("#L11").tap()
    page.get_by_role("button", name="Retenir ces lignes").tap()
    assert "11" in page.locator(".line-numbers").first.input_value()
    for path in ("/capture", "/capture/1", "/drafts", "/follow-ups", "/follow-ups?by=owner"):
        page.goto(url + path)
        assert sticks_out(page) == 0, path


def test_everything_works_without_scripts(open_page: OpenPage, url: str, page_errors: list[str]) -> None:
    page = open_page(locale="fr-FR", java_script_enabled=False)
    give(page, url, LONG_NOTES)
    look_again = page.get_by_role("link", name="Actualiser")
    for _ in range(600):
        if not look_again.count():
            break
        look_again.click()
        page.wait_for_timeout(200)
    page.locator(".drafts a").click()
    page.get_by_text("Autres lignes").first.click()
    assert not page.get_by_role("button", name="Choisir dans les notes").count()
    page.locator(".line-numbers").first.fill("7, 9999")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    assert "il n’y a pas de ligne 9999" in page.get_by_role("alert").inner_text()
    assert all("400" in error for error in page_errors)
    page_errors.clear()
    page.locator(".line-numbers").first.fill("7 - 9")
    page.get_by_role("radio", name="Ajouter à une autre page").check()
    page.get_by_label("Titre de l’autre page").fill("soirée réparation")
    page.get_by_role("button", name="Enregistrer et montrer").click()
    page.get_by_role("button", name="Ajouter à « Soirée réparation »").wait_for()
    assert page.locator(".lines").first.inner_text() == "lignes 7–9"


def sticks_out(page: "Page") -> int:
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert isinstance(width, int)
    return width
