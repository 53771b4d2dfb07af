"""Planning meetings in JSON: when they are, what they talk about, and what their notes settle."""

from typing import Any, Final

from flask import Response, jsonify
from werkzeug.exceptions import BadRequest, Conflict

from community.agenda import LONGEST_ITEM, MOST_MINUTES
from community.settled import notes_of_meeting
from connector.errors import NotKeptError
from connector.store.meetings import LONGEST, LONGEST_PLACE, LONGEST_TITLE, SHORTEST, Meeting, PlannedMeeting
from webui.api.json_bodies import day_in, number_in, own_json_object, text_in, word_in
from webui.api.meeting_shapes import agenda_shape, settled_shape
from webui.current import current_services
from webui.language import LANGUAGES, current_language
from webui.meeting_plans import (
    ITEM_ACTIONS,
    add_offered,
    change_item,
    choose_notes,
    close_item,
    plan,
    planned_meeting,
    readable_agenda,
    settled_by_notes,
)
from webui.pages.actor import actor

MEETING_ID_MAX: Final = 2_147_483_647
STATUS_ACTIONS: Final = ("cancel", "hold")
LONGEST_CLOCK: Final = 5
LONGEST_KEY: Final = 255


def plan_meeting() -> tuple[Response, int]:
    """`POST /api/v1/meetings`: plan a meeting; status 201."""
    planned = _planned(own_json_object())
    try:
        return _told(plan(planned)), 201
    except ValueError as e:
        raise BadRequest(str(e)) from e


def change_meeting(meeting_id: int) -> Response:
    """`POST /api/v1/meetings/<meeting_id>`: say anew when, where and how long a meeting is."""
    planned = _planned(own_json_object())
    try:
        return _told(current_services().store.meetings.change(meeting_id, planned))
    except ValueError as e:
        raise BadRequest(str(e)) from e


def cancel(meeting_id: int) -> Response:
    """`POST /api/v1/meetings/<meeting_id>/status`: cancel a meeting, or hold it after all."""
    action = word_in(own_json_object(), "action", STATUS_ACTIONS)
    return _told(current_services().store.meetings.cancel(meeting_id, cancelled=action == "cancel"))


def notes(meeting_id: int) -> Response:
    """`POST /api/v1/meetings/<meeting_id>/notes`: say which notes are of a meeting, or none."""
    body = own_json_object()
    if "notes_id" not in body:
        raise BadRequest('give the notes: {"notes_id": ...}')
    none = body["notes_id"] is None
    notes_id = None if none else number_in(body, "notes_id", least=0, most=MEETING_ID_MAX)
    current_services().store.meetings.get(meeting_id)
    return _told(choose_notes(meeting_id, notes_id))


def add_item(meeting_id: int) -> tuple[Response, int]:
    """`POST /api/v1/meetings/<meeting_id>/items`: put an item on an agenda; 200 where it is there already."""
    body = own_json_object()
    key, text = _words(body, "key", longest=LONGEST_KEY), _words(body, "text", longest=LONGEST_ITEM)
    minutes = _minutes(body)
    if not key and not (text and minutes):
        raise BadRequest('give what is offered, {"key": ...}, or {"text": ..., "minutes": ...}')
    services = current_services()
    kept = services.store.meetings.get(meeting_id)
    before = len(kept.agenda)
    try:
        if not key:
            services.agendas.add_free(kept.id, text, minutes=minutes, language=kept.language)
        elif not _is_seen(kept, key) and not add_offered(kept, [key]):
            raise Conflict("this item is not offered any more")
    except ValueError as e:
        raise Conflict(str(e)) from e
    after = services.store.meetings.get(meeting_id)
    return _told(after), 201 if len(after.agenda) > before else 200


def change(meeting_id: int) -> Response:
    """`POST /api/v1/meetings/<meeting_id>/items/change`: move, settle, time or remove an item."""
    body = own_json_object()
    key, minutes = text_in(body, "key", longest=LONGEST_KEY), _minutes(body)
    if not key or ("action" not in body and not minutes):
        raise BadRequest('give the item and what to do: {"key": ..., "action": ...}, or its "minutes"')
    action = word_in(body, "action", ITEM_ACTIONS) if "action" in body else None
    services = current_services()
    kept = services.store.meetings.get(meeting_id)
    if not _is_seen(kept, key):
        raise NotKeptError(f"there is no such item on the agenda of meeting {meeting_id}")
    if minutes:
        services.agendas.set_minutes(meeting_id, {key: minutes})
    if action is not None:
        change_item(kept, key, action)  # gone meanwhile: the answer shows what is so now
    return _told(services.store.meetings.get(meeting_id))


def settled(meeting_id: int) -> Response:
    """`GET /api/v1/meetings/<meeting_id>/settled`: what the notes of a meeting settle, as it seems."""
    services = current_services()
    kept = services.store.meetings.get(meeting_id)
    notes_id = notes_of_meeting(services.store, kept)
    return jsonify(settled_shape(notes_id, settled_by_notes(kept)))


def settle(meeting_id: int) -> Response:
    """`POST /api/v1/meetings/<meeting_id>/settled`: close what the notes settle."""
    key = text_in(own_json_object(), "key", longest=LONGEST_KEY)
    if not key:
        raise BadRequest('give an item that the notes settle: {"key": ...}')
    services = current_services()
    if not close_item(services.store.meetings.get(meeting_id), key, actor=actor()):
        raise Conflict("the notes settle no such item (any more), or somebody has closed it already")
    return _told(services.store.meetings.get(meeting_id))


def _planned(body: dict[str, Any]) -> PlannedMeeting:
    planned_on = day_in(body, "planned_on")
    if planned_on is None:
        raise BadRequest('give the day: {"planned_on": "2026-01-31", "minutes": 90}')
    try:
        return planned_meeting(
            planned_on=planned_on,
            minutes=number_in(body, "minutes", least=SHORTEST, most=LONGEST),
            language=word_in(body, "language", LANGUAGES) if "language" in body else current_language(),
            title=text_in(body, "title", longest=LONGEST_TITLE),
            starts_at=text_in(body, "starts_at", longest=LONGEST_CLOCK),
            place=text_in(body, "place", longest=LONGEST_PLACE),
        )
    except ValueError as e:
        raise BadRequest(str(e)) from e


def _words(body: dict[str, Any], name: str, *, longest: int) -> str:
    """Return a text that may be left out, and is not empty where it is there."""
    text = text_in(body, name, longest=longest)
    if name in body and not text:
        raise BadRequest(f"{name} is empty")
    return text


def _minutes(body: dict[str, Any]) -> int:
    """Return the minutes of an item; 0 where nothing is said of them."""
    return number_in(body, "minutes", least=1, most=MOST_MINUTES) if "minutes" in body else 0


def _is_seen(kept: Meeting, key: str) -> bool:
    return any(line.item.key == key for line in readable_agenda(kept).lines)


def _told(kept: Meeting) -> Response:
    return jsonify(agenda_shape(readable_agenda(kept)))
