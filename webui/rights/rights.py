"""What somebody may read: who is asked for it, and how long the answer is good.

In this order: the settings (namespaces that are for some groups only; whoever is signed in reads all), the
wiki through its extension, the wiki under the person's own credential, and what the wiki shows to nobody in
particular. Each is asked only where the one before it cannot be, and never shows more. A wiki that does not
answer shows nothing.
"""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import urlsplit

from connector.errors import WikiLoginError
from webui.config import Config
from webui.rights.asked_pages import AskedPages, WikiPause
from webui.rights.wiki_rights import NoExtensionError, WikiRights
from webui.setting_values import closed_namespaces

if TYPE_CHECKING:
    from connector.model import PageHead, Site
    from connector.store import Account
    from search.readable import Readable

logger = logging.getLogger(__name__)

KEPT_SECONDS: Final = 30.0
"""How long what somebody may read is remembered."""
MOST_ACCOUNTS: Final = 200
"""Whose answers are remembered at once: those who asked last."""
_WITHOUT_EXTENSION_SECONDS = 60.0
"""How long a wiki whose extension does not answer the service is asked in other ways."""


class Everything:
    """The `Readable` of who may read all that is mirrored."""

    restricted = False

    def among(self, pages: "Collection[PageHead]") -> frozenset[int]:
        """Return the numbers of all of them."""
        return frozenset(page.pageid for page in pages)


@dataclass(frozen=True, slots=True)
class OpenNamespaces:
    """The `Readable` of who may read all but some namespaces."""

    closed: frozenset[int]
    """Their numbers."""
    restricted = True

    def among(self, pages: "Collection[PageHead]") -> frozenset[int]:
        """Return the numbers of the pages that are in none of them."""
        return frozenset(page.pageid for page in pages if page.namespace not in self.closed)


@dataclass(frozen=True, slots=True)
class AskedWiki:
    """The `Readable` of who may read what the wiki says, page by page."""

    pages: AskedPages
    closed: frozenset[int]
    """Namespaces of which the wiki need not be asked: they are closed."""
    restricted = True

    def among(self, pages: "Collection[PageHead]") -> frozenset[int]:
        """Return the numbers of those that the wiki shows this person; none when it does not answer."""
        return self.pages.among([page.pageid for page in pages if page.namespace not in self.closed])


class AskableWiki(Protocol):
    """The wiki under one account, or as nobody (`connector.wiki.MediaWiki`)."""

    def readable_titles(self, pageids: Sequence[int]) -> dict[int, str]:
        """Return the titles of those pages that the account may read.

        Raises:
            ConnectorError: the wiki does not answer, or not to this account.
        """
        ...


