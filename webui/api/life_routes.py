"""The life of practices in JSON: what was tried, what is proposed, what was decided."""

from datetime import UTC, datetime
from typing import Final

from flask import Response, jsonify
from werkzeug.exceptions import BadRequest, Conflict

from community.evidence_rules import Proposal
from connector.model import Page
from connector.store.experiences import LONGEST_CONTEXT, OUTCOMES
from connector.store.experiences import LONGEST_NOTE as LONGEST_EXPERIENCE
from connector.store.status_steps import StatusStep
from webui.api.json_bodies import day_in, own_json_object, text_in, word_in
from webui.api.shapes import Shape, iso
from webui.api.wiki_writing import account_in, wiki_of_asker
from webui.current import current_services
from webui.pages.actor import given_name
from webui.practice_life import (
    ProposalGoneError,
    ShownExperience,
    accept,
    check_note,
    decline,
    due_proposal,
    keep_experience,
    own_experience,
    practice_life,
    practice_page,
    publish_kept,
    read_again,
    review,
)
from webui.rights.readers import current_reader

DECISIONS: Final = ("accepted", "declined", "reviewed")
ACTIONS: Final = ("publish", "remove")
EXPERIENCE_ID_MAX: Final = 2_147_483_647
LONGEST_STATUS: Final = 16


def life(pageid: int) -> Response:
    """`GET /api/v1/practices/<pageid>/life`: what was tried of a practice, as who asks may see it."""
    return jsonify(_life_shape(practice_page(pageid)))


def add(pageid: int) -> tuple[Response, int]:
    """`POST /api/v1/practices/<pageid>/experiences`: keep what who asks has tried."""
    body = own_json_object()
    outcome = word_in(body, "outcome", OUTCOMES)
    context = text_in(body, "context", longest=LONGEST_CONTEXT)
    note = text_in(body, "note", longest=LONGEST_EXPERIENCE)
    tried_on = day_in(body, "tried_on")
    page = practice_page(pageid)
    try:
        keep_experience(
            page, outcome=outcome, context=context, note=note, tried_on=tried_on, name=given_name()
        )
    except ValueError as e:
        raise BadRequest(str(e)) from e
    return jsonify(_life_shape(page)), 201


def change(pageid: int, experience_id: int) -> Response:
    """`POST /api/v1/practices/<pageid>/experiences/<experience_id>`: publish it, or take it back."""
    body = own_json_object()
    action, account = word_in(body, "action", ACTIONS), account_in(body)
    page = practice_page(pageid)
    kept = own_experience(page, experience_id, to_publish=action == "publish")
    if action == "remove":
        current_services().store.experiences.remove(kept.id)
    else:
        with wiki_of_asker(account) as wiki:
            publish_kept(page, kept, wiki)
        read_again()
    return jsonify(_life_shape(page))


def decide(pageid: int) -> Response:
    """`POST /api/v1/practices/<pageid>/status`: take a step, say no to it, or that it still stands."""
    body = own_json_object()
    decision = word_in(body, "decision", DECISIONS)
    to, note = text_in(body, "to", longest=LONGEST_STATUS), text_in(body, "note", longest=1_000)
    account = account_in(body)
    try:
        check_note(note)
    except ValueError as e:
        raise BadRequest(str(e)) from e
    page = practice_page(pageid)
    if decision == "reviewed":
        review(page, note=note)
        return jsonify(_life_shape(page))
    try:
        proposal = due_proposal(page, to=to)
    except ProposalGoneError as e:
        raise Conflict(str(e)) from e
    if decision == "declined":
        decline(page, proposal, note=note)
    else:
        with wiki_of_asker(account) as wiki:
            accept(page, proposal, wiki, note=note)
        read_again()
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
