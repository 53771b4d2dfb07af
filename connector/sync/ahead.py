"""Reading ahead: the wiki answers the next request while what it has given is being kept."""

import threading
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Generic, TypeVar

_T = TypeVar("_T")


def batches(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Yield items in lists of `size`, the last one shorter."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def read_ahead(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Yield items in lists of `size`, the last one shorter; the next list is made while the last is used.

    `items` is consumed by one other thread at a time, a list ahead. An error in making a list is raised where
    the list would have come. Who stops early does not wait for the list that is being made.
    """
    iterator = iter(items)
    coming = _Coming(iterator, size)
    while batch := coming.wait():
        coming = _Coming(iterator, size)
        yield batch


class _Coming(Generic[_T]):
    """A list that another thread is making."""

    def __init__(self, iterator: Iterator[_T], size: int) -> None:
        self._iterator = iterator
        self._size = size
        self._made: list[_T] = []
        self._error: BaseException | None = None
        # A daemon: a wiki that does not answer must not hold up a process that was told to end.
        self._thread = threading.Thread(target=self._make, name="read-ahead", daemon=True)
        self._thread.start()

    def wait(self) -> list[_T]:
        """Return the list, or raise what went wrong."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._made

    def _make(self) -> None:
        try:
            self._made = list(islice(self._iterator, self._size))
        except BaseException as e:  # whatever it is, it belongs to who waits
            self._error = e
