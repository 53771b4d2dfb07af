"""From two lists of scores to one order of pages."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.fusion import fuse, rank_pages, weight_of_meaning

WORDS = {"1:a": 9.0, "2:a": 4.0, "3:a": 1.0}
MEANING = {"1:a": 0.1, "2:a": 0.5, "3:a": 0.9, "4:a": 0.4}


def order(fused: dict[str, float]) -> list[int]:
    return [page.pageid for page in rank_pages(fused)]


def test_a_weight_of_nothing_leaves_the_words_order() -> None:
    assert order(fuse(WORDS, MEANING, {}, weight=0)) == [1, 2, 3, 4]


def test_a_great_weight_leaves_the_meaning_s_order() -> None:
    assert order(fuse(WORDS, MEANING, {}, weight=100)) == [3, 2, 4, 1]


def test_both_weigh_in_standard_deviations() -> None:
    fused = fuse({"1:a": 2.0}, {"1:a": 0.0, "2:a": 1.0}, {}, weight=0.25)
    assert fused == {"1:a": pytest.approx(0.75), "2:a": pytest.approx(-0.75)}


def test_scores_that_are_all_the_same_say_nothing() -> None:
    assert fuse({}, {"1:a": 0.3, "2:a": 0.3}, {}, weight=0.5) == {"1:a": 0.0, "2:a": 0.0}
    assert fuse({}, {}, {}, weight=0.5) == {}


def test_a_page_of_many_passages_must_be_better_than_a_short_one() -> None:
    same = {"1:a": 0.4, "2:a": 0.4, "3:a": 0.1}
    assert order(fuse(same, same, {1: 40, 2: 1, 3: 1}, weight=1)) == [2, 1, 3]


def test_meaning_weighs_more_in_a_long_question() -> None:
    weights = [weight_of_meaning(0.5, words) for words in (1, 6, 10, 14, 90)]
    assert weights == [0.5, 0.5, pytest.approx(0.85), pytest.approx(1.2), pytest.approx(1.2)]
    assert weight_of_meaning(0.0, 90) == 0.0


def test_a_page_comes_once_by_its_best_passage() -> None:
    first, second = rank_pages({"1:a": 0.2, "2:a": 0.5, "1:b": 0.9, "1:c": -1.0})
    assert (first.pageid, first.score, first.chunk_ids) == (1, 0.9, ("1:b", "1:a", "1:c"))
    assert second.pageid == 2


def test_ties_have_one_order() -> None:
    assert order({"9:a": 1.0, "3:a": 1.0, "5:a": 1.0}) == [3, 5, 9]


@given(
    st.dictionaries(
        st.integers(1, 30).map(lambda n: f"{n}:x"),
        st.tuples(st.floats(0, 50), st.floats(-1, 1)),
        min_size=1,
        max_size=30,
    ),
    st.floats(0, 1),
)
def test_what_is_better_in_both_is_better_in_all(
    scores: dict[str, tuple[float, float]], weight: float
) -> None:
    fused = fuse(
        {i: w for i, (w, _) in scores.items()}, {i: m for i, (_, m) in scores.items()}, {}, weight=weight
    )
    assert all(math.isfinite(score) for score in fused.values())
    for a, (words_a, meaning_a) in scores.items():
        for b, (words_b, meaning_b) in scores.items():
            if words_a >= words_b and meaning_a >= meaning_b:
                assert fused[a] >= fused[b] - 1e-9
