"""Bringing the mirror in step with the wiki: one pass, which can be interrupted anywhere and repeated.

The sweep (pageid, title, newest revid of every page) says what differs; it is complete before anything is
changed. Then, in this order: what the wiki no longer shows is purged, moved pages get their titles, texts
that differ are fetched, and last the histories. Each batch is committed by itself. A pass that was cut off
leaves pages that still differ, or whose histories lag; the next one sees them.
"""

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import TypeVar
from urllib.parse import urlsplit

from connector.errors import ConfigError, SuspiciousShrinkError
from connector.model import PageHead, Site
from connector.progress import Progress
from connector.store import Store
from connector.wiki import Wiki

log = logging.getLogger(__name__)

_T = TypeVar("_T")

# Mirrored besides the content: User, Project, Help, Category.
_COMMUNITY_NAMESPACES = (2, 4, 12, 14)
_PAGES_AT_ONCE = 50
_REVISIONS_AT_ONCE = 2_000
# One request per page up to here; beyond, reading the history of the whole wiki is faster.
_HISTORIES_ONE_BY_ONE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncSettings:
    """What is mirrored, and when a purge is too large to be believed."""

    namespaces: tuple[int, ...] | None = None
    """Namespaces to mirror; None for content, User, Project, Help and Category, and their talk."""
    purge_limit: float = 0.20
    """Largest part of the mirror that one pass may purge."""
    allow_shrink: bool = False
    """Purge more than that without asking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What one pass did."""

    added: int
    updated: int
    """Pages whose text was fetched again."""
    moved: int
    """Pages that got another title; they may be among `updated` too."""
    purged: int
    unchanged: int
    revisions: int
    """Revisions read into histories."""
    seconds: float


def sync(
    wiki: Wiki,
    store: Store,
    *,
    settings: SyncSettings,
    progress: Progress | None = None,
    allow_shrink: bool = False,
) -> SyncReport:
    """Bring the mirror in step with the wiki.

    Args:
        wiki: the wiki, live or an export.
        store: the mirror.
        settings: what is mirrored.
        progress: told about "sweep", "pages" and "histories".
        allow_shrink: as in the settings, for this pass.

    Raises:
        ConfigError: the mirror is of another wiki, or newer than the export; nothing was changed.
        SuspiciousShrinkError: too much would be purged; nothing was purged.
        ConnectorError: the wiki or the mirror failed; what was committed is right, and stays.
    """
    started = time.monotonic()
    tell = progress or _say_nothing
    site, now = wiki.site(), wiki.now()
    _check_same_wiki(site, wiki, store)
    _check_not_older(wiki, store)
    namespaces = settings.namespaces if settings.namespaces is not None else default_namespaces(site)

    swept = _sweep(wiki, namespaces, tell)
    known = {head.pageid: head for head in store.pages.heads()}
    unseen = [pageid for pageid in known if pageid not in swept]
    if unseen:
        confirmed = wiki.existing(unseen)
        swept |= {i: head for i, head in confirmed.items() if head.namespace in namespaces}
    gone = [pageid for pageid in unseen if pageid not in swept]
    if not (allow_shrink or settings.allow_shrink):
        _check_shrink(len(gone), len(known), settings.purge_limit)

    store.pages.delete(gone)
    store.site.put(site, source=wiki.source)
    moved = [head for i, head in swept.items() if i in known and _place(head) != _place(known[i])]
    store.pages.rename_many(moved)
    wanted = [i for i, head in swept.items() if i not in known or head.revid != known[i].revid]
    fetched = _copy_pages(wiki, store, wanted, tell)
    hidden = [pageid for pageid in wanted if pageid in known and pageid not in fetched]
    if not (allow_shrink or settings.allow_shrink):
        _check_shrink(len(hidden), len(known), settings.purge_limit)
    store.pages.delete(hidden)  # what is there now may not be read: nor may what was there before
    revisions = _copy_histories(wiki, store, [i for i in fetched if i in known], namespaces, tell)
    store.site.set_last_sync(now)

    return SyncReport(
        added=sum(pageid not in known for pageid in fetched),
        updated=sum(pageid in known for pageid in fetched),
        moved=len(moved),
        purged=len(gone) + len(hidden),
        unchanged=len(swept) - len(wanted),
        revisions=revisions,
        seconds=time.monotonic() - started,
    )


