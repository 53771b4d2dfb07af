"""What an extractor says of the notes, checked against the lines that it names.

Rules quote the notes, and a language model may say anything: both pass here. What stands word for word in
its lines costs next to nothing; the rest is compared by `search.support` (names, numbers, dates, negations
must stand in the lines; words or meaning must be near). It is no proof: see there for what it cannot find.
"""

import datetime
import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Literal, TypeVar

from capture.dates import due_date, find_dates
from capture.draft import ActionItem, Decision, OpenQuestion, Remark, Statement, Unsupported
from capture.extraction import Extraction, Extractor, PracticeSketch
from capture.line_words import NotesIndex
from capture.notes import Notes
from connector.errors import SearchError
from connector.progress import Progress
from search.language import Language, LanguageDetector, base_language
from search.negations import negations
from search.quantities import read_quantities
from search.sentences import sentence_spans
from search.support import Problem, SourceText, SupportChecker
from search.words import WordAnalyzer

logger = logging.getLogger(__name__)

Reason = Literal["name", "number", "date", "negation", "meaning", "no lines"]
"""What lines do not hold, as `capture.draft.Unsupported` tells it."""

_LONGEST_TITLE = 100
_MOST_LINES_TRIED = 50
_Item = TypeVar("_Item", Statement, ActionItem, Decision, OpenQuestion)


class StatementChecker:
    """Compares texts with lines of one meeting's notes. Not for several threads at once."""

    def __init__(
        self, support: SupportChecker, notes: Notes, *, detector: LanguageDetector | None = None
    ) -> None:
        """Take what compares, and the notes.

        Args:
            support: compares what is not word for word in its lines; with an embedder by meaning too.
            notes: what the lines' numbers count.
            detector: tells the language of lines and statements.
        """
        self._support = support
        self._notes = notes
        self._index = NotesIndex(notes)
        self._detector = detector or LanguageDetector()
        self._checked: dict[tuple[str, tuple[int, ...]], Reason | None] = {}

    def sift(self, extraction: Extraction) -> Extraction:
        """Return an extraction of these notes without what its lines do not hold: see `checked`."""
        return _Sieve(self, extraction).result

    def check(self, text: str, lines: Iterable[int], language: str = "en") -> Reason | None:
        """Return what the lines do not hold of a text; None when they hold all of it.

        Args:
            text: plain text; of several sentences, each must be supported by itself.
            lines: the numbers of its lines; those that do not exist count for nothing.
            language: ISO 639-1 code of its language, where its words do not tell.
        """
        numbers = tuple(sorted({number for number in lines if 1 <= number <= self._notes.line_count}))
        if (text, numbers) not in self._checked:
            self._checked[text, numbers] = self._check(text, numbers, language)
        return self._checked[text, numbers]

    def _check(self, text: str, numbers: tuple[int, ...], language: str) -> Reason | None:
        if not numbers:
            return "no lines"
        turned = False
        for quote in self._index.quotes(text, numbers):
            denials = negations(text)
            if negations(quote.sentence) == denials:
                return None
            turned = turned or negations(quote.clause) != denials
        if turned:
            return "negation"
        sources = self._sources(numbers, language)
        if not sources:
            return "no lines"
        told = (self._compare_either(text[start:end], sources) for start, end in sentence_spans(text))
        return next((reason for reason in told if reason is not None), None)

    def stands(self, text: str) -> bool:
        """Whether a text stands word for word in some line, over two, or in the notes' own title."""
        if self._index.names_notes(text):
            return True
        last = self._notes.line_count
        places = (
            (n, n + 1) if n < last else (n,) for n in self._index.lines_with(text)[:_MOST_LINES_TRIED] if n
        )
        return any(any(self._index.quotes(text, place, heading=True)) for place in places)

    def holds_name(self, name: str, lines: Iterable[int] | None = None) -> bool:
        """Whether all words of a name stand together in one of the lines (of all, without `lines`).

        Args:
            name: of a person, as the notes may have it.
            lines: where it is said to stand; its line's speaker and headings count.
        """
        return self._index.hold(name, lines)

    def holds_due(self, due: datetime.date, lines: Iterable[int], *, meeting: datetime.date | None) -> bool:
        """Whether the lines say this day, outright or counted from the day of the meeting."""
        numbers = tuple(lines)
        texts = [self._index.text(numbers), self._index.about(numbers)]
        for text in texts:
            for day_first in (True, False, None):
                read = (due_date(text, day_first=day_first, meeting=meeting),)
                if due in read or any(
                    found.date == due for found in find_dates(text, day_first=day_first, after=meeting)
                ):
                    return True
            # A cell of a table is read as what is due.
            if due_date(f"due {text}", day_first=True, meeting=meeting) == due:
                return True
        cells = [cell for number in numbers for cell in self._index.line(number).cells]
        return any(due_date(f"due {cell}", day_first=True, meeting=meeting) == due for cell in cells)

    def _sources(self, numbers: Sequence[int], language: str) -> list[SourceText]:
        """Return the lines as texts in one language each: notes may change theirs at any line."""
        sources: list[SourceText] = []
        for number in numbers:
            text = self._index.text((number,))
            if not text:
                continue
            about = self._index.about((number,))
            before = base_language(sources[-1].language) if sources else base_language(language)
            told: Language = self._detector.detect(text, fallback=before)
            if sources and sources[-1].language == told:
                last = sources[-1]
                # Lines that an editor broke make one sentence.
                sources[-1] = SourceText(
                    text=f"{last.text} {text}", language=told, about=f"{last.about}\n{about}"
                )
            else:
                sources.append(SourceText(text=text, language=told, about=about))
        return sources

    def _compare_either(self, text: str, sources: list[SourceText]) -> Reason | None:
        theirs = base_language(sources[0].language)
        said_in = self._detector.detect(text, fallback=theirs)
        reason = self._compare(text, said_in, sources)
        # A few words may be taken for the other language's, and then have none of the lines' words.
        again = reason is not None and said_in != theirs
        return None if again and self._compare(text, theirs, sources) is None else reason

    def _compare(self, text: str, language: str, sources: list[SourceText]) -> Reason | None:
        try:
            problems = self._support.check(text, language=language, sources=sources).problems
        except SearchError as e:
            logger.warning("%s; statements are compared by their words alone", e)
            self._support = SupportChecker(analyzer=WordAnalyzer())
            problems = self._support.check(text, language=language, sources=sources).problems
        if Problem.NUMBER in problems:
            return "date" if _tells_other_day(text, sources) else "number"
        if problems & {Problem.NAME, Problem.LINK}:
            return "name"
        if Problem.WORDS in problems:
            return "meaning"
        return "negation" if problems else None


