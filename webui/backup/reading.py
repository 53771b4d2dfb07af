"""Reading a backup: every byte held against its list of contents, whoever wrote it."""

import hashlib
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from connector.errors import ConfigError
from connector.progress import Progress
from webui.backup.manifest import LONGEST_MANIFEST, MANIFEST, Manifest, Member

_PIECE = 1 << 20

Keep = Callable[[bytes], object]
Begin = Callable[[Member], Keep]


def read_manifest(path: Path) -> Manifest:
    """Return what a backup says of itself. What its members are is not looked at yet.

    Raises:
        ConfigError: it is no backup of Compagnon, or cannot be read.
    """
    with _understood(path), _opened(path) as (manifest, _):
        return manifest


def read_members(path: Path, begin: Begin, *, progress: Progress | None = None) -> Manifest:
    """Read a whole backup, a piece after the other.

    Args:
        path: the file.
        begin: called with each member before its first byte; returns what takes its bytes.
        progress: told how much is read.

    Raises:
        ConfigError: it is cut short, damaged, or holds what its list of contents does not say. Members that
            were read until then may be wrong: nothing of them is to be used.
    """
    with _understood(path), _opened(path) as (manifest, archive):
        expected = {member.name: member for member in manifest.members}
        done = 0
        while (entry := archive.next()) is not None:
            member = expected.pop(entry.name, None)
            # Links, devices and folders are not ours; a name twice would put one file over another.
            if member is None or not entry.isreg() or entry.size != member.size:
                raise ConfigError(f"{path} holds what its list of contents does not say: nothing was used")
            stream = archive.extractfile(entry)
            if stream is None:
                raise ConfigError(f"{path} is damaged: nothing was used")
            keep, digest = begin(member), hashlib.sha256()
            while piece := stream.read(_PIECE):
                digest.update(piece)
                keep(piece)
                done += len(piece)
                if progress is not None:
                    progress(done >> 20, manifest.size >> 20, "backup")
            if digest.hexdigest() != member.sha256:
                raise ConfigError(f"{path} is damaged: {member.name} is not what was saved; nothing was used")
        if expected:
            raise ConfigError(f"{path} is cut short: {next(iter(expected))} is missing; nothing was used")
        return manifest


def check_backup(path: Path, *, progress: Progress | None = None) -> Manifest:
    """Read a whole backup and keep nothing.

    Raises:
        ConfigError: as `read_members`.
    """
    return read_members(path, lambda _member: len, progress=progress)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Manifest, tarfile.TarFile]]:
    with path.open("rb") as file, tarfile.open(fileobj=file, mode="r|gz") as archive:
        first = archive.next()
        if first is None or first.name != MANIFEST or not first.isreg() or first.size > LONGEST_MANIFEST:
            raise ConfigError(f"{path} is no backup of Compagnon")
        stream: IO[bytes] | None = archive.extractfile(first)
        manifest = Manifest.read(b"" if stream is None else stream.read(LONGEST_MANIFEST))
        yield manifest, archive


@contextmanager
def _understood(path: Path) -> Iterator[None]:
    try:
        yield
    # A file that is cut short, has other bytes in the middle, or is something else altogether.
    except (tarfile.TarError, zlib.error, EOFError) as e:
        raise ConfigError(f"{path} is no backup of Compagnon, or is damaged: nothing was used") from e
    except OSError as e:
        raise ConfigError(f"{e.filename or path}: {e.strerror or 'is no backup, or is damaged'}") from e
