"""What a language model said of one window of notes, as the types of a draft; and windows put together."""

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

from capture.checking import Reason, StatementChecker
from capture.dates import due_date, find_dates
from capture.draft import ActionItem, Decision, NotesSummary, OpenQuestion, Statement, Unsupported
from capture.extraction import PracticeSketch
from capture.lines import folded
from capture.llm_schema import Reply, SaidAction, SaidDecision, SaidPractice
from capture.notes import Notes
from capture.people import clean_name
from connector.practice import FIELDS
from search.language_model import neutral

_MOST_LINES = 12
"""An item that names more lines than these says nothing of where it stands."""
_LONGEST_TEXT = 800
_LONGEST_TITLE = 200
_ALIKE = 0.6
_PROPOSED = re.compile(r"\b(?:propos\w+|suggest\w*|suggere\w*|pourrait|pourrions|could|might)\b|\?\s*$")
_DECIDED = re.compile(
    r"\b(?:resolved|resolution|decid\w+|decision\w*|agreed|adopt\w+|approuv\w+|approved|accept\w+|vot[ee]\w*"
    r"|valid\w+|accord|unanimi\w+|carried|consensus|retenue?s?)\b"
)
_DONE = re.compile(
    r"\b(?:done|fait[es]*|termine\w*|closed|completed|clos\w?|regle\w*|acheve\w*|finished|realise\w*|ok)\b|[✓✔☑✅]"
)
_fold = lru_cache(maxsize=10_000)(folded)
_Any = ActionItem | Decision | OpenQuestion | Statement
_Item = TypeVar("_Item", Statement, ActionItem, Decision, OpenQuestion)


@dataclass(slots=True, kw_only=True)
class Findings:
    """What was found so far, in the order in which it was."""

    titles: list[str] = field(default_factory=list)
    dates: list[datetime.date] = field(default_factory=list)
    people: list[tuple[str, str]] = field(default_factory=list)
    """Role and name."""
    topics: list[tuple[int, str]] = field(default_factory=list)
    """First line and text."""
    actions: list[ActionItem] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    questions: list[OpenQuestion] = field(default_factory=list)
    practices: dict[str, PracticeSketch] = field(default_factory=dict)
    """By the id that the model is told."""
    unsupported: list[Unsupported] = field(default_factory=list)

    def by_field(self) -> Iterator[tuple[str, Sequence["_Any"]]]:
        """Yield what was found and names its lines, by field."""
        yield "actions", self.actions
        yield "decisions", self.decisions
        yield "questions", self.questions
        for sketch in self.practices.values():
            yield from sketch.fields.items()

    @property
    def said(self) -> list["_Any"]:
        """All of `by_field`."""
        return [item for _, items in self.by_field() for item in items]

    def add(self, other: "Findings") -> None:
        """Take in what was found in another window; what both found is there once."""
        self.titles += other.titles
        self.dates += other.dates
        self.people += other.people
        self.topics += other.topics
        self.unsupported += other.unsupported
        self.actions = folded_items([*self.actions, *other.actions])
        self.decisions = folded_items([*self.decisions, *other.decisions])
        self.questions = folded_items([*self.questions, *other.questions])
        for name, sketch in other.practices.items():
            self.add_practice(sketch, name)

    def add_practice(self, sketch: PracticeSketch, name: str = "") -> None:
        """Take in a practice, or what more is told of one that is there: by its id or its title."""
        title = folded(sketch.title)
        same = next((key for key, known in self.practices.items() if folded(known.title) == title), None)
        key = same if same is not None else name if name in self.practices else None
        if key is None:
            self.practices[f"P{len(self.practices) + 1}"] = sketch
            return
        known = self.practices[key]
        fields = {
            each: tuple(folded_items([*known.fields.get(each, ()), *sketch.fields.get(each, ())]))
            for each in FIELDS
            if known.fields.get(each) or sketch.fields.get(each)
        }
        people = tuple(dict.fromkeys((*known.people, *sketch.people)))
        self.practices[key] = PracticeSketch(
            title=known.title, language=known.language, fields=fields, people=people
        )


