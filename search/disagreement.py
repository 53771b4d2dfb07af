"""Whether two sentences in one language give opposite advice on the same step.

Precision comes before recall: a person is asked to judge what is found here. Two sentences disagree when they
share nearly all that they are about, under the same conditions, and one denies it, turns a word into its
opposite, or gives another amount or another day. What needs understanding is not found.
"""

import math
import re
from collections.abc import Callable, Mapping
from difflib import SequenceMatcher
from typing import Final, Literal

from search.opposites import contradict
from search.quantities import Quantities
from search.statement import Statement

Why = Literal["negation", "opposite", "amount", "day"]
"""What they disagree by: a "not", a word and its opposite, a number, a day of the week."""

Weight = Callable[[str], float]
"""How much a stem tells, above 0: rare words tell more."""

# Of what both are about, weighted by how rare it is (Dice's coefficient). A "not" stands in many sentences.
_ALIKE: Final[Mapping[Why, float]] = {"negation": 0.8, "opposite": 0.62, "amount": 0.72, "day": 0.72}
_LEAST_ALIKE: Final = min(_ALIKE.values())
# Where each of the two names something that the other does not, they are about two things.
_APART: Final[Mapping[Why, float]] = {"negation": 0.2, "opposite": 0.2, "amount": 0.15, "day": 0.2}
# So many stems each must have: a word and its opposite, or a "not", with less besides are two steps.
_LEAST_SHARED: Final[Mapping[Why, int]] = {"negation": 3, "opposite": 2, "amount": 2, "day": 2}
# Of what a clause that denies says, how much the other sentence must say too.
_COVERED: Final = 0.6
_SAME_CONDITION: Final = 0.5
_AT_LEAST: Final = re.compile(
    r"\b(?:au moins|au minimum|at least|(?:at )?a minimum|no (?:less|fewer) than)\b"
)
_AT_MOST: Final = re.compile(
    r"\b(?:au plus|au maximum|jusqu'a|at most|(?:at )?a maximum|up to|no more than)\b"
)

_MINUTE: Final = 60.0
_DAY: Final = 24 * 60 * _MINUTE
_UNITS: Final[dict[str, tuple[str, float]]] = {
    "second": ("duration", 1.0),
    "minute": ("duration", _MINUTE),
    "hour": ("duration", 60 * _MINUTE),
    "day": ("duration", _DAY),
    "week": ("duration", 7 * _DAY),
    "month": ("duration", 30 * _DAY),
    "quarter": ("duration", 91 * _DAY),
    "year": ("duration", 365 * _DAY),
    "millimetre": ("length", 1.0),
    "centimetre": ("length", 10.0),
    "metre": ("length", 1_000.0),
    "kilometre": ("length", 1_000_000.0),
    "gram": ("mass", 1.0),
    "kilogram": ("mass", 1_000.0),
}
# A month has 28 to 31 days.
_SAME: Final = 0.1
_PLAIN: Final = re.compile(r"-?\d+(?:\.\d+)?")


def disagreement(left: Statement, right: Statement, *, weight: Weight) -> tuple[Why, float] | None:
    """Return what two sentences disagree by, and how alike they are else (0..1); None when they do not.

    Args:
        left: a sentence that is advice (`Statement.is_advice`).
        right: another one, in the same language.
        weight: how much a stem tells.
    """
    if left.language != right.language or left.folded == right.folded:
        return None
    # Most pairs have too little in common, which is seen sooner than what they say.
    if all(_dice(_subjects(left, why), _subjects(right, why), weight) < _LEAST_ALIKE for why in _ALIKE):
        return None
    if not _one_case(left, right, weight):
        return None
    why = _why(left, right)
    if why is None:
        return None
    mine, theirs = _subjects(left, why), _subjects(right, why)
    if min(len(mine), len(theirs)) < _LEAST_SHARED[why]:
        return None
    alike = _dice(mine, theirs, weight)
    if alike < _ALIKE[why] or _apart(mine, theirs, weight) > _APART[why]:
        return None
    return None if _puts_another_in_place(left, right) else (why, alike)


def _subjects(statement: Statement, why: Why) -> frozenset[str]:
    if why == "opposite":
        return statement.bare_subject
    return statement.subject if why == "negation" else statement.counted_subject


