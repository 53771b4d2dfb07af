"""Recognizing who makes a request: by a token, by the browser's sign-in, or as a trusted proxy says."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from flask import g, request

from connector.errors import SignInWantedError, WikiUnavailableError
from connector.store.access_tokens import TOKEN_PREFIX, TokenKind
from webui.owner_token import bearer_token, shows_owner_token
from webui.rights.readers import Reader
from webui.rights.rights import Everything
from webui.rights.roles import Role, role_in
from webui.sign_in import sessions as sign_in_sessions
from webui.sign_in.modes import SignInMode, sign_in_mode

if TYPE_CHECKING:
    from connector.store import Account
    from webui.rights.reader_parts import ReaderParts

_TOKEN_NOTED_EVERY: Final = timedelta(minutes=1)
"""Each use is not written down: programs ask often."""
_SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))
_FOR_PROGRAMS = ("/api/", "/metrics")


class Readers:
    """Knows them.

    Args:
        parts: the services.
    """

    def __init__(self, parts: "ReaderParts") -> None:
        self._parts = parts
        self._config = parts.config

    def of_request(self) -> Reader:
        """Return who makes the request that is being answered.

        A token says so to programs only: on pages, where one makes tokens and has oneself erased, one that
        was found by somebody else would be worth as much as signing in. Proxies show pages tokens of theirs.

        Raises:
            SignInWantedError: it shows a token that is good for nothing.
        """
        mode = sign_in_mode(self._config)
        token = bearer_token() if request.path.startswith(_FOR_PROGRAMS) else None
        if mode is SignInMode.OFF or shows_owner_token(self._parts.index_lock, self._config):
            return Reader(role=Role.ADMINISTRATOR, readable=Everything())
        try:
            account = self._of_token(token) if token else self._of_browser(mode)
        except WikiUnavailableError:
            g.wiki_is_away = True
            account = None
        return self.reader_of(account)

    def reader_of(self, account: "Account | None") -> Reader:
        """Return somebody who is signed in, or a visitor, with their role and what they may read."""
        role = Role.VISITOR if account is None else role_in(account.groups, self._config)
        rights = self._parts.rights
        readable = rights.of_nobody() if account is None else rights.of_account(account)
        return Reader(role=role, readable=readable, account=account)

    @property
    def anybody_reads(self) -> bool:
        """Whether who has not signed in may read and search what the wiki shows to everybody."""
        if sign_in_mode(self._config) is SignInMode.OFF:
            return True
        site = self._parts.site()
        return bool(self._config.values["web.public_reading"]) and site is not None and not site.private

    def owner_of(self, token: str, *, kind: TokenKind) -> "Account | None":
        """Return whose token it is, as the wiki has them now, and note that it was used.

        None when it is not known, is good for something else, has expired or was revoked, and when its owner
        is blocked or gone.

        Raises:
            WikiUnavailableError: the wiki has not said for a quarter of an hour who people are.
        """
        store, now = self._parts.store, datetime.now(UTC)
        found = (
            store.access_tokens.find(token, now=now, kind=kind) if token.startswith(TOKEN_PREFIX) else None
        )
        account = None if found is None else store.accounts.get(found.account_id)
        current = None if account is None else self._parts.wiki_accounts.current(account)
        if found is None or current is None:
            return None
        if found.used_at is None or now - found.used_at > _TOKEN_NOTED_EVERY:
            store.access_tokens.used(found.id, now=now)
        return current

    def _of_token(self, token: str) -> "Account":
        account = self.owner_of(token, kind="api")
        if account is None:
            raise SignInWantedError("this token is not known, has expired or was revoked")
        return account

    def _of_browser(self, mode: SignInMode) -> "Account | None":
        # What a browser sends by itself, to whatever page makes it, must not change anything through the API.
        if request.path.startswith("/api/") and request.method not in _SAFE_METHODS:
            return None
        if mode is SignInMode.PROXY:
            return self._of_proxy()
        store = self._parts.store
        sign_in = sign_in_sessions.find(store, self._config, now=datetime.now(UTC))
        account = None if sign_in is None else store.accounts.get(sign_in.account_id)
        return None if account is None else self._parts.wiki_accounts.current(account)

    def _of_proxy(self) -> "Account | None":
        """Return whom the proxy names, if it is one that is trusted."""
        if request.remote_addr not in self._config.texts("web.trusted_proxies"):
            return None
        said = request.headers.get(self._config.text("web.proxy_header"), "")
        try:
            name = said.encode("latin-1").decode("utf-8")  # WSGI reads headers as Latin-1 (PEP 3333)
        except (UnicodeEncodeError, UnicodeDecodeError):
            name = said
        name = " ".join(name.replace("_", " ").split())
        if not name:
            return None
        account = self._parts.wiki_accounts.named(name)
        if account is None:
            g.unknown_to_wiki = name
        return account
