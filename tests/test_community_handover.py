"""How often a community meets, as its past meetings show."""

from datetime import date, timedelta

import pytest

from community.handover import rhythm

FIRST_TUESDAYS = [date(2026, 1, 6), date(2026, 2, 3), date(2026, 3, 3), date(2026, 4, 7), date(2026, 5, 5)]


def test_a_monthly_meeting_is_expected_on_its_day_of_the_week() -> None:
    told = rhythm(FIRST_TUESDAYS, today=date(2026, 5, 10))
    assert (told.meetings, told.last, told.every_days, told.weekday) == (5, date(2026, 5, 5), 28, 1)
    assert told.next_expected == date(2026, 6, 2)


def test_a_break_hides_no_rhythm_and_nothing_is_expected_in_the_past() -> None:
    weekly = [date(2026, 1, 5) + timedelta(days=7 * week) for week in (0, 1, 2, 3, 12, 13)]
    told = rhythm(weekly, today=date(2026, 9, 1))
    assert (told.every_days, told.weekday) == (7, 0)
    assert told.next_expected == date(2026, 9, 7)


def test_irregular_meetings_have_no_day_of_the_week() -> None:
    days = [date(2026, 1, 1), date(2026, 1, 12), date(2026, 1, 23), date(2026, 2, 3)]
    told = rhythm(days, today=date(2026, 2, 4))
    assert (told.every_days, told.weekday, told.next_expected) == (11, None, date(2026, 2, 14))


@pytest.mark.parametrize("days", [[], FIRST_TUESDAYS[:2]])
def test_too_few_meetings_tell_no_rhythm(days: list[date]) -> None:
    told = rhythm([*days, *days, date(2030, 1, 1)], today=date(2026, 5, 10))
    assert (told.meetings, told.last) == (len(days), days[-1] if days else None)
    assert (told.every_days, told.next_expected) == (None, None)
