"""Asking the API about many pages: in the largest batches that it takes, in smaller ones where it must."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connector.api import Api, ApiError, Reply
from connector.manners import Patience, Portion
from connector.transport import ReplyFault

# One page that the reader may not see fails its whole batch.
UNREADABLE = frozenset({"accessdenied", "permissiondenied", "toomanyvalues"})


def ask_in_batches(
    api: Api, pageids: Sequence[int], parameters: Mapping[str, Any], *, go_on: bool = False
) -> Iterator[list[Reply]]:
    """Ask the same of all these pages, and yield the replies to one batch after the other.

    A batch that fails because of one page is halved until that page is alone, and left out. One under which
    the wiki breaks (half a reply, an error page, a timeout) is asked again in smaller ones, and so is what
    follows; a page under which it breaks alone is an error, never a gap.

    Args:
        api: the wiki.
        pageids: the pages; those named twice are asked for once.
        parameters: what is asked.
        go_on: ask also for what a reply leaves for later (`continue`).

    Raises:
        WikiUnavailableError, WikiLoginError, ApiError: see `Api.call`.
    """
    rest = deque(dict.fromkeys(pageids))
    parts: deque[list[int]] = deque()
    portion = Portion(api.limit)
    patience = api.patience()
    while parts or rest:
        batch = parts.popleft() if parts else [rest.popleft() for _ in range(min(portion.size, len(rest)))]
        try:
            replies = list(_ask(api, batch, parameters, patience, go_on=go_on))
        except ReplyFault:
            portion.halve(len(batch))
            rest.extendleft(reversed(batch))
        except ApiError as e:
            if e.code not in UNREADABLE:
                raise
            parts.extendleft(reversed(halves(batch)))
        else:
            portion.praise()
            patience = api.patience()
            yield replies


def _ask(
    api: Api, batch: Sequence[int], parameters: Mapping[str, Any], patience: Patience, *, go_on: bool
) -> Iterator[Reply]:
    question = {"pageids": "|".join(map(str, batch)), **parameters}
    less_may_help = len(batch) > 1
    if go_on:
        return api.query(question, patience=patience, less_may_help=less_may_help)
    return iter([api.call("query", question, patience=patience, less_may_help=less_may_help)])


def entries_of(reply: Reply, name: str) -> list[Reply]:
    """Return what a reply lists under a name."""
    query = reply.get("query", {})
    if query == [] and "continue" in reply:  # there was no room for any: PHP's way to write {}
        return []
    listed: list[Reply] = query.get(name, [])
    return listed


def pages_of(reply: Reply) -> list[Reply]:
    """Return the pages of a reply."""
    return entries_of(reply, "pages")


def chunks(items: Sequence[int], size: int) -> Iterator[list[int]]:
    """Cut what one request may not name at once."""
    return (list(items[start : start + size]) for start in range(0, len(items), size))


def halves(batch: list[int]) -> list[list[int]]:
    """Cut a batch in two; of one page, or none, nothing is left."""
    half = len(batch) // 2
    return [batch[:half], batch[half:]] if half else []
