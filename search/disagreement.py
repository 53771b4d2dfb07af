"""Whether two sentences in one language give opposite advice on the same step.

Precision comes before recall: a person is asked to judge what is found here. Two sentences disagree when they
share nearly all that they are about, under the same conditions, and one denies it, turns a word into its
opposite, or gives another amount or another day. What needs understanding is not found.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

from search.language import Language
from search.negations import negations
from search.opposites import contradict, without_poles
from search.quantities import Quantities, read_quantities
from search.words import WordAnalyzer, fold, is_stop_word

Why = Literal["negation", "opposite", "amount", "day"]
"""What they disagree by: a "not", a word and its opposite, a number, a day of the week."""

Weight = Callable[[str], float]
"""How much a stem tells, above 0: rare words tell more."""

# Of what both are about, weighted by how rare it is (Dice's coefficient).
_ALIKE: Final = {"negation": 0.62, "opposite": 0.62, "amount": 0.72, "day": 0.72}
# Where each of the two names something that the other does not, they are about two things.
_APART: Final = {"negation": 0.2, "opposite": 0.2, "amount": 0.15, "day": 0.2}
_LEAST_STEMS = 2
_LONGEST_WORDS = 60
# They make a sentence firm or deny it, and are not what it is about.
_POLAR: Final = re.compile(
    r"\b(?:never|jamais|always|toujours|avoid\w*|evite\w*|eviter|forbid\w*|interdi\w*|prohibit\w*|deconseill\w*"
    r"|recommand\w*|recommend\w*|conseill\w*|advis\w*|must|should|shall|doit|doivent|devez|faut|need\w*|cannot"
    r"|impossible|possible|possibly|allow\w*|autoris\w*|permi\w*|prefer\w*|please|veillez|pensez|sans|without|aucune?"
    r"|nobody|personne|nothing|rien|refus\w*|reject\w*|defend\w*|surtout|really|vraiment|il|on|you|vous)\b"
)
_CONDITION: Final = re.compile(
    r"\b(?:if|when|whenever|unless|except|provided|until|while|si|s'il|s'ils|quand|lorsqu\w*|sauf|hormis"
    r"|a moins|en cas|in case|tant que|pendant que|selon|depending)\b([^,;:.!?()]*)"
)
_QUESTION: Final = re.compile(r"\?\s*$")
# What was, or what somebody told, is no advice.
_TOLD: Final = re.compile(
    r"\b(?:we|i|he|she|they|nous|j'|je|ils?|elles?) (?:\w+ )?(?:had|was|were|did|tried|decided|avons|avait"
    r"|avaient|etait|etaient|ai|ont)\b"
)


@dataclass(frozen=True)
class Statement:
    """A sentence, taken apart for being compared."""

    text: str
    language: Language
    analyzer: WordAnalyzer

    @cached_property
    def folded(self) -> str:
        """In small letters, without accents, with straight apostrophes and single spaces."""
        return " ".join(fold(self.text.lower()).replace("’", "'").split())

    @cached_property
    def is_advice(self) -> bool:
        """Whether it may say how something is done: no question, no story, not too long to be compared."""
        return (
            not _QUESTION.search(self.text)
            and not _TOLD.search(self.folded)
            and len(self.text.split()) <= _LONGEST_WORDS
            and len(self.subject) >= _LEAST_STEMS
        )

    @cached_property
    def denies(self) -> bool:
        """Whether it denies something, all in all."""
        return bool(negations(self._main) % 2)

    @cached_property
    def conditions(self) -> frozenset[str]:
        """Stems of what it holds under, or not."""
        return self._stems(" ".join(found[1] for found in _CONDITION.finditer(self.folded)))

    @cached_property
    def subject(self) -> frozenset[str]:
        """Stems of what it is about, without what makes it firm, denies it, or counts."""
        return self._stems(_POLAR.sub(" ", self.folded))

    @cached_property
    def bare_subject(self) -> frozenset[str]:
        """The same without the words that have an opposite."""
        return self._stems(without_poles(_POLAR.sub(" ", self.folded)))

    @cached_property
    def quantities(self) -> Quantities:
        """What it says in numbers."""
        return read_quantities(self.text)

    @property
    def _main(self) -> str:
        """The sentence without its conditions: "if it is not dry, wait" denies nothing."""
        return _CONDITION.sub(" ", self.folded)

    def _stems(self, text: str) -> frozenset[str]:
        return frozenset(
            self.analyzer.stem(word.form, self.language)
            for word in self.analyzer.words(text)
            if len(word.form) > 1
            and not word.form[0].isdigit()
            and not is_stop_word(word.form, self.language)
        )


def disagreement(left: Statement, right: Statement, *, weight: Weight) -> tuple[Why, float] | None:
    """Return what two sentences disagree by, and how alike they are else (0..1); None when they do not.

    Args:
        left: a sentence that is advice (`Statement.is_advice`).
        right: another one, in the same language.
        weight: how much a stem tells.
    """
    if left.language != right.language or left.folded == right.folded:
        return None
    if _dice(left.conditions, right.conditions, weight) < 0.5 and (left.conditions or right.conditions):
        return None
    why = _why(left, right)
    if why is None:
        return None
    mine, theirs = (
        (left.bare_subject, right.bare_subject) if why == "opposite" else (left.subject, right.subject)
    )
    if min(len(mine), len(theirs)) < _LEAST_STEMS:
        return None
    alike = _dice(mine, theirs, weight)
    if alike < _ALIKE[why] or _apart(mine, theirs, weight) > _APART[why]:
        return None
    return why, alike


def _why(left: Statement, right: Statement) -> Why | None:
    turned = contradict(left.folded, right.folded)
    if left.denies != right.denies:
        # "Do not leave it open" and "leave it closed" say the same.
        return None if turned else "negation"
    if turned:
        return "opposite"
    mine, theirs = left.quantities, right.quantities
    if mine.weekdays and theirs.weekdays and not mine.weekdays & theirs.weekdays:
        return "day"
    return "amount" if _amounts_differ(mine, theirs) else None


def _amounts_differ(mine: Quantities, theirs: Quantities) -> bool:
    """Whether both give one amount in the same unit, and not the same one."""
    if mine.days or theirs.days:  # what happened on a day is no advice
        return False
    units = {number.unit for number in mine.numbers} & {number.unit for number in theirs.numbers}
    for unit in units:
        ours = {number.value for number in mine.numbers if number.unit == unit}
        other = {number.value for number in theirs.numbers if number.unit == unit}
        if len(ours) == len(other) and not ours & other and not _are_years(ours | other, unit):
            return True
    return False


def _are_years(values: set[str], unit: str | None) -> bool:
    return unit is None and any(len(value) == 4 and value[:2] in ("19", "20") for value in values)


def _dice(mine: frozenset[str], theirs: frozenset[str], weight: Weight) -> float:
    total = math.fsum(map(weight, mine)) + math.fsum(map(weight, theirs))
    return 2 * math.fsum(map(weight, mine & theirs)) / total if total else 0.0


def _apart(mine: frozenset[str], theirs: frozenset[str], weight: Weight) -> float:
    """Return how much each says that the other does not: the lesser of the two parts (0..1)."""
    only = (mine - theirs, mine), (theirs - mine, theirs)
    return min(
        math.fsum(map(weight, some)) / whole if (whole := math.fsum(map(weight, every))) else 0.0
        for some, every in only
    )
