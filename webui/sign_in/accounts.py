"""What the wiki says of people's accounts, asked again while they are active.

So a group that is taken away, a block or a deleted account works here within a minute.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

from connector.errors import ConfigError, ConnectorError, StoreError, WikiUnavailableError

if TYPE_CHECKING:
    from connector.store import Account, Store
    from connector.users import WikiUser

logger = logging.getLogger(__name__)

ASKED_AGAIN: Final = timedelta(seconds=45)
"""After this an account is asked for again, when it is used."""
KEPT: Final = timedelta(minutes=15)
"""How long the wiki's last word holds when it does not answer."""
PAUSE_SECONDS: Final = 20.0
"""How long a wiki that did not answer is left alone: whoever asks it holds one of the server's threads."""
# How long who asks waits for who asks now.
_WAIT_SECONDS = 5.0
_MOST_GONE = 10_000


class Directory(Protocol):
    """Knows the accounts of a wiki: `connector.wiki.MediaWiki` does."""

    def users(self, *, ids: Sequence[int] = (), names: Sequence[str] = ()) -> "list[WikiUser]":
        """Return those of these accounts that exist."""
        ...


def utc_now() -> datetime:
    """Return the moment."""
    return datetime.now(UTC)


class WikiAccounts:
    """Keeps accounts as the wiki has them. Safe to share between threads.

    Args:
        store: where they are kept.
        directory: gives who is asked.
        now: the moment.
        monotonic: seconds that never go back.
    """

    def __init__(
        self,
        store: "Store",
        directory: Callable[[], Directory],
        *,
        now: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._directory = directory
        self._now = now
        self._monotonic = monotonic
        self._asking = threading.Lock()
        self._paused_until = float("-inf")
        # Names written otherwise than there ("camille_roux"): until when that holds, and whose they are.
        self._written: dict[str, tuple[float, int]] = {}
        # Of numbers and names that the wiki does not know, or has blocked: until when that holds.
        self._gone: dict[int | str, float] = {}

    def note(self, user: "WikiUser") -> "Account":
        """Keep what the wiki has just said of somebody who may come in."""
        self._gone.pop(user.id, None)
        return self._store.accounts.put(
            wiki_user_id=user.id, name=user.name, groups=user.groups, told_at=self._now()
        )

    def current(self, account: "Account") -> "Account | None":
        """Return an account as it is now; None when it is blocked or gone.

        Raises:
            WikiUnavailableError: the wiki has not answered for a quarter of an hour.
        """
        if self._is_gone(account.wiki_user_id):
            return None
        if self._is_fresh(account):
            return account
        if not self._asking.acquire(timeout=_WAIT_SECONDS):
            return self._as_last_told(account)
        try:
            # Most often somebody else has just asked.
            told = self._store.accounts.get(account.id)
            if told is None or self._is_gone(account.wiki_user_id):
                return None
            if self._is_fresh(told):
                return told
            try:
                users = self._ask(ids=[account.wiki_user_id])
            except WikiUnavailableError:
                return self._as_last_told(told)
            return self._taken_in(users, account.wiki_user_id)
        finally:
            self._asking.release()

    def named(self, name: str) -> "Account | None":
        """Return the account of this name, as it is now; None when there is none, or it is blocked.

        Raises:
            WikiUnavailableError: the wiki does not answer, and has not for a quarter of an hour.
        """
        until, number = self._written.get(name, (float("-inf"), 0))
        written = self._store.accounts.get(number) if until > self._monotonic() else None
        if written is not None:
            return self.current(written)
        known = self._store.accounts.named(name)
        if known is not None:
            current = self.current(known)
            if current is None or current.name == name:
                return current
        if self._is_gone(name):
            return None
        with self._asking:
            account = self._taken_in(self._ask(names=[name]), name)
        if account is not None and account.name != name:
            if len(self._written) >= _MOST_GONE:
                self._written.clear()
            self._written[name] = self._monotonic() + ASKED_AGAIN.total_seconds(), account.id
        return account

    def _taken_in(self, users: "list[WikiUser]", asked: int | str) -> "Account | None":
        for user in users:
            if not user.blocked:
                return self.note(user)
            self._end(user.id)
        if isinstance(asked, int):
            self._end(asked)
        if len(self._gone) >= _MOST_GONE:
            self._gone.clear()
        self._gone[asked] = self._monotonic() + ASKED_AGAIN.total_seconds()
        return None

    def _end(self, wiki_user_id: int) -> None:
        """Sign somebody out everywhere whom the wiki has blocked or deleted."""
        known = self._store.accounts.of_wiki_user(wiki_user_id)
        if known is not None and self._store.sign_ins.end_all(known.id):
            logger.info("account %s is blocked or gone: signed out", known.id)

    def _ask(self, *, ids: Sequence[int] = (), names: Sequence[str] = ()) -> "list[WikiUser]":
        if self._monotonic() < self._paused_until:
            raise WikiUnavailableError("the wiki does not answer")
        try:
            return self._directory().users(ids=ids, names=names)
        except StoreError:
            raise
        except (ConnectorError, ConfigError) as e:
            self._paused_until = self._monotonic() + PAUSE_SECONDS
            logger.warning("who people are is not known: %s", e)
            raise WikiUnavailableError(f"the wiki does not say who people are: {e}") from e

    def _is_fresh(self, account: "Account") -> bool:
        return abs(self._now() - account.told_at) < ASKED_AGAIN

    def _is_gone(self, who: int | str) -> bool:
        return self._gone.get(who, float("-inf")) > self._monotonic()

    def _as_last_told(self, account: "Account") -> "Account":
        if abs(self._now() - account.told_at) < KEPT:
            return account
        raise WikiUnavailableError("the wiki has not said for a quarter of an hour who people are")
