"""Whether two sentences in one language give opposite advice on the same step.

Precision comes before recall: a person is asked to judge what is found here. Two sentences disagree when they
share nearly all that they are about, under the same conditions, and one denies it, turns a word into its
opposite, or gives another amount or another day. What needs understanding is not found.
"""

import math
import re
from collections.abc import Callable, Mapping
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

# Of what both are about, weighted by how rare it is (Dice's coefficient). A "not" stands in many sentences.
_ALIKE: Final[Mapping[Why, float]] = {"negation": 0.8, "opposite": 0.62, "amount": 0.72, "day": 0.72}
_LEAST_ALIKE: Final = min(_ALIKE.values())
# Where each of the two names something that the other does not, they are about two things.
_APART: Final[Mapping[Why, float]] = {"negation": 0.2, "opposite": 0.2, "amount": 0.15, "day": 0.2}
_LEAST_STEMS = 2
_LONGEST_WORDS = 60
# They make a sentence firm or deny it, and are not what it is about.
_POLAR: Final = re.compile(
    r"\b(?:never|jamais|always|toujours|avoid\w*|evite\w*|eviter|forbid\w*|interdi\w*|prohibit\w*|deconseill\w*"
    r"|recommand\w*|recommend\w*|conseill\w*|advis\w*|must|should|shall|doit|doivent|devez|faut|need\w*|cannot"
    r"|impossible|possible|possibly|allow\w*|autoris\w*|permi\w*|prefer\w*|please|veillez|pensez|sans|without"
    r"|aucune?|nobody|personne|nothing|rien|refus\w*|reject\w*|defend\w*|surtout|really|vraiment|il|on|you|vous"
    r"|inutile|unnecessary|needless|a lieu|ont lieu|se tien\w*|dure\w*|lasts?|takes? place|happens?|held"
    r"|faites|laissez|gardez|keep|leave|let|make|mettez|put|se fait|have|work(?:s|ed)? well|good idea"
    r"|bonne idee|it|c'est)\b"
)
# What only seems to deny: who must not forget to do it does it; "ne ... que" is "only".
_SEEMING: Final = re.compile(
    r"\b(?:n'oubliez (?:pas|jamais) (?:de|d')|ne pas oublier (?:de|d')|ne manquez pas (?:de|d')|(?:do not"
    r"|don't|never) (?:forget|fail|hesitate) to|n'hesitez pas a|(?:ne |n')\w+ (?:plus |pas )?(?:que|qu')\b)"
)
_NEEDLESS: Final = re.compile(r"\b(?:inutile (?:de |d')|(?:unnecessary|needless) to\b)")
# "Step 3" counts nothing.
_LABEL: Final = re.compile(
    r"\b(?:etape|step|phase|point|niveau|level|figure|fig|page|chapitre|chapter|version|numero|no|task|tache)"
    r"[ .]*(?:n°|no|#)? ?\d+"
)
_CONDITION: Final = re.compile(
    r"\b(?:if|when|whenever|unless|except|provided|until|while|si|s'il|s'ils|quand|lorsqu\w*|sauf|hormis"
    r"|a moins|en cas|in case|tant que|pendant que|selon|depending|sans|without)\b([^,;:.!?()]*)"
    r"|\b(?:qui|who|whoever)\b((?: ne| n'| not)? ?\w+)"
)
_NO_STATEMENT: Final = re.compile(r"[?:][\W_]*$")
# Addresses, commands and what a program printed say nothing to do.
_CODE: Final = re.compile(r"://|[=<>{}\[\]$\\|`@#]|\w/\w|::|--")
_PLAIN_WORD: Final = re.compile(r"[«“\"'(]*[^\W\d_]+(?:['’-][^\W\d_]+)*[»”\"').,;:!?…]*")
_PLAIN_PART: Final = 0.7
# "1. Clean the lens": its place in a list.
_PLACE: Final = re.compile(r"^\(?\d{1,2}[.)] ")
_CLAUSE: Final = re.compile(
    r"[,;:()—–!?]|\.\s|\b(?:but|mais|et|and|or|ou|car|because|puisque|so that|afin|ainsi|pour que"
    r"|while|tandis)\b"
)
# Of what a clause that denies says, how much the other sentence must say too.
_COVERED: Final = 0.6
_COUNTED: Final = re.compile(
    r"\b(?:secondes?|seconds?|minutes?|heures?|hours?|jours?|days?|semaines?|weeks?|mois|months?|ans?|annees?|years?"
    r"|euros?|dollars?|km|cm|mm|kg|metres?|litres?|grammes?|degres|degrees"
    r"|(?:lun|mar|mercre|jeu|vendre|same)dis?|dimanches?|(?:mon|tues|wednes|thurs|fri|satur|sun)days?)\b"
)
# What was, or what somebody told, is no advice.
_TOLD: Final = re.compile(
    r"\b(?:we|i|he|she|they|nous|j'|je|ils?|elles?) (?:\w+ )?(?:had|was|were|did|tried|decided|avons|avait"
    r"|avaient|etait|etaient|ai|ont)\b"
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
_YEAR: Final = re.compile(r"(?:19|20)\d\d")


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
            not _NO_STATEMENT.search(self.text)
            and not _TOLD.search(self.folded)
            and self._is_prose
            and len(self.text.split()) <= _LONGEST_WORDS
            and len(self.subject) >= _LEAST_STEMS
        )

    @property
    def _is_prose(self) -> bool:
        words = self.text.split()
        plain = sum(_PLAIN_WORD.fullmatch(word) is not None for word in words)
        return not _CODE.search(self.text) and plain >= _PLAIN_PART * len(words)

    @cached_property
    def denies(self) -> bool:
        """Whether it denies something, all in all."""
        return bool((negations(self.main) + len(_NEEDLESS.findall(self.main))) % 2)

    @cached_property
    def denied(self) -> frozenset[str]:
        """Stems of its clauses that deny something."""
        clauses = (clause for clause in _CLAUSE.split(self.main) if negations(clause) % 2)
        return self._stems(_POLAR.sub(" ", " ; ".join(clauses)))

    @cached_property
    def conditions(self) -> frozenset[str]:
        """Stems of what it holds under, or not."""
        return self._stems(
            " ".join(found[1] or found[2] or "" for found in _CONDITION.finditer(self._affirmed))
        )

    @cached_property
    def subject(self) -> frozenset[str]:
        """Stems of what it is about, without what makes it firm, denies it, or counts."""
        return self._stems(_POLAR.sub(" ", self._affirmed))

    @cached_property
    def bare_subject(self) -> frozenset[str]:
        """The same without the words that have an opposite."""
        return self._stems(without_poles(_POLAR.sub(" ", self._affirmed)))

    @cached_property
    def counted_subject(self) -> frozenset[str]:
        """The same as `subject` without units and days of the week."""
        return self._stems(_COUNTED.sub(" ", _POLAR.sub(" ", self._affirmed)))

    @cached_property
    def quantities(self) -> Quantities:
        """What it says in numbers."""
        return read_quantities(_LABEL.sub(" ", _PLACE.sub("", self.folded)))

    @cached_property
    def main(self) -> str:
        """The sentence without its conditions: "if it is not dry, wait" denies nothing."""
        return _CONDITION.sub(" ", self._affirmed)

    @cached_property
    def _affirmed(self) -> str:
        return _SEEMING.sub(" ", self.folded)

    def _stems(self, text: str) -> frozenset[str]:
        return frozenset(
            self._stem(word.form)
            for word in self.analyzer.words(text)
            if len(word.form) > 1
            and not word.form[0].isdigit()
            and not is_stop_word(word.form, self.language)
        )

    def _stem(self, form: str) -> str:
        stem = self.analyzer.stem(form, self.language)
        # "Trempent", which the stemmer leaves as it is, is "trempez".
        return stem[:-3] if self.language == "fr" and len(stem) > 6 and stem.endswith("ent") else stem


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
    if _dice(left.conditions, right.conditions, weight) < 0.5 and (left.conditions or right.conditions):
        return None
    why = _why(left, right)
    if why is None:
        return None
    mine, theirs = _subjects(left, why), _subjects(right, why)
    if min(len(mine), len(theirs)) < _LEAST_STEMS + (why == "negation"):
        return None
    alike = _dice(mine, theirs, weight)
    if alike < _ALIKE[why] or _apart(mine, theirs, weight) > _APART[why]:
        return None
    return why, alike


