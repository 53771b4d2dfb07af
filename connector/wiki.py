"""A live wiki: what is asked of it (`connector.abilities`), as a MediaWiki answers (`MediaWiki`).

This is the only place that knows mwclient, and it takes little of it: addresses, forms, JSON. Its generators
lose data once continuations mix, its `edit` overwrites, and its retries wait for hours; what stands in for
them is in `connector.api`, `connector.manners` and `connector.saving`.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import mwclient
from mwclient.errors import APIDisabledError, InvalidResponse

from connector.abilities import PageRenderer, PageWriter, Wiki, WikiSearch
from connector.api import Api, ApiError, Reply
from connector.change_tags import define_tag
from connector.errors import WikiLoginError, WikiUnavailableError
from connector.histories import read_all_revisions, read_changes, read_histories
from connector.manners import Patience
from connector.model import (
    LoggedEvent,
    Page,
    PageHead,
    PageLinks,
    Rendering,
    Revision,
    Site,
    TextHash,
)
from connector.readability import readable_titles
from connector.reading import (
    find_pages,
    read_contents,
    read_current,
    read_existing,
    read_hashes,
    read_heads,
    read_links,
    read_rendering,
    read_texts,
    read_titled,
)
from connector.replies import WIKITEXT, read_site
from connector.saving import PageEdit, SavedEdit, save_page
from connector.transport import ApiAddress, BearerAuth, ReplyFault, WikiSession
from connector.users import WikiUser, read_me, read_users

__all__ = [
    "MediaWiki",
    "PageEdit",
    "PageRenderer",
    "PageWriter",
    "SavedEdit",
    "Wiki",
    "WikiSearch",
    "WikiSettings",
    "WikiUser",
]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class WikiSettings:
    """Where the wiki is, and as whom."""

    api_url: str
    """Address of its api.php."""
    user: str | None = None
    """Login name of a bot password, such as "Camille Roux@compagnon"; None reads as nobody."""
    password: str | None = field(default=None, repr=False)
    bearer: str | None = field(default=None, repr=False)
    """Instead of user and password: an access token of the wiki's Extension:OAuth."""
    timeout_seconds: float = 30.0
    """Longest silence of the wiki within one request."""
    max_wait_seconds: float = 120.0
    """Longest time spent on waiting before one piece of work is given up."""
    contact: str = ""
    """Address where the wiki's administrators reach ours (it goes into the User-Agent)."""
    told: Callable[[bool], None] | None = field(default=None, repr=False, compare=False)
    """Called after each request that was sent, with whether the wiki answered it; by any thread."""


