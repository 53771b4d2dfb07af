"""Pages that who asks may read: of others nothing is told, not even that they are there."""

from collections.abc import Collection, Sequence

from connector.errors import PageNotFoundError
from connector.model import Page, PageHead
from webui.current import current_services
from webui.rights.readers import current_reader


def head_of(page: Page) -> PageHead:
    """Return what tells a page apart."""
    return PageHead(pageid=page.pageid, namespace=page.namespace, title=page.title, revid=page.revid)


def readable_page(pageid: int) -> Page:
    """Return a page of the mirror; a redirect is followed.

    Raises:
        PageNotFoundError: there is none, or who asks may not read it: both are told alike.
    """
    pages = current_services().store.pages
    absent = PageNotFoundError(f"no page {pageid} in the mirror", pageid=pageid)
    page = pages.get(pageid)
    if page is None or not readable_pages([page]):
        raise absent
    if page.redirect_target is None:
        return page
    target = pages.by_title(page.redirect_target)
    if target is None or not readable_pages([target]):
        raise absent
    return target


def readable_title(title: str) -> Page:
    """Return the page of a title, as a person writes it; errors as `readable_page`."""
    found = current_services().store.pages.by_title(title)
    if found is None:
        raise PageNotFoundError(f"no page “{title[:80]}” in the mirror", title=title)
    try:
        return readable_page(found.pageid)
    except PageNotFoundError as e:
        raise PageNotFoundError(f"no page “{title[:80]}” in the mirror", title=title) from e


def readable_pages(pages: Collection[Page]) -> Sequence[Page]:
    """Return those of some pages that who asks may read, in their order."""
    readable = current_reader().readable
    if not readable.restricted:
        return [*pages]
    known = readable.among([head_of(page) for page in pages])
    return [page for page in pages if page.pageid in known]
