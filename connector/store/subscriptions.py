"""Who wants the weekly digest by mail, and to whom it went.

An address is used once who reads its mail has confirmed it. The secrets of the links in mails are kept as
digests only: who reads the database can neither confirm nor end anything. A digest is claimed before it is
sent, so that after a crash nobody gets it twice; what certainly did not go out is given back.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Engine, Row, delete, select, update

from connector.errors import NotKeptError
from connector.store.engine import reading, upsert, writing
from connector.store.schema_community import digest_list, subscription
from connector.store.schema_people import account
from connector.store.scrubbing import note_traces

LONGEST_ADDRESS: Final = 254
"""Of mail, as RFC 5321, 4.5.3.1.3, has it (errata 1690)."""
_SPENT = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Somebody's wish for the digest."""

    account_id: int
    address: str
    language: str
    stop_digest: str
    asked_at: datetime
    confirmed_at: datetime | None
    """None until somebody who reads the mail of the address has said so."""
    sent_at: datetime | None
    """When the last digest was claimed for it."""


class SubscriptionStore:
    """Keeps them, one for each account. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def ask(
        self, account_id: int, *, address: str, language: str, confirm: str, stop: str, now: datetime
    ) -> None:
        """Keep a wish that is yet to be confirmed, in the place of an earlier one.

        Args:
            account_id: whose.
            address: where to.
            language: of the mails.
            confirm: the secret of the link that confirms.
            stop: the secret of the link that ends it.
            now: the moment; links are made from it.

        Raises:
            NotKeptError: there is no such account any more.
            ValueError: the address is too long.
        """
        if not 0 < len(address) <= LONGEST_ADDRESS:
            raise ValueError(f"an address has 1 to {LONGEST_ADDRESS} characters")
        row = {
            "account_id": account_id,
            "address": address,
            "language": language[:16],
            "confirm_digest": digest_of(confirm),
            "stop_digest": digest_of(stop),
            "asked_at": now,
            "confirmed_at": None,
            "sent_at": None,
        }
        known = select(account.c.id).where(account.c.id == account_id)
        with writing(self._engine, "keeping a wish for the digest") as connection:
            if connection.execute(known).one_or_none() is None:
                raise NotKeptError("this account is not here any more: sign in again")
            # When the last one was sent stays: asking anew is no way to another mail in the same week.
            upsert(connection, subscription, [row], key="account_id", keep=frozenset(["sent_at"]))
            note_traces(connection, "replaced")

    def set_language(self, account_id: int, language: str) -> None:
        """Keep in which language somebody is written to from now on."""
        ours = subscription.c.account_id == account_id
        with writing(self._engine, "keeping a wish for the digest") as connection:
            connection.execute(update(subscription).where(ours).values(language=language[:16]))

    def get(self, account_id: int) -> Subscription | None:
        """Return somebody's wish."""
        return self._one(subscription.c.account_id == account_id)

    def confirm(self, secret: str, *, not_before: datetime, now: datetime) -> bool:
        """Confirm the wish of a secret, which is good once; say whether there was one."""
        ours = (
            subscription.c.confirm_digest == digest_of(secret),
            subscription.c.asked_at >= not_before,
            subscription.c.confirmed_at.is_(None),
        )
        values = {"confirmed_at": now, "confirm_digest": _SPENT}
        with writing(self._engine, "confirming a wish for the digest") as connection:
            return bool(connection.execute(update(subscription).where(*ours).values(**values)).rowcount)

    def stop(self, secret: str) -> bool:
        """End the wish of a secret, and forget the address; say whether there was one."""
        return self._end(subscription.c.stop_digest == digest_of(secret))

    def end(self, account_id: int) -> bool:
        """End somebody's wish, and forget their address; say whether there was one."""
        return self._end(subscription.c.account_id == account_id)

    def forget_unconfirmed(self, *, before: datetime) -> int:
        """Forget the addresses that nobody has confirmed; return how many."""
        return self._forget(subscription.c.confirmed_at.is_(None), subscription.c.asked_at < before)

    def due(self, *, since: datetime, limit: int) -> Sequence[Subscription]:
        """Return confirmed wishes for which no digest was claimed since a moment, `limit` at most.

        Args:
            since: begin of what was sent already.
            limit: how many; those who confirmed first come first.
        """
        query = (
            select(*_COLUMNS)
            .where(
                subscription.c.confirmed_at.is_not(None),
                subscription.c.sent_at.is_(None) | (subscription.c.sent_at < since),
            )
            .order_by(subscription.c.confirmed_at, subscription.c.account_id)
            .limit(limit)
        )
        with reading(self._engine, "reading who wants the digest") as connection:
            return [_subscription(row) for row in connection.execute(query)]

    def claim(self, known: Subscription, *, now: datetime, stop: str) -> bool:
        """Note that somebody is sent the digest now; say whether nobody else has noted it.

        Args:
            known: as it was read; a wish that has changed since is not claimed.
            now: the moment.
            stop: the secret of the link in this mail, which ends it from now on.
        """
        ours = (*_same(known), subscription.c.confirmed_at.is_not(None))
        values = {"sent_at": now, "stop_digest": digest_of(stop)}
        with writing(self._engine, "noting who is sent the digest") as connection:
            return bool(connection.execute(update(subscription).where(*ours).values(**values)).rowcount)

    def give_back(self, known: Subscription, *, claimed_at: datetime) -> None:
        """Note that the digest of a claim did certainly not go out: it may be tried again."""
        ours = (subscription.c.account_id == known.account_id, subscription.c.sent_at == claimed_at)
        with writing(self._engine, "noting who was not sent the digest") as connection:
            connection.execute(update(subscription).where(*ours).values(sent_at=known.sent_at))

    def claim_list(self, address: str, *, since: datetime, now: datetime) -> bool:
        """Note that an address of the settings is sent the digest now; say whether it was not since then."""
        key = digest_of(address)
        with writing(self._engine, "noting which list is sent the digest") as connection:
            query = select(digest_list.c.sent_at).where(digest_list.c.address_digest == key)
            before = connection.execute(query).scalar_one_or_none()
            if before is not None and before >= since:
                return False
            row = {"address_digest": key, "sent_at": now}
            upsert(connection, digest_list, [row], key="address_digest")
        return True

    def give_back_list(self, address: str, *, claimed_at: datetime) -> None:
        """As `give_back`, for an address of the settings."""
        ours = (
            digest_list.c.address_digest == digest_of(address),
            digest_list.c.sent_at == claimed_at,
        )
        with writing(self._engine, "noting which list was not sent the digest") as connection:
            connection.execute(delete(digest_list).where(*ours))

    def _one(self, *conditions: Any) -> Subscription | None:
        query = select(*_COLUMNS).where(*conditions)
        with reading(self._engine, "reading a wish for the digest") as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _subscription(row)

    def _end(self, condition: Any) -> bool:
        return self._forget(condition) > 0

    def _forget(self, *conditions: Any) -> int:
        with writing(self._engine, "forgetting an address") as connection:
            gone = connection.execute(delete(subscription).where(*conditions)).rowcount
            if gone:
                note_traces(connection, "erased")
        return gone


def digest_of(secret: str) -> str:
    """Return the digest under which a secret of a link, or an address, is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


_COLUMNS: Final = tuple(column for column in subscription.c if column.name != "confirm_digest")


def _same(known: Subscription) -> tuple[Any, ...]:
    return (
        subscription.c.account_id == known.account_id,
        subscription.c.address == known.address,
        subscription.c.asked_at == known.asked_at,
        subscription.c.sent_at.is_not_distinct_from(known.sent_at),
    )


def _subscription(row: Row[Any]) -> Subscription:
    return Subscription(**row._asdict())
