"""Serving: a socket, the index for ourselves, the model loaded behind the first pages."""

import gc
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from connector.errors import CompagnonError, ConfigError

if TYPE_CHECKING:
    from webui.background import BackgroundSync
    from webui.bootstrap import Services

logger = logging.getLogger(__name__)

_PORTS_TO_TRY = 20
_THREADS = 8
_LOCK_WAIT_SECONDS = 30.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)
# waitress takes up to five to let requests end that are being answered.
_AGAIN_SECONDS = 10.0


def listening_socket(host: str, port: int, *, or_next: bool) -> socket.socket:
    """Return a socket that listens on `host`.

    Args:
        host: a name or an address.
        port: the port that is wanted.
        or_next: whether one of the next ports will do when it is taken.

    Raises:
        ConfigError: no port is free, or the address is not of this machine.
    """
    if ":" in host:
        # Werkzeug's check of the Host header knows no IPv6 addresses: every page would be refused.
        raise ConfigError(f"cannot serve on the IPv6 address {host}: give a name or an IPv4 address")
    last: OSError | None = None
    for candidate in range(port, min(port + (_PORTS_TO_TRY if or_next else 1), 65536)):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        # Without it a restart would have to wait until the old connections have faded away.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
            listener.listen(128)
        except OSError as e:
            listener.close()
            last = e
        else:
            return listener
    raise ConfigError(
        f"cannot listen on {host}:{port}: {last.strerror if last else 'no such port'}"
    ) from last


def serve_forever(
    services: "Services", *, host: str, port: int, or_next_port: bool, ready: Callable[[str], None]
) -> None:
    """Serve until the process is told to stop (SIGINT, SIGTERM).

    Args:
        services: what answers.
        host: address to listen on.
        port: port to listen on.
        or_next_port: whether one of the next ports will do when it is taken.
        ready: called with the address once connections are accepted.

    Raises:
        ConfigError: the address cannot be used.
        IndexBusyError: another process owns the index.
        CaptureError: the queue of notes cannot be reached.
    """
    import waitress.server

    from search.freed_memory import share_arenas
    from webui.app import create_app

    share_arenas()
    listener = listening_socket(host, port, or_next=or_next_port)
    number = listener.getsockname()[1]
    url = f"http://{host}:{number}"
    # On every address of the machine, or on one of its own: other commands of this machine ask that one.
    local_url = f"http://127.0.0.1:{number}" if host == "0.0.0.0" else url  # noqa: S104 - compared, not bound
    with (
        listener,
        services.index_lock.serve(wait_seconds=_LOCK_WAIT_SECONDS, url=local_url),
    ):
        app = create_app(services)
        # One line for each request that waits a moment would bury what matters.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        server = waitress.server.create_server(
            app,
            sockets=[listener],
            threads=_THREADS,
            ident=None,
            # `webui.visitors` says whose word counts. Without these headers each visitor behind a proxy would
            # be this machine, whose own programs are not limited and read the metrics.
            clear_untrusted_proxy_headers=False,
        )
        warming = threading.Thread(target=_warm_up, args=(services,), name="warm-up", daemon=True)
        background = _background_sync(services)
        try:
            with until_told():
                services.jobs.start()
                services.eraser.resume()
                warming.start()
                if background is not None:
                    background.start()
                ready(url)
                server.run()  # returns on SystemExit
        finally:
            server.close()
            if background is not None:
                background.end()
            reading = not services.jobs.end()
            services.eraser.end()
            looking = "looking_behind" in services.__dict__ and services.looking_behind.is_looking
    if warming.is_alive() or reading or looking:
        _leave()


@contextmanager
def until_told() -> Iterator[None]:
    """Leave the block when the process is told to stop (SIGINT, SIGTERM); elsewhere they end it as ever.

    What a signal raises is lost where Python is just tidying up: in a destructor, or when a weak reference or
    the lock of an import goes. So it is raised again, until the block has been left.
    """
    before = {number: signal.signal(number, _stop) for number in _SIGNALS}
    try:
        yield
    except SystemExit:
        pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave() -> NoReturn:
    """End the process under a thread that loads libraries, looks for contradictions, or reads notes.

    Such a thread cannot be told to stop, and the interpreter must not end, nor the index close, under it: it
    crashes. Nothing is lost: the first two only read, what the other does is done again by the next process,
    and the index has been given back.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)


def _stop(_number: int, _frame: FrameType | None) -> None:
    signal.setitimer(signal.ITIMER_REAL, _AGAIN_SECONDS)
    raise SystemExit(0)


def _background_sync(services: "Services") -> "BackgroundSync | None":
    """Return the sync that the settings ask for beside the serving, if any."""
    from webui.background import BackgroundSync

    seconds = services.config.number("wiki.sync_every")
    if not seconds:
        return None
    if not services.can_publish:
        logger.warning("wiki.sync_every is set, but no wiki is connected: run `compagnon init`")
        return None
    services.background = BackgroundSync(services, every_seconds=seconds)
    return services.background


def _warm_up(services: "Services") -> None:
    """Load index and model behind the first pages, so that the first question does not wait for them."""
    try:
        services.searcher.warm_up()
        if services.answers_editors:
            services.links.table()  # the first editor would wait until every page's links are read
    except CompagnonError as e:
        # The page says the same to whoever asks; the administrator reads it here.
        logger.warning("%s", e)
    else:
        # What was loaded stays: to look through it for garbage held up one question in fifty by 0.1 s.
        gc.collect()
        gc.freeze()
