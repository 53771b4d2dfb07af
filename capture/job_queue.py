"""The queue that wakes whoever reads notes behind the pages: huey, in a file of the data folder or in Redis.

What is to be done stands in the database (`connector.store.capture_jobs`), not here: huey takes a task out of
its queue before it runs it, so one whose process is killed is gone (https://huey.readthedocs.io/, "at most
once"). A message is the id of a job, and a message too many does nothing.
"""

import hashlib
import json
import logging
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connector.errors import CaptureError, ConfigError

if TYPE_CHECKING:
    from huey import Huey
    from huey.consumer import Consumer

logger = logging.getLogger(__name__)

QUEUE_FILE = "capture-queue.sqlite3"
_TASK = "read_notes"
# How long an idle queue in a file sleeps at most before it looks again.
_LONGEST_SLEEP_SECONDS = 0.5
_SECONDS_TO_END = 15.0
# SQLITE_CORRUPT and SQLITE_NOTADB (https://www.sqlite.org/rescode.html).
_DAMAGED = (11, 26)


class JobQueue:
    """Gives ids of jobs to one thread, one after the other.

    Args:
        folder: The data folder.
        url: Address of a Redis server that has the queue, or "" for a file in the folder.
        run: Does a job, by its id.
        broken: Told when `run` ended by a mistake of ours, with the id of the job.
        name: Gives what the queue is called at the server, where several folders share it.
    """

    def __init__(
        self,
        *,
        folder: Path,
        url: str,
        run: Callable[[int], None],
        broken: Callable[[int], None],
        name: Callable[[], str] | None = None,
    ) -> None:
        self._folder = folder
        self._url = url
        self._run = run
        self._broken = broken
        self._name = name
        self._consumer: Consumer | None = None

    def put(self, job_id: int) -> None:
        """Have a job done by whichever process works on this queue, now or later.

        Raises:
            ConfigError: The address is none that can be used, or the package `redis` is missing.
            CaptureError: The queue cannot be reached; the job waits for the next start of a worker.
        """
        try:
            self._huey.enqueue(self._task.s(job_id))
        except self._failures as e:
            raise CaptureError(f"the queue for notes cannot be reached: {e}") from e

    def start(self) -> None:
        """Begin to work, in a thread; forgets the messages that are there, and a file that is damaged.

        Raises:
            ConfigError: As `put`.
            CaptureError: The queue cannot be reached.
        """
        try:
            self._flush()
        except self._failures as e:
            if not self._is_damaged(e):
                raise CaptureError(f"the queue for notes cannot be reached: {e}") from e
            logger.warning("%s is damaged (%s) and made anew", QUEUE_FILE, e)
            self._remove_file()
            self._flush()
        self._consumer = _quiet_consumer(self._huey)
        self._consumer.start()

    def end(self) -> bool:
        """Take no further job, and wait for the present one; say whether it has ended."""
        if self._consumer is None:
            return True
        self._consumer.stop(graceful=True)
        ended = not any(worker.is_alive() for _, worker in self._consumer.worker_threads)
        self._consumer = None
        if ended:
            self._huey.storage.close()
        return ended

    @cached_property
    def _huey(self) -> "Huey":
        from huey import RedisHuey, SqliteHuey
        from huey.exceptions import ConfigurationError
        from huey.signals import SIGNAL_ERROR

        options: dict[str, Any] = {"results": False, "serializer": _json_serializer()}
        # One Redis may have the queues of several communities.
        if self._name is not None:
            name = f"compagnon-{self._name()}"
        else:
            name = "compagnon-" + hashlib.sha256(str(self._folder.resolve()).encode()).hexdigest()[:16]
        if self._url:
            try:
                huey: Huey = RedisHuey(name, url=self._url, **options)
            except (ConfigurationError, ValueError) as e:
                raise ConfigError(f"capture.queue_url cannot be used: {e}") from e
        else:
            huey = SqliteHuey(name, filename=str(self._folder / QUEUE_FILE), fsync=True, **options)

        @huey.signal(SIGNAL_ERROR)  # type: ignore[untyped-decorator]
        def tell(_signal: str, task: Any, _error: Exception) -> None:
            self._broken(int(task.args[0]))

        return huey

    @cached_property
    def _task(self) -> Any:
        return self._huey.task(name=_TASK)(self._run)

    def _flush(self) -> None:
        huey, _ = self._huey, self._task
        huey.storage.flush_queue()

    @property
    def _failures(self) -> tuple[type[Exception], ...]:
        if self._url:
            from redis.exceptions import RedisError

            return (RedisError,)
        from huey.storage import SqliteStorage

        # Its base, DatabaseError, is what SQLite raises where the file is none of its own, or damaged.
        operational: type[Exception] = SqliteStorage.operational_error
        return (operational, *(base for base in operational.__bases__ if issubclass(base, Exception)))

    def _is_damaged(self, error: Exception) -> bool:
        return not self._url and (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _DAMAGED

    def _remove_file(self) -> None:
        """Start with an empty file: what is to be done stands in the database."""
        if "_huey" in self.__dict__:
            self._huey.storage.close()
        for name in ("_huey", "_task"):
            self.__dict__.pop(name, None)
        for ending in ("", "-wal", "-shm", "-journal"):
            (self._folder / f"{QUEUE_FILE}{ending}").unlink(missing_ok=True)


def _quiet_consumer(huey: "Huey") -> "Consumer":
    """Return a consumer of one thread that leaves the process's signals to the process."""
    from huey.consumer import Consumer

    # It tells its commands and options at level INFO, each time.
    logging.getLogger("huey").setLevel(logging.WARNING)

    class ThreadConsumer(Consumer):  # type: ignore[misc]
        def _set_signal_handlers(self) -> None:
            pass

    return ThreadConsumer(
        huey,
        workers=1,
        periodic=False,
        scheduler_interval=60,
        max_delay=_LONGEST_SLEEP_SECONDS,
        shutdown_timeout=_SECONDS_TO_END,
    )


def _json_serializer() -> Any:
    """Return a serializer without pickle, which would run whatever someone puts into the queue."""
    from huey.registry import Message
    from huey.serializer import Serializer

    class JsonSerializer(Serializer):  # type: ignore[misc]
        def _serialize(self, data: Any) -> bytes:
            return json.dumps(list(data)).encode()

        def _deserialize(self, data: bytes) -> Any:
            return Message(*json.loads(bytes(data)))

    return JsonSerializer()
