"""Who edited how much in which month, page by page: sums that the database makes, without reading histories.

Only what was saved under an account counts: an address may be many people, and a hidden name is nobody's.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Engine, Row, case, func, select

from connector.store.engine import reading
from connector.store.postgresql import is_postgresql
from connector.store.schema import revision
from connector.store.schema_people import account, sign_in


@dataclass(frozen=True, slots=True, kw_only=True)
class EditsOfMonth:
    """What one account saved of one page in one month, under one name."""

    pageid: int
    user_id: int
    """Number of the account in the wiki, never 0."""
    user: str
    """As the revisions have it: who was renamed may have several names."""
    month: date
    """Its first day, in UTC."""
    edits: int
    """Above 0; minor and reverted ones are among them."""
    first: datetime
    last: datetime
    last_major: datetime | None
    """The last one that was not marked as minor; None when all were."""
    revid: int
    """The greatest number among these revisions: the last one, as a rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """When somebody used the service."""

    name: str
    """Of their account, as the wiki last told it."""
    first: datetime
    last: datetime
    """To the day, about: a browser that stays signed in is noted now and then."""


class ActivityStore:
    """Sums over all histories. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._month = _month(engine)

    def months(self, *, until: datetime | None = None) -> list[EditsOfMonth]:
        """Return who edited what when, by page, account, name and month.

        Args:
            until: aware; what was saved later does not count. None: everything.
        """
        month = self._month.label("month")
        query = select(
            revision.c.pageid,
            revision.c.user_id,
            revision.c.user,
            month,
            func.count().label("edits"),
            func.min(revision.c.timestamp).label("first"),
            func.max(revision.c.timestamp).label("last"),
            func.max(case((revision.c.minor.is_(False), revision.c.timestamp))).label("last_major"),
            func.max(revision.c.revid).label("revid"),
        ).where(revision.c.user.is_not(None), revision.c.user_id != 0)
        if until is not None:
            query = query.where(revision.c.timestamp <= until)
        keys: Final = (revision.c.pageid, revision.c.user_id, revision.c.user, month)
        with reading(self._engine, "summing up histories") as connection:
            return [_edits(row) for row in connection.execute(query.group_by(*keys).order_by(*keys))]

    def newest(self) -> datetime | None:
        """Return when the newest of all revisions was saved; None without any."""
        with reading(self._engine, "looking for the newest revision") as connection:
            found: datetime | None = connection.execute(select(func.max(revision.c.timestamp))).scalar_one()
        return found

    def signed_in(self) -> dict[int, SignedIn]:
        """Return who has ever signed in, and when, by the number of their account in the wiki."""
        query = (
            select(
                account.c.wiki_user_id,
                account.c.name,
                account.c.created_at,
                account.c.seen_at,
                func.max(sign_in.c.seen_at).label("used_at"),
            )
            .outerjoin(sign_in, sign_in.c.account_id == account.c.id)
            .group_by(account.c.id)
            .order_by(account.c.wiki_user_id)
        )
        with reading(self._engine, "reading who has signed in") as connection:
            return {
                row.wiki_user_id: SignedIn(
                    name=row.name,
                    first=row.created_at,
                    last=max(row.seen_at, row.used_at or row.seen_at),
                )
                for row in connection.execute(query)
            }


def _month(engine: Engine) -> ColumnElement[str]:
    """Return the first day of a revision's month ("2026-03-01"); moments are kept, and read, in UTC."""
    if is_postgresql(engine):
        return func.to_char(revision.c.timestamp, "YYYY-MM-01")
    return func.strftime("%Y-%m-01", revision.c.timestamp)


def _edits(row: Row[Any]) -> EditsOfMonth:
    return EditsOfMonth(**{**row._mapping, "month": date.fromisoformat(row.month)})
