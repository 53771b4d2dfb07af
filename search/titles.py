"""Titles that somebody may be typing, of pages that they may read."""

from search.keyword_index import KeywordIndex, TitleMatch
from search.readable import AT_ONCE, MOST_BATCHES, Readable, first_readable, head_of, restriction


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
    asked = restriction(readable)
    if asked is None or limit < 1:
        return keywords.titles_starting(typed, limit=limit)
    found = keywords.titles_starting(typed, limit=max(limit, AT_ONCE * MOST_BATCHES))
    pages = keywords.pages(match.pageid for match in found)
    heads = [head_of(pages[match.pageid]) for match in found if match.pageid in pages]
    allowed = first_readable(heads, asked, enough=limit)
    return [match for match in found if match.pageid in allowed][:limit]
