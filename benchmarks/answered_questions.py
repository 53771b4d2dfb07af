"""What answered questions do as keys of their pages: `python -m benchmarks.answered_questions FOLDER`.

Sets of questions of which several have one page (`benchmarks.question_sets`). Half of the pages, drawn by
lot, answer one of their questions, which is their key; so does each page with two questions for the very same
words. Asked are, first without any key and then with all of them:

- again: questions for the very words that a key asks for, put otherwise;
- same page: other questions that a page with a key answers;
- other page: questions of pages without a key: keys can only be in the way;
- gone: questions whose page is out of reach, its key too. There is no answer.

Key first: how often the first page is there for the sake of a key and not of its text. Called answered: how
often the first page is said to answer.
"""

import argparse
import math
import random
import sys
import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import describe_machine
from benchmarks.question_sets import Question, QuestionSet, read_question_sets
from benchmarks.retrieval import mirrored
from benchmarks.tables import markdown_table
from connector.store import Store
from search.embedding import Embedder, open_embedder
from search.indexer import Index
from search.language import base_language
from search.probes import calibrate_if_due
from search.retrieval import Retriever
from search.settings import EmbeddingSettings, SearchSettings

_DEPTH = 10
_MOST = 250
_AGAIN, _SAME_PAGE, _OTHER_PAGE, _GONE = "again", "same page", "other page", "gone"


@dataclass(frozen=True, slots=True)
class Plan:
    """Which questions are keys, and which are asked."""

    keys: Sequence[Question]
    asked: Mapping[str, Sequence[Question]]
    """By the group that they are counted in."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a question finds."""

    pages: Sequence[int]
    """Best first."""
    key_first: bool
    answered: bool


Ask = Callable[[Question, Collection[int]], Shown]
"""Asks a question while some pages are out of reach."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of a group: means over its questions."""

    mrr: float
    """Mean reciprocal rank of the page that answers, within the first ten."""
    key_first: float
    answered: float


def plan(given: QuestionSet, *, most: int = _MOST) -> Plan:
    """Draw keys and questions, always the same ones; `most` of each group."""
    lot = random.Random(1)  # noqa: S311 - a sample, no secret
    by_page: dict[str, list[Question]] = {}
    for question in given.questions:
        by_page.setdefault(question.page, []).append(question)
    keys: list[Question] = []
    asked: dict[str, list[Question]] = {_AGAIN: [], _SAME_PAGE: [], _OTHER_PAGE: []}
    for page in sorted(by_page):
        questions = by_page[page]
        pair = _asking_the_same(questions)
        if pair is not None or lot.random() < 1 / 2:
            key, again = pair or (lot.choice(questions), None)
            keys.append(key)
            asked[_AGAIN] += [again] if again is not None else []
            asked[_SAME_PAGE] += [each for each in questions if each.span != key.span]
        else:
            asked[_OTHER_PAGE] += questions
    asked[_GONE] = [*asked[_SAME_PAGE], *asked[_OTHER_PAGE]]
    return Plan(keys, {name: lot.sample(some, min(most, len(some))) for name, some in asked.items()})


def _asking_the_same(questions: Sequence[Question]) -> tuple[Question, Question] | None:
    """Return two questions whose answer is the same words of a page."""
    seen: dict[str, Question] = {}
    for question in questions:
        before = seen.setdefault(question.span, question)
        if question.span and before is not question:
            return before, question
    return None


def ask_index(index: Index, *, language: str) -> Ask:
    """Return what asks an index as a search does."""
    retriever = Retriever(index=index, settings=SearchSettings())

    def ask(question: Question, without: Collection[int]) -> Shown:
        found = retriever.retrieve(
            question.text, top_k=_DEPTH, fallback=base_language(language), without_pages=without
        )
        return Shown(
            pages=[each.page.pageid for each in found.pages[:_DEPTH]],
            key_first=bool(found.pages) and found.pages[0].key is not None,
            answered=found.answerable,
        )

    return ask


def measure(planned: Plan, pageids: Mapping[str, int], ask: Ask) -> dict[str, Outcome]:
    """Ask the questions of each group; one without questions is left out."""
    outcomes = {}
    for name, questions in planned.asked.items():
        if not questions:
            continue
        ranks, shown = [], []
        for question in questions:
            right = pageids[question.page]
            found = ask(question, {right} if name == _GONE else ())
            shown.append(found)
            ranks.append(1 / (1 + found.pages.index(right)) if right in found.pages else 0.0)
        outcomes[name] = Outcome(
            mrr=math.fsum(ranks) / len(questions),
            key_first=sum(each.key_first for each in shown) / len(questions),
            answered=sum(each.answered for each in shown) / len(questions),
        )
    return outcomes


def answer(store: Store, keys: Sequence[Question], pageids: Mapping[str, int]) -> None:
    """Put questions on the community's list, as answered by their pages."""
    for key in keys:
        asked, _ = store.questions.ask(key.text, language=key.language, asked_by=None)
        store.questions.close(
            asked.id,
            state="answered",
            closed_by=None,
            answer_pageid=pageids[key.page],
            answered_by=None,
            answered_by_user_id=None,
        )


def measure_set(given: QuestionSet, embedder: Embedder, folder: Path, *, most: int) -> list[list[str]]:
    """Return the rows of a set: a group each, without keys and with them."""
    planned = plan(given, most=most)
    pageids = {title: pageid for pageid, title in enumerate(given.pages, start=1)}
    settings = SearchSettings()
    with mirrored(given.pages, given.language, folder) as store:
        index = Index(folder=folder / "index", store=store, embedder=embedder, settings=settings)
        index.update()
        calibrate_if_due(index)
        before = measure(planned, pageids, ask_index(index, language=given.language))
        answer(store, planned.keys, pageids)
        index.update()
        after = measure(planned, pageids, ask_index(index, language=given.language))
        index.close()
    about = f"{given.name} ({len(given.pages)} pages, {len(planned.keys)} keys)"
    rows: list[list[str]] = []
    for name, one in before.items():
        other = after[name]
        ranks = ("–", "–") if name == _GONE else (f"{one.mrr:.3f}", f"{other.mrr:.3f}")
        shares = (f"{other.key_first:.3f}", f"{one.answered:.3f}", f"{other.answered:.3f}")
        rows.append(["" if rows else about, name, str(len(planned.asked[name])), *ranks, *shares])
    return rows


def main() -> None:
    """Measure what the command line asks for, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="the data, which stays outside the project")
    parser.add_argument("--only", default="", help="sets whose name holds this")
    parser.add_argument("--most", type=int, default=_MOST, help="at most so many questions of each group")
    arguments = parser.parse_args()
    # All questions: a sample would tear those apart that ask for the same.
    sets = [s for s in read_question_sets(arguments.folder, most=sys.maxsize) if arguments.only in s.name]
    rows = []
    with tempfile.TemporaryDirectory(prefix="compagnon-benchmark-") as place:
        embedder = open_embedder(EmbeddingSettings(), folder=Path(place) / "encoder")
        for number, each in enumerate(sets):
            folder = Path(place) / str(number)
            folder.mkdir()
            rows += measure_set(each, embedder, folder, most=arguments.most)
            print(f"{each.name}: asked", file=sys.stderr, flush=True)
    headings = ["questions", "", "number", "MRR without keys", "with", "key first"]
    print(describe_machine(), end="\n\n")
    print(markdown_table([*headings, "called answered without keys", "with"], rows))


if __name__ == "__main__":
    main()
