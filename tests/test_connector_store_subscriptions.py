"""Who wants the digest: an address is used once it was confirmed, and nobody is sent one twice."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.errors import NotKeptError
from connector.store import Store

pytestmark = pytest.mark.usefixtures("each_database")

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
ADDRESS = "ines@example.org"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "mirror.sqlite3") as store:
        yield store


def person(store: Store, name: str = "Inès Caron", *, number: int = 7) -> int:
    return store.accounts.put(wiki_user_id=number, name=name, groups=(), told_at=NOW).id


def ask(store: Store, account: int, *, address: str = ADDRESS, confirm: str = "c", stop: str = "s") -> None:
    store.subscriptions.ask(account, address=address, language="fr", confirm=confirm, stop=stop, now=NOW)


def test_nothing_is_due_before_it_is_confirmed(store: Store) -> None:
    room, ines = store.subscriptions, person(store)
    ask(store, ines)
    assert room.due(since=NOW, limit=10) == []
    kept = room.get(ines)
    assert kept is not None
    assert not room.claim(kept, now=NOW, stop="s"), "who has not confirmed is sent nothing"
    assert not room.confirm("another", not_before=NOW - DAY, now=NOW)
    assert not room.confirm("", not_before=NOW - DAY, now=NOW)
    assert room.confirm("c", not_before=NOW - DAY, now=NOW)
    assert [one.address for one in room.due(since=NOW, limit=10)] == [ADDRESS]


def test_a_secret_confirms_once_and_not_for_ever(store: Store) -> None:
    room, ines = store.subscriptions, person(store)
    ask(store, ines)
    assert not room.confirm("c", not_before=NOW + timedelta(seconds=1), now=NOW), "too old"
    assert room.confirm("c", not_before=NOW, now=NOW)
    assert not room.confirm("c", not_before=NOW, now=NOW)
    assert not room.confirm("", not_before=NOW, now=NOW), "the spent secret is not the empty one"


def test_another_address_is_confirmed_anew_and_old_links_are_dead(store: Store) -> None:
    room, ines = store.subscriptions, person(store)
    ask(store, ines)
    room.confirm("c", not_before=NOW, now=NOW)
    ask(store, ines, address="new@example.org", confirm="c2", stop="s2")
    assert room.due(since=NOW, limit=10) == []
    assert not room.confirm("c", not_before=NOW, now=NOW)
    assert not room.stop("s")
    assert room.confirm("c2", not_before=NOW, now=NOW)
    assert [one.address for one in room.due(since=NOW, limit=10)] == ["new@example.org"]


def test_a_claim_is_had_once_and_given_back_when_nothing_went_out(store: Store) -> None:
    room, ines = store.subscriptions, person(store)
    ask(store, ines)
    room.confirm("c", not_before=NOW, now=NOW)
    (due,) = room.due(since=NOW, limit=10)
    assert room.claim(due, now=NOW + DAY, stop="s")
    assert not room.claim(due, now=NOW + DAY, stop="s"), "somebody else was quicker"
    assert room.due(since=NOW, limit=10) == []
    room.give_back(due, claimed_at=NOW + 2 * DAY)
    assert room.due(since=NOW, limit=10) == [], "another claim is not given back"
    room.give_back(due, claimed_at=NOW + DAY)
    assert room.due(since=NOW, limit=10) == [due]
    assert room.claim(due, now=NOW + DAY, stop="s")
    assert room.due(since=NOW + WEEK, limit=10) == [replace(due, sent_at=NOW + DAY)], "the next week"


def test_asking_anew_is_no_way_to_a_second_mail_in_a_week(store: Store) -> None:
    room, ines = store.subscriptions, person(store)
    ask(store, ines)
    room.confirm("c", not_before=NOW, now=NOW)
    room.claim(room.due(since=NOW, limit=1)[0], now=NOW, stop="s")
    ask(store, ines, confirm="c2")
    room.confirm("c2", not_before=NOW, now=NOW)
    assert room.due(since=NOW, limit=10) == []


def test_who_stops_is_forgotten_with_the_address(store: Store) -> None:
    room, ines, malo = store.subscriptions, person(store), person(store, "Malo Rivière", number=8)
    ask(store, ines)
    ask(store, malo, address="malo@example.org", confirm="cm", stop="sm")
    assert not room.stop("nobody’s")
    assert room.stop("s")
    assert not room.stop("s")
    assert room.get(ines) is None
    assert room.get(malo) is not None, "nobody else is"
    assert room.end(malo)
    assert not room.end(malo)


def test_a_new_stop_link_is_that_of_the_newest_mail(store: Store) -> None:
    room, ines = store.subscriptions, person(store)
    ask(store, ines)
    room.confirm("c", not_before=NOW, now=NOW)
    assert room.claim(room.due(since=NOW, limit=1)[0], now=NOW, stop="of another key")
    assert room.stop("of another key")


def test_addresses_that_nobody_confirms_are_forgotten(store: Store) -> None:
    room, ines, malo = store.subscriptions, person(store), person(store, "Malo Rivière", number=8)
    ask(store, ines)
    ask(store, malo, address="malo@example.org", confirm="cm", stop="sm")
    room.confirm("cm", not_before=NOW, now=NOW)
    assert room.forget_unconfirmed(before=NOW) == 0
    assert room.forget_unconfirmed(before=NOW + DAY) == 1
    assert room.get(ines) is None
    assert room.get(malo) is not None


def test_it_goes_with_the_account(store: Store) -> None:
    ines = person(store)
    ask(store, ines)
    store.accounts.delete(ines)
    assert store.subscriptions.get(ines) is None
    with pytest.raises(NotKeptError):
        ask(store, ines)


def test_an_address_that_is_too_long_is_not_kept(store: Store) -> None:
    ines = person(store)
    with pytest.raises(ValueError, match="254"):
        ask(store, ines, address="a" * 250 + "@b.fr")
    assert store.subscriptions.get(ines) is None


def test_a_list_is_sent_to_once_a_week(store: Store) -> None:
    room, everybody = store.subscriptions, "all@example.org"
    assert room.claim_list(everybody, since=NOW, now=NOW)
    assert not room.claim_list(everybody, since=NOW, now=NOW + DAY)
    assert room.claim_list("board@example.org", since=NOW, now=NOW + DAY)
    assert room.claim_list(everybody, since=NOW + WEEK, now=NOW + WEEK)
    room.give_back_list(everybody, claimed_at=NOW)
    assert not room.claim_list(everybody, since=NOW + WEEK, now=NOW + WEEK), "another claim stays"
    room.give_back_list(everybody, claimed_at=NOW + WEEK)
    assert room.claim_list(everybody, since=NOW + WEEK, now=NOW + WEEK + DAY)


def test_neither_secrets_nor_addresses_of_lists_are_in_the_database(store: Store, tmp_path: Path) -> None:
    ask(store, person(store), confirm="confirming-secret", stop="stopping-secret")
    store.subscriptions.claim_list("everybody@example.org", since=NOW, now=NOW)
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    for secret in (b"confirming-secret", b"stopping-secret", b"everybody@example.org"):
        assert secret not in kept
