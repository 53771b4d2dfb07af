"""What the lines of notes hold of a statement, and what becomes of what they do not hold."""

import datetime

import pytest

from capture.checking import CheckedExtractor, StatementChecker, checked
from capture.draft import ActionItem, Decision, OpenQuestion, Remark, Statement, Unsupported
from capture.extraction import Extraction, PracticeSketch
from capture.local_extraction import LocalExtractor
from capture.notes import Notes, read_notes
from connector.errors import SearchError
from search.language import LanguageDetector
from search.support import SupportChecker
from search.words import WordAnalyzer
from tests.builders import HashingEmbedder

NOTES = read_notes(
    """\
# Réunion de l’atelier vélo du 12 mars 2026

Présents : Léa Martin, Marc Dubois et Sofia Benali. Excusée : Anne Roux

## Prêt des outils

On prête les outils trois jours, contre une caution de 1 500 centimes.
Il ne faut pas prêter la perceuse sans
formation.
ACTION : Marc commande les pieds avant le 20 mars
- [ ] Relancer la mairie pour le local (Sofia)
- Fermer à 18 h
- Ne pas oublier la caisse

## In English

The key stays with Alex Sample until Friday.
""",
    filename="notes.md",
)
DETECTOR = LanguageDetector()
SUPPORT = SupportChecker(analyzer=WordAnalyzer())


def check(text: str, *lines: int, language: str = "fr", support: SupportChecker = SUPPORT) -> str | None:
    return StatementChecker(support, NOTES, detector=DETECTOR).check(text, lines, language)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("On prête les outils trois jours, contre une caution de 1 500 centimes.", (7,)),
        ("Prête les outils trois jours", (7,)),
        ("Il ne faut pas prêter la perceuse sans formation.", (8, 9)),
        ("Les outils sont prêtés trois jours, avec une caution de 1500 centimes.", (7,)),
        ("commande les pieds avant le 20 mars", (10,)),
        ("Relancer la mairie pour le local", (11,)),
        ("Fermer à 18 h", (12, 13)),
        ("The key stays with Alex Sample until Friday.", (17,)),
        ("Les outils sont prêtés trois jours. La perceuse ne se prête pas sans formation.", (7, 8, 9)),
    ],
)
def test_what_the_lines_hold_is_supported(text: str, lines: tuple[int, ...]) -> None:
    assert check(text, *lines) is None


@pytest.mark.parametrize(
    ("text", "lines", "reason"),
    [
        ("On prête les outils trois jours.", (), "no lines"),
        ("On prête les outils trois jours.", (0, 99, -1), "no lines"),
        ("On prête les outils trois jours.", (2,), "no lines"),  # nothing stands there
        ("On prête les outils trois jours.", (12,), "number"),
        ("On prête les outils quatre jours.", (7,), "number"),
        ("Une caution de 500 centimes.", (7,), "number"),
        ("Dominique commande les pieds", (10,), "name"),
        ("Marc commande les pieds avant le 21 mars", (10,), "date"),
        ("The key stays with Alex Sample until Monday.", (17,), "date"),
        ("Prêter la perceuse", (8,), "negation"),  # word for word, and turned round
        ("oublier la caisse", (13,), "negation"),
        ("La caisse est vide et le local humide.", (13,), "meaning"),
        ("Fermer à 18 h <script>", (12,), "name"),
        ("Relancer la mairie pour le local sur www.local.example", (11,), "name"),
    ],
)
def test_what_they_do_not_hold_is_told_by_its_reason(text: str, lines: tuple[int, ...], reason: str) -> None:
    assert check(text, *lines) == reason


def test_an_english_statement_on_french_lines_needs_a_meaning() -> None:
    text = "The local tools are given for three days."
    assert check(text, 7, language="en") == "meaning"


class _Alike(HashingEmbedder):
    """Finds all texts alike."""

    def embed_passages(self, texts, *, progress=None):  # type: ignore[no-untyped-def]
        import numpy as np

        return np.ones((len(texts), 1), dtype=np.float32)


