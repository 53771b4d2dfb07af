"""Thanking: for which edit, and whom; one at a time, and never a list of the best."""

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from webui.community_acts import judge_thanks
from webui.current import current_services
from webui.pages.evidence_links import person_url
from webui.pages.parameters import number_in_form
from webui.rights.readers import current_reader, require
from webui.rights.roles import Role


def add_to(blueprint: Blueprint) -> None:
    """Register this page."""
    blueprint.add_url_rule("/community/thanks", "community_thanks", thanks)
    blueprint.add_url_rule("/community/thanks", "judge_thanks", judge, methods=["POST"])


@require(Role.COORDINATOR)
def thanks() -> str:
    """Show what somebody could be thanked for."""
    services = current_services()
    reader = current_reader()
    site = services.site()
    return render_template(
        "thanks.html",
        prompts=services.thanks.prompts(
            now=datetime.now(UTC),
            readable=reader.readable,
            asking=reader.account.wiki_user_id if reader.account is not None else None,
        ),
        person_url=lambda person: person_url(person, site),
    )


@require(Role.COORDINATOR)
def judge() -> Response:
    """Keep that somebody was thanked, or is not to be for this edit."""
    revision = number_in_form("revision")
    action = request.form.get("action", "")
    if action not in ("thanked", "pass"):
        raise BadRequest(f"there is no action {action[:20]}")
    if not judge_thanks(revision, "thanked" if action == "thanked" else "pass"):
        flash(gettext("This edit is not in the wiki any more."))
    elif action == "thanked":
        flash(gettext("Kept. A kind word goes a long way."))
    return redirect(url_for("pages.community_thanks"), 303)
