"""Histories of the mirror's pages: who changed what, when, and by how much."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, func, select, tuple_

from connector.model import Revision
from connector.store.engine import handfuls, reading, upsert, writing
from connector.store.known_pages import known_pages
from connector.store.schema import page, revision
from connector.store.scrubbing import note_traces

_ROWS_AT_ONCE = 5_000


class RevisionStore:
    """Revisions without their texts, by revid."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put_many(self, revisions: Iterable[Revision]) -> None:
        """Keep revisions in one transaction, as they are now: an author who is hidden now replaces the name.

        Those of pages that the mirror does not have are left out.
        """
        with writing(self._engine, "keeping revisions") as connection:
            _put(connection, list(revisions))

    def replace_history(self, pageid: int, revisions: Iterable[Revision]) -> None:
        """Make a page's history exactly `revisions`: those the wiki no longer shows are forgotten."""
        kept = list(revisions)
        staying = {each.revid for each in kept}
        with writing(self._engine, "replacing a history") as connection:
            before = connection.scalars(select(revision.c.revid).where(revision.c.pageid == pageid))
            gone = [revid for revid in before if revid not in staying]
            for ids in handfuls(gone):
                connection.execute(delete(revision).where(revision.c.revid.in_(ids)))
            if gone:
                note_traces(connection, "erased")
            _put(connection, kept)

    def forget_histories(self, pageids: Sequence[int]) -> None:
        """Forget all revisions of these pages, in one transaction."""
        with writing(self._engine, "forgetting histories") as connection:
            gone = sum(
                connection.execute(delete(revision).where(revision.c.pageid.in_(ids))).rowcount
                for ids in handfuls(pageids)
            )
            if gone:
                note_traces(connection, "erased")

    def known(self, revids: Iterable[int]) -> set[int]:
        """Return those of these revisions that the mirror has."""
        found: set[int] = set()
        with reading(self._engine, "looking up revisions") as connection:
            for ids in handfuls(sorted(set(revids))):
                found.update(connection.scalars(select(revision.c.revid).where(revision.c.revid.in_(ids))))
        return found

    def differing(self, revisions: Iterable[Revision]) -> list[Revision]:
        """Return those of `revisions` that the mirror lacks, or has with other fields, in their order.

        Those of pages that the mirror does not have are left out.
        """
        given = list(revisions)
        with reading(self._engine, "comparing revisions") as connection:
            pages = known_pages(connection, (each.pageid for each in given))
            kept = _by_revid(connection, [each.revid for each in given])
        return [each for each in given if each.pageid in pages and kept.get(each.revid) != each]

    def counts(self) -> dict[int, int]:
        """Return how many revisions each page has, by pageid; pages without any are left out."""
        query = select(revision.c.pageid, func.count()).group_by(revision.c.pageid)
        with reading(self._engine, "counting revisions") as connection:
            return {pageid: count for pageid, count in connection.execute(query)}

    def broken_chains(self, pageids: Sequence[int]) -> list[int]:
        """Return the pages among these whose history has a hole, by pageid.

        A hole is a revision that follows one which is not kept, or no revision at all. Pages that the mirror
        does not have are left out.
        """
        parent = revision.alias("parent")
        holes = (
            select(revision.c.pageid)
            .outerjoin(parent, parent.c.revid == revision.c.parent_revid)
            .where(revision.c.parent_revid > 0, parent.c.revid.is_(None))
        )
        empty = (
            select(page.c.pageid)
            .outerjoin(revision, revision.c.pageid == page.c.pageid)
            .where(revision.c.revid.is_(None))
        )
        broken: set[int] = set()
        with reading(self._engine, "looking for holes in histories") as connection:
            for ids in handfuls(sorted(set(pageids))):
                broken.update(connection.scalars(holes.where(revision.c.pageid.in_(ids))))
                broken.update(connection.scalars(empty.where(page.c.pageid.in_(ids))))
        return sorted(broken)

    def lagging_pages(self) -> list[int]:
        """Return the pages whose newest revision is not in their history: it must be read (again)."""
        newest = (revision.c.revid == page.c.revid) & (revision.c.pageid == page.c.pageid)
        query = select(page.c.pageid).outerjoin(revision, newest).where(revision.c.revid.is_(None))
        with reading(self._engine, "looking for histories that lag") as connection:
            return list(connection.scalars(query.order_by(page.c.pageid)))

    def contradicted_pages(self) -> list[int]:
        """Return the pages whose text is not the one that their newest revision's checksum tells, by pageid.

        A wiki that was restored from a backup gives the numbers of lost revisions again, to other texts.
        """
        newest = (revision.c.revid == page.c.revid) & (revision.c.pageid == page.c.pageid)
        query = (
            select(page.c.pageid)
            .join(revision, newest)
            .where(revision.c.sha1 != "", revision.c.sha1 != page.c.sha1)
            .order_by(page.c.pageid)
        )
        with reading(self._engine, "looking for texts that histories contradict") as connection:
            return list(connection.scalars(query))

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
        """Return the histories of these pages, oldest first."""
        histories: dict[int, list[Revision]] = {pageid: [] for pageid in pageids}
        query = select(revision).order_by(revision.c.timestamp, revision.c.revid)
        with reading(self._engine, "reading histories") as connection:
            for ids in handfuls(pageids):
                for row in connection.execute(query.where(revision.c.pageid.in_(ids))):
                    histories[row.pageid].append(_revision(row))
        return histories

    def iterate(self) -> Iterator[Revision]:
        """Yield all revisions by (pageid, revid), in handfuls."""
        last = (0, 0)
        while True:
            after = tuple_(revision.c.pageid, revision.c.revid) > tuple_(*last)
            query = select(revision).where(after).order_by(revision.c.pageid, revision.c.revid)
            with reading(self._engine, "reading histories") as connection:
                rows = connection.execute(query.limit(_ROWS_AT_ONCE)).all()
            if not rows:
                return
            yield from (_revision(row) for row in rows)
            last = (rows[-1].pageid, rows[-1].revid)

    def user_names(self) -> list[str]:
        """Return the accounts that have edited, in the order of their names; nobody whose name is hidden."""
        query = (
            select(revision.c.user)
            .where(revision.c.user.is_not(None), revision.c.user_id != 0)
            .distinct()
            .order_by(revision.c.user)
        )
        with reading(self._engine, "reading who has edited") as connection:
            return [str(name) for name in connection.execute(query).scalars()]

    def count_of(self, user_id: int) -> int:
        """Return how many revisions the mirror knows of one account, by its number in the wiki."""
        query = select(func.count()).select_from(revision).where(revision.c.user_id == user_id)
        with reading(self._engine, "counting somebody's revisions") as connection:
            return connection.execute(query).scalar_one()

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


