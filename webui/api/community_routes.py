"""The JSON API of the coordinator's page."""

from datetime import UTC, date, datetime

from flask import Response, jsonify, request
from werkzeug.exceptions import BadRequest

from community.overview import MONTHS
from webui.api.community_shapes import community_shape
from webui.current import current_services
from webui.pages.parameters import number
from webui.rights.readers import current_reader

MOST_MONTHS = 60


def community() -> Response:
    """`GET /api/v1/community?months=&since=`: the five answers of the coordinator's page."""
    reader = current_reader()
    services = current_services()
    overview = services.overviews.of(
        now=datetime.now(UTC),
        readable=reader.readable,
        since=_since(),
        months=number("months", default=MONTHS, least=1, most=MOST_MONTHS),
        user_id=reader.account.wiki_user_id if reader.account is not None else None,
        with_contradictions=services.looking_behind.is_done(),
    )
    return jsonify(community_shape(overview))


def _since() -> date | None:
    text = request.args.get("since", "")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as e:
        raise BadRequest(f"since is a day as YYYY-MM-DD, not “{text[:20]}”") from e
