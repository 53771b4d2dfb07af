"""Whom to ask, who was asked, what they say to it, and who knew: clicked through as members do."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient

from connector.store import Question
from connector.store.schema_community import unanswered_search
from connector.store.schema_people import question as question_table
from connector.store.schema_people import wish as wish_table
from connector.store.wishes import Wish
from tests.members import PutThere, client, ground, only, readers
from tests.sign_in_ground import soup
from webui.bootstrap import Services
from webui.config import Config
from webui.rights.roles import Role

__all__ = ["client", "ground", "readers"]  # fixtures

QUESTION = "Comment accueillir un nouveau bénévole ?"
NADIA, RUTH, ZOE = "Nadia Ould", "Ruth Ellery", "Zoé Ba"


@pytest.fixture
def services(ground: tuple[Services, PutThere]) -> Iterator[Services]:
    services = ground[0]
    config = services.config
    yield services
    services.config = config
    with services.store._engine.begin() as connection:
        for table in (question_table, wish_table, unanswered_search):
            connection.execute(table.delete())


def asked(services: Services, *, asked_by: int | None = None, text: str = QUESTION) -> Question:
    return services.store.questions.ask(text, language="fr", asked_by=asked_by)[0]


def read(client: FlaskClient, path: str, *, status: int = 200) -> BeautifulSoup:
    answer = client.get(path)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return soup(answer)


def words(page: BeautifulSoup | Tag, selector: str = "main") -> str:
    found = page.select_one(selector)
    return " ".join(found.get_text(" ").split()) if found else ""


def press(client: FlaskClient, page: BeautifulSoup, label: str, **fields: str) -> BeautifulSoup:
    """Press the button that begins with these words, in its form."""
    button = next(each for each in page.select("button") if words_of(each).startswith(label))
    form = button.find_parent("form")
    assert form is not None
    data = {
        str(each["name"]): str(each.get("value", "")) for each in form.select("input[name], select[name]")
    } | fields
    if button.get("name"):
        data[str(button["name"])] = str(button.get("value", ""))
    answer = client.post(str(form["action"]), data=data)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return read(client, answer.location.partition("#")[0])


def words_of(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())


def candidates(page: BeautifulSoup) -> list[str]:
    return [words_of(each) for each in page.select("#people .expert h3")]


def test_a_member_is_told_whom_to_ask_and_why_and_says_that_they_did(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    question = asked(services)
    readers.person(NADIA)
    page = read(client, f"/questions/{question.id}")
    first, *_ = candidates(page)
    assert page.select_one("#people .proofs a")
    page = press(client, page, "I asked them")
    assert "Kept." in words(page)
    assert first in words(page, "#people .named")
    assert first not in candidates(page)
    (kept,) = services.store.asks.of_questions([question.id])[question.id]
    assert (kept.name, kept.state) == (first, "asked")
    page = press(client, page, "Not asked after all")
    assert first in candidates(page)
    assert services.store.asks.of_questions([question.id])[question.id] == []


def test_a_visitor_is_told_of_nobody(client: FlaskClient, services: Services, readers: PutThere) -> None:
    question = asked(services)
    services.store.asks.put(question.id, name=RUTH, wiki_user_id=None, asked_by=None, now=datetime.now(UTC))
    page = read(client, f"/questions/{question.id}")
    assert page.select_one("#people") is None
    assert RUTH not in words(page)


def test_nobody_but_who_is_proposed_can_be_asked(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    question = asked(services)
    readers.person(NADIA)
    page = read(client, f"/questions/{question.id}")
    page = press(client, page, "I asked them", person="Somebody Else")
    assert "not to be asked now" in words(page)
    assert services.store.asks.all() == []


def test_who_was_asked_finds_it_on_their_page_and_says_no(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    question = asked(services)
    ruth = readers.person(RUTH)
    now = datetime.now(UTC)
    services.store.asks.put(question.id, name=RUTH, wiki_user_id=ruth.wiki_user_id, asked_by=None, now=now)
    page = read(client, "/me")
    assert QUESTION in words(page, "section[aria-labelledby=asked-heading]")
    page = press(client, page, "I cannot answer")
    assert "Kept: somebody else is asked." in words(page)
    assert page.select_one("section[aria-labelledby=asked-heading]") is None
    page = read(client, f"/questions/{question.id}")
    assert "cannot answer" in words(page, "#people .named")
    page = press(client, page, "I can answer after all")
    assert services.store.asks.of_person(RUTH, ruth.wiki_user_id)[0].waits
    # Another one does not say it for them.
    readers.person(ZOE)
    page = read(client, f"/questions/{question.id}")
    assert "I cannot answer" not in words(page)
    (ask,) = services.store.asks.all()
    token = page.select_one("input[name=csrf_token]")
    assert token
    data = {"csrf_token": str(token["value"]), "action": "decline"}
    assert client.post(f"/questions/{question.id}/asks/{ask.id}", data=data).status_code == 403


def test_who_was_asked_answers_and_is_named_until_they_take_it_back(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    question = asked(services)
    ruth = readers.person(RUTH)
    services.store.asks.put(
        question.id, name=RUTH, wiki_user_id=ruth.wiki_user_id, asked_by=None, now=datetime.now(UTC)
    )
    page = read(client, f"/questions/{question.id}")
    assert words(page, "#closing") == "Answer this question"
    title = services.store.pages.get(1)
    assert title is not None
    page = press(client, page, "Close with this page", title=title.title, giver=RUTH)
    kept = services.store.questions.get(question.id)
    assert (kept.state, kept.answer_pageid) == ("answered", 1)
    assert (kept.answered_by, kept.answered_by_user_id) == (RUTH, ruth.wiki_user_id)
    assert services.store.asks.of_person(RUTH, ruth.wiki_user_id)[0].state == "answered"
    assert f"The answer came from {RUTH}." in words(page)
    # Found with the page, and as somebody who knows.
    services.update_index()
    found = read(client, "/?q=accueillir+un+nouveau")
    hit = found.select_one("#hit-1")
    assert hit
    readers.visitor()
    assert RUTH not in words(read(client, f"/questions/{question.id}"))
    readers.person(RUTH)
    page = press(client, read(client, f"/questions/{question.id}"), "Keep", giver="")
    assert services.store.questions.get(question.id).answered_by is None
    assert "The answer came from" not in words(page)


def test_who_answered_a_question_is_told_to_members_only(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    question = asked(services)
    zoe = readers.person(ZOE)
    services.store.questions.close(
        question.id,
        state="answered",
        closed_by=None,
        answer_pageid=1,
        answered_by=ZOE,
        answered_by_user_id=zoe.wiki_user_id,
    )
    title = services.store.pages.get_many([1])[1].title

    def said(path: str) -> str:
        answer = client.get(path)
        assert answer.status_code == 200, path
        return str(answer.json) if answer.is_json else answer.get_data(as_text=True)

    told = "/api/v1/experts?q=accueillir+un+nouveau&top_k=50"
    assert ZOE in said(told)
    person = f"/api/v1/topics?person={ZOE.replace(' ', '+')}"
    assert title in said(person)
    readers.visitor()
    for path in (
        told,
        "/?q=accueillir+un+nouveau",
        "/api/v1/search?q=accueillir+un+nouveau",
        "/practices/1",
        "/api/v1/practices/1",
        "/map",
        "/api/v1/map",
    ):
        assert ZOE not in said(path), path
    assert title not in said(person)


def test_one_click_on_a_page_that_is_found_closes_the_question(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    nadia = readers.person(NADIA)
    question = asked(services, asked_by=nadia.id)
    page = read(client, f"/questions/{question.id}")
    assert page.select_one("a[href*='action=edit'][href*='summary=']")
    press(client, page, "This page answers")
    assert services.store.questions.get(question.id).state == "answered"


def test_a_question_that_is_open_again_waits_for_who_was_asked(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    nadia = readers.person(NADIA, Role.COORDINATOR)
    question = asked(services, asked_by=nadia.id)
    ask, _ = services.store.asks.put(
        question.id, name=RUTH, wiki_user_id=9, asked_by=None, now=datetime.now(UTC)
    )
    page = press(client, read(client, f"/questions/{question.id}"), "This page answers")
    assert not services.store.asks.get(ask.id).waits
    press(client, page, "Open the question again")
    assert services.store.asks.get(ask.id).waits


@pytest.mark.parametrize("wish", [Wish(opted_out=True), Wish(paused=True)])
def test_who_does_not_want_to_be_asked_is_not_proposed_nor_named(
    client: FlaskClient, services: Services, readers: PutThere, wish: Wish
) -> None:
    question = asked(services)
    readers.person(NADIA)
    name, *_ = candidates(read(client, f"/questions/{question.id}"))
    number = services.asking.whom_to_ask(question, now=datetime.now(UTC))[0].person.user_id
    person = readers.person(name, number=number or 0)
    services.store.asks.put(question.id, name=name, wiki_user_id=number, asked_by=None, now=datetime.now(UTC))
    services.store.wishes.put(person.id, wish)
    readers.person(NADIA)
    page = read(client, f"/questions/{question.id}")
    assert name not in candidates(page)
    assert (name in words(page, "#people")) == (not wish.opted_out)
    other = asked(services, text="Comment accueillir quelqu’un ?")
    assert name not in candidates(read(client, f"/questions/{other.id}"))


def test_nobody_can_try_out_whether_somebody_who_is_left_out_was_asked(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    question = asked(services)
    ruth = readers.person(RUTH)
    now = datetime.now(UTC)
    services.store.asks.put(question.id, name=RUTH, wiki_user_id=ruth.wiki_user_id, asked_by=None, now=now)
    services.store.wishes.put(ruth.id, Wish(opted_out=True))
    readers.person(NADIA)
    page = read(client, "/questions/ask?q=x")
    token = page.select_one("input[name=csrf_token]")
    assert token
    told = []
    for name in (RUTH, "Nobody At All"):
        data = {"csrf_token": str(token["value"]), "person": name}
        client.post(f"/questions/{question.id}/asks", data=data)
        told.append(words(read(client, f"/questions/{question.id}")))
    assert told[0] == told[1]
    assert RUTH not in told[0]


def test_people_are_found_only_by_what_the_reader_may_read(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    question = asked(services)
    readers.person(NADIA, readable=only())
    assert candidates(read(client, f"/questions/{question.id}")) == []


def test_coordinators_take_the_open_questions_to_the_wiki(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    asked(services, text="Que faire de [[ceci]] et de '''cela''' ?")
    readers.person(NADIA)
    assert client.get("/questions/wiki-page").status_code == 403
    readers.person(RUTH, Role.COORDINATOR)
    assert read(client, "/questions").select_one("a[href='/questions/wiki-page']")
    page = read(client, "/questions/wiki-page")
    text = words(page, "textarea")
    assert "compagnon:questions:begin" in text
    assert "[[" not in text
    assert page.select_one("main form") is None
    values = {**services.config.values, "community.questions_page": "Projet:Questions"}
    services.config = Config(services.config.folder, values)
    page = read(client, "/questions/wiki-page")
    form = page.select_one("main form")
    assert form
    token = form.select_one("input[name=csrf_token]")
    assert token
    answer = client.post("/questions/wiki-page", data={"csrf_token": str(token["value"])})
    assert answer.status_code == 400
    assert "Give an account and a bot password" in words(soup(answer))


def test_searches_without_an_answer_are_counted_once_a_day_for_each_visitor(
    client: FlaskClient, services: Services, readers: PutThere
) -> None:
    def times() -> list[int]:
        later = datetime.now(UTC) + timedelta(seconds=1)
        return [each.times for each in services.store.unanswered_searches.often(now=later, limit=9)]

    for _ in range(3):
        read(client, "/?q=qsdfghjklm wxcvbn")
    assert times() == []  # once: nobody is told
    readers.person(NADIA)
    read(client, "/?q=Qsdfghjklm wxcvbn ?")
    assert times() == [2]
    readers.person(RUTH)
    read(client, "/?q=qsdfghjklm wxcvbn&status=tested")  # narrowed: no word on the wiki
    assert times() == [2]
    services.config = Config(
        services.config.folder, {**services.config.values, "community.keep_searches": False}
    )
    del services.__dict__["community_settings"]
    read(client, "/?q=qsdfghjklm wxcvbn")
    assert times() == [2]
    del services.__dict__["community_settings"]


@pytest.mark.parametrize(
    "text", ["\ufb2c" * 900, "\ufffd" * 5, "\u200b\u200b\u200b\u200b", "\x07\x07\x07\x07", "?!?!"]
)
def test_a_search_that_cannot_be_kept_is_answered_all_the_same(
    client: FlaskClient, services: Services, readers: PutThere, text: str
) -> None:
    """Composed, one sign becomes three; and some are none that a database keeps."""
    for member in (True, False):
        readers.person(NADIA) if member else readers.visitor()
        assert client.get("/", query_string={"q": text}).status_code in (200, 400)
    assert services.store.unanswered_searches.often(now=datetime.now(UTC), limit=9) == []
