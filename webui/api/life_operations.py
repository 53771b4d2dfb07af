"""The operations on the life of practices: what was tried, what it speaks for, what was decided."""

from typing import Final

from connector.errors import IndexNotBuiltError, PageNotFoundError
from connector.store.experiences import LONGEST_CONTEXT, OUTCOMES
from connector.store.experiences import LONGEST_NOTE as LONGEST_EXPERIENCE
from connector.store.status_steps import LONGEST_NOTE
from webui.api import life_routes
from webui.api.operation import N_, Body, Operation, pageid
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
        description=N_("It is kept here. On the page of the practice you put it into the wiki."),
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
        name="decide_status",
        method="POST",
        path="/api/v1/practices/<pageid>/status",
        subject="community",
        summary=N_("Say no to a step that is proposed, or that a practice still stands"),
        description=N_(
            "Taking a step is an edit of the wiki: it is done on the pages, under your own account."
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
                        "to": {"type": "string", "maxLength": 16},
                        "note": {"type": "string", "maxLength": LONGEST_NOTE},
                    },
                }
            },
        ),
        errors=(PageNotFoundError, IndexNotBuiltError, 409),
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
