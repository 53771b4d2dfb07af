"""The extractor that asks a language model, and believes nothing that it says.

The notes go to it in windows, as numbered lines between marks that they cannot forge; what comes back is read
item by item and checked against its lines. A window without a usable answer is read by the local extractor,
and the extraction says so.
"""

import logging
import re
from dataclasses import replace
from functools import cached_property
from typing import Final, Literal

from capture.checking import StatementChecker
from capture.draft import NotesSummary, Remark
from capture.extraction import Extraction, Extractor, PracticeSketch
from capture.lines import folded
from capture.llm_findings import Findings, WindowReader
from capture.llm_prompt import prompt
from capture.llm_schema import REPLY_SCHEMA, Reply, read_reply
from capture.llm_windows import Window, numbered, order_lines, windows
from capture.local_extraction import LocalExtractor
from capture.notes import Notes
from capture.people import unique_names
from connector.errors import LanguageModelError
from connector.progress import Progress
from search.language import LanguageDetector, base_language
from search.language_model import LanguageModel
from search.support import SupportChecker
from search.words import WordAnalyzer

logger = logging.getLogger(__name__)

Why = Literal["unavailable", "refused", "unreadable", "unsupported", "empty", "too long", "orders", "stopped"]
"""Why the local extractor read some lines: the model's server did not answer in time; it refused the key, the
address or the model; the answer was of no use; no line held what it said; it found nothing where there is
something; a line is longer than a window; the lines give orders to a language model; too many windows in a
row had failed, and nobody was asked any more."""

_WINDOW_CHARACTERS = 8_000
_OVERLAP_CHARACTERS = 800
_MOST_TOKENS = 4_000
_ATTEMPTS: Final = 2


