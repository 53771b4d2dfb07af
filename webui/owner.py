"""Asking the process that owns the index, when there is one.

A Chroma folder belongs to one process at a time. While `compagnon serve` runs, the command line asks it over
loopback: its model is loaded already, and it alone writes.
"""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from connector.errors import CaptureError, CompagnonError, IndexBusyError
from connector.progress import Progress

if TYPE_CHECKING:
    from search.index_lock import Owner

_CONNECT_SECONDS = 2.0
_ANSWER_SECONDS = 60.0
# Notes of a long meeting, read by a language model.
_NOTES_SECONDS = 1800.0
_SECONDS_BETWEEN_LOOKS = 0.5
# A first index of a large wiki takes as long as it takes.
_INDEX_SECONDS = 24 * 3600.0


class OwnerClient:
    """The running service, seen from another process of the same machine."""

    def __init__(self, owner: "Owner") -> None:
        if owner.url is None:
            raise IndexBusyError(f"process {owner.pid} is using the index: wait until it is done")
        self._url = owner.url
        self._owner = owner

    def get(self, path: str, **parameters: str | int) -> dict[str, Any]:
        """Return what the service answers at `path`."""
        return self._ask("GET", path, timeout=_ANSWER_SECONDS, params=parameters)

    def capture(self, data: bytes, *, filename: str) -> dict[str, Any]:
        """Return what the service makes of meeting notes."""
        return self._ask("POST", "/api/v1/capture", timeout=_NOTES_SECONDS, files={"file": (filename, data)})

    def keep_notes(self, data: bytes, *, filename: str, progress: Progress) -> dict[str, Any]:
        """Have the service keep meeting notes and read them; return the job when it is done.

        Args:
            data: the notes.
            filename: of their file.
            progress: told how far it is.

        Raises:
            CaptureError: they could not be read; they are kept.
        """
        job = self._ask("POST", "/api/v1/notes", timeout=_ANSWER_SECONDS, files={"file": (filename, data)})
        while job["state"] in ("waiting", "running"):
            time.sleep(_SECONDS_BETWEEN_LOOKS)
            job = self.get(f"/api/v1/jobs/{job['id']}")
            if job["label"]:
                progress(job["done"], job["total"], job["label"])
        if job["state"] == "failed":
            raise CaptureError(f"job {job['id']} failed: {job['error']}")
        return job

    def update_index(self, *, reread: bool = False) -> dict[str, Any]:
        """Have the service bring its index in step with the mirror; return its report.

        Args:
            reread: have it look again which model the settings say.
        """
        return self._ask("POST", "/api/v1/index", timeout=_INDEX_SECONDS, params={"reread": int(reread)})

    def _ask(self, method: str, path: str, *, timeout: float, **options: Any) -> dict[str, Any]:
        import requests

        with requests.Session() as session:
            session.trust_env = False  # a proxy has no business between two processes of one machine
            # Who can read the index folder may read all that is mirrored.
            session.headers["Authorization"] = f"Bearer {self._owner.token}"
            try:
                reply = session.request(
                    method, self._url + path, timeout=(_CONNECT_SECONDS, timeout), **options
                )
                answer: Mapping[str, Any] = reply.json()
            except (requests.RequestException, ValueError) as e:
                raise IndexBusyError(
                    f"process {self._owner.pid} owns the index but does not answer at {self._url}: "
                    "stop it, or wait until it is done"
                ) from e
        if not reply.ok:
            raise CompagnonError(str(answer.get("error", {}).get("message", f"HTTP {reply.status_code}")))
        return dict(answer)
