"""Sealing what must be kept and may be read by nobody else: people's credentials for the wiki.

Fernet (AES-128-CBC with HMAC-SHA256, https://cryptography.io/en/latest/fernet/) under a key that is derived
from the service's own (`Config.secret_key`) for one purpose each (HKDF, RFC 5869): what was sealed for one
is not opened by another. Who has the database without that key reads nothing; who changes it is found out.
"""

import base64


class Sealer:
    """Seals and opens for one purpose.

    Args:
        secret_key: the service's own key.
        purpose: what for, in a word.
    """

    def __init__(self, secret_key: str, *, purpose: str) -> None:
        from cryptography.fernet import Fernet
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"compagnon {purpose}".encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(derived.derive(secret_key.encode())))

    def seal(self, text: str) -> str:
        """Return a text that only `open` reads."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str | None:
        """Return what was sealed; None when it was sealed with another key, or is not what was sealed."""
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None
