"""The JSON API from page to act: meetings, the hand-over, a newcomer's path, what to thank for."""

from datetime import UTC, datetime

from flask import Response, jsonify

from connector.errors import IndexNotBuiltError
from webui.api.meeting_shapes import (
    agenda_shape,
    hand_over_shape,
    meeting_shape,
    path_shape,
    rhythm_shape,
    thanks_shape,
)
from webui.current import current_services
from webui.language import LANGUAGES, current_language
from webui.meeting_plans import known_meetings, readable_agenda
from webui.pages.parameters import choice
from webui.rights.readers import current_reader

PAST = 50


def meetings() -> Response:
    """`GET /api/v1/meetings`: those to come, those that were, and how often the community meets."""
    known = known_meetings(past=PAST)
    return jsonify(
        coming=[meeting_shape(each) for each in known.coming],
        past=[meeting_shape(each) for each in reversed(known.past)],
        rhythm=rhythm_shape(known.rhythm),
    )


def meeting(meeting_id: int) -> Response:
    """`GET /api/v1/meetings/<meeting_id>`: a meeting with its agenda, timed, and as two texts."""
    return jsonify(agenda_shape(readable_agenda(current_services().store.meetings.get(meeting_id))))


def hand_over() -> Response:
    """`GET /api/v1/hand-over`: what the next coordinator needs."""
    made = current_services().hand_overs.make(now=datetime.now(UTC), readable=current_reader().readable)
    return jsonify(hand_over_shape(made))


def welcome() -> Response:
    """`GET /api/v1/welcome?language=`: what who asks begins with."""
    services = current_services()
    site = services.site()
    if site is None:
        raise IndexNotBuiltError("there is no copy of the wiki yet: run `compagnon sync`")
    reader = current_reader()
    first = current_language()
    path = services.newcomer_paths.path(
        language=choice("language", [first, *(each for each in LANGUAGES if each != first)]),
        now=datetime.now(UTC),
        name=reader.name,
        user_id=reader.account.wiki_user_id if reader.account is not None else None,
        readable=reader.readable,
    )
    return jsonify(path_shape(path, site.page_url))


def thanks() -> Response:
    """`GET /api/v1/thanks`: what somebody could be thanked for."""
    reader = current_reader()
    prompts = current_services().thanks.prompts(
        now=datetime.now(UTC),
        readable=reader.readable,
        asking=reader.account.wiki_user_id if reader.account is not None else None,
    )
    return jsonify(prompts=[thanks_shape(each) for each in prompts])
