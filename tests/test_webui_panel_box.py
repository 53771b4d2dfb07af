"""The box of related practices and people below a page, filled by the real service, under the wiki's CSP."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from tests.conftest import OpenPage, WikiTemplates
from tests.extension_ground import ExtensionGround, extension_ground
from tests.mediawiki import LocalWiki
from tests.wiki_editor import axe_violations, be, module_state, record_shifts, shifts

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Route

pytestmark = [pytest.mark.model, pytest.mark.wiki]

READER = "Odile Marais"
AUTHOR = "Inès Bouvier"
SKINS = ("vector", "vector-2022", "timeless", "monobook")
PRACTICE = "{{Practice|statut=adoptée|langue=fr}}\n"
# Longer than a window, so that the box is out of sight at first.
LONG = 'Au printemps, les colonies faibles reçoivent un sirop.<div style="height: 4000px"></div>'
SHORT = "Au printemps, les colonies faibles reçoivent un sirop tiède."


@pytest.fixture(scope="module")
def ground(
    wiki_templates: WikiTemplates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ExtensionGround]:
    wiki = wiki_templates.get("fr").copy(tmp_path_factory.mktemp("wiki") / "box")
    syrup = "== Solution ==\nLe sirop des colonies faibles se donne le soir, au printemps."
    wiki.edit("Sirop", PRACTICE + syrup, user=AUTHOR)
    wiki.edit("Pesée des ruches", "Au printemps, on pèse chaque ruche et ses colonies.", user=AUTHOR)
    wiki.edit("Une longue page", LONG, user=READER)
    wiki.edit("Une page", SHORT, user=AUTHOR)
    folder = tmp_path_factory.mktemp("data")
    with extension_ground(wiki, folder, settings="$wgCSPHeader = true;") as ground:
        yield ground
    wiki.discard()


@pytest.fixture
def wiki(ground: ExtensionGround) -> LocalWiki:
    return ground.wiki


@pytest.fixture
def page(open_page: OpenPage, page_options: dict[str, Any]) -> "Page":
    page = open_page(**page_options)
    record_shifts(page)
    return page


class Box:
    """The box below a page of the wiki."""

    def __init__(self, page: "Page", wiki: LocalWiki) -> None:
        self._page = page
        self._wiki = wiki
        self.asked: list[str] = []
        self.root = page.locator("#compagnon-box")
        self.body = self.root.locator(".compagnon-box-body")
        page.on("request", lambda request: self._note(request.url))

    def read(self, title: str, **query: str) -> "Box":
        """Open a page of the wiki."""
        self.asked.clear()
        self._page.goto(f"{self._wiki.index_url}?{urlencode({'title': title, **query})}")
        self._page.wait_for_function("() => mw.loader.getState('ext.compagnon.box') === 'ready'")
        return self

    def filled(self) -> "Box":
        """Wait until it is filled."""
        self.body.wait_for()
        return self

    def list_named(self, name: str) -> "Locator":
        """One of its lists."""
        return self.root.get_by_role("list", name=name)

    def height(self) -> float:
        """Its height in pixels."""
        shape = self.root.bounding_box()
        return 0 if shape is None else shape["height"]

    def _note(self, url: str) -> None:
        if "/compagnon/" in url:
            self.asked.append(url)


@pytest.fixture
def box(page: "Page", wiki: LocalWiki) -> Box:
    return Box(page, wiki)


def test_practices_and_people_are_shown_when_the_reader_comes_near(box: Box, page: "Page") -> None:
    box.read("Une longue page")
    page.wait_for_load_state("networkidle")
    assert box.asked == [], "the reader may never come near"
    reserved = box.height()
    page.mouse.wheel(0, 100_000)
    box.filled()
    assert len(box.asked) == 1
    assert box.root.get_by_role("heading", level=2).inner_text() == "Pratiques et personnes à connaître"
    assert "Sirop" in box.list_named("Pages").inner_text()
    people = box.list_named("Personnes")
    assert AUTHOR in people.inner_text()
    person = people.get_by_role("link", name=AUTHOR)
    assert "Utilisateur:In" in str(person.get_attribute("href"))
    assert shifts(page) == []
    assert 0 < box.height() <= reserved
    box.list_named("Pages").get_by_role("link", name="Sirop").click()
    page.wait_for_load_state()
    assert page.locator("h1").inner_text() == "Sirop"


def test_the_page_that_is_read_is_named_and_not_linked(box: Box, page: "Page") -> None:
    def reply(route: "Route") -> None:
        here = int(route.request.url.rpartition("/")[2])
        pages = [{"pageid": here + 1, "title": "Sirop"}, {"pageid": here, "title": "Une page"}]
        people = [{"name": AUTHOR, "user": None, "pages": pages}]
        route.fulfill(json={"pageid": here, "related": [], "people": people})

    page.route("**/compagnon/v0/box/*", reply)
    people = box.read("Une page").filled().list_named("Personnes")
    assert people.locator(".compagnon-box-sentence").inner_text() == "Sirop · cette page"
    assert people.get_by_role("link").all_inner_texts() == ["Sirop"]


def test_nothing_moves_where_the_box_is_in_sight_from_the_start(box: Box, page: "Page") -> None:
    for skin in SKINS[:2]:  # the others move their own sidebars while they load
        box.read("Une page", useskin=skin).filled()
        assert shifts(page) == [], skin


def test_in_english_axe_finds_nothing_in_any_skin(box: Box, page: "Page", wiki: LocalWiki) -> None:
    be(page.context, wiki, READER)
    for skin in SKINS:
        box.read("Une page", useskin=skin, uselang="en").filled()
        assert box.root.get_by_role("heading").all_inner_texts() == [
            "Related practices and people",
            "Pages",
            "People",
        ]
        assert "⧼" not in box.root.inner_html()
        assert axe_violations(page, "#compagnon-box") == [], skin


def test_on_a_phone_the_two_lists_stand_one_below_the_other(open_page: OpenPage, wiki: LocalWiki) -> None:
    page = open_page(viewport={"width": 360, "height": 720}, is_mobile=True, has_touch=True)
    record_shifts(page)
    box = Box(page, wiki).read("Une page", useskin="timeless").filled()
    upper, lower = (part.bounding_box() for part in box.body.locator(".compagnon-box-part").all())
    assert upper is not None
    assert lower is not None
    assert lower["y"] >= upper["y"] + upper["height"]
    assert upper["x"] + upper["width"] <= 360
    assert shifts(page) == []


HOSTILE = "<img src=x onerror=\"document.title='taken'\">"


def test_hostile_titles_and_names_stay_texts(box: Box, page: "Page") -> None:
    pages = [{"pageid": 1, "title": f"javascript:document.title='taken'//{HOSTILE}"}]
    reply = {
        "pageid": 1,
        "related": [{"pageid": 2, "title": HOSTILE, "status": HOSTILE, "sentence": HOSTILE}],
        "people": [
            {"name": HOSTILE, "user": HOSTILE, "pages": pages},
            {"name": HOSTILE, "user": None, "pages": pages},
        ],
    }
    page.route(
        "**/compagnon/v0/box/*",
        lambda route: route.fulfill(status=200, content_type="application/json", body=json.dumps(reply)),
    )
    box.read("Une page").filled()
    assert box.root.locator("img, script").count() == 0
    assert box.body.inner_text().count(HOSTILE) >= 5
    for link in box.root.get_by_role("link").all():
        assert str(link.get_attribute("href")).startswith("/index.php")
    assert "taken" not in page.title()


def test_the_most_that_there_can_be_fits_into_the_reserved_space(box: Box, page: "Page") -> None:
    long = "Une très longue suite de mots, " * 12
    pages = [{"pageid": number, "title": f"Page {number} {long}"[:250]} for number in range(3)]
    reply = {
        "pageid": 1,
        "related": [{**pages[0], "status": "reference", "sentence": long} for _ in range(5)],
        "people": [{"name": long, "user": None, "pages": pages} for _ in range(3)],
    }
    page.route(
        "**/compagnon/v0/box/*",
        lambda route: route.fulfill(status=200, content_type="application/json", body=json.dumps(reply)),
    )
    for width in (1280, 500):
        page.set_viewport_size({"width": width, "height": 900})
        box.read("Une page", useskin="vector-2022").filled()
        reserved = box.root.evaluate("box => parseFloat(getComputedStyle(box).minHeight)")
        assert box.height() == reserved > 0
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_the_service_nothing_moves_and_the_space_is_given_back_unseen(
    box: Box, page: "Page", ground: ExtensionGround, wiki: LocalWiki
) -> None:
    ground.stop_service()
    try:
        with page.expect_response("**/compagnon/v0/box/*") as reply:
            box.read("Une page")
        assert reply.value.status == 204
        assert shifts(page) == []
        assert module_state(page, "ext.compagnon.box") == "ready"
        assert box.height() > 0, "it is in sight, so its space stays"
        assert not box.root.get_by_role("heading").is_visible()
        # From now on there is no box at all, for a while (the browser may keep the page that it has, though).
        page.goto(f"{wiki.index_url}/Une_page?again=1")
        assert box.root.count() == 0
    finally:
        ground.start_service()
        ground.forget_failures()
    page.route("**/compagnon/v0/box/*", lambda route: route.fulfill(status=204))
    box.read("Une longue page")
    page.mouse.wheel(0, 100_000)
    box.root.and_(page.locator(".compagnon-box-empty")).wait_for(state="attached")
    page.evaluate("scrollTo(0, 0)")
    box.root.wait_for(state="hidden")
    page.wait_for_function("() => document.getElementById('compagnon-box').hidden")
    assert shifts(page) == []
