"""The wiki: what Compagnon asks of one (`Wiki`, `PageWriter`), and a live one that answers (`MediaWiki`).

This is the only place that knows mwclient, and it takes little of it: addresses, forms, JSON. Its generators
lose data once continuations mix, its `edit` overwrites, and its retries wait for hours; what stands in for
them is in `connector.api`, `connector.manners` and `connector.saving`.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol

import mwclient
from mwclient.errors import APIDisabledError, InvalidResponse

from connector.api import Api, ApiError, Reply, one_title
from connector.errors import PageNotFoundError, WikiLoginError, WikiUnavailableError
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
from connector.replies import (
    REVISION_PROPERTIES,
    TEXT_PROPERTIES,
    read_head,
    read_page,
    read_redirects,
    read_revision,
    read_site,
    read_time,
)
from connector.saving import PageEdit, SavedEdit, save_page
from connector.transport import ApiAddress, ReplyFault, WikiSession

__all__ = ["MediaWiki", "PageEdit", "PageWriter", "SavedEdit", "Wiki", "WikiSettings"]

log = logging.getLogger(__name__)

# A reply holds 8 MiB ($wgAPIMaxResultSize); a page that should fit and has no text is a fault of the wiki.
_SURELY_FITS_BYTES = 7 << 20
_UNREADABLE = frozenset({"accessdenied", "permissiondenied", "toomanyvalues"})


@dataclass(frozen=True, slots=True, kw_only=True)
class WikiSettings:
    """Where the wiki is, and as whom."""

    api_url: str
    """Address of its api.php."""
    user: str | None = None
    """Login name of a bot password, such as "Camille Roux@compagnon"; None reads as nobody."""
    password: str | None = field(default=None, repr=False)
    timeout_seconds: float = 30.0
    """Longest silence of the wiki within one request."""
    max_wait_seconds: float = 120.0
    """Longest time spent on waiting before one piece of work is given up."""
    contact: str = ""
    """Address where the wiki's administrators reach ours (it goes into the User-Agent)."""


class Wiki(Protocol):
    """A wiki as its reader sees it: what the mirror is made from.

    What the reader may not see is not here: deleted pages, suppressed texts, hidden names and comments.
    Pages of other content models than wikitext (scripts, JSON) are not here either.

    Iterators may ask the wiki again while they are consumed, and may be left early. Every method raises
    WikiUnavailableError or WikiLoginError (a live wiki), or DumpError (a file), rather than give less than
    there is: an end without an exception is the end of what the wiki has.
    """

    @property
    def source(self) -> str:
        """Where it is read from: the address of an api.php, or the path of a file."""

    def site(self) -> Site:
        """Return the wiki's description."""

    def now(self) -> datetime:
        """Return the wiki's own time (UTC, aware); for a file, that of its newest revision."""

    def heads(self, *, namespaces: Sequence[int]) -> Iterator[PageHead]:
        """Yield the head of every page in these namespaces, redirects included, in any order.

        A page that moves meanwhile may come twice or not at all (`existing` tells).
        """

    def existing(self, pageids: Sequence[int]) -> dict[int, PageHead]:
        """Return the heads of those among `pageids` that exist, in whatever namespace they are now."""

    def pages(self, pageids: Sequence[int]) -> Iterator[Page]:
        """Yield the newest text of these pages, each once, in any order.

        Pages that do not exist, or whose newest text the reader may not see, are left out. Give all the
        pages at once: they are fetched in the batches that suit the wiki, as they are consumed.
        """

    def revisions(self, pageids: Sequence[int]) -> Iterator[Revision]:
        """Yield the whole history of these pages, without texts; those of one page come together.

        Revisions whose text is hidden are there without `sha1`; a hidden author is None, a hidden comment "".
        """

    def all_revisions(
        self, *, namespaces: Sequence[int], since: datetime | None = None
    ) -> Iterator[Revision]:
        """Yield the whole history of these namespaces, without texts: faster than by page.

        It may hold revisions of pages that `heads` leaves out. A live wiki gives them oldest first, so that
        who was cut off can go on from the last timestamp it has; a file gives them in any order.

        Args:
            namespaces: where the pages are now.
            since: only revisions saved at that moment or later.
        """

    def changes(self, *, namespaces: Sequence[int], since: datetime) -> Iterator[Revision | LoggedEvent]:
        """Yield what was saved in these namespaces and what was logged anywhere since then, oldest first.

        A hint for speed: what the wiki hides from its log, and what came with old timestamps (an import by
        script), is not here. A file has no log.
        """

    def page_links(self, pageids: Sequence[int]) -> Iterator[PageLinks]:
        """Yield categories, links and templates of these pages, each page once, in any order.

        Pages that do not exist or may not be read are left out; a page without any comes with empty tuples.
        """

    def text_hashes(self, pageids: Sequence[int]) -> dict[int, TextHash]:
        """Return the wiki's own checksums of the newest texts, of those pages whose text may be read."""


