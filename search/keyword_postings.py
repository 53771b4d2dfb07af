"""What each term adds to the score of each chunk, worked out beforehand: FTS5's own ranking reads too much.

FTS5's bm25() looks up the length of every row that matches and sorts its hits, 2 microseconds a row, and
counts each term's rows once more; a question's words match a tenth of a large wiki. Here the part of BM25
that no question changes is kept by term in one array, as BM25S does (https://arxiv.org/abs/2407.03618). The
rest, a term's rarity, is a factor at question time. The formula is FTS5's
(https://www.sqlite.org/fts5.html#the_bm25_function), so that rows that are no part of any segment yet are
ranked by FTS5 among those that are.

Rows are covered by segments: a large one, and small ones for what changed since. A row that was deleted stays
in its segment and is left out when its chunk is not found. Nothing here is needed for an answer, only for its
speed: a small index has no segment at all.
"""

import sqlite3
from array import array
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from search.keyword_file import in_batches
from search.keyword_rows import Row
from search.keyword_text import FIELDS, WEIGHTS, rarity

if TYPE_CHECKING:
    from numpy.typing import NDArray

SCHEMA = """
CREATE TABLE segment (
    id INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL, size INTEGER NOT NULL,
    tokens INTEGER NOT NULL
);
CREATE TABLE posting_row (place INTEGER PRIMARY KEY, row INTEGER NOT NULL UNIQUE);
CREATE TABLE posting (
    term TEXT NOT NULL, segment INTEGER NOT NULL, chunks INTEGER NOT NULL,
    places BLOB NOT NULL, impacts BLOB NOT NULL,
    PRIMARY KEY (term, segment)
);
"""
"""`segment`: its first and last row of `words`, how many rows and stems. `posting_row`: each row's place in
the arrays of all terms. `posting`: the places (uint32) of a term's rows, and its impacts (uint16) there."""
TABLES = ("posting", "posting_row", "segment")

_K1, _B = 1.2, 0.75
_SCALE = 65_535 / (_K1 + 1)
# Rows that FTS5 ranks fast enough by itself; beyond, they get a segment.
FEW_ROWS = 500
_MOST_SEGMENTS = 8
# The large segment is made anew when this share of its rows changed.
_STALE = 0.1
# Asked for besides those that are wanted, since some may be deleted.
_SPARE = 20


@dataclass(frozen=True, slots=True)
class Covered:
    """What the segments cover."""

    last: int
    """Rows after this one are in no segment."""
    size: int
    """Rows in segments, deleted ones too."""


def covered(connection: sqlite3.Connection) -> Covered:
    """Return what the segments cover."""
    last, size = connection.execute("SELECT max(last), sum(size) FROM segment").fetchone()
    return Covered(last=last or 0, size=size or 0)


def update(connection: sqlite3.Connection, *, few_rows: int = FEW_ROWS) -> None:
    """Make the segments cover all rows, when that is worth it; within a transaction."""
    segments = connection.execute("SELECT id, first, last, size FROM segment ORDER BY id").fetchall()
    rows = connection.execute("SELECT count(*) FROM words_docsize").fetchone()[0]
    last = segments[-1][2] if segments else 0
    new = connection.execute("SELECT count(*) FROM words_docsize WHERE id > ?", (last,)).fetchone()[0]
    if not segments:
        if rows > few_rows:
            _add(connection, first=1)
        return
    size = segments[0][3]
    changed = sum(segment[3] for segment in segments[1:]) + new
    dead = sum(segment[3] for segment in segments) + new - rows
    if max(changed, dead) > max(size * _STALE, few_rows):
        _drop(connection, first=1)
        _add(connection, first=1)
    elif new and len(segments) >= _MOST_SEGMENTS:
        _drop(connection, first=segments[1][1])
        _add(connection, first=segments[1][1])
    elif new:
        _add(connection, first=last + 1)


def forget_gone(connection: sqlite3.Connection) -> None:
    """Take out the terms that no row has any more; within a transaction."""
    if connection.execute("SELECT 1 FROM segment").fetchone():
        connection.execute("DELETE FROM posting WHERE term NOT IN (SELECT term FROM terms)")


def best(
    connection: sqlite3.Connection, terms: Sequence[str], *, limit: int, only: Collection[int] | None = None
) -> list[tuple[str, float]]:
    """Return the ids and scores of the best chunks that segments cover, in no order.

    Args:
        connection: reads one state of the file.
        terms: the question's.
        limit: how many to return, or a few more.
        only: the rows to choose from; None for all.
    """
    size = covered(connection).size
    total = _scores(connection, terms, size)
    if only is None:
        places = np.flatnonzero(total)
    else:
        query = "SELECT place FROM posting_row WHERE row IN"
        chosen = [row[0] for row in in_batches(connection, query, list(only))]
        places = np.array([place for place in chosen if total[place] > 0], dtype=np.int64)
    found: list[tuple[str, float]] = []
    query = "SELECT place, chunk_id FROM posting_row JOIN chunk ON chunk.id = row WHERE place IN"
    # Of those at the top some may be deleted: the next ones take their places.
    while len(found) < limit and len(places):
        wanted = limit - len(found) + _SPARE
        if len(places) > wanted:
            cut = np.argpartition(total[places], len(places) - wanted)
            top, places = places[cut[-wanted:]], places[cut[:-wanted]]
        else:
            top, places = places, places[:0]
        ids: dict[int, str] = dict(in_batches(connection, query, top.tolist()))
        found += [(ids[place], float(total[place])) for place in top.tolist() if place in ids]
    return found


