"""What the mirror's pages lead to: categories, links and templates, as the wiki has worked them out."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Engine, select

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
            rows = [
                {
                    "pageid": each.pageid,
                    "categories": each.categories,
                    "links": each.links,
                    "templates": each.templates,
                }
                for each in wanted.values()
                if each.pageid in known
            ]
            already = select(page_links.c.pageid)
            if any(
                connection.scalars(already.where(page_links.c.pageid.in_(ids)).limit(1)).first() is not None
                for ids in handfuls([row["pageid"] for row in rows])
            ):
                note_traces(connection, "replaced")
            upsert(connection, page_links, rows, key="pageid")

    def get(self, pageid: int) -> PageLinks | None:
        """Return a page's links, or None when they were never read."""
        return self.get_many([pageid]).get(pageid)

    def get_many(self, pageids: Sequence[int]) -> dict[int, PageLinks]:
        """Return the links that are known of these pages."""
        found: dict[int, PageLinks] = {}
        with reading(self._engine, "reading links") as connection:
            for ids in handfuls(pageids):
                for row in connection.execute(select(page_links).where(page_links.c.pageid.in_(ids))):
                    found[row.pageid] = PageLinks(
                        pageid=row.pageid,
                        categories=tuple(row.categories),
                        links=tuple(row.links),
                        templates=tuple(row.templates),
                    )
        return found

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
