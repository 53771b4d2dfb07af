"""The JSON API: the documented shapes, and what is refused."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient

from tests.community import empty_community, small_community
from webui.app import create_app
from webui.bootstrap import Services

SCHEMAS = Path(__file__).resolve().parent.parent / "webui" / "api" / "schemas"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    services = small_community(tmp_path_factory.mktemp("community"))
    yield services
    services.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


def get(client: FlaskClient, path: str, *, status: int = 200) -> Any:
    answer = client.get(path)
    assert answer.mimetype == "application/json"
    assert answer.status_code == status
    return answer.json


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("/api/v1/search?q=bénévole", "search"),
        ("/api/v1/search?q=Comment accueillir un nouveau bénévole ?&answer=1", "search"),
        ("/api/v1/search?q=qsdfgh&answer=1", "search"),
        ("/api/v1/search?q=atelier&practices_only=1", "search"),
        ("/api/v1/experts?q=bénévole", "experts"),
        ("/api/v1/topics", "topics"),
        ("/api/v1/topics?person=Marc Le Goff", "topics"),
        ("/api/v1/topics?topic=Soirée réparation&top_k=1", "topics"),
        ("/api/v1/titles?q=acc", "titles"),
        ("/api/v1/pages/2/related", "related"),
        ("/api/v1/links?title=Ranger les outils", "links"),
        ("/api/v1/gardening?kind=dead_ends", "gardening"),
        ("/api/v1/links?title=Nulle part", "error"),
    ],
)
def test_answers_are_as_the_documentation_says(client: FlaskClient, path: str, schema: str) -> None:
    jsonschema.validate(client.get(path).json, json.loads((SCHEMAS / f"{schema}.json").read_text()))


def test_search_has_its_documented_shape(client: FlaskClient) -> None:
    answer = get(client, "/api/v1/search?q=Comment accueillir un nouveau bénévole ?&top_k=3")
    assert list(answer) == [
        "query",
        "language",
        "hits",
        "experts",
        "answerable",
        "confidence",
        "corrections",
    ]
    assert answer["query"] == "Comment accueillir un nouveau bénévole ?"
    assert answer["language"] == "fr"
    assert 0 < len(answer["hits"]) <= 3
    hit = answer["hits"][0]
    assert list(hit) == [
        "pageid",
        "title",
        "url",
        "section",
        "snippet",
        "score",
        "revid",
        "language",
        "matched",
        "status",
        "contacts",
        "same",
        "answered_question",
    ]
    assert (hit["status"], hit["contacts"]) == ("reference", ["Aïcha Benali"])
    assert hit["matched"] == ["words", "meaning"]
    assert (hit["pageid"], hit["title"], hit["revid"]) == (1, "Accueillir un nouveau bénévole", 1001)
    assert hit["url"].startswith("http://wiki.invalid/wiki/Accueillir_un_nouveau_b%C3%A9n%C3%A9vole")
    assert 0 < hit["score"] <= 1
    assert list(answer["experts"][0]) == [
        "name",
        "score",
        "languages",
        "available",
        "availability",
        "evidence",
    ]
    assert list(answer["experts"][0]["evidence"][0]) == ["pageid", "title", "why"]


def test_an_answer_comes_when_it_is_asked_for_and_there_is_one(client: FlaskClient) -> None:
    question = "/api/v1/search?q=Comment accueillir un nouveau bénévole ?"
    assert "answer" not in get(client, f"{question}&answer=0")
    found = get(client, f"{question}&answer=1")
    assert found["answerable"]
    answer = found["answer"]
    assert (answer["written"], answer["left_out"], answer["fallback"]) == (False, 0, None)
    sources = [source for sentence in answer["sentences"] for source in sentence["sources"]]
    assert {source["title"] for source in sources} == {"Accueillir un nouveau bénévole"}
    assert all(source["url"].startswith("http://wiki.invalid/wiki/Accueillir") for source in sources)
    nothing = get(client, "/api/v1/search?q=qsdfghjklm wxcvbn&answer=1")
    assert (nothing["answerable"], nothing["answer"]) == (False, None)


def test_a_word_that_no_page_has_is_read_as_another_and_that_is_said(client: FlaskClient) -> None:
    found = get(client, "/api/v1/search?q=multimetrre")
    assert found["corrections"] == [{"typed": "multimetrre", "read_as": ["multimètre"]}]
    assert found["hits"][0]["title"] == "Soirée réparation"


def test_practices_alone_can_be_asked_for(client: FlaskClient) -> None:
    everything = get(client, "/api/v1/search?q=soirée réparation registre atelier")["hits"]
    practices = get(client, "/api/v1/search?q=soirée réparation registre atelier&practices_only=1")["hits"]
    assert None in {hit["status"] for hit in everything}
    assert practices
    assert None not in {hit["status"] for hit in practices}


def test_titles_are_completed_with_their_redirects(client: FlaskClient) -> None:
    found = get(client, "/api/v1/titles?q=BENEVOLE accueil")
    assert found == {
        "query": "BENEVOLE accueil",
        "titles": [
            {"pageid": 1, "title": "Accueillir un nouveau bénévole", "matched": "Accueil des bénévoles"}
        ],
    }
    assert [each["title"] for each in get(client, "/api/v1/titles?q=outils")["titles"]] == [
        "Ranger les outils"
    ]
    assert len(get(client, "/api/v1/titles?q=r&top_k=1")["titles"]) == 1
    for nothing in ("", "xyz", '"', "%00", "* OR *", "🔧"):
        assert get(client, f"/api/v1/titles?q={nothing}")["titles"] == []


def test_related_pages_are_other_pages_that_are_near(client: FlaskClient) -> None:
    answer = get(client, "/api/v1/pages/2/related?top_k=3")
    assert (answer["pageid"], answer["title"]) == (2, "Soirée réparation")
    assert 1 <= len(answer["related"]) <= 3
    assert 2 not in {page["pageid"] for page in answer["related"]}
    scores = [page["score"] for page in answer["related"]]
    assert scores == sorted(scores, reverse=True)
    assert get(client, "/api/v1/pages/6/related")["title"] == "Accueillir un nouveau bénévole"


def test_topics_are_those_of_the_community(client: FlaskClient) -> None:
    everything = get(client, "/api/v1/topics")
    assert (everything["topic"], everything["person"]) == (None, None)
    names = [topic["name"] for topic in everything["topics"]]
    assert "Ranger les outils" in names
    (topic,) = get(client, "/api/v1/topics?topic=Ranger les outils")["topics"]
    assert [expert["name"] for expert in topic["experts"]] == ["Marc Le Goff"]
    theirs = get(client, "/api/v1/topics?person=Marc Le Goff")["topics"]
    assert "Ranger les outils" in [each["name"] for each in theirs]
    assert len(get(client, "/api/v1/topics?top_k=1")["topics"]) == 1


HOSTILE = (
    '"',
    '"" "" *',
    "AND OR NOT NEAR(a b)",
    "title:outils^2 {a b}: -(",
    "a\x00b",
    "\x00",
    "\u202eslituo\u2066",
    "🔧👩‍🔧",
    "a'; DROP TABLE page; --",
    "%' OR 1=1 --",
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "\ud800",
    "é" * 1_000,
    '"' * 999,
    "a" * 10_000,
    "mot " * 2_500,
)


@pytest.mark.parametrize("question", HOSTILE)
@pytest.mark.parametrize("path", ["search", "experts", "titles", "topics"])
def test_a_hostile_question_is_answered_or_refused(client: FlaskClient, path: str, question: str) -> None:
    parameters = {
        "q": question.encode("utf-8", "surrogatepass"),
        "topic": question.encode("utf-8", "replace"),
    }
    answer = client.get(f"/api/v1/{path}", query_string={**parameters, "answer": "1"})
    assert answer.status_code in (200, 400, 404)
    assert answer.mimetype == "application/json"


def test_experts_have_their_documented_shape_and_speak_the_language_of_the_query(client: FlaskClient) -> None:
    french = get(client, "/api/v1/experts?q=Qui sait accueillir les nouveaux bénévoles ?")
    assert list(french) == ["query", "experts"]
    assert french["experts"][0]["name"] == "Aïcha Benali"
    english = get(client, "/api/v1/experts?q=Who knows how to fund the rent of a workshop?&top_k=1")
    assert [expert["name"] for expert in english["experts"]] == ["Ruth Ellery"]
    reasons = [person["experts"][0]["evidence"][0]["why"] for person in (french, english)]
    assert reasons[0] != reasons[1]


def test_links_have_their_documented_shape(client: FlaskClient, services: Services) -> None:
    answer = get(client, "/api/v1/links?title=Ranger les outils")
    assert list(answer) == ["pageid", "title", "revid", "suggestions", "see_also"]
    assert (answer["pageid"], answer["title"], answer["revid"]) == (3, "Ranger les outils", 1003)
    suggestion = answer["suggestions"][0]
    assert list(suggestion) == [
        "link_text",
        "link_target",
        "wikitext_offset",
        "match_index",
        "context_before",
        "context_after",
        "score",
    ]
    page = services.store.pages.get(3)
    assert page
    offset = suggestion["wikitext_offset"]
    assert page.wikitext[offset : offset + len(suggestion["link_text"])] == suggestion["link_text"]
    assert get(client, "/api/v1/links?pageid=3") == answer


def test_links_follow_a_redirect(client: FlaskClient) -> None:
    assert get(client, "/api/v1/links?title=Accueil des bénévoles")["pageid"] == 1


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/api/v1/search", 400, "BadRequest"),
        ("/api/v1/search?q=", 400, "InvalidQueryError"),
        ("/api/v1/search?q=%20%20", 400, "InvalidQueryError"),
        (f"/api/v1/search?q={'a' * 10_000}", 400, "InvalidQueryError"),
        ("/api/v1/search?q=outils&top_k=0", 400, "BadRequest"),
        ("/api/v1/search?q=outils&top_k=101", 400, "BadRequest"),
        ("/api/v1/search?q=outils&top_k=dix", 400, "BadRequest"),
        ("/api/v1/search?q=outils&answer=oui", 400, "BadRequest"),
        ("/api/v1/search?q=outils&practices_only=2", 400, "BadRequest"),
        ("/api/v1/titles", 400, "BadRequest"),
        ("/api/v1/titles?q=a&top_k=0", 400, "BadRequest"),
        (f"/api/v1/titles?q={'a' * 10_000}", 400, "BadRequest"),
        ("/api/v1/pages/abc/related", 400, "BadRequest"),
        ("/api/v1/pages/-1/related", 400, "BadRequest"),
        (f"/api/v1/pages/{'9' * 30}/related", 400, "BadRequest"),
        ("/api/v1/pages/999/related", 404, "PageNotFoundError"),
        ("/api/v1/pages/1/related?top_k=0", 400, "BadRequest"),
        ("/api/v1/topics?topic=a&person=b", 400, "BadRequest"),
        ("/api/v1/topics?topic=Haute couture spatiale", 404, "PageNotFoundError"),
        ("/api/v1/topics?top_k=none", 400, "BadRequest"),
        ("/api/v1/experts", 400, "BadRequest"),
        ("/api/v1/experts?q=outils&top_k=-3", 400, "BadRequest"),
        ("/api/v1/links", 400, "BadRequest"),
        ("/api/v1/links?pageid=abc", 400, "BadRequest"),
        ("/api/v1/links?pageid=999", 404, "PageNotFoundError"),
        ("/api/v1/links?title=Nulle part", 404, "PageNotFoundError"),
        ("/api/v1/nothing", 404, "NotFound"),
        ("/api/v1/capture", 405, "MethodNotAllowed"),
    ],
)
def test_what_cannot_be_answered_says_why(client: FlaskClient, path: str, status: int, kind: str) -> None:
    error = get(client, path, status=status)["error"]
    assert list(error) == ["type", "message"]
    assert error["type"] == kind
    assert error["message"]


def test_before_the_first_sync_each_question_says_what_is_missing(tmp_path: Path) -> None:
    services = empty_community(tmp_path)
    client = create_app(services).test_client()
    for path in ("search?q=outils&answer=1", "experts?q=outils", "titles?q=outils", "topics"):
        assert get(client, f"/api/v1/{path}", status=503)["error"]["type"] == "IndexNotBuiltError"
    services.close()


def test_no_answer_may_be_read_by_another_web_site(client: FlaskClient) -> None:
    answer = client.get("/api/v1/search?q=outils", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_updating_the_index_needs_the_token_of_its_owner(client: FlaskClient, services: Services) -> None:
    assert client.post("/api/v1/index").status_code == 403
    with services.index_lock.acquire(exclusive=True, wait_seconds=5, url="http://127.0.0.1:1"):
        owner = services.index_lock.owner()
        assert owner
        assert client.post("/api/v1/index").status_code == 403
        wrong = client.post("/api/v1/index", headers={"Authorization": "Bearer é"})
        assert wrong.status_code == 403
        answer = client.post("/api/v1/index", headers={"Authorization": f"Bearer {owner.token}"})
        assert answer.status_code == 200
        assert answer.json
        assert answer.json["chunks_embedded"] == 0
