"""Saving on a real MediaWiki: one revision, never over another's work, whatever happens to the replies."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from connector.errors import (
    EditConflictError,
    EditRefusedError,
    PageNotFoundError,
    WikiLoginError,
    WikiUnavailableError,
)
from connector.wiki import MediaWiki, PageEdit, WikiSettings
from tests.faultproxy import Exchange, Fault, FaultProxy, action_is
from tests.faults import (
    ApiError,
    CommitThenDrop,
    DropBeforeForward,
    EmptyBody,
    HtmlPage,
    HttpError,
    SessionLost,
    TruncatedJson,
    ratelimited,
    readonly,
)
from tests.mediawiki import LocalWiki

AUTHOR = "Odile Garance"
FOUR_LINES = "Un.\n\nDeux.\n\nTrois.\n\nQuatre."


def edit(title: str, text: str, *, base: int | None = None, **options: Any) -> PageEdit:
    return PageEdit(
        title=title, wikitext=text, **({"summary": "Depuis les notes", "base_revid": base} | options)
    )


@pytest.fixture(scope="module")
def workshop(wiki_template_fr: LocalWiki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalWiki]:
    """One wiki for all: each test writes pages of its own."""
    wiki = wiki_template_fr.copy(tmp_path_factory.mktemp("workshop") / "wiki")
    yield wiki
    wiki.discard()


@pytest.fixture(scope="module")
def bot_password(workshop: LocalWiki) -> tuple[str, str]:
    return workshop.create_bot_password(AUTHOR, "compagnon")


@pytest.fixture(scope="module")
def titles() -> Iterator[int]:
    return count(1)


@pytest.fixture
def title(titles: Iterator[int]) -> str:
    return f"Fiche {next(titles)}"


@pytest.fixture
def proxy(workshop: LocalWiki) -> Iterator[FaultProxy]:
    with FaultProxy(workshop.server_url) as proxy:
        yield proxy


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def member(proxy: FaultProxy, bot_password: tuple[str, str], waits: list[float]) -> MediaWiki:
    """A member who publishes through the proxy, and has logged in."""
    login, password = bot_password
    settings = WikiSettings(
        api_url=proxy.url, user=login, password=password, timeout_seconds=20, max_wait_seconds=60
    )
    member = MediaWiki(settings, sleep=waits.append)
    assert member.user == AUTHOR
    return member


def test_a_new_page_is_one_revision_under_the_members_name(member: MediaWiki, workshop: LocalWiki) -> None:
    saved = member.save(edit("affûter_un ciseau", "Plat, puis biseau.\r\n\r\n"))
    assert (saved.title, saved.merged, saved.unchanged) == ("Affûter un ciseau", False, False)
    [revision] = workshop.revisions("Affûter un ciseau")
    assert (revision["revid"], revision["user"]) == (saved.revid, AUTHOR)
    assert (revision["comment"], revision["content"]) == ("Depuis les notes", "Plat, puis biseau.")
    page = member.current("Affûter un ciseau")
    assert (page.pageid, page.revid, page.wikitext) == (saved.pageid, saved.revid, "Plat, puis biseau.")
    [change] = workshop.session().ask(
        "query", list="recentchanges", rctitle="Affûter un ciseau", rcprop="flags|ids"
    )["query"]["recentchanges"]
    assert not change["bot"]


def test_an_existing_page_is_changed_from_its_base(
    member: MediaWiki, workshop: LocalWiki, title: str
) -> None:
    base = workshop.edit(title, "Chauffer à 60 °C.")
    saved = member.save(edit(title, "Chauffer à 65 °C.", base=base.revid))
    assert workshop.text(title) == "Chauffer à 65 °C."
    assert (saved.pageid, saved.merged) == (base.pageid, False)
    again = member.save(edit(title, "Chauffer à 65 °C.", base=saved.revid))
    assert again.unchanged
    assert again.revid == saved.revid
    assert len(workshop.revisions(title)) == 2


def test_any_text_arrives_as_it_was_meant(member: MediaWiki, workshop: LocalWiki, title: str) -> None:
    text = "Cafe\u0301 🪵 & <i>x</i> %41 \x00\x1b fin \ufffe|{{=}} " + "é" * 3_000
    member.save(edit(title, text, summary="a [[b]] & <i>\nc\x00"))
    assert workshop.text(title).startswith("Café 🪵 & <i>x</i> %41 \ufffd\ufffd fin \ufffd|{{=}} ééé")
    assert workshop.revisions(title)[0]["comment"] == "a [[b]] & <i> c\ufffd"


def test_only_tags_that_the_wiki_has_are_given(member: MediaWiki, workshop: LocalWiki, title: str) -> None:
    workshop.session().write("managetags", operation="create", tag="compagnon", reason="essai")
    while "compagnon" not in str(workshop.session().ask("query", list="tags", tglimit="max")):
        time.sleep(0.05)  # the wiki's own cache
    member.save(edit(title, "x", tags=("compagnon", "inconnue", "mw-undo")))
    assert workshop.revisions(title)[0]["tags"] == ["compagnon"]


def test_an_edit_is_never_a_bots_even_when_the_account_is_one(
    workshop: LocalWiki, proxy: FaultProxy, title: str
) -> None:
    """A bot's edits are hidden from recent changes: nobody would look at them."""
    workshop.create_user("Automate", groups=("bot",))
    grants = ("basic", "highvolume", "editpage", "createeditmovepage")
    login, password = workshop.create_bot_password("Automate", "compagnon", grants=grants)
    robot = MediaWiki(WikiSettings(api_url=proxy.url, user=login, password=password))
    made = robot.save(edit(title, "Un."))
    proxy.inject(action_is("edit"), CommitThenDrop())
    robot.save(edit(title, "Deux.", base=made.revid))
    asked = {"list": "recentchanges", "rctitle": title, "rcprop": "flags|ids|user"}
    changes = workshop.session().ask("query", **asked)["query"]["recentchanges"]
    assert [(change["user"], change["bot"]) for change in changes] == [("Automate", False)] * 2
    edits = proxy.requests_of("edit")
    assert all({"bot", "minor", "recreate"}.isdisjoint(request.parameters) for request in edits)
    assert all(request.parameters["assertuser"] == "Automate" for request in edits)
    assert all(request.parameters["assert"] == "user" for request in edits)


