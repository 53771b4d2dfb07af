"""Who shows which newcomer around. Both are known by the numbers of their accounts, which renaming leaves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Engine, Row, delete, func, or_, select, update

from connector.store.engine import reading, upsert, writing
from connector.store.schema_community import welcome
from connector.store.scrubbing import note_traces

_LONGEST_NAME: Final = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """A newcomer and their contact."""

    wiki_user_id: int
    """Of the newcomer."""
    name: str
    """Theirs at the time."""
    contact_user_id: int | None
    """Of who shows them around; None for who is only named in the wiki."""
    contact_name: str
    since: datetime
    ended_at: datetime | None
    """When they no longer needed one, or the contact stepped back; None: it holds."""


class WelcomeStore:
    """Welcomes, one a newcomer. Nothing here can be rebuilt: each change is one durable transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(
        self,
        wiki_user_id: int,
        *,
        name: str,
        contact_user_id: int | None,
        contact_name: str,
        now: datetime,
    ) -> Welcome:
        """Keep who shows somebody around, in the place of who did before.

        Args:
            wiki_user_id: of the newcomer.
            name: theirs.
            contact_user_id: of the contact, where they have an account.
            contact_name: theirs.
            now: aware.

        Raises:
            ValueError: a name is empty or too long, or somebody is to show themselves around.
        """
        called, contact = " ".join(name.split()), " ".join(contact_name.split())
        if not 1 <= len(called) <= _LONGEST_NAME or not 1 <= len(contact) <= _LONGEST_NAME:
            raise ValueError(f"a name has 1 to {_LONGEST_NAME} characters")
        if contact_user_id == wiki_user_id or (contact_user_id is None and contact == called):
            raise ValueError("nobody shows themselves around")
        kept = Welcome(
            wiki_user_id=wiki_user_id,
            name=called,
            contact_user_id=contact_user_id,
            contact_name=contact,
            since=now,
            ended_at=None,
        )
        row = {column.name: getattr(kept, column.name) for column in welcome.c}
        with writing(self._engine, "keeping who shows a newcomer around") as connection:
            upsert(connection, welcome, [row], key="wiki_user_id")
        return kept

    def get(self, wiki_user_id: int) -> Welcome | None:
        """Return a newcomer's welcome, one that has ended too; None when nobody was ever asked."""
        query = select(welcome).where(welcome.c.wiki_user_id == wiki_user_id)
        with reading(self._engine, "reading who shows a newcomer around") as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _welcome(row)

    def all(self, *, ended: bool = False) -> Mapping[int, Welcome]:
        """Return the welcomes that hold, by the newcomer's number, oldest first.

        Args:
            ended: those that have ended too.
        """
        query = select(welcome).order_by(welcome.c.since, welcome.c.wiki_user_id)
        if not ended:
            query = query.where(welcome.c.ended_at.is_(None))
        with reading(self._engine, "reading who shows newcomers around") as connection:
            return {row.wiki_user_id: _welcome(row) for row in connection.execute(query)}

    def of_contact(self, name: str, user_id: int | None) -> list[Welcome]:
        """Return whom somebody shows around now, oldest first.

        Args:
            name: of the contact: tells them where their welcome has no number.
            user_id: of their account, where they have one.
        """
        theirs = (welcome.c.contact_user_id.is_(None)) & (
            func.lower(welcome.c.contact_name) == func.lower(" ".join(name.replace("_", " ").split()))
        )
        query = (
            select(welcome)
            .where(
                welcome.c.ended_at.is_(None),
                theirs if user_id is None else or_(welcome.c.contact_user_id == user_id, theirs),
            )
            .order_by(welcome.c.since, welcome.c.wiki_user_id)
        )
        with reading(self._engine, "reading whom somebody shows around") as connection:
            return [_welcome(row) for row in connection.execute(query)]

    def end(self, wiki_user_id: int, *, now: datetime) -> bool:
        """End a welcome, and say whether it held."""
        holds = (welcome.c.wiki_user_id == wiki_user_id, welcome.c.ended_at.is_(None))
        with writing(self._engine, "ending a welcome") as connection:
            return connection.execute(update(welcome).where(*holds).values(ended_at=now)).rowcount == 1

    def forget(self, wiki_user_id: int) -> bool:
        """Take a welcome away for good, as when one of the two is erased, and say whether there was one."""
        with writing(self._engine, "forgetting a welcome") as connection:
            gone = connection.execute(delete(welcome).where(welcome.c.wiki_user_id == wiki_user_id)).rowcount
            if gone:
                note_traces(connection, "erased")
        return gone == 1


def _welcome(row: Row[Any]) -> Welcome:
    return Welcome(**row._asdict())
