"""What somebody gave to the wiki, in both databases: long enough, of an account, and not taken back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.model import Revision
from connector.store import Store
from tests.builders import make_page

pytestmark = pytest.mark.usefixtures("each_database")

NOW = datetime(2026, 5, 1, tzinfo=UTC)
FORGE, TALK = 1, 2


def edit(revid: int, size: int, *, pageid: int = FORGE, user_id: int = 7, **more: object) -> Revision:
    """An edit on day `revid` before now."""
    fields = {"user": "Nadia Ould", "sha1": str(revid), "parent_revid": revid + 1} | more
    return Revision(
        revid=revid,
        pageid=pageid,
        timestamp=NOW - timedelta(days=revid),
        user_id=user_id,
        size=size,
        **fields,  # type: ignore[arg-type]  # names of fields, as the caller gives them
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "mirror.sqlite3") as store:
        store.pages.put_many([make_page(FORGE, "Forge"), make_page(TALK, "Discussion:Forge", namespace=1)])
        yield store


def found(store: Store, *, least: int = 300) -> list[tuple[int, int]]:
    """Revisions of the last twenty days, and what they added."""
    given = store.additions.since(NOW - timedelta(days=20), NOW, least=least, namespaces=[0])
    return [(each.revid, each.added) for each in given]


def test_what_made_a_page_longer_is_told_the_newest_first(store: Store) -> None:
    store.revisions.put_many(
        [
            edit(30, 500, parent_revid=0),  # too long ago
            edit(9, 1_400, parent_revid=30),
            edit(8, 1_500, parent_revid=9),  # too little
            edit(7, 2_500, parent_revid=8, user_id=0, user="10.0.0.1"),  # an address
            edit(6, 4_000, parent_revid=7),
            edit(5, 9_000, parent_revid=99),  # nobody knows what was there before
            edit(4, 9_000, pageid=TALK, parent_revid=0),
        ]
    )
    assert found(store) == [(6, 1_500), (9, 900)]
    assert found(store, least=1_000) == [(6, 1_500)]
    assert store.additions.authors([9, 7, 1_000]) == {9: 7, 7: 0}


def test_what_was_taken_back_or_takes_back_is_left_out(store: Store) -> None:
    store.revisions.put_many(
        [
            edit(15, 1_000, parent_revid=0, sha1="good"),
            edit(14, 9_000, parent_revid=15),
            edit(13, 1_000, parent_revid=14, sha1="good"),
            edit(12, 3_000, parent_revid=13, tags=("mw-reverted",)),
            edit(11, 6_000, parent_revid=12, tags=("mw-undo", "visualeditor")),
            edit(10, 7_000, parent_revid=11, tags=("visualeditor",)),
        ]
    )
    assert found(store) == [(10, 1_000), (15, 1_000)]
