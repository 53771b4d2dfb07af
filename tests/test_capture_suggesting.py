"""Suggested categories exist, and links stand where an editor would make them, each once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from capture.draft import Draft, SimilarPractice, Statement
from capture.page_edits import Meeting, add_experience
from capture.suggesting import PageLinker, suggest_categories, with_links
from connector.store import Store
from connector.wikitext import parse
from search.links import LinkSettings, LinkSuggester
from tests.builders import FRENCH_WIKI, make_page, make_store

PAGES = (
    make_page(1, "Composter", "Trois bacs. Voir [[Broyat]].\n[[Catégorie:Jardin]] [[Catégorie:Compost]]"),
    make_page(2, "Pailler", "Du [[broyat]] au pied.\n[[Catégorie:Jardin]]"),
    make_page(3, "Souder", "À l’étain.\n[[Catégorie:Électronique]]"),
    make_page(4, "Catégorie:Potager partagé", "Le potager.", namespace=14),
    make_page(5, "Catégorie:Électronique", "Les fers.", namespace=14),
    make_page(6, "Broyat", "Des branches broyées."),
    make_page(7, "Arroser", "Le soir, sur le [[broyat]] et le [[broyat]]."),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with make_store(tmp_path, PAGES) as opened:
        yield opened


def a_draft(*similar: SimilarPractice, text: str = "Couvrir le tas.") -> Draft:
    return Draft(
        title="Tas d’hiver",
        language="fr",
        fields={"solution": (Statement(text=text, lines=(1,)),)},
        people=(),
        similar=similar,
        wikitext="-",
    )


def near(pageid: int, score: float) -> SimilarPractice:
    return SimilarPractice(pageid=pageid, title="x", score=score)


def test_categories_are_those_of_the_nearest_pages(store: Store) -> None:
    draft = a_draft(near(1, 0.5), near(2, 0.2), near(3, 0.1))
    assert suggest_categories(draft, store=store) == ("Jardin", "Compost")
    assert suggest_categories(draft, store=store, top_k=1) == ("Jardin",)
    assert suggest_categories(a_draft(near(3, 0.1), near(99, 0.9)), store=store) == ()


def test_a_category_that_the_text_names_is_suggested(store: Store) -> None:
    assert suggest_categories(a_draft(text="Au potager, partager le tas."), store=store) == (
        "Potager partagé",
    )
    assert suggest_categories(a_draft(text="Au potager."), store=store) == ()


def test_a_sure_link_is_made_once_and_where_it_may_be(store: Store) -> None:
    finder = LinkSuggester(store=store, settings=LinkSettings())
    text = "== Solution ==\nCouvrir de broyat, puis encore de broyat.<ref>Du broyat</ref>\n"
    linked = with_links(text, title="Tas", finder=finder, site=FRENCH_WIKI)
    assert linked == text.replace("de broyat,", "de [[broyat]],")
    assert with_links(linked, title="Tas", finder=finder, site=FRENCH_WIKI) == linked
    assert with_links(text, title="Broyat", finder=finder, site=FRENCH_WIKI) == text
    nowhere = with_links(text, title="Tas", finder=finder, site=FRENCH_WIKI, within=[(0, 5)])
    assert nowhere == text


def test_links_come_from_the_wiki_and_not_from_the_text(store: Store) -> None:
    finder = LinkSuggester(store=store, settings=LinkSettings())
    text = "Un &#91;&#91;broyat&#93;&#93; de broyat."
    linked = with_links(text, title="Tas", finder=finder, site=FRENCH_WIKI)
    assert {link.target for link in parse(linked, site=FRENCH_WIKI).links} <= {"Broyat"}


def test_an_experience_is_linked_and_what_people_wrote_is_not(store: Store) -> None:
    linker = PageLinker(finder=LinkSuggester(store=store, settings=LinkSettings()), store=store)
    page = "== Solution ==\nUn tas.\n"
    meeting = Meeting(title="Réunion", date=None, sha256="ab" * 32)
    draft = a_draft(text="Couvrir de broyat.")

    def link(wikitext: str, span: tuple[int, int]) -> str:
        return linker.link(wikitext, title="Tas", within=[span])

    new = add_experience(page, draft=draft, meeting=meeting, site=FRENCH_WIKI, language="fr", link=link)
    assert "Couvrir de [[broyat]]." in new
    assert new.startswith(page)
    assert (
        add_experience(new, draft=draft, meeting=meeting, site=FRENCH_WIKI, language="fr", link=link) == new
    )
    theirs = "== Solution ==\nUn tas de broyat.\n"
    kept = add_experience(theirs, draft=draft, meeting=meeting, site=FRENCH_WIKI, language="fr", link=link)
    assert kept.startswith(theirs)
