"""How well the people who know are found: `python -m benchmarks.experts FOLDER`.

Pages whose experts are known (`benchmarks.expert_sets`) are held out, a fifth of them at a time: they are in
no mirror and no index. Each of them is then asked for by its title (and subtitle), and whoever is found is
found by the other pages. Ours is the real thing: mirror, index, bundled model, `Searcher.experts`.

- Page count: who worked on most pages, whatever the question.
- Model 1: candidate models of Balog, Azzopardi & de Rijke (SIGIR 2006): the words of all pages that somebody
  worked on are that person's, smoothed with the words of all (Dirichlet, their choice of beta).
- Ours with an ingredient left out or changed shows what that ingredient gives.
"""

import argparse
import math
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.expert_sets import Community, KnownPage, people_of, read_communities
from benchmarks.machine import describe_machine
from benchmarks.tables import markdown_table
from connector.progress import Progress
from search.embedding import Embedder, Vectors, open_embedder
from search.indexer import Index
from search.people import name_key
from search.query import MAX_QUESTION_CHARACTERS, Searcher
from search.settings import EmbeddingSettings, ExpertSettings, SearchSettings
from search.words import WordAnalyzer

_FOLDS = 5
_FOUND = 100
# Words that a page is read for by Model 1.
_READ_CHARACTERS = 20_000

Ranker = Callable[[str], list[str]]
"""Keys of people's names for a question, best first."""

_OURS = ExpertSettings()
VARIANTS: Mapping[str, ExpertSettings] = {
    "ours": _OURS,
    "ours, work never fades": replace(_OURS, half_life_years=1000.0),
    "ours, half as long a half-life": replace(_OURS, half_life_years=_OURS.half_life_years / 2),
    "ours, contacts count as authors do": replace(_OURS, contact_vote=1.0),
    "ours, contacts count double": replace(_OURS, contact_vote=2 * _OURS.contact_vote),
}
"""Ours, and ours with one ingredient changed."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over questions, 0 to 1."""

    average_precision: float
    reciprocal_rank: float
    precision_at_5: float


class RememberingEmbedder:
    """Embeds a text once, however many indexes it comes into."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, Vectors] = {}
        self.model_id = embedder.model_id

    @property
    def dimension(self) -> int:
        """See `Embedder`."""
        return self._embedder.dimension

    def embed_passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> Vectors:
        """See `Embedder`."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._embedder.embed_passages(new, progress=progress), strict=True))
        rows = [self._known[text] for text in texts]
        return np.array(rows, dtype=np.float32).reshape(len(texts), self.dimension)

    def embed_query(self, text: str) -> Vectors:
        """See `Embedder`."""
        key = f"question: {text}"
        if key not in self._known:
            self._known[key] = self._embedder.embed_query(text)
        return self._known[key]

    def prepare(self, *, progress: Progress | None = None) -> None:
        """See `Embedder`."""


def measure(
    community: Community, embedder: Embedder, *, folds: Sequence[int] = range(_FOLDS)
) -> tuple[int, dict[str, Figures]]:
    """Ask for the experts of each page of these folds; return how many pages, and figures by method."""
    each: dict[str, list[Figures]] = {}
    asked = 0
    for fold in folds:
        questions = community.questions(fold=fold, folds=_FOLDS)
        held_out = {
            known.page.pageid for known in community.pages if known.experts and known.fold(_FOLDS) == fold
        }
        others = [known for known in community.pages if known.page.pageid not in held_out]
        asked += len(questions)
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            with community.store(folder / "mirror.sqlite3", without=held_out) as store:
                index = Index(
                    folder=folder / "index", store=store, embedder=embedder, settings=SearchSettings()
                )
                index.update()
                rankers: dict[str, Ranker] = {"page count": page_count(others), "Model 1": model_1(others)}
                for name, settings in VARIANTS.items():
                    searcher = Searcher(store=store, index=index, settings=SearchSettings(experts=settings))
                    rankers[name] = _ours(searcher)
                for name, rank in rankers.items():
                    each.setdefault(name, []).extend(
                        score(rank(known.question[:MAX_QUESTION_CHARACTERS]), known.experts)
                        for known in questions
                    )
                index.close()
    return asked, {name: _mean(figures) for name, figures in each.items() if figures}


