"""Asking the API as the wiki's extension does, with a claim."""

import json
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.community import (
    small_community,
)
from webui.app import create_app
from webui.bootstrap import Services
from webui.claims import HEADER, make_claim, request_digest

SCHEMAS = Path(__file__).resolve().parent.parent / "webui" / "api" / "schemas"
ROOT = "/api/v1/wiki"
TEXT = "🔧 Avant la soirée réparation 🎉, remplir la fiche de suivi."


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A community whose wiki has the extension; to be imported where it is wanted."""
    services = small_community(tmp_path_factory.mktemp("community"))
    services.config.make_extension_secret()
    yield services
    services.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    """What the wiki asks."""
    return create_app(services).test_client()


def claim_for(
    services: Services, method: str, target: str, body: bytes, *, user: str | None = "Inès Caradec"
) -> str:
    """The header by which the wiki says who asks for what."""
    return make_claim(
        services.config.make_extension_secret(),
        user=user,
        user_id=105 if user else 0,
        issued_at=int(time.time()),
        nonce=secrets.token_hex(16),
        req=request_digest(method=method, target=target, body=body),
    )


def ask(client: FlaskClient, path: str, body: object = None) -> TestResponse:
    """Ask as the wiki does; a body is posted, as it is when it is bytes."""
    services: Services = client.application.extensions["compagnon"]
    method = "GET" if body is None else "POST"
    data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    header = claim_for(services, method, ROOT + path, data)
    return client.open(
        ROOT + path, method=method, data=data, content_type="application/json", headers={HEADER: header}
    )


def answer(client: FlaskClient, path: str, body: object = None, *, schema: str) -> Any:
    """What is answered, which is as a schema says."""
    reply = ask(client, path, body)
    assert reply.status_code == 200, reply.text
    jsonschema.validate(reply.json, json.loads((SCHEMAS / f"{schema}.json").read_text(encoding="utf-8")))
    return reply.json


def written(**changes: object) -> dict[str, object]:
    """Return a text for page 5, "Atelier", as its editor has it."""
    return {"pageid": 5, "revid": 1005, "title": "Atelier", "wikitext": TEXT, **changes}
