"""Who is erased is forgotten in what is known of a community: by name, by number, and nobody else is."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, insert, select

from connector.erased import MASK
from connector.erasing import begin_erasing, finish_erasing
from connector.model import Revision
from connector.store import Store
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
from tests.builders import make_page
from tests.community_traces import whole_row

pytestmark = pytest.mark.usefixtures("each_database")

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
GONE, STAYS = "Odile Ferrand", "Jonas Whitlock"
GONE_ID, STAYS_ID, THIRD_ID = 41, 42, 43


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "mirror.sqlite3", secret=lambda: "a secret") as store:
        yield store


def fill(store: Store, table: Table, **values: Any) -> None:
    with store._engine.begin() as connection:
        connection.execute(insert(table).values(**whole_row(table, values)))


def rows(store: Store, table: Table) -> list[dict[str, Any]]:
    key = next(iter(table.primary_key.columns))
    with store._engine.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(select(table).order_by(key))]


def erase(store: Store, *names: str) -> int:
    begin_erasing(store, names)
    return finish_erasing(store).others


def wrote_once(store: Store) -> None:
    """An edit that tells which number goes with the name."""
    store.pages.put_many([make_page(1, "Greffe")])
    store.revisions.put_many(
        [Revision(revid=100, pageid=1, timestamp=NOW, user=GONE, user_id=GONE_ID, size=10)]
    )


def asked(name: str, number: int | None) -> dict[str, Any]:
    return {
        "question_id": 1,
        "wiki_user_id": number,
        "name": name,
        "asked_by": None,
        "asked_at": NOW,
        "state": "asked",
    }


def test_asks_of_them_go_under_whatever_name(store: Store) -> None:
    store.questions.ask("Qui sait greffer ?", language="fr", asked_by=None)
    fill(store, ask, **asked(GONE, GONE_ID))
    fill(store, ask, **asked("O. Ferrand", GONE_ID))
    fill(store, ask, **asked(GONE.upper(), None))
    fill(store, ask, **asked(STAYS, STAYS_ID))
    erase(store, GONE)
    assert [row["name"] for row in rows(store, ask)] == [STAYS]


def test_the_number_is_told_by_revisions_before_those_forget_it(store: Store) -> None:
    store.questions.ask("Qui sait greffer ?", language="fr", asked_by=None)
    fill(store, ask, **asked("Od1le", GONE_ID))
    wrote_once(store)
    erase(store, GONE)
    assert rows(store, ask) == []


def test_a_question_stays_answered_by_nobody(store: Store) -> None:
    values = {"state": "answered", "language": "fr", "asked_at": NOW, "closed_at": NOW, "answer_pageid": 3}
    for number, (name, user_id) in enumerate(((GONE, None), ("Odile", GONE_ID), (STAYS, STAYS_ID))):
        text = f"Question numéro {number} ?"
        fill(
            store,
            question,
            **values,
            digest=str(number),
            text=text,
            answered_by=name,
            answered_by_user_id=user_id,
        )
    wrote_once(store)
    erase(store, GONE)
    listed = store.questions.list(limit=9)
    assert {(q.answered_by, q.answered_by_user_id, q.answer_pageid) for q in listed} == {
        (None, None, 3),
        (STAYS, STAYS_ID, 3),
    }


def test_who_was_shown_around_by_them_needs_somebody_else(store: Store) -> None:
    def welcomed(number: int, name: str, contact: str, contact_id: int, ended: datetime | None) -> None:
        fill(
            store,
            welcome,
            wiki_user_id=number,
            name=name,
            contact_user_id=contact_id,
            contact_name=contact,
            since=NOW,
            ended_at=ended,
        )

    welcomed(GONE_ID, GONE, STAYS, STAYS_ID, None)
    welcomed(50, "Awa Diop", GONE, GONE_ID, None)
    welcomed(51, "Luc Ferry", GONE, GONE_ID, NOW)
    welcomed(52, "Tom Reed", STAYS, STAYS_ID, None)
    erase(store, GONE)
    left = {row["name"]: row["contact_name"] for row in rows(store, welcome)}
    assert left == {"Luc Ferry": "", "Tom Reed": STAYS}
    assert all(row["contact_user_id"] != GONE_ID for row in rows(store, welcome))


def test_what_they_tried_goes_and_notes_that_name_them_are_masked(store: Store) -> None:
    common = {"pageid": 3, "outcome": "worked", "context": "verger", "tried_on": None, "created_at": NOW}
    fill(store, experience, **common, name=GONE, note="Bien pris.")
    fill(store, experience, **common, name=STAYS, note=f"Avec {GONE}, et sans gants.")
    step = {"pageid": 3, "from_status": "emerging", "to_status": "tested", "decision": "declined"}
    fill(store, status_step, **step, decided_at=NOW, evidence={}, note=f"{GONE} n’est pas sûre.")
    verdict = {"kind": "contradiction", "verdict": "settled", "judged_at": NOW}
    fill(store, judgement, **verdict, subject="3+4", note=f"vu avec {GONE}")
    erase(store, GONE)
    assert [(row["name"], row["note"]) for row in rows(store, experience)] == [
        (STAYS, f"Avec {MASK}, et sans gants.")
    ]
    assert [row["note"] for row in rows(store, status_step)] == [f"{MASK} n’est pas sûre."]
    assert [row["note"] for row in rows(store, judgement)] == [f"vu avec {MASK}"]


def test_what_was_decided_of_them_goes(store: Store) -> None:
    wrote_once(store)
    store.judgements.put("quiet", f"account {GONE_ID}", "called", judged_by=None)
    store.judgements.put("quiet", f"account {STAYS_ID}", "called", judged_by=None)
    erase(store, GONE)
    assert [row["subject"] for row in rows(store, judgement)] == [f"account {STAYS_ID}"]


def test_a_meeting_waits_for_them_no_more(store: Store) -> None:
    items = [
        {"kind": "newcomer", "key": "newcomer 41", "title": "", "person": {"name": GONE, "user_id": GONE_ID}},
        {"kind": "action", "key": "action 7", "title": "Plan", "person": {"name": "Ody", "user_id": GONE_ID}},
        {"kind": "free", "key": "free 1", "title": f"Merci à {GONE}", "person": None},
        {"kind": "action", "key": "action 8", "title": "Clé", "person": {"name": STAYS, "user_id": STAYS_ID}},
    ]
    wrote_once(store)
    values = {"minutes": 90, "language": "fr", "created_at": NOW, "cancelled": False}
    fill(
        store,
        meeting,
        **values,
        planned_on=date(2026, 4, 2),
        title=f"Chez {GONE}",
        place="Halle",
        agenda=items,
    )
    erase(store, GONE)
    [row] = rows(store, meeting)
    assert row["title"] == f"Chez {MASK}"
    assert [(each["key"], each["person"]) for each in row["agenda"]] == [
        ("action 7", None),
        ("free 1", None),
        ("action 8", {"name": STAYS, "user_id": STAYS_ID}),
    ]
    assert row["agenda"][1]["title"] == f"Merci à {MASK}"


def test_searches_and_addresses_that_name_them_go(store: Store) -> None:
    for number, text in enumerate((f"téléphone {GONE}", "téléphone Odile Ferrandin")):
        counted = {"language": "fr", "times": 1, "days": 1, "first_at": NOW, "last_at": NOW}
        fill(store, unanswered_search, **counted, digest=str(number), text=text)
    gone, stays = (
        store.accounts.put(wiki_user_id=number, name=name, groups=(), told_at=NOW).id
        for number, name in ((GONE_ID, GONE), (STAYS_ID, STAYS))
    )
    for account_id, address in ((gone, "boite@exemple.org"), (stays, "jonas@exemple.org")):
        secret = {"confirm_digest": f"c{account_id}", "stop_digest": f"s{account_id}"}
        fill(
            store,
            subscription,
            **secret,
            account_id=account_id,
            address=address,
            language="fr",
            asked_at=NOW,
        )
    erase(store, GONE)
    assert [row["text"] for row in rows(store, unanswered_search)] == ["téléphone Odile Ferrandin"]
    assert [row["address"] for row in rows(store, subscription)] == ["jonas@exemple.org"]


def test_nothing_new_brings_the_name_back_but_their_own_address(store: Store) -> None:
    erase(store, GONE, "Odile")
    back = store.accounts.put(wiki_user_id=GONE_ID, name=GONE, groups=(), told_at=NOW)
    engine = store._engine
    with engine.begin() as connection:
        connection.execute(
            insert(welcome).values(
                wiki_user_id=THIRD_ID, name="Odile", contact_name="odile", since=NOW, contact_user_id=None
            )
        )
        connection.execute(
            insert(subscription).values(
                account_id=back.id,
                address="odile.ferrand@exemple.org",
                language="fr",
                confirm_digest="c",
                stop_digest="s",
                asked_at=NOW,
            )
        )
    [row] = rows(store, welcome)
    assert (row["name"], row["contact_name"]) == (MASK, MASK)
    assert [row["address"] for row in rows(store, subscription)] == ["odile.ferrand@exemple.org"]
