"""Answers quoted from passages: which sentences, and when none."""

from collections.abc import Mapping, Sequence

import pytest

from search.answer_sentences import LONGEST_SENTENCE, answer_units, expected_kind, shown
from search.answers import Answer, ExtractiveAnswerer, Passage, passages_of
from search.chunking import Chunk, Part
from search.words import WordAnalyzer
from tests.builders import HashingEmbedder


def passage(
    text: str,
    *,
    pageid: int = 1,
    title: str = "Atelier",
    section: str = "",
    score: float = 0.8,
    language: str = "fr",
) -> Passage:
    return Passage(
        pageid=pageid,
        revid=100 * pageid,
        title=title,
        url=f"https://wiki.example.org/wiki/{pageid}",
        section=section,
        anchor=section,
        language=language,
        text=text,
        score=score,
    )


def ask(question: str, *passages: Passage, language: str = "fr") -> Answer | None:
    answerer = ExtractiveAnswerer(analyzer=WordAnalyzer(), embedder=HashingEmbedder())
    return answerer.answer(question, language=language, passages=passages)


def texts(answer: Answer | None) -> list[str]:
    assert answer is not None
    return [sentence.text for sentence in answer.sentences]


RESERVATION = passage(
    "La salle Jeanne-Martel accueille quarante personnes. Elle se réserve deux semaines avant la réunion. "
    "Le ménage est fait le vendredi. Un projecteur est rangé dans l’armoire grise.",
    title="Salle de réunion",
    section="Réservation",
)
GARDEN = passage(
    "Le potager est arrosé le soir. Chacun note ce qu’il sème.", pageid=2, title="Potager", score=0.3
)


def test_the_sentences_that_answer_are_quoted_with_their_page_and_section() -> None:
    answer = ask("Où est rangé le projecteur ?", RESERVATION, GARDEN)
    assert answer is not None
    assert not answer.written
    assert answer.language == "fr"
    assert "Un projecteur est rangé dans l’armoire grise." in texts(answer)
    assert 1 <= len(answer.sentences) <= 3
    for sentence in answer.sentences:
        (source,) = sentence.sources
        assert sentence.text in source.text
    assert answer.sentences[-1].sources[0].section == "Réservation"


def test_a_sentence_that_begins_with_a_pronoun_comes_after_the_one_before() -> None:
    found = texts(
        ask("Quand se réserve la salle de réunion, combien de semaines avant ?", RESERVATION, GARDEN)
    )
    place = found.index("Elle se réserve deux semaines avant la réunion.")
    assert found[place - 1] == "La salle Jeanne-Martel accueille quarante personnes."


def test_english_is_quoted_as_well() -> None:
    page = passage(
        "The tool library lends drills and saws. Members return a tool within ten days. "
        "The cupboard is locked at night.",
        title="Tool library",
        language="en",
    )
    found = ask("Within how many days do members return a tool?", page, language="en")
    assert "Members return a tool within ten days." in texts(found)
    assert found is not None
    assert found.language == "en"


def test_nothing_is_answered_where_nothing_says_enough() -> None:
    assert ask("Comment déclarer ses impôts ?", RESERVATION, GARDEN) is None


@pytest.mark.parametrize("question", ["", "?", "de la", "\0", "🙂", "\u202ex" * 40, "a" * 10_000])
def test_a_question_that_says_nothing_has_no_answer(question: str) -> None:
    assert ask(question, RESERVATION) is None


def test_without_passages_or_without_sentences_there_is_no_answer() -> None:
    assert ask("Où est le projecteur ?") is None
    assert (
        ask("Où est le projecteur ?", passage(""), passage("\n\n- \n"), passage("← Retour aux projecteurs"))
        is None
    )


def test_what_two_passages_say_is_quoted_once() -> None:
    copy = passage(
        "Un projecteur est rangé dans l’armoire grise. Un projecteur est rangé dans l’armoire grise !",
        pageid=3,
        title="Matériel",
    )
    found = texts(ask("Où est rangé le projecteur ?", RESERVATION, copy))
    assert sum("projecteur" in text for text in found) == 1


