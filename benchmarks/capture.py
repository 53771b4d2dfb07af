"""How well notes of meetings are read: `python -m benchmarks.capture FOLDER`.

What the local extractor finds is held against what the note takers wrote down (`benchmarks.capture_sets`):

- people: who was present. A nick counts as the person whom the published minutes name for its words.
- topics, decisions, actions: texts are the same from 0.6 token F1, and each is the same as one other at most
  (the assignment with the largest sum). Owners are counted among the actions that are the same. What is told
  as done already (in a list of the time before) is not counted as found.
- support: statements (actions, decisions, questions, all fields of practices) whose every word, number and
  name stands in the lines that they name; read from the lines, with no help from the extractor.

Each set is read three times: as it is; without the words that mark a line (RESOLVED:, ACTION:, "à faire :")
and without the headings over actions and decisions, while the words, lists and rows that they mark stay; and
without the lists and tables below such headings too, so that only what was said of them elsewhere is left.
"Reachable" is the share of the labels of which a line or a sentence that is left says the same (0.6): an
extractor that quotes finds no more, however good it is.

What is uneven about the labels: they were read by rule from what people wrote. Of logs whose minutes were
published (`meeting`), an empty list says that there was none; of notes (`file`), that nobody wrote a list,
and then what is found is not counted. Minutes name who spoke as present whether they said so or not. Lists of
decisions in long calls are in the note taker's own words, and often of what was talked about; some tables
hold decisions and actions in one, some labels stop at a row's first line, some lists of those present are
copied from another meeting.

A half of each source's notes, by the hash of their names, is to be looked at when rules are written
(`--half look`); the other checks them.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.capture_scores import (
    Counts,
    count_actions,
    count_people,
    count_support,
    count_texts,
    reachable,
)
from benchmarks.capture_sets import (
    MeetingNotes,
    Source,
    read_sources,
    without_marker_words,
    without_sections,
)
from benchmarks.machine import describe_machine, peak_megabytes
from benchmarks.tables import markdown_table
from capture.extraction import Extractor
from capture.local_extraction import LocalExtractor
from capture.notes import read_notes

VARIANTS: Mapping[str, Callable[[str], str]] = {
    "as they are": lambda text: text,
    "without marker words": without_marker_words,
    "without their lists too": without_sections,
}
"""What is done to the notes before they are read."""

_KINDS = ("people", "topics", "decisions", "actions")
_EVERYTHING = "all"

Figures = dict[str, Counts]
"""Counts by what was counted: `_KINDS`, "owners", "support", "reachable decisions", "reachable actions"."""


def measure(notes: MeetingNotes, nicks: Mapping[str, str], extractor: Extractor, text: str) -> Figures:
    """Read notes, as `text` holds them, and count what was found."""
    given = read_notes(text, filename=Path(notes.name).name)
    extraction = extractor.extract(given)
    summary, gold = extraction.summary, notes.gold
    figures: Figures = {"support": count_support(given, extraction)}
    if gold.present is not None:
        figures["people"] = count_people(summary.present, gold.present, nicks)
    if gold.topics is not None:
        figures["topics"] = count_texts(summary.topics, gold.topics)
    if gold.decisions is not None:
        decided = [item.text for item in summary.decisions if item.decided]
        figures["decisions"] = count_texts(decided, gold.decisions)
        figures["reachable decisions"] = _reachable(gold.decisions, text)
    if gold.actions is not None:
        figures["actions"], figures["owners"] = count_actions(summary.actions, gold.actions)
        figures["reachable actions"] = _reachable([action.text for action in gold.actions], text)
    return figures


def _reachable(known: Sequence[str], text: str) -> Counts:
    return Counts(known=len(known), right=reachable(known, text))


def measure_all(
    sources: Sequence[Source],
    extractor: Extractor,
    *,
    half: str = "all",
    most: int | None = None,
) -> dict[str, dict[str, Figures]]:
    """Return figures by variant and source; `all` adds the sources up.

    Args:
        sources: What is read.
        extractor: What reads it.
        half: "look", "check", or "all" notes.
        most: At most so many notes of a source.
    """
    result: dict[str, dict[str, Figures]] = {}
    for variant, change in VARIANTS.items():
        rows = result[variant] = {}
        for source in sources:
            chosen = [one for one in source.notes if half == "all" or one.is_looked_at == (half == "look")]
            for notes in chosen[:most]:
                figures = measure(notes, source.nicks, extractor, change(notes.text))
                for name in (source.name, f"all {source.language}", _EVERYTHING):
                    row = rows.setdefault(name, {})
                    for kind, counts in figures.items():
                        row[kind] = row.get(kind, Counts()) + counts
    return result


def tables(measured: Mapping[str, Mapping[str, Figures]]) -> str:
    """Return the figures in Markdown: a table a variant, a row a source."""
    parts: list[str] = []
    for variant, rows in measured.items():
        header = ["P / R / F1", *_KINDS, "owners", "reachable decisions", "reachable actions", "support"]
        lines = []
        for name in [
            *sorted(name for name in rows if not name.startswith("all")),
            *sorted(name for name in rows if name.startswith("all")),
        ]:
            figures = rows[name]
            lines.append(
                [
                    name,
                    *(_shown(figures.get(kind)) for kind in _KINDS),
                    *(
                        _share(figures.get(kind))
                        for kind in ("owners", "reachable decisions", "reachable actions")
                    ),
                    _share(figures.get("support"), digits=3),
                ]
            )
        parts.append(f"### Notes {variant}\n\n{markdown_table(header, lines)}")
    return "\n\n".join(parts)


def _shown(counts: Counts | None) -> str:
    if counts is None or not (counts.found or counts.known):
        return ""
    return f"{counts.precision:.2f} / {counts.recall:.2f} / **{counts.f1:.2f}** ({counts.known})"


def _share(counts: Counts | None, *, digits: int = 2) -> str:
    if counts is None or not counts.known:
        return ""
    return f"{counts.recall:.{digits}f} ({counts.known})"


def long_notes(sources: Sequence[Source], size: int) -> str:
    """Return notes of about `size` bytes, of the notes of all sources in turn."""
    pieces: list[str] = []
    length = place = 0
    while length < size:
        added = 0
        for source in sources:
            if place < len(source.notes) and length < size:
                piece = source.notes[place].text[: max(1, size - length)]
                pieces.append(piece)
                added = len(piece.encode())
                length += added
        if not added:
            break
        place += 1
    return "\n\n".join(pieces)


def time_one(folder: Path, size: int) -> str:
    """Return how long it takes to read one note of a size, and the most memory that it takes."""
    text = long_notes([source for source in read_sources(folder) if source.notes], size)
    extractor = LocalExtractor()
    extractor.extract(read_notes("# Réunion\n\nLa salle est prête. The room is ready for the meeting.\n"))
    began = time.perf_counter()
    notes = read_notes(text)
    extraction = extractor.extract(notes)
    seconds = time.perf_counter() - began
    found = len(extraction.summary.actions) + len(extraction.summary.decisions)
    return (
        f"{len(text.encode()) / 1000:.0f} kB, {notes.line_count:,} lines: {seconds:.2f} s, "
        f"{peak_megabytes():.0f} MiB at the most; {found} actions and decisions"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 0."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--half", choices=("look", "check", "all"), default="all", help="which notes")
    parser.add_argument("--only", default="", metavar="TEXT", help="sources whose name holds this text")
    parser.add_argument("--notes", type=int, metavar="N", help="at most so many notes of each source")
    parser.add_argument("--seconds", action="store_true", help="time and memory instead, of 100 and 200 kB")
    parser.add_argument("--one", type=int, metavar="BYTES", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.one:
        print(time_one(options.folder, options.one))
        return 0
    print(describe_machine(), flush=True)
    if options.seconds:
        for size in (100_000, 200_000):
            # Each in a process of its own: the memory of one is not that of the other.
            command = [sys.executable, "-m", "benchmarks.capture", str(options.folder), "--one", str(size)]
            subprocess.run(command, check=True)  # noqa: S603
        return 0
    sources = [source for source in read_sources(options.folder) if options.only in source.name]
    measured = measure_all(sources, LocalExtractor(), half=options.half, most=options.notes)
    print(f"\n{sum(len(source.notes) for source in sources)} notes, half: {options.half}\n")
    print(tables(measured))
    return 0


if __name__ == "__main__":
    sys.exit(main())
