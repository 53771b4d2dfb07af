"""The benchmark of answered questions: what is a key, what is asked, and what is counted."""

import json
import lzma
from collections.abc import Collection
from pathlib import Path

import pytest

from benchmarks.answered_questions import Outcome, Plan, Shown, ask_index, main, measure, measure_set, plan
from benchmarks.question_sets import Question, QuestionSet
from search.indexer import Index
from search.settings import SearchSettings
from tests.builders import HashingEmbedder, make_page, make_store

PAGES = {f"Atelier {n}": f"L’atelier numéro {n} ouvre à {n} heures près du canal." for n in range(1, 9)}
SET = QuestionSet(
    "ateliers",
    "fr",
    PAGES,
    tuple(
        Question(text.format(n), f"Atelier {n}", "fr", span.format(n))
        for n in range(1, 9)
        for text, span in (
            ("Quand ouvre l’atelier {} ?", "{} heures"),
            ("Où se trouve l’atelier {} ?", "près du canal"),
            *([("À quelle heure peut-on entrer dans l’atelier {} ?", "{} heures")] if n == 1 else []),
        )
    ),
)


def test_keys_are_not_asked_and_who_asks_the_same_is_told_apart() -> None:
    drawn = plan(SET)
    assert drawn == plan(SET)
    assert 1 < len(drawn.keys) < len(PAGES)
    with_key = {key.page for key in drawn.keys}
    assert [each.text for each in drawn.asked["again"]] == [
        "À quelle heure peut-on entrer dans l’atelier 1 ?"
    ]
    assert {each.page for each in drawn.asked["same page"]} == with_key
    assert {each.page for each in drawn.asked["other page"]} == PAGES.keys() - with_key
    asked = {each.text for some in drawn.asked.values() for each in some}
    assert not asked & {key.text for key in drawn.keys}
    assert all(len(some) <= 2 for some in plan(SET, most=2).asked.values())


def test_ranks_and_shares_are_counted_and_who_asks_for_what_is_gone_cannot_find_it() -> None:
    one, other = Question("un", "A", "fr"), Question("deux", "B", "fr")

    def ask(question: Question, without: Collection[int]) -> Shown:
        pages = [page for page in (2, 1) if page not in without]
        return Shown(pages=pages, key_first=question is one, answered=not without)

    planned = Plan([], {"same page": [one, other], "gone": [other], "again": []})
    assert measure(planned, {"A": 1, "B": 2}, ask) == {
        "same page": Outcome(mrr=0.75, key_first=0.5, answered=1.0),
        "gone": Outcome(mrr=0.0, key_first=0.0, answered=0.0),
    }


def test_an_index_is_asked_as_a_search_asks_it(tmp_path: Path) -> None:
    with make_store(tmp_path, [make_page(1, "Canal", "Le canal gèle."), make_page(2, "Four")]) as store:
        index = Index(
            folder=tmp_path / "index", store=store, embedder=HashingEmbedder(), settings=SearchSettings()
        )
        index.update()
        ask = ask_index(index, language="fr")
        shown = ask(Question("Quand le canal gèle-t-il ?", "Canal", "fr"), ())
        assert (shown.pages[0], shown.key_first) == (1, False)
        assert 1 not in ask(Question("Quand le canal gèle-t-il ?", "Canal", "fr"), {1}).pages
        index.close()


@pytest.mark.filterwarnings("error")
def test_a_set_gives_a_row_for_each_group(tmp_path: Path) -> None:
    rows = measure_set(SET, HashingEmbedder(), tmp_path, most=5)
    assert [row[1] for row in rows] == ["again", "same page", "other page", "gone"]
    assert rows[0][0].startswith("ateliers (8 pages, ")
    assert {len(row) for row in rows} == {8}
    assert rows[-1][3:5] == ["–", "–"]


def test_the_command_prints_a_table_of_what_a_folder_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "retrieval" / "fr-ateliers"
    folder.mkdir(parents=True)
    articles = [
        {
            "title": title,
            "paragraphs": [
                {
                    "context": text,
                    "qas": [
                        {"question": each.text, "answers": [{"text": each.span}]}
                        for each in SET.questions
                        if each.page == title
                    ],
                }
            ],
        }
        for title, text in PAGES.items()
    ]
    with lzma.open(folder / "piaf-x.json.xz", "wt", encoding="utf-8") as file:
        json.dump({"data": articles}, file)
    monkeypatch.setattr("benchmarks.answered_questions.open_embedder", lambda *_, **__: HashingEmbedder())
    monkeypatch.setattr("sys.argv", ["answered_questions", str(tmp_path), "--most", "4"])
    main()
    printed = capsys.readouterr().out
    table = [line for line in printed.splitlines() if line.startswith("|")]
    assert len(table) == 2 + 4
    assert len({line.count("|") for line in table}) == 1
    assert "fr-ateliers (8 pages, " in table[2]
