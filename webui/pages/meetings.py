"""Meetings: planned, with an agenda to take along, and what their notes settle closed with one click."""

from datetime import UTC, date, datetime, timedelta

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import force_locale, gettext, lazy_gettext
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as AnyResponse

from community.agenda import LONGEST_ITEM, MOST_MINUTES, Agenda
from community.agenda_text import as_markdown, as_wikitext, clock
from community.handover import rhythm
from community.model import AgendaItem
from community.settled import SettledItem, notes_of_meeting
from connector.errors import CaptureError, IndexNotBuiltError, NotKeptError
from connector.store.meetings import LONGEST, LONGEST_PLACE, LONGEST_TITLE, SHORTEST, Meeting, PlannedMeeting
from webui.community_list import answered_at_meeting
from webui.current import current_services
from webui.errors import Trouble
from webui.language import LANGUAGES, current_language
from webui.pages.actor import actor
from webui.pages.display import day
from webui.pages.evidence_links import evidence_url, item_url, person_url
from webui.pages.parameters import choice
from webui.rights.readers import current_reader, require
from webui.rights.roles import Role

PAST = 24
FORMATS = ("wikitext", "markdown")
_USUAL_MINUTES = 90
_UNTIL_THE_NEXT = timedelta(days=7)
_ON_ITEM = ("up", "down", "remove", "settle", "reopen")
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
    account = current_reader().account
    try:
        planned = current_services().store.meetings.plan(
            _planned(), created_by=account.id if account is not None else None
        )
    except ValueError:
        return _meetings_page(form=request.form, trouble=_BAD_PLAN), _BAD_PLAN.status
    flash(gettext("The meeting is planned. Now choose what it is to talk about."))
    return redirect(url_for("pages.community_meeting", meeting_id=planned.id), 303)


@require(Role.COORDINATOR)
def meeting(meeting_id: int) -> str:
    """Show a meeting: its agenda, what else it could talk about, and what its notes settle."""
    return _meeting_page(current_services().store.meetings.get(meeting_id))


@require(Role.COORDINATOR)
def agenda_text(meeting_id: int) -> Response:
    """Give an agenda as a text (`?format=wikitext` or `markdown`)."""
    wanted = choice("format", FORMATS)
    agenda = _agenda(current_services().store.meetings.get(meeting_id))
    text = as_wikitext(agenda) if wanted == "wikitext" else as_markdown(agenda)
    return Response(text, mimetype="text/plain" if wanted == "wikitext" else "text/markdown")


@require(Role.COORDINATOR)
def change(meeting_id: int) -> _Answer:
    """Do what the button that was pressed says."""
    kept = current_services().store.meetings.get(meeting_id)
    action = request.form.get("action", "")
    pressed = next((name for name in _ON_ITEM if name in request.form), "")
    try:
        if action == "plan":
            current_services().store.meetings.change(meeting_id, _planned())
            flash(gettext("Kept."))
        elif action in ("cancel", "hold"):
            current_services().store.meetings.cancel(meeting_id, cancelled=action == "cancel")
            flash(gettext("The meeting is cancelled.") if action == "cancel" else gettext("It is held."))
        elif action == "notes":
            _choose_notes(meeting_id)
        elif action == "close":
            _close(kept, request.form.get("key", ""))
        elif pressed:
            _change_item(kept, pressed, request.form[pressed])
        else:
            _change_agenda(kept, action)
    except ValueError:
        return _meeting_page(kept, trouble=_BAD_PLAN if action == "plan" else _bad_item()), 400
    return redirect(url_for("pages.community_meeting", meeting_id=meeting_id), 303)


def _change_agenda(kept: Meeting, action: str) -> None:
    agendas = current_services().agendas
    if action == "add":
        wanted = set(request.form.getlist("item"))
        agendas.add(kept.id, [item for item in _offered(kept) if item.key in wanted])
    elif action == "free":
        agendas.add_free(
            kept.id,
            request.form.get("text", ""),
            minutes=_number(request.form.get("minutes", "")),
            language=kept.language,
        )
    elif action == "minutes":
        keys = {line.item.key for line in _agenda(kept).lines}
        asked = {key: request.form.get(f"minutes {key}") for key in keys}
        agendas.set_minutes(kept.id, {key: _number(text) for key, text in asked.items() if text is not None})
    else:
        raise BadRequest(f"there is no action {action[:20]}")


