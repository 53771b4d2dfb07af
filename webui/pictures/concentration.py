"""The concentration curve: which part of the work the most active people did together.

M. O. Lorenz, "Methods of measuring the concentration of wealth" (1905), with the largest parts first, so that
the curve crosses one half where the contributor absence factor of CHAOSS is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from webui.pictures import WIDTH, tidy

_LEFT = 46.0
_RIGHT = 10.0
_TOP = 12.0
_BELOW = 36.0
# So many rows are read; of the others the curve tells.
_ROWS = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The first so many people, and what they did together."""

    people: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Concentration:
    """Where everything stands."""

    width: float
    height: float
    left: float
    right: float
    top: float
    base: float
    curve: str
    """Points of the line, as SVG has them."""
    area: str
    """Of the area between the line and equal parts."""
    half_y: float
    half_x: float
    """Where the line reaches one half."""
    half_people: int
    """The fewest people who did half of it; 0 for an empty picture."""
    half_at_end: bool
    """Whether the words beside that place stand on its left, for want of room."""
    people: int
    rows: Sequence[Row]


def concentration(shares: Sequence[float], *, height: float = 230) -> Concentration:
    """Return the picture of how work is shared.

    Args:
        shares: each one's part, in any order; together 1, or nothing.
        height: of the picture, words included.
    """
    ordered = sorted((share for share in shares if share > 0), reverse=True)
    together = [min(1.0, share) for share in accumulate(ordered)]
    base, right = height - _BELOW, WIDTH - _RIGHT
    deep, wide = base - _TOP, right - _LEFT

    def place(people: float, share: float) -> tuple[float, float]:
        return tidy(_LEFT + wide * people / max(1, len(ordered))), tidy(base - deep * share)

    points = [(_LEFT, base), *(place(number, share) for number, share in enumerate(together, start=1))]
    # Sums of parts may miss one half by the last bit.
    half = next((number for number, share in enumerate(together, start=1) if share >= 0.5 - 1e-9), 0)
    half_x, half_y = place(half, 0.5)
    line = " ".join(f"{x:g},{y:g}" for x, y in points)
    count = len(ordered)
    rows = sorted({number for number in (*_ROWS, half, count) if 1 <= number <= count})
    return Concentration(
        width=WIDTH,
        height=height,
        left=_LEFT,
        right=right,
        top=_TOP,
        base=base,
        curve=line,
        area=f"{line} {_LEFT:g},{base:g}",
        half_y=half_y,
        half_x=half_x,
        half_people=half,
        half_at_end=half_x > _LEFT + wide * 0.6,
        people=count,
        rows=[Row(people=number, share=together[number - 1]) for number in rows],
    )
