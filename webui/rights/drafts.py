"""Drafts as who looks at them may see them: what another coordinator's rights brought in is left out."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from capture.draft import Draft
from connector.model import Page, Site
from connector.titles import normalize_title
from webui.current import current_services
from webui.rights.pages import readable_pages
from webui.rights.readers import current_reader

_LINK: Final = re.compile(r"\[\[(:?)([^\[\]|#{}<>]+)(?:#[^\[\]|]*)?(?:\|([^\[\]]*))?\]\]\n?")
_CATEGORY: Final = 14


def readable_draft(draft: Draft) -> Draft:
    """Return a draft without what names pages that who asks may not read: candidates, links, categories."""
    if not current_reader().readable.restricted:
        return draft
    store = current_services().store
    near = store.pages.get_many([one.pageid for one in draft.similar])
    may_be_read = {page.pageid for page in readable_pages([*near.values()])}
    return draft.model_copy(
        update={
            "similar": tuple(one for one in draft.similar if one.pageid in may_be_read),
            "categories": tuple(open_categories(draft.categories)),
            "wikitext": _without_closed_links(draft.wikitext),
        }
    )


def open_categories(names: Iterable[str]) -> list[str]:
    """Return those of some categories whose page who asks may read, or that have none."""
    named = [*names]
    site = current_services().site()
    if site is None or not named or not current_reader().readable.restricted:
        return named
    prefix = site.namespaces[_CATEGORY].name if _CATEGORY in site.namespaces else "Category"
    closed = _closed({name: f"{prefix}:{name}" for name in named}, site)
    return [name for name in named if name not in closed]


def _without_closed_links(wikitext: str) -> str:
    site = current_services().site()
    if site is None:
        return wikitext
    closed = _closed({found[2]: found[2] for found in _LINK.finditer(wikitext)}, site)

    def shown(link: re.Match[str]) -> str:
        if link[2] not in closed:
            return link[0]
        is_category = not link[1] and closed[link[2]].namespace == _CATEGORY
        end = "\n" if link[0].endswith("\n") else ""
        return "" if is_category else (link[3] or link[2]) + end

    return _LINK.sub(shown, wikitext)


def _closed(titles: Mapping[str, str], site: Site) -> dict[str, Page]:
    """Return, by the key of their title, the pages that are there and that who asks may not read."""
    pages = current_services().store.pages
    found: dict[str, Page] = {}
    for key, title in titles.items():
        try:
            page = pages.by_title(normalize_title(title, site=site))
        except ValueError:
            continue  # no page can be called so
        if page is not None:
            found[key] = page
    may_be_read = {page.pageid for page in readable_pages([*found.values()])}
    return {key: page for key, page in found.items() if page.pageid not in may_be_read}
