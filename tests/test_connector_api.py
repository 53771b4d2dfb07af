"""What a wiki may do wrong between two good replies, and what it must not lead to: see `tests/faults.py`."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from connector.api import Api, Reply
from connector.errors import WikiLoginError, WikiUnavailableError
from connector.manners import Patience
from connector.replies import TEXT_PROPERTIES
from connector.transport import ReplyFault
from connector.wiki import MediaWiki, WikiSettings
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
    TruncatedJson,
    WithoutRevisions,
    maxlag,
    ratelimited,
    readonly,
)
from tests.mediawiki import LocalWiki

TEXTS = action_is("query", prop="info|revisions", rvprop=TEXT_PROPERTIES)


class EmptyExport:
    """An export without its pages."""

    def play(self, exchange: Exchange) -> None:
        reply = exchange.forward()
        content = json.loads(reply.decoded_body())
        export = content["query"]["export"]
        content["query"]["export"] = re.sub("<page>.*</page>", "", export, flags=re.DOTALL)
        exchange.send(reply.with_body(json.dumps(content).encode()))


class Waits:
    """Takes the place of sleeping, and remembers."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def waits() -> Waits:
    return Waits()


def reader(proxy: FaultProxy, waits: Waits, **options: Any) -> MediaWiki:
    settings = WikiSettings(api_url=proxy.url, **({"timeout_seconds": 20, "max_wait_seconds": 100} | options))
    return MediaWiki(settings, sleep=waits)


@pytest.mark.parametrize(
    "fault",
    [
        HttpError(503),
        HttpError(502),
        HttpError(429),
        HttpError(503, retry_after="Wed, 21 Oct 2015 07:28:00 GMT"),
        HttpError(503, retry_after="bientôt".encode().decode("latin-1")),
        maxlag(),
        maxlag(retry_after=0),
        ratelimited(),
        readonly(),
        ApiError("internal_api_error_DBQueryError", "A database query error has occurred."),
        TruncatedJson(),
        HtmlPage(),
        HtmlPage('{"ok": true}'),
        EmptyBody(),
        DropBeforeForward(),
        CommitThenDrop(),
    ],
    ids=repr,
)
def test_a_fault_that_passes_loses_nothing(wiki: LocalWiki, waits: Waits, fault: Fault) -> None:
    with FaultProxy(wiki.server_url) as proxy:
        subject = reader(proxy, waits)
        heads = list(subject.heads(namespaces=[0]))
        proxy.inject(TEXTS, fault, times=2)
        pages = list(subject.pages([head.pageid for head in heads]))
    assert {(page.pageid, page.revid) for page in pages} == {(head.pageid, head.revid) for head in heads}
    assert len(waits.seconds) == 2
    assert 0 < waits.seconds[0] <= waits.seconds[1] * 2


@pytest.mark.parametrize("fault", [HttpError(503, 17), HttpError(429, 17), maxlag(retry_after=17)], ids=repr)
def test_the_wiki_says_how_long_to_wait(wiki: LocalWiki, waits: Waits, fault: Fault) -> None:
    with FaultProxy(wiki.server_url) as proxy:
        proxy.inject(action_is("query"), fault)  # even at the first contact: it did answer
        assert reader(proxy, waits).site().name
    assert len(waits.seconds) == 1
    assert waits.seconds[0] >= 17


def test_a_wiki_that_stays_away_is_given_up_after_the_total_time(wiki: LocalWiki, waits: Waits) -> None:
    with FaultProxy(wiki.server_url) as proxy:
        subject = reader(proxy, waits, max_wait_seconds=50)
        subject.site()
        proxy.inject(action_is("query"), HttpError(503), times=None)
        with pytest.raises(WikiUnavailableError, match="answers 503"):
            list(subject.heads(namespaces=[0]))
    assert 20 < sum(waits.seconds) <= 50
    assert len(waits.seconds) < 10


def test_a_wait_that_would_be_too_long_is_not_begun(wiki: LocalWiki, waits: Waits) -> None:
    with FaultProxy(wiki.server_url) as proxy:
        proxy.inject(action_is("query"), HttpError(503, retry_after=86_400), times=None)
        with pytest.raises(WikiUnavailableError, match="answers 503"):
            reader(proxy, waits).site()
    assert waits.seconds == []


def test_a_refusal_is_not_repeated(wiki: LocalWiki, waits: Waits) -> None:
    with FaultProxy(wiki.server_url) as proxy:
        subject = reader(proxy, waits)
        subject.site()
        for fault, says in (
            (HttpError(403), "answers 403"),
            (ApiError("badvalue", "No such thing."), "No such"),
        ):
            proxy.inject(action_is("query"), fault)
            with pytest.raises(WikiUnavailableError, match=says):
                list(subject.heads(namespaces=[0]))
    assert waits.seconds == []


