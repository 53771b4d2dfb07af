"""Which pages somebody may read now: asked of the wiki itself, whatever the mirror still has."""

from collections.abc import Sequence
from typing import Final

from connector.api import Api, Reply
from connector.batches import ask_in_batches, pages_of

# https://www.mediawiki.org/wiki/API:Info: whoever asks, may they read the page?
_READING: Final = {"prop": "info", "intestactions": "read"}


def readable_titles(api: Api, pageids: Sequence[int]) -> dict[int, str]:
    """Return the titles, as they are now, of those pages that the account, or nobody, may read.

    Args:
        api: the wiki, used by the account in question.
        pageids: the pages; those that are deleted or hidden are left out.

    Raises:
        WikiUnavailableError, WikiLoginError, ApiError: see `Api.call`.
    """
    # A reply tests so many pages and leaves the others to the next one.
    batches = ask_in_batches(api, pageids, _READING, go_on=True)
    pages = [page for replies in batches for reply in replies for page in pages_of(reply)]
    return {page["pageid"]: page["title"] for page in pages if _may_be_read(page)}


def _may_be_read(page: Reply) -> bool:
    absent = page.get("missing") or page.get("invalid")
    return not absent and page.get("actions", {}).get("read") is True
