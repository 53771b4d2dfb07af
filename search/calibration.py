"""How sure the search may be that it has an answer, and when it says that it has none.

The chance is a logistic regression on what the first hit shows. Its weights were fitted on public collections
(docs/decisions.md); where it starts from is fitted to each wiki by `search.probes`, because how near an
answer comes to its question differs from one wiki, and one embedding model, to the next.
"""

import json
import math
from dataclasses import asdict, dataclass, replace
from typing import Final, Self

from search.keyword_index import KeywordIndex

_META: Final = "calibration"
_VERSION: Final = 1
_SUBJECT_WORDS: Final = 3
_WHOLE: Final = 0.999
# Beyond this the chance is 0 or 1 for all that it is used for.
_FAR = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSigns:
    """What the first hit shows of how well it answers."""

    cosine: float
    """Of the question and the page's best passage, -1 to 1."""
    coverage: float
    """0 to 1: share of the question's words, by rarity, that the passage or its headings hold."""
    words: int = 4
    """How many words the question has that say something (`QueryWords.groups`): two that are all there say
    less than ten that are."""
    foreign: bool = False
    """Whether the question is known to be in another language than the passage: then few words are shared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Weights of the signs in the chance that there is an answer, and the chance from which one is given."""

    intercept: float
    by_cosine: float
    by_coverage: float
    """Of the coverage times the logarithm of 1 + the number of words."""
    if_foreign: float
    by_foreign_cosine: float
    threshold: float
    """Below this chance (0 to 1) there is no good answer."""

    def chance(self, signs: AnswerSigns) -> float:
        """Return the chance (0 to 1) that the page that answers is among the first ten hits."""
        z = self.log_odds(signs)
        return 1 / (1 + math.exp(-max(-_FAR, min(z, _FAR))))

    def log_odds(self, signs: AnswerSigns) -> float:
        """Return the logarithm of the odds of that chance."""
        z = self.intercept + self.by_cosine * signs.cosine
        z += self.by_coverage * signs.coverage * math.log1p(signs.words)
        if signs.foreign:
            z += self.if_foreign + self.by_foreign_cosine * signs.cosine
        return z

    def answers(self, signs: AnswerSigns) -> bool:
        """Return whether the first hit is an answer; else it is only the nearest page.

        A word or three are no question but a subject, and a passage that has them all is about it: so short
        a text comes near to no vector, and the chance is of whole questions.
        """
        is_subject = 0 < signs.words <= _SUBJECT_WORDS and signs.coverage > _WHOLE
        return is_subject or self.chance(signs) >= self.threshold

    def with_threshold(self, threshold: float | None) -> "Calibration":
        """Return the same with the threshold of the settings; None leaves its own."""
        return self if threshold is None else replace(self, threshold=threshold)

    def to_json(self) -> str:
        """Return the text from which `from_json` makes the same."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Self | None:
        """Return what `to_json` wrote; None for what another version wrote, which is calibrated anew then."""
        try:
            values = json.loads(text)
            numbers = {name: float(values[name]) for name in cls.__dataclass_fields__}
        except (ValueError, TypeError, KeyError):
            return None
        if len(values) != len(numbers) or not all(map(math.isfinite, numbers.values())):
            return None
        return cls(**numbers)


DEFAULT: Final = Calibration(
    intercept=-4.56,
    by_cosine=5.09,
    by_coverage=1.72,
    if_foreign=2.08,
    by_foreign_cosine=1.53,
    threshold=0.26,
)
"""Fitted on six public collections in French and English, asked in both (docs/decisions.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCalibration:
    """A calibration as an index keeps it, with what it was made for."""

    calibration: Calibration
    model: str
    pages: int
    """How many the index had."""


def read_kept(keywords: KeywordIndex) -> KeptCalibration | None:
    """Return what the index keeps; None when there is none of this version."""
    try:
        kept = json.loads(keywords.get_meta(_META) or "null")
        if kept["version"] != _VERSION:
            return None
        calibration = Calibration.from_json(kept["calibration"])
        model, pages = str(kept["model"]), int(kept["pages"])
    except (ValueError, TypeError, KeyError):
        return None
    return None if calibration is None else KeptCalibration(calibration=calibration, model=model, pages=pages)


def keep(keywords: KeywordIndex, kept: KeptCalibration) -> None:
    """Keep a calibration in the index, in the place of the one before."""
    value = {
        "version": _VERSION,
        "calibration": kept.calibration.to_json(),
        "model": kept.model,
        "pages": kept.pages,
    }
    keywords.put_meta(_META, json.dumps(value, sort_keys=True))


def read_calibration(keywords: KeywordIndex, *, model_id: str) -> Calibration:
    """Return the wiki's own calibration for a model, or the default one."""
    kept = read_kept(keywords)
    return kept.calibration if kept is not None and kept.model == model_id else DEFAULT
