"""The keyword index in one SQLite file, with FTS5.

Text reaches FTS5 as stems without accents, and a question as quoted stems: what a user types is never FTS5
syntax (https://www.sqlite.org/fts5.html#fts5_strings).
"""

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from search import keyword_postings
from search.chunking import Chunk, chunk_ids
from search.keyword_file import KeywordFile, in_batches
from search.keyword_fts5 import phrase_match, quoted
from search.keyword_index import IndexedPage, Scored, StoredChunk, TitleMatch, VocabularyWord
from search.keyword_rows import Row, chunk_from_row, encodable, page_from_row, page_to_row, parts_to_column
from search.keyword_text import (
    FIELDS,
    WEIGHTS,
    field_stems,
    holds,
    title_key,
    typed_title,
    vocabulary_of,
    whole_ends,
)
from search.words import EXACT_CHARACTERS, Phrase, QueryWords, WordAnalyzer, fold

_SCHEMA_VERSION = 4
_SCHEMA = f"""
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE manifest (
    pageid INTEGER PRIMARY KEY, revid INTEGER NOT NULL, title TEXT NOT NULL, digest TEXT NOT NULL,
    index_version TEXT NOT NULL, namespace INTEGER NOT NULL, language TEXT NOT NULL,
    last_edited TEXT NOT NULL, status TEXT, contacts TEXT NOT NULL
);
CREATE TABLE chunk (
    id INTEGER PRIMARY KEY AUTOINCREMENT, chunk_id TEXT NOT NULL UNIQUE,
    pageid INTEGER NOT NULL REFERENCES manifest,
    heading TEXT NOT NULL, text TEXT NOT NULL, language TEXT NOT NULL, parts TEXT NOT NULL
);
CREATE INDEX chunk_of_page ON chunk (pageid);
CREATE VIRTUAL TABLE words USING fts5 (
    {", ".join(FIELDS)}, tokenize = "unicode61 remove_diacritics 0 tokenchars '{EXACT_CHARACTERS}'"
);
CREATE VIRTUAL TABLE terms USING fts5vocab (words, row);
CREATE TABLE title (
    id INTEGER PRIMARY KEY, pageid INTEGER NOT NULL REFERENCES manifest, shown TEXT NOT NULL
);
CREATE INDEX title_of_page ON title (pageid);
CREATE VIRTUAL TABLE title_words USING fts5 (
    key, prefix = '1 2 3', tokenize = "unicode61 remove_diacritics 0"
);
CREATE TABLE vocabulary (
    form TEXT PRIMARY KEY, folded TEXT NOT NULL, mirrored TEXT NOT NULL, count INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX vocabulary_folded ON vocabulary (folded, count);
CREATE INDEX vocabulary_mirrored ON vocabulary (mirrored, folded, count);
{keyword_postings.SCHEMA}"""
_TABLES = (
    *keyword_postings.TABLES,
    "vocabulary",
    "title_words",
    "title",
    "terms",
    "words",
    "chunk",
    "manifest",
    "meta",
)
# FTS5 only marks words as deleted until it merges: https://www.sqlite.org/fts5.html#the_optimize_command
_MERGE_WORDS = "INSERT INTO {0} ({0}) VALUES ('optimize')"
# There while what was deleted or replaced may still stand in the file or in its log.
_TO_WIPE = "to_wipe"
# Of a page whose titles are many, the best is shown; a title that begins with what was typed goes first.
_NOT_AT_START = 1_000_000
_TITLES_A_PAGE = 4
# Of terms that stand in no more chunks than this, FTS5 counts the chunks: exactly, and fast enough.
_COUNTED_AT_ONCE = 200
_LAST_CHARACTER = "\U0010ffff"
_ROWS_OF_PAGES = "SELECT id FROM chunk WHERE pageid IN"


