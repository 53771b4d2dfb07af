"""The keyword index in PostgreSQL, as tsvectors of our own stems; needs the extra `postgresql` (psycopg 3).

PostgreSQL stems nothing and leaves nothing out: a tsvector is made of the stems that `search.keyword_text`
gives, with their places, and a tsquery of quoted ones, which a parameter carries: what a user types is never
its syntax (https://www.postgresql.org/docs/current/datatype-textsearch.html).
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, LiteralString

from connector.errors import SearchError
from search.chunking import Chunk, chunk_ids
from search.keyword_database import KeywordDatabase
from search.keyword_index import IndexedPage, Scored, StoredChunk, TitleMatch, VocabularyWord
from search.keyword_rows import Row, chunk_from_row, encodable, page_from_row, page_to_row, parts_to_column
from search.keyword_tables import DROP, NAMES, SCHEMA, TABLES
from search.keyword_text import field_stems, rarity, title_key, typed_title, vocabulary_of, whole_ends
from search.tsvector import lexeme_of, phrase_match, quoted, ranking, vector
from search.words import Phrase, QueryWords, WordAnalyzer, fold

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[Row]

_VERSION = "1"
_VERSION_KEY = "schema_version"
# There while deleted rows may still stand in the tables.
_TO_WIPE = "to_wipe"
# How many chunks there are and how long they are, counted by `optimize`.
_SIZE = "size"
# Chunks that are ranked: what holds only words that are more frequent than these is not among the best.
_MOST_RANKED = 3_000
_LAST_CHARACTER = "\U0010ffff"
_NOT_AT_START = 1_000_000
_LOCK = 0x434F4D50  # an advisory lock's number: two processes do not make the tables at once


class PostgresqlKeywordIndex:
    """A `KeywordIndex` in a PostgreSQL database, in a schema of its own.

    Args:
        url: of the database, as libpq reads it (`postgresql://user@host/name`).
        analyzer: makes the stems.
        schema: the tables' schema, made when it is missing.

    NUL, which no page holds, comes back as U+FFFD: PostgreSQL keeps no text with it.
    """

    def __init__(self, url: str, *, analyzer: WordAnalyzer, schema: str = SCHEMA) -> None:
        self._database = KeywordDatabase(url, schema=schema)
        self._analyzer = analyzer

    def create(self) -> None:
        """See `KeywordIndex`."""

        def make(connection: "Connection") -> None:
            from psycopg.sql import SQL, Identifier

            encoding = connection.execute("SHOW server_encoding").fetchone()
            if encoding != ("UTF8",):
                raise SearchError("the database of the keyword index must have the encoding UTF8")
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            connection.execute(
                SQL("CREATE SCHEMA IF NOT EXISTS {}").format(Identifier(self._database.schema))
            )
            if self._version(connection) != _VERSION or not self._is_whole(connection):
                connection.execute(DROP)
                connection.execute(TABLES)
                connection.execute("INSERT INTO meta VALUES (%s, %s)", (_VERSION_KEY, _VERSION))

        self._database.write(make)

    @property
    def exists(self) -> bool:
        """See `KeywordIndex`."""
        return self._database.read(self._version) == _VERSION

    def get_meta(self, key: str) -> str | None:
        """See `KeywordIndex`."""
        rows = self._rows("SELECT value FROM meta WHERE key = %s", (key,))
        return str(rows[0][0]) if rows else None

    def put_meta(self, key: str, value: str) -> None:
        """See `KeywordIndex`."""
        query = "INSERT INTO meta VALUES (%s, %s) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
        self._database.write(lambda connection: connection.execute(query, (key, value)))

    def manifest(self) -> dict[int, IndexedPage]:
        """See `KeywordIndex`."""
        return {row[0]: page_from_row(row) for row in self._rows("SELECT * FROM manifest", ())}

    def pages(self, pageids: Iterable[int]) -> dict[int, IndexedPage]:
        """See `KeywordIndex`."""
        rows = self._rows("SELECT * FROM manifest WHERE pageid = ANY(%s)", (list(pageids),))
        return {row[0]: page_from_row(row) for row in rows}

    def put_page(self, page: IndexedPage, chunks: Sequence[Chunk], redirects: Sequence[str]) -> None:
        """See `KeywordIndex`."""
        titles = [page.title, *redirects]
        texts = [text for chunk in chunks for text in (chunk.heading, chunk.text)]
        words = vocabulary_of(self._analyzer, [*titles, *texts])
        stems = [field_stems(self._analyzer, chunk, redirects) for chunk in chunks]
        terms = Counter(term for fields in stems for term in {lexeme_of(t) for each in fields for t in each})

        def put(connection: "Connection") -> None:
            written, counted = self._written(connection, [page.pageid])
            _forget(connection, [page.pageid])
            connection.execute(
                "INSERT INTO manifest VALUES (%s,%s,%s,%s,%s,%s,%s,%s,%s,%s)",
                [_storable(value) for value in page_to_row(page)],
            )
            with connection.cursor() as cursor:
                cursor.executemany(
                    "INSERT INTO chunk VALUES (%s, %s, %s, %s, %s, %s, %s, %s::tsvector)",
                    [
                        (
                            chunk_id,
                            page.pageid,
                            _storable(chunk.heading),
                            _storable(chunk.text),
                            chunk.language,
                            _storable(parts_to_column(chunk)),
                            sum(map(len, fields)),
                            vector(fields),
                        )
                        for chunk_id, chunk, fields in zip(
                            chunk_ids(page.pageid, chunks), chunks, stems, strict=True
                        )
                    ],
                )
                cursor.executemany(
                    "INSERT INTO title VALUES (%s, %s, %s)",
                    [(page.pageid, _storable(title), title_key(self._analyzer, title)) for title in titles],
                )
            _count(connection, words=_less(words, written), terms=_less(terms, counted))

        self._database.write(put)

    def delete_pages(self, pageids: Sequence[int]) -> list[str]:
        """See `KeywordIndex`."""

        def delete(connection: "Connection") -> list[str]:
            words, terms = self._written(connection, pageids)
            forgotten = _forget(connection, pageids)
            _count(connection, words=_less(Counter(), words), terms=_less(Counter(), terms))
            return forgotten

        return self._database.write(delete)

    def optimize(self) -> None:
        """See `KeywordIndex`."""
        self._vacuum()
        self.put_meta(_SIZE, json.dumps(self._count_chunks()))

    def wipe(self) -> bool:
        """See `KeywordIndex`.

        VACUUM takes deleted rows out of the tables. What their bytes leave in free space and in the server's
        own log is for the administrator of the server, as its backups are.
        """
        if self.get_meta(_TO_WIPE) is not None:
            self._vacuum()
            self._database.write(
                lambda connection: connection.execute("DELETE FROM meta WHERE key = %s", (_TO_WIPE,))
            )
        return True

    def chunk_ids(self, pageids: Sequence[int] | None = None) -> set[str]:
        """See `KeywordIndex`."""
        if pageids is None:
            return {row[0] for row in self._rows("SELECT chunk_id FROM chunk", ())}
        query = "SELECT chunk_id FROM chunk WHERE pageid = ANY(%s)"
        return {row[0] for row in self._rows(query, (list(pageids),))}

    def chunks(self, ids: Iterable[str]) -> dict[str, StoredChunk]:
        """See `KeywordIndex`."""
        query = (
            "SELECT chunk_id, pageid, manifest.title, heading, text, chunk.language, parts"
            " FROM chunk JOIN manifest USING (pageid) WHERE chunk_id = ANY(%s)"
        )
        return {row[0]: chunk_from_row(row) for row in self._rows(query, (encodable(ids),))}

    def search(self, words: QueryWords, *, limit: int, pages: Collection[int] | None = None) -> Scored:
        """See `KeywordIndex`."""
        known = self.frequencies((*words.terms, *words.exact))
        if not known or limit < 1:
            return []
        terms = sorted(known, key=lambda term: (known[term], term))
        chosen: list[str] = []
        ranked = 0
        for term in terms:
            if chosen and ranked + known[term] > _MOST_RANKED and pages is None:
                break  # the more frequent words only add to the score of what the rarer ones find
            chosen.append(term)
            ranked += known[term]
        match = " | ".join(map(quoted, chosen))
        if words.phrases:
            phrases = [phrase_match(phrase) for phrase in words.phrases]
            if not all(phrases):
                return []
            match = " & ".join(phrases)
        size, average = self._size()
        rarities = {t: rarity(known[t], of=size) for t in terms}
        query, parameters = ranking(rarities, average=average)
        parameters |= {"match": match, "limit": limit, "pages": None if pages is None else list(pages)}
        return [(row[0], float(row[1])) for row in self._rows(query, parameters)]

    def holding(self, phrases: Sequence[Phrase], chunk_ids: Collection[str]) -> set[str]:
        """See `KeywordIndex`."""
        asked = [phrase_match(phrase) for phrase in phrases]
        if not all(asked):
            return set()
        query = "SELECT chunk_id FROM chunk WHERE chunk_id = ANY(%s)"
        parameters: list[object] = [encodable(chunk_ids)]
        if asked:
            query += " AND words @@ %s::tsquery"
            parameters.append(" & ".join(asked))
        return {row[0] for row in self._rows(query, parameters)}

    def frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """See `KeywordIndex`."""
        query = "SELECT term, chunks FROM term WHERE term = ANY(%s)"
        return dict(self._rows(query, (list(map(lexeme_of, encodable(terms))),)))

    def titles_starting(self, prefix: str, *, limit: int) -> list[TitleMatch]:
        """See `KeywordIndex`."""
        typed = typed_title(self._analyzer, prefix)
        words = encodable(typed.words)
        if not words or limit < 1:
            return []
        parameters = {
            "words": [f" {word}" for word in words],
            "start": typed.start,
            "not_at_start": _NOT_AT_START,
            "limit": limit,
        }
        rows = self._rows(_TITLES, parameters)
        return [TitleMatch(pageid=row[0], title=row[1], matched=row[2]) for row in rows]

    def words_like(self, folded: str, *, edits: int) -> list[VocabularyWord]:
        """See `KeywordIndex`."""
        if not encodable([folded]):
            return []
        start, end = whole_ends(folded, edits=edits)
        parameters = {
            "start": start,
            "after_start": start + _LAST_CHARACTER,
            "end": end[::-1],
            "after_end": end[::-1] + _LAST_CHARACTER,
            "shortest": len(folded) - edits,
            "longest": len(folded) + edits,
        }
        rows = self._rows(_WORDS_LIKE, parameters)
        return [VocabularyWord(form=row[0], folded=row[1], count=row[2]) for row in rows]

    def page_sizes(self, pageids: Iterable[int]) -> dict[int, int]:
        """See `KeywordIndex`."""
        query = "SELECT pageid, count(*) FROM chunk WHERE pageid = ANY(%s) GROUP BY pageid"
        return {int(row[0]): int(row[1]) for row in self._rows(query, (list(pageids),))}

    def counts(self) -> tuple[int, int]:
        """See `KeywordIndex`."""
        rows = self._rows("SELECT (SELECT count(*) FROM manifest), (SELECT count(*) FROM chunk)", ())
        return int(rows[0][0]), int(rows[0][1])

    def close(self) -> None:
        """See `KeywordIndex`."""
        self._database.close()

    def _size(self) -> tuple[int, float]:
        """Return how many chunks there are and their mean length in words, as `optimize` counted."""
        size, average = json.loads(self.get_meta(_SIZE) or "null") or self._count_chunks()
        return size, average

    def _count_chunks(self) -> tuple[int, float]:
        rows = self._rows("SELECT count(*), coalesce(avg(length), 1)::float FROM chunk", ())
        return rows[0][0], max(rows[0][1], 1.0)

    def _rows(
        self, query: LiteralString | bytes, parameters: Sequence[object] | Mapping[str, object]
    ) -> list[Row]:
        return self._database.read(lambda connection: connection.execute(query, parameters).fetchall())

    def _version(self, connection: "Connection") -> str | None:
        if connection.execute("SELECT to_regclass('meta')").fetchone() == (None,):
            return None
        row = connection.execute("SELECT value FROM meta WHERE key = %s", (_VERSION_KEY,)).fetchone()
        return None if row is None else str(row[0])

    def _is_whole(self, connection: "Connection") -> bool:
        """Whether no table was deleted: what is left of the others cannot be used."""
        query = "SELECT bool_and(to_regclass(name) IS NOT NULL) FROM unnest(%s::text[]) AS name"
        return connection.execute(query, (list(NAMES),)).fetchone() == (True,)

    def _vacuum(self) -> None:
        tables = "manifest, chunk, term, title, vocabulary, meta"
        self._database.read(lambda connection: connection.execute(f"VACUUM (ANALYZE) {tables}"))

    def _written(self, connection: "Connection", pageids: Sequence[int]) -> tuple[Counter[str], Counter[str]]:
        """Count the words of pages as they stand in the index, and the chunks of each of their terms."""
        texts = connection.execute(_TEXTS_OF_PAGES, {"pageids": list(pageids)})
        words = vocabulary_of(self._analyzer, [row[0] for row in texts])
        terms = connection.execute(_TERMS_OF_PAGES, (list(pageids),))
        return words, Counter({row[0]: row[1] for row in terms})


_TITLES = """
SELECT pageid, title, shown FROM (
    SELECT DISTINCT ON (t.pageid) t.pageid, m.title, t.shown,
        CASE WHEN starts_with(t.key, %(start)s) THEN 0 ELSE %(not_at_start)s END
        + length(t.key) AS place, t.shown <> m.title AS other
    FROM title AS t JOIN manifest AS m USING (pageid)
    WHERE (SELECT bool_and(strpos(' ' || t.key, word) > 0) FROM unnest(%(words)s::text[]) AS word)
    ORDER BY t.pageid, place, other
) AS best ORDER BY place, other, shown LIMIT %(limit)s
"""
_WORDS_LIKE = """
SELECT form, folded, count FROM vocabulary
WHERE ((folded >= %(start)s AND folded < %(after_start)s)
    OR (mirrored >= %(end)s AND mirrored < %(after_end)s))
