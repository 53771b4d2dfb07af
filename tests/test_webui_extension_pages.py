"""What the extension puts into the pages of a real wiki: the box's place, the panel's script, the search."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
import requests
from bs4 import BeautifulSoup, Tag

from tests.conftest import WikiTemplates
from tests.extension_ground import FOLDER
from tests.mediawiki import LocalWiki
from tests.scripted_service import Answer, ScriptedService, says
from tests.wiki_editor import axe_violations

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.wiki

SECRET = "long enough to be a secret of a test"  # noqa: S105 - of a wiki that lives for seconds
EDITOR = "Inès Caradec"
TITLE = "Où est-ce ? \"100 %\" & l'eau +1 'onclick=alert(1)' title=x&q=y"


@pytest.fixture(scope="module")
def service() -> Iterator[ScriptedService]:
    with ScriptedService() as service:
        yield service


@pytest.fixture(scope="module")
def wiki(
    wiki_templates: WikiTemplates, tmp_path_factory: pytest.TempPathFactory, service: ScriptedService
) -> Iterator[LocalWiki]:
    wiki = wiki_templates.get("fr").copy(tmp_path_factory.mktemp("wiki") / "copy")
    wiki.edit("Semis", "En février.")
    wiki.edit("Semis", "En mars.", user=EDITOR)
    wiki.edit(TITLE, "Une page.")
    wiki.edit("Ancien nom", "#REDIRECTION [[Semis]]")
    wiki.edit("Discussion:Semis", "Bonjour.")
    wiki.edit("Modèle:Encart", "Un encart.")
    settings = f"$wgCompagnonUrl = '{service.url}'; $wgCompagnonSecret = '{SECRET}'; $wgCSPHeader = true;"
    settings += "wfLoadSkin( 'MinervaNeue' );"
    wiki.enable_extension(FOLDER, settings)
    yield wiki
    wiki.discard()


def read(wiki: LocalWiki, title: str, *, user: str | None = None, **query: str) -> BeautifulSoup:
    with requests.Session() as session:
        session.trust_env = False
        if user is not None:
            session.cookies.update(wiki.session(user).cookies)
        reply = session.get(wiki.index_url, params={"title": title, **query}, timeout=60)
    assert "script-src" in reply.headers["Content-Security-Policy"]
    return BeautifulSoup(reply.text, "html.parser")


def modules(page: BeautifulSoup) -> set[str]:
    """The extension's modules that a page loads."""
    return set(
        re.findall(r"ext\.compagnon[a-z.]*", " ".join(map(str, page.select("head script, head link"))))
    )


def box(page: BeautifulSoup) -> list[Tag]:
    return page.select("#compagnon-box")


def answer(wiki: LocalWiki) -> dict[str, Any]:
    """What the service says to a question, with one page and one person."""
    [page] = wiki.session().ask("query", titles="Semis")["query"]["pages"]
    hit = {
        "pageid": page["pageid"],
        "title": "Semis",
        "section": "Quand semer ?",
        "anchor": "Quand_semer_?",
        "passage": [["En ", False], ["mars", True], [".", False]],
        "status": "tested",
    }
    people = [{"name": "I. Caradec", "user": EDITOR, "pages": [{"pageid": page["pageid"], "title": "Semis"}]}]
    return {"question": "?", "answerable": True, "hits": [hit], "people": people}


def test_a_content_page_holds_a_place_for_the_box(wiki: LocalWiki, service: ScriptedService) -> None:
    service.requests.clear()
    for user in (None, EDITOR):
        for title in ("Semis", TITLE, "Ancien nom"):
            page = read(wiki, title, user=user)
            [place] = box(page)
            [heading] = place.select("h2")
            assert place.name == "aside"
            assert place["aria-labelledby"] == heading["id"]
            assert place.get_text(strip=True) == "Pratiques et personnes à connaître"
            assert page.select("head link[rel=stylesheet][href*='ext.compagnon.box.styles']"), (
                "space is reserved"
            )
            assert "ext.compagnon.box" in modules(page)
            assert "ext.compagnon.edit" not in modules(page)
    assert read(wiki, "Semis", uselang="en").select_one("#compagnon-box h2").get_text() == (  # type: ignore[union-attr]
        "Related practices and people"
    )
    for skin in ("timeless", "monobook", "vector-2022", "minerva"):
        page = read(wiki, "Semis", useskin=skin)
        assert f"skin-{skin}" in page.select_one("body")["class"]  # type: ignore[index]
        assert len(box(page)) == 1
    assert service.requests == [], "a page waits for no service"


