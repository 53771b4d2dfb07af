"""`compagnon doctor` on what stands outside of this machine: the wiki, its clock, servers, signing in."""

import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from search.index_lock import IndexLock
from tests.certificates import make_certificate
from tests.checkup_ground import look, with_settings
from tests.conftest import MakeWiki
from tests.extension_ground import FOLDER
from tests.faultproxy import Exchange, FaultProxy, action_is
from tests.faults import HtmlPage
from tests.mediawiki import LocalWiki
from tests.postgresql import LocalPostgresql
from tests.small_server import Quiet, small_server
from webui.config import Config, load_config


def told(name: str, config: Config) -> tuple[str, str]:
    """Make one of the checks that finds one thing: how bad it is, and what was said."""
    (finding,) = look(name, config)
    return finding.level.value, finding.said


@pytest.fixture
def empty(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.delenv("COMPAGNON_SEARCH_CHROMA_URL", raising=False)  # the suite’s, on PostgreSQL
    return load_config(data_dir)


def reading(config: Config, wiki: LocalWiki, login: str, password: str) -> Config:
    """Settings with an account of a wiki."""
    config.keep_wiki_password(password)
    return with_settings(config, wiki__api_url=wiki.api_url, wiki__user=login)


# The wiki


def test_a_wiki_that_answers_says_who_it_is(empty: Config, wiki: LocalWiki) -> None:
    config = with_settings(empty, wiki__api_url=wiki.api_url)
    assert told("wiki-address", config)[0] == "ok"
    level, said = told("wiki", config)
    assert level == "ok"
    assert "MediaWiki 1." in said
    assert told("account", config)[0] == "ok"
    assert told("clock", config)[0] == "ok"


def test_a_closed_port_and_an_unknown_name_are_told(empty: Config) -> None:
    closed = with_settings(empty, wiki__api_url="http://127.0.0.1:9/api.php")
    assert "refused" in told("wiki-address", closed)[1]
    assert told("wiki", closed)[0] == "problem"
    assert look("account", closed) == []
    assert look("clock", closed) == []
    unknown = with_settings(empty, wiki__api_url="https://nowhere.invalid/api.php")
    assert "not known" in told("wiki-address", unknown)[1]


@dataclass
class Rewrite:
    """Passes a reply on with something else in it."""

    before: bytes
    after: bytes

    def play(self, exchange: Exchange) -> None:
        reply = exchange.forward()
        exchange.send(reply.with_body(reply.decoded_body().replace(self.before, self.after)))


@dataclass
class ShiftClock:
    """The wiki's clock goes wrong."""

    by: timedelta

    def play(self, exchange: Exchange) -> None:
        reply = exchange.forward()
        body = json.loads(reply.decoded_body())
        if "curtimestamp" in body:
            moment = datetime.fromisoformat(body["curtimestamp"]) + self.by
            body["curtimestamp"] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        exchange.send(reply.with_body(json.dumps(body).encode()))


def test_a_wiki_that_is_too_old_or_is_none_is_told(empty: Config, wiki: LocalWiki) -> None:
    with FaultProxy(wiki.server_url) as proxy:
        config = with_settings(empty, wiki__api_url=proxy.url)
        proxy.inject(action_is("query"), Rewrite(b"MediaWiki 1.39", b"MediaWiki 1.35"))
        level, said = told("wiki", config)
        assert (level, "1.35" in said) == ("problem", True)
        proxy.inject(action_is("query"), HtmlPage())
        assert told("wiki", config)[0] == "problem"


@pytest.mark.parametrize(
    ("seconds", "level"), [(3600, "problem"), (-3600, "problem"), (15, "warning"), (-15, "warning")]
)
def test_a_clock_that_is_wrong_is_told(empty: Config, wiki: LocalWiki, seconds: int, level: str) -> None:
    with FaultProxy(wiki.server_url) as proxy:
        proxy.inject(action_is("query"), ShiftClock(timedelta(seconds=seconds)), times=None)
        found, said = told("clock", with_settings(empty, wiki__api_url=proxy.url))
        assert found == level
        assert "differ" in said


def test_a_time_zone_that_does_not_exist_is_told(empty: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Atlantis")
    assert [finding.level.value for finding in look("clock", empty)] == ["warning", "ok"]


def test_an_account_that_may_do_more_than_read_is_told(empty: Config, fresh_wiki: LocalWiki) -> None:
    wiki = fresh_wiki
    reader = wiki.create_bot_password("Noémie Tréguier", "lecture", grants=("basic",))
    assert told("account", reading(empty, wiki, *reader))[0] == "ok"
    editor = wiki.create_bot_password("Noémie Tréguier", "ecriture")
    level, said = told("account", reading(empty, wiki, *editor))
    assert (level, "may edit" in said) == ("warning", True)
    every = wiki.create_bot_password(wiki.admin.name, "tout", grants=("basic", "delete", "viewdeleted"))
    level, said = told("account", reading(empty, wiki, *every))
    assert (level, "delete" in said) == ("warning", True)


def test_a_password_that_is_refused_is_told_and_not_shown(empty: Config, wiki: LocalWiki) -> None:
    login, _ = wiki.create_bot_password("Noémie Tréguier", "revoque", grants=("basic",))
    config = reading(empty, wiki, login, "x" * 32)
    (finding,) = look("account", config)
    assert finding.level.value == "problem"
    assert "x" * 32 not in finding.said
    assert "Special:BotPasswords" in finding.advice
    (empty.folder / "wiki-password").unlink()
    assert "no password" in told("account", config)[1]


def test_a_private_wiki_without_an_account_is_told(empty: Config, make_wiki: MakeWiki) -> None:
    private = make_wiki()
    private.make_private()
    config = with_settings(empty, wiki__api_url=private.api_url)
    assert look("wiki", config) == []
    level, said = told("account", config)
    assert (level, "private" in said) == ("problem", True)
    # Its extension is not there, or has another secret.
    empty.make_extension_secret()
    (finding,) = look("extension", config)
    assert finding.level.value == "problem"
    assert "CompagnonSecret" in finding.advice


def test_the_wikis_extension_answers_who_shares_its_secret(empty: Config, fresh_wiki: LocalWiki) -> None:
    config = with_settings(empty, wiki__api_url=fresh_wiki.api_url)
    secret = empty.make_extension_secret()
    fresh_wiki.enable_extension(
        FOLDER, f"$wgCompagnonUrl = 'http://127.0.0.1:9';\n$wgCompagnonSecret = '{secret}';"
    )
    assert told("extension", config)[0] == "ok"
    (empty.folder / "extension-secret").unlink()
    other = empty.make_extension_secret()
    level, said = told("extension", config)
    assert (level, secret in said, other in said) == ("problem", False, False)


# Certificates


@pytest.mark.parametrize(
    ("days", "trusted", "level", "words"),
    [
        (90, True, "ok", "good for 90 days"),
        (3, True, "warning", "ends in 3 days"),
        (-1, True, "problem", "expired"),
        (90, False, "problem", "not trusted"),
    ],
)
def test_a_certificate_is_looked_at(
    empty: Config,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    days: int,
    trusted: bool,
    level: str,
    words: str,
) -> None:
    certificate = make_certificate(tmp_path, days=days)
    if trusted:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with small_server(Quiet, tls=context) as address:
        found, said = told("wiki-address", with_settings(empty, wiki__api_url=f"{address}/api.php"))
    assert (found, words in said) == (level, True), said


def test_a_server_without_tls_is_told(empty: Config, wiki: LocalWiki) -> None:
    config = with_settings(empty, wiki__api_url=wiki.api_url.replace("http://", "https://"))
    assert "TLS" in told("wiki-address", config)[1]


# Servers that the settings name


@pytest.fixture(scope="module")
def chroma() -> Iterator[str]:
    """What answers as a Chroma server's heartbeat does."""

    class Heart(Quiet):
        def do_GET(self) -> None:  # noqa: N802 - as http.server calls it
            beats = self.path == "/api/v2/heartbeat"
            self.send_response(200 if beats else 404)
            self.end_headers()
            self.wfile.write(b'{"nanosecond heartbeat": 1}' if beats else b"")

    with small_server(Heart) as address:
        yield address


def test_servers_that_are_away_or_are_others_are_told(empty: Config, wiki: LocalWiki, chroma: str) -> None:
    away = "http://127.0.0.1:9"
    assert told("chroma", with_settings(empty, search__chroma_url=away))[0] == "problem"
    assert "no Chroma" in told("chroma", with_settings(empty, search__chroma_url=wiki.server_url))[1]
    assert told("chroma", with_settings(empty, search__chroma_url=chroma))[0] == "ok"
    model = with_settings(empty, search__embedding_url=f"{away}/v1", search__model="m")
    assert told("model", model)[0] == "problem"
    language = with_settings(empty, search__language_model_url=f"{away}/v1", search__language_model="m")
    assert told("language-model", language)[0] == "problem"
    assert told("language-model", with_settings(empty, capture__extractor="llm"))[0] == "problem"
    queue = with_settings(empty, capture__queue_url="redis://127.0.0.1:9/0")
    assert told("redis", queue)[0] == "problem"
    for name in ("chroma", "postgresql", "redis", "language-model", "extension"):
        assert look(name, empty) == [], name


def test_postgresql_is_asked(empty: Config, postgresql: LocalPostgresql) -> None:
    level, said = told("postgresql", with_settings(empty, search__database=postgresql.url))
    assert (level, "PostgreSQL" in said) == ("ok", True)
    away = with_settings(empty, search__database="postgresql://u:hunter2@127.0.0.1:9/d?connect_timeout=2")
    level, said = told("postgresql", away)
    assert (level, "hunter2" in said) == ("problem", False)


# Signing in, and the service

LIVE = {"wiki__api_url": "http://127.0.0.1:9/api.php"}


@pytest.mark.parametrize(
    ("settings", "level"),
    [
        ({}, "ok"),
        ({"web__host": "0.0.0.0"}, "warning"),  # noqa: S104 - what is warned of
        (LIVE, "ok"),
        ({**LIVE, "web__public_url": "https://c.example.org", "web__secure_cookies": True}, "ok"),
        ({**LIVE, "web__public_url": "https://c.example.org"}, "problem"),
        ({**LIVE, "web__public_url": "http://c.example.org"}, "problem"),
        ({**LIVE, "web__public_url": "http://127.0.0.1:8642", "web__secure_cookies": True}, "problem"),
        ({**LIVE, "web__secure_cookies": True}, "warning"),
        ({**LIVE, "web__sign_in": "proxy"}, "ok"),
        ({**LIVE, "web__sign_in": "proxy", "web__trusted_proxies": ("0.0.0.0/0",)}, "problem"),
        ({**LIVE, "web__sign_in": "proxy", "web__trusted_proxies": ("proxy.example.org",)}, "problem"),
        ({**LIVE, "web__sign_in": "proxy", "web__trusted_proxies": ()}, "problem"),
        ({**LIVE, "web__sign_in": "proxy", "web__host": "0.0.0.0"}, "warning"),  # noqa: S104
    ],
)
def test_signing_in_is_safe_or_it_is_told(empty: Config, settings: dict[str, object], level: str) -> None:
    assert told("sign-in", with_settings(empty, **settings))[0] == level


def test_oauth_needs_a_wiki_that_has_it_and_an_address_to_come_back_to(
    empty: Config, wiki: LocalWiki
) -> None:
    config = with_settings(empty, wiki__api_url=wiki.api_url, web__oauth_client="key")
    said = " ".join(finding.said for finding in look("sign-in", config))
    assert "public_url" in said
    assert "no OAuth 2" in said


def test_whether_the_service_runs_and_answers_is_told(empty: Config, wiki: LocalWiki) -> None:
    assert told("service", empty) == ("warning", "compagnon serve does not run")
    lock = IndexLock(empty.index_folder)
    with lock.acquire(exclusive=True, wait_seconds=0):
        assert told("service", empty)[0] == "warning"
    with lock.acquire(exclusive=True, wait_seconds=0, url="http://127.0.0.1:9"):
        assert told("service", empty)[0] == "problem"
