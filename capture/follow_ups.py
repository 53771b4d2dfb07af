"""Follow-ups: actions and open questions stay listed until someone closes them, decisions for good.

Notes of a later meeting may say that an action is done. That is proposed to a person, with the lines that say
so; nothing closes by itself.
"""

import datetime
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from capture.dates import find_dates
from capture.draft import ActionItem, KeptSummary, NotesSummary
from capture.left_out import LeftOut, names_of, owner_without, owners
from capture.lines import LineKind, NoteLine, folded
from capture.notes import Notes
from connector.errors import CaptureError
from connector.store import FollowUpRecord, NewFollowUp, Store

if TYPE_CHECKING:
    from search.words import WordAnalyzer

_CLOSABLE = ("action", "question")
# Share of the action's words that the line must have: less would close what it does not speak of.
_SAME_ACTION = 0.6
_BY_WHEN = frozenset(["avant", "before", "ici", "until", "deadline", "echeance"])
_LONGEST_WHY = 200
# A line that says little beside “c'est fait” speaks of the line above it.
_FEW_WORDS = 2

# “Fait” and “done” are ordinary words too (“Marc fait le tour”): they count where they end a clause, stand
# alone, or behind a form of “to be”.
_DONE = re.compile(
    r"""
    ✓ | ✔ | ☑ | ✅
    | \b(?:est|sont|a\sété|ont\sété|déjà|bien|tout)\s+(?:faite?s?|réglée?s?|bon)\b
      (?!\s+(?:de|d[’']|pour|en)\b)
    | (?:^\W*|[:–—,;(\[-]\s*)(?:faite?s?|done|ok)\b(?=\s*(?:[.:,;!)\]–—-]|$))
    | \b(?:terminée?s?|achevée?s?|finalisée?s?|accomplie?s?)\b
    | \b(?:is|are|was|were|been|now|already|all|got)\s+done\b | \bdone\s*[.!)\]]*$
    | \b(?:completed|finished)\b
    """,
    re.X | re.I,
)
_NOT_DONE = re.compile(
    r"""
    \b(?:pas|jamais|guère|presque|bientôt|avant|quand|si|lorsque|dès)\b
    | \breste(?:nt)?\s+à\b | \bà\s+(?:faire|terminer|finir|régler)\b
    | \b(?:sera|seront|soit|soient|serait|doit|doivent)\b
    | \b(?:not|never|nearly|almost|hardly|undone|until|once|when|if)\b | n[’']t\b
    | \b(?:will|shall|must|should)\b | \b(?:to|can|could|gets?)\s+(?:still\s+)?be\b
    | \?\s*$
    """,
    re.X | re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingProposal:
    """An action that later notes say is done."""

    follow_up: FollowUpRecord
    lines: tuple[int, ...]
    """The lines of the later notes that say so."""
    why: str
    """What they say, in their own words."""


def follow_ups_of(summary: NotesSummary) -> list[NewFollowUp]:
    """Return what notes leave behind: actions, open questions, decisions, in this order."""
    actions = [
        NewFollowUp(
            kind="action",
            text=action.text,
            owner=action.owner,
            due=action.due,
            state="done" if action.done else "open",
            lines=action.lines,
        )
        for action in summary.actions
    ]
    questions = [NewFollowUp(kind="question", text=one.text, lines=one.lines) for one in summary.questions]
    decisions = [
        NewFollowUp(
            kind="decision",
            text=one.text,
            state="decided" if one.decided else "proposed",
            lines=one.lines,
        )
        for one in summary.decisions
    ]
    return [*actions, *questions, *decisions]


class FollowUps:
    """What kept notes leave behind, and who closed it.

    Args:
        store: The database.
        left_out: Who is not shown as somebody who has something to do.
    """

    def __init__(self, store: Store, *, left_out: LeftOut | None = None) -> None:
        self._store = store
        self._left_out = left_out or LeftOut()

    def open(self, *, kind: Literal["action", "question"] | None = None) -> list[FollowUpRecord]:
        """Return what is open: actions, due soonest first and those without a date last, then questions."""
        kinds = _CLOSABLE if kind is None else (kind,)
        found = self._shown(self._store.follow_ups.list(kinds=kinds, states=["open"]))
        return sorted(found, key=lambda one: (one.kind, one.due is None, one.due or one.created_at.date()))

    def closed(self) -> list[FollowUpRecord]:
        """Return what was closed, last first."""
        found = self._shown(self._store.follow_ups.list(kinds=_CLOSABLE, states=["done", "dropped"]))
        return sorted(found, key=lambda one: (one.closed_at or one.created_at, one.id), reverse=True)

    def decisions(self) -> list[FollowUpRecord]:
        """Return what was decided or proposed, newest notes first."""
        found = self._store.follow_ups.list(kinds=["decision"])
        return sorted(found, key=lambda one: (-one.notes_id, one.id))

    def of_notes(self, notes_id: int) -> Sequence[FollowUpRecord]:
        """Return all that notes leave behind, whatever its state."""
        return self._shown(self._store.follow_ups.list(notes_id=notes_id))

    def close(
        self,
        follow_up_id: int,
        *,
        actor: str,
        state: Literal["done", "dropped"] = "done",
        closed_in: int | None = None,
    ) -> FollowUpRecord:
        """Close an action or a question.

        Args:
            follow_up_id: Which one.
            actor: Who closes it.
            state: Whether it is done, or given up.
            closed_in: The notes that say so, when it was proposed because of them.

        Raises:
            NotKeptError: There is no such follow-up.
            CaptureError: It is a decision, or closed already.
        """
        current = self._store.follow_ups.get(follow_up_id)
        if current.kind not in _CLOSABLE:
            raise CaptureError("a decision is not closed: a later meeting decides otherwise")
        if not self._store.follow_ups.set_state(
            follow_up_id, state=state, expected=["open"], actor=actor, closed_in=closed_in
        ):
            raise CaptureError(f"follow-up {follow_up_id} is closed already")
        return self._shown([self._store.follow_ups.get(follow_up_id)])[0]

    def reopen(self, follow_up_id: int, *, actor: str) -> FollowUpRecord:
        """Open what was closed by mistake.

        Raises:
            NotKeptError: There is no such follow-up.
            CaptureError: It is a decision, or open.
        """
        self._store.follow_ups.get(follow_up_id)
        if not self._store.follow_ups.set_state(
            follow_up_id, state="open", expected=["done", "dropped"], actor=actor
        ):
            raise CaptureError(f"follow-up {follow_up_id} is not closed")
        return self._shown([self._store.follow_ups.get(follow_up_id)])[0]

    def _shown(self, found: Sequence[FollowUpRecord]) -> list[FollowUpRecord]:
        """Return follow-ups without the names of those who want to be left out."""
        doubtful: dict[int, list[str]] = defaultdict(list)
        for one in found:
            if one.owner is not None and self._left_out.may_have(one.owner):
                doubtful[one.notes_id] += owners(one.owner)
        gone = {
            notes_id: self._left_out.among([*names, *self._names(notes_id)])
            for notes_id, names in doubtful.items()
        }
        return [
            replace(one, owner=owner_without(one.owner, gone.get(one.notes_id, frozenset()))) for one in found
        ]

    def _names(self, notes_id: int) -> list[str]:
        """Return who is named in notes."""
        stored = self._store.notes.get(notes_id)
        if stored is None or stored.summary is None:
            return []
        return names_of(KeptSummary.model_validate_json(stored.summary).notes)

    def proposals(
        self, notes: Notes, summary: NotesSummary, *, notes_id: int | None = None
    ) -> list[ClosingProposal]:
        """Return the open actions that notes say are done, with the lines that say so.

        A line says it when it has most of the action's words and a sign that something is done: a checked
        box, “c'est fait”, “terminé”, “done”, “completed”. A line that has the sign only speaks of the line
        above it. An action that someone else is said to have done, or that has another number ("crate 3"), is
        not proposed.

        Args:
            notes: The later notes.
            summary: What an extractor found in them.
            notes_id: Their id, when they are kept: their own actions are not proposed.
        """
        actions = [
            one
            for one in self._store.follow_ups.list(kinds=["action"], states=["open"])
            if one.notes_id != notes_id and not (one.met_on and summary.date and one.met_on > summary.date)
        ]
        if not actions:
            return []
        said = [*_done_actions(summary), *_done_lines(notes, summary)]
        shown = {one.id: one for one in self._shown(actions)}
        # Each line is taken apart once, not for each action.
        words = [(one, frozenset().union(*self._words(one.text))) for one in said]
        found = ((action, self._best(action, words, notes)) for action in actions)
        return [replace(best, follow_up=shown[action.id]) for action, best in found if best is not None]

    def _best(
        self, action: FollowUpRecord, said: "Sequence[tuple[_Said, frozenset[str]]]", notes: Notes
    ) -> ClosingProposal | None:
        wanted = self._words(action.text, dated_after=action.met_on or action.created_at.date())
        numbers = _numbers(frozenset().union(*wanted))
        best: tuple[float, _Said] | None = None
        for one, there in said:
            if not wanted or not one.may_be_by(action.owner):
                continue
            # The third crate is not the sixth one.
            if numbers and (others := _numbers(there)) and numbers.isdisjoint(others):
                continue
            common = sum(not stems.isdisjoint(there) for stems in wanted)
            share = common / len(wanted)
            enough = share >= _SAME_ACTION and common >= min(2, len(wanted))
            if enough and (best is None or share > best[0]):
                best = (share, one)
        if best is None:
            return None
        words = " ".join(notes.lines[number - 1].text.strip() for number in best[1].lines)
        why = words if len(words) <= _LONGEST_WHY else words[: _LONGEST_WHY - 1].rstrip() + "…"
        return ClosingProposal(follow_up=action, lines=best[1].lines, why=why)

    @cached_property
    def _analyzer(self) -> "WordAnalyzer":
        from search.words import WordAnalyzer

        return WordAnalyzer()

    def _words(self, text: str, *, dated_after: datetime.date | None = None) -> list[frozenset[str]]:
        """Return the stems, in both languages, of each word of a text that not every sentence has.

        Args:
            text: Any text.
            dated_after: Leave out its dates, of which those without a year come after this day: who says that
                something is done does not repeat by when it was to be.
        """
        from search.words import is_stop_word

        forms = dict.fromkeys(word.form for word in self._analyzer.words(text))
        if dated_after is not None:
            flat = folded(text)
            dates = find_dates(text, day_first=True, after=dated_after)
            dated = {word for date in dates for word in re.findall(r"\w+", flat[date.start : date.end])}
            forms = {form: None for form in forms if folded(form) not in dated | _BY_WHEN}
        return [self._analyzer.stems_of(form) for form in forms if not is_stop_word(form, None)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """Something that notes say is done."""

    text: str
    lines: tuple[int, ...]
    people: frozenset[str]
    """Those who may have done it, in lower case; empty when nobody is named."""

    def may_be_by(self, owner: str | None) -> bool:
        """Whether nothing says that somebody else did it."""
        if owner is None or not self.people:
            return True
        name = owner.casefold()
        return any(name in one or one in name or name.split()[0] == one.split()[0] for one in self.people)


def _numbers(stems: frozenset[str]) -> frozenset[str]:
    return frozenset(stem for stem in stems if stem.isdecimal())


def _done_actions(summary: NotesSummary) -> Iterator[_Said]:
    for action in summary.actions:
        if action.done:
            yield _Said(text=action.text, lines=action.lines, people=_owner_of(action))


def _owner_of(action: ActionItem) -> frozenset[str]:
    return (
        frozenset()
        if action.owner is None or not action.owner.strip()
        else frozenset([action.owner.casefold()])
    )


def _done_lines(notes: Notes, summary: NotesSummary) -> Iterator[_Said]:
    names = [*summary.present, *summary.absent]
    above: NoteLine | None = None
    for line in notes.lines:
        if line.kind in (LineKind.BLANK, LineKind.RULE, LineKind.CODE, LineKind.META):
            continue
        if line.checked or (line.checked is None and _says_done(line.content)):
            rest = _DONE.sub(" ", line.content)
            lines: tuple[int, ...]
            if above is not None and len(re.findall(r"\w{3,}", rest)) <= _FEW_WORDS:
                text, lines = f"{above.content} {rest}", (above.number, line.number)
            else:
                text, lines = rest, (line.number,)
            yield _Said(text=text, lines=lines, people=_named(text, names))
        above = line


def _says_done(text: str) -> bool:
    return bool(_DONE.search(text)) and not _NOT_DONE.search(text)


def _named(text: str, names: Sequence[str]) -> frozenset[str]:
    """Return those of the meeting's people whom a text names, by their first name at least."""
    words = {word.casefold() for word in re.findall(r"[^\W\d_]+", text)}
    return frozenset(
        name.casefold() for name in names if name.split() and name.split()[0].casefold() in words
    )
