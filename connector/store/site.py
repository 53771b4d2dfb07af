"""What the mirror knows about its wiki and about itself: a few small facts by key."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select

from connector.model import Namespace, Site
from connector.store.engine import reading, upsert, writing
from connector.store.schema import state


class SiteStore:
    """The wiki's description, where the mirror came from, and when it was last in step."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self) -> Site | None:
        """Return the wiki's description, or None before the first sync."""
        value = self._read("site")
        if value is None:
            return None
        namespaces = {
            int(number): Namespace(**{**fields, "aliases": tuple(fields["aliases"])})
            for number, fields in value.pop("namespaces").items()
        }
        extensions = tuple(value.pop("extensions", ()))  # an older mirror has none until its next sync
        return Site(**value, namespaces=namespaces, extensions=extensions)

    def put(self, site: Site, *, source: str) -> None:
        """Keep the wiki's description, and where the mirror reads it from (an api.php address or a file).

        The wiki's own counts change all the time and are only good for a progress bar: they are not kept.
        """
        value = {
            "name": site.name,
            "language": site.language,
            "server_url": site.server_url,
            "article_path": site.article_path,
            "script_path": site.script_path,
            "private": site.private,
            "extensions": list(site.extensions),
            "main_page": site.main_page,
            "namespaces": {str(number): asdict(namespace) for number, namespace in site.namespaces.items()},
        }
        self._write({"site": value, "source": source})

    def source(self) -> str | None:
        """Return where the mirror was last read from."""
        value: str | None = self._read("source")
        return value

    def read_by_account(self) -> bool:
        """Return whether an account has read pages of the mirror: it may see more than everybody."""
        return bool(self._read("read_by_account"))

    def note_read_by_account(self, by_account: bool) -> None:
        """Note that an account is about to read pages, or that every page has been seen without one."""
        if by_account != self.read_by_account():
            self._write({"read_by_account": by_account})

    def last_sync(self) -> datetime | None:
        """Return the wiki's clock when the last complete sync began, or None when there was none."""
        value = self._read("last_sync")
        return None if value is None else datetime.fromisoformat(value)

    def set_last_sync(self, moment: datetime) -> None:
        """Note that a sync which began at `moment` (the wiki's clock, aware) is complete."""
        self._write({"last_sync": moment.isoformat()})

    def _read(self, key: str) -> Any:
        with reading(self._engine, "reading what is known of the wiki") as connection:
            return connection.execute(select(state.c.value).where(state.c.key == key)).scalar_one_or_none()

    def _write(self, values: Mapping[str, Any]) -> None:
        rows = [{"key": key, "value": value} for key, value in values.items()]
        with writing(self._engine, "keeping what is known of the wiki") as connection:
            upsert(connection, state, rows, key="key")
