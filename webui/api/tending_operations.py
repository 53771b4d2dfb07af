"""The operations of tending the community: newcomers and calls, thanks, contradictions and twins."""

from collections.abc import Mapping
from typing import Any, Final

from connector.errors import (
    IndexBusyError,
    IndexNotBuiltError,
    ModelMismatchError,
    NotKeptError,
    PageNotFoundError,
)
from connector.store.judgements import LONGEST_NOTE, LONGEST_SUBJECT
from webui.api import tending_routes
from webui.api.operation import LARGEST_PAGEID, N_, Body, Operation, Parameter
from webui.community_acts import CALL_REASONS
from webui.rights.roles import Role

_SEARCHING: Final = (IndexNotBuiltError, ModelMismatchError, IndexBusyError)


def _number(name: str, what: str, *, most: int) -> Parameter:
    schema = {"type": "integer", "minimum": 0, "maximum": most}
    return Parameter(name=name, what=what, schema=schema, where="path", required=True, example=1)


def _json(what: str, properties: Mapping[str, Any], *, required: tuple[str, ...]) -> Body:
    schema = {"type": "object", "required": [*required], "properties": properties}
    return Body(what=what, media_types={"application/json": schema})


def _words(words: tuple[str, ...]) -> dict[str, Any]:
    return {"type": "string", "enum": [*words]}


_USER_ID: Final = {"type": "integer", "minimum": 1, "maximum": tending_routes.USER_ID_MAX}

TENDING_OPERATIONS: Final = (
    Operation(
        name="newcomers",
        method="GET",
        path="/api/v1/newcomers",
        subject="community",
        summary=N_("Who has just come, and who could show them around"),
        answer=tending_routes.newcomers,
        answers={200: "newcomers"},
        role=Role.COORDINATOR,
    ),
    Operation(
        name="assign_contact",
        method="POST",
        path="/api/v1/newcomers/<user_id>/contact",
        subject="community",
        summary=N_("Say who shows a newcomer around"),
        description=N_("One of those who could. With null, nobody has to any more."),
        answer=tending_routes.contact,
        answers={200: "newcomers"},
        parameters=(
            _number("user_id", N_("the number of an account in the wiki"), most=tending_routes.USER_ID_MAX),
        ),
        body=_json(
            N_("the number of their account in the wiki"),
            {"contact_id": _USER_ID | {"type": ["integer", "null"]}},
            required=("contact_id",),
        ),
        errors=(NotKeptError, 409),
        role=Role.COORDINATOR,
    ),
    Operation(
        name="called",
        method="POST",
        path="/api/v1/community/calls",
        subject="community",
        summary=N_("Keep that you have called somebody: a newcomer, or who has gone quiet"),
        answer=tending_routes.call,
        answers={204: None},
        body=_json(
            N_("whom, and what they were listed for"),
            {"user_id": _USER_ID, "why": _words(CALL_REASONS)},
            required=("user_id", "why"),
        ),
        errors=(NotKeptError,),
        role=Role.COORDINATOR,
    ),
    Operation(
        name="thank",
        method="POST",
        path="/api/v1/thanks",
        subject="community",
        summary=N_("Keep that you have thanked for an edit, or that nobody is to be thanked for it"),
        description=N_("The thanks themselves are said in the wiki."),
        answer=tending_routes.thank,
        answers={204: None},
        body=_json(
            N_("the edit"),
            {
                "revid": {"type": "integer", "minimum": 1, "maximum": tending_routes.REVID_MAX},
                "verdict": _words(tending_routes.THANKS_VERDICTS),
            },
            required=("revid", "verdict"),
        ),
        errors=(NotKeptError,),
        role=Role.COORDINATOR,
    ),
    Operation(
        name="judge_contradiction",
        method="POST",
        path="/api/v1/contradictions",
        subject="community",
        summary=N_("Judge pages that give opposite advice, or take back what was judged"),
        description=N_(
            "settled: it is settled; none: they do not contradict each other; "
            "meeting: the next meeting is to talk about it."
        ),
        answer=tending_routes.judge,
        answers={204: None},
        body=_json(
            N_("the contradiction, by its key"),
            {
                "key": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": LONGEST_SUBJECT,
                    "pattern": r"\S",
                },
                "verdict": _words(tending_routes.CONTRADICTION_VERDICTS),
                "note": {"type": "string", "maxLength": LONGEST_NOTE},
            },
            required=("key", "verdict"),
        ),
        errors=(*_SEARCHING, NotKeptError),
        role=Role.COORDINATOR,
    ),
    Operation(
        name="judge_twins",
        method="POST",
        path="/api/v1/twins/<french>/<english>",
        subject="community",
        summary=N_("Say that two twins are in step, or that they are no twins"),
        answer=tending_routes.judge_pair,
        answers={204: None},
        parameters=(
            _number("french", N_("the number of the French page"), most=LARGEST_PAGEID),
            _number("english", N_("the number of the English page"), most=LARGEST_PAGEID),
        ),
        body=_json(
            N_("the verdict"), {"verdict": _words(tending_routes.TWIN_VERDICTS)}, required=("verdict",)
        ),
        errors=(*_SEARCHING, PageNotFoundError),
        role=Role.COORDINATOR,
    ),
)
