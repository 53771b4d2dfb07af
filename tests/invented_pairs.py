"""Pairs of sentences in English and French, made of invented patterns: to train on in a moment."""

import itertools
import random
from collections.abc import Sequence
from pathlib import Path

from search.distillation.pairs import Pair

_WHO = (
    ("The treasurer", "La trésorière"),
    ("Our neighbour", "Notre voisine"),
    ("A volunteer", "Un bénévole"),
    ("The baker", "Le boulanger"),
    ("Everybody", "Chacun"),
    ("The teacher", "L’institutrice"),
    ("My brother", "Mon frère"),
    ("The gardener", "Le jardinier"),
)
_DOES = (
    ("repairs", "répare"),
    ("buys", "achète"),
    ("forgets", "oublie"),
    ("cleans", "nettoie"),
    ("borrows", "emprunte"),
    ("sells", "vend"),
    ("paints", "peint"),
    ("looks for", "cherche"),
)
_WHAT = (
    ("the bicycle", "le vélo"),
    ("the kettle", "la bouilloire"),
    ("the ladder", "l’échelle"),
    ("the wheelbarrow", "la brouette"),
    ("the sewing machine", "la machine à coudre"),
    ("the keys", "les clés"),
    ("the tent", "la tente"),
    ("the saucepans", "les casseroles"),
    ("the fridge", "le réfrigérateur"),
    ("the shelves", "les étagères"),
)
_WHEN = (
    ("on Thursday evening", "jeudi soir"),
    ("before the meeting", "avant la réunion"),
    ("after the harvest", "après la récolte"),
    ("in the rain", "sous la pluie"),
    ("every spring", "chaque printemps"),
    ("during the holidays", "pendant les vacances"),
    ("with the children", "avec les enfants"),
    ("in the workshop", "dans l’atelier"),
)
_COMBINATIONS = 8 * 8 * 10 * 8


def invented_pairs(number: int = 1_200, *, seed: int = 1, source: str = "patterns") -> list[Pair]:
    """Return so many different pairs; two seeds have some in common."""
    parts = list(itertools.product(_WHO, _DOES, _WHAT, _WHEN))
    assert len(parts) == _COMBINATIONS
    drawn = random.Random(seed).sample(parts, number)  # noqa: S311 - a sample, no secret
    return [
        Pair(" ".join(e for e, _ in words) + ".", " ".join(f for _, f in words) + ".", source)
        for words in drawn
    ]


def write_pairs(path: Path, pairs: Sequence[Pair]) -> Path:
    """Write them as `compagnon distill --pairs` reads them."""
    lines = [f"{pair.english}\t{pair.french}\t{pair.source}\n" for pair in pairs]
    path.write_text("".join(lines), encoding="utf-8")
    return path
