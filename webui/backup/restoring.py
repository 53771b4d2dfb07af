"""`compagnon restore`: a backup becomes a data directory, whole or not at all.

Everything is unpacked beside what is there, held against its checksums, opened and brought up to date before
the first file changes its place. What stood there is kept until all the new files do.
"""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from capture.erased_notes import masked_notes
from connector.erasing import finish_erasing
from connector.errors import ConfigError, IndexBusyError, StoreError, SyncBusyError
from connector.progress import Progress
from connector.store import Store
from connector.store.restored import Settled, settle_restored
from connector.sync import SyncLock
from search.index_lock import IndexLock
from webui.backup.manifest import DATABASE, POSTGRESQL_DUMP, Manifest, Member
from webui.backup.reading import Keep, read_manifest, read_members
from webui.config import Config

_WAIT_SECONDS = 2.0
# Beside its file SQLite keeps a log and what processes share of it; another database's would spoil this one.
_BESIDE_DATABASE = (f"{DATABASE}-wal", f"{DATABASE}-shm", f"{DATABASE}-journal")
_INDEX_FOLDER = "index"
_SECRET_KEY = "secret-key"  # noqa: S105 - a file's name
_ROOM = 16 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was put back."""

    manifest: Manifest
    settled: Settled | None
    """What was taken over from the database that stood there; None without a database in the backup."""
    replaced: bool
    """Whether something stood there."""


def restore_backup(
    source: Path, folder: Path, *, force: bool = False, progress: Progress | None = None
) -> Restored:
    """Make a data directory from a backup.

    Args:
        source: the backup.
        folder: the data directory: absent, or empty, or with `force` one that nobody is using.
        force: replace what is there. Settings, secrets and index that the backup does not hold: the first
            two stay as they are, the index goes, because it belongs to the database that went.
        progress: told how far it is.

    Raises:
        ConfigError: it is no whole backup, or the data directory is in use, not empty or cannot be written.
        StoreError: the database in it is damaged, or was written by a newer Compagnon.
    """
    manifest = read_manifest(source)
    try:
        occupied = folder.exists() and any(folder.iterdir())
        if occupied and not force:
            raise ConfigError(
                f"{folder} is not empty: name another data directory with --data, or --force to replace it"
            )
        with ExitStack() as stack:
            if not folder.exists():
                folder.mkdir(mode=0o700, parents=True)
                stack.callback(_remove_empty, folder)
            _check_room(folder, manifest)
            if occupied:
                _keep_others_out(folder, stack)
            staging = stack.enter_context(_beside(folder, ".restoring-"))
            manifest = read_members(source, lambda member: _unpack(member, staging, stack), progress=progress)
            settled = None
            if manifest.has(DATABASE):
                settled = _prepare(staging, folder)
            _exchange(folder, staging)
    except OSError as e:
        raise ConfigError(f"{e.filename or folder} cannot be written: {e.strerror}") from e
    return Restored(manifest=manifest, settled=settled, replaced=occupied)


def _remove_empty(folder: Path) -> None:
    """Leave no trace of a restore that failed."""
    if not any(folder.iterdir()):
        folder.rmdir()


def _check_room(folder: Path, manifest: Manifest) -> None:
    free = shutil.disk_usage(folder).free
    # Once more for the database: its schema may have to be brought up to date.
    database = max((m.size for m in manifest.members if m.name in (DATABASE, POSTGRESQL_DUMP)), default=0)
    needed = manifest.size + database + _ROOM
    if free < needed:
        raise ConfigError(
            f"{folder} has {free >> 20:,} MiB of free disk, and this backup needs {needed >> 20:,} MiB"
        )


def _keep_others_out(folder: Path, stack: ExitStack) -> None:
    try:
        stack.enter_context(SyncLock(folder).hold(wait_seconds=_WAIT_SECONDS))
        stack.enter_context(
            IndexLock(folder / _INDEX_FOLDER).acquire(exclusive=True, wait_seconds=_WAIT_SECONDS)
        )
    except (SyncBusyError, IndexBusyError) as e:
        raise ConfigError(f"{folder} is in use: stop `compagnon serve` first ({e})") from e


@contextmanager
def _beside(folder: Path, prefix: str) -> Iterator[Path]:
    """A folder of our own in the data directory: the same disk, and nobody else may look inside."""
    place = folder / f"{prefix}{secrets.token_hex(4)}"
    place.mkdir(mode=0o700)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _unpack(member: Member, staging: Path, stack: ExitStack) -> Keep:
    """Open the file of a member, which the list of contents has been checked for."""
    place = staging / member.name
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    # Without a buffer: what is written is there when the database is opened.
    return stack.enter_context(os.fdopen(descriptor, "wb", buffering=0)).write


def _prepare(staging: Path, folder: Path) -> Settled:
    """Bring the unpacked database up to date, and let newer decisions about people count."""
    database, newer = staging / DATABASE, folder / DATABASE
    key = _key(staging) or _key(folder)
    # Whoever was erased is known by digests that no other key makes.
    with Store.open(database, secret=key) as store:
        store.erased_names.known()
        if faults := store.integrity_check():
            raise StoreError(f"the database in this backup is damaged ({faults[0]}): nothing was changed")
    settled = settle_restored(database, newer=newer if newer.exists() else None)
    if settled.erased_names:
        kept = _key(folder)
        if kept is not None:
            key = kept
            (staging / _SECRET_KEY).unlink(missing_ok=True)
        with Store.open(database, secret=key) as store:
            finish_erasing(store, mask_notes=masked_notes)
    return settled


def _key(folder: Path) -> Callable[[], str] | None:
    """Return what gives the secret key, where there is one."""
    if not os.environ.get("COMPAGNON_SECRET_KEY") and not (folder / _SECRET_KEY).exists():
        return None
    return Config(folder, {}).secret_key


def _exchange(folder: Path, staging: Path) -> None:
    """Put the new files in their places; when one of them cannot be put there, all the old ones go back."""
    old = folder / f".replaced-{secrets.token_hex(4)}"
    old.mkdir(mode=0o700)
    new = sorted(path.name for path in staging.iterdir())
    moved: list[tuple[Path, Path]] = []
    try:
        for name in dict.fromkeys([*new, *_BESIDE_DATABASE, _INDEX_FOLDER]):
            if (folder / name).exists() or (folder / name).is_symlink():
                (folder / name).rename(old / name)
                moved.append((folder / name, old / name))
        for name in new:
            (staging / name).rename(folder / name)
            moved.append((staging / name, folder / name))
    except (OSError, KeyboardInterrupt):
        for before, now in reversed(moved):
            now.rename(before)
        old.rmdir()
        raise
    shutil.rmtree(old, ignore_errors=True)
