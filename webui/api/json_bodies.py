"""The JSON that is sent to the API."""

from collections.abc import Sequence
from datetime import date
from typing import Any, TypeVar

from flask import request
from werkzeug.exceptions import BadRequest, Forbidden

from webui.security import comes_from_another_site

Word = TypeVar("Word", bound=str)


def json_body() -> Any:
    """Return what was sent.

    Raises:
        BadRequest: it is no JSON, or nested too deeply to be read.
    """
    try:
        return request.get_json()
    except RecursionError as e:
        raise BadRequest("the JSON is nested too deeply") from e


def json_object(wanted: str = "give a JSON object") -> dict[str, Any]:
    """Return the JSON object that was sent.

    Args:
        wanted: what to say where it is anything else.

    Raises:
        BadRequest: it is anything else.
    """
    body = json_body()
    if not isinstance(body, dict):
        raise BadRequest(wanted)
    return body


def own_json_object(wanted: str = "give a JSON object") -> dict[str, Any]:
    """Return the JSON object that was sent by a page of ours or by a program; arguments as `json_object`.

    Raises:
        BadRequest: it is anything else.
        Forbidden: a page of another web site sent it.
    """
    if comes_from_another_site():
        raise Forbidden("this call comes from another web site")
    return json_object(wanted)


def text_in(body: dict[str, Any], name: str, *, longest: int) -> str:
    """Return a text that stands in the object that was sent, without blanks around it; empty without one.

    Raises:
        BadRequest: it is no text, or too long.
    """
    text = body.get(name, "")
    if not isinstance(text, str) or len(text) > longest:
        raise BadRequest(f"{name} is a text of {longest:,} characters at most")
    return text.strip()


def word_in(body: dict[str, Any], name: str, words: Sequence[Word]) -> Word:
    """Return which of some words stands in the object that was sent.

    Raises:
        BadRequest: it is none of them.
    """
    given = body.get(name)
    found = next((each for each in words if each == given), None)
    if found is None:
        raise BadRequest(f"{name} is one of {', '.join(words)}")
    return found


def number_in(body: dict[str, Any], name: str, *, least: int, most: int) -> int:
    """Return a whole number that stands in the object that was sent.

    Raises:
        BadRequest: it is none, or not from `least` to `most`.
    """
    number = body.get(name)
    if type(number) is not int or not least <= number <= most:  # True is an int in Python, and none in JSON
        raise BadRequest(f"{name} is a whole number from {least:,} to {most:,}")
    return number


def day_in(body: dict[str, Any], name: str) -> date | None:
    """Return a day that stands in the object that was sent, or None.

    Raises:
        BadRequest: it is no day.
    """
    text = body.get(name)
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except (TypeError, ValueError) as e:
        raise BadRequest(f"{name} is a day like 2026-01-31") from e
    if day.isoformat() != text:  # 20260131 and 2026-W05-6 are days of Python's alone
        raise BadRequest(f"{name} is a day like 2026-01-31")
    return day
