"""Any text put in a page shows itself and does nothing else: asked of a real MediaWiki's parser."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from connector.wikitext import escape, escape_summary, one_line, plain_text
from tests.builders import FRENCH_WIKI
from tests.mediawiki import LocalWiki

PAYLOADS = [
    "[[Piège]]",
    "[[Catégorie:Piège]]",
    "[[Fichier:Piege.png|thumb]]",
    "{{Piège}}",
    "{{subst:Piège}}",
    "{{DEFAULTSORT:Piège}}",
    "{{#invoke:Piège}}",
    "{{{1|piège}}}",
    "http://piege.example.org/x",
    "mailto:piege@example.org",
    "news:piege",
    "[http://piege.example.org x]",
    "[//piege.example.org x]",
    "</nowiki>[[Piège]]<nowiki>",
    "<nowiki>a</nowiki>",
    "<!-- caché -->",
    "<ref>x</ref>",
    "<script>alert(1)</script>",
    "<b onclick=alert(1)>x</b>",
    "<pre>x",
    "'''gras''' ''penché''",
    "l''',",
    "* liste",
    "# numéro\n# deux",
    ": retrait",
    "; terme : sens",
    " indenté",
    "== titre ==",
    "\n\n== titre ==\n",
    "----",
    "{| class=x\n| a\n|}",
    "a || b !! c\n|-\n| d",
    "__NOTOC__ __NOINDEX__ __FORCETOC__",
    "~~~~ ~~~~~",
    "&lt;b&gt; &#91;&#91;Piège&#93;&#93; &amp;",
    "a|b=c",
    "}}[[Piège]]{{x|",
    "]]|[[",
    "-{zh:a;en:b}-",
    "RFC 2324 PMID 1 ISBN 9780306406157",
    "\x7f'\"`UNIQ--nowiki-00000000-QINU`\"'\x7f",
    "#REDIRECTION [[Piège]]",
    "é\u200b\u202e\u00a0ñ 漢字 🌱",
    "C'est « bien » ? Oui : à 100 % (ou presque) !",
]
_PARTS = ["categories", "templates", "links", "externallinks", "images", "properties", "sections", "text"]


def _reading(wiki: LocalWiki, wikitext: str) -> dict[str, Any]:
    session = wiki.session()
    saved = session.ask("parse", text=wikitext, title="Essai", contentmodel="wikitext", onlypst=True)
    return dict(
        session.ask(
            "parse",
            text=saved["parse"]["text"],
            title="Essai",
            contentmodel="wikitext",
            prop=_PARTS,
            disablelimitreport=True,
            wrapoutputclass="",
        )["parse"]
    )


@pytest.mark.wiki
@pytest.mark.parametrize("place", ["{}", "* {}", "a {} b", "'''x''' : {}, {}", "{{{{Essai|v={}}}}}"])
def test_escaped_text_is_inert_in_the_wiki(wiki: LocalWiki, place: str) -> None:
    harmless = _reading(wiki, place.replace("{}", "x").replace("{{", "{").replace("}}", "}"))
    for payload in PAYLOADS:
        written = place.format(*[escape(payload)] * place.count("{}"))
        got = _reading(wiki, written)
        for part in _PARTS[:-1]:
            assert got[part] == harmless[part], (payload, part)
        shape = [piece.partition(">")[0] for piece in got["text"].split("<")[1:]]
        assert shape == [piece.partition(">")[0] for piece in harmless["text"].split("<")[1:]], payload


@pytest.mark.wiki
def test_escaped_text_looks_the_same(wiki: LocalWiki) -> None:
    wikitext = "\n\n".join(f"<div>{escape(payload)}</div>" for payload in PAYLOADS)
    shown = BeautifulSoup(_reading(wiki, wikitext)["text"], "html.parser").find_all("div")
    expected = [" ".join(one_line(payload).split()) for payload in PAYLOADS]
    assert [" ".join(div.get_text().split()) for div in shown] == expected


@given(st.text(max_size=60))
def test_escaped_text_is_read_back(text: str) -> None:
    written = escape(text)
    assert "\n" not in written
    assert " ".join(plain_text(f"x{written}x", site=FRENCH_WIKI)[1:-1].split()) == " ".join(
        one_line(text).split()
    )


def test_escaped_prose_stays_readable() -> None:
    prose = "L'équipe d'à côté (3 personnes) a dit : « oui, à 100 % » ! Pourquoi pas ? Porte-greffe."
    assert escape(prose) == prose


@pytest.mark.wiki
def test_escaped_summaries_show_their_text_and_no_link(wiki: LocalWiki) -> None:
    for text in [*PAYLOADS, "/* Section */ x", "a /* b */", "[[a|b]] [[c", "[[[[x]]]]", "&#x5b;[x]]"]:
        reply = wiki.session().ask("parse", summary=escape_summary(text), prop=[], title="Essai")
        soup = BeautifulSoup(f"<p>{reply['parse']['parsedsummary']}</p>", "html.parser")
        assert [tag.name for tag in soup.find_all()] == ["p"], text
        shown = soup.get_text().replace("\u2060", "")
        assert " ".join(shown.split()) == " ".join(one_line(text).split())


def test_a_long_summary_is_cut_where_the_wiki_would_not() -> None:
    assert len(escape_summary("é" * 1000)) <= 500
    assert escape_summary("é" * 1000).endswith("…")
