"""The browser in which somebody is signed in.

The cookie holds a random secret, new at each sign-in, of which the database keeps the digest; so a sign-in
can be ended from elsewhere, and a cookie from before somebody signed in is worth nothing afterwards
(https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html).
"""

import re
from datetime import datetime, timedelta
from typing import Final

from flask import request, session

from connector.store import Account, SignIn, Store
from webui.config import Config

LONGEST: Final = timedelta(days=90)
"""After this everybody signs in anew, however active."""
_NOTED_EVERY: Final = timedelta(minutes=10)
"""Each use is not written down: it would cost a write a page."""
_SECRET = "sign_in"  # noqa: S105 - a key of the cookie
_WHO = "account"
_KEPT = ("csrf_token", "oauth_quiet")
_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux")
# In this order: most call themselves by the names of several.
_BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Chromium": "Chromium",
    "Safari": "Safari",
}


def begin(store: Store, config: Config, account: Account, *, now: datetime) -> None:
    """Sign the browser that makes this request in."""
    end(store)
    # Forms that the same person has open in this browser stay good, so that nothing they wrote is lost.
    kept = {key: session[key] for key in _KEPT if key in session and session.get(_WHO) == account.id}
    session.clear()
    session.update(kept)
    session.permanent = True
    session[_SECRET] = store.sign_ins.begin(
        account.id, browser=_browser(), now=now, expires_at=_until(config, created_at=now, now=now)
    )
    session[_WHO] = account.id


def find(store: Store, config: Config, *, now: datetime) -> SignIn | None:
    """Return the sign-in of the browser that makes this request, if it still holds."""
    secret = session.get(_SECRET)
    if not isinstance(secret, str):
        return None
    found = store.sign_ins.find(secret, now=now)
    if found is not None and now - found.seen_at > _NOTED_EVERY:
        expires_at = _until(config, created_at=found.created_at, now=now)
        store.sign_ins.seen(found.digest, now=now, expires_at=expires_at)
    return found


def end(store: Store) -> None:
    """Sign the browser that makes this request out."""
    secret = session.pop(_SECRET, None)
    if isinstance(secret, str):
        store.sign_ins.end(secret)


def leave(store: Store) -> None:
    """Sign out on the person's own wish: nothing of them stays in the cookie."""
    end(store)
    session.clear()


def was_signed_in() -> bool:
    """Whether somebody has been signed in in this browser before, and did not sign out."""
    return _WHO in session


def _until(config: Config, *, created_at: datetime, now: datetime) -> datetime:
    return min(now + timedelta(days=config.number("web.sign_in_days")), created_at + LONGEST)


def _browser() -> str:
    """Return how the browser calls itself, short enough for a list: "Firefox, Linux"."""
    text = request.headers.get("User-Agent", "")
    name = next((name for key, name in _BROWSERS.items() if re.search(rf"\b{key}/", text)), "")
    system = next((system for system in _SYSTEMS if system in text), "").replace("Mac OS X", "macOS")
    return ", ".join(part for part in (name, system) if part)
