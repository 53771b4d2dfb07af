"""Is our copy of the wiki complete, proven and in step? Numbers and moments only: no page is named here."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from connector.errors import CompagnonError, SearchError

if TYPE_CHECKING:
    from connector.store import Erasure, SyncState
    from search.indexer import IndexComparison, IndexStats
    from webui.background import BackgroundSync
    from webui.bootstrap import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class LastVerification:
    """What the last `verify` found, in numbers."""

    checked_at: datetime
    pages: int
    ghosts: int
    missing: int
    stale: int
    left_out: int
    texts: int

    @property
    def in_step(self) -> bool:
        """Whether nothing was off."""
        return not (self.ghosts or self.missing or self.stale)

    def counts_after(self, sweep: datetime | None) -> bool:
        """Whether it says more than the last sweep, which mends what differs and so outdates it."""
        return sweep is None or self.checked_at >= sweep

    @classmethod
    def read(cls, kept: dict[str, Any] | None) -> Self | None:
        """Read what the mirror keeps of it."""
        if kept is None:
            return None
        numbers = {field.name: int(kept[field.name]) for field in fields(cls) if field.name != "checked_at"}
        return cls(checked_at=datetime.fromisoformat(kept["checked_at"]), **numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The state of mirror and index."""

    pages: int
    revisions: int
    last_sync: datetime | None
    last_sweep: datetime | None
    oldest_proof: datetime | None
    """When the text that was proven longest ago was; None when one never was."""
    last_verification: LastVerification | None
    index: "IndexStats | None"
    comparison: "IndexComparison | None"
    """How the index stands to the mirror; None without an index."""
    index_error: SearchError | None
    """Why questions are not answered."""
    erasures: "tuple[Erasure, ...]"
    """What was forgotten last, newest first."""
    background: "BackgroundSync | None"

    @property
    def mirror_in_step(self) -> bool | None:
        """Whether the mirror equalled the wiki when that was looked at last; None when it never was."""
        verified = self.last_verification
        if verified is not None and verified.counts_after(self.last_sweep):
            return verified.in_step
        return True if self.last_sweep is not None else None

    @property
    def in_step(self) -> bool | None:
        """Whether mirror and index are in step with the wiki; None when that is not known."""
        index_in_step = None if self.comparison is None else self.comparison.in_step
        both = (self.mirror_in_step, index_in_step)
        if False in both:
            return False
        return None if None in both else True


def was_found_off(state: "SyncState") -> bool:
    """Whether a verification found differences that no sweep has mended since."""
    verified = LastVerification.read(state.last_verification)
    return verified is not None and not verified.in_step and verified.counts_after(state.last_sweep)


def why_not_ready(services: "Services") -> str | None:
    """Return the kind of error for which no question can be answered now, or None. Loads no model."""
    try:
        services.store.pages.count()
        services.index.check()
    except CompagnonError as e:
        return type(e).__name__
    return None


def read_health(services: "Services") -> Health:
    """Read the state of mirror and index. Loads no model, and asks the wiki nothing."""
    store = services.store
    state = store.sync_state.get()
    stats: IndexStats | None = None
    comparison: IndexComparison | None = None
    error: SearchError | None = None
    try:
        stats, comparison = services.index.stats(), services.index.compare_with_mirror()
        services.index.check()
    except SearchError as e:
        error = e
    return Health(
        pages=store.pages.count(),
        revisions=store.revisions.count(),
        last_sync=store.site.last_sync(),
        last_sweep=state.last_sweep,
        oldest_proof=store.pages.oldest_proof(),
        last_verification=LastVerification.read(state.last_verification),
        index=stats,
        comparison=comparison,
        index_error=error,
        erasures=tuple(store.erasures.newest()),
        background=services.background,
    )
