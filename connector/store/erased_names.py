"""Who was erased: keyed digests of their names, and the door at which texts that hold one are masked.

Everything that is written to the database passes the door, whichever room writes it: a name that was erased
does not come back with the next sync, the next notes or the next question.
"""

import hmac
import re
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, bindparam, event, select

from connector.erased import NOBODY, Erased, name_digest, name_words
from connector.errors import StoreError
from connector.store.changes import ChangeMarks, Mark
from connector.store.engine import reading, upsert, writing
from connector.store.schema import state
from connector.store.schema_people import erased_name
from connector.store.scrubbing import note_traces

_KEY_CHECK: Final = "erased_names_key"
# Another one whenever a name is added: so the names are read again then, and not after each write of others.
_VERSION: Final = "erased_names_version"
_UNFINISHED: Final = "erasing"
_PURPOSE: Final = b"compagnon: names of people who were erased"
# Columns that hold who somebody is, and nothing else: a name of one word is masked there too.
PEOPLE_COLUMNS: Final = frozenset(
    {"user", "actor", "reviewer", "published_by", "pending_by", "owner", "closed_by"}
    | {"name", "contact_name", "answered_by"}
)
# An account is made by its owner, who signs in, and so is where they want mail: theirs to take away again.
_OWN_TABLES = ("account", "sign_in", "access_token", "subscription", "alembic_version", "erased_name")
_OWN = re.compile(rf"(?:INSERT\s+INTO|UPDATE)\s+[\"`]?(?:{'|'.join(_OWN_TABLES)})\b", re.IGNORECASE)
# Asked at each write: made once.
_VALUE = select(state.c.value).where(state.c.key == bindparam("key"))
_NUMBERED = re.compile(r"(?:__|_m?)\d+$")