@pytest.mark.parametrize(
    ("title", "query"),
    [
        ("Accueil", {}),
        ("Discussion:Semis", {}),
        ("Modèle:Encart", {}),
        ("Page absente", {}),
        ("Spécial:Version", {}),
        ("Spécial:Compagnon", {}),
        ("Ancien nom", {"redirect": "no"}),
        ("Semis", {"oldid": "2"}),
        ("Semis", {"diff": "prev"}),
        ("Semis", {"action": "history"}),
        ("Semis", {"action": "info"}),
        ("Semis", {"action": "edit"}),
        ("Semis", {"printable": "yes"}),
    ],
)
def test_other_pages_have_no_place_for_it(wiki: LocalWiki, title: str, query: dict[str, str]) -> None:
    page = read(wiki, title, **query)
    assert page.select("#content, .mw-body")
    assert not box(page)
    assert "ext.compagnon.box" not in modules(page)


def test_the_editor_of_a_content_page_loads_the_panel(wiki: LocalWiki) -> None:
    wiki.edit("Charte", "La charte.")
    wiki.session().write("protect", title="Charte", protections=["edit=sysop"])
    assert "ext.compagnon.edit" in modules(read(wiki, "Semis", action="edit"))
    assert "ext.compagnon.edit" in modules(read(wiki, "Semis", user=EDITOR, action="submit"))
    assert "ext.compagnon.edit" in modules(read(wiki, "Page absente", action="edit"))
    assert "ext.compagnon.edit" in modules(read(wiki, "Charte", user=wiki.admin.name, action="edit"))
    assert "ext.compagnon.edit" not in modules(read(wiki, "Charte", user=EDITOR, action="edit"))
    for title in ("Modèle:Encart", "Discussion:Semis"):
        assert "ext.compagnon.edit" not in modules(read(wiki, title, action="edit"))


def test_the_toolbox_stays_inside_a_wiki_with_a_secret(wiki: LocalWiki, service: ScriptedService) -> None:
    tools = {str(item["id"]): item for item in read(wiki, "Semis").select("#p-tb [id^=t-compagnon]")}
    addresses = {name: item.select_one("a")["href"] for name, item in tools.items()}  # type: ignore[index]
    assert addresses == {
        "t-compagnon-links": "/index.php?title=Semis&action=edit&compagnonlinks=1",
        "t-compagnon-related": "/index.php?title=Sp%C3%A9cial:Compagnon&q=Semis",
    }
    wiki.edit("Statuts", "Les statuts.")
    wiki.session().write("protect", title="Statuts", protections=["edit=sysop"])
    assert not read(wiki, "Statuts", user=EDITOR).select("#t-compagnon-links")
    assert read(wiki, "Statuts", user=EDITOR).select("#t-compagnon-related")
    assert service.url not in str(read(wiki, "Semis"))


def test_a_service_that_failed_leaves_no_trace_in_a_page(wiki: LocalWiki, service: ScriptedService) -> None:
    settings = wiki.settings_path.read_text(encoding="utf-8")
    service.answers["/ill"] = Answer(status=500)
    wiki.configure(f"$wgCompagnonUrl = '{service.url}/ill';")
    assert box(read(wiki, "Semis"))
    assert read(wiki, "Spécial:Compagnon", q="semis").select(".compagnon-special-note")
    page = read(wiki, "Semis")
    assert not box(page)
    assert modules(page) == set()
    assert modules(read(wiki, "Semis", action="edit")) == set()
    wiki.settings_path.write_text(settings, encoding="utf-8")


