"""Numbers, dates and times in French and English text, in one form: "1 500 €" is "1,500 euros".

For comparing what two texts say, in either language; what it does not read it leaves out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from search.spelled_numbers import ONE, in_digits, spelled
from search.words import fold

_MONTH_WORDS = (
    ("janvier", "january", "jan"),
    ("fevrier", "february", "feb"),
    ("mars", "march", "mar"),
    ("avril", "april", "apr"),
    ("mai", "may"),
    ("juin", "june", "jun"),
    ("juillet", "july", "jul"),
    ("aout", "august", "aug"),
    ("septembre", "september", "sept", "sep"),
    ("octobre", "october", "oct"),
    ("novembre", "november", "nov"),
    ("decembre", "december", "dec"),
)
_MONTHS: Final[Mapping[str, int]] = {
    word: number for number, words in enumerate(_MONTH_WORDS, start=1) for word in words
}
_WEEKDAY_WORDS = (
    ("lundi", "monday"),
    ("mardi", "tuesday"),
    ("mercredi", "wednesday"),
    ("jeudi", "thursday"),
    ("vendredi", "friday"),
    ("samedi", "saturday"),
    ("dimanche", "sunday"),
)
_WEEKDAYS: Final[Mapping[str, int]] = {
    word: number for number, words in enumerate(_WEEKDAY_WORDS) for word in words
}
_UNIT_WORDS = {
    "second": "seconde secondes second seconds sec",
    "minute": "minute minutes min mn",
    "hour": "heure heures hour hours h",
    "day": "jour jours journee journees day days",
    "week": "semaine semaines week weeks",
    "month": "mois month months",
    "quarter": "trimestre trimestres quarter quarters",
    "year": "an ans annee annees year years",
    "percent": "% percent pour_cent",
    "euro": "€ euro euros eur",
    "dollar": "$ dollar dollars usd",
    "pound": "£",
    "kilometre": "km kilometre kilometres kilometer kilometers",
    "metre": "m metre metres meter meters",
    "square metre": "m² m2",
    "cubic metre": "m³ m3",
    "centimetre": "cm",
    "millimetre": "mm",
    "kilogram": "kg kilo kilos",
    "gram": "g gramme grammes gram grams",
    "litre": "l litre litres liter liters",
    "degree": "° °c degres degrees",
}
_UNITS: Final[Mapping[str, str]] = {
    word: unit for unit, words in _UNIT_WORDS.items() for word in words.split()
}
_FRACTIONS: Final = {
    "moitie": "1/2",
    "demi": "1/2",
    "demie": "1/2",
    "half": "1/2",
    "tiers": "1/3",
    "quart": "1/4",
    "quarts": "1/4",
}
# The same in other words, for what is compared with.
_SAME_AS_FRACTION: Final = {
    ("50", "percent"): "1/2",
    ("30", "minute"): "1/2",
    ("25", "percent"): "1/4",
    ("15", "minute"): "1/4",
}
_LARGE: Final = {
    "mille": 3,
    "thousand": 3,
    "millions": 6,
    "million": 6,
    "milliard": 9,
    "milliards": 9,
    "billion": 9,
    "billions": 9,
}

_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAY = r"(?P<day>\d{1,2})(?:er|st|nd|rd|th)?"
_DATES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{_DAY} (?:of )?(?P<month>{_MONTH})\b\.?(?:,? (?P<year>\d{{4}})\b)?",
        rf"\b(?P<month>{_MONTH})\b\.? {_DAY}\b(?:,? (?P<year>\d{{4}})\b)?",
        rf"\b(?P<month>{_MONTH})\b,? (?P<year>\d{{4}})\b",
        r"\b(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})\b",
        r"\b(?P<day>\d{1,2})[/.](?P<month>\d{1,2})[/.](?P<year>\d{4})\b",
        rf"\b(?:en|in|de|d'|of|depuis|since|until|by|fin|debut|mi-|des|avant|before|apres|after) ?"
        rf"(?P<month>{_MONTH})\b",
    )
)
_TIME = re.compile(
    r"\b(?P<hour>\d{1,2}) ?(?:h|:) ?(?P<minute>\d\d)\b(?: ?(?P<half>[ap])\.?m\b)?"
    r"|\b(?P<hour2>\d{1,2}) ?(?P<half2>[ap])\.?m\b"
)
_DIGITS = r"\d{1,3}(?:[ .,]\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)?"
_NUMBER = re.compile(
    rf"(?<![\w])(?P<before>[€$£] ?)?(?:(?P<digits>{_DIGITS})|(?P<word>[a-z]+(?:-(?:et-)?[a-z]+)*))"
    r"(?P<after> ?(?:pour cent|m[23]\b|[a-z]+[²³]?|%|€|\$|£|°c?))?"
)
# "2 à 3 semaines": the first number has the unit of the second.
_RANGE = re.compile(rf"({_DIGITS}) ?(?:a|to|or|ou|et|and|-|–) ?(?={_DIGITS})")
_SCALED_UNIT = re.compile(r" ?(?:d'|de |of )?([a-z]+|€|\$|£)")
_MONEY = frozenset({"euro", "dollar", "pound"})
_BELOW_ZERO = re.compile(r"(?<![\w.,)])(?<!\d )(?:[-−]|moins |minus )(?=\d+(?:[.,]\d+)? ?(?:°|degre))")
_SPANS = frozenset({"hour", "day", "week", "month", "quarter", "year"})
_SPAN = "|".join(word for word, unit in _UNITS.items() if unit in _SPANS)
# "10 € par mois" is not "10 € par an".
_RATE = re.compile(rf"(?:\b(?:par|per|chaque|each|every) |/ ?|(?<=[\d€$£s]) an? )({_SPAN})\b")
_RATE_GENEROUSLY = re.compile(rf"\b(?:an?|tou(?:te)?s les|the|l[ea]|dans l[ea]?) ?'?({_SPAN})\b")
_RATE_WORDS: Final = (
    (re.compile(r"\b(?:quotidien\w*|journalier\w*|daily)\b"), "day"),
    (re.compile(r"\b(?:hebdomadaire\w*|weekly)\b"), "week"),
    (re.compile(r"\b(?:mensuel\w*|monthly)\b"), "month"),
    (re.compile(r"\b(?:trimestriel\w*|quarterly)\b"), "quarter"),
    (re.compile(r"\b(?:annuel\w*|annual\w*|yearly)\b"), "year"),
)
_NUMBER_WITH_UNIT = re.compile(
    r"\d+(?:[.,:]\d+)?(?:h\d*|min|mn|km|kg|cm|mm|am|pm|er|ere|eme|e|st|nd|rd|th|m|g|l|s|°c?)"
)
_SPACES = re.compile(r"[\u00a0\u202f\u2009]")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number, and what it counts where that is a unit."""

    value: str
    """As digits with a point: "1500", "3.5"; a time of day as "14:30"."""
    unit: str | None


