"""The passage that answers, and the words of the question in it."""

import pytest

from search.chunking import Chunk, chunk_page
from search.language import LanguageDetector
from search.snippets import MAX_CHARACTERS, Snippet, SnippetMaker
from search.words import WordAnalyzer
from tests.test_search_chunking import section

ANALYZER = WordAnalyzer()
DETECTOR = LanguageDetector()


def maker(question: str) -> SnippetMaker:
    words = ANALYZER.query(question, DETECTOR.guess(question))
    return SnippetMaker(words, analyzer=ANALYZER, frequencies={}, chunks=100)


def chunk(*sections: tuple[str, ...], labels: str = "", title: str = "Soirée réparation") -> Chunk:
    (made,) = chunk_page(
        title=title,
        sections=[section(text, *path) for text, *path in sections],
        labels=labels,
        language="fr",
        detector=DETECTOR,
    )
    return made


def marked(snippet: Snippet) -> list[str]:
    return [snippet.text[start:end] for start, end in snippet.marks]


LONG = (
    "La salle ouvre à dix-huit heures et chacun signe le cahier posé sur la table de l’entrée. "
    "Les visiteurs attendent leur tour avec un ticket, et l’accueil les appelle par leur prénom. "
    "On démonte ensuite l’appareil ensemble, sans jamais laisser le visiteur regarder de loin. "
    "Les fers à souder sont vérifiés chaque mois par deux bénévoles qui notent la date. "
    "Le café est offert à tout le monde."
)


def test_the_sentence_that_holds_the_question_is_shown() -> None:
    snippet = maker("qui vérifie les fers à souder ?").make(chunk((LONG,)))
    assert "Les fers à souder sont vérifiés chaque mois" in snippet.text
    assert len(snippet.text) <= MAX_CHARACTERS
    assert marked(snippet) == ["fers", "souder", "vérifiés"]


def test_marks_are_other_forms_and_exact_tokens_too() -> None:
    page = chunk(("L’erreur E-4012 demande des réparations. On écrit un e-mail.",))
    assert marked(maker("reparation E-4012").make(page)) == ["E-4012", "réparations"]
    assert marked(maker("email").make(page)) == ["e-mail"]


def test_marks_do_not_overlap_and_stay_in_order() -> None:
    page = chunk(("Le grille-pain, le grille pain et les grille-pains.",))
    snippet = maker("grille-pain").make(page)
    ends = 0
    for start, end in snippet.marks:
        assert ends <= start < end <= len(snippet.text)
        ends = end
    assert marked(snippet) == ["grille-pain", "grille", "pain", "grille", "pains"]


def test_a_snippet_stays_in_its_section_and_leaves_the_heading_out() -> None:
    page = chunk(("Une phrase de contexte.", "Contexte"), ("On prépare un badge. On l’accroche.", "Étapes"))
    snippet = maker("préparer un badge").make(page)
    assert snippet.text == "On prépare un badge. On l’accroche."
    assert page.part_at(snippet.offset).anchor == "Étapes"


def test_labels_are_shown_only_when_there_is_nothing_else() -> None:
    labels = "Contexte : accueil du public\nStatut : testée"
    page = chunk(("Un badge suffit.", "Étapes"), labels=labels)
    assert maker("accueil du public").make(page).text == "Un badge suffit."
    assert (
        maker("accueil du public").make(chunk(labels=labels)).text.startswith("Contexte : accueil du public")
    )


def test_a_sentence_too_long_is_cut_around_the_words() -> None:
    much = "anticonstitutionnellement " * 20
    page = chunk((f"Il faut {much}changer la courroie crantée {much}demain",), title="Machine")
    snippet = maker("courroie crantée").make(page)
    assert marked(snippet) == ["courroie", "crantée"]
    assert snippet.text.startswith("…")
    assert snippet.text.endswith("…")
    assert len(snippet.text) <= MAX_CHARACTERS


def test_without_any_word_the_first_sentences_are_shown() -> None:
    snippet = maker("zygomorphe").make(chunk((LONG,)))
    assert snippet.text.startswith("La salle ouvre à dix-huit heures")
    assert snippet.marks == ()


def test_a_page_without_text_has_no_snippet() -> None:
    snippet = maker("quoi").make(chunk())
    assert (snippet.text, snippet.marks, snippet.offset) == ("", (), 0)


def test_coverage_is_the_share_of_the_question_that_is_held() -> None:
    page = chunk(("Les fers à souder.",), title="Atelier")
    assert maker("fers à souder").coverage(page) == 1.0
    assert maker("fers de l’atelier").coverage(page) == 1.0
    assert 0.3 < maker("souder une casserole").coverage(page) < 0.7
    assert maker("casserole").coverage(page) == 0.0
    assert maker("🔥").coverage(page) == 0.0


def test_the_way_back_and_addresses_are_shown_only_where_there_is_nothing_else() -> None:
    page = chunk(
        ("← Tous les ateliers\n\nLe fer chauffe dix minutes.\n\n- Contact : Léa <lea@example.org>",),
    )
    assert maker("ateliers").make(page).text == "Le fer chauffe dix minutes."
    assert maker("ateliers").make(page).value >= 0
    only = chunk(("- Courriel : lea@example.org",))
    assert maker("visites").make(only).text == "Courriel : lea@example.org"
    assert maker("visites").make(only).value < 0
    assert maker("quel courriel ?").make(only).value > 0
    told = chunk(("Le règlement de la salle est écrit en entier sur https://example.org/salle.",))
    assert maker("règlement").make(told).value > 0


def test_no_sentence_is_worth_more_than_all_of_the_question() -> None:
    asked = maker("fer à souder prêté")
    assert asked.most > 0
    assert asked.make(chunk(("Prêté : fer à souder.",), title="Outils")).value == pytest.approx(asked.most)
    assert asked.make(chunk((LONG,), title="Outils")).value < asked.most
