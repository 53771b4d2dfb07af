"""How closely a passage's wording is that of a question."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.chunking import Chunk, Part
from search.wording import Likeness, Wording
from search.words import WordAnalyzer

ANALYZER = WordAnalyzer()


def likeness(question: str, text: str, *, title: str = "", heading: str = "") -> Likeness:
    words = ANALYZER.query(question, "fr")
    wording = Wording(words, analyzer=ANALYZER, frequencies={}, chunks=100)
    parts = (Part(0, heading, heading),)
    chunk = Chunk(title=title, heading=heading, text=text, language="fr", parts=parts)
    return wording.likeness([chunk])[0]


def test_words_of_one_family_are_alike_by_their_letters() -> None:
    family = likeness("la décantation de l’huile", "Laisser décanter l’huile une nuit.")
    stranger = likeness("la décantation de l’huile", "Laisser refroidir l’huile une nuit.")
    assert family.letters > stranger.letters > 0
    assert family.forms == stranger.forms


def test_accents_and_capitals_make_no_difference() -> None:
    assert likeness("déchèterie", "La DECHETERIE ouvre à neuf heures.").forms == 1.0


def test_the_form_that_was_asked_counts_and_not_the_stem() -> None:
    assert likeness("réparation", "Une réparation est gratuite.").forms == 1.0
    assert likeness("réparation", "Les réparations sont gratuites.").forms == 0.0


def test_neighbours_in_the_question_are_neighbours_in_the_passage() -> None:
    near = likeness("prêt de la remorque", "Le prêt d’une remorque se demande au bureau.")
    apart = likeness(
        "prêt de la remorque", "Le prêt se demande au bureau. Il y a aussi une vieille remorque."
    )
    backwards = likeness("prêt de la remorque", "La remorque, en prêt.")
    assert near.together == pytest.approx(0.5)
    assert apart.together == backwards.together == 0.0


def test_title_and_heading_hold_the_words() -> None:
    assert likeness("remorque", "Elle se demande au bureau.", title="Remorque").title == 1.0
    assert likeness("remorque", "Elle se demande au bureau.", heading="La remorque").title == 1.0
    assert likeness("remorque", "La remorque se demande.", title="Outils").title == 0.0


def test_a_rare_word_tells_more_than_a_frequent_one() -> None:
    words = ANALYZER.query("remorque bleue", "fr")
    frequent = {term: 90 for term in ANALYZER.stems_of("bleue")}
    wording = Wording(words, analyzer=ANALYZER, frequencies=frequent, chunks=100)
    parts = (Part(0, "", ""),)
    rare, common = wording.likeness(
        [Chunk(title="", heading="", text=text, language="fr", parts=parts) for text in ("remorque", "bleue")]
    )
    assert rare.forms > 4 * common.forms > 0


def test_a_longer_passage_does_not_win_by_its_length() -> None:
    short = likeness("tournesol", "Le tournesol aime le soleil.")
    long = likeness("tournesol", "Le tournesol aime le soleil. " + "Il faut de la patience. " * 60)
    assert short.letters > long.letters


@given(st.text(max_size=80), st.text(max_size=300))
def test_whatever_is_asked_and_written_the_shares_are_shares(question: str, text: str) -> None:
    found = likeness(question, text, title=text[:20])
    assert found.letters >= 0
    assert all(0 <= share <= 1 for share in (found.forms, found.together, found.title))