@dataclass(frozen=True, slots=True)
class Day:
    """A date, or what is said of one."""

    year: int | None
    month: int | None
    day: int | None

    def within(self, other: "Day") -> bool:
        """Whether all that is said here is said there too."""
        mine, theirs = (self.year, self.month, self.day), (other.year, other.month, other.day)
        return all(a is None or a == b for a, b in zip(mine, theirs, strict=True))


@dataclass(frozen=True, slots=True)
class Quantities:
    """All that a text says in numbers."""

    numbers: frozenset[Quantity]
    days: frozenset[Day]
    weekdays: frozenset[int]

    def missing_from(self, other: "Quantities") -> bool:
        """Whether something is said here that is not said there."""
        years = {str(day.year) for day in other.days}
        known = {number.value for number in other.numbers} | years
        for number in self.numbers:
            if number.value not in known or (number.unit is not None and number not in other.numbers):
                return True
        if any(not any(day.within(there) for there in other.days) for day in self.days):
            return True
        return not self.weekdays <= other.weekdays


def read_quantities(text: str, *, generously: bool = False) -> Quantities:
    """Return what a text says in numbers.

    Args:
        text: French or English, or both.
        generously: as a text is read that something is compared with: "une heure" is 1 hour, and "14 h" may
            be a time or a duration.
    """
    line = " ".join(_SPACES.sub(" ", fold(text.lower())).replace("’", "'").split())
    days, line = _days(line)
    times, line = _times(line)
    line = _BELOW_ZERO.sub(" below zero ", in_digits(line))
    numbers = {*times, *_numbers(line, articles=generously), *_fractions(line)}
    numbers |= _rates(line, generously=generously)
    if generously:
        numbers |= {
            Quantity(fraction, None)
            for number in numbers
            if (fraction := _SAME_AS_FRACTION.get((number.value, number.unit or "")))
        }
        numbers |= {Quantity("1/2", None) for number in numbers if number.value.endswith(":30")}
        if Quantity("1/2", None) in numbers:
            numbers.add(Quantity("50", "percent"))
        numbers |= {
            Quantity(f"{number.value}:00", "clock")
            for number in numbers
            if number.unit == "hour" and number.value.isdigit()
        }
        numbers |= {
            Quantity(number.value.removesuffix(":00"), "hour")
            for number in numbers
            if number.unit == "clock" and number.value.endswith(":00")
        }
    return Quantities(
        numbers=frozenset(numbers),
        days=frozenset(days),
        weekdays=frozenset(
            _WEEKDAYS[word.removesuffix("s")]
            for word in re.findall(r"[a-z]+", line)
            if word.removesuffix("s") in _WEEKDAYS
        ),
    )


