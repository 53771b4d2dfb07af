"""The operations of meeting notes, for coordinators."""

from typing import Final

from capture.formats.detection import MEDIA_TYPES
from connector.errors import NotKeptError, UnreadableNotesError
from webui.api import capture_routes
from webui.api.operation import N_, Body, Operation, Parameter
from webui.rights.roles import Role

_NOTES: Final = Body(
    what=N_("the notes: as they are, in JSON, or as a file of a form; 2 MB at most"),
    media_types={
        **{kind: {} for kind in MEDIA_TYPES},
        "application/json": {
            "type": "object",
            "required": ["text"],
            "properties": {
                "text": {"type": "string"},
                "filename": {"type": ["string", "null"]},
                "media_type": {"type": ["string", "null"]},
            },
        },
        "multipart/form-data": {
            "type": "object",
            "required": ["file"],
            "properties": {"file": {"type": "string", "format": "binary"}},
        },
    },
)

NOTES_OPERATIONS: Final = (
    Operation(
        name="capture",
        method="POST",
        path="/api/v1/capture",
        subject="notes",
        summary=N_("What meeting notes say, and drafts; nothing is kept"),
        answer=capture_routes.capture,
        answers={200: "capture"},
        body=_NOTES,
        errors=(UnreadableNotesError,),
        role=Role.COORDINATOR,
    ),
    Operation(
        name="notes",
        method="POST",
        path="/api/v1/notes",
        subject="notes",
        summary=N_("Keep meeting notes and have them read; answers with the job"),
        description=N_("Status 200 when they were read before. While they are read: the same job."),
        answer=capture_routes.notes,
        answers={200: "job", 202: "job"},
        body=_NOTES,
        errors=(UnreadableNotesError,),
        role=Role.COORDINATOR,
    ),
    Operation(
        name="job",
        method="GET",
        path="/api/v1/jobs/<job_id>",
        subject="notes",
        summary=N_("How far the reading of notes is, and in the end what was made of them"),
        answer=capture_routes.job,
        answers={200: "job"},
        parameters=(
            Parameter(
                name="job_id",
                what=N_("the number of a job"),
                schema={"type": "integer", "minimum": 0, "maximum": 999_999_999},
                where="path",
                required=True,
                example=1,
            ),
        ),
        errors=(NotKeptError,),
        role=Role.COORDINATOR,
    ),
    Operation(
        name="follow_ups",
        method="GET",
        path="/api/v1/follow-ups",
        subject="notes",
        summary=N_("What meetings left to do, to answer, or decided"),
        description=N_("Without a kind: the actions and the questions that are open."),
        answer=capture_routes.follow_ups,
        answers={200: "follow-ups"},
        parameters=(
            Parameter(
                name="kind",
                what=N_("which of them"),
                schema={"type": "string", "enum": list(capture_routes.KINDS)},
            ),
        ),
        role=Role.COORDINATOR,
    ),
)
