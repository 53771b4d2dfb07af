"""How commands print."""

import json
import re
import sys
from typing import Any

import click

# What a terminal obeys instead of showing it: controls (escape sequences begin with one, of C0 or of C1), and
# what turns the direction of the text or breaks its line; halves of a character cannot be printed at all.
_NOT_TEXT = r"\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
_IN_JSON = re.compile(f"[{_NOT_TEXT}]")
_IN_TEXT = re.compile(f"[\\x00-\\x09\\x0b-\\x1f{_NOT_TEXT}]")


def shown(text: str) -> str:
    """Return text as a terminal may have it: titles, notes and a wiki's messages come from anybody."""
    return _IN_TEXT.sub(lambda found: " " if found[0] in "\t\r" else "\ufffd", text)


def say(text: str = "", *, bold: bool = False, nl: bool = True, err: bool = False) -> None:
    """Print text; whatever stands in it, the terminal only shows it."""
    click.secho(shown(text), bold=bold or None, nl=nl, err=err)


def print_json(value: dict[str, Any]) -> None:
    """Print one JSON object, readable, with letters as they are where the terminal has them."""
    ascii_only = not sys.stdout.encoding.lower().startswith("utf")
    text = json.dumps(value, ensure_ascii=ascii_only, indent=2)
    click.echo(_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def plural(number: int, one: str, many: str | None = None) -> str:
    """Return `3 pages`, `1 page`, `1,200 pages`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
