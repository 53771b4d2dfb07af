"""Exports: whole or refused, streamed, never trusted; read like a wiki (for that: test_connector_wiki.py)."""

import bz2
import gzip
import hashlib
import tracemalloc
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connector.dump import DumpWiki
from connector.errors import DumpError
from connector.model import PageHead, PageLinks, Revision, TextHash

SITEINFO = """
  <siteinfo>
    <sitename>Le Réparoscope</sitename>
    <dbname>wiki</dbname>
    <base>{base}</base>
    <generator>MediaWiki 1.39.17</generator>
    <case>first-letter</case>
    <namespaces>
      <namespace key="-1" case="first-letter">Spécial</namespace>
      <namespace key="0" case="first-letter" />
      <namespace key="1" case="first-letter">Discussion</namespace>
      <namespace key="10" case="case-sensitive">Modèle</namespace>
    </namespaces>
  </siteinfo>
"""


def revision(revid: int | None, text: str, *, minute: int = 0, body: str | None = None, **fields: str) -> str:
    """One <revision>; `body` replaces the <text> element, `fields` the other elements."""
    elements = {
        "timestamp": f"<timestamp>2026-01-05T08:{minute:02}:00Z</timestamp>",
        "contributor": "<contributor><username>Zoé Lantier</username><id>7</id></contributor>",
        "comment": "<comment>début</comment>",
        "model": "<model>wikitext</model><format>text/x-wiki</format>",
        "text": body if body is not None else f'<text xml:space="preserve">{text}</text>',
        "sha1": "<sha1>phoiac9h4m842xq45sp7s6u21eteeq1</sha1>",
    } | fields
    identity = "" if revid is None else f"<id>{revid}</id>"
    return f"<revision>{identity}{''.join(elements.values())}</revision>"


def page(pageid: int | None, title: str, *revisions: str, ns: int = 0, extra: str = "") -> str:
    identity = "" if pageid is None else f"<id>{pageid}</id>"
    return f"<page><title>{title}</title><ns>{ns}</ns>{identity}{extra}{''.join(revisions)}</page>"


def export(
    *pages: str, schema: str = "0.11", base: str = "https://r.example/wiki/Accueil", siteinfo: str = SITEINFO
) -> str:
    return (
        f'<mediawiki xmlns="http://www.mediawiki.org/xml/export-{schema}/" version="{schema}" xml:lang="fr">'
        f"{siteinfo.format(base=base)}{''.join(pages)}</mediawiki>"
    )


@pytest.fixture
def dump(tmp_path: Path) -> Callable[[str | bytes], DumpWiki]:
    def write(content: str | bytes) -> DumpWiki:
        path = tmp_path / "export.xml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return DumpWiki(path)

    return write


Dump = Callable[[str | bytes], DumpWiki]
ONE = export(page(1, "Grille-pain", revision(11, "Débrancher d’abord.")))


def texts(wiki: DumpWiki) -> dict[int, str]:
    heads = wiki.heads(namespaces=sorted(wiki.site().namespaces))
    return {page.pageid: page.wikitext for page in wiki.pages([head.pageid for head in heads])}


# What is read


@pytest.mark.parametrize("schema", ["0.10", "0.11"])
def test_both_schemas_are_read(dump: Dump, schema: str) -> None:
    wiki = dump(ONE.replace("0.11", schema))
    assert texts(wiki) == {1: "Débrancher d’abord."}
    assert wiki.now() == datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
    assert (wiki.site().name, wiki.site().language) == ("Le Réparoscope", "fr")
    assert wiki.site().namespaces[10].case == "case-sensitive"


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress])
def test_compression_is_seen_in_the_file_and_not_in_its_name(
    dump: Dump, compress: Callable[[bytes], bytes]
) -> None:
    assert texts(dump(compress(ONE.encode()))) == {1: "Débrancher d’abord."}


