"""A draft as the page it would become: its wikitext, and a title that the wiki accepts."""

import datetime
import re
from collections.abc import Mapping, Sequence

from capture.dates import find_dates
from capture.draft import Statement
from capture.lines import visible
from connector.model import Site
from connector.practice import Practice, from_wikitext, to_wikitext
from connector.titles import split_title
from connector.wikitext import escape

# Pages of drafts use no name of a wiki's own, so they read the same for every wiki.
_ANY_SITE = Site(name="", language="en", server_url="")
_FORBIDDEN = str.maketrans(
    {"[": "(", "]": ")", "{": "(", "}": ")", "<": "‹", ">": "›", "|": "–", "#": "№", "_": " "}
)
_MAX_TITLE_BYTES = 240
_LISTED = ("tools", "cautions")
_WHOLE_SENTENCE = re.compile(r"[.!?…][\"'”’»)\]]*$")


def page_title(text: str, *, site: Site | None) -> str:
    """Return a title for a page of the main namespace that says what `text` says.

    Args:
        text: What the page is to be called.
        site: The wiki, whose namespaces and interwiki prefixes a title must not fall into.

    Raises:
        ValueError: No title can be made of the text.
    """
    title = visible(re.sub(r"%(?=[0-9A-Fa-f]{2})", "% ", text).translate(_FORBIDDEN).replace("~~~", "~"))
    title = re.sub(r"&(?=#?\w+;)", "& ", title).strip(" :./")
    while len(title.encode()) > _MAX_TITLE_BYTES:
        title = title[:-1].rstrip()
    if not any(char.isalnum() for char in title):
        raise ValueError("a page needs a title with letters in it")
    # A colon could lead to another namespace or another wiki; which prefixes do is the wiki's own secret.
    if ":" in title and re.match(r"^[^\s:]{1,30}:\S|^\S{1,30}\s?:", title):
        title = re.sub(r"\s*:\s*", " – ", title, count=1)
    if site is None:
        return title[:1].upper() + title[1:]
    namespace, name = split_title(title, site=site)
    if namespace != 0:
        namespace, name = split_title(title.replace(":", " –"), site=site)
    return name


def source_of(*, meeting_title: str, date: datetime.date | None, sha256: str) -> str:
    """Return how a page names the meeting that it comes from."""
    title = visible(meeting_title)[:200]
    dated = any(
        found.date == date for reading in (True, None) for found in find_dates(title, day_first=reading)
    )
    parts = [part for part in (title, date.isoformat() if date and not dated else "") if part]
    return ", ".join(parts) or f"notes {sha256[:12]}"


def sources_in(wikitext: str) -> tuple[str, ...]:
    """Return the sources that a page made by `page_wikitext` names."""
    practice = from_wikitext("", wikitext, site=_ANY_SITE)
    return practice.sources if practice is not None else ()


def page_wikitext(
    *,
    title: str,
    language: str,
    fields: Mapping[str, Sequence[Statement]],
    people: Sequence[str],
    sources: Sequence[str],
    wiki_language: str,
    reviewed_by: str | None = None,
) -> str:
    """Return the wikitext of a practice page; what comes from the notes shows as text and does no more."""
    practice = Practice(
        title=title,
        language=language,
        contacts=tuple(people),
        sources=tuple(sources),
        generated=True,
        reviewed_by=reviewed_by,
        sections=tuple((name, _prose(name, statements)) for name, statements in fields.items() if statements),
    )
    return to_wikitext(practice, wiki_language=wiki_language)


def _prose(name: str, statements: Sequence[Statement]) -> str:
    texts = [escape(statement.text) for statement in statements]
    if name == "steps":
        return "\n".join(f"# {text}" for text in texts)
    if name in _LISTED or not all(_WHOLE_SENTENCE.search(statement.text) for statement in statements):
        return "\n".join(f"* {text}" for text in texts) if len(texts) > 1 else texts[0]
    return " ".join(texts)
