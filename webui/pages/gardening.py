"""Gardening: pages by what they lack, each one click away from the wiki's editor."""

import logging

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from connector.errors import SearchError
from search.gardening import KINDS, GardenQueue
from search.results import SimilarPage
from webui.bootstrap import Services
from webui.current import current_services
from webui.pages.parameters import choice, number
from webui.rights.readers import current_reader, require
from webui.rights.roles import Role

logger = logging.getLogger(__name__)

PAGES = 20
PAGE_MAX = 100_000
_EXTENSION = "Compagnon"
# For a page that nothing names, or that names nothing: those about the same.
_NEAR = 3


def add_to(blueprint: Blueprint) -> None:
    """Register this page."""
    blueprint.add_url_rule("/gardening", "gardening", gardening)


@require(Role.EDITOR)
def gardening() -> str | Response:
    """List the pages of one kind (`?kind=`), twenty at a time (`?page=`)."""
    kind = choice("kind", KINDS)
    page = number("page", default=1, least=1, most=PAGE_MAX)
    services = current_services()
    readable = current_reader().readable
    queue = services.gardening.queue(kind, limit=PAGES, offset=(page - 1) * PAGES, readable=readable)
    last = max(1, -(-queue.counts[kind] // PAGES))
    if page > last:  # the list has become shorter since
        return redirect(url_for("pages.gardening", kind=kind, page=last))
    site = services.site()
    return render_template(
        "gardening.html",
        kinds=KINDS,
        queue=queue,
        near=_near(services, queue),
        first=(page - 1) * PAGES + 1,
        page=page,
        last=last,
        can_edit=services.can_publish,
        panel_is_known=site is not None and _EXTENSION in site.extensions,
    )


def _near(services: Services, queue: GardenQueue) -> dict[int, list[SimilarPage]]:
    """Return, by pageid, what is about the same as the pages for which no link can be suggested."""
    without = [page for page in queue.pages if not (page.mentions if queue.kind == "orphans" else page.links)]
    readable = current_reader().readable
    try:
        return {
            page.pageid: services.searcher.related(page.pageid, top_k=_NEAR, readable=readable)
            for page in without
        }
    except SearchError as e:  # the lists need no index
        logger.warning("no pages about the same: %s", e)
        return {}
