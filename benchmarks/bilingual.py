"""How well a text is found by its translation: a student of `compagnon distill`, its teacher, and words only.

    python -m benchmarks.bilingual STUDENT FILE.tsv.xz ... > table.md

STUDENT is the folder that `compagnon distill` wrote, FILE ... the pairs that it was given, in the same order:
held out are the same pairs as then. Each is asked among all that were held out of its source.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.machine import describe_machine
from benchmarks.tables import markdown_table
from search.distillation.choice import choose_pairs
from search.distillation.pairs import Pair
from search.distillation.run import CARD_FILE
from search.distillation.settings import DistillationSettings
from search.embedding import Embedder, SentenceTransformerEmbedder, Vectors
from search.settings import EmbeddingSettings
from search.words import WordAnalyzer

_STUDENT, _TEACHER, _WORDS = "student", "teacher", "words only"


@dataclass(frozen=True, slots=True)
class Found:
    """Of one source: the share of texts whose translation stands first, by contestant."""

    source: str
    pairs: int
    to_english: Mapping[str, float]
    to_french: Mapping[str, float]
    english_kept: float
    """Mean cosine of the student's English to the teacher's."""


def measure(pairs: Sequence[Pair], *, student: Embedder, teacher: Embedder) -> list[Found]:
    """Ask each text for its translation, among those of its source."""
    by_source: dict[str, list[Pair]] = {}
    for pair in pairs:
        by_source.setdefault(pair.source, []).append(pair)
    found = []
    for source, some in by_source.items():
        french, english = [pair.french for pair in some], [pair.english for pair in some]
        vectors = {
            name: (embedder.embed_passages(french), embedder.embed_passages(english))
            for name, embedder in ((_STUDENT, student), (_TEACHER, teacher))
        }
        scores = {name: rows[0] @ rows[1].T for name, rows in vectors.items()}
        scores[_WORDS] = shared_words(french, english)
        kept = np.sum(vectors[_STUDENT][1] * vectors[_TEACHER][1], axis=1)
        found.append(
            Found(
                source,
                len(some),
                {name: first(each) for name, each in scores.items()},
                {name: first(each.T) for name, each in scores.items()},
                float(np.mean(kept)),
            )
        )
    return found


def first(scores: Vectors) -> float:
    """Return the share of rows whose own column, of the same place, is higher than all others."""
    own = np.diagonal(scores)
    others = scores.copy()
    np.fill_diagonal(others, -np.inf)
    return float(np.mean(own > others.max(axis=1)))


def shared_words(left: Sequence[str], right: Sequence[str]) -> Vectors:
    """Return the cosines of what texts hold, stem by stem, rare ones first: shape [left, right]."""
    analyzer = WordAnalyzer()
    stems = (
        [set(analyzer.stems(text, "fr")) for text in left],
        [set(analyzer.stems(text, "en")) for text in right],
    )
    places = {stem: i for i, stem in enumerate(sorted(set().union(*stems[0], *stems[1])))}
    frequency = np.zeros(len(places))
    for each in (*stems[0], *stems[1]):
        frequency[[places[stem] for stem in each]] += 1
    rarity = np.log((len(left) + len(right)) / np.maximum(frequency, 1))

    def rows(texts: Sequence[set[str]]) -> Vectors:
        table = np.zeros((len(texts), len(places)), dtype=np.float32)
        for row, each in zip(table, texts, strict=True):
            held = [places[stem] for stem in each]
            row[held] = rarity[held]
        return np.asarray(table / np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-9))

    return np.asarray(rows(stems[0]) @ rows(stems[1]).T, dtype=np.float32)


def report(measured: Sequence[Found]) -> str:
    """Return the table in Markdown."""
    contestants = (_STUDENT, _TEACHER, _WORDS)
    rows = [
        [
            f"{each.source} ({each.pairs})",
            *(f"{each.to_english[name]:.3f}" for name in contestants),
            *(f"{each.to_french[name]:.3f}" for name in contestants),
            f"{each.english_kept:.4f}",
        ]
        for each in measured
    ]
    header = [
        "held-out pairs of",
        *(f"fr to en, {name}" for name in contestants),
        *(f"en to fr, {name}" for name in contestants),
        "English kept (cosine)",
    ]
    return "\n\n".join([describe_machine(), markdown_table(header, rows)])


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("student", type=Path, help="the folder")
    parser.add_argument("files", type=Path, nargs="+", help="the pairs that it was given")
    arguments = parser.parse_args()
    card = json.loads((arguments.student / CARD_FILE).read_text(encoding="utf-8"))
    settings = DistillationSettings(**card["settings"])
    student, teacher = (
        SentenceTransformerEmbedder(EmbeddingSettings(model=model, max_tokens=settings.max_tokens))
        for model in (str(arguments.student), settings.teacher)
    )
    print(report(measure(choose_pairs(arguments.files, settings).watched, student=student, teacher=teacher)))


if __name__ == "__main__":
    main()
