"""What members tried of a practice: said on its page here, and put on the wiki's page by themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from capture.lines import visible
from connector.errors import CaptureError, CompagnonError, ConnectorError, EditConflictError
from connector.model import Page
from connector.store.experiences import (
    LONGEST_CONTEXT,
    LONGEST_NOTE,
    OUTCOMES,
    KeptExperience,
    Outcome,
)
from webui.current import current_services
from webui.errors import Trouble, trouble_of
from webui.pages.actor import actor, given_name
from webui.pages.own_publishing import CREDENTIALS_WANTED, CredentialsWantedError, own_wiki
from webui.pages.practice import practice_answer
from webui.practice_life import (
    keep_experience,
    own_experience,
    practice_page,
    publish_kept,
    read_again,
)
from webui.rights.readers import require
from webui.rights.roles import Role

OUTCOME_NAMES: Final = {
    "worked": lazy_gettext("It worked"),
    "partly": lazy_gettext("It worked in part"),
    "not": lazy_gettext("It did not work"),
}
_UNFINISHED = Trouble(
    status=400,
    heading=lazy_gettext("Something is missing or too long"),
    advice=lazy_gettext("Say how it went, and give a day that has come already."),
)
_CHANGED = Trouble(
    status=409,
    heading=lazy_gettext("Someone changed this page in the meantime"),
    advice=lazy_gettext("Nothing was written in the wiki. Try once more."),
)
_NO_PLACE = Trouble(
    status=409,
    heading=lazy_gettext("It is kept here, but the wiki’s page cannot take it"),
)
_Answer = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperienceForm:
    """What stands in the form."""

    outcome: str = ""
    context: str = ""
    note: str = ""
    tried_on: str = ""


def add_to(blueprint: Blueprint) -> None:
    """Register these pages."""
    path = "/practices/<int(max=999999999):pageid>/experiences"
    blueprint.add_url_rule(path, "add_experience", add, methods=["POST"])
    blueprint.add_url_rule(
        f"{path}/<int(max=2147483647):experience_id>", "change_experience", change, methods=["POST"]
    )
    blueprint.add_app_template_filter(outcome_name, "outcome_name")


def outcome_name(outcome: str) -> str:
    """Return the words for an outcome."""
    return str(OUTCOME_NAMES.get(outcome, outcome))


@require(Role.MEMBER)
def add(pageid: int) -> _Answer:
    """Keep what somebody tried and, when they want it, put it on the page in the wiki at once."""
    page = practice_page(pageid)
    form = ExperienceForm(
        outcome=request.form.get("outcome", ""),
        context=visible(request.form.get("context", "")).strip(),
        note=visible(request.form.get("note", "")).strip(),
        tried_on=request.form.get("tried-on", "").strip(),
    )
    actor()  # remembers the name of who has no account
    try:
        kept = _keep(page, form)
    except ValueError as e:
        return practice_answer(page.pageid, trouble=_UNFINISHED, detail=str(e), form=form)
    if request.form.get("publish") == "yes":
        return _published(page, kept)
    flash(gettext("Thank you: it counts from now on."))
    return _shown(page)


@require(Role.MEMBER)
def change(pageid: int, experience_id: int) -> _Answer:
    """Put an experience on the page in the wiki, or take it back."""
    page = practice_page(pageid)
    action = request.form.get("action", "")
    if action == "publish":
        return _published(page, own_experience(page, experience_id, to_publish=True))
    if action != "remove":
        raise BadRequest(f"there is no action {action[:20]}")
    kept = own_experience(page, experience_id)
    current_services().store.experiences.remove(kept.id)
    flash(gettext("It is taken back."))
    return _shown(page)


def told_again(
    page: Page, error: CompagnonError, *, trouble: Callable[[CompagnonError], Trouble]
) -> tuple[str, int]:
    """Return the page of a practice with what went wrong."""
    told = trouble(error)
    return practice_answer(page.pageid, trouble=told, detail=str(error))


def trouble_with_wiki(error: CompagnonError) -> Trouble:
    """Return how an error is told that kept something from being written in the wiki."""
    if isinstance(error, CredentialsWantedError):
        return CREDENTIALS_WANTED
    if isinstance(error, EditConflictError):
        return _CHANGED
    return _NO_PLACE if type(error) is CaptureError else trouble_of(error)


def _keep(page: Page, form: ExperienceForm) -> KeptExperience:
    outcome = next((each for each in OUTCOMES if each == form.outcome), None)
    if outcome is None:
        raise ValueError("no outcome is chosen")
    if len(form.context) > LONGEST_CONTEXT or len(form.note) > LONGEST_NOTE:
        raise ValueError(f"a context has {LONGEST_CONTEXT} characters at most, a note {LONGEST_NOTE:,}")
    return _kept(page, outcome, form)


def _kept(page: Page, outcome: Outcome, form: ExperienceForm) -> KeptExperience:
    return keep_experience(
        page,
        outcome=outcome,
        context=form.context,
        note=form.note,
        tried_on=date.fromisoformat(form.tried_on) if form.tried_on else None,
        name=given_name(),
    )


def _published(page: Page, kept: KeptExperience) -> _Answer:
    try:
        with own_wiki() as wiki:
            publish_kept(page, kept, wiki)
    except (CaptureError, ConnectorError, CredentialsWantedError) as e:
        return told_again(page, e, trouble=trouble_with_wiki)
    if read_again():
        flash(gettext("Thank you: it stands on the page in the wiki."))
    else:
        flash(gettext("Thank you: it stands on the page in the wiki. Here it shows after the next reading."))
    return _shown(page)


def _shown(page: Page) -> Response:
    return redirect(url_for("pages.practice", pageid=page.pageid, _anchor="tried"), 303)
