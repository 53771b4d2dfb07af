"""The map, contradictions and twins: as pages, by keyboard, and for programs."""

import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from playwright.sync_api import expect

from search.contradictions import JUDGED
from search.twins import JUDGED as TWINS_JUDGED
from tests.builders import HashingEmbedder, make_page
from tests.community import mirrored_community
from tests.conftest import OpenPage
from tests.knowledge_pages import SHARPEN, SHARPEN_ENGLISH, SHARPEN_FRENCH, WORKSHOP, subject_pages
from tests.served_pages import served
from webui.app import create_app
from webui.bootstrap import Services

FRENCH = {"Accept-Language": "fr"}
SCHEMAS = Path(__file__).parent.parent / "webui" / "api" / "schemas"
CHISEL, SHOP, BURIN, ENGLISH_CHISEL = 201, 202, 203, 204
BICYCLE = 210
HOSTILE = "Ciseau <script>alert(1)</script> \"à\" 'bois'"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("community")
    (folder / "compagnon.toml").write_text('[web]\nsign_in = "off"\n', encoding="utf-8")
    services = mirrored_community(folder)
    services.__dict__["embedder"] = HashingEmbedder()
    services.store.pages.put_many(
        [
            make_page(CHISEL, HOSTILE, SHARPEN),
            make_page(SHOP, "Atelier bois", WORKSHOP),
            make_page(BURIN, "Burin de Kervern", SHARPEN_FRENCH),
            make_page(ENGLISH_CHISEL, "Kervern chisel", SHARPEN_ENGLISH),
            *subject_pages(first=BICYCLE),
        ]
    )
    services.update_index()
    yield services
    services.close()


@pytest.fixture
def client(services: Services) -> Iterator[FlaskClient]:
    yield create_app(services).test_client()
    for kind in (JUDGED, TWINS_JUDGED):
        services.store.judgements.forget(kind, list(services.store.judgements.of_kind(kind)))


def read(client: FlaskClient, path: str, *, status: int = 200) -> BeautifulSoup:
    answer = client.get(path, headers=FRENCH)
    assert answer.status_code == status
    return BeautifulSoup(answer.text, "html.parser")


def send(client: FlaskClient, path: str, form: dict[str, str], *, status: int = 303) -> BeautifulSoup:
    """Send a form of a page, and read where it leads to."""
    token = read(client, "/questions/ask?q=une question ?").select_one("input[name=csrf_token]")
    assert token is not None
    answer = client.post(path, data={**form, "csrf_token": str(token["value"])}, headers=FRENCH)
    assert answer.status_code == status, answer.text
    return read(client, answer.headers["Location"]) if status == 303 else BeautifulSoup("", "html.parser")


def test_the_list_says_all_that_the_picture_says(client: FlaskClient) -> None:
    page = read(client, "/map")
    listed = {a["href"]: a.text.strip() for a in page.select(".topics h3 a")}
    assert len(listed) >= 3
    for picture in page.select("svg.topic-map"):
        drawn = {str(a["href"]): str(a["aria-label"]) for a in picture.select("a")}
        assert drawn.keys() == listed.keys()
        for address, label in drawn.items():
            assert label.startswith(listed[str(address)])
        assert len(picture.find_all(["title", "desc"], recursive=False)) == 2
        assert not picture.select("[style]")


def test_a_topic_shows_its_pages_and_who_is_on_no_map_is_told_so(client: FlaskClient) -> None:
    page = read(client, f"/map/{BICYCLE}")
    assert {li.a.text for li in page.select(".topic-pages li") if li.a} >= {"Vélo A", "Vélo D"}
    read(client, "/map/999999", status=404)


def test_two_quotes_stand_side_by_side_and_are_data(client: FlaskClient) -> None:
    page = read(client, "/community/contradictions")
    [quotes] = page.select(".against")
    assert [h3.text.strip() for h3 in quotes.select("h3")] == [HOSTILE, "Atelier bois"]
    assert [p.text for p in quotes.select(".said")] == [
        "Affûtez le ciseau à bois avec la pierre mouillée.",
        "N’affûtez jamais le ciseau à bois avec la pierre mouillée.",
    ]


