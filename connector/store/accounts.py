"""The people who have signed in."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine


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
