"""What the queue and the rows of jobs hold after much use, and after an accident."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from capture.job_queue import QUEUE_FILE
from capture.jobs import CaptureJobs
from capture.notes import read_notes
from capture.review import ReviewDesk
from capture.service import CaptureService
from connector.store import Store

NOTES = (
    "# Atelier du 5 mars 2024\n\n## Ranger les vis\n\nProblème : on les perdait.\nSolution : des bocaux.\n"
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "compagnon.sqlite3") as opened:
        yield opened


@pytest.fixture
def jobs(store: Store, tmp_path: Path) -> Iterator[CaptureJobs]:
    service = CaptureService(store=store)
    made = CaptureJobs(store=store, capture=lambda: service, folder=tmp_path)
    yield made
    assert made.end()


def test_notes_that_are_given_again_and_again_leave_one_row(store: Store, jobs: CaptureJobs) -> None:
    notes = read_notes(NOTES)
    ReviewDesk(store=store).add(CaptureService(store=store).capture(notes), notes, actor="Léa")
    first = jobs.submit(notes, actor="Léa")
    assert first.state == "done"
    assert [jobs.submit(notes, actor="Marc") for _ in range(3)] == [first] * 3


def test_a_damaged_queue_is_made_anew(store: Store, jobs: CaptureJobs, tmp_path: Path) -> None:
    """The rows of the database say what is to be done; the queue only wakes the thread."""
    (tmp_path / QUEUE_FILE).write_bytes(b"this is no database, but as long as the head of one " * 40)
    assert jobs.start()
    job = jobs.submit(read_notes(NOTES), actor="Léa")
    for _ in range(600):
        if jobs.get(job.id).state == "done":
            return
        threading.Event().wait(0.05)
    raise AssertionError(jobs.get(job.id))
