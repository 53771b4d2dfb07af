"""Meeting notes: give them, then see what was found in them."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from capture.notes import Notes, read_notes
from connector.errors import NotKeptError, UnreadableNotesError
from webui.current import current_services
from webui.errors import trouble_of


def add_to(blueprint: Blueprint) -> None:
    """Register these pages."""
    blueprint.add_url_rule("/capture", "capture", capture, methods=["GET", "POST"])
    blueprint.add_url_rule("/capture/<int(max=2147483647):notes_id>", "notes", notes)


def capture() -> str | Response | tuple[str, int]:
    """Take notes that are pasted or sent as a file, and make drafts of them."""
    if request.method == "GET":
        return render_template("capture.html", text="")
    text = request.form.get("text", "")
    services = current_services()
    try:
        given = _given_notes(text)
    except UnreadableNotesError as e:
        # What was pasted stays in its field.
        trouble = trouble_of(e)
        page = render_template("capture.html", text=text, trouble=trouble, detail=str(e))
        return page, trouble.status
    services.desk.add(services.capture.capture(given), given, actor="")
    # The same notes are kept once, so this finds those that were just kept.
    notes_id = services.desk.add_notes(given)
    return redirect(url_for("pages.notes", notes_id=notes_id), 303)


def notes(notes_id: int) -> str:
    """Show what notes hold: the meeting, its decisions and actions, and the drafts made from them."""
    services = current_services()
    try:
        given, kept = services.desk.notes(notes_id), services.desk.summary(notes_id)
    except NotKeptError as e:
        raise NotFound from e
    return render_template(
        "notes.html",
        notes=given,
        summary=kept.notes if kept is not None else services.capture.capture(given).notes,
        drafts=services.store.drafts.list(notes_id=notes_id)[::-1],
    )


def _given_notes(text: str) -> Notes:
    file = request.files.get("file")
    if file is not None and file.filename:
        return read_notes(file.read(), filename=file.filename, media_type=file.mimetype or None)
    return read_notes(text)
