"""The benchmark of the sync in its smallest size: all read the same, and ours asks little. No times."""

import bz2
import json
import lzma
import tarfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from benchmarks.contestants import Outcome
from benchmarks.exports import write_export
from benchmarks.report import write_report
from benchmarks.sync import Arena, Disagreement, measure, measure_memory
from benchmarks.tables import markdown_table, spread
from benchmarks.wikis import SourcePage, SourceRevision, fill_wiki, open_real_wiki, read_source_pages
from connector.dump import DumpWiki
from tests.mediawiki import LocalWiki

AUTHORS = ("Odile Marchand", "Rémi d'Aubrac", "Tess Holloway")


def history(title: str, *texts: str) -> SourcePage:
    """A page that another author changes every month."""
    return SourcePage(
        title,
        tuple(
            SourceRevision(f"2024-{month:02}-11T09:30:00Z", AUTHORS[month % 3], f"step {month} & on", text)
            for month, text in enumerate(texts, start=1)
        ),
    )


PAGES = (
    history("Grafting knife", "Sharp.", "Sharp and clean.", "Sharp, clean, and <nowiki>dry</nowiki>."),
    history("Budding", "In July.", "In July, see [[Grafting knife]]. [[Category:Orchard]]"),
    history("Graft", "#REDIRECT [[Budding]]"),
    history("Taille d’hiver", "Février, hors gel. [[Category:Verger]]", "Février, hors gel ; [[Budding]]."),
    history("Talk:Budding", "Is August too late?", "Is August too late? No."),
    history("Category:Orchard", "Trees, and those who love them."),
    history("User:Tess Holloway", "I prune at dawn."),
    *(history(f"Row {number}", f"Tree {number} of the row, by [[Row {number + 1}]].") for number in range(8)),
)


@pytest.fixture
def filled_wiki(english_wiki: LocalWiki) -> LocalWiki:
    fill_wiki(english_wiki, PAGES)
    return english_wiki


def test_everybody_reads_the_same_and_ours_asks_little(filled_wiki: LocalWiki, tmp_path: Path) -> None:
    arena = Arena(filled_wiki, tmp_path, sample=10_000)  # so that the naive ones read every page too
    assert len(arena.truth.texts) == len(PAGES) + 1  # and the main page
    assert arena.truth.revisions == sum(len(page.revisions) for page in PAGES) + 1
    before = dict(arena.truth.texts)

    [here] = measure(arena, rounds=1)

    assert arena.truth.revisions == sum(len(page.revisions) for page in PAGES) + 1 + 10
    changed = [pageid for pageid, text in arena.truth.texts.items() if text != before[pageid]]
    assert len(changed) == 10
    contestants = {name for name, _ in here}
    assert {
        "copy texts",
        "raw texts",
        "naive texts",
        "pywikibot preloading",
        "pywikibot content",
    } <= contestants
    for (name, account), outcome in here.items():
        after = name in {"ten changes", "sweep"}
        assert outcome.texts == (arena.truth.texts if after else before), f"{name}, {account}"
        assert outcome.requests > 0
        assert outcome.peak_mb > 10
    for account in ("anonymous", "bot"):
        assert here["no change", account].requests <= 5
        assert (
            here["no change again", account].requests == 2
        )  # the changes, and the lists of what is never linked
        assert here["ten changes", account].requests <= 15
        assert "sweep" not in here["no change", account].phases
        assert "sweep" in here["sweep", account].phases
    report = write_report("Here.", [here], [(2, 4, here["sweep", "bot"])])
    assert report.count("\n| **ours**, stored |") == 4
    assert "| 10 changes: 15 requests | bot |" in report


def test_who_leaves_something_out_is_found_out(filled_wiki: LocalWiki, tmp_path: Path) -> None:
    arena = Arena(filled_wiki, tmp_path, sample=5)
    arena.run("naive texts", "anonymous")  # a part is what is asked of it
    arena.truth.texts[10_000] = (10_000, "0" * 40)
    with pytest.raises(Disagreement, match="raw texts has not read what the wiki has"):
        arena.run("raw texts", "anonymous")
    del arena.truth.texts[10_000]
    arena.truth.revisions += 1
    arena.run("raw texts", "anonymous")
    with pytest.raises(Disagreement, match="copy whole"):
        arena.run("copy whole", "bot")


def test_a_filled_wiki_can_be_stopped_and_used_again(filled_wiki: LocalWiki, tmp_path: Path) -> None:
    filled_wiki.stop()
    folder = tmp_path / "again"
    filled_wiki.folder.rename(folder)
    (tmp_path / "again.opcodes").mkdir()
    with open_real_wiki(folder) as wiki:
        history_there = wiki.revisions("Grafting knife")
        assert [revision["user"] for revision in history_there] == [AUTHORS[i % 3] for i in (3, 2, 1)]
        assert [revision["parentid"] == 0 for revision in history_there] == [False, False, True]
        wiki.edit("Grafting knife", "Blunt.", user=AUTHORS[0])


