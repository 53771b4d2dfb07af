"""Titles that somebody may be typing, of pages that they may read."""

from search.keyword_index import KeywordIndex, TitleMatch
from search.readable import Readable


def readable_titles(
    keywords: KeywordIndex, typed: str, *, limit: int, readable: Readable | None = None
) -> list[TitleMatch]:
    """Return what `KeywordIndex.titles_starting` does, without pages that may not be read.

    Args:
        keywords: the index.
        typed: the beginning of a title.
        limit: how many titles at most.
        readable: what who asks may read; None: everything.

    Raises:
        SearchError: there is no index, or it cannot be used.
    """
    return keywords.titles_starting(typed, limit=limit)
