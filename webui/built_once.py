"""A part that is built when it is first asked for, and then kept."""

import threading
from functools import cached_property
from typing import Any, Protocol, Self, TypeVar, cast, overload

_T = TypeVar("_T")


class Building(Protocol):
    """What has such parts."""

    building: threading.RLock
    """Held while a part is built."""


class built_once(cached_property[_T]):  # noqa: N801 - used as `cached_property` is
    """A `cached_property` that two threads do not build twice: Python 3.12 took its lock away."""

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> _T: ...

    def __get__(self, instance: object | None, owner: type[Any] | None = None) -> Self | _T:
        """Return what was built, or build it while the others wait."""
        if instance is None:
            return self
        with cast("Building", instance).building:
            return super().__get__(instance, owner)
