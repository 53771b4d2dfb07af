"""The operations of planning meetings: when they are, what they talk about, what their notes settle."""

from collections.abc import Mapping
from typing import Any, Final

from community.agenda import LONGEST_ITEM, MOST_MINUTES
from connector.errors import NotKeptError
from connector.store.meetings import LONGEST, LONGEST_PLACE, LONGEST_TITLE, SHORTEST
from webui.api import plan_routes
from webui.api.operation import N_, Body, Operation, Parameter
from webui.language import LANGUAGES
from webui.meeting_plans import ITEM_ACTIONS
from webui.rights.roles import Role

MEETING: Final = Parameter(
    name="meeting_id",
    what=N_("the number of a meeting"),
    schema={"type": "integer", "minimum": 0, "maximum": plan_routes.MEETING_ID_MAX},
    where="path",
    required=True,
    example=1,
)
_KEY: Final = {"type": "string", "minLength": 1, "maxLength": plan_routes.LONGEST_KEY, "pattern": r"\S"}
_ITEM_MINUTES: Final = {"type": "integer", "minimum": 1, "maximum": MOST_MINUTES}


def _json(what: str, schema: Mapping[str, Any]) -> Body:
    return Body(what=what, media_types={"application/json": {"type": "object", **schema}})


_PLAN: Final = _json(
    N_("when, where and how long; without a title it is named after its day"),
    {
        "required": ["planned_on", "minutes"],
        "properties": {
            "planned_on": {
                "type": "string",
                "format": "date",
                "pattern": r"^20[0-9]{2}-[01][0-9]-[0-3][0-9]$",
            },
            "minutes": {"type": "integer", "minimum": SHORTEST, "maximum": LONGEST},
            "starts_at": {
                "type": "string",
                "pattern": r"^(([01][0-9]|2[0-3]):[0-5][0-9])?$",
                "examples": ["18:30"],
            },
            "title": {"type": "string", "maxLength": LONGEST_TITLE},
            "place": {"type": "string", "maxLength": LONGEST_PLACE},
            "language": {"type": "string", "enum": list(LANGUAGES)},
        },
    },
)

PLAN_OPERATIONS: Final = (
    Operation(
        name="plan_meeting",
        method="POST",
        path="/api/v1/meetings",
        subject="community",
        summary=N_("Plan a meeting"),
        answer=plan_routes.plan_meeting,
        answers={201: "meeting"},
        body=_PLAN,
        role=Role.COORDINATOR,
    ),
    Operation(
        name="change_meeting",
        method="POST",
        path="/api/v1/meetings/<meeting_id>",
        subject="community",
        summary=N_("Say anew when, where and how long a meeting is"),
        description=N_("All of it: what is left out is as for a new one. Its agenda stays."),
        answer=plan_routes.change_meeting,
        answers={200: "meeting"},
        parameters=(MEETING,),
        body=_PLAN,
        errors=(NotKeptError,),
        role=Role.COORDINATOR,
    ),
    Operation(
        name="cancel_meeting",
        method="POST",
        path="/api/v1/meetings/<meeting_id>/status",
        subject="community",
        summary=N_("Cancel a meeting, or hold it after all"),
        answer=plan_routes.cancel,
        answers={200: "meeting"},
        parameters=(MEETING,),
        body=_json(
            N_("what is to be done"),
            {
                "required": ["action"],
                "properties": {"action": {"type": "string", "enum": list(plan_routes.STATUS_ACTIONS)}},
            },
        ),
        errors=(NotKeptError,),
        role=Role.COORDINATOR,
    ),
    Operation(
        name="notes_of_meeting",
        method="POST",
        path="/api/v1/meetings/<meeting_id>/notes",
        subject="community",
        summary=N_("Say which notes are of a meeting"),
        description=N_("With null, none. They are of no other meeting then."),
        answer=plan_routes.notes,
        answers={200: "meeting"},
        parameters=(MEETING,),
        body=_json(
            N_("the number of the notes"),
            {
                "required": ["notes_id"],
                "properties": {
                    "notes_id": {
                        "type": ["integer", "null"],
                        "minimum": 0,
                        "maximum": plan_routes.MEETING_ID_MAX,
                    }
                },
            },
        ),
        errors=(NotKeptError,),
        role=Role.COORDINATOR,
    ),
    Operation(
        name="add_item",
        method="POST",
        path="/api/v1/meetings/<meeting_id>/items",
        subject="community",
        summary=N_("Put an item at the end of an agenda"),
        description=N_(
            "What is offered, by its key among the items of the next meeting (GET /api/v1/community), "
            "or in your own words. Status 200 when it is there already."
        ),
        answer=plan_routes.add_item,
        answers={200: "meeting", 201: "meeting"},
        parameters=(MEETING,),
        body=_json(
            N_("the item"),
            {
                "properties": {
                    "key": _KEY,
                    "text": {"type": "string", "minLength": 1, "maxLength": LONGEST_ITEM, "pattern": r"\S"},
                    "minutes": _ITEM_MINUTES,
                },
                "anyOf": [{"required": ["key"]}, {"required": ["text", "minutes"]}],
            },
        ),
        errors=(NotKeptError, 409),
        role=Role.COORDINATOR,
    ),
    Operation(
        name="change_item",
        method="POST",
        path="/api/v1/meetings/<meeting_id>/items/change",
        subject="community",
        summary=N_("Move, settle, reopen, time or remove an item of an agenda"),
        answer=plan_routes.change,
        answers={200: "meeting"},
        parameters=(MEETING,),
        body=_json(
            N_("the item, and what is to be done"),
            {
                "required": ["key"],
                "properties": {
                    "key": _KEY,
                    "action": {"type": "string", "enum": list(ITEM_ACTIONS)},
                    "minutes": _ITEM_MINUTES,
                },
                "anyOf": [{"required": ["action"]}, {"required": ["minutes"]}],
            },
        ),
        errors=(NotKeptError,),
        role=Role.COORDINATOR,
    ),
    Operation(
        name="settled",
        method="GET",
        path="/api/v1/meetings/<meeting_id>/settled",
        subject="community",
        summary=N_("What the notes of a meeting settle of its agenda, with the lines that say so"),
        answer=plan_routes.settled,
        answers={200: "settled"},
        parameters=(MEETING,),
        errors=(NotKeptError,),
        role=Role.COORDINATOR,
    ),
    Operation(
        name="settle",
        method="POST",
        path="/api/v1/meetings/<meeting_id>/settled",
        subject="community",
        summary=N_("Close what the notes of a meeting settle"),
        description=N_("The action or the question itself, and the item of the agenda."),
        answer=plan_routes.settle,
        answers={200: "meeting"},
        parameters=(MEETING,),
        body=_json(N_("the item"), {"required": ["key"], "properties": {"key": _KEY}}),
        errors=(NotKeptError, 409),
        role=Role.COORDINATOR,
    ),
)
