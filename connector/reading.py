"""Reading pages through the API: heads, texts, links, checksums, renderings."""

import io
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException

from connector.api import Api, ApiError, Reply
from connector.batches import UNREADABLE, ask_in_batches, entries_of, halves, pages_of
from connector.errors import PageNotFoundError, WikiUnavailableError
from connector.export import WIKITEXT, ExportItem, NotAnExportError, read_export
from connector.model import Page, PageHead, PageLinks, Rendering, TextHash
from connector.replies import (
    TEXT_PROPERTIES,
    is_unclear_redirect,
    read_hash,
    read_head,
    read_page,
    read_redirects,
)
from connector.titles import one_title
from connector.transport import ReplyFault

log = logging.getLogger(__name__)

TEXTS: Mapping[str, Any] = {"prop": "info|revisions", "rvprop": TEXT_PROPERTIES, "rvslots": "main"}
# `prop=info` alone tells of every page; whether it may be read it tells when asked.
_READABLE: Mapping[str, Any] = {"intestactions": "read"}
_LINKS: Mapping[str, Any] = {
    "prop": "info|categories|links|templates",
    "cllimit": "max",
    "pllimit": "max",
    "tllimit": "max",
    **_READABLE,
}
_HASHES: Mapping[str, Any] = {
    "prop": "info|revisions",
    "rvprop": "ids|slotsha1",
    "rvslots": "main",
    **_READABLE,
}
_NO_RENDERING = UNREADABLE | {"nosuchpageid", "missingcontent-pageid", "missingcontent-revid"}


def read_heads(api: Api, *, namespaces: Sequence[int]) -> Iterator[PageHead]:
    """See `Wiki.heads`."""
    for namespace in namespaces:
        listing = {"generator": "allpages", "gapnamespace": namespace, "prop": "info"}
        for reply in api.query(listing, limits=["gaplimit"]):
            yield from filter(None, map(read_head, pages_of(reply)))


def read_contents(api: Api, *, namespaces: Sequence[int]) -> Iterator[tuple[PageHead, Page | None]]:
    """See `Wiki.contents`."""
    for namespace in namespaces:
        yield from _read_namespace(api, {"generator": "allpages", "gapnamespace": namespace})


def _read_namespace(api: Api, listing: Reply) -> Iterator[tuple[PageHead, Page | None]]:
    """Read heads and texts together, and heads alone from where a reply has no room for the texts.

    Nor are they read together any more where one page fails the others, or a reply comes broken: `pages`
    knows what to do then.
    """
    goes_on: Reply = {}
    unclear: dict[int, tuple[PageHead, Reply]] = {}
    complete = False
    while not complete:
        question = {**listing, **TEXTS, "gaplimit": api.limit, **goes_on}
        try:
            reply = api.call("query", question, less_may_help=True)
        except ReplyFault:
            break
        except ApiError as e:
            if e.code not in UNREADABLE:
                raise
            break
        if not reply.get("batchcomplete"):
            break
        for page in pages_of(reply):
            head = read_head(page)
            if head is None:
                continue
            if has_text(page) and is_unclear_redirect(page):
                unclear[head.pageid] = head, page
            else:
                yield head, read_page(page, targets={}) if has_text(page) else None
        following = reply.get("continue")
        if following is None:
            complete = True
        elif following == goes_on:
            raise WikiUnavailableError(f"{api.url} answers the same again and again", url=api.url)
        else:
            goes_on = following
    clear = {page.pageid: page for page in with_targets(api, [page for _, page in unclear.values()])}
    yield from ((head, clear.get(pageid)) for pageid, (head, _) in unclear.items())
    if not complete:
        for reply in api.query({**listing, "prop": "info", **goes_on}, limits=["gaplimit"]):
            yield from ((head, None) for head in filter(None, map(read_head, pages_of(reply))))


def read_existing(api: Api, pageids: Sequence[int]) -> dict[int, PageHead]:
    """See `Wiki.existing`."""
    batches = ask_in_batches(api, pageids, {"prop": "info"}, go_on=True)
    heads = (read_head(page) for replies in batches for reply in replies for page in pages_of(reply))
    return {head.pageid: head for head in heads if head is not None}


def read_titled(api: Api, titles: Sequence[str]) -> dict[str, PageHead]:
    """See `Wiki.titled`."""
    if not titles:
        return {}
    reply = api.call("query", {"titles": "".join(map(one_title, titles)), "prop": "info", **_READABLE})
    found = (read_head(page) for page in pages_of(reply) if _may_read(page))
    return {head.title: head for head in found if head is not None}


def read_texts(api: Api, pageids: Sequence[int]) -> Iterator[Page]:
    """See `Wiki.pages`.

    Past its limit of size a reply has pages without their texts: these are asked for again, in smaller
    batches, and not with `continue`, which never ends on a page that is larger than the limit by itself.
    """
    waiting = [list(dict.fromkeys(pageids))]
    redirects: list[Reply] = []  # short texts, held back until it is worth a request to ask where they lead
    while waiting:
        batch = waiting.pop()
        cut_short: list[int] = []
        for [reply] in ask_in_batches(api, batch, TEXTS):
            found = [page for page in pages_of(reply) if not page.get("missing")]
            cut_short += [page["pageid"] for page in found if not has_text(page)]
            whole = [page for page in found if has_text(page)]
            redirects += [page for page in whole if is_unclear_redirect(page)]
            yield from with_targets(api, [page for page in whole if not is_unclear_redirect(page)])
            if len(redirects) >= api.limit:
                yield from with_targets(api, redirects)
                redirects = []
        if len(batch) == 1 and cut_short:
            yield from _read_large(api, batch[0])
        elif len(cut_short) < len(batch):
            waiting += [cut_short] if cut_short else []
        else:
            waiting += halves(cut_short)
    yield from with_targets(api, redirects)


