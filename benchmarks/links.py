"""Which links come back: `python -m benchmarks.links FOLDER...`.

The links of held-out pages of real wikis (`benchmarks.link_sets`) are taken out, a fifth of the pages at a
time; the mirror then holds these pages without them, so that nobody has counted them. What is suggested on
the pages is compared with what their editors had linked, by target and by place and target. Pages without
links are not asked: nobody knows what is right there. Precision is a lower bound, since editors leave good
links out. All methods stand side by side, in one run, on the same mirrors.

- Ours is the real thing: `LinkSuggester`, trained on the mirror as it is then, whatever number it finds.
- Ours, untrained: the same with the weights that come with it.
- Titles: every title or redirect that stands on the page, longest first, its first place.
- Commonness: every phrase that is a title or was ever linked, longest first, with the target that it leads
  to most often (Milne & Witten, CIKM 2008); its score is that share. "Link probability" takes of these what
  is linked on 6.5 % and more of the pages that have it, the threshold of their article, and titles.

Average precision is over all suggestions of a set in the order of their scores. The calibration error is the
expected one (Naeini et al., AAAI 2015; ten bins) of what is suggested from `SHOWN` on.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.link_sets import LinkedWiki, StrippedPage, read_linked_wikis
from benchmarks.machine import describe_machine
from benchmarks.tables import markdown_table
from connector.model import Page
from connector.store import Store
from connector.wikitext import parse
from search.link_anchors import REDIRECT, AnchorTable, Phrase, build_table, read_page
from search.link_words import PhraseReader, is_ordinary, is_stuck, phrases
from search.links import LinkSettings, LinkSuggester

SHOWN = 0.4
"""From which score on suggestions count in the calibration error."""
THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
_FOLDS = 5
_BINS = 10
_ALL = 10_000
_LINK_PROBABILITY = 0.065
_TARGETS = {"precision": 0.8, "recall": 0.45, "calibration": 0.08, "training": 60.0, "page": 100.0}
_BASELINES = ("titles", "commonness", "link probability")


@dataclass(frozen=True, slots=True)
class Found:
    """A suggestion, and whether it is right."""

    score: float
    target_right: bool
    place_right: bool


@dataclass(slots=True)
class Outcome:
    """What one method suggested on the held-out pages of a set."""

    found: list[Found] = field(default_factory=list)
    targets: int = 0
    """Pairs of page and target that the editors had linked."""
    training: list[float] = field(default_factory=list)
    """Seconds, of each fold."""
    answering: list[float] = field(default_factory=list)
    """Milliseconds, of each page."""

    def at(self, threshold: float, *, by_place: bool = False) -> tuple[float, float, float]:
        """Return precision, recall and F1 of what scores as much."""
        taken = [each for each in self.found if each.score >= threshold]
        right = sum(each.place_right if by_place else each.target_right for each in taken)
        precision, recall = right / max(1, len(taken)), right / max(1, self.targets)
        return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)

    def average_precision(self) -> float:
        """Return the mean, over what editors had linked, of the precision up to it; 0 for what is missed."""
        right, total = 0, 0.0
        ordered = sorted(self.found, key=lambda each: -each.score)
        for number, each in enumerate(ordered, 1):
            if each.target_right:
                right += 1
                total += right / number
        return total / max(1, self.targets)

    def calibration_error(self, *, least: float = SHOWN) -> float:
        """Return how far scores are from how often they are right, on average (0..1)."""
        shown = [each for each in self.found if each.score >= least]
        bins: list[list[Found]] = [[] for _ in range(_BINS)]
        for each in shown:
            bins[min(_BINS - 1, int(each.score * _BINS))].append(each)
        gaps = (abs(sum(e.score for e in one) - sum(e.target_right for e in one)) for one in bins)
        return sum(gaps) / max(1, len(shown))


def measure(wiki: LinkedWiki, *, folds: Iterable[int], most: int | None = None) -> dict[str, Outcome]:
    """Return what each method suggests on the held-out pages of some of the five folds."""
    outcomes: dict[str, Outcome] = {}
    for fold in folds:
        held_out = wiki.held_out(fold=fold, folds=_FOLDS, most=most)
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            with wiki.store(folder / "mirror.sqlite3", stripped=held_out) as store:
                _measure_ours(outcomes, store, held_out, folder)
                _measure_baselines(outcomes, wiki, store, held_out)
    return outcomes


def _measure_ours(
    outcomes: dict[str, Outcome], store: Store, held_out: Mapping[int, StrippedPage], folder: Path
) -> None:
    everything = LinkSettings(min_score=0.0)
    for name, file in (("ours", folder / "links.json"), ("ours, untrained", None)):
        outcome = outcomes.setdefault(name, Outcome())
        suggester = LinkSuggester(store=store, settings=everything, model_file=file)
        began = time.perf_counter()
        suggester.train_if_due()
        outcome.training.append(time.perf_counter() - began)
        for known in held_out.values():
            suggester.suggest(known.page)  # the pages' table is there from the second on
            break
        for known in held_out.values():
            began = time.perf_counter()
            suggestions = suggester.suggest(known.page, top_k=_ALL)
            outcome.answering.append(1000 * (time.perf_counter() - began))
            places = [
                (s.wikitext_offset, s.wikitext_offset + len(s.link_text), s.link_target, s.score)
                for s in suggestions
            ]
            _count(outcome, known, places)


def _count(outcome: Outcome, known: StrippedPage, places: Iterable[tuple[int, int, str, float]]) -> None:
    right = {(link.start, link.end, link.target) for link in known.links}
    outcome.targets += len(known.targets)
    outcome.found += [
        Found(score, target in known.targets, (start, end, target) in right)
        for start, end, target, score in places
    ]


def _measure_baselines(
    outcomes: dict[str, Outcome], wiki: LinkedWiki, store: Store, held_out: Mapping[int, StrippedPage]
) -> None:
    reader = PhraseReader()
    facts = {page.pageid: read_page(page, reader) for page in store.pages.iterate()}
    table = build_table(facts, site=wiki.site, redirects=store.pages.redirects(), reader=reader)
    for name in _BASELINES:
        outcome = outcomes.setdefault(name, Outcome())
        for known in held_out.values():
            began = time.perf_counter()
            places = baseline(name, known.page, table, reader)
            outcome.answering.append(1000 * (time.perf_counter() - began))
            _count(outcome, known, places)


def baseline(
    name: str, page: Page, table: AnchorTable, reader: PhraseReader
) -> list[tuple[int, int, str, float]]:
    """Return what a baseline suggests on a page: start, end, target and score, each target once.

    Where links may stand, what is linked already and what is no phrase of words is as for ours.
    """
    parsed = parse(page.wikitext, site=table.site)
    taken = {table.resolve(link.target) for link in parsed.links} | {page.pageid}
    tokens = reader.tokens(page.wikitext)
    matches = sorted(
        (tokens[first].start - tokens[last].end, tokens[first].start, tokens[last].end, key)
        for first, last, key in phrases(tokens, table.lengths)
    )
    used: list[tuple[int, int]] = list(parsed.protected)
    found: dict[int, tuple[int, int, str, float]] = {}
    for _, start, end, key in matches:
        text = page.wikitext[start:end]
        blocked = is_stuck(page.wikitext, start, end) or is_ordinary(text)
        chosen = _chosen(name, table.phrases.get(key))
        if chosen is None or blocked or any(a < end and start < b for a, b in used):
            continue
        used.append((start, end))
        target, score = chosen
        if target not in taken and (target not in found or start < found[target][0]):
            found[target] = (start, end, table.titles[target], score)
    return list(found.values())


def _chosen(name: str, phrase: Phrase | None) -> tuple[int, float] | None:
    """Return the page that a baseline takes a phrase for, and how surely."""
    if phrase is None:
        return None
    named = sorted((-kind, target) for target, (kind, _) in phrase.names.items() if kind >= REDIRECT)
    if name == "titles":
        return (named[0][1], 1.0) if named else None
    common = sorted((-count, target) for target, count in phrase.targets.items())
    if common:
        probability = phrase.linked / max(1, phrase.pages)
        if name == "link probability":
            return (common[0][1], 1.0) if probability >= _LINK_PROBABILITY or named else None
        return common[0][1], -common[0][0] / phrase.linked
    return (named[0][1], 1.0) if named else None


def print_tables(wiki: LinkedWiki, outcomes: Mapping[str, Outcome]) -> None:
    """Print the figures of a set."""
    ours = outcomes["ours"]
    print(f"\n### {wiki.name}: {len(wiki.pages)} pages, {ours.targets} held-out pairs of page and target\n")
    rows = []
    for name, outcome in outcomes.items():
        for threshold in THRESHOLDS if name == "ours" else (0.5,) if name.startswith("ours") else (0.0,):
            by_target, by_place = outcome.at(threshold), outcome.at(threshold, by_place=True)
            rows.append(
                [
                    name if threshold == 0.0 else f"{name}, score ≥ {threshold}",
                    *(f"{value:.2f}" for value in (*by_target, *by_place)),
                    f"{outcome.average_precision():.3f}",
                ]
            )
    header = ["", "P", "R", "F1", "P, by place", "R", "F1", "average precision"]
    print(markdown_table(header, rows), flush=True)
    untrained = outcomes["ours, untrained"].calibration_error()
    print(
        f"\nCalibration error {ours.calibration_error():.3f} (untrained {untrained:.3f}); "
        f"training {max(ours.training):.1f} s at the most; "
        f"a page {median(ours.answering):.0f} ms (median), {max(ours.answering):.0f} ms at the most.",
        flush=True,
    )


def print_targets(measured: Mapping[str, Mapping[str, Outcome]]) -> None:
    """Print what was wanted of each set and what came of it, at the score from which links are suggested."""
    rows = []
    least = LinkSettings().min_score
    for name, outcomes in measured.items():
        ours = outcomes["ours"]
        precision, recall, f1 = ours.at(least)
        best = max(outcomes[each].at(0.0)[2] for each in _BASELINES)
        error = ours.calibration_error()
        met = (
            precision >= _TARGETS["precision"] and recall >= _TARGETS["recall"],
            f1 > best,
            error <= _TARGETS["calibration"],
            max(ours.training) <= _TARGETS["training"] and median(ours.answering) <= _TARGETS["page"],
        )
        shown = (
            f"{precision:.2f} / {recall:.2f}",
            f"{f1:.2f} / {best:.2f}",
            f"{error:.3f}",
            f"{max(ours.training):.1f} s / {median(ours.answering):.0f} ms",
        )
        rows.append([name, *(s if ok else f"**{s}**" for s, ok in zip(shown, met, strict=True))])
    header = [
        f"score ≥ {least}; bold: missed",
        "P ≥ .80 / R ≥ .45",
        "F1 / best baseline",
        "calibration ≤ .08",
        "training ≤ 60 s / page ≤ 100 ms",
    ]
    print(f"\n### Targets\n\n{markdown_table(header, rows)}", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 0; 1 when the folders hold no such wiki."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--only", default="", metavar="TEXT", help="sets whose name holds this text")
    parser.add_argument("--folds", type=int, default=_FOLDS, help="so many of the five fifths of the pages")
    parser.add_argument("--pages", type=int, help="at most so many held-out pages of each fifth")
    options = parser.parse_args(arguments)
    print(describe_machine())
    measured = {}
    for wiki in read_linked_wikis(options.folders):
        if options.only in wiki.name:
            outcomes = measure(wiki, folds=range(min(_FOLDS, options.folds)), most=options.pages)
            print_tables(wiki, outcomes)
            measured[wiki.name] = outcomes
    if not measured:
        print("no wiki with links in these folders: see benchmarks/link_sets.py", file=sys.stderr)
        return 1
    print_targets(measured)
    return 0


if __name__ == "__main__":
    sys.exit(main())
