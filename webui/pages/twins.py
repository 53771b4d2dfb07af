"""Twins: a practice in French and in English, and what one of the two lacks."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from connector.errors import PageNotFoundError
from search.twins import DONE, NOT_TWINS, VERDICTS
from webui.community_acts import judge_twins
from webui.current import current_services
from webui.pages.parameters import number
from webui.rights.readers import current_reader, require
from webui.rights.roles import Role

SHOWN = 50
PAGE_MAX = 10_000
_PAIR = "<int(max=999999999):french>/<int(max=999999999):english>"
SAID = {
    DONE: lazy_gettext("Kept: these two are in step."),
    NOT_TWINS: lazy_gettext("Kept: these two are no twins."),
}


def add_to(blueprint: Blueprint) -> None:
    """Register these pages."""
    blueprint.add_url_rule("/community/twins", "twins", twins)
    blueprint.add_url_rule(f"/community/twins/{_PAIR}", "twin", twin)
    blueprint.add_url_rule(f"/community/twins/{_PAIR}", "judge_twins", judge, methods=["POST"])


@require(Role.COORDINATOR)
def twins() -> str | Response:
    """List the pairs, fifty at a time (`?page=`)."""
    services = current_services()
    page = number("page", default=1, least=1, most=PAGE_MAX)
    pairs = services.twins.all(readable=current_reader().readable)
    last = max(1, -(-len(pairs) // SHOWN))
    if page > last:  # the list has become shorter since
        return redirect(url_for("pages.twins", page=last))
    return render_template(
        "twins.html",
        pairs=pairs[(page - 1) * SHOWN : page * SHOWN],
        page=page,
        last=last,
    )


@require(Role.COORDINATOR)
def twin(french: int, english: int) -> str:
    """Show two pages side by side, and what each lacks.

    Raises:
        PageNotFoundError: they are no pair (any more), or who asks may not read both.
    """
    services = current_services()
    compared = services.twins.compare(french, english, readable=current_reader().readable)
    if compared is None:
        raise PageNotFoundError(f"pages {french} and {english} are no twins", pageid=french)
    return render_template("twin.html", compared=compared, can_edit=services.can_publish)


@require(Role.COORDINATOR)
def judge(french: int, english: int) -> Response:
    """Keep that two pages are in step, or that they are no twins."""
    verdict = request.form.get("verdict", "")
    if verdict not in VERDICTS:
        raise BadRequest(f"there is no verdict {verdict[:20]}")
    kept = judge_twins(french, english, verdict)
    flash(str(SAID[verdict]) if kept else gettext("These two pages are no pair any more."))
    return redirect(url_for("pages.twins"), 303)
