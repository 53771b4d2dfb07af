"""Pages as the wiki renders them, read into sections: for wikis that live on their templates."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, delete, select

from connector.model import Section
from connector.store.engine import reading, upsert, writing
from connector.store.known_pages import known_pages
from connector.store.schema import page, rendering
from connector.store.scrubbing import note_traces


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRendering:
    """The sections of a page's rendering, and which state of the page it shows."""

    revid: int
    touched: datetime | None
    """What the page's `touched` was when it was rendered; None when unknown."""
    sections: tuple[Section, ...]
    """None at all: the wiki gives no rendering of this state, or an empty one."""


class RenderingStore:
    """The newest rendering of each page, by pageid."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, pageid: int, *, revid: int, touched: datetime | None, sections: Sequence[Section]) -> None:
        """Keep a page's rendering in the place of an older one; nothing when the mirror has no such page."""
        row = {
            "pageid": pageid,
            "revid": revid,
            "touched": touched,
            "sections": [asdict(section) for section in sections],
        }
        already = select(rendering.c.pageid).where(rendering.c.pageid == pageid)
        with writing(self._engine, "keeping a rendering") as connection:
            if pageid not in known_pages(connection, [pageid]):
                return
            if connection.scalars(already).first() is not None:
                note_traces(connection, "replaced")
            upsert(connection, rendering, [row], key="pageid")

    def get(self, pageid: int) -> StoredRendering | None:
        """Return a page's rendering, or None when there is none."""
        with reading(self._engine, "reading a rendering") as connection:
            row = connection.execute(select(rendering).where(rendering.c.pageid == pageid)).one_or_none()
        if row is None:
            return None
        return StoredRendering(
            revid=row.revid, touched=row.touched, sections=tuple(_section(each) for each in row.sections)
        )

    def stamps(self) -> dict[int, tuple[int, datetime | None]]:
        """Return revid and `touched` of every rendering, by pageid, without reading the sections."""
        query = select(rendering.c.pageid, rendering.c.revid, rendering.c.touched)
        with reading(self._engine, "listing renderings") as connection:
            return {row.pageid: (row.revid, row.touched) for row in connection.execute(query)}

    def stale_pages(self) -> list[int]:
        """Return the pages whose rendering is missing or shows another state than the page has, by pageid.

        Redirects have no text of their own and are left out.
        """
        stale = (
            rendering.c.pageid.is_(None)
            | (rendering.c.revid != page.c.revid)
            | rendering.c.touched.is_distinct_from(page.c.touched)
        )
        query = (
            select(page.c.pageid)
            .outerjoin(rendering, rendering.c.pageid == page.c.pageid)
            .where(page.c.redirect_target.is_(None), stale)
            .order_by(page.c.pageid)
        )
        with reading(self._engine, "looking for renderings that lag") as connection:
            return list(connection.scalars(query))

    def clear(self) -> None:
        """Forget all renderings."""
        with writing(self._engine, "forgetting renderings") as connection:
            if connection.execute(delete(rendering)).rowcount:
                note_traces(connection, "replaced")


def _section(fields: dict[str, Any]) -> Section:
    return Section(**(fields | {"path": tuple(fields["path"])}))
