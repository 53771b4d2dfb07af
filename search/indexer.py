"""Keeps the indexes in step with the mirror.

`update` is the difference between the manifest and the mirror, so a crash, a new model, or a deleted file
heals by running it again. What its order protects: pages that are gone leave first; a page's vectors are
there before its manifest row is; vectors that belong to no chunk are removed last, because a run that was
cut short left them there to be used.
"""

import hashlib
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from connector.errors import IndexNotBuiltError, ModelMismatchError
from connector.model import Page, PageHead, Site
from connector.progress import Progress
from connector.store import Store
from search.chunking import CHUNKER_VERSION, Chunk, chunk_ids, chunk_page, pageid_of
from search.embedding import Embedder
from search.index_lock import IndexLock
from search.keyword_index import IndexedPage, KeywordIndex
from search.keyword_sqlite import SqliteKeywordIndex
from search.language import LanguageDetector
from search.people import PeopleFilter
from search.practices import read_page
from search.settings import SearchSettings
from search.vector_index import VectorIndex
from search.words import WordAnalyzer

# Texts of this many pages are held at a time; passages are embedded by length within them.
_PAGES_AT_ONCE = 2_000
_PASSAGES_AT_ONCE = 256
# User, MediaWiki, Template, Module: no hits. Odd numbers are talk pages, negative ones special pages.
_NOT_SEARCHED = frozenset({2, 8, 10, 828})
_BUILT_WITH = "built_with"
_BUILT_AT = "built_at"

RenderingStamp = tuple[int, datetime | None]
"""Of a rendering: its revision, and when it had last become stale (`PageHead.touched`)."""


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
class _Wanted:
    head: PageHead
    redirects: tuple[str, ...]
    rendering: str
    """Which rendering is read; empty for the wikitext."""
    sha1: str
    """Of the wikitext: one that was mended has the revision that it had."""

    @property
    def digest(self) -> str:
        return _digest(self.head.title, self.redirects, self.rendering, self.sha1)


