"""What comes in an address, checked."""

from flask import request
from werkzeug.exceptions import BadRequest

TOP_K_MAX = 100


def top_k(default: int) -> int:
    """Return how many results are asked for by `?top_k=`.

    Raises:
        BadRequest: it is no whole number from 1 to 100.
    """
    text = request.args.get("top_k")
    if text is None:
        return default
    try:
        value = int(text)
    except ValueError:
        value = 0
    if not 1 <= value <= TOP_K_MAX:
        raise BadRequest(f"top_k is a whole number from 1 to {TOP_K_MAX}, not “{text[:20]}”")
    return value


def pageid() -> int | None:
    """Return the page asked for by `?pageid=`, or None when there is none.

    Raises:
        BadRequest: it is no whole number.
    """
    text = request.args.get("pageid", "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadRequest(f"pageid is a whole number, not “{text[:20]}”")
    return int(text)