@pytest.mark.parametrize(
    ("verdict", "open_then", "judged_then"), [("settled", 0, 1), ("none", 0, 1), ("meeting", 1, 0)]
)
def test_what_was_judged_can_be_taken_back(
    client: FlaskClient, services: Services, verdict: str, open_then: int, judged_then: int
) -> None:
    address = "/community/contradictions"
    [found] = services.contradictions.open()
    page = send(client, address, {"key": found.key, "verdict": verdict, "note": "Vu avec <b>Hugo</b>"})
    assert (len(page.select("ol.suggestions > li")), len(page.select("details li"))) == (
        open_then,
        judged_then,
    )
    assert services.store.judgements.of_kind(JUDGED)[found.key].note == "Vu avec <b>Hugo</b>"
    assert not page.select("b") or all("Hugo" not in each.text for each in page.select("b"))
    page = send(client, address, {"key": found.key, "verdict": "take_back"})
    assert len(page.select("ol.suggestions > li")) == 1


def test_a_verdict_that_there_is_not_is_refused_and_a_sentence_that_is_gone_is_not_judged(
    client: FlaskClient, services: Services
) -> None:
    address = "/community/contradictions"
    [found] = services.contradictions.open()
    send(client, address, {"key": found.key, "verdict": "burn"}, status=400)
    page = send(client, address, {"key": "1.abc+2.def", "verdict": "settled"})
    assert "plus dans le wiki" in page.select("[role=status]")[0].text
    assert services.store.judgements.of_kind(JUDGED) == {}


def test_a_note_that_is_longer_once_it_is_composed_is_cut(client: FlaskClient, services: Services) -> None:
    [found] = services.contradictions.open()
    send(
        client, "/community/contradictions", {"key": found.key, "verdict": "meeting", "note": "\ufb2c" * 280}
    )
    assert len(services.store.judgements.of_kind(JUDGED)[found.key].note) == 280
    services.store.judgements.forget(JUDGED, [found.key])


def test_a_pair_is_opened_compared_and_judged(client: FlaskClient, services: Services) -> None:
    [link] = read(client, "/community/twins").select("ul.suggestions a")
    address = str(link["href"])
    assert address == f"/community/twins/{BURIN}/{ENGLISH_CHISEL}"
    page = read(client, address)
    assert [each.text.strip() for each in page.select(".lacks .name")] == ["Assurance"]
    page = send(client, address, {"verdict": "settled"})
    assert "au même point" in page.select("ul.suggestions li")[0].text
    page = send(client, address, {"verdict": "none"})
    assert not page.select("ul.suggestions li")
    read(client, address, status=404)
    send(client, address, {"verdict": "perhaps"}, status=400)


@pytest.mark.parametrize(
    ("path", "schema", "filled"),
    [
        ("/api/v1/map", "map", "topics"),
        ("/api/v1/contradictions?top_k=1", "contradictions", "contradictions"),
        ("/api/v1/twins", "twins", "twins"),
        (f"/api/v1/twins/{BURIN}/{ENGLISH_CHISEL}", "twin", "only_french"),
    ],
)
def test_programs_are_answered_as_documented(
    client: FlaskClient, path: str, schema: str, filled: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    jsonschema.validate(answer.json, json.loads((SCHEMAS / f"{schema}.json").read_text()))
    assert answer.get_json()[filled]


def test_what_is_no_pair_is_not_found(client: FlaskClient) -> None:
    assert client.get(f"/api/v1/twins/{ENGLISH_CHISEL}/{BURIN}").status_code == 404
    assert client.get("/api/v1/twins/x/1").status_code == 400


@pytest.mark.parametrize(("width", "kind"), [(360, "phone"), (1280, "desk")])
def test_the_map_is_walked_by_keyboard(
    services: Services, open_page: OpenPage, width: int, kind: str
) -> None:
    page = open_page(locale="fr-FR", viewport={"width": width, "height": 800})
    with served(services) as url:
        page.goto(f"{url}/map")
        expect(page.locator("svg.topic-map:visible")).to_have_count(1)
        circle = page.locator(f"svg.{kind} a").first
        page.locator(".top nav a").last.focus()
        while not circle.evaluate("each => each === document.activeElement"):
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement !== document.body")
        page.keyboard.press("Enter")
        expect(page.locator(".topic-pages")).to_be_visible()
