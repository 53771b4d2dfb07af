"""A draft as a page: a title that the wiki accepts, notes that say where each group of statements is from."""

from collections.abc import Mapping, Sequence

import pytest

from capture.draft import Statement
from capture.page import page_title, page_wikitext, sources_in
from connector.practice import from_wikitext
from connector.wikitext import normalize_title
from tests.builders import FRENCH_WIKI


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("~~~~~ signé ~~~", "~ signé ~"),
        ("&#91;Accueil&lbrack;", "& №91;Accueil& lbrack"),
        ("a\x00b\x7f [[c]]", "Ab ((c))"),
        ("Discussion:Vis", "Discussion – Vis"),
    ],
)
def test_a_title_is_one_that_the_wiki_accepts(text: str, title: str) -> None:
    made = page_title(text, site=FRENCH_WIKI)
    assert made.strip(";") == title
    assert normalize_title(made, site=FRENCH_WIKI) == made


def written(
    fields: Mapping[str, Sequence[Statement]],
    *,
    sources: Sequence[str] = ("Réunion du 3 mars 2026",),
    categories: Sequence[str] = (),
    notes: bool = True,
    notes_page: str | None = None,
) -> str:
    return page_wikitext(
        title="Tas",
        language="fr",
        fields=fields,
        people=(),
        sources=sources,
        wiki_language="en",
        categories=categories,
        notes=notes,
        notes_page=notes_page,
    )


GROUPS = {
    "solution": (
        Statement(text="Couvrir.", lines=(3, 4)),
        Statement(text="Retourner.", lines=(5, 9)),
        Statement(text="Attendre.", lines=(), by_human=True),
        Statement(text="Tamiser.", lines=(12,)),
    ),
    "tools": (Statement(text="Fourche", lines=(14,)), Statement(text="Bâche", lines=(15,))),
}


def test_each_group_of_statements_has_its_note() -> None:
    body = written(GROUPS, categories=("Compost",)).partition("}}\n\n")[2]
    assert body == (
        "== Solution ==\nCouvrir. Retourner.<ref>Réunion du 3 mars 2026, lignes 3–5, 9</ref> Attendre."
        " Tamiser.<ref>Réunion du 3 mars 2026, ligne 12</ref>\n\n"
        "== Outils ==\n* Fourche\n* Bâche<ref>Réunion du 3 mars 2026, lignes 14–15</ref>\n\n"
        "== Références ==\n<references />\n\n[[Category:Compost]]\n"
    )


def test_without_notes_a_list_says_where_the_page_comes_from() -> None:
    wikitext = written(GROUPS, notes=False)
    assert "<ref" not in wikitext
    assert wikitext.endswith("== Sources ==\n* Réunion du 3 mars 2026, lignes 3–5, 9, 12, 14–15\n")
    practice = from_wikitext("Tas", wikitext, site=FRENCH_WIKI)
    assert practice is not None
    assert practice.references.startswith("* Réunion")


def test_what_only_a_person_wrote_has_no_source() -> None:
    wikitext = written({"solution": (Statement(text="Attendre.", lines=(), by_human=True),)})
    assert "<ref" not in wikitext
    assert "== Références" not in wikitext


def test_notes_in_the_wiki_are_linked_and_a_title_that_is_none_is_not() -> None:
    linked = written(GROUPS, notes_page="Notes:3 mars")
    assert "<ref>[[:Notes:3 mars|Réunion du 3 mars 2026]], ligne 12</ref>" in linked
    assert "[[" not in written(GROUPS, notes_page="a]]{{x}}")


def test_a_category_that_none_can_be_is_left_out() -> None:
    wikitext = written(GROUPS, categories=("Compost", "a]][[b", " "))
    assert wikitext.count("[[") == 1
    assert sources_in(wikitext) == ("Réunion du 3 mars 2026",)


def test_a_title_of_a_whole_book_is_cut_at_once() -> None:
    """It is cut to bytes in one go: letter by letter, two megabytes would take an hour."""
    title = page_title("é" * 1_900_000, site=None)
    assert title == "É" + "é" * 119
    assert page_title("\u200b" * 50 + "Ranger " * 100, site=None).startswith("Ranger Ranger")


def test_a_category_that_would_sign_is_none() -> None:
    """The wiki writes signatures out before it looks at brackets (MediaWiki, Parser::pstPass2)."""
    text = page_wikitext(
        title="Vis",
        language="fr",
        fields={"solution": (Statement(text="Des bocaux.", lines=(1,)),)},
        people=(),
        sources=("Atelier",),
        wiki_language="fr",
        categories=("~~~~", "Vis ~~~ bocaux", "Rangement ~ tri"),
    )
    assert "[[Catégorie:Rangement ~ tri]]" in text
    assert "~~~" not in text
