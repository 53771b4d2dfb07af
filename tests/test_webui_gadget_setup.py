"""The gadget is put into a real wiki: what is somebody else's stays, and so does every other line."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import pytest

from connector.errors import ConfigError, EditConflictError, WikiLoginError
from connector.model import Site
from connector.wiki import MediaWiki, PageEdit, SavedEdit, WikiSettings
from tests.conftest import WikiTemplates
from tests.mediawiki import LocalWiki
from tests.mediawiki_api import LocalWikiError
from webui.gadget import FIRST_LINE, Gadget, make_gadget
from webui.gadget_setup import GadgetPage, GadgetStep, gadget_pages, install_gadget, listed, plan_gadget

AUTHOR = "Odile Cariou"
ADDRESS = "https://compagnon.example.org/memory"
SITE = Site(name="Shared Practices", language="en", server_url="https://wiki.example.org")
LINE = "* compagnon[ResourceLoader]|compagnon.js|compagnon.css"
SCRIPT, STYLE = "MediaWiki:Gadget-compagnon.js", "MediaWiki:Gadget-compagnon.css"
LIST = "MediaWiki:Gadgets-definition"
OTHERS = """\
== tools ==
* clock[ResourceLoader | default]|clock.js\u0020
<!-- * old|old.js -->

== looks ==
*dark|dark.css"""


@pytest.fixture(scope="module")
def workshop(wiki_templates: WikiTemplates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWiki]:
    """A wiki with gadgets; each test makes a copy of it, or begins with its pages deleted."""
    wiki = wiki_templates.get("en").copy(tmp_path_factory.mktemp("workshop") / "wiki")
    wiki.enable_extension("Gadgets")
    wiki.create_user(AUTHOR, groups=("interface-admin",))
    yield wiki
    wiki.discard()


@pytest.fixture(scope="module")
def member(workshop: LocalWiki) -> MediaWiki:
    grants = ("basic", "createeditmovepage", "editsiteconfig")
    login, password = workshop.create_bot_password(AUTHOR, "setup", grants=grants)
    return MediaWiki(WikiSettings(api_url=workshop.api_url, user=login, password=password))


@pytest.fixture
def wiki(workshop: LocalWiki) -> LocalWiki:
    """The wiki without any page of gadgets."""
    for title in (SCRIPT, STYLE, LIST, "MediaWiki:Gadget-compagnon"):
        try:
            workshop.delete(title)
        except LocalWikiError as e:
            if e.code != "missingtitle":
                raise
    return workshop


@pytest.fixture(scope="module")
def gadget() -> Gadget:
    return make_gadget(service_url=ADDRESS, site=SITE)


@pytest.fixture(scope="module")
def pages(gadget: Gadget) -> tuple[GadgetPage, ...]:
    return gadget_pages(gadget, site=SITE, host="compagnon.example.org")


def work(plan: tuple[GadgetStep, ...]) -> list[str]:
    return [step.work for step in plan]


def edits_of(wiki: LocalWiki) -> int:
    reply = wiki.session().ask("query", meta="siteinfo", siprop="statistics")
    return int(reply["query"]["statistics"]["edits"])


def test_it_is_installed_once_and_the_list_keeps_its_other_lines(
    member: MediaWiki, wiki: LocalWiki, pages: tuple[GadgetPage, ...]
) -> None:
    before = wiki.edit(LIST, OTHERS)
    plan = plan_gadget(member, pages)
    assert work(plan) == ["create", "create", "create", "update"]
    done = list(install_gadget(plan, wiki=member))
    assert [page for page, _ in done] == list(pages)

    assert wiki.text(SCRIPT) == pages[0].wanted
    assert wiki.text(STYLE) == pages[1].wanted
    [revision] = wiki.revisions(SCRIPT)
    assert (revision["user"], revision["contentmodel"]) == (AUTHOR, "javascript")
    text = wiki.text(LIST)
    assert text.split("\n") == [*OTHERS.split("\n"), pages[3].wanted]
    newest = wiki.revisions(LIST)[0]
    assert newest["parentid"] == before.revid
    changes = wiki.session().ask("query", list="recentchanges", rcprop="flags|title", rclimit=4)["query"]
    assert not any(change["bot"] for change in changes["recentchanges"])

    query = {"list": "gadgets", "gaids": "compagnon", "gaprop": "metadata"}
    [listing] = wiki.session().ask("query", **query)["query"]["gadgets"]
    assert listing["metadata"]["module"]["scripts"] == [SCRIPT]
    assert listing["metadata"]["module"]["styles"] == [STYLE]
    assert "mediawiki.storage" in listing["metadata"]["module"]["dependencies"]
    assert not listing["metadata"]["settings"]["default"]
    described = wiki.session().ask("query", meta="allmessages", ammessages="gadget-compagnon")
    assert "compagnon.example.org" in described["query"]["allmessages"][0]["content"]

    so_far = edits_of(wiki)
    again = plan_gadget(member, pages)
    assert work(again) == ["none"] * 4
    assert list(install_gadget(again, wiki=member)) == []
    assert edits_of(wiki) == so_far


def test_an_older_version_is_brought_up_to_date_and_what_the_wiki_chose_stays(
    member: MediaWiki, wiki: LocalWiki, pages: tuple[GadgetPage, ...]
) -> None:
    wiki.edit(SCRIPT, f"{FIRST_LINE}\n * Version 0.0.9 */\nold();", user=AUTHOR)
    wiki.edit(STYLE, pages[1].wanted, user=AUTHOR)
    wiki.edit("MediaWiki:Gadget-compagnon", "Our helper", user=AUTHOR)
    chosen = "* compagnon[ResourceLoader|default|rights=edit]|compagnon.js|compagnon.css"
    wiki.edit(LIST, chosen)
    plan = plan_gadget(member, pages)
    assert work(plan) == ["update", "none", "none", "none"]
    assert len(list(install_gadget(plan, wiki=member))) == 1
    assert wiki.text(SCRIPT) == pages[0].wanted
    assert wiki.text("MediaWiki:Gadget-compagnon") == "Our helper"
    assert wiki.text(LIST) == chosen


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (SCRIPT, "mw.log( 'another companion' );"),
        (STYLE, "a { color: red }"),
        (LIST, "* compagnon[ResourceLoader]|friend.js"),
    ],
)
def test_what_is_somebody_elses_is_left_alone(
    member: MediaWiki, wiki: LocalWiki, pages: tuple[GadgetPage, ...], title: str, text: str
) -> None:
    wiki.edit(title, text, user=AUTHOR)
    so_far = edits_of(wiki)
    with pytest.raises(ConfigError, match=r"not Compagnon|another gadget"):
        plan_gadget(member, pages)
    assert edits_of(wiki) == so_far
    assert wiki.text(title) == text


def test_a_list_that_is_edited_meanwhile_keeps_that_edit(
    member: MediaWiki, wiki: LocalWiki, pages: tuple[GadgetPage, ...]
) -> None:
    wiki.edit(LIST, "* clock|clock.js")
    plan = plan_gadget(member, pages)
    wiki.edit(LIST, "* clock|clock.js\n* dark|dark.css")  # where ours would go: the wiki merges nothing here
    list(install_gadget(plan, wiki=member))
    assert wiki.text(LIST) == f"* clock|clock.js\n* dark|dark.css\n{pages[3].wanted}"


def test_a_page_that_is_taken_meanwhile_is_left_alone(
    member: MediaWiki, wiki: LocalWiki, pages: tuple[GadgetPage, ...]
) -> None:
    plan = plan_gadget(member, pages)
    wiki.edit(STYLE, "a { color: red }", user=AUTHOR)
    with pytest.raises(ConfigError, match="not Compagnon"):
        list(install_gadget(plan, wiki=member))
    assert wiki.text(STYLE) == "a { color: red }"
    with pytest.raises(LocalWikiError, match="no such page"):
        wiki.text(LIST)


class Rival:
    """A wiki where somebody edits the list of gadgets just before each of our edits of it."""

    def __init__(self, member: MediaWiki, wiki: LocalWiki) -> None:
        self._member = member
        self._wiki = wiki
        self._edits = count(1)
        self.user = member.user
        self.rights = member.rights
        self.site = member.site
        self.current = member.current

    def save(self, edit: PageEdit) -> SavedEdit:
        if edit.title == LIST:
            self._wiki.edit(LIST, f"* clock{next(self._edits)}|clock.js")
        return self._member.save(edit)


def test_it_does_not_fight_for_the_list(
    member: MediaWiki, wiki: LocalWiki, pages: tuple[GadgetPage, ...]
) -> None:
    wiki.edit(LIST, "* clock|clock.js")
    rival = Rival(member, wiki)
    with pytest.raises(EditConflictError, match=LIST):
        list(install_gadget(plan_gadget(rival, pages), wiki=rival))
    assert wiki.text(LIST) == "* clock2|clock.js"


def test_a_gadget_that_is_switched_off_stays_so(
    member: MediaWiki, wiki: LocalWiki, pages: tuple[GadgetPage, ...]
) -> None:
    text = f"* clock|clock.js\n<!--\n{pages[3].wanted}\n-->"
    wiki.edit(LIST, text)
    plan = plan_gadget(member, pages)
    assert (plan[3].work, plan[3].switched_off) == ("none", True)
    list(install_gadget(plan, wiki=member))
    assert wiki.text(LIST) == text


@pytest.mark.parametrize(
    ("user", "grants", "missing"),
    [
        (AUTHOR, ("basic", "createeditmovepage", "editinterface"), "editsitejs, editsitecss"),
        ("Camille Roux", ("basic", "createeditmovepage", "editsiteconfig"), "editinterface, editsitejs"),
    ],
)
def test_an_account_that_may_not_is_told_what_it_lacks(
    wiki: LocalWiki, pages: tuple[GadgetPage, ...], user: str, grants: tuple[str, ...], missing: str
) -> None:
    login, password = wiki.create_bot_password(user, "lacking", grants=grants)
    member = MediaWiki(WikiSettings(api_url=wiki.api_url, user=login, password=password))
    with pytest.raises(WikiLoginError, match=missing):
        plan_gadget(member, pages)


def test_nobody_and_a_wiki_without_gadgets_are_told_so(
    wiki: LocalWiki, english_wiki: LocalWiki, pages: tuple[GadgetPage, ...]
) -> None:
    with pytest.raises(WikiLoginError, match="needs an account"):
        plan_gadget(MediaWiki(WikiSettings(api_url=wiki.api_url)), pages)
    with pytest.raises(ConfigError, match="wfLoadExtension"):
        plan_gadget(MediaWiki(WikiSettings(api_url=english_wiki.api_url)), pages)


@pytest.mark.parametrize(
    ("site", "address", "said"),
    [
        (replace(SITE, private=True), ADDRESS, "private wiki"),
        (SITE, None, r"set web\.public_url"),
        (SITE, "http://compagnon.example.org", "without https"),
    ],
)
def test_a_gadget_that_could_not_work_is_not_made(site: Site, address: str | None, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        make_gadget(service_url=address, site=site)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", LINE),
        ("Our gadgets", f"Our gadgets\n{LINE}"),
        ("* a|a.js\n\n[[Category:Wiki]]", f"* a|a.js\n{LINE}\n\n[[Category:Wiki]]"),
        ("* a|a.js <!-- as\nlong --> as it is\n* b", f"* a|a.js <!-- as\nlong --> as it is\n{LINE}\n* b"),
        ("<!-- * a|a.js -->\nNone yet", f"<!-- * a|a.js -->\nNone yet\n{LINE}"),
        ("* compagnonage|x.js", f"* compagnonage|x.js\n{LINE}"),
        (" * compagnon|compagnon.js", f" * compagnon|compagnon.js\n{LINE}"),  # to MediaWiki it is no gadget
    ],
)
def test_the_line_goes_after_the_last_gadget(text: str, expected: str) -> None:
    assert listed(text, LINE) == (expected, False)
    assert listed(expected, LINE) == (expected, False)
