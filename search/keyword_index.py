"""The keyword index and the manifest: one SQLite file, with FTS5. It can always be rebuilt from the mirror.

Text reaches FTS5 as stems without accents, and a question as quoted stems: what a user types is never FTS5
syntax (https://www.sqlite.org/fts5.html#fts5_strings). A page's manifest row, its chunks and their words are
written in one transaction: a chunk is there exactly when its page's manifest row is.
"""

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from connector.errors import IndexNotBuiltError, SearchError
from search.chunking import Chunk, Part, chunk_ids
from search.language import Language, base_language
from search.words import EXACT_CHARACTERS, QueryWords, WordAnalyzer

_SCHEMA_VERSION = 2
_SCHEMA = f"""
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE manifest (
    pageid INTEGER PRIMARY KEY, revid INTEGER NOT NULL, title TEXT NOT NULL, digest TEXT NOT NULL,
    index_version TEXT NOT NULL, namespace INTEGER NOT NULL, language TEXT NOT NULL,
    last_edited TEXT NOT NULL, status TEXT, contacts TEXT NOT NULL
);
CREATE TABLE chunk (
    id INTEGER PRIMARY KEY, chunk_id TEXT NOT NULL UNIQUE, pageid INTEGER NOT NULL REFERENCES manifest,
    heading TEXT NOT NULL, text TEXT NOT NULL, language TEXT NOT NULL, parts TEXT NOT NULL
);
CREATE INDEX chunk_of_page ON chunk (pageid);
CREATE VIRTUAL TABLE words USING fts5 (
    title, redirects, heading, body, exact,
    tokenize = "unicode61 remove_diacritics 0 tokenchars '{EXACT_CHARACTERS}'"
);
CREATE VIRTUAL TABLE vocabulary USING fts5vocab (words, row);
"""
_TABLES = ("vocabulary", "words", "chunk", "manifest", "meta")
# Weights of title, redirects, heading, body, exact: a title says what a page is about.
_WEIGHTS = (3.0, 2.5, 2.0, 1.0, 1.0)
_IDS_AT_ONCE = 500
# FTS5 only marks words as deleted until it merges: https://www.sqlite.org/fts5.html#the_optimize_command
_MERGE_WORDS = "INSERT INTO words (words) VALUES ('optimize')"
# There while what was deleted or replaced may still stand in the file or in its log.
_TO_WIPE = "to_wipe"

