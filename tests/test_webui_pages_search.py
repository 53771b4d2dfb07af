"""The search page, on a real index."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from connector.errors import SearchError
from search.answers import ExtractiveAnswerer
from search.results import SamePage
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
    told = " ".join(meta.text.split())
    assert "Contact : Aïcha Benali" in told.replace("\u00a0", " ")
    assert "trouvée par les mots et le sens" in told
    assert "français" not in told, "the page is French already"
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
    assert "French" in meta.text
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


def test_what_answers_stands_first_each_sentence_with_its_page(client: FlaskClient) -> None:
    page = read(client, f"/?q={QUESTION}", headers=ENGLISH)
    answer = page.select_one("#answer")
    assert answer
    sentence, source, hint = (answer.select_one(s) for s in (".sentences p", ".sources a", ".hint"))
    assert sentence
    assert source
    assert hint
    assert sentence["lang"] == "fr"
    assert "bénévole" in sentence.text
    assert source["lang"] == "fr"
    assert str(source["href"]).startswith("http://wiki.invalid/wiki/Accueillir_un_nouveau_b%C3%A9n%C3%A9vole")
    assert hint.text == "These sentences stand so in the pages."
    assert page.select(".hit"), "the answer is beside the hits, not instead of them"
    assert "data-answer" not in answer.attrs, "nobody writes another one"
    assert not page.select("script[src*=answer]")


def test_when_nothing_answers_that_is_said_first_and_the_nearest_pages_are_less_sure(
    client: FlaskClient,
) -> None:
    page = read(client, "/?q=bénévole et taux de change du yen", headers=FRENCH)
    headings = [heading.text.strip() for heading in page.select(".found-pages h2")]
    assert headings[0] == "Personne ne semble avoir encore écrit à ce sujet"
    assert headings[1].startswith("Les pages les plus proches")
    assert page.select(".hits.unsure .hit")
    assert not page.select("#answer")
    assert page.select(".nobody a[href='#people']")
    assert not page.select(".nobody a[href*='action=edit']"), "no live wiki stands behind this mirror"


def test_when_nothing_answers_the_community_can_be_asked_in_the_wiki(
    client: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        cast(dict[str, object], services.config.values), "wiki.api_url", "http://wiki.invalid/w/api.php"
    )
    question = "bénévole et taux de change du yen &action=delete#x <b> +"
    page = read(client, f"/?{urlencode({'q': question})}", headers=FRENCH)
    links = [str(link["href"]) for link in page.select(".nobody a[href*='action=edit']")]
    assert len(links) == 2
    for link in links:
        address = urlsplit(link)
        assert (address.netloc, address.path) == ("wiki.invalid", "/w/index.php")
        asked = parse_qs(address.query)
        assert asked["action"] == ["edit"]
        assert asked["section"] == ["new"]
        assert asked["preloadtitle"] == [question]
    titles = [parse_qs(urlsplit(link).query)["title"][0] for link in links]
    assert titles[0] == "Project_talk:Accueil"
    assert titles[1].startswith("Discussion:")


def test_nothing_found_is_said_plainly(client: FlaskClient) -> None:
    page = read(client, "/?q=qsdfghjklm wxcvbn", headers=FRENCH)
    heading = page.select_one("h2")
    assert heading
    assert heading.text == "Personne ne semble avoir encore écrit à ce sujet"
    assert not page.select(".hit, #practices, aside")
    assert page.select_one(".nobody a[href='/capture']")


def test_quotes_that_find_nothing_can_be_left_out(client: FlaskClient) -> None:
    page = read(client, '/?q="réparation soirée" multimètre', headers=FRENCH)
    assert not page.select(".hit")
    link = page.select_one(".nobody .actions a")
    assert link
    assert link.text == "Chercher sans les guillemets"
    page = read(client, str(link["href"]), headers=FRENCH)
    title = page.select_one(".hit h3")
    assert title
    assert title.text == "Soirée réparation"


def test_a_word_that_no_page_has_is_said_with_what_it_was_read_as(client: FlaskClient) -> None:
    notice = read(client, "/?q=multimetrre", headers=ENGLISH).select_one(".corrections p")
    assert notice
    assert notice.text == "No page has “multimetrre”: also searched for “multimètre”."
    french = read(client, "/?q=multimetrre", headers=FRENCH).select_one(".corrections p")
    assert french
    assert "« multimètre »" in french.text.replace("\u00a0", " ")


def test_practices_alone_can_be_asked_for_and_left_again(client: FlaskClient) -> None:
    page = read(client, "/?q=soirée réparation registre atelier", headers=FRENCH)
    assert "Registre des objets" in {title.text for title in page.select(".hit h3")}
    link = next(link for link in page.select(".narrow-to a") if link.text == "Pratiques seulement")
    page = read(client, str(link["href"]), headers=FRENCH)
    assert page.select(".hit")
    assert all(hit.select(".badge") for hit in page.select(".hit"))
    kept = page.select_one("form[role=search] input[name=practices_only]")
    assert kept
    assert kept["value"] == "1", "the next question is asked of practices too"
    back = next(link for link in page.select(".narrow-to a") if link.text == "Toutes les pages")
    assert "practices_only" not in str(back["href"])


@pytest.mark.parametrize("address", ["/?q=outils&practices_only=x", "/answer?q=outils&practices_only=2"])
def test_a_wrong_switch_is_refused(client: FlaskClient, address: str) -> None:
    read(client, address, headers=FRENCH, status=400)


def test_each_hit_leads_to_its_related_pages(client: FlaskClient) -> None:
    link = read(client, "/?q=multimètre", headers=FRENCH).select_one(".hit .meta a")
    assert link
    assert link["aria-label"] == "Pages voisines\u00a0: Soirée réparation"
    page = read(client, str(link["href"]), headers=FRENCH)
    heading = page.select_one(".heading h2")
    assert heading
    assert heading.text == "Soirée réparation"
    titles = [title.text for title in page.select(".suggestions h3")]
    assert titles
    assert "Soirée réparation" not in titles


@pytest.mark.parametrize(
    ("query", "status"),
    [("pageid=abc", 400), ("pageid=999", 404), ("", 404), ("pageid=1&top_k=0", 400), ("pageid=6", 200)],
)
def test_related_pages_are_those_of_a_page(client: FlaskClient, query: str, status: int) -> None:
    read(client, f"/related?{query}", headers=FRENCH, status=status)


def test_pages_that_say_the_same_are_named_with_the_one_that_is_shown(
    client: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = services.searcher.search(QUESTION)
    copy = SamePage(pageid=77, title="<b>Accueil</b> (copie)", url="http://wiki.invalid/wiki/Copie")
    folded = replace(found, hits=(replace(found.hits[0], same=(copy,)), *found.hits[1:]))
    monkeypatch.setattr(services.searcher, "search", lambda *_args, **_options: folded)
    also = read(client, f"/?q={QUESTION}", headers=FRENCH).select(".hit .also")
    assert len(also) == 1
    link = also[0].select_one("a")
    assert link
    assert (link.text, link["href"]) == (copy.title, copy.url)


def test_trouble_with_the_answer_does_not_keep_the_hits_back(
    client: FlaskClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise SearchError("the model is gone")

    monkeypatch.setattr(ExtractiveAnswerer, "answer", fail)
    page = read(client, f"/?q={QUESTION}", headers=FRENCH)
    assert page.select(".hit")
    assert not page.select("#answer")


def test_before_the_first_index_the_page_says_what_is_missing(tmp_path: Path) -> None:
    services = empty_community(tmp_path)
    client = create_app(services).test_client()
    assert not read(client, "/", headers=FRENCH).select(".examples a")
    page = read(client, "/?q=outils", headers=FRENCH, status=503)
    assert "Il n’y a encore rien où chercher" in page.text
    services.close()
