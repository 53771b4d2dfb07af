"""What lets the service act in the wiki under a person's name: kept sealed, and given back on their word."""

import json
import logging
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connector.store import Store
    from webui.sign_in.sealing import Sealer

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class BotPassword:
    """A bot password, kept because the person said so."""

    user: str
    """Login name: "Camille Roux@compagnon"."""
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthGrant:
    """What the wiki's Extension:OAuth has granted."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: float
    """Of the access token; seconds since 1970."""


Credential = BotPassword | OAuthGrant
_KINDS: dict[str, type[BotPassword] | type[OAuthGrant]] = {"bot-password": BotPassword, "oauth": OAuthGrant}


class Credentials:
    """Keeps them, one an account.

    Args:
        store: where.
        sealer: seals them.
    """

    def __init__(self, store: "Store", sealer: "Sealer") -> None:
        self._store = store
        self._sealer = sealer

    def of(self, account_id: int) -> Credential | None:
        """Return somebody's credential; None without one."""
        sealed = self._store.accounts.credential(account_id)
        if sealed is None:
            return None
        text = self._sealer.open(sealed)
        if text is None:
            logger.warning("the credential of account %s was sealed with another key", account_id)
            return None
        fields = json.loads(text)
        if fields.pop("account", None) != account_id:
            logger.warning("the credential of account %s was sealed for another one", account_id)
            return None
        return _KINDS[fields.pop("kind")](**fields)

    def keep(self, account_id: int, credential: Credential) -> None:
        """Keep somebody's credential, in the place of any other."""
        self._store.accounts.set_credential(account_id, self._sealed(account_id, credential))

    def exchange(self, account_id: int, before: Credential, after: Credential) -> bool:
        """Keep a credential in the place of one that is still kept; whether it was.

        Who has signed out everywhere in the meantime has it forgotten, and nothing brings it back.
        """
        sealed = self._store.accounts.credential(account_id)
        if sealed is None or self.of(account_id) != before:
            return False
        new = self._sealed(account_id, after)
        return self._store.accounts.exchange_credential(account_id, sealed, new)

    def forget(self, account_id: int) -> None:
        """Forget it."""
        self._store.accounts.set_credential(account_id, None)

    def _sealed(self, account_id: int, credential: Credential) -> str:
        # Whose it is stands under the seal: in another row of the database it opens nothing.
        [kind] = (kind for kind, each in _KINDS.items() if isinstance(credential, each))
        return self._sealer.seal(json.dumps({"kind": kind, "account": account_id, **asdict(credential)}))