def test_a_reply_that_drips_is_given_up(wiki: LocalWiki, waits: Waits) -> None:
    with FaultProxy(wiki.server_url) as proxy:
        subject = reader(proxy, waits, timeout_seconds=0.5, max_wait_seconds=0.5)
        proxy.inject(action_is("query"), SlowDrip(bytes_per_second=40), times=None)
        with pytest.raises(WikiUnavailableError, match="too slowly"):
            subject.site()


def test_a_reply_without_end_is_given_up(
    wiki: LocalWiki, waits: Waits, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compressed, gigabytes cost their sender nothing: what is unpacked is counted."""
    monkeypatch.setattr("connector.transport._LONGEST_REPLY_BYTES", 2_000)
    with FaultProxy(wiki.server_url) as proxy:
        subject = reader(proxy, waits)
        with pytest.raises(WikiUnavailableError, match="an answer without end"):
            subject.site()
    assert waits.seconds == []


def test_pages_that_come_without_their_text_are_asked_for_again(wiki: LocalWiki, waits: Waits) -> None:
    with FaultProxy(wiki.server_url) as proxy:
        subject = reader(proxy, waits)
        asked = [head.pageid for head in subject.heads(namespaces=[0, 1, 14])]
        proxy.inject(TEXTS, WithoutRevisions(keep=3))
        proxy.inject(TEXTS, WithoutRevisions(keep=0), times=2)
        pages = list(subject.pages(asked))
    assert sorted(page.pageid for page in pages) == sorted(asked)
    assert all(page.wikitext for page in pages)


def test_a_page_that_never_has_its_text_is_a_fault_and_not_a_gap(wiki: LocalWiki, waits: Waits) -> None:
    with FaultProxy(wiki.server_url) as proxy:
        subject = reader(proxy, waits)
        asked = [head.pageid for head in subject.heads(namespaces=[0])]
        proxy.inject(TEXTS, WithoutRevisions(), times=None)
        # Exports have no limit of size; one without the page is no answer either.
        assert sorted(page.pageid for page in subject.pages(asked)) == sorted(asked)
        proxy.inject(action_is("query", export="1"), EmptyExport(), times=None)
        with pytest.raises(WikiUnavailableError, match="does not give the text"):
            list(subject.pages(asked))


def test_a_reply_of_another_shape_is_one_clear_line(wiki: LocalWiki, waits: Waits) -> None:
    for body in ('{"query": {"pages": [{"pageid": 1}]}}', '{"query": []}', '{"query": {"pages": 7}}'):
        with FaultProxy(wiki.server_url) as proxy:
            subject = reader(proxy, waits)
            subject.site()
            proxy.inject(action_is("query"), HtmlPage(body), times=None)
            with pytest.raises(WikiUnavailableError, match="does not"):
                list(subject.pages([1]))


# The session


def member(proxy: FaultProxy, wiki: LocalWiki, waits: Waits) -> MediaWiki:
    admin = wiki.account()
    return reader(proxy, waits, user=admin.name, password=admin.password)


def test_a_session_that_ends_is_opened_again(wiki: LocalWiki, waits: Waits) -> None:
    with FaultProxy(wiki.server_url) as proxy:
        subject = member(proxy, wiki, waits)
        asked = [head.pageid for head in subject.heads(namespaces=[0])]
        proxy.inject(TEXTS, SessionLost())
        assert len(list(subject.pages(asked))) == len(asked)
        assert len(proxy.requests_of("login")) == 2


def test_a_wiki_that_keeps_no_session_is_not_read_as_nobody(wiki: LocalWiki, waits: Waits) -> None:
    with FaultProxy(wiki.server_url) as proxy:
        subject = member(proxy, wiki, waits)
        heads = subject.heads(namespaces=[0, 14])
        next(heads)
        proxy.inject(action_is("query"), SessionLost(), times=None)
        with pytest.raises(WikiLoginError):
            list(heads)
        assert len(proxy.requests_of("login")) <= 3


def test_a_login_that_never_gets_its_cookie_ends(wiki: LocalWiki, waits: Waits) -> None:
    with FaultProxy(wiki.server_url) as proxy:
        proxy.inject(lambda request: True, SessionLost(), times=None)
        with pytest.raises(WikiLoginError):
            member(proxy, wiki, waits).site()
        assert len(proxy.requests_of("login")) == 1


@pytest.mark.parametrize(
    "fault", [CommitThenDrop(), DropBeforeForward(), TruncatedJson(), HttpError(503)], ids=repr
)
def test_a_login_whose_reply_is_lost_is_made_anew(wiki: LocalWiki, waits: Waits, fault: Fault) -> None:
    """The wiki takes a token once: the same one again would look like a wrong password."""
    with FaultProxy(wiki.server_url) as proxy:
        proxy.inject(action_is("login"), fault, times=2)
        assert member(proxy, wiki, waits).user == wiki.account().name
        tokens = [request.parameters["lgtoken"] for request in proxy.requests_of("login")]
        assert len(tokens) == 3


# Continuations, by a scripted wiki


class ScriptedWiki:
    """Answers queries one after the other from a list."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = [{"batchcomplete": True}, *replies]
        self.asked: list[Mapping[str, Any]] = []

    def __call__(self, parameters: Mapping[str, Any], *, post: bool) -> tuple[Reply, float | None]:
        self.asked.append(parameters)
        if not self.replies:
            raise ReplyFault("has nothing more to say", passing=False)
        return self.replies.pop(0), None

    def api(self) -> Api:
        patience = Patience(limit_seconds=0, url="wiki")
        return Api(exchange=self, url="wiki", user=None, password=None, patience=lambda: patience)


def test_a_query_goes_on_from_its_own_parameters_each_time() -> None:
    scripted = ScriptedWiki(
        {"query": {"n": 1}, "continue": {"rvcontinue": "9", "continue": "||info"}},
        {"query": {"n": 2}, "continue": {"gapcontinue": "B", "continue": "gapcontinue||"}},
        {"query": {"n": 3}},
    )
    replies = list(scripted.api().query({"generator": "allpages"}))
    assert [reply["query"]["n"] for reply in replies] == [1, 2, 3]
    handed_back = [{k: v for k, v in p.items() if "continue" in k} for p in scripted.asked[1:]]
    # The old rvcontinue is not carried along: that is how texts are lost.
    assert handed_back == [
        {},
        {"rvcontinue": "9", "continue": "||info"},
        {"gapcontinue": "B", "continue": "gapcontinue||"},
    ]
    assert all(p["generator"] == "allpages" for p in scripted.asked[1:])


def test_a_continuation_that_does_not_move_is_an_error() -> None:
    stuck: Reply = {"query": {}, "continue": {"apcontinue": "B", "continue": "-||"}}
    scripted = ScriptedWiki(*[stuck] * 10)
    with pytest.raises(WikiUnavailableError, match="the same again"):
        list(scripted.api().query({"list": "allpages"}))
    assert len(scripted.asked) == 3


def test_a_continuation_that_goes_in_circles_is_an_error() -> None:
    circle: list[Reply] = [
        {"query": {}, "continue": {"apcontinue": name, "continue": "-||"}} for name in ("B", "C", "B", "C")
    ]
    scripted = ScriptedWiki(*circle)
    with pytest.raises(WikiUnavailableError, match="the same again"):
        list(scripted.api().query({"list": "allpages"}))
    assert len(scripted.asked) == 4


def test_what_the_wiki_says_of_itself_is_asked_again_after_a_while() -> None:
    seconds = [0.0]
    described: Reply = {"query": {"general": {"sitename": "Rucher"}}, "curtimestamp": "2026-03-01T09:00:00Z"}
    renamed: Reply = {"query": {"general": {"sitename": "Ruchers"}}, "curtimestamp": "2026-03-01T09:10:01Z"}
    scripted = ScriptedWiki(
        described, renamed, {"batchcomplete": True, "curtimestamp": "2026-03-01T09:20:00Z"}
    )
    del scripted.replies[0]
    patience = Patience(limit_seconds=0, url="wiki")
    api = Api(
        exchange=scripted,
        url="wiki",
        user=None,
        password=None,
        patience=lambda: patience,
        monotonic=lambda: seconds[0],
    )
    for passed, name, time_told, asked in (
        (0.0, "Rucher", "2026-03-01T09:00:00+00:00", 1),
        (4.0, "Rucher", "2026-03-01T09:00:00+00:00", 1),
        (601.0, "Ruchers", "2026-03-01T09:10:01+00:00", 2),
        (1_190.0, "Ruchers", "2026-03-01T09:20:00+00:00", 3),
    ):
        seconds[0] = passed
        assert api.site()["general"]["sitename"] == name
        assert api.now().isoformat() == time_told
        assert len(scripted.asked) == asked


def test_waits_grow_are_spread_and_end() -> None:
    waits = Waits()
    patience = Patience(limit_seconds=1_000, url="wiki", sleep=waits)
    for _ in range(8):
        patience.wait("sleeps")
    for wait, longest in zip(waits.seconds, (1, 2, 4, 8, 16, 30, 30, 30), strict=True):
        assert longest / 2 <= wait <= longest
    with pytest.raises(WikiUnavailableError, match="sleeps"):
        patience.wait("sleeps", at_least=1_000)
