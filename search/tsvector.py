"""Stems as PostgreSQL's tsvector and tsquery, and BM25 over them.

https://www.postgresql.org/docs/current/textsearch-controls.html tells what ts_rank counts.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Final

from search.keyword_rows import encodable
from search.keyword_text import FIELDS
from search.words import Phrase

# Weight classes of title, redirects, heading, body and exact; what D, C, B and A count (ts_rank's order).
_CLASSES = "ABCDD"
_CLASS_WEIGHTS: Final = [1 / 3, 2 / 3, 2.5 / 3, 1.0]
# Places that a tsvector keeps apart; between fields one is left free, so that no phrase reaches across.
_LAST_PLACE = 16_383
# A lexeme has 2,046 bytes at the most; a page with a longer word (a picture as text) must not end the index.
_LONGEST_LEXEME = 500
# BM25 (Robertson and Zaragoza, 2009) with ts_rank as the count of a stem by the weights of its places. It
# adds a quarter for the second place, a ninth for the third, over pi squared by six; _COUNT makes it a count.
_K1, _B = 1.2, 0.75
_COUNT = 3 * math.pi**2 / 6
# Of BM25's tf / (tf + k1 * norm) this is the same, with one ts_rank: 1 - norm / (tf + norm).
_RANKING = """
SELECT chunk_id, {ranks} AS score
FROM chunk, LATERAL (SELECT %(k)s * (1 - %(b)s + %(b)s * length / %(average)s) AS norm) AS of_chunk
WHERE words @@ %(match)s::tsquery AND (%(pages)s::bigint[] IS NULL OR pageid = ANY(%(pages)s::bigint[]))
ORDER BY score DESC, chunk_id LIMIT %(limit)s
"""
_RANK = "%({0})s * (1 - norm / (ts_rank(%(weights)s::real[], words, %({1})s::tsquery) + norm))"


def vector(fields: Sequence[Sequence[str]]) -> str:
    """Return the text of a tsvector: each stem with its places and the class of its field."""
    places: dict[str, list[str]] = {}
    place = 0
    for letter, field, stems in zip(_CLASSES, FIELDS, fields, strict=True):
        for stem in stems:
            # An exact token follows nothing, and nothing follows it.
            place = min(place + (2 if field == "exact" else 1), _LAST_PLACE)
            places.setdefault(stem, []).append(f"{place}{letter}")
        place = min(place + 1, _LAST_PLACE)
    return " ".join(f"{quoted(stem)}:{','.join(at)}" for stem, at in places.items() if stem)


def lexeme_of(stem: str) -> str:
    """Return what PostgreSQL keeps of a stem: of one that is too long, its beginning."""
    return stem[:_LONGEST_LEXEME]


def quoted(stem: str) -> str:
    """Return the text of a tsquery, or of a part of a tsvector, that is this stem and nothing else."""
    return "'" + lexeme_of(stem).replace("\\", "\\\\").replace("'", "''") + "'"


def phrase_match(phrase: Phrase) -> str:
    """Return the text of a tsquery for a phrase; empty when nothing can stand for one of its words."""
    words = [" | ".join(map(quoted, encodable(sorted(group)))) for group in phrase]
    return "(" + " <-> ".join(f"({word})" for word in words) + ")" if all(words) else ""


def ranking(rarities: Mapping[str, float], *, average: float) -> tuple[bytes, dict[str, object]]:
    """Return a query for the ids and scores of the best chunks, and its parameters.

    All but `match`, `limit` and `pages` (of these pages only; None for all).

    Args:
        rarities: what each of the terms is worth.
        average: how many stems a chunk has.
    """
    parameters: dict[str, object] = {
        "weights": _CLASS_WEIGHTS,
        "k": _K1 / _COUNT,
        "b": _B,
        "average": average,
    }
    ranks = []
    for number, (term, rarity) in enumerate(rarities.items()):
        names = f"rarity_{number}", f"term_{number}"
        parameters |= dict(zip(names, (rarity, quoted(term)), strict=True))
        ranks.append(_RANK.format(*names))
    # The text is made of numbers, and of nothing that anybody typed.
    return _RANKING.format(ranks=" + ".join(ranks)).encode(), parameters
