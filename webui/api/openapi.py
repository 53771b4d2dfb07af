"""The OpenAPI document, made from the table of operations and the JSON Schemas of the answers.

https://spec.openapis.org/oas/v3.1.1.html
"""

import json
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from importlib.metadata import version
from importlib.resources import files
from typing import Any, Final

from webui.api.operation import N_, Body, Operation, Parameter
from webui.claims import HEADER
from webui.rights.roles import Role

SUBJECTS: Final[Mapping[str, str]] = {
    "search": N_("Search: pages, people, topics"),
    "questions": N_("Questions to the community"),
    "links": N_("Links and gardening"),
    "notes": N_("Meeting notes"),
    "community": N_("The community"),
    "service": N_("The service"),
    "wiki": N_("Inside the wiki"),
}
"""What the operations are about."""

_DESCRIPTION: Final = """What the pages do, for programs. Answers are UTF-8 JSON; an error is one object.

A person's token (their own page makes one) rides as `Authorization: Bearer cpg_…`; what it may do and read is
what that person may. For `GET` the browser's session counts too. Where nobody signs in, none of it is needed.
An empty value counts as none."""
_SECURITY_SCHEMES: Final = {
    "token": {"type": "http", "scheme": "bearer", "description": "A person’s token."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "compagnon",
        "description": "A browser that has signed in; for GET only.",
    },
    "owner": {"type": "http", "scheme": "bearer", "description": "The token of index/owner.json."},
    "claim": {"type": "apiKey", "in": "header", "name": HEADER, "description": "Signed by the wiki."},
}


@cache
def openapi_json() -> str:
    """Return the document as JSON."""
    return json.dumps(document(), ensure_ascii=False, separators=(",", ":"))


def document() -> dict[str, Any]:
    """Return the document."""
    from webui.api.operations import OPERATIONS  # the table holds the route of this document, too

    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.template, {})[operation.method.lower()] = _operation(operation)
    subjects = dict.fromkeys(operation.subject for operation in OPERATIONS)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Compagnon",
            "version": version("compagnon"),
            "description": _DESCRIPTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": SUBJECTS[name]} for name in subjects],
        "paths": paths,
        "components": {"schemas": _schemas(), "securitySchemes": _SECURITY_SCHEMES},
    }


def _operation(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": operation.endpoint.replace("api.", "", 1).replace(".", "_"),
        "tags": [operation.subject],
        "summary": operation.summary,
        "description": " ".join(part for part in (operation.description, who_may(operation)) if part),
        "security": _security(operation),
    }
    if operation.parameters:
        found["parameters"] = [_parameter(parameter) for parameter in operation.parameters]
    if operation.body is not None:
        found["requestBody"] = _body(operation.body)
    found["responses"] = _responses(operation)
    return found


def who_may(operation: Operation) -> str:
    """Return for whom an operation is, in English."""
    if operation.caller != "people":
        return {
            "anybody": N_("For anybody."),
            "owner": N_("For commands on the same machine."),
            "wiki": N_("For the wiki’s extension."),
            "gadget": N_("For pages of the wiki: the Origin is checked."),
        }[operation.caller]
    return {
        Role.VISITOR: N_("For whoever may read the wiki."),
        Role.MEMBER: N_("For members."),
        Role.EDITOR: N_("For editors."),
        Role.COORDINATOR: N_("For coordinators."),
        Role.ADMINISTRATOR: N_("For administrators."),
    }[operation.role]


def _security(operation: Operation) -> list[dict[str, list[str]]]:
    if operation.caller in ("anybody", "gadget"):
        return []
    if operation.caller == "owner":
        return [{"owner": []}]
    if operation.caller == "wiki":
        return [{"claim": []}]
    nothing: list[dict[str, list[str]]] = [{}] if operation.role == Role.VISITOR else []
    session: list[dict[str, list[str]]] = [{"session": []}] if operation.method == "GET" else []
    return [*nothing, {"token": []}, *session]


def _parameter(parameter: Parameter) -> dict[str, Any]:
    schema: Any = dict(parameter.schema)
    if parameter.repeatable:
        schema = {"type": "array", "items": schema}
    found: dict[str, Any] = {
        "name": parameter.name,
        "in": parameter.where,
        "description": parameter.what[0].upper() + parameter.what[1:] + ".",
        "required": parameter.required,
        "schema": schema,
    }
    if parameter.example is not None:
        found["example"] = parameter.example
    if parameter.where == "query" and not parameter.required:
        found["allowEmptyValue"] = True
    return found


def _body(body: Body) -> dict[str, Any]:
    return {
        "required": True,
        "description": body.what[0].upper() + body.what[1:] + ".",
        "content": {kind: {"schema": dict(schema)} for kind, schema in body.media_types.items()},
    }


def _responses(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status, types in operation.statuses.items():
        description = ", ".join(types) or HTTPStatus(status).phrase
        found[str(status)] = {"description": description, **_json("error")}
    for status, schema in operation.answers.items():
        content = {} if schema is None else _json(schema)
        found[str(status)] = {"description": HTTPStatus(status).phrase, **content}
    return dict(sorted(found.items()))


def _json(schema: str) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}


def _schemas() -> dict[str, Any]:
    folder = files("webui.api") / "schemas"
    names = sorted(each.name for each in folder.iterdir() if each.name.endswith(".json"))
    found = {}
    for name in names:
        schema = json.loads((folder / name).read_text(encoding="utf-8"))
        del schema["$schema"]  # that of OpenAPI 3.1 holds for the whole document
        found[name.removesuffix(".json")] = _moved(schema, name.removesuffix(".json"))
    return found


def _moved(schema: Any, name: str) -> Any:
    """Return a schema with its references as they are in the document: each file is a component there."""
    if isinstance(schema, list):
        return [_moved(each, name) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: _reference(value, name) if key == "$ref" and isinstance(value, str) else _moved(value, name)
        for key, value in schema.items()
    }


def _reference(reference: str, name: str) -> str:
    file, _, inside = reference.partition("#")
    return f"#/components/schemas/{file.removesuffix('.json') or name}{inside}"
