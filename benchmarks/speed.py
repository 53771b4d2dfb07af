"""How fast questions are answered, in collections of up to 100,000 passages, and what it takes in memory.

    python -m benchmarks.speed FOLDER [--sizes 1000,20000,100000] [--work DIR] > table.md

FOLDER holds real pages and questions (`benchmarks.question_sets` and `benchmarks.wikis` say which);
`benchmarks.speed_collections` says what a collection is made of. Making them takes minutes: `--work` keeps
them. Each measurement is a process of its own. Progress goes to standard error, one page of Markdown to
standard output.
"""

import argparse
import json
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

from benchmarks.machine import describe_machine
from benchmarks.question_sets import read_question_sets
from benchmarks.speed_collections import build, is_built, read_passages
from benchmarks.speed_report import Measured, write_report
from search.embedding import open_embedder
from search.settings import EmbeddingSettings

_SIZES = (1_000, 20_000, 100_000)
_CLIENTS = (1, 4, 16)
_QUESTIONS = 200
_COLD_STARTS = 5
_EDITED = 10
_PATIENCE = 60.0
_SPARE_QUESTIONS = ["Où ranger les outils ?", "Who repairs the coffee machine?"]


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sizes", type=_sizes, default=_SIZES)
    parser.add_argument("--questions", type=int, default=_QUESTIONS)
    parser.add_argument("--work", type=Path, help="where the collections are kept")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="compagnon-benchmark-") as temporary:
        work = options.work or Path(temporary)
        collections = make_collections(options.folder, work, options.sizes)
        questions = sample_questions(options.folder, number=options.questions)
        measured = measure(collections, questions)
    print(write_report(describe_machine(), measured))


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(sorted(int(each) for each in text.split(",")))


def make_collections(folder: Path, work: Path, sizes: Sequence[int]) -> dict[int, Path]:
    """Return a data directory for each size; those that are kept in `work` and whole are not made again."""
    places = {size: work / str(size) for size in sizes}
    missing = [size for size, place in places.items() if not is_built(place, size=size)]
    if not missing:
        return places
    work.mkdir(parents=True, exist_ok=True)
    embedder = open_embedder(EmbeddingSettings(), folder=work / "encoder")
    passages = read_passages(folder, embedder)
    embedder.prepare()
    for size in missing:
        started = time.monotonic()
        shutil.rmtree(places[size], ignore_errors=True)
        # Each data directory has its own export of the model: made once, it is copied.
        shutil.copytree(work / "encoder", places[size] / "index", dirs_exist_ok=True)
        build(places[size], passages, size=size)
        _say(f"{size} passages made in {time.monotonic() - started:.0f} s")
    return places


def sample_questions(folder: Path, *, number: int) -> list[str]:
    """Return so many questions of the folder, from all of its sets; two of ours where it has none."""
    try:
        sets = read_question_sets(folder)
    except FileNotFoundError:
        return _SPARE_QUESTIONS
    texts = [question.text for each in sets for question in each.questions]
    return random.Random(1).sample(texts, min(number, len(texts)))  # noqa: S311 - a sample, no secret


def measure(collections: Mapping[int, Path], questions: Sequence[str]) -> Measured:
    """Measure all, one after the other."""
    measured = Measured(questions=len(questions), baseline=run("sentence_transformers", questions))
    for size, place in collections.items():
        _say(f"asking {size} passages")
        measured.parts[size] = run("parts", questions, folder=place)
        for number in _CLIENTS:
            measured.clients[size, number] = run("clients", questions, folder=place, number=number)
        with tempfile.TemporaryDirectory(dir=place.parent) as copy:  # a collection stays what it is
            shutil.copytree(place, copy, dirs_exist_ok=True)
            measured.updates[size] = run("update", questions[:_EDITED], folder=copy)
        measured.served[size] = serve(place, questions)
        measured.cold[size] = [command("--data", str(place), "search", q) for q in questions[:_COLD_STARTS]]
    measured.help = [command("--help") for _ in range(_COLD_STARTS)]
    return measured


def run(name: str, questions: Sequence[str], **task: Any) -> dict[str, Any]:
    """Run a measure of `benchmarks.speed_measures` in a process of its own."""
    given = {"measure": name, "questions": list(questions), **task}
    finished = subprocess.run(
        [sys.executable, "-m", "benchmarks.speed_measures"],
        input=json.dumps(given, default=str),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    outcome: dict[str, Any] = json.loads(finished.stdout.splitlines()[-1])
    return outcome


def command(*arguments: str) -> float:
    """Run `compagnon` and return how many seconds that took; the files that it reads are in memory mostly."""
    started = time.perf_counter()
    subprocess.run(  # noqa: S603
        [sys.executable, "-m", "webui.cli", *arguments], stdout=subprocess.DEVNULL, check=True
    )
    return time.perf_counter() - started


def serve(place: Path, questions: Sequence[str]) -> dict[str, float]:
    """Have `compagnon serve` answer questions; return its memory (MiB), and when the first answer came."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = ["--data", str(place), "serve", "--port", str(port)]
    started = time.perf_counter()
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "webui.cli", *arguments], stdout=subprocess.DEVNULL
    ) as server:
        try:
            taken = []
            for number, question in enumerate(questions):
                address = f"http://127.0.0.1:{port}/api/v1/search?{urlencode({'q': question})}"
                before = time.perf_counter()
                _read(address, patience=_PATIENCE if number == 0 else 0.0)
                taken.append(time.perf_counter() - before)
                if number == 0:
                    first = time.perf_counter() - started
            status = Path(f"/proc/{server.pid}/status").read_text(encoding="ascii")
        finally:
            server.terminate()
    memory = {
        name: int(kilobytes) / 1024 for name, kilobytes in re.findall(r"(VmHWM|VmRSS):\s+(\d+) kB", status)
    }
    return {**memory, "first_answer": first, "median": 1_000 * statistics.median(taken)}


def _read(address: str, *, patience: float) -> None:
    until = time.monotonic() + patience
    while True:
        try:
            with urlopen(address) as reply:  # noqa: S310 - of our own server
                reply.read()
        except URLError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    main()
