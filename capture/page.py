"""A draft as the page it would become: its wikitext, and a title that the wiki accepts."""

import re
from collections.abc import Mapping, Sequence

from capture.draft import Statement
from capture.lines import visible
from capture.prose import Citation, lines_of, prose, source_of
from connector.model import Site
from connector.practice import Practice, from_wikitext, is_category, to_wikitext
from connector.titles import split_title
from connector.wikitext import escape, one_line

__all__ = ["page_title", "page_wikitext", "source_of", "sources_in"]

# Pages of drafts use no name of a wiki's own, so they read the same for every wiki.
_ANY_SITE = Site(name="", language="en", server_url="")
_FORBIDDEN = str.maketrans(
    {"[": "(", "]": ")", "{": "(", "}": ")", "<": "‹", ">": "›", "|": "–", "#": "№", "_": " "}
)
_FORBIDDEN_IN_LINK = re.compile(r"[#<>\[\]|{}\x00-\x1f\x7f]")
# What MediaWiki takes for one in a title (MediaWikiTitleCodec::getTitleInvalidRegex).
_ENTITY = re.compile("&(?=[A-Za-z0-9\u0080-\U0010ffff]+;)")
_MAX_TITLE_BYTES = 240
_MOST_READ = 10_000


def page_title(text: str, *, site: Site | None) -> str:
    """Return a title for a page of the main namespace that says what `text` says.

    Args:
        text: What the page is to be called.
        site: The wiki, whose namespaces and interwiki prefixes a title must not fall into.

    Raises:
        ValueError: No title can be made of the text.
    """
    # Of what is far too long, the beginning says enough.
    text = one_line(text[:_MOST_READ])
    title = re.sub(r"%(?=[0-9A-Fa-f]{2})", "% ", text).translate(_FORBIDDEN)
    title = visible(re.sub(r"~{3,}", "~", title))
    title = _ENTITY.sub("& ", title).strip(" :./")
    title = title.encode()[:_MAX_TITLE_BYTES].decode(errors="ignore").rstrip()
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
    categories: Sequence[str] = (),
    notes: bool = False,
    notes_page: str | None = None,
) -> str:
    """Return the wikitext of a practice page; what comes from the notes shows as text and does no more.

    Args:
        title: Of the page.
        language: Of its prose.
        fields: Statements by field.
        people: Whom to ask.
        sources: Where it comes from, in words.
        wiki_language: Of the wiki.
        reviewed_by: Who read it before it is published.
        categories: Names without their prefix; one that no category can have is left out.
        notes: Whether its pages can have notes (`capture.prose.can_cite`); else the sources are listed.
        notes_page: Title of the wiki's page that has the notes.
    """
    named = escape("; ".join(sources))
    if notes_page is not None and not _FORBIDDEN_IN_LINK.search(notes_page):
        named = f"[[:{notes_page}|{named or escape(notes_page)}]]"
    citation = Citation(source=named, language=language, notes=notes) if named else None
    lines = lines_of([statement for statements in fields.values() for statement in statements])
    references = ""
    if citation is not None and lines:
        references = "<references />" if notes else f"* {citation.located(lines)}"
    practice = Practice(
        title=title,
        language=language,
        contacts=tuple(people),
        sources=tuple(sources),
        generated=True,
        reviewed_by=reviewed_by,
        categories=tuple(name for name in categories if is_category(name)),
        sections=tuple(
            (name, prose(name, statements, citation=citation))
            for name, statements in fields.items()
            if statements
        ),
        references=references,
    )
    return to_wikitext(practice, wiki_language=wiki_language)
