"""A small wiki, a mirror of it, and the pages before which somebody signs in."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.builders import HashingEmbedder
from webui.app import create_app
from webui.bootstrap import Services, build_services
from webui.config import load_config

MEMBER = "Inès Caron"
COORDINATOR = "Malo Rivière"
_NUMBERS = count(1)


@contextmanager
def sign_in_services(folder: Path, api_url: str, *, settings: str = "", wiki: str = "") -> Iterator[Services]:
    """Services before a wiki, with its pages mirrored and indexed.

    Args:
        folder: an empty folder.
        api_url: of the wiki.
        settings: lines for the section [web].
        wiki: the section [wiki], when it holds more than the address.
    """
    own = wiki or f'[wiki]\napi_url = "{api_url}"'
    toml = f"{own}\n[web]\n{settings}\n"
    (folder / "compagnon.toml").write_text(toml, encoding="utf-8")
    services = build_services(load_config(folder))
    services.__dict__["embedder"] = HashingEmbedder()
    services.sync(services.wiki())
    services.update_index()
    try:
        yield services
    finally:
        services.close()


@pytest.fixture(scope="module")
def app(services: Services) -> Flask:
    """The application on the services of a file of tests; to be imported where it is wanted."""
    return make_app(services)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser in which nobody is signed in."""
    return make_client(app)


def make_client(app: Flask, **environment: str) -> FlaskClient:
    """A browser of its own."""
    client = app.test_client()
    # Trials to sign in are counted by address.
    client.environ_base["REMOTE_ADDR"] = f"127.0.{next(_NUMBERS)}.1"
    client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"
    client.environ_base |= environment
    return client


def make_app(services: Services) -> Flask:
    """The application; it refuses forged forms."""
    return create_app(services)


def soup(answer: TestResponse) -> BeautifulSoup:
    """The page of an answer."""
    return BeautifulSoup(answer.get_data(as_text=True), "html.parser")


def post(
    client: FlaskClient, page: str, fields: Mapping[str, str | list[str]], *, to: str = ""
) -> TestResponse:
    """Send a form as a browser does: with the token that stands on its page."""
    token = soup(client.get(page)).select_one("input[name=csrf_token]")
    assert token, f"no form on {page}"
    return client.post(to or page, data={"csrf_token": token["value"], **fields})


def sign_in(
    client: FlaskClient, login: str, password: str, *, next_path: str = "/about", **fields: str
) -> TestResponse:
    """Sign in with a bot password."""
    form = {"account": login, "password": password, "next": next_path, **fields}
    return post(client, "/sign-in", form)


def titles_found(client: FlaskClient) -> list[str]:
    """The titles that a search for compost finds for who is signed in."""
    answer = client.get("/api/v1/search?q=compost")
    assert answer.status_code == 200
    return [hit["title"] for hit in answer.get_json()["hits"]]


def name_shown(client: FlaskClient) -> str:
    """The name of who is signed in, as the frame of the page has it; empty for nobody."""
    found = soup(client.get("/about")).select_one("details.account summary")
    return found.get_text(strip=True) if found else ""
