"""What fills the indexes: pages are read and cut up, and passages that have no vector get one."""

from collections.abc import Collection, Iterable, Sequence

from connector.progress import Progress
from connector.store import Store
from search.embedding import Embedder
from search.keyword_index import KeywordIndex
from search.prepared_pages import PagePreparer, WaitingRoom
from search.vector_index import VectorIndex
from search.wanted_pages import WantedPage

READ_AT_ONCE = 500
"""Texts of so many pages, or passages, are read from the mirror or from the index at a time."""
PASSAGES_AT_ONCE = 256
"""So many vectors are made, and kept, at a time."""


class IndexFilling:
    """Makes what an update needs; it waits in a `WaitingRoom`, and only vectors are kept here.

    Args:
        store: the mirror.
        preparer: cuts pages up.
        keywords: has the passages that are indexed.
        vectors: take what is embedded.
    """

    def __init__(
        self, *, store: Store, preparer: PagePreparer, keywords: KeywordIndex, vectors: VectorIndex
    ) -> None:
        self._store = store
        self._preparer = preparer
        self._keywords = keywords
        self._vectors = vectors

    def prepare(
        self,
        stale: Sequence[WantedPage],
        room: WaitingRoom,
        known: Collection[str],
        *,
        version: str,
        progress: Progress | None,
    ) -> None:
        """Read pages and cut them up; those of their passages that have no vector wait for one.

        Args:
            stale: the pages.
            room: takes pages and passages.
            known: ids of the passages that have a vector.
            version: of the cutting, which the manifest notes.
            progress: told how many pages are read.
        """
        site = self._store.site.get()
        for start in range(0, len(stale), READ_AT_ONCE):
            some = stale[start : start + READ_AT_ONCE]
            texts = self._store.pages.get_many([w.head.pageid for w in some])
            for page in some:
                text = texts.get(page.head.pageid)
                if site is None or text is None:
                    continue  # it was deleted since: the next update's
                prepared = self._preparer.prepare(text, page, version=version, site=site)
                room.add_page(prepared)
                for chunk_id, chunk in zip(prepared.ids, prepared.chunks, strict=True):
                    if chunk_id not in known:
                        room.add_passage(chunk_id, chunk.embedded)
            if progress is not None:
                progress(min(start + READ_AT_ONCE, len(stale)), len(stale), "reading")

    def find_passages(self, missing: Iterable[str], room: WaitingRoom) -> None:
        """Have passages that are in the index wait for vectors."""
        ids = sorted(missing)
        for start in range(0, len(ids), READ_AT_ONCE):
            found = self._keywords.chunks(ids[start : start + READ_AT_ONCE])
            for chunk_id in sorted(found):
                room.add_passage(chunk_id, found[chunk_id].chunk.embedded)

    def embed(self, embedder: Embedder, room: WaitingRoom, progress: Progress | None) -> None:
        """Embed the passages that wait, and keep their vectors.

        Raises:
            SearchError: the model or a file of the vectors cannot be used.
        """
        done = 0
        # Kept by handfuls, so that a crash loses a handful of work.
        for numbers in room.batches(PASSAGES_AT_ONCE):
            vectors = embedder.embed_passages(room.texts(numbers))
            self._vectors.add(embedder.model_id, [room.ids[number] for number in numbers], vectors)
            done += len(numbers)
            if progress is not None:
                progress(done, len(room.ids), "index")
