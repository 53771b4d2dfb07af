"""Claims: how the wiki's extension says, so that the service can believe it, who asks for what.

A claim is the header `Compagnon-Claim: v1.PAYLOAD.SIGNATURE`. PAYLOAD is base64url, without padding, of a
JSON object `{"user", "id", "iat", "nonce", "req"}`; SIGNATURE is the same of HMAC-SHA256 over `v1.PAYLOAD`
(RFC 2104) with the secret that wiki and service share. It is good for one request, once, within a minute. It
is no JSON Web Token: there is no algorithm to choose, and so none to choose badly (RFC 8725, 3.1).
"""

import base64
import hashlib
import heapq
import hmac
import json
import logging
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from connector.errors import ConfigError

logger = logging.getLogger(__name__)

HEADER: Final = "Compagnon-Claim"
VALID_SECONDS: Final = 60
AHEAD_SECONDS: Final = 30
"""How much the wiki's clock may be ahead of ours."""
MOST_NONCES: Final = 100_000
"""Remembered at once, some 20 MB: more than a thousand requests a second, and then the next is refused."""
_LONGEST_HEADER = 4_096  # a name of 255 bytes, written as \uXXXX, needs 1,300
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+\Z")
_NONCE = re.compile(r"[0-9a-f]{32}\Z")
_LONGEST_NAME = 255
_LARGEST = 1 << 53


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Who asks, as the wiki says."""

    user: str | None
    """Name of the account in the wiki; None for somebody who is not signed in there."""
    user_id: int
    """Its number there; 0 for somebody who is not signed in."""


def request_digest(*, method: str, target: str, body: bytes) -> str:
    """Return what a claim says of the request that it goes with (`req`), 64 hexadecimal digits.

    Args:
        method: `GET` or `POST`.
        target: path and query, relative to the service's own address, as they are sent; no "?" without a
            query.
        body: as it is sent.
    """
    return hashlib.sha256(f"{method}\n{target}\n".encode("utf-8", "surrogateescape") + body).hexdigest()


def make_claim(secret: str, *, user: str | None, user_id: int, issued_at: int, nonce: str, req: str) -> str:
    """Return the value of the header, as the wiki's extension makes it."""
    content = {"user": user, "id": user_id, "iat": issued_at, "nonce": nonce, "req": req}
    return sign(secret, content, version="v1")


def sign(secret: str, content: Mapping[str, Any], *, version: str) -> str:
    """Return `VERSION.PAYLOAD.SIGNATURE`; each direction and each shape has a version of its own."""
    signed = f"{version}.{_encoded(json.dumps(content).encode())}"
    return f"{signed}.{_signature(secret, signed)}"


class ClaimChecker:
    """Tells good claims from others. Safe to share between threads.

    To be made when the process begins: claims that were issued before it are refused, because those that an
    earlier process has seen are known to nobody any more.

    Args:
        secret: says what wiki and service share; asked each time, so that a new one counts at once. None
            while there is none, and then no claim is good.
        clock: seconds since 1970.
    """

    def __init__(self, secret: Callable[[], str | None], *, clock: Callable[[], float] = time.time) -> None:
        self._secret = secret
        self._clock = clock
        self._began = int(clock())
        self._mutex = threading.Lock()
        self._seen: set[str] = set()
        self._until: list[tuple[int, str]] = []

    def check(self, header: str | None, *, method: str, target: str, body: bytes) -> Claim | None:
        """Return who asks, or None when the claim is not good; only the log says why.

        Args:
            header: the value of `Compagnon-Claim`; None when the request has none.
            method: of the request that it came with, as for `request_digest`.
            target: the same.
            body: the same.
        """
        try:
            secret = self._secret()
        except ConfigError as e:
            logger.warning("no claim can be checked: %s", e)
            return None
        if secret is None or header is None or len(header) > _LONGEST_HEADER:
            return None
        signed, _, signature = header.rpartition(".")
        # Compared as they are written: a signature can be written in one way only.
        if not hmac.compare_digest(_signature(secret, signed).encode(), _bytes(signature)):
            return None
        content = _content(signed)
        if content is None:
            logger.warning("a claim is signed as it should be, but it is of another version or incomplete")
            return None
        if not hmac.compare_digest(
            request_digest(method=method, target=target, body=body).encode(), content.req.encode()
        ):
            logger.warning("a claim came with another request than the one that it was made for")
            return None
        # Told by the same moment: a claim that ends between the two would be forgotten, and come as new.
        with self._mutex:
            now = self._clock()
            if not self._is_of_now(content.issued_at, now) or not self._is_first(content, now):
                return None
        return Claim(user=content.user, user_id=content.user_id)

    def _is_of_now(self, issued_at: int, now: float) -> bool:
        if issued_at < self._began:
            logger.info("a claim is older than this process")
            return False
        if now - issued_at > VALID_SECONDS or issued_at - now > AHEAD_SECONDS:
            logger.warning(
                "a claim was issued %.0f seconds ago: do the clocks of the wiki and of this machine agree?",
                now - issued_at,
            )
            return False
        return True

    def _is_first(self, content: "_Content", now: float) -> bool:
        """Note that a nonce was used; False when it was used before, or too many are remembered."""
        while self._until and self._until[0][0] < now:
            self._seen.discard(heapq.heappop(self._until)[1])
        if content.nonce in self._seen:
            logger.warning("a claim came a second time")
            return False
        if len(self._seen) >= MOST_NONCES:
            logger.warning("more claims come than can be told apart")
            return False
        self._seen.add(content.nonce)
        heapq.heappush(self._until, (content.issued_at + VALID_SECONDS, content.nonce))
        return True


@dataclass(frozen=True, slots=True)
class _Content:
    user: str | None
    user_id: int
    issued_at: int
    nonce: str
    req: str


def _content(signed: str) -> _Content | None:
    """Read what is signed; None when it is no claim of this version."""
    version, _, payload = signed.partition(".")
    if version != "v1" or not _BASE64URL.match(payload):
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, RecursionError):  # neither base64, nor UTF-8, nor JSON
        return None
    if not isinstance(found, dict):
        return None
    values: list[Any] = [found.get(name) for name in ("user", "id", "iat", "nonce", "req")]
    user, user_id, issued_at, nonce, req = values
    if not (user is None or (isinstance(user, str) and 0 < len(user) <= _LONGEST_NAME)):
        return None
    if not all(type(number) is int and 0 <= number <= _LARGEST for number in (user_id, issued_at)):
        return None
    if not all(isinstance(text, str) and text.isascii() for text in (nonce, req)):
        return None
    if _NONCE.match(nonce) is None:
        return None
    return _Content(user=user, user_id=user_id, issued_at=issued_at, nonce=nonce, req=req)


def _signature(secret: str, signed: str) -> str:
    return _encoded(hmac.digest(secret.encode("utf-8", "surrogateescape"), _bytes(signed), "sha256"))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
