"""The finer rules of plain text: notes, hidden text, italics left open, tags that are none, templates."""

import pytest

from connector.wikitext import ParsedPage, parse, plain_text
from connector.wikitext.quotes import find_elisions
from tests.builders import FRENCH_WIKI


def read(wikitext: str) -> ParsedPage:
    return parse(wikitext, site=FRENCH_WIKI)


@pytest.mark.parametrize(
    ("wikitext", "text"),
    [
        ("a<ref>un</ref> b<ref>deux</ref>\n\n<references />\nfin", "a b\n\n- un\n- deux\n\nfin"),
        ("a<ref>un</ref>\n\n{{Références}}\nfin<ref>deux</ref>", "a\n\n- un\n\nfin\n\n- deux"),
        ("a<ref group='n'>un</ref><ref>deux</ref>\n<references group='n' />", "a\n\n- un\n\n- deux"),
        ("a<ref name='x' />\n<references><ref name='x'>un [[mot]]</ref></references>", "a\n\n- un mot"),
        ("a<ref name='x'>un</ref><ref name='x'>un</ref><ref></ref>", "a\n\n- un"),
        ("a<ref>un\n* deux</ref>", "a\n\n- un; deux"),
    ],
)
def test_notes_stand_where_the_page_lists_them(wikitext: str, text: str) -> None:
    assert read(wikitext).text == text


def test_a_piece_of_a_page_has_no_list_of_notes() -> None:
    assert plain_text("Arroser<ref>Le soir.</ref> peu", site=FRENCH_WIKI) == "Arroser peu"


@pytest.mark.parametrize(
    "hidden",
    [
        '<span style="display:none">caché</span>',
        '<div style="color: red; Display: NONE;">caché</div>',
        '<span style="visibility: hidden">caché</span>',
        '<div class="navbox large">caché</div>',
        '<div role="navigation">caché</div>',
        '{| class="vertical-navbox"\n| caché\n|}',
        "{{Palette|caché et encore}}",
        "{{Navbox\n| titre = caché\n}}",
    ],
)
def test_hidden_text_is_none_and_its_links_count(hidden: str) -> None:
    page = read(f"Avant\n\n{hidden.replace('caché', 'caché [[Compost]]')}\n\nAprès")
    assert page.text == "Avant\n\nAprès"
    assert [link.target for link in page.links] == ["Compost"]


def test_a_hidden_cell_is_left_out_of_its_row() -> None:
    assert read('{|\n| a || style="display:none" | 0042 || b\n|}').text == "a | b"


@pytest.mark.parametrize(
    ("wikitext", "text"),
    [
        ("un ''mot <ref>''titre</ref> [[Compost|''tas]]", "un mot tas\n\n- titre"),
        ("'''''a''''' ''''b'''' ''''''c''''''", "a 'b' 'c'"),
        ("l'''habitat'' et d'''eau'''", "lhabitat et d'eau"),
        ("'''Un mot d'''humour''''' ici", "Un mot d'humour ici"),
        ("l'''habitat\n''reste''", "lhabitat reste"),
    ],
)
def test_italics_need_no_end(wikitext: str, text: str) -> None:
    assert read(wikitext).text == text


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("aa'''b l'''c'' d'''e", 8),  # after the word of one letter
        ("a '''b cc'''d'' '''e", 9),  # else after a longer one
        ("a '''b''", 2),  # else after a space
        ("l'''a''' ''b''", None),
    ],
)
def test_the_apostrophe_is_the_one_that_the_wiki_takes(line: str, place: int | None) -> None:
    found = find_elisions(f"x'''\n{line}\n")
    assert found == (frozenset() if place is None else frozenset([place + 5]))


@pytest.mark.parametrize(
    ("wikitext", "text"),
    [
        ("Écrire à <noé@verger.invalid> ou <nom>", "Écrire à <noé@verger.invalid> ou <nom>"),
        (" <a href='x'>y [[Compost]]</a>", "<a href='x'>y Compost</a>"),
        ("<param nom='x' /> <link rel='y'/>", "<param nom='x' /> <link rel='y'/>"),
        ("<ol><li>un<li>deux</ol></li></div>", "- un\n- deux"),
        ("un</br>deux<p>trois", "un\ndeux\n\ntrois"),
        ("un <b>deux\n\ntrois</i>", "un deux\n\ntrois"),
        ("a [[ ]] b", "a [[ ]] b"),
    ],
)
def test_a_tag_without_its_other_half_is_gone_and_what_is_none_stays(wikitext: str, text: str) -> None:
    assert read(wikitext).text == text


def test_tables_without_an_end_are_read_to_the_end_of_the_page() -> None:
    wikitext = "{| class='x'\n! a\n|-\n| b\n{|\n| c\n== Suite ==\n| [[Compost]]"
    page = read(wikitext)
    assert [(s.heading, s.text) for s in page.sections] == [("", "a\n\nb\n\nc"), ("Suite", "Compost")]
    assert page.protected[-1][1] <= len(wikitext)
    assert wikitext[page.links[0].wikitext_offset :] == "[[Compost]]"


def test_numbers_of_a_template_are_kept_and_its_looks_are_not() -> None:
    box = "{{Fiche\n| durée = 90\n| date = 2026-03-02\n| taille = 20\n| largeur = 300px\n| plan = a.svg\n}}"
    assert read(box).text == "durée: 90\ndate: 2026-03-02"
    assert read("Voir {{Ticket|4711}} et {{Lien web|titre=Le plan|auteur=Odile Marchand}}.").text == (
        "Voir 4711 et Le plan, Odile Marchand."
    )
