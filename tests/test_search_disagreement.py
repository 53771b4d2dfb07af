"""Whether two sentences give opposite advice, against what a person says of invented pairs."""

from collections.abc import Sequence

import pytest

from search.disagreement import Statement, Why, disagreement
from search.language import Language
from search.words import WordAnalyzer
from tests.disagreement_pairs import SEEN, UNSEEN, Pair

ANALYZER = WordAnalyzer()


def judged(left: str, right: str, language: Language = "fr") -> Why | None:
    one, other = (Statement(text, language, ANALYZER) for text in (left, right))
    if not (one.is_advice and other.is_advice):
        return None
    found = disagreement(one, other, weight=lambda _: 1.0)
    return None if found is None else found[0]


def found_and_right(pairs: Sequence[Pair]) -> tuple[float, float]:
    """Precision and recall."""
    hits = [pair for pair in pairs if judged(pair.left, pair.right, pair.language)]
    right = sum(pair.disagree for pair in hits)
    return right / len(hits), right / sum(pair.disagree for pair in pairs)


@pytest.mark.parametrize("pairs", [SEEN, UNSEEN], ids=["seen", "unseen"])
def test_what_is_put_before_a_person_is_nearly_always_one(pairs: Sequence[Pair]) -> None:
    assert len(pairs) >= 30
    precision, recall = found_and_right(pairs)
    assert precision >= 0.95
    assert recall >= 0.8


def test_it_does_not_matter_which_comes_first() -> None:
    for pair in (*SEEN, *UNSEEN):
        assert judged(pair.left, pair.right, pair.language) == judged(pair.right, pair.left, pair.language)


@pytest.mark.parametrize(
    ("left", "right", "why"),
    [
        ("Salez la pâte avant la levée.", "Ne salez pas la pâte avant la levée.", "negation"),
        ("Salez la pâte avant la levée.", "Salez la pâte après la levée.", "opposite"),
        ("La pâte lève pendant 2 heures.", "La pâte lève pendant 40 minutes.", "amount"),
        ("La pâte lève pendant 2 heures.", "La pâte lève pendant 120 minutes.", None),
        ("Le fournil chauffe le mardi.", "Le fournil chauffe le vendredi.", "day"),
        ("Salez la pâte avant la levée.", "Salez la pâte avant la levée.", None),
        ("Faut-il saler la pâte ?", "Ne salez pas la pâte.", None),
    ],
)
def test_what_they_disagree_by_is_told(left: str, right: str, why: Why | None) -> None:
    assert judged(left, right) == why


def test_two_languages_are_not_compared() -> None:
    left = Statement("Salez la pâte avant la levée.", "fr", ANALYZER)
    right = Statement("Never salt the dough before the rise.", "en", ANALYZER)
    assert disagreement(left, right, weight=lambda _: 1.0) is None
