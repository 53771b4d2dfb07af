"""What people want of the others' finding and asking them, as they say on their own page."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import Engine, Row, select

from connector.errors import NotKeptError
from connector.store.changes import ChangeMarks, Mark
from connector.store.engine import reading, upsert, writing
from connector.store.schema_people import account, wish

LONGEST_AVAILABILITY: Final = 280
MOST_ASKS: Final = 31
"""Whom nobody may ask more often than once a day has no limit worth keeping."""
MOST_NOT_MINE: Final = 1_000
"""Pages that one person can take away from themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What one person wants."""

    opted_out: bool = False
    """Whether they are to be found nowhere."""
    paused: bool = False
    """Whether they are not to be asked now: until `paused_until`, or until they say otherwise."""
    paused_until: date | None = None
    """The first day on which they may be asked again; None for until they say so."""
    asks_a_month: int | None = None
    """How often they may be asked in a month; None: no limit."""
    languages: tuple[str, ...] = ()
    """Codes of the languages in which they can be asked; empty: as their pages show."""
    availability: str = ""
    """In their own words: when and how to reach them."""
    not_mine: frozenset[int] = frozenset()
    """Numbers of the pages that are no proof of what they know, as they say."""

    def is_paused(self, today: date) -> bool:
        """Whether they are not to be asked on a day."""
        return self.paused and (self.paused_until is None or today < self.paused_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class WishOf(Wish):
    """What one person wants, and who it is."""

    name: str
    """Of their account in the wiki."""
    wiki_user_id: int
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What everybody wants, by their account's number in the wiki, which stays when they are renamed."""

    by_id: Mapping[int, WishOf] = field(default_factory=dict)


class WishStore:
    """Wishes by account. Safe to share between threads."""

    def __init__(self, engine: Engine, *, changes: ChangeMarks) -> None:
        self._engine = engine
        self._changes = changes
        self._mutex = threading.Lock()
        self._known: tuple[Mark, Wishes] | None = None

    def get(self, account_id: int) -> Wish:
        """Return what somebody wants; nothing in particular for who has never said."""
        query = select(wish).where(wish.c.account_id == account_id)
        with reading(self._engine, "reading what somebody wants") as connection:
            row = connection.execute(query).one_or_none()
        return Wish() if row is None else Wish(**_fields(row))

    def put(self, account_id: int, new: Wish) -> None:
        """Keep what somebody wants in the place of what they wanted before.

        Raises:
            NotKeptError: there is no such account any more.
            ValueError: a text is too long, or there is more of something than is kept.
        """
        if len(new.availability) > LONGEST_AVAILABILITY:
            raise ValueError(f"availability has at most {LONGEST_AVAILABILITY} characters")
        if new.asks_a_month is not None and not 0 < new.asks_a_month <= MOST_ASKS:
            raise ValueError(f"asks a month are 1 to {MOST_ASKS}")
        if len(new.not_mine) > MOST_NOT_MINE:
            raise ValueError(f"at most {MOST_NOT_MINE} pages")
        row = {
            "account_id": account_id,
            "opted_out": new.opted_out,
            "paused": new.paused,
            "paused_until": new.paused_until if new.paused else None,
            "asks_a_month": new.asks_a_month,
            "languages": list(new.languages),
            "availability": new.availability,
            "not_mine": sorted(new.not_mine),
            "updated_at": datetime.now(UTC),
        }
        known = select(account.c.id).where(account.c.id == account_id)
        with writing(self._engine, "keeping what somebody wants") as connection:
            if connection.execute(known).one_or_none() is None:
                raise NotKeptError("this account is not here any more: sign in again")
            upsert(connection, wish, [row], key="account_id")

    def all(self) -> Wishes:
        """Return what everybody wants, read again when anything in the database has changed."""
        mark = self._changes.mark()  # before anything is read
        with self._mutex:
            if self._known is not None and self._known[0] == mark:
                return self._known[1]
        query = select(wish, account.c.name, account.c.wiki_user_id).join(
            account, account.c.id == wish.c.account_id
        )
        with reading(self._engine, "reading what people want") as connection:
            found = {
                row.wiki_user_id: WishOf(
                    **_fields(row),
                    name=row.name,
                    wiki_user_id=row.wiki_user_id,
                    updated_at=row.updated_at,
                )
                for row in connection.execute(query)
            }
        wishes = Wishes(by_id=found)
        with self._mutex:
            self._known = (mark, wishes)
        return wishes


def _fields(row: Row[Any]) -> dict[str, Any]:
    values = row._mapping
    return {
        "opted_out": values["opted_out"],
        "paused": values["paused"],
        "paused_until": values["paused_until"],
        "asks_a_month": values["asks_a_month"],
        "languages": tuple(values["languages"]),
        "availability": values["availability"],
        "not_mine": frozenset(values["not_mine"]),
    }
