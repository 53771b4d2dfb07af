"""Pages of the mirror: the newest text of each, by pageid."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVarTuple

from sqlalchemy import Connection, Engine, Row, Select, bindparam, delete, func, select, update

from connector.errors import PageNotFoundError
from connector.model import Page, PageHead, TextHash
from connector.store.engine import handfuls, reading, store_errors, upsert, writing
from connector.store.link_feedback import drop_lost_words
from connector.store.schema import page
from connector.store.scrubbing import note_traces
from connector.store.site import SiteStore
from connector.titles import normalize_title

_PAGES_AT_ONCE = 500

_Columns = TypeVarTuple("_Columns")


class PageStore:
    """Pages with their newest text."""

    def __init__(self, engine: Engine, site: SiteStore) -> None:
        self._engine = engine
        self._site = site

    def put_many(self, pages: Iterable[Page], *, now: datetime | None = None) -> None:
        """Keep pages in one transaction; a page that is already there is replaced.

        When it was touched, its links and its rendering stay: a new text does not prove them. What was said
        of suggested links stays, without words that the new text does not have.

        Args:
            pages: with their texts.
            now: the wiki's clock when it gave the texts; None when that is not known, and the texts count as
                never proven.
        """
        with store_errors(self._engine, "keeping pages"):
            rows = [_row(each, proven_at=now) for each in pages]
        with writing(self._engine, "keeping pages") as connection:
            if _replaces(connection, rows):
                note_traces(connection, "replaced")
                drop_lost_words(connection, {row["pageid"]: row["wikitext"] for row in rows})
            upsert(connection, page, rows, key="pageid", keep=frozenset(["touched"]))

    def rename_many(self, heads: Iterable[PageHead]) -> None:
        """Give pages the namespace and title they have now; their texts stay."""
        rows = [{"id": head.pageid, "namespace": head.namespace, "title": head.title} for head in heads]
        if not rows:
            return
        statement = update(page).where(page.c.pageid == bindparam("id"))
        with writing(self._engine, "renaming pages") as connection:
            note_traces(connection, "replaced")
            connection.execute(statement, rows)

    def set_touched_many(self, heads: Iterable[PageHead]) -> None:
        """Note that pages' links are those of the moment that their heads say (`touched`)."""
        rows = [{"id": head.pageid, "touched": head.touched} for head in heads]
        if not rows:
            return
        statement = update(page).where(page.c.pageid == bindparam("id"))
        with writing(self._engine, "noting when pages were touched") as connection:
            connection.execute(statement, rows)

    def delete(self, pageids: Sequence[int]) -> None:
        """Forget pages, and with them their histories, links, renderings and feedback, in one transaction.

        Nothing finds them any more; what is left of their bytes goes with `Store.scrub`.
        """
        if not pageids:
            return
        with writing(self._engine, "forgetting pages") as connection:
            gone = sum(
                connection.execute(delete(page).where(page.c.pageid.in_(ids))).rowcount
                for ids in handfuls(pageids)
            )
            if gone:
                note_traces(connection, "erased")

    def get(self, pageid: int) -> Page | None:
        """Return a page, or None when the mirror does not have it."""
        return self.get_many([pageid]).get(pageid)

    def get_many(self, pageids: Sequence[int]) -> dict[int, Page]:
        """Return the pages that the mirror has among `pageids`."""
        found: dict[int, Page] = {}
        with reading(self._engine, "reading pages") as connection:
            for ids in handfuls(pageids):
                for row in connection.execute(_PAGES.where(page.c.pageid.in_(ids))):
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
        query = _PAGES.where(page.c.title == title).order_by(page.c.revid.desc()).limit(1)
        with reading(self._engine, "looking up a title") as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _page(row)

    def heads_by_title(self, titles: Collection[str]) -> dict[str, PageHead]:
        """Return what a sweep compares of the pages with these titles, by title.

        Args:
            titles: as the mirror has them, with their namespaces.
        """
        query = select(page.c.pageid, page.c.namespace, page.c.title, page.c.revid, page.c.touched)
        found: dict[str, PageHead] = {}
        with reading(self._engine, "looking up titles") as connection:
            for some in handfuls(sorted(titles)):
                # Of two pages that bear one title the newer one comes last, and is the right one.
                rows = connection.execute(query.where(page.c.title.in_(some)).order_by(page.c.revid))
                found |= {row.title: PageHead(**row._mapping) for row in rows}
        return found

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
        """Return what a sweep compares of all pages, by pageid; all namespaces when None."""
        query = select(page.c.pageid, page.c.namespace, page.c.title, page.c.revid, page.c.touched)
        with reading(self._engine, "listing pages") as connection:
            return [
                PageHead(pageid=pageid, namespace=namespace, title=title, revid=revid, touched=touched)
                for pageid, namespace, title, revid, touched in connection.execute(
                    _in_namespaces(query, namespaces).order_by(page.c.pageid)
                )
            ]

    def hashes(self, pageids: Sequence[int]) -> dict[int, TextHash]:
        """Return the checksums of the texts that the mirror has of these pages."""
        found: dict[int, TextHash] = {}
        query = select(page.c.pageid, page.c.revid, page.c.sha1)
        with reading(self._engine, "reading checksums") as connection:
            for ids in handfuls(pageids):
                for row in connection.execute(query.where(page.c.pageid.in_(ids))):
                    found[row.pageid] = TextHash(pageid=row.pageid, revid=row.revid, sha1=row.sha1)
        return found

    def least_recently_proven(self, limit: int, *, namespaces: Sequence[int] | None = None) -> list[int]:
        """Return the pages whose texts were compared with the wiki's longest ago, or never, first.

        Args:
            limit: how many at most.
            namespaces: which; all when None.
        """
        # As SQLite's index does by itself; PostgreSQL would put NULL last.
        query = select(page.c.pageid).order_by(page.c.proven_at.nulls_first(), page.c.pageid).limit(limit)
        with reading(self._engine, "looking for texts to prove") as connection:
            return list(connection.scalars(_in_namespaces(query, namespaces)))

    def prove_many(self, pageids: Sequence[int], *, now: datetime) -> None:
        """Note that the texts of these pages are the wiki's at `now`, its clock."""
        with writing(self._engine, "noting proofs") as connection:
            for ids in handfuls(pageids):
                connection.execute(update(page).where(page.c.pageid.in_(ids)).values(proven_at=now))

    def oldest_proof(self) -> datetime | None:
        """Return since when every text is proven; None when one never was, or there are no pages."""
        query = select(page.c.proven_at).order_by(page.c.proven_at.nulls_first()).limit(1)
        with reading(self._engine, "looking for the oldest proof") as connection:
            return connection.execute(query).scalar_one_or_none()

    def iterate(self, *, namespaces: Sequence[int] | None = None, redirects: bool = False) -> Iterator[Page]:
        """Yield pages by pageid, in handfuls: memory stays flat, and no transaction is open between them."""
        last = 0
        while True:
            query = _in_namespaces(_PAGES, namespaces).where(page.c.pageid > last)
            if not redirects:
                query = query.where(page.c.redirect_target.is_(None))
            with reading(self._engine, "reading pages") as connection:
                rows = connection.execute(query.order_by(page.c.pageid).limit(_PAGES_AT_ONCE)).all()
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
        query = _in_namespaces(select(page.c.title, page.c.pageid), namespaces)
        with reading(self._engine, "listing titles") as connection:
            return {title: pageid for title, pageid in connection.execute(query.order_by(page.c.pageid))}

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