def test_a_generated_export_is_copied_whole(tmp_path: Path) -> None:
    [(pages, revisions, outcome)] = measure_memory(tmp_path, [(12, 2)])
    assert (pages, revisions, len(outcome.texts), outcome.revisions) == (12, 24, 12, 24)
    assert outcome.requests == 0


def test_a_generated_export_is_as_large_as_asked_and_the_same_each_time(tmp_path: Path) -> None:
    first, second = tmp_path / "1.xml", tmp_path / "2.xml"
    for path in (first, second):
        write_export(path, pages=5, revisions=3, characters=900)
    assert first.read_bytes() == second.read_bytes()
    dump = DumpWiki(first)
    pages = list(dump.pages(range(1, 6)))
    assert all(900 <= len(page.wikitext) < 2_000 for page in pages)
    assert len({page.wikitext for page in pages}) == 5
    assert [r.parent_revid for r in dump.revisions([2])] in ([0, 4, 5], [None, 4, 5])


def test_the_pages_of_a_folder_come_once_each_with_their_newest_revisions(tmp_path: Path) -> None:
    for name in ("wikis/one", "wikis/two", "practices/three", "retrieval/four"):
        (tmp_path / name).mkdir(parents=True)

    def row(page: str, day: int, text: str, *, deleted: bool = False) -> str:
        fields = {"page": page, "user": "Odile", "summary": "s", "text": text, "deleted": deleted}
        return json.dumps(fields | {"timestamp": f"2024-05-{day:02}T00:00:00+00:00"}) + "\n"

    rows = row("sap", 1, "a") + row("sap", 2, "b") + row("sap", 3, "c") + row("Moss", 4, "old")
    rows += row("Moss", 5, "", deleted=True) + row("Moss", 6, "new") + row("Gone", 7, "", deleted=True)
    (tmp_path / "wikis/one/revisions.jsonl.xz").write_bytes(lzma.compress(rows.encode()))
    write_export(tmp_path / "export.xml", pages=2, revisions=2)
    (tmp_path / "wikis/two/export.bz2").write_bytes(bz2.compress((tmp_path / "export.xml").read_bytes()))
    with tarfile.open(tmp_path / "practices/three/texts.tar.xz", "w:xz") as archive:
        for name in ("prune/bench.md", "prune/bench.txt"):
            member = tarfile.TarInfo(name)
            member.size = 5
            archive.addfile(member, BytesIO(b"Wood."))
    articles = {"data": [{"title": "F1", "paragraphs": [{"context": "One."}, {"context": "Two."}]}]}
    for name in ("filtered_test", "test"):
        path = tmp_path / f"retrieval/four/{name}.json.xz"
        path.write_bytes(lzma.compress(json.dumps(articles).encode()))

    found = {page.title: page.revisions for page in read_source_pages(tmp_path, revisions=2)}

    assert list(found) == ["Sap", "Moss", "Page 1", "Page 2", "Three/prune/bench", "Four/F1"]
    assert [revision.text for revision in found["Sap"]] == ["b", "c"]
    assert [revision.text for revision in found["Moss"]] == ["new"]
    assert found["Sap"][0].timestamp == "2024-05-02T00:00:00Z"
    assert [len(found[title]) for title in ("Page 1", "Page 2")] == [1, 1]
    assert found["Page 1"][0].text.endswith(" 1")  # the newest one
    assert found["Four/F1"][0].text == "One.\n\nTwo."


def test_a_figure_says_its_median_and_its_spread() -> None:
    assert spread([2.0]) == "2.00"
    assert spread([3.0, 1.0, 2.5]) == "2.50 (1.00-3.00)"
    assert markdown_table(["a", "b"], [["1", "2"]]) == "| a | b |\n| --- | ---: |\n| 1 | 2 |"


def test_a_missed_target_is_called_missed() -> None:
    fast, slow = Outcome(seconds=1.0, requests=2), Outcome(seconds=50.0, requests=16)
    here = {(name, account): fast for name in ("copy texts", "raw texts") for account in ("anonymous", "bot")}
    here |= {("copy whole", account): fast for account in ("anonymous", "bot")}
    here |= {("raw whole", account): fast for account in ("anonymous", "bot")}
    here |= {("naive whole", "anonymous"): slow}
    steps = ("no change", "no change again", "ten changes", "sweep")
    here |= {(step, "anonymous"): replace(fast, seconds=0.01) for step in steps}
    here |= {(step, "bot"): slow for step in steps}
    targets = write_report("Here.", [here], []).partition("### Targets")[2]
    verdicts = {tuple(line.split(" | ")[:2]): line.split(" | ")[3] for line in targets.splitlines()[4:]}
    assert verdicts["| no change: 1 % of the first copy", "anonymous"] == "met |"
    assert verdicts["| no change: 1 % of the first copy", "bot"] == "**missed** |"
    assert verdicts["| 10 changes: 15 requests", "bot"] == "**missed** |"
    assert verdicts["| all of it 15 times as fast as naive", "bot"] == "met |"