def _days(line: str) -> tuple[list[Day], str]:
    days = []
    for pattern in _DATES:
        for found in pattern.finditer(line):
            parts = {"year": None, "month": None, "day": None, **found.groupdict()}
            month, day = parts["month"], parts["day"]
            number = None if month is None else _MONTHS.get(month) or int(month)
            if number is None or not 1 <= number <= 12 or not 1 <= int(day or 1) <= 31:
                continue
            days.append(Day(int(parts["year"]) if parts["year"] else None, number, int(day) if day else None))
        line = pattern.sub(" ; ", line)
    return days, line


def _times(line: str) -> tuple[list[Quantity], str]:
    times = []
    for found in _TIME.finditer(line):
        hour = int(found["hour"] or found["hour2"])
        half = found["half"] or found["half2"]
        if half is not None:
            hour = hour % 12 + (12 if half == "p" else 0)
        times.append(Quantity(f"{hour}:{found['minute'] or '00'}", "clock"))
    return times, _TIME.sub(" ; ", line)


def _fractions(line: str) -> Iterator[Quantity]:
    for word in re.findall(r"[a-z]+", line):
        if word in _FRACTIONS:
            yield Quantity(_FRACTIONS[word], None)


def _rates(line: str, *, generously: bool) -> set[Quantity]:
    """Return what something is counted by: "par mois", "a year"."""
    found = {_UNITS[rate[1]] for rate in _RATE.finditer(line)}
    found |= {unit for pattern, unit in _RATE_WORDS if pattern.search(line)}
    if generously:
        found |= {_UNITS[rate[1]] for rate in _RATE_GENEROUSLY.finditer(line)}
        if any(word.removesuffix("s") in _WEEKDAYS for word in re.findall(r"[a-z]+", line)):
            found.add("week")
    return {Quantity("per", unit) for unit in found}


def _numbers(line: str, *, articles: bool) -> Iterator[Quantity]:
    place = 0
    while found := _NUMBER.search(line, place):
        word, after = found["word"], (found["after"] or "").strip().replace(" ", "_")
        unit = _UNITS.get(after) or (_UNITS[found["before"].strip()] if found["before"] else None)
        scale = _LARGE.get(after, 0)
        place = (
            found.end() if unit or scale else (found.end("digits") if found["digits"] else found.end("word"))
        )
        if scale and (scaled := _SCALED_UNIT.match(line, place)) and _UNITS.get(scaled[1]) in _MONEY:
            unit = _UNITS[scaled[1]]
        if found["digits"]:
            if unit is None and (ranged := _RANGE.match(line, found.start("digits"))):
                following = _NUMBER.match(line, ranged.end())
                unit = _UNITS.get((following["after"] or "").strip()) if following else None
            value = _as_digits(found["digits"], scale)
            if line.endswith("below zero ", 0, found.start("digits")):
                value = f"-{value}"
        elif word in ONE:
            # In "a week" and "une semaine" the article may be a number, in "an idea" it is none.
            if not articles or unit is None:
                continue
            value = "1"
        elif word == "neuf" and unit is not None:  # else it is "new"
            value = "9"
        elif (known := spelled(word)) is not None:
            value = str(known * 10**scale)
        else:
            continue
        yield Quantity(value, unit)


def _as_digits(digits: str, scale: int) -> str:
    grouped = re.fullmatch(r"(\d{1,3}(?:[ .,]\d{3})+)([.,]\d+)?", digits)
    whole, part = (grouped[1], grouped[2] or "") if grouped else (digits, "")
    if grouped is None:
        whole, _, decimals = digits.replace(",", ".").partition(".")
        part = f".{decimals}" if decimals else ""
    whole = re.sub(r"[ .,]", "", whole).lstrip("0") or "0"
    part = part.replace(",", ".").rstrip("0").rstrip(".")
    if scale:
        decimals = part.lstrip(".")
        whole, part = (whole + decimals.ljust(scale, "0")).lstrip("0") or "0", ""
    return whole + part


def merged(all_read: Sequence[Quantities]) -> Quantities:
    """Return what several texts say in numbers together."""
    return Quantities(
        numbers=frozenset(number for read in all_read for number in read.numbers),
        days=frozenset(day for read in all_read for day in read.days),
        weekdays=frozenset(day for read in all_read for day in read.weekdays),
    )


def is_measure(code: str) -> bool:
    """Whether a code is a number with its unit ("30min", "14h30"), which is compared as such."""
    return _NUMBER_WITH_UNIT.fullmatch(code) is not None
