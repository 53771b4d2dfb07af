"""Dates as people write them in French and English notes.

A date is reported only when it is sure: a day and month without a year need a meeting date to count from,
and a numeric date in English text whose day and month could be swapped ("03/04/2024") is left alone.
"""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from capture.lines import folded

_MONTHS = {
    "janvier": 1, "janv": 1, "january": 1, "jan": 1,
    "fevrier": 2, "fevr": 2, "fev": 2, "february": 2, "feb": 2,
    "mars": 3, "march": 3, "mar": 3,
    "avril": 4, "avr": 4, "april": 4, "apr": 4,
    "mai": 5, "may": 5,
    "juin": 6, "june": 6, "jun": 6,
    "juillet": 7, "juil": 7, "july": 7, "jul": 7,
    "aout": 8, "august": 8, "aug": 8,
    "septembre": 9, "september": 9, "sept": 9, "sep": 9,
    "octobre": 10, "october": 10, "oct": 10,
    "novembre": 11, "november": 11, "nov": 11,
    "decembre": 12, "december": 12, "dec": 12,
}  # fmt: skip
_DAYS = {
    "lundi": 0, "monday": 0, "mon": 0,
    "mardi": 1, "tuesday": 1, "tue": 1, "tues": 1,
    "mercredi": 2, "wednesday": 2, "wed": 2,
    "jeudi": 3, "thursday": 3, "thu": 3, "thurs": 3,
    "vendredi": 4, "friday": 4, "fri": 4,
    "samedi": 5, "saturday": 5, "sat": 5,
    "dimanche": 6, "sunday": 6, "sun": 6,
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_WEEKDAY = "|".join(sorted(_DAYS, key=len, reverse=True))
_YEAR = r"(?:19|20)\d{2}"
_ISO = re.compile(rf"(?<![\d/.-])({_YEAR})([-/.])(\d{{1,2}})\2(\d{{1,2}})(?![\d/]|\.\d)")
_NUMERIC = re.compile(r"(?<![\d/.-])(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?![\d/-]|\.\d)")
_DAY_MONTH = re.compile(
    rf"(?<![\w])(\d{{1,2}})(?:er|st|nd|rd|th)?(?: of)?[ -]({_MONTH})\b\.?(?:,?[ -](?:de |en "
    rf")?({_YEAR}))?(?!\d)"
)
_MONTH_DAY = re.compile(
    rf"\b({_MONTH})\b\.? (\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)(?:,? ({_YEAR})\b)?(?! ?(?:h\b|am\b|pm\b|%))"
)
_SHORT = re.compile(r"(?<![\d/.,-])(\d{1,2})/(\d{1,2})(?![\d/]|[.,]\d|\s?(?:€|euros?|%))")
_DIGIT = re.compile(r"\d")
_COMPACT = re.compile(rf"(?<!\d)({_YEAR})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")

_RELATIVE = re.compile(r"\b(demain|tomorrow|apres-demain|aujourd'hui|ce soir|today|tonight)\b")
_NEXT_DAY = re.compile(rf"\b(?:(next|this|coming) )?({_WEEKDAY})\b(?: (prochain|suivant|next))?")
_BEFORE = re.compile(
    r"\b(?:avant(?: le| la fin du)?|d'ici(?: a| au| le| la)?|pour(?: le)?|au plus tard(?: le)?|"
    r"echeance|date limite|deadline|due(?: date)?(?: on| by)?|by|before|"
    r"until|no later than|jusqu'au|le|la|du|on|for|this|next|ce|cette|demain|tomorrow)\b[ :=-]*$"
)
_DUE_CUE = re.compile(
    r"\b(?:avant|d'ici|pour (?:le|la|ce|demain|lundi|mardi|mercredi|jeudi|vendredi|samedi|"
    r"dimanche)|au plus tard|echeance|date limite|deadline|due|by|before|until|no later than|"
    r"eta)\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDate:
    """A date that stands in a text."""

    date: datetime.date
    start: int
    """Where it starts in the folded text."""
    end: int


def _date(year: int, month: int, day: int) -> datetime.date | None:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None


def _next_occurrence(month: int, day: int, after: datetime.date | None) -> datetime.date | None:
    """The first such day on or after a date; a few weeks back still count, for what is already late."""
    if after is None:
        return None
    for year in (after.year, after.year + 1):
        found = _date(year, month, day)
        if found is not None and found >= after - datetime.timedelta(days=60):
            return found
    return None


def find_dates(
    text: str, *, day_first: bool | None, after: datetime.date | None = None
) -> Iterator[FoundDate]:
    """Yield the calendar dates of a text, in the order in which they stand.

    Args:
        text: Any text.
        day_first: How to read "03/04/2024": True for 3 April (French), None to leave out what could be
            either.
        after: The date to count from for a day and month without a year; without it they are left out.
    """
    yield from _found_dates(text[:5000], day_first, after)


@lru_cache(maxsize=1_000)
def _found_dates(text: str, day_first: bool | None, after: datetime.date | None) -> tuple[FoundDate, ...]:
    if not _DIGIT.search(text):
        return ()
    flat = folded(text)
    found: list[FoundDate] = []

    def add(match: re.Match[str], date: datetime.date | None) -> None:
        if date is not None and not any(
            other.start < match.end() and match.start() < other.end for other in found
        ):
            found.append(FoundDate(date=date, start=match.start(), end=match.end()))

    for match in _ISO.finditer(flat):
        add(match, _date(int(match[1]), int(match[3]), int(match[4])))
    for match in _DAY_MONTH.finditer(flat):
        month = _MONTHS[match[2]]
        day = int(match[1])
        add(match, _date(int(match[3]), month, day) if match[3] else _next_occurrence(month, day, after))
    for match in _MONTH_DAY.finditer(flat):
        month, day = _MONTHS[match[1]], int(match[2])
        if match[1] in ("may", "mar", "mars") and not match[3] and after is None:
            continue
        add(match, _date(int(match[3]), month, day) if match[3] else _next_occurrence(month, day, after))
    for match in _NUMERIC.finditer(flat):
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        if match[2] == "-" and len(match[4]) == 2:
            continue  # "01-02-03" is as likely a number
        add(
            match,
            _numeric(
                first, second, year + 2000 if year < 100 else year, day_first=day_first or match[2] == "."
            ),
        )
    for match in _SHORT.finditer(flat):
        if day_first and after is not None and 1 <= int(match[2]) <= 12:
            add(match, _next_occurrence(int(match[2]), int(match[1]), after))
    return tuple(sorted(found, key=lambda one: one.start))


def _numeric(first: int, second: int, year: int, *, day_first: bool | None) -> datetime.date | None:
    if day_first:
        return _date(year, second, first)
    if first > 12:
        return _date(year, second, first)
    if second > 12:
        return _date(year, first, second)
    return _date(year, first, second) if first == second else None


def date_in_name(name: str) -> datetime.date | None:
    """Return the date that stands in a file's name ("2024-03-05-notes.md", "cr_20240305.txt")."""
    compact = _COMPACT.search(name)
    if compact:
        return _date(int(compact[1]), int(compact[2]), int(compact[3]))
    separated = re.search(rf"(?<!\d)({_YEAR})[-_.](\d{{2}})[-_.](\d{{2}})(?!\d)", name)
    return _date(int(separated[1]), int(separated[2]), int(separated[3])) if separated else None


def due_date(text: str, *, day_first: bool | None, meeting: datetime.date | None) -> datetime.date | None:
    """Return the day by which something is to be done, where the text says so.

    "avant le 12 mars", "by Friday", "d'ici demain", "(échéance : 05/06/2024)". Without a meeting date only
    complete dates count.

    Args:
        text: What the notes say of the action.
        day_first: How numeric dates are read, as in `find_dates`.
        meeting: The day of the meeting.
    """
    flat = folded(text[:5000])
    for found in find_dates(text, day_first=day_first, after=meeting):
        before = flat[max(0, found.start - 40) : found.start]
        before = re.sub(rf"(?:{_WEEKDAY})[ ,]*$", "", before)
        if _BEFORE.search(before) and _DUE_CUE.search(before + " "):
            return found.date
        if re.search(r"[(\[–—-] ?$", before) and flat[found.end : found.end + 1] in (")", "]", ""):
            return found.date
    if meeting is None:
        return None
    relative = _RELATIVE.search(flat)
    if relative and re.search(
        r"(?:d'ici|pour|avant|by|before|due|until|for)[ :]*$|^$", flat[: relative.start()][-10:]
    ):
        days = {"demain": 1, "tomorrow": 1, "apres-demain": 2}.get(relative[1], 0)
        return meeting + datetime.timedelta(days=days)
    for match in _NEXT_DAY.finditer(flat):
        before = flat[max(0, match.start() - 25) : match.start()]
        if _DUE_CUE.search(before + flat[match.start() : match.end()]) and _BEFORE.search(before):
            ahead = (_DAYS[match[2]] - meeting.weekday() - 1) % 7 + 1
            return meeting + datetime.timedelta(days=ahead)
    return None