class LlmExtractor:
    """An `Extractor` that a language model works for. See `capture.extraction.Extractor`."""

    def __init__(
        self,
        *,
        model: LanguageModel,
        support: SupportChecker | None = None,
        local: Extractor | None = None,
        detector: LanguageDetector | None = None,
        window_characters: int = _WINDOW_CHARACTERS,
        max_tokens: int = _MOST_TOKENS,
    ) -> None:
        """Take who reads, who checks, and who reads what cannot be read so.

        Args:
            model: reads; it holds no tool and no credential.
            support: compares what it says with its lines.
            local: reads where the model does not, and knows the meeting's title, date and people.
            detector: tells the language of lines and statements.
            window_characters: how much of the notes is sent at once.
            max_tokens: how long an answer may be, in tokens of the model.
        """
        self._model = model
        self._support = support or SupportChecker(analyzer=WordAnalyzer())
        self._detector = detector or LanguageDetector()
        self._local = local or LocalExtractor(detector=self._detector)
        self._characters = window_characters
        self._max_tokens = max_tokens

    def extract(self, notes: Notes, *, progress: Progress | None = None) -> Extraction:
        """Return what the notes hold. What fails never raises: the local extractor reads it then."""
        local = self._local.extract(notes)
        checker = StatementChecker(self._support, notes, detector=self._detector)
        reading = _Reading(self._model, notes, local, checker, self._detector, self._max_tokens)
        for window in windows(
            notes.lines, characters=self._characters, overlap=min(_OVERLAP_CHARACTERS, self._characters // 5)
        ):
            reading.read(window)
            if progress is not None:
                progress(window.last, notes.line_count, "lines")
        return checker.sift(reading.extraction())


class _Reading:
    """One meeting's notes on their way through the model."""

    def __init__(
        self,
        model: LanguageModel,
        notes: Notes,
        local: Extraction,
        checker: StatementChecker,
        detector: LanguageDetector,
        max_tokens: int,
    ) -> None:
        self._model = model
        self._max_tokens = max_tokens
        self._notes = notes
        self._local = local
        self._withheld = order_lines(notes.lines)
        language = base_language(local.summary.language)
        self._reader = WindowReader(
            notes,
            checker,
            summary=local.summary,
            language_of=lambda text: detector.detect(text, fallback=language),
            withheld=self._withheld,
        )
        self._found = Findings()
        self._fallbacks: dict[Why, set[int]] = {}
        self._failures: list[str] = []
        self._answered = False

    def read(self, window: Window) -> None:
        """Read a window: by the model, else by the local extractor."""
        answered = self._ask(window)
        if isinstance(answered, Findings):
            self._answered = True
            self._found.add(answered)
            if hidden := self._withheld.intersection(window.own_lines):
                self._read_locally(set(hidden), "orders")
        else:
            self._read_locally(set(window.own_lines), answered)

    def _ask(self, window: Window) -> Findings | Why:
        if not window.readable:
            return "too long"
        # A server that is gone is gone for the next window too, and a wrong key stays wrong.
        if (
            "refused" in self._failures
            or self._failures.count("unavailable") >= 2
            or len(self._failures) >= 3
        ):
            return "stopped"
        try:
            found = self._reader.read(self._reply(window), range(window.first, window.last + 1))
        except LanguageModelError as e:
            self._failures.append(e.kind)
            logger.warning("%s; lines %d to %d are read without it", e, window.own, window.last)
            return e.kind
        self._failures.clear()
        if not found.said and not found.unsupported:
            return "empty" if self._local_lines() & set(window.own_lines) else found
        if self._reader.is_supported(found):
            return found
        self._found.unsupported += self._reader.without_support(found)
        return "unsupported"

    def _reply(self, window: Window) -> Reply:
        """Return what the model answers; it may correct itself once.

        Raises:
            LanguageModelError: there is no answer that can be read.
        """
        lines = numbered(self._notes.lines, window, self._withheld)
        known = {name: sketch.title for name, sketch in self._found.practices.items()}
        above = self._notes.lines[window.first - 1].heading_path
        for attempt in range(_ATTEMPTS):
            system, user = prompt(
                lines, summary=self._local.summary, above=above, known=known, again=attempt > 0
            )
            try:
                return read_reply(
                    self._model.complete_json(system, user, schema=REPLY_SCHEMA, max_tokens=self._max_tokens)
                )
            except LanguageModelError as e:
                if e.kind != "unreadable" or attempt == _ATTEMPTS - 1:
                    raise
        raise AssertionError("the last attempt returns or raises")

    def _read_locally(self, lines: set[int], why: Why) -> None:
        """Take over what the local extractor found in these lines."""
        self._fallbacks.setdefault(why, set()).update(lines)
        summary = self._local.summary
        self._found.add(
            Findings(
                topics=[
                    (place, topic)
                    for topic in summary.topics
                    if (place := self._place(topic)) is not None and place in lines
                ],
                actions=[item for item in summary.actions if item.lines[0] in lines],
                decisions=[item for item in summary.decisions if item.lines[0] in lines],
                questions=[item for item in summary.questions if item.lines[0] in lines],
            )
        )
        for sketch in self._local.practices:
            fields = {
                name: kept
                for name, statements in sketch.fields.items()
                if (kept := tuple(one for one in statements if one.lines and one.lines[0] in lines))
            }
            if fields:
                self._found.add_practice(replace(sketch, fields=fields))

    @cached_property
    def _contents(self) -> list[tuple[int, str]]:
        return [(line.number, folded(line.content)) for line in self._notes.lines if line.content]

    def _place(self, topic: str) -> int | None:
        """Return the line that a topic of the local extractor stands in."""
        wanted = folded(topic)
        return next((number for number, text in self._contents if wanted in text), None)

    def _local_lines(self) -> set[int]:
        """Return the lines in which the local extractor found something."""
        summary = self._local.summary
        found = {number for item in summary.actions for number in item.lines}
        found.update(number for item in summary.decisions for number in item.lines)
        found.update(number for item in summary.questions for number in item.lines)
        for sketch in self._local.practices:
            found.update(n for said in sketch.fields.values() for one in said for n in one.lines)
        return found

    def extraction(self) -> Extraction:
        """Return what both found, unchecked."""
        remarks = self._local.remarks + tuple(
            Remark(code="fallback", detail=why, lines=tuple(lines)) for why, lines in self._fallbacks.items()
        )
        unsupported = (*self._local.unsupported, *self._found.unsupported)
        if not self._answered:
            # Whole, and not cut at windows.
            return replace(self._local, unsupported=unsupported, remarks=remarks)
        return Extraction(
            summary=self._summary(),
            practices=tuple(self._with_people(sketch) for sketch in self._found.practices.values()),
            unsupported=unsupported,
            remarks=remarks,
        )

    def _summary(self) -> NotesSummary:
        local, found = self._local.summary, self._found
        named: dict[str, list[str]] = {}
        for role, name in found.people:
            named.setdefault(role, []).append(self._known(name))
        away = {folded(name) for name in local.absent}
        present = unique_names(
            [*local.present, *(name for name in named.get("present", ()) if folded(name) not in away)]
        )
        there = {folded(name) for name in present}
        excused = [name for name in named.get("excused", ()) if folded(name) not in there]
        absent = [name for name in named.get("absent", ()) if folded(name) not in there]
        topics = {folded(text): text for _, text in reversed(sorted(found.topics))}
        return local.model_copy(
            update={
                "title": next(iter(found.titles), local.title),
                "date": local.date or next(iter(found.dates), None),
                "present": tuple(present),
                "absent": tuple(unique_names([*local.absent, *absent, *excused])),
                "excused": tuple(unique_names([*local.excused, *excused])),
                "chair": local.chair or next(iter(named.get("chair", ())), None),
                "scribe": local.scribe or next(iter(named.get("scribe", ())), None),
                "extracted_by": self._model.name,
                "topics": tuple(reversed(topics.values())),
                "actions": tuple(found.actions),
                "decisions": tuple(found.decisions),
                "questions": tuple(found.questions),
            }
        )

    def _known(self, name: str) -> str:
        """Return a person's name as the local extractor has it, where that is the same with less or more."""
        words = set(folded(name).split())
        people = (*self._local.summary.present, *self._local.summary.absent)
        alike = [each for each in people if words <= set(folded(each).split())]
        return alike[0] if len(alike) == 1 else name

    def _with_people(self, sketch: PracticeSketch) -> PracticeSketch:
        """Return a practice with those who were there and whom its lines name."""
        if sketch.people:
            return sketch
        numbers = {n for said in sketch.fields.values() for one in said for n in one.lines}
        text = f" {' '.join(folded(self._notes.lines[n - 1].text) for n in sorted(numbers))} "
        words = set(re.findall(r"[^\W_]+", text))
        people = (*self._local.summary.present, *self._local.summary.absent)
        return replace(
            sketch,
            people=tuple(name for name in people if set(re.findall(r"[^\W_]+", folded(name))) <= words),
        )
