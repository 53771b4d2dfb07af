"""`POST /api/v1/capture`: notes in each way that they may come, and what is refused."""

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

SCHEMAS = Path(__file__).resolve().parent.parent / "webui" / "api" / "schemas"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    services = small_community(tmp_path_factory.mktemp("community"))
    yield services
    services.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


def check_capture(answer: Any) -> None:
    assert list(answer) == ["notes", "drafts", "remarks"]
    notes = answer["notes"]
    assert list(notes) == [
        "sha256",
        "title",
        "date",
        "language",
        "present",
        "absent",
        "excused",
        "chair",
        "scribe",
        "accounts",
        "extracted_by",
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
    assert list(draft) == [
        "title",
        "language",
        "fields",
        "people",
        "similar",
        "categories",
        "topic",
        "dropped",
        "wikitext",
    ]
    for statements in draft["fields"].values():
        for statement in statements:
            assert list(statement) == ["text", "lines"]
            assert statement["lines"]
    for page in draft["similar"]:
        assert list(page) == ["pageid", "title", "score", "why"]


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
