"""Feeds for feed readers: what the community asks, its practices, links to be made.

A feed reader cannot sign in. Where a person must, they get an address of their own, with a token that is good
for feeds alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, cast

from flask import Blueprint, Flask, Response, flash, g, redirect, render_template, request, url_for
from flask_babel import LazyString, gettext, lazy_gettext
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from connector.errors import IndexNotBuiltError, NotAllowedError, SignInWantedError
from webui.current import current_services
from webui.feeds import entries as feed_entries
from webui.feeds.documents import MEDIA_TYPES, Entry, Feed, Format, written
from webui.language import current_language
from webui.rights.readers import check_role, current_reader
from webui.rights.roles import Role

if TYPE_CHECKING:
    from connector.model import Site

_PUBLIC_SECONDS: Final = 30
"""How long a feed that is the same for everybody may be kept by caches: as long as rights are remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One of the feeds."""

    title: LazyString
    endpoint: str
    """The page that people read instead."""
    entries: "Callable[[Site], list[Entry]]"
    role: Role = Role.VISITOR


KINDS: Final = {
    "questions": Kind(
        title=lazy_gettext("Questions without an answer"),
        endpoint="pages.questions",
        entries=feed_entries.questions,
    ),
    "practices": Kind(
        title=lazy_gettext("New and changed practices"),
        endpoint="pages.search",
        entries=feed_entries.practices,
    ),
    "suggestions": Kind(
        title=lazy_gettext("Pages where links could be made"),
        endpoint="pages.gardening",
        entries=feed_entries.suggestions,
        role=Role.EDITOR,
    ),
}

blueprint = Blueprint("feeds", __name__, url_prefix="/feeds")


@blueprint.get("/<name>.<any(atom,rss):format>")
def feed(name: str, format: str) -> AnyResponse:
    """Answer with a feed, as who asks may read it.

    Raises:
        NotFound: there is no such feed.
        SignInWantedError: the token is good for no feed, or there is none where one is wanted.
        NotAllowedError: this feed is for editors.
    """
    kind = KINDS.get(name)
    if kind is None:
        raise NotFound
    _let_in(kind)
    services = current_services()
    site = services.site()
    if site is None:
        raise IndexNotBuiltError("there is no copy of the wiki yet: run `compagnon sync`")
    entries = kind.entries(site)
    language = current_language()
    document = Feed(
        id=url_for("feeds.feed", name=name, format="atom", _external=True),
        title=f"{kind.title} · {site.name}",
        subtitle=gettext("From Compagnon, the memory of %(wiki)s.", wiki=site.name),
        url=url_for(kind.endpoint, _external=True),
        own_url=url_for("feeds.feed", name=name, format=format, _external=True),
        language=language,
        author=site.name,
        updated=feed_entries.newest(entries),
        entries=entries,
    )
    as_format = cast("Format", format)
    response = Response(written(document, as_format), mimetype=MEDIA_TYPES[as_format])
    if current_reader().role > Role.VISITOR:
        return response
    g.may_be_kept = True  # `webui.security` lets nothing be kept that is not marked so
    response.cache_control.public = True
    response.cache_control.max_age = _PUBLIC_SECONDS
    response.last_modified = document.updated
    response.add_etag()
    return response.make_conditional(request)


@blueprint.get("")
def feeds() -> str:
    """List the feeds, with addresses that work for who looks."""
    return _page(token="")


@blueprint.post("")
def make_address() -> str | AnyResponse:
    """Make addresses of one's own, and show them this once."""
    account = check_role(Role.MEMBER).account
    if account is None:  # nobody signs in here
        flash(gettext("Here the addresses work as they are."))
        return redirect(url_for("feeds.feeds"), 303)
    token = current_services().store.access_tokens.make(
        account.id, label=gettext("Feeds"), now=datetime.now(UTC), expires_at=None, kind="feed"
    )
    return _page(token=token)


def init_app(app: Flask) -> None:
    """Serve the feeds, and name them on every page where anybody may read them as they are."""
    app.register_blueprint(blueprint)
    app.context_processor(_offered)


def _offered() -> dict[str, list[tuple[str, LazyString]]]:
    anybody = current_services().readers.anybody_reads
    kinds = [(name, kind.title) for name, kind in KINDS.items() if kind.role == Role.VISITOR]
    return {"feeds_for_all": kinds if anybody else []}


def _page(*, token: str) -> str:
    reader = current_reader()
    anybody = current_services().readers.anybody_reads
    return render_template(
        "feeds.html",
        kinds={name: kind for name, kind in KINDS.items() if reader.role >= kind.role},
        token=token,
        own_only={name for name, kind in KINDS.items() if not anybody or kind.role > Role.VISITOR},
        has_account=reader.account is not None,
    )


def _let_in(kind: Kind) -> None:
    token = request.args.get("token", "")
    if token:
        _know_by(token)
    elif current_reader().role < Role.MEMBER and not current_services().readers.anybody_reads:
        raise SignInWantedError("this feed wants an address of your own: the page /feeds makes one")
    check_role(kind.role)


def _know_by(token: str) -> None:
    """Let a feed be asked for in the name of a token's owner, whoever the browser is."""
    readers = current_services().readers
    account = readers.owner_of(token, kind="feed")
    if account is None:
        raise SignInWantedError("this address is not known, or was taken back: the page /feeds makes one")
    reader = readers.reader_of(account)
    if reader.role < Role.MEMBER:
        raise NotAllowedError("this account may not sign in any more")
    g.reader = reader
