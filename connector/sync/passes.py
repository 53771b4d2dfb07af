"""One pass over the mirror: what brings some of its pages, or all, in step with their heads in the wiki.

The order is the same for a few pages and for all: what is gone is purged before anything is fetched, moved
pages get their titles, then come texts, links and histories. Each batch is committed by itself, so that a
pass can be cut off anywhere, and the next one does only what is left.
"""

import random
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

from connector.errors import SyncStoppedError
from connector.model import PageHead, Site
from connector.progress import Progress
from connector.rendering import read_rendering
from connector.store import Erasure, Store
from connector.sync.ahead import read_ahead
from connector.sync.checks import check_shrink
from connector.sync.proving import choose_texts, compare_texts
from connector.sync.settings import SyncSettings
from connector.wiki import PageRenderer, Wiki

_PAGES_AT_ONCE = 100
_LINKS_AT_ONCE = 500
# A wiki works links out in jobs, which may run some time after `touched` was set: what was touched since this
# long before the last sweep is read once more (https://www.mediawiki.org/wiki/Manual:Job_queue).
_LINKS_SETTLE = timedelta(hours=1)


class Pass:
    """What a sync works with, and what it has done so far."""

    def __init__(
        self,
        wiki: Wiki,
        store: Store,
        *,
        site: Site,
        now: datetime,
        last_seen: datetime,
        last_sweep: datetime | None,
        namespaces: tuple[int, ...],
        settings: SyncSettings,
        progress: Progress | None,
        stop: Callable[[], bool] | None,
    ) -> None:
        self.wiki = wiki
        self.store = store
        self.site = site
        self.now = now
        """The wiki's clock when the pass began."""
        self.namespaces = namespaces
        self.settings = settings
        self.last_sweep = last_sweep
        self._last_seen = last_seen
        self._progress = progress
        self._stop = stop
        self._started = time.monotonic()
        self.added: set[int] = set()
        self.updated: set[int] = set()
        self.moved: set[int] = set()
        self.purged = 0
        self.revisions = 0
        self.proven = 0
        self.mended = 0
        self.rendered = 0

    @property
    def seconds(self) -> float:
        """How long the pass has taken so far."""
        return time.monotonic() - self._started

    def clock(self) -> datetime:
        """The wiki's clock now."""
        return self.now + timedelta(seconds=self.seconds)

    def heed(self) -> None:
        """Stop here when told to.

        Raises:
            SyncStoppedError: it was.
        """
        if self._stop is not None and self._stop():
            raise SyncStoppedError("the sync was stopped; the next one goes on where it was")

    def tell(self, done: int, total: int, what: str) -> None:
        """Say how far it is, and stop when told to.

        Raises:
            SyncStoppedError: it was.
        """
        self.heed()
        if self._progress is not None:
            self._progress(done, total, what)

    def apply(
        self,
        heads: Mapping[int, PageHead],
        *,
        gone: Collection[int],
        known: Mapping[int, PageHead],
        gone_at: Mapping[int, datetime] | None = None,
        relink: Collection[int] = (),
        copied: Collection[int] = (),
    ) -> None:
        """Bring pages in step, their histories excepted.

        Args:
            heads: pages of the mirrored namespaces as they are in the wiki.
            gone: pages of the mirror that the wiki does not show there (confirmed by pageid).
            known: heads of the whole mirror.
            gone_at: when a page went, as far as the wiki tells.
            relink: pages whose links may have changed although `touched` has not (a merge does that).
            copied: pages whose texts came with their heads.

        Raises:
            SuspiciousShrinkError: too many are gone; nothing was changed.
        """
        self._check_shrink(len(gone), len(known))
        self._purge(gone, gone_at or {})
        moved = [head for i, head in heads.items() if i in known and _place(head) != _place(known[i])]
        self.store.pages.rename_many(moved)
        self.moved.update(head.pageid for head in moved)
        wanted = [
            i
            for i, head in heads.items()
            if i not in copied and (i not in known or head.revid != known[i].revid)
        ]
        fetched = self.copy_pages(wanted, already=len(copied)).union(copied)
        self.added.update(fetched - known.keys())
        self.updated.update(fetched & known.keys() - self.added)
        # Still there, but its text may not be read any more: nor may what was there before.
        hidden = [i for i in wanted if i in known and i not in fetched]
        self._check_shrink(len(hidden), len(known))
        self._purge(hidden, {})
        self._copy_links(heads, known, fetched, frozenset(relink))

    def copy_contents(self) -> tuple[dict[int, PageHead], set[int]]:
        """Copy heads and texts together, and return the heads, and the pages whose texts came with them."""
        heads: dict[int, PageHead] = {}
        fetched: set[int] = set()
        for batch in read_ahead(self.wiki.contents(namespaces=self.namespaces), _PAGES_AT_ONCE):
            heads.update((head.pageid, head) for head, _ in batch)
            pages = [page for _, page in batch if page is not None]
            self.store.pages.put_many(pages, now=self.now)
            fetched.update(page.pageid for page in pages)
            self.tell(len(fetched), max(self.site.page_count, len(heads)), "pages")
        self.tell(len(fetched), len(heads), "pages")
        return heads, fetched

    def copy_pages(self, wanted: Sequence[int], *, already: int = 0) -> set[int]:
        """Fetch texts and return the pages that came; `already` others are counted with them."""
        fetched: set[int] = set()
        for batch in read_ahead(self.wiki.pages(wanted), _PAGES_AT_ONCE) if wanted else ():
            self.store.pages.put_many(batch, now=self.now)
            fetched.update(page.pageid for page in batch)
            self.tell(already + len(fetched), already + len(wanted), "pages")
        return fetched

    def copy_histories(self, wanted: Collection[int]) -> None:
        """Read whole histories, page by page."""
        # One of the pages may be gone since: then nothing comes for it, and what was there stays for a sweep.
        histories = groupby(
            self.wiki.revisions(sorted(wanted)) if wanted else (), key=lambda revision: revision.pageid
        )
        for done, (pageid, history) in enumerate(histories, start=1):
            kept = list(history)
            self.store.revisions.replace_history(pageid, kept)
            self.revisions += len(kept)
            self.tell(done, len(wanted), "histories")

    def prove(self) -> None:
        """Compare a part of the texts with the wiki's own checksums, and those that the histories contradict.

        A text that differs, although its revision is the wiki's, is fetched again. One that may not be read
        any more is purged; as no list tells whose texts those are, all of them are compared then.

        Raises:
            SuspiciousShrinkError: too many may not be read; none of them was purged.
        """
        fresh = self.added | self.updated  # came a moment ago
        doubtful = set(self.store.revisions.contradicted_pages()) - fresh
        chosen = choose_texts(self.store, self.settings.proofs_per_sweep, besides=fresh | doubtful)
        chosen += sorted(doubtful)
        withheld = self._prove(chosen)
        if withheld and self.wiki.existing(withheld):  # else they were deleted a moment ago
            rest = set(self.store.pages.least_recently_proven(self.store.pages.count()))
            withheld += self._prove(sorted(rest.difference(chosen, fresh)), withheld=len(withheld))
        self._purge(withheld, {})

    def _prove(self, chosen: Sequence[int], *, withheld: int = 0) -> list[int]:
        """Compare texts, and return the pages whose texts are withheld, besides those that are known."""
        known = self.store.pages.count()
        found: list[int] = []
        for done, compared in compare_texts(self.wiki, self.store, chosen):
            self.store.pages.put_many(compared.different, now=self.now)
            self.store.pages.prove_many(compared.same, now=self.now)
            self.proven += len(compared.same)
            self.mended += len(compared.different)
            found += compared.withheld
            self._check_shrink(withheld + len(found), known)
            self.tell(done, len(chosen), "proofs")
        return found

    def render(self) -> None:
        """Fetch what the wiki renders of each page that changed, or whose templates did."""
        if not self.settings.rendered or not isinstance(self.wiki, PageRenderer):
            self.store.renderings.clear()
            return
        stale = self.store.renderings.stale_pages()
        limit = self.settings.renderings_per_sync
        if limit is not None and limit < len(stale):
            # At random: pages that change all the time must not be in the way of the others.
            stale = random.sample(stale, limit)
        heads = {head.pageid: head for head in self.store.pages.heads()} if stale else {}
        for done, pageid in enumerate(stale, start=1):
            rendering, head = self.wiki.rendering(pageid), heads[pageid]
            # That there is none is kept too: the wiki renders what is too long for it each time it is asked.
            self.store.renderings.put(
                pageid,
                revid=head.revid if rendering is None else rendering.revid,
                touched=head.touched,
                sections=() if rendering is None else read_rendering(rendering.html),
            )
            self.rendered += rendering is not None
            self.tell(done, len(stale), "renderings")

    def _check_shrink(self, gone: int, known: int) -> None:
        if not self.settings.allow_shrink:
            check_shrink(gone, known, limit=self.settings.purge_limit)

    def _purge(self, gone: Collection[int], gone_at: Mapping[int, datetime]) -> None:
        if not gone:
            return
        self.store.pages.delete(sorted(gone))
        erased_at = self.clock()
        self.store.erasures.add_many(
            Erasure(
                pageid=pageid,
                gone_at=min(gone_at.get(pageid, self._last_seen), erased_at),
                exact=pageid in gone_at,
                erased_at=erased_at,
            )
            for pageid in sorted(gone)
        )
        self.purged += len(gone)

    def _copy_links(
        self,
        heads: Mapping[int, PageHead],
        known: Mapping[int, PageHead],
        fetched: Collection[int],
        relink: Collection[int],
    ) -> None:
        """Fetch the links of pages that changed, or that use a template that did."""
        settled = None if self.last_sweep is None else self.last_sweep - _LINKS_SETTLE
        lagging = set(self.store.links.lagging_pages())
        wanted = [
            head
            for pageid, head in heads.items()
            if pageid in lagging
            or pageid in fetched
            or (pageid in known and pageid in relink)
            or (pageid in known and head.touched != known[pageid].touched)
            or (settled is not None and head.touched is not None and head.touched > settled)
        ]
        done = 0
        for batch in read_ahead(self.wiki.page_links([head.pageid for head in wanted]), _LINKS_AT_ONCE):
            self.store.links.put_many(batch)
            read = (heads[links.pageid] for links in batch)
            self.store.pages.set_touched_many(
                replace(head, touched=None) if head.pageid in relink else head for head in read
            )
            done += len(batch)
            self.tell(done, len(wanted), "links")


def _place(head: PageHead) -> tuple[int, str]:
    return head.namespace, head.title
