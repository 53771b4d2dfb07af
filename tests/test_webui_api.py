"""The JSON API: the documented shapes, and what is refused."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient

from tests.community import NOTES, small_community
from webui.app import create_app
from webui.bootstrap import Services

SCHEMAS = Path(__file__).resolve().parent.parent / "docs" / "schemas"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    services = small_community(tmp_path_factory.mktemp("community"))
    yield services
    services.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


def get(client: FlaskClient, path: str, *, status: int = 200) -> Any:
    answer = client.get(path)
    assert answer.mimetype == "application/json"
    assert answer.status_code == status
    return answer.json


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("/api/v1/search?q=bénévole", "search"),
        ("/api/v1/experts?q=bénévole", "experts"),
        ("/api/v1/links?title=Ranger les outils", "links"),
        ("/api/v1/links?title=Nulle part", "error"),
    ],
)
def test_answers_are_as_the_documentation_says(client: FlaskClient, path: str, schema: str) -> None:
    jsonschema.validate(client.get(path).json, json.loads((SCHEMAS / f"{schema}.json").read_text()))


def test_search_has_its_documented_shape(client: FlaskClient) -> None:
    answer = get(client, "/api/v1/search?q=Comment accueillir un nouveau bénévole ?&top_k=3")
    assert list(answer) == ["query", "language", "hits", "experts"]
    assert answer["query"] == "Comment accueillir un nouveau bénévole ?"
    assert answer["language"] == "fr"
    assert 0 < len(answer["hits"]) <= 3
    hit = answer["hits"][0]
    assert list(hit) == ["pageid", "title", "url", "section", "snippet", "score", "revid", "language"]
    assert (hit["pageid"], hit["title"], hit["revid"]) == (1, "Accueillir un nouveau bénévole", 1001)
    assert hit["url"].startswith("http://wiki.invalid/wiki/Accueillir_un_nouveau_b%C3%A9n%C3%A9vole")
    assert 0 < hit["score"] <= 1
    assert list(answer["experts"][0]) == ["name", "score", "evidence"]
    assert list(answer["experts"][0]["evidence"][0]) == ["pageid", "title", "why"]


def test_experts_have_their_documented_shape_and_speak_the_language_of_the_query(client: FlaskClient) -> None:
    french = get(client, "/api/v1/experts?q=Qui sait accueillir les nouveaux bénévoles ?")
    assert list(french) == ["query", "experts"]
    assert french["experts"][0]["name"] == "Aïcha Benali"
    english = get(client, "/api/v1/experts?q=Who knows how to fund the rent of a workshop?&top_k=1")
    assert [expert["name"] for expert in english["experts"]] == ["Ruth Ellery"]
    reasons = [person["experts"][0]["evidence"][0]["why"] for person in (french, english)]
    assert reasons[0] != reasons[1]


def test_links_have_their_documented_shape(client: FlaskClient, services: Services) -> None:
    answer = get(client, "/api/v1/links?title=Ranger les outils")
    assert list(answer) == ["pageid", "title", "revid", "suggestions"]
    assert (answer["pageid"], answer["title"], answer["revid"]) == (3, "Ranger les outils", 1003)
    suggestion = answer["suggestions"][0]
    assert list(suggestion) == [
        "link_text",
        "link_target",
        "wikitext_offset",
        "match_index",
        "context_before",
        "context_after",
        "score",
    ]
    page = services.store.pages.get(3)
    assert page
    offset = suggestion["wikitext_offset"]
    assert page.wikitext[offset : offset + len(suggestion["link_text"])] == suggestion["link_text"]
    assert get(client, "/api/v1/links?pageid=3") == answer


def test_links_follow_a_redirect(client: FlaskClient) -> None:
    assert get(client, "/api/v1/links?title=Accueil des bénévoles")["pageid"] == 1


def check_capture(answer: Any) -> None:
    assert list(answer) == ["notes", "drafts"]
    notes = answer["notes"]
    assert list(notes) == [
        "sha256",
        "title",
        "date",
        "language",
        "present",
        "absent",
        "topics",
        "actions",
        "decisions",
        "questions",
    ]
    assert notes["date"] == "2026-03-03"
    assert notes["language"] == "fr"
    assert notes["present"] == ["Aïcha Benali", "Marc Le Goff"]
    assert notes["absent"] == ["Inès Caradec"]
    action = notes["actions"][0]
    assert list(action) == ["text", "owner", "due", "done", "lines"]
    assert (action["owner"], action["due"], action["done"], action["lines"]) == (
        "Marc",
        "2026-03-20",
        False,
        [16],
    )
    assert list(notes["decisions"][0]) == ["text", "decided", "lines"]
    assert list(notes["questions"][0]) == ["text", "lines"]
    draft = answer["drafts"][0]
    assert list(draft) == ["title", "language", "fields", "people", "similar", "wikitext"]
    for statements in draft["fields"].values():
        for statement in statements:
            assert list(statement) == ["text", "lines"]
            assert statement["lines"]
    for page in draft["similar"]:
        assert list(page) == ["pageid", "title", "score"]


@pytest.mark.parametrize("media_type", ["text/plain; charset=utf-8", "text/markdown"])
def test_capture_takes_notes_as_they_are(client: FlaskClient, media_type: str) -> None:
    answer = client.post("/api/v1/capture", data=NOTES.encode(), content_type=media_type)
    assert answer.status_code == 200
    check_capture(answer.json)
    jsonschema.validate(answer.json, json.loads((SCHEMAS / "capture.json").read_text()))


def test_capture_takes_json(client: FlaskClient) -> None:
    answer = client.post("/api/v1/capture", json={"text": NOTES, "filename": "2026-03-03.md"})
    assert answer.status_code == 200
    check_capture(answer.json)


def test_capture_takes_a_file(client: FlaskClient) -> None:
    answer = client.post("/api/v1/capture", data={"file": (io.BytesIO(NOTES.encode()), "réunion.md")})
    assert answer.status_code == 200
    check_capture(answer.json)


def test_capture_takes_html(client: FlaskClient) -> None:
    text = "<h1>Réunion du 3 mars 2026</h1><p>Décision : on garde la salle.</p>"
    answer = client.post("/api/v1/capture", data=text.encode(), content_type="text/html")
    assert answer.status_code == 200
    assert answer.json
    assert [decision["text"] for decision in answer.json["notes"]["decisions"]]


def test_capture_keeps_nothing(client: FlaskClient, services: Services) -> None:
    client.post("/api/v1/capture", data=NOTES.encode(), content_type="text/plain")
    assert services.store.drafts.list() == []


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/api/v1/search", 400, "BadRequest"),
        ("/api/v1/search?q=", 400, "InvalidQueryError"),
        ("/api/v1/search?q=%20%20", 400, "InvalidQueryError"),
        (f"/api/v1/search?q={'a' * 10_000}", 400, "InvalidQueryError"),
        ("/api/v1/search?q=outils&top_k=0", 400, "BadRequest"),
        ("/api/v1/search?q=outils&top_k=101", 400, "BadRequest"),
        ("/api/v1/search?q=outils&top_k=dix", 400, "BadRequest"),
        ("/api/v1/experts", 400, "BadRequest"),
        ("/api/v1/experts?q=outils&top_k=-3", 400, "BadRequest"),
        ("/api/v1/links", 400, "BadRequest"),
        ("/api/v1/links?pageid=abc", 400, "BadRequest"),
        ("/api/v1/links?pageid=999", 404, "PageNotFoundError"),
        ("/api/v1/links?title=Nulle part", 404, "PageNotFoundError"),
        ("/api/v1/nothing", 404, "NotFound"),
        ("/api/v1/capture", 405, "MethodNotAllowed"),
    ],
)
def test_what_cannot_be_answered_says_why(client: FlaskClient, path: str, status: int, kind: str) -> None:
    error = get(client, path, status=status)["error"]
    assert list(error) == ["type", "message"]
    assert error["type"] == kind
    assert error["message"]


@pytest.mark.parametrize(
    ("request_", "status", "kind"),
    [
        ({"data": b"", "content_type": "text/plain"}, 400, "UnreadableNotesError"),
        ({"data": b"   \n", "content_type": "text/plain"}, 400, "UnreadableNotesError"),
        ({"data": b"%PDF-1.7 \x00\x01", "content_type": "text/plain"}, 400, "UnreadableNotesError"),
        ({"data": b"a" * 5_000_000, "content_type": "text/plain"}, 413, "RequestEntityTooLarge"),
        ({"data": b"notes", "content_type": "application/pdf"}, 415, "UnsupportedMediaType"),
        ({"data": b"notes"}, 415, "UnsupportedMediaType"),
        ({"data": {"other": "notes"}, "content_type": "multipart/form-data"}, 400, "BadRequest"),
        ({"data": b"{", "content_type": "application/json"}, 400, "BadRequest"),
        ({"data": b"[" * 100_000, "content_type": "application/json"}, 400, "BadRequest"),
        ({"json": ["notes"]}, 400, "BadRequest"),
        ({"json": {"text": 3}}, 400, "BadRequest"),
        ({"json": {"text": "Décision : oui.", "filename": 3}}, 400, "BadRequest"),
    ],
)
def test_notes_that_cannot_be_read_are_refused(
    client: FlaskClient, request_: dict[str, Any], status: int, kind: str
) -> None:
    answer = client.post("/api/v1/capture", **request_)
    assert answer.status_code == status
    assert answer.json
    assert answer.json["error"]["type"] == kind


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_web_site_cannot_make_us_work(client: FlaskClient, site: str) -> None:
    answer = client.post(
        "/api/v1/capture", data=b"notes", content_type="text/plain", headers={"Sec-Fetch-Site": site}
    )
    assert answer.status_code == 403


def test_no_answer_may_be_read_by_another_web_site(client: FlaskClient) -> None:
    answer = client.get("/api/v1/search?q=outils", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_updating_the_index_needs_the_token_of_its_owner(client: FlaskClient, services: Services) -> None:
    assert client.post("/api/v1/index").status_code == 403
    with services.index_lock.acquire(exclusive=True, wait_seconds=5, url="http://127.0.0.1:1"):
        owner = services.index_lock.owner()
        assert owner
        assert client.post("/api/v1/index").status_code == 403
        wrong = client.post("/api/v1/index", headers={"Authorization": "Bearer é"})
        assert wrong.status_code == 403
        answer = client.post("/api/v1/index", headers={"Authorization": f"Bearer {owner.token}"})
        assert answer.status_code == 200
        assert answer.json
        assert answer.json["chunks_embedded"] == 0
