"""A Redis of the tests' own: on a socket in a temporary folder, gone at the end."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class RedisMissingError(Exception):
    """There is no Redis on this machine."""


@contextmanager
def start_redis(folder: Path) -> Iterator[str]:
    """Give the address of a running server.

    Raises:
        RedisMissingError: there is no Redis on this machine.
    """
    program = shutil.which("redis-server")
    if program is None:
        raise RedisMissingError("there is no redis-server on this machine")
    socket = folder / "redis.sock"
    server = subprocess.Popen(
        [program, "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
    )
    try:
        for _ in range(200):
            if socket.exists():
                break
            time.sleep(0.05)
        yield f"unix://{socket}"
    finally:
        server.kill()
        server.wait()
