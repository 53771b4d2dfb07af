"""What was freed goes back to the machine. Each in a process of its own: it is changed for good."""

import platform
import re
import subprocess
import sys

import pytest

from tests.command_line import ROOT

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="of GNU's C library")

_FREED = """
import ctypes, pathlib, re
from search.freed_memory import give_back_freed_memory
library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
library.free.argtypes = [ctypes.c_void_p]

def mebibytes():
    status = pathlib.Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmRSS:\\s+(\\d+)", status).group(1)) // 1024

blocks = [library.malloc(8_000) for _ in range(20_000)]
for block in blocks:
    ctypes.memset(block, 1, 8_000)
before = mebibytes()
for block in blocks[:-1]:  # the last one holds the end of the heap in place
    library.free(block)
kept = mebibytes()
give_back_freed_memory()
print(before, kept, mebibytes())
"""
_THREADS = """
import ctypes, sys, threading
if sys.argv[1] == "shared":
    from search.freed_memory import share_arenas
    share_arenas()
library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
together = threading.Barrier(8)

def work():
    together.wait()
    for _ in range(200):
        library.malloc(2_000)
    together.wait()

threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
library.fdopen.restype = ctypes.c_void_p
out = library.fdopen(1, b"w")
library.malloc_info(0, ctypes.c_void_p(out))
library.fflush(ctypes.c_void_p(out))
"""


def run(program: str, *arguments: str) -> str:
    """What a program of its own prints."""
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_what_was_freed_is_given_back() -> None:
    before, kept, after = map(int, run(_FREED).split())
    assert before - kept < 20  # the library keeps it
    assert kept - after > 100


def test_threads_share_two_arenas() -> None:
    arenas = [len(re.findall(r"<heap nr=", run(_THREADS, how))) for how in ("own", "shared")]
    assert arenas[0] > 2
    assert arenas[1] <= 2
