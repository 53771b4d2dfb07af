"""Histories of the mirror's pages: who changed what, when, and by how much."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict

from sqlalchemy import Connection, Engine, Row, delete, func, select

from connector.model import Revision
from connector.store.engine import reading, upsert, writing
from connector.store.schema import page, revision

_ROWS_AT_ONCE = 5_000


class RevisionStore:
    """Revisions without their texts, by revid."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put_many(self, revisions: Iterable[Revision]) -> None:
        """Keep revisions in one transaction; those of pages that the mirror does not have are left out."""
        with writing(self._engine, "keeping revisions") as connection:
            _put(connection, revisions)

    def replace_history(self, pageid: int, revisions: Iterable[Revision]) -> None:
        """Make a page's history exactly `revisions`: those the wiki no longer shows are forgotten."""
        with writing(self._engine, "replacing a history") as connection:
            connection.execute(delete(revision).where(revision.c.pageid == pageid))
            _put(connection, revisions)

    def forget_histories(self, pageids: Sequence[int]) -> None:
        """Forget all revisions of these pages, in one transaction."""
        with writing(self._engine, "forgetting histories") as connection:
            for start in range(0, len(pageids), _ROWS_AT_ONCE):
                ids = pageids[start : start + _ROWS_AT_ONCE]
                connection.execute(delete(revision).where(revision.c.pageid.in_(ids)))

    def lagging_pages(self) -> list[int]:
        """Return the pages whose newest revision is not in their history: it must be read (again)."""
        newest = (revision.c.revid == page.c.revid) & (revision.c.pageid == page.c.pageid)
        query = select(page.c.pageid).outerjoin(revision, newest).where(revision.c.revid.is_(None))
        with reading(self._engine, "looking for histories that lag") as connection:
            return list(connection.scalars(query.order_by(page.c.pageid)))

    def of_page(self, pageid: int) -> list[Revision]:
        """Return a page's history, oldest first."""
        query = (
            select(revision)
            .where(revision.c.pageid == pageid)
            .order_by(revision.c.timestamp, revision.c.revid)
        )
        with reading(self._engine, "reading a history") as connection:
            return [_revision(row) for row in connection.execute(query)]

    def of_pages(self, pageids: Sequence[int]) -> dict[int, list[Revision]]:
        """Return the histories of these pages, oldest first; at most a few hundred pages at a time."""
        histories: dict[int, list[Revision]] = {pageid: [] for pageid in pageids}
        query = (
            select(revision)
            .where(revision.c.pageid.in_(pageids))
            .order_by(revision.c.timestamp, revision.c.revid)
        )
        with reading(self._engine, "reading histories") as connection:
            for row in connection.execute(query):
                histories[row.pageid].append(_revision(row))
        return histories

    def iterate(self) -> Iterator[Revision]:
        """Yield all revisions by (pageid, revid), in handfuls."""
        last = (0, 0)
        while True:
            after = (revision.c.pageid > last[0]) | (
                (revision.c.pageid == last[0]) & (revision.c.revid > last[1])
            )
            query = select(revision).where(after).order_by(revision.c.pageid, revision.c.revid)
            with reading(self._engine, "reading histories") as connection:
                rows = connection.execute(query.limit(_ROWS_AT_ONCE)).all()
            if not rows:
                return
            yield from (_revision(row) for row in rows)
            last = (rows[-1].pageid, rows[-1].revid)

    def count(self) -> int:
        """Return how many revisions the mirror knows."""
        with reading(self._engine, "counting revisions") as connection:
            return connection.execute(select(func.count()).select_from(revision)).scalar_one()


def _revision(row: Row[tuple[object, ...]]) -> Revision:
    return Revision(
        revid=row.revid,
        pageid=row.pageid,
        timestamp=row.timestamp,
        parent_revid=row.parent_revid,
        user=row.user,
        user_id=row.user_id,
        comment=row.comment,
        size=row.size,
        sha1=row.sha1,
        minor=row.minor,
        tags=tuple(row.tags),
    )


def _put(connection: Connection, revisions: Iterable[Revision]) -> None:
    rows = [asdict(r) | {"tags": list(r.tags)} for r in revisions]
    wanted = sorted({row["pageid"] for row in rows})
    known: set[int] = set()
    for start in range(0, len(wanted), _ROWS_AT_ONCE):
        ids = wanted[start : start + _ROWS_AT_ONCE]
        known.update(connection.scalars(select(page.c.pageid).where(page.c.pageid.in_(ids))))
    upsert(connection, revision, [row for row in rows if row["pageid"] in known], key="revid")
