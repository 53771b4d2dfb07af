"""The benchmark of retrieval in its smallest size, on invented pages: what is asked, held out and counted."""

import io
import json
import lzma
import tarfile
from dataclasses import astuple
from pathlib import Path

import pytest

from benchmarks.question_sets import QuestionSet, read_question_sets
from benchmarks.retrieval import main, measure

PATTERNS = {
    "en-invented": {
        "work/circle.md": "# Opening circle\n\n<summary>Everybody says one word about how they arrive."
        "</summary>\n\n## Why\n\nPeople come from very different days, and need a moment to be here. "
        "A round in which each voice is heard makes the rest of the evening easier.\n",
        "work/tools.md": "# Tool wall\n\n<summary>Draw the outline of each tool on the wall.</summary>\n"
        "\n"
        "A glance tells what is missing. Whoever takes the [last](x) screwdriver sees the empty "
        "place, and writes their name on it, so that the next person knows whom to ask for it.\n",
    },
    "fr-inventé": {
        "work/circle.md": "# Tour d’accueil\n\n<summary>Chaque personne dit un mot de sa journée.</summary>"
        "\n\n"
        "## Pourquoi\n\nLes gens arrivent de journées très différentes, et il faut un moment pour être là. "
        "Un tour où chaque voix est entendue rend le reste de la soirée plus facile pour tout le monde.\n",
        "work/tools.md": "# Mur à outils\n\n<summary>Tracer le contour de chaque outil sur le mur.</summary>"
        "\n\n"
        "Un coup d’œil dit ce qui manque. La personne qui prend le dernier tournevis voit la "
        "place vide et y écrit son nom, pour que la suivante sache à qui le demander.\n",
    },
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, files in PATTERNS.items():
        place = tmp_path / "practices" / name
        place.mkdir(parents=True)
        with tarfile.open(place / "pages.tar.xz", "w:xz") as archive:
            for path, text in files.items():
                member = tarfile.TarInfo(path)
                member.size = len(data := text.encode())
                archive.addfile(member, io.BytesIO(data))
    place = tmp_path / "retrieval" / "fr-questions"
    place.mkdir(parents=True)
    asked = {"question": "Quand ouvre la cave ?", "answers": [{"text": "le lundi"}]}
    unanswered = {"question": "Et le toit ?", "answers": []}
    paragraphs = [
        {"context": "La cave ouvre le lundi.", "qas": [asked, unanswered]},
        {"context": "Le [[toit]] fuit.", "qas": []},
    ]
    with lzma.open(place / "piaf-x.json.xz", "wt", encoding="utf-8") as file:
        json.dump({"data": [{"title": "Maison", "paragraphs": paragraphs}]}, file)
    return tmp_path


def by_name(folder: Path) -> dict[str, QuestionSet]:
    return {each.name: each for each in read_question_sets(folder)}


def test_what_is_asked_for_a_page_is_not_on_it(folder: Path) -> None:
    sets = by_name(folder)
    assert set(sets) == {
        "fr-questions",
        "en-invented",
        "fr-inventé",
        "fr question → en-invented",
        "en question → fr-inventé",
    }
    english = sets["en-invented"]
    assert [(q.text, q.page) for q in english.questions] == [
        ("Everybody says one word about how they arrive.", "Opening circle"),
        ("Draw the outline of each tool on the wall.", "Tool wall"),
    ]
    for each in sets.values():
        for question in each.questions:
            assert question.text not in each.pages[question.page]
    assert "== Why ==" in english.pages["Opening circle"]
    assert "the last screwdriver" in english.pages["Tool wall"]


def test_each_language_asks_for_the_other_s_pages(folder: Path) -> None:
    crossed = by_name(folder)["fr question → en-invented"]
    assert ("Tracer le contour de chaque outil sur le mur.", "Tool wall") in [
        (q.text, q.page) for q in crossed.questions
    ]
    assert ("Tour d’accueil", "Opening circle") in [(q.text, q.page) for q in crossed.questions]


def test_paragraphs_are_pages_with_titles_of_their_own(folder: Path) -> None:
    french = by_name(folder)["fr-questions"]
    assert french.pages == {"Maison": "La cave ouvre le lundi.", "Maison (2)": "Le toit fuit."}
    assert [(q.text, q.page, q.span) for q in french.questions] == [
        ("Quand ouvre la cave ?", "Maison", "le lundi")
    ]


def test_measures() -> None:
    answers = {"a": [1, 2], "b": [5, 2], "c": [9]}
    quality = measure([("a", 1), ("b", 2), ("c", 3)], answers.__getitem__)
    assert astuple(quality) == pytest.approx((1 / 3, 2 / 3, 1.5 / 3, (1 + 0.6309297535714575) / 3))


def test_a_folder_without_questions_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_question_sets(tmp_path)


@pytest.mark.model
def test_the_whole_benchmark(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["retrieval", str(folder)])
    main()
    printed = capsys.readouterr().out
    assert printed.count("**ours**") == 5
    assert "| fr-questions (1 of 2 pages) | words only | 1.000 | 1.000 | 1.000 | 1.000 |" in printed
