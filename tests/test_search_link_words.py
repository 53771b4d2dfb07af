"""Words, phrases and the quick look at a page on which suggested links stand."""

import pytest

from search.link_scan import scan
from search.link_words import PhraseReader, is_ordinary, is_stuck


def test_inflected_forms_have_one_key() -> None:
    key = PhraseReader().key
    assert key("Les ateliers d'été") == key("les Atelier d’ete") != ""
    assert key("best practices") == key("Best practice")
    assert key("eaux de pluie") != key("eau de vie")
    assert key("!!!") == ""
    assert key("un deux trois quatre cinq six sept huit neuf dix") == ""


@pytest.mark.parametrize(
    "words",
    [
        "le",
        "de la",
        "12",
        "3.1",
        "a b",
        "il y a",
        "the",
        "«",
        "et/ou",
        "Qu’est-ce que c'est ?",
        "d’un",
        "They aren’t",
    ],
)
def test_ordinary_words(words: str) -> None:
    assert is_ordinary(words)


def test_stuck_words() -> None:
    text = "node.js (node) x-node node-x a/node node: node. Node"
    places = [position for position in range(len(text)) if text[position:].lower().startswith("node")]
    stuck = [is_stuck(text, place, place + 4) for place in places]
    assert stuck == [True, False, True, True, True, False, False, False]


def test_a_scan_sees_links_and_plain_words_only() -> None:
    found = scan(
        "a [[B|c]]s {{D|{{e}} [[F]]}} <!-- g --> <nowiki>[[h]]</nowiki> <ref name=x>i</ref> [http://j k] "
        "http://l\n"
        "== m ==\nn <b class='o'>p</b> [[Fichier:q.png|thumb|r [[S]]]]\n{| class=t\n|-\n| u\n|}"
    )
    assert found.links == (("B", "cs"), ("S", "S"))
    assert found.text.split() == ["a", "n", "p", "thumb|r", "]]", "|", "u", "|}"]
    assert not found.disambiguation
    assert scan("{{homonymie}}").disambiguation


@pytest.mark.parametrize(
    "piece", ["{{", "[[", "<!--", "<ref>", "<nowiki>", "{|", "[[a|", "[http://", "<b ", "= a", "{{a}}"]
)
def test_a_scan_of_two_megabytes_of_openers_ends(piece: str) -> None:
    assert len(scan(piece * (2_000_000 // len(piece))).links) == 0