def _one_case(left: Statement, right: Statement, weight: Weight) -> bool:
    """Whether they may speak of one case: the same conditions, one version, no day of the calendar."""
    if left.labels != right.labels or left.is_dated or right.is_dated:
        return False
    mine, theirs = left.conditions, right.conditions
    if not mine and not theirs:
        return True
    return (
        _dice(mine, theirs, weight) >= _SAME_CONDITION
        and not (mine - theirs and theirs - mine)
        and left.denies_condition == right.denies_condition
        and not contradict(left.condition, right.condition)
    )


def _why(left: Statement, right: Statement) -> Why | None:
    bounds = _bounds_clash(left, right)
    if bounds is not None:
        return "opposite" if bounds else None
    if left.bare_numbers != right.bare_numbers:  # other cases of a kind: 10 people, 20 people
        return None
    turned = contradict(left.main, right.main)
    if left.denies != right.denies:
        # "Do not leave it open" and "leave it closed" say the same.
        return None if turned or not _is_about(left, right) else "negation"
    both_possible = left.permits and right.permits
    if turned:
        return None if both_possible else "opposite"
    mine, theirs = left.quantities, right.quantities
    if mine.weekdays and theirs.weekdays and not mine.weekdays & theirs.weekdays:
        # Other days with other hours are other occasions.
        return "day" if _amounts(mine) == _amounts(theirs) and not both_possible else None
    return "amount" if _amounts_differ(mine, theirs) else None


def _bounds_clash(left: Statement, right: Statement) -> bool | None:
    """Whether "at least" and "at most" leave no number between them; None where there are no two bounds."""
    lower = [each for each in (left, right) if _AT_LEAST.search(each.main)]
    upper = [each for each in (left, right) if _AT_MOST.search(each.main)]
    if len(lower) != 1 or len(upper) != 1 or lower[0] is upper[0]:
        return None
    least, most = (_numbers(each.quantities) for each in (lower[0], upper[0]))
    if least.keys() != most.keys() or not least:
        return None
    return any(max(least[kind]) >= min(most[kind]) for kind in least)


def _is_about(left: Statement, right: Statement) -> bool:
    """Whether what one of the two denies is what the other one is about, and no aside."""
    denying, other = (left, right) if left.denies else (right, left)
    if any(degree not in other.folded for degree in denying.denied_degrees):
        return False
    denied = denying.denied
    return not denied or len(denied & other.subject) >= _COVERED * len(denied)


def _puts_another_in_place(left: Statement, right: Statement) -> bool:
    """Whether one says a thing where the other says another one: "the ISO domain", "the data domain"."""
    mine, theirs = left.said_in_order, right.said_in_order
    changes = SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes()
    # What stands elsewhere in the other one, and nowhere here, has moved and is no other thing.
    ours = {stem for change, a, b, _, _ in changes if change != "equal" for stem in mine[a:b]}
    others = {stem for change, _, _, c, d in changes if change != "equal" for stem in theirs[c:d]}
    return any(
        change == "replace" and set(mine[a:b]) - others and set(theirs[c:d]) - ours
        for change, a, b, c, d in changes
    )


def _amounts_differ(mine: Quantities, theirs: Quantities) -> bool:
    """Whether both give an amount of the same kind, and not the same one: 2 days are 48 hours."""
    ours, others = _amounts(mine), _amounts(theirs)
    return any(
        len(ours[kind]) == len(others[kind])
        and not any(math.isclose(a, b, rel_tol=_SAME) for a in ours[kind] for b in others[kind])
        for kind in ours.keys() & others.keys()
    )


def _amounts(read: Quantities) -> dict[str, set[float]]:
    """Return the amounts of each kind (a duration, a length, euros), in its least unit.

    A number without a unit may be a version, an address or a limit of something else: it is left out.
    """
    found = _numbers(read)
    found.pop("", None)
    return found


def _numbers(read: Quantities) -> dict[str, set[float]]:
    """Return the same with what counts no unit, as the kind ""."""
    found: dict[str, set[float]] = {}
    for number in read.numbers:
        kind, factor = _UNITS.get(number.unit or "", (number.unit or "", 1.0))
        hours, colon, minutes = number.value.partition(":")
        if colon and hours.isdigit() and minutes.isdigit():
            found.setdefault(kind, set()).add(int(hours) * 60.0 + int(minutes))
        elif _PLAIN.fullmatch(number.value):
            found.setdefault(kind, set()).add(float(number.value) * factor)
    return found


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
