"""The page that reads the API to people, in Chromium: by keyboard, on a phone, without scripts."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.community import hashed_community
from tests.conftest import OpenPage
from tests.served_pages import served
from tests.wiki_editor import axe_violations

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    services = hashed_community(tmp_path_factory.mktemp("community"))
    with served(services) as address:
        yield address
    services.close()


def operation(page: "Page", endpoint: str) -> "Locator":
    return page.locator(f'details[id="{endpoint}"]')


def test_an_operation_is_tried_with_the_keyboard(url: str, open_page: OpenPage) -> None:
    page = open_page(locale="fr-FR")
    page.goto(f"{url}/api")
    titles = operation(page, "api.titles")
    titles.locator("summary").focus()
    page.keyboard.press("Enter")
    field = titles.get_by_label("q", exact=False).first
    page.keyboard.press("Tab")
    assert field.evaluate("element => element === document.activeElement")
    field.fill("l'out")
    line = titles.locator("[data-curl]")
    assert line.inner_text() == f"curl -s '{url}/api/v1/titles?q=l%27out'"
    field.fill("acc")
    page.keyboard.press("Enter")
    titles.get_by_text("État 200", exact=False).wait_for()
    assert "Accueillir un nouveau bénévole" in titles.locator(".shown").inner_text()
    assert page.url == f"{url}/api"


def test_what_is_refused_is_shown_too_and_a_path_is_filled_in(url: str, open_page: OpenPage) -> None:
    page = open_page(locale="en-GB")
    page.goto(f"{url}/api")
    related = operation(page, "api.related")
    related.locator("summary").click()
    field = related.locator("input[name=pageid]")
    field.fill("2")
    assert "/api/v1/pages/2/related'" in related.locator("[data-curl]").inner_text()
    related.get_by_role("button", name="Try it").click()
    related.get_by_text("Status 200", exact=False).wait_for()
    assert '"title": "Soirée réparation"' in related.locator(".shown").inner_text()
    health = operation(page, "api.health")
    health.locator("summary").click()
    health.get_by_role("button", name="Try it").click()
    health.get_by_text("Status 200", exact=False).wait_for()
    assert '"in_step"' in health.locator(".shown").inner_text()


@pytest.mark.parametrize("locale", ["fr-FR", "en-GB"])
def test_axe_finds_nothing_when_all_is_open_on_a_phone(url: str, locale: str, open_page: OpenPage) -> None:
    page = open_page(locale=locale, viewport={"width": 360, "height": 740}, color_scheme="dark")
    page.goto(f"{url}/api")
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    assert axe_violations(page, "html") == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert page.locator("details.operation").count() > 20


def test_without_scripts_a_form_leads_to_the_answer(url: str, open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=False, locale="en-GB")
    # Chromium asks for one beside an answer that is no page.
    page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    page.goto(f"{url}/api")
    related = operation(page, "api.related")
    related.locator("summary").click()
    related.locator("input[name=pageid]").fill("2")
    related.get_by_role("button", name="Try it").click()
    page.wait_for_url(f"{url}/api/v1/pages/2/related")
    assert '"pageid":2' in page.content()
