"""The page that reads the API to people: what can be asked, and what it answers when it is tried."""

from typing import Any
from urllib.parse import quote

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from webui.api.enforcement import check
from webui.api.openapi import SUBJECTS, who_may
from webui.api.operation import Operation
from webui.current import current_services
from webui.sign_in.modes import SignInMode, sign_in_mode


def add_to(blueprint: Blueprint) -> None:
    """Register these pages."""
    blueprint.add_url_rule("/api", "api", api)
    blueprint.add_url_rule("/try-api/<name>", "try_api", try_api)


def api() -> str:
    """Show all operations, by subject."""
    subjects: dict[str, list[Operation]] = {}
    for operation in _operations():
        subjects.setdefault(operation.subject, []).append(operation)
    return render_template(
        "api.html",
        subjects=subjects,
        headings=SUBJECTS,
        signs_in=_signs_in(),
        who_may=who_may,
        form_address=_form_address,
        example_address=_example_address,
        curl=_curl,
    )


def try_api(name: str) -> Response:
    """Lead a form, which cannot write a path by itself, to the answer.

    Raises:
        NotFound: there is no such operation that can be asked by an address alone.
        BadRequest: a part of the path is not as it must be.
    """
    operation = next((each for each in _operations() if each.endpoint == name), None)
    if operation is None or operation.method != "GET" or operation.room != "api":
        raise NotFound
    given = request.args.to_dict(flat=False)
    path: dict[str, Any] = {}
    for parameter in operation.parameters:
        if parameter.where == "path":
            path[parameter.name] = (given.pop(parameter.name, None) or [""])[0]
            check(parameter, path)
    query: dict[str, Any] = {name: values for name, values in given.items() if any(values)}
    return redirect(url_for(name, **path, **query))


def _operations() -> tuple[Operation, ...]:
    from webui.api.operations import OPERATIONS  # its functions show texts as pages do, and import these

    return OPERATIONS


def _signs_in() -> bool:
    return sign_in_mode(current_services().config) is not SignInMode.OFF


def _form_address(operation: Operation) -> str:
    """Return where the form of an operation leads: to its answer, if its path is always the same."""
    return (
        operation.path
        if operation.path == operation.template
        else url_for("pages.try_api", name=operation.endpoint)
    )


def _example_address(operation: Operation) -> str:
    """Return the whole address of an operation, with examples of what it needs."""
    needed = [each for each in operation.parameters if each.required]
    path = operation.template
    for parameter in needed:
        path = path.replace(f"{{{parameter.name}}}", quote(str(parameter.example), safe=""))
    query = "&".join(
        f"{each.name}={quote(str(each.example), safe='')}" for each in needed if each.where == "query"
    )
    return request.host_url.removesuffix("/") + path + (f"?{query}" if query else "")


def _curl(operation: Operation) -> str:
    """Return how a line begins that asks an operation from a terminal."""
    is_open = operation.caller == "anybody"
    return "curl -s" if is_open or not _signs_in() else "curl -s -H 'Authorization: Bearer cpg_…'"