def _scores(connection: sqlite3.Connection, terms: Sequence[str], size: int) -> "NDArray[np.float32]":
    """Return each place's score; 0 for what has none of the terms."""
    total = np.zeros(size, dtype=np.float32)
    rows = _of_terms(connection, "term, chunks, places, impacts", terms)
    chunks: Counter[str] = Counter()
    for term, count, _, _ in rows:
        chunks[term] += count
    for term, _, places, impacts in rows:
        worth = rarity(chunks[term], of=size)
        held = np.frombuffer(places, dtype=np.uint32)
        total[held] += np.frombuffer(impacts, dtype=np.uint16) * np.float32(worth / _SCALE)
    return total


def frequencies(connection: sqlite3.Connection, terms: Sequence[str]) -> dict[str, int]:
    """Return in how many covered rows, deleted ones too, each term stands; without those in none."""
    found: Counter[str] = Counter()
    for term, count in _of_terms(connection, "term, chunks", terms):
        found[term] += count
    return dict(found)


def _of_terms(connection: sqlite3.Connection, columns: str, terms: Sequence[str]) -> list[Row]:
    return list(in_batches(connection, f"SELECT {columns} FROM posting WHERE term IN", terms))  # noqa: S608 - names


def _drop(connection: sqlite3.Connection, *, first: int) -> None:
    if first == 1:
        connection.execute("DELETE FROM posting")  # without a condition SQLite empties it at once
    else:
        connection.execute(
            "DELETE FROM posting WHERE segment IN (SELECT id FROM segment WHERE first >= ?)", (first,)
        )
    connection.execute("DELETE FROM posting_row WHERE row >= ?", (first,))
    connection.execute("DELETE FROM segment WHERE first >= ?", (first,))


def _add(connection: sqlite3.Connection, *, first: int) -> None:
    """Make a segment of the rows from `first` on; its places follow those of the others."""
    base = connection.execute("SELECT coalesce(max(place) + 1, 0) FROM posting_row").fetchone()[0]
    names: dict[str, int] = {}
    terms, places, counts = array("I"), array("I"), array("f")
    rows, lengths = array("q"), array("I")
    query = f"SELECT rowid, {', '.join(FIELDS)} FROM words WHERE rowid >= ? ORDER BY rowid"  # noqa: S608 - names
    for row, *fields in connection.execute(query, (first,)):
        held: dict[str, float] = {}
        length = 0
        for weight, field in zip(WEIGHTS, fields, strict=True):
            stems = field.split()
            length += len(stems)
            for stem in stems:
                held[stem] = held.get(stem, 0.0) + weight
        terms.extend([names.setdefault(stem, len(names)) for stem in held])
        places.extend([len(rows)] * len(held))
        counts.extend(held.values())
        rows.append(row)
        lengths.append(length)
    if not rows:
        return
    before = connection.execute("SELECT sum(tokens), sum(size) FROM segment").fetchone()
    tokens = sum(lengths)
    average = ((before[0] or 0) + tokens) / ((before[1] or 0) + len(rows))
    cursor = connection.execute(
        "INSERT INTO segment (first, last, size, tokens) VALUES (?, ?, ?, ?)",
        (first, rows[-1], len(rows), tokens),
    )
    connection.executemany("INSERT INTO posting_row VALUES (?, ?)", enumerate(rows, start=base))
    where = np.frombuffer(places, dtype=np.uint32)
    many = np.frombuffer(counts, dtype=np.float32)
    longer = _K1 * (1 - _B + _B * np.frombuffer(lengths, dtype=np.uint32)[where] / max(average, 1.0))
    impacts = np.rint(_SCALE * many * (_K1 + 1) / (many + longer)).astype(np.uint16)
    which = np.frombuffer(terms, dtype=np.uint32)
    order = np.argsort(which, kind="stable")
    ends = np.cumsum(np.bincount(which, minlength=len(names)))
    where, impacts = (where + np.uint32(base))[order], impacts[order]
    connection.executemany(
        "INSERT INTO posting VALUES (?, ?, ?, ?, ?)",
        (
            (
                term,
                cursor.lastrowid,
                int(end - start),
                where[start:end].tobytes(),
                impacts[start:end].tobytes(),
            )
            for term, start, end in zip(names, [0, *ends[:-1]], ends, strict=True)
        ),
    )
