"""The life of a practice as who asks may see it: what was tried, what it speaks for, what was decided.

And what they may do: say what they tried, put it on the page in the wiki, decide on the next status.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from community.evidence import Experience
from community.evidence_rules import EvidenceCount, Proposal
from connector.errors import CaptureError, CompagnonError, NotKeptError, PageNotFoundError
from connector.model import Page, Site
from connector.practice import Status
from connector.practice_experiences import PageExperience, experience_call, known_language, practice_of
from connector.store.experiences import KeptExperience, Outcome
from connector.store.status_steps import LONGEST_NOTE, Decision, StatusStep
from connector.wikitext import one_line
from webui.current import current_services
from webui.rights.pages import readable_page
from webui.rights.readers import current_reader
from webui.rights.roles import Role

if TYPE_CHECKING:
    from capture.practice_edits import PracticeEditor

logger = logging.getLogger(__name__)

# What speaks for a step, in the wiki's own language: it is said in the summary of the edit.
_EVIDENCE = {
    "en": "worked {worked}, partly {partly}, did not work {failed}; people {people}",
    "fr": "réussies {worked}, en partie {partly}, échecs {failed} ; personnes {people}",
}
_AGE = {
    "en": "nobody has gone over it for long",
    "fr": "personne ne l’a relue depuis longtemps",
}


class ProposalGoneError(CompagnonError):
    """A step that is not proposed any more: it was decided, or something new speaks against it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownExperience:
    """Something that somebody tried, as who asks may see it."""

    experience: Experience
    name: str
    """Who tried it; empty where that is not told."""
    may_change: bool
    """Whether who asks may take it back: their own, and for coordinators any that is kept here."""
    may_publish: bool
    """Whether who asks may put it on the page in the wiki."""
    wikitext: str
    """To be copied to the page by hand; empty where they may not publish it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeLife:
    """The life of one practice."""

    experiences: Sequence[ShownExperience]
    """The newest first."""
    evidence: EvidenceCount
    proposal: Proposal | None
    steps: Sequence[StatusStep]
    """Decisions, the newest first; nobody is named before visitors."""


def practice_page(pageid: int) -> Page:
    """Return the page of a practice.

    Raises:
        PageNotFoundError: there is no such page, it is no practice, or who asks may not read it.
    """
    page = readable_page(pageid)
    site = current_services().site()
    if site is None or practice_of(page.title, page.wikitext, site=site) is None:
        raise PageNotFoundError(f"no page {pageid} in the mirror", pageid=pageid)
    return page


def practice_life(page: Page, *, now: datetime | None = None) -> PracticeLife:
    """Return the life of a practice that who asks may read.

    Raises:
        PageNotFoundError: the mirror has it no more.
    """
    services, reader = current_services(), current_reader()
    site, moment = services.site(), now or datetime.now(UTC)
    told = services.experiences.of([page.pageid], reader.readable).get(page.pageid, [])
    life_cycle = services.life_cycle
    steps = life_cycle.history(page.pageid)
    if reader.role < Role.MEMBER:
        steps = [_nameless(step) for step in steps]
    return PracticeLife(
        experiences=[_shown(each, site=site) for each in reversed(told)],
        evidence=life_cycle.evidence(page.pageid, now=moment, readable=reader.readable),
        proposal=life_cycle.proposal(page.pageid, now=moment, readable=reader.readable),
        steps=steps[::-1],
    )


def keep_experience(
    page: Page, *, outcome: Outcome, context: str, note: str, tried_on: date | None, name: str
) -> KeptExperience:
    """Keep what who asks has tried.

    Args:
        page: the practice.
        outcome: how it went.
        context: where.
        note: what they say of it.
        tried_on: the day; None for the day that it is.
        name: how they call themselves, where nobody signs in.

    Raises:
        ValueError: a text is too long, or the day has not come yet.
    """
    account = current_reader().account
    if tried_on is not None and tried_on > datetime.now(UTC).date():
        raise ValueError("a day that has not come yet")
    return current_services().store.experiences.add(
        page.pageid,
        outcome,
        account_id=account.id if account is not None else None,
        name=name,
        context=context,
        note=note,
        tried_on=tried_on,
    )


def own_experience(page: Page, experience_id: int, *, to_publish: bool = False) -> KeptExperience:
    """Return an experience that who asks may take back or, of those not published yet, put on the page.

    Raises:
        NotKeptError: there is none of this practice with this number, or it is another one's.
    """
    kept = current_services().store.experiences.get(experience_id)
    allowed = _is_theirs(kept.account_id) if to_publish else _may_change(kept.account_id)
    if kept.pageid != page.pageid or not allowed:
        raise NotKeptError(f"there is no experience {experience_id}")
    return kept


def publish_kept(page: Page, kept: KeptExperience, wiki: "PracticeEditor") -> None:
    """Put an experience on the page in the wiki, under the account that `wiki` is asked with.

    Raises:
        CaptureError: the wiki has no template that shows it, or the page no place for it.
        ConnectorError: as `capture.practice_edits.publish_experience`.
    """
    from capture.practice_edits import experience_template, has_experience_template, publish_experience

    site = _site()
    if not has_experience_template(wiki, site=site):
        title = experience_template(site)
        raise CaptureError(f"the wiki has no page “{title}”, which shows it: `compagnon wiki-setup` makes it")
    told, day = _on_page(kept), kept.tried_on or kept.created_at.date()
    saved = publish_experience(wiki, page.pageid, told, day=day, site=site)
    if saved is not None:
        current_services().store.experiences.mark_published(kept.id, revid=saved.revid)


def due_proposal(page: Page, *, to: str) -> Proposal:
    """Return the step that can be decided now.

    Raises:
        ProposalGoneError: there is none to this status any more.
    """
    readable = current_reader().readable
    proposal = current_services().life_cycle.proposal(page.pageid, now=datetime.now(UTC), readable=readable)
    if proposal is None or proposal.missing or proposal.to_status != to:
        raise ProposalGoneError(f"“{page.title}” is not proposed for “{to[:20]}” any more")
    return proposal


def accept(page: Page, proposal: Proposal, wiki: "PracticeEditor", *, note: str) -> StatusStep:
    """Change the status in the wiki, under the account that `wiki` is asked with, and keep the decision.

    Raises:
        ValueError: the note is too long.
        CaptureError, ConnectorError: as `capture.practice_edits.publish_status`.
    """
    from capture.practice_edits import publish_status

    check_note(note)  # before anything is written
    site = _site()
    saved = publish_status(
        wiki,
        page.pageid,
        expected=Status(proposal.from_status),
        status=Status(proposal.to_status),
        evidence=evidence_words(proposal, wiki_language=site.language),
        site=site,
    )
    before, after = proposal.from_status, proposal.to_status
    return _record(page, before, after, "accepted", proposal.evidence, note, saved.revid)


def check_note(note: str) -> None:
    """Make sure that a note on a decision can be kept.

    Raises:
        ValueError: it is too long.
    """
    if len(one_line(note)) > LONGEST_NOTE:
        raise ValueError(f"a note has at most {LONGEST_NOTE} characters")


def decline(page: Page, proposal: Proposal, *, note: str) -> StatusStep:
    """Keep that people do not want a step; it is not proposed again until something new was tried.

    Raises:
        ValueError: the note is too long.
    """
    return _record(page, proposal.from_status, proposal.to_status, "declined", proposal.evidence, note)


def review(page: Page, *, note: str) -> StatusStep:
    """Keep that somebody has gone over a practice, and that it still stands as it is.

    Raises:
        ValueError: the note is too long.
    """
    services = current_services()
    readable = current_reader().readable
    evidence = services.life_cycle.evidence(page.pageid, now=datetime.now(UTC), readable=readable)
    practice = practice_of(page.title, page.wikitext, site=_site())
    status = practice.status.value if practice is not None else Status.EMERGING.value
    return _record(page, status, status, "reviewed", evidence, note)


def read_again() -> bool:
    """Bring mirror and index in step with what was written in the wiki, and say whether that went well."""
    try:
        current_services().refresh()
    except CompagnonError as e:
        logger.warning("what was written in the wiki is not found yet: %s", e)
        return False
    return True


def evidence_words(proposal: Proposal, *, wiki_language: str) -> str:
    """Return what speaks for a step in a few words of the wiki's language, for the summary of an edit."""
    language = known_language(wiki_language)
    if proposal.why == "age":
        return _AGE[language]
    evidence = proposal.evidence
    return _EVIDENCE[language].format(
        worked=evidence.worked, partly=evidence.partly, failed=evidence.failed, people=evidence.people
    )


