"""What meetings left to do and to answer: who, by when, and closing it when it is done."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from connector.errors import CaptureError, NotKeptError
from connector.store import FollowUpRecord
from webui.current import current_services
from webui.pages.actor import actor
from webui.pages.display import day
from webui.rights.readers import require
from webui.rights.roles import Role

ORDERS = ("due", "owner", "meeting")
_CLOSED_SHOWN = 30
_BUTTONS = ("done", "dropped", "reopen")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Follow-ups that stand under one heading."""

    heading: str
    """"" where nothing tells them apart."""
    rows: list[FollowUpRecord]


def add_to(blueprint: Blueprint) -> None:
    """Register this page."""
    blueprint.add_url_rule("/follow-ups", "follow_ups", follow_ups)
    blueprint.add_url_rule("/follow-ups", "change_follow_ups", change, methods=["POST"])


@require(Role.COORDINATOR)
def follow_ups() -> str:
    """List what is open, by date, by person or by meeting (`?by=`), and what was closed last."""
    kept = current_services().follow_ups
    order = request.args.get("by", ORDERS[0])
    if order not in ORDERS:
        raise BadRequest(f"by must be one of {', '.join(ORDERS)}")
    found = kept.open()
    return render_template(
        "follow_ups.html",
        order=order,
        orders=ORDERS,
        actions=grouped((one for one in found if one.kind == "action"), order),
        questions=grouped((one for one in found if one.kind == "question"), order),
        closed=kept.closed()[:_CLOSED_SHOWN],
    )


@require(Role.COORDINATOR)
def change() -> Response:
    """Close or open again the follow-up whose button was pressed, or only remember who does it."""
    person = actor()
    notes_id = _number(request.form.get("notes", ""))
    pressed = [(name, _number(request.form[name])) for name in _BUTTONS if name in request.form]
    for name, follow_up_id in pressed:
        if follow_up_id is None:
            raise BadRequest("the form does not say which follow-up it is")
        _change(name, follow_up_id, person, closed_in=notes_id)
    if notes_id is not None:
        return redirect(url_for("pages.notes", notes_id=notes_id), 303)
    order = request.form.get("by", "")
    return redirect(url_for("pages.follow_ups", by=order if order in ORDERS[1:] else None), 303)


def grouped(found: Iterable[FollowUpRecord], order: str) -> list[Group]:
    """Return follow-ups under their headings: those with a date first by date, the others last.

    Args:
        found: What is open, in any order.
        order: One of `ORDERS`.
    """

    def when(one: FollowUpRecord) -> tuple[bool, str, int]:
        return one.due is None, one.due.isoformat() if one.due else "", one.id

    if order == "due":
        rows = sorted(found, key=when)
        return [Group(heading="", rows=rows)] if rows else []
    if order == "owner":
        by_owner = sorted(
            found, key=lambda one: (one.owner is None, (one.owner or "").casefold(), *when(one))
        )
        return [
            Group(heading=name or gettext("Nobody"), rows=list(rows))
            for name, rows in groupby(by_owner, key=lambda one: one.owner or "")
        ]
    by_meeting = sorted(found, key=lambda one: (-one.notes_id, *when(one)))
    groups = [list(rows) for _, rows in groupby(by_meeting, key=lambda one: one.notes_id)]
    return [Group(heading=_meeting(rows[0]), rows=rows) for rows in groups]


def _meeting(one: FollowUpRecord) -> str:
    title = one.meeting or gettext("Meeting notes")
    return f"{title} · {day(one.met_on)}" if one.met_on else title


def _change(name: str, follow_up_id: int, person: str, *, closed_in: int | None) -> None:
    kept = current_services().follow_ups
    try:
        if name == "reopen":
            kept.reopen(follow_up_id, actor=person)
            flash(gettext("Open again."))
        elif name == "dropped":
            kept.close(follow_up_id, actor=person, state="dropped", closed_in=closed_in)
            flash(gettext("Given up."))
        else:
            kept.close(follow_up_id, actor=person, closed_in=closed_in)
            flash(gettext("Closed as done."))
    except NotKeptError:
        raise
    except CaptureError:
        # Another person was quicker, or the form was sent twice: what the page shows now says it all.
        flash(gettext("Somebody has done that already."))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
