"""What nothing answers: counted by words and days, told from the second time on, forgotten in half a year."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.store import Store
from connector.store.unanswered_searches import FORGOTTEN_AFTER

pytestmark = pytest.mark.usefixtures("each_database")

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "mirror.sqlite3") as store:
        yield store


def count(store: Store, text: str, *, ago: int = 0, times: int = 1) -> None:
    for _ in range(times):
        store.unanswered_searches.count(text, language="fr", now=NOW - ago * DAY)


def told(store: Store, *, limit: int = 10) -> list[tuple[str, int, int]]:
    found = store.unanswered_searches.often(now=NOW, limit=limit)
    return [(each.text, each.times, each.days) for each in found]


def test_the_same_words_are_one_search(store: Store) -> None:
    count(store, "Ruche  qui essaime", ago=2)
    count(store, "ruche qui essaime ?", ago=2)
    count(store, "RUCHE QUI ESSAIME")
    assert told(store) == [("Ruche qui essaime", 3, 2)]
    (kept,) = store.unanswered_searches.often(now=NOW, limit=1)
    assert (kept.first_at, kept.last_at, kept.language) == (NOW - 2 * DAY, NOW, "fr")


def test_what_was_searched_for_once_is_not_told(store: Store) -> None:
    count(store, "Inès Roux téléphone")
    assert told(store) == []
    assert store.unanswered_searches.often(now=NOW, limit=1, least=0) == []


def test_days_count_before_times(store: Store) -> None:
    count(store, "compost", times=9)
    count(store, "ruche", ago=1)
    count(store, "ruche")
    assert told(store) == [("ruche", 2, 2), ("compost", 9, 1)]
    assert told(store, limit=1) == [("ruche", 2, 2)]


def test_what_nobody_searches_for_any_more_is_forgotten(store: Store) -> None:
    count(store, "ancien", ago=FORGOTTEN_AFTER.days + 1, times=2)
    assert told(store) == []
    assert store.unanswered_searches.forget(now=NOW) == 1
    assert store.unanswered_searches.forget(now=NOW) == 0


def test_only_so_many_are_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connector.store.unanswered_searches.MOST_KEPT", 2)
    count(store, "a", ago=3, times=2)
    count(store, "b", ago=2, times=2)
    count(store, "c", ago=1, times=2)
    assert [text for text, _, _ in told(store)] == ["c", "b"]


def test_one_with_an_erased_name_is_gone(store: Store) -> None:
    count(store, "compost", times=2)
    count(store, "Inès Roux ruche", times=2)
    assert store.unanswered_searches.reword(lambda text: text.replace("Inès Roux", "●")) == 1
    assert [text for text, _, _ in told(store)] == ["compost"]


@pytest.mark.parametrize("text", ["", " \n ", "x" * 1_001])
def test_a_search_has_words_and_an_end(store: Store, text: str) -> None:
    with pytest.raises(ValueError, match="1 to 1,000"):
        count(store, text)
