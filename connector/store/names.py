"""Names that processes which share a database agree on: whoever needs one first makes it."""

import secrets

from sqlalchemy import Engine, select

from connector.store.engine import reading, upsert, writing
from connector.store.schema import state

_PREFIX = "name_of_"


class NameStore:
    """Names, by what they are for."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get_or_make(self, purpose: str) -> str:
        """Return the name for a purpose: 16 hexadecimal digits, made when there is none."""
        query = select(state.c.value).where(state.c.key == _PREFIX + purpose)
        with reading(self._engine, "looking up a name") as connection:
            known = connection.execute(query).scalar_one_or_none()
        if known is not None:
            return str(known)
        with writing(self._engine, "keeping a name") as connection:
            known = connection.execute(query).scalar_one_or_none()
            if known is None:
                known = secrets.token_hex(8)
                upsert(connection, state, [{"key": _PREFIX + purpose, "value": known}], key="key")
        return str(known)