def _subjects(statement: Statement, why: Why) -> frozenset[str]:
    if why == "opposite":
        return statement.bare_subject
    return statement.subject if why == "negation" else statement.counted_subject


def _why(left: Statement, right: Statement) -> Why | None:
    turned = contradict(left.main, right.main)
    if left.denies != right.denies:
        # "Do not leave it open" and "leave it closed" say the same.
        return None if turned or not _is_about(left, right) else "negation"
    if turned:
        return "opposite"
    mine, theirs = left.quantities, right.quantities
    if mine.weekdays and theirs.weekdays and not mine.weekdays & theirs.weekdays:
        # Other days with other hours are other occasions.
        return "day" if _amounts(mine) == _amounts(theirs) else None
    return "amount" if _amounts_differ(mine, theirs) else None


def _is_about(left: Statement, right: Statement) -> bool:
    """Whether what one of the two denies is what the other one is about, and no aside."""
    denying, other = (left, right) if left.denies else (right, left)
    denied = denying.denied
    return not denied or len(denied & other.subject) >= _COVERED * len(denied)


def _amounts_differ(mine: Quantities, theirs: Quantities) -> bool:
    """Whether both give an amount of the same kind, and not the same one: 2 days are 48 hours."""
    if _is_dated(mine) or _is_dated(theirs):  # what happened on a day, or in a year, is no advice
        return False
    ours, others = _amounts(mine), _amounts(theirs)
    return any(
        len(ours[kind]) == len(others[kind])
        and not any(math.isclose(a, b, rel_tol=_SAME) for a in ours[kind] for b in others[kind])
        for kind in ours.keys() & others.keys()
    )


def _is_dated(read: Quantities) -> bool:
    return bool(read.days) or any(
        number.unit is None and _YEAR.fullmatch(number.value) for number in read.numbers
    )


def _amounts(read: Quantities) -> dict[str, set[float]]:
    """Return the amounts of each kind (a duration, a length, euros), in its least unit.

    A number without a unit may be a version, an address or a limit of something else: it is left out.
    """
    found: dict[str, set[float]] = {}
    for number in read.numbers:
        if number.unit is None:
            continue
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
