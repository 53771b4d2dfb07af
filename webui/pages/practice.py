"""A practice: what it says, how far it has come, whom to ask, and how it came to be."""

from flask import Blueprint, redirect, render_template, url_for
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from webui.practices import practice_view

STATUS_MEANINGS = {
    "emerging": lazy_gettext("an idea that somebody has begun to try"),
    "tested": lazy_gettext("it was tried, and it worked"),
    "adopted": lazy_gettext("several people or places do it so"),
    "reference": lazy_gettext("the way that the community recommends"),
    "retired": lazy_gettext("the community does not do it so any more"),
}


def add_to(blueprint: Blueprint) -> None:
    """Register this page."""
    blueprint.add_url_rule("/practices/<int(max=999999999):pageid>", "practice", practice)


def practice(pageid: int) -> str | Response:
    """Show a practice; a redirect leads to the page that it leads to."""
    view = practice_view(pageid)
    if view.page.pageid != pageid:
        return redirect(url_for("pages.practice", pageid=view.page.pageid))
    return render_template(
        "practice.html", view=view, meaning=STATUS_MEANINGS.get(view.practice.status.value, "")
    )
