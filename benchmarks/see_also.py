"""Which pages belong together: `python -m benchmarks.see_also FOLDER...`.

The links of held-out pages that no word of the page leads to (`benchmarks.see_also_sets`) are taken out, a
fifth of the pages at a time; the mirror and the index then hold the pages without them. What is offered is
compared with where they led. Precision is a lower bound, and far below what a reader would say: a page has
two such links on average, and editors leave out most pages that belong to it.

- Ours is the real thing: `SeeAlso`, its passages embedded by the bundled model. Its weights were learnt from
  these sets, so it stands beside the same with weights learnt from the other sets only ("unseen").
- Embedding alone: pages in the order of their nearest passages' cosine; of their mean vectors' cosine.
- Shared neighbours alone: the cosine of the sets of pages that two pages link to or are linked from.
- Words alone: the cosine of their rare words (TF-IDF).

With `--fit` the weights are learnt from all sets, and printed: from links that editors made, of whatever
kind, each judged as if it were not there.
"""

import argparse
import math
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median

import numpy as np

from benchmarks.link_sets import LinkedWiki, fold_of, read_linked_wikis
from benchmarks.machine import describe_machine
from benchmarks.see_also_sets import HiddenLinks, hidden_links
from benchmarks.tables import markdown_table
from connector.model import Page
from connector.progress import Progress
from connector.store import Store
from search.chunking import pageid_of
from search.embedding import Embedder, SentenceTransformerEmbedder, Vectors
from search.indexer import Index
from search.link_anchors import AnchorTable
from search.link_model import LinkModel, fit
from search.links import LinkSettings, LinkSuggester
from search.see_also import LEAST_SCORE, SeeAlso, Weighed
from search.see_also_score import FEATURES, LEARNT, TEXT_FEATURES, Weights, score, values_of
from search.settings import EmbeddingSettings, SearchSettings

THRESHOLDS = (0.05, LEAST_SCORE, 0.1, 0.15, 0.2, 0.3)
_FOLDS = 5
_TOP = 5
_STRENGTH = 5.0
# One guide in two languages: what is learnt from one has seen the other.
_SAME = "s3"

Ranked = list[tuple[float, int]]
Examples = list[tuple[tuple[float, ...], bool]]


class RememberingEmbedder(SentenceTransformerEmbedder):
    """Embeds no passage twice: four fifths of the pages are the same in every fold."""

    def __init__(self, *, folder: Path) -> None:
        super().__init__(EmbeddingSettings(), folder=folder)
        self._known: dict[str, Vectors] = {}

    def embed_passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> Vectors:
        """See `Embedder`."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, super().embed_passages(new, progress=progress), strict=True))
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return np.stack([self._known[text] for text in texts])


@dataclass(slots=True)
class Outcome:
    """What one method offered on the held-out pages of a set."""

    found: list[tuple[float, bool, int]] = field(default_factory=list)
    """Score, whether it is right, and on which page, of the first five of each page."""
    targets: dict[int, int] = field(default_factory=dict)
    """By page, how many links were taken out."""

    def add(self, pageid: int, ranked: Ranked, wanted: frozenset[int]) -> None:
        """Count the first five of a page."""
        self.targets[pageid] = len(wanted)
        best = sorted(ranked, key=lambda each: (-each[0], each[1]))[:_TOP]
        self.found += [(value, other in wanted, pageid) for value, other in best]

    def at_five(self) -> tuple[float, float]:
        """Return precision and recall of the first five, means over the pages."""
        right = dict.fromkeys(self.targets, 0)
        for _, is_right, pageid in self.found:
            right[pageid] += is_right
        recalls = [right[pageid] / count for pageid, count in self.targets.items()]
        return mean(right.values()) / _TOP, mean(recalls)

    def above(self, threshold: float) -> tuple[int, float, float]:
        """Return how many score as much, which part of them is right, and which part of all is found."""
        rights = [is_right for value, is_right, _ in self.found if value >= threshold]
        right = sum(rights)
        return len(rights), right / max(1, len(rights)), right / max(1, sum(self.targets.values()))


@dataclass(frozen=True, slots=True)
class Ground:
    """A wiki's mirror and index."""

    see_also: SeeAlso
    table: AnchorTable
    index: Index
    store: Store

    def mean_cosines(self) -> tuple[list[int], "np.ndarray[tuple[int, int], np.dtype[np.float32]]"]:
        """Return the pages, and the directions of their mean vectors."""
        with self.index.answering() as embedder:
            ids = sorted(self.index.keywords.chunk_ids())
            sums: dict[int, Vectors] = {}
            for chunk_id, vector in self.index.vectors.get(embedder.model_id, ids).items():
                other = pageid_of(chunk_id)
                sums[other] = sums[other] + vector if other in sums else vector
        pages = sorted(sums.keys() & self.table.titles.keys())
        rows = np.stack([sums[each] for each in pages])
        return pages, rows / np.linalg.norm(rows, axis=1, keepdims=True)


