"""The wiki under a person's own name: with what they granted, or a bot password that they let us keep."""

import hashlib
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

from connector.errors import WikiLoginError
from webui.sign_in.credentials import BotPassword, Credential, Credentials, OAuthGrant
from webui.sign_in.oauth import GrantRefusedError, OAuthProvider

if TYPE_CHECKING:
    from connector.wiki import MediaWiki

LEEWAY_SECONDS: Final = 30.0
"""A token that ends so soon is renewed first: it must last for what is begun with it."""
_MOST_KEPT = 200


class Connect(Protocol):
    """Connects to the wiki: `Services.connect` does."""

    def __call__(
        self, *, user: str | None, password: str | None, bearer: str | None = None, patient: bool = True
    ) -> "MediaWiki":
        """Return the wiki under an account."""
        ...


class OwnWikis:
    """Gives them. Safe to share between threads, and to use in several processes at once.

    Args:
        credentials: where they are kept.
        connect: connects.
        provider: where grants are renewed; None where the wiki has no OAuth client for us.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        credentials: Credentials,
        connect: Connect,
        *,
        provider: OAuthProvider | None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._credentials = credentials
        self._connect = connect
        self._provider = provider
        self._clock = clock
        self._renewing = threading.Lock()
        # Logged in already: a bot password would log in at each question.
        self._kept: dict[tuple[int, bool], tuple[str, MediaWiki]] = {}
        self._lent: dict[int, MediaWiki] = {}

    def of(self, account_id: int, *, patient: bool = True) -> "MediaWiki | None":
        """Return the wiki under somebody's own account; None without a credential that is still good.

        Args:
            account_id: who.
            patient: as in `Services.connect`.

        Raises:
            WikiUnavailableError: their grant has to be renewed, and the wiki does not answer.
        """
        credential = self._usable(account_id)
        if credential is None:
            return None
        mark = hashlib.sha256(repr_of(credential).encode()).hexdigest()
        kept = self._kept.get((account_id, patient))
        if kept is not None and kept[0] == mark:
            return kept[1]
        if isinstance(credential, OAuthGrant):
            wiki = self._connect(user=None, password=None, bearer=credential.access_token, patient=patient)
        else:
            wiki = self._connect(user=credential.user, password=credential.password, patient=patient)
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[account_id, patient] = (mark, wiki)
        return wiki

    def lend(self, account_id: int, given: BotPassword) -> None:
        """Ask the wiki what somebody may read with a bot password that they do not want to be kept.

        It stays in this process's memory, is on no disk, and is never used to publish; it goes when they sign
        out, when the wiki refuses it, and with the process.
        """
        if len(self._lent) >= _MOST_KEPT:
            self._lent.pop(next(iter(self._lent)), None)
        self._lent[account_id] = self._connect(user=given.user, password=given.password, patient=False)

    def is_lent(self, account_id: int) -> bool:
        """Whether the wiki can be asked with a bot password that is not kept."""
        return account_id in self._lent

    def take_back(self, account_id: int) -> None:
        """Forget a bot password that was lent; one that is kept stays."""
        self._lent.pop(account_id, None)

    def for_reading(self, account_id: int) -> "MediaWiki | None":
        """Return the wiki under somebody's own account, to ask what they may read; None without a way.

        Raises:
            WikiUnavailableError: as `of`.
        """
        return self.of(account_id, patient=False) or self._lent.get(account_id)

    def can_act(self, account_id: int) -> bool:
        """Whether there is a credential of somebody that is still good.

        Raises:
            WikiUnavailableError: as `of`.
        """
        return self._usable(account_id) is not None

    def has_expired(self, account_id: int) -> bool:
        """Whether somebody's grant has ended for good: only the wiki, through their browser, gives another.

        Raises:
            WikiUnavailableError: as `of`.
        """
        before = self._credentials.of(account_id)
        return isinstance(before, OAuthGrant) and self._usable(account_id) is None

    def is_refused(self, account_id: int) -> bool:
        """Ask the wiki whether it still takes somebody's credential, and forget one that it refuses.

        To be called when something that was done with it was refused, which can have other reasons.

        Raises:
            WikiUnavailableError: the wiki does not answer.
        """
        self.take_back(account_id)
        self._kept.pop((account_id, False), None)
        self._kept.pop((account_id, True), None)
        wiki = self.of(account_id, patient=False)
        if wiki is None:
            return True
        try:
            wiki.me()
        except WikiLoginError:
            self.forget(account_id)
            return True
        return False

    def forget(self, account_id: int) -> None:
        """Forget somebody's credential, lent or kept."""
        self.take_back(account_id)
        self._credentials.forget(account_id)
        self._kept.pop((account_id, False), None)
        self._kept.pop((account_id, True), None)

    def _usable(self, account_id: int) -> Credential | None:
        """Return a credential that is still good, renewed where that is needed and possible."""
        credential = self._credentials.of(account_id)
        if not isinstance(credential, OAuthGrant) or self._is_good(credential):
            return credential
        if self._provider is None or credential.refresh_token is None:
            return None
        with self._renewing:
            # A refresh token is good once: another thread or process may have used it.
            newest = self._credentials.of(account_id)
            if newest != credential:
                return newest if not isinstance(newest, OAuthGrant) or self._is_good(newest) else None
            try:
                renewed = self._provider.refresh(credential)
            except GrantRefusedError:
                newest = self._credentials.of(account_id)
                if newest != credential:
                    return newest
                # Kept without what is of no use any more: the wiki need not be asked again.
                spent = OAuthGrant(
                    access_token=credential.access_token,
                    refresh_token=None,
                    expires_at=credential.expires_at,
                )
                self._credentials.exchange(account_id, credential, spent)
                return None
            if self._credentials.exchange(account_id, credential, renewed):
                return renewed
            # While the wiki was asked they signed in anew; or out everywhere, and then nothing is kept.
            newest = self._credentials.of(account_id)
            return newest if not isinstance(newest, OAuthGrant) or self._is_good(newest) else None

    def _is_good(self, grant: OAuthGrant) -> bool:
        return self._clock() < grant.expires_at - LEEWAY_SECONDS


def repr_of(credential: Credential) -> str:
    """Return what tells two credentials apart."""
    if isinstance(credential, OAuthGrant):
        return credential.access_token
    return f"{credential.user}\n{credential.password}"