class MediaWiki:
    """A live MediaWiki, read and written through its action API.

    It is a `Wiki`, `PageRenderer`, `PageWriter` and `WikiSearch`.
    Nothing is asked of the network before the first use, which logs in. Threads may share it.

    Args:
        settings: where, and as whom.
        sleep: how to wait between two tries.
    """

    def __init__(self, settings: WikiSettings, *, sleep: Callable[[float], None] = time.sleep) -> None:
        address = ApiAddress.parse(settings.api_url)
        if settings.user is not None and not settings.password:
            raise WikiLoginError(f"the account {settings.user} needs its password", user=settings.user)
        if address.exposed:
            log.warning("%s is not encrypted (http): texts and passwords can be read on the way", address.url)
        self._line = _Line(address, settings)
        self._api = Api(
            exchange=self._line,
            url=address.url,
            user=settings.user,
            password=settings.password,
            bearer=settings.bearer is not None,
            patience=lambda: Patience(limit_seconds=settings.max_wait_seconds, url=address.url, sleep=sleep),
        )

    def __repr__(self) -> str:
        return f"MediaWiki({self._api.url!r})"

    @property
    def source(self) -> str:
        """See `Wiki.source`."""
        return self._api.url

    @property
    def user(self) -> str:
        """See `PageWriter.user`."""
        with self._understood():
            return self._api.user

    def site(self) -> Site:
        """See `Wiki.site`."""
        with self._understood():
            return read_site(self._api.site(), address=self._line.address, private=self._api.private)

    def now(self) -> datetime:
        """See `Wiki.now`."""
        with self._understood():
            return self._api.now()

    def heads(self, *, namespaces: Sequence[int]) -> Iterator[PageHead]:
        """See `Wiki.heads`."""
        with self._understood():
            yield from read_heads(self._api, namespaces=namespaces)

    def contents(self, *, namespaces: Sequence[int]) -> Iterator[tuple[PageHead, Page | None]]:
        """See `Wiki.contents`."""
        with self._understood():
            yield from read_contents(self._api, namespaces=namespaces)

    def existing(self, pageids: Sequence[int]) -> dict[int, PageHead]:
        """See `Wiki.existing`."""
        with self._understood():
            return read_existing(self._api, pageids)

    def titled(self, titles: Sequence[str]) -> dict[str, PageHead]:
        """See `Wiki.titled`."""
        with self._understood():
            return read_titled(self._api, titles)

    def readable_titles(self, pageids: Sequence[int]) -> dict[int, str]:
        """Return the titles, as they are now, of those pages that the account, or nobody, may read."""
        with self._understood():
            return readable_titles(self._api, pageids)

    def pages(self, pageids: Sequence[int]) -> Iterator[Page]:
        """See `Wiki.pages`."""
        with self._understood():
            yield from read_texts(self._api, pageids)

    def revisions(self, pageids: Sequence[int]) -> Iterator[Revision]:
        """See `Wiki.revisions`."""
        with self._understood():
            yield from read_histories(self._api, pageids)

    def all_revisions(
        self, *, namespaces: Sequence[int], since: datetime | None = None
    ) -> Iterator[Revision]:
        """See `Wiki.all_revisions`."""
        with self._understood():
            yield from read_all_revisions(self._api, namespaces=namespaces, since=since)

    def changes(self, *, namespaces: Sequence[int], since: datetime) -> Iterator[Revision | LoggedEvent]:
        """See `Wiki.changes`."""
        with self._understood():
            yield from read_changes(self._api, namespaces=namespaces, since=since)

    def page_links(self, pageids: Sequence[int]) -> Iterator[PageLinks]:
        """See `Wiki.page_links`."""
        with self._understood():
            yield from read_links(self._api, pageids)

    def text_hashes(self, pageids: Sequence[int]) -> dict[int, TextHash]:
        """See `Wiki.text_hashes`."""
        with self._understood():
            return read_hashes(self._api, pageids)

    def rendering(self, pageid: int) -> Rendering | None:
        """See `PageRenderer.rendering`."""
        with self._understood():
            return read_rendering(self._api, pageid)

    def find(self, question: str, *, namespaces: Sequence[int], limit: int) -> list[int]:
        """See `WikiSearch.find`."""
        with self._understood():
            return find_pages(self._api, question, namespaces=namespaces, limit=limit)

    def me(self) -> WikiUser:
        """Return the account that asks."""
        with self._understood():
            return read_me(self._api)

    def users(self, *, ids: Sequence[int] = (), names: Sequence[str] = ()) -> list[WikiUser]:
        """Return those of these accounts that exist; see `connector.users.read_users`."""
        with self._understood():
            return read_users(self._api, ids=ids, names=names)

    @property
    def rights(self) -> frozenset[str]:
        """What the account may do in the wiki ("editinterface"), as far as its password lets it."""
        with self._understood():
            return self._api.rights

    @property
    def software(self) -> str:
        """What the wiki runs on, in its own words ("MediaWiki 1.39.17")."""
        with self._understood():
            return str(self._api.site()["general"]["generator"])

    def current(self, title: str, *, content_model: str = WIKITEXT) -> Page:
        """Return a page of a kind of text ("wikitext", "javascript", "css") as it is now.

        Raises:
            PageNotFoundError: no such page, or none of that kind whose text can be seen.
        """
        with self._understood():
            return read_current(self._api, title, content_model=content_model)

    def save(self, edit: PageEdit) -> SavedEdit:
        """See `PageWriter.save`."""
        if not self.user:
            raise WikiLoginError("publishing needs an account: give a bot password of the wiki")
        with self._understood():
            return save_page(self._api, edit)

    def define_tag(self, tag: str, *, reason: str) -> bool:
        """Make a change tag; whether the wiki has it then. See `connector.change_tags`."""
        with self._understood():
            return define_tag(self._api, tag, reason=reason)

    @contextmanager
    def _understood(self) -> Iterator[None]:
        """Turn what the wiki refuses, or says in a way that no MediaWiki does, into our errors."""
        try:
            yield
        except ApiError as e:
            raise WikiUnavailableError(f"{self._api.url} refuses to answer: {e.info}", url=self.source) from e
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as e:
            raise WikiUnavailableError(
                f"{self._api.url} does not answer as a MediaWiki API", url=self.source
            ) from e


class _Line:
    """One exchange after another, through mwclient."""

    def __init__(self, address: ApiAddress, settings: WikiSettings) -> None:
        self._session = WikiSession(
            user_agent=_user_agent(settings.contact),
            timeout_seconds=settings.timeout_seconds,
            body_seconds=max(settings.timeout_seconds, settings.max_wait_seconds),
        )
        if settings.bearer is not None:
            self._session.auth = BearerAuth(settings.bearer)
        self._told = settings.told
        self._settle(address)

    def _settle(self, address: ApiAddress) -> None:
        self.address = address
        self._site = mwclient.Site(
            address.host, path=address.path, scheme=address.scheme, pool=self._session, do_init=False
        )

    def __call__(self, parameters: Mapping[str, Any], *, post: bool) -> tuple[Reply, float | None]:
        answered = False
        try:
            reply = self._exchange(parameters, post=post)
            answered = True
        finally:
            if self._told is not None:
                self._told(answered)
        return reply

    def _exchange(self, parameters: Mapping[str, Any], *, post: bool) -> tuple[Reply, float | None]:
        method = "POST" if post else "GET"
        try:
            reply: Reply = self._site.raw_api(http_method=method, retry_on_error=False, **parameters)
        except APIDisabledError as e:
            raise ReplyFault("has its API switched off", passing=False) from e
        except (InvalidResponse, RecursionError) as e:  # deep nesting is no answer either
            raise ReplyFault("does not answer as a MediaWiki API", passing=True, broken=True) from e
        answered_from = self._session.answered_from.partition("?")[0]
        if answered_from != self.address.url and answered_from.endswith("/api.php"):
            # Redirected within the host (http to https, say): what is posted must go there directly.
            self._settle(ApiAddress.parse(answered_from))
        return reply, self._session.retry_after


def _user_agent(contact: str) -> str:
    """Say who we are (https://foundation.wikimedia.org/wiki/Policy:User-Agent_policy)."""
    try:
        ours = f"Compagnon/{version('compagnon')}"
    except PackageNotFoundError:  # run from a folder
        ours = "Compagnon"
    about = " ".join(contact.split())
    return f"{ours} ({about})" if about.isascii() and about else ours
