"""Reading ahead: the wiki answers the next request while what it has given is being kept."""

import queue
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


def read_ahead(items: Iterable[_T], size: int, *, lists: int = 5) -> Iterator[list[_T]]:
    """Yield items in lists of `size`, the last one shorter; the next ones are made while the last is used.

    `items` is consumed by one other thread. An error in making a list is raised where the list would have
    come. Who stops early does not wait for what is being made.

    Args:
        items: what to read.
        size: items in a list.
        lists: how many lists may be made and not be used yet.
    """
    ahead = _Ahead(items, size, lists)
    try:
        while batch := ahead.take():
            yield batch
    finally:
        ahead.leave()


class _Ahead(Generic[_T]):
    """A thread that makes lists until there are enough of them."""

    def __init__(self, items: Iterable[_T], size: int, lists: int) -> None:
        self._items = items
        self._size = size
        self._made: queue.SimpleQueue[list[_T] | BaseException] = queue.SimpleQueue()
        self._room = threading.Semaphore(lists)
        self._left = False
        # A daemon: a wiki that does not answer must not hold up a process that was told to end.
        threading.Thread(target=self._make, name="read-ahead", daemon=True).start()

    def take(self) -> list[_T]:
        """Return the next list, an empty one at the end, or raise what went wrong."""
        made = self._made.get()
        self._room.release()
        if isinstance(made, BaseException):
            raise made
        return made

    def leave(self) -> None:
        """Make no more lists."""
        self._left = True
        self._room.release()

    def _make(self) -> None:
        iterator = iter(self._items)
        batch: list[_T] | None = None
        try:
            while batch is None or batch:
                self._room.acquire()
                if self._left:
                    return
                batch = list(islice(iterator, self._size))
                self._made.put(batch)
        except BaseException as e:  # whatever it is, it belongs to who takes
            self._made.put(e)