def _change_item(kept: Meeting, name: str, key: str) -> None:
    agendas = current_services().agendas
    if name in ("up", "down"):
        seen = [line.item.key for line in _agenda(kept).lines]
        agendas.move(kept.id, key, places=-1 if name == "up" else 1, among=seen)
    elif name == "remove":
        agendas.remove(kept.id, key)
    else:
        agendas.settle(kept.id, [key], settled=name == "settle")


def _choose_notes(meeting_id: int) -> None:
    services = current_services()
    text = request.form.get("notes", "")
    notes_id = _number(text) if text else None
    if notes_id is not None:
        services.desk.entry(notes_id)  # those that were deleted meanwhile are told as such
    services.store.meetings.set_notes(meeting_id, notes_id)


def _close(kept: Meeting, key: str) -> None:
    """Close what notes settle: the action or the question itself, or else the item of this agenda."""
    services = current_services()
    settled = next((one for one in _settled(kept) if one.line.item.key == key), None)
    notes_id = notes_of_meeting(services.store, kept)
    if settled is None or notes_id is None:
        flash(gettext("Somebody has done that already."))
        return
    source, number = key.split()[0], key.split()[1]
    if source in ("action", "follow_up"):
        try:
            services.follow_ups.close(int(number), actor=actor(), closed_in=notes_id)
        except NotKeptError:
            raise
        except CaptureError:
            # Another person was quicker, or the form was sent twice: the page shows what is so now.
            flash(gettext("Somebody has done that already."))
            return
    elif source == "question":
        answered_at_meeting(int(number))
    services.agendas.settle(kept.id, [key])
    if kept.notes_id is None:
        services.store.meetings.set_notes(kept.id, notes_id)
    flash(gettext("Settled."))


def _meetings_page(*, form: object = None, trouble: Trouble | None = None) -> str:
    services = current_services()
    today = datetime.now(UTC).date()
    known = services.store.meetings
    held = {each.met_on for each in services.store.notes.list() if each.met_on is not None}
    past = known.list(last_day=today - timedelta(days=1), limit=PAST, cancelled=True)
    told = rhythm(held | {each.planned_on for each in past if not each.cancelled}, today=today)
    coming = known.list(first_day=today, cancelled=True)
    # Communities meet at the same hour, in the same place: what the last plan said stands in the form.
    usual = next((each for each in reversed([*past, *coming]) if not each.cancelled), None)
    return render_template(
        "meetings.html",
        coming=coming,
        past=past[::-1],
        rhythm=told,
        form=form,
        trouble=trouble,
        planned=PlannedMeeting(
            planned_on=told.next_expected or today + _UNTIL_THE_NEXT,
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
    agenda = _agenda(kept)
    there = {line.item.key for line in agenda.lines}
    notes_id = notes_of_meeting(services.store, kept)
    return render_template(
        "meeting.html",
        meeting=kept,
        planned=kept,
        agenda=agenda,
        held=_is_held(kept),
        offered=[item for item in _offered(kept) if item.key not in there],
        settled=_settled(kept),
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


def _agenda(kept: Meeting) -> Agenda:
    readable = current_reader().readable
    return current_services().agendas.of(kept, held=_is_held(kept), readable=readable)


def _is_held(kept: Meeting) -> bool:
    return kept.planned_on < datetime.now(UTC).date() or kept.notes_id is not None


def _offered(kept: Meeting) -> list[AgendaItem]:
    """Return what a meeting to come could talk about; nothing for one that was, or without an index."""
    if _is_held(kept) or kept.cancelled:
        return []
    try:
        return current_services().overviews.items(now=datetime.now(UTC), readable=current_reader().readable)
    except IndexNotBuiltError:
        return []


def _settled(kept: Meeting) -> list[SettledItem]:
    services = current_services()
    notes_id = notes_of_meeting(services.store, kept)
    summary = services.desk.summary(notes_id) if notes_id is not None else None
    if notes_id is None or summary is None:
        return []
    notes = services.desk.notes(notes_id)
    found = services.settling.proposals(_agenda(kept), notes, summary.notes, notes_id=notes_id)
    return [one for one in found if not services.index.people.names_left_out(one.why)]


def _planned() -> PlannedMeeting:
    """Return what the form says; a ValueError where it says no meeting."""
    language = request.form.get("language", "")
    language = language if language in LANGUAGES else current_language()
    planned_on = date.fromisoformat(request.form.get("planned_on", ""))
    with force_locale(language):
        usual_title = gettext("Meeting of %(date)s", date=day(planned_on))
    return PlannedMeeting(
        planned_on=planned_on,
        starts_at=request.form.get("starts_at", "").strip(),
        title=request.form.get("title", "").strip() or usual_title,
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
