"""Round numbers for an axis (P. Heckbert, "Nice numbers for graph labels", Graphics Gems, 1990)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_ROUND = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A number on an axis."""

    at: float
    """Where it stands in the picture."""
    value: int


def round_ticks(largest: float, *, parts: int = 3) -> Sequence[int]:
    """Return whole numbers from 0 up to at least `largest`, in about so many equal steps of 1, 2 or 5."""
    step = max(1.0, largest / parts)
    magnitude = 10 ** math.floor(math.log10(step))
    width = next(each * magnitude for each in _ROUND if each * magnitude >= step)
    return [int(width * number) for number in range(math.ceil(max(largest, 1) / width) + 1)]
