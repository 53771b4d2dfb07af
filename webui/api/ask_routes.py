"""Whom to ask a question, in JSON: who is proposed, who was asked, and what they say to it."""

from datetime import UTC, datetime

from flask import Response, jsonify
from werkzeug.exceptions import BadRequest, Conflict, Forbidden

from community.asking import Candidate
from connector.errors import NotKeptError
from connector.store import Question
from webui.api.json_bodies import own_json_object
from webui.api.shapes import Shape, iso
from webui.community_list import visible_question
from webui.current import current_services
from webui.language import current_language
from webui.question_people import ShownAsk, asked_people, keep_ask, people_for, visible_ask

LONGEST_NAME = 255
ACTIONS = ("decline", "again", "drop")


def people(question_id: int) -> Response:
    """`GET /api/v1/questions/<id>/people`: whom to ask, and who was asked."""
    return jsonify(_people(visible_question(question_id).question))


def ask(question_id: int) -> tuple[Response, int]:
    """`POST /api/v1/questions/<id>/asks`: keep that somebody was asked; 201, or 200 when they were before."""
    body = own_json_object()
    name, together = body.get("name"), body.get("together", False)
    if not isinstance(name, str) or not name.strip() or len(name) > LONGEST_NAME:
        raise BadRequest('give who was asked: {"name": ...}')
    if not isinstance(together, bool):
        raise BadRequest("together is true or false")
    question = visible_question(question_id).question
    try:
        _, new = keep_ask(question, name, with_pair=together)
    except NotKeptError as e:
        raise Conflict(str(e)) from e
    return jsonify(_people(question)), 201 if new else 200


def change(question_id: int, ask_id: int) -> Response:
    """`POST /api/v1/questions/<id>/asks/<ask_id>`: say no, take that back, or take back the asking."""
    action = own_json_object().get("action")
    if action not in ACTIONS:
        raise BadRequest(f"action is one of {', '.join(ACTIONS)}")
    question = visible_question(question_id).question
    shown = visible_ask(question, ask_id)
    if not (shown.may_take_back if action == "drop" else shown.is_you or shown.may_take_back):
        raise Forbidden("this is for who was asked, who asked them, and coordinators")
    asks, now = current_services().store.asks, datetime.now(UTC)
    if action == "again":
        done = asks.take_back(shown.ask.id)
    else:
        done = asks.end(shown.ask.id, state="dropped" if action == "drop" else "declined", now=now)
    if not done:
        raise Conflict("this is not what it waits for")
    return jsonify(_people(question))


def _people(question: Question) -> Shape:
    """Return `{"question", "candidates", "resting", "asked"}`."""
    found = people_for(question)
    return {
        "question": question.id,
        "candidates": [_candidate(each) for each in found.candidates],
        "resting": found.resting,
        "asked": [_ask(each) for each in asked_people(question)],
    }


def _candidate(candidate: Candidate) -> Shape:
    language = current_language()
    return {
        "name": candidate.person.name,
        "new": candidate.is_new,
        "silent": candidate.is_silent,
        "paired_with": None if candidate.paired_with is None else candidate.paired_with.name,
        "languages": list(candidate.languages),
        "availability": candidate.words,
        "evidence": [
            {"pageid": proof.pageid, "title": proof.title, "url": proof.url, "why": proof.why(language)}
            for proof in candidate.evidence
        ],
    }


def _ask(shown: ShownAsk) -> Shape:
    return {
        "id": shown.ask.id,
        "name": shown.ask.name,
        "asked_at": iso(shown.ask.asked_at),
        "state": shown.ask.state,
        "waits": shown.ask.waits,
        "is_you": shown.is_you,
    }