@dataclass(frozen=True, slots=True)
class _Prepared:
    page: IndexedPage
    chunks: list[Chunk]
    ids: list[str]
    redirects: tuple[str, ...]


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
        self.embedder = embedder
        self.lock = lock or IndexLock(folder)
        self.analyzer = WordAnalyzer()
        self.detector = LanguageDetector()
        self.people = PeopleFilter(bots=settings.bots, opt_out=settings.opt_out)
        self.keywords: KeywordIndex = keywords or SqliteKeywordIndex(
            folder / "keyword.sqlite3", analyzer=self.analyzer
        )
        self.vectors = VectorIndex(folder / "chroma", lock=self.lock, wait_seconds=settings.lock_wait_seconds)
        self._store = store
        self._rendered = settings.rendered
        self._wait_seconds = settings.lock_wait_seconds

    def update(self, *, progress: Progress | None = None) -> IndexReport:
        """Bring the index in step with the mirror; loads the model only when there is something to embed.

        Raises:
            IndexBusyError: another process owns the index.
            SearchError: the model or a file of the index cannot be used.
        """
        with self._alone():
            return self._update(progress)

    def check(self) -> None:
        """Make sure that there is an index for the model in the settings.

        Raises:
            IndexNotBuiltError: no update has been completed yet.
            ModelMismatchError: the index was built with another model.
        """
        built_with = self._built_with()
        if built_with != self.embedder.model_id:
            raise ModelMismatchError(
                f"the index was built with the model {built_with}, the settings say {self.embedder.model_id}:"
                " run `compagnon index`",
                built_with=built_with,
                configured=self.embedder.model_id,
            )

    def stats(self) -> IndexStats:
        """Return what the index holds.

        Raises:
            IndexNotBuiltError: no update has been completed yet.
        """
        model = self._built_with()
        pages, chunks = self.keywords.counts()
        built_at = datetime.fromisoformat(self.keywords.get_meta(_BUILT_AT) or "")
        return IndexStats(pages=pages, chunks=chunks, model=model, built_at=built_at)

    def compare_with_mirror(self) -> IndexComparison:
        """Return what the next update would have to do; loads no model and needs no lock.

        Raises:
            IndexNotBuiltError: no update has been completed yet.
        """
        self._built_with()
        wanted, manifest, version = self._wanted(), self.keywords.manifest(), self._index_version()
        return IndexComparison(
            pages=len(manifest),
            ghosts=tuple(sorted(manifest.keys() - wanted.keys())),
            missing=tuple(sorted(wanted.keys() - manifest.keys())),
            stale=tuple(
                pageid
                for pageid, w in wanted.items()
                if pageid in manifest and _is_stale(manifest[pageid], w, version)
            ),
        )

    def close(self) -> None:
        """Close the files and let go of the lock; the next use opens them again."""
        self.vectors.close()
        self.keywords.close()

    def _built_with(self) -> str:
        model = self.keywords.get_meta(_BUILT_WITH) if self.keywords.exists else None
        if model is None:
            raise IndexNotBuiltError("there is no index yet: run `compagnon index`")
        return model

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if self.lock.exclusive:  # a process that serves keeps Chroma open
            yield
            return
        self.vectors.close()  # what was opened beside other readers is stale once this process has waited
        with self.lock.acquire(exclusive=True, wait_seconds=self._wait_seconds):
            try:
                yield
            finally:
                self.vectors.close()  # before the lock goes: Chroma is open only under one

    def _update(self, progress: Progress | None) -> IndexReport:
        started = time.monotonic()
        self.keywords.create()
        model_id = self.embedder.model_id
        wanted = self._wanted()
        manifest = self.keywords.manifest()
        gone = [pageid for pageid in manifest if pageid not in wanted]
        if gone:
            self.vectors.delete(self.keywords.delete_pages(gone))
        self.keywords.wipe()
        known = self.vectors.ids(model_id)
        left = [i for i in known if pageid_of(i) not in wanted]
        if left:
            self.vectors.delete(left)
            known.difference_update(left)

        version = self._index_version()
        stale = [w for pageid, w in wanted.items() if _is_stale(manifest.get(pageid), w, version)]
        embedded = 0
        for start in range(0, len(stale), _PAGES_AT_ONCE):
            some = stale[start : start + _PAGES_AT_ONCE]
            embedded += self._index_pages(
                some, known, version, _Share(progress, start, len(some), len(stale))
            )
        embedded += self._heal(known)

        # Only now is every chunk in this model's vectors: what other models and past texts left can go.
        orphans = known - self.keywords.chunk_ids()
        if orphans:
            self.vectors.delete(sorted(orphans))
        if self.keywords.get_meta(_BUILT_WITH) != model_id:
            self.keywords.put_meta(_BUILT_WITH, model_id)
        self.vectors.drop_other_models(model_id)
        self.keywords.put_meta(_BUILT_AT, datetime.now(UTC).isoformat())
        self.keywords.wipe()  # what was replaced
        return IndexReport(
            pages_indexed=len(stale),
            pages_removed=len(gone),
            pages_unchanged=len(wanted) - len(stale),
            chunks_embedded=embedded,
            chunks_reused=self.keywords.counts()[1] - embedded,
            seconds=time.monotonic() - started,
        )

    def _wanted(self) -> dict[int, _Wanted]:
        heads = [h for h in self._store.pages.heads() if _is_searched(h.namespace)]
        targets = self._store.pages.redirects()
        stamps = self._store.renderings.stamps() if self._rendered else {}
        names: dict[str, list[str]] = {}
        for head in heads:
            if head.title in targets:
                names.setdefault(targets[head.title], []).append(head.title)
        wanted = [head for head in heads if head.title not in targets]
        texts = self._store.pages.hashes([head.pageid for head in wanted])
        return {
            h.pageid: _Wanted(
                h,
                tuple(sorted(names.get(h.title, ()))),
                _which_rendering(stamps.get(h.pageid), h.revid),
                texts[h.pageid].sha1,
            )
            for h in wanted
            if h.pageid in texts  # else it was deleted a moment ago
        }

    def _index_version(self) -> str:
        return f"{CHUNKER_VERSION}+{self.embedder.model_id}+{self.people.digest}"

    def _index_pages(self, wanted: Sequence[_Wanted], known: set[str], version: str, share: "_Share") -> int:
        """Index pages whose state is not the manifest's; `known` gains their vectors' ids."""
        site = self._store.site.get()
        texts = self._store.pages.get_many([w.head.pageid for w in wanted])
        prepared = [
            self._prepare(texts[w.head.pageid], w, version, site)
            for w in wanted
            if site is not None and w.head.pageid in texts  # else it was deleted since: the next update's
        ]
        new = {
            i: c.embedded for p in prepared for i, c in zip(p.ids, p.chunks, strict=True) if i not in known
        }
        self._embed(new, known, share)
        for each in prepared:
            # Vectors of what the page said before; a crash here leaves them to the end of the next update.
            past = self.keywords.chunk_ids([each.page.pageid]).difference(each.ids)
            self.keywords.put_page(each.page, each.chunks, each.redirects)
            if past:
                self.vectors.delete(sorted(past))
                known.difference_update(past)
        share(1.0)
        return len(new)

    def _prepare(self, page: Page, wanted: _Wanted, version: str, site: Site) -> _Prepared:
        stored = self._store.renderings.get(page.pageid) if self._rendered else None
        stamp = None if stored is None else (stored.revid, stored.touched)
        rendering = _which_rendering(stamp, page.revid)
        text = read_page(
            page,
            site=site,
            detector=self.detector,
            people=self.people,
            rendered=(stored.sections or None) if stored is not None and rendering else None,
        )
        chunks = chunk_page(
            title=page.title,
            sections=text.sections,
            labels=text.labels,
            language=text.language,
            detector=self.detector,
        )
        indexed = IndexedPage(
            pageid=page.pageid,
            revid=page.revid,
            title=page.title,
            digest=_digest(page.title, wanted.redirects, rendering, wanted.sha1),
            index_version=version,
            namespace=page.namespace,
            language=text.language,
            last_edited=page.timestamp,
            status=text.status,
            contacts=text.contacts,
        )
        return _Prepared(indexed, chunks, chunk_ids(page.pageid, chunks), wanted.redirects)

    def _heal(self, known: set[str]) -> int:
        """Embed the chunks whose vectors are missing: Chroma's folder was deleted or lost some."""
        missing = sorted(self.keywords.chunk_ids() - known)
        found = self.keywords.chunks(missing)
        self._embed({i: found[i].chunk.embedded for i in missing}, known, _Share(None, 0, 0, 0))
        return len(missing)

    def _embed(self, texts: dict[str, str], known: set[str], share: "_Share") -> None:
        # By length over all of them; kept by handfuls, so that a crash loses a handful of work.
        order = sorted(texts, key=lambda i: len(texts[i]), reverse=True)
        for start in range(0, len(order), _PASSAGES_AT_ONCE):
            ids = order[start : start + _PASSAGES_AT_ONCE]
            self.vectors.add(
                self.embedder.model_id, ids, self.embedder.embed_passages([texts[i] for i in ids])
            )
            known.update(ids)
            share((start + len(ids)) / len(order))


