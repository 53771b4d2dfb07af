"""The extractor that needs nothing but the notes: rules over their outline, labels, markers and phrases."""

import datetime
import re
from collections.abc import Sequence
from functools import cached_property

from capture.blocks import Block, blocks_of
from capture.dates import date_in_name, find_dates
from capture.draft import NotesSummary
from capture.extraction import Extraction
from capture.formats.detection import MAIL
from capture.lines import LineKind, folded
from capture.notes import Notes
from capture.outline import notes_title
from capture.people import Roster
from capture.rules.actions import find_actions
from capture.rules.attendance import Attendance, attendance
from capture.rules.commitments import ActionContext
from capture.rules.decisions import find_decisions
from capture.rules.practices import find_practices
from capture.rules.questions import find_questions
from capture.rules.topics import topics_of
from capture.vocabulary import Role, role_of
from connector.progress import Progress
from search.language import Language, LanguageDetector

_VERBATIM = 60
"""Spoken paragraphs from which on notes are a record of all that was said."""
_LATER = re.compile(r"\b(?:prochaine?|next|suivante?|previous|precedente?|derniere|last)\b")
_DATE_LABEL = re.compile(r"^(?P<label>[^:]{2,40}?)\s?[:=]\s*(?P<rest>\S.*)$")
_MAIL_DAYS = datetime.timedelta(days=30)
"""From a meeting to the message that tells of it, or calls it, at the most."""
_TO_DO = re.compile(r"^\W{0,4}(?:actions?|todo|to-do|à faire|a faire|tâche|task)\b", re.I)
_YEAR = re.compile(r"(?<!\d)(20\d{2})(?!\d)")


class LocalExtractor:
    """Finds structure by rules, in process, without network. See `capture.extraction.Extractor`.

    Args:
        detector: Tells French from English.
    """

    def __init__(self, *, detector: LanguageDetector | None = None) -> None:
        self._detector = detector or LanguageDetector()

    def extract(self, notes: Notes, *, progress: Progress | None = None) -> Extraction:
        """Return what the notes hold."""
        reading = _Reading(notes, self._detector)
        verbatim = sum(1 for block in reading.blocks if block.speaker) >= _VERBATIM
        actions = find_actions(
            reading.blocks,
            ActionContext(
                roster=reading.roster,
                meeting=reading.date,
                day_first=reading.day_first,
                language_of=reading.language_of,
                nicks=frozenset(reading.people.speakers),
                verbatim=verbatim,
            ),
        )
        headings = {line.number: line.content for line in notes.lines if line.kind is LineKind.HEADING}
        decisions = find_decisions(reading.blocks, headings)
        taken = {number for item in actions for number in item.lines}
        taken.update(number for item in decisions if not item.decided for number in item.lines)
        practices = find_practices(
            reading.blocks,
            notes_title=reading.title,
            roster=reading.roster,
            taken_lines=taken,
            language_of=reading.language_of,
        )
        summary = NotesSummary(
            sha256=notes.sha256,
            title=reading.title,
            date=reading.date,
            language=reading.language,
            present=reading.people.present,
            absent=reading.people.absent,
            excused=reading.people.excused,
            chair=reading.called(reading.people.chairs),
            scribe=reading.called(reading.people.scribes),
            topics=tuple(topics_of(notes.lines, reading.blocks, title=reading.title)),
            actions=tuple(actions),
            decisions=tuple(decisions),
            questions=tuple(
                find_questions(
                    reading.blocks,
                    verbatim=verbatim,
                    tasks={number for item in actions for number in item.lines},
                )
            ),
        )
        if progress is not None:
            progress(notes.line_count, notes.line_count, "lines")
        return Extraction(summary=summary, practices=tuple(practices))


