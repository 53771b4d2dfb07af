"""The operations of members: practices, and the community's list of questions."""

from typing import Final

from connector.errors import IndexNotBuiltError, NotAllowedError, NotKeptError, PageNotFoundError
from connector.store.questions import LONGEST_QUESTION, QUESTION_STATES
from webui.api import practice_routes, question_routes
from webui.api.operation import LARGEST_PAGEID, N_, Body, Operation, Parameter, offset, pageid, top_k
from webui.rights.roles import Role

_QUESTION: Final = Parameter(
    name="question_id",
    what=N_("the number of a question"),
    schema={"type": "integer", "minimum": 0, "maximum": question_routes.QUESTION_ID_MAX},
    where="path",
    required=True,
    example=1,
)

MEMBER_OPERATIONS: Final = (
    Operation(
        name="practice",
        method="GET",
        path="/api/v1/practices/<pageid>",
        subject="search",
        summary=N_("A practice: what it says, who can be asked, and how it came to be"),
        description=N_("What stands in the lines of the notes is told to coordinators."),
        answer=practice_routes.practice,
        answers={200: "practice"},
        parameters=(pageid(where="path", required=True),),
        errors=(PageNotFoundError, IndexNotBuiltError),
    ),
    Operation(
        name="questions",
        method="GET",
        path="/api/v1/questions",
        subject="questions",
        summary=N_("Questions that were put to the community, the newest first"),
        description=N_("Members are told who asked. What was withdrawn is told to coordinators."),
        answer=question_routes.questions,
        answers={200: "questions"},
        parameters=(
            Parameter(
                name="state",
                what=N_("the state of the questions"),
                schema={"type": "string", "enum": list(QUESTION_STATES), "default": QUESTION_STATES[0]},
            ),
            top_k(question_routes.QUESTIONS),
            offset(question_routes.OFFSET_MAX),
        ),
        errors=(NotAllowedError,),
    ),
    Operation(
        name="ask_community",
        method="POST",
        path="/api/v1/questions",
        subject="questions",
        summary=N_("Put a question to the community"),
        description=N_("The same question twice is one: status 200 when it is on the list already."),
        answer=question_routes.ask,
        answers={200: "question", 201: "question"},
        body=Body(
            what=N_("the question"),
            media_types={
                "application/json": {
                    "type": "object",
                    "required": ["text"],
                    "properties": {
                        "text": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": LONGEST_QUESTION,
                            "pattern": r"[^\s?!.…¿¡]",
                        }
                    },
                }
            },
        ),
        role=Role.MEMBER,
    ),
    Operation(
        name="answer_question",
        method="POST",
        path="/api/v1/questions/<question_id>/answer",
        subject="questions",
        summary=N_("Close a question with the page that answers"),
        description=N_(
            "For who asked it, who was asked, and coordinators. "
            "given_by names who knew: oneself, or who was asked."
        ),
        answer=question_routes.answer,
        answers={200: "question"},
        parameters=(_QUESTION,),
        body=Body(
            what=N_("the page, by its number or its title"),
            media_types={
                "application/json": {
                    "type": "object",
                    "properties": {
                        "pageid": {"type": "integer", "minimum": 0, "maximum": LARGEST_PAGEID},
                        "title": {"type": "string", "maxLength": 255, "pattern": r"\S"},
                        "given_by": {"type": ["string", "null"], "maxLength": 255},
                    },
                    "anyOf": [{"required": ["pageid"]}, {"required": ["title"]}],
                }
            },
        ),
        errors=(NotKeptError, PageNotFoundError, 409),
        role=Role.MEMBER,
    ),
    Operation(
        name="change_question",
        method="POST",
        path="/api/v1/questions/<question_id>/status",
        subject="questions",
        summary=N_("Take a question off the list, or open it again"),
        description=N_("For who asked it, and coordinators."),
        answer=question_routes.change,
        answers={200: "question"},
        parameters=(_QUESTION,),
        body=Body(
            what=N_("what is to be done"),
            media_types={
                "application/json": {
                    "type": "object",
                    "required": ["action"],
                    "properties": {"action": {"type": "string", "enum": list(question_routes.ACTIONS)}},
                }
            },
        ),
        errors=(NotKeptError, 409),
        role=Role.MEMBER,
    ),
    Operation(
        name="name_giver",
        method="POST",
        path="/api/v1/questions/<question_id>/giver",
        subject="questions",
        summary=N_("Say who gave the answer to a question"),
        description=N_(
            "One of those who were asked, or oneself; with null, nobody. For who asked it, who answered it, "
            "and coordinators."
        ),
        answer=question_routes.name_giver,
        answers={200: "question"},
        parameters=(_QUESTION,),
        body=Body(
            what=N_("the name"),
            media_types={
                "application/json": {
                    "type": "object",
                    "required": ["given_by"],
                    "properties": {"given_by": {"type": ["string", "null"], "maxLength": 255}},
                }
            },
        ),
        errors=(NotKeptError, 409),
        role=Role.MEMBER,
    ),
)
