"""Clients of `benchmarks.load`, in a process of their own: each asks, waits for the answer, and asks again.

Reads a task as JSON from standard input: `urls` (asked in turn), `questions`, `clients`, `seconds`. Writes
what came back as JSON to standard output.
"""

import http.client
import json
import random
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from itertools import count
from typing import Any
from urllib.parse import urlencode, urlsplit

_ANSWER_SECONDS = 30.0
_PAUSE_AFTER_ERROR = 0.1


def main() -> None:
    """Do the task."""
    task: dict[str, Any] = json.load(sys.stdin)
    taken: list[float] = []
    errors: Counter[str] = Counter()
    until = time.monotonic() + task["seconds"]
    threads = [
        threading.Thread(
            target=_ask, args=(task["urls"], task["questions"], number, until, taken, errors), daemon=True
        )
        for number in range(task["clients"])
    ]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - started
    print(json.dumps(summary(taken, errors, seconds=seconds)))


def summary(taken: Sequence[float], errors: Counter[str], *, seconds: float) -> dict[str, Any]:
    """Return what is told of so many answers, each with the seconds that it took."""
    cuts = statistics.quantiles(taken, n=100) if len(taken) > 1 else [0.0] * 99
    return {
        "answers": len(taken),
        "per_second": round(len(taken) / seconds, 1),
        "p50_ms": round(1_000 * cuts[49]),
        "p95_ms": round(1_000 * cuts[94]),
        "p99_ms": round(1_000 * cuts[98]),
        "longest_ms": round(1_000 * max(taken, default=0.0)),
        "errors": dict(errors),
    }


def _ask(
    urls: Sequence[str],
    questions: Sequence[str],
    number: int,
    until: float,
    taken: list[float],
    errors: Counter[str],
) -> None:
    chance = random.Random(number)  # noqa: S311 - a sample, no secret
    connections = {url: _connect(url) for url in urls}
    for turn in count(number):
        if time.monotonic() >= until:
            return
        url = urls[turn % len(urls)]
        began = time.monotonic()
        try:
            connections[url].request("GET", f"/?{urlencode({'q': chance.choice(questions)})}")
            reply = connections[url].getresponse()
            body = reply.read()
        except (OSError, http.client.HTTPException) as e:
            errors[f"{urlsplit(url).port}: {type(e).__name__}"] += 1
            connections[url].close()
            connections[url] = _connect(url)
            time.sleep(_PAUSE_AFTER_ERROR)
            continue
        if reply.status == 200 and b"</html>" in body:
            taken.append(time.monotonic() - began)
        else:
            errors[f"{urlsplit(url).port}: status {reply.status}"] += 1


def _connect(url: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_ANSWER_SECONDS)


if __name__ == "__main__":
    main()
