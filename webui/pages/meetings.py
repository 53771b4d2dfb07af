"""Meetings: planned, with an agenda to take along, and what their notes settle closed with one click."""

from datetime import UTC, date, datetime, timedelta

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as AnyResponse

from community.agenda import LONGEST_ITEM, MOST_MINUTES
from community.agenda_text import as_markdown, as_wikitext, clock
from community.settled import notes_of_meeting
from connector.store.meetings import LONGEST, LONGEST_PLACE, LONGEST_TITLE, SHORTEST, Meeting, PlannedMeeting
from webui.current import current_services
from webui.errors import Trouble
from webui.language import LANGUAGES, current_language
from webui.meeting_plans import (
    ITEM_ACTIONS,
    add_offered,
    change_item,
    choose_notes,
    close_item,
    is_held,
    known_meetings,
    offered,
    planned_meeting,
    readable_agenda,
    settled_by_notes,
)
from webui.meeting_plans import plan as plan_as_asker
from webui.pages.actor import actor
from webui.pages.evidence_links import evidence_url, item_url, person_url
from webui.pages.parameters import choice
from webui.rights.readers import require
from webui.rights.roles import Role

PAST = 24
FORMATS = ("wikitext", "markdown")
_USUAL_MINUTES = 90
_UNTIL_THE_NEXT = timedelta(days=7)
_BAD_PLAN = Trouble(
    status=400,
    heading=lazy_gettext("This meeting cannot be kept as it is"),
    advice=lazy_gettext(
        "It needs a day and a number of minutes; the title and the time of day may be left out."
    ),
)
_Answer = str | AnyResponse | tuple[str, int]


def add_to(blueprint: Blueprint) -> None:
    """Register these pages."""
    number = "/community/meetings/<int(max=2147483647):meeting_id>"
    blueprint.add_url_rule("/community/meetings", "community_meetings", meetings)
    blueprint.add_url_rule("/community/meetings", "plan_meeting", plan, methods=["POST"])
    blueprint.add_url_rule(number, "community_meeting", meeting)
    blueprint.add_url_rule(number, "change_meeting", change, methods=["POST"])
    blueprint.add_url_rule(f"{number}/agenda", "meeting_agenda", agenda_text)


@require(Role.COORDINATOR)
def meetings() -> str:
    """List the meetings to come and those that were, and offer to plan one."""
    return _meetings_page()


@require(Role.COORDINATOR)
def plan() -> _Answer:
    """Plan a meeting, and lead to its agenda."""
    try:
        kept = plan_as_asker(_planned())
    except ValueError:
        return _meetings_page(form=request.form, trouble=_BAD_PLAN), _BAD_PLAN.status
    flash(gettext("The meeting is planned. Now choose what it is to talk about."))
    return redirect(url_for("pages.community_meeting", meeting_id=kept.id), 303)


@require(Role.COORDINATOR)
def meeting(meeting_id: int) -> str:
    """Show a meeting: its agenda, what else it could talk about, and what its notes settle."""
    return _meeting_page(current_services().store.meetings.get(meeting_id))


@require(Role.COORDINATOR)
def agenda_text(meeting_id: int) -> Response:
    """Give an agenda as a text (`?format=wikitext` or `markdown`)."""
    wanted = choice("format", FORMATS)
    agenda = readable_agenda(current_services().store.meetings.get(meeting_id))
    text = as_wikitext(agenda) if wanted == "wikitext" else as_markdown(agenda)
    return Response(text, mimetype="text/plain" if wanted == "wikitext" else "text/markdown")


@require(Role.COORDINATOR)
def change(meeting_id: int) -> _Answer:
    """Do what the button that was pressed says."""
    kept = current_services().store.meetings.get(meeting_id)
    action = request.form.get("action", "")
    pressed = next((name for name in ITEM_ACTIONS if name in request.form), None)
    try:
        if action == "plan":
            current_services().store.meetings.change(meeting_id, _planned())
            flash(gettext("Kept."))
        elif action in ("cancel", "hold"):
            current_services().store.meetings.cancel(meeting_id, cancelled=action == "cancel")
            flash(gettext("The meeting is cancelled.") if action == "cancel" else gettext("It is held."))
        elif action == "notes":
            text = request.form.get("notes", "")
            choose_notes(meeting_id, _number(text) if text else None)
        elif action == "close":
            closed = close_item(kept, request.form.get("key", ""), actor=actor())
            # Another person was quicker, or the form was sent twice: the page shows what is so now.
            flash(gettext("Settled.") if closed else gettext("Somebody has done that already."))
        elif pressed is not None:
            if not change_item(kept, request.form[pressed], pressed):
                flash(gettext("Somebody has done that already."))
        else:
            _change_agenda(kept, action)
    except ValueError:
        return _meeting_page(kept, trouble=_BAD_PLAN if action == "plan" else _bad_item()), 400
    return redirect(url_for("pages.community_meeting", meeting_id=meeting_id), 303)


