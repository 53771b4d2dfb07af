"""Suggested links in VisualEditor: the real one, with Parsoid, in a real wiki and a real browser."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import OpenPage, WikiTemplates
from tests.extension_ground import ExtensionGround, extension_ground
from tests.mediawiki import LocalWiki
from tests.wiki_editor import axe_violations, be

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Route

pytestmark = [pytest.mark.model, pytest.mark.wiki]

USER = "Aline Ferrand"
# The same word where a link may go, and where none may: what stands there is nobody's but the page's.
TEXT = """Un bac à compost se '''retourne''' souvent. Le compost aime l'air.

== Le compost ==
Le [[Accueil|compost]] nourrit le ''potager''. Le compost chaud.<ref>Un compost.</ref> Le {{lc:Compost}} et \
<code>compost</code> puis le com'''post''' frais. [https://example.org du compost], <nowiki>compost</nowiki>.

{| class="wikitable"
|-
! Nom !! compost
|-
| style="color:#333" | compost
| Le bac
|}
[[Fichier:Absent.jpg|vignette|Un compost]]
<pre>
compost
</pre>
<blockquote>compost cité</blockquote>
* compost
* compost
* compost
# Le ''compost'' mûr, le '''bon''' compost&nbsp;!

Fin du compost. [[Catégorie:Compost]]"""
# Which of them, counted from one, may become a link.
LINKABLE = (1, 2, 5, 10, 11, 15, 16, 17, 18, 19, 20)
NO_LINK = (3, 4, 6, 7, 8, 9, 12, 13, 14)
SOURCE_MODE = """\
$wgVisualEditorEnableWikitext = true;
$wgDefaultUserOptions['visualeditor-newwikitext'] = true;"""
CSP = "$wgCSPHeader = true;"

Answer = Callable[[str], Sequence[dict[str, Any]]]


def place(text: str, words: str, number: int) -> int:
    """Where the words stand for the `number`th time."""
    at = -1
    for _ in range(number):
        at = text.index(words, at + 1)
    return at


def suggest(text: str, words: str, number: int, target: str) -> dict[str, Any]:
    """A suggestion as the service makes it (all characters of these texts are one code unit)."""
    start = place(text, words, number)
    end = start + len(words)
    return {
        "link_text": words,
        "link_target": target,
        "target_pageid": 1,
        "score": 0.9,
        "context_before": text[max(0, start - 60) : start],
        "context_after": text[end : end + 60],
        "edit": {
            "start": start,
            "end": end,
            "original": words,
            "replacement": f"[[{target}|{words}]]",
            "before": text[max(0, start - 40) : start],
            "after": text[end : end + 40],
        },
    }


def linked(text: str, words: str, number: int, target: str) -> str:
    start = place(text, words, number)
    return f"{text[:start]}[[{target}|{words}]]{text[start + len(words) :]}"


@pytest.fixture(scope="module")
def ground(
    wiki_templates: WikiTemplates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ExtensionGround]:
    wiki = wiki_templates.get("fr").copy(tmp_path_factory.mktemp("wiki") / "visualeditor")
    wiki.enable_extension("VisualEditor", SOURCE_MODE)
    wiki.enable_extension("Cite")
    wiki.edit("Bac à compost", "Un bac où les déchets du jardin deviennent de la terre.")
    wiki.edit("Grelinette", "Un outil qui ameublit la terre sans la retourner.")
    wiki.edit("Fête du jardin", "Au printemps 🐝, on vide le '''bac à compost''' et on prête la grelinette.")
    wiki.edit("Essai", TEXT, user=USER)
    data_dir = tmp_path_factory.mktemp("data")
    with extension_ground(wiki, data_dir, settings=CSP) as ground:
        yield ground
    wiki.discard()


@pytest.fixture
def wiki(ground: ExtensionGround) -> LocalWiki:
    return ground.wiki


@pytest.fixture
def page(open_page: OpenPage, page_options: dict[str, Any], wiki: LocalWiki) -> "Page":
    page = open_page(**page_options)
    be(page.context, wiki, USER)
    return page


def answer(page: "Page", make: Answer) -> list[dict[str, Any]]:
    """Answer for the service with `make(wikitext)`; returns what is posted, as it comes."""
    posted: list[dict[str, Any]] = []

    def links(route: "Route") -> None:
        body = json.loads(route.request.post_data or "")
        posted.append(body)
        reply = {
            "pageid": body["pageid"],
            "revid": body["revid"],
            "stale": False,
            "suggestions": make(body["wikitext"]),
            "see_also": [],
            "no_links_title": "MediaWiki:Compagnon-no-links",
        }
        route.fulfill(json=reply)

    def feedback(route: "Route") -> None:
        posted.append(json.loads(route.request.post_data or ""))
        route.fulfill(status=204)

    page.route("**/compagnon/v0/links", links)
    page.route("**/compagnon/v0/feedback", feedback)
    return posted


def edit(page: "Page", wiki: LocalWiki, title: str, **query: str) -> None:
    """Open VisualEditor and wait until it is ready."""
    given = "&".join(f"{name}={value}" for name, value in {"veaction": "edit", **query}.items())
    page.goto(f"{wiki.index_url}/{title}?vehidebetadialog=1&{given}")
    page.locator(".ve-active .ve-ce-documentNode").wait_for()


def save(page: "Page") -> None:
    page.locator(".oo-ui-tool-name-showSave a").click()
    page.locator(".ve-ui-mwSaveDialog .oo-ui-processDialog-actions-primary a").click()
    page.locator("html:not(.ve-active):not(.ve-deactivating)").wait_for(state="attached")


def tool(page: "Page") -> "Locator":
    return page.locator(".oo-ui-tool-name-compagnonLinks a")


def suggestions(page: "Page") -> "Locator":
    return page.locator(".compagnon-suggestion")


def press(suggestion: "Locator", name: str) -> None:
    suggestion.get_by_role("button", name=name).click()


def test_the_service_suggests_a_click_links_an_undo_takes_back_and_nothing_else_changes(
    page: "Page", wiki: LocalWiki, ground: ExtensionGround
) -> None:
    before = wiki.text("Fête du jardin")
    edit(page, wiki, "Fête du jardin")
    tool(page).filter(has_text="Liens suggérés (").click()
    offer = suggestions(page).filter(has=page.get_by_role("link", name="Bac à compost"))
    links = page.locator(".ve-ce-linkAnnotation")
    press(offer, "Créer le lien")
    links.first.wait_for()
    assert links.all_inner_texts() == ["bac à compost"]
    page.locator(".oo-ui-tool-name-undo a").click()
    offer.get_by_role("button", name="Créer le lien").wait_for()
    assert links.count() == 0
    assert "oo-ui-widget-disabled" in (page.locator(".oo-ui-tool-name-undo").get_attribute("class") or "")
    press(offer, "Créer le lien")
    save(page)
    assert wiki.text("Fête du jardin") == before.replace("bac à compost", "[[bac à compost]]")
    [judged] = [each for each in ground.services.store.link_feedback.all() if each.accepted]
    assert judged.link_text == "bac à compost"


def test_each_word_is_linked_where_the_service_means_it_and_in_no_other_place(
    page: "Page", wiki: LocalWiki
) -> None:
    numbers = sorted((*LINKABLE, *NO_LINK))
    answer(page, lambda text: [suggest(text, "compost", number, f"Cible {number}") for number in numbers])
    edit(page, wiki, "Essai")
    tool(page).click()
    page.locator(".compagnon-panel-more").click()
    for number in numbers:
        press(suggestions(page).nth(number - 1), "Créer le lien")
    done = [number for number in numbers if "Lien créé" in suggestions(page).nth(number - 1).inner_text()]
    assert tuple(done) == LINKABLE
    save(page)
    expected = TEXT
    for number in reversed(LINKABLE):
        expected = linked(expected, "compost", number, f"Cible {number}")
    assert wiki.text("Essai") == expected


def test_a_word_is_found_again_in_a_text_that_is_being_written(page: "Page", wiki: LocalWiki) -> None:
    text = "Le compost chauffe.\n\nAu jardin, le compost se tamise."
    wiki.edit("Tamis", text)
    posted = answer(page, lambda now: [suggest(now, "compost", 2, "Compostage")] if "tamise" in now else [])
    edit(page, wiki, "Tamis")
    tool(page).click()
    document = page.locator(".ve-ce-documentNode p")
    # The panel takes the focus once it has opened, and with it what is typed.
    page.wait_for_function("document.activeElement.closest('.compagnon-panel') !== null")
    document.first.click()
    # VisualEditor learns a little later than the browser where the caret is.
    caret = "ve.init.target.getSurface().getModel().getSelection().getRange().from"
    page.wait_for_function(f"{caret} > 1")
    page.keyboard.press("Control+Home")
    page.wait_for_function(f"{caret} === 1")
    page.keyboard.type("Un compost de plus. ", delay=30)
    document.first.get_by_text("Un compost de plus. Le compost").wait_for()
    press(suggestions(page).first, "Créer le lien")
    assert document.nth(1).locator(".ve-ce-linkAnnotation").inner_text() == "compost"
    press(suggestions(page).first, "Défaire")
    assert page.locator(".ve-ce-linkAnnotation").count() == 0
    document.nth(1).click()
    page.keyboard.press("End")
    page.keyboard.press("Shift+Home")
    page.wait_for_function("!ve.init.target.getSurface().getModel().getSelection().isCollapsed()")
    page.keyboard.type("Le tamis reste.", delay=30)
    document.nth(1).get_by_text("Le tamis reste.", exact=True).wait_for()
    press(suggestions(page).first, "Créer le lien")
    assert page.locator(".ve-ce-linkAnnotation").count() == 0
    press(suggestions(page).first, "Chercher à nouveau")
    page.get_by_text("Aucune suggestion").or_(page.get_by_text("Suggestions pour le texte")).wait_for(
        state="attached"
    )
    assert [body["wikitext"] for body in posted if "wikitext" in body] == [
        text,
        "Un compost de plus. Le compost chauffe.\n\nLe tamis reste.",
    ]


def test_everything_goes_by_keyboard_and_a_rejection_says_why(page: "Page", wiki: LocalWiki) -> None:
    posted = answer(page, lambda text: [suggest(text, "grelinette", 1, "Grelinette")])
    wiki.edit("Outils", "On prête la grelinette le samedi.")
    edit(page, wiki, "Outils")
    tool(page).wait_for()
    tool(page).focus()
    page.keyboard.press("Enter")
    offer = suggestions(page).first
    offer.wait_for()
    page.wait_for_function("document.activeElement.classList.contains('compagnon-panel-heading')")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    accept = offer.get_by_role("button", name="Créer le lien")
    assert accept.evaluate("button => button === document.activeElement")
    offer.get_by_role("button", name="Montrer dans le texte").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.getSelection().toString() === 'grelinette'")
    accept.focus()
    page.keyboard.press("Enter")
    links = page.locator(".ve-ce-linkAnnotation", has_text="grelinette")
    assert links.count() == 1
    page.keyboard.press("Control+z")
    accept.wait_for()
    assert links.count() == 0
    offer.get_by_role("button", name="Pas celui-ci").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    assert offer.get_by_role("button", name="Pas celui-ci").evaluate("one => one === document.activeElement")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert offer.count() == 0
    assert (posted[-1]["verdict"], posted[-1]["reason"]) == ("rejected", "target")
    page.keyboard.press("Escape")
    page.locator(".compagnon-panel").wait_for(state="hidden")
    page.wait_for_function("document.activeElement.classList.contains('ve-ce-documentNode')")


def test_the_panel_follows_the_mode_and_goes_with_the_editor(page: "Page", wiki: LocalWiki) -> None:
    text = "Le ''terreau'' est mûr.\n\nLe terreau est tamisé."
    wiki.edit("Terreau", text)
    answer(page, lambda now: [suggest(now, "terreau", 2, "Compost")])
    edit(page, wiki, "Terreau", compagnonlinks="1")
    suggestions(page).first.wait_for()
    assert page.evaluate("document.activeElement.classList.contains('ve-ce-documentNode')")
    switch(page, "Source")
    suggestions(page).first.wait_for()
    assert page.locator(".compagnon-panel").count() == 1
    press(suggestions(page).first, "Créer le lien")
    source = "ve.init.target.getSurface().getDom().trim()"
    assert page.evaluate(source) == linked(text, "terreau", 2, "Compost")
    page.keyboard.press("Control+z")
    assert page.evaluate(source) == text
    press(suggestions(page).first, "Créer le lien")
    press(suggestions(page).first, "Défaire")
    assert page.evaluate(source) == text
    page.evaluate("ve.init.target.edited = false")
    switch(page, "Visual")
    suggestions(page).first.wait_for()
    assert page.locator(".compagnon-panel").count() == 1
    page.locator("#ca-view a").click()
    page.locator("html:not(.ve-active):not(.ve-deactivating)").wait_for(state="attached")
    assert page.locator(".compagnon-panel").count() == 0
    assert page.locator("#mw-content-text p").first.is_visible()
    page.locator("#ca-ve-edit a").click()
    page.locator(".ve-active .ve-ce-documentNode").wait_for()
    tool(page).filter(has_text="(1)").wait_for()
    assert tool(page).count() == 1


def switch(page: "Page", mode: str) -> None:
    page.evaluate("ve.init.target.getSurface().$element.addClass('before-the-switch')")
    page.locator(".ve-ui-toolbar-group-editMode .oo-ui-popupToolGroup-handle").click()
    page.locator(f".oo-ui-tool-name-editMode{mode} a").click()
    page.locator(".ve-ui-surface:not(.before-the-switch)").wait_for()


def test_the_panel_speaks_english_and_axe_finds_nothing(page: "Page", wiki: LocalWiki) -> None:
    names = ("Compost", "Grelinette", "Accueil", "Terreau", "Tamis")
    answer(page, lambda text: [suggest(text, "jardin", 1, name) for name in names])
    edit(page, wiki, "Bac_à_compost", uselang="en", compagnonlinks="1")
    suggestions(page).first.wait_for()
    assert tool(page).inner_text() == f"Suggested links ({len(names)})"
    press(suggestions(page).nth(0), "Link it")
    press(suggestions(page).nth(1), "Not this one")
    assert axe_violations(page, ".compagnon-visualeditor") == []
    assert axe_violations(page, ".oo-ui-tool-name-compagnonLinks") == []
    # The same words are a link by now: no second one is put into it.
    press(suggestions(page).nth(2), "Link it")
    assert page.locator(".ve-ce-linkAnnotation").count() == 1


def test_without_the_service_visualeditor_is_as_it_is_without_the_extension(
    page: "Page", wiki: LocalWiki, ground: ExtensionGround
) -> None:
    wiki.edit("Paillage", "La paille garde l'eau.")
    ground.stop_service()
    try:
        with page.expect_response("**/compagnon/v0/links") as replied:
            edit(page, wiki, "Paillage", compagnonlinks="1")
        assert replied.value.status < 500
        page.keyboard.type("Au jardin. ")
        assert tool(page).is_hidden()
        assert page.locator(".compagnon-panel").is_hidden()
        save(page)
        assert wiki.text("Paillage") == "Au jardin. La paille garde l'eau."
    finally:
        ground.start_service()
        ground.forget_failures()
