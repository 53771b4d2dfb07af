"""Categories as a wiki has them: their titles, and those that hide themselves from readers."""

import re
from collections.abc import Collection
from typing import Final

from connector.model import Site
from connector.store import Store
from connector.titles import split_title, title_in

CATEGORY: Final = 14
"""Number of the namespace."""
# https://www.mediawiki.org/wiki/Help:Categories#Hidden_categories
_HIDDEN = re.compile(r"__(?:HIDDENCAT|CATCACHEE)__")


def category_title(name: str, *, site: Site) -> str | None:
    """Return the title of a category that somebody names ("outils", "category:Outils"); None for no title.

    The first letter and spaces are as MediaWiki has them; other letters are as they are written.
    """
    try:
        number, bare = split_title(name, site=site)
        if number != CATEGORY:
            bare = split_title(title_in(site, CATEGORY, name, canonical="Category"), site=site)[1]
    except ValueError:
        return None
    return title_in(site, CATEGORY, bare, canonical="Category")


def category_name(title: str, *, site: Site) -> str:
    """Return a category's title without the namespace."""
    try:
        number, name = split_title(title, site=site)
    except ValueError:
        return title
    return name if number == CATEGORY else title


def hidden_categories(store: Store, titles: Collection[str]) -> set[str]:
    """Return those of some categories that hide themselves from readers: they are for maintenance."""
    known = store.pages.titles(namespaces=[CATEGORY])
    ids = {known[title]: title for title in titles if title in known}
    texts = store.pages.get_many(list(ids))
    return {ids[pageid] for pageid, page in texts.items() if _HIDDEN.search(page.wikitext)}
