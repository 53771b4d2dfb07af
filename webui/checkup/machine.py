"""The machine: Python and packages, the data directory, disk and memory."""

import os
import re
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import TYPE_CHECKING

from connector.store.copying import sqlite_abilities
from webui.checkup.findings import Finding, ok, problem, warning

if TYPE_CHECKING:
    from webui.bootstrap import Services

_LEAST_PYTHON = (3, 11)
_MIB = 1 << 20
_LEAST_DISK = 200 * _MIB
_GOOD_DISK = 1024 * _MIB
_LEAST_INODES = 1_000
_GOOD_INODES = 20_000
# The model, torch for an indexing, and the pages: docs/en/administrator.md says two gigabytes in all.
_LEAST_MEMORY = 400 * _MIB
_GOOD_MEMORY = 1024 * _MIB
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?\s*([^;]*)(;.*)?\Z")
_CONDITION = re.compile(r"(>=|==|<)\s*([0-9][0-9.]*)")


def check_python(_services: "Services") -> Iterator[Finding]:
    """Python's version, and what its SQLite can do."""
    sqlite, full_text = sqlite_abilities()
    said = f"Python {sys.version.split()[0]}, SQLite {sqlite}"
    if sys.version_info < _LEAST_PYTHON:
        yield problem(said, "install Python 3.11 or newer")
    elif not full_text:
        yield problem(f"{said} without full-text search (FTS5)", "use a Python whose SQLite has FTS5")
    else:
        yield ok(said)


def check_packages(_services: "Services") -> Iterator[Finding]:
    """Versions of the packages against those that Compagnon asks for."""
    try:
        wanted = requires("compagnon") or []
    except PackageNotFoundError:
        yield warning(
            "Compagnon is not installed as a package: versions cannot be compared",
            "install it with pip install -c constraints.txt .",
        )
        return
    wrong = [said for said in map(_mismatch, wanted) if said]
    if wrong:
        yield problem("; ".join(wrong), "run pip install -c constraints.txt . once more")
    else:
        yield ok(f"Compagnon {version('compagnon')}, and {len(wanted)} packages as it wants them")


def check_data_folder(services: "Services") -> Iterator[Finding]:
    """Whether the data directory can be written, and by nobody else be read."""
    folder = services.config.folder
    if not folder.exists():
        yield problem(
            f"there is no data directory {folder}", "run compagnon init, or name another one with --data"
        )
        return
    with tempfile.TemporaryFile(dir=folder) as file:  # says itself what is wrong
        file.write(b"x")
    open_to_others = [
        path
        for path in (folder, *sorted(folder.glob("*")))
        if path.is_file() or path == folder
        if stat.S_IMODE(path.stat().st_mode) & 0o077 and not (path != folder and _is_closed(folder))
    ]
    foreign = [path for path in sorted(folder.glob("*")) if path.stat().st_uid != os.geteuid()]
    if open_to_others:
        names = ", ".join(str(path) for path in open_to_others[:3])
        yield warning(f"others on this machine may look into {names}", f"chmod -R go= {folder}")
    if foreign:
        yield warning(
            f"{foreign[0]} belongs to another account of this machine",
            f"let all of {folder} belong to the account that runs compagnon serve",
        )
    if not open_to_others and not foreign:
        yield ok(f"{folder} can be written, and only its owner may look inside")


def check_disk(services: "Services") -> Iterator[Finding]:
    """Room for the database to be written anew, for an index beside the old one, and for files at all."""
    folder = _nearest(services.config.folder)
    free = shutil.disk_usage(folder).free
    database = services.config.database
    # Erasing writes the database anew beside itself (VACUUM), and so does an upgrade.
    wanted = 2 * database.stat().st_size if database.exists() else 0
    said = f"{free // _MIB:,} MiB free"
    if free < _LEAST_DISK:
        yield problem(said, f"make room: {(_GOOD_DISK + wanted) // _MIB:,} MiB are good to have")
    elif free < _GOOD_DISK + wanted:
        yield warning(said, f"{(_GOOD_DISK + wanted) // _MIB:,} MiB are good to have")
    else:
        yield ok(said)
    files = os.statvfs(folder)
    if files.f_files and files.f_favail < _GOOD_INODES:
        level = problem if files.f_favail < _LEAST_INODES else warning
        yield level(f"room for {files.f_favail:,} more files only", "delete small files on that disk")


def check_memory(_services: "Services") -> Iterator[Finding]:
    """Memory that is left, for the machine or for the container."""
    free = free_memory()
    if free is None:
        return
    said = f"{free // _MIB:,} MiB of memory free"
    if free < _LEAST_MEMORY:
        yield problem(said, "give it more: the model, an indexing and the pages need some 2 GiB in all")
    elif free < _GOOD_MEMORY:
        yield warning(said, "an indexing may need 1 GiB")
    else:
        yield ok(said)


def free_memory(root: Path = Path("/")) -> int | None:
    """Return bytes that can be had: what the kernel says, or what is left to the control group."""
    try:
        told = (root / "proc/meminfo").read_text(encoding="ascii")
    except OSError:
        return None
    found = re.search(r"^MemAvailable:\s+(\d+) kB", told, re.MULTILINE)
    free = int(found[1]) * 1024 if found else None
    try:
        limit = (root / "sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
        used = int((root / "sys/fs/cgroup/memory.current").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return free
    if limit.isdigit():
        left = max(0, int(limit) - used)
        return left if free is None else min(free, left)
    return free


def _mismatch(line: str) -> str:
    """Say how an installed package differs from a requirement; nothing when it does not, or is optional."""
    found = _REQUIREMENT.match(line)
    if found is None or (found[3] and "extra" in found[3]):
        return ""
    try:
        installed = version(found[1])
    except PackageNotFoundError:
        return f"{found[1]} is missing"
    numbers = _release(installed)
    for sign, wanted in _CONDITION.findall(found[2]):
        other = _release(wanted)
        good = {">=": numbers >= other, "==": numbers == other, "<": numbers < other}[sign]
        if not good:
            return f"{found[1]} {installed} is not {sign}{wanted}"
    return ""


def _release(text: str) -> tuple[int, ...]:
    """Return a version's numbers; "2.13.0+cpu" and "2.13" are the same."""
    numbers = [int(part) for part in re.match(r"[0-9.]*", text)[0].split(".") if part]  # type: ignore[index]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _is_closed(folder: Path) -> bool:
    """Whether nobody else may enter, so that what is inside cannot be reached."""
    return not stat.S_IMODE(folder.stat().st_mode) & 0o077


def _nearest(folder: Path) -> Path:
    """Return the folder, or the nearest one above that is there."""
    place = folder.absolute()
    while not place.exists():
        place = place.parent
    return place
