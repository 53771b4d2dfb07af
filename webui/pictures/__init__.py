"""Pictures of figures: where their lines and words stand, as numbers; templates draw them as SVG.

A picture is 340 units wide, as a phone's column is, so that its words have their own size there. Beside
each stands a table that says the same: a picture alone says nothing to who cannot see it.
"""

from typing import Final

WIDTH: Final = 340.0
"""Of every picture, in units of its own."""


def tidy(number: float) -> float:
    """Return a place in a picture with one decimal: nobody sees more, and it is shorter."""
    return round(number, 1) + 0.0
