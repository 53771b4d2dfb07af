"""Reading notes behind the pages: one row for each time, from waiting to done.

The rows are the truth; a queue only wakes whoever works (see `capture.jobs`).
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, Engine, Row, func, insert, select, update

from connector.errors import NotKeptError
from connector.store.engine import reading, writing
from connector.store.schema import capture_job

_UNFINISHED = ("waiting", "running")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureJobRecord:
    """How far the reading of notes is."""

    id: int
    notes_id: int
    state: str
    """`waiting`, `running`, `done` or `failed`."""
    actor: str
    """Who gave the notes."""
    attempts: int
    """How often it was begun."""
    done: int
    total: int
    """0 while nobody knows."""
    label: str
    """What is counted, as a word for programs."""
    error: str
    """One line, when it failed."""
    created_at: datetime
    updated_at: datetime


class CaptureJobStore:
    """Jobs and their states. Each change is one durable transaction, so that none is begun twice."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def submit(self, notes_id: int, *, actor: str, ready: bool = False) -> CaptureJobRecord:
        """Return a new job for notes, or the one that is waiting, running or done for them already.

        Args:
            notes_id: which notes.
            actor: who gives them.
            ready: whether there is nothing left to do: the last job is returned if it did it, else one that
                is done as soon as it is there.
        """
        now = datetime.now(UTC)
        with writing(self._engine, "keeping a job") as connection:
            states = (*_UNFINISHED, "done") if ready else _UNFINISHED
            known = connection.execute(
                select(capture_job)
                .where(capture_job.c.notes_id == notes_id, capture_job.c.state.in_(states))
                .order_by(capture_job.c.state == "done", capture_job.c.id.desc())
            ).first()
            if known is not None:
                return _record(known)
            row = {
                "notes_id": notes_id,
                "state": "done" if ready else "waiting",
                "actor": actor,
                "attempts": 0,
                "done": 0,
                "total": 0,
                "label": "",
                "error": "",
                "created_at": now,
                "updated_at": now,
            }
            return _record(connection.execute(insert(capture_job).values(row).returning(capture_job)).one())

    def get(self, job_id: int) -> CaptureJobRecord:
        """Return a job.

        Raises:
            NotKeptError: there is none with this id.
        """
        with reading(self._engine, "reading a job") as connection:
            row = connection.execute(select(capture_job).where(capture_job.c.id == job_id)).one_or_none()
        if row is None:
            raise NotKeptError(f"there is no job {job_id}")
        return _record(row)

    def of_notes(self, notes_id: int) -> CaptureJobRecord | None:
        """Return the latest job of notes, if there was one."""
        query = (
            select(capture_job).where(capture_job.c.notes_id == notes_id).order_by(capture_job.c.id.desc())
        )
        with reading(self._engine, "reading a job") as connection:
            row = connection.execute(query.limit(1)).one_or_none()
        return None if row is None else _record(row)

    def unfinished(self) -> list[CaptureJobRecord]:
        """Return the jobs that wait or run, oldest first."""
        query = select(capture_job).where(capture_job.c.state.in_(_UNFINISHED)).order_by(capture_job.c.id)
        with reading(self._engine, "listing jobs") as connection:
            return [_record(row) for row in connection.execute(query)]

    def counts(self) -> dict[str, int]:
        """Return how many jobs are in each state."""
        query = select(capture_job.c.state, func.count()).group_by(capture_job.c.state)
        with reading(self._engine, "counting jobs") as connection:
            return {str(state): int(count) for state, count in connection.execute(query)}

    def begin(self, job_id: int) -> CaptureJobRecord | None:
        """Take a waiting job, which only one can; None when it is gone or does not wait."""
        with writing(self._engine, "beginning a job") as connection:
            row = connection.execute(
                update(capture_job)
                .where(capture_job.c.id == job_id, capture_job.c.state == "waiting")
                .values(
                    state="running",
                    attempts=capture_job.c.attempts + 1,
                    done=0,
                    total=0,
                    label="",
                    error="",
                    updated_at=datetime.now(UTC),
                )
                .returning(capture_job)
            ).one_or_none()
            return None if row is None else _record(row)

    def tell(self, job_id: int, *, done: int, total: int, label: str) -> bool:
        """Note how far a running job is; say whether it still is wanted."""
        return self._change(job_id, "running", done=done, total=total, label=label)

    def fail(self, job_id: int, *, error: str) -> bool:
        """Note why a running job has failed; say whether it was running."""
        return self._change(job_id, "running", state="failed", error=error)

    def put_back(self, job_id: int, *, begun: bool = True) -> bool:
        """Let a running job wait again: whoever ran it has ended. Say whether it was running.

        Args:
            job_id: which job.
            begun: whether it counts as begun; not where it was stopped on purpose.
        """
        attempts = capture_job.c.attempts - (0 if begun else 1)
        return self._change(job_id, "running", state="waiting", attempts=attempts, done=0, total=0, label="")

    def retry(self, job_id: int) -> bool:
        """Let a failed job wait again; say whether it had failed."""
        return self._change(
            job_id, "failed", state="waiting", attempts=0, done=0, total=0, label="", error=""
        )

    def _change(self, job_id: int, expected: str, **changes: str | int | ColumnElement[int]) -> bool:
        with writing(self._engine, "changing a job") as connection:
            changed = connection.execute(
                update(capture_job)
                .where(capture_job.c.id == job_id, capture_job.c.state == expected)
                .values(**changes, updated_at=datetime.now(UTC))
            )
        return changed.rowcount == 1


def finish_job(connection: Connection, job_id: int) -> None:
    """Note, within the transaction that keeps its result, that a running job is done.

    Raises:
        NotKeptError: it is not running any more: its result is not wanted.
    """
    finished = connection.execute(
        update(capture_job)
        .where(capture_job.c.id == job_id, capture_job.c.state == "running")
        .values(state="done", done=capture_job.c.total, updated_at=datetime.now(UTC))
    )
    if finished.rowcount != 1:
        raise NotKeptError(f"job {job_id} is not running any more")


def _record(row: Row[tuple[object, ...]]) -> CaptureJobRecord:
    return CaptureJobRecord(**row._asdict())
