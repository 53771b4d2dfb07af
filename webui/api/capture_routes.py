"""The JSON API of notes: read them while one waits or behind the pages, and what meetings left to do."""

from flask import Response, jsonify, request
from werkzeug.exceptions import BadRequest, Forbidden, UnsupportedMediaType

from capture.formats.detection import MEDIA_TYPES
from capture.notes import Notes, read_notes
from webui.api.capture_shapes import follow_ups_shape, job_shape
from webui.api.json_bodies import json_body
from webui.api.shapes import capture_shape
from webui.current import current_services
from webui.rights.drafts import readable_draft
from webui.rights.readers import current_reader
from webui.security import comes_from_another_site

_ACTOR = "API"
KINDS = ("action", "question", "decision")


def capture() -> Response:
    """`POST /api/v1/capture`: read meeting notes into drafts; nothing is kept and nothing is published."""
    _refuse_other_sites()
    return jsonify(capture_shape(current_services().capture.capture(_notes())))


def notes() -> tuple[Response, int]:
    """`POST /api/v1/notes`: keep meeting notes and have them read; answers with the job."""
    _refuse_other_sites()
    services = current_services()
    job = services.jobs.submit(_notes(), actor=current_reader().name or _ACTOR)
    shape = job_shape(job, desk=services.desk, shown=readable_draft)
    return jsonify(shape), 200 if job.state == "done" else 202


def job(job_id: int) -> Response:
    """`GET /api/v1/jobs/<job_id>`: how far the reading of notes is, and in the end what was made of them."""
    services = current_services()
    return jsonify(job_shape(services.jobs.get(job_id), desk=services.desk, shown=readable_draft))


def follow_ups() -> Response:
    """`GET /api/v1/follow-ups?kind=`: the actions and questions that are open, or what was decided."""
    kind = request.args.get("kind")
    if kind not in (None, *KINDS):
        raise BadRequest(f"kind must be {', '.join(KINDS[:-1])} or {KINDS[-1]}")
    return jsonify(follow_ups_shape(current_services().follow_ups, kind=kind))


def _refuse_other_sites() -> None:
    if comes_from_another_site():
        raise Forbidden("this call comes from another web site")


def _notes() -> Notes:
    """Return the notes in the body: as they are, in JSON, or as an uploaded file."""
    if request.mimetype in MEDIA_TYPES:
        return read_notes(request.get_data(), media_type=request.mimetype)
    if request.mimetype == "application/json":
        return _notes_in_json(json_body())
    if request.mimetype == "multipart/form-data":
        file = next(iter(request.files.values()), None)
        if file is None:
            raise BadRequest("no file in the form")
        return read_notes(file.read(), filename=file.filename, media_type=file.mimetype or None)
    raise UnsupportedMediaType(f"send notes as {', '.join(MEDIA_TYPES)}, application/json or a file")


def _notes_in_json(body: object) -> Notes:
    if not isinstance(body, dict) or not isinstance(body.get("text"), str):
        raise BadRequest('the JSON must be {"text": "...", "filename"?: "...", "media_type"?: "..."}')
    for name in ("filename", "media_type"):
        if not isinstance(body.get(name), str | None):
            raise BadRequest(f"{name} must be a text")
    return read_notes(body["text"], filename=body.get("filename"), media_type=body.get("media_type"))
