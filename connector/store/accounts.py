"""The people who have signed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, delete, select, update

from connector.store.engine import reading, upsert, writing
from connector.store.schema_people import account
from connector.store.scrubbing import note_traces

_COLUMNS = (
    account.c.id,
    account.c.wiki_user_id,
    account.c.name,
    account.c.groups,
    account.c.told_at,
    account.c.language,
    account.c.credential.is_not(None).label("has_credential"),
)
# What signing in again does not change.
_KEPT = frozenset(("id", "created_at", "language", "credential"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who has signed in."""

    id: int
    """Given here, and never again to anybody else."""
    wiki_user_id: int
    """Of their account in the wiki: it stays when they are renamed."""
    name: str
    """Of that account, as the wiki last told it."""
    groups: tuple[str, ...]
    """That it is in, likewise."""
    told_at: datetime
    """When the wiki told both."""
    language: str | None
    """In which they want the pages; None: as the browser asks."""
    has_credential: bool
    """Whether the service can act in the wiki under their name."""


class AccountStore:
    """Keeps them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, *, wiki_user_id: int, name: str, groups: Sequence[str], told_at: datetime) -> Account:
        """Keep what the wiki says of somebody now; who was never here before gets an account.

        Args:
            wiki_user_id: number of their account in the wiki.
            name: of that account.
            groups: that it is in.
            told_at: when the wiki said so.
        """
        row = {
            "wiki_user_id": wiki_user_id,
            "name": name,
            "groups": sorted(groups),
            "told_at": told_at,
            "seen_at": told_at,
            "created_at": told_at,
        }
        of_them = select(account.c.name).where(account.c.wiki_user_id == wiki_user_id)
        with writing(self._engine, "keeping an account") as connection:
            before = connection.execute(of_them).scalar_one_or_none()
            if before is not None and before != name:
                note_traces(connection, "replaced")
            upsert(connection, account, [row], key="wiki_user_id", keep=_KEPT)
            kept = connection.execute(select(*_COLUMNS).where(account.c.wiki_user_id == wiki_user_id)).one()
        return _account(kept)

    def get(self, account_id: int) -> Account | None:
        """Return an account by the number that it has here."""
        return self._one(account.c.id == account_id)

    def of_wiki_user(self, wiki_user_id: int) -> Account | None:
        """Return the account of somebody by the number that they have in the wiki."""
        return self._one(account.c.wiki_user_id == wiki_user_id)

    def named(self, name: str) -> Account | None:
        """Return the account of this name; of several, that of whom the wiki said so last."""
        return self._one(account.c.name == name)

    def list(self) -> Sequence[Account]:
        """Return all, in the order in which they first signed in."""
        with reading(self._engine, "reading the accounts") as connection:
            return [_account(row) for row in connection.execute(select(*_COLUMNS).order_by(account.c.id))]

    def set_language(self, account_id: int, language: str | None) -> None:
        """Keep in which language somebody wants the pages; None: as the browser asks."""
        self._set(account_id, language=language)

    def credential(self, account_id: int) -> str | None:
        """Return what lets the service act in the wiki under somebody's name, sealed; None without one."""
        query = select(account.c.credential).where(account.c.id == account_id)
        with reading(self._engine, "reading a credential") as connection:
            sealed: str | None = connection.execute(query).scalar_one_or_none()
        return sealed

    def set_credential(self, account_id: int, sealed: str | None) -> None:
        """Keep such a credential, sealed already, in the place of any other; None forgets it."""
        with writing(self._engine, "keeping a credential") as connection:
            if sealed is None:
                note_traces(connection, "replaced")
            connection.execute(update(account).where(account.c.id == account_id).values(credential=sealed))

    def exchange_credential(self, account_id: int, before: str, after: str) -> bool:
        """Keep a sealed credential in the place of another one; whether that was still kept."""
        theirs = (account.c.id == account_id, account.c.credential == before)
        with writing(self._engine, "keeping a credential") as connection:
            return bool(connection.execute(update(account).where(*theirs).values(credential=after)).rowcount)

    def delete(self, account_id: int) -> bool:
        """Forget somebody with all that hangs on their account; whether there was anything to forget."""
        with writing(self._engine, "forgetting an account") as connection:
            gone = connection.execute(delete(account).where(account.c.id == account_id)).rowcount
            if gone:
                note_traces(connection, "erased")
        return bool(gone)

    def _one(self, condition: Any) -> Account | None:
        query = select(*_COLUMNS).where(condition).order_by(account.c.told_at.desc()).limit(1)
        with reading(self._engine, "reading an account") as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _account(row)

    def _set(self, account_id: int, **values: Any) -> None:
        with writing(self._engine, "changing an account") as connection:
            connection.execute(update(account).where(account.c.id == account_id).values(**values))


def _account(row: Row[Any]) -> Account:
    fields = row._asdict()
    return Account(**{**fields, "groups": tuple(fields["groups"])})
