"""The community's list in JSON: what was asked and is not answered, asking, and closing with a page."""

from typing import Any

from flask import Response, jsonify, request
from werkzeug.exceptions import BadRequest, Conflict

from community.model import Person
from connector.store.questions import LONGEST_QUESTION
from webui.api.json_bodies import own_json_object, word_in
from webui.api.shapes import Shape, iso
from webui.community_list import (
    ListedQuestion,
    answer_with,
    ask_community,
    check_list,
    credit,
    listed,
    may_close,
    reopen,
    visible_question,
    visible_states,
    withdraw,
)
from webui.current import current_services
from webui.pages.parameters import choice, number, top_k
from webui.question_people import giver_of, givers, may_answer, may_credit
from webui.rights.pages import readable_page, readable_title
from webui.rights.readers import check_role
from webui.rights.roles import Role

QUESTIONS = 20
OFFSET_MAX = 2_000_000
QUESTION_ID_MAX = 999_999_999
LONGEST_TITLE = 255
ACTIONS = ("withdraw", "reopen")
_WANTED = f"give a JSON object; a question has 1 to {LONGEST_QUESTION:,} characters"


def questions() -> Response:
    """`GET /api/v1/questions?state=&top_k=&offset=`: the questions of one state, the newest first."""
    check_list()
    if request.args.get("state") == "withdrawn":
        check_role(Role.COORDINATOR)
    state = choice("state", visible_states())
    wanted = top_k(QUESTIONS)
    offset = number("offset", default=0, least=0, most=OFFSET_MAX)
    store = current_services().store
    total = store.questions.counts()[state]
    found = listed(store.questions.list(state=state, limit=wanted, offset=offset))
    return jsonify({"state": state, "total": total, "questions": [question_shape(each) for each in found]})


def ask() -> tuple[Response, int]:
    """`POST /api/v1/questions`: put a question on the list; status 201, or 200 when it was there."""
    body = own_json_object(_WANTED)
    text = body.get("text")
    if not isinstance(text, str):
        raise BadRequest('give a question: {"text": ...}')
    try:
        asked, new = ask_community(text)
    except ValueError as e:
        raise BadRequest(str(e)) from e
    # One that somebody withdrew is asked anew by this, and so is never hidden here.
    (shown,) = listed([asked])
    return jsonify(question_shape(shown)), 201 if new else 200


def answer(question_id: int) -> Response:
    """`POST /api/v1/questions/<id>/answer`: close a question with the page that answers."""
    body = own_json_object(_WANTED)
    pageid, title = body.get("pageid"), body.get("title", "")
    is_number = type(pageid) is int and 0 <= pageid <= QUESTION_ID_MAX
    is_title = isinstance(title, str) and len(title) <= LONGEST_TITLE
    if not (is_title and (is_number or (pageid is None and title.strip()))):
        raise BadRequest('give the page that answers: {"pageid": ...} or {"title": ...}')
    given = _name_in(body)
    shown = visible_question(question_id)
    if not may_answer(shown):
        check_role(Role.COORDINATOR)
    given_by = _giver(given, shown)
    page = readable_title(title.strip()) if pageid is None else readable_page(pageid)
    if not answer_with(shown.question.id, page, given_by=given_by):
        raise Conflict(f"question {shown.question.id} is not open")
    return jsonify(question_shape(visible_question(shown.question.id)))


def change(question_id: int) -> Response:
    """`POST /api/v1/questions/<id>/status`: take a question off the list, or open it again."""
    action = word_in(own_json_object(), "action", ACTIONS)
    shown = visible_question(question_id)
    if not may_close(shown):
        check_role(Role.COORDINATOR)
    if not (withdraw(question_id) if action == "withdraw" else reopen(question_id)):
        raise Conflict(f"question {question_id} is {shown.question.state}")
    return jsonify(question_shape(visible_question(question_id)))


def name_giver(question_id: int) -> Response:
    """`POST /api/v1/questions/<id>/giver`: say who gave the answer, or that nobody is to be named."""
    body = own_json_object()
    if "given_by" not in body:
        raise BadRequest('give who gave the answer, or null: {"given_by": ...}')
    given = _name_in(body)
    shown = visible_question(question_id)
    if not may_credit(shown):
        check_role(Role.COORDINATOR)
    if not credit(question_id, _giver(given, shown)):
        raise Conflict(f"question {question_id} is not answered")
    return jsonify(question_shape(visible_question(question_id)))


def _name_in(body: dict[str, Any]) -> str | None:
    given = body.get("given_by")
    if given is not None and not (isinstance(given, str) and len(given) <= LONGEST_TITLE):
        raise BadRequest("given_by is the name of who gave the answer")
    return given


def _giver(name: str | None, shown: ListedQuestion) -> Person | None:
    if name is None:
        return None
    found = next((each for each in givers(shown.question) if each.name == name), None)
    if found is None:
        raise Conflict("given_by is who was asked, or oneself")
    return found


def question_shape(shown: ListedQuestion) -> Shape:
    """Return `{"id", "state", "language", "text", "asked_at", "asked_by", "closed_at", "answer", ...}`."""
    asked, page = shown.question, shown.answer
    giver = giver_of(asked)
    site = current_services().store.site.get()
    return {
        "id": asked.id,
        "state": asked.state,
        "language": asked.language,
        "text": asked.text,
        "asked_at": iso(asked.asked_at),
        "asked_by": shown.asker or None,
        "closed_at": iso(asked.closed_at),
        "answered_by": None if giver is None else giver.name,
        "answer": None
        if page is None or site is None
        else {"pageid": page.pageid, "title": page.title, "url": site.page_url(page.title)},
    }