def _change_agenda(kept: Meeting, action: str) -> None:
    agendas = current_services().agendas
    if action == "add":
        add_offered(kept, request.form.getlist("item"))
    elif action == "free":
        agendas.add_free(
            kept.id,
            request.form.get("text", ""),
            minutes=_number(request.form.get("minutes", "")),
            language=kept.language,
        )
    elif action == "minutes":
        keys = {line.item.key for line in readable_agenda(kept).lines}
        asked = {key: request.form.get(f"minutes {key}") for key in keys}
        agendas.set_minutes(kept.id, {key: _number(text) for key, text in asked.items() if text is not None})
    else:
        raise BadRequest(f"there is no action {action[:20]}")


def _meetings_page(*, form: object = None, trouble: Trouble | None = None) -> str:
    known = known_meetings(past=PAST)
    # Communities meet at the same hour, in the same place: what the last plan said stands in the form.
    usual = next((each for each in reversed([*known.past, *known.coming]) if not each.cancelled), None)
    return render_template(
        "meetings.html",
        coming=known.coming,
        past=known.past[::-1],
        rhythm=known.rhythm,
        form=form,
        trouble=trouble,
        planned=PlannedMeeting(
            planned_on=known.rhythm.next_expected or datetime.now(UTC).date() + _UNTIL_THE_NEXT,
            title="",
            minutes=usual.minutes if usual else _USUAL_MINUTES,
            language=usual.language if usual else current_language(),
            starts_at=usual.starts_at if usual else "",
            place=usual.place if usual else "",
        ),
        **_limits(),
    )


def _meeting_page(kept: Meeting, *, trouble: Trouble | None = None) -> str:
    services = current_services()
    site = services.site()
    agenda = readable_agenda(kept)
    there = {line.item.key for line in agenda.lines}
    notes_id = notes_of_meeting(services.store, kept)
    return render_template(
        "meeting.html",
        meeting=kept,
        planned=kept,
        agenda=agenda,
        held=is_held(kept),
        offered=[item for item in offered(kept) if item.key not in there],
        settled=settled_by_notes(kept),
        notes_id=notes_id,
        entries=[each for each in services.store.notes.list() if each.title is not None],
        wikitext=as_wikitext(agenda),
        markdown_text=as_markdown(agenda),
        trouble=trouble,
        clock=lambda offset: clock(agenda, offset),
        item_url=lambda item: item_url(item, site),
        evidence_url=lambda evidence: evidence_url(evidence, site),
        person_url=lambda person: person_url(person, site),
        longest_item=LONGEST_ITEM,
        most_minutes=MOST_MINUTES,
        **_limits(),
    )


def _limits() -> dict[str, object]:
    return {
        "shortest": SHORTEST,
        "longest": LONGEST,
        "longest_title": LONGEST_TITLE,
        "longest_place": LONGEST_PLACE,
        "meeting_languages": LANGUAGES,
    }


def _planned() -> PlannedMeeting:
    """Return what the form says; a ValueError where it says no meeting."""
    language = request.form.get("language", "")
    language = language if language in LANGUAGES else current_language()
    return planned_meeting(
        planned_on=date.fromisoformat(request.form.get("planned_on", "")),
        starts_at=request.form.get("starts_at", ""),
        title=request.form.get("title", ""),
        place=request.form.get("place", ""),
        minutes=_number(request.form.get("minutes", "")),
        language=language,
    )


def _number(text: str) -> int:
    stripped = text.strip()
    if not (stripped.isascii() and stripped.isdigit() and len(stripped) < 10):
        raise ValueError("this is no number")
    return int(stripped)


def _bad_item() -> Trouble:
    return Trouble(
        status=400,
        heading=gettext("This item cannot be kept as it is"),
        advice=gettext(
            "An item has a few words and 1 to %(most)d minutes; an agenda has forty items at most.",
            most=MOST_MINUTES,
        ),
    )
