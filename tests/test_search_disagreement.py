"""Whether two sentences give opposite advice, against what a person says of invented pairs."""

from collections.abc import Sequence

import pytest

from search.disagreement import Why, disagreement
from search.language import Language
from search.statement import Statement
from search.words import WordAnalyzer
from tests.disagreement_pairs import FRESH, HELD, SEEN, UNSEEN, Pair

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


@pytest.mark.parametrize("pairs", [SEEN, UNSEEN, FRESH], ids=["seen", "unseen", "fresh"])
def test_what_is_put_before_a_person_is_nearly_always_one(pairs: Sequence[Pair]) -> None:
    assert len(pairs) >= 30
    precision, recall = found_and_right(pairs)
    assert precision >= 0.95
    assert recall >= 0.8


def test_near_misses_that_no_rule_was_made_for_are_mostly_left_alone() -> None:
    assert len(HELD) >= 30
    precision, recall = found_and_right(HELD)
    assert precision >= 0.8
    assert recall >= 0.65


def test_it_does_not_matter_which_comes_first() -> None:
    for pair in (*SEEN, *UNSEEN, *FRESH, *HELD):
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


@pytest.mark.parametrize(
    ("left", "right", "language"),
    [
        # A "not" in a clause that says which things are meant.
        (
            "Lavez les pots que vous ne videz pas tout de suite.",
            "Videz et lavez les pots tout de suite.",
            "fr",
        ),
        ("Turn off the lathes that you do not use.", "Use the lathes and turn them off.", "en"),
        # In a purpose, in a condition that is the contrary, beside a word of degree.
        ("Salez la pâte pour qu’elle ne lève pas trop vite.", "Salez la pâte : elle lève trop vite.", "fr"),
        ("Stir the glue so that it does not set.", "Stir the glue: it does set.", "en"),
        ("Ouvrez la vanne si la cuve est pleine.", "Fermez la vanne si la cuve n’est pas pleine.", "fr"),
        ("The treasurer does not sign big cheques alone.", "The treasurer signs big cheques.", "en"),
        # Another thing in the same place, though its word is in the other sentence too; "et non" is "et pas".
        (
            "A guest cabin can be shared across different deck rooms.",
            "The deck cabin cannot be shared across deck rooms.",
            "en",
        ),
        (
            "Le tour de table du soir est un échange et non un vote.",
            "Le tour de table du soir est un échange et pas un vote.",
            "fr",
        ),
        # Both are possible; there is room between the bounds.
        ("Vous pouvez peindre la coque avant le mât.", "Vous pouvez peindre la coque après le mât.", "fr"),
        ("A crew has at least 3 sailors.", "A crew has at most 6 sailors.", "en"),
        # Another version, another number of people, a line of a programme, fields, a title, a command.
        ("In version 2 the pump starts by itself.", "In version 3 the pump does not start by itself.", "en"),
        (
            "À 10 personnes, le jeu du miroir dure 20 minutes.",
            "À 30 personnes, le jeu du miroir dure 1 heure.",
            "fr",
        ),
        ("1. (30 min) Ask the crew to draw the map.", "3. (40 min) Ask the crew to draw the map.", "en"),
        ("Lower room: open - Upper room: big", "Lower room: closed - Upper room: big", "en"),
        ("Pump design changes", "No changes of the pump design.", "en"),
        (
            "Run the date tool with -d on Monday each week.",
            "Run the date tool with -d on Friday each week.",
            "en",
        ),
        # What happened, and what a program has become.
        ("La cale fermait le mardi matin.", "La cale ferme le jeudi matin.", "fr"),
        ("14022 - the pump does not stop in a storm", "The pump does stop in a storm.", "en"),
        (
            "Ajout de la fermeture du hublot avant la pluie.",
            "La fermeture du hublot se fait après la pluie.",
            "fr",
        ),
    ],
)
def test_two_cases_are_no_disagreement(left: str, right: str, language: Language) -> None:
    assert judged(left, right, language) is None


@pytest.mark.parametrize(
    ("left", "right", "language"),
    [
        ("Vérifiez que la vanne n’est pas ouverte.", "Vérifiez que la vanne est ouverte la nuit.", "fr"),
        (
            "Make sure that the hatch is not locked at sea.",
            "Make sure that the hatch is locked at sea.",
            "en",
        ),
        ("A crew has at least 6 sailors.", "A crew has at most 3 sailors.", "en"),
        ("Issue a badge to each visitor.", "Do not issue a badge to each visitor.", "en"),
        ("500 g de farine suffisent pour le levain.", "900 g de farine suffisent pour le levain.", "fr"),
        ("Le skipper devrait signer le carnet.", "Le skipper ne devrait pas signer le carnet.", "fr"),
        ("Wait three days before the second coat.", "Wait two weeks before the second coat.", "en"),
    ],
)
def test_what_only_looks_like_two_cases_is_found(left: str, right: str, language: Language) -> None:
    assert judged(left, right, language) is not None


def test_two_languages_are_not_compared() -> None:
    left = Statement("Salez la pâte avant la levée.", "fr", ANALYZER)
    right = Statement("Never salt the dough before the rise.", "en", ANALYZER)
    assert disagreement(left, right, weight=lambda _: 1.0) is None
