"""Derived numbers that processes which share a database share too; they may be deleted at any time."""

from typing import Any

from sqlalchemy import Engine, select

from connector.store.engine import reading, upsert, writing
from connector.store.schema import state

_PREFIX = "kept_"
_NUMBER = "_number"


class KeptValue:
    """JSON under a name, put in the place of what was there at one stroke."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._key = _PREFIX + name

    def version(self) -> tuple[int, int, int] | None:
        """Return which writing the value is of; None while there is none."""
        number = self._get(self._key + _NUMBER)
        return None if number is None else (int(number), 0, 0)

    def read(self) -> Any:
        """Return what is kept; None when there is nothing."""
        return self._get(self._key)

    def write(self, value: Any) -> None:
        """Keep a value in the place of the older one."""
        with writing(self._engine, "keeping derived numbers") as connection:
            query = select(state.c.value).where(state.c.key == self._key + _NUMBER)
            number = connection.execute(query).scalar_one_or_none() or 0
            rows = [
                {"key": self._key, "value": value},
                {"key": self._key + _NUMBER, "value": int(number) + 1},
            ]
            upsert(connection, state, rows, key="key")

    def _get(self, key: str) -> Any:
        with reading(self._engine, "reading derived numbers") as connection:
            return connection.execute(select(state.c.value).where(state.c.key == key)).scalar_one_or_none()


class KeptValues:
    """Values by name."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def value(self, name: str) -> KeptValue:
        """Return the value of a name, which need not be there yet."""
        return KeptValue(self._engine, name)
