"""Texts on a real MediaWiki as they really are: too long for a reply, or in odd forms."""

import hashlib
from datetime import UTC, datetime

import pytest

from connector.errors import WikiUnavailableError
from connector.wiki import MediaWiki, WikiSettings
from tests.faultproxy import Exchange, FaultProxy, action_is
from tests.faults import HtmlPage, TruncatedJson
from tests.mediawiki import LocalWiki

PARAGRAPH = "Serrer <b>l’étau</b> & vérifier l’équerre {{=}} [[Rabot|🪵]].\n\n"


def sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def reader(url: str, *, user: str | None = None, password: str | None = None) -> MediaWiki:
    settings = WikiSettings(
        api_url=url, user=user, password=password, timeout_seconds=20, max_wait_seconds=60
    )
    return MediaWiki(settings, sleep=lambda seconds: None)


# Longer than a reply may be


@pytest.fixture
def narrow(fresh_wiki: LocalWiki) -> LocalWiki:
    """A wiki whose replies hold 12,000 bytes; “Long 0” and “Long 1” do not fit, “Court n” do."""
    for number in range(2):
        fresh_wiki.edit(f"Long {number}", (PARAGRAPH * 300) + f"Fin {number}.")
    for number in range(12):
        fresh_wiki.edit(f"Court {number}", PARAGRAPH * 20 + str(number))
    fresh_wiki.configure("$wgAPIMaxResultSize = 12000;")
    return fresh_wiki


@pytest.mark.parametrize("kind", ["nobody", "bot password"])
def test_pages_longer_than_a_reply_come_whole(narrow: LocalWiki, kind: str) -> None:
    known = {}
    if kind == "bot password":
        login, password = narrow.create_bot_password("Admin", "compagnon", grants=("basic", "highvolume"))
        narrow.make_private()
        known = {"user": login, "password": password}
    subject = reader(narrow.api_url, **known)
    heads = {head.title: head for head in subject.heads(namespaces=[0])}
    pages = {page.title: page for page in subject.pages([head.pageid for head in heads.values()])}
    assert pages.keys() == heads.keys()
    hashes = subject.text_hashes([head.pageid for head in heads.values()])
    for title, page in pages.items():
        assert (page.pageid, page.revid, page.namespace) == (heads[title].pageid, heads[title].revid, 0)
        assert sha1(page.wikitext) == hashes[page.pageid].sha1
    assert pages["Long 1"].wikitext == PARAGRAPH * 300 + "Fin 1."
    assert pages["Court 3"].wikitext == PARAGRAPH * 20 + "3"


def test_a_first_copy_that_has_no_room_for_texts_has_all_heads(narrow: LocalWiki) -> None:
    with FaultProxy(narrow.server_url) as proxy:
        subject = reader(proxy.url)
        found = {head.title: page for head, page in subject.contents(namespaces=[0, 1, 4])}
        assert found.keys() == {head.title for head in subject.heads(namespaces=[0, 1, 4])}
        assert found["Long 0"] is None
        proxy.inject(action_is("query", prop="info|revisions"), TruncatedJson())
        again = {head.title for head, _ in subject.contents(namespaces=[0])}
        assert again == {head.title for head in subject.heads(namespaces=[0])}


def test_a_first_copy_gives_texts_with_their_heads_where_there_is_room(fresh_wiki: LocalWiki) -> None:
    for number in range(70):
        fresh_wiki.edit(f"Court {number:02}", str(number))
    fresh_wiki.edit("Vieux rabot", "#REDIRECTION [[Court 07#Ici|là]]")
    fresh_wiki.edit("Plus vieux", "#REDIRECTION [[court_07]]")  # the wiki must say how it is written
    fresh_wiki.edit("Ailleurs", "#REDIRECTION [[Aide:court 07]]")
    with FaultProxy(fresh_wiki.server_url) as proxy:
        found = {head.title: page for head, page in reader(proxy.url).contents(namespaces=[0])}
        listings = [request for request in proxy.requests if "generator" in request.parameters]
    assert len(listings) == 2
    texts = {title: page.wikitext for title, page in found.items() if page is not None}
    assert texts["Court 42"] == "42"
    known = found["Vieux rabot"]
    assert known is not None
    assert known.redirect_target == "Court 07"
    targets = {title: page.redirect_target for title, page in found.items() if page is not None}
    assert (targets["Plus vieux"], targets["Ailleurs"]) == ("Court 07", "Aide:Court 07")
    heads = reader(fresh_wiki.api_url).heads(namespaces=[0])
    pages = {page.title: page for page in reader(fresh_wiki.api_url).pages([head.pageid for head in heads])}
    assert pages == found


def test_a_long_redirect_still_leads_somewhere(narrow: LocalWiki) -> None:
    made = narrow.edit("Vieil étau", "#REDIRECTION [[Long 0]]\n" + PARAGRAPH * 300)
    [page] = reader(narrow.api_url).pages([made.pageid])
    assert page.redirect_target == "Long 0"
    assert len(page.wikitext) > 12_000


def test_a_long_page_that_goes_meanwhile_is_left_out(narrow: LocalWiki) -> None:
    pageid = reader(narrow.api_url).current("Court 0").pageid
    narrow.edit("Court 0", PARAGRAPH * 300)

    class DeletedFirst:
        def play(self, exchange: Exchange) -> None:
            narrow.delete("Court 0")
            exchange.send(exchange.forward())

    with FaultProxy(narrow.server_url) as proxy:
        deleted = proxy.inject(action_is("query", export="1"), DeletedFirst())
        assert list(reader(proxy.url).pages([pageid])) == []
        assert deleted.used == 1


