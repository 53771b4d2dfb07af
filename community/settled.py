"""What the notes of a meeting settle of its agenda: proposed to a person with the lines that say so.

Nothing closes by itself. An action is settled as `capture.follow_ups` finds it. Any other item is looked for
under a heading of its own, as an agenda that was made here has one, and in what the notes say was decided.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Final

from capture.draft import NotesSummary
from capture.follow_ups import FollowUps
from capture.lines import LineKind, NoteLine
from capture.notes import Notes
from community.agenda import Agenda, AgendaLine
from connector.store import Store
from connector.store.meetings import Meeting

if TYPE_CHECKING:
    from search.words import WordAnalyzer

# Share of an item's words that a heading or a decision must have: as much as of an action in
# `capture.follow_ups`; a heading says little else, and must be nearly all of it.
_SAME_IN_DECISION: Final = 0.6
_SAME_IN_HEADING: Final = 0.8
# Fewer words under a heading say nothing ("oui", "à voir").
_FEWEST_WORDS: Final = 3
_MOST_LINES: Final = 3
_LONGEST_WHY: Final = 240
# What is put off is not settled, whatever else was said of it.
_PUT_OFF = re.compile(
    r"""
    \breport(?:é|er|ée|ons|és|ées)\b | \bremis(?:e|es)?\s+à\b | \bprochaine?\s+(?:réunion|fois|séance)\b
    | \bà\s+(?:revoir|suivre|rediscuter|reprendre)\b | \bpas\s+(?:encore\s+)?(?:tranché|décidé|traité|abordé)
    | \bsans\s+(?:décision|réponse)\b | \bpersonne\s+ne\s+sait\b | \bplus\s+tard\b
    | \b(?:postponed|deferred|adjourned|tabled)\b | \bnext\s+(?:meeting|time)\b
    | \bno\s+(?:decision|answer|time)\b | \bnot\s+(?:decided|discussed|settled)\b | \bto\s+be\s+continued\b
    | \bnobody\s+knows\b | \bcome\s+back\s+to\s+(?:it|this)\b
    """,
    re.X | re.I,
)
_SILENT = frozenset({LineKind.BLANK, LineKind.RULE, LineKind.CODE, LineKind.META})
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledItem:
    """An item that notes settle, as it seems."""

    line: AgendaLine
    lines: tuple[int, ...]
    """Lines of the notes that say so."""
    why: str
    """What they say, in their own words."""


@dataclass(frozen=True, slots=True)
class _Section:
    heading: NoteLine
    said: tuple[NoteLine, ...]


class Settling:
    """Finds what notes settle. Safe to share between threads.

    Args:
        follow_ups: knows which actions notes say are done.
    """

    def __init__(self, *, follow_ups: FollowUps) -> None:
        self._follow_ups = follow_ups

    def proposals(
        self, agenda: Agenda, notes: Notes, summary: NotesSummary, *, notes_id: int
    ) -> list[SettledItem]:
        """Return the items of an agenda that are not settled yet, and that notes settle, in their order.

        Args:
            agenda: of the meeting.
            notes: of the same meeting.
            summary: what an extractor found in them.
            notes_id: the number of the notes.
        """
        left = [line for line in agenda.lines if not line.settled]
        if not left:
            return []
        done = {
            one.follow_up.id: one
            for one in self._follow_ups.proposals(notes, summary, notes_id=notes_id)
            if any(line.item.kind == "action" for line in left)
        }
        sections = list(_sections(notes))
        found = []
        for line in left:
            if line.item.kind == "action":
                closing = done.get(int(line.item.key.split()[1]))
                if closing is not None:
                    found.append(SettledItem(line=line, lines=closing.lines, why=closing.why))
                continue
            lines = self._said_of(line, sections, summary, notes)
            if lines:
                said = " ".join(notes.lines[number - 1].content.strip() for number in lines)
                why = said if len(said) <= _LONGEST_WHY else said[: _LONGEST_WHY - 1].rstrip() + "…"
                found.append(SettledItem(line=line, lines=tuple(lines), why=why))
        return found

    def _said_of(
        self, line: AgendaLine, sections: Sequence[_Section], summary: NotesSummary, notes: Notes
    ) -> list[int]:
        """Return the numbers of the lines that settle an item that is no action; none where nothing does."""
        item = line.item
        wanted = self._stems(item.title)
        decided = [one for one in summary.decisions if one.decided]
        section = next(
            (one for one in sections if self._share(wanted, one.heading) >= _SAME_IN_HEADING), None
        )
        if section is not None:
            said = [each for each in section.said if not each.content.rstrip().endswith("?")]
            if any(_PUT_OFF.search(each.content) for each in said):
                return []
            numbers = {each.number for each in section.said}
            of_it = [number for one in decided for number in one.lines if number in numbers]
            if of_it:
                return sorted(set(of_it))[:_MOST_LINES]
            # A question is answered and a subject talked about; what has to be decided was not.
            if item.kind in ("question", "free", "newcomer"):
                first = _first_together(said)
                words = sum(len(_WORD.findall(each.content)) for each in first)
                return [each.number for each in first] if words >= _FEWEST_WORDS else []
            return []
        for one in decided:
            told = " ".join(notes.lines[number - 1].content for number in one.lines)
            if self._is_about(wanted, told) and not _PUT_OFF.search(told):
                return list(one.lines)[:_MOST_LINES]
        return self._answer(wanted, notes) if item.kind == "question" else []

    def _answer(self, wanted: Sequence[frozenset[str]], notes: Notes) -> list[int]:
        """Return the line that asks a question and goes on with its answer."""
        for line in notes.lines:
            asked, _, told = line.content.rpartition("?")
            is_answered = len(_WORD.findall(told)) >= _FEWEST_WORDS and not _PUT_OFF.search(told)
            if is_answered and self._is_about(wanted, asked):
                return [line.number]
        return []

    def _is_about(self, wanted: Sequence[frozenset[str]], text: str) -> bool:
        there = frozenset[str]().union(*self._stems(text))
        common = sum(not stems.isdisjoint(there) for stems in wanted)
        return bool(wanted) and common >= min(2, len(wanted)) and common / len(wanted) >= _SAME_IN_DECISION

    def _share(self, wanted: Sequence[frozenset[str]], heading: NoteLine) -> float:
        there = frozenset[str]().union(*self._stems(heading.content))
        return sum(not stems.isdisjoint(there) for stems in wanted) / len(wanted) if wanted else 0.0

    @cached_property
    def _analyzer(self) -> "WordAnalyzer":
        from search.words import WordAnalyzer

        return WordAnalyzer()

    def _stems(self, text: str) -> list[frozenset[str]]:
        """Return the stems, in both languages, of each word of a text that not every sentence has."""
        from search.words import is_stop_word

        forms = dict.fromkeys(word.form for word in self._analyzer.words(text))
        return [self._analyzer.stems_of(form) for form in forms if not is_stop_word(form, None)]


def _first_together(said: Sequence[NoteLine]) -> list[NoteLine]:
    """Return the first lines that stand together: what comes after a gap may be about something else."""
    first: list[NoteLine] = []
    for line in said[:_MOST_LINES]:
        if first and line.number != first[-1].number + 1:
            break
        first.append(line)
    return first


def _sections(notes: Notes) -> Iterator[_Section]:
    """Yield each heading with what was said under it, down to the next heading of its level."""
    headings = [line for line in notes.lines if line.kind is LineKind.HEADING]
    for heading in headings:
        ends = (
            each.number for each in headings if each.number > heading.number and each.level <= heading.level
        )
        end = next(ends, notes.line_count + 1)
        said = tuple(
            line
            for line in notes.lines[heading.number : end - 1]
            if line.kind not in _SILENT and line.kind is not LineKind.HEADING and line.content.strip()
        )
        yield _Section(heading, said)


def notes_of_meeting(store: Store, meeting: Meeting) -> int | None:
    """Return the number of a meeting's notes: those that somebody chose, or the only ones of its day."""
    if meeting.notes_id is not None:
        return meeting.notes_id
    that_day = [each.id for each in store.notes.list() if each.met_on == meeting.planned_on]
    others = [
        each
        for each in store.meetings.list(first_day=meeting.planned_on, last_day=meeting.planned_on)
        if each.id != meeting.id
    ]
    if len(that_day) != 1 or others or store.meetings.of_notes(that_day[0]) is not None:
        return None
    return that_day[0]


def meeting_of_notes(store: Store, notes_id: int, met_on: date | None) -> Meeting | None:
    """Return the meeting that notes are of, as `notes_of_meeting` tells it; None where there is none."""
    chosen = store.meetings.of_notes(notes_id)
    if chosen is not None or met_on is None:
        return chosen
    for meeting in store.meetings.list(first_day=met_on, last_day=met_on):
        if notes_of_meeting(store, meeting) == notes_id:
            return meeting
    return None
