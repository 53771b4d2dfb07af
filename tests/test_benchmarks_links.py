"""The benchmark of suggested links in its smallest size, on invented pages: what is stripped and counted."""

import io
import json
import lzma
import tarfile
from pathlib import Path

import pytest

from benchmarks.link_sets import LinkedWiki, read_linked_wikis
from benchmarks.links import Found, Outcome, main, measure

TOOLS = ["Plane", "Chisel", "Mallet", "Marking gauge", "Bench vice"]
ODD = "== [[Plane]] ==\n{{Note|[[Chisel]]}} [[Absent]] [[Mallet]]s [[Odd]] [[shavings|curls]], [[Chisel]]"


def joint(number: int) -> str:
    first, second = TOOLS[number % 5], TOOLS[(number + 1) % 5]
    return f"Take the [[{first}]] and a [[{second}|{second.lower()}]]."


TEXTS = {
    **{tool: f"A tool of the shed. {tool} number {n}." for n, tool in enumerate(TOOLS)},
    "Shavings": "#REDIRECT [[Plane]]",
    "Left out": "",
    **{f"Joint {n}": joint(n) for n in range(30)},
    "Odd": ODD,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    wiki = tmp_path / "wikis" / "en-invented"
    wiki.mkdir(parents=True)
    rows = [{"seq": n, "page": t, "text": x, "deleted": False} for n, (t, x) in enumerate(TEXTS.items(), 10)]
    rows.append({"seq": 1, "page": "Plane", "text": "Older.", "deleted": False})
    rows.append({"seq": 99, "page": "Left out", "text": None, "deleted": True})
    with lzma.open(wiki / "revisions.jsonl.xz", "wt", encoding="utf-8") as file:
        file.writelines(f"{json.dumps(row)}\n" for row in rows)
    return tmp_path


def invented(folder: Path) -> LinkedWiki:
    (wiki,) = read_linked_wikis([folder])
    return wiki


def test_the_newest_text_of_each_page_counts(folder: Path) -> None:
    wiki = invented(folder)
    texts = {page.title: page.wikitext for page in wiki.pages}
    assert "Left out" not in texts
    assert texts["Plane"] == TEXTS["Plane"]
    assert {page.title: page.redirect_target for page in wiki.pages if page.redirect_target} == {
        "Shavings": "Plane"
    }
    assert [each.name for each in read_linked_wikis([folder / "wikis" / "en-invented"])] == ["en-invented"]


def test_links_that_can_come_back_are_taken_out(folder: Path) -> None:
    wiki = invented(folder)
    pages = [page for fold in range(5) for page in wiki.held_out(fold=fold, folds=5).values()]
    assert len(pages) == 31, "each page with links is held out once"
    (odd,) = [each for each in pages if each.page.title == "Odd"]
    # What stands in a heading or a template stays, and so nobody can offer its target.
    assert (
        odd.page.wikitext == "== [[Plane]] ==\n{{Note|[[Chisel]]}} [[Absent]] Mallets [[Odd]] curls, Chisel"
    )
    assert odd.targets == {"Mallet"}
    for each in pages:
        for link in each.links:
            shown = each.page.wikitext[link.start : link.end]
            assert shown.lower() == link.target.lower()


def test_the_mirror_does_not_know_the_links_of_held_out_pages(folder: Path, tmp_path: Path) -> None:
    wiki = invented(folder)
    held_out = wiki.held_out(fold=0, folds=5)
    assert held_out
    with wiki.store(tmp_path / "mirror.sqlite3", stripped=held_out) as store:
        for pageid, stripped in held_out.items():
            page = store.pages.get(pageid)
            assert page is not None
            assert page.wikitext == stripped.page.wikitext
        assert store.pages.redirects() == {"Shavings": "Plane"}


def test_markdown_becomes_pages_with_links(tmp_path: Path) -> None:
    folder = tmp_path / "practices" / "en-invented"
    folder.mkdir(parents=True)
    files = {
        "practice/stand-up.md": "---\ntitle: 'Stand-up: daily'\nwhatIs: >-\n  Before a\n"
        "  [look back](/practice/retro/).\ntags:\n  - x\n---\n"
        "See [it](https://example.org/retro) and ![picture](retro.md).\n",
        "practice/retro.md": "# Retro\n\n## Why\n\n1. After a **[Stand-up](../practice/stand-up.md#when)**\n",
        "practice/fr/retro.md": "# Rétro\n",
    }
    with tarfile.open(folder / "practices.tar.xz", "w:xz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    (wiki,) = read_linked_wikis([tmp_path])
    assert {page.title: page.wikitext for page in wiki.pages} == {
        "Retro": "== Why ==\n\n* After a '''[[Stand-up – daily|Stand-up]]'''",
        "Stand-up – daily": "Before a\n[[Retro|look back]].\n\n\nSee [https://example.org/retro it] and .",
    }


def test_all_methods_are_asked_for_the_same_and_what_is_learnt_helps(folder: Path) -> None:
    outcomes = measure(invented(folder), folds=range(5))
    assert set(outcomes) == {"ours", "ours, untrained", "titles", "commonness", "link probability"}
    assert {outcome.targets for outcome in outcomes.values()} == {61}
    ours = outcomes["ours"]
    assert ours.at(0.5)[2] > 0.9
    assert len(ours.training) == 5
    assert outcomes["titles"].at(0.0)[1] == 1.0


def test_figures_of_an_outcome() -> None:
    right, wrong = Found(0.9, True, False), Found(0.7, False, False)
    outcome = Outcome(found=[wrong, right, Found(0.35, True, True)], targets=4)
    assert outcome.at(0.5) == pytest.approx((0.5, 0.25, 1 / 3))
    assert outcome.at(0.3, by_place=True)[:2] == pytest.approx((1 / 3, 0.25))
    assert outcome.average_precision() == pytest.approx((1 + 2 / 3) / 4)
    assert outcome.calibration_error() == pytest.approx((0.1 + 0.7) / 2)
    assert Outcome().at(0.5) == (0.0, 0.0, 0.0)
    assert Outcome().calibration_error() == Outcome().average_precision() == 0.0


def test_the_command_prints_tables(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder), "--folds", "1", "--pages", "3"]) == 0
    printed = capsys.readouterr().out
    assert "### en-invented: 37 pages" in printed
    assert "| titles |" in printed
    assert "### Targets" in printed
    assert main([str(folder), "--only", "nothing"]) == 1
