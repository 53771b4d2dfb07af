"""The JSON API of pages, people and links: what programs, and the extension inside the wiki, ask."""

from dataclasses import replace
from datetime import UTC, datetime

from flask import Response, jsonify, request
from werkzeug.exceptions import BadRequest, Forbidden

from connector.errors import IndexBusyError, IndexNotBuiltError, PageNotFoundError
from connector.model import Page, Site
from connector.titles import normalize_title
from search.titles import readable_titles
from webui.api.json_bodies import json_object
from webui.api.shapes import (
    Shape,
    experts_shape,
    facets_shape,
    health_shape,
    index_shape,
    links_shape,
    related_shape,
    search_shape,
    titles_shape,
)
from webui.api.topic_shapes import topics_shape
from webui.community_list import may_see_list, told_people
from webui.current import current_services
from webui.monitoring.health import read_health
from webui.owner_token import shows_owner_token
from webui.pages.parameters import TOP_K_MAX, flag, pageid, top_k
from webui.pages.search_filters import narrowing
from webui.rights.pages import readable_page, readable_pages, readable_title
from webui.rights.readers import current_reader
from webui.rights.roles import Role
from webui.security import comes_from_another_site
from webui.see_also import see_also

ANSWERS = 10
EXPERTS = 5
SUGGESTIONS = 10
RELATED = 5
TOPICS = 20
COMPLETIONS = 8
LARGEST_PAGEID = (1 << 31) - 1
LONGEST_TITLE = 255
"""Bytes that a title may have in MediaWiki: more characters begin none."""


def search() -> Response:
    """`GET /api/v1/search?q=&top_k=&practices_only=&answer=`: the pages that answer, and who knows.

    Also `status`, `category`, `language`, `namespace` and `since`, which narrow it.
    """
    services = current_services()
    answers = services.answers if flag("answer") else None
    narrowed = narrowing()
    result = services.searcher.search(
        _question(),
        top_k=top_k(ANSWERS),
        practices_only=narrowed.practices_only,
        filters=narrowed.filters,
        readable=current_reader().readable,
    )
    result = replace(result, experts=told_people(result.experts))
    if not may_see_list():
        result = replace(result, hits=tuple(replace(hit, answered=None) for hit in result.hits))
    return jsonify(search_shape(result, answers=answers))


def facets() -> Response:
    """`GET /api/v1/facets`: what a search can be narrowed by."""
    return jsonify(facets_shape(current_services().searcher.facets(readable=current_reader().readable)))


def experts() -> Response:
    """`GET /api/v1/experts?q=&top_k=`: the people who know, with the pages that prove it."""
    result = current_services().searcher.experts(
        _question(), top_k=top_k(EXPERTS), readable=current_reader().readable
    )
    return jsonify(experts_shape(replace(result, experts=told_people(result.experts))))


def topics() -> Response:
    """`GET /api/v1/topics?topic=&person=&top_k=`: what the community knows about, and who."""
    topic, person = (request.args.get(name, "").strip() or None for name in ("topic", "person"))
    if topic is not None and person is not None:
        raise BadRequest("give a topic or a person, not both")
    services = current_services()
    language = _site().language
    return jsonify(
        topics_shape(
            services.topics,
            language=language,
            topic=topic,
            person=person,
            top_k=top_k(TOPICS),
            readable=current_reader().readable,
            for_members=current_reader().role >= Role.MEMBER,
        )
    )


def titles() -> Response:
    """`GET /api/v1/titles?q=&top_k=`: the pages whose title somebody may be typing."""
    typed = request.args.get("q")
    if typed is None:
        raise BadRequest("give the beginning of a title: ?q=")
    if len(typed) > LONGEST_TITLE:
        raise BadRequest(f"no title has more than {LONGEST_TITLE} characters")
    wanted = top_k(COMPLETIONS)
    _site()
    found = readable_titles(
        current_services().index.keywords, typed, limit=wanted, readable=current_reader().readable
    )
    return jsonify(titles_shape(typed, found))


def related(pageid: int) -> Response:
    """`GET /api/v1/pages/<pageid>/related?top_k=`: the pages about what a page is about."""
    page = readable_page(pageid)
    found = current_services().searcher.related(
        page.pageid, top_k=top_k(RELATED), readable=current_reader().readable
    )
    return jsonify(related_shape(page, found, _site()))