def score(ranked: Sequence[str], experts: frozenset[str]) -> Figures:
    """Return the figures of one question; experts who are not among `ranked` count as never found."""
    places = [place for place, key in enumerate(ranked, 1) if key in experts]
    return Figures(
        average_precision=sum(hits / place for hits, place in enumerate(places, 1)) / len(experts),
        reciprocal_rank=1 / places[0] if places else 0.0,
        precision_at_5=sum(place <= 5 for place in places) / 5,
    )


def page_count(pages: Sequence[KnownPage]) -> Ranker:
    """Rank by how many pages somebody worked on or is named by."""
    counts = Counter(key for known in pages for key in _people(known))
    ranked = sorted(counts, key=lambda key: (-counts[key], key))
    return lambda _question: ranked[:_FOUND]


def model_1(pages: Sequence[KnownPage]) -> Ranker:
    """Rank by candidate models: p(question | person), with every word of their pages theirs alike.

    p(t | person) = (1 - l) * p(t | all their pages) + l * p(t), where l = beta / (beta + n), n is how many
    words their pages have, and beta the mean of n over all people (section 3.1 of the paper).
    """
    analyzer = WordAnalyzer()
    everything: Counter[str] = Counter()
    models: dict[str, Counter[str]] = {}
    for known in pages:
        text = f"{known.page.title}\n{known.page.wikitext[:_READ_CHARACTERS]}"
        words = Counter(analyzer.stems(text, "en"))
        everything += words
        for key in _people(known):
            models.setdefault(key, Counter()).update(words)
    total = everything.total()
    sizes = {key: model.total() for key, model in models.items()}
    beta = sum(sizes.values()) / max(1, len(sizes))

    def rank(question: str) -> list[str]:
        terms = [term for term in analyzer.stems(question, "en") if term in everything]
        chances = {}
        for key, model in models.items():
            size = sizes[key]
            part = beta / (beta + size) if beta + size else 1.0
            chances[key] = sum(
                math.log((1 - part) * model[term] / max(1, size) + part * everything[term] / total)
                for term in terms
            )
        return sorted(chances, key=lambda key: (-chances[key], key))[:_FOUND]

    return rank


def _ours(searcher: Searcher) -> Ranker:
    return lambda question: [
        name_key(expert.name) for expert in searcher.experts(question, top_k=_FOUND).experts
    ]


def _people(known: KnownPage) -> set[str]:
    return {name_key(name) for name in people_of(known)}


def _mean(figures: Sequence[Figures]) -> Figures:
    number = len(figures)
    return Figures(
        average_precision=sum(each.average_precision for each in figures) / number,
        reciprocal_rank=sum(each.reciprocal_rank for each in figures) / number,
        precision_at_5=sum(each.precision_at_5 for each in figures) / number,
    )


def print_table(community: str, asked: int, figures: Mapping[str, Figures]) -> None:
    """Print the figures of a community, a row a method."""
    rows = [
        [name, f"{f.average_precision:.3f}", f"{f.reciprocal_rank:.3f}", f"{f.precision_at_5:.3f}"]
        for name, f in figures.items()
    ]
    print(f"\n{community}: {asked} pages held out\n")
    print(markdown_table(["", "MAP", "MRR", "P@5"], rows), flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 0."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--only", default="", metavar="TEXT", help="communities whose name holds this text")
    parser.add_argument("--pages", type=int, help="at most so many pages of each community")
    parser.add_argument("--folds", type=int, default=_FOLDS, help="so many of the five fifths of the pages")
    options = parser.parse_args(arguments)
    print(describe_machine())
    with tempfile.TemporaryDirectory() as temporary:
        embedder = RememberingEmbedder(open_embedder(EmbeddingSettings(), folder=Path(temporary)))
        for community in read_communities(options.folder):
            if options.only in community.name:
                part = Community(community.name, community.pages[: options.pages])
                asked, figures = measure(part, embedder, folds=range(min(_FOLDS, options.folds)))
                print_table(f"{part.name} ({len(part.pages)} pages)", asked, figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