class SqliteKeywordIndex:
    """A `KeywordIndex` in a file.

    Args:
        path: where it is; its folder is made when it is created.
        analyzer: makes the stems.
        few_rows: `optimize` leaves this many new chunks to FTS5's own ranking.
    """

    def __init__(
        self, path: Path, *, analyzer: WordAnalyzer, few_rows: int = keyword_postings.FEW_ROWS
    ) -> None:
        self._few_rows = few_rows
        self._file = KeywordFile(path, schema=_SCHEMA, version=_SCHEMA_VERSION, tables=_TABLES)
        self._analyzer = analyzer

    def create(self) -> None:
        """See `KeywordIndex`."""
        self._file.create()

    @property
    def exists(self) -> bool:
        """See `KeywordIndex`."""
        return self._file.exists

    def get_meta(self, key: str) -> str | None:
        """See `KeywordIndex`."""
        with self._file.reading() as connection:
            row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
            return None if row is None else str(row[0])

    def put_meta(self, key: str, value: str) -> None:
        """See `KeywordIndex`."""
        with self._file.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def manifest(self) -> dict[int, IndexedPage]:
        """See `KeywordIndex`."""
        with self._file.reading() as connection:
            return {row[0]: page_from_row(row) for row in connection.execute("SELECT * FROM manifest")}

    def pages(self, pageids: Iterable[int]) -> dict[int, IndexedPage]:
        """See `KeywordIndex`."""
        query = "SELECT * FROM manifest WHERE pageid IN"
        return {row[0]: page_from_row(row) for row in self._file.rows(query, list(pageids))}

    def put_page(self, page: IndexedPage, chunks: Sequence[Chunk], redirects: Sequence[str]) -> None:
        """See `KeywordIndex`."""
        titles = [page.title, *redirects]
        texts = [text for chunk in chunks for text in (chunk.heading, chunk.text)]
        written = vocabulary_of(self._analyzer, [*titles, *texts])
        with self._file.writing() as connection:
            written.subtract(self._written(connection, page.pageid))
            self._forget(connection, [page.pageid])
            for chunk_id, chunk in zip(chunk_ids(page.pageid, chunks), chunks, strict=True):
                self._put_chunk(connection, page.pageid, chunk_id, chunk, redirects)
            for title in titles:
                row = connection.execute(
                    "INSERT INTO title (pageid, shown) VALUES (?, ?)", (page.pageid, title)
                )
                key = title_key(self._analyzer, title)
                connection.execute("INSERT INTO title_words (rowid, key) VALUES (?, ?)", (row.lastrowid, key))
            _count_words(connection, written)
            connection.execute(
                "INSERT INTO manifest VALUES (?,?,?,?,?,?,?,?,?,?)",
                page_to_row(page),
            )

    def delete_pages(self, pageids: Sequence[int]) -> list[str]:
        """See `KeywordIndex`."""
        with self._file.writing() as connection:
            for pageid in pageids:
                gone = self._written(connection, pageid)
                _count_words(connection, Counter({form: -count for form, count in gone.items()}))
            forgotten = self._forget(connection, pageids)
            for table in ("words", "title_words"):
                connection.execute(_MERGE_WORDS.format(table))
            return forgotten

    def optimize(self) -> None:
        """See `KeywordIndex`."""
        with self._file.writing() as connection:
            keyword_postings.update(connection, few_rows=self._few_rows)

    def wipe(self) -> bool:
        """See `KeywordIndex`.

        secure_delete overwrites what is freed, but not what was copied when a node of a tree was rebalanced,
        nor what stands in the log: so the file is written anew (https://www.sqlite.org/lang_vacuum.html) and
        the log is emptied.
        """
        if self.get_meta(_TO_WIPE) is None:
            return True
        with self._file.writing() as connection:
            keyword_postings.forget_gone(connection)
            for table in ("words", "title_words"):
                connection.execute(_MERGE_WORDS.format(table))
        with self._file.reading() as connection:
            connection.execute("VACUUM")
            busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            if not busy:
                connection.execute("DELETE FROM meta WHERE key = ?", (_TO_WIPE,))
            return not busy

    def chunk_ids(self, pageids: Sequence[int] | None = None) -> set[str]:
        """See `KeywordIndex`."""
        if pageids is not None:
            query = "SELECT chunk_id FROM chunk WHERE pageid IN"
            return {row[0] for row in self._file.rows(query, list(pageids))}
        with self._file.reading() as connection:
            return {row[0] for row in connection.execute("SELECT chunk_id FROM chunk")}

    def chunks(self, ids: Iterable[str]) -> dict[str, StoredChunk]:
        """See `KeywordIndex`."""
        query = (
            "SELECT chunk_id, pageid, manifest.title, heading, text, chunk.language, parts"
            " FROM chunk JOIN manifest USING (pageid) WHERE chunk_id IN"
        )
        return {row[0]: chunk_from_row(row) for row in self._file.rows(query, encodable(ids))}

    def search(self, words: QueryWords, *, limit: int, pages: Collection[int] | None = None) -> Scored:
        """See `KeywordIndex`."""
        terms = encodable(dict.fromkeys((*words.terms, *words.exact)))
        if not terms or limit < 1:
            return []
        with self._file.snapshot() as connection:
            held = self._rows_holding(connection, words.phrases) if words.phrases else None
            if pages is not None:
                theirs = {r[0] for r in in_batches(connection, _ROWS_OF_PAGES, sorted(pages))}
                held = theirs if held is None else held & theirs
            found = self._ranked_alone(connection, terms, limit=limit if held is None else None)
            if held is not None:
                found = [each for each in found if each[0] in held][:limit]
            best = keyword_postings.best(connection, terms, limit=limit, only=held)
            ids = self._ids(connection, [row for row, _ in found])
            best += [(ids[row], score) for row, score in found if row in ids]
        return sorted(best, key=lambda each: (-each[1], each[0]))[:limit]

    def holding(self, phrases: Sequence[Phrase], chunk_ids: Collection[str]) -> set[str]:
        """See `KeywordIndex`."""
        query = (
            f"SELECT chunk_id, {', '.join(f'words.{field}' for field in FIELDS)}"  # noqa: S608 - names
            " FROM chunk JOIN words ON words.rowid = chunk.id WHERE chunk_id IN"
        )
        return {
            chunk_id
            for chunk_id, *fields in self._file.rows(query, encodable(chunk_ids))
            if _holds_all([field.split() for field in fields], phrases)
        }

    def frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """See `KeywordIndex`."""
        asked = encodable(terms)
        with self._file.snapshot() as connection:
            counted = keyword_postings.frequencies(connection, asked)
            frequent = {term: count for term, count in counted.items() if count > _COUNTED_AT_ONCE}
            rest = [term for term in asked if term not in frequent]
            return frequent | dict(in_batches(connection, "SELECT term, doc FROM terms WHERE term IN", rest))

    def titles_starting(self, prefix: str, *, limit: int) -> list[TitleMatch]:
        """See `KeywordIndex`."""
        typed = typed_title(self._analyzer, prefix)
        words = encodable(typed.words)
        if not words or limit < 1:
            return []
        # Only the best of what may be thousands are looked up; a page may be among them by several titles.
        query = (
            "SELECT title.pageid, manifest.title, shown FROM ("
            " SELECT rowid, (substr(key, 1, ?) <> ?) * ? + length(key) AS place FROM title_words"
            " WHERE title_words MATCH ? ORDER BY place, rowid LIMIT ? OFFSET ?"
            ") AS best JOIN title ON title.id = best.rowid JOIN manifest USING (pageid)"
            " ORDER BY place, shown <> manifest.title, shown"
        )
        match = " AND ".join(f"{quoted(word)}*" for word in words)
        found: dict[int, TitleMatch] = {}
        at_once, offset, more = _TITLES_A_PAGE * limit, 0, True
        with self._file.snapshot() as connection:
            while more and len(found) < limit:
                asked = (len(typed.start), typed.start, _NOT_AT_START, match, at_once, offset)
                rows = connection.execute(query, asked).fetchall()
                for pageid, title, shown in rows:
                    found.setdefault(pageid, TitleMatch(pageid=pageid, title=title, matched=shown))
                more = len(rows) == at_once
                offset += at_once
        return list(found.values())[:limit]

    def words_like(self, folded: str, *, edits: int) -> list[VocabularyWord]:
        """See `KeywordIndex`."""
        if not encodable([folded]):
            return []
        start, end = whole_ends(folded, edits=edits)
        lengths = (len(folded) - edits, len(folded) + edits)
        query = (
            "SELECT form, folded, count FROM vocabulary WHERE {0} >= ? AND {0} < ?"
            " AND length({0}) BETWEEN ? AND ?"
        )
        found: set[Row] = set()
        with self._file.reading() as connection:
            for column, part in (("folded", start), ("mirrored", end[::-1])):
                bounds = (part, part + _LAST_CHARACTER, *lengths)
                found.update(connection.execute(query.format(column), bounds))
        return [VocabularyWord(form=row[0], folded=row[1], count=row[2]) for row in found]

    def page_sizes(self, pageids: Iterable[int]) -> dict[int, int]:
        """See `KeywordIndex`."""
        number = "(SELECT count(*) FROM chunk WHERE chunk.pageid = manifest.pageid)"
        return dict(
            self._file.rows(f"SELECT pageid, {number} FROM manifest WHERE pageid IN", list(pageids))  # noqa: S608
        )

    def counts(self) -> tuple[int, int]:
        """See `KeywordIndex`."""
        with self._file.reading() as connection:
            pages = connection.execute("SELECT count(*) FROM manifest").fetchone()[0]
            return int(pages), int(connection.execute("SELECT count(*) FROM chunk").fetchone()[0])

    def close(self) -> None:
        """See `KeywordIndex`."""
        self._file.close()

    def _put_chunk(
        self,
        connection: sqlite3.Connection,
        pageid: int,
        chunk_id: str,
        chunk: Chunk,
        redirects: Sequence[str],
    ) -> None:
        row = connection.execute(
            "INSERT INTO chunk (chunk_id, pageid, heading, text, language, parts) VALUES (?,?,?,?,?,?)",
            (chunk_id, pageid, chunk.heading, chunk.text, chunk.language, parts_to_column(chunk)),
        )
        stems = field_stems(self._analyzer, chunk, redirects)
        connection.execute(
            f"INSERT INTO words (rowid, {', '.join(FIELDS)}) VALUES (?,?,?,?,?,?)",  # noqa: S608 - names
            (row.lastrowid, *(" ".join(field) for field in stems)),
        )

    def _written(self, connection: sqlite3.Connection, pageid: int) -> Counter[str]:
        """Count the words of a page as it stands in the index."""
        query = "SELECT shown FROM title WHERE pageid = ?1 UNION ALL"
        query += " SELECT heading || char(10) || text FROM chunk WHERE pageid = ?1"
        texts = [row[0] for row in connection.execute(query, (pageid,))]
        return vocabulary_of(self._analyzer, texts)

    def _forget(self, connection: sqlite3.Connection, pageids: Sequence[int]) -> list[str]:
        forgotten: list[str] = []
        for pageid in pageids:
            rows = connection.execute("SELECT id, chunk_id FROM chunk WHERE pageid = ?", (pageid,)).fetchall()
            connection.executemany("DELETE FROM words WHERE rowid = ?", [(row[0],) for row in rows])
            titles = connection.execute("SELECT id FROM title WHERE pageid = ?", (pageid,)).fetchall()
            connection.executemany("DELETE FROM title_words WHERE rowid = ?", titles)
            for table in ("chunk", "title", "manifest"):
                connection.execute(f"DELETE FROM {table} WHERE pageid = ?", (pageid,))  # noqa: S608 - names
            forgotten += [row[1] for row in rows]
        if forgotten:
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_TO_WIPE, "1"))
        return forgotten

    def _ranked_alone(
        self, connection: sqlite3.Connection, terms: Sequence[str], *, limit: int | None
    ) -> list[tuple[int, float]]:
        """Return the rows that no segment covers, ranked by FTS5."""
        last = keyword_postings.covered(connection).last
        if last and connection.execute("SELECT 1 FROM chunk WHERE id > ?", (last,)).fetchone() is None:
            return []
        rows = connection.execute(
            f"SELECT rowid, -bm25(words, {', '.join(map(str, WEIGHTS))}) AS score FROM words"  # noqa: S608 - numbers
            " WHERE words MATCH ? AND rowid > ? ORDER BY score DESC LIMIT ?",
            (" OR ".join(map(quoted, terms)), last, -1 if limit is None else limit),
        )
        return [(row[0], float(row[1])) for row in rows]

    def _ids(self, connection: sqlite3.Connection, rows: Sequence[int]) -> dict[int, str]:
        return dict(in_batches(connection, "SELECT id, chunk_id FROM chunk WHERE id IN", rows))

    def _rows_holding(self, connection: sqlite3.Connection, phrases: Sequence[Phrase]) -> set[int]:
        """Return the rows of the chunks that hold every phrase."""
        query = f"SELECT rowid, {', '.join(FIELDS)} FROM words WHERE words MATCH ?"  # noqa: S608 - names
        asked = [phrase_match(phrase) for phrase in phrases]
        if not all(asked):
            return set()
        rows = connection.execute(query, (" AND ".join(asked),))
        if all(len(phrase) <= 2 for phrase in phrases):
            return {row[0] for row in rows}
        return {rowid for rowid, *fields in rows if _holds_all([field.split() for field in fields], phrases)}


def _holds_all(fields: Sequence[Sequence[str]], phrases: Sequence[Phrase]) -> bool:
    return all(holds(fields, phrase) for phrase in phrases)


def _count_words(connection: sqlite3.Connection, changes: Counter[str]) -> None:
    changed = [(form, count) for form, count in changes.items() if count]
    connection.executemany(
        "INSERT INTO vocabulary VALUES (?, ?, ?, ?) ON CONFLICT (form) DO UPDATE SET count = count + ?4",
        [(form, folded := fold(form), folded[::-1], count) for form, count in changed],
    )
    connection.executemany(
        "DELETE FROM vocabulary WHERE form = ? AND count <= 0",
        [(form,) for form, count in changed if count < 0],
    )