def _record(
    page: Page,
    before: str,
    after: str,
    decision: Decision,
    evidence: EvidenceCount,
    note: str,
    revid: int | None = None,
) -> StatusStep:
    account = current_reader().account
    return current_services().store.status_steps.record(
        page.pageid,
        before,
        after,
        decision,
        decided_by=account.id if account is not None else None,
        revid=revid,
        evidence=evidence.as_json(),
        note=note,
    )


def _shown(experience: Experience, *, site: Site | None) -> ShownExperience:
    """Return an experience as who asks may see it: before visitors, what is not in the wiki has no name."""
    reader = current_reader()
    person = experience.person
    named = person is not None and (experience.published or reader.role >= Role.MEMBER)
    here = experience.id is not None
    may_publish = here and not experience.published and _is_theirs(experience.account_id)
    wikitext = ""
    if may_publish and site is not None:
        told = PageExperience(
            outcome=experience.outcome,
            by=person.name if person is not None else "",
            on=experience.day,
            context=experience.context,
            note=experience.note,
        )
        wikitext = experience_call(told, wiki_language=site.language)
    return ShownExperience(
        experience=experience,
        name=person.name if person is not None and named else "",
        may_change=here and not experience.published and _may_change(experience.account_id),
        may_publish=may_publish,
        wikitext=wikitext,
    )


def _is_theirs(account_id: int | None) -> bool:
    """Whether something is of who asks; what was said where nobody signed in is of every member."""
    account = current_reader().account
    if account_id is None:
        return current_reader().role >= Role.MEMBER
    return account is not None and account.id == account_id


def _may_change(account_id: int | None) -> bool:
    return _is_theirs(account_id) or current_reader().role >= Role.COORDINATOR


def _on_page(kept: KeptExperience) -> PageExperience:
    return PageExperience(
        outcome=kept.outcome,
        by=kept.name,
        on=kept.tried_on or kept.created_at.date(),
        context=kept.context,
        note=kept.note,
    )


def _nameless(step: StatusStep) -> StatusStep:
    return replace(step, decider="", decided_by=None, decider_user_id=None, note="")


def _site() -> Site:
    site = current_services().site()
    if site is None:
        raise CaptureError("the wiki is not known yet: run `compagnon sync`")
    return site
