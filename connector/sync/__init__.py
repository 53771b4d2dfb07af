"""Bringing the mirror in step with the wiki: the feed for speed, the sweep for truth, a proof for both.

`sync` follows what the wiki says has changed, and compares everything when that is due. It can be cut off
anywhere and repeated. `verify` only compares, and says what it found.
"""

from collections.abc import Callable
from dataclasses import replace

from connector.no_links import copy_no_links
from connector.progress import Progress
from connector.store import Store, SyncState
from connector.sync.checks import check_not_older, check_same_wiki, is_live
from connector.sync.feed import follow, lies_ahead
from connector.sync.lock import SyncLock
from connector.sync.passes import Pass
from connector.sync.settings import SyncReport, SyncSettings, default_namespaces
from connector.sync.sweep import sweep as sweep_all
from connector.sync.verification import Verification, verify
from connector.sync.without_erased import without_erased
from connector.wiki import Wiki

__all__ = [
    "SyncLock",
    "SyncReport",
    "SyncSettings",
    "Verification",
    "default_namespaces",
    "sync",
    "verify",
]


def sync(
    wiki: Wiki,
    store: Store,
    *,
    settings: SyncSettings,
    progress: Progress | None = None,
    allow_shrink: bool = False,
    sweep: bool | None = None,
    stop: Callable[[], bool] | None = None,
) -> SyncReport:
    """Bring the mirror in step with the wiki. One at a time (`SyncLock`).

    Args:
        wiki: the wiki, live or an export.
        store: the mirror.
        settings: what is mirrored.
        progress: told about "sweep", "pages", "links", "histories", "proofs" and "renderings".
        allow_shrink: as in the settings, for this pass.
        sweep: compare everything (True), only when there is no other way (False), or when it is due (None).
        stop: asked between two batches; once it says True the pass ends.

    Raises:
        ConfigError: the mirror is of another wiki, or newer than the export; nothing was changed.
        SuspiciousShrinkError: too much would be purged; nothing was purged.
        SyncStoppedError: `stop` said so; what was committed is right, and stays.
        ConnectorError: the wiki or the mirror failed; what was committed is right, and stays.
    """
    wiki = without_erased(wiki, store.erased_names.known())
    site, now = wiki.site(), wiki.now()
    check_same_wiki(site, wiki, store)
    check_not_older(wiki, store)
    namespaces = settings.namespaces if settings.namespaces is not None else default_namespaces(site)
    known_source = store.site.source() == wiki.source
    state = store.sync_state.get() if known_source else _start_anew(store)
    run = Pass(
        wiki,
        store,
        site=site,
        now=now,
        last_seen=store.site.last_sync() or now,
        last_sweep=state.last_sweep,
        namespaces=namespaces,
        settings=replace(settings, allow_shrink=True) if allow_shrink else settings,
        progress=progress,
        stop=stop,
    )
    run.heed()
    if not known_source or store.site.get() != replace(site, page_count=0, edit_count=0):
        store.site.put(site, source=wiki.source)  # before the first page: a first copy may be cut off
    swept = False
    try:
        same_namespaces = state.namespaces is not None and set(state.namespaces) == set(namespaces)
        followed = is_live(wiki) and state.last_sweep is not None and same_namespaces and follow(run, state)
        due = (
            state.last_sweep is None
            or now - state.last_sweep >= settings.sweep_every
            or lies_ahead(state.last_sweep, now)
        )
        if not followed or sweep or (sweep is None and due):
            sweep_all(run, store.sync_state.get())
            swept = True
        copy_no_links(wiki, store, site=site, mirrored=namespaces)
        run.render()
        store.site.set_last_sync(now)
    finally:
        # What was purged must not linger in the database's file or log, whatever happened after.
        store.scrub(thorough=swept)
    changed = len(run.added) + len(run.updated)
    return SyncReport(
        added=len(run.added),
        updated=len(run.updated),
        moved=len(run.moved),
        purged=run.purged,
        unchanged=max(store.pages.count() - changed, 0),
        revisions=run.revisions,
        swept=swept,
        proven=run.proven,
        mended=run.mended,
        rendered=run.rendered,
        seconds=run.seconds,
    )


def _start_anew(store: Store) -> SyncState:
    """Forget how far another source was followed: its dates mean nothing to this one."""
    store.sync_state.put(
        feed_since=None, handled_events=(), last_sweep=None, namespaces=None, history_since=None
    )
    return store.sync_state.get()
