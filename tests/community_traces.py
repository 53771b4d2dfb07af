"""What a community knows of one person, in every table that can say it: put there by hand."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Table, insert, select

from connector.store import Store
from connector.store.schema import metadata
from connector.store.schema_community import (
    ask,
    experience,
    judgement,
    meeting,
    status_step,
    subscription,
    unanswered_search,
    welcome,
)
from connector.store.schema_people import question

MOMENT = datetime(2026, 3, 2, 9, tzinfo=UTC)
NEWCOMER_ID = 90_001
QUESTION = "Comment garder le compost au chaud ?"


def leave_traces(store: Store, *, name: str, user_id: int, account_id: int, pageid: int) -> None:
    """Have somebody leave a row, or more, in each table of the community.

    Args:
        store: where.
        name: theirs.
        user_id: of their account in the wiki.
        account_id: of their account here.
        pageid: of a page.
    """
    asked, _ = store.questions.ask(QUESTION, language="fr", asked_by=None)
    given, _ = store.questions.ask("Qui a répondu ?", language="fr", asked_by=None)
    tried = {"pageid": pageid, "outcome": "worked", "context": f"chez {name}", "created_at": MOMENT}
    mail = {"confirm_digest": "c", "stop_digest": "s", "asked_at": MOMENT, "confirmed_at": MOMENT}
    searched = {"language": "fr", "times": 2, "days": 1, "first_at": MOMENT, "last_at": MOMENT}
    planned = {"planned_on": date(2026, 4, 2), "minutes": 90, "created_at": MOMENT, "cancelled": False}
    who = {"name": name, "user_id": user_id}
    item = {"minutes": 5, "language": "fr", "pages": [], "settled": False}
    agenda = [
        {**item, "kind": "newcomer", "key": f"newcomer {user_id}", "title": "", "person": who},
        {**item, "kind": "free", "key": "free 1", "title": f"Merci à {name}", "person": None},
    ]
    step = {"from_status": "emerging", "to_status": "tested", "decision": "declined", "evidence": {}}
    judged = {"kind": "contradiction", "subject": "1+2", "verdict": "settled", "judged_at": MOMENT}
    rows: tuple[tuple[Table, Mapping[str, Any]], ...] = (
        (experience, {**tried, "account_id": account_id, "name": "", "note": f"{name} l’a fait"}),
        (experience, {**tried, "account_id": None, "name": name, "note": ""}),
        (ask, _ask(asked.id, user_id, name, None)),
        (ask, _ask(asked.id, None, name, None)),
        (ask, _ask(given.id, NEWCOMER_ID, "Awa Diop", account_id)),
        (welcome, _welcome(NEWCOMER_ID, "Awa Diop", user_id, name)),
        (welcome, _welcome(user_id, name, NEWCOMER_ID, "Awa Diop")),
        (subscription, {**mail, "account_id": account_id, "address": _address(name), "language": "fr"}),
        (unanswered_search, {**searched, "digest": "d", "text": f"téléphone de {name}"}),
        (
            status_step,
            {
                **step,
                "pageid": pageid,
                "decided_at": MOMENT,
                "decided_by": account_id,
                "note": f"{name} hésite",
            },
        ),
        (judgement, {**judged, "judged_by": account_id, "note": f"vu avec {name}"}),
        (
            meeting,
            {
                **planned,
                "title": f"Chez {name}",
                "place": f"Cuisine de {name}",
                "language": "fr",
                "agenda": agenda,
                "created_by": account_id,
            },
        ),
    )
    with store._engine.begin() as connection:
        for table, values in rows:
            connection.execute(insert(table).values(**whole_row(table, values)))
        connection.execute(
            question.update()
            .where(question.c.id == given.id)
            .values(
                state="answered",
                closed_at=MOMENT,
                answer_pageid=pageid,
                answered_by=name,
                answered_by_user_id=user_id,
            )
        )


def whole_row(table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """A row with these values, and with something empty in each other column that must have a value."""
    empty: dict[type, Any] = {str: "", int: 0, bool: False, dict: {}}
    missing = [
        column
        for column in table.columns
        if not column.nullable and not column.primary_key and column.server_default is None
    ]
    return {column.name: empty.get(column.type.python_type) for column in missing} | dict(values)


def tables_with(store: Store, number: int) -> list[str]:
    """Columns in which a number of an account in the wiki stands, JSON included."""
    found = []
    with store._engine.connect() as connection:
        for table in metadata.sorted_tables:
            for column in table.columns:
                if column.name.endswith("user_id") or column.name == "agenda":
                    values = connection.scalars(select(column)).all()
                    if number in values or any(f"'user_id': {number}" in str(value) for value in values):
                        found.append(f"{table.name}.{column.name}")
    return found


def _ask(question_id: int, user_id: int | None, name: str, asked_by: int | None) -> dict[str, Any]:
    return {
        "question_id": question_id,
        "wiki_user_id": user_id,
        "name": name,
        "asked_by": asked_by,
        "asked_at": MOMENT,
        "state": "asked",
    }


def _welcome(number: int, name: str, contact: int, contact_name: str) -> dict[str, Any]:
    return {
        "wiki_user_id": number,
        "name": name,
        "contact_user_id": contact,
        "contact_name": contact_name,
        "since": MOMENT,
    }


def _address(name: str) -> str:
    return f"{'.'.join(name.casefold().split())}@exemple.org"
