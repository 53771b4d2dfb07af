"""The rules by which evidence speaks for the next status of a practice, or for a step back.

Forward, what was tried and worked counts, wholly or partly: how often, by how many, in how many places. For
"reference" somebody has gone over the page since it was adopted, and lately. A step back is proposed when
lately more failed than worked, to as many people as the first step forward takes, and when a recommended page
has not been gone over for too long. The numbers are in `community.settings.EvidenceRules`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from community.evidence import Experience, PracticePage, context_key, person_key
from community.settings import MONTH, EvidenceRules
from connector.practice import Status
from connector.store.status_steps import StatusStep

Direction = Literal["forward", "back"]
Missing = Literal["experience", "person", "context", "review"]
Why = Literal["evidence", "counter-evidence", "age"]

_AHEAD: Final = {
    Status.EMERGING: Status.TESTED,
    Status.TESTED: Status.ADOPTED,
    Status.ADOPTED: Status.REFERENCE,
}
_BEHIND: Final = {
    Status.REFERENCE: Status.ADOPTED,
    Status.ADOPTED: Status.TESTED,
    Status.TESTED: Status.EMERGING,
    Status.EMERGING: Status.RETIRED,
}
_ORDER: Final = {status.value: number for number, status in enumerate(Status)}
# An adopted practice of which nothing was heard for so many times `review_months` has grown old.
_OLD: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceCount:
    """What speaks for the next step of a practice, and against it, in numbers.

    What was tried before the last step back does not count any more.
    """

    experiences: int
    """Those that worked, wholly or partly."""
    people: int
    """Who had them; an experience under which no name stands is nobody's."""
    contexts: int
    """Different places where they were had, as they are told."""
    worked: int
    partly: int
    failed: int
    last_on: date | None
    """Day of the newest experience, whatever its outcome."""
    reviewed_on: date | None
    """Day on which somebody last went over the page: said here that it still stands or, of adopted practices
    and references, edited its text in the wiki."""

    def as_json(self) -> dict[str, Any]:
        """Return what is kept with a decision: counts and days, no names."""
        return {
            "experiences": self.experiences,
            "people": self.people,
            "contexts": self.contexts,
            "worked": self.worked,
            "partly": self.partly,
            "failed": self.failed,
            "last_on": self.last_on.isoformat() if self.last_on else None,
            "reviewed_on": self.reviewed_on.isoformat() if self.reviewed_on else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A step that a practice could take."""

    pageid: int
    title: str
    from_status: str
    to_status: str
    direction: Direction
    missing: tuple[Missing, ...]
    """What is still missing; empty: it can be decided now. One new experience would bring all of it, or one
    review."""
    evidence: EvidenceCount
    why: Why
    language: str
    """Code of the language of the page."""

    @property
    def key(self) -> str:
        """Names it, as `community.model.AgendaItem.key` does."""
        return f"{'promotion' if self.direction == 'forward' else 'step_back'} {self.pageid} {self.to_status}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is known of one practice at a moment."""

    page: PracticePage
    told: Sequence[Experience]
    """All that was tried, the oldest first."""
    steps: Sequence[StatusStep]
    """All that was decided, the oldest first."""
    reviewed_on: date | None
    since: datetime | None
    """When it was first seen with its status; None: not yet."""
    now: datetime
    """What is later does not count."""

    @property
    def counting(self) -> list[Experience]:
        """What was tried up to now, and since the last step back: what spoke before it has been heard."""
        back = [
            step.decided_at
            for step in self.steps
            if step.decision in ("accepted", "seen")
            and step.decided_at <= self.now
            and _ORDER.get(step.to_status, 0) < _ORDER.get(step.from_status, 0)
        ]
        told = [each for each in self.told if not is_after(each, self.now)]
        return [each for each in told if is_after(each, max(back))] if back else told

    @property
    def evidence(self) -> EvidenceCount:
        """The same in numbers."""
        return _count(self.counting, reviewed_on=self.reviewed_on)


def proposed_step(case: Case, *, rules: EvidenceRules) -> Proposal | None:
    """Return the step that a practice could take now, or when one more experience or review has come.

    What people said no to is not proposed again until something new was tried, or `review_months` are over.
    """
    evidence = case.evidence
    proposal = _back(case, evidence, rules) or _forward(case, evidence, rules)
    return None if proposal is None or _is_declined(proposal, case, rules) else proposal


def is_after(experience: Experience, moment: datetime) -> bool:
    """Tell whether an experience is newer than a moment; one without any day is not."""
    if experience.said_at is not None:
        return experience.said_at > moment
    return experience.tried_on is not None and experience.tried_on > moment.date()


def _forward(case: Case, evidence: EvidenceCount, rules: EvidenceRules) -> Proposal | None:
    ahead = _AHEAD.get(case.page.status)
    if ahead is None or evidence.failed > evidence.experiences:
        return None
    missing = _missing(ahead, evidence, rules)
    if ahead is Status.REFERENCE and not missing and not _is_reviewed(case, rules):
        missing = ("review",)
    # One experience, by somebody else and somewhere else, brings one of each.
    if len(set(missing)) != len(missing) or (missing and not evidence.experiences):
        return None
    return _proposal(case, ahead, "forward", evidence, missing=missing, why="evidence")


def _missing(ahead: Status, evidence: EvidenceCount, rules: EvidenceRules) -> tuple[Missing, ...]:
    if ahead is Status.TESTED:
        wanted = (rules.tested_experiences, rules.tested_people, 0)
    else:
        wanted = (rules.adopted_experiences, rules.adopted_people, rules.adopted_contexts)
    have = (evidence.experiences, evidence.people, evidence.contexts)
    kinds: tuple[Missing, ...] = ("experience", "person", "context")
    return tuple(
        kind for kind, least, there in zip(kinds, wanted, have, strict=True) for _ in range(least - there)
    )


def _is_reviewed(case: Case, rules: EvidenceRules) -> bool:
    """Tell whether somebody went over an adopted practice since it was adopted, and lately."""
    reviewed = case.reviewed_on
    if reviewed is None or (case.since is not None and reviewed < case.since.date()):
        return False
    return reviewed > (case.now - rules.review_months * MONTH).date()


def _back(case: Case, evidence: EvidenceCount, rules: EvidenceRules) -> Proposal | None:
    status, now = case.page.status, case.now
    behind = _BEHIND.get(status)
    if behind is None:
        return None
    span = rules.review_months * MONTH
    if _fails_lately(case, rules, since=(now - span).date()):
        return _proposal(case, behind, "back", evidence, why="counter-evidence")
    if status is Status.REFERENCE:
        last, limit = evidence.reviewed_on, span
    elif status is Status.ADOPTED:
        days = [day for day in (evidence.reviewed_on, evidence.last_on) if day is not None]
        last, limit = max(days, default=None), _OLD * span
    else:
        return None
    if last is None or last > (now - limit).date():
        return None
    return _proposal(case, behind, "back", evidence, why="age")


def _fails_lately(case: Case, rules: EvidenceRules, *, since: date) -> bool:
    lately = [each for each in case.counting if each.day is None or each.day > since]
    failed = [each for each in lately if each.outcome == "not"]
    worked = sum(each.outcome == "worked" for each in lately)
    # It takes as many people to go a step back as the first step forward takes: one is not enough.
    people = {person_key(each.person) for each in failed if each.person is not None}
    enough = len(failed) >= rules.tested_experiences and len(people) >= rules.tested_people
    return enough and len(failed) > worked


def _is_declined(proposal: Proposal, case: Case, rules: EvidenceRules) -> bool:
    if proposal.missing:
        return False
    said_no = [
        step.decided_at
        for step in case.steps
        if step.decision == "declined"
        and (step.from_status, step.to_status) == (proposal.from_status, proposal.to_status)
        and step.decided_at <= case.now
    ]
    if not said_no or case.now - max(said_no) > rules.review_months * MONTH:
        return False
    return not any(is_after(each, max(said_no)) for each in case.counting)


def _count(some: Sequence[Experience], *, reviewed_on: date | None) -> EvidenceCount:
    counted = [each for each in some if each.outcome != "not"]
    return EvidenceCount(
        experiences=len(counted),
        people=len({person_key(each.person) for each in counted if each.person is not None}),
        contexts=len({key for each in counted if (key := context_key(each.context))}),
        worked=sum(each.outcome == "worked" for each in some),
        partly=sum(each.outcome == "partly" for each in some),
        failed=sum(each.outcome == "not" for each in some),
        last_on=max((each.day for each in some if each.day is not None), default=None),
        reviewed_on=reviewed_on,
    )


def _proposal(
    case: Case,
    to: Status,
    direction: Direction,
    evidence: EvidenceCount,
    *,
    why: Why,
    missing: tuple[Missing, ...] = (),
) -> Proposal:
    page = case.page
    return Proposal(
        pageid=page.head.pageid,
        title=page.head.title,
        from_status=page.status.value,
        to_status=to.value,
        direction=direction,
        missing=missing,
        evidence=evidence,
        why=why,
        language=page.language,
    )
