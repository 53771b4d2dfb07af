"""Long notes: a page that says how far their reading is; notes that are deleted with what came from them."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from capture.draft import CaptureResult, Remark
from capture.notes import read_notes
from connector.errors import CaptureError
from tests.community import NOTES, mirrored_community
from tests.review_forms import alert_of, fields, soup, words
from webui.app import create_app
from webui.bootstrap import Services

FRENCH = {"Accept-Language": "fr"}
LONG_NOTES = NOTES + "\nUne ligne où rien n'est dit.\n" * 900


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    services = mirrored_community(tmp_path)
    yield services
    services.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


def give(client: FlaskClient, text: str = LONG_NOTES, *, name: str = "") -> TestResponse:
    data = fields(soup(client.get("/capture")), "main form") | {"text": text, "your-name": "Maëlle"}
    if name:
        data |= {"file": (io.BytesIO(text.encode()), name), "text": ""}  # type: ignore[dict-item]
    return client.post("/capture", data=data, headers=FRENCH, content_type="multipart/form-data")


def opened(client: FlaskClient, path: str = "/capture/1") -> BeautifulSoup:
    answer = client.get(path, headers=FRENCH)
    assert answer.status_code == 200
    return soup(answer)


def press(client: FlaskClient, action: str, path: str = "/capture/1") -> TestResponse:
    forms = [
        form for form in opened(client, path).select("main form") if form.select(f"button[value={action}]")
    ]
    assert len(forms) == 1
    token = forms[0].select_one("[name=csrf_token]")
    assert token
    return client.post(path, data={"csrf_token": str(token["value"]), "action": action}, headers=FRENCH)


def keep(services: Services, result: CaptureResult | None = None) -> None:
    notes = read_notes(NOTES)
    services.desk.add(result or services.capture.capture(notes), notes, actor="a test")


def test_long_notes_are_a_job_whose_page_says_how_far_it_is(client: FlaskClient, services: Services) -> None:
    answer = give(client, name="longues.md")
    assert answer.headers["Location"] == "/capture/1"
    page = opened(client)
    assert words(page, ".job-state") == "Ces notes attendent leur tour"
    assert page.select_one("noscript a[href='/capture/1']"), "without scripts a link looks again"
    assert page.select_one("[data-job='/capture/1/progress']")
    assert len(page.select(".numbered li")) == len(LONG_NOTES.splitlines())
    job = services.jobs.of_notes(1)
    assert job
    assert job.actor == "Maëlle"

    services.store.capture_jobs.begin(job.id)
    services.store.capture_jobs.tell(job.id, done=300, total=1822, label="lines")
    part = opened(client, "/capture/1/progress")
    assert words(part, ".job-state") == "Ces notes sont en cours de lecture"
    progress = part.select_one("progress")
    assert progress
    assert (progress["value"], progress["max"]) == ("300", "1822")
    assert words(part, ".hint").replace("\u202f", " ") == "300 lignes lues sur 1 822"
    drafts = words(opened(client, "/drafts"), ".card")
    assert "longues.md" in drafts
    assert "300 lignes lues" in drafts
    assert "longues.md" in words(opened(client, "/capture"), ".card")


def test_a_job_that_is_done_leaves_its_notes_at_the_same_address(
    client: FlaskClient, services: Services
) -> None:
    give(client)
    services.jobs.start()
    assert services.jobs.end()
    job = services.jobs.of_notes(1)
    assert job
    notes = services.desk.notes(1)
    if job.state != "done":
        services.store.capture_jobs.begin(job.id)
        services.desk.add(services.capture.capture(notes), notes, actor="a job", job_id=job.id)
    page = opened(client)
    assert words(page, "h1") == "Atelier : réunion du 3 mars 2026"
    assert page.select(".drafts a")
    assert opened(client, "/capture/1/progress").select_one("[data-state=done]")


def test_a_job_that_failed_says_why_and_is_tried_again(client: FlaskClient, services: Services) -> None:
    give(client)
    job = services.jobs.of_notes(1)
    assert job
    services.store.capture_jobs.begin(job.id)
    services.store.capture_jobs.fail(job.id, error="the language model refuses the key")
    page = opened(client)
    assert words(page, ".job-state") == "Ces notes n’ont pas pu être lues"
    assert words(page, ".job .detail") == "the language model refuses the key"
    assert press(client, "read").status_code == 303
    again = services.jobs.get(job.id)
    assert (again.state, again.error) == ("waiting", "")


def test_notes_that_nobody_has_read_yet_can_be_read(client: FlaskClient, services: Services) -> None:
    services.desk.add_notes(read_notes(NOTES))
    assert words(opened(client), ".job-state") == "Ces notes n’ont pas encore été lues"
    assert press(client, "read").status_code == 303
    assert words(opened(client), ".job-state") == "Ces notes attendent leur tour"


def test_notes_are_not_read_again_each_time_they_are_shown(
    client: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(client, NOTES)
    monkeypatch.setattr(Services, "capture", property(lambda self: pytest.fail("read again")))
    assert words(opened(client), "h1") == "Atelier : réunion du 3 mars 2026"


def test_what_was_pasted_is_not_lost_when_the_queue_is_down(
    client: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def submit(*_: object, **__: object) -> None:
        raise CaptureError("the queue does not answer")

    monkeypatch.setattr(services.jobs, "submit", submit)
    answer = give(client)
    assert answer.status_code == 500
    assert "the queue does not answer" in alert_of(answer)
    assert fields(soup(answer), "main form")["text"].strip() == LONG_NOTES.strip()


def test_what_the_reader_has_to_know_is_told(client: FlaskClient, services: Services) -> None:
    result = services.capture.capture(read_notes(NOTES))
    remarks = (
        Remark(code="fallback", detail="the answer was cut off", lines=(5, 6, 7)),
        Remark(code="unsupported", detail="2", lines=(12,)),
        Remark(code="truncated"),
    )
    notes = result.notes.model_copy(
        update={
            "extracted_by": "un-modele",
            "chair": "Aïcha Benali",
            "accounts": {"Marc Le Goff": "MarcLG"},
            "absent": ("Inès Caradec", "Zoé"),
            "excused": ("Inès Caradec",),
            "decisions": (
                result.notes.decisions[0],
                result.notes.decisions[0].model_copy(update={"text": "peindre la porte", "decided": False}),
            ),
        }
    )
    keep(services, result.model_copy(update={"notes": notes, "remarks": remarks}))
    page = opened(client)
    told = words(page, ".remarks")
    assert "Lu par le modèle de langue un-modele." in told
    assert "les règles l’ont lue à sa place. (the answer was cut off) lignes 5–7" in told
    assert "2 énoncés ont été laissés de côté" in told
    assert "Les notes n’ont pas été lues en entier." in told
    facts = {
        " ".join(row.select_one("dt").text.split()): " ".join(row.select_one("dd").text.split())  # type: ignore[union-attr]
        for row in page.select(".told > div")
    }
    assert facts["Animation"] == "Aïcha Benali"
    assert (facts["Excusés"], facts["Absents"]) == ("Inès Caradec", "Zoé")
    link = page.select_one(".told a")
    assert link
    assert (link.text, link["href"]) == ("Marc Le Goff", "http://wiki.invalid/wiki/User:MarcLG")
    proposed = [each for each in page.select(".found") if "pas encore tranché" in each.text]
    assert len(proposed) == 1
    assert "peindre la porte" in proposed[0].text


def test_notes_are_deleted_with_what_came_from_them(client: FlaskClient, services: Services) -> None:
    keep(services)
    goes = " ".join(words(opened(client), "details.drop").split())
    assert "1 brouillon" in goes
    assert "Plan de l'atelier" in goes
    assert "2 actions et questions" in goes
    answer = press(client, "forget")
    assert answer.headers["Location"] == "/capture"
    assert words(opened(client, "/capture"), ".notice") == (
        "Les notes sont supprimées, avec 1 brouillon et 3 suites."
    )
    assert not services.desk.list()
    assert not services.follow_ups.open()
    assert client.get("/capture/1", headers=FRENCH).status_code == 404
    assert client.get("/capture/1/progress", headers=FRENCH).status_code == 404


def test_what_stays_in_the_wiki_is_named_before_and_after(client: FlaskClient, services: Services) -> None:
    keep(services)
    services.desk.mark_published(1, version=1, pageid=70, revid=7001, published_by="Aïcha Benali")
    assert "La page publiée reste dans le wiki" in words(opened(client), "details.drop")
    press(client, "forget")
    told = " ".join(notice.text for notice in opened(client, "/capture").select(".notice"))
    assert "Ces pages restent dans le wiki" in told
    assert "Plan de l'atelier" in told


@pytest.mark.parametrize(
    ("path", "action", "status"), [("/capture/1", "burn", 400), ("/capture/9", "forget", 404)]
)
def test_what_cannot_be_done_with_notes_is_refused(
    client: FlaskClient, services: Services, path: str, action: str, status: int
) -> None:
    keep(services)
    token = fields(opened(client, "/capture"), "main form")["csrf_token"]
    answer = client.post(path, data={"csrf_token": token, "action": action}, headers=FRENCH)
    assert answer.status_code == status
    assert services.desk.list()


def test_notes_that_cannot_be_read_any_more_can_still_be_deleted(
    client: FlaskClient, services: Services
) -> None:
    services.store.notes.add(
        sha256="0" * 64, filename="notes.docx", media_type="application/x-lost", original=b"\x00\xff\x00\xfe"
    )
    answer = client.get("/capture/1", headers=FRENCH)
    assert answer.status_code == 500
    assert words(soup(answer), "h1") == "Ces notes ne peuvent pas être lues"
    token = fields(soup(answer), "main form")["csrf_token"]
    data = {"csrf_token": token, "action": "forget"}
    assert client.post("/capture/1", data=data, headers=FRENCH).status_code == 303
    assert not services.store.notes.list()
