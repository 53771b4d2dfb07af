"""Each fault does what it says to the requests that it is meant for, and looks like the real thing."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.conftest import MakeWiki
from tests.faultproxy import Exchange, Fault, FaultProxy, action_is
from tests.faults import (
    ApiError,
    CommitThenDrop,
    DropBeforeForward,
    EmptyBody,
    HtmlPage,
    HttpError,
    SessionLost,
    SlowDrip,
    StuckContinue,
    TruncatedJson,
    WithoutRevisions,
    maxlag,
    ratelimited,
    readonly,
)
from tests.mediawiki import LocalWiki
from tests.mediawiki_api import ApiSession, LocalWikiError

BATCH = {
    "action": "query",
    "generator": "allpages",
    "gaplimit": "3",
    "prop": "info|revisions",
    "rvprop": "ids|content",
    "rvslots": "main",
    "format": "json",
    "formatversion": "2",
}


@pytest.fixture
def proxy(wiki: LocalWiki) -> Iterator[FaultProxy]:
    with FaultProxy(wiki.server_url) as started:
        yield started


def ask(proxy: FaultProxy, **parameters: str) -> requests.Response:
    options = {"format": "json", "formatversion": "2", **parameters}
    return requests.get(proxy.url, params=options, timeout=60)


def read_all(proxy: FaultProxy, *, most: int = 30) -> dict[str, list[str]]:
    """The texts of every page by title, in the way of a client that follows `continue`."""
    texts: dict[str, list[str]] = {}
    position: dict[str, str] = {}
    for _ in range(most):
        reply = requests.get(proxy.url, params=BATCH | position, timeout=60).json()
        for page in reply["query"]["pages"]:
            revisions = page.get("revisions", [])
            texts.setdefault(page["title"], []).extend(r["slots"]["main"]["content"] for r in revisions)
        if "continue" not in reply:
            return texts
        position = reply["continue"]
    raise AssertionError(f"no end after {most} requests")


def test_what_no_fault_concerns_passes_unchanged(proxy: FaultProxy, wiki: LocalWiki) -> None:
    proxy.inject(action_is("edit"), EmptyBody(), times=None)
    options = {"action": "parse", "page": "Comptage du varroa", "format": "json", "formatversion": "2"}
    direct = requests.get(wiki.api_url, params=options, timeout=60)
    relayed = requests.get(proxy.url, params=options, timeout=60)
    assert relayed.json() == direct.json()
    volatile = {"Date", "Host", "X-Request-Id", "Content-Length"}
    assert {k: v for k, v in relayed.headers.items() if k not in volatile} == {
        k: v for k, v in direct.headers.items() if k not in volatile
    }
    assert requests.head(f"{proxy.server_url}/index.php/Accueil", timeout=60).status_code == 200


def test_compressed_replies_pass_compressed_and_can_be_cut(fresh_wiki: LocalWiki) -> None:
    fresh_wiki.configure("ini_set( 'zlib.output_compression', '1' );")
    with FaultProxy(fresh_wiki.server_url) as proxy:
        whole = ask(proxy, action="query", meta="siteinfo")
        proxy.inject(action_is("query"), TruncatedJson())
        cut = ask(proxy, action="query", meta="siteinfo")
    assert whole.headers["Content-Encoding"] == "gzip"
    assert whole.json()["query"]["general"]["lang"] == "fr"
    assert "Content-Encoding" not in cut.headers
    assert cut.text.startswith('{"batchcomplete"')
    with pytest.raises(requests.JSONDecodeError):
        cut.json()


def test_a_session_lives_through_the_proxy(proxy: FaultProxy, wiki: LocalWiki) -> None:
    session = ApiSession(proxy.url)
    session.log_in(wiki.account("Yann Kerdoncuff"))
    assert session.ask("query", meta="userinfo")["query"]["userinfo"]["name"] == "Yann Kerdoncuff"


def test_the_log_has_every_parameter(proxy: FaultProxy) -> None:
    requests.get(proxy.url, params={"action": "query", "titles": "Été|Hiver"}, timeout=60)
    requests.post(proxy.url, params={"action": "query"}, data={"titles": "Été", "x": ""}, timeout=60)
    requests.post(proxy.url, files={"action": (None, "parse"), "text": (None, "l’été\nici")}, timeout=60)
    first, second, third = proxy.exchanges
    assert (first.request.method, first.request.path) == ("GET", "/api.php")
    assert first.request.parameters == {"action": "query", "titles": "Été|Hiver"}
    assert second.request.parameters == {"action": "query", "titles": "Été", "x": ""}
    assert third.request.parameters == {"action": "parse", "text": "l’été\nici"}
    assert [exchange.status for exchange in (first, second, third)] == [200, 200, 200]
    assert first.finished is not None
    assert first.started < first.finished <= second.started
    assert len(proxy.requests_of("query")) == 2


def test_a_fault_meets_as_many_requests_as_it_was_told(proxy: FaultProxy) -> None:
    twice = proxy.inject(action_is("query", titles="Accueil"), HttpError(503), times=2)
    lasting = proxy.inject(action_is("parse"), HttpError(502), times=None)
    assert ask(proxy, action="query", titles="Autre").status_code == 200
    assert [ask(proxy, action="query", titles="Accueil").status_code for _ in range(3)] == [503, 503, 200]
    assert [ask(proxy, action="parse", page="Accueil").status_code for _ in range(3)] == [502, 502, 502]
    lasting.remove()
    assert ask(proxy, action="parse", page="Accueil").status_code == 200
    assert (twice.used, lasting.used) == (2, 3)
    assert proxy.exchanges[1].fault == HttpError(503)
    assert not proxy.exchanges[1].forwarded


def test_the_most_requests_in_flight_are_counted(proxy: FaultProxy) -> None:
    together = threading.Barrier(3, timeout=60)

    class Meet:
        def play(self, exchange: Exchange) -> None:
            together.wait()
            exchange.send(exchange.forward())

    proxy.inject(action_is("query"), Meet(), times=None)
    threads = [threading.Thread(target=ask, args=(proxy,), kwargs={"action": "query"}) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert proxy.max_in_flight == 3
    proxy.clear_log()
    assert proxy.exchanges == []
    assert proxy.max_in_flight == 0


def test_http_errors_say_when_to_come_back_or_do_not(proxy: FaultProxy) -> None:
    proxy.inject(action_is("query"), HttpError(429, retry_after=3))
    proxy.inject(action_is("query"), HttpError(503, retry_after="Wed, 21 Oct 2037 07:28:00 GMT"))
    proxy.inject(action_is("query"), HttpError(503))
    first, second, third = (ask(proxy, action="query") for _ in range(3))
    assert (first.status_code, first.headers["Retry-After"]) == (429, "3")
    assert (second.status_code, second.headers["Retry-After"]) == (503, "Wed, 21 Oct 2037 07:28:00 GMT")
    assert third.status_code == 503
    assert "Retry-After" not in third.headers


REAL_CAUSES = [
    pytest.param(
        maxlag(lag=7),
        "$wgHooks['ApiMaxLagInfo'][] = static function ( &$info ) { $info['lag'] = 7; };",
        id="maxlag",
    ),
    pytest.param(
        ratelimited(),
        "$wgRateLimits['edit'] = [ 'user' => [ 0, 60 ], 'newbie' => [ 0, 60 ] ];",
        id="ratelimited",
    ),
    pytest.param(readonly(reason="Sauvegarde"), "$wgReadOnly = 'Sauvegarde';", id="readonly"),
]


@pytest.mark.parametrize(("fault", "settings"), REAL_CAUSES)
@pytest.mark.parametrize("version", ["1", "2"])
def test_api_errors_are_those_of_a_real_wiki(
    fresh_wiki: LocalWiki, fault: ApiError, settings: str, version: str
) -> None:
    account = fresh_wiki.create_user("Inès Bouvier")
    fresh_wiki.configure(settings)

    def edit(api_url: str) -> tuple[dict[str, Any], dict[str, str], int]:
        session = requests.Session()
        tokens = session.get(api_url, params={**query, "type": "login"}, timeout=60).json()
        login = {"action": "clientlogin", "username": account.name, "password": account.password}
        login |= {"logintoken": tokens["query"]["tokens"]["logintoken"], "loginreturnurl": api_url}
        session.post(api_url, data=login, timeout=60)
        token = session.get(api_url, params=query, timeout=60).json()["query"]["tokens"]["csrftoken"]
        fields = {"action": "edit", "title": "Essai", "text": "Essai", "token": token, "maxlag": "5"}
        fields |= {"format": "json", "formatversion": version}
        response = session.post(api_url, data=fields, timeout=60)
        told = {"Retry-After", "X-Database-Lag", "MediaWiki-API-Error", "Content-Type"}
        headers = {name: value for name, value in response.headers.items() if name in told}
        return response.json()["error"], headers, response.status_code

    query = {"action": "query", "meta": "tokens", "format": "json", "formatversion": "2"}
    real_error, real_headers, real_status = edit(fresh_wiki.api_url)
    with FaultProxy(fresh_wiki.server_url) as proxy:
        proxy.inject(action_is("edit"), fault)
        error, headers, status = edit(proxy.url)
    prose = {"info", "docref", "*"}
    assert error.keys() == real_error.keys()
    assert {k: v for k, v in error.items() if k not in prose} == {
        k: v for k, v in real_error.items() if k not in prose
    }
    assert {k: v.lower() for k, v in headers.items()} == {k: v.lower() for k, v in real_headers.items()}
    assert status == real_status


@pytest.mark.parametrize(
    ("fault", "kind"),
    [(TruncatedJson(), "application/json"), (HtmlPage(), "text/html"), (EmptyBody(), "application/json")],
)
def test_bodies_that_are_no_json_come_with_status_200(proxy: FaultProxy, fault: Fault, kind: str) -> None:
    proxy.inject(action_is("query"), fault)
    broken = ask(proxy, action="query", meta="siteinfo")
    assert broken.status_code == 200
    assert broken.headers["Content-Type"].startswith(kind)
    assert int(broken.headers["Content-Length"]) == len(broken.content)
    with pytest.raises(requests.JSONDecodeError):
        broken.json()
    assert ask(proxy, action="query", meta="siteinfo").json()["query"]


def test_a_truncated_reply_is_the_beginning_of_the_real_one(proxy: FaultProxy) -> None:
    whole = ask(proxy, action="query", list="allpages").text
    proxy.inject(action_is("query"), TruncatedJson(keep=0.9))
    cut = ask(proxy, action="query", list="allpages").text
    assert whole.startswith(cut)
    assert 0 < len(cut) < len(whole)


def test_a_slow_reply_comes_in_pieces_and_whole(proxy: FaultProxy) -> None:
    whole = ask(proxy, action="query", list="allpages").json()
    proxy.inject(action_is("query"), SlowDrip(bytes_per_second=2_000))
    assert ask(proxy, action="query", list="allpages").json() == whole
    proxy.inject(action_is("query"), SlowDrip(bytes_per_second=1))
    with requests.get(proxy.url, params=BATCH, stream=True, timeout=60) as dripping:
        pieces = dripping.iter_content(1)
        assert [next(pieces), next(pieces)] == [b"{", b'"']
        assert proxy.exchanges[-1].finished is None
        assert int(dripping.headers["Content-Length"]) > 100


def test_stopping_the_proxy_cuts_a_slow_reply(wiki: LocalWiki) -> None:
    with FaultProxy(wiki.server_url) as proxy:
        proxy.inject(action_is("query"), SlowDrip(bytes_per_second=1))
        reply = requests.get(proxy.url, params=BATCH, stream=True, timeout=60)
    with pytest.raises(requests.RequestException):
        _ = reply.content


@pytest.mark.parametrize(("fault", "saved"), [(DropBeforeForward(), False), (CommitThenDrop(), True)])
def test_a_dropped_edit_was_saved_or_not(fresh_wiki: LocalWiki, fault: Fault, saved: bool) -> None:
    account = fresh_wiki.account("Inès Bouvier")
    with FaultProxy(fresh_wiki.server_url) as proxy:
        session = ApiSession(proxy.url)
        session.log_in(account)
        proxy.inject(action_is("edit"), fault)
        with pytest.raises(requests.ConnectionError):
            session.write("edit", title="Greffe", text="La greffe en fente.")
        assert proxy.exchanges[-1].forwarded is saved
        assert proxy.exchanges[-1].status is None
    if saved:
        [revision] = fresh_wiki.revisions("Greffe")
        assert revision["user"] == "Inès Bouvier"
    else:
        with pytest.raises(LocalWikiError) as caught:
            fresh_wiki.revisions("Greffe")
        assert caught.value.code == "missingtitle"


@pytest.mark.parametrize("keep", [0, 1, 2])
def test_revisions_that_were_left_out_come_with_the_next_request(proxy: FaultProxy, keep: int) -> None:
    whole = read_all(proxy)
    assert all(len(texts) == 1 for texts in whole.values())
    shortened = proxy.inject(
        lambda request: "rvcontinue" not in request.parameters, WithoutRevisions(keep=keep), times=None
    )
    assert read_all(proxy) == whole
    assert shortened.used > 1


def test_pages_can_come_without_their_revisions_for_ever(proxy: FaultProxy) -> None:
    proxy.inject(action_is("query"), WithoutRevisions(), times=None)
    first = requests.get(proxy.url, params=BATCH, timeout=60).json()
    again = requests.get(proxy.url, params=BATCH | first["continue"], timeout=60).json()
    assert len(first["query"]["pages"]) == 3
    assert not any(page.get("revisions") for page in first["query"]["pages"])
    assert first["continue"] == again["continue"]


def test_left_out_revisions_look_as_in_a_reply_that_grew_too_large(
    make_wiki: MakeWiki, wiki: LocalWiki
) -> None:
    """The second batch, so that the generator's own position is part of it."""
    small = make_wiki(source=wiki)
    with FaultProxy(small.server_url) as proxy:
        start = requests.get(proxy.url, params=BATCH, timeout=60).json()["continue"]
        whole = requests.get(proxy.url, params=BATCH | start, timeout=60).json()
        small.configure("$wgAPIMaxResultSize = 700;")
        real = requests.get(proxy.url, params=BATCH | start, timeout=60).json()
        small.configure("$wgAPIMaxResultSize = 8388608;")
        keep = sum(bool(page.get("revisions")) for page in real["query"]["pages"])
        proxy.inject(action_is("query"), WithoutRevisions(keep=keep))
        made_up = requests.get(proxy.url, params=BATCH | start, timeout=60).json()
    assert 0 < keep < len(whole["query"]["pages"])
    assert made_up["continue"] == real["continue"]
    assert made_up["query"] == real["query"]
    assert ("batchcomplete" in made_up) == ("batchcomplete" in real)


