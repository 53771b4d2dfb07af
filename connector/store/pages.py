"""Pages of the mirror: the newest text of each, by pageid."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import TypeVarTuple

from sqlalchemy import Engine, Row, Select, delete, func, select, update

from connector.errors import PageNotFoundError
from connector.model import Page, PageHead
from connector.store.engine import reading, upsert, writing
from connector.store.schema import page
from connector.store.site import SiteStore
from connector.titles import normalize_title

# SQLite takes 32,766 variables in a statement (SQLITE_MAX_VARIABLE_NUMBER); texts come in smaller handfuls.
_IDS_AT_ONCE = 500

_Columns = TypeVarTuple("_Columns")


class PageStore:
    """Pages with their newest text."""

    def __init__(self, engine: Engine, site: SiteStore) -> None:
        self._engine = engine
        self._site = site

    def put_many(self, pages: Iterable[Page]) -> None:
        """Keep pages in one transaction; a page that is already there is replaced."""
        rows = [asdict(p) for p in pages]
        with writing(self._engine, "keeping pages") as connection:
            upsert(connection, page, rows, key="pageid")

    def rename_many(self, heads: Iterable[PageHead]) -> None:
        """Give pages the namespace and title they have now; their texts stay."""
        with writing(self._engine, "renaming pages") as connection:
            for head in heads:
                connection.execute(
                    update(page)
                    .where(page.c.pageid == head.pageid)
                    .values(namespace=head.namespace, title=head.title)
                )

    def delete(self, pageids: Sequence[int]) -> None:
        """Forget pages and their histories, in one transaction."""
        with writing(self._engine, "forgetting pages") as connection:
            for start in range(0, len(pageids), _IDS_AT_ONCE):
                ids = pageids[start : start + _IDS_AT_ONCE]
                connection.execute(delete(page).where(page.c.pageid.in_(ids)))

    def get(self, pageid: int) -> Page | None:
        """Return a page, or None when the mirror does not have it."""
        return self.get_many([pageid]).get(pageid)

    def get_many(self, pageids: Sequence[int]) -> dict[int, Page]:
        """Return the pages that the mirror has among `pageids`."""
        found: dict[int, Page] = {}
        with reading(self._engine, "reading pages") as connection:
            for start in range(0, len(pageids), _IDS_AT_ONCE):
                ids = pageids[start : start + _IDS_AT_ONCE]
                for row in connection.execute(select(page).where(page.c.pageid.in_(ids))):
                    found[row.pageid] = _page(row)
        return found

    def by_title(self, title: str) -> Page | None:
        """Return the page with this title, as a user may write it (`grille-pain`, `Aide:Début_facile`)."""
        site = self._site.get()
        if site is not None:
            try:
                title = normalize_title(title, site=site)
            except ValueError:
                return None
        # While a sync is half done two pages can bear one title: the newer one is the right one.
        query = select(page).where(page.c.title == title).order_by(page.c.revid.desc()).limit(1)
        with reading(self._engine, "looking up a title") as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _page(row)

    def require(self, title: str) -> Page:
        """Return the page with this title, following one redirect.

        Raises:
            PageNotFoundError: the mirror has no such page.
        """
        found = self.by_title(title)
        if found is not None and found.redirect_target is not None:
            found = self.by_title(found.redirect_target) or found
        if found is None:
            raise PageNotFoundError(f"no page is called “{title}” in the mirror", title=title)
        return found

    def heads(self, *, namespaces: Sequence[int] | None = None) -> list[PageHead]:
        """Return pageid, namespace, title and revid of all pages, by pageid; all namespaces when None."""
        query = select(page.c.pageid, page.c.namespace, page.c.title, page.c.revid).order_by(page.c.pageid)
        with reading(self._engine, "listing pages") as connection:
            return [
                PageHead(pageid=row.pageid, namespace=row.namespace, title=row.title, revid=row.revid)
                for row in connection.execute(_in_namespaces(query, namespaces))
            ]

    def iterate(self, *, namespaces: Sequence[int] | None = None, redirects: bool = False) -> Iterator[Page]:
        """Yield pages by pageid, in handfuls: memory stays flat, and no transaction is open between them."""
        last = 0
        while True:
            query = _in_namespaces(select(page), namespaces).where(page.c.pageid > last)
            if not redirects:
                query = query.where(page.c.redirect_target.is_(None))
            with reading(self._engine, "reading pages") as connection:
                rows = connection.execute(query.order_by(page.c.pageid).limit(_IDS_AT_ONCE)).all()
            if not rows:
                return
            yield from (_page(row) for row in rows)
            last = rows[-1].pageid

    def redirects(self) -> dict[str, str]:
        """Return the title each redirect points to, by the redirect's own title."""
        query = select(page.c.title, page.c.redirect_target).where(page.c.redirect_target.is_not(None))
        with reading(self._engine, "listing redirects") as connection:
            return {row.title: row.redirect_target for row in connection.execute(query)}

    def titles(self, *, namespaces: Sequence[int] | None = None) -> dict[str, int]:
        """Return the pageid of every title, redirects included."""
        return {head.title: head.pageid for head in self.heads(namespaces=namespaces)}

    def count(self) -> int:
        """Return how many pages the mirror has, redirects included."""
        with reading(self._engine, "counting pages") as connection:
            return connection.execute(select(func.count()).select_from(page)).scalar_one()

    def fingerprint(self) -> tuple[int, ...]:
        """Return a few numbers that change whenever a page is added, changed, moved or purged.

        A move makes a revision too, so titles need not be read.
        """
        query = select(func.count(), func.max(page.c.revid), func.sum(page.c.revid), func.sum(page.c.pageid))
        with reading(self._engine, "looking whether pages changed") as connection:
            row = connection.execute(query.select_from(page)).one()
        return tuple(int(value or 0) for value in row)


def _in_namespaces(query: Select[*_Columns], namespaces: Sequence[int] | None) -> Select[*_Columns]:
    return query if namespaces is None else query.where(page.c.namespace.in_(namespaces))


def _page(row: Row[tuple[object, ...]]) -> Page:
    return Page(
        pageid=row.pageid,
        namespace=row.namespace,
        title=row.title,
        revid=row.revid,
        timestamp=row.timestamp,
        wikitext=row.wikitext,
        redirect_target=row.redirect_target,
        content_model=row.content_model,
    )
