"""The API for the wiki's gadget: asked by browsers from the wiki's own pages, about public pages only.

Nobody says who they are here, so nothing is kept and only pages are named that anybody may read. Other web
sites are not answered (https://fetch.spec.whatwg.org/#http-cors-protocol); no cookie is read, and none let
through.
"""

from urllib.parse import urlsplit

from flask import Response, g, jsonify, request
from werkzeug.exceptions import BadRequest, Forbidden

from connector.errors import PageNotFoundError
from connector.model import Site
from webui.api.panel_answers import box as box_of
from webui.api.panel_answers import panel, site_of
from webui.api.panel_requests import written_text
from webui.api.panel_shapes import Shape, box_shape, only_readable, pageids_in
from webui.current import current_services
from webui.pages.parameters import pageid
from webui.security import comes_from_another_site

LONGEST_BODY_BYTES = 1_000_000
"""Anybody may send it, and it is read word by word."""
_PREFLIGHT_SECONDS = 600
_DEFAULT_PORTS = {"http": 80, "https": 443}


def require_wiki() -> Response | None:
    """Let nobody in but browsers that show a page of the wiki, and only while all may read the wiki.

    Raises:
        Forbidden: it is another web site, or the wiki is private, or there is only a file of it.
    """
    services = current_services()
    request.max_content_length = LONGEST_BODY_BYTES
    origin = request.headers.get("Origin")
    site = services.site()
    if site is None or site.private or not services.can_publish:
        raise Forbidden("this is for wikis that all may read, and that can be asked what all may read")
    # A page of the same origin (a proxy may put both behind one name) asks without telling its origin.
    if comes_from_another_site() if origin is None else not is_origin_of(site, origin):
        raise Forbidden("this call comes from another web site than the wiki")
    g.wiki_origin = origin
    if request.method == "OPTIONS":
        return Response(status=204)
    return None


def allow_wiki(response: Response) -> Response:
    """Let scripts of the wiki's own pages read an answer."""
    response.vary.add("Origin")
    origin = g.get("wiki_origin")
    if origin is not None:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = "GET, POST"
            response.headers["Access-Control-Allow-Headers"] = "Content-Type"
            response.headers["Access-Control-Max-Age"] = str(_PREFLIGHT_SECONDS)
    return response


def is_origin_of(site: Site, origin: str) -> bool:
    """Whether an origin, as a browser sends it, is the wiki's; of either scheme where the wiki names none."""
    wiki = _origin(site.server_url)
    asking = _origin(origin)
    if wiki is None or asking is None or not asking[0]:
        return False
    if not wiki[0]:
        wiki = (asking[0], wiki[1], wiki[2] or _DEFAULT_PORTS[asking[0]])
    return wiki == asking


def _origin(address: str) -> tuple[str, str, int | None] | None:
    """Return scheme, host and port of an address; of one without a scheme "" and the port that it names."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
        # Browsers write a name as the domain name system has it.
        name = host.encode("idna").decode("ascii") if host and not host.isascii() else host
    except ValueError:
        return None
    if not name or parts.scheme not in ("", *_DEFAULT_PORTS) or "@" in parts.netloc:
        return None
    if parts.path or parts.query or parts.fragment:
        return None
    return parts.scheme, name.lower(), port or _DEFAULT_PORTS.get(parts.scheme)


def box() -> Response:
    """`GET /api/v1/gadget/box?pageid=`: practices and people that have to do with a page."""
    number = pageid()
    if number is None:
        raise BadRequest("give a page: ?pageid=")
    try:
        shape = box_of(current_services(), number)
    except PageNotFoundError:
        shape = box_shape(number, [], [], talks={})
    return jsonify(_public(shape, of_page=number))


def links() -> Response:
    """`POST /api/v1/gadget/links`: links for a text that is being written; nothing is kept."""
    services = current_services()
    text = written_text(site_of(services))
    shape = panel(services, text, record=False, readable=_may_anybody_read)
    return jsonify(_public(shape, of_page=text.pageid))


def _may_anybody_read(number: int) -> bool:
    return bool(current_services().public_pages.titles([number]))


def _public(shape: Shape, *, of_page: int) -> Shape:
    """Return of an answer what anybody may see.

    Of a page that is absent, or not copied yet, or that not everybody may read, nothing is told; that is no
    error, which the browser would show to a member who may well read it.
    """
    own = {of_page} if of_page else set()
    titles = current_services().public_pages.titles(pageids_in(shape) | own)
    return only_readable(shape, titles if own <= titles.keys() else {})
