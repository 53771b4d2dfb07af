"""Pages that belong under "See also", for every front door: none where the index cannot tell."""

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from connector.errors import IndexNotBuiltError, SearchError
from connector.model import Page

if TYPE_CHECKING:
    from search.links import LinkSuggestion
    from search.readable import Readable
    from search.see_also import SeeAlsoSuggestion
    from webui.bootstrap import Services

logger = logging.getLogger(__name__)

SEE_ALSO: Final = 5
"""How many are shown unless somebody wants another number of them."""
# A text that is made to be slow takes two seconds of a core. A wiki's longest pages are lists, and have less.
_LONGEST_COMPARED = 100_000


def see_also(
    services: "Services",
    page: Page,
    *,
    beside: "Iterable[LinkSuggestion]",
    top_k: int = SEE_ALSO,
    readable: "Readable | None" = None,
) -> "list[SeeAlsoSuggestion]":
    """Return the pages that a page, or a text that is being written, could list under "See also".

    Suggested links need no index, these do: without one, or with one that cannot be used, there are none.

    Args:
        services: what answers.
        page: the page, or the text.
        beside: the links that are suggested with them: a page is not offered twice.
        top_k: how many are looked for, those that are offered as a link among them.
        readable: what who asks may read; None: everything.
    """
    if len(page.wikitext) > _LONGEST_COMPARED:
        return []
    try:
        found = services.see_also.find(page, top_k=top_k, readable=readable)
    except IndexNotBuiltError:
        return []
    except SearchError as e:
        logger.warning("no pages to see also: %s", e)
        return []
    offered = {suggestion.link_target for suggestion in beside}
    return [other for other in found if other.title not in offered]
