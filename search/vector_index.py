"""Vectors of passages, in Chroma: in a folder of its own, or on a Chroma server.

Only here, and in `chroma_server`, is chromadb known.

Chroma keeps ids and vectors only. Texts stay in the keyword index, so that what leaves the wiki has one place
less to leave.
"""

import hashlib
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from connector.errors import IndexNotBuiltError, SearchError
from search.chroma_server import connect, server_at
from search.clean_memory import clean_memory
from search.embedding import Vectors
from search.index_lock import IndexLock, Owner
from search.unused_room import empty_unused_room

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from chromadb.api.models.Collection import Collection as ChromaCollection

__all__ = ["IndexLock", "Owner", "VectorIndex"]

_PREFIX = "chunks-"
# Set at creation; later it would take effect only after reopening. Chroma builds the graph with chance in it,
# at every opening while there are few vectors. With its 16 neighbours each, passages that are nearly the same
# (a template's) close themselves off: of 195 like a wiki's, 1.4 % were not found by their own vectors; with
# 32 one in 39,000, with 48 none.
_HNSW: "CreateHNSWConfiguration" = {
    "space": "cosine",
    "ef_search": 250,
    "ef_construction": 200,
    "max_neighbors": 48,
}
_ROWS_AT_ONCE = 5_000
# So few are all compared, as by Qdrant's full_scan_threshold: exact, faster than a graph (.05 ms beside .86
# of 1,000), which leaves one out now and then (1 in 30,000). Reading 5,000 would take a quarter of a second.
_FULL_SCAN = 2_000
# SQLite's own words, which Chroma passes on (https://www.sqlite.org/rescode.html#full).
_FULL = "database or disk is full"