def default_namespaces(site: Site) -> tuple[int, ...]:
    """Return the namespaces that are mirrored when the settings name none."""
    subjects = {number for number, namespace in site.namespaces.items() if namespace.content}
    subjects |= set(_COMMUNITY_NAMESPACES)
    # The talk of namespace n is n + 1 (https://www.mediawiki.org/wiki/Manual:Namespace).
    chosen = subjects | {number + 1 for number in subjects if number % 2 == 0}
    return tuple(sorted(chosen & site.namespaces.keys()))


def _sweep(wiki: Wiki, namespaces: Sequence[int], tell: Progress) -> dict[int, PageHead]:
    """Read the head of every page; an error on the way is an error of the whole."""
    swept: dict[int, PageHead] = {}
    for head in wiki.heads(namespaces=namespaces):
        swept[head.pageid] = head
        if len(swept) % 1_000 == 0:
            tell(len(swept), 0, "sweep")
    tell(len(swept), len(swept), "sweep")
    return swept


def _copy_pages(wiki: Wiki, store: Store, wanted: Sequence[int], tell: Progress) -> set[int]:
    """Fetch texts, each batch committed by itself, and return the pages that came."""
    fetched: set[int] = set()
    for batch in _batches(wiki.pages(wanted), _PAGES_AT_ONCE) if wanted else ():
        store.pages.put_many(batch)
        fetched.update(page.pageid for page in batch)
        tell(len(fetched), len(wanted), "pages")
    return fetched


def _copy_histories(
    wiki: Wiki, store: Store, changed: Sequence[int], namespaces: Sequence[int], tell: Progress
) -> int:
    """Read the histories of pages that changed, are new, or were left lagging by a pass that was cut off."""
    wanted = sorted({*changed, *store.revisions.lagging_pages()})
    count = 0
    if len(wanted) > _HISTORIES_ONE_BY_ONE:
        store.revisions.forget_histories(wanted)
        chosen = frozenset(wanted)
        revisions = (r for r in wiki.all_revisions(namespaces=namespaces) if r.pageid in chosen)
        for batch in _batches(revisions, _REVISIONS_AT_ONCE):
            store.revisions.put_many(batch)
            count += len(batch)
            tell(count, 0, "histories")
    elif wanted:
        histories = groupby(wiki.revisions(wanted), key=lambda revision: revision.pageid)
        for done, (pageid, history) in enumerate(histories, start=1):
            kept = list(history)
            store.revisions.replace_history(pageid, kept)
            count += len(kept)
            tell(done, len(wanted), "histories")
    return count


def _check_same_wiki(site: Site, wiki: Wiki, store: Store) -> None:
    """Refuse to turn the mirror of one wiki into that of another: all of it would be purged."""
    mirrored = store.site.get()
    if mirrored is not None and _identity(mirrored) != _identity(site):
        raise ConfigError(
            f"the mirror is of {mirrored.server_url}{mirrored.article_path}, and {wiki.source} is of "
            f"{site.server_url}{site.article_path}: give each wiki a data folder of its own"
        )


def _check_not_older(wiki: Wiki, store: Store) -> None:
    """Refuse an export that is older than the mirror: what was deleted since would be back."""
    last = store.site.last_sync()
    if last is not None and not _is_live(wiki) and wiki.now() < last:
        raise ConfigError(
            f"{wiki.source} is of {wiki.now():%Y-%m-%d %H:%M} UTC, the mirror of {last:%Y-%m-%d %H:%M}: "
            "an older export would bring back what was deleted since"
        )


def _check_shrink(gone: int, known: int, limit: float) -> None:
    # One page is never suspicious: a mirror of three would stop at every deletion.
    if gone > 1 and gone > limit * known:
        raise SuspiciousShrinkError(
            f"{gone} of {known} pages seem to have gone from the wiki, more than {limit:.0%}: nothing was "
            "purged; if it is right, sync again with --allow-shrink",
            missing=gone,
            known=known,
        )


def _is_live(wiki: Wiki) -> bool:
    return wiki.source.startswith(("http://", "https://"))


def _identity(site: Site) -> tuple[str, str]:
    """What tells wikis apart, and stays when one goes from http to https."""
    return urlsplit(site.server_url).netloc.casefold(), site.article_path


def _place(head: PageHead) -> tuple[int, str]:
    return head.namespace, head.title


def _batches(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def _say_nothing(done: int, total: int, what: str) -> None:
    """Progress for those who do not ask for any."""
