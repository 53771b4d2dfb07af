"""The community's list, as visitors, members and coordinators see it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from connector.store import Question
from connector.store.schema_people import question as question_table
from connector.store.wishes import Wish
from tests.community import SITE
from tests.members import PutThere, client, ground, only, readers
from tests.sign_in_ground import post, soup
from webui.bootstrap import Services
from webui.rights.roles import Role

__all__ = ["client", "ground", "readers"]  # fixtures

QUESTION = "Où garer un vélo-cargo ?"
NADIA, RUTH = "Nadia Ould", "Ruth Ellery"


@pytest.fixture
def services(ground: tuple[Services, PutThere]) -> Iterator[Services]:
    services = ground[0]
    yield services
    with services.store._engine.begin() as connection:
        connection.execute(question_table.delete())


def asked(services: Services, readers: PutThere, text: str = QUESTION, *, name: str = NADIA) -> Question:
    """A question that somebody has asked."""
    account = readers.person(name)
    return services.store.questions.ask(text, language="fr", asked_by=account.id)[0]


def read(client: FlaskClient, path: str, *, status: int = 200) -> BeautifulSoup:
    answer = client.get(path)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return soup(answer)


def words(page: BeautifulSoup, selector: str = "main") -> str:
    found = page.select_one(selector)
    return " ".join(found.get_text(" ").split()) if found else ""


def test_one_click_puts_what_nothing_answers_on_the_list(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    readers.person(NADIA)
    page = read(client, "/?q=qsdfghjklm wxcvbn")
    form = page.select_one(".nobody form")
    assert form
    fields = {str(each["name"]): str(each["value"]) for each in form.select("input")}
    answer = client.post(str(form["action"]), data=fields)
    assert answer.status_code == 303
    shown = read(client, answer.location)
    assert words(shown, "h1") == "qsdfghjklm wxcvbn"
    assert "Your question is on the community’s list." in words(shown)
    assert "You asked this" in words(shown)
    (kept,) = services.store.questions.list(limit=9)
    assert (kept.asker, kept.text) == (NADIA, "qsdfghjklm wxcvbn")
    again = client.post(str(form["action"]), data=fields, follow_redirects=True)
    assert "This has been asked already" in words(soup(again))


def test_a_visitor_is_led_to_sign_in_and_comes_back_to_ask(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    link = read(client, "/?q=qsdfghjklm wxcvbn").select_one(".nobody a.button")
    assert link
    answer = client.get(str(link["href"]))
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in?next=/questions/ask?q%3Dqsdfghjklm"), answer.location
    readers.person(NADIA)
    field = read(client, str(link["href"])).select_one("textarea[name=text]")
    assert field
    assert field.text == "qsdfghjklm wxcvbn"
    answer = post(client, str(link["href"]), {"text": field.text}, to="/questions")
    assert answer.status_code == 303
    assert services.store.questions.counts()["open"] == 1


def test_a_visitor_asks_nothing(client: FlaskClient, services: Services, readers: PutThere) -> None:
    readers.person(NADIA)
    token = read(client, "/questions/ask").select_one("input[name=csrf_token]")
    readers.visitor()
    assert token
    answer = client.post("/questions", data={"text": QUESTION, "csrf_token": token["value"]})
    assert answer.status_code == 401
    assert services.store.questions.counts()["open"] == 0


@pytest.mark.parametrize("text", ["", "?!", "x" * 1_001])
def test_what_is_no_question_is_refused(client: FlaskClient, readers: PutThere, text: str) -> None:
    readers.person(NADIA)
    assert post(client, "/questions/ask", {"text": text}, to="/questions").status_code == 400


def test_a_form_from_elsewhere_is_refused(client: FlaskClient, readers: PutThere) -> None:
    readers.person(NADIA)
    assert client.post("/questions", data={"text": QUESTION}).status_code == 400


def test_members_are_told_who_asked_and_visitors_are_not(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    one = asked(services, readers)
    readers.person(RUTH)
    for path in ("/questions", f"/questions/{one.id}"):
        assert f"Asked by {NADIA}" in words(read(client, path))
    readers.visitor()
    for path in ("/questions", f"/questions/{one.id}"):
        page = words(read(client, path))
        assert QUESTION in page
        assert "Nadia" not in page


def test_who_wants_to_be_left_out_is_named_to_themselves_only(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    one = asked(services, readers, name="Odile Retrait")
    account = readers.reader.account
    assert account
    services.store.wishes.put(account.id, Wish(opted_out=True))
    assert "You asked this" in words(read(client, "/questions"))
    readers.person(RUTH, Role.COORDINATOR)
    for path in ("/questions", f"/questions/{one.id}"):
        page = words(read(client, path))
        assert QUESTION in page
        assert "Odile" not in page


def test_a_question_is_shown_with_what_the_search_finds_now(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    one = asked(services, readers, "Comment accueillir un nouveau bénévole ?")
    page = read(client, f"/questions/{one.id}")
    heading = page.select_one("h1")
    assert heading
    assert heading["lang"] == "fr"
    assert "Accueillir un nouveau bénévole" in [hit.text for hit in page.select(".hit h3")]
    readers.person(NADIA, readable=only(5))
    titles = [hit.text for hit in read(client, f"/questions/{one.id}").select(".hit h3")]
    assert titles in ([], ["Atelier"]), "what may not be read is not found"


def close(client: FlaskClient, number: int, **fields: str) -> TestResponse:
    return post(client, f"/questions/{number}", fields)


def test_a_coordinator_closes_a_question_with_the_page_that_answers(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    one = asked(services, readers)
    readers.person(RUTH, Role.COORDINATOR)
    wrong = close(client, one.id, action="answer", title="Nulle part")
    assert wrong.status_code == 404
    field = soup(wrong).select_one("#title")
    assert field
    assert (field["value"], field["aria-invalid"]) == ("Nulle part", "true")
    answer = close(client, one.id, action="answer", title="accueil_des bénévoles")
    assert answer.status_code == 303
    page = read(client, answer.location)
    assert "Closed with “Accueillir un nouveau bénévole”." in words(page)
    link = page.select_one("main .notice.good a")
    assert link
    assert link["href"] == "http://wiki.invalid/wiki/Accueillir_un_nouveau_b%C3%A9n%C3%A9vole"
    assert "No question is open" in words(read(client, "/questions"))
    assert QUESTION in words(read(client, "/questions?state=answered"))
    kept = services.store.questions.get(one.id)
    assert readers.reader.account
    assert (kept.answer_pageid, kept.closed_by) == (1, readers.reader.account.id)
    again = client.post(
        f"/questions/{one.id}",
        data={"action": "answer", "title": "Atelier", "csrf_token": token_of(page)},
        follow_redirects=True,
    )
    assert "Somebody has done that already." in words(soup(again))
    assert close(client, one.id, action="reopen").status_code == 303
    assert services.store.questions.get(one.id).state == "open"


def token_of(page: BeautifulSoup) -> str:
    field = page.select_one("input[name=csrf_token]")
    assert field
    return str(field["value"])


def test_a_page_that_may_not_be_read_neither_closes_nor_is_told(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    one = asked(services, readers)
    readers.person(RUTH, Role.COORDINATOR, readable=only(5))
    hidden = close(client, one.id, action="answer", title="Soirée réparation")
    absent = close(client, one.id, action="answer", title="Soirée disparue")
    assert hidden.status_code == absent.status_code == 404
    services.store.questions.close(one.id, state="answered", closed_by=None, answer_pageid=2)
    for path in (f"/questions/{one.id}", "/questions?state=answered"):
        assert "Soirée" not in words(read(client, path))
    assert "cannot be shown" in words(read(client, f"/questions/{one.id}"))


def test_only_who_asked_and_coordinators_close(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    one = asked(services, readers)
    mine = read(client, f"/questions/{one.id}")
    assert mine.select_one(".closing")
    readers.person(RUTH)
    assert not read(client, f"/questions/{one.id}").select_one(".closing")
    sent = {"action": "withdraw", "csrf_token": token_of(mine)}
    assert client.post(f"/questions/{one.id}", data=sent).status_code == 403
    readers.visitor()
    assert client.post(f"/questions/{one.id}", data=sent).status_code == 401
    assert services.store.questions.get(one.id).state == "open"


def test_what_is_withdrawn_is_its_askers_and_the_coordinators(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    one = asked(services, readers)
    answer = close(client, one.id, action="withdraw")
    assert "taken off the list" in words(read(client, answer.location))
    assert QUESTION not in words(read(client, "/questions"))
    assert read(client, f"/questions/{one.id}").select_one("button[value=reopen]")
    readers.person(RUTH)
    read(client, f"/questions/{one.id}", status=404)
    read(client, "/questions?state=withdrawn", status=400)
    readers.person(RUTH, Role.COORDINATOR)
    assert QUESTION in words(read(client, "/questions?state=withdrawn"))


def test_the_list_comes_in_parts(client: FlaskClient, services: Services, readers: PutThere) -> None:
    account = readers.person(NADIA)
    for number in range(23):
        services.store.questions.ask(f"Question {number}", language="fr", asked_by=account.id)
    first = read(client, "/questions")
    assert len(first.select(".questions li")) == 20
    assert words(first, ".questions li h2") == "Question 22"
    link = first.select_one("a[rel=next]")
    assert link
    second = read(client, str(link["href"]))
    assert [each.text for each in second.select(".questions h2")] == [
        "Question 2",
        "Question 1",
        "Question 0",
    ]
    assert client.get("/questions?page=9").location == "/questions?state=open&page=2"


def test_on_a_private_wiki_the_list_is_for_who_has_signed_in(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    one = asked(services, readers)
    services.store.site.put(replace(SITE, private=True), source="http://wiki.invalid/w/api.php")
    try:
        assert QUESTION in words(read(client, "/questions"))
        readers.visitor()
        for path in ("/questions", f"/questions/{one.id}", "/api/v1/questions"):
            answer = client.get(path)
            assert answer.status_code in (302, 401), path
            assert "vélo-cargo" not in answer.get_data(as_text=True)
    finally:
        services.store.site.put(SITE, source="http://wiki.invalid/w/api.php")


@pytest.mark.parametrize("path", ["/questions/999", "/questions/x", "/questions?page=0"])
def test_what_is_not_there_is_told_so(client: FlaskClient, readers: PutThere, path: str) -> None:
    readers.person(NADIA)
    assert client.get(path).status_code in (400, 404)


def test_a_question_is_text(client: FlaskClient, services: Services, readers: PutThere) -> None:
    one = asked(services, readers, "<script>alert(1)</script> [[x]] {{y}}")
    for path in ("/questions", f"/questions/{one.id}"):
        page = read(client, path)
        assert "<script>alert(1)</script> [[x]] {{y}}" in words(page)
        assert not [each for each in page.select("main script")]
