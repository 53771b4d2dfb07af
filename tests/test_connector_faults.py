"""Every fault on every way of reading: nothing is lost, one request at a time, waits end; manners."""

import gzip
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from connector.errors import WikiLoginError, WikiUnavailableError
from connector.wiki import MediaWiki, PageEdit, WikiSettings
from tests.faultproxy import Exchange, Fault, FaultProxy, Reply, action_is
from tests.faults import (
    ApiError,
    CommitThenDrop,
    DropBeforeForward,
    EmptyBody,
    HtmlPage,
    HttpError,
    SessionLost,
    SlowDrip,
    TruncatedJson,
    maxlag,
    ratelimited,
    readonly,
)
from tests.mediawiki import LocalWiki

EPOCH = datetime(2001, 1, 1, tzinfo=UTC)
NAMESPACES = (0, 1, 10, 14)

Read = Callable[[MediaWiki], Any]
READS: dict[str, Read] = {
    "heads": lambda wiki: list(wiki.heads(namespaces=NAMESPACES)),
    "existing": lambda wiki: wiki.existing(range(1, 12)),
    "pages": lambda wiki: sorted(wiki.pages(range(1, 12)), key=lambda page: page.pageid),
    "revisions": lambda wiki: list(wiki.revisions(range(1, 5))),
    "all_revisions": lambda wiki: list(wiki.all_revisions(namespaces=NAMESPACES)),
    "changes": lambda wiki: list(wiki.changes(namespaces=NAMESPACES, since=EPOCH)),
    "page_links": lambda wiki: sorted(wiki.page_links(range(1, 12)), key=lambda links: links.pageid),
    "text_hashes": lambda wiki: wiki.text_hashes(range(1, 12)),
    "rendering": lambda wiki: wiki.rendering(4),
}
FAULTS: dict[str, Fault] = {
    "503": HttpError(503),
    "503 with Retry-After": HttpError(503, retry_after=3),
    "429": HttpError(429),
    "429 with Retry-After": HttpError(429, retry_after=3),
    "429 with a date": HttpError(429, retry_after=format_datetime(datetime.now(UTC) + timedelta(seconds=9))),
    "502": HttpError(502),
    "500": HttpError(500),
    "maxlag": maxlag(),
    "ratelimited": ratelimited(),
    "readonly": readonly(),
    "database": ApiError("internal_api_error_DBQueryError", "A database query error has occurred."),
    "truncated": TruncatedJson(),
    "truncated at the end": TruncatedJson(keep=0.99),
    "HTML": HtmlPage(),
    "other JSON": HtmlPage('{"ok": true}'),
    "empty": EmptyBody(),
    "dropped": DropBeforeForward(),
    "done and dropped": CommitThenDrop(),
}


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def proxy(wiki: LocalWiki) -> Iterator[FaultProxy]:
    with FaultProxy(wiki.server_url) as proxy:
        yield proxy


def reader(proxy: FaultProxy, waits: list[float], **options: Any) -> MediaWiki:
    settings = WikiSettings(
        api_url=proxy.url, **({"timeout_seconds": 20.0, "max_wait_seconds": 100.0} | options)
    )
    return MediaWiki(settings, sleep=waits.append)


def member(proxy: FaultProxy, wiki: LocalWiki, waits: list[float]) -> MediaWiki:
    admin = wiki.account()
    return reader(proxy, waits, user=admin.name, password=admin.password)


@pytest.fixture(scope="module")
def right(wiki: LocalWiki) -> dict[str, Any]:
    """What each way of reading gives when nothing goes wrong."""
    subject = MediaWiki(WikiSettings(api_url=wiki.api_url, timeout_seconds=20))
    return {name: read(subject) for name, read in READS.items()}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_that_passes_loses_nothing_anywhere(
    proxy: FaultProxy, waits: list[float], right: dict[str, Any], name: str
) -> None:
    subject = reader(proxy, waits)
    subject.site()
    for method, read in READS.items():
        injected = proxy.inject(lambda request: True, FAULTS[name], times=2)
        waits.clear()
        assert read(subject) == right[method], method
        assert injected.used == 2, method
        assert len(waits) == 2, method
        assert sum(waits) < 30, method
        injected.remove()
    assert proxy.max_in_flight == 1


