"""The gadget in a real wiki and a real browser, which asks a real service at another origin."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import requests

from connector.wiki import MediaWiki, WikiSettings
from tests.community import empty_community
from tests.conftest import OpenPage, WikiTemplates
from tests.extension_ground import FOLDER, ExtensionGround
from tests.mediawiki import LocalWiki
from webui.api.panel_answers import box as related_to
from webui.gadget import make_gadget
from webui.gadget_setup import gadget_pages, install_gadget, plan_gadget

if TYPE_CHECKING:
    from playwright.sync_api import Page

AUTHOR = "Odile Cariou"
READER = "Camille Roux"
HIDDEN = "Verger réservé"
HOSTILE = "Paille & \"compost\" 'onclick=alert(1)'"
# What nobody without an account may read; core has no such setting, wikis have extensions for it.
NOT_PUBLIC = """
$wgHooks['getUserPermissionsErrors'][] = static function ( $title, $user, $action, &$result ) {
	if ( $action === 'read' && $title->getText() === 'Verger réservé' && !$user->isRegistered() ) {
		$result = [ 'badaccess-group0' ];
		return false;
	}
};
"""
CSP = "$wgCSPHeader = [ 'default-src' => [ '%s' ] ];"
CLASH = "const broken = () => `${ 1 }`;"


def said(language: str, message: str) -> str:
    """What the extension's files say, and so the gadget."""
    messages = json.loads((FOLDER / "i18n" / f"{language}.json").read_text(encoding="utf-8"))
    return str(messages[f"compagnon-{message}"])


def pageid_of(page: "Page") -> int:
    return int(page.evaluate("mw.config.get('wgArticleId')"))


@dataclass
class Ground:
    """A wiki with the gadget, and the service that it asks."""

    wiki: LocalWiki
    service: ExtensionGround

    def address(self, title: str, query: str = "") -> str:
        return f"{self.wiki.server_url}/index.php?title={title}&{query}"