def folded_items(items: Sequence[_Item]) -> list[_Item]:
    """Return items in the order of their lines, each once: windows overlap, and notes repeat themselves."""
    kept: list[_Item] = []
    keys: list[_Key] = []
    for item in items:
        key = _Key(item)
        place = next((number for number, other in enumerate(keys) if key.is_same(other)), -1)
        if place < 0:
            kept.append(item)
            keys.append(key)
        elif not key.lines <= keys[place].lines:
            lines = tuple(sorted(key.lines | keys[place].lines))
            kept[place] = kept[place].model_copy(update={"lines": lines})
            keys[place] = _Key(kept[place])
    return sorted(kept, key=_first_line)


def _first_line(item: _Any) -> int:
    return item.lines[0] if item.lines else 0


class _Key:
    """What items are compared by."""

    __slots__ = ("lines", "text", "words")

    def __init__(self, item: _Any) -> None:
        self.lines = frozenset(item.lines)
        self.text = _fold(item.text).rstrip(".!")
        self.words = frozenset(self.text.split())

    def is_same(self, other: "_Key") -> bool:
        """Whether both say the same, or nearly so of the same lines."""
        if self.text == other.text:
            return True
        if self.lines.isdisjoint(other.lines):
            return False
        return len(self.words & other.words) >= _ALIKE * len(self.words | other.words)


