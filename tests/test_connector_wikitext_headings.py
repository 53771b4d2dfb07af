"""A page's headings, and what is closed to an editor: as MediaWiki reads them, in linear time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.wikitext import CLOSED, heading_lines, masked, template_calls
from tests.builders import FRENCH_WIKI
from tests.mediawiki import LocalWiki

PAGE = """= Un =
== Deux == <!-- dit-on -->
==Trois=
 == Pas là ==
== Ni là == x
<!--
== Commentaire ==
-->
<nowiki>
== Tel quel ==
</nowiki>
{{Cadre|
== Dans un modèle ==
{{#if:x|
== Dans une fonction ==
}}
}}
{|
|
== Dans un tableau ==
|}
<ref>
== Dans une note ==
</ref>
=== {{Nom|x}} et ''italique'' ===
== ==
=======
<pre>
== Quatre ==
"""


def titles(text: str) -> list[str]:
    return [heading.title for heading in heading_lines(text)]


def test_only_headings_of_the_page_itself_are_found() -> None:
    found = heading_lines(PAGE)
    assert [heading.title for heading in found if heading.title] == [
        "Un",
        "Deux",
        "=Trois",
        "{{Nom|x}} et ''italique''",
        "=",
        "Quatre",
    ]
    assert [heading.level for heading in found[:3]] == [1, 2, 1]
    assert PAGE[found[1].start : found[1].end] == "== Deux == <!-- dit-on -->"


def test_line_ends_of_windows_are_no_part_of_a_heading() -> None:
    [heading] = heading_lines("Avant\r\n== Deux ==\r\nAprès")
    assert (heading.title, heading.start, heading.end) == ("Deux", 7, 17)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a {{b {{c}} }} d", "a ############ d"),
        ("{{{1|{{x}}}}} y", "############# y"),
        ("{{a {b}} c", "######## c"),
        ("{{a {{b}} c", "{{a ##### c"),
        ("{{a}} }} {{", "##### }} {{"),
        ("-{fr: == x ==}- {{a -{b}- }}", "############### ############"),
        ("<nowiki>{{</nowiki>}}", "###################}}"),
        ("<nowiki>{{a}}", "<nowiki>#####"),
        ("<ref name='a' />{{b}}", "#####################"),
        ("a<!-- {{ -->}} <!-- fin", "a           }}         "),
        ("{| a\n{|\n|}\n|} b", "############# b"),
        ("b\n{| a", "b\n####"),
        ("<includeonly>a", "##############"),
    ],
)
def test_what_is_closed_is_hidden(text: str, shown: str) -> None:
    assert masked(text).replace(CLOSED, "#") == shown


_PIECES = st.sampled_from(
    [
        "{{",
        "}}",
        "{{{",
        "}}}",
        "<!--",
        "-->",
        "<nowiki>",
        "</nowiki>",
        "-{",
        "}-",
        "{|",
        "|}",
        "\n",
        "== a ==",
        "x",
    ]
)


@given(st.lists(_PIECES | st.text(max_size=5), max_size=30).map("".join))
def test_nothing_moves(text: str) -> None:
    hidden = masked(text)
    assert len(hidden) == len(text)
    assert all(new in (old, CLOSED, " ") for old, new in zip(text, hidden, strict=True))
    for heading in heading_lines(text):
        assert heading.title in text[heading.start : heading.end]
        assert "\n" not in text[heading.start : heading.end]


@pytest.mark.parametrize(
    "bomb", ["{{", "{{a|", "}}", "<ref>", "<ref", "<!--", "{|\n", "-{", "=", "{{a}}" * 3]
)
def test_a_long_text_of_unclosed_marks_is_read_at_once(bomb: str) -> None:
    text = bomb * 60_000
    assert len(masked(text)) == len(text)
    nested = "{{a|" * 50_000 + "}}" * 50_000
    assert set(masked(nested)) == {CLOSED}


def test_the_wiki_finds_the_same_headings(fresh_wiki: LocalWiki) -> None:
    fresh_wiki.enable_extension("Cite")
    page = PAGE.replace("{{Nom|x}}", "nom").replace("{|\n|\n== Dans un tableau ==\n|}\n", "")
    fresh_wiki.edit("Modèle:Cadre", "-")
    reply = fresh_wiki.session().ask("parse", text=page, title="X", prop="sections", contentmodel="wikitext")
    sections = [s for s in reply["parse"]["sections"] if s["index"]]
    assert [int(s["level"]) for s in sections] == [h.level for h in heading_lines(page)]


def test_the_values_of_a_call_are_found_where_they_stand() -> None:
    text = "Avant {{Practice\n| statut = testée \n|simple|contacts=[[A|b]], {{c|d=e}}\n}}"
    [call] = template_calls(text, name="Practice", site=FRENCH_WIKI)
    assert [text[start:end] for start, end in call.values] == [" testée \n", "simple", "[[A|b]], {{c|d=e}}\n"]
    assert [text[start:end].strip() for start, end in call.values] == [value for _, value in call.parameters]
