"""What comes in an address, checked."""

from collections.abc import Sequence
from typing import TypeVar

from flask import request
from werkzeug.exceptions import BadRequest

Choice = TypeVar("Choice", bound=str)

TOP_K_MAX = 100


def top_k(default: int) -> int:
    """Return how many results are asked for by `?top_k=`.

    Raises:
        BadRequest: it is no whole number from 1 to 100.
    """
    return number("top_k", default=default, least=1, most=TOP_K_MAX)


def number(name: str, *, default: int, least: int, most: int) -> int:
    """Return the number asked for by `?name=`.

    Raises:
        BadRequest: it is no whole number from `least` to `most`.
    """
    text = request.args.get(name)
    if text is None:
        return default
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else least - 1
    if not least <= value <= most:
        raise BadRequest(f"{name} is a whole number from {least} to {most}, not “{text[:20]}”")
    return value


def choice(name: str, choices: Sequence[Choice]) -> Choice:
    """Return which of some words is asked for by `?name=`, the first of them by default.

    Raises:
        BadRequest: it is none of them.
    """
    asked = request.args.get(name, choices[0])
    found = next((each for each in choices if each == asked), None)
    if found is None:
        raise BadRequest(f"{name} must be {', '.join(choices[:-1])} or {choices[-1]}")
    return found


def pageid() -> int | None:
    """Return the page asked for by `?pageid=`, or None when there is none.

    Raises:
        BadRequest: it is no whole number.
    """
    text = request.args.get("pageid", "").strip()
    return pageid_in(text) if text else None


def pageid_in(text: str) -> int:
    """Return the pageid that a text is.

    Raises:
        BadRequest: it is no whole number.
    """
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadRequest(f"pageid is a whole number, not “{text[:20]}”")
    return int(text)


def number_in_form(name: str) -> int:
    """Return the number that a form sends: a hidden field of ours, which people do not type.

    Raises:
        BadRequest: it is no whole number.
    """
    text = request.form.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise BadRequest(f"{name} is a number")
    return int(text)


def flag(name: str) -> bool:
    """Return whether `?name=1` is asked for; without it, or with 0, it is not.

    Raises:
        BadRequest: it is something else.
    """
    text = request.args.get(name, "").strip()
    if text not in ("", "0", "1"):
        raise BadRequest(f"{name} is 1 or 0, not “{text[:20]}”")
    return text == "1"
