"""The API against its own document: schemathesis asks all of it, as it may be asked and as it may not."""

import io
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)
from werkzeug.test import Client

from tests.builders import HashingEmbedder
from tests.community import PAGES, hashed_community
from webui import bootstrap
from webui.api.operation import Operation
from webui.api.operations import OPERATIONS
from webui.app import create_app
from webui.bootstrap import Services
from webui.claims import HEADER, make_claim, request_digest
from webui.config import Config
from webui.rights.asked_pages import AskedPages

DOCUMENT = "/api/v1/openapi.json"
ORIGIN = "http://wiki.invalid"
EXAMPLES = 8
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


class Introduced:
    """The application, asked by who may: the wiki signs, its pages have their origin, the owner a token."""

    def __init__(self, app: Flask, services: Services) -> None:
        self._app = app
        self._secret = services.config.make_extension_secret()
        owner = services.index_lock.owner()
        assert owner
        self._token = owner.token

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        environ["REMOTE_ADDR"] = "127.0.0.1"
        if path.startswith("/api/v1/wiki/"):
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(body)
            query = environ.get("QUERY_STRING", "")
            header = make_claim(
                self._secret,
                user="Inès Caradec",
                user_id=105,
                issued_at=int(time.time()),
                nonce=secrets.token_hex(16),
                req=request_digest(
                    method=environ["REQUEST_METHOD"], target=path + (f"?{query}" if query else ""), body=body
                ),
            )
            environ[f"HTTP_{HEADER.upper().replace('-', '_')}"] = header
        elif path.startswith("/api/v1/gadget/"):
            environ["HTTP_ORIGIN"] = ORIGIN
        elif path == "/api/v1/index":
            environ["HTTP_AUTHORIZATION"] = f"Bearer {self._token}"
        return self._app(environ, start_response)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with pytest.MonkeyPatch.context() as patch:
        # Asked to read the settings again (`reread`), it makes another one.
        patch.setattr(bootstrap, "make_embedder", lambda _config: HashingEmbedder())
        services = hashed_community(tmp_path_factory.mktemp("community"))
        values = {**services.config.values, "wiki.api_url": f"{ORIGIN}/w/api.php", "web.sign_in": "off"}
        services.config = Config(services.config.folder, values)
        titles = {page.pageid: page.title for page in PAGES}
        services.__dict__["public_pages"] = AskedPages(
            lambda pageids: {pageid: titles[pageid] for pageid in pageids if pageid in titles}
        )
        services.store.questions.ask("Où trouver des vis de 3 mm ?", language="fr", asked_by=None)
        yield services
        services.close()


@pytest.fixture(scope="module")
def app(services: Services) -> Iterator[Introduced]:
    with services.index_lock.acquire(exclusive=True, wait_seconds=5, url="http://127.0.0.1:1"):
        yield Introduced(create_app(services), services)


@pytest.fixture(scope="module")
def schema(app: Introduced) -> BaseSchema:
    # Who asks is introduced by it: that others are refused is for the tests of each room.
    config = schemathesis.Config()
    config.projects.default.generation.with_security_parameters = False
    return schemathesis.openapi.from_wsgi(DOCUMENT, app, config=config)


def test_the_document_is_one(schema: BaseSchema) -> None:
    schema.validate()
    found = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    described = {(one.method.upper(), one.path) for one in found}
    # schemathesis leaves out where it has the document from.
    assert described | {("GET", DOCUMENT)} == {(one.method, one.template) for one in OPERATIONS}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.endpoint)
def test_every_operation_answers_as_its_document_says(schema: BaseSchema, operation: Operation) -> None:
    ask(schema, operation, GenerationMode.POSITIVE, CHECKS)


@pytest.mark.parametrize(
    "operation", [one for one in OPERATIONS if one.parameters or one.body], ids=lambda one: one.endpoint
)
def test_what_the_document_does_not_allow_is_refused(schema: BaseSchema, operation: Operation) -> None:
    ask(schema, operation, GenerationMode.NEGATIVE, [*CHECKS, negative_data_rejection])


def ask(schema: BaseSchema, operation: Operation, mode: GenerationMode, checks: list[Any]) -> None:
    """Ask an operation a few times, the same each time that the tests run."""
    described = schema[operation.template][operation.method]

    @given(case=described.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def one_after_another(case: Any) -> None:
        case.call_and_validate(checks=checks)

    one_after_another()


WITH_JSON = [one for one in OPERATIONS if one.body and "application/json" in one.body.media_types]


@pytest.mark.parametrize("operation", WITH_JSON, ids=lambda one: one.endpoint)
def test_a_body_is_taken_to_its_bounds_and_not_beyond(app: Introduced, operation: Operation) -> None:
    assert operation.body
    schema = operation.body.media_types["application/json"]
    valid = {name: within(kind)[0] for name, kind in schema["properties"].items()}
    for name, kind in schema["properties"].items():
        for value in within(kind):
            assert status_of(app, operation, {**valid, name: value}) != 400, (name, value)
        for value in beyond(kind):
            assert status_of(app, operation, {**valid, name: value}) == 400, (name, value)
    for name in schema.get("required", ()):
        assert status_of(app, operation, {key: valid[key] for key in valid if key != name}) == 400, name
    other_kinds: tuple[object, ...] = ([], "", 1)
    for body in other_kinds:
        assert status_of(app, operation, body) == 400


def status_of(app: Introduced, operation: Operation, body: object) -> int:
    path = operation.template.format(
        **{each.name: 1 for each in operation.parameters if each.where == "path"}
    )
    return Client(app).open(path, method=operation.method, json=body).status_code


def within(schema: Any) -> list[Any]:
    """Return values that a schema just allows."""
    if "enum" in schema:
        return list(schema["enum"])
    if "boolean" in types_of(schema):
        return [True, False]
    if "integer" in types_of(schema):
        return [schema["minimum"], schema["maximum"], *([None] if "null" in types_of(schema) else [])]
    if schema.get("format") == "date":
        return ["2026-01-31"]
    return [
        schema.get("examples", ["Atelier"])[0],
        *(["a" * schema["maxLength"]] if "maxLength" in schema else []),
    ]


def beyond(schema: Any) -> list[Any]:
    """Return values that a schema just does not allow."""
    if "enum" in schema:
        return ["nonsense", 1]
    if "boolean" in types_of(schema):
        return ["true", 1, None]
    if "integer" in types_of(schema):
        return [schema["minimum"] - 1, schema["maximum"] + 1, "1", 1.5, True]
    return [
        1,
        ["Atelier"],
        *(["a" * (schema["maxLength"] + 1)] if "maxLength" in schema else []),
        *([""] if schema.get("minLength") else []),
    ]


def types_of(schema: Any) -> list[str]:
    return schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
