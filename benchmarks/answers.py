"""How often what is quoted holds the answer: `python -m benchmarks.answers FOLDER`.

Questions whose answer somebody marked in a text (`benchmarks.question_sets`). The passages are those that
the keyword index finds, so that nothing is embedded but the sentences that could be quoted. A question counts
when the marked words stand in what is shown.

- First sentence: of the best passage. First three: as many as ours may show.
- By words: the sentence that holds most of the question's words, by how rare they are; the best three.
- Ours: `ExtractiveAnswerer` with the bundled model.
- Refused: questions to which ours says nothing; "of other pages" when the passages are from pages that have
  nothing to do with the question, where nothing is the right answer.
"""

import argparse
import math
import random
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.machine import describe_machine
from benchmarks.question_sets import Question, QuestionSet, read_question_sets
from benchmarks.tables import markdown_table
from connector.model import Section
from search.answers import ExtractiveAnswerer, Passage, passages_of
from search.chunking import Chunk, chunk_page
from search.embedding import Embedder, open_embedder
from search.keyword_index import IndexedPage
from search.keyword_sqlite import SqliteKeywordIndex
from search.language import LanguageDetector, base_language
from search.sentences import sentence_spans
from search.settings import EmbeddingSettings
from search.words import WordAnalyzer

_MOST_QUESTIONS = 150
_PASSAGES = 8
_CHUNKS = 6


@dataclass(frozen=True, slots=True)
class Outcome:
    """Shares of the questions of a set, 0 to 1, by what is measured."""

    name: str
    questions: int
    shares: dict[str, float]
    characters: dict[str, float]
    """Mean length of what three sentences by words show, and ours."""


