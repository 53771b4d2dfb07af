"""The digests as a page of the wiki: a part a week, newest first; around them whatever people write."""

import re
from datetime import date
from typing import Final

from connector.wikitext.escape import as_saved

_BEGIN: Final = "<!-- compagnon:digest {day} -->"
_END: Final = "<!-- compagnon:digest end -->"
_ANY: Final = re.compile(r"<!-- compagnon:digest \d{4}-\d{2}-\d{2} -->")
_SUMMARIES: Final = {
    "en": "The week’s digest, written by Compagnon, published by {person}",
    "fr": "Nouvelles de la semaine, écrites par Compagnon, publiées par {person}",
}


def week_part(heading: str, wikitext: str, *, day: date) -> str:
    """Return a week's part of the page, between its marks.

    Args:
        heading: of the part, as wikitext.
        wikitext: what the week brought; its own headings are of level 3.
        day: on which the week ended.
    """
    return f"{_BEGIN.format(day=day.isoformat())}\n== {heading} ==\n{wikitext.strip()}\n{_END}"


def placed(page: str, part: str, *, day: date) -> str:
    """Return a page's text with a week's part: in its place where it stands already, else before the others.

    Args:
        page: the text as it is; empty for a page that is not there yet.
        part: as `week_part` makes it.
        day: on which its week ended.
    """
    start = page.find(_BEGIN.format(day=day.isoformat()))
    end = page.find(_END, start) if start >= 0 else -1
    if end >= 0:
        return as_saved(page[:start] + part + page[end + len(_END) :])
    first = _ANY.search(page)
    if first is not None:
        return as_saved(f"{page[: first.start()]}{part}\n\n{page[first.start() :]}")
    return as_saved(f"{page.rstrip()}\n\n{part}" if page.strip() else part)


def digest_summary(*, person: str, language: str) -> str:
    """Return the summary of the edit, in the wiki's language: what was generated, and who published it."""
    return _SUMMARIES["fr" if language == "fr" else "en"].format(person=person)