class VectorIndex:
    """Vectors by chunk id, one collection per embedding model. Safe to share between threads.

    A folder opens on first use, under a shared lock unless the process already holds it alone; both stay
    until `close`. A server needs no lock to be read: it is the one process that owns its files.

    Args:
        folder: where Chroma keeps its files.
        lock: of the index; who writes holds it alone.
        wait_seconds: how long to wait for it.
        url: of a Chroma server, which keeps the vectors instead; a user and password in it go to the proxy in
            front of it (HTTP Basic).
        name: gives what the collections on the server are told apart by, where several folders share them; by
            default each folder has its own.
    """

    def __init__(
        self,
        folder: Path,
        *,
        lock: IndexLock,
        wait_seconds: float,
        url: str | None = None,
        name: Callable[[], str] | None = None,
    ) -> None:
        self._folder = folder
        self._lock = lock
        self._wait_seconds = wait_seconds
        self._server = None if url is None else server_at(url)
        self._shared_name = name
        self._mutex = threading.RLock()
        self._client: Client | None = None
        self._collections: dict[str, ChromaCollection] = {}
        self._scanned: dict[str, _Rows | None] = {}
        self._held = ExitStack()

    def ids(self, model_id: str) -> set[str]:
        """Return the ids of all vectors of a model."""
        with self._errors():
            collection = self._collection(model_id, create=True)
            found: set[str] = set()
            offset = 0
            while rows := collection.get(include=[], limit=_ROWS_AT_ONCE, offset=offset)["ids"]:
                found.update(rows)
                offset += len(rows)
            return found

    def count(self, model_id: str) -> int:
        """Return how many vectors of a model there are.

        Raises:
            IndexNotBuiltError: there are none.
        """
        with self._errors():
            return int(self._collection(model_id, create=False).count())

    def add(self, model_id: str, ids: Sequence[str], vectors: Vectors) -> None:
        """Keep vectors of shape [len(ids), dimension]; an id that is there is replaced."""
        with self._errors():
            collection = self._collection(model_id, create=True)
            with self._changing():
                for start in range(0, len(ids), _ROWS_AT_ONCE):
                    end = start + _ROWS_AT_ONCE
                    collection.upsert(ids=list(ids[start:end]), embeddings=vectors[start:end])

    def delete(self, ids: Sequence[str]) -> None:
        """Forget vectors, of whatever model; ids that are not there are fine."""
        with self._errors(), self._changing():
            for name in self._names():
                collection = self._opened().get_collection(name, embedding_function=None)
                for start in range(0, len(ids), _ROWS_AT_ONCE):
                    collection.delete(ids=list(ids[start : start + _ROWS_AT_ONCE]))

    def nearest(self, model_id: str, vector: Vectors, *, limit: int) -> list[tuple[str, float]]:
        """Return the ids nearest to `vector` and their cosine (-1..1), nearest first.

        Raises:
            IndexNotBuiltError: there are no vectors of this model.
        """
        with self._errors():
            collection = self._collection(model_id, create=False)
            rows = self._rows(model_id)
            if rows is not None:
                return rows.nearest(vector, limit=limit)
            reply = collection.query(
                query_embeddings=vector[np.newaxis, :], n_results=limit, include=["distances"]
            )
            distances = reply["distances"]
            if distances is None:
                return []
            return [
                (chunk_id, 1 - float(d)) for chunk_id, d in zip(reply["ids"][0], distances[0], strict=True)
            ]

    def get(self, model_id: str, ids: Sequence[str]) -> dict[str, Vectors]:
        """Return the vectors (shape [dimension]) of those of `ids` that are there."""
        if not ids:
            return {}
        with self._errors():
            reply = self._collection(model_id, create=False).get(ids=list(ids), include=["embeddings"])
            if reply["embeddings"] is None or not reply["ids"]:
                return {}
            rows = np.asarray(reply["embeddings"], dtype=np.float32)
            return dict(zip(reply["ids"], rows, strict=True))

    def probe(self, model_id: str) -> None:
        """Make sure that the vectors of a model can be searched: listing them reads other files.

        Raises:
            SearchError: they cannot; the message says what to delete.
        """
        with self._errors():
            collection = self._collection(model_id, create=True)
            first = collection.get(limit=1, include=["embeddings"])["embeddings"]
            if first is not None and len(first):
                collection.query(
                    query_embeddings=np.asarray(first, dtype=np.float32), n_results=1, include=[]
                )

    def drop_other_models(self, *model_ids: str) -> None:
        """Forget the vectors of all models but these."""
        kept = {self._name(model_id) for model_id in model_ids}
        with self._errors(), self._mutex, self._changing():
            for name in self._names():
                if name not in kept:
                    self._opened().delete_collection(name)
            self._collections = {m: c for m, c in self._collections.items() if m in model_ids}

    def renew(self, model_id: str) -> None:
        """Write the files of a model's vectors anew, which hold nothing then but these.

        When it is cut off, vectors are missing that the next update of the index makes again.
        """
        if self._server is not None:  # which keeps files of its own
            return
        ids = sorted(self.ids(model_id))
        found = [self.get(model_id, ids[i : i + _ROWS_AT_ONCE]) for i in range(0, len(ids), _ROWS_AT_ONCE)]
        with self._errors(), self._mutex, self._changing():
            self._opened().delete_collection(self._name(model_id))
            self._collections.pop(model_id, None)
        for vectors in found:
            self.add(model_id, list(vectors), np.stack(list(vectors.values())))

    def look_again(self) -> None:
        """Forget which collections a server has: others may have deleted them, or their name."""
        with self._mutex:
            self._collections = {}

    def close(self) -> None:
        """Close Chroma and let go of the lock; the next use opens both again."""
        with self._mutex:
            self._collections = {}
            self._scanned = {}
            if self._client is not None:
                self._client.close()
                self._client = None
                if self._lock.exclusive and self._server is None:
                    empty_unused_room(self._folder)
            self._held.close()

    def _rows(self, model_id: str) -> "_Rows | None":
        """Return all vectors of a model when they are few and nobody else writes them; else None."""
        if self._server is not None:
            return None
        with self._mutex:  # a change that goes on meanwhile forgets in its turn what is read here
            if model_id not in self._scanned:
                collection = self._collection(model_id, create=False)
                rows = None
                if collection.count() <= _FULL_SCAN:
                    reply = collection.get(include=["embeddings"])
                    vectors = np.asarray(reply["embeddings"], dtype=np.float32)
                    rows = _Rows(reply["ids"], vectors)
                self._scanned[model_id] = rows
            return self._scanned[model_id]

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Forget what was read of the vectors, however their change ends."""
        try:
            yield
        finally:
            with self._mutex:
                self._scanned = {}

    def _names(self) -> list[str]:
        return [c.name for c in self._opened().list_collections() if c.name.startswith(self._prefix)]

    def _name(self, model_id: str) -> str:
        return self._prefix + hashlib.sha256(model_id.encode()).hexdigest()[:24]

    @property
    def _prefix(self) -> str:
        if self._server is None:
            return _PREFIX
        if self._shared_name is not None:
            return f"{_PREFIX}{self._shared_name()}-"
        # Another community may keep its vectors on the same server.
        path = self._folder.parent / "chroma-name"
        with self._mutex:
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                draft = path.with_suffix(".new")
                draft.write_text(secrets.token_hex(8), encoding="ascii")
                draft.replace(path)
            return f"{_PREFIX}{path.read_text(encoding='ascii')}-"

    def _collection(self, model_id: str, *, create: bool) -> "ChromaCollection":
        from chromadb.errors import NotFoundError

        with self._mutex:
            if model_id not in self._collections:
                client = self._opened()
                if create:
                    collection = client.get_or_create_collection(
                        self._name(model_id),
                        embedding_function=None,
                        configuration={"hnsw": _HNSW},
                    )
                else:
                    try:
                        collection = client.get_collection(self._name(model_id), embedding_function=None)
                    except NotFoundError as e:
                        raise IndexNotBuiltError(
                            "the vectors of the index are missing: run `compagnon index`"
                        ) from e
                self._collections[model_id] = collection
            return self._collections[model_id]

    def _opened(self) -> "Client":
        with self._mutex:
            if self._client is None:
                # Annotated as the interface, which has no close().
                self._client = cast(
                    "Client", self._open_folder() if self._server is None else connect(self._server)
                )
            return self._client

    def _open_folder(self) -> object:
        import chromadb
        from chromadb.config import Settings

        if not self._lock.exclusive:
            self._held.enter_context(self._lock.acquire(exclusive=False, wait_seconds=self._wait_seconds))
        settings = Settings(anonymized_telemetry=False)
        try:
            try:
                return chromadb.PersistentClient(str(self._folder), settings=settings)
            except AttributeError:
                # Chroma remembers a folder that it could not open, fails on that, and then forgets it.
                return chromadb.PersistentClient(str(self._folder), settings=settings)
        except BaseException:
            self._held.close()
            raise

    @contextmanager
    def _errors(self) -> Iterator[None]:
        import httpx
        from chromadb.errors import ChromaError, NotFoundError

        try:
            with clean_memory() if self._server is None else nullcontext():
                yield
        except NotFoundError as e:
            # Another process has made the collection anew: the next question finds that one.
            with self._mutex:
                self._collections = {}
            raise SearchError("the vectors of the index were just made anew: try again") from e
        except (ChromaError, httpx.HTTPError, OSError, ValueError, RuntimeError) as e:
            reason = " ".join(str(e).split())[:200]
            if _FULL in reason:
                raise SearchError(
                    "the disk is full: make room, then run `compagnon index`; nothing is lost"
                ) from e
            if self._server is not None:
                where = f"{self._server.hostname}:{self._server.port}"
                raise SearchError(f"the Chroma server at {where} cannot be used ({reason})") from e
            raise SearchError(
                f"the vectors of the index cannot be used ({reason}): "
                f"delete the folder {self._folder} and run `compagnon index`"
            ) from e


class _Rows:
    """The vectors of a small collection, to be compared one and all."""

    def __init__(self, ids: Sequence[str], vectors: Vectors) -> None:
        self._ids = list(ids)
        lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
        self._directions = vectors / np.where(lengths == 0, 1, lengths)

    def nearest(self, vector: Vectors, *, limit: int) -> list[tuple[str, float]]:
        """Return the nearest ids and their cosines, nearest first; ties in the order of the ids."""
        if not self._ids:
            return []
        cosines = self._directions @ (vector / (float(np.linalg.norm(vector)) or 1.0))
        last = np.partition(cosines, -limit)[-limit] if limit < len(cosines) else -np.inf
        near = sorted((-float(cosines[i]), self._ids[i]) for i in np.flatnonzero(cosines >= last))
        return [(chunk_id, -cosine) for cosine, chunk_id in near[:limit]]
