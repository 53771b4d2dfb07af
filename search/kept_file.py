"""A small file of derived numbers in the folder of the index: it may be deleted at any time."""

import json
import os
from pathlib import Path
from typing import Any

Version = tuple[int, int, int] | None
"""Equal to an earlier one when nobody has written since; None while there is no file."""


class KeptFile:
    """JSON in a file, put in the place of what was there at one stroke. One writer at a time.

    Args:
        path: where it is kept; there need not be anything yet.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def version(self) -> Version:
        """Return which writing the file is of, also when another process did it."""
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size

    def read(self) -> Any:
        """Return what is kept; None when there is nothing, or nothing that can be read."""
        try:
            return json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return None

    def write(self, value: Any) -> None:
        """Keep a value in the place of the older one, which stays when this is interrupted or fails.

        Raises:
            OSError: it cannot be written.
        """
        # What a writer that was killed has left is written over.
        draft = self._path.with_name(f"{self._path.name}.new")
        text = json.dumps(value, separators=(",", ":"))
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with draft.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path)
        finally:
            draft.unlink(missing_ok=True)
