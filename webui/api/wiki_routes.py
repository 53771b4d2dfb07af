"""The API for the wiki's extension: each request shows, by a signed claim, that the wiki makes it.

The wiki filters what it passes on by what its reader may read; here everything is found.
"""

from flask import Response, g, jsonify, request
from werkzeug.exceptions import BadRequest, Forbidden

from webui.api.panel_answers import box as box_of
from webui.api.panel_answers import panel, site_of, talk_pages
from webui.api.panel_requests import judgement, written_text
from webui.api.panel_shapes import found_shape
from webui.claims import HEADER, Claim
from webui.current import current_services
from webui.pages.parameters import TOP_K_MAX, pageid, top_k

HITS = 10
_MORE = 2


def require_claim() -> None:
    """Let nobody in but the wiki.

    Raises:
        Forbidden: there is no claim, or it is not good; which of it is not said.
    """
    query = request.query_string.decode("latin-1")
    claim = current_services().claims.check(
        request.headers.get(HEADER),
        method=request.method,
        target=request.path + (f"?{query}" if query else ""),
        body=request.get_data(),
    )
    if claim is None:
        raise Forbidden("this needs a claim that is signed by the wiki, for this request, a moment ago")
    g.claim = claim


def box() -> Response:
    """`GET /api/v1/wiki/box?pageid=`: practices and people that have to do with a page."""
    number = pageid()
    if number is None:
        raise BadRequest("give a page: ?pageid=")
    return jsonify(box_of(current_services(), number))


def links() -> Response:
    """`POST /api/v1/wiki/links`: links for a text that is being written, which is not kept.

    What is offered is, where somebody with an account is asked: nobody else may judge it.
    """
    services = current_services()
    claim: Claim = g.claim
    return jsonify(panel(services, written_text(site_of(services)), record=claim.user is not None))


def feedback() -> tuple[str, int]:
    """`POST /api/v1/wiki/feedback`: what an editor says of a suggested link; who it was is not kept."""
    given = judgement()
    current_services().store.link_feedback.judge(
        given.pageid, given.revid, given.target_pageid, given.link_text, given.verdict, given.reason
    )
    return "", 204


def search() -> Response:
    """`GET /api/v1/wiki/search?q=&top_k=`: the pages that answer a question, and who knows."""
    question = request.args.get("q")
    if question is None:
        raise BadRequest("give a question: ?q=")
    wanted = min(_MORE * top_k(HITS), TOP_K_MAX)
    services = current_services()
    found = services.searcher.search(question, top_k=wanted)
    return jsonify(found_shape(found, talks=talk_pages(services, found.experts)))
