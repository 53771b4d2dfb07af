"""The JSON that is sent to the API."""

from typing import Any

from flask import request
from werkzeug.exceptions import BadRequest, Forbidden

from webui.security import comes_from_another_site


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
