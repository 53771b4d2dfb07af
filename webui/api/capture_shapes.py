"""The shapes of jobs, drafts and follow-ups in JSON, the same from the API and from the command line."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from webui.api.shapes import iso

if TYPE_CHECKING:  # as in `webui.api.shapes`
    from capture.draft import Draft
    from capture.follow_ups import FollowUps
    from capture.review import ReviewDesk, ReviewedDraft
    from connector.store import CaptureJobRecord, FollowUpRecord

Shape = dict[str, Any]


def job_shape(
    job: "CaptureJobRecord", *, desk: "ReviewDesk", shown: "Callable[[Draft], Draft] | None" = None
) -> Shape:
    """Return `{"id", "notes_id", "state", "done", "total", "label", "error", "drafts", "result"}`.

    `drafts` and `result` are null until the job is done; `result` has the shape of a capture, and the drafts
    in it are as they are now, in the order of their ids in `drafts`.

    Args:
        job: the job.
        desk: what keeps the drafts.
        shown: returns a draft as who asks may see it; None shows all of it.
    """
    shape: Shape = {
        "id": job.id,
        "notes_id": job.notes_id,
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "label": job.label,
        "error": job.error,
        "drafts": None,
        "result": None,
    }
    summary = desk.summary(job.notes_id) if job.state == "done" else None
    if summary is not None:
        drafts = [one for one in reversed(desk.list(notes_id=job.notes_id)) if one.is_open]
        shape["drafts"] = [one.id for one in drafts]
        shape["result"] = {
            "notes": summary.notes.model_dump(mode="json"),
            "drafts": [
                (one.draft if shown is None else shown(one.draft)).model_dump(mode="json") for one in drafts
            ],
            "remarks": [remark.model_dump(mode="json") for remark in summary.remarks],
        }
    return shape


def drafts_shape(drafts: "Sequence[ReviewedDraft]") -> Shape:
    """Return `{"drafts"}`: which there are, with their states, without what they say."""
    return {
        "drafts": [
            {
                "id": one.id,
                "notes_id": one.notes_id,
                "state": one.state,
                "title": one.draft.title,
                "language": one.draft.language,
                "reviewer": one.reviewer,
                "merge_into": one.merge_into,
                "pageid": one.pageid,
                "revid": one.revid,
                "published_by": one.published_by,
                "created_at": iso(one.created_at),
                "updated_at": iso(one.updated_at),
            }
            for one in drafts
        ]
    }


def follow_ups_shape(follow_ups: "FollowUps", *, kind: str | None) -> Shape:
    """Return `{"follow_ups"}`: what is open, or what was decided and proposed.

    Args:
        follow_ups: the community's.
        kind: `action`, `question` or `decision`; None for the actions and the questions that are open.
    """
    if kind == "decision":
        found = follow_ups.decisions()
    else:
        found = [one for one in follow_ups.open() if kind in (None, one.kind)]
    return {"follow_ups": [follow_up_shape(one) for one in found]}


def follow_up_shape(one: "FollowUpRecord") -> Shape:
    """Return one follow-up: `{"id", "kind", "state", "text", "owner", "due", "lines", "notes_id", ...}`."""
    return {
        "id": one.id,
        "kind": one.kind,
        "state": one.state,
        "text": one.text,
        "owner": one.owner,
        "due": None if one.due is None else one.due.isoformat(),
        "lines": list(one.lines),
        "notes_id": one.notes_id,
        "meeting": one.meeting,
        "date": None if one.met_on is None else one.met_on.isoformat(),
        "closed_at": iso(one.closed_at),
        "closed_by": one.closed_by,
    }
