"""The shape of the gardeners' lists in JSON, the same from the API and from the command line."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # as in `webui.api.shapes`
    from connector.model import Site
    from search.gardening import GardenPage, GardenQueue, PossibleLink


def gardening_shape(queue: "GardenQueue", site: "Site", *, offset: int, can_edit: bool) -> dict[str, Any]:
    """Return `{"kind", "counts", "offset", "unsurveyed", "pages"}`.

    Args:
        queue: a part of a list.
        site: the wiki.
        offset: after how many pages of the list this part begins.
        can_edit: whether a live wiki stands behind the mirror, whose editor can be opened.
    """
    return {
        "kind": queue.kind,
        "counts": dict(queue.counts),
        "offset": offset,
        "unsurveyed": queue.unsurveyed,
        "pages": [_page(page, site, can_edit=can_edit) for page in queue.pages],
    }


def _page(page: "GardenPage", site: "Site", *, can_edit: bool) -> dict[str, Any]:
    return {
        "pageid": page.pageid,
        "title": page.title,
        "url": site.page_url(page.title),
        "edit_url": _edit_url(page.title, site, can_edit=can_edit),
        "status": page.status,
        "links": page.links,
        "leads_to": [_link(each, site, can_edit=can_edit) for each in page.leads_to],
        "mentions": page.mentions,
        "mentioned_on": [_link(each, site, can_edit=can_edit) for each in page.mentioned_on],
    }


def _link(link: "PossibleLink", site: "Site", *, can_edit: bool) -> dict[str, Any]:
    return {
        "pageid": link.pageid,
        "title": link.title,
        "url": site.page_url(link.title),
        "edit_url": _edit_url(link.title, site, can_edit=can_edit),
        "score": link.score,
    }


def _edit_url(title: str, site: "Site", *, can_edit: bool) -> str | None:
    return site.edit_url(title, with_suggestions=True) if can_edit else None
