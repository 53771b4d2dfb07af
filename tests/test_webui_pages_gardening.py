"""Gardening in the web pages, the API and on the command line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from playwright.sync_api import expect

from tests.builders import HashingEmbedder
from tests.command_line import CommandLine, assert_shape, compagnon
from tests.community import mirrored_community, page
from tests.conftest import OpenPage
from tests.served_pages import served
from webui.app import create_app
from webui.bootstrap import Services, build_services

__all__ = ["compagnon"]  # a fixture

FRENCH = {"Accept-Language": "fr"}
HOSTILE = "Vis <script>alert(1)</script> \"à\" 'bois'"
PLAN = "Ranger les outils, relire la fiche de suivi et le registre des objets, puis ouvrir l’atelier."
CARDS = [page(100 + n, f"Carte {n:02}", "Un numéro.") for n in range(25)]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("community")
    (folder / "compagnon.toml").write_text(
        '[web]\nsign_in = "off"\n[wiki]\napi_url = "http://wiki.invalid/w/api.php"\n', encoding="utf-8"
    )
    services = mirrored_community(folder)
    services.__dict__["embedder"] = HashingEmbedder()
    services.store.pages.put_many(
        [page(50, "Plan de la soirée", PLAN), page(51, HOSTILE, "Une vis."), *CARDS]
    )
    services.update_index()
    yield services
    services.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


@pytest.fixture(scope="module")
def address(services: Services) -> Iterator[str]:
    with served(services) as url:
        yield url


def read(client: FlaskClient, path: str, *, status: int = 200) -> BeautifulSoup:
    answer = client.get(path, headers=FRENCH, follow_redirects=True)
    assert answer.status_code == status
    return BeautifulSoup(answer.text, "html.parser")


def api(client: FlaskClient, query: str = "") -> dict[str, Any]:
    answer: dict[str, Any] = client.get(f"/api/v1/gardening?{query}").get_json()
    return answer


def rows(found: BeautifulSoup) -> dict[str, Tag]:
    return {each.h2.a.text: each for each in found.select(".suggestions > li") if each.h2 and each.h2.a}


def opens(link: Tag) -> tuple[str, bool]:
    """Which page a link edits, and whether the panel is open."""
    parts = urlsplit(str(link["href"]))
    query = parse_qs(parts.query)
    assert (parts.netloc, parts.path, query["action"]) == ("wiki.invalid", "/w/index.php", ["edit"])
    return query["title"][0].replace("_", " "), query.get("compagnonlinks") == ["1"]


def test_an_orphan_leads_to_the_editor_of_the_pages_that_name_it(client: FlaskClient) -> None:
    found = rows(read(client, "/gardening"))
    assert "Soirée réparation" not in found, "others link to it"
    first = list(found)[:3]
    assert first[0] == "Ranger les outils", "a practice that another page names"
    assert [opens(link) for link in found["Ranger les outils"].select(".ways a")] == [
        ("Plan de la soirée", True)
    ]
    assert "1 page la nomme et pourrait y mener" in found["Ranger les outils"].text
    assert "émergente" in found["Ranger les outils"].text


def test_an_orphan_that_nobody_names_leads_to_pages_about_the_same(client: FlaskClient) -> None:
    found = rows(read(client, "/gardening"))["Accueillir un nouveau bénévole"]
    assert "Aucune page ne la nomme encore" in found.text
    ways = [opens(link) for link in found.select(".ways a")]
    assert ways
    assert all(panel and title != "Accueillir un nouveau bénévole" for title, panel in ways)


def test_a_dead_end_leads_to_its_editor_and_to_its_suggestions(client: FlaskClient) -> None:
    found = rows(read(client, "/gardening?kind=dead_ends"))
    plan = found["Plan de la soirée"]
    assert next(iter(found)) == "Plan de la soirée"
    edit, see = plan.select(".actions a")
    assert opens(edit) == ("Plan de la soirée", True)
    assert see["href"] == "/links?title=Plan+de+la+soir%C3%A9e"
    assert see.text.endswith("Plan de la soirée"), "told apart from the other rows' links"
    assert rows(read(client, "/gardening?kind=suggestions")).keys() == {
        *("Plan de la soirée", "Soirée réparation")
    }


def test_twenty_pages_at_a_time(client: FlaskClient) -> None:
    seen: list[str] = []
    for number in (1, 2):
        found = read(client, f"/gardening?page={number}")
        seen += rows(found)
        [pager] = found.select(".pager")
        assert f"Page {number} sur 2" in pager.text
        assert [str(link["href"]) for link in pager.select("a")] == [
            f"/gardening?kind=orphans&page={3 - number}"
        ]
    [tally] = read(client, "/gardening").select(".lists [aria-current] .tally")
    assert len(seen) == len(set(seen)) == int(tally.text)
    assert {card.title for card in CARDS} < set(seen)
    assert set(rows(read(client, "/gardening?page=99"))) == set(seen[20:]), "a list that became shorter"


@pytest.mark.parametrize("query", ["kind=x", "page=0", "page=x", "kind=orphans&page=1000000000"])
def test_a_wrong_parameter_is_refused(client: FlaskClient, query: str) -> None:
    read(client, f"/gardening?{query}", status=400)


def test_titles_are_text(client: FlaskClient) -> None:
    for number in (1, 2):
        found = read(client, f"/gardening?page={number}")
        assert not [script for script in found.select("script") if not script.get("src")]
        if HOSTILE in rows(found):
            break
    else:
        pytest.fail("the page is not listed")
    assert HOSTILE in [each["title"] for each in api(client, "top_k=100")["pages"]]


def test_the_page_of_suggested_links_leads_here(client: FlaskClient) -> None:
    [link] = read(client, "/links").select("a[href='/gardening']")
    assert link.text == "Pages qui manquent de liens"


def test_without_a_live_wiki_no_editor_is_offered(tmp_path: Path) -> None:
    services = mirrored_community(tmp_path)
    services.store.pages.put_many([page(50, "Plan de la soirée", PLAN)])
    try:
        services.link_survey.update(seconds=60)
        client = create_app(services).test_client()
        found = read(client, "/gardening")
        assert "Cette copie du wiki vient d’un export" in found.text
        assert "action=edit" not in str(found)
        [other] = rows(found)["Ranger les outils"].select(".ways a")
        assert other["href"] == "/links?title=Plan+de+la+soir%C3%A9e"
        assert {each["edit_url"] for each in api(client)["pages"]} == {None}
    finally:
        services.close()


def test_while_the_index_is_of_another_model_the_lists_are_there(services: Services) -> None:
    others = build_services(services.config)
    others.__dict__["embedder"] = HashingEmbedder("another@1")
    found = rows(read(create_app(others).test_client(), "/gardening"))
    others.close()
    assert "Carte 00" in found
    assert "about the same" not in found["Carte 00"].text


def test_where_nothing_is_to_do_that_is_said(tmp_path: Path) -> None:
    services = mirrored_community(tmp_path)
    try:
        services.store.pages.delete([head.pageid for head in services.store.pages.heads()])
        services.store.pages.put_many([page(1, "A", "[[B]]"), page(2, "B", "[[A]]")])
        client = create_app(services).test_client()
        assert "Aucune page orpheline" in read(client, "/gardening").text
        assert "Aucune page sans issue" in read(client, "/gardening?kind=dead_ends").text
        found = read(client, "/gardening?kind=suggestions")
        assert "Aucune page n’a plusieurs liens à poser" in found.text
        assert "Les liens de 2 pages restent à chercher" in found.text
        services.link_survey.update(seconds=60)
        assert "restent à chercher" not in read(client, "/gardening?kind=suggestions").text
    finally:
        services.close()


# The JSON API


def test_the_api_answers_as_documented(client: FlaskClient) -> None:
    for kind in ("orphans", "dead_ends", "suggestions"):
        answer = api(client, f"kind={kind}&top_k=100")
        assert_shape(answer, "gardening")
        assert len(answer["pages"]) == answer["counts"][kind] > 0
    whole = api(client, "top_k=100")["pages"]
    part = api(client, "top_k=3&offset=2")
    assert (part["offset"], part["pages"]) == (2, whole[2:5])
    assert whole[0]["mentioned_on"][0]["title"] == "Plan de la soirée"
    assert whole[0]["mentioned_on"][0]["edit_url"].endswith("&action=edit&compagnonlinks=1")


@pytest.mark.parametrize("query", ["kind=dead-ends", "top_k=0", "offset=-1", "offset=²", "offset=1000001"])
def test_the_api_refuses_a_wrong_parameter(client: FlaskClient, query: str) -> None:
    assert client.get(f"/api/v1/gardening?{query}").status_code == 400


# The command line


def test_the_command_prints_the_same(compagnon: CommandLine, client: FlaskClient, services: Services) -> None:
    compagnon.data = services.config.folder
    for kind in ("orphans", "dead-ends", "suggestions"):
        answer = compagnon("gardening", kind, "--json", "--top-k", "2", "--offset", "1").json
        assert_shape(answer, "gardening")
        assert answer == api(client, f"kind={kind.replace('-', '_')}&top_k=2&offset=1")
    lines = compagnon("gardening").out.splitlines()
    assert lines[0].startswith("Pages that no other page links to: ")
    assert lines[2] == "Ranger les outils  (emerging)"
    assert lines[3].startswith("   could be linked from Plan de la soirée  0.")
    shown = compagnon("gardening", "suggestions").out
    assert "   → Fiche de suivi  0." in shown


def test_without_a_mirror_the_command_says_what_to_do_first(compagnon: CommandLine) -> None:
    assert "compagnon sync" in compagnon("gardening").assert_one_clear_line()


# In a browser


@pytest.mark.browser
@pytest.mark.parametrize("language", ["fr-FR", "en-GB"])
def test_on_a_phone_nothing_is_cut_off_and_the_keyboard_is_enough(
    open_page: OpenPage, address: str, language: str
) -> None:
    found = open_page(locale=language, viewport={"width": 360, "height": 740})
    found.goto(f"{address}/links")
    assert found.evaluate("document.documentElement.scrollWidth") == 360
    found.get_by_role(
        "link", name="Pages qui manquent de liens" if language == "fr-FR" else "Pages that lack links"
    ).focus()
    found.keyboard.press("Enter")
    found.wait_for_url("**/gardening")
    for kind in ("orphans", "dead_ends", "suggestions"):
        link = found.locator(f".lists a[href$='kind={kind}']")
        link.focus()
        found.keyboard.press("Enter")
        expect(link).to_have_attribute("aria-current", "page")
        assert found.evaluate("document.documentElement.scrollWidth") == 360
        assert found.locator(".suggestions li a:not(h2 a)").last.bounding_box()["height"] >= 44  # type: ignore[index]
