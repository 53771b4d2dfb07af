"""The operations from page to act: meetings, the hand-over, a newcomer's path, what to thank for."""

from typing import Final

from connector.errors import IndexBusyError, IndexNotBuiltError, ModelMismatchError, NotKeptError
from webui.api import meeting_routes
from webui.api.operation import N_, Operation, Parameter
from webui.api.plan_operations import MEETING
from webui.language import LANGUAGES
from webui.rights.roles import Role

_INDEX = (IndexNotBuiltError, ModelMismatchError, IndexBusyError)

MEETING_OPERATIONS: Final = (
    Operation(
        name="meetings",
        method="GET",
        path="/api/v1/meetings",
        subject="community",
        summary=N_("Meetings to come, meetings that were, and how often the community meets"),
        answer=meeting_routes.meetings,
        answers={200: "meetings"},
        role=Role.COORDINATOR,
    ),
    Operation(
        name="meeting",
        method="GET",
        path="/api/v1/meetings/<meeting_id>",
        subject="community",
        summary=N_("A meeting with its agenda, timed, and as wikitext and Markdown"),
        description=N_("Items on pages that who asks may not read are not there."),
        answer=meeting_routes.meeting,
        answers={200: "meeting"},
        parameters=(MEETING,),
        errors=(NotKeptError,),
        role=Role.COORDINATOR,
    ),
    Operation(
        name="hand_over",
        method="GET",
        path="/api/v1/hand-over",
        subject="community",
        summary=N_("What the next coordinator needs: who, what is open, what is at risk, rites and dates"),
        answer=meeting_routes.hand_over,
        answers={200: "hand-over"},
        errors=_INDEX,
        role=Role.COORDINATOR,
    ),
    Operation(
        name="thanks",
        method="GET",
        path="/api/v1/thanks",
        subject="community",
        summary=N_("What somebody could be thanked for: one recent edit a person, of those rarely thanked"),
        answer=meeting_routes.thanks,
        answers={200: "thanks"},
        role=Role.COORDINATOR,
    ),
    Operation(
        name="welcome",
        method="GET",
        path="/api/v1/welcome",
        subject="community",
        summary=N_("What a newcomer begins with: pages to read, somebody to ask, a first small thing to do"),
        description=N_("The contact, and questions that wait for them, are told to who has signed in."),
        answer=meeting_routes.welcome,
        answers={200: "welcome"},
        parameters=(
            Parameter(
                name="language",
                what=N_("the language to read in first"),
                schema={"type": "string", "enum": list(LANGUAGES)},
                example="fr",
            ),
        ),
        errors=_INDEX,
    ),
)
