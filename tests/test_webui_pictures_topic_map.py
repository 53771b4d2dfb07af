"""The picture of the map: circles within it that hold their words and do not overlap."""

import math
import random

import pytest

from webui.pictures import WIDTH
from webui.pictures.topic_map import DESK_WIDTH, topic_picture

Topics = list[tuple[tuple[float, float], int, tuple[str, ...]]]


def topics(number: int, seed: int) -> Topics:
    chance = random.Random(seed)  # noqa: S311 - places, no secret
    return [
        (
            (chance.uniform(-1, 1), chance.uniform(-1, 1)),
            chance.randint(1, 90),
            ("organisationnelles", "réparation", str(number)),
        )
        for _ in range(number)
    ]


@pytest.mark.parametrize("width", [WIDTH, DESK_WIDTH])
@pytest.mark.parametrize("number", [1, 2, 7, 24])
def test_nothing_overlaps_or_sticks_out(width: float, number: int) -> None:
    drawn = topic_picture(topics(number, seed=number), width=width)
    assert len(drawn.circles) == number
    for place, one in enumerate(drawn.circles):
        assert one.radius - 1 <= one.x <= width - one.radius + 1
        assert one.radius - 1 <= one.y <= drawn.height - one.radius + 1
        assert all(abs(y - one.y) < one.radius for _, y in one.lines)
        for other in drawn.circles[place + 1 :]:
            assert math.hypot(one.x - other.x, one.y - other.y) >= one.radius + other.radius - 1


def test_topics_at_one_place_part() -> None:
    drawn = topic_picture([((0.0, 0.0), 5, ("un",)), ((0.0, 0.0), 5, ("deux",))])
    one, other = drawn.circles
    assert math.hypot(one.x - other.x, one.y - other.y) >= one.radius + other.radius - 1


def test_without_topics_there_is_an_empty_picture() -> None:
    assert topic_picture([]).circles == ()


def test_a_word_that_is_too_long_is_cut() -> None:
    [circle] = topic_picture([((0.0, 0.0), 1, ("anticonstitutionnellement",))]).circles
    assert circle.lines[0][0] == "anticonstitutionnel…"
