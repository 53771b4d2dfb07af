"""`compagnon backup`: everything that cannot be made again, in one file, while the service runs.

The database is copied at one moment by SQLite's own means. The file appears under its name when it has been
read back and found whole; until then nothing that stood there is touched.
"""

import fcntl
import hashlib
import io
import os
import secrets
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO

from connector.errors import ConfigError
from connector.progress import Progress
from connector.store.copying import copy_database, examine_database
from webui.backup.manifest import (
    DATABASE,
    INDEX,
    MANIFEST,
    POSTGRESQL_DUMP,
    SECRETS,
    SETTINGS,
    Manifest,
    Member,
    may_hold,
)
from webui.backup.postgresql import dump_postgresql
from webui.backup.reading import check_backup
from webui.backup.secret_settings import without_secret_settings
from webui.config import Config

_PIECE = 1 << 20
_NEVER_KEPT = frozenset({"lock", "owner.json", "owner.json.new"})


@dataclass(frozen=True, slots=True)
class _Source:
    """A member to be, open at its beginning."""

    member: Member
    file: IO[bytes]


def write_backup(
    config: Config,
    target: Path,
    *,
    with_secrets: bool = True,
    with_index: bool = False,
    replace: bool = False,
    progress: Progress | None = None,
) -> Manifest:
    """Write everything of a data directory into one file that only its owner may read.

    Args:
        config: of the data directory; others may go on writing into it.
        target: the file; its folder must exist.
        with_secrets: take passwords and keys along.
        with_index: take the index along, which can be made again; nobody may be using it, and the caller
            holds its lock.
        replace: put it in the place of a file that is there.
        progress: told how far it is.

    Raises:
        ConfigError: there is nothing to save, the file is there already, or cannot be written.
        StoreError: the database cannot be read, or is damaged.
    """
    if not config.exists:
        raise ConfigError(f"there is nothing in {config.folder} to save yet")
    if target.exists() and not replace:
        raise ConfigError(f"{target} is there already: give another name, or --replace")
    try:
        with ExitStack() as stack:
            _sweep_leftovers(target)
            sources = list(_sources(config, target, stack, with_secrets, with_index, progress))
            manifest = Manifest(
                compagnon=version("compagnon"),
                schema=_schema(config),
                created_at=datetime.now(UTC).replace(microsecond=0),
                wiki=config.optional_text("wiki.api_url"),
                secrets=with_secrets,
                members=tuple(source.member for source in sources),
            )
            place, file = stack.enter_context(_draft(target))
            _write(file, manifest, sources, progress)
            check_backup(place, progress=progress)
            place.replace(target)
            _sync_folder(target.parent)
    except OSError as e:
        raise ConfigError(
            f"{target} cannot be written: {e.strerror}" + (f" ({e.filename})" if e.filename else "")
        ) from e
    return manifest


def _sources(
    config: Config,
    target: Path,
    stack: ExitStack,
    with_secrets: bool,
    with_index: bool,
    progress: Progress | None,
) -> Iterator[_Source]:
    place, copy = stack.enter_context(_draft(target))
    server = config.optional_text("store.database")
    if server is None:
        copy_database(config.database, place, progress=progress)
        yield _described(DATABASE, copy)
    else:
        dump_postgresql(server, copy)
        yield _described(POSTGRESQL_DUMP, copy)
    settings = config.folder / SETTINGS
    if settings.exists():
        data = settings.read_bytes()
        data = data if with_secrets else without_secret_settings(data)
        yield _described(SETTINGS, io.BytesIO(data))
    for name in SECRETS if with_secrets else ():
        if (config.folder / name).exists():
            yield _described(name, stack.enter_context((config.folder / name).open("rb")))
    if with_index and config.index_folder.exists():
        for path in sorted(config.index_folder.rglob("*")):
            name = INDEX + path.relative_to(config.index_folder).as_posix()
            kept = path.is_file() and not path.is_symlink() and path.name not in _NEVER_KEPT
            if kept and may_hold(name):
                yield _described(name, stack.enter_context(path.open("rb")))


def _described(name: str, file: IO[bytes]) -> _Source:
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    while piece := file.read(_PIECE):
        digest.update(piece)
        size += len(piece)
    file.seek(0)
    return _Source(Member(name=name, size=size, sha256=digest.hexdigest()), file)


@contextmanager
def _draft(target: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """A file beside the target, locked while it is used, gone at the end unless it was renamed."""
    place = target.with_name(f".{target.name}.{secrets.token_hex(4)}.partial")
    descriptor = os.open(place, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield place, file
    finally:
        place.unlink(missing_ok=True)


def _sweep_leftovers(target: Path) -> None:
    """Delete what a backup of the same name left that was killed; a live one holds its lock."""
    for left in target.parent.glob(f".{_literal(target.name)}.????????.partial"):
        with suppress(FileNotFoundError, BlockingIOError), left.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink()


def _literal(name: str) -> str:
    """Write a name so that `glob` takes it as it stands."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def _write(
    file: IO[bytes], manifest: Manifest, sources: Sequence[_Source], progress: Progress | None
) -> None:
    done = 0
    with tarfile.open(fileobj=file, mode="w|gz", format=tarfile.PAX_FORMAT) as archive:
        listed = manifest.to_json()
        archive.addfile(_entry(MANIFEST, len(listed), manifest), io.BytesIO(listed))
        for source in sources:
            archive.addfile(_entry(source.member.name, source.member.size, manifest), source.file)
            done += source.member.size
            if progress is not None:
                progress(done >> 20, manifest.size >> 20, "archive")
    file.flush()
    os.fsync(file.fileno())


def _entry(name: str, size: int, manifest: Manifest) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, 0o600, int(manifest.created_at.timestamp())
    return entry


def _schema(config: Config) -> str:
    if config.optional_text("store.database") is not None:
        return ""  # the dump says it
    return examine_database(config.database, seconds=0).schema or ""


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
