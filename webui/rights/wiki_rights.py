"""Asking the wiki, through its extension, what one of its accounts may read, and who that is.

The other direction of `webui.claims`: the header `Compagnon-Service: s1.PAYLOAD.SIGNATURE` shows that the
service asks. PAYLOAD is base64url, without padding, of a JSON object `{"iat", "nonce", "req"}`; SIGNATURE is
the same of HMAC-SHA256 over `s1.PAYLOAD` with the secret that wiki and service share. The version stands
under the signature, so that nothing signed in one direction is good in the other.
"""

import json
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from connector.errors import WikiUnavailableError
from connector.transport import ApiAddress, ReplyFault, WikiSession
from connector.users import WikiUser
from webui.claims import request_digest, sign

HEADER: Final = "Compagnon-Service"
ROUTE: Final = "/compagnon/v0/readable"
MOST_PAGES: Final = 500
"""In one request."""
_VERSION = "s1"
_SECONDS = 4.0


class NoExtensionError(WikiUnavailableError):
    """The wiki has no extension that answers the service: it is asked in another way."""


class WikiRights:
    """Asks the extension. Safe to share between threads.

    Args:
        api_url: address of the wiki's api.php.
        secret: what wiki and service share.
        clock: seconds since 1970.
    """

    def __init__(self, api_url: str, *, secret: str, clock: Callable[[], float] = time.time) -> None:
        address = ApiAddress.parse(api_url)
        self._url = f"{address.url.removesuffix('api.php')}rest.php{ROUTE}"
        self._secret = secret
        self._clock = clock
        self._local = threading.local()

    def readable(self, user_id: int, pageids: Sequence[int]) -> frozenset[int]:
        """Return those of the pages that an account may read; none when there is no such account any more.

        Raises:
            NoExtensionError: the wiki has no extension that knows the secret.
            WikiUnavailableError: it does not answer.
        """
        found: set[int] = set()
        for start in range(0, len(pageids), MOST_PAGES):
            part = list(pageids[start : start + MOST_PAGES])
            told = self._ask(user_id, part).get("pageids")
            if not isinstance(told, list):
                raise self._nonsense()
            found.update(set(part).intersection(number for number in told if isinstance(number, int)))
        return frozenset(found)

    def person(self, user_id: int) -> WikiUser | None:
        """Return who has an account; None when there is no such account, or the wiki hides or locks it.

        Raises:
            NoExtensionError, WikiUnavailableError: as `readable`.
        """
        told = self._ask(user_id, []).get("user")
        if told is None:
            return None
        try:
            return WikiUser(
                id=int(told["id"]),
                name=str(told["name"]),
                groups=tuple(str(group) for group in told["groups"]),
                blocked=told["blocked"] is not False,
            )
        except (KeyError, TypeError, ValueError) as e:
            raise self._nonsense() from e

    def _ask(self, user_id: int, pageids: Sequence[int]) -> dict[str, Any]:
        body = json.dumps({"user": user_id, "pageids": list(pageids)}).encode()
        header = service_header(
            self._secret,
            issued_at=int(self._clock()),
            nonce=secrets.token_hex(16),
            req=request_digest(method="POST", target=ROUTE, body=body),
        )
        session = self._session()
        try:
            reply = session.post(
                self._url, data=body, headers={HEADER: header, "Content-Type": "application/json"}
            )
            told = reply.json()
        except ReplyFault as e:
            # 404: no such route, or the wiki has no secret; 403: it has another one, or another time.
            kind = WikiUnavailableError if e.passing else NoExtensionError
            raise kind(f"the wiki's extension {e.reason.partition(':')[0]}", url=self._url) from e
        except ValueError as e:  # no JSON
            raise self._nonsense() from e
        finally:
            session.cookies.clear()
        if not isinstance(told, dict):
            raise self._nonsense()
        return told

    def _session(self) -> WikiSession:
        """Return a line to the wiki that stays open: one for each thread."""
        session: WikiSession | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = WikiSession(
                user_agent="Compagnon", timeout_seconds=_SECONDS, body_seconds=_SECONDS
            )
        return session

    def _nonsense(self) -> WikiUnavailableError:
        return WikiUnavailableError("the wiki's extension does not answer as Compagnon's does", url=self._url)


def service_header(secret: str, *, issued_at: int, nonce: str, req: str) -> str:
    """Return the value of the header by which the service shows the wiki who asks.

    Args:
        secret: what wiki and service share.
        issued_at: seconds since 1970.
        nonce: 32 hexadecimal digits that were never used.
        req: of the request, see `webui.claims.request_digest`.
    """
    return sign(secret, {"iat": issued_at, "nonce": nonce, "req": req}, version=_VERSION)
