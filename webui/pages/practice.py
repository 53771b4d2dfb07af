"""A practice: what it says, how far it has come, whom to ask, what was tried, and how it came to be."""

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, url_for
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from connector.store.experiences import LONGEST_CONTEXT, LONGEST_NOTE, OUTCOMES
from connector.store.status_steps import LONGEST_NOTE as LONGEST_REASON
from webui.current import current_services
from webui.errors import Trouble
from webui.practice_life import practice_life
from webui.practices import PracticeView, practice_view

if TYPE_CHECKING:
    from webui.pages.experiences import ExperienceForm

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
    return _shown(view)


def practice_answer(
    pageid: int,
    *,
    trouble: Trouble | None = None,
    detail: str = "",
    form: "ExperienceForm | None" = None,
) -> tuple[str, int]:
    """Return the page of a practice and its status.

    Args:
        pageid: the practice, which is no redirect.
        trouble: what went wrong with what somebody sent.
        detail: more about it, in English.
        form: what stood in their form.
    """
    shown = _shown(practice_view(pageid), trouble=trouble, detail=detail, form=form)
    return shown, trouble.status if trouble is not None else 200


def _shown(
    view: PracticeView,
    *,
    trouble: Trouble | None = None,
    detail: str = "",
    form: "ExperienceForm | None" = None,
) -> str:
    return render_template(
        "practice.html",
        view=view,
        meaning=STATUS_MEANINGS.get(view.practice.status.value, ""),
        life=practice_life(view.page),
        outcomes=OUTCOMES,
        longest={"context": LONGEST_CONTEXT, "note": LONGEST_NOTE, "reason": LONGEST_REASON},
        can_publish=current_services().can_publish,
        trouble=trouble,
        detail=detail,
        form=form,
    )
