"""Forgetting, in what is known of a community, who is erased: by their account's number as well as by name.

Masking takes names out of texts; here goes what is said of somebody: that they were asked, who showed them
around, what they tried, that they gave an answer. A number in the wiki is as good as a name, and goes too.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

from sqlalchemy import Connection, Engine, Table, delete, or_, select, update

from connector.erased import Erased
from connector.store.engine import handfuls, writing
from connector.store.schema_community import (
    ask,
    experience,
    judgement,
    meeting,
    subscription,
    unanswered_search,
    welcome,
)
from connector.store.schema_people import question
from connector.store.scrubbing import note_traces

# Under this a JSON of ours has one person: a name, and the number of their account.
_PERSON: Final = "person"
# Items of an agenda that are about a person, and about nothing else.
_ABOUT_PEOPLE: Final = frozenset({"newcomer"})


def forget_in_community(engine: Engine, erased: Erased, *, user_ids: Collection[int] = ()) -> int:
    """Forget somebody where they are known by their account's number, and return how many rows changed.

    What they tried, were asked and searched for goes, and with it where mails were to go; a question that
    they answered stays answered, by nobody; who was shown around by them needs somebody else.

    Args:
        engine: the database.
        erased: finds their names.
        user_ids: their accounts' numbers in the wiki, as far as they are known.
    """
    with writing(engine, "forgetting somebody") as connection:
        ids = _ids_of(connection, erased) | set(user_ids)
        changed = _delete_named(connection, experience, "name", erased)
        changed += _delete_of(connection, ask, ids) + _delete_named(connection, ask, "name", erased)
        changed += _delete_of(connection, welcome, ids) + _delete_named(connection, welcome, "name", erased)
        changed += _leave_newcomers(connection, erased, ids)
        changed += _forget_answers(connection, erased, ids)
        changed += _delete_judged(connection, ids)
        changed += _delete_holding(connection, unanswered_search, "digest", "text", erased)
        changed += _delete_holding(connection, subscription, "account_id", "address", erased)
        changed += _leave_meetings(connection, erased, ids)
        if changed:
            note_traces(connection, "erased")
    return changed


def without_person(value: Any, erased: Erased, user_ids: Collection[int]) -> Any:
    """Return a value of JSON without what is about somebody: an agenda's items, and for whom others wait."""
    if isinstance(value, Mapping):
        return {
            key: None
            if key == _PERSON and _is_theirs(each, erased, user_ids)
            else without_person(each, erased, user_ids)
            for key, each in value.items()
        }
    if isinstance(value, list | tuple):
        return [
            without_person(each, erased, user_ids)
            for each in value
            if not (
                isinstance(each, Mapping)
                and each.get("kind") in _ABOUT_PEOPLE
                and _is_theirs(each.get(_PERSON), erased, user_ids)
            )
        ]
    return value


def _is_theirs(person: Any, erased: Erased, user_ids: Collection[int]) -> bool:
    if not isinstance(person, Mapping):
        return isinstance(person, str) and erased.is_name(person)
    return person.get("user_id") in user_ids or erased.is_name(str(person.get("name") or ""))


def _ids_of(connection: Connection, erased: Erased) -> set[int]:
    """Return the numbers that go with names of theirs."""
    pairs = (
        (ask.c.name, ask.c.wiki_user_id),
        (welcome.c.name, welcome.c.wiki_user_id),
        (welcome.c.contact_name, welcome.c.contact_user_id),
        (question.c.answered_by, question.c.answered_by_user_id),
    )
    return {
        number
        for name_column, number_column in pairs
        for name, number in connection.execute(
            select(name_column, number_column).where(number_column.is_not(None)).distinct()
        )
        if erased.is_name(name)
    }


def _delete_of(connection: Connection, table: Table, ids: Collection[int]) -> int:
    deleted = 0
    for some in handfuls(sorted(ids)):
        deleted += connection.execute(delete(table).where(table.c.wiki_user_id.in_(some))).rowcount
    return deleted


def _delete_named(connection: Connection, table: Table, column: str, erased: Erased) -> int:
    names = connection.scalars(select(table.c[column]).distinct())
    deleted = 0
    for some in handfuls([name for name in names if erased.is_name(name)]):
        deleted += connection.execute(delete(table).where(table.c[column].in_(some))).rowcount
    return deleted


def _delete_judged(connection: Connection, ids: Collection[int]) -> int:
    """Delete what was decided of somebody: that they were called, or need not be."""
    deleted = 0
    for some in handfuls([f"account {number}" for number in sorted(ids)]):
        deleted += connection.execute(delete(judgement).where(judgement.c.subject.in_(some))).rowcount
    return deleted


def _delete_holding(connection: Connection, table: Table, key: str, column: str, erased: Erased) -> int:
    rows = connection.execute(select(table.c[key], table.c[column])).all()
    deleted = 0
    for some in handfuls([row[0] for row in rows if erased.holds(row[1])]):
        deleted += connection.execute(delete(table).where(table.c[key].in_(some))).rowcount
    return deleted


def _leave_newcomers(connection: Connection, erased: Erased, ids: Collection[int]) -> int:
    """Who was shown around stays so; who was to be is without a contact again."""
    names = connection.scalars(select(welcome.c.contact_name).distinct())
    theirs = [name for name in names if erased.is_name(name)]
    changed = 0
    for column, values in ((welcome.c.contact_name, theirs), (welcome.c.contact_user_id, sorted(ids))):
        for some in handfuls(values):
            gone = delete(welcome).where(column.in_(some), welcome.c.ended_at.is_(None))
            changed += connection.execute(gone).rowcount
            left = update(welcome).where(column.in_(some)).values(contact_user_id=None, contact_name="")
            changed += connection.execute(left).rowcount
    return changed


def _forget_answers(connection: Connection, erased: Erased, ids: Collection[int]) -> int:
    columns = question.c
    rows = connection.execute(
        select(columns.id, columns.answered_by, columns.answered_by_user_id).where(
            or_(columns.answered_by.is_not(None), columns.answered_by_user_id.is_not(None))
        )
    ).all()
    theirs = [row.id for row in rows if row.answered_by_user_id in ids or erased.is_name(row.answered_by)]
    for some in handfuls(theirs):
        nobody = update(question).where(columns.id.in_(some))
        connection.execute(nobody.values(answered_by=None, answered_by_user_id=None))
    return len(theirs)


def _leave_meetings(connection: Connection, erased: Erased, ids: Collection[int]) -> int:
    changed = 0
    for row in connection.execute(select(meeting.c.id, meeting.c.agenda)).all():
        agenda = without_person(row.agenda, erased, ids)
        if agenda != row.agenda:
            connection.execute(update(meeting).where(meeting.c.id == row.id).values(agenda=agenda))
            changed += 1
    return changed
