"""Memory that is handed out empty, for a library that writes it to disk before it is filled.

The graphs that Chroma keeps in a folder are written whole, the room for vectors to come included, which
nobody has ever written to: whatever this process had in that memory before, a page's text or a password,
would stand in the index's files. The C library can fill what it hands out (`M_PERTURB`,
https://man7.org/linux/man-pages/man3/mallopt.3.html); where there is another one, nothing is done.

Not all of it: small blocks come from a thread's own cache as they are (`unused_room`).
"""

import ctypes
import platform
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

_M_PERTURB = -6
# Memory is filled with the complement of this byte: zeros.
_ZEROS = 0xFF


class _Use:
    """How many threads need it now."""

    def __init__(self) -> None:
        self.mutex = threading.Lock()
        self.count = 0


_use = _Use()


@contextmanager
def clean_memory() -> Iterator[None]:
    """Have the whole process handed out zeroed memory until the block ends: it costs some time meanwhile."""
    library = c_library()
    if library is None:
        yield
        return
    with _use.mutex:
        _use.count += 1
        if _use.count == 1:
            library.mallopt(_M_PERTURB, _ZEROS)
            # What grows where it stands is not filled: free pages go back, and come again as zeros.
            library.malloc_trim(0)
    try:
        yield
    finally:
        with _use.mutex:
            _use.count -= 1
            if _use.count == 0:
                library.mallopt(_M_PERTURB, 0)


@cache
def c_library() -> Any:
    """Return GNU's C library; None where there is another one."""
    return ctypes.CDLL(None) if platform.libc_ver()[0] == "glibc" else None