@pytest.fixture(scope="module")
def ground(wiki_templates: WikiTemplates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    wiki = wiki_templates.get("fr").copy(tmp_path_factory.mktemp("wiki") / "gadget")
    wiki.enable_extension("Gadgets")
    wiki.configure(NOT_PUBLIC)
    wiki.create_user(AUTHOR, groups=("interface-admin",))
    practice = "{{{{Practice\n|status=tested\n|title={title}\n}}}}\n== Solution ==\n{text}"
    for title, text in {
        "Bac à compost": "Un bac où les déchets du jardin deviennent de la terre. Le compost se retourne.",
        "Grelinette": "Un outil à dents qui ameublit la terre du jardin sans la retourner.",
        HIDDEN: "Le bac à compost du verger : la terre du jardin y repose. La grelinette y reste.",
    }.items():
        wiki.edit(title, practice.format(title=title, text=text), user=READER)
    for number in range(4):  # enough for the words to be known as links
        wiki.edit(f"Compte rendu {number}", "On vide le [[bac à compost]], on range la [[grelinette]].")
    wiki.edit(
        "Fête du jardin",
        "Au printemps, on vide le bac à compost. On prête la grelinette. Le verger réservé dort.",
    )
    folder = tmp_path_factory.mktemp("data")
    login, password = wiki.create_bot_password(READER, "reader")
    (folder / "compagnon.toml").write_text(
        f'[web]\nsign_in = "off"\n[wiki]\napi_url = "{wiki.api_url}"\nuser = "{login}"\n', encoding="utf-8"
    )
    (folder / "wiki-password").write_text(password, encoding="utf-8")
    services = empty_community(folder)
    try:
        services.refresh()
        service = ExtensionGround(wiki, services, secret="")
        service.start_service()
        wiki.configure(CSP % service.service_url)
        install(wiki, service.service_url)
        wiki.session(READER).write("options", optionname="gadget-compagnon", optionvalue="1")
        yield Ground(wiki, service)
    finally:
        service.stop_service()
        services.close()
        wiki.discard()


def install(wiki: LocalWiki, service_url: str) -> None:
    grants = ("basic", "createeditmovepage", "editsiteconfig")
    login, password = wiki.create_bot_password(AUTHOR, "setup", grants=grants)
    member = MediaWiki(WikiSettings(api_url=wiki.api_url, user=login, password=password))
    site = member.site()
    pages = gadget_pages(make_gadget(service_url=service_url, site=site), site=site, host="127.0.0.1")
    assert len(list(install_gadget(plan_gadget(member, pages), wiki=member))) == 4


@pytest.fixture
def page(open_page: OpenPage, page_options: dict[str, Any], ground: Ground) -> "Page":
    """The browser of a reader who has switched the gadget on."""
    page = open_page(**page_options)
    page.set_default_timeout(15_000)
    cookies = ground.wiki.session(READER).cookies
    page.context.add_cookies(
        [{"name": name, "value": value, "url": ground.wiki.server_url} for name, value in cookies.items()]
    )
    return page


def load(ground: Ground, gadget: str) -> str:
    """What ResourceLoader gives a browser of a gadget."""
    with requests.Session() as session:
        session.trust_env = False
        address = f"{ground.wiki.server_url}/load.php"
        reply = session.get(
            address, params={"modules": f"ext.gadget.{gadget}", "only": "scripts"}, timeout=60
        )
        return reply.text


def test_the_wiki_takes_it_as_valid_script(ground: Ground) -> None:
    text = load(ground, "compagnon")
    assert "parse error" not in text
    assert "compagnon-panel-toggle" in text
    # That is no matter of course: what is newer than ECMAScript 5 is refused.
    ground.wiki.edit("MediaWiki:Gadget-newer.js", CLASH, user=AUTHOR)
    listed = ground.wiki.text("MediaWiki:Gadgets-definition")
    ground.wiki.edit("MediaWiki:Gadgets-definition", f"{listed}\n* newer[ResourceLoader]|newer.js")
    assert "parse error" in load(ground, "newer")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_panel_and_box_speak_the_readers_language(ground: Ground, page: "Page", language: str) -> None:
    page.goto(ground.address("Bac_à_compost", f"uselang={language}"))
    page.locator("body").press("End")
    box = page.locator("#compagnon-box")
    box.get_by_role("link", name="Grelinette").wait_for()
    # The mirror has the other page, and this reader may read it too. But a gadget cannot tell who asks.
    assert HIDDEN in str(related_to(ground.service.services, pageid_of(page)))
    assert box.get_by_role("heading", name=said(language, "box-heading")).count() == 1
    assert HIDDEN not in page.locator("body").inner_text()

    page.goto(ground.address("Fête_du_jardin", f"action=edit&uselang={language}"))
    page.get_by_role("button", name=said(language, "panel-title")).click()
    panel = page.locator(".compagnon-panel")
    panel.get_by_role("button", name=said(language, "panel-link")).first.click()
    panel.get_by_text(said(language, "panel-linked"), exact=True).wait_for()
    assert HIDDEN not in panel.inner_text()


def test_a_link_is_accepted_and_saved(ground: Ground, page: "Page") -> None:
    ground.wiki.edit("Portes ouvertes", "On montre le bac à compost aux visiteurs.")
    page.goto(ground.address("Portes_ouvertes", "action=edit&compagnonlinks=1"))
    page.locator(".compagnon-panel").get_by_role("button", name=said("fr", "panel-link")).first.click()
    page.locator("#wpSave").click()
    page.wait_for_selector("#mw-content-text a[title='Bac à compost']")
    assert ground.wiki.text("Portes ouvertes") == "On montre le [[bac à compost]] aux visiteurs."


def test_a_rejection_is_remembered_by_the_browser_only(ground: Ground, page: "Page") -> None:
    address = ground.address("Fête_du_jardin", "action=edit&compagnonlinks=1")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
    page.goto(address)
    panel = page.locator(".compagnon-panel")
    words = page.locator("mark", has_text="grelinette")
    offer = panel.locator(".compagnon-suggestion").filter(has=words)
    offer.get_by_role("button", name=said("fr", "panel-reject")).click()
    assert offer.count() == 0
    assert panel.get_by_text(said("fr", "panel-why")).count() == 0  # nobody would hear the reason

    page.goto(address)
    panel.locator(".compagnon-suggestion").first.wait_for()
    assert offer.count() == 0
    asked = [each for each in sent if ground.service.service_url in each and not each.startswith("OPTIONS")]
    assert {each.rpartition("/")[2].partition("?")[0] for each in asked} == {"links"}
    assert ground.service.services.store.link_feedback.all() == []
    # It never grows beyond its bound.
    page.evaluate("mw.storage.setObject('compagnon-rejected', Array.from({length: 900}, (_, i) => '1>' + i))")
    page.goto(address)
    panel.get_by_role("button", name=said("fr", "panel-reject")).first.click()
    kept = page.evaluate("mw.storage.getObject('compagnon-rejected')")
    assert len(kept) == 500
    assert kept[0] == "1>401"


def test_it_is_off_for_all_until_the_wiki_switches_it_on(ground: Ground, open_page: OpenPage) -> None:
    page = open_page()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    page.goto(ground.address("Bac_à_compost"), wait_until="networkidle")
    assert page.evaluate("mw.loader.getState('ext.gadget.compagnon')") == "registered"
    assert [each for each in sent if ground.service.service_url in each] == []

    # A line of the wiki's own, which no later installation changes: it need not name what the script needs.
    ours = "* compagnon[ResourceLoader|default]|compagnon.js|compagnon.css"
    ground.wiki.edit("MediaWiki:Gadgets-definition", ours)
    page = open_page()  # the other browser keeps the page as it was
    page.goto(ground.address("Bac_à_compost"))
    page.locator("body").press("End")
    page.locator("#compagnon-box").get_by_role("link", name="Grelinette").wait_for()


def test_only_pages_of_the_wiki_are_answered(ground: Ground, page: "Page", page_errors: list[str]) -> None:
    page.goto(ground.address("Bac_à_compost"))
    address = f"{ground.service.service_url}/api/v1/gadget/box?pageid={pageid_of(page)}"
    ask = "address => fetch(address).then(reply => reply.status, () => 'nothing')"
    assert page.evaluate(ask, address) == 200
    # The same wiki by another name is another site to browsers, as any other page would be.
    page.goto(ground.address("Bac_à_compost").replace("127.0.0.1", "localhost"))
    assert page.evaluate(ask, address) == "nothing"
    page.close()  # the gadget itself is refused there too, a moment later perhaps
    page_errors.clear()


def test_without_the_service_nothing_is_seen_and_it_is_left_alone_for_a_while(
    ground: Ground, page: "Page", page_errors: list[str]
) -> None:
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    ground.service.stop_service()
    try:
        page.goto(ground.address("Bac_à_compost"))
        with page.expect_event("requestfailed"):
            page.locator("body").press("End")
        page.goto(ground.address("Fête_du_jardin", "action=edit"), wait_until="networkidle")
        assert page.evaluate("mw.loader.getState('ext.gadget.compagnon')") == "ready"
        assert page.locator("#compagnon-box, .compagnon-panel:visible").count() == 0
        assert len(failed) == 1  # the second page did not ask again
    finally:
        ground.service.start_service()
    assert [each for each in page_errors if "ERR_CONNECTION_REFUSED" not in each] == []
    page_errors.clear()


def test_a_hostile_title_runs_nothing(ground: Ground, page: "Page") -> None:
    ground.wiki.edit(HOSTILE, "La paille du bac à compost : la terre du jardin la mange.")
    ground.service.services.refresh()
    page.goto(ground.address("Bac_à_compost"))
    page.locator("body").press("End")
    page.locator("#compagnon-box a").first.wait_for()
    assert page.locator("#compagnon-box img").count() == 0


def test_where_the_extension_is_the_gadget_stays_away(ground: Ground, page: "Page") -> None:
    page.add_init_script(
        "window.RLQ = window.RLQ || [];"
        "window.RLQ.push(() => mw.loader.register([['ext.compagnon.panel', '1']]));"
    )
    page.goto(ground.address("Bac_à_compost"), wait_until="networkidle")
    assert page.evaluate("mw.loader.getState('ext.gadget.compagnon')") == "ready"
    page.locator("body").press("End")
    page.wait_for_load_state("networkidle")
    assert page.locator("#compagnon-box").count() == 0
