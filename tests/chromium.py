"""Real Chromium, driven by Playwright: found on the machine, kept off the network, watched for errors."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# Ubuntu's `chromium-browser` is left out: it is a stub that installs a snap, which cannot read /tmp.
_PROGRAMS = ("chromium", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing outside this machine is found, whatever a page asks for.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
)
_LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")


class ChromiumMissingError(Exception):
    """There is no usable Chromium on this machine, or it does not start."""


def find_chromium() -> Path:
    """The browser to drive: COMPAGNON_CHROMIUM, or the one that the system installed.

    Raises:
        ChromiumMissingError: there is none.
    """
    if chosen := os.environ.get("COMPAGNON_CHROMIUM"):
        if shutil.which(chosen) is None:
            raise ChromiumMissingError(f"COMPAGNON_CHROMIUM is not a program: {chosen}")
        return Path(chosen)
    for program in _PROGRAMS:
        found = shutil.which(program)
        if found is not None and "snap" not in Path(found).resolve().parts:
            return Path(found)
    raise ChromiumMissingError(
        "no chromium; scripts/install-test-packages installs Debian's, on Ubuntu set COMPAGNON_CHROMIUM"
    )


@contextmanager
def start_chromium() -> Iterator["Browser"]:
    """A headless Chromium with a profile of its own, closed at the end.

    Playwright's event loop stays in this thread until then: `asyncio.run` fails meanwhile.

    Raises:
        ChromiumMissingError: there is none, or it does not start.
    """
    from playwright.sync_api import Error, sync_playwright

    program = find_chromium()
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=program,
                headless=True,
                chromium_sandbox=False,  # it refuses to run as root
                args=list(_FLAGS),
            )
        except Error as error:
            raise ChromiumMissingError(f"{program} does not start: {error}") from error
        yield browser
        browser.close()


def watch(page: "Page", errors: list[str]) -> None:
    """Add to `errors` what goes wrong in a page from now on.

    That is: errors in the console (a failed request is one), exceptions that nothing caught, and
    requests to other machines.
    """
    page.on(
        "console",
        lambda message: (
            errors.append(f"console: {message.text} ({message.location['url']})")
            if message.type == "error"
            else None
        ),
    )
    page.on("pageerror", lambda error: errors.append(f"exception: {error}"))
    page.on(
        "request",
        lambda request: (
            errors.append(f"request to another machine: {request.url}") if _leaves(request.url) else None
        ),
    )


def _leaves(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in _LOCAL_HOSTS
