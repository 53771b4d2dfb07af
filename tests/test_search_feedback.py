"""Which questions of members an exam asks: those that a page helped with, of pages that can be found."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.store import Store
from search.exam_questions import Kind
from search.feedback import member_questions
from search.language import Language, LanguageDetector
from tests.builders import make_page, make_store

DETECTOR = LanguageDetector()
LANGUAGES: dict[int, Language] = {1: "fr", 2: "fr", 3: "en"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    pages = [make_page(number, f"Fiche {number}") for number in (1, 2, 3, 4)]
    with make_store(tmp_path, pages) as made:
        yield made


def asked(store: Store, *, seed: int = 1, most: int = 10) -> dict[str, int]:
    found = member_questions(store, languages=LANGUAGES, detector=DETECTOR, seed=seed, most=most)
    assert all(question.kind is Kind.MEMBER and not question.sources for question in found)
    return {question.text: question.pageid for question in found}


def test_a_page_that_helped_is_what_a_question_asks_for(store: Store) -> None:
    judge = store.hit_feedback.judge
    judge(1, "Comment purger un radiateur ?", "helped")
    judge(2, "Comment purger un radiateur ?", "helped")
    judge(2, "comment purger un radiateur", "helped")
    judge(3, "Who lends a ladder to the members?", "helped")
    judge(1, "Où est la clé ?", "not_helped")
    judge(2, "Une échelle ?", "helped")
    judge(2, "Une échelle ?", "not_helped")
    judge(4, "Ce que l’on ne trouve pas", "helped")  # the index does not have the page
    assert asked(store) == {"Comment purger un radiateur ?": 2, "Who lends a ladder to the members?": 3}
    languages = {
        question.pageid: question.language
        for question in member_questions(store, languages=LANGUAGES, detector=DETECTOR, seed=1)
    }
    assert languages == {2: "fr", 3: "en"}


def test_verdicts_go_with_their_page(store: Store) -> None:
    store.hit_feedback.judge(1, "Comment purger un radiateur ?", "helped")
    store.pages.delete([1])
    assert asked(store) == {}


def test_of_many_questions_some_are_drawn_the_same_each_time(store: Store) -> None:
    for number in range(30):
        store.hit_feedback.judge(1, f"Question numéro {number} sur le radiateur", "helped")
    some = asked(store, most=5)
    assert len(some) == 5
    assert asked(store, most=5) == some
    assert asked(store, seed=2, most=5) != some