def links() -> Response:
    """`GET /api/v1/links?title=&top_k=` (or `?pageid=`): what could be linked on a page."""
    title, number = request.args.get("title", "").strip(), pageid()
    if number is not None:
        page = readable_page(number)
    elif title:
        page = readable_title(title)
    else:
        raise BadRequest("give the title of a page: ?title=")
    return jsonify(_links(page, top_k(SUGGESTIONS)))


def links_of_page(pageid: int) -> Response:
    """`GET /api/v1/pages/<pageid>/links?top_k=`: what could be linked on a page."""
    page = readable_page(pageid)
    return jsonify(_links(page, top_k(SUGGESTIONS)))


def links_of_text() -> Response:
    """`POST /api/v1/links`: what could be linked in a text that is not saved yet; nothing is kept.

    The body is JSON: `wikitext`, and `title` or `pageid` of the page that it is to be; `top_k` if wanted.
    """
    if comes_from_another_site():
        raise Forbidden("this call comes from another web site")
    page, wanted = _written_page()
    return jsonify(_links(page, wanted))


def _links(page: Page, wanted: int) -> Shape:
    services = current_services()
    suggestions = services.links.suggest(page, top_k=wanted, readable=current_reader().readable)
    others = see_also(services, page, beside=suggestions, readable=current_reader().readable)
    return links_shape(page, suggestions, others)


def _written_page() -> tuple[Page, int]:
    """Return the page in the body of the request, with revid 0, and how many links are wanted."""
    wanted_body = 'give the text of a page: {"wikitext": ...}'
    body = json_object(wanted_body)
    if not isinstance(body.get("wikitext"), str):
        raise BadRequest(wanted_body)
    wikitext, title, number = body["wikitext"], body.get("title") or "", body.get("pageid")
    wanted = body.get("top_k", SUGGESTIONS)
    if not isinstance(title, str) or len(title) > LONGEST_TITLE:
        raise BadRequest(f"title is a text of {LONGEST_TITLE} characters at the most")
    if type(wanted) is not int or not 1 <= wanted <= TOP_K_MAX:
        raise BadRequest(f"top_k is a whole number from 1 to {TOP_K_MAX}")
    if number is not None and (type(number) is not int or not 0 < number <= LARGEST_PAGEID):
        raise BadRequest("pageid is a whole number")
    try:
        title = normalize_title(title, site=_site())
    except ValueError:
        title = ""  # no page of the wiki, and so none that could be offered to itself
    saved = _saved_page(number, title)
    if saved is not None:
        return replace(saved, wikitext=wikitext, revid=0, redirect_target=None), wanted
    now = datetime.now(UTC)
    return Page(pageid=0, namespace=0, title=title, revid=0, timestamp=now, wikitext=wikitext), wanted


def _saved_page(number: int | None, title: str) -> Page | None:
    """Return the page that a text is to be; one that may not be read is as one that is not there."""
    pages = current_services().store.pages
    found = pages.by_title(title) if number is None else pages.get(number)
    if found is not None and readable_pages([found]):
        return found
    if number is not None:
        raise PageNotFoundError(f"no page {number} in the mirror", pageid=number)
    return None


def _site() -> Site:
    site = current_services().site()
    if site is None:
        raise IndexNotBuiltError("there is nothing to search in yet: run `compagnon sync`")
    return site


def health() -> Response:
    """`GET /api/v1/health`: is the copy of the wiki complete and in step? For whoever watches the service."""
    return jsonify(health_shape(read_health(current_services())))


def index() -> Response:
    """`POST /api/v1/index`: bring the index in step, asked for by the command line of this same machine.

    The process that serves owns the index; another one shows, by the token in the index folder, that it
    may ask. With `?reread=1` it looks again which embedding model the settings say, and goes over to it.
    """
    services = current_services()
    if not shows_owner_token(services.index_lock, services.config):
        raise Forbidden("the token of the index's owner is needed")
    # Each one that waits for the update at hand holds one of the server's threads, for hours perhaps.
    if not services.asked_updates.acquire(blocking=False):
        raise IndexBusyError("the index is being brought in step already: try again when that is done")
    try:
        return jsonify(index_shape(services.update_index(reread=request.args.get("reread") == "1")))
    finally:
        services.asked_updates.release()


def _question() -> str:
    question = request.args.get("q")
    if question is None:
        raise BadRequest("give a question: ?q=")
    return question