class ErasedNameStore:
    """The digests, and what finds the names in texts. Safe to share between threads.

    Args:
        engine: the database.
        changes: tells when to read the digests again.
        secret: gives what the digests' key is made from; asked only where there is somebody erased, or to be
            erased. None: there must be nobody.
    """

    def __init__(self, engine: Engine, *, changes: ChangeMarks, secret: Callable[[], str] | None) -> None:
        self._engine = engine
        self._changes = changes
        self._secret = secret
        self._mutex = threading.Lock()
        self._known: _Known | None = None
        # Events of the dialect: those of the engine would be looked for at each step of each question, too.
        event.listen(engine, "do_execute", self._execute_masked)
        event.listen(engine, "do_executemany", self._execute_many_masked)

    def known(self) -> Erased:
        """Return what finds those who are erased now.

        Raises:
            StoreError: there are such people, and the key is missing or another one: they could not be told
                from others, and would come back.
        """
        mark = self._changes.mark()  # before anything is read
        with self._mutex:
            if self._known is not None and self._known.mark == mark:
                return self._known.erased
        with reading(self._engine, "reading who was erased") as connection:
            return self._read(connection, mark)

    def _read(self, connection: Connection, mark: Mark) -> Erased:
        """Read what has changed of who was erased; `mark` was taken before."""
        version = _value(connection, _VERSION)
        with self._mutex:
            known = self._known
        if known is not None and known.version == version:
            spaces = _user_spaces(connection) if known.digests else []
            erased = known.erased
            if spaces != known.spaces:
                erased = Erased(self._key(), known.digests, user_spaces=spaces)
            digests = known.digests
        else:
            query = select(erased_name.c.digest, erased_name.c.words)
            digests = {digest: words for digest, words in connection.execute(query)}
            erased, spaces = NOBODY, []
            if digests:
                key = self._key()
                if _value(connection, _KEY_CHECK) != name_digest(key, ()):
                    raise StoreError(
                        "people were erased here, and are known by another secret key: give back the file"
                        " secret-key (or COMPAGNON_SECRET_KEY) that this database was used with"
                    )
                spaces = _user_spaces(connection)
                erased = Erased(key, digests, user_spaces=spaces)
        with self._mutex:
            self._known = _Known(mark, version, digests, spaces, erased)
        return erased

    def add(self, names: Sequence[str]) -> Erased:
        """Have names erased from now on, and note that what is there already is still to be masked.

        Args:
            names: each way in which the person is called.

        Returns:
            What finds these names, and no others.

        Raises:
            StoreError: the key is missing, or another one than that of those who were erased before.
            ValueError: a name has no letter.
        """
        key = self._key()
        self.known()  # or there are others, with another key
        words = [name_words(name) for name in names]
        if not all(words) or not words:
            raise ValueError("a name has letters or digits")
        digests = {name_digest(key, each): len(each) for each in words}
        now = datetime.now(UTC)
        with writing(self._engine, "noting who is erased") as connection:
            rows = [
                {"digest": digest, "words": number, "erased_at": now} for digest, number in digests.items()
            ]
            upsert(connection, erased_name, rows, key="digest")
            values = {
                _KEY_CHECK: name_digest(key, ()),
                _VERSION: secrets.token_hex(8),
                _UNFINISHED: True,
            }
            upsert(
                connection,
                state,
                [{"key": name, "value": value} for name, value in values.items()],
                key="key",
            )
            note_traces(connection, "erased")
            spaces = _user_spaces(connection)
        with self._mutex:
            self._known = None
        return Erased(key, digests, user_spaces=spaces)

    def is_finished(self) -> bool:
        """Whether everything of those who were erased is masked: False after one was cut off half way."""
        with reading(self._engine, "looking whether somebody is being erased") as connection:
            return not _value(connection, _UNFINISHED)

    def finish(self) -> None:
        """Note that everything is masked, and that what is made from the database has followed."""
        if self.is_finished():
            return
        with writing(self._engine, "noting that somebody is erased") as connection:
            upsert(connection, state, [{"key": _UNFINISHED, "value": False}], key="key")

    def _key(self) -> bytes:
        if self._secret is None:
            raise StoreError("people were erased here: the database cannot be used without its secret key")
        return hmac.digest(self._secret().encode(), _PURPOSE, "sha256")

    def _execute_masked(self, cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
        """Execute a statement that writes a name, without it; False leaves any other to the library."""
        masking = self._masking(statement, context)
        if masking is None:
            return False
        context.dialect.do_execute(cursor, statement, masking(parameters), context)
        return True

    def _execute_many_masked(self, cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
        """See `_execute_masked`; `parameters` are those of many rows."""
        masking = self._masking(statement, context)
        if masking is None:
            return False
        context.dialect.do_executemany(cursor, statement, [masking(row) for row in parameters], context)
        return True

    def _masking(self, statement: str, context: Any) -> Callable[[Any], Any] | None:
        """Return what masks a row of parameters of a statement; None when there is nothing to mask."""
        if context is None or not (context.isinsert or context.isupdate) or _OWN.match(statement):
            return None
        mark = self._changes.mark()
        with self._mutex:
            known = self._known
        if known is not None and known.mark == mark:
            erased = known.erased
        else:
            # By the connection that writes: a second one might have to wait for others that write.
            erased = self._read(context.root_connection, mark)
        if not erased:
            return None
        names = _column_names(context)

        def masked(row: Any) -> Any:
            if isinstance(row, Mapping):
                return {name: _masked(erased, name, value) for name, value in row.items()}
            columns = names if names is not None and len(names) == len(row) else [""] * len(row)
            return tuple(_masked(erased, name, value) for name, value in zip(columns, row, strict=True))

        return masked


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read of who was erased."""

    mark: Mark
    version: str | None
    digests: Mapping[str, int]
    spaces: Sequence[str]
    erased: Erased


def _masked(erased: Erased, column: str, value: object) -> object:
    if isinstance(value, str):
        if _NUMBERED.sub("", column) in PEOPLE_COLUMNS:
            return erased.without(value)
        return erased.masked_text_or_json(value)
    return value


def _column_names(context: Any) -> list[str] | None:
    """Return the names of a statement's positional parameters, as far as they are known."""
    names = getattr(context.compiled, "positiontup", None)
    return None if names is None else list(names)


def _user_spaces(connection: Connection) -> list[str]:
    """Return what the wiki calls the namespaces of users and of their talk pages."""
    site = _value(connection, "site") or {}
    spaces = [site.get("namespaces", {}).get(number, {}) for number in ("2", "3")]
    names = [name for space in spaces for name in (space.get("name"), space.get("canonical"))]
    return [name for name in (*names, *(a for space in spaces for a in space.get("aliases", ()))) if name]


def _value(connection: Connection, key: str) -> Any:
    return connection.execute(_VALUE, {"key": key}).scalar_one_or_none()
