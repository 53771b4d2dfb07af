"""What is told of a community, as frozen values: people, figures with their evidence, items to talk about.

Figures have the names and definitions of CHAOSS (https://chaoss.community/metrics/) where it has one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may be named: neither a program, nor left out, nor erased."""

    name: str
    """As they are called now."""
    user_id: int | None = None
    """Number of their account in the wiki; None for who is only named on its pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Something that a figure is made of: a page, a question, a follow-up, notes, an edit."""

    kind: Literal["page", "question", "follow_up", "notes", "revision", "person", "search", "meeting"]
    label: str
    """A title or some words, as they stand in their source; data, never markup."""
    id: int | None = None
    """Number of the page, question, follow-up, notes, revision, meeting."""
    when: datetime | date | None = None
    language: str = ""
    """Code of the language of the label, where it is known."""


AgendaKind = Literal[
    "question", "action", "contradiction", "promotion", "step_back", "unwritten", "stale", "newcomer", "free"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaItem:
    """Something that the next meeting should talk about."""

    kind: AgendaKind
    key: str
    """Names it for good, within the community: "question 12", "action 7", "promotion 45 tested"."""
    title: str
    """What it is about: a question's words, a page's title, an action's text; data, never markup."""
    minutes: int
    weight: float
    """How urgent, for the order: larger comes first."""
    evidence: Sequence[Evidence] = ()
    person: Person | None = None
    """Whom it waits for, where it waits for somebody."""
    language: str = ""
    number: int = 0
    """Days since it was asked, days overdue, times searched for or linked to, months since somebody went over
    it, sentences that disagree."""
    status: str = ""
    """Of a promotion or a step back: the status that is proposed."""
    missing: Sequence[str] = ()
    """Of a promotion: what is not there yet (`Proposal.missing`); empty: it can be decided now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Somebody whom the coordinator should call, and why."""

    person: Person
    why: Literal["newcomer", "quiet", "asked_too_often"]
    since: datetime | None
    """First sign of life of a newcomer, last one of who is quiet, last ask of who is asked too often."""
    number: int = 0
    """Of edits in all, or for who is asked too often of asks in the last thirty days."""
    evidence: Sequence[Evidence] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IfTheyLeave:
    """What nobody would know any more if one person left."""

    person: Person
    topics: Sequence[str]
    """Topics that would be orphaned, by name."""
    pages: Sequence[Evidence]
    """Pages that only they know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How contributions are shared in a span of time."""

    months: int
    """Length of the span."""
    contributions: int
    """Edits that are no program's, reverted edits included."""
    people: int
    """Who made them."""
    absence_factor: int
    """CHAOSS Contributor Absence Factor: the fewest people who made half of the contributions."""
    gini: float
    """0: all did the same; near 1: one did everything (Gini 1912, over those who contributed)."""
    carriers: Sequence[Person]
    """The people of the absence factor, by the alphabet: this is no list of the best."""
    carriers_share: float
    """Their part (0..1)."""
    by_month: Sequence[tuple[date, int, int]]
    """First day of each month, contributions, people; oldest first, months without any included."""
    shares: Sequence[float] = ()
    """Each contributor's part (0..1), largest first, without who: the concentration curve is drawn of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What moved since a moment."""

    moment: datetime
    meeting: Evidence | None
    """The meeting it was, where it was one."""
    new_pages: Sequence[Evidence] = ()
    changed_pages: Sequence[Evidence] = ()
    steps: Sequence[Evidence] = ()
    """Pages whose status changed."""
    answered: Sequence[Evidence] = ()
    asked: Sequence[Evidence] = ()
    experiences: Sequence[Evidence] = ()
    done: Sequence[Evidence] = ()
    """Follow-ups that were closed."""
    newcomers: Sequence[Evidence] = ()
