"""Reviewing a draft: which lines, which categories, who reviews it, who did what, what was left out."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from capture.draft import Unsupported
from capture.notes import read_notes
from tests.community import NOTES, mirrored_community
from tests.review_forms import alert_of, fields, soup, words
from webui.app import create_app
from webui.bootstrap import Services

FRENCH = {"Accept-Language": "fr"}


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    services = mirrored_community(tmp_path)
    notes = read_notes(NOTES)
    result = services.capture.capture(notes)
    (draft,) = result.drafts
    left_out = (
        Unsupported(text="Le plan coûte 40 euros.", lines=(10,), field="results", reason="number"),
        Unsupported(text="Tout le monde est content.", reason="no lines"),
    )
    draft = draft.model_copy(update={"categories": ("Accueil", "Outils"), "dropped": left_out})
    services.desk.add(result.model_copy(update={"drafts": (draft,)}), notes, actor="Maëlle")
    yield services
    services.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


def opened(client: FlaskClient) -> BeautifulSoup:
    return soup(client.get("/drafts/1", headers=FRENCH))


def send(client: FlaskClient, changes: dict[str, str], *, page: BeautifulSoup | None = None) -> TestResponse:
    data = fields(page or opened(client)) | {"action": "save"} | changes
    return client.post("/drafts/1", data=data, headers=FRENCH)


def test_the_choice_of_lines_is_corrected(client: FlaskClient, services: Services) -> None:
    assert fields(opened(client))["lines-solution-0"] == "10"
    assert send(client, {"lines-solution-0": " 12; 9 – 10 "}).status_code == 303
    assert services.desk.get(1).draft.fields["solution"][0].lines == (9, 10, 12)
    page = opened(client)
    assert fields(page)["lines-solution-0"] == "9–10, 12"
    assert "modifié (solution (10 → 9 10 12))" in words(page, ".history")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("10, 99", "Les notes ont 20 lignes : il n’y a pas de ligne 99."),
        ("dix", "« dix » ne désigne pas de lignes"),
        ("", "Indiquez les lignes dont vient cet énoncé, ou retirez-le."),
    ],
)
def test_lines_that_cannot_be_used_are_told_once_at_their_field(
    client: FlaskClient, services: Services, lines: str, message: str
) -> None:
    before = services.desk.get(1)
    answer = send(client, {"lines-solution-0": lines, "text-problem-0": "Ma phrase."})
    assert answer.status_code == 400
    page = soup(answer)
    field = page.select_one("#lines-solution-0")
    assert field
    assert (field["value"], field["aria-invalid"], field["aria-describedby"]) == (
        lines,
        "true",
        "wrong-lines",
    )
    message = message.replace(" :", "\u00a0:").replace("« ", "«\u00a0").replace(" »", "\u00a0»")
    wrong = page.select_one("#wrong-lines")
    assert wrong
    assert message in wrong.text
    assert page.select_one(".relines[open] #lines-solution-0")
    assert "ne peut pas être enregistré" in alert_of(answer)
    assert page.select_one('[role=alert] a[href="#lines-solution-0"]')
    assert fields(page)["text-problem-0"] == "Ma phrase."
    assert services.desk.get(1) == before


def test_the_lines_of_what_is_removed_do_not_matter(client: FlaskClient, services: Services) -> None:
    assert send(client, {"lines-problem-0": "", "remove-problem-0": "1"}).status_code == 303
    assert "problem" not in services.desk.get(1).draft.fields


def test_what_a_person_wrote_may_get_lines_later(client: FlaskClient, services: Services) -> None:
    send(client, {"added-field": "cautions", "added-text": "Plastifier le plan."})
    assert fields(opened(client))["lines-cautions-0"] == ""
    send(client, {"lines-cautions-0": "12"})
    statement = services.desk.get(1).draft.fields["cautions"][0]
    assert (statement.lines, statement.by_human) == ((12,), True)


def test_categories_are_taken_or_left_and_others_added(client: FlaskClient, services: Services) -> None:
    page = opened(client)
    sent = fields(page) | {"action": "save", "other-categories": "Signalétique, Accueil,"}
    assert sent["category-0"] == sent["category-1"] == "1", "what is suggested is checked"
    del sent["category-1"]
    assert client.post("/drafts/1", data=sent, headers=FRENCH).status_code == 303
    draft = services.desk.get(1).draft
    assert draft.categories == ("Accueil", "Signalétique")
    assert "[[Catégorie:Signalétique]]" in draft.wikitext
    assert "Outils]]" not in draft.wikitext


def test_a_form_without_categories_leaves_them(client: FlaskClient, services: Services) -> None:
    sent = {name: value for name, value in fields(opened(client)).items() if not name.startswith("categor")}
    client.post("/drafts/1", data=sent | {"action": "save", "title": "Autre"}, headers=FRENCH)
    assert services.desk.get(1).draft.categories == ("Accueil", "Outils")


def test_the_language_of_the_page_is_changed(client: FlaskClient, services: Services) -> None:
    send(client, {"language": "en"})
    assert services.desk.get(1).draft.language == "en"
    assert "== Problem ==" in services.desk.get(1).draft.wikitext
    send(client, {"language": "<script>"})
    assert services.desk.get(1).draft.language == "en"


def test_who_reviews_is_said_and_can_change(client: FlaskClient, services: Services) -> None:
    answer = send(client, {"action": "take", "your-name": " Aïcha\u202e  Benali ", "title": "Un plan"})
    assert answer.status_code == 303
    reviewed = services.desk.get(1)
    assert (reviewed.state, reviewed.reviewer) == ("review", "Aïcha Benali")
    assert reviewed.draft.title == "Un plan", "corrections are saved too"
    mine = opened(client)
    assert fields(mine)["your-name"] == "Aïcha Benali"
    assert "Vous relisez ce brouillon." in words(mine, ".signed")
    assert mine.select("button[value=release]")

    other = create_app(services).test_client()
    theirs = opened(other)
    assert "Aïcha Benali relit ce brouillon." in words(theirs, ".signed")
    assert send(other, {"action": "take", "your-name": "Marc"}).status_code == 409
    assert send(other, {"action": "take-over", "your-name": "Marc"}).status_code == 303
    assert services.desk.get(1).reviewer == "Marc"
    assert "Marc : pris en relecture (à la suite de Aïcha Benali)" in words(opened(other), ".history")
    assert send(other, {"action": "release"}).status_code == 303
    assert services.desk.get(1).state == "draft"
    assert "À relire" in soup(client.get("/drafts", headers=FRENCH)).text


def test_drafts_in_review_are_listed_with_who_has_them(client: FlaskClient) -> None:
    send(client, {"action": "take", "your-name": "Aïcha"})
    page = soup(client.get("/drafts", headers=FRENCH))
    assert words(page, "h2") == "En relecture 1"
    assert "Aïcha" in words(page, ".card small")


def test_the_history_says_who_did_what(client: FlaskClient, services: Services) -> None:
    send(client, {"your-name": "Aïcha", "title": "Un plan", "people": "Marc Le Goff, Zoé"})
    send(client, {"your-name": "", "text-problem-0": "On cherche les outils."})
    history = words(opened(client), ".history").replace("\u00a0", " ")
    assert "Maëlle : tiré des notes" in history
    assert "Aïcha : modifié (titre, personnes)" in history
    assert "quelqu’un : modifié (problème)" in history, "a name that was taken away is not used any more"


def test_what_was_left_out_is_shown_with_the_reason(client: FlaskClient) -> None:
    page = opened(client)
    assert words(page, ".left-out summary") == "2 énoncés laissés de côté"
    left_out = [" ".join(one.text.split()) for one in page.select(".left-out li")]
    assert "Le plan coûte 40 euros." in left_out[0]
    assert "un nombre qui n’est pas dans ces lignes" in left_out[0]
    assert page.select_one('.left-out li[data-lines="10"] a[href="#L10"]')
    assert "aucune ligne ne le dit" in left_out[1]
    assert "40 euros" not in words(page, ".wikitext pre")


def test_each_form_is_protected_against_forgery(client: FlaskClient) -> None:
    for path in ("/drafts/1", "/capture", "/capture/1", "/follow-ups"):
        page = soup(client.get(path, headers=FRENCH))
        forms = page.select("form[method=post]")
        assert forms, path
        for form in forms:
            assert form.select_one("input[name=csrf_token]"), path
        assert not page.select("script:not([src]), [style], [onclick]"), "the security policy forbids them"
        for field in page.select("input:not([type=hidden]), textarea, select"):
            labelled = field.find_parent("label") or page.select_one(f'label[for="{field.get("id")}"]')
            assert labelled, f"{path}: {field}"
        ids = [str(one["id"]) for one in page.select("[id]")]
        assert len(ids) == len(set(ids)), path
