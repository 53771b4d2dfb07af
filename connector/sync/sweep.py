"""The sweep: every page and every revision of the wiki against the mirror. It is the truth.

Heads first, and with their texts when the mirror is empty: they are complete before anything is changed, and
what they do not show is asked for by pageid, because a page that moves while a list is read may be missed by
it. Then the histories, which also bring what the log does not tell (names and comments that were hidden), and
last a part of the texts by checksum.
"""

from collections import Counter
from collections.abc import Collection

from connector.model import PageHead
from connector.store import SyncState
from connector.sync.ahead import batches, read_ahead
from connector.sync.checks import is_live
from connector.sync.passes import Pass

_HEADS_AT_ONCE = 500
_REVISIONS_AT_ONCE = 2_000


def sweep(run: Pass, state: SyncState) -> None:
    """Compare everything, and mend what differs.

    Raises:
        SuspiciousShrinkError: too much would be purged; nothing was changed.
        ConnectorError: the wiki or the mirror failed; what was committed is right, and stays.
    """
    known = {head.pageid: head for head in run.store.pages.heads()}
    swept, copied = (read_heads(run), set[int]()) if known else run.copy_contents()
    add_unseen(run, swept, known)
    gone = [pageid for pageid in known if pageid not in swept]
    run.apply(swept, gone=gone, known=known, copied=copied)
    _sweep_histories(run, state)
    if is_live(run.wiki):  # a file's texts are all the proof there is
        run.prove()
    run.store.sync_state.put(
        last_sweep=run.now, namespaces=run.namespaces, history_since=None, feed_since=run.now
    )


def read_heads(run: Pass) -> dict[int, PageHead]:
    """Read the head of every page; an error on the way is an error of the whole."""
    swept: dict[int, PageHead] = {}
    for batch in batches(run.wiki.heads(namespaces=run.namespaces), _HEADS_AT_ONCE):
        swept.update((head.pageid, head) for head in batch)
        run.tell(len(swept), max(run.site.page_count, len(swept)), "sweep")
    run.tell(len(swept), len(swept), "sweep")
    return swept


def add_unseen(run: Pass, swept: dict[int, PageHead], known: Collection[int]) -> None:
    """Add the heads of known pages that the lists have missed and that are there all the same, by pageid."""
    unseen = [pageid for pageid in known if pageid not in swept]
    if unseen:
        confirmed = run.wiki.existing(unseen)
        swept |= {i: head for i, head in confirmed.items() if head.namespace in run.namespaces}


def _sweep_histories(run: Pass, state: SyncState) -> None:
    """Read all histories, keep what is new or different, and forget what the wiki does not show any more."""
    store = run.store
    # A first copy that was cut off goes on from the last revision that it kept; files have no order.
    first = state.last_sweep is None and is_live(run.wiki)
    since = state.history_since if first else None
    shown: Counter[int] = Counter()
    done = 0
    revisions = run.wiki.all_revisions(namespaces=run.namespaces, since=since)
    for batch in read_ahead(revisions, _REVISIONS_AT_ONCE):
        shown.update(revision.pageid for revision in batch)
        other = store.revisions.differing(batch)
        store.revisions.put_many(other)
        run.revisions += len(other)
        if first:
            store.sync_state.put(history_since=batch[-1].timestamp)
        done += len(batch)
        run.tell(done, max(run.site.edit_count, done), "histories")
    incomplete = set(store.revisions.lagging_pages())
    if since is None:
        incomplete |= {i for i, count in store.revisions.counts().items() if count != shown[i]}
    else:
        incomplete |= set(store.revisions.broken_chains([head.pageid for head in store.pages.heads()]))
    run.copy_histories(incomplete)