AND length(folded) BETWEEN %(shortest)s AND %(longest)s
"""
_TEXTS_OF_PAGES = """
SELECT shown FROM title WHERE pageid = ANY(%(pageids)s)
UNION ALL SELECT heading || E'\n' || text FROM chunk WHERE pageid = ANY(%(pageids)s)
"""
_TERMS_OF_PAGES = """
SELECT term.lexeme, count(*) FROM chunk, unnest(chunk.words) AS term
WHERE chunk.pageid = ANY(%s) GROUP BY term.lexeme
"""
# Of rows that come to nothing nothing is kept: a word that only a deleted page had is gone.
_COUNT_TERMS = """
INSERT INTO term SELECT * FROM unnest(%s::text[], %s::integer[])
ON CONFLICT (term) DO UPDATE SET chunks = term.chunks + excluded.chunks
"""
_COUNT_WORDS = """
INSERT INTO vocabulary SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::integer[])
ON CONFLICT (form) DO UPDATE SET count = vocabulary.count + excluded.count
"""


def _forget(connection: "Connection", pageids: Sequence[int]) -> list[str]:
    parameters = (list(pageids),)
    gone = connection.execute("DELETE FROM chunk WHERE pageid = ANY(%s) RETURNING chunk_id", parameters)
    forgotten = [row[0] for row in gone]
    connection.execute("DELETE FROM title WHERE pageid = ANY(%s)", parameters)
    connection.execute("DELETE FROM manifest WHERE pageid = ANY(%s)", parameters)
    if forgotten:
        connection.execute("INSERT INTO meta VALUES (%s, '1') ON CONFLICT DO NOTHING", (_TO_WIPE,))
    return forgotten


def _count(connection: "Connection", *, words: Counter[str], terms: Counter[str]) -> None:
    # In one order everywhere, so that no two writers wait for each other.
    changed = sorted((form, count) for form, count in words.items() if count)
    forms = [form for form, _ in changed]
    folded = [fold(form) for form in forms]
    counts = [count for _, count in changed]
    connection.execute(_COUNT_WORDS, (forms, folded, [word[::-1] for word in folded], counts))
    connection.execute("DELETE FROM vocabulary WHERE form = ANY(%s) AND count <= 0", (forms,))
    counted = sorted((term, count) for term, count in terms.items() if count)
    names = [term for term, _ in counted]
    connection.execute(_COUNT_TERMS, (names, [count for _, count in counted]))
    connection.execute("DELETE FROM term WHERE term = ANY(%s) AND chunks <= 0", (names,))


def _less(new: Counter[str], old: Counter[str]) -> Counter[str]:
    """Return how far the counts go up and down."""
    return Counter({each: new[each] - old[each] for each in new.keys() | old.keys()})


def _storable(value: Any) -> Any:
    return value.replace("\x00", "\ufffd") if isinstance(value, str) else value
