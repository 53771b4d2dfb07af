"""Where practices stand in their life: what the evidence proposes, and the coordinators' decisions."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from community.evidence import Experience
from community.evidence_rules import Proposal
from connector.errors import CaptureError, ConnectorError
from connector.store.status_steps import StatusStep
from webui.current import current_services
from webui.errors import Trouble
from webui.pages.community_words import missing_names
from webui.pages.display import day, status_name
from webui.pages.experiences import told_again, trouble_with_wiki
from webui.pages.own_publishing import CredentialsWantedError, own_wiki
from webui.pages.practice import practice_answer
from webui.practice_life import (
    ProposalGoneError,
    accept,
    check_note,
    decline,
    due_proposal,
    practice_page,
    read_again,
    review,
)
from webui.rights.readers import current_reader, require
from webui.rights.roles import Role

LATEST: Final = 30
"""Decisions that are listed."""
_LOOKED_BACK: Final = timedelta(days=366)
DECISION_NAMES: Final = {
    "accepted": lazy_gettext("decided"),
    "declined": lazy_gettext("declined"),
    "seen": lazy_gettext("changed in the wiki"),
    "reviewed": lazy_gettext("reviewed: it still stands"),
}
_GONE = Trouble(
    status=409,
    heading=lazy_gettext("This step is not proposed any more"),
    advice=lazy_gettext("Somebody has decided it, or something new was tried. Nothing was changed."),
)
_TOO_LONG = Trouble(status=400, heading=lazy_gettext("The note is too long"))
_ACTIONS: Final = ("accept", "decline", "review")
_Answer = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedProposal:
    """A proposal, and what was tried last."""

    proposal: Proposal
    experiences: tuple[Experience, ...]
    """The newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedStep:
    """A decision, and the title of its practice."""

    step: StatusStep
    title: str


def add_to(blueprint: Blueprint) -> None:
    """Register these pages."""
    blueprint.add_url_rule("/community/practices", "community_practices", practices)
    blueprint.add_url_rule(
        "/practices/<int(max=999999999):pageid>/status", "decide_status", decide, methods=["POST"]
    )
    blueprint.add_app_template_filter(proposal_reason, "proposal_reason")
    blueprint.add_app_template_filter(decision_name, "decision_name")


def decision_name(decision: str) -> str:
    """Return the words for a decision."""
    return str(DECISION_NAMES.get(decision, decision))


def proposal_reason(proposal: Proposal) -> str:
    """Say what speaks for a step, or what is still missing."""
    evidence = proposal.evidence
    if proposal.missing:
        return str(gettext("Still missing: %(missing)s.", missing=missing_names(proposal.missing)))
    if proposal.why == "age" and evidence.reviewed_on is not None:
        return str(gettext("Nobody has gone over it since %(date)s.", date=day(evidence.reviewed_on)))
    if proposal.why == "counter-evidence":
        return str(
            ngettext(
                "Lately it failed more often than it worked: %(num)d time in all.",
                "Lately it failed more often than it worked: %(num)d times in all.",
                evidence.failed,
            )
        )
    if proposal.to_status == "reference":
        return str(gettext("Adopted, and gone over since: it could be recommended to everybody."))
    return str(
        ngettext(
            "It worked, wholly or in part, for %(num)d person: %(times)s times.",
            "It worked, wholly or in part, for %(num)d people: %(times)s times.",
            evidence.people,
            times=evidence.experiences,
        )
    )


@require(Role.COORDINATOR)
def practices() -> str:
    """List what can be decided, what is nearly there, and what was decided lately."""
    services, reader = current_services(), current_reader()
    now = datetime.now(UTC)
    proposals = services.life_cycle.proposals(now=now, readable=reader.readable)
    told = services.experiences.of([each.pageid for each in proposals], reader.readable)
    listed = [
        ListedProposal(proposal=each, experiences=tuple(reversed(told.get(each.pageid, ()))))
        for each in proposals
    ]
    known = services.practice_pages.readable(reader.readable)
    latest = services.life_cycle.decisions_since(now - _LOOKED_BACK, readable=reader.readable)
    return render_template(
        "community_practices.html",
        due=[each for each in listed if not each.proposal.missing],
        short=[each for each in listed if each.proposal.missing],
        latest=[
            ListedStep(step=each, title=known[each.pageid].head.title)
            for each in reversed(latest[-LATEST:])
            if each.pageid in known  # what may be read can have changed between the two
        ],
        rules=services.community_settings.rules,
        can_publish=services.can_publish,
    )


@require(Role.COORDINATOR)
def decide(pageid: int) -> _Answer:
    """Take a step that is proposed, say no to it, or say that the practice still stands."""
    page = practice_page(pageid)
    action, note = request.form.get("action", ""), request.form.get("note", "").strip()
    if action not in _ACTIONS:
        raise BadRequest(f"there is no action {action[:20]}")
    try:
        check_note(note)
    except ValueError as e:
        return practice_answer(page.pageid, trouble=_TOO_LONG, detail=str(e))
    try:
        if action == "review":
            review(page, note=note)
            flash(gettext("Noted: “%(title)s” still stands.", title=page.title))
            return _back(pageid)
        proposal = due_proposal(page, to=request.form.get("to", ""))
        if action == "decline":
            decline(page, proposal, note=note)
            flash(gettext("Noted. It is not proposed again until something new was tried."))
            return _back(pageid)
        with own_wiki() as wiki:
            accept(page, proposal, wiki, note=note)
    except ProposalGoneError:
        return practice_answer(page.pageid, trouble=_GONE)
    except (CaptureError, ConnectorError, CredentialsWantedError) as e:
        return told_again(page, e, trouble=trouble_with_wiki)
    read_again()
    flash(
        gettext("“%(title)s” is “%(status)s” now.", title=page.title, status=status_name(proposal.to_status))
    )
    return _back(pageid)


def _back(pageid: int) -> Response:
    if request.form.get("from") == "list":
        return redirect(url_for("pages.community_practices"), 303)
    return redirect(url_for("pages.practice", pageid=pageid, _anchor="tried"), 303)
