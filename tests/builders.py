"""Builders of a small mirror for the tests of search, and an embedder that needs no model."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from connector.model import Namespace, Page, PageHead, Revision, Site
from connector.progress import Progress
from connector.store import Store
from search.embedding import Embedder, Vectors
from search.indexer import Index
from search.settings import SearchSettings
from search.words import WordAnalyzer

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
FRENCH_WIKI = Site(
    name="L’Établi",
    language="fr",
    server_url="https://wiki.example.org",
    namespaces={
        0: Namespace(id=0, name="", content=True),
        1: Namespace(id=1, name="Discussion", canonical="Talk"),
        2: Namespace(id=2, name="Utilisateur", canonical="User"),
        4: Namespace(id=4, name="L’Établi", canonical="Project"),
        10: Namespace(id=10, name="Modèle", canonical="Template"),
        14: Namespace(id=14, name="Catégorie", canonical="Category"),
    },
)


def edits(user: str, user_id: int, *, pageid: int, ago: list[int], size: int = 40) -> list[Revision]:
    """Edits of a page, so many days ago."""
    now = datetime.now(UTC)
    return [
        Revision(
            revid=100_000 + 1000 * user_id + day,
            pageid=pageid,
            timestamp=now - timedelta(days=day),
            user=user,
            user_id=user_id,
            size=size,
            sha1=f"{user_id}{day}",
        )
        for day in ago
    ]


def make_page(
    pageid: int,
    title: str,
    wikitext: str = "Un atelier ouvert à tous.",
    *,
    namespace: int = 0,
    revid: int | None = None,
    redirect: str | None = None,
) -> Page:
    """A page whose revid follows its pageid when none is given."""
    return Page(
        pageid=pageid,
        namespace=namespace,
        title=title,
        revid=revid or 100 * pageid,
        timestamp=MONDAY + timedelta(days=pageid),
        wikitext=f"#REDIRECTION [[{redirect}]]" if redirect else wikitext,
        redirect_target=redirect,
    )


def make_history(pageid: int, authors: Sequence[str | None], *, sizes: Sequence[int] = ()) -> list[Revision]:
    """One revision a day, by these authors; a name that starts with a digit is an address."""
    return [
        Revision(
            revid=100 * pageid + number,
            pageid=pageid,
            parent_revid=0 if number == 0 else 100 * pageid + number - 1,
            timestamp=MONDAY + timedelta(days=number),
            user=author,
            user_id=None if author is None or author[0].isdigit() else 1 + len(author),
            size=sizes[number] if sizes else 400 * (number + 1),
        )
        for number, author in enumerate(authors)
    ]


def make_store(folder: Path, pages: Iterable[Page], *, site: Site = FRENCH_WIKI) -> Store:
    """A mirror with these pages."""
    store = Store.open(folder / "mirror.sqlite3")
    store.site.put(site, source="https://wiki.example.org/api.php")
    store.pages.put_many(pages)
    return store


def make_index(
    folder: Path, store: Store, embedder: Embedder, *, settings: SearchSettings | None = None
) -> Index:
    """An index in a folder of its own, not built yet."""
    return Index(
        folder=folder / "index",
        store=store,
        embedder=embedder,
        settings=settings or SearchSettings(lock_wait_seconds=0.2),
    )


class HashingEmbedder:
    """An `Embedder` without a model: two texts are near when they share stems. It counts what it embeds."""

    dimension = 256

    def __init__(self, model_id: str = "hashing@1") -> None:
        self.model_id = model_id
        self.embedded: list[str] = []
        self._analyzer = WordAnalyzer()

    def embed_passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> Vectors:
        """See `Embedder`."""
        self.embedded += texts
        if progress is not None:
            progress(len(texts), len(texts), "embedding")
        rows = [self._vector(text) for text in texts]
        return np.array(rows, dtype=np.float32).reshape(len(texts), self.dimension)

    def embed_query(self, text: str) -> Vectors:
        """See `Embedder`."""
        return self._vector(text)

    def prepare(self, *, progress: Progress | None = None) -> None:
        """See `Embedder`: there is nothing to make."""

    def _vector(self, text: str) -> Vectors:
        vector = np.full(self.dimension, 1e-3, dtype=np.float32)
        for stem in self._analyzer.stems(text, "fr"):
            digest = hashlib.sha256(f"{self.model_id}{stem}".encode()).digest()
            vector[int.from_bytes(digest[:4], "big") % self.dimension] += 1
        unit: Vectors = vector / np.linalg.norm(vector)
        return unit


class ReadableWhere:
    """A `Readable` that lets through what a function says; it keeps the pages of each time it was asked."""

    restricted = True

    def __init__(self, allows: Callable[[PageHead], bool]) -> None:
        self.asked: list[list[PageHead]] = []
        self._allows = allows

    def among(self, pages: Collection[PageHead]) -> frozenset[int]:
        """See `Readable`."""
        self.asked.append(list(pages))
        return frozenset(page.pageid for page in pages if self._allows(page))
