"""Tending the community in JSON: newcomers and calls, thanks, contradictions and twins."""

from typing import Any, Final

from flask import Response, jsonify
from werkzeug.exceptions import BadRequest, Conflict

from community.thanks import Verdict
from connector.errors import NotKeptError, PageNotFoundError
from connector.store.judgements import LONGEST_NOTE, LONGEST_SUBJECT
from search import contradictions, twins
from webui.api.json_bodies import number_in, own_json_object, text_in, word_in
from webui.api.meeting_shapes import newcomers_shape
from webui.community_acts import (
    CALL_REASONS,
    TAKE_BACK,
    arrivals,
    assign_contact,
    called,
    end_welcome,
    judge_contradiction,
    judge_thanks,
    judge_twins,
)

USER_ID_MAX: Final = 2_147_483_647
REVID_MAX: Final = 99_999_999_999
THANKS_VERDICTS: Final[tuple[Verdict, ...]] = ("thanked", "pass")
CONTRADICTION_VERDICTS: Final = (*contradictions.VERDICTS, TAKE_BACK)
TWIN_VERDICTS: Final = twins.VERDICTS
_DONE: Final = ("", 204)


def newcomers() -> Response:
    """`GET /api/v1/newcomers`: who has just come, and who could show them around."""
    return jsonify(newcomers_shape(arrivals()))


def contact(user_id: int) -> Response:
    """`POST /api/v1/newcomers/<user_id>/contact`: say who shows a newcomer around, or that nobody has to."""
    body = own_json_object()
    if "contact_id" not in body:
        raise BadRequest('give who shows them around, or null: {"contact_id": ...}')
    if body["contact_id"] is None:
        if not end_welcome(user_id):
            raise Conflict("nobody shows them around")
        return newcomers()
    contact_id = number_in(body, "contact_id", least=1, most=USER_ID_MAX)
    try:
        assign_contact(user_id, contact_id)
    except ValueError as e:
        raise Conflict("nobody shows themselves around") from e
    return newcomers()


def call() -> tuple[str, int]:
    """`POST /api/v1/community/calls`: keep that somebody who was to be called has been."""
    body = own_json_object()
    why = word_in(body, "why", CALL_REASONS)
    if not called(why, number_in(body, "user_id", least=1, most=USER_ID_MAX)):
        raise NotKeptError("nobody of this number is to be called for that")
    return _DONE


def thank() -> tuple[str, int]:
    """`POST /api/v1/thanks`: keep that somebody was thanked for an edit, or is not to be."""
    body = own_json_object()
    verdict = word_in(body, "verdict", THANKS_VERDICTS)
    if not judge_thanks(number_in(body, "revid", least=1, most=REVID_MAX), verdict):
        raise NotKeptError("there is no such edit (any more)")
    return _DONE


def judge() -> tuple[str, int]:
    """`POST /api/v1/contradictions`: judge a contradiction, or open it again."""
    body = own_json_object()
    key, verdict = _key(body), word_in(body, "verdict", CONTRADICTION_VERDICTS)
    if not judge_contradiction(key, verdict, note=text_in(body, "note", longest=LONGEST_NOTE)):
        raise NotKeptError("there are no such sentences (any more)")
    return _DONE


def judge_pair(french: int, english: int) -> tuple[str, int]:
    """`POST /api/v1/twins/<french>/<english>`: say that two pages are in step, or no twins."""
    verdict = word_in(own_json_object(), "verdict", TWIN_VERDICTS)
    if not judge_twins(french, english, verdict):
        raise PageNotFoundError(f"pages {french} and {english} are no twins", pageid=french)
    return _DONE


def _key(body: dict[str, Any]) -> str:
    key = text_in(body, "key", longest=LONGEST_SUBJECT)
    if not key:
        raise BadRequest('give a contradiction: {"key": ...}')
    return key
