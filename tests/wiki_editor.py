"""Page objects: a wiki page in its editor, the panel of suggested links below it, the box below a page."""

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tests.conftest import OpenPage
from tests.extension_ground import FOLDER
from tests.mediawiki import LocalWiki

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Locator, Page

# What moved under the reader's eyes without their doing, with the elements that moved.
_SHIFTS = """() => {
    window.shifts = [];
    new PerformanceObserver( list => list.getEntries().forEach( entry => {
        if ( !entry.hadRecentInput ) {
            entry.sources.forEach( source => window.shifts.push( source.node?.id || source.node?.nodeName ) );
        }
    } ) ).observe( { type: 'layout-shift', buffered: true } );
}"""


def be(context: "BrowserContext", wiki: LocalWiki, user: str) -> None:
    """Be a user of the wiki in this context from now on."""
    cookies = wiki.session(user).cookies
    context.add_cookies(
        [{"name": name, "value": value, "url": wiki.server_url} for name, value in cookies.items()]
    )


def record_shifts(page: "Page") -> None:
    """Record what moves by itself in the pages that are opened from now on."""
    page.add_init_script(f"({_SHIFTS})()")


def shifts(page: "Page") -> list[str]:
    """What has moved by itself: the ids, or the names, of elements."""
    # A shift is told after the frame that drew it.
    page.evaluate("() => new Promise( done => requestAnimationFrame( () => setTimeout( done, 50 ) ) )")
    found: list[str] = page.evaluate("window.shifts")
    return found


def axe_violations(page: "Page", part: str) -> list[str]:
    """What axe finds wrong with a part of the page: its rules, and where."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, context={"include": [[part]]}).response
    assert found["passes"], "axe has looked at something"
    return [
        f"{violation['id']}: {node['html']} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


class Panel:
    """The panel of suggested links.

    Args:
        page: the browser's page.
        words: the messages of the panel in the page's language, by key (i18n/fr.json).
    """

    def __init__(self, page: "Page", words: dict[str, str]) -> None:
        self._page = page
        self._words = words
        self.root = page.locator(".compagnon-panel")
        self.toggle = self.root.locator(".compagnon-panel-toggle")
        self.status = self.root.get_by_role("status")

    def word(self, key: str, *values: object) -> str:
        """A message of the panel ("link"), with its parameters."""
        text = self._words[f"compagnon-panel-{key}"]
        for place, value in enumerate(values, start=1):
            text = text.replace(f"${place}", str(value))
        return text

    def wait(self) -> "Panel":
        """Wait until it is there."""
        self.root.wait_for()
        return self

    def open(self) -> "Panel":
        """Wait until it is there, and open it."""
        self.wait().toggle.click()
        return self

    @property
    def count(self) -> str:
        """The number beside the name, in parentheses."""
        return self.root.locator(".compagnon-panel-count").inner_text()

    def titles(self) -> list[str]:
        """The pages that are suggested and shown."""
        shown = self.root.locator(".compagnon-suggestion:visible .compagnon-suggestion-target a")
        return [link.evaluate("link => link.firstChild.data") for link in shown.all()]

    def suggestion(self, title: str) -> "Locator":
        """The suggestion that leads to a page."""
        link = self._page.get_by_role("link", name=title)
        return self.root.locator(".compagnon-suggestion").filter(has=link)

    def button(self, title: str, key: str) -> "Locator":
        """A button of a suggestion, by its message."""
        words = self.suggestion(title).get_by_text(self.word(key), exact=True)
        return words.and_(self._page.locator("button"))

    def link(self, title: str) -> None:
        """Accept a suggested link, and wait until it is said."""
        self.button(title, "link").click()
        self.said("said-linked", title)

    def reject(self, title: str, reason: str) -> None:
        """Reject a suggestion for a reason ("everyday")."""
        self.button(title, "reject").click()
        self.button(title, f"reason-{reason}").click()
        self.said("said-rejected", title)

    def said(self, key: str, *values: object) -> None:
        """Wait until a message is read out."""
        self.status.get_by_text(self.word(key, *values), exact=True).wait_for(state="attached")

    def focused(self) -> str:
        """The text of what has the focus; fails when that is nothing."""
        found: str | None = self._page.evaluate(
            "() => document.activeElement === document.body ? null : document.activeElement.textContent"
        )
        assert found is not None, "the focus is lost"
        return found


class Editor:
    """A page of the wiki in its editor, by one person in one browser context.

    Args:
        browser_page: a page of the browser.
        wiki: the wiki.
        words: the messages of the page's language.
    """

    def __init__(self, browser_page: "Page", wiki: LocalWiki, words: dict[str, str]) -> None:
        self.page = browser_page
        self.panel = Panel(browser_page, words)
        self._wiki = wiki

    def edit(self, title: str, **query: str) -> "Editor":
        """Open the editor of a page."""
        address = {"title": title, "action": "edit", **query}
        self.page.goto(f"{self._wiki.index_url}?{urlencode(address)}")
        return self

    def wait_for_codemirror(self) -> None:
        """Wait until CodeMirror stands in for the text area."""
        self.page.locator(".CodeMirror").wait_for()

    def text(self) -> str:
        """The text as it is now, by the wiki's own means, without the line break that its form adds."""
        text: str = self.page.evaluate("$('#wpTextbox1').textSelection('getContents')")
        return text.removesuffix("\n")

    def type_at(self, place: int, text: str) -> None:
        """Type at an offset of the text, with the keyboard."""
        self.focus(place)
        self.page.keyboard.insert_text(text)
        # CodeMirror takes a moment to read what was typed.
        self.page.wait_for_function(
            "text => $('#wpTextbox1').textSelection('getContents').includes(text)", arg=text
        )

    def focus(self, place: int = 0) -> None:
        """Put the caret somewhere."""
        self.page.evaluate(
            "place => $('#wpTextbox1').trigger('focus').textSelection('setSelection', { start: place })",
            place,
        )

    def selection(self) -> str:
        """The selected part of the text."""
        text: str = self.page.evaluate("$('#wpTextbox1').textSelection('getSelection')")
        return text

    def save(self) -> None:
        """Save the page, and wait until it is shown."""
        with self.page.expect_navigation():
            self.page.locator("#wpSave").click()
        assert self.page.locator("#wpTextbox1").count() == 0, "it was saved"


class MakeEditor:
    """Opens editors of a wiki.

    Args:
        open_page: the test's factory of browser pages.
        wiki: the wiki.
    """

    def __init__(self, open_page: OpenPage, wiki: LocalWiki) -> None:
        self._open_page = open_page
        self._wiki = wiki

    def __call__(self, user: str, *, language: str = "fr", **options: Any) -> Editor:
        """An editor of the wiki by a user, whose panel is awaited in a language."""
        page = self._open_page(**{"viewport": {"width": 1280, "height": 900}, **options})
        be(page.context, self._wiki, user)
        words = json.loads((FOLDER / "i18n" / f"{language}.json").read_text(encoding="utf-8"))
        return Editor(page, self._wiki, words)


def module_state(page: "Page", module: str) -> Any:
    """The state of a ResourceLoader module: an exception in it leaves "error"."""
    return page.evaluate("name => mw.loader.getState(name)", module)
