"""The table of operations: the routes are those of the table, the document says what the table says."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from flask import Flask
from werkzeug.exceptions import BadRequest

from connector.errors import InvalidQueryError
from tests.community import hashed_community
from webui.api.enforcement import check, trouble_with
from webui.api.openapi import SUBJECTS, document, openapi_json
from webui.api.operation import Parameter, question
from webui.api.operations import OPERATIONS
from webui.app import create_app
from webui.bootstrap import Services
from webui.config import Config
from webui.rights.roles import Role

SCHEMAS = Path(__file__).parent.parent / "webui" / "api" / "schemas"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    services = hashed_community(tmp_path_factory.mktemp("community"))
    yield services
    services.close()


@pytest.fixture(scope="module")
def app(services: Services) -> Flask:
    return create_app(services)


def test_every_route_of_the_api_stands_in_the_table_and_no_other(app: Flask) -> None:
    routes = {
        (method, rule.rule, rule.endpoint)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes == {(one.method, one.path, one.endpoint) for one in OPERATIONS}


def test_names_in_the_document_are_used_once_and_its_subjects_are_known() -> None:
    made = document()
    names = [each["operationId"] for path in made["paths"].values() for each in path.values()]
    assert len(set(names)) == len(names) == len(OPERATIONS)
    assert {one.subject for one in OPERATIONS} <= set(SUBJECTS)


def test_every_shape_of_an_answer_is_there_and_every_reference_leads_somewhere() -> None:
    made = json.loads(openapi_json())
    assert {path.stem for path in SCHEMAS.glob("*.json")} == set(made["components"]["schemas"])

    def references(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node["$ref"]
            for value in node.values():
                yield from references(value)
        elif isinstance(node, list):
            for value in node:
                yield from references(value)

    found = set(references(made))
    assert "#/components/schemas/gardening/$defs/link" in found
    for reference in found:
        node = made
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]


def test_every_path_names_its_parameters_and_says_who_may() -> None:
    for operation in OPERATIONS:
        inside = {each.name for each in operation.parameters if each.where == "path"}
        assert all(f"{{{name}}}" in operation.template for name in inside)
        assert operation.template.count("{") == len(inside)
        described = document()["paths"][operation.template][operation.method.lower()]
        assert described["security"] == [] or operation.caller not in ("anybody", "gadget")
        if operation.role > Role.VISITOR:
            assert {} not in described["security"]
            assert {"401", "403"} <= set(described["responses"])
        if operation.method != "GET":
            assert {"session": []} not in described["security"]


def test_the_document_is_served_and_needs_nobody_to_sign_in(services: Services) -> None:
    values = {
        **services.config.values,
        "wiki.api_url": "http://127.0.0.1:9/api.php",
        "web.sign_in": "proxy",
        "web.public_reading": False,
    }
    before, services.config = services.config, Config(services.config.folder, values)
    services.__dict__.pop("readers", None)  # they know the settings of when they were made
    try:
        client = create_app(services).test_client()
        reply = client.get("/api/v1/openapi.json")
        assert (reply.status_code, reply.mimetype) == (200, "application/json")
        jsonschema.validate(reply.json, json.loads((SCHEMAS / "openapi.json").read_text()))
        assert client.get("/api/v1/ready").status_code == 200
        # What tells something of the wiki is for those who have signed in: as the table says.
        for operation in OPERATIONS:
            if operation.caller == "people":
                address = re.sub(r"\{\w+\}", "1", operation.template)
                refused = client.open(address, method=operation.method)
                assert refused.status_code == 401, operation.endpoint
                error = json.loads((SCHEMAS / "error.json").read_text())
                jsonschema.validate(refused.json, error)
    finally:
        services.config = before
        services.__dict__.pop("readers", None)


@pytest.mark.parametrize(
    ("value", "schema", "is_right"),
    [
        ("3", {"type": "integer", "minimum": 1, "maximum": 3}, True),
        ("4", {"type": "integer", "minimum": 1, "maximum": 3}, False),
        ("0", {"type": "integer", "minimum": 1, "maximum": 3}, False),
        ("³", {"type": "integer", "minimum": 1, "maximum": 3}, False),
        ("+3", {"type": "integer", "minimum": 1, "maximum": 3}, False),
        ("9" * 30, {"type": "integer", "minimum": 1, "maximum": 3}, False),
        ("1", {"type": "integer", "enum": [0, 1]}, True),
        ("01", {"type": "integer", "enum": [0, 1]}, False),
        ("oui", {"type": "integer", "enum": [0, 1]}, False),
        ("b", {"type": "string", "enum": ["a", "b"]}, True),
        ("B", {"type": "string", "enum": ["a", "b"]}, False),
        ("été", {"type": "string", "maxLength": 3}, True),
        ("étés", {"type": "string", "maxLength": 3}, False),
        ("  ", {"type": "string", "pattern": r"\S"}, False),
        ("2026-01-31", {"type": "string", "format": "date"}, True),
        ("2026-02-31", {"type": "string", "format": "date"}, False),
        ("20260131", {"type": "string", "format": "date"}, False),
    ],
)
def test_a_value_is_held_to_its_schema(value: str, schema: dict[str, Any], is_right: bool) -> None:
    assert (trouble_with(value, "it", schema) is None) is is_right


def test_what_is_missing_empty_or_said_several_times(app: Flask) -> None:
    kind = Parameter(name="kind", what="which", schema={"type": "string", "enum": ["a", "b"]})
    several = Parameter(name="kind", what="which", schema=kind.schema, repeatable=True)
    with app.test_request_context("/?kind=&q=%20"):
        check(kind, {})  # as a form sends what nobody has chosen
        with pytest.raises(InvalidQueryError):
            check(question(), {})
    with app.test_request_context("/?kind=a&kind=z"):
        check(kind, {})  # the first one counts
        with pytest.raises(BadRequest, match="kind must be a or b"):
            check(several, {})
        with pytest.raises(BadRequest, match=r"give a question, .*: \?q="):
            check(question(), {})
