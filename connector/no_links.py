"""The pages on which a wiki lists the words that are never to be offered as links.

Their namespace need not be mirrored: they are copied by themselves then, at each sync.
"""

from collections.abc import Collection
from typing import Final

from connector.model import Site
from connector.store import NoLinksList, Store
from connector.titles import title_in
from connector.wiki import Wiki

_NAME: Final = "Compagnon-no-links"
# MediaWiki, which administrators edit, and Project, which everyone does.
_NAMESPACES: Final = {8: "MediaWiki", 4: "Project"}


def no_links_titles(site: Site) -> dict[str, int]:
    """Return the titles of the lists, the more binding one first, with their namespaces."""
    return {
        title_in(site, number, _NAME, canonical=canonical): number
        for number, canonical in _NAMESPACES.items()
    }


def copy_no_links(wiki: Wiki, store: Store, *, site: Site, mirrored: Collection[int]) -> None:
    """Copy the lists that no mirrored namespace holds; one that is gone from the wiki is forgotten.

    It costs one request, and another one when a list has changed; nothing where both namespaces are mirrored.

    Args:
        wiki: where the lists are.
        store: the mirror.
        site: the wiki's description.
        mirrored: the namespaces whose pages are in the mirror anyway.

    Raises:
        ConnectorError: the wiki or the mirror failed; the lists stay as they were.
    """
    titles = [title for title, number in no_links_titles(site).items() if number not in mirrored]
    heads = wiki.titled(titles) if titles else {}
    # By the title too: that of a namespace may be another one, for the same revision.
    known = {(each.pageid, each.revid, each.title): each for each in store.no_links.get()}
    found = {(head.pageid, head.revid, head.title) for head in heads.values()}
    kept = [each for key, each in known.items() if key in found]
    wanted = [pageid for pageid, revid, title in found if (pageid, revid, title) not in known]
    if wanted:
        kept += [
            NoLinksList(pageid=page.pageid, title=page.title, revid=page.revid, wikitext=page.wikitext)
            for page in wiki.pages(wanted)
        ]
    store.no_links.put([each for each in kept if each.title in titles])
