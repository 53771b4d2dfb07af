"""The addresses in mails that confirm a wish or end it: with secrets that nobody can guess.

What confirms is random. What ends is made anew for each mail from the key of this service, so that every mail
has it and the database has its digest only; it is bound to the wish, and dies with it.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from connector.errors import ConfigError
from webui.config import Config

KEY: Final = "key"
"""The parameter. In the query, which Compagnon never logs."""
LONGEST_KEY: Final = 100
_SECRET_BYTES = 32


def public_url(config: Config) -> str:
    """Return where readers of mails reach these pages, without a slash at the end.

    Raises:
        ConfigError: nobody has said, or it cannot stand in a header of a mail.
    """
    address = config.optional_text("web.public_url")
    if not address:
        raise ConfigError("mails need links that lead here: set web.public_url")
    if not address.isascii() or not address.isprintable() or set(address) & set(' <>"'):
        raise ConfigError("web.public_url stands in mails: write its letters beyond ASCII as xn--…")
    return address.rstrip("/")


def new_secret() -> str:
    """Return a secret for a link that confirms."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def stop_secret(config: Config, *, account_id: int, asked_at: datetime) -> str:
    """Return the secret of the link that ends a wish."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    # A key for this use alone, as each other use has its own (RFC 5869).
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"compagnon links that end digests")
    said = f"{account_id}\n{asked_at.isoformat()}".encode()
    made = hmac.digest(derived.derive(config.secret_key().encode()), said, hashlib.sha256)
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def confirm_url(config: Config, secret: str) -> str:
    """Return the address that asks whether to confirm."""
    return f"{public_url(config)}/digest/confirm?{urlencode({KEY: secret})}"


def stop_url(config: Config, secret: str) -> str:
    """Return the address that asks whether to end, and ends when a mail program sends it with one click."""
    return f"{public_url(config)}/digest/stop?{urlencode({KEY: secret})}"
