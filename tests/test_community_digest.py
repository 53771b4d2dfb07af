"""What a week brought: of what its readers may read, nobody named who must not be, nothing of nothing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from community.digest import Digest, Digests, week_before
from community.evidence import Experiences
from community.life_cycle import LifeCycle
from community.moved import Moved
from community.settings import EvidenceRules
from connector.store import Store
from connector.store.wishes import Wish
from search.people import PeopleFilter
from search.readable import Readable
from tests.builders import ReadableWhere
from tests.community import PAGES, SITE, revisions
from tests.digest_ground import (
    ANSWERED,
    NEWCOMER,
    OLD,
    PLACE,
    QUESTION,
    SINCE,
    UNTIL,
    let_a_week_pass,
    person,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "mirror.sqlite3") as store:
        store.site.put(SITE, source="http://wiki.invalid/w/api.php")
        store.pages.put_many(PAGES)
        store.revisions.put_many(revisions(PAGES))
        yield store


def digests(store: Store, *, opt_out: tuple[str, ...] = ()) -> Digests:
    people = PeopleFilter(bots=(), opt_out=opt_out, store=store)
    experiences = Experiences(store, people)
    return Digests(
        store,
        people=people,
        moved=Moved(store=store, people=people),
        experiences=experiences,
        life_cycle=LifeCycle(store, experiences, people, rules=EvidenceRules()),
    )


def week(
    store: Store,
    *,
    readable: Readable | None = None,
    opt_out: tuple[str, ...] = (),
    for_members: bool = False,
) -> Digest:
    return digests(store, opt_out=opt_out).digest(SINCE, UNTIL, readable=readable, for_members=for_members)


def test_a_week_without_anything_has_nothing_to_tell(store: Store) -> None:
    quiet = digests(store).digest(UNTIL + timedelta(days=40), UNTIL + timedelta(days=47))
    assert quiet.is_empty


def test_questions_that_wait_on_are_no_news(store: Store) -> None:
    let_a_week_pass(store)
    later = digests(store).digest(UNTIL + timedelta(days=40), UNTIL + timedelta(days=47))
    assert later.open_before == 2
    assert later.is_empty


def test_a_week_is_told(store: Store) -> None:
    let_a_week_pass(store)
    told = week(store)
    assert [(one.page.title, one.status) for one in told.new_practices] == [("Ranger les outils", "emerging")]
    assert [(one.page.title, one.from_status, one.to_status) for one in told.steps] == [
        ("Soirée réparation", "tested", "adopted")
    ], "what somebody declined is no step"
    assert [(one.page.title, one.worked, one.partly, one.failed) for one in told.tried] == [
        ("Soirée réparation", 2, 0, 1)
    ]
    assert [one.text for one in told.asked] == [QUESTION]
    assert [(one.text, one.answer.title if one.answer else "") for one in told.answered] == [
        (ANSWERED, "Accueillir un nouveau bénévole")
    ]
    assert told.open_before == 1
    assert told.meeting is not None
    assert (told.meeting.title, told.meeting.starts_at) == ("Réunion de février", "18:30")
    assert not told.is_empty


def test_the_weeks_before_and_after_do_not_tell_it_again(store: Store) -> None:
    let_a_week_pass(store)
    for since in (SINCE - timedelta(days=7), UNTIL):
        other = digests(store).digest(since, since + timedelta(days=7))
        assert (other.steps, other.tried, other.answered, other.newcomers) == ((), (), (), 0)
        assert QUESTION not in [one.text for one in other.asked]


def test_only_members_are_told_who_came_and_where_to_meet(store: Store) -> None:
    let_a_week_pass(store)
    open_to_all, members = week(store), week(store, for_members=True)
    assert (open_to_all.newcomers, open_to_all.named_newcomers) == (1, ())
    assert [one.name for one in members.named_newcomers] == [NEWCOMER]
    assert open_to_all.meeting is not None
    assert members.meeting is not None
    assert (open_to_all.meeting.place, members.meeting.place) == ("", PLACE)
    assert PLACE not in repr(open_to_all)


def test_what_may_not_be_read_is_neither_told_nor_counted(store: Store) -> None:
    let_a_week_pass(store)
    told = week(store, readable=ReadableWhere(lambda page: page.pageid == 3))
    assert [one.page.pageid for one in told.new_practices] == [3]
    assert (told.steps, told.tried) == ((), ())
    assert [(one.text, one.answer) for one in told.answered] == [(ANSWERED, None)]
    nothing = week(store, readable=ReadableWhere(lambda page: False))
    assert nothing.new_practices == ()


def test_who_is_left_out_is_nowhere(store: Store) -> None:
    let_a_week_pass(store)
    assert week(store, opt_out=(NEWCOMER,), for_members=True).newcomers == 0
    told = week(store, opt_out=("Malo Rivière",), for_members=True)
    assert [(one.worked, one.failed) for one in told.tried] == [(1, 0)]
    store.wishes.put(person(store, "Malo Rivière").id, Wish(opted_out=True))
    assert [(one.worked, one.failed) for one in week(store).tried] == [(1, 0)], "as they say themselves"
    store.questions.ask("Où est Malo Rivière ?", language="fr", asked_by=None)
    now = datetime.now(UTC)
    asked = digests(store).digest(now - timedelta(days=1), now + timedelta(days=1)).asked
    assert asked == ()


def test_nobody_who_asked_decided_or_tried_is_named(store: Store) -> None:
    let_a_week_pass(store)
    said = repr(week(store, for_members=True))
    assert "Malo" not in said
    assert "Inès" not in said
    assert "Douze objets" not in said


def test_a_meeting_that_is_cancelled_past_or_far_away_is_not_announced(store: Store) -> None:
    let_a_week_pass(store)
    far = digests(store).digest(SINCE - timedelta(days=14), UNTIL - timedelta(days=14))
    assert far.meeting is None
    past = digests(store).digest(SINCE + timedelta(days=7), UNTIL + timedelta(days=7))
    assert past.meeting is None
    (planned,) = store.meetings.list()
    store.meetings.cancel(planned.id)
    assert week(store).meeting is None


def test_a_change_of_heart_is_told_as_what_came_of_it(store: Store) -> None:
    let_a_week_pass(store)
    store.status_steps.record(
        2, "adopted", "tested", "accepted", decided_by=None, now=SINCE + timedelta(days=5)
    )
    assert week(store).steps == ()


def test_a_question_that_was_withdrawn_is_not_told(store: Store) -> None:
    let_a_week_pass(store)
    (mine,) = [one for one in store.questions.list(state="open", limit=9) if one.text == QUESTION]
    store.questions.close(mine.id, state="withdrawn", closed_by=None)
    told = week(store)
    assert told.asked == ()
    assert told.open_before == 1
    assert OLD not in repr(told), "older ones are only counted"


@pytest.mark.parametrize(
    ("now", "day", "until"),
    [
        ("2026-02-16T00:00:00+00:00", 1, "2026-02-16"),
        ("2026-02-15T23:59:59+00:00", 1, "2026-02-09"),
        ("2026-02-18T12:00:00+00:00", 1, "2026-02-16"),
        ("2026-02-18T12:00:00+00:00", 7, "2026-02-15"),
        ("2026-02-16T00:30:00+02:00", 1, "2026-02-09"),
    ],
)
def test_a_week_ends_on_its_day(now: str, day: int, until: str) -> None:
    since, ended = week_before(datetime.fromisoformat(now), day=day)
    assert ended == datetime.fromisoformat(until).replace(tzinfo=UTC)
    assert ended - since == timedelta(days=7)


def test_the_digest_of_nothing_is_empty() -> None:
    nothing = Digest(since=SINCE, until=UNTIL)
    assert nothing.is_empty
    assert not replace(nothing, newcomers=1).is_empty