@pytest.mark.parametrize(
    ("base", "server", "article", "script", "main_page"),
    [
        ("https://r.example/wiki/Accueil", "https://r.example", "/wiki/$1", "/w", "Accueil"),
        ("https://r.example/wiki/Portail/Une", "https://r.example", "/wiki/$1", "/w", "Portail/Une"),
        (
            "http://r.example:81/index.php/Le_d%C3%A9but",
            "http://r.example:81",
            "/index.php/$1",
            "",
            "Le début",
        ),
        ("https://r.example/w/index.php/Accueil", "https://r.example", "/w/index.php/$1", "/w", "Accueil"),
        ("https://r.example/w/index.php?title=A", "https://r.example", "/w/index.php?title=$1", "/w", "A"),
        ("https://r.example/Accueil", "https://r.example", "/$1", "/w", "Accueil"),
        ("", "", "/$1", "/w", ""),
        ("javascript://r.example/%0aalert(1)//wiki/A", "", "/%0aalert(1)//wiki/$1", "/%0aalert(1)//w", None),
    ],
)
def test_the_wikis_addresses_are_found_in_that_of_its_main_page(
    dump: Dump, base: str, server: str, article: str, script: str, main_page: str | None
) -> None:
    site = dump(export(page(1, "A", revision(1, "x")), base=base.replace("&", "&amp;"))).site()
    assert (site.server_url, site.article_path, site.script_path) == (server, article, script)
    assert main_page is None or site.main_page == main_page


def test_the_newest_revision_is_the_latest_and_not_the_last_in_the_file(dump: Dump) -> None:
    imported = page(1, "A", revision(9, "newest", minute=5), revision(30, "imported", minute=1))
    same_minute = page(2, "B", revision(41, "second", minute=2), revision(40, "first", minute=2))
    wiki = dump(export(imported, same_minute))
    assert texts(wiki) == {1: "newest", 2: "second"}
    assert {head.revid for head in wiki.heads(namespaces=[0])} == {9, 41}


def test_a_page_in_two_places_is_one_page(dump: Dump) -> None:
    wiki = dump(
        export(
            page(1, "Ancien", revision(10, "old", minute=1), revision(11, "older", minute=0)),
            page(2, "B", revision(20, "b")),
            page(1, "Nouveau", revision(12, "new", minute=2), revision(10, "old", minute=1)),
        )
    )
    assert texts(wiki) == {1: "new", 2: "b"}
    assert wiki.existing([1])[1] == PageHead(pageid=1, namespace=0, title="Nouveau", revid=12)
    revisions = [(r.pageid, r.revid) for r in wiki.revisions([1, 2])]
    assert sorted(revisions) == [(1, 10), (1, 11), (1, 12), (2, 20)]
    assert [pageid for pageid, _ in revisions] in ([1, 1, 1, 2], [2, 1, 1, 1])


def test_what_is_deleted_in_an_export_is_absent(dump: Dump) -> None:
    hidden = revision(
        21,
        "",
        body='<text bytes="40" deleted="deleted" />',
        contributor='<contributor deleted="deleted" />',
        comment='<comment deleted="deleted" />',
    )
    wiki = dump(export(page(1, "A", revision(11, "a")), page(2, "B", hidden)))
    assert texts(wiki) == {1: "a"}
    assert {head.pageid for head in wiki.heads(namespaces=[0])} == {1, 2}
    [found] = wiki.revisions([2])
    assert (found.user, found.user_id, found.comment, found.sha1, found.size) == (None, None, "", "", 40)


def test_what_has_no_id_or_no_revision_is_left_out_and_said(
    dump: Dump, caplog: pytest.LogCaptureFixture
) -> None:
    wiki = dump(
        export(
            page(None, "Sans numéro", revision(5, "x")),
            page(3, "Sans révision"),
            page(4, "Révision sans numéro", revision(None, "x")),
            page(1, "A", revision(11, "a")),
        )
    )
    assert texts(wiki) == {1: "a"}
    assert "2 revisions are left out" in caplog.text


def test_pages_that_are_no_wikitext_are_left_out(dump: Dump) -> None:
    script = revision(21, "alert(1)", model="<model>javascript</model>")
    wiki = dump(export(page(1, "A", revision(11, "a")), page(2, "B.js", script)))
    assert {head.pageid for head in wiki.heads(namespaces=[0])} == {1}
    assert wiki.existing([1, 2]).keys() == {1}
    assert list(wiki.pages([2])) == []