class _Reading:
    """What the rules need to know of the notes, each worked out once."""

    def __init__(self, notes: Notes, detector: LanguageDetector) -> None:
        self.notes = notes
        self._detector = detector
        self.blocks: list[Block] = blocks_of(notes.lines)
        self.title = notes_title(notes.lines, notes.document_title)
        self.people: Attendance = attendance(notes.lines, self.blocks)
        self.roster = Roster(self.people.everyone)

    def called(self, names: Sequence[str]) -> str | None:
        """The first of these people, by the name that the list of those present gives them."""
        listed = Roster([*self.people.present, *self.people.absent])
        full = (
            [name for name in self.people.present if folded(names[0]) in folded(name).split()]
            if names
            else []
        )
        return (full[0] if len(full) == 1 else listed.find(names[0]) or names[0]) if names else None

    @cached_property
    def language(self) -> Language:
        """The language of most of the notes, weighed by length over pieces from all of them."""
        texts = [block.text for block in self.blocks if len(block.text.split()) >= 4]
        if not texts:
            texts = [line.content for line in self.notes.lines if line.content]
        step = max(1, len(texts) // 60)
        weights: dict[Language, int] = {"fr": 0, "en": 0}
        for text in texts[::step]:
            guess = self._detector.guess(text)
            if guess is not None:
                weights[guess] += min(len(text), 400)
        if weights["fr"] == weights["en"]:
            return self._detector.detect(" ".join(texts)[:2000], fallback="en")
        return "fr" if weights["fr"] > weights["en"] else "en"

    def language_of(self, text: str) -> Language:
        """The language of a part of the notes; theirs as a whole when it is too short to tell."""
        return self._detector.detect(text, fallback=self.language)

    @property
    def day_first(self) -> bool | None:
        """How "03/04/2024" is read: the French way in French, and not at all in English."""
        return True if self.language == "fr" else None

    @cached_property
    def date(self) -> datetime.date | None:
        """The day of the meeting: from a "Date:" label, the title, the first lines or the file's name."""
        top = [line for line in self.notes.lines if line.content and line.kind is not LineKind.RULE][:40]
        told: list[str] = []
        for line in top:
            if self.notes.media_type == MAIL and line.kind is LineKind.META:
                continue  # the head of a message says when it was sent
            label = _DATE_LABEL.match(line.content)
            if label and (
                role_of(label.group("label")) is Role.DATE or folded(label.group("label")) == "date"
            ):
                told.append(label.group("rest"))
        under_label = [block.text for block in self.blocks[:20] if block.role is Role.DATE]
        headings = [line.content for line in top if line.kind is LineKind.HEADING]
        first = [
            line.content
            for line in top[:25]
            if not (self.notes.media_type == MAIL and line.kind is LineKind.META)
            and not (line.kind is LineKind.HEADING and role_of(line.content) is Role.META)
            # A day by which something is to be done is not that of the meeting.
            and line.checked is None
            and not _TO_DO.match(line.content)
        ]
        candidates = [*told, *under_label, self.title, self.notes.document_title, *headings, *first]
        candidates = [text for text in candidates if not _LATER.search(folded(text))]
        for text in candidates:
            for found in find_dates(text, day_first=self.day_first):
                return found.date
        named = date_in_name(self.notes.filename or "")
        return named or self._date_near_sending(candidates) or self._date_with_year_elsewhere(candidates)

    def _date_near_sending(self, candidates: list[str]) -> datetime.date | None:
        """The day that a message names, counted from when it was sent, else that day."""
        sent = self._sent
        if sent is None:
            return None
        for text in candidates:
            for found in find_dates(text, day_first=self.day_first, after=sent):
                if abs(found.date - sent) <= _MAIL_DAYS:
                    return found.date
        return sent

    @cached_property
    def _sent(self) -> datetime.date | None:
        """The day on which a message was sent, as its head says."""
        if self.notes.media_type != MAIL:
            return None
        head = (line.content for line in self.notes.lines if line.kind is LineKind.META)
        dates = (find_dates(text, day_first=None) for text in head if text.startswith("Date: "))
        return next((found.date for one in dates for found in one), None)

    def _date_with_year_elsewhere(self, candidates: list[str]) -> datetime.date | None:
        """A day and month without a year, when the top of the notes names exactly one year."""
        years = {int(year) for text in candidates for year in _YEAR.findall(text)}
        if len(years) != 1:
            return None
        start = datetime.date(years.pop(), 1, 1)
        for text in candidates:
            for found in find_dates(text, day_first=self.day_first, after=start):
                return found.date if found.date.year == start.year else None
        return None