class CheckedExtractor:
    """An `Extractor` whose extractions are checked, whatever reads the notes."""

    def __init__(
        self,
        extractor: Extractor,
        *,
        support: SupportChecker | None = None,
        detector: LanguageDetector | None = None,
    ) -> None:
        self._extractor = extractor
        self._support = support
        self._detector = detector or LanguageDetector()

    def extract(self, notes: Notes, *, progress: Progress | None = None) -> Extraction:
        """See `capture.extraction.Extractor`."""
        found = self._extractor.extract(notes, progress=progress)
        return checked(found, notes, support=self._support, detector=self._detector)


def checked(
    extraction: Extraction,
    notes: Notes,
    *,
    support: SupportChecker | None = None,
    detector: LanguageDetector | None = None,
) -> Extraction:
    """Return an extraction without what its lines do not hold; that is in `unsupported`, and counted.

    Checked twice it is the same. An action that is supported keeps its place when its owner or day is not,
    without them.

    Args:
        extraction: what an extractor found.
        notes: what it was found in.
        support: compares; None for words alone, without a model.
        detector: tells languages; None for one of its own, which it loads when it is first asked.
    """
    support = support or SupportChecker(analyzer=WordAnalyzer())
    return StatementChecker(support, notes, detector=detector).sift(extraction)


