"""Long notes are read behind the pages: once, whatever ends the process, and with a reason when it fails."""

import pickle
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from capture.extraction import Extraction
from capture.job_queue import QUEUE_FILE
from capture.jobs import CaptureJobs
from capture.local_extraction import LocalExtractor
from capture.notes import Notes, read_notes
from capture.review import ReviewDesk
from capture.service import CaptureService
from connector.errors import CaptureError, ConfigError, NotKeptError
from connector.progress import Progress
from connector.store import CaptureJobRecord, Store

ROOT = Path(__file__).parent.parent
NOTES = """\
# Atelier du 5 mars 2024

## Ranger les vis

Problème : on les perdait.
Solution : des bocaux vissés sous l'étagère, dit Nadia.

## Actions
- Nadia : acheter des bocaux
"""


class ScriptedExtractor:
    """The local extractor, with something that happens before it."""

    def __init__(self, before: Callable[[Progress | None], None]) -> None:
        self.before = before
        self.calls = 0

    def extract(self, notes: Notes, *, progress: Progress | None = None) -> Extraction:
        self.calls += 1
        self.before(progress)
        return LocalExtractor().extract(notes, progress=progress)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "compagnon.sqlite3") as opened:
        yield opened


@pytest.fixture
def make_jobs(store: Store, tmp_path: Path) -> Iterator[Callable[..., CaptureJobs]]:
    made: list[CaptureJobs] = []

    def make(extractor: ScriptedExtractor | None = None, *, queue_url: str = "") -> CaptureJobs:
        service = CaptureService(store=store, extractor=extractor)
        jobs = CaptureJobs(store=store, capture=lambda: service, folder=tmp_path, queue_url=queue_url)
        made.append(jobs)
        return jobs

    yield make
    for jobs in made:
        assert jobs.end()


def until(jobs: CaptureJobs, job_id: int, *states: str) -> CaptureJobRecord:
    """Wait for a job to be in one of these states."""
    for _ in range(600):
        job = jobs.get(job_id)
        if job.state in states:
            return job
        time.sleep(0.05)
    raise AssertionError(f"the job is {job}")


def test_notes_are_read_and_what_they_say_is_kept(
    store: Store, make_jobs: Callable[..., CaptureJobs]
) -> None:
    jobs = make_jobs()
    given = read_notes(NOTES)
    job = jobs.submit(given, actor="Léa")
    assert (job.state, job.attempts, job.error) == ("waiting", 0, "")
    assert ReviewDesk(store=store).summary(job.notes_id) is None
    assert jobs.start()
    done = until(jobs, job.id, "done", "failed")
    assert (done.state, done.attempts, done.error) == ("done", 1, "")
    assert done.done == done.total > 0
    assert jobs.of_notes(job.notes_id) == done
    desk = ReviewDesk(store=store)
    kept = desk.summary(job.notes_id)
    assert kept is not None
    assert kept.notes.title == "Atelier du 5 mars 2024"
    (draft,) = desk.list(notes_id=job.notes_id)
    assert draft.draft == CaptureService(store=store).capture(given).drafts[0]
    assert desk.events(draft.id)[0].actor == "Léa"
    assert [one.text for one in store.follow_ups.list(kinds=["action"])] == ["acheter des bocaux"]


def test_notes_that_wait_or_are_read_have_one_job(make_jobs: Callable[..., CaptureJobs]) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def wait(_: Progress | None) -> None:
        begun.set()
        go_on.wait(30)

    extractor = ScriptedExtractor(wait)
    jobs = make_jobs(extractor)
    first = jobs.submit(read_notes(NOTES), actor="Léa")
    assert jobs.submit(read_notes(NOTES), actor="Marc").id == first.id
    jobs.start()
    assert begun.wait(30)
    assert jobs.submit(read_notes(NOTES), actor="Marc").id == first.id
    assert jobs.submit(read_notes("Autre réunion."), actor="Marc").id != first.id
    go_on.set()
    until(jobs, first.id, "done")
    again = jobs.submit(read_notes(NOTES), actor="Marc")
    assert (again.state, again.notes_id) == ("done", first.notes_id)
    until(jobs, first.id + 1, "done")
    assert extractor.calls == 2


