"""Where the item of a related page goes: after the last of its section, or in a new one, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.wikitext import parse
from search.see_also_place import see_also_place
from tests.builders import FRENCH_WIKI

ITEM = "* [[T]]"


def put(wikitext: str, language: str = "fr") -> str:
    offset, before, after = see_also_place(wikitext, language)
    return wikitext[:offset] + before + ITEM + after + wikitext[offset:]


@pytest.mark.parametrize(
    ("wikitext", "language", "expected"),
    [
        ("", "fr", f"== Voir aussi ==\n{ITEM}"),
        ("", "fr-ca", f"== Voir aussi ==\n{ITEM}"),
        ("Text.\n", "en", f"Text.\n\n== See also ==\n{ITEM}\n"),
        ("Text.", "de", f"Text.\n\n== See also ==\n{ITEM}"),
        # Before what ends a page, whichever of it there is.
        ("Texte.\n[[Catégorie:X]]", "fr", f"Texte.\n\n== Voir aussi ==\n{ITEM}\n\n[[Catégorie:X]]"),
        ("[[Category:X]]", "en", f"== See also ==\n{ITEM}\n\n[[Category:X]]"),
        (
            "Texte.\n\n{{DEFAULTSORT:Velo}}\n[[Category:X]] [[Catégorie:Y]]\n\n[[en:Bike]]\n__NOTOC__\n",
            "fr",
            f"Texte.\n\n== Voir aussi ==\n{ITEM}\n\n"
            "{{DEFAULTSORT:Velo}}\n[[Category:X]] [[Catégorie:Y]]\n\n[[en:Bike]]\n__NOTOC__\n",
        ),
        (
            "T.\n\n<!-- classement -->\n{{CLEFDETRI:V}}\n[[Catégorie:X]]",
            "fr",
            f"T.\n\n== Voir aussi ==\n{ITEM}\n\n<!-- classement -->\n{{{{CLEFDETRI:V}}}}\n[[Catégorie:X]]",
        ),
        # A template that ends the page shows something: it stays before.
        ("{{Practice\n|context=x\n}}", "en", f"{{{{Practice\n|context=x\n}}}}\n\n== See also ==\n{ITEM}"),
        # A comment that nobody closed swallows all that follows.
        ("T.\n<!-- oublié", "fr", f"T.\n\n== Voir aussi ==\n{ITEM}\n\n<!-- oublié"),
        # Sections of the other language are known too, with other words, capitals, levels and signs.
        (
            "T\n\n==See Also==\n* [[A]]\n\n== Notes ==\nx",
            "fr",
            f"T\n\n==See Also==\n* [[A]]\n{ITEM}\n\n== Notes ==\nx",
        ),
        ("T\n=== '''Pages liées''' : ===\n* [[A]]", "en", f"T\n=== '''Pages liées''' : ===\n* [[A]]\n{ITEM}"),
        ("T\n== À voir aussi ==\n\n* [[A]]\n\n\n", "fr", f"T\n== À voir aussi ==\n\n* [[A]]\n{ITEM}\n\n\n"),
        ("T\n== Related practices ==\n[[A]]", "en", f"T\n== Related practices ==\n[[A]]\n{ITEM}"),
        ("== Voir aussi ==", "fr", f"== Voir aussi ==\n{ITEM}"),
        (
            "T\n== Voir aussi ==\n\n[[Catégorie:X]]\n",
            "fr",
            f"T\n== Voir aussi ==\n{ITEM}\n\n[[Catégorie:X]]\n",
        ),
        (
            "== See also ==\n* [[A]]\n* [[B]]\n[[Category:X]]\n\n== Notes ==\n* n",
            "en",
            f"== See also ==\n* [[A]]\n* [[B]]\n{ITEM}\n[[Category:X]]\n\n== Notes ==\n* n",
        ),
        # Pages of the wiki have a place of their own in it.
        (
            "== Voir aussi ==\n=== Livres ===\n* Un livre\n=== Articles connexes ===\n* [[A]]\n",
            "fr",
            f"== Voir aussi ==\n=== Livres ===\n* Un livre\n=== Articles connexes ===\n* [[A]]\n{ITEM}\n",
        ),
        # What only looks like a heading is none; nor is a heading of something else.
        (
            "<nowiki>\n== Voir aussi ==\n</nowiki>\nT",
            "fr",
            f"<nowiki>\n== Voir aussi ==\n</nowiki>\nT\n\n== Voir aussi ==\n{ITEM}",
        ),
        (
            "== Voir aussi la météo ==\n* pluie",
            "fr",
            f"== Voir aussi la météo ==\n* pluie\n\n== Voir aussi ==\n{ITEM}",
        ),
        # An item of a list that lies in a template is the template's.
        (
            "== See also ==\n{{Columns|\n* [[A]]\n* [[B]]\n}}\n",
            "en",
            f"== See also ==\n{{{{Columns|\n* [[A]]\n* [[B]]\n}}}}\n{ITEM}\n",
        ),
    ],
)
def test_the_item_stands_where_an_editor_would_put_it(wikitext: str, language: str, expected: str) -> None:
    assert put(wikitext, language) == expected


def test_a_second_item_joins_the_first() -> None:
    twice = put(put("Texte.\n\n[[Catégorie:X]]"), "en")
    assert twice == f"Texte.\n\n== Voir aussi ==\n{ITEM}\n{ITEM}\n\n[[Catégorie:X]]"


PIECES = st.sampled_from(
    [
        "\n",
        " ",
        "* [[A]]",
        "== Voir aussi ==",
        "=== See also ===",
        "== Notes ==",
        "[[Catégorie:X]]",
        "texte",
        "''",
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_whatever_the_page_the_link_is_one_and_begins_its_own_line(wikitext: str) -> None:
    offset, before, after = see_also_place(wikitext, "fr")
    assert 0 <= offset <= len(wikitext)
    made = wikitext[:offset] + before + ITEM + after + wikitext[offset:]
    assert [link.target for link in parse(made, site=FRENCH_WIKI).links].count("T") == 1
    assert ITEM in made.split("\n")
    assert made.replace(before + ITEM + after, "", 1) == wikitext
