"""Memory that was freed goes back to the machine: GNU's C library keeps it otherwise.

An update of an index of 20,000 passages frees some 60 MB in small pieces; eight threads that answer questions
have an arena each, and each keeps what it once needed (https://man7.org/linux/man-pages/man3/mallopt.3.html).
A server that had taken 0.9 GB took 2.5 GB after two minutes of both. Elsewhere than on GNU nothing is done.
"""

from search.clean_memory import c_library

_M_ARENA_MAX = -8
# One for who computes, one for who answers. More of them mean more that is kept, not more speed: the threads
# of a Python process allocate one after the other.
_ARENAS = 2


def share_arenas() -> None:
    """Have the threads of this process share arenas from now on; those that are there already stay."""
    library = c_library()
    if library is not None:
        library.mallopt(_M_ARENA_MAX, _ARENAS)


def give_back_freed_memory() -> None:
    """Give the machine back what was freed: some milliseconds, for which other threads may wait."""
    library = c_library()
    if library is not None:
        library.malloc_trim(0)