def test_redirects_and_other_contributors(dump: Dump) -> None:
    anonymous = revision(11, "x", contributor="<contributor><ip>192.0.2.7</ip></contributor>")
    imported = revision(12, "y", contributor="<contributor><username>w&gt;Zoé</username></contributor>")
    nobody = revision(13, "z", contributor="", comment="", minor="<minor/>")
    redirect = page(2, "Toaster", revision(20, "#REDIRECTION [[A]]"), extra='<redirect title="A" />')
    wiki = dump(export(page(1, "A", anonymous, imported, nobody), redirect))
    assert [(r.user, r.user_id, r.anonymous, r.minor) for r in wiki.revisions([1])] == [
        ("192.0.2.7", None, True, False),
        ("w>Zoé", None, True, False),
        (None, None, False, True),
    ]
    assert [p.redirect_target for p in wiki.pages([1, 2])] == [None, "A"]


def test_an_extra_slot_does_not_take_the_place_of_the_text(dump: Dump) -> None:
    slot = "<content><role>media</role><model>json</model><text>{}</text></content>"
    assert texts(dump(export(page(1, "A", revision(11, "main", slot=slot))))) == {1: "main"}


def test_what_pages_and_revisions_there_are_is_counted(dump: Dump) -> None:
    script = page(3, "C.js", revision(31, "x", model="<model>javascript</model>"))
    site = dump(
        export(page(1, "A", revision(11, "a"), revision(12, "b")), page(2, "B", revision(21, "c")), script)
    ).site()
    assert (site.page_count, site.edit_count) == (2, 4)


def test_changes_come_in_the_order_of_time_from_all_over_the_file(dump: Dump) -> None:
    wiki = dump(
        export(
            page(1, "A", revision(13, "a", minute=5), revision(11, "b", minute=1)),
            page(2, "Discussion:A", revision(12, "c", minute=3), ns=1),
            page(3, "Modèle:M", revision(14, "d", minute=4), ns=10),
        )
    )
    since = datetime(2026, 1, 5, 8, 3, tzinfo=UTC)
    changes = [c for c in wiki.changes(namespaces=[0, 1], since=since) if isinstance(c, Revision)]
    assert [(c.pageid, c.revid) for c in changes] == [(2, 12), (1, 13)]
    assert {r.revid for r in wiki.all_revisions(namespaces=[0, 10], since=since)} == {13, 14}


def test_links_are_those_of_the_text(dump: Dump) -> None:
    text = (
        "{{Fiche|x=[[b]]}} {{:Discussion:A}} {{modèle:Autre}} [[A]] [[#ici]] [[Discussion:A|d]] [[b#c]]\n"
        "[[wikipedia:Ailleurs]] [[Category:Un|k]] [[catégorie:deux]] {{#if:x|y}} {{PAGENAME}} "
        "&lt;nowiki>[[Non]]&lt;/nowiki>"
    )
    names = SITEINFO.replace(
        "    </namespaces>", '<namespace key="14" case="first-letter">Catégorie</namespace></namespaces>'
    )
    wiki = dump(export(page(1, "A", revision(11, text)), siteinfo=names))
    [links] = wiki.page_links([1, 2])
    assert links == PageLinks(
        pageid=1,
        categories=("Catégorie:Deux", "Catégorie:Un"),
        links=("B", "Discussion:A"),
        templates=("Discussion:A", "Modèle:Autre", "Modèle:Fiche"),
    )


def test_a_deleted_text_has_neither_links_nor_checksum(dump: Dump) -> None:
    hidden = revision(21, "", body='<text bytes="40" deleted="deleted" />')
    wiki = dump(export(page(1, "A", revision(11, "Chêne &amp; hêtre")), page(2, "B", hidden)))
    assert [links.pageid for links in wiki.page_links([1, 2])] == [1]
    sha1 = hashlib.sha1("Chêne & hêtre".encode(), usedforsecurity=False).hexdigest()
    assert wiki.text_hashes([1, 2]) == {1: TextHash(pageid=1, revid=11, sha1=sha1)}


# How often, and how much of it