def read_current(api: Api, title: str, *, content_model: str) -> Page:
    """See `MediaWiki.current`."""
    reply = api.call("query", {"titles": one_title(title), **TEXTS})
    found = [page for page in pages_of(reply) if has_text(page)]
    if content_model == WIKITEXT:
        pages: Iterable[Page | None] = with_targets(api, found)
    else:
        pages = (read_page(page, targets={}, content_model=content_model) for page in found)
    for page in filter(None, pages):
        return page
    raise PageNotFoundError(f"the wiki has no page “{title}” that can be read", title=title)


def has_text(page: Reply) -> bool:
    """Whether a page came whole: past its limit a reply has an empty `revisions`, then none at all."""
    return bool("lastrevid" in page and page.get("revisions"))


def with_targets(api: Api, pages: Sequence[Reply]) -> Iterator[Page]:
    """Read pages of a reply that have texts, and ask where the redirects lead that do not say it plainly."""
    redirects = [page["pageid"] for page in pages if is_unclear_redirect(page)]
    targets: dict[str, str] = {}
    for [reply] in ask_in_batches(api, redirects, {"redirects": True}):
        targets |= read_redirects(reply.get("query", {}))
    yield from filter(None, (read_page(page, targets=targets) for page in pages))


def _read_large(api: Api, pageid: int) -> Iterator[Page]:
    """Read a page that has no room in a reply, as an export, for which the wiki sets no limit.

    ApiQuery::doExport gives it with the session's rights (index.php would not: a bot password is nobody
    there) and without what is hidden, whoever asks.
    """
    reply = api.call("query", {"pageids": pageid, "export": True})
    try:
        found = list(read_export(io.BytesIO(reply["query"]["export"].encode())))
    except (NotAnExportError, ParseError, DefusedXmlException) as e:
        raise WikiUnavailableError(
            f"{api.url} does not give the text of page {pageid}: its export is damaged", url=api.url
        ) from e
    items = [item for item in found if isinstance(item, ExportItem) and item.page.pageid == pageid]
    for item in items:
        if item.text is not None and item.model == WIKITEXT:
            yield Page(
                pageid=pageid,
                namespace=item.page.namespace,
                title=item.page.title,
                revid=item.page.revid,
                timestamp=item.revision.timestamp,
                wikitext=item.text,
                redirect_target=item.redirect_target,
                content_model=item.model,
            )
    if not items and read_existing(api, [pageid]):
        raise WikiUnavailableError(f"{api.url} does not give the text of page {pageid}", url=api.url)


def read_links(api: Api, pageids: Sequence[int]) -> Iterator[PageLinks]:
    """See `Wiki.page_links`."""
    for replies in ask_in_batches(api, pageids, _LINKS, go_on=True):
        readable: set[int] = set()
        found: dict[int, dict[str, set[str]]] = {}
        for page in (page for reply in replies for page in pages_of(reply)):
            if _may_read(page):
                readable.add(page["pageid"])
            lists = found.setdefault(page.get("pageid", 0), {})
            for kind in ("categories", "links", "templates"):
                lists.setdefault(kind, set()).update(entry["title"] for entry in page.get(kind, ()))
        for pageid in readable:
            lists = found[pageid]
            yield PageLinks(
                pageid=pageid,
                categories=tuple(sorted(lists["categories"])),
                links=tuple(sorted(lists["links"])),
                templates=tuple(sorted(lists["templates"])),
            )


def read_hashes(api: Api, pageids: Sequence[int]) -> dict[int, TextHash]:
    """See `Wiki.text_hashes`."""
    hashes: dict[int, TextHash] = {}
    for replies in ask_in_batches(api, pageids, _HASHES, go_on=True):
        pages = [page for reply in replies for page in pages_of(reply)]
        readable = {page["pageid"] for page in pages if _may_read(page)}
        told = filter(None, map(read_hash, pages))
        hashes |= {text.pageid: text for text in told if text.pageid in readable}
    return hashes


def find_pages(api: Api, question: str, *, namespaces: Sequence[int], limit: int) -> list[int]:
    """See `WikiSearch.find`."""
    asked = {
        "list": "search",
        "srsearch": question,
        "srnamespace": "|".join(map(str, namespaces)),
        "srlimit": limit,
        "srinfo": "",
        "srprop": "",
    }
    reply = api.call("query", asked)
    return list(dict.fromkeys(found["pageid"] for found in entries_of(reply, "search") if "pageid" in found))


def read_rendering(api: Api, pageid: int) -> Rendering | None:
    """See `PageRenderer.rendering`."""
    asked = {"pageid": pageid, "prop": "text|revid", "disableeditsection": True, "disablelimitreport": True}
    try:
        reply = api.call("parse", asked)
    except ApiError as e:
        if e.code in _NO_RENDERING or e.code.startswith("badaccess"):
            return None
        raise
    if "parse" not in reply:
        log.warning("page %d is too long for the wiki's API as it is rendered", pageid)
        return None
    parsed = reply["parse"]
    return Rendering(pageid=parsed["pageid"], revid=parsed["revid"], html=parsed["text"])


def _may_read(page: Reply) -> bool:
    """Whether a page of a reply with `_READABLE` is a readable one of wikitext."""
    return bool(page.get("actions", {}).get("read")) and read_head(page) is not None
