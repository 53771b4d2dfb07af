"""What a new page may have besides its text: categories that the wiki has, links to pages that it has."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

from capture.dates import find_dates
from capture.draft import Draft
from capture.lines import folded
from connector.model import Page, Site
from connector.practice import is_category
from connector.store import Store
from connector.titles import split_title
from connector.wikitext import parse
from search.links import LinkSuggestion, apply

_CATEGORY = 14
_SUGGESTED = 3
# A category of pages that are likely the same practice, or of several that are near; or one that is named.
_ENOUGH = 0.3
_NAMED = 0.4
_SHORTEST_WORD = 4
_STEM = 5
# A link that is made without being asked for must be surer than one that is offered.
_SURE = 0.6
_MOST_LINKS = 10


class LinkFinder(Protocol):
    """Finds links that could be made on a page (`search.links.LinkSuggester`)."""

    def suggest(self, page: Page, *, top_k: int = 10) -> list[LinkSuggestion]:
        """Return the best links, best first."""
        ...


class PageLinker:
    """Makes the links of a page that are sure. Safe to share between threads.

    Args:
        finder: Finds them.
        store: The mirror, for how titles begin.
    """

    def __init__(self, *, finder: LinkFinder, store: Store) -> None:
        self._finder = finder
        self._store = store

    def link(
        self, wikitext: str, *, title: str, pageid: int = 0, within: Sequence[tuple[int, int]] | None = None
    ) -> str:
        """Return a page with its links (see `with_links`); as it is before the wiki is known."""
        site = self._store.site.get()
        if site is None:
            return wikitext
        return with_links(wikitext, title=title, finder=self._finder, site=site, pageid=pageid, within=within)


def suggest_categories(draft: Draft, *, store: Store, top_k: int = _SUGGESTED) -> tuple[str, ...]:
    """Return categories of the wiki that a draft's page may have, likeliest first, without their prefix.

    They are those that people wrote on the pages it is similar to, and those with a page of their own whose
    name the draft's words hold.

    Args:
        draft: With `similar` filled in.
        store: The mirror.
        top_k: How many at most.
    """
    site = store.site.get()
    if site is None:
        return ()
    weights: dict[str, float] = {}
    pages = store.pages.get_many([near.pageid for near in draft.similar])
    for near in draft.similar:
        if near.pageid in pages:
            for name in parse(pages[near.pageid].wikitext, site=site).categories:
                weights[name] = weights.get(name, 0.0) + near.score
    said = " ".join(statement.text for statements in draft.fields.values() for statement in statements)
    words = _stems(f"{draft.title} {said}")
    for title in store.pages.titles(namespaces=[_CATEGORY]):
        name = split_title(title, site=site)[1]
        named = _stems(name)
        if named and named <= words:
            weights[name] = weights.get(name, 0.0) + _NAMED
    chosen = [name for name, weight in weights.items() if weight >= _ENOUGH and is_category(name)]
    chosen.sort(key=lambda name: (-weights[name], name))
    return tuple(chosen[:top_k])


def find_notes_page(source: str, *, store: Store) -> str | None:
    """Return the title of the wiki's page that has the notes of a meeting; None when it is not sure.

    It is the page that is called what the meeting is called, if that names a day: “Réunion” alone could be
    any page.

    Args:
        source: What the meeting is called (`capture.prose.source_of`).
        store: The mirror.
    """
    dates = (date for reading in (True, None) for date in find_dates(source, day_first=reading))
    if next(iter(dates), None) is None:
        return None
    page = store.pages.by_title(source)
    return page.title if page is not None and page.redirect_target is None else None


def with_links(
    wikitext: str,
    *,
    title: str,
    finder: LinkFinder,
    site: Site,
    pageid: int = 0,
    within: Sequence[tuple[int, int]] | None = None,
) -> str:
    """Return a page with the links that are sure, each page linked once, and nothing else changed.

    Args:
        wikitext: The page.
        title: Its title.
        finder: Finds the links.
        site: The wiki, for how titles begin.
        pageid: The page's; 0 for one that is new.
        within: Spans of the text (start, end) where links may be made; None for anywhere.
    """
    # No revision of the mirror's: the text is being written.
    page = Page(
        pageid=pageid, namespace=0, title=title, revid=0, timestamp=datetime.now(UTC), wikitext=wikitext
    )
    sure = [
        link
        for link in finder.suggest(page, top_k=_MOST_LINKS)
        if link.score >= _SURE and link.link_target != title and _inside(link, within)
    ]
    for link in sorted(sure, key=lambda link: -link.wikitext_offset):  # from the end: offsets stay right
        wikitext = apply(wikitext, link, site=site)
    return wikitext


def _inside(link: LinkSuggestion, spans: Sequence[tuple[int, int]] | None) -> bool:
    if spans is None:
        return True
    end = link.wikitext_offset + len(link.link_text)
    return any(start <= link.wikitext_offset and end <= last for start, last in spans)


def _stems(text: str) -> frozenset[str]:
    """Return the beginnings of a text's words, without accents: "compostage" and "composter" are alike."""
    words = "".join(c if c.isalnum() else " " for c in folded(text)).split()
    return frozenset(word[:_STEM] for word in words if len(word) >= _SHORTEST_WORD)
