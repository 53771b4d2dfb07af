"""Bars by month: how much there was of something, from the oldest month to this one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from webui.pictures import WIDTH, tidy
from webui.pictures.scale import Tick, round_ticks

_LEFT = 38.0
_RIGHT = 4.0
_TOP = 10.0
_BELOW = 32.0
_GAP = 0.25
_LEAST_HEIGHT = 2.0
# A letter needs this much room.
_LETTER = 13.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One month."""

    month: date
    value: int
    x: float
    y: float
    width: float
    height: float
    middle: float
    has_letter: bool
    """Whether the month is named below it."""
    has_year: bool
    """Whether the year is."""
    is_running: bool
    """Whether the month is not over yet: its bar is not finished."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthBars:
    """Where everything stands."""

    width: float
    height: float
    left: float
    right: float
    base: float
    bars: Sequence[Bar]
    ticks: Sequence[Tick]


def month_bars(
    values: Sequence[tuple[date, int]], *, today: date | None = None, height: float = 150
) -> MonthBars:
    """Return the picture of a number for each month.

    Args:
        values: first day of each month and its number, oldest first.
        today: its month is shown as one that is not over yet.
        height: of the picture, words included.
    """
    base = height - _BELOW
    marks = round_ticks(max((value for _, value in values), default=0))
    unit = (base - _TOP) / marks[-1]
    room = (WIDTH - _LEFT - _RIGHT) / max(1, len(values))
    every = max(1, -(-int(_LETTER * 100) // max(1, int(room * 100))))
    bars = []
    for place, (month, value) in enumerate(values):
        tall = max(_LEAST_HEIGHT, value * unit) if value else 0.0
        bars.append(
            Bar(
                month=month,
                value=value,
                x=tidy(_LEFT + room * (place + _GAP / 2)),
                y=tidy(base - tall),
                width=tidy(room * (1 - _GAP)),
                height=tidy(tall),
                middle=tidy(_LEFT + room * (place + 0.5)),
                has_letter=(month.month - 1) % every == 0,
                has_year=month.month == 1 or (place == 0 and month.month < 11),
                is_running=today is not None and (month.year, month.month) == (today.year, today.month),
            )
        )
    return MonthBars(
        width=WIDTH,
        height=height,
        left=_LEFT,
        right=WIDTH - _RIGHT,
        base=base,
        bars=bars,
        ticks=[Tick(at=tidy(base - mark * unit), value=mark) for mark in marks],
    )