@dataclass(frozen=True, slots=True)
class _Share:
    """Progress of one handful of pages, as a part of all pages."""

    progress: Progress | None
    start: int
    pages: int
    total: int

    def __call__(self, done: float) -> None:
        if self.progress is not None:
            self.progress(self.start + int(self.pages * done), self.total, "index")


def _is_searched(namespace: int) -> bool:
    return namespace >= 0 and namespace % 2 == 0 and namespace not in _NOT_SEARCHED


def _is_stale(indexed: IndexedPage | None, wanted: _Wanted, version: str) -> bool:
    return indexed is None or (indexed.revid, indexed.digest, indexed.index_version) != (
        wanted.head.revid,
        wanted.digest,
        version,
    )


def _which_rendering(stamp: RenderingStamp | None, revid: int) -> str:
    """Name the rendering to read, or none when it is of another revision: the wikitext is newer then.

    A rendering of the page's revision that a template has since outdated is still the better reading.
    """
    if stamp is None or stamp[0] != revid:
        return ""
    return f"{revid}@{stamp[1].isoformat() if stamp[1] else ''}"


def _digest(title: str, redirects: Sequence[str], rendering: str, sha1: str) -> str:
    state = (title, *redirects, *([f"rendering {rendering}"] if rendering else ()), f"text {sha1}")
    return hashlib.sha256("\n".join(state).encode()).hexdigest()[:24]
