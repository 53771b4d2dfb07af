"""Which pages the mirror has: what belongs to a page is kept only with the page."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from connector.store.engine import handfuls
from connector.store.schema import page


def known_pages(connection: Connection, pageids: Iterable[int]) -> set[int]:
    """Return the pages that the mirror has among `pageids`, within a transaction."""
    known: set[int] = set()
    for ids in handfuls(sorted(set(pageids))):
        known.update(connection.scalars(select(page.c.pageid).where(page.c.pageid.in_(ids))))
    return known
