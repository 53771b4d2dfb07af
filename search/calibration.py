"""How sure the search may be that its first hit answers, and when it says that nothing does.

The chance is a logistic regression on what the first hit shows. Its weights are fitted on public collections,
and fitted anew to each wiki from what the wiki itself tells: how near an answer comes to its question differs
from one wiki, language and embedding model to the next.
"""

import json
import math
from dataclasses import asdict, dataclass
from typing import Final, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSigns:
    """What the first hit shows of how well it answers."""

    cosine: float
    """Of the question and the page's best passage, -1 to 1."""
    coverage: float
    """0 to 1: share of the question's words, weighted by their rarity, that the passage or its headings hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Weights of the signs in the chance that the first hit answers, and the chance from which it is an answer."""

    intercept: float
    by_cosine: float
    by_coverage: float
    threshold: float
    """Below this chance (0 to 1) there is no good answer."""

    def chance(self, signs: AnswerSigns) -> float:
        """Return the chance (0 to 1) that the first hit answers."""
        z = self.intercept + self.by_cosine * signs.cosine + self.by_coverage * signs.coverage
        return 1 / (1 + math.exp(-z)) if z > -30 else 0.0

    def answers(self, signs: AnswerSigns) -> bool:
        """Return whether the first hit is an answer; else it is only the nearest page."""
        return self.chance(signs) >= self.threshold

    def to_json(self) -> str:
        """Return the text from which `from_json` makes the same."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Self | None:
        """Return what `to_json` wrote; None for what another version wrote: it is calibrated anew then."""
        try:
            values = json.loads(text)
            numbers = {name: float(values[name]) for name in cls.__dataclass_fields__}
        except (ValueError, TypeError, KeyError, AttributeError):
            return None
        if len(values) != len(numbers) or not all(math.isfinite(number) for number in numbers.values()):
            return None
        return cls(**numbers)


DEFAULT: Final = Calibration(intercept=-2.3, by_cosine=2.5, by_coverage=2.0, threshold=0.2)
"""Fitted on public collections (docs/decisions.md, "what a hit's score says")."""
