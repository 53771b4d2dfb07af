"""From the API's JSON (formatversion=2) to the model. What is hidden is absent, whatever came with it."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from connector.model import LoggedEvent, Namespace, Page, PageHead, Revision, Site, TextHash
from connector.transport import ApiAddress

WIKITEXT = "wikitext"

REVISION_PROPERTIES = "ids|timestamp|user|userid|comment|size|sha1|flags|tags"
TEXT_PROPERTIES = "ids|timestamp|content|flags"

_FIRST_LINK = re.compile(r"\[\[\s*:?\s*([^\[\]|#\n]+)")
# A target that the wiki would write as it stands: no namespace, other wiki, entity or code to make out.
_PLAIN_TITLE = re.compile(r"\w(?: ?[\w,.'’()!?/+–-])*")


def is_reply(reply: object, action: str) -> bool:
    """Whether this is what a MediaWiki API says: JSON of something else is as wrong as HTML."""
    if not isinstance(reply, dict):
        return False
    if "error" in reply:
        return isinstance(reply["error"], dict) and "code" in reply["error"]
    # A query that finds nothing answers with no more than that it is complete, and in the place of what is
    # larger than a reply may be ($wgAPIMaxResultSize) stands a warning.
    complete = action == "query" and ("batchcomplete" in reply or "continue" in reply)
    return action in reply or complete or (action == "parse" and "warnings" in reply)


def read_time(text: str) -> datetime:
    """Read a timestamp of MediaWiki's (ISO 8601, UTC)."""
    return datetime.fromisoformat(text)


def read_site(query: Mapping[str, Any], *, address: ApiAddress, private: bool) -> Site:
    """Read `meta=siteinfo` with general, namespaces, namespacealiases, statistics and extensions."""
    general = query["general"]
    aliases: dict[int, list[str]] = {}
    for entry in query.get("namespacealiases", []):
        aliases.setdefault(entry["id"], []).append(entry["alias"])
    namespaces = {
        entry["id"]: Namespace(
            id=entry["id"],
            name=entry["name"],
            canonical=entry.get("canonical", ""),
            aliases=tuple(sorted(aliases.get(entry["id"], []))),
            content=bool(entry.get("content")),
            case=entry["case"],
        )
        for entry in query["namespaces"].values()
        if entry["id"] >= 0  # Special and Media have no pages
    }
    server = urlsplit(
        general["server"], scheme=address.scheme
    )  # "//host" is allowed, and means "as you came"
    if server.scheme not in {"http", "https"} or not server.netloc:
        raise ValueError("the wiki's own address is none of the web")  # pages link to it
    counted = query.get("statistics", {})
    return Site(
        name=general["sitename"],
        language=general["lang"],
        server_url=f"{server.scheme}://{server.netloc}",
        article_path=general["articlepath"],
        script_path=general["scriptpath"],
        namespaces=namespaces,
        private=private,
        page_count=counted.get("pages", 0),
        edit_count=counted.get("edits", 0),
        extensions=tuple(sorted(_extensions(query.get("extensions", ())))),
        main_page=general.get("mainpage", ""),
    )


