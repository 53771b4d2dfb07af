"""Edits that made a page longer: what somebody gave to the wiki, as far as its histories tell."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Engine, func, or_, select

from connector.model import PageHead
from connector.store.engine import handfuls, reading
from connector.store.schema import page, revision

# How MediaWiki marks what was undone later, and what undoes something
# (https://www.mediawiki.org/wiki/Manual:Reverts).
_NOT_GIVEN: Final = frozenset({"mw-reverted", "mw-undo", "mw-rollback", "mw-manual-revert"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """One edit that made a page longer."""

    revid: int
    page: PageHead
    user: str
    user_id: int
    """Never 0: who has no account cannot be thanked."""
    saved_at: datetime
    added: int
    """Bytes that the page became longer by."""


class AdditionStore:
    """Reads them from the histories."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def since(
        self, moment: datetime, until: datetime, *, least: int, namespaces: Sequence[int]
    ) -> list[Addition]:
        """Return the edits of at least so many bytes between two moments, the newest first.

        Left out are edits of redirects, those that the wiki has marked as undone or as undoing, and those
        that a later edit took back by putting an earlier text in their place.

        Args:
            moment: aware.
            until: aware; this moment excluded.
            least: bytes, above 0.
            namespaces: of the pages.
        """
        before = revision.alias("before")
        added = revision.c.size - func.coalesce(before.c.size, 0)
        is_known = or_(
            before.c.revid.is_not(None),
            revision.c.parent_revid.is_(None),
            revision.c.parent_revid == 0,
        )
        query = (
            select(
                revision.c.revid,
                revision.c.user,
                revision.c.user_id,
                revision.c.timestamp,
                revision.c.tags,
                added.label("added"),
                page.c.pageid,
                page.c.namespace,
                page.c.title,
                page.c.revid.label("page_revid"),
            )
            .select_from(revision)
            .join(page, page.c.pageid == revision.c.pageid)
            .outerjoin(before, before.c.revid == revision.c.parent_revid)
            .where(
                revision.c.timestamp >= moment,
                revision.c.timestamp < until,
                revision.c.user.is_not(None),
                revision.c.user_id != 0,
                page.c.namespace.in_(namespaces),
                page.c.redirect_target.is_(None),
                is_known,
                added >= least,
            )
            .order_by(revision.c.timestamp.desc(), revision.c.revid.desc())
        )
        with reading(self._engine, "looking for what was added") as connection:
            rows = [row for row in connection.execute(query) if _NOT_GIVEN.isdisjoint(row.tags)]
        taken_back = self._taken_back({row.pageid for row in rows})
        return [
            Addition(
                revid=row.revid,
                page=PageHead(
                    pageid=row.pageid, namespace=row.namespace, title=row.title, revid=row.page_revid
                ),
                user=row.user,
                user_id=row.user_id,
                saved_at=row.timestamp,
                added=row.added,
            )
            for row in rows
            if row.revid not in taken_back
        ]

    def authors(self, revids: Collection[int]) -> dict[int, int]:
        """Return whose account saved revisions, by revid; those that the mirror has not are left out."""
        found: dict[int, int] = {}
        with reading(self._engine, "reading who saved revisions") as connection:
            for ids in handfuls(sorted(set(revids))):
                query = select(revision.c.revid, revision.c.user_id).where(
                    revision.c.revid.in_(ids), revision.c.user_id.is_not(None)
                )
                found.update((row.revid, row.user_id) for row in connection.execute(query))
        return found

    def page_of(self, revid: int) -> PageHead | None:
        """Return the page that a revision is of; None where the mirror has it not."""
        query = (
            select(page.c.pageid, page.c.namespace, page.c.title, page.c.revid)
            .join(revision, revision.c.pageid == page.c.pageid)
            .where(revision.c.revid == revid)
        )
        with reading(self._engine, "reading what was edited") as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else PageHead(**row._asdict())

    def _taken_back(self, pageids: Collection[int]) -> set[int]:
        """Return the revisions between an earlier text of their page and the same text again."""
        gone: set[int] = set()
        columns = (revision.c.pageid, revision.c.revid, revision.c.sha1)
        with reading(self._engine, "looking for what was taken back") as connection:
            for ids in handfuls(sorted(pageids)):
                query = select(*columns).where(revision.c.pageid.in_(ids), revision.c.sha1 != "")
                history: list[int] = []
                places: dict[tuple[int, str], int] = {}
                for pageid, revid, sha1 in connection.execute(
                    query.order_by(revision.c.pageid, revision.c.timestamp, revision.c.revid)
                ):
                    earlier = places.get((pageid, sha1))
                    if earlier is not None:
                        gone.update(history[earlier + 1 :])
                    places[pageid, sha1] = len(history)
                    history.append(revid)
        return gone