def test_a_continue_that_does_not_advance(proxy: FaultProxy) -> None:
    proxy.inject(action_is("query"), StuckContinue(), times=None)
    with pytest.raises(AssertionError, match="no end"):
        read_all(proxy, most=12)
    positions = [request.parameters.get("gapcontinue") for request in proxy.requests]
    assert positions[0] is None
    assert len(set(positions[1:])) == 1


def test_a_lost_session_answers_as_to_anybody_until_the_next_login(
    proxy: FaultProxy, wiki: LocalWiki
) -> None:
    account = wiki.account("Yann Kerdoncuff")
    session = ApiSession(proxy.url)
    session.log_in(account)
    proxy.inject(action_is("query", meta="userinfo"), SessionLost())
    names = [session.ask("query", meta="userinfo")["query"]["userinfo"] for _ in range(2)]
    assert all(name["anon"] for name in names)
    with pytest.raises(LocalWikiError) as caught:
        session.ask("query", **{"assert": "user"})
    assert caught.value.code == "assertuserfailed"
    session.log_in(account)
    assert session.ask("query", meta="userinfo")["query"]["userinfo"]["name"] == account.name


def test_a_wiki_that_is_gone_is_a_closed_connection(fresh_wiki: LocalWiki) -> None:
    with FaultProxy(fresh_wiki.server_url) as proxy:
        assert ask(proxy, action="query").status_code == 200
        fresh_wiki.kill()
        with pytest.raises(requests.ConnectionError):
            ask(proxy, action="query")


def test_a_fault_that_is_broken_does_not_go_unseen(wiki: LocalWiki) -> None:
    class Broken:
        def play(self, exchange: Exchange) -> None:
            raise KeyError("the test's own mistake")

    def use() -> None:
        with FaultProxy(wiki.server_url) as proxy:
            proxy.inject(action_is("query"), Broken())
            with pytest.raises(requests.ConnectionError):
                ask(proxy, action="query")

    with pytest.raises(RuntimeError, match="broken") as caught:
        use()
    assert isinstance(caught.value.__cause__, KeyError)
