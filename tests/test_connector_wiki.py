"""Reading a wiki: the contract, on a real MediaWiki, an export of it and the fake; addresses and accounts."""

import logging
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from connector.dump import DumpWiki
from connector.errors import PageNotFoundError, WikiLoginError, WikiUnavailableError
from connector.store import Store
from connector.transport import ApiAddress
from connector.wiki import MediaWiki, PageEdit, Wiki, WikiSettings
from tests.conftest import MakeWiki
from tests.contracts import (
    PageRendererContract,
    WikiContract,
    WikiScene,
    WikiSearchContract,
    play_scene,
)
from tests.fakes import FakeWiki
from tests.faultproxy import Exchange, FaultProxy, Reply, action_is
from tests.faults import HtmlPage
from tests.mediawiki import LocalWiki


def never(seconds: float) -> None:
    raise AssertionError(f"waited {seconds} s instead of failing at once")


def reader(url: str, *, user: str | None = None, password: str | None = None) -> MediaWiki:
    settings = WikiSettings(api_url=url, user=user, password=password, timeout_seconds=20)
    return MediaWiki(settings, sleep=never)


@dataclass(frozen=True)
class Stage:
    """The contract's scene on a real wiki, and its export."""

    wiki: LocalWiki
    scene: WikiScene
    export: Path


