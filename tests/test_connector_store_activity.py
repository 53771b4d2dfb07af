"""Sums over histories: by page, account, name and month, on both databases."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from connector.model import Revision
from connector.store import Store
from connector.store.activity import EditsOfMonth, SignedIn
from tests.builders import make_page

pytestmark = pytest.mark.usefixtures("each_database")

MARCH = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "mirror.sqlite3") as store:
        store.pages.put_many([make_page(1, "Semis"), make_page(2, "Compost")])
        yield store


def edit(
    revid: int,
    moment: datetime,
    user: str | None,
    user_id: int | None,
    *,
    pageid: int = 1,
    minor: bool = False,
) -> Revision:
    return Revision(revid=revid, pageid=pageid, timestamp=moment, user=user, user_id=user_id, minor=minor)


def test_edits_are_summed_up_by_page_account_name_and_month_of_utc(store: Store) -> None:
    later = MARCH + timedelta(minutes=20)
    store.revisions.put_many(
        [
            edit(10, MARCH, "Inès Roux", 7),
            edit(11, later, "Inès Roux", 7, minor=True),
            # In Paris it is April already.
            edit(12, MARCH.astimezone(timezone(timedelta(hours=2))), "Paul Vidal", 8, minor=True),
            edit(13, MARCH + timedelta(hours=1), "Inès Roux", 7),
            edit(14, MARCH, "Inès Roux", 7, pageid=2),
            edit(15, MARCH, "Inès R.", 7, pageid=2),
        ]
    )
    march, april = date(2026, 3, 1), date(2026, 4, 1)

    def row(
        pageid: int,
        user_id: int,
        user: str,
        month: date,
        edits: int,
        *moments: datetime,
        revid: int,
        major: datetime | None,
    ) -> EditsOfMonth:
        return EditsOfMonth(
            pageid=pageid,
            user_id=user_id,
            user=user,
            month=month,
            edits=edits,
            first=moments[0],
            last=moments[-1],
            last_major=major,
            revid=revid,
        )

    assert store.activity.months() == [
        row(1, 7, "Inès Roux", march, 2, MARCH, later, revid=11, major=MARCH),
        row(
            1,
            7,
            "Inès Roux",
            april,
            1,
            MARCH + timedelta(hours=1),
            revid=13,
            major=MARCH + timedelta(hours=1),
        ),
        row(1, 8, "Paul Vidal", march, 1, MARCH, revid=12, major=None),
        row(2, 7, "Inès R.", march, 1, MARCH, revid=15, major=MARCH),
        row(2, 7, "Inès Roux", march, 1, MARCH, revid=14, major=MARCH),
    ]
    assert {each.revid for each in store.activity.months(until=MARCH)} == {10, 12, 14, 15}
    assert store.activity.newest() == MARCH + timedelta(hours=1)


def test_addresses_and_hidden_names_are_nobody(store: Store) -> None:
    store.revisions.put_many(
        [edit(10, MARCH, "192.0.2.7", 0), edit(11, MARCH, None, 9), edit(12, MARCH, "X", None)]
    )
    assert store.activity.months() == []
    assert store.activity.newest() == MARCH


def test_nothing_was_saved(store: Store) -> None:
    assert store.activity.months() == []
    assert store.activity.newest() is None
    assert store.activity.signed_in() == {}


def test_signing_in_is_seen_by_account_and_by_browser(store: Store) -> None:
    kept = store.accounts.put(wiki_user_id=7, name="Inès Roux", groups=(), told_at=MARCH)
    store.accounts.put(wiki_user_id=8, name="Paul Vidal", groups=(), told_at=MARCH)
    day = timedelta(days=1)
    for days in (2, 5):
        store.sign_ins.begin(kept.id, browser="", now=MARCH + days * day, expires_at=MARCH + 30 * day)
    assert store.activity.signed_in() == {
        7: SignedIn(name="Inès Roux", first=MARCH, last=MARCH + 5 * day),
        8: SignedIn(name="Paul Vidal", first=MARCH, last=MARCH),
    }