def test_an_export_that_is_damaged_is_an_error(narrow: LocalWiki) -> None:
    pageid = narrow.edit("Long 0", PARAGRAPH * 301).pageid
    for body in ('{"batchcomplete": true, "query": {"export": "<mediawiki>"}}', '{"query": {"export": ""}}'):
        with FaultProxy(narrow.server_url) as proxy:
            proxy.inject(action_is("query", export="1"), HtmlPage(body), times=None)
            with pytest.raises(WikiUnavailableError, match=f"page {pageid}"):
                list(reader(proxy.url).pages([pageid]))


def test_a_rendering_longer_than_a_reply_is_none(narrow: LocalWiki, caplog: pytest.LogCaptureFixture) -> None:
    subject = reader(narrow.api_url)
    pages = {head.title: head.pageid for head in subject.heads(namespaces=[0])}
    assert subject.rendering(pages["Long 0"]) is None
    assert "too long" in caplog.text
    assert subject.rendering(pages["Court 0"]) is not None


def test_links_of_many_replies_are_put_together(narrow: LocalWiki) -> None:
    """A reply has room for some links only: what goes on belongs to the page that it was about."""
    expected = {}
    for number in range(3):
        titles = [f"Outil {number} {'à main ' * 20}{n:03}" for n in range(90)]
        text = " ".join(f"[[{title}]] [[Catégorie:{title}]]" for title in titles)
        made = narrow.edit(f"Inventaire {number}", text + " {{Absent}}")
        expected[made.pageid] = titles
    with FaultProxy(narrow.server_url) as proxy:
        found = {links.pageid: links for links in reader(proxy.url).page_links(list(expected))}
        assert sum("plcontinue" in request.parameters for request in proxy.requests) > 2
    assert found.keys() == expected.keys()
    for pageid, titles in expected.items():
        assert found[pageid].links == ("Modèle:Absent", *titles)
        assert found[pageid].categories == tuple(f"Catégorie:{title}" for title in titles)
        assert found[pageid].templates == ("Modèle:Absent",)


# In odd forms


def test_texts_and_their_checksums_agree_whatever_the_text(fresh_wiki: LocalWiki) -> None:
    texts = [
        "a  \n\n  ",
        "un\r\ndeux\r\n",
        "🪵 𝄞 é e\u0301",
        "\u00a0\u200b\u202e",
        "",
        "<pre>\n\n\t</pre>\n",
        "\x0b\x00",
    ]
    asked = [fresh_wiki.edit(f"Forme {number}", text).pageid for number, text in enumerate(texts)]
    subject = reader(fresh_wiki.api_url)
    pages = {page.pageid: page for page in subject.pages(asked)}
    assert pages.keys() == set(asked)
    assert {pageid: found.sha1 for pageid, found in subject.text_hashes(asked).items()} == {
        pageid: sha1(page.wikitext) for pageid, page in pages.items()
    }


def test_what_was_imported_in_another_unicode_form_has_another_checksum(fresh_wiki: LocalWiki) -> None:
    """The API gives NFC, and counts the bytes that it has: a difference is confirmed by the text."""
    export = fresh_wiki.run_maintenance("dumpBackup.php", "--current", "--quiet")
    page = (
        "<page><title>Cafetière</title><ns>0</ns><id>90</id><revision><id>91</id>"
        "<timestamp>2020-01-01T00:00:00Z</timestamp><contributor><username>Zoé</username></contributor>"
        "<model>wikitext</model><format>text/x-wiki</format>"
        '<text xml:space="preserve">cafe\u0301</text></revision></page></mediawiki>'
    )
    fresh_wiki.run_maintenance("importDump.php", input=export.replace("</mediawiki>", page))
    subject = reader(fresh_wiki.api_url)
    found = subject.current("Cafetière")
    assert found.wikitext == "caf\u00e9"
    assert subject.text_hashes([found.pageid])[found.pageid].sha1 == sha1("cafe\u0301")


# What templates bring


def test_a_template_changes_its_users_without_a_revision_of_theirs(fresh_wiki: LocalWiki) -> None:
    clock = "Wikimedia\\Timestamp\\ConvertibleTimestamp::setFakeTime( {} );"
    fresh_wiki.configure(clock.format("'20240101120000'"))
    fresh_wiki.edit("Modèle:Fiche", "Relue une fois.")
    user = fresh_wiki.edit("Rabot", "{{Fiche}} Dans le fil.")
    other = fresh_wiki.edit("Varlope", "Longue.")
    subject = reader(fresh_wiki.api_url)
    asked = [user.pageid, other.pageid]
    before = subject.existing(asked)
    fresh_wiki.configure(clock.format("false"))
    fresh_wiki.edit("Modèle:Fiche", "Relue deux fois. [[Établi]] [[Catégorie:Fiches]]")
    fresh_wiki.run_maintenance("runJobs.php")
    after = subject.existing(asked)
    then = datetime(2024, 1, 1, 12, tzinfo=UTC)
    assert {head.touched for head in before.values()} == {then}
    touched = {pageid: head.touched or then for pageid, head in after.items()}
    assert touched[user.pageid] > then == touched[other.pageid]
    assert {head.revid for head in after.values()} == {user.revid, other.revid}
    links = {found.pageid: found for found in subject.page_links(asked)}
    assert links[user.pageid].links == ("Établi",)
    assert links[user.pageid].categories == ("Catégorie:Fiches",)
    assert links[user.pageid].templates == ("Modèle:Fiche",)
    rendering = subject.rendering(user.pageid)
    assert rendering is not None
    assert "Relue deux fois." in rendering.html
