"""Masking, in what the database has already, the names of people who are erased.

Every table and every column of text is gone through, so that a room that is added later is not forgotten. A
pass can be cut off anywhere and repeated: what is masked already is left as it is.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import JSON, Column, Connection, Engine, String, Table, delete, select, tuple_, update

from connector.erased import Erased
from connector.store.engine import handfuls, reading, writing
from connector.store.erased_names import PEOPLE_COLUMNS
from connector.store.masking_community import forget_in_community
from connector.store.schema import draft, follow_up, metadata, notes, page, revision
from connector.store.schema_people import account
from connector.store.scrubbing import note_traces

MaskNotes = Callable[[bytes, str, str, Erased], tuple[bytes, str, str] | None]
"""Gives, of an original, its media type, its file's name and who is erased, these three as they are to be
kept instead; None where they may stay as they are."""

_ROWS_AT_ONCE: Final = 200
# Namespaces of users, and of their talk pages.
_OF_USERS: Final = (2, 3)
# Digests and tokens; what people say of themselves, and where they get mail, goes with their accounts; and
# what has words of its own to be found by, which its room rewrites.
_SKIPPED: Final = frozenset(
    {"account", "sign_in", "access_token", "wish", "subscription", "erased_name", "question"}
    | {"hit_feedback", "revision"}
)


class MaskingStore:
    """Masks names table by table; each method says how many rows it changed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def other_names(self, erased: Erased, *, user_ids: Collection[int] = ()) -> list[str]:
        """Return names that somebody's account bore besides those that are known: they are the same person's.

        Args:
            erased: finds the names that are known.
            user_ids: their accounts' numbers in the wiki, as far as they are known.
        """
        authors = self._authors()
        ids = _ids_of(authors, erased, user_ids)
        return sorted({name for name, user_id in authors if user_id in ids and not erased.is_name(name)})

    def forget_authors(self, erased: Erased, *, user_ids: Collection[int] = ()) -> int:
        """Take the author from each revision that somebody wrote; arguments as `other_names`."""
        authors = self._authors()
        ids = sorted(_ids_of(authors, erased, user_ids))
        names = sorted({name for name, _ in authors if erased.is_name(name)})
        changed = 0
        with writing(self._engine, "forgetting who wrote revisions") as connection:
            for column, values in ((revision.c.user, names), (revision.c.user_id, ids)):
                for some in handfuls(values):
                    theirs = update(revision).where(column.in_(some))
                    changed += connection.execute(theirs.values(user=None, user_id=None)).rowcount
            if changed:
                note_traces(connection, "erased")
        return changed

    def forget_in_community(self, erased: Erased, *, user_ids: Collection[int] = ()) -> int:
        """Forget what is known of somebody beyond texts; arguments as `other_names`.

        To be called before `forget_authors`: revisions tell the numbers of accounts.
        """
        ids = _ids_of(self._authors(), erased, user_ids)
        return forget_in_community(self._engine, erased, user_ids=ids)

    def _authors(self) -> list[tuple[str, int | None]]:
        written = select(revision.c.user, revision.c.user_id).where(revision.c.user.is_not(None)).distinct()
        with reading(self._engine, "looking who has edited") as connection:
            return [(row.user, row.user_id) for row in connection.execute(written)]

    def is_theirs_alone(self, erased: Erased, *, account_id: int, user_id: int) -> bool:
        """Whether nobody else is called so, nor any page but of a user: accents and case make no other name.

        Args:
            erased: finds the names.
            account_id: of who wants them erased.
            user_id: of the same person, in the wiki.
        """
        if self.accounts_of(erased).keys() - {account_id}:
            return False
        if any(number not in (user_id, None) and erased.is_name(name) for name, number in self._authors()):
            return False
        titles = select(page.c.title).where(page.c.namespace.not_in(_OF_USERS))
        with reading(self._engine, "looking for titles") as connection:
            return not any(erased.holds(title) for title in connection.scalars(titles))

    def mask_comments(self, erased: Erased) -> int:
        """Mask the names in what revisions were commented with."""
        return sum(self._mask(revision, [revision.c.comment], erased))

    def named_pages(self, erased: Erased) -> list[int]:
        """Return the pages that bear a name in their title."""
        query = select(page.c.pageid, page.c.title)
        with reading(self._engine, "looking for titles") as connection:
            return [row.pageid for row in connection.execute(query) if erased.holds(row.title)]

    def mask_notes(self, mask: MaskNotes, erased: Erased) -> int:
        """Put what `mask` gives in the place of notes' originals; each keeps the checksum it came with."""
        changed = 0
        with reading(self._engine, "listing notes") as connection:
            ids = list(connection.scalars(select(notes.c.id).order_by(notes.c.id)))
        for notes_id in ids:
            query = select(notes.c.original, notes.c.media_type, notes.c.filename)
            with reading(self._engine, "reading notes") as connection:
                row = connection.execute(query.where(notes.c.id == notes_id)).one_or_none()
            masked = None if row is None else mask(row.original, row.media_type, row.filename, erased)
            if masked is None:
                continue
            with writing(self._engine, "masking notes") as connection:
                values = {"original": masked[0], "media_type": masked[1], "filename": masked[2][:255]}
                connection.execute(update(notes).where(notes.c.id == notes_id).values(values))
                note_traces(connection, "erased")
            changed += 1
        return changed

    def mask_rest(self, erased: Erased) -> Iterator[tuple[str, int]]:
        """Mask the names in all other tables; yield what each is called, and how many rows were changed."""
        for table in metadata.sorted_tables:
            if table.name not in _SKIPPED:
                texts = [c for c in table.columns if isinstance(c.type, String | JSON)]
                for changed in self._mask(table, texts, erased):
                    yield table.name, changed

    def accounts_of(self, erased: Erased, *, ids: Collection[int] = ()) -> dict[int, int]:
        """Return somebody's accounts: their numbers in the wiki, by their ids here."""
        query = select(account.c.id, account.c.wiki_user_id, account.c.name)
        with reading(self._engine, "looking for accounts") as connection:
            return {
                row.id: row.wiki_user_id
                for row in connection.execute(query)
                if row.id in ids or erased.is_name(row.name)
            }

    def delete_accounts(self, ids: Collection[int]) -> None:
        """Delete accounts with all that is theirs: wishes, tokens, browsers that are signed in."""
        with writing(self._engine, "deleting accounts") as connection:
            for account_id in ids:
                connection.execute(delete(account).where(account.c.id == account_id))
            if ids:
                note_traces(connection, "erased")

    def mentions(self, erased: Erased) -> dict[str, int]:
        """Return how many rows of each table name somebody; changes nothing."""
        found: dict[str, int] = {}
        for table in metadata.sorted_tables:
            if table.name in ("erased_name", "sign_in", "access_token", "wish"):
                continue
            texts = [c for c in table.columns if isinstance(c.type, String | JSON)]
            for rows in self._handfuls(table, texts):
                number = sum(bool(_changes(row._mapping, texts, erased)) for row in rows)
                if number:
                    found[table.name] = found.get(table.name, 0) + number
        return found

    def drafts_naming(self, erased: Erased) -> list[int]:
        """Return the drafts that name somebody."""
        return self._naming(draft, erased)

    def follow_ups_naming(self, erased: Erased) -> list[int]:
        """Return the follow-ups that name somebody."""
        return self._naming(follow_up, erased)

    def notes_naming(self, erased: Erased) -> list[int]:
        """Return the notes whose summary or file's name names somebody."""
        return self._naming(notes, erased)

    def _naming(self, table: Table, erased: Erased) -> list[int]:
        texts = [c for c in table.columns if isinstance(c.type, String | JSON)]
        return [
            row.id
            for rows in self._handfuls(table, texts)
            for row in rows
            if _changes(row._mapping, texts, erased)
        ]

    def _mask(self, table: Table, texts: Sequence[Column[Any]], erased: Erased) -> Iterator[int]:
        if not texts:
            return
        for rows in self._handfuls(table, texts):
            changes = [(row, changed) for row in rows if (changed := _changes(row._mapping, texts, erased))]
            if changes:
                with writing(self._engine, "masking names") as connection:
                    for row, changed in changes:
                        _change(connection, table, row._mapping, changed)
                    note_traces(connection, "erased")
            yield len(changes)

    def _handfuls(self, table: Table, texts: Sequence[Column[Any]]) -> Iterator[Sequence[Any]]:
        keys = list(table.primary_key.columns)
        columns = {column.name: column for column in (*keys, *texts)}
        last: tuple[Any, ...] | None = None
        while True:
            query = select(*columns.values()).order_by(*keys).limit(_ROWS_AT_ONCE)
            if last is not None:
                query = query.where(tuple_(*keys) > tuple_(*last))
            with reading(self._engine, "looking for names") as connection:
                rows = connection.execute(query).all()
            if not rows:
                return
            yield rows
            last = tuple(rows[-1]._mapping[key.name] for key in keys)


def _ids_of(
    authors: Collection[tuple[str, int | None]], erased: Erased, user_ids: Collection[int]
) -> set[int]:
    return {user_id for name, user_id in authors if user_id and erased.is_name(name)} | set(user_ids)


def _changes(row: Any, texts: Sequence[Column[Any]], erased: Erased) -> dict[str, Any]:
    """Return what a row is to say instead, by column."""
    changed = {}
    for column in texts:
        value = row[column.name]
        if isinstance(column.type, JSON):
            new = erased.masked_json(value)
        elif value is None:
            continue
        elif column.name in PEOPLE_COLUMNS:
            new = erased.without(value)
        else:
            new = erased.masked_text_or_json(value)
        if new != value:
            changed[column.name] = new
    return changed


def _change(connection: Connection, table: Table, row: Any, changed: dict[str, Any]) -> None:
    keys = list(table.primary_key.columns)
    this = [key == row[key.name] for key in keys]
    if any(key.name in changed for key in keys):
        # Under other words it would be said of something else.
        connection.execute(delete(table).where(*this))
    else:
        connection.execute(update(table).where(*this).values(changed))