class PageRenderer(Protocol):
    """Somewhere that pages can be had as the wiki renders them."""

    def rendering(self, pageid: int) -> Rendering | None:
        """Return a page's newest rendering, or None when there is no such page, or it may not be read.

        Raises:
            WikiUnavailableError: the wiki does not answer.
            WikiLoginError: it does not let this account read.
        """


class PageWriter(Protocol):
    """Somewhere that pages can be saved, by a person, under their name."""

    @property
    def user(self) -> str:
        """Name of the account that saves, without the application's ("Camille Roux")."""

    def save(self, edit: PageEdit) -> SavedEdit:
        """Save a page as exactly one revision, never over somebody else's work.

        Raises:
            EditConflictError: the page was created, changed or deleted meanwhile; nothing was saved.
            EditRefusedError: the wiki will not take this edit as it stands.
            WikiLoginError: there is no account, or it may not edit here.
            WikiUnavailableError: the wiki does not answer; if it had begun, the message says that it may
                have saved the page all the same.
        """


class MediaWiki:
    """A live MediaWiki, read and written through its action API: a `Wiki` and a `PageWriter`.

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
        return self._api.user

    def site(self) -> Site:
        """See `Wiki.site`."""
        with self._understood():
            properties = {"meta": "siteinfo", "siprop": "general|namespaces|namespacealiases"}
            query = self._api.call("query", properties)["query"]
            return read_site(query, address=self._line.address, private=self._api.private)

    def now(self) -> datetime:
        """See `Wiki.now`."""
        with self._understood():
            return read_time(self._api.call("query", {"curtimestamp": True})["curtimestamp"])

    def heads(self, *, namespaces: Sequence[int]) -> Iterator[PageHead]:
        """See `Wiki.heads`."""
        for namespace in namespaces:
            parameters = {
                "generator": "allpages",
                "gapnamespace": namespace,
                "gaplimit": "max",
                "prop": "info",
            }
            with self._understood():
                for reply in self._api.query(parameters):
                    yield from filter(None, map(read_head, _pages(reply)))

    def existing(self, pageids: Sequence[int]) -> dict[int, PageHead]:
        """See `Wiki.existing`."""
        with self._understood():
            replies = self._ask_in_batches(pageids, {"prop": "info"}, go_on=True)
            heads = (read_head(page) for reply in replies for page in _pages(reply))
            return {head.pageid: head for head in heads if head is not None}

    def pages(self, pageids: Sequence[int]) -> Iterator[Page]:
        """See `Wiki.pages`."""
        with self._understood():
            waiting = [list(dict.fromkeys(pageids))]
            while waiting:
                batch = waiting.pop()
                cut_short: list[int] = []
                for reply in self._ask_in_batches(batch, _TEXTS):
                    found = [page for page in _pages(reply) if not page.get("missing")]
                    cut_short += [page["pageid"] for page in found if not _has_text(page)]
                    yield from self._read_pages([page for page in found if _has_text(page)])
                    if len(batch) == 1 and cut_short:
                        self._leave_out(found[0])
                        cut_short = []
                waiting += _smaller(cut_short, than=len(batch))

    def revisions(self, pageids: Sequence[int]) -> Iterator[Revision]:
        """See `Wiki.revisions`."""
        parameters = {"prop": "revisions", "rvprop": REVISION_PROPERTIES, "rvlimit": "max", "rvdir": "newer"}
        for pageid in dict.fromkeys(pageids):
            with self._understood():
                try:
                    for reply in self._api.query({"pageids": pageid, **parameters}):
                        for page in _pages(reply):
                            for revision in page.get("revisions", ()):
                                yield read_revision(revision, pageid=pageid)
                except ApiError as e:
                    if e.code not in _UNREADABLE:
                        raise

    def all_revisions(self, *, namespaces: Sequence[int]) -> Iterator[Revision]:
        """See `Wiki.all_revisions`."""
        listing = {
            "list": "allrevisions",
            "arvprop": REVISION_PROPERTIES,
            "arvlimit": "max",
            "arvdir": "newer",
        }
        with self._understood():
            for some in _chunks(namespaces, self._api.limit):
                for reply in self._api.query({**listing, "arvnamespace": "|".join(map(str, some))}):
                    for page in reply.get("query", {}).get("allrevisions", ()):
                        for revision in page["revisions"]:
                            yield read_revision(revision, pageid=page["pageid"])

    def current(self, title: str) -> Page:
        """Return a page as it is now.

        Raises:
            PageNotFoundError: no such page, or none whose text can be seen.
        """
        with self._understood():
            reply = self._api.call("query", {"titles": one_title(title), **_TEXTS})
            for page in self._read_pages([page for page in _pages(reply) if _has_text(page)]):
                return page
        raise PageNotFoundError(f"the wiki has no page “{title}” that can be read", title=title)

    def save(self, edit: PageEdit) -> SavedEdit:
        """See `PageWriter.save`."""
        if not self._api.user:
            raise WikiLoginError("publishing needs an account: give a bot password of the wiki")
        with self._understood():
            return save_page(self._api, edit)

    def _read_pages(self, pages: Sequence[Reply]) -> Iterator[Page]:
        """Read pages of a reply that have texts, and ask where the redirects among them lead."""
        redirects = [page["pageid"] for page in pages if page.get("redirect")]
        targets: dict[str, str] = {}
        for reply in self._ask_in_batches(redirects, {"redirects": True}):
            targets |= read_redirects(reply.get("query", {}))
        yield from filter(None, (read_page(page, targets=targets) for page in pages))

    def _ask_in_batches(
        self, pageids: Sequence[int], parameters: Mapping[str, Any], *, go_on: bool = False
    ) -> Iterator[Reply]:
        """Ask the same of all pages, in the largest batches; what fails a batch is found by halving.

        With `go_on`, what a reply leaves for later (`continue`) is asked for too.
        """
        waiting = deque(_chunks(pageids, self._api.limit))
        while waiting:
            batch = waiting.popleft()
            try:
                question = {"pageids": "|".join(map(str, batch)), **parameters}
                if go_on:
                    yield from self._api.query(question)
                else:
                    yield self._api.call("query", question)
            except ApiError as e:
                if e.code not in _UNREADABLE:
                    raise
                if len(batch) > 1:
                    waiting.extendleft(_smaller(batch, than=len(batch)))

    def _leave_out(self, page: Reply) -> None:
        """Accept that a page alone comes without its text, if that is because of its size."""
        if page.get("length", 0) < _SURELY_FITS_BYTES:
            raise WikiUnavailableError(
                f"{self._api.url} does not give the text of “{page['title']}”", url=self.source
            )
        log.warning("“%s” is left out: it is too long for the wiki's API", page["title"])

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


_TEXTS: Mapping[str, Any] = {"prop": "info|revisions", "rvprop": TEXT_PROPERTIES, "rvslots": "main"}


class _Line:
    """One exchange after another, through mwclient."""

    def __init__(self, address: ApiAddress, settings: WikiSettings) -> None:
        self._session = WikiSession(
            user_agent=_user_agent(settings.contact),
            timeout_seconds=settings.timeout_seconds,
            body_seconds=max(settings.timeout_seconds, settings.max_wait_seconds),
        )
        self._settle(address)

    def _settle(self, address: ApiAddress) -> None:
        self.address = address
        self._site = mwclient.Site(
            address.host, path=address.path, scheme=address.scheme, pool=self._session, do_init=False
        )

    def __call__(self, parameters: Mapping[str, Any], *, post: bool) -> tuple[Reply, float | None]:
        method = "POST" if post else "GET"
        try:
            reply: Reply = self._site.raw_api(http_method=method, retry_on_error=False, **parameters)
        except APIDisabledError as e:
            raise ReplyFault("has its API switched off", passing=False) from e
        except (InvalidResponse, RecursionError) as e:  # deep nesting is no answer either
            raise ReplyFault("does not answer as a MediaWiki API", passing=True) from e
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


def _pages(reply: Reply) -> list[Reply]:
    pages: list[Reply] = reply.get("query", {}).get("pages", [])
    return pages


def _has_text(page: Reply) -> bool:
    """Whether the page came whole: past its limit a reply has an empty `revisions`, then none at all."""
    return bool("lastrevid" in page and page.get("revisions"))


def _chunks(items: Sequence[int], size: int) -> Iterator[list[int]]:
    return (list(items[start : start + size]) for start in range(0, len(items), size))


def _smaller(ids: list[int], *, than: int) -> list[list[int]]:
    """Cut a batch so that each part is smaller than the one that failed."""
    if not ids or len(ids) < than:
        return [ids] if ids else []
    half = len(ids) // 2
    return [part for part in (ids[:half], ids[half:]) if part]
