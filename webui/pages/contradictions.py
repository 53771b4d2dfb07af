"""Contradictions: two pages that give opposite advice, side by side, for a person to judge."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from connector.store.judgements import LONGEST_NOTE
from search.contradictions import AT_MEETING, JUDGED, NONE, SETTLED, VERDICTS
from webui.community_acts import TAKE_BACK, judge_contradiction
from webui.current import current_services
from webui.pages.parameters import number
from webui.rights.readers import current_reader, require
from webui.rights.roles import Role

SHOWN = 20
PAGE_MAX = 10_000
WHY = {
    "negation": lazy_gettext("one says to do it, the other one not to"),
    "opposite": lazy_gettext("one says the opposite of the other"),
    "amount": lazy_gettext("they give different amounts"),
    "day": lazy_gettext("they name different days"),
}
SAID = {
    SETTLED: lazy_gettext("Kept: it is settled."),
    NONE: lazy_gettext("Kept: these two do not contradict each other."),
    AT_MEETING: lazy_gettext("Kept: the next meeting is to talk about it."),
    TAKE_BACK: lazy_gettext("It is open again."),
}


def add_to(blueprint: Blueprint) -> None:
    """Register this page."""
    blueprint.add_url_rule("/community/contradictions", "contradictions", contradictions)
    blueprint.add_url_rule("/community/contradictions", "judge_contradiction", judge, methods=["POST"])


@require(Role.COORDINATOR)
def contradictions() -> str | Response:
    """Show what nobody has judged yet, twenty at a time (`?page=`), and what was judged."""
    services = current_services()
    readable = current_reader().readable
    page = number("page", default=1, least=1, most=PAGE_MAX)
    found = services.contradictions.open(readable=readable)
    last = max(1, -(-len(found) // SHOWN))
    if page > last:  # the list has become shorter since
        return redirect(url_for("pages.contradictions", page=last))
    judgements = services.store.judgements.of_kind(JUDGED)
    judged = [
        (each, judgements[each.key])
        for each in services.contradictions.all(readable=readable)
        if each.key in judgements and judgements[each.key].verdict in (SETTLED, NONE)
    ]
    return render_template(
        "contradictions.html",
        found=found[(page - 1) * SHOWN : page * SHOWN],
        number_of_all=len(found),
        judged=judged,
        page=page,
        last=last,
        first=(page - 1) * SHOWN + 1,
        why=WHY,
        longest_note=LONGEST_NOTE,
        can_edit=services.can_publish,
    )


@require(Role.COORDINATOR)
def judge() -> Response:
    """Keep what somebody decides of a contradiction, or take it back."""
    verdict = request.form.get("verdict", "")
    if verdict not in (*VERDICTS, TAKE_BACK):
        raise BadRequest(f"there is no verdict {verdict[:20]}")
    kept = judge_contradiction(request.form.get("key", ""), verdict, note=request.form.get("note", ""))
    flash(str(SAID[verdict]) if kept else gettext("These sentences are not in the wiki any more."))
    return redirect(url_for("pages.contradictions"), 303)
