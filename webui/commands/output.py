"""How commands print."""

import json
from typing import Any

import click


def print_json(value: dict[str, Any]) -> None:
    """Print one JSON object, readable, with letters as they are."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def plural(number: int, one: str, many: str | None = None) -> str:
    """Return `3 pages`, `1 page`, `1,200 pages`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
