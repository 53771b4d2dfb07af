"""`chroma run`, the packaged server, on this machine only."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PATIENCE = 120.0  # seconds


@contextmanager
def chroma_server(folder: Path) -> Iterator[str]:
    """Run a server whose files are in `folder`; its URL."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("chroma")), "run", "--path", str(folder)]
    process = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "ANONYMIZED_TELEMETRY": "False"},
    )
    try:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + _PATIENCE
        while not _answers(url):
            assert process.poll() is None, "the Chroma server did not start"
            assert time.monotonic() < deadline, "the Chroma server does not answer"
            time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=60)


def delete_collections(url: str, name: str) -> None:
    """Delete the collections of a server that have something in their names, behind everybody's back."""
    import chromadb

    address = urllib.parse.urlsplit(url)
    client = chromadb.HttpClient(address.hostname or "", port=address.port or 0)
    for collection in client.list_collections():
        if name in collection.name:
            client.delete_collection(collection.name)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/api/v2/heartbeat", timeout=5) as reply:  # noqa: S310 - our own
            return bool(reply.status == 200)
    except urllib.error.URLError:
        return False