class WindowReader:
    """Makes types of replies. What names no line of its window is left out, and said to be."""

    def __init__(
        self,
        notes: Notes,
        checker: StatementChecker,
        *,
        summary: NotesSummary,
        language_of: Callable[[str], str],
        withheld: frozenset[int],
    ) -> None:
        """Take what replies are compared with.

        Args:
            notes: what the lines count.
            checker: of these notes.
            summary: what is known of the meeting.
            language_of: tells the language of a text.
            withheld: lines that the model did not get to read, and cannot know.
        """
        self._notes = notes
        self._checker = checker
        self._summary = summary
        self._language_of = language_of
        self._withheld = withheld
        self._out: list[Unsupported] = []
        self._shown = range(0)

    def read(self, reply: Reply, shown: range) -> Findings:
        """Return what a reply says of the lines that were shown."""
        self._shown, self._out = shown, []
        found = Findings()
        title = reply.title and self._said("title", reply.title.text, reply.title.lines)
        if title and len(title[0]) <= _LONGEST_TITLE and self._checker.stands(title[0]):
            found.titles.append(title[0])
        if reply.date is not None and (lines := self._lines(reply.date.lines)):
            found.dates += self._days(reply.date.text, lines)
        for person in reply.people:
            name = clean_name(_plain(person.name))
            lines = self._lines(person.lines)
            if name is not None and lines and self._checker.holds_name(name, lines):
                found.people.append((person.role, name))
            elif person.name.strip():
                self._drop(_plain(person.name), lines, person.role, "name" if lines else "no lines")
        for topic in reply.topics:
            if said := self._said("topics", topic.text, topic.lines):
                found.topics.append((said[1][0], said[0]))
        actions = [self._action(each) for each in reply.actions]
        found.actions = folded_items([one for one in actions if one is not None])
        decisions = [self._decision(each) for each in reply.decisions]
        found.decisions = folded_items([one for one in decisions if one is not None])
        found.questions = folded_items(
            [
                OpenQuestion(text=said[0], lines=said[1])
                for each in reply.questions
                if (said := self._said("questions", each.text, each.lines))
            ]
        )
        for practice in reply.practices:
            if (sketch := self._practice(practice)) is not None:
                key = practice.id if practice.id not in found.practices else ""
                found.practices[key or f"new {len(found.practices)}"] = sketch
        found.unsupported = self._out
        return found

    def is_supported(self, found: Findings) -> bool:
        """Whether the lines hold at least one of the texts that were found."""
        return any(self._reason(each) is None for each in found.said) or any(
            self._checker.stands(text) for _, text in found.topics
        )

    def without_support(self, found: Findings) -> list[Unsupported]:
        """Return all that was found, where the lines hold none of it."""
        told = [
            Unsupported(text=item.text, lines=item.lines, field=name, reason=self._reason(item) or "meaning")
            for name, items in found.by_field()
            for item in items
        ]
        return [*found.unsupported, *told]

    def _reason(self, item: _Any) -> Reason | None:
        return self._checker.check(item.text, item.lines, self._summary.language)

    def _said(self, name: str, text: str, lines: Iterable[int]) -> tuple[str, tuple[int, ...]] | None:
        """Return a text and its lines; None for one that says nothing or names no line."""
        plain = _plain(text)
        if not any(char.isalnum() for char in plain):
            return None
        held = self._lines(lines)
        if not held or len(held) > _MOST_LINES or len(plain) > _LONGEST_TEXT:
            self._drop(plain[:_LONGEST_TEXT], held, name, "no lines" if not held else "meaning")
            return None
        return plain, held

    def _lines(self, lines: Iterable[int]) -> tuple[int, ...]:
        return tuple(sorted({n for n in lines if n in self._shown and n not in self._withheld}))

    def _text(self, lines: tuple[int, ...]) -> str:
        return " ".join(self._notes.lines[number - 1].text for number in lines)

    def _days(self, text: str, lines: tuple[int, ...]) -> list[datetime.date]:
        day = _date(text, day_first=self._summary.language == "fr")
        held = (
            found.date
            for day_first in (True, None)
            for found in find_dates(self._text(lines), day_first=day_first)
        )
        return [day] if day is not None and day in held else []

    def _action(self, said: SaidAction) -> ActionItem | None:
        found = self._said("actions", said.text, said.lines)
        if found is None:
            return None
        text, lines = found
        there = [self._notes.lines[number - 1] for number in lines]
        boxes = [line.checked for line in there if line.checked is not None]
        done = all(boxes) if boxes else said.done and _DONE.search(folded(self._text(lines))) is not None
        french = self._summary.language == "fr"
        due = _date(said.due, day_first=french) if said.due else None
        due = due or due_date(
            self._text(lines), day_first=True if french else None, meeting=self._summary.date
        )
        owner = _plain(said.owner).lstrip("@") if said.owner else None
        return ActionItem(text=text, owner=owner or None, due=due, done=done, lines=lines)

    def _decision(self, said: SaidDecision) -> Decision | None:
        found = self._said("decisions", said.text, said.lines)
        if found is None:
            return None
        there = folded(self._text(found[1]))
        only_proposed = _PROPOSED.search(there) is not None and _DECIDED.search(there) is None
        return Decision(text=found[0], decided=said.decided and not only_proposed, lines=found[1])

    def _practice(self, said: SaidPractice) -> PracticeSketch | None:
        fields: dict[str, list[Statement]] = {}
        for each in said.statements:
            if found := self._said(each.field, each.text, each.lines):
                fields.setdefault(each.field, []).append(Statement(text=found[0], lines=found[1]))
        if not fields:
            return None
        kept = {name: tuple(folded_items(fields[name])) for name in FIELDS if name in fields}
        text = " ".join(one.text for statements in kept.values() for one in statements)
        title = _plain(said.title)[:_LONGEST_TEXT]
        return PracticeSketch(
            title=title or next(iter(kept.values()))[0].text,
            language=self._language_of(text),
            fields=kept,
        )

    def _drop(self, text: str, lines: tuple[int, ...], name: str, reason: Reason) -> None:
        if text:
            self._out.append(Unsupported(text=text[:_LONGEST_TEXT], lines=lines, field=name, reason=reason))


def _plain(text: str) -> str:
    """Return a text on one line, of what a reader sees."""
    return " ".join("".join(c if c.isprintable() else " " for c in neutral(text)).split())


def _date(text: str, *, day_first: bool) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text.strip()[:10])
    except ValueError:
        return next((found.date for found in find_dates(text, day_first=day_first or None)), None)
