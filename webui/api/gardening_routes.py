"""The JSON API of gardening: pages by what they lack."""

from flask import Response, jsonify

from connector.errors import IndexNotBuiltError
from search.gardening import KINDS
from webui.api.gardening_shape import gardening_shape
from webui.current import current_services
from webui.pages.parameters import choice, number, top_k
from webui.rights.readers import current_reader

PAGES = 20
OFFSET_MAX = 1_000_000


def gardening() -> Response:
    """`GET /api/v1/gardening?kind=&top_k=&offset=`: pages by what they lack, what is worth most first."""
    kind = choice("kind", KINDS)
    offset = number("offset", default=0, least=0, most=OFFSET_MAX)
    services = current_services()
    site = services.site()
    if site is None:
        raise IndexNotBuiltError("there is no copy of the wiki yet: run `compagnon sync`")
    queue = services.gardening.queue(
        kind, limit=top_k(PAGES), offset=offset, readable=current_reader().readable
    )
    return jsonify(gardening_shape(queue, site, offset=offset, can_edit=services.can_publish))
