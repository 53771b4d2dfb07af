"""Accounts, the browsers in which they are signed in, and the tokens of their programs."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.errors import NotAllowedError
from connector.store import Account, Store
from connector.store.access_tokens import MOST_TOKENS

pytestmark = pytest.mark.usefixtures("each_database")

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "mirror.sqlite3") as store:
        yield store


def put(store: Store, name: str = "Inès Caron", *, number: int = 7, at: datetime = NOW) -> Account:
    return store.accounts.put(wiki_user_id=number, name=name, groups=["user", "editor"], told_at=at)


def test_who_is_renamed_stays_the_same_account(store: Store) -> None:
    ines = put(store)
    store.accounts.set_language(ines.id, "en")
    store.accounts.set_credential(ines.id, "sealed")
    renamed = put(store, "Inès Caron-Leroy", at=NOW + DAY)
    assert renamed.id == ines.id
    assert (renamed.name, renamed.told_at) == ("Inès Caron-Leroy", NOW + DAY)
    assert (renamed.language, renamed.has_credential) == ("en", True)
    assert store.accounts.named("Inès Caron") is None
    assert store.accounts.of_wiki_user(7) == store.accounts.get(ines.id) == renamed


def test_a_name_that_went_to_somebody_else_is_of_whom_the_wiki_named_last(store: Store) -> None:
    put(store, "Malo", number=1)
    second = put(store, "Malo", number=2, at=NOW + DAY)
    assert store.accounts.named("Malo") == second
    assert [account.wiki_user_id for account in store.accounts.list()] == [1, 2]


def test_a_credential_is_kept_and_forgotten(store: Store) -> None:
    ines = put(store)
    assert store.accounts.credential(ines.id) is None
    store.accounts.set_credential(ines.id, "sealed")
    assert store.accounts.credential(ines.id) == "sealed"
    store.accounts.set_credential(ines.id, None)
    found = store.accounts.get(ines.id)
    assert found is not None
    assert not found.has_credential


def test_the_secret_of_a_browser_is_not_in_the_database(store: Store, tmp_path: Path) -> None:
    ines = put(store)
    secret = store.sign_ins.begin(ines.id, browser="Firefox", now=NOW, expires_at=NOW + DAY)
    token = store.access_tokens.make(ines.id, label="script", now=NOW, expires_at=None)
    store.scrub()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert secret.encode() not in kept
    assert token.encode() not in kept
    found = store.sign_ins.find(secret, now=NOW)
    assert found is not None
    assert (found.account_id, found.browser) == (ines.id, "Firefox")
    assert store.sign_ins.find(found.digest, now=NOW) is None


def test_a_sign_in_ends_when_it_is_not_used(store: Store) -> None:
    ines = put(store)
    secret = store.sign_ins.begin(ines.id, browser="", now=NOW, expires_at=NOW + DAY)
    [mine] = store.sign_ins.of_account(ines.id, now=NOW)
    store.sign_ins.seen(mine.digest, now=NOW + DAY / 2, expires_at=NOW + 2 * DAY)
    assert store.sign_ins.find(secret, now=NOW + DAY) is not None
    assert store.sign_ins.find(secret, now=NOW + 2 * DAY) is None
    assert store.sign_ins.of_account(ines.id, now=NOW + 2 * DAY) == []


def test_signing_out_ends_one_browser_or_all_and_nobody_elses(store: Store) -> None:
    ines, malo = put(store), put(store, "Malo", number=8)
    secrets = [
        store.sign_ins.begin(account.id, browser=str(number), now=NOW, expires_at=NOW + DAY)
        for number, account in enumerate((ines, ines, ines, malo))
    ]
    store.sign_ins.end(secrets[0])
    assert store.sign_ins.find(secrets[0], now=NOW) is None
    second = store.sign_ins.find(secrets[1], now=NOW)
    assert second is not None
    assert not store.sign_ins.end_one(malo.id, second.digest)
    assert store.sign_ins.end_one(ines.id, second.digest)
    assert store.sign_ins.end_all(ines.id) == 1
    assert store.sign_ins.find(secrets[3], now=NOW) is not None


def test_tokens_expire_are_revoked_and_say_when_they_were_used(store: Store) -> None:
    ines, malo = put(store), put(store, "Malo", number=8)
    brief = store.access_tokens.make(ines.id, label="brief", now=NOW, expires_at=NOW + DAY)
    lasting = store.access_tokens.make(ines.id, label="x" * 200, now=NOW, expires_at=None)
    assert brief.startswith("cpg_")
    assert store.access_tokens.find(brief, now=NOW + DAY) is None
    found = store.access_tokens.find(lasting, now=NOW + 1000 * DAY)
    assert found is not None
    assert (found.account_id, found.label, found.used_at) == (ines.id, "x" * 80, None)
    store.access_tokens.used(found.id, now=NOW + DAY)
    assert [token.used_at for token in store.access_tokens.of_account(ines.id)] == [NOW + DAY, None]
    assert not store.access_tokens.revoke(malo.id, found.id)
    assert store.access_tokens.revoke(ines.id, found.id)
    assert store.access_tokens.find(lasting, now=NOW) is None


def test_an_account_has_a_limit_of_tokens(store: Store) -> None:
    ines = put(store)
    for _ in range(MOST_TOKENS):
        store.access_tokens.make(ines.id, label="", now=NOW, expires_at=None)
    with pytest.raises(NotAllowedError):
        store.access_tokens.make(ines.id, label="", now=NOW, expires_at=None)


def test_forgetting_an_account_takes_its_sign_ins_and_tokens_along(store: Store) -> None:
    ines = put(store)
    secret = store.sign_ins.begin(ines.id, browser="", now=NOW, expires_at=NOW + DAY)
    token = store.access_tokens.make(ines.id, label="", now=NOW, expires_at=None)
    assert store.accounts.delete(ines.id)
    assert not store.accounts.delete(ines.id)
    assert store.sign_ins.find(secret, now=NOW) is None
    assert store.access_tokens.find(token, now=NOW) is None
    assert put(store).id != ines.id