@pytest.mark.parametrize("method", READS)
def test_a_fault_that_lasts_is_one_clear_error_in_bounded_time(
    proxy: FaultProxy, waits: list[float], method: str
) -> None:
    subject = reader(proxy, waits)
    subject.site()
    for fault, says in (
        (HttpError(503), "answers 503"),
        (maxlag(), "answers “maxlag”"),
        (TruncatedJson(), "does not answer as a MediaWiki API"),
        (DropBeforeForward(), "breaks the connection"),
    ):
        lasting = proxy.inject(lambda request: True, fault, times=None)
        waits.clear()
        with pytest.raises(WikiUnavailableError, match=says) as caught:
            READS[method](subject)
        assert "\n" not in str(caught.value)
        assert 50 < sum(waits) <= 100
        lasting.remove()
    assert proxy.max_in_flight == 1


def test_a_slow_drip_is_given_up_and_asked_again(
    proxy: FaultProxy, waits: list[float], right: dict[str, Any]
) -> None:
    subject = reader(proxy, waits, timeout_seconds=1.0, max_wait_seconds=1.1)
    subject.site()
    for method, read in READS.items():
        dripping = proxy.inject(lambda request: True, SlowDrip(bytes_per_second=100))
        assert read(subject) == right[method], method
        assert dripping.used == 1
    assert len(waits) == len(READS)


@pytest.mark.parametrize("method", READS)
def test_a_session_lost_half_way_is_opened_again_and_nobody_reads_as_nobody(
    proxy: FaultProxy, wiki: LocalWiki, waits: list[float], right: dict[str, Any], method: str
) -> None:
    subject = member(proxy, wiki, waits)
    subject.site()
    proxy.inject(lambda request: True, SessionLost())
    assert READS[method](subject) == right[method]
    assert len(proxy.requests_of("login")) == 2
    proxy.clear_log()
    proxy.inject(lambda request: True, SessionLost(), times=None)
    with pytest.raises(WikiLoginError):
        READS[method](subject)
    about_pages = [r for r in proxy.requests if r.parameters.get("meta") != "tokens"]
    assert all(r.parameters["assert"] == "user" for r in about_pages if r.parameters["action"] != "login")
    assert waits == []


# Waiting as it is asked


@pytest.mark.parametrize("status", [429, 503])
def test_a_date_to_come_back_counts_from_the_servers_clock(
    proxy: FaultProxy, waits: list[float], status: int
) -> None:
    """A server whose clock is years off means as many seconds as any other."""

    class Dated:
        def play(self, exchange: Exchange) -> None:
            told = datetime(2031, 10, 21, 7, 28, tzinfo=UTC)
            later = told + timedelta(seconds=42)
            headers = (
                ("Date", format_datetime(told, usegmt=True)),
                ("Retry-After", format_datetime(later, usegmt=True)),
            )
            exchange.send(Reply(status, headers, b"").with_body(b""))

    proxy.inject(action_is("query"), Dated())
    assert reader(proxy, waits).site().name
    assert waits == [42.0]


def test_a_date_that_has_passed_or_is_none_is_no_reason_to_wait_long(
    proxy: FaultProxy, waits: list[float]
) -> None:
    subject = reader(proxy, waits)
    subject.site()
    for told in ("Wed, 21 Oct 2015 07:28:00 GMT", "demain", "-5", "Wed, 99 Oct 2015 07:28:00"):
        proxy.inject(action_is("query"), HttpError(503, retry_after=told))
        assert subject.existing([1])
    assert len(waits) == 4
    assert max(waits) <= 1


def test_whoever_shares_the_line_waits_too(proxy: FaultProxy) -> None:
    others: list[threading.Thread] = []
    seen: list[int] = []

    def sleep(seconds: float) -> None:
        others.append(threading.Thread(target=subject.existing, args=([1],)))
        others[-1].start()
        before = len(proxy.requests)
        time.sleep(0.3)  # long enough for a request that nobody holds back
        seen.append(len(proxy.requests) - before)

    subject = MediaWiki(WikiSettings(api_url=proxy.url, timeout_seconds=20), sleep=sleep)
    subject.site()
    proxy.inject(action_is("query"), HttpError(429, retry_after=5))
    assert subject.existing([1])
    for thread in others:
        thread.join()
    assert seen == [0]


