"""Who shows which newcomer around, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.store import Store
from connector.store.welcomes import Welcome

pytestmark = pytest.mark.usefixtures("each_database")

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "mirror.sqlite3") as store:
        yield store


def put(store: Store, user_id: int, contact: str, contact_id: int | None, *, now: datetime = NOW) -> Welcome:
    return store.welcomes.put(
        user_id, name=f" Nouveau  {user_id}", contact_user_id=contact_id, contact_name=contact, now=now
    )


def test_a_newcomer_has_one_contact_and_another_takes_over(store: Store) -> None:
    first = put(store, 7, "Inès Roux", 1)
    assert first == Welcome(
        wiki_user_id=7,
        name="Nouveau 7",
        contact_user_id=1,
        contact_name="Inès Roux",
        since=NOW,
        ended_at=None,
    )
    assert store.welcomes.get(7) == first
    second = put(store, 7, "Paul Vidal", None, now=NOW + DAY)
    assert store.welcomes.all() == {7: second}
    assert store.welcomes.of_contact("Inès Roux", 1) == []
    assert store.welcomes.of_contact("paul_vidal", 2) == [second]
    assert store.welcomes.get(8) is None


def test_what_has_ended_is_no_longer_listed(store: Store) -> None:
    put(store, 8, "Inès Roux", 1, now=NOW + DAY)
    put(store, 7, "Inès Roux", 1)
    assert [each.wiki_user_id for each in store.welcomes.of_contact("Inès Roux", 1)] == [7, 8]
    assert store.welcomes.end(7, now=NOW + 2 * DAY)
    assert not store.welcomes.end(7, now=NOW + 3 * DAY)
    assert list(store.welcomes.all()) == [8]
    assert list(store.welcomes.all(ended=True)) == [7, 8]
    ended = store.welcomes.get(7)
    assert ended is not None
    assert ended.ended_at == NOW + 2 * DAY
    # Who is shown around anew is so without an end.
    assert put(store, 7, "Paul Vidal", 2).ended_at is None
    assert set(store.welcomes.all()) == {7, 8}


def test_a_namesake_with_another_account_is_somebody_else(store: Store) -> None:
    put(store, 7, "Inès Roux", 1)
    assert store.welcomes.of_contact("Inès Roux", 2) == []


def test_a_welcome_can_be_forgotten(store: Store) -> None:
    put(store, 7, "Inès Roux", 1)
    assert store.welcomes.forget(7)
    assert not store.welcomes.forget(7)
    assert store.welcomes.all(ended=True) == {}


@pytest.mark.parametrize(
    ("contact", "contact_id"), [("", 1), ("x" * 256, 1), ("Inès Roux", 7), ("Nouveau 7", None)]
)
def test_names_are_names_and_nobody_shows_themselves_around(
    store: Store, contact: str, contact_id: int | None
) -> None:
    with pytest.raises(ValueError, match=r"a name has|themselves"):
        put(store, 7, contact, contact_id)
    assert store.welcomes.all() == {}
