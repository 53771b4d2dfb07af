"""How long what the wiki took down stayed in the mirror: the proof of rule "forget within one sweep"."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Engine, delete, insert, select

from connector.store.engine import reading, writing
from connector.store.schema import erasure

_KEPT = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """A page that the wiki no longer shows, and when the mirror forgot it. Never its title."""

    pageid: int
    gone_at: datetime
    """When the wiki took it down (`exact`), or else when it was last seen there: a bound, not earlier."""
    exact: bool
    """Whether the wiki's log says when."""
    erased_at: datetime
    """When the mirror forgot it, on the wiki's clock."""

    @property
    def seconds(self) -> float:
        """How long the mirror still had it; at most that long when not `exact`."""
        return max(0.0, (self.erased_at - self.gone_at).total_seconds())


class ErasureStore:
    """The newest erasures."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add_many(self, erasures: Iterable[Erasure]) -> None:
        """Note erasures in their order; the newest 1,000 of all are kept."""
        rows = [asdict(each) for each in erasures]
        if not rows:
            return
        too_old = select(erasure.c.id).order_by(erasure.c.id.desc()).offset(_KEPT).limit(1)
        with writing(self._engine, "noting what was erased") as connection:
            connection.execute(insert(erasure), rows)
            connection.execute(delete(erasure).where(erasure.c.id <= too_old.scalar_subquery()))

    def newest(self, limit: int = 20) -> list[Erasure]:
        """Return the erasures that were noted last, newest first."""
        query = select(erasure).order_by(erasure.c.id.desc()).limit(limit)
        with reading(self._engine, "reading what was erased") as connection:
            return [
                Erasure(pageid=row.pageid, gone_at=row.gone_at, exact=row.exact, erased_at=row.erased_at)
                for row in connection.execute(query)
            ]
