"""One visitor who asks without pause is told to wait; the others notice nothing."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from connector.errors import ConfigError
from webui.app import create_app
from webui.bootstrap import Services, build_services
from webui.config import load_config
from webui.limits import LIMITS

ONE, ANOTHER = "192.0.2.7", "192.0.2.8"
TITLES = "/api/v1/titles?q=a"
ALLOWED = 300


def services_with(data_dir: Path, settings: str = "") -> Services:
    data_dir.mkdir(exist_ok=True)
    (data_dir / "compagnon.toml").write_text(f"[web]\n{settings}\n", encoding="utf-8")
    return build_services(load_config(data_dir))


@pytest.fixture
def client(data_dir: Path) -> FlaskClient:
    return create_app(services_with(data_dir)).test_client()


def ask(client: FlaskClient, address: str, *, forwarded: str = "", path: str = TITLES) -> TestResponse:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return client.get(path, environ_base={"REMOTE_ADDR": address}, headers=headers)


def use_up(client: FlaskClient, address: str, *, forwarded: str = "") -> None:
    for _ in range(ALLOWED):
        assert ask(client, address, forwarded=forwarded).status_code != 429


def test_who_asks_too_fast_is_told_when_to_come_back_and_others_are_answered(client: FlaskClient) -> None:
    use_up(client, ONE)
    refused = ask(client, ONE)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 61
    assert refused.json is not None
    assert refused.json["error"]["type"] == "TooManyRequests"
    assert ask(client, ANOTHER).status_code != 429
    # Nothing but what they asked too often is closed to them.
    assert ask(client, ONE, path="/about").status_code == 200


def test_who_asks_for_headers_alone_is_counted_too(client: FlaskClient) -> None:
    asked = [client.head(TITLES, environ_base={"REMOTE_ADDR": ONE}).status_code for _ in range(ALLOWED + 1)]
    assert 429 not in asked[:-1]
    assert asked[-1] == 429


def test_a_page_says_it_in_the_visitors_language(client: FlaskClient) -> None:
    pages = [ask(client, ONE, path="/?q=étau&lang=fr") for _ in range(61)]
    assert {page.status_code for page in pages[:60]} == {503}, "there is no index, which is not the visitor's"
    assert pages[60].status_code == 429
    assert "C’était un peu rapide" in pages[60].text
    assert "Retry-After" in pages[60].headers


def test_this_machine_itself_is_not_counted(client: FlaskClient) -> None:
    use_up(client, "127.0.0.1")
    assert ask(client, "127.0.0.1").status_code != 429


def test_behind_a_trusted_proxy_visitors_are_told_apart(client: FlaskClient) -> None:
    use_up(client, "127.0.0.1", forwarded=ONE)
    assert ask(client, "127.0.0.1", forwarded=ONE).status_code == 429
    assert ask(client, "127.0.0.1", forwarded=f"{ANOTHER}, {ONE}").status_code == 429, "the first is invented"
    assert ask(client, "127.0.0.1", forwarded=ANOTHER).status_code != 429


def test_whom_a_proxy_cannot_name_is_not_this_machine(client: FlaskClient) -> None:
    use_up(client, "127.0.0.1", forwarded="unknown")
    assert ask(client, "127.0.0.1", forwarded="unknown").status_code == 429


def test_what_is_kept_or_costs_is_limited_through_the_api_too(data_dir: Path) -> None:
    limited = {endpoint for limit in LIMITS.values() for endpoint in limit.endpoints}
    app = create_app(services_with(data_dir))
    changing = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and rule.endpoint.startswith(("api.", "feeds."))
    }
    # The last one is for the owner's token alone, and one at a time.
    assert changing - limited == {"api.index"}
    assert {"api.search", "api.facets", "api.experts", "api.practice", "pages.me"} <= limited


def test_every_form_of_the_community_is_limited(data_dir: Path) -> None:
    limited = {endpoint for limit in LIMITS.values() for endpoint in limit.endpoints}
    app = create_app(services_with(data_dir))
    forms = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and rule.endpoint.startswith("pages.")
    }
    # Each changes one thing that is one's own already, or is bounded by what was captured.
    assert forms - limited == {
        "pages.change_draft",
        "pages.change_follow_ups",
        "pages.change_notes",
        "pages.forget_password",
        "pages.revoke_token",
        "pages.sign_out",
    }


def test_what_is_counted_over_the_whole_wiki_is_limited(data_dir: Path) -> None:
    limited = {endpoint for limit in LIMITS.values() for endpoint in limit.endpoints}
    app = create_app(services_with(data_dir))
    heavy = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and rule.rule.startswith(("/community", "/map", "/welcome", "/digest", "/api/v1/community"))
        and not rule.endpoint.endswith(("confirm_digest", "stop_digest"))  # they read nothing
    }
    assert len(heavy) > 15
    assert heavy <= limited


def test_of_others_the_header_is_not_believed(client: FlaskClient) -> None:
    for number in range(ALLOWED):
        assert ask(client, ONE, forwarded=f"198.51.100.{number % 250}").status_code != 429
    assert ask(client, ONE, forwarded=ANOTHER).status_code == 429


@pytest.mark.parametrize("forwarded", ["", ",", "no address", "::1", "127.0.0.1, unknown", "é"])
def test_no_header_breaks_a_page(client: FlaskClient, forwarded: str) -> None:
    assert ask(client, "127.0.0.1", forwarded=forwarded, path="/about").status_code == 200


def test_where_nobody_can_count_is_said_at_the_start(data_dir: Path) -> None:
    with pytest.raises(ConfigError, match=r"web\.rate_limits_url cannot be used"):
        create_app(services_with(data_dir, 'rate_limits_url = "nowhere://x"'))


def test_a_redis_that_is_away_closes_nothing(data_dir: Path) -> None:
    client = create_app(services_with(data_dir, 'rate_limits_url = "redis://127.0.0.1:1/0"')).test_client()
    assert ask(client, ONE, path="/?q=x&lang=en").status_code == 503
    pages = [ask(client, ONE, path="/?q=x&lang=en") for _ in range(60)]
    assert pages[-1].status_code == 429, "it counts by itself meanwhile"


def test_every_limit_names_pages_that_there_are(data_dir: Path) -> None:
    app = create_app(services_with(data_dir))
    named = {endpoint for limit in LIMITS.values() for endpoint in limit.endpoints}
    assert named <= app.view_functions.keys()


def test_passwords_are_not_guessed_faster_from_here(data_dir: Path) -> None:
    client = create_app(services_with(data_dir)).test_client()
    client.application.config["WTF_CSRF_ENABLED"] = False
    guesses = [client.post("/sign-in", data={"account": "A@b", "password": str(n)}) for n in range(21)]
    assert guesses[19].status_code != 429
    assert guesses[20].status_code == 429


def test_two_processes_count_together_in_redis(tmp_path: Path, redis_url: str) -> None:
    shared = f'rate_limits_url = "redis+{redis_url}"'
    clients = [create_app(services_with(tmp_path / name, shared)).test_client() for name in ("a", "b")]
    use_up(clients[0], ONE)
    assert ask(clients[1], ONE).status_code == 429
    assert ask(clients[1], ANOTHER).status_code != 429
