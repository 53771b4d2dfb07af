"""Which pairs of some files are learned, and which are held out: the same for the same files and settings."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from connector.errors import ConfigError
from search.distillation.pairs import (
    Pair,
    fingerprint,
    held_out,
    joined,
    read_pairs,
    sampled,
    worth_training,
)
from search.distillation.settings import DistillationSettings

_LEAST_PAIRS = 1_000


@dataclass(frozen=True, slots=True)
class ChosenPairs:
    """The pairs of a run."""

    fingerprint: str
    """Of all pairs that the files hold."""
    taught: Sequence[Pair]
    passages: Sequence[Pair]
    """Longer ones, made of neighbours; they are taught, too."""
    watched: Sequence[Pair]
    """Never taught."""


def choose_pairs(files: Sequence[Path], settings: DistillationSettings) -> ChosenPairs:
    """Read files of pairs, and draw those of a run.

    Raises:
        ConfigError: a file cannot be used, or there are too few pairs.
    """
    pairs = list(worth_training(chain.from_iterable(map(read_pairs, files))))
    drawn = _drawn(pairs, settings.most_pairs, settings.seed)
    taught, watched = held_out(drawn, each=settings.held_out, seed=settings.seed)
    if len(taught) < _LEAST_PAIRS:
        raise ConfigError(f"{len(taught):,} pairs are too few to learn from: {_LEAST_PAIRS:,} at least")
    if not watched:
        raise ConfigError("no pair is held out: nobody would know which of the student's weights are best")
    # Of neighbours before any were drawn, which a sample would have torn apart.
    out = set(watched)
    passages = joined([pair for pair in pairs if pair not in out], seed=settings.seed)
    return ChosenPairs(
        fingerprint(pairs), taught, _drawn(passages, settings.most_passages, settings.seed), watched
    )


def _drawn(pairs: Sequence[Pair], most: int, seed: int) -> list[Pair]:
    return sampled(pairs, most=dict.fromkeys({pair.source for pair in pairs}, most), seed=seed)
