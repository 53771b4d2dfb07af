"""Markdown tables of measurements, and the figures in them."""

from collections.abc import Sequence
from statistics import median


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table; columns after the first are aligned to the right."""
    lines = [header, ["---", *("---:" for _ in header[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def spread(values: Sequence[float], *, digits: int = 2) -> str:
    """Return the median of some values, and between which it stands: "2.10 (1.95-2.40)"."""
    if len(values) == 1:
        return f"{values[0]:.{digits}f}"
    return f"{median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"