def _extensions(listed: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return names; the API lists skins with them."""
    return {each["name"] for each in listed if "name" in each and each.get("type") != "skin"}


def read_head(page: Mapping[str, Any]) -> PageHead | None:
    """Read a page with `prop=info`; None when it does not exist, or is not wikitext."""
    if page.get("missing") or page.get("invalid") or page.get("contentmodel") != WIKITEXT:
        return None
    return PageHead(
        pageid=page["pageid"],
        namespace=page["ns"],
        title=page["title"],
        revid=page["lastrevid"],
        touched=read_time(page["touched"]) if page.get("touched") else None,
    )


def read_page(
    page: Mapping[str, Any], *, targets: Mapping[str, str], content_model: str = WIKITEXT
) -> Page | None:
    """Read a page with its text (`prop=info|revisions`); None when it is hidden, or of another kind.

    Args:
        page: the reply's page, which has `revisions`.
        targets: where the redirects of the same reply lead, by title.
        content_model: what kind of text is meant.
    """
    revision = page["revisions"][0]
    slot = revision.get("slots", {}).get("main", {})
    if _text_is_hidden(revision, slot) or "content" not in slot or slot.get("contentmodel") != content_model:
        return None
    target = None
    if page.get("redirect"):
        target = targets.get(page["title"]) or _written_target(slot["content"])
    return Page(
        pageid=page["pageid"],
        namespace=page["ns"],
        title=page["title"],
        revid=revision["revid"],
        timestamp=read_time(revision["timestamp"]),
        wikitext=slot["content"],
        redirect_target=target,
        content_model=slot["contentmodel"],
    )


def read_hash(page: Mapping[str, Any]) -> TextHash | None:
    """Read the checksum of a page's newest text (`rvprop=ids|slotsha1`); None where the text is hidden."""
    for revision in page.get("revisions", ()):
        slot = revision.get("slots", {}).get("main", {})
        if not _text_is_hidden(revision, slot) and slot.get("sha1"):
            return TextHash(pageid=page["pageid"], revid=revision["revid"], sha1=slot["sha1"])
    return None


def read_event(event: Mapping[str, Any]) -> LoggedEvent:
    """Read one of `list=logevents` (ids, title, type, timestamp, details).

    The log of suppressions is shown to few; what it names is what nobody else may know.
    """
    hidden = bool(event.get("actionhidden"))
    named = not hidden and event["type"] != "suppress"
    details = event.get("params")
    target = None
    if named and isinstance(details, dict):
        target = details.get("target_title") or details.get("dest_title")
    return LoggedEvent(
        logid=event["logid"],
        type=event["type"],
        action=event["action"],
        timestamp=read_time(event["timestamp"]),
        # `pageid` is who bears the title now: of a move, the redirect.
        pageid=None if hidden else event.get("logpage") or None,
        title=event.get("title") if named else None,
        target_title=target,
    )


def _text_is_hidden(*parts: Mapping[str, Any]) -> bool:
    # `suppressed` says from whom something is hidden, not what: the text of a suppressed author may be read.
    return any(part.get(flag) for part in parts for flag in ("texthidden", "sha1hidden"))


def read_redirects(query: Mapping[str, Any]) -> dict[str, str]:
    """Read where redirects lead (`redirects=1`): target by title, without fragments."""
    return {
        entry["from"]: f"{entry['tointerwiki']}:{entry['to']}" if entry.get("tointerwiki") else entry["to"]
        for entry in query.get("redirects", [])
    }


def read_revision(revision: Mapping[str, Any], *, pageid: int) -> Revision:
    """Read one revision without its text."""
    user_hidden = bool(revision.get("userhidden"))
    comment_hidden = bool(revision.get("commenthidden"))
    return Revision(
        revid=revision["revid"],
        pageid=pageid,
        timestamp=read_time(revision["timestamp"]),
        parent_revid=revision.get("parentid") or None,
        user=None if user_hidden else revision.get("user"),
        user_id=None if user_hidden else revision.get("userid") or None,
        comment="" if comment_hidden else revision.get("comment", ""),
        size=revision.get("size", 0),
        sha1="" if _text_is_hidden(revision) else revision.get("sha1", ""),
        minor=bool(revision.get("minor")),
        tags=tuple(revision.get("tags", ())),
    )


def is_unclear_redirect(page: Mapping[str, Any]) -> bool:
    """Whether a page with its text (as `read_page` takes it) redirects, and the wiki must say where to."""
    if not page.get("redirect"):
        return False
    text = page["revisions"][0].get("slots", {}).get("main", {}).get("content")
    target = _written_target(text) if text is not None else None
    plain = target is not None and _PLAIN_TITLE.fullmatch(target) is not None
    return not (plain and target is not None and (target[0].isupper() or target[0].isdigit()))


def _written_target(wikitext: str) -> str | None:
    """Read a redirect's target from its text, where the wiki does not say it (a target in Special, say)."""
    found = _FIRST_LINK.search(wikitext)
    return found[1].replace("_", " ").strip() if found else None
