"""Bars side by side for a few levels: how many topics rest on one person, on two, by more."""

from collections.abc import Sequence
from dataclasses import dataclass

from webui.pictures import WIDTH, tidy

_LEFT = 112.0
_RIGHT = 40.0
_ROW = 30.0
_THICK = 18.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One row."""

    name: str
    value: int
    y: float
    middle: float
    width: float
    end: float
    """Where its number stands."""
    is_risky: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelBars:
    """Where everything stands."""

    width: float
    height: float
    left: float
    thick: float
    levels: Sequence[Level]


def level_bars(levels: Sequence[tuple[str, int, bool]]) -> LevelBars:
    """Return the picture of a number for each level, from top to bottom.

    Args:
        levels: name, number, and whether it is one to worry about.
    """
    largest = max((value for _, value, _ in levels), default=0)
    unit = (WIDTH - _LEFT - _RIGHT) / max(1, largest)
    rows = [
        Level(
            name=name,
            value=value,
            y=tidy(_ROW * place + (_ROW - _THICK) / 2),
            middle=tidy(_ROW * (place + 0.5)),
            width=tidy(value * unit),
            end=tidy(_LEFT + value * unit + 6),
            is_risky=is_risky,
        )
        for place, (name, value, is_risky) in enumerate(levels)
    ]
    return LevelBars(width=WIDTH, height=_ROW * len(levels), left=_LEFT, thick=_THICK, levels=rows)
