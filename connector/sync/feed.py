"""The change feed: what the wiki says was saved and logged since the last time, at the cost of the changes.

It is a hint for speed: what the wiki does not tell (a suppression, an import by script) is found by the
sweep. It is read with an overlap, because a row may be written some time after the moment it bears, and
applied idempotently.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connector.model import LoggedEvent, PageHead, Revision
from connector.store import SyncState
from connector.sync.ahead import batches
from connector.sync.passes import Pass

OVERLAP = timedelta(minutes=10)

# Logged events that change what a reader sees of a page (https://www.mediawiki.org/wiki/Manual:Log_actions).
_EVENTS_OF_PAGES = frozenset({"contentmodel", "delete", "import", "merge", "move", "suppress"})
_ITEMS_AT_ONCE = 2_000
# Beyond, comparing everything is cheaper than following each change.
_MOST_CHANGES = 20_000


@dataclass(slots=True)
class _Changes:
    """What the feed brought that the mirror does not have yet."""

    revisions: list[Revision] = field(default_factory=list)
    newest: dict[int, int] = field(default_factory=dict)
    """The newest revision of each page among those told of."""
    pageids: set[int] = field(default_factory=set)
    """Pages that were logged."""
    rewritten: set[int] = field(default_factory=set)
    """Pages whose past was changed, so that their histories must be read again."""
    titles: set[str] = field(default_factory=set)
    gone_at: dict[int, datetime] = field(default_factory=dict)
    handled: list[int] = field(default_factory=list)
    """Events that the next reading, with its overlap, will bring again."""


def follow(run: Pass, state: SyncState) -> bool:
    """Apply what changed since the last time; return whether it could be, or a sweep is needed instead.

    Raises:
        ConnectorError: the wiki or the mirror failed; what was committed is right, and stays.
    """
    if state.feed_since is None or lies_ahead(state.feed_since, run.now):
        return False
    changes = _read(run, state, state.feed_since - OVERLAP)
    if changes is None:
        return False
    _apply(run, changes)
    run.store.sync_state.put(feed_since=run.now, handled_events=tuple(changes.handled))
    return True


def lies_ahead(noted: datetime, now: datetime) -> bool:
    """Whether the wiki's clock was set back since: what was noted by it then says nothing of what came after.

    Some seconds are no sign of it: the machines that answer for one wiki may go a little apart.
    """
    return noted > now + OVERLAP


def _read(run: Pass, state: SyncState, since: datetime) -> _Changes | None:
    changes = _Changes()
    handled = frozenset(state.handled_events)
    for batch in batches(run.wiki.changes(namespaces=run.namespaces, since=since), _ITEMS_AT_ONCE):
        revisions = [item for item in batch if isinstance(item, Revision)]
        _take_revisions(run, changes, revisions)
        for event in batch:
            if not isinstance(event, LoggedEvent) or event.type not in _EVENTS_OF_PAGES:
                continue
            if event.timestamp >= run.now - OVERLAP:
                changes.handled.append(event.logid)
            if event.logid not in handled:
                _take_event(changes, event)
        if len(changes.revisions) + len(changes.pageids) + len(changes.titles) > _MOST_CHANGES:
            return None
    return changes


def _take_revisions(run: Pass, changes: _Changes, revisions: list[Revision]) -> None:
    known = run.store.revisions.known([revision.revid for revision in revisions])
    new = [revision for revision in revisions if revision.revid not in known]
    changes.revisions += new
    changes.newest.update((revision.pageid, revision.revid) for revision in revisions)
    # Known, but not as they are now: their page was merged, or a name was hidden.
    run.store.revisions.put_many(
        run.store.revisions.differing([revision for revision in revisions if revision.revid in known])
    )


def _take_event(changes: _Changes, event: LoggedEvent) -> None:
    if event.pageid is not None:
        changes.pageids.add(event.pageid)
        changes.rewritten.add(event.pageid)
        if event.type in {"delete", "suppress"} and event.action == "delete":
            changes.gone_at[event.pageid] = event.timestamp
    # What was deleted to make room, or merged into, is known by its title only.
    changes.titles.update(title for title in (event.title, event.target_title) if title is not None)


def _apply(run: Pass, changes: _Changes) -> None:
    named = _pages_named(run, changes.titles)
    changes.rewritten |= named
    ours = run.store.pages.hashes(sorted(changes.newest))
    edited = {i for i, revid in changes.newest.items() if i not in ours or ours[i].revid != revid}
    candidates = edited | changes.pageids | named | set(run.store.revisions.lagging_pages())
    if not candidates:
        return
    known = {head.pageid: head for head in run.store.pages.heads()}
    existing = run.wiki.existing(sorted(candidates))
    rivals = _rivals(existing, known) - candidates
    if rivals:
        candidates |= rivals
        existing |= run.wiki.existing(sorted(rivals))
    heads = {i: head for i, head in existing.items() if head.namespace in run.namespaces}
    gone = [i for i in candidates if i in known and i not in heads]
    run.apply(heads, gone=gone, known=known, gone_at=changes.gone_at, relink=changes.rewritten)
    _follow_histories(run, changes, heads)


def _follow_histories(run: Pass, changes: _Changes, heads: Iterable[int]) -> None:
    for batch in batches(changes.revisions, _ITEMS_AT_ONCE):
        run.store.revisions.put_many(batch)
    run.revisions += len(changes.revisions)
    mirrored = run.store.pages.hashes(sorted(heads)).keys()
    incomplete = set(run.store.revisions.broken_chains(sorted(mirrored)))
    run.copy_histories((changes.rewritten & mirrored) | incomplete | set(run.store.revisions.lagging_pages()))


def _rivals(existing: Mapping[int, PageHead], known: Mapping[int, PageHead]) -> set[int]:
    """Return pages of the mirror whose titles others bear now: they went without a word in the log."""
    taken = {head.title for head in existing.values()}
    return {i for i, head in known.items() if head.title in taken and i not in existing}


def _pages_named(run: Pass, titles: set[str]) -> set[int]:
    pages: set[int] = set()
    for title in titles:
        page = run.store.pages.by_title(title)
        if page is not None:
            pages.add(page.pageid)
    return pages
