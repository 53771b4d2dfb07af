"""Pictures of figures: what they draw is what was counted."""

from datetime import date

import pytest

from webui.pictures import WIDTH
from webui.pictures.concentration import Row, concentration
from webui.pictures.level_bars import level_bars
from webui.pictures.month_bars import month_bars
from webui.pictures.scale import round_ticks


def months(*values: int, first: int = 1) -> list[tuple[date, int]]:
    return [
        (date(2025 + (first + place - 1) // 12, (first + place - 1) % 12 + 1, 1), value)
        for place, value in enumerate(values)
    ]


@pytest.mark.parametrize(
    ("largest", "ticks"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (2, [0, 1, 2]),
        (3, [0, 1, 2, 3]),
        (7, [0, 5, 10]),
        (59, [0, 20, 40, 60]),
        (940, [0, 500, 1000]),
        (12_345, [0, 5000, 10000, 15000]),
    ],
)
def test_an_axis_has_a_few_round_numbers_and_room_for_the_largest(largest: int, ticks: list[int]) -> None:
    assert round_ticks(largest) == ticks


def test_bars_are_as_tall_as_their_numbers() -> None:
    picture = month_bars(months(10, 0, 20, 5))
    tall = [bar.height for bar in picture.bars]
    assert tall[0] == pytest.approx(tall[2] / 2, abs=0.1)
    assert tall[1] == 0
    assert tall[3] == pytest.approx(tall[2] / 4, abs=0.1)
    for bar in picture.bars:
        assert bar.y + bar.height == pytest.approx(picture.base, abs=0.11)
        assert picture.left <= bar.x < bar.x + bar.width <= picture.right
    top = picture.ticks[-1]
    assert top.value >= 20
    assert top.at >= 0
    assert picture.bars[2].y == pytest.approx(next(t.at for t in picture.ticks if t.value == 20), abs=0.1)


def test_a_little_is_seen_beside_much() -> None:
    assert month_bars(months(10_000, 1)).bars[1].height == 2


def test_months_are_named_as_far_as_there_is_room() -> None:
    year, longer = month_bars(months(*[3] * 12, first=7)), month_bars(months(*[3] * 36, first=7))
    assert all(bar.has_letter for bar in year.bars)
    assert 6 < sum(bar.has_letter for bar in longer.bars) < 24
    assert [bar.month.year for bar in year.bars if bar.has_year] == [2025, 2026]
    assert all(bar.has_letter for bar in longer.bars if bar.month.month == 1)


def test_the_month_that_is_not_over_looks_so() -> None:
    bars = month_bars(months(1, 2), today=date(2025, 2, 14)).bars
    assert [bar.is_running for bar in bars] == [False, True]


def test_the_curve_reaches_one_half_at_the_absence_factor() -> None:
    picture = concentration([0.1, 0.4, 0.2, 0.2, 0.1])
    assert (picture.half_people, picture.people) == (2, 5)
    points = [tuple(map(float, point.split(","))) for point in picture.curve.split()]
    assert points[0] == (picture.left, picture.base)
    assert points[-1] == (picture.right, picture.top)
    assert [share for _, share in points] == sorted((y for _, y in points), reverse=True)
    assert picture.half_x == points[2][0]
    assert picture.half_y == pytest.approx((picture.base + picture.top) / 2)
    assert picture.rows[0] == Row(people=1, share=0.4)
    assert picture.rows[1].people == 2
    assert picture.rows[1].share == pytest.approx(0.6)
    assert picture.rows[-1].people == 5
    assert picture.rows[-1].share == pytest.approx(1)


def test_of_equal_parts_half_the_people_did_one_half_in_spite_of_rounding() -> None:
    assert concentration([1 / 6] * 6).half_people == 3
    assert concentration([0.1] * 10).half_people == 5


def test_nothing_was_done_by_nobody() -> None:
    picture = concentration([])
    assert (picture.half_people, picture.people, picture.rows) == (0, 0, [])
    assert month_bars([]).bars == []
    assert level_bars([]).height == 0


def test_levels_are_as_long_as_their_numbers_and_stay_inside() -> None:
    picture = level_bars([("nobody", 1, True), ("one", 4, True), ("two", 0, False)])
    one, four, none = picture.levels
    assert four.width == pytest.approx(4 * one.width, abs=0.2)
    assert none.width == 0
    assert all(level.end < WIDTH for level in picture.levels)
    assert [level.is_risky for level in picture.levels] == [True, True, False]
    assert one.middle < four.middle < none.middle < picture.height
