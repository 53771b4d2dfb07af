"""The map of topics: circles as large as their topics that hold their words and do not overlap.

Near topics lie near. A phone's map is as wide as its column and grows downwards; a desk's is wider.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from webui.pictures import WIDTH, tidy

DESK_WIDTH = 1080.0
"""In units of its own, as `webui.pictures.WIDTH` is a phone's."""
_LETTER = 7.6
_LINE = 15.0
_PADDING = 8.0
_GAP = 5.0
_LEAST = 30.0
_MOST_OF_WIDTH = 0.24
_ROUNDS = 600
_PULL = 0.012
_LONGEST_LINE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicCircle:
    """Where a topic is drawn."""

    x: float
    y: float
    radius: float
    lines: tuple[tuple[str, float], ...]
    """Words, and the y of each line; the number of pages is the last one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicPicture:
    """A map."""

    width: float
    height: float
    circles: tuple[TopicCircle, ...]


def topic_picture(
    topics: Sequence[tuple[tuple[float, float], int, tuple[str, ...]]], *, width: float = WIDTH
) -> TopicPicture:
    """Return a map.

    Args:
        topics: of each its place (-1..1), how many pages it has, and the lines of words that stand in it.
        width: of the map.
    """
    return _picture(tuple(topics), width)


@lru_cache(maxsize=64)
def _picture(
    topics: tuple[tuple[tuple[float, float], int, tuple[str, ...]], ...], width: float
) -> TopicPicture:
    most = max((pages for _, pages, _ in topics), default=1)
    largest = min(width * _MOST_OF_WIDTH, 100.0)
    lines = [tuple(map(_shortened, words)) for _, _, words in topics]
    radii = [
        min(
            width / 2 - _GAP,
            max(_LEAST, largest * math.sqrt(pages / most), _needed(some)),
        )
        for (_, pages, _), some in zip(topics, lines, strict=True)
    ]
    room = 1.5 * math.sqrt(sum(math.pi * (radius + _GAP) ** 2 for radius in radii))
    spread = max(room * room / width, 1.0)
    points = [(width / 2 + place[0] * width / 2, place[1] * spread / 2) for place, _, _ in topics]
    points = _apart(points, radii, width)
    top = min((y - radius for (_, y), radius in zip(points, radii, strict=True)), default=0.0) - _GAP
    bottom = max((y + radius for (_, y), radius in zip(points, radii, strict=True)), default=0.0) + _GAP
    return TopicPicture(
        width=width,
        height=tidy(bottom - top),
        circles=tuple(
            TopicCircle(
                x=tidy(x),
                y=tidy(y - top),
                radius=tidy(radius),
                lines=tuple(
                    (line, tidy(y - top + (number - (len(some) - 1) / 2) * _LINE + 4))
                    for number, line in enumerate(some)
                ),
            )
            for (x, y), radius, some in zip(points, radii, lines, strict=True)
        ),
    )


def _needed(lines: Sequence[str]) -> float:
    """Return the least radius of a circle that holds these lines."""
    return _PADDING + max(
        (
            math.hypot(len(line) * _LETTER / 2, (abs(number - (len(lines) - 1) / 2) + 0.4) * _LINE)
            for number, line in enumerate(lines)
        ),
        default=0.0,
    )


def _shortened(line: str) -> str:
    return line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 1]}…"


def _apart(
    points: Sequence[tuple[float, float]], radii: Sequence[float], width: float
) -> list[tuple[float, float]]:
    """Return places near the given ones where no circles overlap, within the width."""
    # Two at the same place part in a direction that is always the same.
    xs = [x + 0.01 * number for number, (x, _) in enumerate(points)]
    ys = [y + 0.02 * number for number, (_, y) in enumerate(points)]
    count = len(xs)
    for turn in range(_ROUNDS):
        pull = _PULL * (1 - turn / _ROUNDS)
        for i in range(count):
            xs[i] += (width / 2 - xs[i]) * pull
            ys[i] -= ys[i] * pull
        for _ in range(3):
            _push(xs, ys, radii)
            for i in range(count):
                xs[i] = min(max(xs[i], radii[i] + 1), width - radii[i] - 1)
        if turn > _ROUNDS // 2 and not _overlap(xs, ys, radii):
            break
    lowest = 0.0
    if _overlap(xs, ys, radii):  # one under the other: there is room below
        for i in sorted(range(count), key=lambda i: (ys[i], xs[i])):
            ys[i] = lowest + radii[i] + _GAP
            lowest = ys[i] + radii[i]
    return list(zip(xs, ys, strict=True))


def _push(xs: list[float], ys: list[float], radii: Sequence[float]) -> None:
    for i in range(len(xs)):
        for j in range(i + 1, len(xs)):
            dx, dy = xs[j] - xs[i], ys[j] - ys[i]
            apart = math.hypot(dx, dy) or 1e-6
            short = radii[i] + radii[j] + _GAP - apart
            if short > 0:
                dx, dy = dx / apart * short / 2, dy / apart * short / 2
                xs[i], ys[i] = xs[i] - dx, ys[i] - dy
                xs[j], ys[j] = xs[j] + dx, ys[j] + dy


def _overlap(xs: Sequence[float], ys: Sequence[float], radii: Sequence[float]) -> bool:
    return any(
        math.hypot(xs[j] - xs[i], ys[j] - ys[i]) < radii[i] + radii[j] - 0.5
        for i in range(len(xs))
        for j in range(i + 1, len(xs))
    )
