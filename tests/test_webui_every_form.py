"""What holds for every address of the pages: forged forms, headers, caches, methods that nobody needs."""

from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter, Rule

from webui.app import create_app
from webui.bootstrap import build_services
from webui.config import load_config


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return make_app(tmp_path_factory.mktemp("data"))


def make_app(folder: Path, *settings: str) -> Flask:
    (folder / "compagnon.toml").write_text("\n".join(["[web]", *settings]), encoding="utf-8")
    return create_app(build_services(load_config(folder)))


def address(app: Flask, rule: Rule) -> str:
    """An address that a rule answers, with ones and small words in its places."""
    values = {name: a_value(kind) for name, kind in rule._converters.items()}
    with app.test_request_context():
        built = rule.build(values, append_unknown=False)
    assert built is not None
    return str(built[1])


def a_value(kind: BaseConverter) -> object:
    """Something that may stand in a place of an address."""
    if isinstance(kind, AnyConverter):
        return sorted(kind.items)[0]
    return 1 if isinstance(kind, IntegerConverter) else "1"


def rules(app: Flask, method: str) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if method in (rule.methods or ())]


def test_no_form_is_taken_without_its_token(app: Flask) -> None:
    client = app.test_client()
    forms = [rule for rule in rules(app, "POST") if not rule.rule.startswith("/api/")]
    assert len(forms) >= 4
    for rule in forms:
        answer = client.post(address(app, rule), data={"a": "b"}, headers={"Accept-Language": "en"})
        assert (answer.status_code, "no longer valid" in answer.text) == (400, True), rule.rule


def test_nothing_of_the_api_takes_a_cookies_word(app: Flask) -> None:
    """The API is spared the tokens of forms, so what writes there must not act for a browser's session."""
    client = app.test_client()
    with client.session_transaction() as session:
        session["sign_in"] = "somebody's"
    for rule in rules(app, "POST"):
        if rule.rule.startswith("/api/"):
            answer = client.post(address(app, rule), headers={"Sec-Fetch-Site": "cross-site"})
            assert 400 <= answer.status_code < 500, rule.rule


def test_every_answer_says_how_it_may_be_used(app: Flask) -> None:
    client = app.test_client()
    for rule in rules(app, "GET"):
        answer = client.get(address(app, rule))
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy, rule.rule
        assert "frame-ancestors 'none'" in policy, rule.rule
        assert answer.headers["X-Content-Type-Options"] == "nosniff", rule.rule
        assert answer.headers["Referrer-Policy"] == "same-origin", rule.rule
        if rule.endpoint != "static":
            assert answer.headers["Cache-Control"] == "no-store", rule.rule
        if answer.data and (answer.mimetype or "").startswith("text/"):
            assert "charset=utf-8" in answer.headers["Content-Type"], rule.rule
        assert "Strict-Transport-Security" not in answer.headers, "these pages are not served over https"


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "PATCH"])
def test_methods_that_nobody_needs_are_refused(app: Flask, method: str) -> None:
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        if method not in (rule.methods or ()):
            assert client.open(address(app, rule), method=method).status_code in (400, 405), rule.rule


def test_over_https_browsers_stay_there_and_keep_the_cookie_to_it(tmp_path: Path) -> None:
    client = make_app(tmp_path, "secure_cookies = true").test_client()
    page = client.get("/capture", base_url="https://localhost")
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
    cookies = [cookie for cookie in page.headers.getlist("Set-Cookie") if "lang" not in cookie]
    assert len(cookies) == 1
    name, *rest = cookies[0].split("; ")
    assert name.startswith("__Host-compagnon=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(rest)
    assert not any(part.startswith("Domain") for part in rest)


def test_what_is_too_large_is_refused_before_it_is_read(app: Flask) -> None:
    client = app.test_client()
    page = client.post("/capture", data=b"x" * 3_000_000, content_type="application/x-www-form-urlencoded")
    assert page.status_code == 413
    told = client.post("/api/v1/capture", data=b"x" * 3_000_000, content_type="text/plain")
    assert told.status_code == 413
    assert told.json is not None
    assert told.json["error"]["type"] == "RequestEntityTooLarge"
