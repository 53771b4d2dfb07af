"""The search page under load, beside a sync and notes that are read; then `kill -9`, and what is left.

    python -m benchmarks.load FOLDER [--postgresql] [--size 20000] [--seconds 60] [--work DIR] > table.md

FOLDER holds real pages and questions, as for `benchmarks.speed`. Sixteen clients ask the search page without
a pause; meanwhile, again and again, an export of the wiki in which pages were edited is synced and indexed,
and notes are given. Then the server is killed in the middle of the same, and started anew: pages, index and
notes must be whole. With `--postgresql` two servers share a PostgreSQL database and a Chroma server, and are
asked in turn; the first is killed. All on this machine: the clients take their share of it.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from benchmarks.load_export import write_edited_export
from benchmarks.machine import describe_machine
from benchmarks.speed import make_collections, sample_questions
from benchmarks.speed_collections import build, open_collection, read_passages
from search.embedding import open_embedder
from search.settings import EmbeddingSettings
from tests.chroma_server import chroma_server
from tests.postgresql import start_postgresql
from webui.config import load_config

_CLIENTS = 16
_QUESTIONS = 200
_SECONDS_BETWEEN_NOTES = 5.0
_START_SECONDS = 120.0
_COMMAND_SECONDS = 600


@dataclass(slots=True)
class Server:
    """A running `compagnon serve`, and the memory that it had, second by second."""

    folder: Path
    process: subprocess.Popen[str]
    url: str
    mebibytes: list[int] = field(default_factory=list)

    @classmethod
    def start(cls, folder: Path) -> "Server":
        """Start it, and wait until it answers a question."""
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "webui.cli", "--data", str(folder), "serve"],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        if found is None:
            raise RuntimeError(f"no server of {folder}")
        url = found.group()
        requests.get(f"{url}/", params={"q": "Qui sait ?"}, timeout=_START_SECONDS).raise_for_status()
        return cls(folder, process, url)

    def look(self) -> None:
        """Note the memory that it has now."""
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        except FileNotFoundError:
            return
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        if found is not None:
            self.mebibytes.append(int(found.group(1)) // 1024)

    def end(self) -> None:
        """End it, if it runs."""
        if self.process.poll() is None:
            self.process.terminate()
        self.process.communicate(timeout=_START_SECONDS)


@dataclass(slots=True)
class Neighbours:
    """What goes on beside the questions."""

    syncs: int = 0
    notes: list[int] = field(default_factory=list)
    """The ids of the jobs that were accepted."""
    refused: list[str] = field(default_factory=list)


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--postgresql", action="store_true", help="two servers, PostgreSQL, a Chroma server")
    parser.add_argument("--size", type=int, default=20_000, help="passages in the index")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--work", type=Path, help="where the collection is kept")
    options = parser.parse_args()
    questions = sample_questions(options.folder, number=_QUESTIONS)
    with ExitStack() as stack:
        temporary = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="compagnon-load-")))
        work = options.work or temporary
        if options.postgresql:
            folders = stack.enter_context(_on_servers(options.folder, work, temporary, size=options.size))
        else:
            kept = make_collections(options.folder, work, [options.size])[options.size]
            folders = [temporary / "data"]
            shutil.copytree(kept, folders[0])
        exports = write_edited_export(folders[0], temporary)
        measured = measure(folders, questions, exports, seconds=options.seconds)
    place = "PostgreSQL, Chroma server, two servers" if options.postgresql else "SQLite, one server"
    print(f"{describe_machine()}\n\n{options.size:,} passages, {_CLIENTS} clients, {place}.\n")
    for name, told in measured.items():
        print(f"- {name}: {json.dumps(told, ensure_ascii=False)}")


@contextmanager
def _on_servers(folder: Path, work: Path, temporary: Path, *, size: int) -> Iterator[list[Path]]:
    """Make the collection in a database and on a Chroma server; two data folders that share them."""
    with start_postgresql(durable=True) as database, chroma_server(temporary / "chroma") as chroma:
        folders = [temporary / "one", temporary / "two"]
        url = database.new_database()
        for each in folders:
            each.mkdir()
            load_config(each).keep({"store.database": url, "search.chroma_url": chroma})
        embedder = open_embedder(EmbeddingSettings(), folder=work / "encoder")
        embedder.prepare()
        for each in folders:
            shutil.copytree(work / "encoder", each / "index", dirs_exist_ok=True)
        build(folders[0], read_passages(folder, embedder), size=size)
        yield folders


def measure(
    folders: Sequence[Path], questions: Sequence[str], exports: Iterator[Path], *, seconds: int
) -> dict[str, Any]:
    """Ask for so long, and again with a kill in the middle; return what was seen."""
    servers = [Server.start(folder) for folder in folders]
    try:
        neighbours = Neighbours()
        told = _under_load(servers, questions, exports, neighbours, seconds=seconds)
        told["memory_mib"] = {each.folder.name: _memory(each) for each in servers}
        again = _under_load(servers, questions, exports, neighbours, seconds=seconds // 2, kill=True)
        servers[0].process.communicate()
        servers[0] = Server.start(folders[0])
        left = _what_is_left(servers[0], neighbours)
    finally:
        for server in servers:
            server.end()
    return {"load": told, "killed in the middle": again, "what is left": left | _integrity(folders[0])}


def _under_load(
    servers: Sequence[Server],
    questions: Sequence[str],
    exports: Iterator[Path],
    neighbours: Neighbours,
    *,
    seconds: int,
    kill: bool = False,
) -> dict[str, Any]:
    stop = threading.Event()
    beside = [
        threading.Thread(target=_sync_on_and_on, args=(servers[-1].folder, exports, neighbours, stop)),
        threading.Thread(target=_give_notes, args=(servers[-1].url, neighbours, stop)),
    ]
    task = {
        "urls": [server.url for server in servers],
        "questions": list(questions),
        "clients": _CLIENTS,
        "seconds": seconds,
    }
    for thread in beside:
        thread.start()
    syncs, notes = neighbours.syncs, len(neighbours.notes)
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.load_clients"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as clients:
        assert clients.stdin is not None
        assert clients.stdout is not None
        clients.stdin.write(json.dumps(task))
        clients.stdin.close()
        killed_at = time.monotonic() + seconds / 2
        while clients.poll() is None:
            for server in servers:
                server.look()
            if kill and time.monotonic() >= killed_at:
                servers[0].process.kill()
                kill = False
            time.sleep(1)
        told: dict[str, Any] = json.loads(clients.stdout.read())
    stop.set()
    for thread in beside:
        thread.join()
    return told | {"syncs": neighbours.syncs - syncs, "notes": len(neighbours.notes) - notes}


def _sync_on_and_on(
    folder: Path, exports: Iterator[Path], neighbours: Neighbours, stop: threading.Event
) -> None:
    while not stop.is_set():
        export = next(exports)
        for command in (["sync", "--dump", str(export)], ["index"]):
            finished = subprocess.run(  # noqa: S603
                [sys.executable, "-m", "webui.cli", "--data", str(folder), *command],
                capture_output=True,
                text=True,
                check=False,
                timeout=_COMMAND_SECONDS,
            )
            if finished.returncode:
                neighbours.refused.append(finished.stderr.strip())
                break
        else:
            neighbours.syncs += 1


def _give_notes(url: str, neighbours: Neighbours, stop: threading.Event) -> None:
    number = 0
    while not stop.wait(_SECONDS_BETWEEN_NOTES):
        number += 1
        lines = [f"- Membre {n} : ranger l'établi numéro {number}-{n}" for n in range(40)]
        notes = "\n".join([f"# Réunion {time.time_ns()}", "", *lines]).encode()
        try:
            reply = requests.post(
                f"{url}/api/v1/notes", files={"file": (f"notes-{number}.md", notes)}, timeout=60
            )
            reply.raise_for_status()
            neighbours.notes.append(int(reply.json()["id"]))
        except requests.RequestException as e:
            neighbours.refused.append(str(e))


def _what_is_left(server: Server, neighbours: Neighbours) -> dict[str, Any]:
    """Wait until all notes that were accepted are read; tell how that ended, and what was refused."""
    deadline = time.monotonic() + _COMMAND_SECONDS
    states: dict[int, str] = {}
    while time.monotonic() < deadline:
        for job in neighbours.notes:
            if states.get(job) not in ("done", "failed"):
                answer = requests.get(f"{server.url}/api/v1/jobs/{job}", timeout=60).json()
                states[job] = str(answer.get("state", answer))
        if all(state in ("done", "failed") for state in states.values()):
            break
        time.sleep(1)
    lost = sorted(job for job, state in states.items() if state != "done")
    return {"notes": len(states), "notes_lost": lost, "refused_beside": neighbours.refused}


def _integrity(folder: Path) -> dict[str, Any]:
    """Tell what is wrong with the database, and whether an update finds mirror and index in step."""
    services = open_collection(folder)
    try:
        with services.index_lock.acquire(exclusive=False, wait_seconds=60):
            broken = services.store.integrity_check()
        services.update_index()
        comparison = services.index_comparison()
        return {
            "integrity": broken or "whole",
            "pages": services.store.pages.count(),
            "in_step": comparison is not None and comparison.in_step,
        }
    finally:
        services.close()


def _memory(server: Server) -> dict[str, int | list[int]]:
    """The most of all, and one in ten seconds, in MiB."""
    seen = server.mebibytes or [0]
    return {"most": max(seen), "each_ten_seconds": seen[::10]}


if __name__ == "__main__":
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    main()
