"""The browsers in which somebody has signed in.

A browser keeps a secret in its cookie; of it only the digest is kept here, so that who reads the database
can sign in as nobody.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, delete, insert, select, update

from connector.store.engine import reading, writing
from connector.store.schema_people import sign_in

_SECRET_BYTES = 32
_LONGEST_BROWSER = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A browser in which somebody has signed in."""

    digest: str
    """Of its secret: names it on pages, and opens nothing."""
    account_id: int
    browser: str
    """How the browser calls itself, in a few words."""
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


class SignInStore:
    """Keeps them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, account_id: int, *, browser: str, now: datetime, expires_at: datetime) -> str:
        """Note that somebody has signed in; return the secret for the browser's cookie.

        Args:
            account_id: who.
            browser: how their browser calls itself; cut to 80 characters.
            now: the moment.
            expires_at: until when it holds unless it is used again.
        """
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        row = {
            "digest": digest_of(secret),
            "account_id": account_id,
            "browser": browser[:_LONGEST_BROWSER],
            "created_at": now,
            "seen_at": now,
            "expires_at": expires_at,
        }
        with writing(self._engine, "keeping a sign-in") as connection:
            connection.execute(delete(sign_in).where(sign_in.c.expires_at <= now))
            connection.execute(insert(sign_in).values(row))
        return secret

    def find(self, secret: str, *, now: datetime) -> SignIn | None:
        """Return the sign-in of a browser's secret, if it still holds."""
        query = select(sign_in).where(sign_in.c.digest == digest_of(secret), sign_in.c.expires_at > now)
        with reading(self._engine, "reading a sign-in") as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else SignIn(**row._asdict())

    def of_account(self, account_id: int, *, now: datetime) -> Sequence[SignIn]:
        """Return the browsers in which somebody is signed in, those used last first."""
        query = select(sign_in).where(sign_in.c.account_id == account_id, sign_in.c.expires_at > now)
        with reading(self._engine, "reading sign-ins") as connection:
            rows = connection.execute(query.order_by(sign_in.c.seen_at.desc(), sign_in.c.digest)).all()
        return [SignIn(**row._asdict()) for row in rows]

    def seen(self, digest: str, *, now: datetime, expires_at: datetime) -> None:
        """Note that a browser was used, and until when its sign-in holds from now on."""
        with writing(self._engine, "keeping a sign-in") as connection:
            connection.execute(
                update(sign_in).where(sign_in.c.digest == digest).values(seen_at=now, expires_at=expires_at)
            )

    def end(self, secret: str) -> None:
        """Sign one browser out, by its secret."""
        with writing(self._engine, "ending a sign-in") as connection:
            connection.execute(delete(sign_in).where(sign_in.c.digest == digest_of(secret)))

    def end_one(self, account_id: int, digest: str) -> bool:
        """Sign one of somebody's browsers out, by its digest; whether it was theirs."""
        ours = (sign_in.c.account_id == account_id, sign_in.c.digest == digest)
        with writing(self._engine, "ending a sign-in") as connection:
            return bool(connection.execute(delete(sign_in).where(*ours)).rowcount)

    def end_all(self, account_id: int) -> int:
        """Sign somebody out everywhere; return in how many browsers they were signed in."""
        with writing(self._engine, "ending sign-ins") as connection:
            return connection.execute(delete(sign_in).where(sign_in.c.account_id == account_id)).rowcount


def digest_of(secret: str) -> str:
    """Return the digest under which a secret is kept.

    The secrets are 256 random bits: a fast digest is enough
    (https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html).
    """
    return hashlib.sha256(secret.encode()).hexdigest()