def test_without_a_secret_there_is_no_search_page_to_find(wiki: LocalWiki, service: ScriptedService) -> None:
    settings = wiki.settings_path.read_text(encoding="utf-8")
    wiki.configure("$wgCompagnonSecret = '';")
    assert not box(read(wiki, "Semis"))
    assert not read(wiki, "Spécial:Pages_spéciales").select("a[href$='Compagnon']")
    page = read(wiki, "Spécial:Compagnon", q="semis")
    assert page.select(".compagnon-special-note")[0].get_text() == (
        "Ce wiki n’est pas relié à la recherche par le sens."
    )
    assert not page.select("#mw-content-text form")
    wiki.settings_path.write_text(settings, encoding="utf-8")
    assert read(wiki, "Spécial:Pages_spéciales").select("a[href$='Compagnon']")


def test_the_search_page_works_without_scripts(wiki: LocalWiki, service: ScriptedService) -> None:
    service.answers["/api"] = says(answer(wiki))
    service.requests.clear()
    shown = read(wiki, "Spécial:Pratiques et personnes", q="  quand & où semer ?  ")
    [asked] = service.requests
    assert asked.target == "/api/v1/wiki/search?q=quand%20%26%20o%C3%B9%20semer%20%3F&top_k=10"
    [form] = shown.select("#mw-content-text form")
    field = form.select_one("input[name=q]")
    assert form["method"] == "get"
    assert field is not None
    assert field["value"] == "quand & où semer ?"
    assert form.select_one(f"label[for='{field['id']}']").get_text() == (  # type: ignore[union-attr]
        "Votre question, avec vos mots"
    )
    assert shown.select_one("h1").get_text() == "Pratiques et personnes"  # type: ignore[union-attr]
    [found] = shown.select(".compagnon-special-pages li")
    assert found.select_one("h3 a")["href"] == "/index.php/Semis"  # type: ignore[index]
    assert found.select_one(".compagnon-special-status").get_text() == "testée"  # type: ignore[union-attr]
    assert found.select_one(".compagnon-special-section a")["href"] == (  # type: ignore[index]
        "/index.php/Semis#Quand_semer_?"
    )
    assert found.select_one("p").get_text() == "En mars."  # type: ignore[union-attr]
    assert [mark.get_text() for mark in found.select("mark")] == ["mars"]
    [person] = shown.select(".compagnon-special-people bdi a")
    assert person.get_text() == "I. Caradec"
    assert "noindex" in shown.select_one("meta[name=robots]")["content"]  # type: ignore[index]
    assert not shown.select("#mw-content-text [style], #mw-content-text script")
    service.answers["/api"] = says({"question": "?", "answerable": False, "hits": [], "people": []})
    empty = read(wiki, "Spécial:Compagnon", q="rien", uselang="en")
    assert empty.select(".compagnon-special-note")[0].get_text() == "Nothing was found. Other words may help."
    service.answers["/api"] = Answer(status=400)
    refused = read(wiki, "Spécial:Compagnon", q="?")
    assert refused.select(".compagnon-special-note")[0].get_text().startswith("Cette question n’a pas pu")
    service.requests.clear()
    assert not read(wiki, "Spécial:Compagnon").select(".compagnon-special-note")
    assert service.requests == [], "nothing was asked"


@pytest.mark.browser
def test_the_search_page_by_keyboard_under_a_strict_policy(
    wiki: LocalWiki, service: ScriptedService, page: "Page"
) -> None:
    service.answers["/api"] = says(answer(wiki))
    page.goto(f"{wiki.index_url}?title=Special:Compagnon")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.type("quand semer ?")
    page.keyboard.press("Enter")
    results = page.locator(".compagnon-special-found")
    results.wait_for()
    assert page.get_by_label("Votre question, avec vos mots").input_value() == "quand semer ?"
    assert page.get_by_role("region", name="À qui demander").get_by_role("link").count() == 2
    assert axe_violations(page, "#content") == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.querySelector('.compagnon-special-found').scrollWidth") <= 320


def test_nothing_of_it_made_php_complain(wiki: LocalWiki) -> None:
    assert box(read(wiki, "Semis"))
    log = wiki.log_path.read_text(encoding="utf-8", errors="replace")
    assert re.findall(r"PHP (?:Warning|Notice|Deprecated|Fatal|Parse).*", log) == []