def measure(given: QuestionSet, embedder: Embedder, folder: Path, *, most: int) -> Outcome:
    """Return how often each way of answering shows the marked words.

    Args:
        given: a set of which some questions have a span.
        embedder: for ours.
        folder: an empty one, for the keyword index.
        most: of more questions than this a sample is taken, always the same.
    """
    analyzer = WordAnalyzer()
    words = SqliteKeywordIndex(folder / "keyword.sqlite3", analyzer=analyzer)
    words.create()
    _fill(words, given)
    answerer = ExtractiveAnswerer(analyzer=analyzer, embedder=embedder, words=words)
    shuffled = random.Random(1)  # noqa: S311 - a sample, no secret
    asked = [question for question in given.questions if question.span]
    asked = asked if len(asked) <= most else shuffled.sample(asked, most)
    found = [_passages(words, analyzer, question) for question in asked]
    counts: dict[str, int] = {}
    characters = {"three by words": 0, "ours": 0}
    for number, (question, passages) in enumerate(zip(asked, found, strict=True)):
        answer = answerer.answer(question.text, language=question.language, passages=passages)
        shown = [sentence.text for sentence in answer.sentences] if answer else []
        ways = {
            "in reach": [passage.text for passage in passages],
            "first sentence": _first(passages, 1),
            "first three": _first(passages, 3),
            "by words": _by_words(question, passages, words, analyzer, 1),
            "three by words": _by_words(question, passages, words, analyzer, 3),
            "ours": shown,
        }
        for way in characters:
            characters[way] += sum(map(len, ways[way]))
        for way, texts in ways.items():
            counts[way] = counts.get(way, 0) + _holds(texts, question.span)
        counts["refused"] = counts.get("refused", 0) + (answer is None)
        # Half the set away: what another question found.
        others = [p for p in found[(number + len(found) // 2) % len(found)] if p.title != question.page]
        foreign = answerer.answer(question.text, language=question.language, passages=others)
        counts["refused, of other pages"] = counts.get("refused, of other pages", 0) + (foreign is None)
    words.close()
    total = max(len(asked), 1)
    return Outcome(
        name=given.name,
        questions=len(asked),
        shares={way: count / total for way, count in counts.items()},
        characters={way: count / total for way, count in characters.items()},
    )


def _fill(words: SqliteKeywordIndex, given: QuestionSet) -> None:
    detector = LanguageDetector()
    language = base_language(given.language)
    for pageid, (title, text) in enumerate(given.pages.items(), start=1):
        section = Section(heading="", level=0, anchor="", path=(), text=text)
        chunks: list[Chunk] = chunk_page(
            title=title, sections=(section,), labels="", language=language, detector=detector
        )
        page = IndexedPage(
            pageid=pageid,
            revid=pageid,
            title=title,
            digest="",
            index_version="",
            namespace=0,
            language=language,
            last_edited=datetime(2026, 1, 1, tzinfo=UTC),
            status=None,
        )
        words.put_page(page, chunks, ())


def _passages(words: SqliteKeywordIndex, analyzer: WordAnalyzer, question: Question) -> list[Passage]:
    read = analyzer.query(question.text, base_language(question.language))
    ranked = words.search(read, limit=_CHUNKS)
    chunks = words.chunks(chunk_id for chunk_id, _ in ranked)
    best = ranked[0][1] if ranked else 1.0
    passages: list[Passage] = []
    for chunk_id, score in ranked:
        stored = chunks[chunk_id]
        passages += passages_of(
            stored.chunk,
            pageid=stored.pageid,
            revid=stored.pageid,
            score=score / best,
            url=lambda anchor: anchor,
        )
    return passages[:_PASSAGES]


def _first(passages: Sequence[Passage], count: int) -> list[str]:
    text = passages[0].text if passages else ""
    return [text[start:end] for start, end in sentence_spans(text)][:count]


def _by_words(
    question: Question,
    passages: Sequence[Passage],
    words: SqliteKeywordIndex,
    analyzer: WordAnalyzer,
    count: int,
) -> list[str]:
    read = analyzer.query(question.text, base_language(question.language))
    frequencies, most = words.frequencies((*read.terms, *read.exact)), words.counts()[1]

    def value(sentence: str) -> float:
        stems = analyzer.stems(sentence, base_language(question.language))
        held = {*stems, *(word.form for word in analyzer.exact_words(sentence))}
        return math.fsum(
            math.log(1 + most / (0.5 + min(frequencies.get(term, 0) for term in group)))
            for group in read.groups
            if group & held
        )

    return _best([p.text[s:e] for p in passages for s, e in sentence_spans(p.text)], value, count)


def _best(sentences: Sequence[str], value: Callable[[str], float], count: int) -> list[str]:
    return sorted(dict.fromkeys(sentences), key=value, reverse=True)[:count]


def _holds(texts: Sequence[str], span: str) -> bool:
    return _letters(span) in _letters(" ".join(texts))


def _letters(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def main() -> None:
    """Measure all sets of a folder that have marked answers, and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="the data, which stays outside the project")
    parser.add_argument("--questions", type=int, default=_MOST_QUESTIONS, help="at most so many of each set")
    arguments = parser.parse_args()
    sets = [s for s in read_question_sets(arguments.folder) if any(q.span for q in s.questions)]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        embedder = open_embedder(EmbeddingSettings(), folder=Path(folder) / "export")
        embedder.prepare()  # as the end of `compagnon index` does: a few sentences then need no torch
        for number, each in enumerate(sets):
            place = Path(folder) / str(number)
            place.mkdir()
            outcome = measure(each, embedder, place, most=arguments.questions)
            print(f"{outcome.name}: {outcome.questions} questions", file=sys.stderr)
            rows.append(outcome)
    ways = list(rows[0].shares) if rows else []
    print(describe_machine(), end="\n\n")
    lengths = list(rows[0].characters) if rows else []
    table = [
        [
            row.name,
            str(row.questions),
            *(f"{row.shares[way]:.2f}" for way in ways),
            *(f"{row.characters[way]:.0f}" for way in lengths),
        ]
        for row in rows
    ]
    print(markdown_table(["set", "questions", *ways, *(f"characters, {way}" for way in lengths)], table))


if __name__ == "__main__":
    main()
