"""Keeps the indexes in step with the mirror.

`update` is the difference between the manifest and the mirror, so a crash, a new model, or a deleted file
heals by running it again. What its order protects: pages that are gone leave first; a page's vectors are
there before its manifest row is; vectors that belong to no chunk are removed last, because a run that was
cut short left them there to be used.

A manifest row says nothing of the model. Each model has its own vectors, under the same chunk ids, and one
fact says whose are whole: so another model's can be made while questions are answered with the present ones.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from connector.errors import IndexNotBuiltError, ModelMismatchError
from connector.progress import Progress
from connector.store import Store
from search import index_filling
from search.answered_questions import KEYS, keys_state
from search.chunking import CHUNKER_VERSION, pageid_of
from search.embedding import Embedder
from search.index_filling import IndexFilling
from search.index_lock import IndexLock
from search.keyword_index import KeywordIndex
from search.keyword_sqlite import SqliteKeywordIndex
from search.language import LanguageDetector
from search.people import PeopleFilter
from search.prepared_pages import PagePreparer, WaitingRoom
from search.settings import SearchSettings
from search.vector_index import VectorIndex
from search.wanted_pages import IndexComparison, compare, wanted_pages
from search.words import WordAnalyzer

__all__ = ["Index", "IndexComparison", "IndexReport", "IndexStats"]

_VECTORS_FOLDER = "chroma"
_BUILT_WITH = "built_with"
BUILT_AT = "built_at"
# A question takes milliseconds. Who holds a model for longer than this is not waited for.
_LAST_QUESTIONS_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexReport:
    """What an update did."""

    pages_indexed: int
    """New or changed pages."""
    pages_removed: int
    pages_unchanged: int
    chunks_embedded: int
    chunks_reused: int
    """Passages whose vectors were there already."""
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexStats:
    """What the index holds."""

    pages: int
    chunks: int
    model: str
    built_at: datetime


class Index:
    """Keyword index, vector index and manifest of a data folder. Safe to share between threads."""

    def __init__(
        self,
        *,
        folder: Path,
        store: Store,
        embedder: Embedder,
        settings: SearchSettings,
        lock: IndexLock | None = None,
        keywords: KeywordIndex | None = None,
    ) -> None:
        self.lock = lock or IndexLock(folder)
        self.analyzer = WordAnalyzer()
        self.detector = LanguageDetector()
        self.people = PeopleFilter(bots=settings.bots, opt_out=settings.opt_out, store=store)
        self.keywords: KeywordIndex = keywords or SqliteKeywordIndex(
            folder / "keyword.sqlite3", analyzer=self.analyzer
        )
        self.vectors = VectorIndex(
            folder / _VECTORS_FOLDER,
            lock=self.lock,
            wait_seconds=settings.lock_wait_seconds,
            url=settings.chroma_url,
            name=(lambda: store.names.get_or_make("vectors")) if self.lock.shared else None,
        )
        self._folder = folder
        self._vectors_elsewhere = settings.chroma_url is not None
        self._vectors_seen: int | None = None  # the folder's inode
        self._store = store
        self._rendered = settings.rendered
        self._wait_seconds = settings.lock_wait_seconds
        self._filling = IndexFilling(
            store=store,
            preparer=PagePreparer(
                store=store, detector=self.detector, people=self.people, rendered=settings.rendered
            ),
            keywords=self.keywords,
            vectors=self.vectors,
        )
        self._updating = threading.RLock()
        self._moving = threading.RLock()
        self._coming: str | None = None  # the model whose vectors are being made beside the present ones
        # Guards which model answers, and who is being answered with which.
        self._turn = threading.Condition()
        self._embedder = embedder
        self._asked: Counter[str] = Counter()

    @property
    def embedder(self) -> Embedder:
        """The model that answers now; a question that needs its vectors too takes it from `answering`."""
        return self._embedder

    @contextmanager
    def answering(self) -> Iterator[Embedder]:
        """Give the model that answers now; it, and its vectors, stay as long as the block runs.

        Raises:
            IndexNotBuiltError: no update has been completed yet.
            ModelMismatchError: the index was built with another model.
        """
        with self._turn:
            self.check()
            embedder = self._embedder
            self._asked[embedder.model_id] += 1
        try:
            yield embedder
        finally:
            with self._turn:
                self._asked[embedder.model_id] -= 1
                self._turn.notify_all()

    def update(self, *, progress: Progress | None = None) -> IndexReport:
        """Bring the index in step with the mirror; loads the model only when there is something to embed.

        Raises:
            IndexBusyError: another process owns the index.
            SearchError: the model or a file of the index cannot be used.
        """
        with self._updating, self._alone():
            return self._update(self._embedder, progress)

    def renew_vectors(self) -> None:
        """Write the vectors' files anew: what earlier versions left there besides vectors is gone.

        Raises:
            IndexBusyError: another process owns the index.
            SearchError: a file of the index cannot be used.
        """
        with self._updating, self._alone():
            self.vectors.renew(self._embedder.model_id)
            self.vectors.probe(self._embedder.model_id)

    def change_model(self, embedder: Embedder, *, progress: Progress | None = None) -> IndexReport:
        """Bring the index in step with the mirror, and have `embedder` answer from then on.

        Until its vectors are whole the present model answers, if the index was built with it, and updates by
        other threads go on. Then the new one answers at once, and the old vectors are dropped.

        Raises:
            IndexBusyError: another process owns the index.
            SearchError: the model or a file of the index cannot be used; the present model still answers.
        """
        with self._moving, self._alone():
            beside = 0
            if embedder.model_id != self._embedder.model_id and self._is_built_with(self._embedder):
                self._coming = embedder.model_id
                try:
                    with self._updating:
                        self._update(self._embedder, None)  # what was saved is found now, and not in hours
                    beside = self._embed_beside(embedder, progress)
                    with self._updating:
                        return self._update(embedder, progress, beside=beside)
                finally:
                    self._coming = None
            with self._updating:
                return self._update(embedder, progress)

    def check(self) -> None:
        """Make sure that there is an index for the model in the settings.

        Raises:
            IndexNotBuiltError: no update has been completed yet.
            ModelMismatchError: the index was built with another model.
        """
        with self._turn:  # else the model could change between the two
            built_with, configured = self._built_with(), self._embedder.model_id
        if built_with != configured:
            raise ModelMismatchError(
                f"the index was built with the model {built_with}, the settings say {configured}:"
                " run `compagnon index`",
                built_with=built_with,
                configured=configured,
            )

    def stats(self) -> IndexStats:
        """Return what the index holds.

        Raises:
            IndexNotBuiltError: no update has been completed yet.
        """
        model = self._built_with()
        pages, chunks = self.keywords.counts()
        built_at = datetime.fromisoformat(self.keywords.get_meta(BUILT_AT) or "")
        return IndexStats(pages=pages, chunks=chunks, model=model, built_at=built_at)

    def vector_count(self) -> int:
        """Return how many vectors the index has of the model that it was built with.

        Raises:
            IndexNotBuiltError: no update has been completed yet.
        """
        return self.vectors.count(self._built_with())

    def compare_with_mirror(self) -> IndexComparison:
        """Return what the next update would have to do; loads no model and needs no lock.

        Raises:
            IndexNotBuiltError: no update has been completed yet.
        """
        with self._turn:
            other_model = self._built_with() != self._embedder.model_id
        return compare(
            wanted_pages(self._store, rendered=self._rendered),
            self.keywords.manifest(),
            version=None if other_model else self._version,
        )

    def close(self) -> None:
        """Close the files and let go of the lock; the next use opens them again."""
        self.vectors.close()
        self.keywords.close()

    @property
    def _version(self) -> str:
        return f"{CHUNKER_VERSION}+{self.people.digest}"

    def _reopen_lost_vectors(self) -> None:
        """Let go of vectors that were deleted under the open index: what they take would be lost."""
        if self._vectors_elsewhere:
            self.vectors.look_again()
            return
        try:
            there = (self._folder / _VECTORS_FOLDER).stat().st_ino
        except FileNotFoundError:
            there = None
        if there is None or self._vectors_seen not in (None, there):
            self.vectors.close()

    def _see_vectors(self) -> None:
        if not self._vectors_elsewhere:
            self._vectors_seen = (self._folder / _VECTORS_FOLDER).stat().st_ino

    def _built_with(self) -> str:
        model = self.keywords.get_meta(_BUILT_WITH) if self.keywords.exists else None
        if model is None:
            raise IndexNotBuiltError("there is no index yet: run `compagnon index`")
        return model

    def _is_built_with(self, embedder: Embedder) -> bool:
        return self.keywords.exists and self.keywords.get_meta(_BUILT_WITH) == embedder.model_id

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if self.lock.shared:
            with self.lock.acquire(exclusive=True, wait_seconds=self._wait_seconds):
                yield
            return
        if self.lock.exclusive:  # a process that serves keeps Chroma open
            yield
            return
        self.vectors.close()  # what was opened beside other readers is stale once this process has waited
        with self.lock.acquire(exclusive=True, wait_seconds=self._wait_seconds):
            try:
                yield
            finally:
                self.vectors.close()  # before the lock goes: Chroma is open only under one

    def _update(self, embedder: Embedder, progress: Progress | None, *, beside: int = 0) -> IndexReport:
        """Bring the index in step for a model; `beside` of its vectors were just made."""
        started = time.monotonic()
        self.keywords.create()
        keys = keys_state(self._store)  # before anything is read: what changes meanwhile is the next update's
        wanted = wanted_pages(self._store, rendered=self._rendered)
        manifest = self.keywords.manifest()
        gone = [pageid for pageid in manifest if pageid not in wanted]
        if gone:
            self.vectors.delete(self.keywords.delete_pages(gone))
        self.keywords.wipe()
        self._reopen_lost_vectors()
        self.vectors.probe(embedder.model_id)
        self._see_vectors()
        known = self.vectors.ids(embedder.model_id)
        left = [i for i in known if pageid_of(i) not in wanted]
        if left:
            self.vectors.delete(left)
            known.difference_update(left)

        version = self._version
        stale = [w for p, w in wanted.items() if w.differs_from(manifest.get(p), version=version)]
        with WaitingRoom(self._folder) as room:
            self._filling.prepare(stale, room, known, version=version, progress=progress)
            # Chroma's folder was deleted, or the vectors are another model's.
            kept = manifest.keys() - {w.head.pageid for w in stale} - set(gone)
            self._filling.find_passages(self.keywords.chunk_ids(sorted(kept)) - known, room)
            self._filling.embed(embedder, room, progress)
            for page in room.pages():
                self.keywords.put_page(page.page, page.chunks, page.redirects)
            embedded = len(room.ids)
            known.update(room.ids)

        # Only now is every chunk in this model's vectors: what other models and past texts left can go.
        orphans = known - self.keywords.chunk_ids()
        if orphans:
            self.vectors.delete(sorted(orphans))
        embedder.prepare(progress=progress)
        self._let_answer(embedder)
        self.vectors.drop_other_models(embedder.model_id, self._coming or embedder.model_id)
        self.keywords.put_meta(KEYS, keys)
        self.keywords.put_meta(BUILT_AT, datetime.now(UTC).isoformat())
        self.keywords.optimize()
        self.keywords.wipe()  # what was replaced
        embedded += beside
        return IndexReport(
            pages_indexed=len(stale),
            pages_removed=len(gone),
            pages_unchanged=len(wanted) - len(stale),
            chunks_embedded=embedded,
            chunks_reused=max(0, self.keywords.counts()[1] - embedded),
            seconds=time.monotonic() - started,
        )

    def _let_answer(self, embedder: Embedder) -> None:
        """Have a model whose vectors are whole answer; returns when no question needs another one's."""
        model_id = embedder.model_id
        with self._turn:
            if self.keywords.get_meta(_BUILT_WITH) != model_id:
                self.keywords.put_meta(_BUILT_WITH, model_id)
            self._embedder = embedder
            self._turn.wait_for(
                lambda: not any(count for model, count in self._asked.items() if model != model_id),
                timeout=_LAST_QUESTIONS_SECONDS,
            )

    def _embed_beside(self, embedder: Embedder, progress: Progress | None) -> int:
        """Make the vectors of another model, while updates go on; few are missing when it returns."""
        embedded = 0
        self.vectors.probe(embedder.model_id)
        while True:
            missing = self.keywords.chunk_ids() - self.vectors.ids(embedder.model_id)
            with WaitingRoom(self._folder) as room:
                self._filling.find_passages(missing, room)
                self._filling.embed(embedder, room, progress)
                embedded += len(room.ids)
            # What changed meanwhile is done in another round, unless it is so little that an update may wait.
            if len(missing) <= index_filling.PASSAGES_AT_ONCE:
                return embedded
