"""The community's list: what nobody has answered, asked once, closed once, and nobody's when they go."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, insert

from connector.errors import NotKeptError
from connector.store import Store
from connector.store.engine import writing
from connector.store.questions import LONGEST_QUESTION
from connector.store.schema_people import account

pytestmark = pytest.mark.usefixtures("each_database")

FOLDER_NAME = "mirror.sqlite3"
QUESTION = "Où garer un vélo-cargo ?"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / FOLDER_NAME) as store:
        yield store


@pytest.fixture
def nadia(store: Store, tmp_path: Path) -> int:
    """The account of somebody who has signed in."""
    now = datetime.now(UTC)
    row = {"wiki_user_id": 7, "name": "Nadia Ould", "groups": [], "told_at": now, "created_at": now}
    engine = store._engine
    with writing(engine, "preparing") as connection:
        number = connection.execute(insert(account).values(**row, seen_at=now).returning(account.c.id))
        return int(number.scalar_one())


def ask(store: Store, text: str = QUESTION, *, asked_by: int | None = None) -> int:
    return store.questions.ask(text, language="fr", asked_by=asked_by)[0].id


def test_a_question_says_who_asked_it_and_when(store: Store, nadia: int) -> None:
    asked, new = store.questions.ask(f"  {QUESTION}\n", language="fr", asked_by=nadia)
    assert new
    assert store.questions.get(asked.id) == asked
    assert (asked.text, asked.state, asked.language) == (QUESTION, "open", "fr")
    assert (asked.asked_by, asked.asker) == (nadia, "Nadia Ould")
    assert abs((datetime.now(UTC) - asked.asked_at).total_seconds()) < 60
    assert (asked.closed_at, asked.answer_pageid) == (None, None)


@pytest.mark.parametrize(
    "again", ["où garer un VÉLO-CARGO", "Où  garer un vélo-cargo?!", "Où garer un vélo-cargo…"]
)
def test_the_same_question_twice_is_one(store: Store, nadia: int, again: str) -> None:
    first = ask(store, asked_by=nadia)
    asked, new = store.questions.ask(again, language="en", asked_by=None)
    assert not new
    assert (asked.id, asked.text, asked.asked_by) == (first, QUESTION, nadia)
    assert store.questions.counts() == {"open": 1, "answered": 0, "withdrawn": 0}


def test_other_words_are_another_question(store: Store) -> None:
    assert ask(store) != ask(store, "Où garer un vélo ?")


@pytest.mark.parametrize("text", ["", " ?! ", "x" * (LONGEST_QUESTION + 1)])
def test_a_question_has_words_and_an_end(store: Store, text: str) -> None:
    with pytest.raises(ValueError, match="1 to 1,000 characters"):
        ask(store, text)
    assert ask(store, "x" * LONGEST_QUESTION)


def test_the_list_is_read_by_the_newest_in_parts(store: Store, nadia: int) -> None:
    numbers = [
        ask(store, f"Question {number}", asked_by=nadia if number == 2 else None) for number in range(5)
    ]
    store.questions.close(numbers[3], state="withdrawn", closed_by=None)

    def shown(**wanted: object) -> list[int]:
        return [each.id for each in store.questions.list(**wanted)]  # type: ignore[arg-type]

    assert shown(limit=3) == [numbers[4], numbers[3], numbers[2]]
    assert shown(limit=3, offset=3) == [numbers[1], numbers[0]]
    assert shown(state="open", limit=2, offset=1) == [numbers[2], numbers[1]]
    assert shown(state="withdrawn", limit=9) == [numbers[3]]
    assert shown(asked_by=nadia, limit=9) == [numbers[2]]


def test_a_question_is_answered_by_a_page_once(store: Store, nadia: int) -> None:
    number = ask(store)
    assert store.questions.close(number, state="answered", closed_by=nadia, answer_pageid=12)
    answered = store.questions.get(number)
    assert (answered.state, answered.answer_pageid, answered.closed_by) == ("answered", 12, nadia)
    assert answered.closed_at
    assert not store.questions.close(number, state="withdrawn", closed_by=None), "somebody was quicker"
    assert store.questions.get(number) == answered
    assert store.questions.ask(QUESTION, language="fr", asked_by=None) == (answered, False)


def test_what_was_closed_can_be_opened_again(store: Store) -> None:
    number = ask(store)
    assert not store.questions.reopen(number)
    store.questions.close(number, state="answered", closed_by=None, answer_pageid=12)
    assert store.questions.reopen(number)
    again = store.questions.get(number)
    assert (again.state, again.closed_at, again.answer_pageid) == ("open", None, None)


def test_what_was_withdrawn_and_is_asked_again_is_of_who_asks_now_and_the_newest(
    store: Store, nadia: int
) -> None:
    number = ask(store)
    other = ask(store, "Une autre question ?")
    store.questions.close(number, state="withdrawn", closed_by=None)
    asked, new = store.questions.ask(QUESTION.upper(), language="fr", asked_by=nadia)
    assert new
    assert (asked.id, asked.state, asked.asker, asked.closed_at) == (number, "open", "Nadia Ould", None)
    assert [each.id for each in store.questions.list(limit=9)] == [number, other]


def test_a_question_outlives_the_account_and_is_nobodys_then(
    store: Store, nadia: int, tmp_path: Path
) -> None:
    number = ask(store, asked_by=nadia)
    engine = store._engine
    with writing(engine, "erasing an account") as connection:
        connection.execute(delete(account).where(account.c.id == nadia))
    asked = store.questions.get(number)
    assert (asked.asked_by, asked.asker, asked.text) == (None, "", QUESTION)


def test_there_is_no_question_that_was_never_asked(store: Store) -> None:
    for wrong in (
        lambda: store.questions.get(1),
        lambda: store.questions.close(1, state="withdrawn", closed_by=None),
        lambda: store.questions.reopen(1),
    ):
        with pytest.raises(NotKeptError, match="no question 1"):
            wrong()


def test_a_name_in_questions_is_rewritten_and_leaves_no_trace(store: Store, tmp_path: Path) -> None:
    first, second = ask(store, "Que sait Zéphyrine ?"), ask(store, "Que sait ZÉPHYRINE du four ?")
    other = ask(store)
    hidden = store.questions.reword(lambda text: text if text == QUESTION else "Que sait une personne ?")
    assert hidden == 2
    assert {store.questions.get(each).text for each in (first, second)} == {"Que sait une personne ?"}
    assert store.questions.get(other).text == QUESTION
    assert store.scrub()
    for path in tmp_path.iterdir():
        assert "Zéphyrine".encode() not in path.read_bytes(), path.name
    assert store.questions.ask(QUESTION, language="fr", asked_by=None)[0].id == other