def test_the_kind_of_answer_that_is_asked_for_decides_between_sentences_alike() -> None:
    page = passage(
        "La réunion de rentrée a lieu dans la grande salle du premier étage. "
        "La réunion de rentrée a lieu le 12 septembre avec les membres."
    )
    when = texts(ask("Quand a lieu la réunion de rentrée ?", page))
    assert any("12 septembre" in text for text in when)
    kinds = {
        "Quand ouvre l’atelier ?": "le 3 mars",
        "How many people come?": "forty people",
        "Combien de temps dure la visite ?": "deux heures",
        "Combien coûte l’adhésion ?": "15 €",
        "Qui a les clés ?": "chez Camille",
    }
    for question, held in kinds.items():
        kind = expected_kind(question)
        assert kind is not None
        assert kind.search(f"C’est {held}."), question
        assert not kind.search("C’est ainsi."), question
    assert expected_kind("Comment ranger l’atelier ?") is None


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    class Frequencies:
        def frequencies(self, terms: Sequence[str]) -> Mapping[str, int]:
            return {term: 900 for term in terms if term.startswith("ateli")}

        def counts(self) -> tuple[int, int]:
            return 100, 1_000

    text = "L’atelier ouvre avec tous ses membres. Le tour à bois tourne vite."
    answerer = ExtractiveAnswerer(analyzer=WordAnalyzer(), embedder=HashingEmbedder(), words=Frequencies())
    answer = answerer.answer("tour atelier", language="fr", passages=[passage(text, title="Notes")])
    assert "Le tour à bois tourne vite." in texts(answer)


def test_markup_in_a_passage_is_plain_text_on_one_line() -> None:
    page = passage("Le projecteur <script>alert(1)</script> est rangé\u2028dans l’armoire grise du fond.")
    (found,) = texts(ask("Où est rangé le projecteur ?", page))
    assert "\n" not in found
    assert "\u2028" not in found


def test_a_list_is_read_with_the_line_that_announces_it() -> None:
    text = (
        "Préparation\nApportez avec vous :\n- un tournevis\n- une lampe\n- des gants\n"
        "La salle est au fond du couloir."
    )
    units = answer_units(text)
    assert [shown(text, unit) for unit in units] == [
        "Apportez avec vous : • un tournevis • une lampe • des gants",
        "La salle est au fond du couloir.",
    ]


def test_a_chunk_is_quoted_by_section_without_headings_and_labels() -> None:
    text = "Le four chauffe.\nUsage\nOn porte des gants.\nStatut : adoptée"
    chunk = Chunk(
        title="Four",
        heading="",
        text=text,
        language="fr",
        parts=(
            Part(0, "", ""),
            Part(text.index("Usage"), "Sécurité › Usage", "Usage"),
            Part(text.index("Statut"), "", "", labels=True),
        ),
    )
    found = passages_of(chunk, pageid=7, revid=70, score=0.5, url=lambda anchor: f"/Four#{anchor}")
    assert [(p.section, p.url, p.text) for p in found] == [
        ("", "/Four#", "Le four chauffe."),
        ("Sécurité › Usage", "/Four#Usage", "On porte des gants."),
    ]
    assert {(p.pageid, p.revid, p.title, p.language, p.score) for p in found} == {(7, 70, "Four", "fr", 0.5)}


def test_a_long_sentence_is_cut_at_a_word() -> None:
    text = "Le projecteur " + "très " * 200 + "lourd est rangé."
    (unit,) = answer_units(text)
    cut = shown(text, unit)
    assert len(cut) <= LONGEST_SENTENCE
    assert cut.endswith(" très…")


@pytest.mark.parametrize(
    ("sentence", "dependent"),
    [
        ("Celui-ci garde les clés de la salle.", True),
        ("Elle se réserve deux semaines avant.", True),
        ("Il faut réserver la salle deux semaines avant.", False),
        ("Il est possible de réserver la salle.", False),
        ("It keeps the keys of the room.", True),
        ("It is possible to book the room.", False),
        ("However, the room stays closed.", True),
        ("Items are kept in the grey cupboard.", False),
        ("Elles-mêmes ferment la salle le soir.", True),
        ("Ellen Exemple ferme la salle le soir.", False),
    ],
)
def test_a_sentence_that_leans_on_the_one_before_is_known(sentence: str, dependent: bool) -> None:
    (unit,) = answer_units(sentence)
    assert unit.dependent is dependent
