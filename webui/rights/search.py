"""What notes are compared with and linked to: only pages that who gives them may read."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from flask import has_request_context

from webui.rights.readers import current_reader

if TYPE_CHECKING:
    from connector.model import Page
    from search.likeness import Likeness
    from search.links import LinkSuggester, LinkSuggestion
    from search.query import Searcher
    from search.readable import Readable
    from search.results import SimilarPage

Whose = Callable[[], "Readable | None"]
"""Returns what somebody may read; None: everything."""


def of_who_asks(*, behind_the_pages: "Callable[[], Readable | None]") -> "Readable | None":
    """Return what who makes this request may read, or what a thread that no request runs in is told."""
    return current_reader().readable if has_request_context() else behind_the_pages()


class ReadableSearch:
    """A `capture.merging.PageSearch` among the pages that somebody may read.

    Args:
        searcher: finds them.
        whose: says what may be read.
    """

    def __init__(self, searcher: "Searcher", whose: Whose) -> None:
        self._searcher = searcher
        self._whose = whose

    def similar(self, text: str, *, top_k: int = 5, exclude: Collection[int] = ()) -> "Sequence[SimilarPage]":
        """Return the pages nearest to a text."""
        return self._searcher.similar(text, top_k=top_k, exclude=exclude, readable=self._whose())

    def compare(self, parts: Sequence[str], *, pageids: Sequence[int]) -> "Mapping[int, Likeness]":
        """Return how like a text pages are."""
        return self._searcher.compare(parts, pageids=pageids)


class ReadableLinks:
    """A `capture.suggesting.LinkFinder` of links to pages that somebody may read.

    Args:
        links: finds them.
        whose: says what may be read.
    """

    def __init__(self, links: "LinkSuggester", whose: Whose) -> None:
        self._links = links
        self._whose = whose

    def suggest(self, page: "Page", *, top_k: int = 10) -> "list[LinkSuggestion]":
        """Return the best links, best first."""
        return self._links.suggest(page, top_k=top_k, readable=self._whose())