def _by_revid(connection: Connection, revids: Sequence[int]) -> dict[int, Revision]:
    kept: dict[int, Revision] = {}
    for ids in handfuls(revids):
        for row in connection.execute(select(revision).where(revision.c.revid.in_(ids))):
            kept[row.revid] = _revision(row)
    return kept


def _put(connection: Connection, revisions: Sequence[Revision]) -> None:
    known = known_pages(connection, (each.pageid for each in revisions))
    kept = [each for each in revisions if each.pageid in known]
    before = _by_revid(connection, [each.revid for each in kept])
    changed = [each for each in kept if before.get(each.revid) != each]
    if any(_hides(before[each.revid], each) for each in changed if each.revid in before):
        note_traces(connection, "erased")
    upsert(connection, revision, [_row(each) for each in changed], key="revid")


def _hides(before: Revision, now: Revision) -> bool:
    """Whether the wiki took back what it said of a revision: a name, a summary, a checksum, a tag."""
    taken = (before.user, before.comment, before.sha1), (now.user, now.comment, now.sha1)
    return taken[0] != taken[1] or not set(before.tags) <= set(now.tags)


def _row(kept: Revision) -> dict[str, Any]:
    return {
        "revid": kept.revid,
        "pageid": kept.pageid,
        "parent_revid": kept.parent_revid,
        "timestamp": kept.timestamp,
        "user": kept.user,
        "user_id": kept.user_id,
        "comment": kept.comment,
        "size": kept.size,
        "sha1": kept.sha1,
        "minor": kept.minor,
        "tags": list(kept.tags),
    }