def test_threads_take_turns(proxy: FaultProxy, right: dict[str, Any]) -> None:
    class Slowly:
        def play(self, exchange: Exchange) -> None:
            time.sleep(0.02)
            exchange.send(exchange.forward())

    proxy.inject(lambda request: True, Slowly(), times=None)
    subject = reader(proxy, [])
    found: dict[str, Any] = {}

    def read(name: str) -> None:
        found[name] = READS[name](subject)

    threads = [threading.Thread(target=read, args=(name,)) for name in READS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == right
    assert proxy.max_in_flight == 1
    assert len([r for r in proxy.requests if "siprop" in r.parameters]) == 1  # they met the wiki once


# Who we are, and what is on the line


def test_every_request_says_what_it_should(proxy: FaultProxy, wiki: LocalWiki) -> None:
    login, password = wiki.create_bot_password("Bastien Lorgeou", "manieres", grants=("basic",))
    settings = WikiSettings(
        api_url=proxy.url, user=login, password=password, contact="mailto:atelier@savoirs.example"
    )
    subject = MediaWiki(settings)
    for read in READS.values():
        read(subject)
    for request in proxy.requests:
        parameters = request.parameters
        assert request.header("User-Agent").startswith("Compagnon")
        assert request.header("User-Agent").endswith("(mailto:atelier@savoirs.example)")
        assert "gzip" in request.header("Accept-Encoding")
        assert (parameters["format"], parameters["formatversion"], parameters["maxlag"]) == ("json", "2", "5")
    reading = [r for r in proxy.requests if r.parameters.get("meta") != "siteinfo|tokens"]
    assert all(r.parameters["assert"] == "user" for r in reading if r.parameters["action"] != "login")
    assert proxy.max_in_flight == 1


def test_replies_may_come_compressed(proxy: FaultProxy, waits: list[float], right: dict[str, Any]) -> None:
    class Compressed:
        """What servers before MediaWiki do: its API does not compress by itself."""

        def play(self, exchange: Exchange) -> None:
            assert exchange.request.header("Accept-Encoding") == "gzip"
            reply = exchange.forward()
            small = reply.with_body(gzip.compress(reply.decoded_body()))
            exchange.send(replace(small, headers=(*small.headers, ("Content-Encoding", "gzip"))))

    compressed = proxy.inject(lambda request: True, Compressed(), times=None)
    subject = reader(proxy, waits)
    assert {name: read(subject) for name, read in READS.items()} == right
    assert compressed.used == len(proxy.requests)
    assert waits == []


def test_nothing_secret_is_logged_at_any_level(
    fresh_wiki: LocalWiki, caplog: pytest.LogCaptureFixture
) -> None:
    text = "Le code du portail est le 4821 ; ne le donner à personne."
    made = fresh_wiki.edit("Portail", f"{text}\n\n== Clé ==\nSous le pot de thym.")
    login, password = fresh_wiki.create_bot_password("Admin", "compagnon")
    fresh_wiki.make_private()
    with caplog.at_level(logging.DEBUG), FaultProxy(fresh_wiki.server_url) as proxy:
        subject = MediaWiki(
            WikiSettings(api_url=proxy.url, user=login, password=password), sleep=lambda seconds: None
        )
        assert subject.site().private
        for fault in (TruncatedJson(), SessionLost(), HttpError(503), CommitThenDrop()):
            for read in READS.values():
                proxy.inject(lambda request: True, fault)
                read(subject)
        edit = PageEdit(
            title="Portail", wikitext=f"{text} Le changer.", summary="Plus prudent", base_revid=made.revid
        )
        proxy.inject(action_is("edit"), CommitThenDrop())
        assert subject.save(edit).revid > made.revid
        requests = proxy.requests
    logged = caplog.text + "".join(str(record.args) for record in caplog.records)
    assert "urllib3" in {record.name.partition(".")[0] for record in caplog.records}
    secrets = {text, "4821", "pot de thym", "Plus prudent", password}
    secrets |= {r.parameters[name] for r in requests for name in ("token", "lgtoken") if name in r.parameters}
    secrets |= {pair.partition("=")[2] for r in requests for pair in r.header("Cookie").split("; ") if pair}
    secrets -= {"", "1", "Admin"}  # the account's number and name are cookies too
    assert len(secrets) > 8
    assert [secret for secret in secrets if secret in logged] == []
    assert not any(password in request.target for request in requests)