@pytest.fixture(scope="module")
def stage(wiki_template_fr: LocalWiki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("stage")
    wiki = wiki_template_fr.copy(folder / "wiki")
    wiki.configure("$wgGroupPermissions['sysop']['deleterevision'] = true;")

    def hide(title: str, revid: int) -> None:
        hiding = {"type": "revision", "ids": revid, "hide": "content|user|comment"}
        wiki.session().write("revisiondelete", target=title, **hiding)

    scene = play_scene(wiki, hide=hide)
    wiki.run_maintenance("runJobs.php")
    export = folder / "export.xml"
    export.write_text(wiki.run_maintenance("dumpBackup.php", "--full", "--quiet"), encoding="utf-8")
    yield Stage(wiki, scene, export)
    wiki.discard()


class TestAnonymous(WikiContract, PageRendererContract, WikiSearchContract):
    @pytest.fixture
    def subject(self, stage: Stage) -> MediaWiki:
        return reader(stage.wiki.api_url)

    @pytest.fixture
    def renderer(self, subject: MediaWiki) -> MediaWiki:
        return subject

    @pytest.fixture
    def engine(self, subject: MediaWiki) -> MediaWiki:
        return subject

    @pytest.fixture
    def scene(self, stage: Stage) -> WikiScene:
        return stage.scene


class TestAdministrator(WikiContract):
    """Whoever may see hidden texts must not put them into the mirror either."""

    @pytest.fixture
    def subject(self, stage: Stage) -> Wiki:
        admin = stage.wiki.account()
        return reader(stage.wiki.api_url, user=admin.name, password=admin.password)

    @pytest.fixture
    def scene(self, stage: Stage) -> WikiScene:
        return stage.scene


class TestExport(WikiContract):
    live = False

    @pytest.fixture
    def subject(self, stage: Stage) -> Wiki:
        return DumpWiki(stage.export)

    @pytest.fixture
    def scene(self, stage: Stage) -> WikiScene:
        return stage.scene


class TestFake(WikiContract, PageRendererContract):
    @pytest.fixture
    def fake(self) -> FakeWiki:
        return FakeWiki()

    @pytest.fixture
    def scene(self, fake: FakeWiki) -> WikiScene:
        return play_scene(fake, hide=fake.hide)

    @pytest.fixture
    def subject(self, fake: FakeWiki, scene: WikiScene) -> FakeWiki:
        return fake

    @pytest.fixture
    def renderer(self, subject: FakeWiki) -> FakeWiki:
        return subject


def test_a_live_wiki_and_its_export_are_one_site(stage: Stage) -> None:
    live, export = reader(stage.wiki.api_url).site(), DumpWiki(stage.export).site()
    same = ("name", "language", "server_url", "article_path", "script_path", "main_page")
    assert live.main_page
    assert [getattr(live, name) for name in same] == [getattr(export, name) for name in same]
    assert live.namespaces.keys() == export.namespaces.keys()


def test_an_empty_answer_is_not_an_unfinished_one(stage: Stage) -> None:
    wiki = reader(stage.wiki.api_url)
    assert list(wiki.heads(namespaces=[12])) == []
    assert list(wiki.all_revisions(namespaces=[12])) == []


def test_many_pages_are_asked_for_in_batches_that_the_account_may_ask(stage: Stage) -> None:
    with FaultProxy(stage.wiki.server_url) as proxy:
        asked = list(range(1, 121))
        assert len(list(reader(proxy.url).pages(asked))) == len(stage.scene.heads) + 2
        batches = [r.parameters["pageids"].count("|") + 1 for r in proxy.requests if "rvprop" in r.parameters]
        assert batches == [50, 50, 20]
    stage.wiki.create_user("Facteur", groups=("bot",))
    login, password = stage.wiki.create_bot_password("Facteur", "many", grants=("basic", "highvolume"))
    with FaultProxy(stage.wiki.server_url) as proxy:
        assert list(reader(proxy.url, user=login, password=password).pages(asked))
        batches = [r.parameters["pageids"].count("|") + 1 for r in proxy.requests if "rvprop" in r.parameters]
        assert batches == [120]


def test_a_page_that_only_some_may_read_does_not_hide_the_others(stage: Stage, make_wiki: MakeWiki) -> None:
    wiki = make_wiki(source=stage.wiki)
    wiki.configure(
        "$wgHooks['getUserPermissionsErrors'][] = function ( $title, $user, $action, &$result ) {\n"
        "  if ( $action === 'read' && $title->getText() === 'Vernis' ) { $result = [ 'badaccess-group0' ];"
        " return false; }\n};"
    )
    pages = list(reader(wiki.api_url).pages(stage.scene.pageids))
    assert {page.title for page in pages} == stage.scene.heads.keys() - {"Vernis"}
    found = {head.title: page for head, page in reader(wiki.api_url).contents(namespaces=[0, 1, 14])}
    assert stage.scene.heads.keys() <= found.keys()
    assert found["Vernis"] is None


def test_a_page_is_read_by_its_title(stage: Stage) -> None:
    wiki = reader(stage.wiki.api_url)
    assert wiki.current("tour_à bois").revid == stage.scene.heads["Tour à bois"].revid
    for missing in ("Rabot", "Tour à bois|Vernis", "a<b", "Spécial:Version", "MediaWiki:Common.css"):
        with pytest.raises(PageNotFoundError):
            wiki.current(missing)


def test_replies_past_the_wikis_limit_lose_nothing(stage: Stage, make_wiki: MakeWiki) -> None:
    wiki = make_wiki(source=stage.wiki)
    wiki.configure("$wgAPIMaxResultSize = 250;")
    with FaultProxy(wiki.server_url) as proxy:
        subject = reader(proxy.url)
        pages = stage.scene.pageids
        assert {page.title: page.wikitext for page in subject.pages(pages)} == stage.scene.texts
        assert len(subject.existing(pages)) == len(pages)
        assert len(list(subject.heads(namespaces=[0, 1, 14]))) == len(pages) + 1
        by_page = {revision.revid for revision in subject.revisions(pages)}
        assert by_page <= {revision.revid for revision in subject.all_revisions(namespaces=[0, 1, 14])}
        assert any("continue" in request.parameters for request in proxy.requests)
        assert len(list(subject.contents(namespaces=[0, 1, 14]))) == len(pages) + 1


# Addresses


@pytest.mark.parametrize(
    "url",
    [
        "",
        "wiki.example.org",
        "ftp://wiki.example.org/w/api.php",
        "https:///w/api.php",
        "https://wiki.example.org/",
        "https://wiki.example.org/w/index.php",
        "https://wiki.example.org:port/w/api.php",
    ],
)
def test_an_address_that_is_none_is_explained(url: str) -> None:
    with pytest.raises(WikiUnavailableError, match=r"api\.php"):
        reader(url)


def test_a_password_in_the_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(WikiUnavailableError) as caught:
        reader("https://odile:tr0uville@wiki.example.org/w/api.php")
    assert "tr0uville" not in str(caught.value)


def test_the_address_may_bring_parameters_and_spaces() -> None:
    address = ApiAddress.parse(" https://wiki.example.org:8443/w/api.php?action=help ")
    assert address.url == "https://wiki.example.org:8443/w/api.php"


def test_an_address_without_a_scheme_is_an_encrypted_one() -> None:
    assert ApiAddress.parse("wiki.example.org/w/api.php").url == "https://wiki.example.org/w/api.php"
    assert ApiAddress.parse("localhost:8080/api.php").url == "https://localhost:8080/api.php"


def test_an_unencrypted_line_is_reported_unless_it_stays_on_the_machine(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        for url in (
            "http://127.0.0.1:8/api.php",
            "http://localhost/api.php",
            "https://wiki.example.org/api.php",
        ):
            reader(url)
        assert caplog.records == []
        reader("http://wiki.example.org/api.php")
    assert "not encrypted" in caplog.text


def test_a_wiki_that_cannot_be_reached_fails_at_once_in_one_line(wiki: LocalWiki, closed_port: int) -> None:
    says = {
        f"http://127.0.0.1:{closed_port}/api.php": "refuses the connection",
        "http://nowhere.invalid/api.php": "name that is not known",
        f"{wiki.server_url}/elsewhere/api.php": "answers 404.*Special:Version",
        f"{wiki.server_url.replace('http', 'https')}/api.php": "does not speak TLS.*begins with http://",
    }
    for url, expected in says.items():
        with pytest.raises(WikiUnavailableError, match=expected) as caught:
            reader(url).site()
        assert "\n" not in str(caught.value)


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize(
    "body",
    [
        '{"status": "ok"}',
        "[]",
        '"error"',
        '{"error": "no"}',
        '{"error": {"message": "no"}}',
        "null",
        "[" * 100_000,
    ],
)
def test_json_that_is_not_of_a_mediawiki_is_told_apart(wiki: LocalWiki, body: str) -> None:
    with FaultProxy(wiki.server_url) as proxy:
        proxy.inject(lambda request: True, HtmlPage(body), times=None)
        with pytest.raises(WikiUnavailableError, match="does not answer as a MediaWiki API"):
            reader(proxy.url).site()


def test_an_html_page_is_no_wiki(wiki: LocalWiki) -> None:
    with FaultProxy(wiki.server_url) as proxy:
        proxy.inject(lambda request: True, HtmlPage(), times=None)
        with pytest.raises(WikiUnavailableError, match="does not answer as a MediaWiki API"):
            reader(proxy.url).site()


@dataclass(frozen=True)
class Redirect:
    """Send the client elsewhere, with the query that it came with."""

    to: str
    status: int = 301

    def play(self, exchange: Exchange) -> None:
        query = exchange.request.target.partition("?")[2]
        location = f"{self.to}?{query}" if query else self.to
        exchange.send(Reply(self.status, (("Location", location),), b"").with_body(b""))


def test_a_redirect_within_the_host_is_followed_once_and_for_all(stage: Stage) -> None:
    admin = stage.wiki.account()
    with FaultProxy(stage.wiki.server_url) as proxy:
        proxy.inject(lambda request: request.path == "/old/api.php", Redirect(proxy.url), times=None)
        moved = reader(f"{proxy.server_url}/old/api.php", user=admin.name, password=admin.password)
        assert moved.user == "Admin"
        assert [r.method for r in proxy.requests if r.path == "/old/api.php"] == ["GET"]


@pytest.mark.parametrize("target", ["http://localhost:1/api.php", "http://wiki.invalid/api.php"])
def test_a_redirect_to_another_host_is_not_followed(stage: Stage, target: str) -> None:
    with FaultProxy(stage.wiki.server_url) as proxy:
        proxy.inject(lambda request: True, Redirect(target), times=None)
        with pytest.raises(WikiUnavailableError, match="sends elsewhere"):
            reader(proxy.url).site()


def test_a_password_is_never_lost_in_a_redirect(stage: Stage) -> None:
    with FaultProxy(stage.wiki.server_url) as proxy:
        proxy.inject(action_is("login"), Redirect(proxy.url, 302))
        with pytest.raises(WikiUnavailableError, match="has moved"):
            reader(proxy.url, user="Admin", password="x" * 12).site()


# Accounts


def test_a_wrong_password_is_one_clear_line_without_the_password(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = "mot-de-passe-faux-9"
    with caplog.at_level(logging.DEBUG), pytest.raises(WikiLoginError, match="Odile Garance@app") as caught:
        reader(stage.wiki.api_url, user="Odile Garance@app", password=wrong).site()
    error: BaseException | None = caught.value
    assert "\n" not in str(error)
    while error is not None:
        assert wrong not in repr(error)
        error = error.__cause__
    assert wrong not in caplog.text


def test_settings_and_wiki_do_not_show_the_password() -> None:
    secret = "-".join(["tr0uville", "sur", "mer"])
    settings = WikiSettings(api_url="https://wiki.example.org/api.php", user="Odile", password=secret)
    assert secret not in repr(settings) + str(settings) + repr(MediaWiki(settings))


def test_an_account_without_a_password_is_said_before_the_network_is_used() -> None:
    with pytest.raises(WikiLoginError, match="needs its password"):
        reader("https://wiki.example.org/api.php", user="Odile")


def test_a_private_wiki_needs_an_account(fresh_wiki: LocalWiki) -> None:
    made = fresh_wiki.edit("Secret d’atelier", "La recette du vernis.")
    login, password = fresh_wiki.create_bot_password("Admin", "compagnon", grants=("basic",))
    fresh_wiki.make_private()
    with pytest.raises(WikiLoginError, match="needs an account"):
        list(reader(fresh_wiki.api_url).heads(namespaces=[0]))
    with FaultProxy(fresh_wiki.server_url) as proxy:
        member = reader(proxy.url, user=login, password=password)
        assert member.site().private
        assert [page.wikitext for page in member.pages([made.pageid])] == ["La recette du vernis."]
        later = [r for r in proxy.requests_of("query") if r.parameters.get("meta") != "tokens"][1:]
        assert later
        assert all(r.parameters["assert"] == "user" for r in later)
        assert all(r.parameters["maxlag"] == "5" for r in proxy.requests)


def test_the_account_is_called_by_its_name_and_the_program_by_its_own(stage: Stage) -> None:
    login, password = stage.wiki.create_bot_password("Odile Garance", "essai")
    with FaultProxy(stage.wiki.server_url) as proxy:
        settings = WikiSettings(
            api_url=proxy.url, user=login, password=password, contact="https://atelier.example\r\nX: y"
        )
        assert MediaWiki(settings).user == "Odile Garance"
        agents = {r.header("User-Agent") for r in proxy.requests}
        assert all(a.startswith("Compagnon") and a.endswith("(https://atelier.example X: y)") for a in agents)
        # The secret travels in a body, once.
        assert not any(password in r.target for r in proxy.requests)
        assert sum(password in r.body.decode() for r in proxy.requests) == 1


def test_nobody_publishes_without_an_account(stage: Stage) -> None:
    edit = PageEdit(title="Essai", wikitext="x", summary="x", base_revid=None)
    with pytest.raises(WikiLoginError, match="needs an account"):
        reader(stage.wiki.api_url).save(edit)


def test_a_wiki_says_which_extensions_it_has(fresh_wiki: LocalWiki, tmp_path: Path) -> None:
    assert reader(fresh_wiki.api_url).site().extensions == ()
    fresh_wiki.enable_extension("ParserFunctions")
    fresh_wiki.enable_extension("Cite")
    site = reader(fresh_wiki.api_url).site()
    assert site.extensions == ("Cite", "ParserFunctions")
    with Store.open(tmp_path / "mirror.sqlite3") as store:
        store.site.put(site, source=fresh_wiki.api_url)
        kept = store.site.get()
    assert kept is not None
    assert kept.extensions == ("Cite", "ParserFunctions")
