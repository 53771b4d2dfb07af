"""Ways through the wiki's sign-in that were begun in this browser and are not at their end yet.

They stand in the browser's own signed cookie: who comes back with a code must be who was sent for it.
"""

import time
from dataclasses import asdict, dataclass
from typing import Any, Final

from flask import session

from webui.sign_in.oauth import new_secret

LONGEST_SECONDS: Final = 900.0
"""Time to sign in to the wiki, with a second factor, and to read what is asked."""
QUIET_PAUSE_SECONDS: Final = 600.0
"""A browser that was sent through the wiki without being asked is not sent again so soon."""
_MOST = 4
_FLOWS = "oauth"
_QUIET = "oauth_quiet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One of them."""

    state: str
    verifier: str
    next_path: str
    """Where the person wants to be afterwards."""
    quiet: bool
    """Whether they were sent without having asked for it."""
    begun_at: float


def begin_flow(*, next_path: str, quiet: bool) -> Flow:
    """Begin one."""
    now = time.time()
    flow = Flow(state=new_secret(), verifier=new_secret(), next_path=next_path, quiet=quiet, begun_at=now)
    others = [each for each in _kept() if now - each["begun_at"] < LONGEST_SECONDS]
    session[_FLOWS] = [*others[1 - _MOST :], asdict(flow)]
    if quiet:
        session[_QUIET] = now
    return flow


def end_flow(state: str | None) -> Flow | None:
    """Return the flow that a browser comes back from, once; None when it was none of its own, or too slow."""
    kept = _kept()
    found = [each for each in kept if each["state"] == state]
    session[_FLOWS] = [each for each in kept if each["state"] != state]
    if not found or not 0 <= time.time() - found[0]["begun_at"] < LONGEST_SECONDS:
        return None
    return Flow(**found[0])


def may_be_quiet() -> bool:
    """Whether this browser may be sent through the wiki unasked: not in circles."""
    return time.time() - float(session.get(_QUIET, 0.0)) > QUIET_PAUSE_SECONDS


def _kept() -> list[dict[str, Any]]:
    kept = session.get(_FLOWS, [])
    return list(kept) if isinstance(kept, list) else []
