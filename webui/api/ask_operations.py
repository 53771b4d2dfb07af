"""The operations about whom to ask a question."""

from typing import Final

from connector.errors import NotKeptError
from webui.api import ask_routes, question_routes
from webui.api.operation import N_, Body, Operation, Parameter
from webui.rights.roles import Role


def _number(name: str, what: str) -> Parameter:
    return Parameter(
        name=name,
        what=what,
        schema={"type": "integer", "minimum": 0, "maximum": question_routes.QUESTION_ID_MAX},
        where="path",
        required=True,
        example=1,
    )


_QUESTION = _number("question_id", N_("the number of a question"))

ASK_OPERATIONS: Final = (
    Operation(
        name="question_people",
        method="GET",
        path="/api/v1/questions/<question_id>/people",
        subject="questions",
        summary=N_("Whom to ask a question, and who was asked"),
        description=N_("Nobody who was asked as often as they want in thirty days, or who pauses."),
        answer=ask_routes.people,
        answers={200: "question-people"},
        parameters=(_QUESTION,),
        errors=(NotKeptError,),
        role=Role.MEMBER,
    ),
    Operation(
        name="keep_ask",
        method="POST",
        path="/api/v1/questions/<question_id>/asks",
        subject="questions",
        summary=N_("Keep that somebody was asked a question"),
        description=N_("One of those who are proposed for it; status 200 when they were asked before."),
        answer=ask_routes.ask,
        answers={200: "question-people", 201: "question-people"},
        parameters=(_QUESTION,),
        body=Body(
            what=N_("who was asked"),
            media_types={
                "application/json": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {
                        "name": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": ask_routes.LONGEST_NAME,
                            "pattern": r"\S",
                        },
                        "together": {"type": "boolean"},
                    },
                }
            },
        ),
        errors=(NotKeptError, 409),
        role=Role.MEMBER,
    ),
    Operation(
        name="change_ask",
        method="POST",
        path="/api/v1/questions/<question_id>/asks/<ask_id>",
        subject="questions",
        summary=N_("Say no to a question, or take back that somebody was asked"),
        description=N_("For who was asked, who asked them, and coordinators."),
        answer=ask_routes.change,
        answers={200: "question-people"},
        parameters=(_QUESTION, _number("ask_id", N_("the number of an asking"))),
        body=Body(
            what=N_("what is to be done"),
            media_types={
                "application/json": {
                    "type": "object",
                    "required": ["action"],
                    "properties": {"action": {"enum": list(ask_routes.ACTIONS)}},
                }
            },
        ),
        errors=(NotKeptError, 409),
        role=Role.MEMBER,
    ),
)
