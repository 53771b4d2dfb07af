"""What an exam gave, and whether the search has become worse since another one."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from connector.errors import SearchError
from search.exam_questions import Kind
from search.language import Language, base_language

DEPTH: Final = 10
"""A page that comes later than this is not found."""
FORMAT: Final = 1
"""Of saved exams."""
# A mean that falls by less is no loss that anybody notices, however sure it is.
LEAST_DROP: Final = 0.005
_CONFIDENCE = 0.95
_RESAMPLES = 4_000
# Two exams are compared question by question when they share so many, and so large a part of the smaller one.
_LEAST_SHARED = 20
_LEAST_SHARE = 0.5


class Method(StrEnum):
    """Who answers."""

    OURS = "ours"
    WORDS = "words"
    """The keyword index alone."""
    MEANING = "meaning"
    """The vector index alone."""
    WIKI = "wiki"
    """The wiki's own search."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedQuestion:
    """A question that was asked, without its words: they are the wiki's."""

    digest: str
    kind: Kind
    language: Language
    ranks: Mapping[Method, int]
    """By who was asked: the place of the right page, from 1; 0 when it is not among the first ten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamReport:
    """An exam that was taken."""

    taken_at: datetime
    seed: int
    version: str
    """Of Compagnon."""
    model: str
    chunker: int
    pages: int
    chunks: int
    questions: tuple[AskedQuestion, ...]
    wiki_trouble: str = ""
    """Why the wiki's own search was not asked to the end; empty when it was, or when there is none to ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """How well questions were answered; all in 0..1."""

    hit_at_1: float
    hit_at_10: float
    mrr: float
    """Mean reciprocal rank, 0 past the tenth page."""
    ndcg_at_10: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Questions of one language, one kind, both, or all of them."""

    language: Language | None
    kind: Kind | None
    questions: int
    measures: Mapping[Method, Measures]
    """Of those who were asked all of the group's questions."""


def results(report: ExamReport) -> list[Group]:
    """Return the measures of all questions, of each language, of each kind, and of both together.

    What members asked is a kind apart, and in none of the others.
    """
    languages = sorted({question.language for question in report.questions})
    kinds = [kind for kind in Kind if any(question.kind is kind for question in report.questions)]
    parts: list[tuple[Language | None, Kind | None]] = [(None, None)]
    parts += [(language, None) for language in languages]
    parts += [(None, kind) for kind in kinds]
    parts += [(language, kind) for language in languages for kind in kinds]
    groups = []
    for language, kind in parts:
        asked = [
            question
            for question in report.questions
            if language in (None, question.language)
            and (question.kind is not Kind.MEMBER if kind is None else question.kind is kind)
        ]
        if asked:
            measured = {
                method: measure([question.ranks[method] for question in asked])
                for method in Method
                if all(method in question.ranks for question in asked)
            }
            groups.append(Group(language=language, kind=kind, questions=len(asked), measures=measured))
    return groups


def measure(ranks: Sequence[int]) -> Measures:
    """Return the measures of at least one question's ranks (from 1; 0 when the page was not found)."""
    count = len(ranks)
    return Measures(
        hit_at_1=sum(rank == 1 for rank in ranks) / count,
        hit_at_10=sum(rank > 0 for rank in ranks) / count,
        mrr=math.fsum(reciprocal(rank) for rank in ranks) / count,
        ndcg_at_10=math.fsum(1 / math.log2(rank + 1) for rank in ranks if rank) / count,
    )


def reciprocal(rank: int) -> float:
    """Return 1 / rank, and 0 for a page that was not found."""
    return 1 / rank if rank else 0.0


def to_dict(report: ExamReport) -> dict[str, Any]:
    """Return a report as JSON has it; `from_dict` reads it back."""
    return {
        "format": FORMAT,
        "taken_at": report.taken_at.isoformat(),
        "seed": report.seed,
        "version": report.version,
        "model": report.model,
        "chunker": report.chunker,
        "pages": report.pages,
        "chunks": report.chunks,
        "wiki_trouble": report.wiki_trouble,
        "results": [
            {
                "language": group.language,
                "kind": group.kind,
                "questions": group.questions,
                "measures": {
                    method: {
                        "hit_at_1": round(found.hit_at_1, 4),
                        "hit_at_10": round(found.hit_at_10, 4),
                        "mrr": round(found.mrr, 4),
                        "ndcg_at_10": round(found.ndcg_at_10, 4),
                    }
                    for method, found in group.measures.items()
                },
            }
            for group in results(report)
        ],
        "questions": [
            {"id": each.digest, "kind": each.kind, "language": each.language, "ranks": dict(each.ranks)}
            for each in report.questions
        ],
    }


