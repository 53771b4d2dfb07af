"""Which pages the index should have, in which state, and how it stands to that."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.model import PageHead
from connector.store import Store
from search.answered_questions import PageKey, keys_of_pages
from search.keyword_index import IndexedPage

# User, MediaWiki, Template, Module: no hits. Odd numbers are talk pages, negative ones special pages.
_NOT_SEARCHED = frozenset({2, 8, 10, 828})

RenderingStamp = tuple[int, datetime | None]
"""Of a rendering: its revision, and when it had last become stale (`PageHead.touched`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexComparison:
    """How the index stands to the mirror, page by page."""

    pages: int
    """Pages that the index has."""
    ghosts: tuple[int, ...]
    """Pages in the index that the mirror has no more, or that are searched no more (redirects)."""
    missing: tuple[int, ...]
    """Pages that should be in the index and are not."""
    stale: tuple[int, ...]
    """Pages whose text, title, redirects or rendering changed since, or that other settings indexed."""

    @property
    def in_step(self) -> bool:
        """Whether nothing sets them apart."""
        return not (self.ghosts or self.missing or self.stale)


@dataclass(frozen=True, slots=True)
class WantedPage:
    """A page that should be in the index."""

    head: PageHead
    redirects: tuple[str, ...]
    """Titles that lead to it."""
    rendering: str
    """Which rendering is read; empty for the wikitext."""
    sha1: str
    """Of the wikitext: one that was mended has the revision that it had."""
    keys: tuple[PageKey, ...] = ()
    """Questions that it answers."""

    @property
    def digest(self) -> str:
        """Changes with whatever the index keeps of the page."""
        return state_digest(
            self.head.title,
            redirects=self.redirects,
            rendering=self.rendering,
            sha1=self.sha1,
            keys=self.keys,
        )

    def differs_from(self, indexed: IndexedPage | None, *, version: str) -> bool:
        """Whether the index has the page in another state, made by another version, or not at all."""
        return indexed is None or (indexed.revid, indexed.digest, indexed.index_version) != (
            self.head.revid,
            self.digest,
            version,
        )


def wanted_pages(store: Store, *, rendered: bool) -> dict[int, WantedPage]:
    """Return the pages of the mirror that are searched, by pageid.

    Args:
        store: the mirror.
        rendered: read pages as the wiki renders them, where the mirror has their rendering.
    """
    everything = store.pages.heads()
    heads = [h for h in everything if _is_searched(h.namespace)]
    targets = store.pages.redirects()
    keys = keys_of_pages(store, titles={h.pageid: h.title for h in everything}, redirects=targets)
    stamps = store.renderings.stamps() if rendered else {}
    names: dict[str, list[str]] = {}
    for head in heads:
        if head.title in targets:
            names.setdefault(targets[head.title], []).append(head.title)
    wanted = [head for head in heads if head.title not in targets]
    texts = store.pages.hashes([head.pageid for head in wanted])
    return {
        h.pageid: WantedPage(
            h,
            tuple(sorted(names.get(h.title, ()))),
            which_rendering(stamps.get(h.pageid), h.revid),
            texts[h.pageid].sha1,
            keys.get(h.pageid, ()),
        )
        for h in wanted
        if h.pageid in texts  # else it was deleted a moment ago
    }


def compare(
    wanted: Mapping[int, WantedPage], manifest: Mapping[int, IndexedPage], *, version: str | None
) -> IndexComparison:
    """Return what sets a manifest apart from the pages that are wanted.

    Args:
        wanted: by pageid.
        manifest: by pageid.
        version: of the manifest rows that are right; None when none is, because the settings changed.
    """
    return IndexComparison(
        pages=len(manifest),
        ghosts=tuple(sorted(manifest.keys() - wanted.keys())),
        missing=tuple(sorted(wanted.keys() - manifest.keys())),
        stale=tuple(
            pageid
            for pageid, page in wanted.items()
            if pageid in manifest
            and (version is None or page.differs_from(manifest[pageid], version=version))
        ),
    )


def which_rendering(stamp: RenderingStamp | None, revid: int) -> str:
    """Name the rendering to read, or none when it is of another revision: the wikitext is newer then.

    A rendering of the page's revision that a template has since outdated is still the better reading.
    """
    if stamp is None or stamp[0] != revid:
        return ""
    return f"{revid}@{stamp[1].isoformat() if stamp[1] else ''}"


def state_digest(
    title: str, *, redirects: Sequence[str], rendering: str, sha1: str, keys: Sequence[PageKey] = ()
) -> str:
    """Return a digest of what the index keeps of a page."""
    state = (
        title,
        *redirects,
        *([f"rendering {rendering}"] if rendering else ()),
        f"text {sha1}",
        *(f"key {key.language} {key.text}" for key in keys),
    )
    return hashlib.sha256("\n".join(state).encode()).hexdigest()[:24]


def _is_searched(namespace: int) -> bool:
    return namespace >= 0 and namespace % 2 == 0 and namespace not in _NOT_SEARCHED
