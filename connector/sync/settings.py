"""What a sync is told, and what it tells."""

from dataclasses import dataclass
from datetime import timedelta

from connector.model import Site

# Mirrored besides the content: User, Project, Help, Category.
_COMMUNITY_NAMESPACES = (2, 4, 12, 14)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncSettings:
    """What is mirrored, how often all of it is compared, and when a purge is too large to be believed."""

    namespaces: tuple[int, ...] | None = None
    """Namespaces to mirror; None for content, User, Project, Help and Category, and their talk."""
    purge_limit: float = 0.20
    """Largest part of the mirror that one pass may purge."""
    allow_shrink: bool = False
    """Purge more than that without asking."""
    sweep_every: timedelta = timedelta(hours=24)
    """How old the last sweep may be before a sync sweeps again."""
    proofs_per_sweep: int = 500
    """How many texts a sweep compares with the wiki's own checksums, besides those it fetches."""
    rendered: bool = False
    """Keep what the wiki renders of each page too, one request a page."""
    renderings_per_sync: int | None = None
    """How many of these to fetch before the rest waits for the next sync; None for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What one sync did."""

    added: int
    updated: int
    """Pages whose text was fetched again."""
    moved: int
    """Pages that got another title; they may be among `updated` too."""
    purged: int
    unchanged: int
    revisions: int
    """Revisions read into histories."""
    swept: bool
    """Whether every page was compared, and not only what the wiki says has changed."""
    proven: int
    """Texts that equal the wiki's own checksum, among those compared."""
    mended: int
    """Texts that did not, and were fetched again."""
    rendered: int
    """Renderings fetched."""
    seconds: float

    @property
    def changed(self) -> bool:
        """Whether the mirror's pages are other than before."""
        return bool(self.added or self.updated or self.moved or self.purged or self.mended or self.rendered)


def default_namespaces(site: Site) -> tuple[int, ...]:
    """Return the namespaces that are mirrored when the settings name none."""
    subjects = {number for number, namespace in site.namespaces.items() if namespace.content}
    subjects |= set(_COMMUNITY_NAMESPACES)
    # The talk of namespace n is n + 1 (https://www.mediawiki.org/wiki/Manual:Namespace).
    chosen = subjects | {number + 1 for number in subjects if number % 2 == 0}
    return tuple(sorted(chosen & site.namespaces.keys()))
