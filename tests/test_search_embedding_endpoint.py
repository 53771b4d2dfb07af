"""Vectors from a server by URL: the contract of an embedder, and every way such a server goes wrong."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from connector.errors import ConfigError, SearchError
from search.embedding import Embedder
from search.embedding_endpoint import EndpointEmbedder
from search.settings import EmbeddingSettings
from tests.embedder_contract import EmbedderContract
from tests.embedding_server import Answer, EmbeddingServer, Fault, as_json, run_embedding_server
from webui.bootstrap import build_services
from webui.config import load_config

KEY = "sk-of-the-tests"
PRIVATE_TEXT = "le code du portail est 4471"


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    with run_embedding_server() as running:
        yield running


@dataclass
class Waiting:
    """A clock that only moves when somebody waits."""

    now: float = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def time(self) -> float:
        return self.now


def connect(server: EmbeddingServer, waiting: Waiting | None = None, **settings: Any) -> EndpointEmbedder:
    given = {"model": "some/model", "url": server.url, "api_key": KEY, "answer_seconds": 2.0, **settings}
    waiting = waiting or Waiting()
    return EndpointEmbedder(EmbeddingSettings(**given), sleep=waiting.sleep, clock=waiting.time)


class TestEndpointEmbedder(EmbedderContract):
    @pytest.fixture(autouse=True)
    def _server(self, server: EmbeddingServer) -> None:
        self.server = server

    def make(self) -> Embedder:
        return connect(self.server)


def test_texts_go_in_batches_with_prefixes_model_and_key(server: EmbeddingServer) -> None:
    embedder = connect(server, query_prefix="q: ", passage_prefix="p: ")
    rows = embedder.embed_passages([f"outil {number}" for number in range(70)])
    embedder.embed_query("outil 3")
    assert [len(asked["input"]) for asked in server.asked] == [32, 32, 6, 1]
    assert server.asked[0]["input"][3] == "p: outil 3"
    assert server.asked[3] == {"model": "some/model", "input": ["q: outil 3"]}
    assert {headers["Authorization"] for headers in server.headers} == {f"Bearer {KEY}"}
    expected = server.model.embed_passages([f"p: outil {number}" for number in range(70)])
    assert (rows * expected).sum(axis=1).min() > 0.9999


@pytest.mark.parametrize("ending", ["", "/", "/v1", "/v1/", "/v1/embeddings"])
def test_the_address_may_end_as_people_write_it(server: EmbeddingServer, ending: str) -> None:
    connect(server, url=f"http://127.0.0.1:{server.port}{ending}").embed_query("x")
    assert server.paths == ["/v1/embeddings"]


def test_an_address_below_another_is_kept(server: EmbeddingServer) -> None:
    connect(server, url=f"http://127.0.0.1:{server.port}/team/api?version=2").embed_query("x")
    assert server.paths == ["/team/api/embeddings?version=2"]


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:80", "ftp://127.0.0.1/v1", "http://", "http://a:b@127.0.0.1/v1", "http://x:y/"]
)
def test_an_address_that_is_none_is_refused_at_once(url: str) -> None:
    with pytest.raises(ConfigError, match=r"search\.embedding_url") as caught:
        EndpointEmbedder(EmbeddingSettings(model="m", url=url))
    assert "a:b" not in str(caught.value)


def test_without_a_key_none_is_sent_not_even_one_of_the_account(
    server: EmbeddingServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password mine\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    connect(server, api_key=None).embed_query("x")
    assert "Authorization" not in server.headers[0]


def test_a_text_is_cut_and_an_empty_one_is_sent_as_a_space(server: EmbeddingServer) -> None:
    connect(server, max_tokens=10).embed_passages(["é" * 100, ""])
    assert server.asked[0]["input"] == ["é" * 60, " "]


def test_half_a_character_does_not_break_the_request(server: EmbeddingServer) -> None:
    assert connect(server).embed_query("outil \ud83d").shape == (256,)


def test_the_name_says_whose_vectors_they_are_and_never_the_key(server: EmbeddingServer) -> None:
    def named(**settings: Any) -> str:
        return connect(server, **settings).model_id

    names = {
        named(),
        named(model="other"),
        named(url="http://127.0.0.1:9/v1"),
        named(query_prefix="q: "),
        named(passage_prefix="p: "),
        named(max_tokens=100),
    }
    assert len(names) == 6
    assert named(api_key="another") == named(api_key=None) == named()
    assert KEY not in named()
    assert KEY not in repr(EmbeddingSettings(api_key=KEY))
    assert server.asked == []


# What servers do wrong


def status(code: int, **headers: str) -> Fault:
    def answer(question: dict[str, Any]) -> Answer:
        # As some do: what was sent comes back in the complaint.
        content = {"error": {"message": f"cannot embed {question['input']} with {KEY}"}}
        return as_json(content, status=code, **headers)

    return answer


def hang_up(question: dict[str, Any]) -> Answer:
    return 0, {}, b""


def cut_off(question: dict[str, Any]) -> Answer:
    return 200, {"Content-Length": "5000"}, b'{"data": [{"index": 0, "embedding": [0.1, 0.'


def html(question: dict[str, Any]) -> Answer:
    return 200, {"Content-Type": "text/html"}, b"<!doctype html><title>Log in</title>"


def half_json(question: dict[str, Any]) -> Answer:
    return 200, {}, b'{"data": [{"index": 0, "embedding": [0.1, 0.'


def endless_brackets(question: dict[str, Any]) -> Answer:
    return 200, {}, b"[" * 200_000


def data_is(make: Any) -> Fault:
    def answer(question: dict[str, Any]) -> Answer:
        return as_json({"data": make(question["input"])})

    return answer


def row(*numbers: Any, index: Any = 0) -> dict[str, Any]:
    return {"index": index, "embedding": list(numbers)}


WRONG: dict[str, Fault] = {
    "one vector too few": data_is(lambda texts: [row(1.0, 2.0)]),
    "one vector too many": data_is(lambda texts: [row(1.0, 2.0, index=i) for i in range(3)]),
    "the same place twice": data_is(lambda texts: [row(1.0, 2.0), row(2.0, 1.0)]),
    "a place that is no number": data_is(lambda texts: [row(1.0, 2.0, index="0"), row(2.0, 1.0, index="1")]),
    "a place that is a truth": data_is(lambda texts: [row(1.0, index=False), row(2.0, index=True)]),
    "not a number": data_is(lambda texts: [row(1.0, math.nan), row(1.0, 2.0, index=1)]),
    "infinite": data_is(lambda texts: [row(1.0, math.inf), row(1.0, 2.0, index=1)]),
    "too large to be a number": data_is(lambda texts: [row(10**400, 1), row(1.0, 2.0, index=1)]),
    "not as many in each": data_is(lambda texts: [row(1.0), row(1.0, 2.0, index=1)]),
    "words": data_is(lambda texts: [row("a", "b"), row("c", "d", index=1)]),
    "base64": data_is(lambda texts: [{"index": i, "embedding": "AACAPw=="} for i in range(2)]),
    "nothing in them": data_is(lambda texts: [row(), row(index=1)]),
    "no direction": data_is(lambda texts: [row(0.0, 0.0), row(1.0, 2.0, index=1)]),
    "no vectors": data_is(lambda texts: [{"index": 0}, {"index": 1}]),
    "a list of texts": data_is(lambda texts: texts),
    "nothing": data_is(lambda texts: None),
    "another shape": lambda question: as_json([1, 2]),
    "HTML with 200": html,
    "half of the JSON": half_json,
    "brackets": endless_brackets,
    "500": status(500),
    "400": status(400),
    "401": status(401),
    "404": status(404),
    "elsewhere": status(307, Location="http://127.0.0.1:1/"),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_answer_is_one_clear_line_without_key_and_text(server: EmbeddingServer, wrong: Fault) -> None:
    server.faults = [wrong]
    waiting = Waiting()
    with pytest.raises(SearchError) as caught:
        connect(server, waiting).embed_passages([PRIVATE_TEXT, "outils"])
    said = str(caught.value)
    assert said.startswith(f"the embedding server at 127.0.0.1:{server.port} ")
    assert KEY not in said
    assert PRIVATE_TEXT not in said
    assert "\n" not in said
    assert len(said) < 150
    assert (len(server.asked), waiting.now) == (1, 0)  # asking again would not help


@pytest.mark.parametrize(
    "passing",
    [status(429), status(503), status(502), hang_up, cut_off],
    ids=["429", "503", "502", "drop", "cut"],
)
def test_what_passes_is_tried_again(server: EmbeddingServer, passing: Fault) -> None:
    server.faults = [passing, passing]
    waiting = Waiting()
    rows = connect(server, waiting).embed_passages(["outils"])
    assert rows.shape == (1, 256)
    assert len(server.asked) == 3
    assert waiting.now == pytest.approx(0.5 + 1.0)


def test_a_server_that_says_when_is_asked_then(server: EmbeddingServer) -> None:
    server.faults = [status(429, **{"Retry-After": "7"})]
    waiting = Waiting()
    connect(server, waiting).embed_query("outils")
    assert waiting.now == 7


def test_a_date_that_has_passed_does_not_make_it_ask_without_a_pause(server: EmbeddingServer) -> None:
    server.faults = [
        status(503, **{"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}),
        status(503, **{"Retry-After": "soon"}),
        status(503, **{"Retry-After": f"Wed, 21 Oct {'9' * 20} 07:28:00 GMT"}),
    ]
    waiting = Waiting()
    connect(server, waiting).embed_query("outils")
    assert waiting.now == pytest.approx(0.5 + 1.0 + 2.0)


def test_a_question_waits_less_than_passages_do(server: EmbeddingServer) -> None:
    server.faults = [status(429, **{"Retry-After": "60"})]
    with pytest.raises(SearchError, match="answers 429"):
        connect(server).embed_query("outils")
    server.faults = [status(429, **{"Retry-After": "60"})]
    assert connect(server).embed_passages(["outils"]).shape == (1, 256)


def test_a_server_that_is_away_is_given_up_in_the_end(server: EmbeddingServer) -> None:
    server.faults = [status(503)] * 100
    waiting = Waiting()
    with pytest.raises(SearchError, match="answers 503"):
        connect(server, waiting).embed_passages(["outils"])
    assert 60 < waiting.now < 120
    assert len(server.asked) < 15


def test_where_nobody_listens_it_is_one_clear_line() -> None:
    waiting = Waiting()
    settings = EmbeddingSettings(model="m", url="http://127.0.0.1:9/v1", api_key=KEY)
    with pytest.raises(SearchError, match=r"the embedding server at 127\.0\.0\.1:9 cannot be reached"):
        EndpointEmbedder(settings, sleep=waiting.sleep, clock=waiting.time).embed_query("outils")


def test_an_answer_that_drips_ends_in_time(server: EmbeddingServer) -> None:
    embedder = connect(server, answer_seconds=0.2)

    def late(question: dict[str, Any]) -> Answer:
        return 200, {"Content-Length": "1000000"}, b" " * 10

    server.faults = [late]
    server.drip_seconds = 20
    with pytest.raises(SearchError, match=r"does not answer within 0\.2 seconds"):
        embedder.embed_query("outils")


@pytest.mark.parametrize("size", [1e200, 1e-200])
def test_a_vector_of_any_length_has_length_one(server: EmbeddingServer, size: float) -> None:
    server.faults = [data_is(lambda texts: [row(3 * size, 4 * size)])]
    assert connect(server).embed_query("outils").tolist() == pytest.approx([0.6, 0.8])


def test_vectors_come_in_the_order_of_the_texts_whatever_the_order_of_the_answer(
    server: EmbeddingServer,
) -> None:
    def shuffled(question: dict[str, Any]) -> Answer:
        return as_json({"data": server.vectors(question)[::-1]})

    server.faults = [shuffled]
    texts = ["outils", "accueil", "café"]
    rows = connect(server).embed_passages(texts)
    assert (rows * server.model.embed_passages(texts)).sum(axis=1).min() > 0.9999


def test_a_server_that_numbers_nothing_is_taken_to_keep_the_order(server: EmbeddingServer) -> None:
    def bare(question: dict[str, Any]) -> Answer:
        return as_json({"data": [{"embedding": each["embedding"]} for each in server.vectors(question)]})

    server.faults = [bare]
    texts = ["outils", "accueil"]
    assert np.argmax(connect(server).embed_passages(texts) @ server.model.embed_query("accueil")) == 1


def test_vectors_of_another_length_than_before_are_refused(server: EmbeddingServer) -> None:
    embedder = connect(server)
    embedder.embed_query("outils")
    server.faults = [data_is(lambda texts: [row(1.0, 2.0)])]
    with pytest.raises(SearchError, match="answers vectors of 2 numbers, after some of 256"):
        embedder.embed_query("outils")


def test_a_redirect_is_not_followed(server: EmbeddingServer) -> None:
    with run_embedding_server() as elsewhere:
        server.faults = [status(307, Location=f"{elsewhere.url}/embeddings")]
        with pytest.raises(SearchError, match="answers 307"):
            connect(server).embed_query(PRIVATE_TEXT)
        assert elsewhere.asked == []


def test_a_connection_is_kept(server: EmbeddingServer) -> None:
    embedder = connect(server)
    assert embedder.embed_query("outils") @ embedder.embed_query("outils") > 0.999
    # One connection was kept for both.
    assert server.connections == 1


def test_the_settings_lead_there_and_the_key_comes_from_the_environment(
    server: EmbeddingServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPAGNON_SEARCH_EMBEDDING_KEY", KEY)
    (tmp_path / "compagnon.toml").write_text(
        f'[search]\nembedding_url = "{server.url}"\nmodel = "their-model"\npassage_prefix = "p: "\n',
        encoding="utf-8",
    )
    embedder = build_services(load_config(tmp_path)).embedder
    assert embedder.embed_passages(["outils"]).shape == (1, 256)
    assert server.asked == [{"model": "their-model", "input": ["p: outils"]}]
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"


def test_a_server_without_the_name_of_a_model_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "compagnon.toml").write_text(
        '[search]\nembedding_url = "http://127.0.0.1:9/v1"\n', encoding="utf-8"
    )
    with pytest.raises(ConfigError, match=r"search\.embedding_url needs search\.model"):
        _ = build_services(load_config(tmp_path)).embedder
