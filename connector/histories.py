"""Reading histories and the feed of changes through the API: revisions without texts, events of the log."""

import heapq
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from connector.api import Api, ApiError, Reply
from connector.batches import UNREADABLE, chunks, entries_of, pages_of
from connector.model import LoggedEvent, Revision
from connector.replies import REVISION_PROPERTIES, read_event, read_revision

_REVISIONS = {"list": "allrevisions", "arvprop": REVISION_PROPERTIES, "arvdir": "newer"}
_CHANGES = {
    **_REVISIONS,
    "list": "allrevisions|logevents",
    "leprop": "ids|title|type|timestamp|details",
    "ledir": "newer",
}


def read_histories(api: Api, pageids: Sequence[int]) -> Iterator[Revision]:
    """See `Wiki.revisions`. The API continues a history of one page only: a request each."""
    parameters = {"prop": "revisions", "rvprop": REVISION_PROPERTIES, "rvdir": "newer"}
    for pageid in dict.fromkeys(pageids):
        try:
            for reply in api.query({"pageids": pageid, **parameters}, limits=["rvlimit"]):
                for page in pages_of(reply):
                    for revision in page.get("revisions", ()):
                        yield read_revision(revision, pageid=pageid)
        except ApiError as e:
            if e.code not in UNREADABLE:
                raise


def read_all_revisions(api: Api, *, namespaces: Sequence[int], since: datetime | None) -> Iterator[Revision]:
    """See `Wiki.all_revisions`."""
    parts = chunks(namespaces, api.limit)
    return heapq.merge(*(_read_revisions(api, part, since) for part in parts), key=_moment)


def read_changes(api: Api, *, namespaces: Sequence[int], since: datetime) -> Iterator[Revision | LoggedEvent]:
    """See `Wiki.changes`. Revisions and log come in the same replies, up to the API's limit of namespaces."""
    first, *others = [*chunks(namespaces, api.limit)] or [[]]
    streams = [_read_together(api, first, since), *(_read_revisions(api, part, since) for part in others)]
    return heapq.merge(*streams, key=_moment)


def _read_revisions(api: Api, namespaces: Sequence[int], since: datetime | None) -> Iterator[Revision]:
    listing = {**_REVISIONS, "arvnamespace": "|".join(map(str, namespaces)), "arvstart": _write_time(since)}
    for reply in api.query(listing, limits=["arvlimit"]):
        yield from _revisions_of(reply)


def _read_together(api: Api, namespaces: Sequence[int], since: datetime) -> Iterator[Revision | LoggedEvent]:
    """Read revisions and log in one query, and put them in one order.

    Each list goes on by itself: what one of them holds is given up to where the other has come.
    """
    listing: dict[str, Any] = {**_CHANGES, "lestart": _write_time(since)}
    limits = ["lelimit"]
    if namespaces:
        listing |= {"arvnamespace": "|".join(map(str, namespaces)), "arvstart": _write_time(since)}
        limits.append("arvlimit")
    else:
        listing["list"] = "logevents"
    reached = {"arvcontinue": since, "lecontinue": since}
    waiting: list[Revision | LoggedEvent] = []
    for reply in api.query(listing, limits=limits):
        revisions = _revisions_of(reply)
        events = [read_event(event) for event in entries_of(reply, "logevents")]
        if revisions:
            reached["arvcontinue"] = revisions[-1].timestamp
        if events:
            reached["lecontinue"] = events[-1].timestamp
        waiting = sorted([*waiting, *revisions, *events], key=_moment)
        unfinished = [reached[name] for name in reply.get("continue", {}) if name in reached]
        known_to = min(unfinished, default=None)
        ready = [change for change in waiting if known_to is None or change.timestamp <= known_to]
        waiting = waiting[len(ready) :]
        yield from ready


def _revisions_of(reply: Reply) -> list[Revision]:
    """Read `list=allrevisions`, which puts the revisions of one page together, in the order of time."""
    pages = entries_of(reply, "allrevisions")
    found = [read_revision(r, pageid=page["pageid"]) for page in pages for r in page["revisions"]]
    return sorted(found, key=lambda revision: (revision.timestamp, revision.revid))


def _moment(change: Revision | LoggedEvent) -> datetime:
    return change.timestamp


def _write_time(moment: datetime | None) -> str | None:
    """Write a time as MediaWiki does, in whole seconds: rather a second too early."""
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
