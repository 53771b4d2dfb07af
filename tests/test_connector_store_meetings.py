"""Meetings: planned, changed, cancelled; an agenda that two people may change at once; their notes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connector.errors import NotKeptError
from connector.store import Store
from connector.store.meetings import LONGEST, MOST_ITEMS, AgendaRows, Meeting, PlannedMeeting

pytestmark = pytest.mark.usefixtures("each_database")

APRIL = PlannedMeeting(
    planned_on=date(2026, 4, 7),
    starts_at="18:30",
    title="Réunion d’avril",
    place="Atelier",
    minutes=90,
    language="fr",
)
MAY = replace(APRIL, planned_on=date(2026, 5, 5), title="Réunion de mai")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "mirror.sqlite3") as store:
        yield store


def titles(meetings: Sequence[Meeting]) -> list[str]:
    return [each.title for each in meetings]


def notes(store: Store, digest: str) -> int:
    return store.notes.add(sha256=digest * 64, filename="", media_type="text/plain", original=b"x")


def test_a_meeting_is_kept_as_it_was_planned(store: Store) -> None:
    kept = store.meetings.plan(replace(APRIL, title="Réunion\n d’avril "), created_by=None)
    assert store.meetings.get(kept.id) == kept
    assert (kept.planned_on, kept.starts_at, kept.title) == (date(2026, 4, 7), "18:30", "Réunion d’avril")
    assert (kept.agenda, kept.notes_id, kept.cancelled, kept.created_by) == ((), None, False, None)


def test_meetings_are_listed_by_their_day(store: Store) -> None:
    may = store.meetings.plan(MAY, created_by=None)
    april = store.meetings.plan(APRIL, created_by=None)
    june = store.meetings.plan(replace(APRIL, planned_on=date(2026, 6, 2), title="Juin"), created_by=None)
    assert [each.id for each in store.meetings.list()] == [april.id, may.id, june.id]
    assert titles(store.meetings.list(first_day=may.planned_on)) == ["Réunion de mai", "Juin"]
    assert titles(store.meetings.list(last_day=may.planned_on, limit=1)) == ["Réunion de mai"]
    store.meetings.cancel(may.id)
    assert titles(store.meetings.list()) == ["Réunion d’avril", "Juin"]
    assert len(store.meetings.list(cancelled=True)) == 3
    assert not store.meetings.cancel(may.id, cancelled=False).cancelled


def test_a_meeting_is_changed_and_keeps_its_agenda(store: Store) -> None:
    kept = store.meetings.plan(APRIL, created_by=None)
    store.meetings.change_agenda(kept.id, lambda _: [{"key": "question 1"}])
    changed = store.meetings.change(kept.id, replace(MAY, minutes=60, starts_at=""))
    assert (changed.planned_on, changed.minutes, changed.starts_at) == (MAY.planned_on, 60, "")
    assert changed.agenda == ({"key": "question 1"},)


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": " "},
        {"title": "t" * 256},
        {"place": "p" * 256},
        {"minutes": 9},
        {"minutes": LONGEST + 1},
        {"starts_at": "24:00"},
        {"starts_at": "6:30"},
    ],
)
def test_what_is_no_plan_is_refused(store: Store, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"characters|minutes|HH:MM"):
        store.meetings.plan(replace(APRIL, **wrong), created_by=None)
    assert store.meetings.list() == []


def test_what_two_people_add_is_both_kept(store: Store) -> None:
    kept = store.meetings.plan(APRIL, created_by=None)

    def adding(key: str) -> Mapping[str, Any]:
        def change(before: AgendaRows) -> Sequence[Mapping[str, Any]]:
            return [*before, {"key": key}]

        return store.meetings.change_agenda(kept.id, change).agenda[-1]

    assert (adding("question 1"), adding("action 2")) == ({"key": "question 1"}, {"key": "action 2"})
    assert [item["key"] for item in store.meetings.get(kept.id).agenda] == ["question 1", "action 2"]
    with pytest.raises(ValueError, match="at most 40"):
        store.meetings.change_agenda(kept.id, lambda before: [*before, *[{"key": "k"}] * MOST_ITEMS])
    assert len(store.meetings.get(kept.id).agenda) == 2


def test_notes_are_of_one_meeting_and_may_go(store: Store) -> None:
    april, may = store.meetings.plan(APRIL, created_by=None), store.meetings.plan(MAY, created_by=None)
    first = notes(store, "a")
    store.meetings.set_notes(april.id, first)
    assert store.meetings.set_notes(may.id, first).notes_id == first
    found = store.meetings.of_notes(first)
    assert found is not None
    assert (found.id, store.meetings.get(april.id).notes_id) == (may.id, None)
    store.notes.forget(first)
    assert (store.meetings.get(may.id).notes_id, store.meetings.of_notes(first)) == (None, None)


def test_what_is_not_there_is_told(store: Store) -> None:
    for ask in (
        lambda: store.meetings.get(9),
        lambda: store.meetings.change(9, APRIL),
        lambda: store.meetings.cancel(9),
        lambda: store.meetings.set_notes(9, None),
        lambda: store.meetings.change_agenda(9, list),
        lambda: store.meetings.forget(9),
    ):
        with pytest.raises(NotKeptError, match="no meeting 9"):
            ask()


def test_a_meeting_that_was_deleted_leaves_no_trace(store: Store, tmp_path: Path) -> None:
    kept = store.meetings.plan(replace(APRIL, title="Chez Zéphyrine"), created_by=None)
    store.meetings.forget(kept.id)
    assert store.scrub()
    for path in tmp_path.iterdir():
        assert "Zéphyrine".encode() not in path.read_bytes(), path.name
