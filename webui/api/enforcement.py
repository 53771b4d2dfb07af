"""What the table of operations says is so: who may ask, and with which parameters."""

import re
from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from flask import request
from werkzeug.exceptions import BadRequest

from webui.api.operation import JsonSchema, Operation, Parameter
from webui.rights.readers import check_role

_LONGEST_NUMBER = 10
_SHOWN_CHARACTERS = 20


def enforced(operation: Operation) -> Callable[..., Any]:
    """Return the function that answers an operation, for those who may ask it, as it may be asked.

    What is an integer in its path is given to it as one.
    """
    numbers = {each.name for each in operation.parameters if each.schema["type"] == "integer"}

    @wraps(operation.answer)
    def view(**path: str) -> Any:
        if operation.caller == "people":
            check_role(operation.role)
        for parameter in operation.parameters:
            check(parameter, path)
        return operation.answer(
            **{name: int(text) if name in numbers else text for name, text in path.items()}
        )

    return view


def check(parameter: Parameter, path: dict[str, str]) -> None:
    """Check what the request that is being answered has for a parameter.

    Args:
        parameter: of the operation.
        path: what its path holds.

    Raises:
        BadRequest: it is missing, or not as its schema says; or the parameter's own error.
    """
    given = [path[parameter.name]] if parameter.where == "path" else request.args.getlist(parameter.name)
    # A form sends its empty fields too: nothing is chosen there.
    is_chosen = parameter.schema["type"] == "integer" or "enum" in parameter.schema
    values = [value for value in given if value or not is_chosen]
    if not values and parameter.required:
        raise BadRequest(f"give {parameter.what}: ?{parameter.name}=")
    for value in values if parameter.repeatable else values[:1]:
        wrong = trouble_with(value, parameter.name, parameter.schema)
        if wrong is not None and (value or parameter.required):
            raise BadRequest(wrong) if parameter.refusal is None else parameter.refusal(wrong)


def trouble_with(text: str, name: str, schema: JsonSchema) -> str | None:
    """Return what is wrong with a value in an address, in English, or None.

    Args:
        text: the value.
        name: of the parameter.
        schema: type integer or string, with bounds, length, words to choose from, a pattern or format date.
    """
    shown = f"not “{text[:_SHOWN_CHARACTERS]}”"
    if schema["type"] == "integer":
        is_number = text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
        if "enum" in schema:
            right = is_number and int(text) in schema["enum"] and len(text) == 1
            return None if right else f"{name} is 1 or 0, {shown}"
        least, most = schema["minimum"], schema["maximum"]
        right = is_number and least <= int(text) <= most
        return None if right else f"{name} is a whole number from {least} to {most}, {shown}"
    if "enum" in schema and text not in schema["enum"]:
        words = [str(word) for word in schema["enum"]]
        return f"{name} must be {', '.join(words[:-1])} or {words[-1]}"
    if len(text) > schema.get("maxLength", len(text)):
        return f"{name} has {len(text):,} characters; at most {schema['maxLength']:,} can be asked"
    if len(text) < schema.get("minLength", 0) or not re.search(schema.get("pattern", ""), text):
        return f"{name} is empty, or not such a text"
    if schema.get("format") == "date" and not _is_date(text):
        return f"{name} is a day such as 2026-01-31, {shown}"
    return None


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
