"""Where a question can be asked in the wiki."""

from urllib.parse import parse_qs, urlsplit

import pytest

from connector.model import Namespace, Site
from webui.pages.asking import community_talk, talk_of

SITE = Site(
    name="Atelier",
    language="fr",
    server_url="https://wiki.example",
    namespaces={
        0: Namespace(id=0, name="", content=True),
        1: Namespace(id=1, name="Discussion", canonical="Talk"),
        4: Namespace(id=4, name="Atelier", canonical="Project"),
        5: Namespace(id=5, name="Discussion Atelier", canonical="Project talk"),
        14: Namespace(id=14, name="Catégorie", canonical="Category"),
        15: Namespace(id=15, name="Discussion catégorie", canonical="Category talk"),
        100: Namespace(id=100, name="Fiche"),
    },
)


@pytest.mark.parametrize(
    ("title", "talk"),
    [
        ("Grille-pain", "Discussion:Grille-pain"),
        ("Atelier:Charte", "Discussion Atelier:Charte"),
        ("Catégorie:Cuisine", "Discussion catégorie:Cuisine"),
        ("Note: à lire", "Discussion:Note: à lire"),
        ("Fiche:7", None),
        ("Discussion:Grille-pain", None),
    ],
)
def test_a_page_is_asked_about_on_its_talk_page(title: str, talk: str | None) -> None:
    place = talk_of(SITE, title, "Pourquoi ?")
    assert (place and place.title) == talk


def test_the_community_has_a_page_of_its_own_in_every_wiki() -> None:
    assert community_talk(SITE, "x").title == "Discussion Atelier:Accueil"
    english = Site(name="Shop", language="en-gb", server_url="https://wiki.example")
    assert community_talk(english, "x").title == "Project talk:Community portal"


def test_a_question_is_a_heading_and_nothing_else_in_the_address() -> None:
    question = 'a&b=c#d?é %41 "<script>" +' + "x" * 500
    address = urlsplit(community_talk(SITE, question).url)
    assert address.fragment == ""
    assert parse_qs(address.query)["preloadtitle"] == [question[:200]]
    assert set(parse_qs(address.query)) == {"title", "action", "section", "preloadtitle"}