def test_a_large_export_is_read_a_constant_number_of_times_in_flat_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parts(count: int) -> Iterable[str]:
        head, tail = export("@").split("@")
        yield head
        for number in range(1, count + 1):
            history = [revision(number * 10 + i, f"{number} " + "mot " * 500, minute=i) for i in range(5)]
            yield page(number, f"Page {number}", *history)
        yield tail

    path = tmp_path / "large.xml.gz"
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as stream:
        stream.writelines(parts(1_000))  # 10 MB, 2 MB of newest texts
    opened = []
    really_open = gzip.open

    def counted(path: Path, mode: str) -> object:
        opened.append(path)
        return really_open(path, "rb")

    monkeypatch.setattr(gzip, "open", counted)
    wiki = DumpWiki(path)
    everything = [head.pageid for head in wiki.heads(namespaces=[0])]
    tracemalloc.start()
    assert sum(1 for _ in wiki.pages(everything)) == 1_000
    assert sum(1 for _ in wiki.all_revisions(namespaces=[0])) == 5_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(opened) == 3
    assert peak < 1_000_000
    assert list(wiki.pages([])) == []
    assert len(opened) == 3


def test_a_file_that_changes_between_two_readings_is_refused(dump: Dump, tmp_path: Path) -> None:
    wiki = dump(ONE)
    assert wiki.site()
    (tmp_path / "export.xml").write_text(export(page(1, "A", revision(11, "autre chose"))), encoding="utf-8")
    with pytest.raises(DumpError, match="has changed"):
        list(wiki.pages([1]))


# What is refused

BOMB = '<!DOCTYPE m [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
THIEF = '<!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "is no MediaWiki XML export"),
        ("Bonjour", "is no MediaWiki XML export"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "is no MediaWiki XML export"),
        (b"\xff\xfe\x00", "is no MediaWiki XML export"),
        ("<!DOCTYPE html><html><body>Connexion</body></html>", "refused|is no MediaWiki XML export"),
        ("<html><body>Connexion</body></html>", "is no MediaWiki XML export"),
        ('<rss version="2.0"><channel/></rss>', "is no MediaWiki XML export"),
        ("<mediawiki><page/></mediawiki>", "is no MediaWiki XML export"),
        (export(page(1, "A", revision(11, "a")), siteinfo=""), "no siteinfo"),
        (export(), "has no pages"),
        (export(page(None, "A", revision(11, "a"))), "has no pages"),
        (export(page(1, "A", revision(11, "", body='<text bytes="9" id="4" />'))), "has no texts"),
        (ONE[: len(ONE) // 2], "cut short or damaged"),
        (ONE[:-3], "cut short or damaged"),
        (ONE.replace("</page>", ""), "cut short or damaged"),
        (ONE.replace("Débrancher", "\x00"), "cut short or damaged"),
        (ONE.replace("<id>11</id>", "<id>onze</id>"), "is damaged"),
        (ONE.replace("2026-01-05", "le 5 janvier"), "is damaged"),
        (ONE.encode("latin-1", "replace").replace(b"?", b"\xe9"), "cut short or damaged"),
        ("<?xml version='1.0' encoding='klingon'?>" + ONE, "export|damaged"),
        (BOMB + ONE.replace("Débrancher", "&b;"), "is refused"),
        (THIEF + ONE.replace("Débrancher", "&x;"), "is refused"),
        (gzip.compress(ONE.encode())[:-9], "is cut short"),
        (gzip.compress(ONE.encode())[:60] + b"\x00" * 90, "damaged|cannot be read"),
        (bz2.compress(ONE.encode())[:-9], "is cut short"),
        (b"BZh9" + b"x" * 90, "cannot be read"),
    ],
)
def test_what_is_no_whole_export_gives_one_clear_line_and_nothing_else(
    dump: Dump, content: str | bytes, says: str
) -> None:
    wiki = dump(content)
    for ask in (wiki.site, wiki.now, lambda: list(wiki.heads(namespaces=[0])), lambda: list(wiki.pages([1]))):
        with pytest.raises(DumpError, match=says) as caught:
            ask()
        assert "\n" not in str(caught.value)
        assert "export.xml" in str(caught.value)


def test_a_missing_file_and_a_folder_are_one_clear_line(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.xml", tmp_path):
        with pytest.raises(DumpError, match="cannot be read"):
            DumpWiki(path).site()


def test_a_text_that_never_ends_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connector.export._LONGEST_STRETCH_BYTES", 1 << 20)
    path = tmp_path / "endless.xml.gz"
    before, after = ONE.split("Débrancher")
    with gzip.open(path, "wt", encoding="utf-8") as stream:
        stream.write(before)
        for _ in range(40):
            stream.write("x" * 100_000)
        stream.write(after)
    with pytest.raises(DumpError, match="for ever"):
        DumpWiki(path).site()
