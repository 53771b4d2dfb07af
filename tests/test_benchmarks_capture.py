"""The benchmark of capture in its smallest size, on invented meetings: what is taken out and counted."""

import io
import json
import lzma
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from benchmarks.capture import long_notes, main, measure_all
from benchmarks.capture_scores import (
    Counts,
    count_actions,
    count_people,
    count_support,
    count_texts,
    reachable,
    same_person,
)
from benchmarks.capture_sets import (
    Gold,
    GoldAction,
    gold_of,
    read_sources,
    without_marker_words,
    without_sections,
)
from capture.draft import ActionItem, Decision, NotesSummary
from capture.extraction import Extraction
from capture.local_extraction import LocalExtractor
from capture.notes import read_notes

LOG = """\
10:00 <tess> scribe: odile_m
10:01 <tess> present+
10:01 <odile_m> present+
10:02 <odile_m> topic: Kettles
10:03 <odile_m> tess: we could descale them with vinegar
10:04 <tess> PROPOSED: descale the kettles each month
10:05 <odile_m> +1
10:06 <tess> RESOLVED: descale the kettles each month
10:07 <minutesbot> ACTION: tess to buy vinegar [1]
10:08 <odile_m> ACTION: tess to buy vinegar
"""
MINUTES = '<div><span class="name">Odile Marchand</span>: +1 <a href="#4">✪</a></div>'
PAD = """\
# Réunion du 3 mai 2024

Présents : Rémi, Odile

## Vélos

Le frein de Rémi est usé.

## Actions

- Rémi : acheter une chaîne
- Odile : prévenir les voisins
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(
        tmp_path / "meetings" / "en-invented",
        {"2024-05-03/irc.log": LOG, "2024-05-03/index.html": MINUTES, "2024-05-03/changes.log": "x"},
        [
            {
                "meeting": "2024-05-03",
                "present": ["Tess Holloway", "Odile Marchand"],
                "topics": ["Kettles"],
                "resolutions": ["descale the kettles each month"],
                "actions": ["tess to buy vinegar"],
            }
        ],
    )
    write(
        tmp_path / "meetings" / "fr-inventé",
        {"cr.md": PAD},
        [
            {
                "file": "cr.md",
                "present": ["Rémi", "Odile"],
                "actions": [
                    {"owner": "Rémi", "task": "acheter une chaîne"},
                    {"owner": None, "task": "prévenir les voisins : Odile"},
                ],
            }
        ],
    )
    write(tmp_path / "meetings" / "fr-sans", {"LICENSE.md": "rien", "notes.md": "# Réunion\n\nOn parle.\n"})
    return tmp_path


def write(place: Path, texts: Mapping[str, str], labels: list[dict[str, object]] | None = None) -> None:
    place.mkdir(parents=True)
    with tarfile.open(place / "notes.tar.xz", "w:xz") as archive:
        for name, text in texts.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    if labels is not None:
        with lzma.open(place / "labels.jsonl.xz", "wt", encoding="utf-8") as file:
            file.writelines(f"{json.dumps(row)}\n" for row in labels)


def test_sources_are_read_with_their_labels_and_nicks(folder: Path) -> None:
    chat, pad, unlabelled = read_sources(folder)
    assert (chat.name, chat.language, pad.language) == ("en-invented", "en", "fr")
    assert [notes.text for notes in chat.notes] == [LOG]
    assert chat.nicks == {"odile_m".rstrip("_"): "Odile Marchand"}
    assert pad.notes[0].gold.actions == (
        GoldAction("acheter une chaîne", "Rémi"),
        GoldAction("prévenir les voisins : Odile", "Odile"),
    )
    assert [notes.gold for notes in unlabelled.notes] == [Gold()]


def test_an_empty_list_says_something_only_where_minutes_were_published() -> None:
    assert gold_of({"meeting": "a", "actions": []}).actions == ()
    assert gold_of({"file": "a.md", "actions": []}).actions is None


def test_markers_go_and_what_they_mark_stays() -> None:
    bare = without_marker_words(LOG)
    assert "10:06 <tess> descale the kettles each month\n" in bare
    assert "10:08 <odile_m> tess to buy vinegar\n" in bare
    assert "minutesbot" not in bare
    assert "ACTION" not in bare
    assert "PROPOSED" not in bare
    pad = without_marker_words(PAD)
    assert "## Actions" not in pad
    assert "- Rémi : acheter une chaîne" in pad
    assert "## Vélos" in pad


def test_lists_and_tables_go_with_their_headings() -> None:
    assert "chaîne" not in without_sections(PAD)
    assert "Le frein de Rémi est usé." in without_sections(PAD)
    table = (
        "# A\n\n## Decisions Made\n\nDecision Item | Text\n-|-\n1 | Stay\n\n### More\n\nx\n\n"
        "## Then\n\nWe talk.\n"
    )
    left = without_sections(table)
    assert "Stay" not in left
    assert "x\n" not in left
    assert "We talk." in left
    underlined = "Actions\n-------\n\n- Rémi : acheter\n\nSuite\n-----\n\nOn parle.\n"
    assert "acheter" not in without_sections(underlined)
    assert "On parle." in without_sections(underlined)


def test_names_are_the_same_by_parts_and_nicks() -> None:
    assert same_person("Rémi Aubrac", "remi aubrac") == 1.0
    assert same_person("Rémi", "Rémi Aubrac") == 0.8
    assert same_person("raubrac2", "Rémi Aubrac") == 0.7
    assert same_person("Rémi Aubrac", "Tess Holloway") == 0.0
    assert same_person("re", "Rémi Aubrac") == 0.0
    counts = count_people(
        ["odile_m", "Rémi", "Nobody"], ["Odile Marchand", "Rémi A."], {"odile_m": "Odile Marchand"}
    )
    assert counts == Counts(found=3, known=2, right=2)


def test_each_text_is_matched_once() -> None:
    counts = count_texts(["buy the vinegar", "buy vinegar"], ["buy vinegar now", "mend the door"])
    assert counts == Counts(found=2, known=2, right=1)
    assert (counts.precision, counts.recall, counts.f1) == (0.5, 0.5, 0.5)
    assert Counts().f1 == 1.0


def test_owners_count_among_actions_that_are_the_same() -> None:
    found = [
        ActionItem(text="buy vinegar", owner="tess", lines=(1,)),
        ActionItem(text="mend the door", owner="Rémi", lines=(2,)),
    ]
    actions, owners = count_actions(
        found, [GoldAction("tess to buy vinegar", "Tess Holloway"), GoldAction("mend the door", "Odile")]
    )
    assert actions == Counts(2, 2, 2)
    assert owners == Counts(2, 2, 1)


def test_support_is_read_from_the_lines() -> None:
    notes = read_notes("We keep 3 kettles.\nThe door is open.\n")
    summary = NotesSummary(
        sha256=notes.sha256, title="", date=None, language="en", present=(), absent=(), topics=(), actions=(),
        decisions=(
            Decision(text="we keep 3 kettles", decided=True, lines=(1,)),
            Decision(text="we keep 4 kettles", decided=True, lines=(1,)),
            Decision(text="the door is open", decided=True, lines=(1,)),
        ),
        questions=(),
    )  # fmt: skip
    assert count_support(notes, Extraction(summary=summary)) == Counts(3, 3, 1)


def test_what_no_line_says_cannot_be_reached() -> None:
    assert reachable(["buy vinegar", "mend the door"], "10:01 <tess> I buy vinegar. Fine.\n") == 1


def test_the_whole_of_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    measured = measure_all(list(read_sources(folder)), LocalExtractor())
    figures = measured["as they are"]["all"]
    assert (figures["people"], figures["decisions"]) == (Counts(4, 4, 4), Counts(1, 1, 1))
    assert figures["actions"] == Counts(3, 3, 3)
    assert figures["owners"] == Counts(3, 3, 3)
    assert measured["without their lists too"]["fr-inventé"]["reachable actions"] == Counts(0, 2, 0)
    assert main([str(folder), "--only", "fr-"]) == 0
    printed = capsys.readouterr().out
    assert "| fr-inventé | 1.00 / 1.00 / **1.00** (2) |" in printed
    assert "en-invented" not in printed


def test_long_notes_are_of_all_sources(folder: Path) -> None:
    sources = list(read_sources(folder))
    text = long_notes(sources, 700)
    assert "minutesbot" in text
    assert "Vélos" in text
    assert len(long_notes(sources, 10**6)) < 10**4
    assert len(long_notes(sources, 100)) == 100
