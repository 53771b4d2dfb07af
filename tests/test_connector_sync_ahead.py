"""Reading ahead: in order, whole, one list at a time, and errors where they belong."""

import itertools
import threading
from collections.abc import Iterator

import pytest

from connector.errors import WikiUnavailableError
from connector.sync.ahead import read_ahead


@pytest.mark.parametrize("count", [0, 1, 6, 7])
def test_everything_comes_in_order(count: int) -> None:
    lists = list(read_ahead(iter(range(count)), 3))
    assert [item for some in lists for item in some] == list(range(count))
    assert all(len(some) == 3 for some in lists[:-1])


def test_the_next_lists_are_made_while_the_last_is_used_and_no_more() -> None:
    given = threading.Semaphore(0)

    def items() -> Iterator[int]:
        for number in itertools.count():
            given.release()
            yield number

    lists = read_ahead(items(), 3, lists=2)
    assert next(lists) == [0, 1, 2]
    for _ in range(9):  # the one that is used, and two that wait
        assert given.acquire(timeout=30)
    assert not given.acquire(timeout=0.3)
    assert next(lists) == [3, 4, 5]
    for _ in range(3):
        assert given.acquire(timeout=30)
    assert not given.acquire(timeout=0.3)
    lists.close()  # type: ignore[attr-defined]  # a generator


def test_an_error_comes_after_what_came_before_it() -> None:
    def items() -> Iterator[int]:
        yield from range(4)
        raise WikiUnavailableError("the wiki is gone")

    lists = read_ahead(items(), 3)
    assert next(lists) == [0, 1, 2]
    with pytest.raises(WikiUnavailableError):
        next(lists)


def test_who_stops_early_is_not_held_up() -> None:
    waiting = threading.Event()

    def items() -> Iterator[int]:
        yield from range(3)
        waiting.wait(60)
        yield 3

    lists = read_ahead(items(), 3)
    assert next(lists) == [0, 1, 2]
    lists.close()  # type: ignore[attr-defined]  # a generator
    waiting.set()
