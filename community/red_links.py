"""Titles that pages link to and nobody has written: MediaWiki's Special:WantedPages, over what may be read.

https://www.mediawiki.org/wiki/Manual:WantedPages.php
"""

import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from community.model import Evidence
from connector.model import Site
from connector.store import Store
from connector.store.changes import Mark
from connector.titles import split_title
from search.link_survey import content_heads
from search.readable import Readable, restriction

_MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedTitle:
    """A page that is not there, and those that link to it."""

    title: str
    linked_from: Sequence[Evidence]
    """Content pages, by title."""


class RedLinks:
    """Knows the red links of the content pages. Safe to share between threads.

    What was found is kept until the mirror changes.
    """

    def __init__(self, *, store: Store) -> None:
        self._store = store
        self._mutex = threading.Lock()
        self._kept: tuple[Mark, list[WantedTitle]] | None = None

    def most_wanted(self, readable: Readable | None = None) -> Sequence[WantedTitle]:
        """Return the titles that most pages link to, fifty at most; nothing before the first sync.

        Args:
            readable: what who asks may read: other pages link to nothing. None: everything.
        """
        mark = self._store.changes.mark_of_counted()  # before anything is read
        if restriction(readable) is not None:  # what somebody may read can change at any time
            return self._find(readable)
        with self._mutex:
            if self._kept is None or self._kept[0] != mark:
                self._kept = (mark, self._find(None))
            return self._kept[1]

    def _find(self, readable: Readable | None) -> list[WantedTitle]:
        site = self._store.site.get()
        if site is None:
            return []
        redirects = self._store.pages.redirects()
        heads = [head for head in content_heads(self._store, site) if head.title not in redirects]
        asked = restriction(readable)
        if asked is not None:
            allowed = asked.among(heads)
            heads = [head for head in heads if head.pageid in allowed]
        known = self._store.pages.titles()
        content = {number for number, namespace in site.namespaces.items() if namespace.content} or {0}
        from_pages: dict[str, list[Evidence]] = defaultdict(list)
        links = self._store.links.get_many([head.pageid for head in heads])
        for head in sorted(heads, key=lambda head: head.title):
            page = Evidence(kind="page", id=head.pageid, label=head.title)
            for title in dict.fromkeys(links[head.pageid].links if head.pageid in links else ()):
                if title not in known and title:
                    from_pages[title].append(page)
        wanted = [
            WantedTitle(title=title, linked_from=tuple(pages))
            for title, pages in from_pages.items()
            if _namespace(title, site) in content
        ]
        wanted.sort(key=lambda each: (-len(each.linked_from), each.title))
        return wanted[:_MOST]


def _namespace(title: str, site: Site) -> int | None:
    try:
        return split_title(title, site=site)[0]
    except ValueError:
        return None  # no page can be called so
