"""Suggested links: what a wiki editor could link on a page, each in its sentence."""

import unicodedata
from collections.abc import Sequence

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from connector.errors import PageNotFoundError
from connector.model import Page, PageHead
from search.readable import first_readable
from webui.current import current_services
from webui.pages.parameters import pageid, top_k
from webui.rights.pages import readable_page, readable_pages, readable_title
from webui.rights.readers import current_reader, require
from webui.rights.roles import Role
from webui.see_also import see_also

SUGGESTIONS = 10
RECENT = 12
COMPLETIONS = 12


def add_to(blueprint: Blueprint) -> None:
    """Register this page."""
    blueprint.add_url_rule("/links", "links", links)


@require(Role.EDITOR)
def links() -> str | AnyResponse | tuple[str, int]:
    """Show the suggested links of `?title=` or `?pageid=`, or let the visitor choose a page."""
    title = request.args.get("title", "").strip()
    number = pageid()
    if not title and number is None:
        return render_template("links.html", recent=_recent())
    page = find_page(title=title, number=number)
    if page is None:
        near = _titles_like(title, COMPLETIONS)
        return render_template("links.html", title=title, missing=True, near=near, recent=_recent()), 404
    if request.args.get("pageid") is None and title.replace("_", " ") != page.title:
        return redirect(url_for("pages.links", title=page.title))
    services, readable = current_services(), current_reader().readable
    suggestions = services.links.suggest(page, top_k=top_k(SUGGESTIONS), readable=readable)
    return render_template(
        "links.html",
        title=page.title,
        page=page,
        suggestions=suggestions,
        see_also=see_also(services, page, beside=suggestions, readable=readable),
        no_links_title=_no_links_title(),
    )


def find_page(*, title: str, number: int | None) -> Page | None:
    """Return a page of the mirror by its pageid or its title, following a redirect; None: no such page.

    One that who asks may not read is as one that is not there.
    """
    try:
        return readable_page(number) if number is not None else readable_title(title)
    except PageNotFoundError:
        return None


def _no_links_title() -> str | None:
    """Return the title of the list of what is never linked; None for who may perhaps not read it."""
    services = current_services()
    site = services.store.site.get()
    title = None if site is None else services.links.no_links_title(site)
    if title is None or not current_reader().readable.restricted:
        return title
    page = services.store.pages.by_title(title)  # most often it is in a namespace that is not mirrored
    return title if page is not None and readable_pages([page]) else None


def _content_heads() -> list[PageHead]:
    store = current_services().store
    site = store.site.get()
    content = [number for number, namespace in site.namespaces.items() if namespace.content] if site else []
    return store.pages.heads(namespaces=content or [0])


def _recent() -> list[str]:
    """Return the titles that were edited last: an editor often comes from there."""
    redirects = current_services().store.pages.redirects()
    pages = [head for head in _content_heads() if head.title not in redirects]
    return _readable_titles(sorted(pages, key=lambda head: head.revid, reverse=True), RECENT)


def _readable_titles(heads: Sequence[PageHead], limit: int) -> list[str]:
    """Return the titles of the first pages that who asks may read."""
    allowed = first_readable(heads, current_reader().readable, enough=limit)
    return [head.title for head in heads if head.pageid in allowed][:limit]


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("_", " ").replace("’", "'"))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _titles_like(text: str, limit: int) -> list[str]:
    """Return titles that contain every word of a text, those that begin with it first."""
    words = _folded(text).split()
    if not words:
        return []
    found = []
    for head in _content_heads():
        folded = _folded(head.title)
        if all(word in folded for word in words):
            found.append((not folded.startswith(" ".join(words)), len(head.title), head.title, head))
    return _readable_titles([head for *_, head in sorted(found, key=lambda each: each[:3])], limit)
