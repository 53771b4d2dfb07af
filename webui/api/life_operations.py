"""The operations on the life of practices: what was tried, what it speaks for, what was decided."""

from typing import Final

from connector.errors import IndexNotBuiltError, NotKeptError, PageNotFoundError
from connector.store.experiences import LONGEST_CONTEXT, OUTCOMES
from connector.store.experiences import LONGEST_NOTE as LONGEST_EXPERIENCE
from connector.store.status_steps import LONGEST_NOTE
from webui.api import life_routes
from webui.api.operation import N_, Body, Operation, Parameter, pageid
from webui.api.wiki_writing import ACCOUNT_IN_BODY, WRITING_ERRORS
from webui.rights.roles import Role

_DAY: Final = {"type": "string", "format": "date", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}

LIFE_OPERATIONS: Final = (
    Operation(
        name="practice_life",
        method="GET",
        path="/api/v1/practices/<pageid>/life",
        subject="search",
        summary=N_("What members tried of a practice, and what it speaks for"),
        description=N_("Before visitors, what is not in the wiki has no name."),
        answer=life_routes.life,
        answers={200: "practice-life"},
        parameters=(pageid(where="path", required=True),),
        errors=(PageNotFoundError, IndexNotBuiltError),
    ),
    Operation(
        name="try_practice",
        method="POST",
        path="/api/v1/practices/<pageid>/experiences",
        subject="search",
        summary=N_("Say that you tried a practice"),
        description=N_("It is kept here, until you put it on the practice’s page in the wiki."),
        answer=life_routes.add,
        answers={201: "practice-life"},
        parameters=(pageid(where="path", required=True),),
        body=Body(
            what=N_("how it went"),
            media_types={
                "application/json": {
                    "type": "object",
                    "required": ["outcome"],
                    "properties": {
                        "outcome": {"type": "string", "enum": list(OUTCOMES)},
                        "context": {"type": "string", "maxLength": LONGEST_CONTEXT},
                        "note": {"type": "string", "maxLength": LONGEST_EXPERIENCE},
                        "tried_on": _DAY,
                    },
                }
            },
        ),
        errors=(PageNotFoundError, IndexNotBuiltError),
        role=Role.MEMBER,
    ),
    Operation(
        name="change_experience",
        method="POST",
        path="/api/v1/practices/<pageid>/experiences/<experience_id>",
        subject="search",
        summary=N_("Put what you tried on the practice’s page in the wiki, or take it back"),
        description=N_(
            "In the wiki it is written under your own account: what you let Compagnon do there, "
            "or a bot password. Coordinators take back what others said, too."
        ),
        answer=life_routes.change,
        answers={200: "practice-life"},
        parameters=(
            pageid(where="path", required=True),
            Parameter(
                name="experience_id",
                what=N_("the number of an experience"),
                schema={"type": "integer", "minimum": 0, "maximum": life_routes.EXPERIENCE_ID_MAX},
                where="path",
                required=True,
                example=1,
            ),
        ),
        body=Body(
            what=N_("what is to be done"),
            media_types={
                "application/json": {
                    "type": "object",
                    "required": ["action"],
                    "properties": {
                        "action": {"type": "string", "enum": list(life_routes.ACTIONS)},
                        **ACCOUNT_IN_BODY,
                    },
                }
            },
        ),
        errors=(PageNotFoundError, IndexNotBuiltError, NotKeptError, *WRITING_ERRORS),
        role=Role.MEMBER,
    ),
    Operation(
        name="decide_status",
        method="POST",
        path="/api/v1/practices/<pageid>/status",
        subject="community",
        summary=N_("Take a step that is proposed, say no to it, or say that a practice still stands"),
        description=N_(
            "Taking a step is an edit of the wiki, under your own account: what you let Compagnon do there, "
            "or a bot password."
        ),
        answer=life_routes.decide,
        answers={200: "practice-life"},
        parameters=(pageid(where="path", required=True),),
        body=Body(
            what=N_("the decision"),
            media_types={
                "application/json": {
                    "type": "object",
                    "required": ["decision"],
                    "properties": {
                        "decision": {"type": "string", "enum": list(life_routes.DECISIONS)},
                        "to": {"type": "string", "maxLength": life_routes.LONGEST_STATUS},
                        "note": {"type": "string", "maxLength": LONGEST_NOTE},
                        **ACCOUNT_IN_BODY,
                    },
                }
            },
        ),
        errors=(PageNotFoundError, IndexNotBuiltError, *WRITING_ERRORS),
        role=Role.COORDINATOR,
    ),
    Operation(
        name="practice_steps",
        method="GET",
        path="/api/v1/community/practices",
        subject="community",
        summary=N_("Steps that the evidence speaks for, and those that are one experience short"),
        answer=life_routes.steps,
        answers={200: "practice-steps"},
        role=Role.COORDINATOR,
    ),
)