@contextmanager
def ground(wiki: LinkedWiki, held_out: Mapping[int, HiddenLinks], embedder: Embedder) -> Iterator[Ground]:
    """Give a wiki's mirror and index, in which some pages have lost their links."""
    stripped = {pageid: each.stripped for pageid, each in held_out.items()}
    with tempfile.TemporaryDirectory() as folder, wiki.store(Path(folder) / "m", stripped=stripped) as store:
        index = Index(folder=Path(folder), store=store, embedder=embedder, settings=SearchSettings())
        index.update()
        links = LinkSuggester(store=store, settings=LinkSettings())
        table = links.table()
        assert table is not None
        try:
            yield Ground(SeeAlso(store=store, index=index, links=links), table, index, store)
        finally:
            index.close()


def examples_of(wiki: LinkedWiki, embedder: Embedder) -> Examples:
    """Return what is known of pairs of pages, and whether the one links to the other."""
    examples: Examples = []
    with ground(wiki, {}, embedder) as made:
        for page in made.store.pages.iterate():
            if targets := made.table.links_from.get(page.pageid):
                weighed = made.see_also.weigh(page, also=targets)
                examples += [(values_of(signs), other in targets) for other, signs in weighed.signs.items()]
    return examples


def learn(sets: Sequence[Examples]) -> Weights:
    """Return the weights that examples lead to; a set of four times the size counts twice as much."""
    largest = max(map(len, sets))
    chosen = [each for one in sets for each in one * round(math.sqrt(largest / len(one)))]
    rows = np.array([values for values, _ in chosen], dtype=np.float64)
    labels = np.array([linked for _, linked in chosen], dtype=np.float64)
    sides = []
    for count in (len(FEATURES), TEXT_FEATURES):
        start = LinkModel(bias=-4.0, weights=(0.0,) * count)
        model = fit(rows[:, :count], labels, strength=_STRENGTH, start=start)
        sides.append((model.bias, *model.weights, *(0.0,) * (len(FEATURES) - count)))
    return Weights(with_links=sides[0], without_links=sides[1])


def measure(
    wiki: LinkedWiki, embedder: Embedder, *, unseen: Weights | None
) -> tuple[dict[str, Outcome], list[float]]:
    """Return what each method offers on the held-out pages, and the milliseconds that ours took."""
    hidden = hidden_links(wiki)
    outcomes: dict[str, Outcome] = {}
    took: list[float] = []
    for fold in range(_FOLDS):
        held_out = {p: each for p, each in hidden.items() if fold_of(each.page.title, _FOLDS) == fold}
        if not held_out:
            continue
        with ground(wiki, held_out, embedder) as made:
            pages, directions = made.mean_cosines()
            for pageid, each in held_out.items():
                wanted = frozenset(made.table.pageids[t] for t in each.targets if t in made.table.pageids)
                if not wanted:
                    continue
                weighed = made.see_also.weigh(each.page)
                for name, ranked in _ranked(made, each.page, weighed, unseen, pages, directions).items():
                    outcomes.setdefault(name, Outcome()).add(pageid, ranked, wanted)
                began = time.perf_counter()
                made.see_also.find(each.page)
                took.append(1000 * (time.perf_counter() - began))
    return outcomes, took


