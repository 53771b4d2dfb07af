"""A wiki without the people who were erased here: their names do not come back with what it says of pages.

What a page's text says is masked where it is kept, beside the checksum of the wiki's own text. Here it is
what the mirror compares with what it has, which would differ each time: who wrote a revision, and why; links;
and pages that bear a name in their title, which are not mirrored at all.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from connector.abilities import PageRenderer
from connector.erased import Erased
from connector.model import LoggedEvent, Page, PageHead, PageLinks, Rendering, Revision, Site, TextHash
from connector.wiki import Wiki


def without_erased(wiki: Wiki, erased: Erased) -> Wiki:
    """Return a wiki without the people who were erased; the wiki itself where nobody was."""
    if not erased:
        return wiki
    if isinstance(wiki, PageRenderer):
        return _RenderingWiki(wiki, erased, renderer=wiki)
    return _Wiki(wiki, erased)


class _Wiki:
    """See `Wiki`."""

    def __init__(self, wiki: Wiki, erased: Erased) -> None:
        self._wiki = wiki
        self._erased = erased

    @property
    def source(self) -> str:
        return self._wiki.source

    def site(self) -> Site:
        return self._wiki.site()

    def now(self) -> datetime:
        return self._wiki.now()

    def heads(self, *, namespaces: Sequence[int]) -> Iterator[PageHead]:
        return (h for h in self._wiki.heads(namespaces=namespaces) if not self._erased.holds(h.title))

    def contents(self, *, namespaces: Sequence[int]) -> Iterator[tuple[PageHead, Page | None]]:
        for head, page in self._wiki.contents(namespaces=namespaces):
            if not self._erased.holds(head.title):
                yield head, page

    def existing(self, pageids: Sequence[int]) -> dict[int, PageHead]:
        found = self._wiki.existing(pageids)
        return {pageid: head for pageid, head in found.items() if not self._erased.holds(head.title)}

    def titled(self, titles: Sequence[str]) -> dict[str, PageHead]:
        return self._wiki.titled(titles)

    def pages(self, pageids: Sequence[int]) -> Iterator[Page]:
        return (page for page in self._wiki.pages(pageids) if not self._erased.holds(page.title))

    def revisions(self, pageids: Sequence[int]) -> Iterator[Revision]:
        return map(self._nameless, self._wiki.revisions(pageids))

    def all_revisions(
        self, *, namespaces: Sequence[int], since: datetime | None = None
    ) -> Iterator[Revision]:
        return map(self._nameless, self._wiki.all_revisions(namespaces=namespaces, since=since))

    def changes(self, *, namespaces: Sequence[int], since: datetime) -> Iterator[Revision | LoggedEvent]:
        for item in self._wiki.changes(namespaces=namespaces, since=since):
            yield self._nameless(item) if isinstance(item, Revision) else item

    def page_links(self, pageids: Sequence[int]) -> Iterator[PageLinks]:
        masked = self._erased.masked
        for links in self._wiki.page_links(pageids):
            yield replace(
                links,
                categories=tuple(map(masked, links.categories)),
                links=tuple(map(masked, links.links)),
                templates=tuple(map(masked, links.templates)),
            )

    def text_hashes(self, pageids: Sequence[int]) -> dict[int, TextHash]:
        return self._wiki.text_hashes(pageids)

    def _nameless(self, revision: Revision) -> Revision:
        comment = self._erased.masked(revision.comment)
        if self._erased.is_name(revision.user):
            return replace(revision, user=None, user_id=None, comment=comment)
        return revision if comment == revision.comment else replace(revision, comment=comment)


class _RenderingWiki(_Wiki):
    """One that can also be had as it renders its pages: what is kept of them is masked there."""

    def __init__(self, wiki: Wiki, erased: Erased, *, renderer: PageRenderer) -> None:
        super().__init__(wiki, erased)
        self._renderer = renderer

    def rendering(self, pageid: int) -> Rendering | None:
        return self._renderer.rendering(pageid)
