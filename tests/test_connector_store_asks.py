"""Who was asked what: once each, counted once, ended with the question, and never twice for one ask."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest

from connector.errors import NotKeptError
from connector.model import Revision
from connector.store import Store
from connector.store.asks import LONGEST_NAME, AskLimit
from tests.builders import make_page

pytestmark = pytest.mark.usefixtures("each_database")

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
QUESTION = "Comment empêcher les poules de manger les semis ?"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "mirror.sqlite3") as store:
        yield store


def ask(store: Store, text: str = QUESTION) -> int:
    return store.questions.ask(text, language="fr", asked_by=None)[0].id


def put(store: Store, question_id: int, name: str, user_id: int | None = None, *, ago: int = 0) -> int:
    asked, _ = store.asks.put(
        question_id, name=name, wiki_user_id=user_id, asked_by=None, now=NOW - ago * DAY
    )
    return asked.id


def test_somebody_is_asked_a_question_once(store: Store) -> None:
    question = ask(store)
    first, new = store.asks.put(question, name=" Inès  Roux ", wiki_user_id=7, asked_by=None, now=NOW)
    assert new
    assert (first.name, first.state, first.waits, first.asked_at) == ("Inès Roux", "asked", True, NOW)
    again, new = store.asks.put(question, name="Inès R.", wiki_user_id=7, asked_by=None, now=NOW + DAY)
    assert (again, new) == (first, False)
    assert store.asks.get(first.id) == first
    assert store.asks.of_questions([question, 99]) == {question: [first], 99: []}


def test_two_who_ask_at_once_do_not_ask_somebody_once_too_often(store: Store) -> None:
    """Both were told that there is room for one more; each asks another question."""
    put(store, ask(store, "Une autre ?"), "Inès Roux", 7, ago=40)
    limit = AskLimit(most=3, since=NOW - 30 * DAY)
    questions = [ask(store, f"Question {number} ?") for number in range(6)]
    together = Barrier(len(questions))

    def one(question: int) -> bool:
        together.wait(timeout=20)
        try:
            store.asks.put(question, name="Inès Roux", wiki_user_id=7, asked_by=None, now=NOW, limit=limit)
        except NotKeptError:
            return False
        return True

    with ThreadPoolExecutor(len(questions)) as threads:
        kept = list(threads.map(one, questions))
    assert sum(kept) == 3
    # Who asks the same again is no more for it.
    again = questions[kept.index(True)]
    _, new = store.asks.put(again, name="Inès Roux", wiki_user_id=7, asked_by=None, now=NOW, limit=limit)
    assert not new


def test_only_an_open_question_is_asked(store: Store) -> None:
    question = ask(store)
    store.questions.close(question, state="withdrawn", closed_by=None)
    with pytest.raises(NotKeptError, match="no open question"):
        put(store, question, "Inès Roux")
    with pytest.raises(NotKeptError):
        put(store, 99, "Inès Roux")
    with pytest.raises(NotKeptError):
        store.asks.get(1)


@pytest.mark.parametrize("name", ["", "  ", "x" * (LONGEST_NAME + 1)])
def test_who_is_asked_has_a_name(store: Store, name: str) -> None:
    question = ask(store)
    with pytest.raises(ValueError, match="1 to 255"):
        put(store, question, name)


def test_what_was_taken_back_counts_nowhere(store: Store) -> None:
    question = ask(store)
    number = put(store, question, "Inès Roux", 7)
    assert store.asks.end(number, state="dropped", now=NOW)
    assert not store.asks.end(number, state="declined", now=NOW)
    assert store.asks.of_questions([question]) == {question: []}
    assert store.asks.of_person("Inès Roux", 7) == []
    assert store.asks.counts_since(NOW - DAY) == []
    assert put(store, question, "Inès Roux", 7) != number


def test_who_declined_was_asked_all_the_same_and_can_take_it_back(store: Store) -> None:
    question = ask(store)
    number = put(store, question, "Inès Roux", 7)
    assert store.asks.end(number, state="declined", now=NOW + DAY)
    kept = store.asks.get(number)
    assert (kept.state, kept.ended_at, kept.waits) == ("declined", NOW + DAY, False)
    assert [each.number for each in store.asks.counts_since(NOW - DAY)] == [1]
    assert put(store, question, "Inès Roux", 7) == number
    assert store.asks.take_back(number)
    assert store.asks.get(number).waits
    assert not store.asks.take_back(number)


def test_a_closed_question_waits_for_nobody_until_it_is_opened_again(store: Store) -> None:
    question = ask(store)
    ines, paul, zoe = (put(store, question, name) for name in ("Inès Roux", "Paul Lot", "Zoé Ba"))
    store.asks.end(zoe, state="declined", now=NOW)
    store.asks.settle(question, now=NOW + DAY, answered_by=("Inès Roux", 7))
    assert [store.asks.get(each).state for each in (ines, paul, zoe)] == ["answered", "asked", "declined"]
    assert [store.asks.get(each).waits for each in (ines, paul, zoe)] == [False, False, False]
    store.asks.resume(question)
    assert [store.asks.get(each).waits for each in (ines, paul, zoe)] == [False, True, False]


def test_asks_are_counted_by_person_whatever_they_are_called(store: Store) -> None:
    first, second, third = (ask(store, f"Question {number}") for number in range(3))
    put(store, first, "Ines Roux", 7, ago=3)
    put(store, second, "Inès Roux", 7, ago=2)
    put(store, third, "inès roux", ago=1)
    put(store, third, "Paul Lot", ago=31)
    counts = store.asks.counts_since(NOW - 30 * DAY)
    assert [(each.wiki_user_id, each.number, each.last_at) for each in counts] == [(7, 3, NOW - DAY)]
    assert len(store.asks.counts_since(NOW - 40 * DAY)) == 2
    assert store.asks.last_asked() == {7: NOW - DAY, "paul lot": NOW - 31 * DAY}


def test_a_request_on_the_talk_page_that_is_kept_here_too_is_one(store: Store) -> None:
    title = "User talk:Inès Roux"
    store.pages.put_many([make_page(50, title, namespace=3)])
    written = (("Paul Lot", 8, 5), ("Zoé Ba", 9, 3), ("Inès Roux", 7, 2))
    store.revisions.put_many(
        Revision(revid=500 + days, pageid=50, user=user, user_id=number, timestamp=NOW - days * DAY)
        for user, number, days in written
    )
    put(store, ask(store), "Inès Roux", 7, ago=5)
    since = NOW - 30 * DAY
    load = store.asks.load_of("Inès Roux", 7, since=since, user_talk_title=title)
    assert load == [NOW - 5 * DAY, NOW - 3 * DAY]
    assert store.asks.load_of("Inès Roux", 7, since=since) == [NOW - 5 * DAY]
    assert store.asks.load_of("Inès Roux", 7, since=NOW - DAY, user_talk_title=title) == []


def test_asks_go_with_their_question_or_by_hand(store: Store) -> None:
    number = put(store, ask(store), "Inès Roux", 7)
    other = put(store, ask(store, "Question 2"), "Paul Lot")
    assert [each.id for each in store.asks.all()] == [number, other]
    assert store.asks.forget([number]) == 1
    assert [each.id for each in store.asks.all()] == [other]
