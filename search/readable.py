"""What somebody may read: asked before anything is said of a page, and before it counts anywhere."""

from collections.abc import Collection, Iterable, Sequence
from typing import Final, Protocol

from connector.model import PageHead
from search.keyword_index import IndexedPage

AT_ONCE: Final = 50
"""Pages that are asked for at once: so many a wiki tells in one answer (https://www.mediawiki.org/wiki/API:Query)."""
MOST_BATCHES: Final = 3
"""How often is asked for one list: who may read little waits no longer than this."""


class Readable(Protocol):
    """Knows what one person may read, now. Safe to share between threads."""

    @property
    def restricted(self) -> bool:
        """Whether anything is ever kept from this person: if not, nobody need ask."""
        ...

    def among(self, pages: Collection[PageHead]) -> frozenset[int]:
        """Return the numbers of those of the pages that this person may read.

        One call may be one request to the wiki: ask for many at once, those first that matter most. Answers
        are remembered for some seconds. What cannot be found out may not be read.
        """
        ...


def restriction(readable: Readable | None) -> Readable | None:
    """Return who is to be asked; None where nobody need be."""
    return readable if readable is not None and readable.restricted else None


def head_of(page: IndexedPage) -> PageHead:
    """Return what is asked about a page of the index."""
    return PageHead(pageid=page.pageid, namespace=page.namespace, title=page.title, revid=page.revid)


def readable_pages(pages: Iterable[IndexedPage], readable: Readable | None) -> dict[int, IndexedPage]:
    """Return the pages that may be read, by pageid, in their order; asked for all at once."""
    known = {page.pageid: page for page in pages}
    asked = restriction(readable)
    if asked is None:
        return known
    allowed = asked.among([head_of(page) for page in known.values()])
    return {pageid: page for pageid, page in known.items() if pageid in allowed}


def first_readable(heads: Sequence[PageHead], readable: Readable | None, *, enough: int) -> frozenset[int]:
    """Return which of the pages may be read: of the first ones, until there are enough.

    Args:
        heads: those that matter most first; each once.
        readable: who is asked; None: everything may be read.
        enough: after so many readable ones no more are asked for, nor after `MOST_BATCHES` batches.
    """
    asked = restriction(readable)
    if asked is None:
        return frozenset(head.pageid for head in heads)
    found: frozenset[int] = frozenset()
    for start in range(0, min(len(heads), AT_ONCE * MOST_BATCHES), AT_ONCE):
        found |= asked.among(heads[start : start + AT_ONCE])
        if len(found) >= enough:
            break
    return found
