"""What the mirror's pages lead to: categories, links and templates, as the wiki has worked them out."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, select

from connector.model import PageLinks
from connector.store.engine import handfuls, reading, upsert, writing
from connector.store.known_pages import known_pages
from connector.store.schema import page, page_links
from connector.store.scrubbing import note_traces


class LinkStore:
    """Links by pageid. A page's new text leaves them as they are until they are read anew."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put_many(self, links: Iterable[PageLinks]) -> None:
        """Keep links in one transaction, in the place of older ones.

        Those of pages that the mirror does not have are left out.
        """
        wanted = {each.pageid: each for each in links}
        with writing(self._engine, "keeping links") as connection:
            known = known_pages(connection, wanted)
            before = _read(connection, sorted(known))
            # A template that changes has the links of many pages read again, and few of them are others.
            changed = [wanted[pageid] for pageid in known if before.get(pageid) != wanted[pageid]]
            if any(each.pageid in before for each in changed):
                note_traces(connection, "replaced")
            upsert(connection, page_links, [_row(each) for each in changed], key="pageid")

    def get(self, pageid: int) -> PageLinks | None:
        """Return a page's links, or None when they were never read."""
        return self.get_many([pageid]).get(pageid)

    def get_many(self, pageids: Sequence[int]) -> dict[int, PageLinks]:
        """Return the links that are known of these pages."""
        with reading(self._engine, "reading links") as connection:
            return _read(connection, pageids)

    def categories(self) -> dict[int, tuple[str, ...]]:
        """Return the titles of the categories that each page is in, as far as its links are known."""
        query = select(page_links.c.pageid, page_links.c.categories)
        with reading(self._engine, "reading categories") as connection:
            return {pageid: tuple(categories) for pageid, categories in connection.execute(query)}

    def lagging_pages(self) -> list[int]:
        """Return the pages whose links were never read, by pageid."""
        query = (
            select(page.c.pageid)
            .outerjoin(page_links, page_links.c.pageid == page.c.pageid)
            .where(page_links.c.pageid.is_(None))
            .order_by(page.c.pageid)
        )
        with reading(self._engine, "looking for pages without links") as connection:
            return list(connection.scalars(query))


def _read(connection: Connection, pageids: Sequence[int]) -> dict[int, PageLinks]:
    found: dict[int, PageLinks] = {}
    for ids in handfuls(pageids):
        for row in connection.execute(select(page_links).where(page_links.c.pageid.in_(ids))):
            found[row.pageid] = PageLinks(
                pageid=row.pageid,
                categories=tuple(row.categories),
                links=tuple(row.links),
                templates=tuple(row.templates),
            )
    return found


def _row(links: PageLinks) -> dict[str, Any]:
    return {
        "pageid": links.pageid,
        "categories": links.categories,
        "links": links.links,
        "templates": links.templates,
    }
