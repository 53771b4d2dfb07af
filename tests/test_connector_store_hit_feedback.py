"""What helped: counts per page and question, without who; they go with the page."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.errors import PageNotFoundError
from connector.store import Store
from connector.store import hit_feedback as feedback
from connector.store.hit_feedback import HitVerdict
from tests.builders import make_page

pytestmark = pytest.mark.usefixtures("each_database")

FOLDER_NAME = "mirror.sqlite3"
FORGE, ANVIL = 1, 2
QUESTION = "Comment allumer la forge ?"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / FOLDER_NAME) as store:
        store.pages.put_many([make_page(FORGE, "Forge", "La forge."), make_page(ANVIL, "Enclume")])
        yield store


def counts(store: Store) -> list[tuple[int, str, int, int]]:
    return [(each.pageid, each.question, each.helped, each.not_helped) for each in store.hit_feedback.all()]


def test_verdicts_are_counted_by_page_and_question(store: Store) -> None:
    for pageid, question, verdict in [
        (FORGE, QUESTION, "helped"),
        (FORGE, "comment allumer  la forge", "helped"),
        (FORGE, QUESTION, "not_helped"),
        (ANVIL, QUESTION, "not_helped"),
        (FORGE, "Où est la forge ?", "helped"),
    ]:
        said: HitVerdict = "helped" if verdict == "helped" else "not_helped"
        store.hit_feedback.judge(pageid, question, said)
    assert counts(store) == [
        (FORGE, QUESTION, 2, 1),
        (FORGE, "Où est la forge ?", 1, 0),
        (ANVIL, QUESTION, 0, 1),
    ]


def test_who_changes_their_mind_counts_once(store: Store) -> None:
    store.hit_feedback.judge(FORGE, QUESTION, "helped")
    store.hit_feedback.judge(FORGE, QUESTION, "not_helped", before="helped")
    assert counts(store) == [(FORGE, QUESTION, 0, 1)]


def test_a_verdict_that_was_forgotten_is_not_taken_back_from_others(store: Store) -> None:
    store.hit_feedback.judge(FORGE, QUESTION, "not_helped", before="helped")
    assert counts(store) == [(FORGE, QUESTION, 0, 1)]


def test_nothing_is_kept_of_a_page_that_is_not_there(store: Store) -> None:
    with pytest.raises(PageNotFoundError, match="no page 99"):
        store.hit_feedback.judge(99, QUESTION, "helped")
    assert counts(store) == []


@pytest.mark.parametrize("question", [" ", "x" * 1_001])
def test_nothing_is_kept_of_what_is_no_question(store: Store, question: str) -> None:
    with pytest.raises(ValueError, match="1 to 1,000"):
        store.hit_feedback.judge(FORGE, question, "helped")


def test_it_goes_with_the_page_and_leaves_no_trace(store: Store, tmp_path: Path) -> None:
    store.hit_feedback.judge(FORGE, "Que fait Zéphyrine ?", "helped")
    store.hit_feedback.judge(ANVIL, QUESTION, "helped")
    store.pages.delete([FORGE])
    assert counts(store) == [(ANVIL, QUESTION, 1, 0)]
    assert store.scrub()
    for path in tmp_path.iterdir():
        assert "Zéphyrine".encode() not in path.read_bytes(), path.name


def test_of_a_page_that_is_judged_for_too_many_questions_the_oldest_are_forgotten(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feedback, "MOST_QUESTIONS", 3)
    for number in range(5):
        store.hit_feedback.judge(FORGE, f"Question {number}", "helped")
    store.hit_feedback.judge(ANVIL, QUESTION, "helped")
    kept = [each.question for each in store.hit_feedback.all()]
    assert kept == ["Question 2", "Question 3", "Question 4", QUESTION]


def test_a_name_in_questions_is_rewritten_and_those_that_become_one_are_one(
    store: Store, tmp_path: Path
) -> None:
    store.hit_feedback.judge(FORGE, "Que sait Zéphyrine ?", "helped")
    store.hit_feedback.judge(FORGE, "Que sait Zéphyrine Adam ?", "not_helped")
    store.hit_feedback.judge(FORGE, QUESTION, "helped")
    hidden = store.hit_feedback.reword(
        lambda text: text.replace("Zéphyrine Adam", "[…]").replace("Zéphyrine", "[…]")
    )
    assert hidden == 2
    assert counts(store) == [(FORGE, "Que sait […] ?", 1, 1), (FORGE, QUESTION, 1, 0)]
    assert store.scrub()
    for path in tmp_path.iterdir():
        assert "Zéphyrine".encode() not in path.read_bytes(), path.name
