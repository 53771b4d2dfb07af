"""What Compagnon asks of a wiki: to be read as a whole and, of some, to render, search and save."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from connector.model import LoggedEvent, Page, PageHead, PageLinks, Rendering, Revision, Site, TextHash
from connector.saving import PageEdit, SavedEdit


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
        """Return the wiki's own time (UTC, aware); for a file, that of its newest revision.

        It is some seconds early at most, and never late.
        """

    def heads(self, *, namespaces: Sequence[int]) -> Iterator[PageHead]:
        """Yield the head of every page in these namespaces, redirects included, in any order.

        A page that moves meanwhile may come twice or not at all (`existing` tells).
        """

    def contents(self, *, namespaces: Sequence[int]) -> Iterator[tuple[PageHead, Page | None]]:
        """Yield what `heads` does, each with the page's newest text where both come at once (a first copy).

        None where it must be asked for (`pages`), or may not be read.
        """

    def existing(self, pageids: Sequence[int]) -> dict[int, PageHead]:
        """Return the heads of those among `pageids` that exist, in whatever namespace they are now."""

    def titled(self, titles: Sequence[str]) -> dict[str, PageHead]:
        """Return the heads of the pages that bear these titles and may be read, by title.

        Args:
            titles: as the wiki writes them, with the namespaces' own names; some twenty at most.
        """

    def pages(self, pageids: Sequence[int]) -> Iterator[Page]:
        """Yield the newest text of these pages, each once, in any order.

        Pages that do not exist, or whose newest text the reader may not see, are left out, and no others: a
        page however large comes, or is an error. Give all the pages at once: they are fetched in the batches
        that suit the wiki, as they are consumed.
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
        """Return the wiki's own checksums of the newest texts, of those pages whose text may be read.

        They equal SHA-1 of the text that `pages` gives, but for one that an import brought in another Unicode
        form than NFC: the API gives every text in NFC. So a difference is to be confirmed by the text itself.
        """


@runtime_checkable
class PageRenderer(Protocol):
    """Somewhere that pages can be had as the wiki renders them."""

    def rendering(self, pageid: int) -> Rendering | None:
        """Return a page's newest rendering, or None when there is no such page, or it may not be read.

        None also stands for a rendering that is larger than the wiki's API gives.

        Raises:
            WikiUnavailableError: the wiki does not answer.
            WikiLoginError: it does not let this account read.
        """


@runtime_checkable
class WikiSearch(Protocol):
    """A wiki that is searched by its own means."""

    def find(self, question: str, *, namespaces: Sequence[int], limit: int) -> list[int]:
        """Return the pageids that the wiki's own search gives, best first, each once.

        It reads a question in its own syntax, most engines look for pages that have all of its words, and a
        redirect may come under its own pageid.

        Args:
            question: what is asked.
            namespaces: where to look; at least one.
            limit: how many pages at most, 1 to 50.

        Raises:
            WikiUnavailableError: the wiki does not answer, or has its search switched off.
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
