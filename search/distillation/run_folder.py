"""The folder of a run: what it makes on its way, so that one that was cut off goes on where it was."""

import fcntl
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from connector.errors import ConfigError, SearchError
from search.kept_file import KeptFile

_SETTINGS_FILE, _LOCK_FILE = "settings.json", "lock"


class RunFolder:
    """`OUT.training`, beside the folder that the model will be in: on the same disk, and seen.

    Args:
        out: the model's folder.
    """

    def __init__(self, out: Path) -> None:
        self.path = out.with_name(out.name + ".training")
        self.student = self.path / "student"
        """The student before its first lesson."""
        self.targets = self.path / "targets.npy"
        """The teacher's vectors."""

    @contextmanager
    def hold(self, described: Mapping[str, Any]) -> Iterator[None]:
        """Make the folder, or see that it is of this very run, and hold it alone while the block runs.

        Args:
            described: what makes this run this one, as JSON has it.

        Raises:
            ConfigError: it is of another run, or of something else.
            SearchError: it cannot be written, or another process holds it.
        """
        with writing(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            lock = (self.path / _LOCK_FILE).open("wb")
        with lock:  # the kernel's: it goes with its process, however that ends
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as e:
                raise SearchError(f"another process is at work in {self.path}") from e
            self._claim(described)
            yield

    def remove(self) -> None:
        """Remove all of it; the model is made."""
        shutil.rmtree(self.path, ignore_errors=True)

    def _claim(self, described: Mapping[str, Any]) -> None:
        kept = KeptFile(self.path / _SETTINGS_FILE)
        found = kept.read()
        if found is None:
            others = {path.name for path in self.path.iterdir()} - {_LOCK_FILE, f"{_SETTINGS_FILE}.new"}
            # It will be removed at the end: nothing in it may be anybody else's.
            if others:
                raise ConfigError(f"{self.path} holds something else: name another folder, or remove it")
            with writing(self.path):
                kept.write(dict(described))
        elif found != described:
            raise ConfigError(
                f"{self.path} is of a run with other settings or pairs: finish that one, or remove the folder"
            )


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what libraries raise when they cannot write into one error of ours.

    Raises:
        SearchError: the disk is full, or does not want to be written.
    """
    from safetensors import SafetensorError

    try:
        yield
    except OSError as e:
        raise SearchError(f"{path} cannot be written: {e.strerror or e}") from e
    except SafetensorError as e:
        raise SearchError(f"{path} cannot be written: {e}") from e


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a place to write a file or a folder at, which stands at `path` when the block has ended well.

    What stood at `path` (a file only) stays there until then, whenever the process ends.

    Raises:
        SearchError: it cannot be written; what was written of it is removed.
    """
    draft = path.with_name(f"{path.name}.new")
    _remove(draft)  # of a process that was killed
    try:
        with writing(path):
            yield draft
            draft.replace(path)
    finally:
        _remove(draft)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
