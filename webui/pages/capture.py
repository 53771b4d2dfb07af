"""Meeting notes: give them, follow their reading, see what was found in them, delete them."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from capture.draft import KeptSummary
from capture.notes import Notes, read_notes
from capture.review import ForgottenNotes
from community.settled import meeting_of_notes
from connector.errors import CompagnonError, UnreadableNotesError
from connector.store import CaptureJobRecord
from webui.current import current_services
from webui.errors import trouble_of
from webui.pages.actor import actor
from webui.rights.readers import require
from webui.rights.roles import Role

_UNFINISHED = ("waiting", "running")
_RECENT = 12


def add_to(blueprint: Blueprint) -> None:
    """Register these pages."""
    number = "<int(max=2147483647):notes_id>"
    blueprint.add_url_rule("/capture", "capture", capture, methods=["GET", "POST"])
    blueprint.add_url_rule(f"/capture/{number}", "notes", notes)
    blueprint.add_url_rule(f"/capture/{number}", "change_notes", change_notes, methods=["POST"])
    blueprint.add_url_rule(f"/capture/{number}/progress", "progress", progress)


@require(Role.COORDINATOR)
def capture() -> str | Response | tuple[str, int]:
    """Take notes that are pasted or sent as a file, and have them read: at once, or by a job."""
    if request.method == "GET":
        return _form()
    text = request.form.get("text", "")
    person = actor()
    services = current_services()
    try:
        given = _given_notes(text)
        if services.reads_at_once(given):
            services.desk.add(services.capture.capture(given), given, actor=person)
            # The same notes are kept once, so this finds those that were just kept.
            notes_id = services.desk.add_notes(given)
        else:
            notes_id = services.jobs.submit(given, actor=person).notes_id
    except CompagnonError as e:
        # Whatever it is, what was pasted stays in its field.
        trouble = trouble_of(e)
        return _form(text=text, trouble=trouble, detail=str(e)), trouble.status
    return redirect(url_for("pages.notes", notes_id=notes_id), 303)


@require(Role.COORDINATOR)
def notes(notes_id: int) -> str | tuple[str, int]:
    """Show what notes hold and the drafts made from them; while they are being read, how far that is."""
    services = current_services()
    try:
        given = services.desk.notes(notes_id)
    except UnreadableNotesError as e:
        return _lost_notes_page(notes_id, e)
    kept = services.desk.summary(notes_id)
    job = services.jobs.of_notes(notes_id)
    if kept is None or (job is not None and job.state in _UNFINISHED):
        return render_template("job.html", notes=given, notes_id=notes_id, job=job)
    return _notes_page(notes_id, given, kept, job)


@require(Role.COORDINATOR)
def progress(notes_id: int) -> str:
    """Show how far the reading of notes is: a part of a page, for the script that looks again and again."""
    services = current_services()
    services.desk.summary(notes_id)  # notes that were deleted are told as such
    return render_template("job_part.html", job=services.jobs.of_notes(notes_id))


@require(Role.COORDINATOR)
def change_notes(notes_id: int) -> Response:
    """Have notes read (again), or delete them with all that came from them."""
    action = request.form.get("action", "")
    services = current_services()
    person = actor()
    if action == "read":
        job = services.jobs.of_notes(notes_id)
        if job is not None and job.state == "failed":
            services.jobs.retry(job.id)
        else:
            services.jobs.submit(services.desk.notes(notes_id), actor=person)
        return redirect(url_for("pages.notes", notes_id=notes_id), 303)
    if action == "forget":
        _tell(services.desk.forget_notes(notes_id, actor=person))
        return redirect(url_for("pages.capture"), 303)
    raise BadRequest(f"there is no action {action[:20]}")


def _form(**more: object) -> str:
    services = current_services()
    entries = services.store.notes.list()[:_RECENT]
    unread = [entry.id for entry in entries if entry.title is None]
    jobs = {notes_id: services.jobs.of_notes(notes_id) for notes_id in unread}
    by_model = services.config.text("capture.extractor") == "llm"
    shown = {"text": "", "entries": entries, "jobs": jobs, "by_model": by_model}
    return render_template("capture.html", **(shown | more))


def _notes_page(notes_id: int, given: Notes, kept: KeptSummary, job: CaptureJobRecord | None) -> str:
    services = current_services()
    drafts = services.store.drafts.list(notes_id=notes_id)[::-1]
    left = services.follow_ups.of_notes(notes_id)
    return render_template(
        "notes.html",
        notes=given,
        notes_id=notes_id,
        summary=kept.notes,
        remarks=kept.remarks,
        drafts=drafts,
        published=[draft.title for draft in drafts if draft.pageid is not None],
        left_open=[one for one in left if one.kind != "decision"],
        states={(one.kind, one.text): one.state for one in left},
        proposals=services.follow_ups.proposals(given, kept.notes, notes_id=notes_id),
        meeting=meeting_of_notes(services.store, notes_id, services.desk.entry(notes_id).met_on),
        job=job,
    )


def _lost_notes_page(notes_id: int, error: UnreadableNotesError) -> tuple[str, int]:
    """Return the page of notes that nothing reads any more: they can still be deleted."""
    services = current_services()
    drafts = services.store.drafts.list(notes_id=notes_id)[::-1]
    left = services.follow_ups.of_notes(notes_id)
    page = render_template(
        "lost_notes.html",
        notes_id=notes_id,
        trouble=trouble_of(error),
        detail=str(error),
        drafts=drafts,
        published=[draft.title for draft in drafts if draft.pageid is not None],
        left_open=[one for one in left if one.kind != "decision"],
    )
    return page, 500


def _tell(forgotten: ForgottenNotes) -> None:
    flash(
        gettext(
            "The notes are deleted, with %(drafts)s and %(follow_ups)s.",
            drafts=ngettext("%(num)d draft", "%(num)d drafts", forgotten.drafts),
            follow_ups=ngettext("%(num)d follow-up", "%(num)d follow-ups", forgotten.follow_ups),
        )
    )
    if forgotten.published:
        titles = ", ".join(title for _, title in forgotten.published)
        flash(
            gettext("These pages stay in the wiki, and can be deleted only there: %(titles)s.", titles=titles)
        )
    if not forgotten.wiped:
        flash(gettext("The database is busy: the last traces on disk go with the next sync."))


def _given_notes(text: str) -> Notes:
    file = request.files.get("file")
    if file is not None and file.filename:
        return read_notes(file.read(), filename=file.filename, media_type=file.mimetype or None)
    return read_notes(text)
