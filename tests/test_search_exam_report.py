"""The measures of an exam, how one is kept, and when one is worse than another."""

import json
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from connector.errors import SearchError
from search.exam_questions import Kind
from search.exam_report import (
    AskedQuestion,
    ExamReport,
    Method,
    compare,
    from_dict,
    measure,
    results,
    to_dict,
)
from search.language import Language


def asked(
    number: int, rank: int, *, kind: Kind = Kind.HEADING, language: Language = "fr", wiki: int | None = None
) -> AskedQuestion:
    ranks = {Method.OURS: rank, Method.WORDS: 2, Method.MEANING: 0}
    if wiki is not None:
        ranks[Method.WIKI] = wiki
    return AskedQuestion(digest=f"{number:024d}", kind=kind, language=language, ranks=ranks)


def report(questions: Sequence[AskedQuestion]) -> ExamReport:
    return ExamReport(
        taken_at=datetime(2026, 3, 2, 9, tzinfo=UTC),
        seed=1,
        version="0.1.0",
        model="hashing@1",
        chunker=2,
        pages=40,
        chunks=90,
        questions=tuple(questions),
    )


def exam(ranks: Sequence[int], *, first: int = 0, language: Language = "fr") -> ExamReport:
    return report([asked(first + number, rank, language=language) for number, rank in enumerate(ranks)])


def test_measures_are_those_of_one_right_page() -> None:
    found = measure([1, 2, 0, 4])
    assert (found.hit_at_1, found.hit_at_10) == (0.25, 0.75)
    assert found.mrr == pytest.approx((1 + 1 / 2 + 1 / 4) / 4)
    assert found.ndcg_at_10 == pytest.approx((1 + 1 / math.log2(3) + 1 / math.log2(5)) / 4)
    assert measure([0, 0]).ndcg_at_10 == 0


def test_results_come_by_language_and_by_kind() -> None:
    groups = results(
        report(
            [
                asked(1, 1, kind=Kind.LINK, wiki=1),
                asked(2, 0, kind=Kind.LINK, language="en", wiki=0),
                asked(3, 2, kind=Kind.HEADING),
            ]
        )
    )
    told = {(group.language, group.kind): group for group in groups}
    assert [group.questions for group in groups if group.kind is None] == [3, 1, 2]
    assert groups[0].language is None
    assert told["fr", None].measures[Method.OURS].mrr == 0.75
    assert told[None, Kind.LINK].measures[Method.WIKI].hit_at_1 == 0.5
    # It was not asked the heading: beside the others its figures would mislead.
    assert Method.WIKI not in told[None, None].measures
    assert told["en", Kind.LINK].measures[Method.OURS].hit_at_10 == 0
    assert ("en", Kind.HEADING) not in told
    assert results(report([])) == []


def test_a_report_is_read_as_it_was_written() -> None:
    taken = report([asked(1, 3, kind=Kind.LINK, wiki=0), asked(2, 0, language="en")])
    assert from_dict(json.loads(json.dumps(to_dict(taken)))) == taken


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"questions": None},
        {"questions": [{"id": "a", "kind": "heading", "language": "fr", "ranks": {"words": 1}}]},
        {"questions": [{"id": "a", "kind": "heading", "language": "fr", "ranks": {"ours": 11}}]},
        {"questions": [{"id": "a", "kind": "poem", "language": "fr", "ranks": {"ours": 1}}]},
        {"taken_at": "yesterday"},
        {"seed": float("inf")},
        {"pages": float("-inf")},
    ],
)
def test_what_is_no_saved_exam_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(SearchError, match="exam"):
        from_dict(to_dict(exam([1])) | change)


@pytest.mark.parametrize("value", [None, [], "exam", {}, 3])
def test_what_is_no_report_at_all_is_refused(value: object) -> None:
    with pytest.raises(SearchError, match="no exam"):
        from_dict(value)


def test_the_same_exam_is_no_worse() -> None:
    [change] = compare(exam([1, 2, 0, 1] * 20), exam([1, 2, 0, 1] * 20))
    assert (change.difference, change.low, change.high) == (0, 0, 0)
    assert change.paired
    assert not change.worse


def test_many_pages_that_fall_are_a_loss() -> None:
    before = exam([1] * 60 + [3] * 60)
    [change] = compare(before, exam([2] * 20 + [1] * 40 + [3] * 60))
    assert change.difference == pytest.approx(-20 * 0.5 / 120)
    assert change.worse
    assert change.low <= change.difference <= change.high < 0


def test_one_page_that_falls_may_be_chance() -> None:
    [change] = compare(exam([1] * 120), exam([0] + [1] * 119))
    assert change.difference < -0.005
    assert not change.worse


def test_a_sure_but_tiny_loss_is_none() -> None:
    [change] = compare(exam([9] * 120), exam([10] * 40 + [9] * 80))
    assert change.high < 0
    assert not change.worse


def test_what_rises_is_no_loss() -> None:
    [change] = compare(exam([2] * 100), exam([1] * 100))
    assert change.low > 0
    assert not change.worse


def test_other_questions_show_large_losses_only() -> None:
    before = exam([1, 2, 1, 1] * 40)
    [small] = compare(before, exam([1, 2, 1, 2] * 40, first=1_000))
    [large] = compare(before, exam([0, 5, 2, 3] * 40, first=1_000))
    assert not small.paired
    assert not large.paired
    assert large.worse
    assert large.high < 0
    # Asked question by question the same difference is beyond doubt.
    [paired] = compare(before, exam([1, 2, 1, 2] * 40))
    assert paired.worse
    assert paired.high - paired.low < small.high - small.low


def test_only_what_both_exams_asked_is_compared() -> None:
    before = exam([1] * 60)
    [change] = compare(before, exam([0] * 20 + [1] * 60, first=-20))
    assert change.questions == 60
    assert (change.before, change.now, change.worse) == (1, 1, False)


def test_a_language_may_lose_alone() -> None:
    french = [asked(n, 1) for n in range(200)]
    english = [asked(1_000 + n, 1, language="en") for n in range(40)]
    lost = [asked(1_000 + n, 0 if n < 15 else 1, language="en") for n in range(40)]
    gained = [asked(n, 1) for n in range(200)]
    changes = {c.language: c for c in compare(report(french + english), report(gained + lost))}
    assert list(changes) == [None, "en", "fr"]
    assert changes["en"].worse
    assert not changes["fr"].worse


def test_an_exam_without_questions_cannot_be_compared() -> None:
    with pytest.raises(SearchError, match="too small"):
        compare(exam([]), exam([1]))


def test_what_members_asked_is_in_no_other_group_and_no_comparison() -> None:
    own = [asked(number, 1) for number in range(30)]
    members = [asked(100 + number, 0, kind=Kind.MEMBER) for number in range(30)]
    groups = {(group.language, group.kind): group for group in results(report([*own, *members]))}
    assert groups[None, None].measures[Method.OURS].mrr == 1
    assert groups["fr", None].questions == groups["fr", Kind.MEMBER].questions == 30
    assert groups[None, Kind.MEMBER].measures[Method.OURS].mrr == 0
    [change] = compare(report(own), report([*own, *members]))
    assert (change.questions, change.difference, change.worse) == (30, 0, False)
    with pytest.raises(SearchError, match="without questions"):
        compare(report(own), report(members))
    assert from_dict(json.loads(json.dumps(to_dict(report(members))))) == report(members)