# Conflicts


def test_a_page_that_exists_already_is_not_overwritten(
    member: MediaWiki, workshop: LocalWiki, title: str
) -> None:
    workshop.edit(title, "Le mien.")
    with pytest.raises(EditConflictError, match="exists already"):
        member.save(edit(title, "Le tien."))
    assert workshop.text(title) == "Le mien."


def test_a_page_that_was_deleted_is_not_brought_back(
    member: MediaWiki, workshop: LocalWiki, title: str
) -> None:
    base = workshop.edit(title, "x")
    workshop.delete(title)
    with pytest.raises(EditConflictError, match="deleted"):
        member.save(edit(title, "y", base=base.revid))


@pytest.mark.parametrize("rival", ["Admin", AUTHOR])
def test_the_same_line_changed_by_somebody_else_is_a_conflict(
    member: MediaWiki, workshop: LocalWiki, title: str, rival: str
) -> None:
    base = workshop.edit(title, FOUR_LINES)
    theirs = FOUR_LINES.replace("Deux.", "Deux par un autre.")
    workshop.edit(title, theirs, user=rival)
    with pytest.raises(EditConflictError, match="changed") as caught:
        member.save(edit(title, FOUR_LINES.replace("Deux.", "Deux par moi."), base=base.revid))
    assert caught.value.base_revid == base.revid
    assert workshop.text(title) == theirs


def test_other_lines_changed_by_somebody_else_are_merged_and_said(
    member: MediaWiki, workshop: LocalWiki, title: str
) -> None:
    base = workshop.edit(title, FOUR_LINES)
    workshop.edit(title, FOUR_LINES.replace("Un.", "Un par un autre."))
    saved = member.save(edit(title, FOUR_LINES.replace("Quatre.", "Quatre par moi."), base=base.revid))
    assert saved.merged
    assert workshop.text(title) == "Un par un autre.\n\nDeux.\n\nTrois.\n\nQuatre par moi."


class RivalFirst:
    """Somebody else acts while our edit is on its way."""

    def __init__(self, act: Callable[[], object]) -> None:
        self.act = act

    def play(self, exchange: Exchange) -> None:
        self.act()
        exchange.send(exchange.forward())


def test_what_happens_while_the_edit_is_on_its_way_is_a_conflict(
    member: MediaWiki, workshop: LocalWiki, proxy: FaultProxy, title: str
) -> None:
    proxy.inject(action_is("edit"), RivalFirst(lambda: workshop.edit(title, "Avant toi.")))
    with pytest.raises(EditConflictError, match="exists already"):
        member.save(edit(title, "À moi."))
    assert workshop.text(title) == "Avant toi."
    base = member.current(title).revid
    proxy.inject(action_is("edit"), RivalFirst(lambda: workshop.edit(title, "Encore avant.")))
    with pytest.raises(EditConflictError, match="changed"):
        member.save(edit(title, "À moi.", base=base))
    base = member.current(title).revid
    proxy.inject(action_is("edit"), RivalFirst(lambda: workshop.delete(title)))
    with pytest.raises(EditConflictError, match="deleted"):
        member.save(edit(title, "À moi.", base=base))


