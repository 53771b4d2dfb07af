"""The web pages of some services, served on this machine while a browser looks at them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from werkzeug.serving import make_server

from webui.app import create_app
from webui.bootstrap import Services

if TYPE_CHECKING:
    from playwright.sync_api import Page


LONGEST_WAY = 60
"""How often somebody presses the tabulator at most, to get somewhere."""
# What has the focus: what it is called, and whether it can be seen that it has it.
_FOCUSED = """() => {
    const it = document.activeElement, box = it.getBoundingClientRect(), drawn = getComputedStyle(it);
    const name = it.getAttribute("aria-label") || it.labels?.[0]?.innerText || it.innerText || it.value || "";
    const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    const stroked = [...it.querySelectorAll("circle")].some((each) =>
        parseFloat(getComputedStyle(each).strokeWidth) >= 3);
    const marked = drawn.outlineStyle !== "none" || drawn.boxShadow !== "none" || stroked;
    return [name, inside && box.width > 0 && marked, it.outerHTML.slice(0, 160)];
}"""


@contextmanager
def served(services: Services) -> Iterator[str]:
    """Give the address; the server and its thread end with the block."""
    server = make_server("127.0.0.1", 0, create_app(services), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def too_wide(page: "Page") -> list[str]:
    """What one would have to scroll to the side for."""
    script = """() => document.documentElement.scrollWidth <= window.innerWidth ? [] :
        [...document.querySelectorAll("body *")]
            .filter((each) => each.getBoundingClientRect().right > window.innerWidth + 1)
            .map((each) => each.outerHTML.slice(0, 120))"""
    found: list[str] = page.evaluate(script)
    return found


def tab_to(page: "Page", *words: str) -> None:
    """Press the tabulator until what is called by these words has the focus; all on the way show theirs."""
    passed: list[str] = []
    for _ in range(LONGEST_WAY):
        page.keyboard.press("Tab")
        found, seen, html = page.evaluate(_FOCUSED)
        if html.startswith("<body"):
            break  # the end of the page
        if not seen:  # the page may still scroll there
            page.wait_for_timeout(400)
            found, seen, html = page.evaluate(_FOCUSED)
        assert seen, f"has the focus and does not show it: {html}"
        passed.append(" ".join(found.split()))
        if all(each in passed[-1] for each in words):
            return
    pytest.fail(f"the tabulator does not lead to {words}: {passed}")