def from_dict(value: Any) -> ExamReport:
    """Read what `to_dict` wrote.

    Raises:
        SearchError: it is no exam, or another version's.
    """
    try:
        if value["format"] != FORMAT:
            raise SearchError("this exam was saved by another version of Compagnon: take and save it again")
        return ExamReport(
            taken_at=datetime.fromisoformat(value["taken_at"]),
            seed=int(value["seed"]),
            version=str(value["version"]),
            model=str(value["model"]),
            chunker=int(value["chunker"]),
            pages=int(value["pages"]),
            chunks=int(value["chunks"]),
            wiki_trouble=str(value["wiki_trouble"]),
            questions=tuple(map(_asked, value["questions"])),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as e:
        raise SearchError("this is no exam that `compagnon evaluate --save` has written") from e


def _asked(value: dict[str, Any]) -> AskedQuestion:
    ranks = {Method(method): int(rank) for method, rank in value["ranks"].items()}
    if Method.OURS not in ranks or any(rank not in range(DEPTH + 1) for rank in ranks.values()):
        raise ValueError("no ranks")
    return AskedQuestion(
        digest=str(value["id"]),
        kind=Kind(value["kind"]),
        language=base_language(value["language"]),
        ranks=ranks,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How our search's mean reciprocal rank differs between two exams."""

    language: Language | None
    """None for all questions."""
    questions: int
    """Compared: those that both exams asked, or the fewer of the two."""
    paired: bool
    """Whether both exams asked them."""
    before: float
    now: float
    low: float
    high: float
    """Between these lies the difference, as far as so few questions can tell."""
    worse: bool
    """Whether it is a loss that chance does not explain."""

    @property
    def difference(self) -> float:
        """Now less before."""
        return self.now - self.before


def compare(before: ExamReport, now: ExamReport) -> list[Change]:
    """Return what changed, of all questions first, then by language; without those that members asked.

    Questions that both exams asked are compared one by one; where they share too few, the means are. How far
    chance reaches is told by resampling (the bootstrap test of Sakai, "Evaluating evaluation metrics based on
    the bootstrap", SIGIR 2006); as there are several comparisons, each must be surer (Bonferroni).

    Raises:
        SearchError: one of them asked nothing.
    """
    asked = [{q.language for q in each.questions if q.kind is not Kind.MEMBER} for each in (before, now)]
    if not all(asked):
        raise SearchError("an exam without questions cannot be compared: the wiki is too small for one")
    both = asked[0] & asked[1]
    parts: list[Language | None] = [None, *(sorted(both) if len(both) > 1 else [])]
    return [_change(before, now, language, tests=len(parts)) for language in parts]


def _change(before: ExamReport, now: ExamReport, language: Language | None, *, tests: int) -> Change:
    then, today = _gains(before, language), _gains(now, language)
    shared = sorted(then.keys() & today.keys())
    paired = len(shared) >= max(
        min(_LEAST_SHARED, len(then), len(today)), _LEAST_SHARE * min(len(then), len(today))
    )
    random = np.random.default_rng(0)
    if paired:
        first = np.array([then[digest] for digest in shared])
        second = np.array([today[digest] for digest in shared])
        differences = _means(second - first, random)
    else:
        first, second = np.array(list(then.values())), np.array(list(today.values()))
        differences = _means(second, random) - _means(first, random)
    outside = (1 - _CONFIDENCE) / tests
    low, high = (float(x) for x in np.quantile(differences, [outside, 1 - outside]))
    mean_before, mean_now = float(first.mean()), float(second.mean())
    return Change(
        language=language,
        questions=min(len(first), len(second)),
        paired=paired,
        before=mean_before,
        now=mean_now,
        low=low,
        high=high,
        worse=high < 0 and mean_before - mean_now >= LEAST_DROP,
    )


def _gains(report: ExamReport, language: Language | None) -> dict[str, float]:
    return {
        each.digest: reciprocal(each.ranks[Method.OURS])
        for each in report.questions
        if language in (None, each.language) and each.kind is not Kind.MEMBER
    }


def _means(values: npt.NDArray[np.float64], random: np.random.Generator) -> npt.NDArray[np.float64]:
    """Return the means of so many samples of the values, with replacement."""
    drawn = random.integers(0, len(values), size=(_RESAMPLES, len(values)))
    means: npt.NDArray[np.float64] = values[drawn].mean(axis=1)
    return means
