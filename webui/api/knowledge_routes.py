"""The JSON API of knowledge at a glance: the map, contradictions, twins."""

from flask import Response, jsonify

from connector.errors import PageNotFoundError
from webui.api.knowledge_shapes import contradictions_shape, map_shape, twin_shape, twins_shape
from webui.current import current_services
from webui.pages.parameters import top_k
from webui.pages.topic_map import drawn_map
from webui.rights.readers import current_reader

LISTED = 20


def topic_map() -> Response:
    """`GET /api/v1/map`: topics of what who asks may read, the largest first."""
    return jsonify(map_shape(*drawn_map()))


def contradictions() -> Response:
    """`GET /api/v1/contradictions?top_k=`: what nobody has judged yet, or wants at the meeting."""
    found = current_services().contradictions.open(readable=current_reader().readable)
    return jsonify(contradictions_shape(found, top_k=top_k(LISTED)))


def twins() -> Response:
    """`GET /api/v1/twins?top_k=`: pairs of a French and an English page, the surest first."""
    pairs = current_services().twins.all(readable=current_reader().readable)
    return jsonify(twins_shape(pairs, top_k=top_k(LISTED)))


def twin(french: int, english: int) -> Response:
    """`GET /api/v1/twins/<french>/<english>`: what each of two twins lacks."""
    compared = current_services().twins.compare(french, english, readable=current_reader().readable)
    if compared is None:
        raise PageNotFoundError(f"pages {french} and {english} are no twins", pageid=french)
    return jsonify(twin_shape(compared))
