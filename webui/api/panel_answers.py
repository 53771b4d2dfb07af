"""What is shown inside the wiki: found, and put together, for the extension and for the gadget."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from werkzeug.exceptions import ServiceUnavailable

from connector.errors import IndexNotBuiltError, InvalidQueryError, PageNotFoundError, StoreError
from connector.model import Page, Site
from connector.titles import link_target, split_title
from webui.api.panel_requests import WrittenText
from webui.api.panel_shapes import SHOWN, Shape, box_shape, panel_shape, see_also_shape
from webui.api.text_edits import EditedText, link_wikitext
from webui.see_also import see_also

if TYPE_CHECKING:
    from search.experts import Expert
    from search.links import LinkSuggestion
    from webui.bootstrap import Services

logger = logging.getLogger(__name__)

_MORE = 2
"""So many times what is shown is looked for: some of it is taken away from those who may not read it."""
# Of texts that are made to be slow, a hundred thousand characters take up to a second of a core.
_LONGEST_LINKED = 300_000
_WAIT_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A suggested link, ready to be made in the editor."""

    suggestion: "LinkSuggestion"
    target_pageid: int
    edit: Shape


def site_of(services: "Services") -> Site:
    """Return the mirrored wiki.

    Raises:
        IndexNotBuiltError: there is none yet.
    """
    site = services.site()
    if site is None:
        raise IndexNotBuiltError("there is nothing to search in yet: run `compagnon sync`")
    return site


def box(services: "Services", pageid: int) -> Shape:
    """Return the box of a page: practices first, then other pages near it, and who knows about its subject.

    Raises:
        PageNotFoundError: the mirror has no such page.
        SearchError: there is no index, or it cannot be used.
    """
    page = services.store.pages.get(pageid)
    if page is None:
        raise PageNotFoundError(f"no page {pageid} in the mirror", pageid=pageid)
    if page.redirect_target is not None:
        return box_shape(pageid, [], [], talks={})
    related = services.searcher.related(pageid, top_k=_MORE * SHOWN["related"])
    related.sort(key=lambda other: other.status is None)
    people = _people(services, page)
    return box_shape(pageid, related, people, talks=talk_pages(services, people))


def talk_pages(services: "Services", people: "Iterable[Expert]") -> dict[int, int]:
    """Return the talk pages from which people are known who are nowhere else, by the pageid of their page."""
    site = site_of(services)
    proofs = [proof for person in people for proof in person.evidence if proof.reason == "answered"]
    found = {}
    for pageid, title in {proof.pageid: proof.title for proof in proofs}.items():
        namespace, name = split_title(title, site=site)
        talk = services.store.pages.by_title(f"{site.namespaces[namespace + 1].name}:{name}")
        if talk is not None:
            found[pageid] = talk.pageid
    return found


def _people(services: "Services", page: Page) -> "tuple[Expert, ...]":
    from search.experts import without_answers

    # What stands in quotes must stand on a page so: that is for who asks, not for a title.
    subject = page.title.replace('"', " ")
    try:
        found = services.searcher.experts(subject, top_k=_MORE * SHOWN["people"])
    except InvalidQueryError:  # a title without a single word
        return ()
    return without_answers(found.experts)  # every reader of the wiki sees them


def panel(
    services: "Services",
    text: WrittenText,
    *,
    record: bool,
    readable: Callable[[int], bool] | None = None,
) -> Shape:
    """Return the panel of a text that is being written.

    Args:
        services: what answers.
        text: what is written.
        record: keep what is offered, so that it can be judged.
        readable: whether who asks may read the page of this pageid, when the text is to be that of a page
            that they know by its title alone: nothing tells them of one that they may not read. None where
            the wiki has found out.

    Raises:
        ServiceUnavailable: others are being answered.
    """
    # Others wait their turn, and are sent away before they hold all of the server's threads.
    if not services.panels.acquire(timeout=_WAIT_SECONDS):
        raise ServiceUnavailable("too many texts are being read: try again in a moment")
    try:
        return _panel(services, text, record=record, readable=readable)
    finally:
        services.panels.release()


def _panel(
    services: "Services", text: WrittenText, *, record: bool, readable: Callable[[int], bool] | None
) -> Shape:
    site = site_of(services)
    saved = text.page_in(services.store)
    if saved is not None and saved.pageid != text.pageid and readable is not None:
        saved = saved if readable(saved.pageid) else None
    # Of a new page that somebody else has made meanwhile, the wiki tells when it is saved.
    stale = saved is not None and saved.pageid == text.pageid and saved.revid > text.revid
    page = text.as_page(saved)
    offers = [] if stale else _offers(services, page, site)
    pages = [] if stale else _see_also(services, page, site, beside=offers)
    if record and saved is not None and saved.pageid == text.pageid:
        _record(services, text, offers)
    return panel_shape(
        pageid=text.pageid,
        revid=text.revid,
        stale=stale,
        offers=offers,
        see_also=pages,
        no_links=services.links.no_links_title(site),
    )


def _record(services: "Services", text: WrittenText, offers: Sequence[Offer]) -> None:
    links = [(offer.target_pageid, offer.suggestion.link_text) for offer in offers]
    try:
        services.store.link_feedback.offer(text.pageid, text.revid, links)
    except StoreError as e:  # a full disk is no reason to offer nothing
        logger.warning("what is offered cannot be judged: %s", e)


def _offers(services: "Services", page: Page, site: Site) -> list[Offer]:
    if len(page.wikitext) > _LONGEST_LINKED:
        return []
    edited = EditedText(page.wikitext)
    offers = []
    for suggestion in services.links.suggest(page, top_k=_MORE * SHOWN["suggestions"]):
        target = services.store.pages.by_title(suggestion.link_target)
        if target is None:  # purged a moment ago
            continue
        start = suggestion.wikitext_offset
        edit = edited.edit(
            start=start,
            end=start + len(suggestion.link_text),
            replacement=link_wikitext(suggestion, site=site),
        )
        offers.append(Offer(suggestion=suggestion, target_pageid=target.pageid, edit=edit))
    return offers


def _see_also(services: "Services", page: Page, site: Site, *, beside: Sequence[Offer]) -> list[Shape]:
    from search.see_also_place import see_also_place

    suggestions = [offer.suggestion for offer in beside]
    found = see_also(services, page, beside=suggestions, top_k=_MORE * SHOWN["see_also"])
    if not found:
        return []
    language = services.index.detector.guess(page.wikitext) or site.language
    edited = EditedText(page.wikitext)
    place, before, after = see_also_place(page.wikitext, language)

    def item(title: str) -> str:
        return f"{before}* [[{link_target(title, site=site)}]]{after}"

    return [
        see_also_shape(
            each,
            edit=edited.edit(start=place, end=place, replacement=item(each.title)),
            here=page.pageid,
        )
        for each in found
    ]
