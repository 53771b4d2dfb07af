"""What people give their programs so that these may ask in their name."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import Engine, delete, func, insert, or_, select, update

from connector.errors import NotAllowedError
from connector.store.engine import reading, writing
from connector.store.schema_people import access_token
from connector.store.sign_ins import digest_of

TOKEN_PREFIX: Final = "cpg_"  # noqa: S105 - what a token begins with, so that it is known when it leaks
MOST_TOKENS: Final = 50
"""Of one account."""
LONGEST_LABEL: Final = 80
_SECRET_BYTES = 32

TokenKind = Literal["api", "feed"]
"""What a token is good for: a feed's stands in an address, and is good for nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """A token, without its secret."""

    id: int
    account_id: int
    label: str
    kind: TokenKind
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime | None
    """None: it holds until it is taken back."""


class AccessTokenStore:
    """Keeps them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def make(
        self,
        account_id: int,
        *,
        label: str,
        now: datetime,
        expires_at: datetime | None,
        kind: TokenKind = "api",
    ) -> str:
        """Make a token and return it; it can be read nowhere afterwards.

        Args:
            account_id: whose.
            label: what it is for, in their words; cut to 80 characters.
            now: the moment.
            expires_at: from when on it holds no longer; None for never.
            kind: what it is good for.

        Raises:
            NotAllowedError: they have fifty already.
        """
        secret = f"{TOKEN_PREFIX}{secrets.token_urlsafe(_SECRET_BYTES)}"
        theirs = select(func.count()).where(access_token.c.account_id == account_id)
        row = {
            "account_id": account_id,
            "digest": digest_of(secret),
            "label": label[:LONGEST_LABEL],
            "kind": kind,
            "created_at": now,
            "expires_at": expires_at,
        }
        with writing(self._engine, "keeping a token") as connection:
            if connection.execute(theirs).scalar_one() >= MOST_TOKENS:
                raise NotAllowedError(f"an account may have {MOST_TOKENS} tokens: revoke one first")
            connection.execute(insert(access_token).values(row))
        return secret

    def find(self, secret: str, *, now: datetime, kind: TokenKind = "api") -> AccessToken | None:
        """Return the token of this secret, if it still holds and is good for this."""
        table = access_token.c
        query = select(access_token).where(
            table.digest == digest_of(secret),
            table.kind == kind,
            or_(table.expires_at.is_(None), table.expires_at > now),
        )
        with reading(self._engine, "reading a token") as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _token(row._asdict())

    def of_account(self, account_id: int) -> Sequence[AccessToken]:
        """Return somebody's tokens, those made last first, and those too that hold no longer."""
        table = access_token.c
        query = select(access_token).where(table.account_id == account_id).order_by(table.id.desc())
        with reading(self._engine, "reading tokens") as connection:
            return [_token(row._asdict()) for row in connection.execute(query)]

    def used(self, token_id: int, *, now: datetime) -> None:
        """Note that a token was used."""
        with writing(self._engine, "keeping a token") as connection:
            connection.execute(update(access_token).where(access_token.c.id == token_id).values(used_at=now))

    def revoke(self, account_id: int, token_id: int) -> bool:
        """Take one of somebody's tokens back; whether it was theirs."""
        theirs = (access_token.c.account_id == account_id, access_token.c.id == token_id)
        with writing(self._engine, "revoking a token") as connection:
            return bool(connection.execute(delete(access_token).where(*theirs)).rowcount)


def _token(fields: dict[str, object]) -> AccessToken:
    del fields["digest"]
    return AccessToken(**fields)  # type: ignore[arg-type]  # the columns are named as the fields