def test_a_page_that_was_made_and_deleted_meanwhile_is_not_made_again(
    member: MediaWiki, workshop: LocalWiki, proxy: FaultProxy, title: str
) -> None:
    def make_and_delete() -> None:
        workshop.edit(title, "Publié par erreur.")
        time.sleep(1.1)  # the wiki compares whole seconds
        workshop.delete(title)

    proxy.inject(action_is("edit"), RivalFirst(make_and_delete))
    with pytest.raises(EditConflictError, match="deleted"):
        member.save(edit(title, "À moi."))


# Lost replies

LOST = [CommitThenDrop(), TruncatedJson(), EmptyBody(), DropBeforeForward(), HttpError(503), HtmlPage()]


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: type(fault).__name__)
def test_a_lost_reply_makes_exactly_one_revision(
    member: MediaWiki, workshop: LocalWiki, proxy: FaultProxy, title: str, fault: Fault
) -> None:
    proxy.inject(action_is("edit"), fault)
    # Signatures and spaces are written differently by the wiki: the text is compared as it is kept.
    created = member.save(edit(title, "Frapper sec. --~~~~  \n\n"))
    proxy.inject(action_is("edit"), fault)
    changed = member.save(edit(title, "Frapper sec, puis doux.", base=created.revid))
    assert [r["revid"] for r in workshop.revisions(title)] == [changed.revid, created.revid]
    assert (created.merged, created.unchanged) == (False, False)
    assert (changed.merged, changed.unchanged) == (False, False)


def test_a_merge_whose_reply_is_lost_is_found_and_said(
    member: MediaWiki, workshop: LocalWiki, proxy: FaultProxy, title: str
) -> None:
    base = workshop.edit(title, FOUR_LINES)
    workshop.edit(title, FOUR_LINES.replace("Un.", "Un par un autre."))
    proxy.inject(action_is("edit"), CommitThenDrop())
    saved = member.save(edit(title, FOUR_LINES.replace("Quatre.", "Quatre par moi."), base=base.revid))
    assert (saved.merged, saved.unchanged) == (True, False)
    revisions = workshop.revisions(title)
    assert revisions[0]["revid"] == saved.revid
    assert len(revisions) == 3


def test_when_nobody_can_tell_it_is_said(
    member: MediaWiki, workshop: LocalWiki, proxy: FaultProxy, title: str
) -> None:
    proxy.inject(action_is("edit"), CommitThenDrop(), times=None)
    proxy.inject(action_is("query", prop="revisions"), HttpError(503), times=None)
    with pytest.raises(WikiUnavailableError, match="may have been saved"):
        member.save(edit(title, "Frapper sec."))
    assert len(workshop.revisions(title)) == 1


def test_a_session_lost_before_the_edit_is_opened_again(
    member: MediaWiki, workshop: LocalWiki, proxy: FaultProxy, title: str
) -> None:
    proxy.inject(action_is("edit"), SessionLost())
    saved = member.save(edit(title, "Frapper sec."))
    assert [(r["revid"], r["user"]) for r in workshop.revisions(title)] == [(saved.revid, AUTHOR)]


@pytest.mark.parametrize("fault", [ratelimited(), readonly()], ids=["ratelimited", "readonly"])
def test_what_passes_is_waited_for(
    member: MediaWiki, proxy: FaultProxy, waits: list[float], title: str, fault: Fault
) -> None:
    proxy.inject(action_is("edit"), fault, times=3)
    saved = member.save(edit(title, "Frapper sec."))
    assert len(waits) == 3
    proxy.inject(action_is("edit"), fault, times=None)
    with pytest.raises(WikiUnavailableError, match="try again later"):
        member.save(edit(title, "Frapper doux.", base=saved.revid))
    assert sum(waits) <= 2 * 60


# Refusals


