"""Drafts: read each statement beside the lines it comes from, correct it, publish it under one's own name."""

import logging

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from capture.publishing import publish
from capture.review import ReviewedDraft
from connector.errors import (
    CaptureError,
    CompagnonError,
    ConnectorError,
    DraftNotFoundError,
    DraftStateError,
    EditConflictError,
)
from connector.practice import FIELDS
from webui.current import current_services
from webui.errors import Trouble, trouble_of
from webui.pages.display import DRAFT_STATE_NAMES
from webui.pages.draft_form import DraftForm, edit_of, form_of, form_sent

logger = logging.getLogger(__name__)

_ACTOR = "web page"
_UNUSABLE_EDIT = Trouble(status=400, heading=lazy_gettext("This cannot be kept as it stands"))
_TITLE_TAKEN = Trouble(
    status=409,
    heading=lazy_gettext("The wiki already has a page with this title"),
    advice=lazy_gettext(
        "Nothing was written. Give the draft another title, or complete the page that is there."
    ),
)
_CREDENTIALS_WANTED = Trouble(
    status=400,
    heading=lazy_gettext("Give an account and a bot password"),
    advice=lazy_gettext(
        "A bot password goes with an account written Name@app. Never give your own password here."
    ),
)

Page = str | Response | tuple[str, int]


class _CredentialsWantedError(CompagnonError):
    """What was given is no account with a bot password."""


# A page that is less alike would only make the reviewer read in vain.
_CLOSE = 0.3


def add_to(blueprint: Blueprint) -> None:
    """Register these pages."""
    blueprint.add_url_rule("/drafts", "drafts", drafts)
    blueprint.add_url_rule("/drafts/<int(max=2147483647):draft_id>", "draft", show)
    blueprint.add_url_rule("/drafts/<int(max=2147483647):draft_id>", "change_draft", change, methods=["POST"])


def drafts() -> str:
    """List the drafts by state, those to review first."""
    store = current_services().store.drafts
    groups = [(state, store.list(state=state)) for state in DRAFT_STATE_NAMES]
    return render_template("drafts.html", groups=groups)


def show(draft_id: int) -> str:
    """Show a draft beside its notes."""
    reviewed = current_services().desk.get(draft_id)
    return _page(reviewed, form_of(reviewed.draft))


def change(draft_id: int) -> Page:
    """Save, publish or drop a draft; whatever goes wrong, what the reviewer wrote comes back to them."""
    action = request.form.get("action", "save")
    if action not in ("save", "publish", "drop"):
        raise BadRequest(f"there is no action {action[:20]}")
    desk = current_services().desk
    version = _version()
    seen = desk.get(draft_id)
    form = form_sent(seen.draft, request.form)
    try:
        if action == "drop":
            desk.drop(draft_id, version=version, actor=_ACTOR)
            flash(gettext("The draft was dropped."))
            return redirect(url_for("pages.drafts"), 303)
        if seen.version != version or seen.state != "draft":
            raise DraftStateError(f"draft {draft_id} is not as it was any more", draft_id=draft_id)
        edit = edit_of(seen.draft, form)
        if edit is not None:
            seen = desk.edit(draft_id, edit, version=version, actor=_ACTOR)
            form = form_of(seen.draft)
        if action == "publish":
            _publish(seen)
        else:
            flash(gettext("Saved."))
    except DraftNotFoundError:
        raise
    except DraftStateError as e:
        # The form is that of another version: it shows the draft as it is now, beside what was written.
        return _again(e, desk.get(draft_id), yours=form.text if action != "drop" else "")
    except (CaptureError, ConnectorError, _CredentialsWantedError) as e:
        return _again(e, seen, form=form)
    return redirect(url_for("pages.draft", draft_id=draft_id), 303)


def _version() -> int:
    text = request.form.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadRequest("the form does not say which version of the draft it is")
    return int(text)


def _publish(reviewed: ReviewedDraft) -> None:
    account, password = request.form.get("account", "").strip(), request.form.get("password", "").strip()
    # MediaWiki takes "Name@app" with the secret, or "Name" with "app@secret" (Manual:Bot passwords). Anything
    # else would be somebody's own password, which has no business here.
    if not account or not password or "@" not in account + password:
        raise _CredentialsWantedError("")
    services = current_services()
    wiki = services.connect(user=account, password=password)
    publish(services.desk, reviewed.id, version=reviewed.version, writer=wiki)
    try:
        services.refresh()
    except CompagnonError as e:
        logger.warning("draft %s is published, but not found yet: %s", reviewed.id, e)
        flash(gettext("Published. The search will find it after the next reading of the wiki."))
    else:
        flash(gettext("Published. The search finds it from now on."))


def _trouble(error: CompagnonError) -> Trouble:
    if isinstance(error, _CredentialsWantedError):
        return _CREDENTIALS_WANTED
    if isinstance(error, EditConflictError):
        return _TITLE_TAKEN
    return _UNUSABLE_EDIT if type(error) is CaptureError else trouble_of(error)


def _again(
    error: CompagnonError, reviewed: ReviewedDraft, *, form: DraftForm | None = None, yours: str = ""
) -> tuple[str, int]:
    trouble = _trouble(error)
    page = _page(reviewed, form or form_of(reviewed.draft), trouble=trouble, detail=str(error), yours=yours)
    return page, trouble.status


def _page(
    reviewed: ReviewedDraft,
    form: DraftForm,
    *,
    trouble: Trouble | None = None,
    detail: str = "",
    yours: str = "",
) -> str:
    services = current_services()
    return render_template(
        "draft.html",
        reviewed=reviewed,
        draft=reviewed.draft,
        close_pages=[page for page in reviewed.draft.similar if page.score >= _CLOSE],
        form=form,
        notes=services.desk.notes_of(reviewed.id),
        page_fields=FIELDS,
        can_publish=services.can_publish,
        account=request.form.get("account", ""),
        trouble=trouble,
        detail=detail,
        yours=yours,
    )
