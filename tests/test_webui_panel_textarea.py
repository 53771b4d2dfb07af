"""The panel below the wiki's text area: plain, with WikiEditor, with CodeMirror; the service is the real one.

All of it under the wiki's content security policy, which every page of this file has on.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import OpenPage, WikiTemplates
from tests.extension_ground import ExtensionGround, extension_ground
from tests.mediawiki import LocalWiki
from tests.mediawiki_install import MEDIAWIKI, LocalWikiMissingError
from tests.real_parts import give_up
from tests.wiki_editor import Editor, MakeEditor, axe_violations, module_state, record_shifts, shifts

if TYPE_CHECKING:
    from playwright.sync_api import Route

pytestmark = [pytest.mark.model, pytest.mark.wiki]

# One account an editor: the plain text area, WikiEditor's toolbar, CodeMirror.
EDITORS = {"Paule Noyer": (0, 0), "Wim Toorop": (1, 0), "Cora Miroir": (1, 1)}
PLAIN, TOOLBAR, MIRROR = EDITORS
PAGES = {
    "Sirop de nourrissement": "Le sirop se prépare la veille : deux parts de sucre, une part d’eau tiède.",
    "Hivernage des ruches": "On réduit l’entrée et on pèse chaque ruche en octobre.",
    "Pesée des ruches": "La ruche se pèse avec un peson, un côté après l’autre.",
    "Nourrir au printemps": "Au printemps, on nourrit les colonies faibles le soir, avec un sirop tiède.",
    "Réserves de miel": "Avant l’hiver, on pèse les ruches : il doit rester assez de miel aux colonies.",
}
TEXT = (
    "Au printemps 🐝, on donne un sirop de nourrissement aux colonies faibles.\n\n"
    "Le sirop de nourrissement se donne le soir. Avant l’hivernage des ruches, la pesée des ruches dit ce "
    "qu’il reste de miel.\n\n[[Catégorie:Abeilles]]"
)
SYRUP, WINTER, WEIGHING = "Sirop de nourrissement", "Hivernage des ruches", "Pesée des ruches"


def words_of(title: str) -> str:
    """The words of the text that would lead to a page."""
    return title[0].lower() + title[1:]


def with_link(text: str, words: str) -> str:
    """The text with its first occurrence of some words as a link."""
    return text.replace(words, f"[[{words}]]", 1)


@pytest.fixture(scope="module")
def ground(
    wiki_templates: WikiTemplates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ExtensionGround]:
    wiki = wiki_templates.get("fr").copy(tmp_path_factory.mktemp("wiki") / "textarea")
    wiki.enable_extension("WikiEditor")
    if not (MEDIAWIKI / "extensions" / "CodeMirror").is_dir():
        give_up("CodeMirror", LocalWikiMissingError("install mediawiki-extension-codemirror"))
    wiki.enable_extension("CodeMirror")
    for user, (toolbar, mirror) in EDITORS.items():
        change = f"usebetatoolbar={toolbar}|usecodemirror={mirror}"
        wiki.session(user).write("options", change=change)
    for title, text in PAGES.items():
        wiki.edit(title, text, user=PLAIN)
    wiki.edit("Soin", TEXT, user=PLAIN)
    folder = tmp_path_factory.mktemp("data")
    with extension_ground(wiki, folder, settings="$wgCSPHeader = true;") as ground:
        # What the mirror does not have yet can be linked too, and one text written five times over tells the
        # service that its words are no links.
        for number in range(1, 5):
            wiki.edit(f"Soin {number}", TEXT, user=PLAIN)
        yield ground
    wiki.discard()


@pytest.fixture
def wiki(ground: ExtensionGround) -> LocalWiki:
    return ground.wiki


@pytest.fixture
def make_editor(open_page: OpenPage, wiki: LocalWiki) -> MakeEditor:
    return MakeEditor(open_page, wiki)


def open_editor(editor: Editor, title: str, user: str) -> Editor:
    """Open the editor and the panel; wait for what stands in for the text area."""
    editor.edit(title)
    if EDITORS[user][0]:
        editor.page.locator(".wikiEditor-ui-toolbar").wait_for()
    if EDITORS[user][1]:
        editor.wait_for_codemirror()
    editor.panel.open()
    return editor


@pytest.mark.parametrize(("user", "title"), list(zip(EDITORS, ("Soin 1", "Soin 2", "Soin 3"), strict=True)))
def test_an_accepted_link_is_saved_alone_and_one_undo_takes_it_back(
    make_editor: MakeEditor, wiki: LocalWiki, user: str, title: str
) -> None:
    editor = make_editor(user)
    # The mirror does not have this page yet, so its feedback would be refused.
    editor.page.route("**/compagnon/v0/feedback", lambda route: route.fulfill(status=204))
    panel, keyboard = open_editor(editor, title, user).panel, editor.page.keyboard
    assert {SYRUP, WINTER, WEIGHING} <= set(panel.titles())
    once = with_link(TEXT, "sirop de nourrissement")
    panel.link(SYRUP)
    assert editor.text() == once
    # Two links one after the other are two steps, and the keys work where the focus is left: in the panel.
    panel.link(WINTER)
    assert editor.text() == with_link(once, "hivernage des ruches")
    panel.focused()
    keyboard.press("Control+z")
    assert editor.text() == once
    assert panel.button(WINTER, "link").is_visible(), "it is offered again"
    # In the text itself the keys are the editor's own.
    editor.focus()
    keyboard.press("Control+z")
    assert editor.text() == TEXT
    panel.button(SYRUP, "link").wait_for()
    panel.link(SYRUP)
    editor.save()
    assert wiki.text(title) == once


def test_a_link_can_be_taken_back_later_while_others_stay(make_editor: MakeEditor) -> None:
    editor = open_editor(make_editor(PLAIN), "Soin", PLAIN)
    panel = editor.panel
    panel.link(SYRUP)
    panel.link(WINTER)
    editor.type_at(0, "Bonjour. ")
    panel.button(SYRUP, "revert").click()
    panel.said("said-reverted", SYRUP)
    assert editor.text() == "Bonjour. " + with_link(TEXT, "hivernage des ruches")
    assert SYRUP in panel.focused()
    assert panel.count.startswith("(")
    assert panel.suggestion(WINTER).get_by_text(panel.word("linked")).is_visible()


@pytest.mark.parametrize("user", [PLAIN, MIRROR])
def test_what_is_typed_meanwhile_does_not_lead_to_another_place(make_editor: MakeEditor, user: str) -> None:
    editor = open_editor(make_editor(user), "Soin", user)
    panel = editor.panel
    editor.type_at(0, "Le sirop de nourrissement est sucré. ")
    panel.link(SYRUP)
    typed = "Le sirop de nourrissement est sucré. " + with_link(TEXT, "sirop de nourrissement")
    assert editor.text() == typed
    # The words are gone: nothing is touched, it is said, and one click brings what fits the text now.
    editor.page.evaluate(
        "$('#wpTextbox1').textSelection('setContents', 'Avant la pesée des ruches, on attend.')"
    )
    panel.button(WINTER, "link").click()
    panel.said("changed")
    assert editor.text() == "Avant la pesée des ruches, on attend."
    assert panel.focused() == panel.word("refresh")
    editor.page.keyboard.press("Enter")
    panel.button(WINTER, "link").or_(panel.button(WINTER, "refresh")).wait_for(state="detached")
    panel.focused()
    panel.link(WEIGHING)
    assert editor.text() == "Avant la [[pesée des ruches]], on attend."


def test_a_link_set_by_hand_is_seen_and_never_doubled(make_editor: MakeEditor) -> None:
    editor = open_editor(make_editor(PLAIN), "Soin", PLAIN)
    panel = editor.panel
    editor.type_at(TEXT.index("pesée") + 1, "[[")  # JavaScript counts the bee twice
    editor.type_at(TEXT.index("pesée des ruches") + len("pesée des ruches") + 3, "]]")
    by_hand = with_link(TEXT, "pesée des ruches")
    assert editor.text() == by_hand
    panel.suggestion(WEIGHING).get_by_text(panel.word("linked")).wait_for()
    assert panel.count == f"({len(panel.titles()) - 1})"
    panel.link(WINTER)
    assert editor.text() == with_link(by_hand, "hivernage des ruches")


def test_a_suggestion_is_shown_in_the_text_and_what_was_typed_can_still_be_undone(
    make_editor: MakeEditor,
) -> None:
    for user in (PLAIN, MIRROR):
        editor = open_editor(make_editor(user), "Soin", user)
        editor.type_at(0, "Une ligne.\n" * 200)
        editor.focus()
        editor.panel.button(WEIGHING, "select").click()
        assert editor.selection() == "pesée des ruches"
        scroller = editor.page.locator(".CodeMirror-scroll" if user == MIRROR else "#wpTextbox1")
        assert scroller.evaluate("element => element.scrollTop") > 0
        editor.page.keyboard.press("Control+z")
        assert editor.text() == TEXT


def test_pages_to_see_also_share_one_section(make_editor: MakeEditor, wiki: LocalWiki) -> None:
    editor = open_editor(make_editor(PLAIN), "Soin", PLAIN)
    panel = editor.panel
    pages = panel.root.locator(".compagnon-panel-subtitle + ul .compagnon-suggestion-target a")
    titles = [link.evaluate("link => link.firstChild.data") for link in pages.all()][:2]
    assert len(titles) == 2
    for title in titles:
        panel.button(title, "add").click()
        panel.said("said-linked", title)
    first, second = titles
    both = TEXT.replace("\n\n[[Cat", f"\n\n== Voir aussi ==\n* [[{first}]]\n* [[{second}]]\n\n[[Cat")
    assert editor.text() == both
    panel.button(first, "revert").click()
    assert editor.text() == both.replace(f"* [[{first}]]\n", "")
    panel.button(second, "revert").click()
    assert editor.text() == TEXT
    editor.edit("Soin", section="0")
    panel.wait()
    assert pages.count() == 0, "a section's text does not tell where the page's section is"


def test_all_is_done_by_keyboard_and_the_focus_is_never_lost(make_editor: MakeEditor) -> None:
    editor = make_editor(MIRROR).edit("Soin")
    editor.wait_for_codemirror()
    panel, keyboard = editor.panel.wait(), editor.page.keyboard
    assert panel.toggle.get_attribute("aria-expanded") == "false"
    panel.toggle.focus()
    keyboard.press("Enter")
    assert panel.toggle.get_attribute("aria-expanded") == "true"
    first, second = panel.titles()[:2]
    for key in ("", "link", "reject", "select"):
        keyboard.press("Tab")
        assert panel.focused() == panel.word(key) if key else first in panel.focused()
    keyboard.press("Shift+Tab")
    keyboard.press("Enter")
    assert panel.focused() == panel.word("reason-everyday")
    keyboard.press("Escape")
    assert panel.focused() == panel.word("reject")
    name = editor.page.evaluate(
        "() => document.activeElement.getAttribute('aria-labelledby').split(' ')"
        ".map( id => document.getElementById(id).textContent ).join(' ')"
    )
    assert first in name, "buttons that look alike have names of their own"
    keyboard.press("Shift+Tab")
    keyboard.press("Enter")
    panel.said("said-linked", first)
    assert second in panel.focused()
    keyboard.press("Tab")
    keyboard.press("Tab")
    keyboard.press("Enter")
    panel.said("said-linked", second)
    assert editor.text() == with_link(with_link(TEXT, words_of(first)), words_of(second))
    # With the last one done, there is still somewhere to go on from.
    while panel.root.locator(".compagnon-button-primary:visible").count():
        panel.root.locator(".compagnon-button-primary:visible").first.focus()
        keyboard.press("Enter")
        panel.focused()
    assert panel.count == "(0)"


SHOWN = ["title", "why", "reason-span", "changed", "refresh", "note", "no-links", "see-also", "add"]


@pytest.mark.parametrize(("language", "user"), [("fr", PLAIN), ("en", TOOLBAR)])
def test_the_panel_is_wholly_in_the_readers_language_and_axe_finds_nothing(
    make_editor: MakeEditor, language: str, user: str
) -> None:
    skins = ("vector-2022", "timeless") if language == "fr" else ("vector", "monobook")
    editor = make_editor(user, language=language)
    panel = editor.panel
    for skin in skins:
        editor.edit("Soin", useskin=skin, uselang=language, compagnonlinks="1")
        panel.wait()
        panel.button(WEIGHING, "reject").click()
        panel.link(SYRUP)
        editor.page.evaluate("$('#wpTextbox1').textSelection('setContents', 'Rien.')")
        panel.button(WINTER, "link").click()
        panel.said("changed")
        shown = panel.root.inner_text()
        for key in SHOWN:
            assert panel.word(key) in shown
        assert "⧼" not in panel.root.inner_html(), "a message is missing"
        assert axe_violations(editor.page, ".compagnon-panel") == []


def test_it_fits_a_phone_and_a_finger_and_keeps_still_for_who_asks_that(make_editor: MakeEditor) -> None:
    phone: dict[str, Any] = {"viewport": {"width": 360, "height": 720}, "has_touch": True, "is_mobile": True}
    editor = make_editor(PLAIN, **phone, reduced_motion="reduce").edit("Soin", useskin="timeless")
    panel = editor.panel.open()
    panel.button(WEIGHING, "reject").click()
    box = panel.root.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    for button in panel.root.locator("button:visible").all():
        shape = button.bounding_box()
        assert shape is not None
        assert shape["height"] >= 44
        assert shape["x"] + shape["width"] <= box["x"] + box["width"]
    assert "0s" in panel.toggle.evaluate("button => getComputedStyle(button, '::before').transitionDuration")


def test_nothing_moves_and_nothing_is_asked_before_the_form_is_there(make_editor: MakeEditor) -> None:
    editor = make_editor(PLAIN)
    record_shifts(editor.page)
    asked: list[str] = []
    editor.page.on("request", lambda request: asked.append(request.url))
    editor.edit("Soin")
    editor.panel.wait()
    assert shifts(editor.page) == []
    [when] = [place for place, url in enumerate(asked) if "/compagnon/v0/" in url]
    assert when == len(asked) - 1 or all("load.php" in url for url in asked[when + 1 :])
    early = editor.page.evaluate(
        "() => performance.getEntriesByName("
        "performance.getEntriesByType('resource').map(e => e.name).find(n => n.includes('/compagnon/v0/'))"
        ")[0].startTime < performance.getEntriesByType('navigation')[0].domContentLoadedEventStart"
    )
    assert early is False


def test_after_a_preview_the_suggestions_are_for_the_text_as_it_is(make_editor: MakeEditor) -> None:
    editor = open_editor(make_editor(PLAIN), "Soin", PLAIN)
    editor.panel.link(SYRUP)
    with editor.page.expect_navigation():
        editor.page.locator("#wpPreview").click()
    shown = editor.panel.open().titles()
    assert {WEIGHING, WINTER} <= set(shown)
    assert SYRUP not in shown


@pytest.mark.parametrize("user", EDITORS)
def test_tab_leads_from_the_text_to_the_panel_and_on_to_the_summary(
    make_editor: MakeEditor, user: str
) -> None:
    editor = open_editor(make_editor(user), "Soin", user)
    keyboard = editor.page.keyboard
    editor.focus()
    keyboard.press("Tab")
    assert editor.panel.toggle.evaluate("toggle => toggle === document.activeElement")
    keyboard.press("Shift+Tab")
    keyboard.insert_text("Bonjour. ")
    editor.page.wait_for_function("$('#wpTextbox1').textSelection('getContents').includes('Bonjour. ')")
    keyboard.press("Tab")
    editor.panel.root.get_by_text(editor.panel.word("refresh"), exact=True).focus()
    keyboard.press("Tab")
    assert editor.page.evaluate("document.activeElement.name") == "wpSummary"


def test_what_is_written_since_is_looked_at_unasked_only_while_nobody_reads_the_panel(
    make_editor: MakeEditor,
) -> None:
    editor = make_editor(PLAIN)
    record_shifts(editor.page)
    editor.edit("Une page à écrire")
    asked: list[str] = []
    editor.page.on(
        "request", lambda request: asked.append(request.url) if "v0/links" in request.url else None
    )
    editor.page.wait_for_load_state("networkidle")
    assert editor.panel.root.is_hidden()
    editor.type_at(0, TEXT)
    panel = editor.panel.open()
    assert {SYRUP, WINTER, WEIGHING} <= set(panel.titles())
    before = len(asked)
    editor.type_at(0, f"{'On écrit encore. ' * 20}")
    editor.page.wait_for_timeout(600)  # longer than the pause in typing that is waited for
    assert len(asked) == before, "who reads the suggestions keeps them"
    panel.root.get_by_text(panel.word("refresh"), exact=True).click()
    editor.page.locator(".compagnon-panel-toggle:focus").wait_for()
    assert len(asked) == before + 1
    assert shifts(editor.page) == []
    editor.page.route("**/compagnon/v0/links", lambda route: route.fulfill(status=204))
    panel.root.get_by_text(panel.word("refresh"), exact=True).click()
    panel.said("unavailable")
    assert panel.root.locator("p", has_text=panel.word("unavailable")).is_visible()
    assert {SYRUP, WINTER, WEIGHING} <= set(panel.titles()), "those that are there stay"


HOSTILE = "<img src=x onerror=\"document.title='taken'\">"


def hostile_reply(route: "Route") -> None:
    edit = {"start": 0, "end": 0, "original": "", "replacement": HOSTILE, "before": HOSTILE, "after": ""}
    title = f"javascript:document.title='taken'//{HOSTILE}"
    texts = {"link_text": HOSTILE, "context_before": f"'''{HOSTILE}", "context_after": HOSTILE}
    link = {**texts, "link_target": title, "target_pageid": 2, "score": 1, "edit": edit}
    page = {"pageid": 3, "title": HOSTILE, "score": 1, "sentence": HOSTILE, "edit": edit}
    reply = {"pageid": 1, "revid": 1, "stale": False, "suggestions": [link], "see_also": [page]}
    route.fulfill(json={**reply, "no_links_title": title})


def test_hostile_titles_and_texts_stay_texts(make_editor: MakeEditor, page_errors: list[str]) -> None:
    editor = make_editor(PLAIN)
    editor.page.route("**/compagnon/v0/links", hostile_reply)
    editor.page.route("**/compagnon/v0/feedback", lambda route: route.fulfill(status=204))
    editor.edit("Soin")
    panel = editor.panel.open()
    assert panel.root.locator("mark").inner_text() == HOSTILE
    assert panel.root.locator("img, script").count() == 0
    for link in panel.root.locator("a").all():
        assert str(link.get_attribute("href")).startswith("/index.php")
    panel.root.get_by_text(panel.word("link"), exact=True).click()
    panel.said("changed")
    panel.root.get_by_text(panel.word("reject"), exact=True).click()
    assert panel.root.locator("img, script").count() == 0
    assert "taken" not in editor.page.title()
    assert not page_errors


def test_what_is_rejected_at_two_visits_is_gone_and_why_is_kept(
    make_editor: MakeEditor, ground: ExtensionGround
) -> None:
    editor = make_editor(PLAIN)
    panel = editor.panel
    for reason in ("everyday", "target"):
        open_editor(editor, "Soin", PLAIN)
        panel.button(WEIGHING, "reject").click()
        editor.page.keyboard.press("Escape")
        assert panel.focused() == panel.word("reject"), "a rejection can be thought over"
        with editor.page.expect_response("**/feedback") as told:
            panel.reject(WEIGHING, reason)
        assert told.value.json() == {"kept": True}
        assert WEIGHING not in panel.titles()
        assert any(title in panel.focused() for title in (WINTER, SYRUP))
    open_editor(editor, "Soin", PLAIN)
    assert WEIGHING not in panel.titles()
    assert {WINTER, SYRUP} <= set(panel.titles())
    assert editor.text() == TEXT
    [kept] = [one for one in ground.services.store.link_feedback.all() if one.rejected]
    assert kept.link_text == "pesée des ruches"


def test_without_the_service_the_editor_is_as_if_there_was_no_panel(
    make_editor: MakeEditor, ground: ExtensionGround, wiki: LocalWiki
) -> None:
    editor = make_editor(PLAIN)
    record_shifts(editor.page)
    ground.stop_service()
    try:
        with editor.page.expect_response("**/compagnon/v0/links") as reply:
            editor.edit("Soin 4")
        assert reply.value.status == 204
        assert "script-src" in (editor.page.request.get(wiki.index_url).headers["content-security-policy"])
        assert module_state(editor.page, "ext.compagnon.edit") == "ready"
        assert shifts(editor.page) == []
        assert not editor.panel.root.is_visible()
        # The wiki knows by now, and holds no place for it.
        editor.edit("Soin 4")
        assert editor.page.locator("#compagnon-panel").count() == 0
        assert shifts(editor.page) == []
        editor.type_at(0, "Bonjour. ")
        editor.save()
    finally:
        ground.start_service()
    assert wiki.text("Soin 4") == "Bonjour. " + TEXT
