"""The wiki's own lists of words that are never offered as links, where their namespace is not mirrored."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, Engine, delete, select

from connector.store.engine import reading, upsert, writing
from connector.store.schema import state
from connector.store.scrubbing import note_traces

_KEY = "no_links"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoLinksList:
    """A page of the wiki that lists such words."""

    pageid: int
    title: str
    revid: int
    wikitext: str


class NoLinksStore:
    """The lists, as the wiki had them at the last sync."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self) -> Sequence[NoLinksList]:
        """Return the lists by title; none before the first sync."""
        with reading(self._engine, "reading which words are never linked") as connection:
            return _read(connection)

    def put(self, lists: Sequence[NoLinksList]) -> None:
        """Keep these lists and no others; what is gone leaves no trace (`Store.scrub`)."""
        wanted = sorted(lists, key=lambda each: each.title)
        with writing(self._engine, "keeping which words are never linked") as connection:
            before = _read(connection)
            if wanted == before:
                return
            if before:
                gone = {each.pageid for each in before} - {each.pageid for each in wanted}
                note_traces(connection, "erased" if gone else "replaced")
            if wanted:
                value = [asdict(each) for each in wanted]
                upsert(connection, state, [{"key": _KEY, "value": value}], key="key")
            else:
                connection.execute(delete(state).where(state.c.key == _KEY))


def _read(connection: Connection) -> list[NoLinksList]:
    value = connection.execute(select(state.c.value).where(state.c.key == _KEY)).scalar_one_or_none()
    return [NoLinksList(**fields) for fields in value or ()]
