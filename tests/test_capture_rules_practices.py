"""Practices told in mails and minutes that mark nothing, in French and in English alike."""

import pytest

from capture.extraction import PracticeSketch
from capture.local_extraction import LocalExtractor
from capture.notes import read_notes

EXTRACTOR = LocalExtractor()
FRENCH = """\
Bonjour à tous,

Petit retour sur la soirée de samedi. On avait du mal à retrouver les outils après chaque atelier, on
perdait une demi-heure à chaque fois. Du coup on a accroché un tableau au mur avec la silhouette de chaque
outil. Nadia a découpé les silhouettes dans du contreplaqué. Depuis, plus rien ne se perd. Attention quand
même à ne pas mettre les outils lourds en haut. Je vais écrire à la mairie avant le 3 juin 2026 pour le local.

Bises,
Léa
"""
ENGLISH = """\
Hi all,

Quick note about the tool library. People kept forgetting to bring things back, and two drills were lost
each month. So we started to send a text message three days before the due date, with a small spreadsheet.
It works well: we lost nothing since March. Be careful with the phone numbers, they must not be shared.

Bob
"""


def practice(text: str) -> PracticeSketch:
    [found] = EXTRACTOR.extract(read_notes(text)).practices
    return found


@pytest.mark.parametrize(
    ("text", "language", "title", "lines"),
    [
        (
            FRENCH,
            "fr",
            "On a accroché un tableau",
            {"problem": 3, "solution": 4, "results": 5, "cautions": 5},
        ),
        (ENGLISH, "en", "We started to send", {"problem": 3, "solution": 4, "results": 5, "cautions": 5}),
    ],
)
def test_an_informal_mail_tells_a_practice(
    text: str, language: str, title: str, lines: dict[str, int]
) -> None:
    found = practice(text)
    assert found.language == language
    assert found.title.startswith(title)
    assert {name: found.fields[name][0].lines[0] for name in lines} == lines


def test_labels_of_everyday_words_and_a_warning_after_the_result() -> None:
    found = practice(
        "Le souci : les visiteurs attendent une heure, et certains repartent.\n"
        "Du coup on a essayé un tableau à l'entrée avec un numéro par personne.\n"
        "Résultat : plus personne n'est parti. Attention, il faut quelqu'un à l'entrée tout le temps.\n"
    )
    assert {name: [one.text[:12] for one in group] for name, group in found.fields.items()} == {
        "problem": ["Les visiteur"],
        "solution": ["Du coup on a"],
        "results": ["Plus personn"],
        "cautions": ["Attention, i"],
    }


def test_what_the_writer_promises_by_a_day_is_an_action() -> None:
    found = EXTRACTOR.extract(read_notes(FRENCH)).summary
    assert [(one.text, one.due and one.due.isoformat()) for one in found.actions] == [
        ("Je vais écrire à la mairie avant le 3 juin 2026 pour le local", "2026-06-03")
    ]


def test_a_practice_names_the_headings_above_it() -> None:
    found = practice(
        "# Réunion de mai\n\n## Atelier\n\n### Outils perdus\n\nProblème : les outils se perdent.\n\n"
        "Solution : un tableau au mur.\n"
    )
    assert found.topic == "Atelier › Outils perdus"
    assert practice(FRENCH).topic == ""
