"""The API of notes: what is kept is read behind the pages, and what meetings left to do can be asked for."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient

from tests.community import NOTES, empty_community
from webui.app import create_app
from webui.bootstrap import Services

SCHEMAS = Path(__file__).parent.parent / "webui" / "api" / "schemas"


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    services = empty_community(tmp_path)
    yield services
    services.jobs.end()
    services.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


def get(client: FlaskClient, path: str, schema: str, *, status: int = 200) -> Any:
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    jsonschema.validate(answer.json, json.loads((SCHEMAS / f"{schema}.json").read_text()))
    return answer.json


def give(client: FlaskClient, text: str = NOTES, *, status: int = 202) -> Any:
    answer = client.post("/api/v1/notes", data=text.encode(), content_type="text/markdown")
    assert answer.status_code == status
    jsonschema.validate(answer.json, json.loads((SCHEMAS / "job.json").read_text()))
    return answer.json


def followed(client: FlaskClient, job_id: int) -> Any:
    for _ in range(600):
        job = get(client, f"/api/v1/jobs/{job_id}", "job")
        if job["state"] in ("done", "failed"):
            return job
        time.sleep(0.05)
    raise AssertionError(job)


def test_notes_are_kept_and_read_by_a_job(client: FlaskClient, services: Services) -> None:
    job = give(client)
    assert (job["state"], job["result"], job["drafts"]) == ("waiting", None, None)
    assert give(client)["id"] == job["id"]
    assert services.jobs.start()
    done = followed(client, job["id"])
    assert done["state"] == "done"
    jsonschema.validate(done["result"], json.loads((SCHEMAS / "capture.json").read_text()))
    at_once = client.post("/api/v1/capture", data=NOTES.encode(), content_type="text/markdown").json
    assert done["result"] == at_once
    assert done["drafts"] == [one.id for one in services.desk.list()]
    again = give(client, status=200)
    assert (again["state"], again["drafts"]) == ("done", done["drafts"])


def test_a_job_that_failed_says_so(client: FlaskClient, services: Services) -> None:
    job = give(client)
    services.store.capture_jobs.begin(job["id"])
    services.store.capture_jobs.fail(job["id"], error="the model is gone")
    failed = get(client, f"/api/v1/jobs/{job['id']}", "job")
    assert (failed["state"], failed["error"], failed["result"]) == ("failed", "the model is gone", None)


def test_what_meetings_left_to_do_can_be_asked_for(client: FlaskClient, services: Services) -> None:
    assert get(client, "/api/v1/follow-ups", "follow-ups") == {"follow_ups": []}
    services.jobs.start()
    followed(client, give(client)["id"])
    (action,) = get(client, "/api/v1/follow-ups?kind=action", "follow-ups")["follow_ups"]
    assert (action["owner"], action["due"], action["date"]) == ("Marc", "2026-03-20", "2026-03-03")
    (decision,) = get(client, "/api/v1/follow-ups?kind=decision", "follow-ups")["follow_ups"]
    assert decision["state"] == "decided"
    everything = get(client, "/api/v1/follow-ups", "follow-ups")["follow_ups"]
    assert {one["kind"] for one in everything} == {"action", "question"}
    services.follow_ups.close(action["id"], actor="Léa")
    assert get(client, "/api/v1/follow-ups?kind=action", "follow-ups")["follow_ups"] == []


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/api/v1/jobs/7", 404, "NotKeptError"),
        ("/api/v1/jobs/seven", 400, "BadRequest"),
        ("/api/v1/jobs/99999999999999999999", 400, "BadRequest"),
        ("/api/v1/follow-ups?kind=all", 400, "BadRequest"),
        ("/api/v1/notes", 405, "MethodNotAllowed"),
    ],
)
def test_what_cannot_be_answered_says_why(client: FlaskClient, path: str, status: int, kind: str) -> None:
    assert get(client, path, "error", status=status)["error"]["type"] == kind


def test_notes_come_in_each_format_that_is_read(client: FlaskClient) -> None:
    mail = b"From: Ana <ana@example.org>\nSubject: Notes\n\nPresent: Ana, Tom\n"
    answer = client.post("/api/v1/capture", data=mail, content_type="message/rfc822")
    assert answer.status_code == 200
    assert answer.json
    assert answer.json["notes"]["present"] == ["Ana", "Tom"]


def test_notes_that_cannot_be_read_are_not_kept(client: FlaskClient, services: Services) -> None:
    answer = client.post("/api/v1/notes", data=b"  ", content_type="text/plain")
    assert answer.status_code == 400
    from_elsewhere = client.post(
        "/api/v1/notes", data=b"x", content_type="text/plain", headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert from_elsewhere.status_code == 403
    assert services.store.notes.list() == []
    assert services.store.capture_jobs.unfinished() == []
