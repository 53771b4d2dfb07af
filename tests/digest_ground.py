"""A community to which something happened in one week: the one from 9 to 16 February 2026."""

from datetime import UTC, datetime, timedelta

import time_machine

from connector.store import Account, Store
from connector.store.meetings import PlannedMeeting

SINCE = datetime(2026, 2, 9, tzinfo=UTC)
UNTIL = datetime(2026, 2, 16, tzinfo=UTC)
MONDAY_MORNING = UNTIL + timedelta(hours=8)
"""When this week's digest is sent."""
IN_THE_WEEK = SINCE + timedelta(days=2, hours=10)
QUESTION = "Comment loger les outils prêtés ?"
ANSWERED = "Qui accueille les nouveaux ?"
OLD = "Où trouver des vis ?"
PLACE = "Chez Aïcha, 3 rue du Puits"
NEWCOMER = "Tom Vasseur"


def person(store: Store, name: str, *, number: int = 0) -> Account:
    """Somebody who has signed in."""
    return store.accounts.put(
        wiki_user_id=number or 1_000 + sum(name.encode()),
        name=name,
        groups=(),
        told_at=datetime.now(UTC),
    )


def let_a_week_pass(store: Store) -> None:
    """Page 3 is new; page 2 was tried thrice and adopted; two questions, one answered; one newcomer."""
    with time_machine.travel(SINCE - timedelta(days=9), tick=False):
        store.questions.ask(OLD, language="fr", asked_by=None)
    with time_machine.travel(IN_THE_WEEK, tick=False):
        inès, malo = person(store, "Inès Caradec"), person(store, "Malo Rivière")
        store.questions.ask(QUESTION, language="fr", asked_by=inès.id)
        answered, _ = store.questions.ask(ANSWERED, language="fr", asked_by=malo.id)
        store.questions.close(answered.id, state="answered", closed_by=inès.id, answer_pageid=1)
        store.experiences.add(2, "worked", account_id=inès.id, context="Bourg", note="Douze objets réparés.")
        store.experiences.add(2, "worked", account_id=malo.id, context="Gare")
        store.experiences.add(2, "not", account_id=malo.id, context="Halle")
        store.status_steps.record(2, "tested", "adopted", "accepted", decided_by=inès.id)
        store.status_steps.record(4, "adopted", "reference", "declined", decided_by=inès.id)
        store.welcomes.put(
            777,
            name=NEWCOMER,
            contact_user_id=inès.wiki_user_id,
            contact_name="Inès Caradec",
            now=IN_THE_WEEK,
        )
        store.meetings.plan(
            PlannedMeeting(
                planned_on=(UNTIL + timedelta(days=4)).date(),
                starts_at="18:30",
                title="Réunion de février",
                place=PLACE,
                minutes=90,
                language="fr",
            ),
            created_by=inès.id,
        )