@pytest.mark.parametrize(
    ("elsewhere", "code"),
    [
        ("Utilisateur:Odile", "wrongnamespace"),
        ("user:Odile", "wrongnamespace"),
        ("Modèle:Pratique", "wrongnamespace"),
        ("MediaWiki:Common.js", "wrongnamespace"),
        ("Discussion:Rabot", "wrongnamespace"),
        ("Spécial:Version", "invalidtitle"),
        ("a<b", "invalidtitle"),
        ("Rabot|Modèle:Pratique", "invalidtitle"),
        ("Rabot\x1fVarlope", "invalidtitle"),
        ("x" * 256, "invalidtitle"),
        ("", "invalidtitle"),
        ("wikipedia:Rabot", "interwiki"),
    ],
)
def test_a_title_that_leads_elsewhere_is_refused(
    member: MediaWiki, proxy: FaultProxy, elsewhere: str, code: str
) -> None:
    with pytest.raises(EditRefusedError) as caught:
        member.save(edit(elsewhere, "x"))
    assert caught.value.code == code
    assert proxy.requests_of("edit") == []


def test_a_namespace_that_is_meant_is_allowed(member: MediaWiki) -> None:
    assert member.save(edit("Help:Raboter", "Dans le fil.", namespace=12)).title == "Aide:Raboter"


def test_a_script_is_saved_once_and_read_as_one(workshop: LocalWiki, proxy: FaultProxy) -> None:
    login, password = workshop.create_bot_password(
        AUTHOR, "scripts", grants=("basic", "createeditmovepage", "editmycssjs")
    )
    member = MediaWiki(WikiSettings(api_url=proxy.url, user=login, password=password), sleep=lambda _: None)
    assert "editmyuserjs" in member.rights
    assert "editsitejs" not in member.rights
    script = edit(
        f"User:{AUTHOR}/rabot.js",
        "var a = '[[b]]'; // <nowiki> ~~~~ </nowiki>\n",
        namespace=2,
        content_model="javascript",
    )
    proxy.inject(action_is("edit"), CommitThenDrop())
    saved = member.save(script)
    assert len(workshop.revisions(saved.title)) == 1
    page = member.current(saved.title, content_model="javascript")
    assert (page.revid, page.wikitext) == (saved.revid, "var a = '[[b]]'; // <nowiki> ~~~~ </nowiki>")
    with pytest.raises(PageNotFoundError):
        member.current(saved.title)
    with pytest.raises(EditRefusedError) as caught:
        member.save(replace(script, content_model="wikitext", base_revid=saved.revid))
    assert caught.value.code == "notwikitext"


def test_a_protected_page_is_a_refusal(member: MediaWiki, workshop: LocalWiki, title: str) -> None:
    base = workshop.edit(title, "Un.")
    workshop.session().write("protect", title=title, protections="edit=sysop")
    with pytest.raises(EditRefusedError, match=title) as caught:
        member.save(edit(title, "Deux.", base=base.revid))
    assert caught.value.code == "protectedpage"


def test_an_unknown_refusal_of_the_wiki_is_told_in_one_line(
    member: MediaWiki, proxy: FaultProxy, title: str
) -> None:
    proxy.inject(action_is("edit"), ApiError("abusefilter-disallowed", "Non.\n" + "x" * 5_000))
    with pytest.raises(EditRefusedError) as caught:
        member.save(edit(title, "x"))
    assert caught.value.code == "abusefilter-disallowed"
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_a_question_for_people_is_a_refusal(member: MediaWiki, proxy: FaultProxy, title: str) -> None:
    captcha = HtmlPage('{"edit": {"result": "Failure", "captcha": {"type": "simple"}}}')
    proxy.inject(action_is("edit"), captcha)
    with pytest.raises(EditRefusedError) as caught:
        member.save(edit(title, "x"))
    assert caught.value.code == "captcha"


@pytest.mark.parametrize("grants", [("basic",), ("basic", "editpage")], ids=["read", "no-creation"])
def test_an_account_that_may_not_write_is_told_so(
    workshop: LocalWiki, title: str, grants: tuple[str, ...]
) -> None:
    login, password = workshop.create_bot_password("Basile Ormond", f"droits{len(grants)}", grants=grants)
    reader = MediaWiki(WikiSettings(api_url=workshop.api_url, user=login, password=password))
    with pytest.raises(WikiLoginError, match="Basile Ormond"):
        reader.save(edit(title, "x"))


def test_a_blocked_account_is_told_so(workshop: LocalWiki, title: str) -> None:
    login, password = workshop.create_bot_password("Gaspard Nuit", "compagnon")
    workshop.session().write("block", user="Gaspard Nuit", reason="essai")
    blocked = MediaWiki(WikiSettings(api_url=workshop.api_url, user=login, password=password))
    with pytest.raises(WikiLoginError, match="Gaspard Nuit"):
        blocked.save(edit(title, "x"))