class Rights:
    """Gives the `Readable` of an account, and of nobody. Safe to share between threads.

    Args:
        config: the settings.
        site: returns the mirrored wiki; None before the first sync.
        source: returns where the mirror was read: the address of an api.php, or a file's path.
        by_account: returns whether an account has read it, whoever reads it now.
        nobody: returns the wiki as it is for nobody in particular.
        extension: returns who asks the wiki's extension; None where there is no secret for it.
        own: returns the wiki under a person's own credential; None for who has given none.
        refused: told when the wiki refuses that credential.
        monotonic: seconds that never go back.
    """

    def __init__(
        self,
        config: Config,
        *,
        site: "Callable[[], Site | None]",
        source: Callable[[], str | None],
        by_account: Callable[[], bool],
        nobody: Callable[[], AskableWiki],
        extension: Callable[[], WikiRights | None],
        own: "Callable[[Account], AskableWiki | None]",
        refused: "Callable[[Account], object]" = lambda account: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config = config
        self._closed = closed_namespaces(config.texts("web.restricted_namespaces"))
        self._site = site
        self._source = source
        self._by_account = by_account
        self._nobody = nobody
        self._extension = extension
        self._own = own
        self._refused = refused
        self._monotonic = monotonic
        self._pause = WikiPause(monotonic=monotonic)
        self._public = self._asked(self._ask_as_nobody)
        self._mutex = threading.Lock()
        self._accounts: OrderedDict[int, tuple[float, AskedPages]] = OrderedDict()
        self._without_extension_until = float("-inf")

    def of_nobody(self) -> "Readable":
        """Return what may be read without signing in."""
        return self._readable((), pages=self._public, all_open=self._read_by_nobody)

    def of_every_member(self) -> "Readable":
        """Return what everybody may read who has signed in: what goes to all of them holds nothing else."""
        by_members = self._config.text("web.rights") == "members"
        return self._readable((), pages=self._public, all_open=by_members or self._read_by_nobody)

    def of_account(self, account: "Account") -> "Readable":
        """Return what somebody who has signed in may read."""
        by_members = self._config.text("web.rights") == "members"
        return self._readable(
            account.groups,
            pages=self._pages_of(account),
            all_open=by_members or self._read_by_nobody,
        )

    def forget(self, account_id: int) -> None:
        """Ask anew what somebody may read: their groups have changed, or they are gone."""
        with self._mutex:
            self._accounts.pop(account_id, None)

    @property
    def _read_by_nobody(self) -> bool:
        """Whether the mirror holds only what the wiki shows to everybody."""
        site = self._site()
        if site is None:
            return True
        if site.private or self._config.optional_text("wiki.user") is not None or self._by_account():
            return False
        # An export was made by somebody, who may have read more.
        source = self._source() or ""
        return urlsplit(source).scheme in ("http", "https")

    def _readable(self, groups: Collection[str], *, pages: AskedPages, all_open: bool) -> "Readable":
        closed = frozenset(
            number for number, opened_to in self._closed.items() if opened_to.isdisjoint(groups)
        )
        if not all_open:
            return AskedWiki(pages, closed)
        return OpenNamespaces(closed) if closed else Everything()

    def _pages_of(self, account: "Account") -> AskedPages:
        """Return what is remembered of an account; of who has not asked for a while nothing is kept."""
        now = self._monotonic()
        with self._mutex:
            known = self._accounts.pop(account.id, None)
            pages = self._asked(self._ask_for(account)) if known is None else known[1]
            self._accounts[account.id] = (now, pages)
            while self._accounts:
                oldest, (used_at, _) = next(iter(self._accounts.items()))
                if len(self._accounts) <= MOST_ACCOUNTS and now - used_at <= KEPT_SECONDS:
                    break
                del self._accounts[oldest]
        return pages

    def _asked(self, ask: Callable[[Sequence[int]], Mapping[int, str]]) -> AskedPages:
        return AskedPages(ask, kept_seconds=KEPT_SECONDS, pause=self._pause, monotonic=self._monotonic)

    def _ask_for(self, account: "Account") -> Callable[[Sequence[int]], Mapping[int, str]]:
        def ask(pageids: Sequence[int]) -> Mapping[int, str]:
            told = self._ask_extension(account.wiki_user_id, pageids)
            if told is not None:
                return dict.fromkeys(told, "")
            own = self._own(account)
            if own is not None:
                try:
                    return own.readable_titles(pageids)
                except WikiLoginError as e:
                    logger.info("a person's own credential is refused by the wiki: %s", e)
                    self._refused(account)
            return self._ask_as_nobody(pageids)

        return ask

    def _ask_as_nobody(self, pageids: Sequence[int]) -> Mapping[int, str]:
        site = self._site()
        if site is not None and site.private:
            return {}  # known without asking: its refusal would be taken for a wiki that does not answer
        return self._nobody().readable_titles(pageids)

    def _ask_extension(self, user_id: int, pageids: Sequence[int]) -> frozenset[int] | None:
        """Return what the extension says; None where there is none that answers."""
        extension = self._extension()
        if extension is None or self._monotonic() < self._without_extension_until:
            return None
        try:
            return extension.readable(user_id, pageids)
        except NoExtensionError as e:
            self._without_extension_until = self._monotonic() + _WITHOUT_EXTENSION_SECONDS
            logger.warning("what people may read is asked without the wiki's extension: %s", e)
            return None