def test_across_languages_meaning_supports_and_numbers_and_names_still_count() -> None:
    support = SupportChecker(analyzer=WordAnalyzer(), embedder=_Alike())
    assert check("The tools are lent out for three days.", 7, support=support) is None
    assert check("The tools are lent out for five days.", 7, support=support) == "number"
    assert check("Dominique Martel lends out the tools for three days.", 7, support=support) == "name"


class _Gone(HashingEmbedder):
    """A model that cannot be loaded."""

    def embed_passages(self, texts, *, progress=None):  # type: ignore[no-untyped-def]
        self.embedded += texts
        raise SearchError("no model")


def test_without_its_model_the_words_decide_and_nobody_asks_again() -> None:
    gone = _Gone()
    checker = StatementChecker(
        SupportChecker(analyzer=WordAnalyzer(), embedder=gone), NOTES, detector=DETECTOR
    )
    assert checker.check("The tools are lent out for three days.", (7,), "en") == "meaning"
    asked = len(gone.embedded)
    assert checker.check("The tools are given away for three days.", (7,), "en") == "meaning"
    assert asked == len(gone.embedded) > 0


class _Never(HashingEmbedder):
    def embed_passages(self, texts, *, progress=None):  # type: ignore[no-untyped-def]
        raise AssertionError("nothing needs a model")


def test_what_stands_word_for_word_needs_no_model() -> None:
    support = SupportChecker(analyzer=WordAnalyzer(), embedder=_Never())
    for number, line in enumerate(NOTES.lines, start=1):
        if line.content:
            assert (
                StatementChecker(support, NOTES, detector=DETECTOR).check(line.content, (number,), "fr")
                is None
            )
    extraction = LocalExtractor(detector=DETECTOR).extract(NOTES)
    assert checked(extraction, NOTES, support=support, detector=DETECTOR) == extraction


def made(
    *,
    owner: str | None = None,
    due: datetime.date | None = None,
    title: str = "Prêt des outils",
    people: tuple[str, ...] = ("Marc Dubois",),
    said: str = "On prête les outils trois jours",
) -> Extraction:
    summary = LocalExtractor(detector=DETECTOR).extract(NOTES).summary
    return Extraction(
        summary=summary.model_copy(
            update={
                "topics": (
                    "Prêt des outils",
                    "Trésor caché",
                    "outils, caisse, clef d’or",
                    "perceuse, caisse",
                ),
                "present": ("Léa Martin", "Léa Roux", "Dominique Martel"),
                "absent": ("Anne Roux", "Personne Inconnue"),
                "excused": ("Anne Roux", "Personne Inconnue"),
                "chair": "Dominique Martel",
                "scribe": "Marc Dubois",
                "actions": (
                    ActionItem(text="commande les pieds", owner=owner, due=due, lines=(10,)),
                    ActionItem(text="Vendre la perceuse", lines=(11,)),
                ),
                "decisions": (Decision(text="Prêter la perceuse", decided=True, lines=(8,)),),
                "questions": (OpenQuestion(text="Qui vend 12 vélos ?", lines=(12,)),),
            }
        ),
        practices=(
            PracticeSketch(
                title=title,
                language="fr",
                fields={
                    "solution": (Statement(text=said, lines=(7,)),),
                    "results": (Statement(text="Tout le monde est ravi de la soirée.", lines=(7,)),),
                },
                people=people,
            ),
        ),
        remarks=(Remark(code="unsupported", detail="99"), Remark(code="fallback", detail="unavailable")),
    )


