"""The web pages of some services, served on this machine while a browser looks at them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from werkzeug.serving import make_server

from webui.app import create_app
from webui.bootstrap import Services

if TYPE_CHECKING:
    from playwright.sync_api import Page


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