def _replaces(connection: Connection, rows: Sequence[dict[str, Any]]) -> bool:
    """Whether something of a page that is already there would be lost."""
    new = {row["pageid"]: (row["title"], row["sha1"]) for row in rows}
    query = select(page.c.pageid, page.c.title, page.c.sha1)
    return any(
        new[pageid] != (title, sha1)
        for ids in handfuls(list(new))
        for pageid, title, sha1 in connection.execute(query.where(page.c.pageid.in_(ids)))
    )


_PAGES = select(
    page.c.pageid,
    page.c.namespace,
    page.c.title,
    page.c.revid,
    page.c.timestamp,
    page.c.redirect_target,
    page.c.content_model,
    page.c.wikitext,
)


def _row(kept: Page, *, proven_at: datetime | None) -> dict[str, Any]:
    return {
        "pageid": kept.pageid,
        "namespace": kept.namespace,
        "title": kept.title,
        "revid": kept.revid,
        "timestamp": kept.timestamp,
        "redirect_target": kept.redirect_target,
        "content_model": kept.content_model,
        "touched": None,
        # The wiki's own choice of checksum; nothing is secured with it.
        "sha1": hashlib.sha1(kept.wikitext.encode(), usedforsecurity=False).hexdigest(),
        "proven_at": proven_at,
        "wikitext": kept.wikitext,
    }


def _page(row: Row[*tuple[Any, ...]]) -> Page:
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