def _ranked(
    made: Ground,
    page: Page,
    weighed: Weighed,
    unseen: Weights | None,
    pages: list[int],
    directions: "np.ndarray[tuple[int, int], np.dtype[np.float32]]",
) -> dict[str, Ranked]:
    table = made.table
    others = [other for other in table.titles if other != page.pageid and other not in weighed.linked]
    offered = {other: signs for other, signs in weighed.signs.items() if other not in weighed.linked}
    around = _around(table, page.pageid)
    cosines = dict(zip(pages, map(float, directions @ directions[pages.index(page.pageid)]), strict=True))
    methods: dict[str, Callable[[], Ranked]] = {
        "ours": lambda: [(score(signs), other) for other, signs in offered.items()],
        "ours, unseen": lambda: [(score(s, weights=unseen or LEARNT), o) for o, s in offered.items()],
        "embedding alone: nearest passages": lambda: [(s.passage, o) for o, s in offered.items()],
        "embedding alone: mean vectors": lambda: [(cosines.get(o, -1.0), o) for o in others],
        "shared neighbours alone": lambda: [
            (value, o)
            for o in others
            if (value := _cosine(around - {o}, _around(table, o) - {page.pageid})) > 0
        ],
        "words alone": lambda: [(table.likeness(weighed.words, o), o) for o in others],
    }
    return {name: rank() for name, rank in methods.items() if unseen is not None or name != "ours, unseen"}


def _around(table: AnchorTable, pageid: int) -> set[int]:
    return table.links_from.get(pageid, set()) | table.links_to.get(pageid, set())


def _cosine(one: set[int], other: set[int]) -> float:
    return len(one & other) / math.sqrt(len(one) * len(other)) if one and other else 0.0


def print_tables(wiki: LinkedWiki, outcomes: Mapping[str, Outcome], took: Sequence[float]) -> None:
    """Print the figures of a set."""
    ours = outcomes["ours"]
    print(f"\n### {wiki.name}: {sum(ours.targets.values())} links of {len(ours.targets)} pages\n")
    rows = [[name, *(f"{value:.2f}" for value in each.at_five())] for name, each in outcomes.items()]
    print(markdown_table(["", "P@5", "R@5"], rows), flush=True)
    above = {threshold: outcomes.get("ours, unseen", ours).above(threshold) for threshold in THRESHOLDS}
    shown = "; ".join(f"≥ {t}: {n} offered, {p:.2f} / {r:.2f}" for t, (n, p, r) in above.items())
    print(f"\nBy score (unseen where it can be told), precision / recall: {shown}.")
    print(f"A page, sentences included: {median(took):.0f} ms (median), {max(took):.0f} ms at the most.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 0; 1 when the folders hold no such wiki."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--only", default="", metavar="TEXT", help="sets whose name holds this text")
    parser.add_argument("--fit", action="store_true", help="learn the weights from the sets, and print them")
    options = parser.parse_args(arguments)
    print(describe_machine())
    wikis = [wiki for wiki in read_linked_wikis(options.folders) if options.only in wiki.name]
    if not wikis:
        print("no wiki with links in these folders: see benchmarks/link_sets.py", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        embedder = RememberingEmbedder(folder=Path(folder))
        learnt = {wiki.name: examples_of(wiki, embedder) for wiki in wikis}
        if options.fit:
            print(learn([each for each in learnt.values() if each]))
            return 0
        for wiki in wikis:
            others = list(_other_sets(wiki, learnt))
            outcomes, took = measure(wiki, embedder, unseen=learn(others) if others else None)
            if outcomes:
                print_tables(wiki, outcomes, took)
    return 0


def _other_sets(wiki: LinkedWiki, learnt: Mapping[str, Examples]) -> Iterable[Examples]:
    for name, examples in learnt.items():
        if name != wiki.name and not (_SAME in name and _SAME in wiki.name) and examples:
            yield examples


if __name__ == "__main__":
    sys.exit(main())
