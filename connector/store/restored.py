"""What a database that comes from a backup must not bring back.

A backup knows nothing of what people decided after it was made. Where the data directory that it is put back
into still has its newer database, its word counts: who was erased there, who opted out, which tokens and
credentials were taken away, who wants no more mail. Who is signed in is never taken from a backup: who signed
out everywhere since then meant it.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from connector.errors import StoreError

_TABLES = frozenset({"erased_name", "wish", "access_token", "account", "state"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What was taken over from the newer database, in numbers."""

    erased_names: int
    """Names of people who are erased in the newer database, and now in this one: under the newer one's key.
    They are still to be masked (`connector.erasing.finish_erasing`)."""
    wishes: int
    """Wishes of people that are newer than the backup's."""
    access_tokens: int
    """Tokens of the backup that had been taken away since."""


def settle_restored(restored: Path, *, newer: Path | None) -> Settled:
    """Sign everybody out of a restored database, and let the newer one's decisions about people count.

    Args:
        restored: the database from the backup, its schema up to date; nobody else has it open.
        newer: the database that it takes the place of; None, or a damaged one: nothing is known.

    Raises:
        StoreError: the restored database cannot be written.
    """
    try:
        with closing(sqlite3.connect(restored)) as connection:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")
            attached = newer is not None and _attach(connection, newer)
            with connection:
                connection.execute("DELETE FROM sign_in")
                if attached:
                    return _take_over(connection)
            return Settled(erased_names=0, wishes=0, access_tokens=0)
    except sqlite3.Error as e:
        raise StoreError(f"the restored database cannot be settled: {e}") from e


def _attach(connection: sqlite3.Connection, newer: Path) -> bool:
    """Open the newer database beside the restored one; whether it has what is looked for."""
    try:
        connection.execute("ATTACH DATABASE ? AS newer", [str(newer)])
        known = {row[0] for row in connection.execute("SELECT name FROM newer.sqlite_master")}
    except sqlite3.DatabaseError:
        return False  # damaged: perhaps that is why a backup is put back
    return known >= _TABLES


def _take_over(connection: sqlite3.Connection) -> Settled:
    erased = connection.execute("SELECT count(*) FROM newer.erased_name").fetchone()[0]
    if erased:
        # All of them, and only they: digests of two keys cannot stand together.
        connection.execute("DELETE FROM main.erased_name")
        connection.execute("INSERT INTO main.erased_name SELECT * FROM newer.erased_name")
        connection.execute(
            "INSERT OR REPLACE INTO main.state SELECT * FROM newer.state "
            "WHERE key IN ('erased_names_key', 'erased_names_version')"
        )
    columns = [row[1] for row in connection.execute("PRAGMA main.table_info(wish)")]
    carried = ", ".join(f"theirs.{column}" for column in columns if column != "account_id")
    wishes = connection.execute(
        # Names of columns of our own schema; people are known by their number in the wiki.
        f"INSERT OR REPLACE INTO main.wish (account_id, {carried.replace('theirs.', '')}) "  # noqa: S608
        f"SELECT ours.id, {carried} FROM newer.wish AS theirs "
        "JOIN newer.account AS them ON them.id = theirs.account_id "
        "JOIN main.account AS ours ON ours.wiki_user_id = them.wiki_user_id "
        "LEFT JOIN main.wish AS known ON known.account_id = ours.id "
        "WHERE known.account_id IS NULL OR known.updated_at < theirs.updated_at"
    ).rowcount
    # What lets the service act in somebody's name, and was forgotten since: they signed out everywhere, say.
    connection.execute(
        "UPDATE main.account SET credential = NULL WHERE wiki_user_id NOT IN "
        "(SELECT wiki_user_id FROM newer.account WHERE credential IS NOT NULL)"
    )
    tokens = connection.execute(
        "DELETE FROM main.access_token WHERE digest NOT IN (SELECT digest FROM newer.access_token)"
    ).rowcount
    if connection.execute("SELECT 1 FROM newer.sqlite_master WHERE name = 'subscription'").fetchone():
        _end_mails(connection)
    return Settled(erased_names=erased, wishes=wishes, access_tokens=tokens)


def _end_mails(connection: sqlite3.Connection) -> None:
    """Leave out mails that people ended or wanted elsewhere since; nobody gets what they have had already."""
    theirs = (
        "FROM newer.subscription AS theirs JOIN newer.account AS them ON them.id = theirs.account_id "
        "JOIN main.account AS ours ON ours.wiki_user_id = them.wiki_user_id "
        "WHERE ours.id = subscription.account_id AND theirs.address = subscription.address"
    )
    # Nothing is put together here but names of our own schema.
    connection.execute(f"DELETE FROM main.subscription WHERE NOT EXISTS (SELECT 1 {theirs})")  # noqa: S608
    connection.execute(
        f"UPDATE main.subscription SET sent_at = (SELECT theirs.sent_at {theirs}), "  # noqa: S608
        f"stop_digest = (SELECT theirs.stop_digest {theirs})"
    )
    connection.execute("INSERT OR REPLACE INTO main.digest_list SELECT * FROM newer.digest_list")