def test_progress_can_be_followed(store: Store, make_jobs: Callable[..., CaptureJobs]) -> None:
    told, go_on = threading.Event(), threading.Event()

    def tell(progress: Progress | None) -> None:
        assert progress is not None
        progress(3, 9, "windows")
        told.set()
        go_on.wait(30)

    jobs = make_jobs(ScriptedExtractor(tell))
    jobs.start()
    job = jobs.submit(read_notes(NOTES), actor="Léa")
    assert told.wait(30)
    running = jobs.get(job.id)
    assert (running.state, running.done, running.total, running.label) == ("running", 3, 9, "windows")
    go_on.set()
    until(jobs, job.id, "done")


def test_a_job_that_fails_says_why_and_can_be_tried_again(
    store: Store, make_jobs: Callable[..., CaptureJobs]
) -> None:
    def fail(_: Progress | None) -> None:
        if extractor.calls == 1:
            raise CaptureError("the model is gone")

    extractor = ScriptedExtractor(fail)
    jobs = make_jobs(extractor)
    jobs.start()
    job = jobs.submit(read_notes(NOTES), actor="Léa")
    failed = until(jobs, job.id, "failed", "done")
    assert (failed.state, failed.error) == ("failed", "the model is gone")
    assert store.drafts.list() == []
    jobs.retry(job.id)
    assert until(jobs, job.id, "done").error == ""
    assert jobs.retry(job.id).state == "done"
    assert extractor.calls == 2
    with pytest.raises(NotKeptError):
        jobs.retry(99)


def test_a_mistake_of_ours_fails_the_job_and_not_the_thread(make_jobs: Callable[..., CaptureJobs]) -> None:
    def break_once(_: Progress | None) -> None:
        if extractor.calls == 1:
            raise ZeroDivisionError

    extractor = ScriptedExtractor(break_once)
    jobs = make_jobs(extractor)
    jobs.start()
    job = jobs.submit(read_notes(NOTES), actor="Léa")
    assert "unexpected error" in until(jobs, job.id, "failed").error
    jobs.retry(job.id)
    until(jobs, job.id, "done")


def test_who_ends_in_the_middle_leaves_the_job_to_the_next(
    store: Store, make_jobs: Callable[..., CaptureJobs]
) -> None:
    begun = threading.Event()

    def go_on_for_ever(progress: Progress | None) -> None:
        assert progress is not None
        begun.set()
        for number in range(100_000):
            progress(number, 100_000, f"lines {number}")
            time.sleep(0.01)

    first = make_jobs(ScriptedExtractor(go_on_for_ever))
    first.start()
    job = first.submit(read_notes(NOTES), actor="Léa")
    assert begun.wait(30)
    assert first.end()
    waiting = first.get(job.id)
    assert (waiting.state, waiting.attempts) == ("waiting", 0)
    second = make_jobs()
    second.start()
    until(second, job.id, "done")
    assert len(store.drafts.list()) == 1


def test_one_of_two_processes_reads(store: Store, make_jobs: Callable[..., CaptureJobs]) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def wait(_: Progress | None) -> None:
        begun.set()
        go_on.wait(30)

    extractor, other = ScriptedExtractor(wait), ScriptedExtractor(lambda _: None)
    first, second = make_jobs(extractor), make_jobs(other)
    assert first.start()
    job = first.submit(read_notes(NOTES), actor="Léa")
    assert begun.wait(30)
    assert not second.start()
    assert second.get(job.id).state == "running"
    # What is given to the second is read by the first.
    more = second.submit(read_notes("Autre réunion."), actor="Marc")
    go_on.set()
    until(second, more.id, "done")
    assert (extractor.calls, other.calls) == (2, 0)
    assert first.start()  # it works already
    assert first.end()
    assert second.start()


def test_notes_that_are_deleted_while_they_are_read_stay_deleted(
    store: Store, make_jobs: Callable[..., CaptureJobs]
) -> None:
    def forget(_: Progress | None) -> None:
        if extractor.calls == 1:
            ReviewDesk(store=store).forget_notes(job.notes_id, actor="Léa")

    extractor = ScriptedExtractor(forget)
    jobs = make_jobs(extractor)
    job = jobs.submit(read_notes(NOTES), actor="Léa")
    other = jobs.submit(read_notes("Autre réunion."), actor="Léa")
    jobs.start()
    until(jobs, other.id, "done")
    with pytest.raises(NotKeptError):
        jobs.get(job.id)
    assert store.notes.get(job.notes_id) is None
    assert store.drafts.list() == []


