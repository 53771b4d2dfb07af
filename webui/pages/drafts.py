"""Drafts: read each statement beside the lines it comes from, correct it, publish it under one's own name."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from capture.publishing import settle
from capture.review import ReviewedDraft
from connector.errors import (
    CaptureError,
    CompagnonError,
    ConfigError,
    ConnectorError,
    DraftNotFoundError,
    DraftStateError,
    EditConflictError,
    PageNotFoundError,
    WikiUnavailableError,
)
from connector.model import Page
from webui.current import current_services
from webui.errors import Trouble, trouble_of
from webui.pages.actor import actor
from webui.pages.display import DRAFT_STATE_NAMES
from webui.pages.draft_form import (
    NEW_PAGE,
    NOTHING,
    OTHER_PAGE,
    DraftForm,
    UnusableLinesError,
    edit_of,
    form_of,
    form_sent,
)
from webui.pages.draft_page import draft_page
from webui.pages.draft_publishing import PageChangedError, publish_draft
from webui.pages.own_publishing import CREDENTIALS_WANTED, CredentialsWantedError
from webui.rights.pages import readable_page, readable_title
from webui.rights.readers import require
from webui.rights.roles import Role

_UNUSABLE_EDIT = Trouble(status=400, heading=lazy_gettext("This cannot be kept as it stands"))
_TITLE_TAKEN = Trouble(
    status=409,
    heading=lazy_gettext("The wiki already has a page with this title"),
    advice=lazy_gettext(
        "Nothing was written. Give the draft another title, or add it to the page that is there."
    ),
)
_PAGE_CHANGED = Trouble(
    status=409,
    heading=lazy_gettext("Someone changed this page in the meantime"),
    advice=lazy_gettext("Nothing was written. Below is what would change now: read it, then publish again."),
)
_ACTIONS = ("save", "show", "publish", "drop", "take", "take-over", "release")

Answer = str | Response | tuple[str, int]


def add_to(blueprint: Blueprint) -> None:
    """Register these pages."""
    blueprint.add_url_rule("/drafts", "drafts", drafts)
    blueprint.add_url_rule("/drafts/<int(max=2147483647):draft_id>", "draft", show)
    blueprint.add_url_rule("/drafts/<int(max=2147483647):draft_id>", "change_draft", change, methods=["POST"])


@require(Role.COORDINATOR)
def drafts() -> str:
    """List the notes that are being read, and the drafts by state, those to review first."""
    store = current_services().store
    groups = [(state, store.drafts.list(state=state)) for state in DRAFT_STATE_NAMES]
    jobs = store.capture_jobs.unfinished()
    names = {entry.id: entry.title or entry.filename for entry in store.notes.list()} if jobs else {}
    return render_template("drafts.html", groups=groups, jobs=jobs, names=names)


@require(Role.COORDINATOR)
def show(draft_id: int) -> str:
    """Show a draft beside its notes."""
    reviewed = _settled(current_services().desk.get(draft_id))
    return draft_page(reviewed, form_of(reviewed))


@require(Role.COORDINATOR)
def change(draft_id: int) -> Answer:
    """Save, take, publish or drop a draft; whatever goes wrong, what the reviewer wrote comes back."""
    action = request.form.get("action", "save")
    if action not in _ACTIONS:
        raise BadRequest(f"there is no action {action[:20]}")
    version, person = _version(), actor()
    desk = current_services().desk
    seen = desk.get(draft_id)
    form = form_sent(seen, request.form)
    try:
        if action == "drop":
            desk.drop(draft_id, version=version, actor=person)
            flash(gettext("The draft was dropped."))
            return redirect(url_for("pages.drafts"), 303)
        if seen.version != version or not seen.is_open or seen.pending is not None:
            raise DraftStateError(f"draft {draft_id} is not as it was any more", draft_id=draft_id)
        before, seen = seen, _saved(seen, form, person=person)
        form = form_of(seen)
        return _done(action, before, seen, person=person)
    except DraftNotFoundError:
        raise
    except DraftStateError as e:
        # The form is that of another version: it shows the draft as it is now, beside what was written.
        return _again(e, desk.get(draft_id), yours=form.text if action != "drop" else "")
    except (CaptureError, ConnectorError, CredentialsWantedError) as e:
        return _again(e, _same_words(seen), form=form)


def _saved(seen: ReviewedDraft, form: DraftForm, *, person: str) -> ReviewedDraft:
    desk = current_services().desk
    line_count = desk.notes(seen.notes_id).line_count
    edit = edit_of(seen, form, line_count=line_count, merge_into=_merge_into(seen, form))
    return seen if edit is None else desk.edit(seen.id, edit, version=seen.version, actor=person)


def _merge_into(seen: ReviewedDraft, form: DraftForm) -> int | None:
    if form.target == NEW_PAGE:
        return 0
    if form.target == OTHER_PAGE:
        return readable_title(form.other_title).pageid
    return None if form.pageid is None else _known_page(seen, form.pageid)


def _known_page(seen: ReviewedDraft, pageid: int) -> int:
    """Return a page to add a draft to; one that who asks may not read is as one that is not there."""
    if pageid == seen.merge_into:
        return pageid  # another coordinator's choice, who may read it
    try:
        return readable_page(pageid).pageid
    except PageNotFoundError as e:
        raise CaptureError(f"the wiki has no page {pageid} to add this to") from e


def _done(action: str, before: ReviewedDraft, seen: ReviewedDraft, *, person: str) -> Response:
    """Do what is to be done with a draft whose corrections are saved."""
    desk = current_services().desk
    anchor = None
    if action in ("take", "take-over"):
        desk.take(seen.id, version=seen.version, actor=person, over=action == "take-over")
        flash(gettext("You review this draft."))
    elif action == "release":
        desk.release(seen.id, version=seen.version, actor=person)
        flash(gettext("Given back."))
    elif action == "publish" and not _was_shown(before, seen):
        flash(gettext("Saved. Read what would be written, then publish."))
        anchor = "publish"
    elif action == "publish":
        publish_draft(seen, base_revid=_base_revid())
    else:
        flash(gettext("Saved."))
        anchor = "publish" if action == "show" else None
    return redirect(url_for("pages.draft", draft_id=seen.id, _anchor=anchor), 303)


def _was_shown(before: ReviewedDraft, seen: ReviewedDraft) -> bool:
    """Whether the person has seen where the draft goes, and what it changes on a page of other people."""
    if request.form.get("target") == NOTHING or request.form.get("shown-into", "0") != str(
        seen.merge_into or 0
    ):
        return False
    return seen.merge_into is None or (before.version == seen.version and _base_revid() is not None)


def _base_revid() -> int | None:
    text = request.form.get("base-revid", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _version() -> int:
    text = request.form.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadRequest("the form does not say which version of the draft it is")
    return int(text)


def _settled(reviewed: ReviewedDraft) -> ReviewedDraft:
    """Ask the wiki, once, what became of a draft that was sent to it without an answer coming back."""
    if reviewed.pending is None or not reviewed.is_open:
        return reviewed
    services = current_services()
    try:
        return settle(services.desk, reviewed.id, wiki=services.wiki(sleep=_do_not_wait))
    except (ConnectorError, ConfigError):
        return reviewed  # the page says that the wiki does not tell yet


def _do_not_wait(seconds: float) -> None:
    raise WikiUnavailableError(f"the wiki asks to wait for {seconds:.0f} s")


def _same_words(seen: ReviewedDraft) -> ReviewedDraft:
    """Return a draft as it is after a publication that failed, which is noted in its history."""
    current = current_services().desk.get(seen.id)
    if current.draft != seen.draft:
        return seen  # another person's change: the next form that is sent is told so
    return current


def _trouble(error: CompagnonError) -> Trouble:
    if isinstance(error, CredentialsWantedError):
        return CREDENTIALS_WANTED
    if isinstance(error, PageChangedError):
        return _PAGE_CHANGED
    if isinstance(error, EditConflictError):
        return _TITLE_TAKEN
    if isinstance(error, UnusableLinesError):
        return Trouble(status=400, heading=_UNUSABLE_EDIT.heading)
    return _UNUSABLE_EDIT if type(error) is CaptureError else trouble_of(error)


def _again(
    error: CompagnonError, reviewed: ReviewedDraft, *, form: DraftForm | None = None, yours: str = ""
) -> tuple[str, int]:
    trouble = _trouble(error)
    newer: Page | None = error.page if isinstance(error, PageChangedError) else None
    wrong = error if isinstance(error, UnusableLinesError) else None
    page = draft_page(
        reviewed,
        form or form_of(reviewed),
        trouble=trouble,
        detail="" if wrong else str(error),
        wrong=wrong,
        yours=yours,
        newer=newer,
    )
    return page, trouble.status
