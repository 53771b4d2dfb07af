"""`compagnon sync --watch`: rounds until Ctrl+C or SIGTERM, which are no errors but how it ends."""

import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from connector.errors import CompagnonError, SyncStoppedError
from connector.progress import Progress
from webui.commands.output import say
from webui.owner import OwnerClient
from webui.progress import progress_bar
from webui.rounds import NEEDS_A_PERSON, RoundReport, Rounds
from webui.sharing import SECONDS_TO_TAKE_OVER

if TYPE_CHECKING:
    from webui.bootstrap import Services

_LOCK_WAIT_SECONDS = 60.0
_LOOK_SECONDS = 0.2
_WAITS = "another process syncs this database; this one takes over when it ends"
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def watch_wiki(
    services: "Services",
    *,
    every_seconds: float,
    sweep_first: bool,
    allow_shrink: bool,
    tell: Callable[[RoundReport], None],
) -> None:
    """Bring mirror and index in step again and again; returns when it is told to stop.

    A wiki that does not answer is one line on the standard error, and asked again in the next round.

    Args:
        services: whose mirror and index.
        every_seconds: how long to wait between two rounds.
        sweep_first: compare every page in the first round.
        allow_shrink: let the first round purge more than a fifth of the mirror.
        tell: called after each round in which anything changed.

    Raises:
        ConfigError: the mirror is of another wiki, or its account has no password.
        SuspiciousShrinkError: too much would be purged: a person must look.
        WikiLoginError: the wiki refuses the account.
    """
    with _told_to_stop() as stop:
        rounds = Rounds(
            services,
            stop=stop,
            update_index=lambda progress: _update_index(services, stop, progress),
            sweep_first=sweep_first,
            allow_shrink=allow_shrink,
        )
        said = ""
        while not stop.is_set():
            try:
                if not services.worker.is_this_process():
                    if said != _WAITS:
                        say(f"compagnon: {_WAITS}", err=True)
                    said = _WAITS
                    stop.wait(SECONDS_TO_TAKE_OVER)
                    continue
                with progress_bar() as progress:
                    report = rounds.run(progress=progress)
            except SyncStoppedError:
                return
            except NEEDS_A_PERSON:
                raise
            except CompagnonError as e:
                # A wiki that is away for a night is told once.
                if str(e) != said:
                    say(f"compagnon: {e}", err=True)
                said = str(e)
            else:
                said = ""
                if report.sync.changed:
                    tell(report)
            stop.wait(every_seconds)


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    """Take Ctrl+C and SIGTERM as the wish to end, while the block runs; the event says that one came."""
    stop = threading.Event()

    def note(number: int, _frame: FrameType | None) -> None:
        # It only marks the end: raised here, an error could land in a destructor, which swallows it.
        stop.set()
        # Who cannot wait for the batch at hand asks a second time.
        signal.signal(number, signal.default_int_handler)

    before = {number: signal.signal(number, note) for number in _SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _update_index(services: "Services", stop: threading.Event, progress: Progress) -> int:
    """Bring the index in step, or have the service that owns it do so."""
    owner = services.index_lock.owner()
    if owner is None or owner.url is None:
        with services.index_lock.acquire(exclusive=True, wait_seconds=_LOCK_WAIT_SECONDS):
            return services.update_index(progress=progress).pages_indexed
    client = OwnerClient(owner)
    return _answer(lambda: int(client.update_index()["pages_indexed"]), stop)


def _answer(ask: Callable[[], int], stop: threading.Event) -> int:
    """Wait for the service's answer, until told to stop; it goes on by itself when nobody waits any more."""
    answer: Future[int] = Future()

    def work() -> None:
        try:
            answer.set_result(ask())
        except CompagnonError as e:
            answer.set_exception(e)
        finally:
            answer.cancel()  # a mistake of ours, told by the thread, must not be waited for for ever

    threading.Thread(target=work, name="asks the service", daemon=True).start()
    while not wait([answer], timeout=_LOOK_SECONDS).done:
        if stop.is_set():
            raise SyncStoppedError("stopped")
    return answer.result()
