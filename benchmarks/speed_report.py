"""The tables of `benchmarks.speed`, and how they stand to the targets."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from benchmarks.speed_measures import PARTS, percentiles
from benchmarks.tables import markdown_table, spread

_SAID = {
    "embedding": "the question's embedding",
    "keywords": "keyword search",
    "vectors": "vector search",
    "rest": "all else (fusion, wording, texts, snippets, experts)",
    "ranking": "`Searcher.ranking` (no snippets, no experts)",
    "whole": "**`Searcher.search`**",
}
_RATIO, _COLD, _HELP, _SERVE_MIB = 1.5, 3.0, 0.3, 1_200 / 1.048576
# At which size each target is meant; measured at the nearest one that there is.
_LARGE, _MIDDLE = 100_000, 20_000


@dataclass(slots=True)
class Measured:
    """What was measured, by size of the collection."""

    questions: int
    baseline: dict[str, Any]
    parts: dict[int, dict[str, Any]] = field(default_factory=dict)
    clients: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)
    """By size and number of clients."""
    updates: dict[int, dict[str, Any]] = field(default_factory=dict)
    served: dict[int, dict[str, float]] = field(default_factory=dict)
    cold: dict[int, list[float]] = field(default_factory=dict)
    help: list[float] = field(default_factory=list)


def write_report(about: str, measured: Measured) -> str:
    """Return the report in Markdown."""
    return "\n\n".join(
        [
            about,
            f"{measured.questions} questions, ten answers each; milliseconds, each question once.",
            "### One question after another",
            _parts(measured),
            "`SentenceTransformer.encode` of the same questions at its defaults takes "
            f"{_three(measured.baseline['milliseconds'])} (p50 / p95 / p99).",
            "### Clients (threads of one process)",
            _clients(measured),
            "### Processes",
            _processes(measured),
            "A first index's memory and speed: benchmarks/indexing.py.",
            "### Targets",
            _targets(measured),
        ]
    )


def ratio(measured: Measured, size: int, *, baseline: bool) -> float:
    """Return the median of the whole over that of the question's embedding: ours, or the baseline's."""
    taken = measured.parts[size]["milliseconds"]
    embedding = measured.baseline["milliseconds"] if baseline else taken["embedding"]
    return float(median(taken["whole"]) / median(embedding))


def _parts(measured: Measured) -> str:
    rows = [
        [
            f"{size:,}" if name == PARTS[0] else "",
            _SAID[name],
            *(f"{value:.1f}" for value in percentiles(outcome["milliseconds"][name])),
        ]
        for size, outcome in measured.parts.items()
        for name in PARTS
    ]
    ratios = [
        [
            f"{size:,}",
            f"{ratio(measured, size, baseline=False):.2f}",
            f"{ratio(measured, size, baseline=True):.2f}",
            f"{median(outcome['cpu']):.1f}",
        ]
        for size, outcome in measured.parts.items()
    ]
    return "\n\n".join(
        [
            markdown_table(["passages", "", "p50", "p95", "p99"], rows),
            markdown_table(
                [
                    "passages",
                    "whole / our embedding",
                    "whole / SentenceTransformer.encode",
                    "processor time of the whole, ms",
                ],
                ratios,
            ),
        ]
    )


def _clients(measured: Measured) -> str:
    rows = []
    for (size, number), outcome in measured.clients.items():
        p50, p95, _ = percentiles(outcome["milliseconds"])
        rows.append([f"{size:,}", str(number), f"{outcome['a_second']:.0f}", f"{p50:.1f}", f"{p95:.1f}"])
    return markdown_table(["passages", "clients", "answers/s", "p50", "p95"], rows)


def _processes(measured: Measured) -> str:
    rows = []
    for size, served in measured.served.items():
        update = measured.updates[size]
        rows.append(
            [
                f"{size:,}",
                spread(measured.cold[size]),
                f"{served['first_answer']:.2f}",
                f"{served['median']:.1f}",
                f"{served['VmRSS']:.0f}",
                f"{served['VmHWM']:.0f}",
                f"{update['seconds']:.2f}",
                f"{update['peak_mb']:.0f}",
            ]
        )
    header = [
        "passages",
        "cold `search`, s",
        "`serve`: first answer, s",
        "an answer over HTTP, ms",
        "its MiB",
        "at the most",
        "`index` after 10 edits, s",
        "its MiB at the most",
    ]
    return f"{markdown_table(header, rows)}\n\n`compagnon --help` takes {spread(measured.help)} s."


def _targets(measured: Measured) -> str:
    sizes = list(measured.parts)
    large, middle = _nearest(sizes, _LARGE), _nearest(sizes, _MIDDLE)
    memory = measured.served[large]["VmHWM"]
    figures = (
        (f"whole / our embedding at {large:,}", _RATIO, ratio(measured, large, baseline=False)),
        (
            f"whole / SentenceTransformer.encode at {large:,}",
            _RATIO,
            ratio(measured, large, baseline=True),
        ),
        (f"cold `compagnon search` at {middle:,}, s", _COLD, median(measured.cold[middle])),
        ("`compagnon --help`, s", _HELP, median(measured.help)),
        (f"`compagnon serve` at {large:,}, MiB", _SERVE_MIB, memory),
    )
    rows = [
        [name, f"{most:.4g}", f"{value:.4g}", "met" if value <= most else "**missed**"]
        for name, most, value in figures
    ]
    return markdown_table(["target", "at most", "measured", ""], rows)


def _nearest(sizes: Sequence[int], wanted: int) -> int:
    return min(sizes, key=lambda size: abs(size - wanted))


def _three(milliseconds: Sequence[float]) -> str:
    return " / ".join(f"{value:.1f}" for value in percentiles(milliseconds))
