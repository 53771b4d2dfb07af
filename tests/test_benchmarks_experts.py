"""The benchmark of expert finding in its smallest size, on invented pages: what is held out and counted."""

import io
import json
import lzma
import tarfile
from dataclasses import astuple
from pathlib import Path

import pytest

from benchmarks.expert_sets import Community, read_communities
from benchmarks.experts import Figures, main, measure, model_1, page_count, score
from tests.builders import HashingEmbedder

SUBJECTS = {
    "Kettle": ("Odile Marchand", "kettle element descaling vinegar"),
    "Toaster": ("Odile Marchand", "toaster element spring lever vinegar"),
    "Bicycle chain": ("Rémi Aubrac", "bicycle chain link tool derailleur"),
    "Bicycle brake": ("Rémi Aubrac", "bicycle brake cable pad derailleur"),
    "Bicycle wheel": ("Rémi Aubrac", "bicycle wheel spoke truing stand"),
    "Sewing": ("Tess Holloway", "sewing machine thread tension bobbin"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "wikis" / "en-invented").mkdir(parents=True)
    rows = []
    for number, (title, (author, words)) in enumerate(SUBJECTS.items()):
        text = f"{title}: {words}. " * 12
        for part, user in ((1, author), (2, "Gardener")):
            rows.append(
                {
                    "seq": 10 * number + part,
                    "page": title,
                    "timestamp": f"2024-0{part}-11T09:30:00+00:00",
                    "user": user,
                    "summary": "",
                    "deleted": False,
                    "text": text if part == 1 else f"{text}.",
                }
            )
    with lzma.open(tmp_path / "wikis" / "en-invented" / "revisions.jsonl.xz", "wt", encoding="utf-8") as file:
        file.writelines(f"{json.dumps(row)}\n" for row in rows)
    return tmp_path


def add_practices(folder: Path) -> None:
    practices = folder / "practices" / "en-invented"
    practices.mkdir(parents=True)
    texts = {
        "practice/stand-up.md": "---\ntitle: Stand-up\nsubtitle: Fifteen minutes,\n  every day\n"
        "authors:\n  - odile-m\n  - unknown\ntags:\n  - teams\nwhatIs: >-\n  People stand.\n---\n",
        "practice/retro.md": '---\ntitle: "Retro"\nauthors:\n  - odile-m\nwhatIs: People look back.\n---\n',
    }
    write(practices / "practices.tar.xz", texts)
    write(
        practices / "authors.tar.xz",
        {"author/odile.json": json.dumps({"title": "Odile Marchand", "github": "odile-m"})},
    )
    history = "commit\ttimestamp\tauthor\tstatus\tpath\trenamed_from\tsubject\n" + "".join(
        f"{number}\t2024-01-0{number}T10:00:00+01:00\tOdile Marchand\tA\tsrc/{path}\t\tadd\n"
        for number, path in enumerate(texts, 1)
    )
    with lzma.open(practices / "git-history.tsv.xz", "wt", encoding="utf-8") as file:
        file.write(history)


def write(path: Path, files: dict[str, str]) -> None:
    with tarfile.open(path, "w:xz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))


def invented(folder: Path) -> Community:
    (community,) = read_communities(folder)
    return community


def test_experts_of_a_page_are_who_wrote_a_good_part_of_it(folder: Path) -> None:
    experts = {known.page.title: known.experts for known in invented(folder).pages}
    assert experts["Kettle"] == {"odile marchand"}
    assert experts["Bicycle wheel"] == {"rémi aubrac"}


def test_authors_of_practices_are_named_in_the_template_or_nowhere(folder: Path) -> None:
    add_practices(folder)
    alone, named, _ = read_communities(folder)
    assert [known.experts for known in alone.pages] == [
        {"odile marchand"},
        {"odile marchand", "unknown"},
    ]
    assert [known.question for known in alone.pages] == ["Retro", "Stand-up: Fifteen minutes, every day"]
    assert "Odile" not in "".join(known.page.wikitext for known in alone.pages)
    assert all("contacts=Odile Marchand" in known.page.wikitext for known in named.pages)
    assert "People stand." in named.pages[1].page.wikitext


def test_who_is_asked_for_is_known_from_another_page_and_held_out_pages_are_nowhere(
    folder: Path, tmp_path: Path
) -> None:
    community = invented(folder)
    asked = [known for fold in range(5) for known in community.questions(fold=fold, folds=5)]
    titles = {known.page.title for known in asked}
    assert "Sewing" not in titles  # nobody could know of Tess
    assert titles
    held_out = asked[0].page.pageid
    with community.store(tmp_path / "mirror.sqlite3", without=[held_out]) as store:
        assert store.pages.get(held_out) is None
        assert store.revisions.of_page(held_out) == []
        assert store.pages.count() == len(SUBJECTS) - 1


def test_baselines_rank_people(folder: Path) -> None:
    pages = invented(folder).pages
    assert page_count(pages)("anything")[:2] == ["gardener", "rémi aubrac"]
    assert model_1(pages)("toaster spring")[0] == "odile marchand"
    assert model_1(pages)("derailleur")[0] == "rémi aubrac"


def test_ours_finds_the_one_who_wrote_about_it(folder: Path) -> None:
    asked, figures = measure(invented(folder), HashingEmbedder())
    assert asked >= 4
    assert figures["ours"].average_precision > figures["page count"].average_precision
    assert set(figures) >= {"page count", "Model 1", "ours"}


def test_figures_of_a_question() -> None:
    found = score(["x", "a", "y", "z", "u", "b"], frozenset({"a", "b", "c"}))
    assert astuple(found) == pytest.approx(((1 / 2 + 2 / 6) / 3, 0.5, 0.2))
    assert score([], frozenset({"a"})) == Figures(0.0, 0.0, 0.0)


@pytest.mark.model
def test_the_command_prints_a_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder), "--folds", "1"]) == 0
    printed = capsys.readouterr().out
    assert "| ours |" in printed
    assert "en-invented (6 pages)" in printed
