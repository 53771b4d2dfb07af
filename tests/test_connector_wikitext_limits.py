"""Wikitext that is broken, on purpose or not: it is read all the same, in bounded work."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.wikitext import ParsedPage, parse
from connector.wikitext.limits import is_affordable
from tests.builders import FRENCH_WIKI


def read(wikitext: str) -> ParsedPage:
    return parse(wikitext, site=FRENCH_WIKI)


PIECES = [
    *("{{", "}}", "{{{", "}}}", "[[", "]]", "{|", "|}", "\n|-\n", "\n| ", "!!", "||", "|", "=", "\n"),
    *("\n\n", "== a ==\n", "\n== b ==", "<h2>c</h2>", "'''", "''", "* ", ": ", "; ", "# ", " ", "mot"),
    *("É", "__NOTOC__", "<ref>", "</ref>", "<ref name=", "<!--", "-->", "<nowiki>", "</nowiki>", "<pre>"),
    *("<div class='", "<table>", "<td>", "</table>", "<gallery>", "</gallery>", "File:x.png|thumb|"),
    *("Category:x", "[http://x y]", "http://x", "&amp;", "&#x41;", "&#0;", "\x00", "\x7f", "\ufdd0"),
    *("\ufffe", "\r\n", "\u2028", "~~~~", "-----", "#REDIRECT"),
]


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=80), st.lists(st.sampled_from(PIECES), max_size=60).map("".join)))
def test_any_text_can_be_read(wikitext: str) -> None:
    page = read(wikitext)
    position = -1
    for start, end in page.protected:
        assert position < start < end <= len(wikitext)
        position = end
    for link in page.links:
        assert wikitext[link.wikitext_offset :].startswith("[[")
        end = link.wikitext_offset + link.length
        assert any(start <= link.wikitext_offset and end <= stop for start, stop in page.protected)
    for section in page.sections[1:]:
        assert wikitext[section.wikitext_offset] in "=<"
    assert "\ufdd1" not in page.text


OPENERS = [
    *("{{a|", "[[a|b ", "<b>", "<ref>x ", "{|\n|-\n", "{|\n|-\n|a\n", "[http://a ", "{{{a|", '<span a="'),
    *("<!--", "<nowiki>", "[[File:a|thumb|[[", "<div style='{{a|", "{{a|[[b|<i>''", "''a '''b "),
    *(":" * 400 + "x\n", "{{a}}", "[[a b|c]] "),
]


@pytest.mark.parametrize("piece", OPENERS)
def test_a_text_of_two_megabytes_is_read_in_bounded_work(piece: str) -> None:
    wikitext = piece * (2_000_000 // len(piece))
    assert not is_affordable(wikitext)
    page = read(wikitext)
    assert page.protected[0][0] == 0
    assert page.protected[-1][1] == len(wikitext)


def test_a_page_of_equal_broken_sections_is_read_in_bounded_work() -> None:
    page = read("== a ==\n{{b|\n" * 20_000)
    assert len(page.sections) == 20_001
    assert page.sections[-1].anchor == "a_20000"


def test_one_broken_section_does_not_take_the_others_along() -> None:
    good = "== Semis ==\nEn mars, voir [[Compost]].\n"
    page = read(good + "== Cassé ==\nDes mots " + "{{a|" * 9000 + "\n" + good)
    assert [s.heading for s in page.sections] == ["", "Semis", "Cassé", "Semis"]
    assert [s.anchor for s in page.sections] == ["", "Semis", "Cassé", "Semis_2"]
    assert page.sections[1].text == page.sections[3].text == "En mars, voir Compost."
    assert page.sections[2].text.startswith("Des mots")
    assert [link.target for link in page.links] == ["Compost", "Compost"]


def test_deep_nesting_is_read() -> None:
    assert read("<b>" * 90 + "fond" + "</b>" * 90 + " fin").text.endswith("fin")
    assert read("{{a|" * 90 + "fond" + "}}" * 90 + " fin").text.endswith("fin")
