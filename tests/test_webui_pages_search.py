"""The search page, on a real index."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from tests.community import empty_community, small_community
from webui.app import create_app
from webui.bootstrap import Services

FRENCH = {"Accept-Language": "fr"}
ENGLISH = {"Accept-Language": "en"}
QUESTION = "Comment accueillir un nouveau bénévole ?"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    services = small_community(tmp_path_factory.mktemp("community"))
    yield services
    services.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


def read(client: FlaskClient, path: str, *, headers: dict[str, str], status: int = 200) -> BeautifulSoup:
    answer = client.get(path, headers=headers)
    assert answer.status_code == status
    return BeautifulSoup(answer.text, "html.parser")


def test_the_first_visit_offers_practices_of_the_mirror_in_the_language_of_the_page(
    client: FlaskClient,
) -> None:
    french = {link.text for link in read(client, "/", headers=FRENCH).select(".examples a")}
    assert french == {"Accueillir un nouveau bénévole", "Soirée réparation", "Ranger les outils"}
    english = [link.text for link in read(client, "/", headers=ENGLISH).select(".examples a")]
    assert english == ["Funding a workshop"]


def test_an_example_is_a_question_that_can_be_followed(client: FlaskClient) -> None:
    example = read(client, "/", headers=ENGLISH).select_one(".examples a")
    assert example
    hits = read(client, str(example["href"]), headers=ENGLISH).select(".hit h3")
    assert hits[0].text == "Funding a workshop"


def test_a_hit_shows_where_it_answers_and_how_far_it_can_be_trusted(client: FlaskClient) -> None:
    hit = read(client, f"/?q={QUESTION}", headers=FRENCH).select_one(".hit")
    assert hit
    title = hit.select_one("h3 a")
    assert title
    assert title.text == "Accueillir un nouveau bénévole"
    assert str(title["href"]).startswith("http://wiki.invalid/wiki/Accueillir_un_nouveau_b%C3%A9n%C3%A9vole")
    article = hit.select_one("article")
    assert article
    assert article["lang"] == "fr"
    badge = hit.select_one(".badge")
    assert badge
    assert badge.text == "référence"
    meta = hit.select_one(".meta")
    assert meta
    assert "français" in meta.text
    assert "modifié le 20 janvier 2026" in " ".join(meta.text.split())


def test_the_words_of_the_question_are_marked(client: FlaskClient) -> None:
    marked = {
        mark.text.lower() for mark in read(client, "/?q=multimètre", headers=FRENCH).select(".hit mark")
    }
    assert "multimètre" in marked


def test_the_section_that_answers_is_linked(client: FlaskClient) -> None:
    link = read(client, "/?q=multimètre", headers=FRENCH).select_one(".hit .where a")
    assert link
    assert link.text == "Outils"
    assert link["href"] == "http://wiki.invalid/wiki/Soir%C3%A9e_r%C3%A9paration#Outils"


def test_the_people_who_know_come_with_the_pages_that_prove_it(client: FlaskClient) -> None:
    page = read(client, f"/?q={QUESTION}", headers=FRENCH)
    expert = page.select_one(".expert")
    assert expert
    name = expert.select_one("h3")
    assert name
    assert name.text == "Aïcha Benali"
    proof = expert.select_one(".proofs a")
    assert proof
    assert proof.text == "Accueillir un nouveau bénévole"
    why = expert.select_one(".why")
    assert why
    assert why.text


def test_the_content_keeps_its_language_on_an_english_page(client: FlaskClient) -> None:
    page = read(client, f"/?q={QUESTION}", headers=ENGLISH)
    html, article, meta = (
        page.select_one("html"),
        page.select_one(".hit article"),
        page.select_one(".hit .meta"),
    )
    assert html
    assert article
    assert meta
    assert (html["lang"], article["lang"], meta["lang"]) == ("en", "fr", "en")
    assert "reference" in meta.text
    assert "January 20, 2026" in meta.text


def test_the_question_stays_in_its_field(client: FlaskClient) -> None:
    field = read(client, '/?q="><script>alert(1)</script>', headers=FRENCH).select_one("#q")
    assert field
    assert field["value"] == '"><script>alert(1)</script>'


@pytest.mark.parametrize("question", ["a" * 10_000, "mot " * 5_000])
def test_a_question_that_is_too_long_is_refused_and_kept(client: FlaskClient, question: str) -> None:
    page = read(client, f"/?q={question}", headers=FRENCH, status=400)
    alert, field = page.select_one("[role=alert]"), page.select_one("#q")
    assert alert
    assert "Cette question ne peut pas être cherchée" in alert.text
    assert field
    assert field["value"] == question.strip()


@pytest.mark.parametrize("top_k", ["0", "101", "-1", "many", ""])
def test_a_wrong_number_of_answers_is_refused(client: FlaskClient, top_k: str) -> None:
    read(client, f"/?q=outils&top_k={top_k}", headers=FRENCH, status=400)


def test_more_answers_are_offered_only_while_there_may_be_more(client: FlaskClient) -> None:
    page = read(client, "/?q=atelier réparation&top_k=2", headers=FRENCH)
    assert len(page.select(".hit")) == 2
    more = page.select_one("a.button[href*=top_k]")
    assert more
    page = read(client, str(more["href"]), headers=FRENCH)
    assert len(page.select(".hit")) > 2
    assert not read(client, "/?q=atelier&top_k=100", headers=FRENCH).select("a.button[href*=top_k]")


def test_nothing_found_is_said_plainly(
    client: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    from search.results import SearchResult

    monkeypatch.setattr(
        services.searcher,
        "search",
        lambda question, top_k: SearchResult(query=question, language="fr", hits=(), experts=()),
    )
    page = read(client, "/?q=rien", headers=FRENCH)
    assert "Aucune page ne répond à cette question." in page.text
    assert not page.select(".hit")


def test_before_the_first_index_the_page_says_what_is_missing(tmp_path: Path) -> None:
    services = empty_community(tmp_path)
    client = create_app(services).test_client()
    assert not read(client, "/", headers=FRENCH).select(".examples a")
    page = read(client, "/?q=outils", headers=FRENCH, status=503)
    assert "Il n’y a encore rien où chercher" in page.text
    services.close()
