"""What moved since the last meeting: pages of people, questions, follow-ups, steps; of what may be read."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from community.model import Evidence
from community.moved import WITHOUT_A_MEETING, Moved, OnPage
from connector.model import Page, Revision
from connector.store import Store
from connector.store.follow_ups import NewFollowUp
from connector.store.meetings import PlannedMeeting
from search.people import PeopleFilter
from tests.builders import ReadableWhere, make_page, make_store

pytestmark = pytest.mark.usefixtures("each_database")

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
MARCH_3 = datetime(2026, 3, 3, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    pages: list[Page] = [
        make_page(1, "Semis"),
        make_page(2, "Compost"),
        make_page(3, "Paillage"),
        make_page(4, "Terreau", redirect="Compost"),
        make_page(5, "Discussion:Semis", namespace=1),
        make_page(6, "Robots"),
    ]
    store = make_store(tmp_path, pages)
    edits = [
        (1, datetime(2026, 1, 1, tzinfo=UTC), "Nadia", 1),
        (1, MARCH_3, "Nadia", 1),
        (1, datetime(2026, 3, 5, tzinfo=UTC), "Hugo Delmas", 2),
        (2, datetime(2026, 3, 4, tzinfo=UTC), "Nadia", 1),
        (3, datetime(2026, 2, 1, tzinfo=UTC), "Nadia", 1),
        (4, datetime(2026, 3, 6, tzinfo=UTC), "Nadia", 1),
        (5, datetime(2026, 3, 6, tzinfo=UTC), "Nadia", 1),
        (6, datetime(2026, 3, 6, tzinfo=UTC), "CiteBot", 9),
    ]
    store.revisions.put_many(
        Revision(revid=10 + number, pageid=pageid, timestamp=at, user=user, user_id=user_id)
        for number, (pageid, at, user, user_id) in enumerate(edits)
    )
    yield store
    store.close()


def moved_in(store: Store, *, opt_out: tuple[str, ...] = ()) -> Moved:
    return Moved(store=store, people=PeopleFilter(bots=(), opt_out=opt_out, store=store))


def keep_notes(store: Store, day: date, *left: NewFollowUp, title: str = "Réunion de mars") -> int:
    notes = store.notes.add(
        sha256=f"{day:%Y%m%d}".rjust(64, "0"), filename="n.md", media_type="text/markdown", original=b"#"
    )
    store.notes.keep_capture(
        notes, title=title, met_on=day, summary="{}", drafts=[], follow_ups=left, actor="test"
    )
    return notes


def test_pages_that_people_made_and_changed_are_told_apart(store: Store) -> None:
    since = moved_in(store).since(date(2026, 3, 3), now=NOW)
    assert [(each.label, each.id) for each in since.new_pages] == [("Compost", 2)]
    assert [each.label for each in since.changed_pages] == ["Semis"]
    assert since.changed_pages[0].when == datetime(2026, 3, 5, tzinfo=UTC)
    assert since.moment == MARCH_3
    assert since.meeting is None


def test_what_is_later_than_now_has_not_happened(store: Store) -> None:
    since = moved_in(store).since(date(2026, 3, 3), now=datetime(2026, 3, 4, tzinfo=UTC))
    assert since.new_pages == ()
    assert [each.label for each in since.changed_pages] == ["Semis"]


def test_edits_of_who_is_left_out_move_nothing(store: Store) -> None:
    [semis] = [
        each
        for each in moved_in(store, opt_out=("Hugo Delmas",)).changed_pages(MARCH_3, NOW)
        if each.page.title == "Semis"
    ]
    assert (semis.edits, semis.last_at, semis.last_revid, semis.is_new) == (1, MARCH_3, 11, False)
    assert moved_in(store).changed_pages(MARCH_3, NOW)[0].edits == 2
    later = MARCH_3 + timedelta(days=1)
    titles = [each.page.title for each in moved_in(store, opt_out=("Hugo Delmas",)).changed_pages(later, NOW)]
    assert titles == ["Compost"]


def test_pages_that_may_not_be_read_are_not_told(store: Store) -> None:
    readable = ReadableWhere(lambda page: page.pageid != 1)
    steps = [OnPage(pageid=number, at=MARCH_3 + timedelta(days=number)) for number in (1, 2)]
    since = moved_in(store).since(
        date(2026, 3, 3), now=NOW, readable=readable, steps=steps, experiences=steps
    )
    assert since.changed_pages == ()
    assert [each.label for each in since.steps] == [each.label for each in since.experiences] == ["Compost"]


def test_steps_of_the_span_are_told_the_last_first_and_those_of_purged_pages_are_not(store: Store) -> None:
    moments = {1: MARCH_3, 2: NOW - timedelta(days=1), 3: MARCH_3 - timedelta(seconds=1), 99: NOW}
    steps = [OnPage(pageid=number, at=at) for number, at in moments.items()]
    since = moved_in(store).since(date(2026, 3, 3), now=NOW, steps=steps)
    assert [each.label for each in since.steps] == ["Compost", "Semis"]


def test_questions_and_follow_ups_are_told_when_something_happened_to_them(store: Store) -> None:
    notes = keep_notes(
        store,
        date(2026, 3, 3),
        NewFollowUp(kind="action", text="Tamiser", lines=(1,)),
        NewFollowUp(kind="action", text="Faite en séance", state="done", lines=(2,)),
    )
    with time_machine.travel(MARCH_3 + timedelta(days=2), tick=False):
        old, _ = store.questions.ask("Qui a un broyeur ?", language="fr", asked_by=None)
        gone, _ = store.questions.ask("Et un tamis ?", language="fr", asked_by=None)
        store.questions.close(gone.id, state="withdrawn", closed_by=None)
    with time_machine.travel(MARCH_3 + timedelta(days=5), tick=False):
        store.questions.close(old.id, state="answered", closed_by=None, answer_pageid=1)
        [action] = store.follow_ups.list(states=("open",))
        store.follow_ups.set_state(action.id, state="done", expected=("open",), actor="test")
    since = moved_in(store).since(None, now=NOW)
    assert since.meeting == Evidence(kind="notes", id=notes, label="Réunion de mars", when=date(2026, 3, 3))
    assert [(each.kind, each.label, each.language) for each in since.asked] == [
        ("question", "Qui a un broyeur ?", "fr")
    ]
    assert [each.id for each in since.answered] == [old.id]
    assert [(each.kind, each.label) for each in since.done] == [("follow_up", "Tamiser")]
    before = moved_in(store).since(date(2026, 3, 6), now=NOW)
    assert before.asked == ()
    assert [each.id for each in before.answered] == [old.id]


def test_the_last_meeting_is_the_newest_of_notes_and_plans(store: Store) -> None:
    moved = moved_in(store)
    assert moved.last_meeting(now=NOW) is None
    assert moved.moment(None, now=NOW) == (NOW - WITHOUT_A_MEETING, None)
    keep_notes(store, date(2026, 2, 3), title="Février")
    keep_notes(store, date(2026, 3, 30), title="À venir")
    plan = PlannedMeeting(planned_on=date(2026, 3, 10), title="Mars", minutes=60, language="fr")
    planned = store.meetings.plan(plan, created_by=None)
    held = moved.last_meeting(now=NOW)
    assert held == Evidence(kind="meeting", id=planned.id, label="Mars", when=date(2026, 3, 10))
    assert moved.moment(date(2026, 3, 10), now=NOW) == (datetime(2026, 3, 10, tzinfo=UTC), held)
    assert moved.moment(date(2026, 3, 9), now=NOW)[1] is None
    store.meetings.cancel(planned.id)
    last = moved.last_meeting(now=NOW)
    assert last is not None
    assert last.label == "Février"


def test_a_meeting_that_is_planned_for_today_was_not_held_yet(store: Store) -> None:
    plan = PlannedMeeting(planned_on=NOW.date(), title="Ce soir", minutes=60, language="fr")
    store.meetings.plan(plan, created_by=None)
    assert moved_in(store).last_meeting(now=NOW) is None


def test_who_came_is_told_in_the_span(store: Store) -> None:
    came = [
        Evidence(kind="person", id=1, label="Nadia", when=MARCH_3 + timedelta(days=1)),
        Evidence(kind="person", id=2, label="Léo", when=MARCH_3 - timedelta(days=1)),
    ]
    since = moved_in(store).since(date(2026, 3, 3), now=NOW, newcomers=came)
    assert [each.label for each in since.newcomers] == ["Nadia"]
