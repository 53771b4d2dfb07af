"""Dates are read the way people write them, and left alone where they are not sure."""

import datetime

import pytest

from capture.dates import date_in_name, due_date, find_dates

MEETING = datetime.date(2024, 3, 12)  # a Tuesday


def first(text: str, *, day_first: bool | None = None, after: datetime.date | None = None) -> str | None:
    found = next(iter(find_dates(text, day_first=day_first, after=after)), None)
    return found.date.isoformat() if found else None


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-05", "2024/03/05", "5 mars 2024", "Mardi 5 mars 2024", "le 05.03.2024", "March 5, 2024",
        "March 5th 2024", "5 March 2024", "Tuesday 5th of March, 2024", "Mar. 5 2024", "5 Mar 2024",
        "réunion du 5 mars 2024 à 18 h", "2024-03-05T18:00", "5-mars-2024",
    ],
)  # fmt: skip
def test_complete_dates(text: str) -> None:
    assert first(text) == "2024-03-05"


@pytest.mark.parametrize(
    ("text", "day_first", "expected"),
    [
        ("05/03/2024", True, "2024-03-05"),
        ("05/03/2024", None, None),
        ("25/03/2024", None, "2024-03-25"),
        ("03/25/2024", None, "2024-03-25"),
        ("05/03/24", True, "2024-03-05"),
        ("1er avril 2024", True, "2024-04-01"),
        ("2 févr. 2024", True, "2024-02-02"),
        ("31 août 2024", True, "2024-08-31"),
    ],
)
def test_numeric_dates_follow_the_language(text: str, day_first: bool | None, expected: str | None) -> None:
    assert first(text, day_first=day_first) == expected


@pytest.mark.parametrize(
    "text",
    [
        "31 février 2024",
        "2024-13-01",
        "version 1.2.2024.5",
        "5 mars",
        "le 12/03",
        "10.0.12.2024.1",
        "12345678",
    ],
)
def test_what_is_no_sure_date(text: str) -> None:
    assert first(text, day_first=True) is None


def test_a_day_and_month_count_from_the_meeting() -> None:
    assert first("le 20 mars", after=MEETING) == "2024-03-20"
    assert first("10 janvier", after=MEETING) == "2025-01-10"
    assert first("20/03", day_first=True, after=MEETING) == "2024-03-20"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("commander les pieds avant le 20 mars", "2024-03-20"),
        ("send the list by March 20", "2024-03-20"),
        ("appeler la mairie d'ici vendredi", "2024-03-15"),
        ("write to them by Friday", "2024-03-15"),
        ("réserver la salle pour le mardi 19 mars", "2024-03-19"),
        ("relancer (20/03)", "2024-03-20"),
        ("ranger d'ici demain", "2024-03-13"),
        ("échéance : 2024-04-01", "2024-04-01"),
        ("publish the minutes (due: 2024-04-01)", "2024-04-01"),
        ("raconter la sortie du 3 mars 2024", None),
        ("trier les 20 vélos", None),
        ("préparer la réunion", None),
    ],
)
def test_due_dates(text: str, expected: str | None) -> None:
    found = due_date(text, day_first=True, meeting=MEETING)
    assert (found.isoformat() if found else None) == expected


def test_without_a_meeting_date_only_complete_dates_are_due() -> None:
    assert due_date("avant le 20 mars", day_first=True, meeting=None) is None
    assert due_date("avant le 20 mars 2024", day_first=True, meeting=None) == datetime.date(2024, 3, 20)


def test_dates_in_names_of_files() -> None:
    assert date_in_name("cr_20240305.txt") == datetime.date(2024, 3, 5)
    assert date_in_name("2024-03-05-atelier.md") == datetime.date(2024, 3, 5)
    assert date_in_name("notes-12345.md") is None
