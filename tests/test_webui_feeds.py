"""Feeds: as the standards have them, as a real feed reader reads them, and as who asks may read the wiki."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import feedparser
import pytest
from bs4 import BeautifulSoup
from defusedxml.ElementTree import fromstring
from flask.testing import FlaskClient

from connector.model import PageHead
from connector.store import Account
from search.readable import Readable
from tests.community import PAGES, SITE, hashed_community, page
from webui.app import create_app
from webui.bootstrap import Services
from webui.config import Config
from webui.feeds.documents import Entry, Feed, written
from webui.rights.rights import Everything

ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = "<b>R&D</b> ]]> \x00\x0b “é” 🔧"


class OnlySome:
    """Says that who signs in reads all, and who does not only pages 1 and 4."""

    def of_account(self, account: Account) -> Readable:
        return Everything()

    def of_nobody(self) -> Readable:
        return _OnlyTwo()


class _OnlyTwo:
    restricted = True

    def among(self, pages: Collection[PageHead]) -> frozenset[int]:
        return frozenset({1, 4}.intersection(page.pageid for page in pages))


@pytest.fixture(scope="module")
def community(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    services = hashed_community(tmp_path_factory.mktemp("community"))
    values = {
        **services.config.values,
        "wiki.api_url": "http://127.0.0.1:9/api.php",
        "web.sign_in": "proxy",
        "web.proxy_header": "X-Remote-User",
    }
    services.config = Config(services.config.folder, values)
    services.__dict__["rights"] = OnlySome()
    services.store.questions.ask("Où trouver des vis de 3 mm ?", language="fr", asked_by=None)
    services.store.questions.ask(f"Who knows {HOSTILE}?", language="en", asked_by=None)
    yield services
    services.close()


@pytest.fixture
def services(community: Services) -> Iterator[Services]:
    community.store.site.put(SITE, source="http://127.0.0.1:9/api.php")
    yield community
    community.store.site.put(SITE, source="http://127.0.0.1:9/api.php")


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return create_app(services).test_client()


@pytest.fixture
def account(services: Services) -> Account:
    return services.store.accounts.put(
        wiki_user_id=101, name="Aïcha Benali", groups=["user"], told_at=datetime.now(UTC)
    )


def atom(client: FlaskClient, address: str) -> Element:
    reply = client.get(address)
    assert reply.status_code == 200, reply.text
    assert reply.content_type == "application/atom+xml; charset=utf-8"
    root: Element = fromstring(reply.data)
    return root


def titles(root: Element) -> list[str]:
    return [title.text or "" for title in root.findall(f"{ATOM}entry/{ATOM}title")]


def token_of(services: Services, account: Account, *, kind: Any = "feed") -> str:
    return services.store.access_tokens.make(
        account.id, label="feeds", now=datetime.now(UTC), expires_at=None, kind=kind
    )


@pytest.mark.parametrize("name", ["questions", "practices"])
def test_a_feed_has_all_that_atom_wants(client: FlaskClient, name: str) -> None:
    root = atom(client, f"/feeds/{name}.atom")
    for holder in (root, *root.findall(f"{ATOM}entry")):  # RFC 4287, 4.1.1 and 4.1.2
        for wanted in ("id", "title", "updated"):
            [element] = holder.findall(f"{ATOM}{wanted}")
            assert element.text
        assert urlsplit(holder.findtext(f"{ATOM}id")).scheme
        moment = datetime.fromisoformat(holder.findtext(f"{ATOM}updated") or "")
        assert moment.tzinfo is not None
        relations = [link.get("rel") for link in holder.findall(f"{ATOM}link")]
        assert relations.count("alternate") == 1
    assert root.findtext(f"{ATOM}author/{ATOM}name") == SITE.name
    assert any(link.get("rel") == "self" for link in root.findall(f"{ATOM}link"))
    entries = root.findall(f"{ATOM}entry")
    assert entries
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(set(ids)) == len(ids)
    assert all(entry.findtext(f"{ATOM}summary") for entry in entries)


@pytest.mark.parametrize("format", ["atom", "rss"])
def test_a_feed_reader_reads_it(client: FlaskClient, format: str) -> None:
    reply = client.get(f"/feeds/practices.{format}?lang=en")
    assert reply.headers["Content-Language"] == "en"
    found = feedparser.parse(reply.data)
    assert not found.bozo, found.get("bozo_exception")
    assert found.version == {"atom": "atom10", "rss": "rss20"}[format]
    assert found.feed.title == f"New and changed practices · {SITE.name}"
    # The newest first; only what anybody may read.
    assert [entry.title for entry in found.entries] == [
        "Funding a workshop",
        "Accueillir un nouveau bénévole",
    ]
    first = found.entries[0]
    assert first.link == "http://localhost/practices/4"
    assert first.summary.startswith("Grants end, and the rent")
    assert [tag.term for tag in first.tags] == ["adopted"]


def test_each_entry_says_its_language(client: FlaskClient) -> None:
    root = atom(client, "/feeds/practices.atom?lang=fr")
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    assert root.get(lang) == "fr"
    assert [entry.get(lang) for entry in root.findall(f"{ATOM}entry")] == ["en", "fr"]
    assert root.findtext(f"{ATOM}title") != "New and changed practices · " + SITE.name


def test_what_is_asked_stands_in_the_feed_as_text(client: FlaskClient) -> None:
    asked = titles(atom(client, "/feeds/questions.atom"))
    assert "Où trouver des vis de 3 mm ?" in asked
    assert any("<b>R&D</b> ]]>" in title for title in asked)


def test_no_text_can_break_a_document() -> None:
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    entry = Entry(
        id="http://wiki.invalid/?curid=1",
        title=HOSTILE,
        url="http://wiki.invalid/wiki/A?b=1&c=<d>",
        updated=moment,
        language="fr",
        summary="\ufffe\ud800 & <script>",
        author=HOSTILE,
        categories=(HOSTILE,),
    )
    feed = Feed(
        id="http://localhost/feeds/x.atom",
        title=HOSTILE,
        subtitle=HOSTILE,
        url="http://localhost/",
        own_url="http://localhost/feeds/x.atom",
        language="fr",
        author=HOSTILE,
        updated=moment,
        entries=[entry],
    )
    root = fromstring(written(feed, "atom"))
    assert titles(root) == ["<b>R&D</b> ]]> \ufffd\ufffd “é” 🔧"]
    [item] = fromstring(written(feed, "rss")).findall("channel/item")
    assert item.findtext("link") == "http://wiki.invalid/wiki/A?b=1&c=<d>"
    assert [guid.get("isPermaLink") for guid in item.findall("guid")] == ["false"]
    assert parsedate_to_datetime(item.findtext("pubDate") or "") == moment


def test_a_public_feed_is_sent_again_only_when_it_has_changed(
    client: FlaskClient, services: Services
) -> None:
    first = client.get("/feeds/practices.atom")
    assert first.headers["Cache-Control"] == "public, max-age=30"
    assert "Set-Cookie" not in client.get("/feeds/practices.atom?lang=en").headers
    etag = {"If-None-Match": first.headers["ETag"]}
    assert client.get("/feeds/practices.atom", headers=etag).status_code == 304
    since = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert client.get("/feeds/practices.atom", headers=since).status_code == 304
    services.store.pages.put_many([page(4, "Paying for a workshop", PAGES[3].wikitext)])
    services.update_index()
    changed = client.get("/feeds/practices.atom", headers=etag)
    assert changed.status_code == 200
    assert titles(fromstring(changed.data))[0] == "Paying for a workshop"
    services.store.pages.put_many([PAGES[3]])
    services.update_index()


def test_links_to_be_made_are_for_editors(client: FlaskClient, services: Services, account: Account) -> None:
    assert client.get("/feeds/suggestions.atom").status_code == 401
    reply = client.get(f"/feeds/suggestions.atom?token={token_of(services, account)}")
    assert reply.status_code == 200
    assert reply.headers["Cache-Control"] == "no-store"
    assert fromstring(reply.data).findtext(f"{ATOM}id") == "http://localhost/feeds/suggestions.atom"


def test_a_private_wiki_feeds_only_who_has_an_address_of_their_own(
    client: FlaskClient, services: Services, account: Account
) -> None:
    token = token_of(services, account)
    assert len(titles(atom(client, f"/feeds/practices.atom?token={token}"))) == 4
    services.store.site.put(replace(SITE, private=True), source="http://127.0.0.1:9/api.php")
    for name in ("questions", "practices", "suggestions"):
        refused = client.get(f"/feeds/{name}.atom")
        assert refused.status_code == 401
        assert "vis de 3 mm" not in refused.text
        assert SITE.name not in refused.text
        mine = client.get(f"/feeds/{name}.rss?token={token}")
        assert mine.status_code == 200, mine.text
        assert mine.headers["Cache-Control"] == "no-store"
        assert token not in mine.text


def test_a_token_of_feeds_is_good_for_nothing_else_and_another_one_not_for_feeds(
    client: FlaskClient, services: Services, account: Account
) -> None:
    feed, api = token_of(services, account), token_of(services, account, kind="api")
    bearer = {"Authorization": f"Bearer {feed}"}
    assert client.get("/api/v1/search?q=atelier", headers=bearer).status_code == 401
    assert client.get(f"/feeds/practices.atom?token={api}").status_code == 401
    assert client.get("/feeds/practices.atom?token=cpg_x").status_code == 401
    [kept] = [one for one in services.store.access_tokens.of_account(account.id) if one.kind == "feed"][:1]
    assert client.get(f"/feeds/practices.atom?token={feed}").status_code == 200
    services.store.access_tokens.revoke(account.id, kept.id)
    assert client.get(f"/feeds/practices.atom?token={feed}").status_code == 401


def test_one_makes_addresses_of_ones_own_on_the_page_of_feeds(
    client: FlaskClient, services: Services, account: Account
) -> None:
    client.environ_base["HTTP_X_REMOTE_USER"] = "Aïcha Benali".encode().decode("latin-1")
    form = BeautifulSoup(client.get("/feeds?lang=en").text, "html.parser").select_one("main form")
    assert form
    assert client.post("/feeds").status_code == 400  # without the token of the form
    csrf = form.select_one("input[name=csrf_token]")
    assert csrf
    made = BeautifulSoup(client.post("/feeds", data={"csrf_token": csrf["value"]}).text, "html.parser")
    addresses = [str(field["value"]) for field in made.select("input[readonly]")]
    assert len(addresses) == 6
    nobody = create_app(services).test_client()
    for address in addresses:
        parts = urlsplit(address)
        assert nobody.get(f"{parts.path}?{parts.query}").status_code == 200, address


def test_pages_name_the_feeds_that_anybody_may_read(client: FlaskClient, services: Services) -> None:
    def named() -> list[str]:
        links = BeautifulSoup(client.get("/about?lang=fr").text, "html.parser").select("link[rel=alternate]")
        assert all(link["type"] == "application/atom+xml" for link in links)
        return [str(link["href"]) for link in links]

    offered = named()
    assert offered == ["/feeds/questions.atom?lang=fr", "/feeds/practices.atom?lang=fr"]
    assert [client.get(address).status_code for address in offered] == [200, 200]
    services.store.site.put(replace(SITE, private=True), source="http://127.0.0.1:9/api.php")
    assert named() == []


@pytest.mark.parametrize("path", ["/feeds/people.atom", "/feeds/questions.xml", "/feeds/questions"])
def test_there_are_no_other_feeds(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404