def test_a_message_that_someone_else_wrote_runs_nothing(
    tmp_path: Path, make_jobs: Callable[..., CaptureJobs]
) -> None:
    jobs = make_jobs()
    job = jobs.submit(read_notes(NOTES), actor="Léa")
    jobs.start()
    until(jobs, job.id, "done")
    trap = tmp_path / "trap"

    class Trap:
        def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
            return Path.touch, (trap,)

    with closing(sqlite3.connect(tmp_path / QUEUE_FILE)) as queue, queue:
        queue.execute(
            "INSERT INTO task (queue, data, priority) VALUES (?, ?, 0)",
            [jobs._queue._huey.name, pickle.dumps(Trap())],
        )
    more = jobs.submit(read_notes("Autre réunion."), actor="Marc")
    until(jobs, more.id, "done")
    assert not trap.exists()


KILLED = """
import os, signal, sys, time
from pathlib import Path
from capture.jobs import CaptureJobs
from capture.local_extraction import LocalExtractor
from capture.notes import read_notes
from capture.service import CaptureService
from connector.store import Store

class Deadly(LocalExtractor):
    def extract(self, notes, *, progress=None):
        progress(1, 2, "lines")
        os.kill(os.getpid(), signal.SIGKILL)

folder = Path(sys.argv[1])
store = Store.open(folder / "compagnon.sqlite3")
jobs = CaptureJobs(
    store=store, capture=lambda: CaptureService(store=store, extractor=Deadly()), folder=folder
)
jobs.start()
if len(sys.argv) > 2:
    jobs.submit(read_notes(sys.argv[2]), actor="Léa")
time.sleep(60)
"""


def be_killed(folder: Path, *arguments: str) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(folder), *arguments], check=False, cwd=ROOT)
    assert done.returncode == -signal.SIGKILL


def test_a_job_whose_process_is_killed_is_done_once_by_the_next(
    store: Store, tmp_path: Path, make_jobs: Callable[..., CaptureJobs]
) -> None:
    be_killed(tmp_path, NOTES)
    (job,) = store.capture_jobs.unfinished()
    assert (job.state, job.done, job.total) == ("running", 1, 2)
    extractor = ScriptedExtractor(lambda _: None)
    jobs = make_jobs(extractor)
    jobs.start()
    done = until(jobs, job.id, "done", "failed")
    assert (done.state, done.attempts, extractor.calls) == ("done", 2, 1)
    assert len(store.drafts.list()) == 1
    assert jobs.end()
    jobs.start()
    jobs.submit(read_notes("Autre réunion."), actor="Léa")
    until(jobs, job.id + 1, "done")
    assert extractor.calls == 2
    assert len(store.drafts.list()) == 1


def test_a_job_that_kills_its_process_twice_is_not_begun_for_ever(
    tmp_path: Path, store: Store, make_jobs: Callable[..., CaptureJobs]
) -> None:
    be_killed(tmp_path, NOTES)
    be_killed(tmp_path)
    jobs = make_jobs()
    jobs.start()
    (job,) = [jobs.get(1)]
    assert (job.state, job.attempts) == ("failed", 2)
    assert "ended twice" in job.error
    jobs.retry(job.id)
    until(jobs, job.id, "done")


def test_a_queue_that_cannot_be_reached_says_so_and_loses_nothing(
    store: Store, make_jobs: Callable[..., CaptureJobs]
) -> None:
    away = make_jobs(queue_url="redis://127.0.0.1:1/0")
    with pytest.raises(CaptureError, match="cannot be reached"):
        away.submit(read_notes(NOTES), actor="Léa")
    with pytest.raises(CaptureError, match="cannot be reached"):
        away.start()
    with pytest.raises(ConfigError, match="queue_url"):
        make_jobs(queue_url="ftp://127.0.0.1").submit(read_notes("Autre réunion."), actor="Léa")
    (job, other) = store.capture_jobs.unfinished()
    jobs = make_jobs()
    jobs.start()
    until(jobs, job.id, "done")
    until(jobs, other.id, "done")


def test_the_queue_may_be_in_redis(
    store: Store, tmp_path: Path, make_jobs: Callable[..., CaptureJobs], redis_url: str
) -> None:
    jobs = make_jobs(queue_url=redis_url)
    early = jobs.submit(read_notes(NOTES), actor="Léa")
    assert jobs.start()
    late = jobs.submit(read_notes("Autre réunion."), actor="Léa")
    until(jobs, early.id, "done")
    until(jobs, late.id, "done")
    assert len(store.drafts.list()) == 1
    assert not (tmp_path / QUEUE_FILE).exists()