class _Sieve:
    """One extraction, sorted into what its lines hold and what they do not."""

    def __init__(self, checker: StatementChecker, extraction: Extraction) -> None:
        self._checker = checker
        self._extraction = extraction
        self._language = extraction.summary.language
        self._out: list[Unsupported] = list(extraction.unsupported)

    @cached_property
    def result(self) -> Extraction:
        summary = self._extraction.summary
        practices = tuple(
            kept for sketch in self._extraction.practices if (kept := self._practice(sketch)) is not None
        )
        gone = self._names("absent", summary.absent)
        changes: dict[str, object] = {
            "title": self._title(summary.title),
            "present": self._names("present", summary.present),
            "absent": gone,
            "excused": tuple(name for name in summary.excused if name in gone),
            "chair": next(iter(self._names("chair", [summary.chair] if summary.chair else [])), None),
            "scribe": next(iter(self._names("scribe", [summary.scribe] if summary.scribe else [])), None),
            "topics": tuple(topic for topic in summary.topics if self._topic(topic)),
            "actions": tuple(map(self._action, self._texts("actions", summary.actions))),
            "decisions": self._texts("decisions", summary.decisions),
            "questions": self._texts("questions", summary.questions),
        }
        remarks = tuple(remark for remark in self._extraction.remarks if remark.code != "unsupported")
        out = tuple(dict.fromkeys(self._out))
        if out:
            lines = tuple(sorted({number for one in out for number in one.lines}))
            remarks += (Remark(code="unsupported", detail=str(len(out)), lines=lines),)
        return Extraction(
            summary=summary.model_copy(update=changes),
            practices=practices,
            unsupported=out,
            remarks=remarks,
        )

    def _texts(self, field: str, items: tuple[_Item, ...]) -> tuple[_Item, ...]:
        return tuple(item for item in items if self._supported(field, item))

    def _supported(self, field: str, item: _Item) -> bool:
        if isinstance(item, Statement) and item.by_human:
            return True
        reason = self._checker.check(item.text, item.lines, self._language)
        if reason is not None:
            self._drop(item.text, item.lines, field, reason)
        return reason is None

    def _action(self, item: ActionItem) -> ActionItem:
        changes: dict[str, object] = {}
        if item.owner is not None and not self._holds_owner(item.owner, item.lines):
            self._drop(item.owner, item.lines, "owner", "name")
            changes["owner"] = None
        if item.due is not None and not self._checker.holds_due(
            item.due, item.lines, meeting=self._extraction.summary.date
        ):
            self._drop(item.due.isoformat(), item.lines, "due", "date")
            changes["due"] = None
        return item.model_copy(update=changes) if changes else item

    def _holds_owner(self, owner: str, lines: tuple[int, ...]) -> bool:
        """Whether the lines name the owner; of a person whom the notes name in full, a part of it will do."""
        names = [name for name in re.split(r"\s*[,&/+]\s*|\s+(?:et|and|ou|or)\s+", owner) if name]
        return bool(names) and all(
            self._checker.holds_name(name, lines)
            or (
                self._checker.holds_name(name)
                and any(self._checker.holds_name(word, lines) for word in name.split() if len(word) > 2)
            )
            for name in names
        )

    def _practice(self, sketch: PracticeSketch) -> PracticeSketch | None:
        fields = {
            name: kept
            for name, statements in sketch.fields.items()
            if (kept := tuple(one for one in statements if self._supported(name, one)))
        }
        if not fields:
            return None
        lines = tuple(
            number for statements in sketch.fields.values() for one in statements for number in one.lines
        )
        title = sketch.title
        if not self._checker.stands(title) and (reason := self._checker.check(title, lines, sketch.language)):
            self._drop(title, lines, "title", reason)
            title = _short(next(iter(fields.values()))[0].text)
        people = self._names("people", sketch.people)
        if title == sketch.title and people == sketch.people and fields == dict(sketch.fields):
            return sketch
        return replace(sketch, title=title, people=people, fields=fields)

    def _names(self, field: str, names: Iterable[str]) -> tuple[str, ...]:
        return tuple(
            name for name in names if self._checker.holds_name(name) or self._drop(name, (), field, "name")
        )

    def _title(self, title: str) -> str:
        if not title or self._checker.stands(title):
            return title
        self._drop(title, (), "title", "name")
        return ""

    def _topic(self, topic: str) -> bool:
        # A topic without a heading is named by words of its own: "outils, prêt, pinces".
        if self._checker.stands(topic) or all(map(self._checker.stands, topic.split(", "))):
            return True
        return self._drop(topic, (), "topics", "meaning")

    def _drop(self, text: str, lines: tuple[int, ...], field: str, reason: Reason) -> Literal[False]:
        self._out.append(Unsupported(text=text, lines=lines, field=field, reason=reason))
        return False


def _tells_other_day(text: str, sources: Sequence[SourceText]) -> bool:
    """Whether a text tells a date or a day of the week that the sources do not."""
    said = read_quantities(text)
    held = read_quantities("\n".join(f"{one.about}\n{one.text}" for one in sources), generously=True)
    return not said.weekdays <= held.weekdays or any(
        not any(day.within(other) for other in held.days) for day in said.days
    )


def _short(text: str) -> str:
    """Return the first clause of a statement, as a title."""
    clause = re.split(r"(?<=\w{3})[.;:!(]\s|\s[–—-]\s", text, maxsplit=1)[0].strip(" .;:!,")
    if len(clause) <= _LONGEST_TITLE:
        return clause
    return clause[:_LONGEST_TITLE].rsplit(" ", 1)[0].rstrip(" ,;:–—-")