def test_what_is_unsupported_leaves_the_lists_and_is_counted() -> None:
    found = checked(made(owner="Marc", due=datetime.date(2026, 3, 20)), NOTES, detector=DETECTOR)
    summary = found.summary
    assert summary.topics == ("Prêt des outils", "perceuse, caisse")
    assert summary.present == ("Léa Martin",)  # Léa and Roux are two people
    assert (summary.absent, summary.excused) == (("Anne Roux",), ("Anne Roux",))
    assert (summary.chair, summary.scribe) == (None, "Marc Dubois")
    assert [(one.text, one.owner, one.due) for one in summary.actions] == [
        ("commande les pieds", "Marc", datetime.date(2026, 3, 20))
    ]
    assert (summary.decisions, summary.questions) == ((), ())
    assert list(found.practices[0].fields) == ["solution"]
    reasons = {(one.field, one.text): one.reason for one in found.unsupported}
    assert reasons[("decisions", "Prêter la perceuse")] == "negation"
    assert reasons[("questions", "Qui vend 12 vélos ?")] == "number"
    assert reasons[("present", "Dominique Martel")] == "name"
    assert reasons[("results", "Tout le monde est ravi de la soirée.")] == "meaning"
    [counted] = [remark for remark in found.remarks if remark.code == "unsupported"]
    assert counted.detail == str(len(found.unsupported))
    assert {"fallback", "unsupported"} == {remark.code for remark in found.remarks}


def test_checked_twice_is_the_same() -> None:
    once = checked(made(owner="Dominique"), NOTES, detector=DETECTOR)
    assert checked(once, NOTES, detector=DETECTOR) == once


@pytest.mark.parametrize(
    ("owner", "kept"),
    [("Marc", True), ("Marc Dubois", True), ("Sofia", False), ("Dominique", False), ("Marc et Sofia", False)],
)
def test_an_action_keeps_its_place_without_an_owner_that_its_lines_do_not_name(
    owner: str, kept: bool
) -> None:
    found = checked(made(owner=owner), NOTES, detector=DETECTOR)
    assert found.summary.actions[0].owner == (owner if kept else None)
    assert (Unsupported(text=owner, lines=(10,), field="owner", reason="name") in found.unsupported) != kept


@pytest.mark.parametrize(("day", "kept"), [(20, True), (21, False)])
def test_a_day_must_be_told_by_the_lines(day: int, kept: bool) -> None:
    due = datetime.date(2026, 3, day)
    found = checked(made(due=due), NOTES, detector=DETECTOR)
    assert found.summary.actions[0].due == (due if kept else None)
    assert any(one.field == "due" for one in found.unsupported) != kept


def test_a_practice_without_its_statements_is_gone_and_a_title_of_its_own_invention_too() -> None:
    assert checked(made(said="On vend les vélos 80 euros"), NOTES, detector=DETECTOR).practices == ()
    found = checked(
        made(title="Le trésor de Dominique", people=("Dominique", "Sofia")), NOTES, detector=DETECTOR
    ).practices[0]
    assert (found.title, found.people) == ("On prête les outils trois jours", ("Sofia",))


def test_what_a_person_wrote_needs_no_lines() -> None:
    sketch = PracticeSketch(
        title="Prêt des outils",
        language="fr",
        fields={"context": (Statement(text="Je m’en souviens.", lines=(), by_human=True),)},
    )
    extraction = Extraction(
        summary=LocalExtractor(detector=DETECTOR).extract(NOTES).summary, practices=(sketch,)
    )
    assert checked(extraction, NOTES, detector=DETECTOR) == extraction


class _Inventive:
    def extract(self, notes: Notes, *, progress: object = None) -> Extraction:
        return made()


def test_any_extractor_can_be_checked() -> None:
    found = CheckedExtractor(_Inventive(), detector=DETECTOR).extract(NOTES)
    assert found == checked(made(), NOTES, detector=DETECTOR)
    assert found.unsupported


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("Maud Petit", True),
        ("Lambert Noé", True),
        ("Maud Lambert", False),
        ("Noé Petit", False),
        ("Aïcha Lambert", False),
        ("Jean Dupont", True),
        ("Anne Roche", True),
        ("Ida Brun", False),
    ],
)
def test_the_words_of_a_name_stand_together_and_not_in_the_names_of_two(name: str, holds: bool) -> None:
    notes = read_notes(
        "Présents : Maud Petit, Noé Lambert et Aïcha Benali, Jean « Jeannot » Dupont, Anne de la Roche\n"
        "Ida a vu Brun.\n"
    )
    checker = StatementChecker(SupportChecker(analyzer=WordAnalyzer()), notes, detector=DETECTOR)
    assert checker.holds_name(name) is holds
