"""The life of practices in JSON: what was tried, what is proposed, what was decided."""

from datetime import UTC, date, datetime
from typing import Any, Final

from flask import Response, jsonify
from werkzeug.exceptions import BadRequest, Conflict

from community.evidence_rules import Proposal
from connector.model import Page
from connector.store.experiences import LONGEST_CONTEXT, OUTCOMES
from connector.store.experiences import LONGEST_NOTE as LONGEST_EXPERIENCE
from connector.store.status_steps import StatusStep
from webui.api.json_bodies import own_json_object
from webui.api.shapes import Shape, iso
from webui.current import current_services
from webui.pages.actor import given_name
from webui.practice_life import (
    ProposalGoneError,
    ShownExperience,
    check_note,
    decline,
    due_proposal,
    keep_experience,
    practice_life,
    practice_page,
    review,
)
from webui.rights.readers import current_reader

DECISIONS: Final = ("declined", "reviewed")


def life(pageid: int) -> Response:
    """`GET /api/v1/practices/<pageid>/life`: what was tried of a practice, as who asks may see it."""
    return jsonify(_life_shape(practice_page(pageid)))


def add(pageid: int) -> tuple[Response, int]:
    """`POST /api/v1/practices/<pageid>/experiences`: keep what who asks has tried."""
    body = own_json_object()
    outcome = next((each for each in OUTCOMES if each == body.get("outcome")), None)
    if outcome is None:
        raise BadRequest(f'give how it went: {{"outcome": one of {", ".join(OUTCOMES)}}}')
    context = _text(body, "context", longest=LONGEST_CONTEXT)
    note = _text(body, "note", longest=LONGEST_EXPERIENCE)
    tried_on = _day(body)
    page = practice_page(pageid)
    try:
        keep_experience(
            page, outcome=outcome, context=context, note=note, tried_on=tried_on, name=given_name()
        )
    except ValueError as e:
        raise BadRequest(str(e)) from e
    return jsonify(_life_shape(page)), 201


def decide(pageid: int) -> Response:
    """`POST /api/v1/practices/<pageid>/status`: say no to a step, or that a practice still stands."""
    body = own_json_object()
    decision = body.get("decision")
    if decision not in DECISIONS:
        raise BadRequest(f'give a decision: {{"decision": one of {", ".join(DECISIONS)}}}')
    to, note = _text(body, "to", longest=16), _text(body, "note", longest=1_000)
    try:
        check_note(note)
    except ValueError as e:
        raise BadRequest(str(e)) from e
    page = practice_page(pageid)
    if decision == "reviewed":
        review(page, note=note)
    else:
        try:
            decline(page, due_proposal(page, to=to), note=note)
        except ProposalGoneError as e:
            raise Conflict(str(e)) from e
    return jsonify(_life_shape(page))


def steps() -> Response:
    """`GET /api/v1/community/practices`: steps that are proposed, those to decide now first."""
    readable = current_reader().readable
    proposals = current_services().life_cycle.proposals(now=datetime.now(UTC), readable=readable)
    return jsonify({"proposals": [_proposal_shape(each) for each in proposals]})


def _life_shape(page: Page) -> Shape:
    known = practice_life(page)
    return {
        "pageid": page.pageid,
        "title": page.title,
        "experiences": [_experience_shape(each) for each in known.experiences],
        "evidence": known.evidence.as_json(),
        "proposal": _proposal_shape(known.proposal) if known.proposal is not None else None,
        "steps": [_step_shape(each) for each in known.steps],
    }


def _experience_shape(shown: ShownExperience) -> Shape:
    one = shown.experience
    return {
        "id": one.id,
        "person": shown.name or None,
        "outcome": one.outcome,
        "context": one.context,
        "note": one.note,
        "tried_on": one.day.isoformat() if one.day else None,
        "published": one.published,
    }


def _proposal_shape(proposal: Proposal) -> Shape:
    return {
        "pageid": proposal.pageid,
        "title": proposal.title,
        "from": proposal.from_status,
        "to": proposal.to_status,
        "direction": proposal.direction,
        "why": proposal.why,
        "missing": list(proposal.missing),
        "evidence": proposal.evidence.as_json(),
    }


def _step_shape(step: StatusStep) -> Shape:
    return {
        "from": step.from_status,
        "to": step.to_status,
        "decision": step.decision,
        "decided_at": iso(step.decided_at),
        "decided_by": step.decider or None,
        "note": step.note,
    }


def _text(body: dict[str, Any], name: str, *, longest: int) -> str:
    text = body.get(name, "")
    if not isinstance(text, str) or len(text) > longest:
        raise BadRequest(f"{name} is a text of {longest:,} characters at most")
    return text.strip()


def _day(body: dict[str, Any]) -> date | None:
    text = body.get("tried_on")
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError) as e:
        raise BadRequest("tried_on is a day like 2026-01-31") from e
