"""The page of suggested links, on a real mirror."""

from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from tests.community import small_community
from webui.app import create_app
from webui.bootstrap import Services

FRENCH = {"Accept-Language": "fr"}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    services = small_community(tmp_path_factory.mktemp("community"))
    yield services
    services.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


def read(client: FlaskClient, path: str, *, status: int = 200) -> BeautifulSoup:
    answer = client.get(path, headers=FRENCH, follow_redirects=True)
    assert answer.status_code == status
    return BeautifulSoup(answer.text, "html.parser")


def test_pages_edited_last_are_offered_first(client: FlaskClient) -> None:
    titles = [link.text for link in read(client, "/links").select(".plain a")]
    assert titles[:3] == ["Registre des objets", "Fiche de suivi", "Atelier"]
    assert "Accueil des bénévoles" not in titles, "a redirect has no text to put links in"


def test_a_suggestion_stands_in_its_sentence(client: FlaskClient) -> None:
    page = read(client, "/links?title=Ranger les outils")
    suggestion = page.select_one(".suggestions li")
    assert suggestion
    context, mark, target, badge = (
        suggestion.select_one(selector) for selector in (".context", "mark", ".meta a", ".badge")
    )
    assert context
    assert mark
    assert target
    assert badge
    assert mark.text == "soirée réparation"
    assert " ".join(context.text.split()) == "Après la soirée réparation les outils sont éparpillés."
    assert target.text == "Soirée réparation"
    assert target["href"] == "http://wiki.invalid/wiki/Soir%C3%A9e_r%C3%A9paration"
    assert badge.text in ("très probable", "probable", "possible")


def test_pages_near_in_meaning_stand_below_the_links(client: FlaskClient) -> None:
    page = read(client, "/links?title=Accueillir un nouveau bénévole")
    assert "Voir aussi" in [heading.text for heading in page.select("h3")]
    shown = {link.text: str(link["href"]) for link in page.select(".suggestions li p a")}
    assert shown["Fiche de suivi"] == "http://wiki.invalid/wiki/Fiche_de_suivi"
    assert "La fiche de suivi est remplie à deux" in page.select(".suggestions .context")[0].text


def test_the_page_leads_to_the_edit_form_of_the_wiki(client: FlaskClient) -> None:
    links = [str(link["href"]) for link in read(client, "/links?pageid=3").select(".actions a")]
    assert "http://wiki.invalid/w/index.php?title=Ranger_les_outils&action=edit" in links


def test_a_page_without_suggestions_says_so(client: FlaskClient) -> None:
    page = read(client, "/links?title=Funding a workshop")
    assert not page.select("ol.suggestions")
    assert "Aucun lien à proposer" in page.text


@pytest.mark.parametrize("title", ["Ranger les outils", "Funding a workshop"])
def test_the_page_leads_to_the_list_of_what_is_never_suggested(client: FlaskClient, title: str) -> None:
    (hint,) = (each for each in read(client, f"/links?title={title}").select(".hint") if each.a)
    assert hint.a
    assert hint.a["href"] == "http://wiki.invalid/wiki/MediaWiki:Compagnon-no-links"
    assert "jamais proposés" in hint.text


@pytest.mark.parametrize("title", ["ranger_les_outils", "Ranger_les_outils", "ranger les outils"])
def test_a_title_is_understood_as_the_wiki_does(client: FlaskClient, title: str) -> None:
    answer = client.get(f"/links?title={title}")
    assert answer.status_code in (200, 302)
    heading = read(client, f"/links?title={title}").select_one(".heading h2")
    assert heading
    assert heading.text == "Ranger les outils"


def test_a_redirect_leads_to_its_target(client: FlaskClient) -> None:
    heading = read(client, "/links?title=Accueil des bénévoles").select_one(".heading h2")
    assert heading
    assert heading.text == "Accueillir un nouveau bénévole"


def test_an_unknown_title_offers_those_that_are_near(client: FlaskClient) -> None:
    page = read(client, "/links?title=reparation", status=404)
    assert "Aucune page ne porte ce titre." in page.text
    assert [link.text for link in page.select(".plain a")] == ["Soirée réparation"]


@pytest.mark.parametrize("query", ["title=[[%7C]]", "title=%3Cscript%3E", "pageid=999"])
def test_what_is_no_page_is_not_found(client: FlaskClient, query: str) -> None:
    read(client, f"/links?{query}", status=404)


@pytest.mark.parametrize("query", ["pageid=abc", "pageid=-1", "pageid=²", "title=Atelier&top_k=0"])
def test_a_wrong_parameter_is_refused(client: FlaskClient, query: str) -> None:
    read(client, f"/links?{query}", status=400)


def test_titles_can_be_completed_while_one_is_typed(client: FlaskClient) -> None:
    field = read(client, "/links").select_one("#title")
    assert field
    assert field["data-titles"] == "/api/v1/titles"
    assert field["data-titles-label"] == "Pages de ce nom"