Row = tuple[Any, ...]
_BUSY_MILLISECONDS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedPage:
    """A manifest row: which state of a page is indexed, and what a hit says of the page."""

    pageid: int
    revid: int
    title: str
    digest: str
    """Digest of title and text, of the titles that redirect to the page, and of which rendering was read."""
    index_version: str
    namespace: int
    language: Language
    last_edited: datetime
    status: str | None
    contacts: tuple[str, ...] = ()
    """Who the practice says to ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredChunk:
    """A chunk with its id and the page it belongs to."""

    chunk_id: str
    pageid: int
    chunk: Chunk


class KeywordIndex:
    """Manifest, chunks and their words. Safe to share between threads; several processes may read."""

    def __init__(self, path: Path, *, analyzer: WordAnalyzer) -> None:
        self._path = path
        self._analyzer = analyzer
        self._local = threading.local()
        self._mutex = threading.Lock()
        self._connections: list[sqlite3.Connection] = []

    def create(self) -> None:
        """Make the file when it is missing, and empty it when another version of Compagnon wrote it."""
        with self._errors():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = self._connection(create=True)
            if connection.execute("PRAGMA user_version").fetchone()[0] == _SCHEMA_VERSION:
                return
            connection.execute("PRAGMA journal_mode = WAL")
            drops = "".join(f"DROP TABLE IF EXISTS {table};" for table in _TABLES)
            connection.executescript(
                f"BEGIN IMMEDIATE;{drops}{_SCHEMA}PRAGMA user_version = {_SCHEMA_VERSION};COMMIT;"
            )

    @property
    def exists(self) -> bool:
        """Whether there is a file of this version."""
        if not self._path.exists():
            return False
        with self._errors():
            version = self._connection().execute("PRAGMA user_version").fetchone()[0]
            return bool(version == _SCHEMA_VERSION)

    def get_meta(self, key: str) -> str | None:
        """Return a fact about the index."""
        with self._errors():
            row = self._connection().execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
            return None if row is None else str(row[0])

    def put_meta(self, key: str, value: str) -> None:
        """Keep a fact about the index."""
        with self._writing() as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def manifest(self) -> dict[int, IndexedPage]:
        """Return the whole manifest, by pageid."""
        with self._errors():
            return {row[0]: _page(row) for row in self._connection().execute("SELECT * FROM manifest")}

    def pages(self, pageids: Iterable[int]) -> dict[int, IndexedPage]:
        """Return the manifest rows that are there, by pageid."""
        query = "SELECT * FROM manifest WHERE pageid IN"
        return {row[0]: _page(row) for row in self._in(query, list(pageids))}

    def put_page(self, page: IndexedPage, chunks: Sequence[Chunk], redirects: Sequence[str]) -> None:
        """Replace a page in one transaction: first its chunks, last its manifest row."""
        with self._writing() as connection:
            self._forget(connection, [page.pageid])
            for chunk_id, chunk in zip(chunk_ids(page.pageid, chunks), chunks, strict=True):
                parts = json.dumps([astuple(part) for part in chunk.parts], ensure_ascii=False)
                row = connection.execute(
                    "INSERT INTO chunk (chunk_id, pageid, heading, text, language, parts)"
                    " VALUES (?,?,?,?,?,?)",
                    (chunk_id, page.pageid, chunk.heading, chunk.text, chunk.language, parts),
                )
                connection.execute(
                    "INSERT INTO words (rowid, title, redirects, heading, body, exact) VALUES (?,?,?,?,?,?)",
                    (row.lastrowid, *self._columns(chunk, redirects)),
                )
            connection.execute(
                "INSERT INTO manifest VALUES (?,?,?,?,?,?,?,?,?,?)",
                (
                    page.pageid,
                    page.revid,
                    page.title,
                    page.digest,
                    page.index_version,
                    page.namespace,
                    page.language,
                    page.last_edited.isoformat(),
                    page.status,
                    json.dumps(page.contacts, ensure_ascii=False),
                ),
            )

    def delete_pages(self, pageids: Sequence[int]) -> list[str]:
        """Forget pages for good; return the ids of the chunks they had."""
        with self._writing() as connection:
            forgotten = self._forget(connection, pageids)
            connection.execute(_MERGE_WORDS)
            return forgotten

    def wipe(self) -> bool:
        """Leave nothing of what was deleted or replaced in the file and its log; free when there is none.

        What an edit replaced may be hidden in the wiki since; nobody tells the index.
        secure_delete overwrites what is freed, but not what was copied when a node of a tree was rebalanced,
        nor what stands in the log: so the file is written anew (https://www.sqlite.org/lang_vacuum.html) and
        the log is emptied.

        Returns:
            Whether all is wiped; False while another reader needs the log: the next update tries again.
        """
        if self.get_meta(_TO_WIPE) is None:
            return True
        with self._errors():
            connection = self._connection()
            connection.execute(_MERGE_WORDS)
            connection.execute("VACUUM")
            busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            if not busy:
                connection.execute("DELETE FROM meta WHERE key = ?", (_TO_WIPE,))
            return not busy

    def chunk_ids(self, pageids: Sequence[int] | None = None) -> set[str]:
        """Return the ids of these pages' chunks, of all pages when None."""
        if pageids is not None:
            return {row[0] for row in self._in("SELECT chunk_id FROM chunk WHERE pageid IN", list(pageids))}
        with self._errors():
            return {row[0] for row in self._connection().execute("SELECT chunk_id FROM chunk")}

    def chunks(self, ids: Iterable[str]) -> dict[str, StoredChunk]:
        """Return the chunks that are there, by chunk id."""
        query = (
            "SELECT chunk_id, pageid, manifest.title, heading, text, chunk.language, parts"
            " FROM chunk JOIN manifest USING (pageid) WHERE chunk_id IN"
        )
        return {row[0]: _chunk(row) for row in self._in(query, list(ids))}

    def search(self, words: QueryWords, *, limit: int) -> list[tuple[str, float]]:
        """Return the ids of the chunks that hold any of the words, and their BM25 score (> 0), best first."""
        terms = dict.fromkeys((*words.terms, *words.exact))
        if not terms:
            return []
        match = " OR ".join('"' + term.replace('"', '""') + '"' for term in terms)
        query = (
            f"SELECT chunk_id, -bm25(words, {', '.join(map(str, _WEIGHTS))}) AS score"  # noqa: S608 - numbers
            " FROM words JOIN chunk ON chunk.id = words.rowid WHERE words MATCH ? ORDER BY score DESC LIMIT ?"
        )
        with self._errors():
            return [(row[0], float(row[1])) for row in self._connection().execute(query, (match, limit))]

    def frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """Return in how many chunks each term stands; a term that stands in none is left out."""
        return dict(self._in("SELECT term, doc FROM vocabulary WHERE term IN", list(terms)))

    def counts(self) -> tuple[int, int]:
        """Return how many pages and how many chunks there are."""
        with self._errors():
            connection = self._connection()
            pages = connection.execute("SELECT count(*) FROM manifest").fetchone()[0]
            return int(pages), int(connection.execute("SELECT count(*) FROM chunk").fetchone()[0])

    def close(self) -> None:
        """Close the connections of all threads; the next use opens one again."""
        with self._mutex:
            for connection in self._connections:
                connection.close()
            self._connections = []
            self._local = threading.local()

    def _columns(self, chunk: Chunk, redirects: Sequence[str]) -> tuple[str, ...]:
        names = " . ".join(redirects)
        stems = (
            " ".join(self._analyzer.stems(text, chunk.language))
            for text in (chunk.title, names, chunk.heading, chunk.text)
        )
        exact = self._analyzer.exact_tokens(f"{chunk.title} {names} {chunk.heading} {chunk.text}")
        # "nodejs" is asked for as a word, and so as its stem.
        exact += [self._analyzer.stem(token, chunk.language) for token in exact if token.isalpha()]
        return (*stems, " ".join(exact))

    def _forget(self, connection: sqlite3.Connection, pageids: Sequence[int]) -> list[str]:
        forgotten: list[str] = []
        for pageid in pageids:
            rows = connection.execute("SELECT id, chunk_id FROM chunk WHERE pageid = ?", (pageid,)).fetchall()
            connection.executemany("DELETE FROM words WHERE rowid = ?", [(row[0],) for row in rows])
            connection.execute("DELETE FROM chunk WHERE pageid = ?", (pageid,))
            connection.execute("DELETE FROM manifest WHERE pageid = ?", (pageid,))
            forgotten += [row[1] for row in rows]
        if forgotten:
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_TO_WIPE, "1"))
        return forgotten

    def _in(self, query: str, values: Sequence[int | str]) -> Iterator[Row]:
        with self._errors():
            connection = self._connection()
            for start in range(0, len(values), _IDS_AT_ONCE):
                some = values[start : start + _IDS_AT_ONCE]
                yield from connection.execute(f"{query} ({','.join('?' * len(some))})", some)

    def _connection(self, *, create: bool = False) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            if not create and not self._path.exists():
                raise IndexNotBuiltError("there is no index yet: run `compagnon index`")
            connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
            connection.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
            connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
            connection.execute(
                "PRAGMA synchronous = NORMAL"
            )  # what a power cut loses, the next update rebuilds
            self._local.connection = connection
            with self._mutex:
                self._connections.append(connection)
        return connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._errors():
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                if connection.in_transaction:  # on a full disk SQLite has rolled back by itself
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as e:
            if getattr(e, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
                raise SearchError(
                    "the disk is full: make room, then run `compagnon index`; nothing is lost"
                ) from e
            raise SearchError(
                f"the keyword index cannot be used ({e}): delete {self._path} and run `compagnon index`"
            ) from e


def _page(row: Row) -> IndexedPage:
    pageid, revid, title, digest, index_version, namespace, language, last_edited, status, contacts = row
    return IndexedPage(
        pageid=pageid,
        revid=revid,
        title=title,
        digest=digest,
        index_version=index_version,
        namespace=namespace,
        language=base_language(language),
        last_edited=datetime.fromisoformat(last_edited),
        status=status,
        contacts=tuple(json.loads(contacts)),
    )


def _chunk(row: Row) -> StoredChunk:
    chunk_id, pageid, title, heading, text, language, parts = row
    return StoredChunk(
        chunk_id=chunk_id,
        pageid=pageid,
        chunk=Chunk(
            title=title,
            heading=heading,
            text=text,
            language=base_language(language),
            parts=tuple(Part(*part) for part in json.loads(parts)),
        ),
    )
