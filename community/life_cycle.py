"""How practices come of age: emerging, tested, adopted, reference, retired; evidence proposes, people decide.

See `community.evidence_rules` for what is proposed when. Nothing is changed by itself: a person edits the
status in the wiki (`webui.pages.life_cycle`, or by hand), and what became of it is kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from community.evidence import Experiences, PracticePage, PracticePages
from community.evidence_rules import Case, EvidenceCount, Proposal, proposed_step
from community.settings import EvidenceRules
from connector.errors import PageNotFoundError
from connector.model import Revision
from connector.practice import Status
from connector.store import Store
from connector.store.status_steps import SeenStatus, StatusStep
from search.people import PeopleFilter
from search.readable import Readable

__all__ = ["EvidenceCount", "LifeCycle", "Proposal", "observe"]

# Only of what may have grown old, or come of age, has anybody to know when its text was last gone over.
_REVIEWED = frozenset([Status.ADOPTED, Status.REFERENCE])


class LifeCycle:
    """Knows which steps the evidence speaks for. Safe to share between threads.

    Args:
        store: the mirror, and what was decided.
        experiences: what was tried.
        people: knows whose edits count.
        rules: what each step needs.
    """

    def __init__(
        self, store: Store, experiences: Experiences, people: PeopleFilter, *, rules: EvidenceRules
    ) -> None:
        self._store = store
        self._experiences = experiences
        self._people = people
        self.rules = rules

    def proposals(self, *, now: datetime, readable: Readable | None = None) -> list[Proposal]:
        """Return the steps that can be decided now, then those that are one experience or one review short.

        Steps back come before steps forward, and of these the ones with more experiences first.

        Args:
            now: the moment at which they are counted; aware.
            readable: who asks; nothing is told of a practice that they may not read.
        """
        practices = self._experiences.pages.readable(readable)
        found = (proposed_step(case, rules=self.rules) for case in self._cases(practices, now, readable))
        return sorted(filter(None, found), key=_order)

    def proposal(self, pageid: int, *, now: datetime, readable: Readable | None = None) -> Proposal | None:
        """Return the step that one practice could take, as `proposals` has it; None when there is none."""
        page = self._experiences.pages.readable(readable).get(pageid)
        if page is None:
            return None
        (case,) = self._cases({pageid: page}, now, readable)
        return proposed_step(case, rules=self.rules)

    def evidence(self, pageid: int, *, now: datetime, readable: Readable | None = None) -> EvidenceCount:
        """Return what speaks for and against the next step of a practice.

        Raises:
            PageNotFoundError: there is no such practice, or who asks may not read it.
        """
        page = self._experiences.pages.readable(readable).get(pageid)
        if page is None:
            raise PageNotFoundError(f"no practice {pageid} in the mirror", pageid=pageid)
        (case,) = self._cases({pageid: page}, now, readable)
        return case.evidence

    def history(self, pageid: int) -> list[StatusStep]:
        """Return what was decided of a practice, and what changed in the wiki, oldest first.

        Whoever may not be named is not: the decision stays. Ask first whether the page may be read.
        """
        return [self._nameable(step) for step in self._store.status_steps.of_page(pageid)]

    def steps_since(self, moment: datetime, *, readable: Readable | None = None) -> list[StatusStep]:
        """Return the steps that practices took after a moment, here or in the wiki, oldest first."""
        decided = self.decisions_since(moment, readable=readable)
        return [step for step in decided if step.decision in ("accepted", "seen")]

    def decisions_since(self, moment: datetime, *, readable: Readable | None = None) -> list[StatusStep]:
        """Return all that was decided after a moment, what was declined and reviewed too, oldest first."""
        decided = self._store.status_steps.since(moment)
        known = self._experiences.pages.readable(readable) if decided else {}
        return [self._nameable(step) for step in decided if step.pageid in known]

    def observe(self, now: datetime) -> int:
        """Note which status each practice has now: see `community.life_cycle.observe`."""
        return observe(self._store, self._experiences.pages, now=now)

    def _cases(
        self, practices: Mapping[int, PracticePage], now: datetime, readable: Readable | None
    ) -> list[Case]:
        told = self._experiences.of(practices.keys(), readable)
        decided = self._store.status_steps.of_pages(sorted(practices))
        seen = self._store.status_steps.seen()
        aged = sorted(number for number, page in practices.items() if page.status in _REVIEWED)
        histories = self._store.revisions.of_pages(aged)
        kept = self._store.experiences.of_pages(aged)
        cases = []
        for number, page in practices.items():
            steps = decided.get(number, ())
            # Whoever adds an experience, or changes the status, has not gone over the text.
            others = {each.revid for each in kept.get(number, ())}
            others |= {step.revid for step in steps if step.decision in ("accepted", "seen")}
            edits = [each for each in histories.get(number, ()) if each.revid not in others]
            cases.append(
                Case(
                    page=page,
                    told=told.get(number, ()),
                    steps=steps,
                    reviewed_on=self._reviewed_on(edits, steps, now),
                    since=seen[number].since if number in seen else None,
                    now=now,
                )
            )
        return cases

    def _reviewed_on(
        self, edits: Sequence[Revision], steps: Sequence[StatusStep], now: datetime
    ) -> date | None:
        moments = [
            each.timestamp
            for each in edits
            if not each.minor and each.user and self._people.is_person(each.user, each.user_id)
        ]
        moments += [step.decided_at for step in steps if step.decision == "reviewed"]
        last = max((moment for moment in moments if moment <= now), default=None)
        return last.astimezone(UTC).date() if last is not None else None

    def _nameable(self, step: StatusStep) -> StatusStep:
        if not step.decider or self._people.is_person(step.decider, step.decider_user_id):
            return step
        return replace(step, decider="", decided_by=None, decider_user_id=None)


def observe(store: Store, pages: PracticePages, *, now: datetime) -> int:
    """Note which status each practice has now; to be called at the end of a round of sync.

    A change that was not made here was made in the wiki by hand: it becomes a step that was "seen". A
    practice that is seen for the first time has taken no step. Nothing is written when nothing changed.

    Args:
        store: the mirror, and what was decided.
        pages: the practices of the mirror.
        now: aware; no page is newer than that.

    Returns:
        How many steps were seen.
    """
    practices = pages.all()
    seen = store.status_steps.seen()
    new = {
        number: page
        for number, page in practices.items()
        if number not in seen or (seen[number].status, seen[number].revid) != _state(page)
    }
    changed = [number for number, page in new.items() if _has_changed(page, seen.get(number))]
    decided = store.status_steps.of_pages(changed)
    statuses: list[SeenStatus] = []
    steps: list[tuple[int, str, str, datetime, int]] = []
    for number, page in new.items():
        before, when = seen.get(number), min(page.timestamp, now)
        status, revid = _state(page)
        stays = before is not None and before.status == status
        since = before.since if before is not None and stays else when
        statuses.append(SeenStatus(pageid=number, status=status, revid=revid, since=since))
        if before is None or stays or _made_here(decided.get(number, ()), page, since=before.revid):
            continue
        steps.append((number, before.status, status, when, revid))
    store.status_steps.see(statuses, gone=seen.keys() - practices.keys(), steps=steps)
    return len(steps)


def _order(proposal: Proposal) -> tuple[bool, bool, int, str]:
    return (
        bool(proposal.missing),
        proposal.direction == "forward",
        -proposal.evidence.experiences,
        proposal.title,
    )


def _state(page: PracticePage) -> tuple[str, int]:
    return page.status.value, page.head.revid


def _has_changed(page: PracticePage, before: SeenStatus | None) -> bool:
    return before is not None and before.status != page.status.value


def _made_here(steps: Sequence[StatusStep], page: PracticePage, *, since: int) -> bool:
    """Tell whether the step to the status that a practice has now was decided here, after a revision."""
    return any(
        step.decision == "accepted"
        and step.to_status == page.status.value
        and step.revid is not None
        and since < step.revid <= page.head.revid
        for step in steps
    )
