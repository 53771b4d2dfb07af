"""Where the synchronization stands: what the next pass has to know of the ones before."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, select

from connector.store.engine import reading, upsert, writing
from connector.store.schema import state

_KEY = "sync"
_MOMENTS = ("feed_since", "last_sweep", "history_since")
_NUMBERS = ("handled_events", "namespaces")


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncState:
    """What passes leave to one another. Times are the wiki's; there are no titles, names or texts in it."""

    feed_since: datetime | None = None
    """From when on the feed has to be read; None before the first copy is complete."""
    handled_events: tuple[int, ...] = ()
    """Ids of the log's events that the overlap shows again, and that were already followed."""
    last_sweep: datetime | None = None
    namespaces: tuple[int, ...] | None = None
    """Those that the mirror holds."""
    history_since: datetime | None = None
    """How far the first reading of all histories has come; None when it is not under way."""
    last_verification: dict[str, Any] | None = None
    """Numbers and ISO 8601 moments of the last `verify`, by name."""


class SyncStateStore:
    """The one `SyncState`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self) -> SyncState:
        """Return the state; all defaults before the first pass."""
        with reading(self._engine, "reading where the synchronization stands") as connection:
            return _read(connection)

    def put(self, **changes: Any) -> SyncState:
        """Change fields of the state, keep the others, and return the whole.

        Raises:
            TypeError: there is no such field, or `last_verification` holds a text that is no moment: what the
                wiki may take down has no place in a state that nothing purges.
        """
        _refuse_texts(changes.get("last_verification"))
        with writing(self._engine, "noting where the synchronization stands") as connection:
            changed = replace(_read(connection), **changes)
            upsert(connection, state, [{"key": _KEY, "value": _value(changed)}], key="key")
        return changed


def _read(connection: Connection) -> SyncState:
    value = connection.execute(select(state.c.value).where(state.c.key == _KEY)).scalar_one_or_none()
    fields: dict[str, Any] = dict(value or {})
    for name in _MOMENTS:
        if fields.get(name) is not None:
            fields[name] = datetime.fromisoformat(fields[name])
    for name in _NUMBERS:
        if fields.get(name) is not None:
            fields[name] = tuple(fields[name])
    return SyncState(**fields)


def _value(changed: SyncState) -> dict[str, Any]:
    moments = {name: getattr(changed, name) for name in _MOMENTS}
    for name, moment in moments.items():
        if moment is not None and moment.tzinfo is None:
            raise TypeError(f"{name} needs a time zone")
    return {
        **{name: None if moment is None else moment.isoformat() for name, moment in moments.items()},
        **{name: getattr(changed, name) for name in _NUMBERS},
        "last_verification": changed.last_verification,
    }


def _refuse_texts(value: object) -> None:
    if isinstance(value, dict):
        for each in value.values():
            _refuse_texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            _refuse_texts(each)
    elif isinstance(value, str):
        try:
            datetime.fromisoformat(value)
        except ValueError:
            raise TypeError("the state of the synchronization holds numbers and moments, no texts") from None
    elif not isinstance(value, int | float | None):
        raise TypeError(f"the state of the synchronization cannot hold a {type(value).__name__}")
