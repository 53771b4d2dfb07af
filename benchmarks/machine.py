"""What a measurement was taken on: without it no figure means anything."""

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path


def describe_machine() -> str:
    """Return one line: day, commit, processors, memory, Python, and how busy the machine is."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    busy = os.getloadavg()[0]
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {_commit()}, {os.cpu_count()} x {_processor()}, "
        f"{memory:.0f} GiB, Python {platform.python_version()}, load {busy:.1f}"
    )


def peak_megabytes() -> float:
    """Return the most memory that this process ever had, from Linux's own count.

    Not `ru_maxrss`: that one begins with what the parent had when it started this process.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found.group(1)) / 1024


def _processor() -> str:
    found = re.search(
        r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE
    )
    return found.group(1) if found else platform.machine()


def _commit() -> str:
    root = Path(__file__).parent
    command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=10"]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return finished.stdout.strip() or "unknown"
