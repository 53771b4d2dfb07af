"""What holds for every page: protection, languages, errors."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

import connector.errors
from connector.errors import CompagnonError, StoreError
from tests.community import small_community
from webui.app import create_app
from webui.bootstrap import Services, build_services
from webui.config import load_config
from webui.errors import TROUBLES, trouble_of

PATHS = ("/", "/?q=accueillir", "/links", "/links?title=Atelier", "/capture", "/drafts", "/health", "/about")


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    services = small_community(tmp_path_factory.mktemp("community"))
    yield services
    services.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


@pytest.mark.parametrize("path", PATHS)
def test_every_page_is_protected_and_never_kept(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", PATHS)
def test_no_page_holds_inline_scripts_or_styles(client: FlaskClient, path: str) -> None:
    text = client.get(path).text
    assert "<style" not in text
    assert " style=" not in text
    assert " onclick=" not in text
    assert text.count("<script") == text.count("<script src=")


def test_static_files_may_be_kept(client: FlaskClient) -> None:
    answer = client.get("/static/compagnon.css")
    assert answer.status_code == 200
    assert "max-age" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8642"])
def test_an_unknown_host_name_is_refused(client: FlaskClient, host: str) -> None:
    answer = client.get("/", headers={"Host": host})
    assert answer.status_code == 400
    assert "Wiki des ateliers" not in answer.text


@pytest.mark.parametrize("host", ["localhost:8642", "127.0.0.1:8642", "127.0.0.1"])
def test_the_local_host_names_are_answered(client: FlaskClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 200


def test_the_names_that_the_settings_give_are_answered(tmp_path: Path) -> None:
    (tmp_path / "compagnon.toml").write_text(
        '[web]\npublic_url = "https://c.example.org:8443/memory"\ntrusted_hosts = ["inside.example.org"]\n'
    )
    client = create_app(build_services(load_config(tmp_path))).test_client()
    for host in ("c.example.org", "c.example.org:8443", "inside.example.org"):
        assert client.get("/about", headers={"Host": host}).status_code == 200
    assert client.get("/about", headers={"Host": "example.org"}).status_code == 400


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(client: FlaskClient) -> None:
    cookie = client.get("/capture").headers["Set-Cookie"]
    assert cookie.startswith("compagnon=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize("path", ["/capture", "/drafts/1"])
def test_a_form_without_its_token_is_refused(client: FlaskClient, path: str) -> None:
    answer = client.post(path, data={"text": "Décision : on range."})
    assert answer.status_code == 400
    assert "formulaire" in client.post(path, headers={"Accept-Language": "fr"}).text


def test_notes_of_five_megabytes_get_a_clear_page(client: FlaskClient) -> None:
    answer = client.post("/capture", data={"text": "a" * 5_000_000}, headers={"Accept-Language": "fr"})
    assert answer.status_code == 413
    assert "trop volumineux" in answer.text


@pytest.mark.parametrize(
    ("accepts", "language"),
    [("fr-FR,fr;q=0.9,en;q=0.5", "fr"), ("en-GB,en;q=0.9", "en"), ("de", "fr"), ("", "fr")],
)
def test_the_language_follows_the_browser(client: FlaskClient, accepts: str, language: str) -> None:
    answer = client.get("/about", headers={"Accept-Language": accepts})
    assert f'<html lang="{language}">' in answer.text
    assert answer.headers["Content-Language"] == language


def test_the_language_that_is_chosen_stays(client: FlaskClient) -> None:
    browser = {"Accept-Language": "fr"}
    assert '<html lang="en">' in client.get("/?lang=en", headers=browser).text
    assert '<html lang="en">' in client.get("/about", headers=browser).text
    assert '<html lang="fr">' in client.get("/about?lang=fr", headers=browser).text


def test_an_unknown_language_is_ignored(client: FlaskClient) -> None:
    answer = client.get("/about?lang=xx", headers={"Accept-Language": "en"})
    assert '<html lang="en">' in answer.text
    assert "lang=xx" not in answer.headers.get("Set-Cookie", "")


def test_the_language_switch_keeps_the_question(client: FlaskClient) -> None:
    text = client.get("/?q=accueillir+%26+ranger", headers={"Accept-Language": "fr"}).text
    assert 'href="/?q=accueillir+%26+ranger&amp;lang=en"' in text


def test_a_page_that_does_not_exist_says_so(client: FlaskClient) -> None:
    answer = client.get("/nowhere", headers={"Accept-Language": "fr"})
    assert answer.status_code == 404
    assert "Cette page n’existe pas" in answer.text


def _subclasses(kind: type[CompagnonError]) -> set[type[CompagnonError]]:
    return {kind}.union(*(_subclasses(child) for child in kind.__subclasses__()))


def test_every_error_of_ours_has_its_status() -> None:
    ours = {kind for kind in _subclasses(CompagnonError) if kind.__module__ == connector.errors.__name__}
    assert ours == set(TROUBLES)
    assert all(400 <= trouble.status < 600 for trouble in TROUBLES.values())


def test_an_error_that_is_not_in_the_table_is_told_as_its_parent() -> None:
    class DiskFullError(StoreError):
        pass

    assert trouble_of(DiskFullError("full")) is TROUBLES[StoreError]


class _Broken:
    def __init__(self, error: Exception) -> None:
        self._error = error

    def search(self, question: str, **_: object) -> Any:
        raise self._error


@pytest.fixture
def broken(tmp_path: Path) -> Iterator[Services]:
    services = small_community(tmp_path)
    yield services
    services.close()


def test_an_unforeseen_error_shows_no_traceback_and_is_logged(
    broken: Services, caplog: pytest.LogCaptureFixture
) -> None:
    broken.__dict__["searcher"] = _Broken(ZeroDivisionError("the-inner-secret"))
    client = create_app(broken).test_client()
    with caplog.at_level(logging.ERROR):
        page, data = client.get("/?q=accueillir"), client.get("/api/v1/search?q=accueillir")
    for answer in (page, data):
        assert answer.status_code == 500
        assert "the-inner-secret" not in answer.text
        assert "Traceback" not in answer.text
    assert data.json == {
        "error": {
            "type": "InternalServerError",
            "message": "Something went wrong; it has been logged.",
        }
    }
    assert "the-inner-secret" in caplog.text


def test_an_error_of_ours_is_told_with_its_message(broken: Services) -> None:
    broken.__dict__["searcher"] = _Broken(StoreError("the database is locked by <another> program"))
    client = create_app(broken).test_client()
    page = client.get("/?q=accueillir", headers={"Accept-Language": "fr"})
    assert page.status_code == 500
    assert "La base de données ne peut être ni lue ni écrite" in page.text
    assert "locked by &lt;another&gt; program" in page.text
    data = client.get("/api/v1/search?q=accueillir")
    assert data.json == {
        "error": {"type": "StoreError", "message": "the database is locked by <another> program"}
    }
