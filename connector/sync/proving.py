"""Proving texts: what the mirror holds, byte for byte, against the wiki's own checksums."""

import hashlib
import random
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from connector.erased import MASK, Erased
from connector.model import Page
from connector.store import Store
from connector.wiki import Wiki

_TEXTS_AT_ONCE = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedTexts:
    """What comparing some texts has shown. A page that has changed since it was copied is in none."""

    same: list[int]
    """Pages whose text is the wiki's."""
    different: list[Page]
    """Pages whose text is not, although its revision is, as the wiki has them."""
    withheld: list[int]
    """Pages whose text the wiki does not give: they may not be read any more, or are gone."""


def choose_texts(store: Store, limit: int, *, besides: Collection[int] = ()) -> list[int]:
    """Choose texts to prove: half those proven longest ago, so that each has its turn, half at random."""
    by_age = [i for i in store.pages.least_recently_proven(store.pages.count()) if i not in besides]
    oldest, others = by_age[: (limit + 1) // 2], by_age[(limit + 1) // 2 :]
    return sorted([*oldest, *random.sample(others, min(limit - len(oldest), len(others)))])


def compare_texts(wiki: Wiki, store: Store, pageids: Sequence[int]) -> Iterator[tuple[int, ComparedTexts]]:
    """Compare texts, and yield how many are done with what each handful of them has shown."""
    for start in range(0, len(pageids), _TEXTS_AT_ONCE):
        ids = pageids[start : start + _TEXTS_AT_ONCE]
        yield start + len(ids), _compare(wiki, store, ids)


def _compare(wiki: Wiki, store: Store, pageids: Sequence[int]) -> ComparedTexts:
    theirs = wiki.text_hashes(pageids)
    ours = store.pages.get_many(pageids)
    erased = store.erased_names.known()
    # Of a text in which somebody was erased only the checksum that it came with can be compared.
    came_with = store.pages.hashes([i for i, page in ours.items() if erased and MASK in page.wikitext])
    untold = [i for i in ours if i not in theirs]
    unchanged = [i for i, page in ours.items() if i in theirs and page.revid == theirs[i].revid]
    # Of the text itself: a checksum that was kept beside it would prove nothing about it.
    same = {
        i
        for i in unchanged
        if (came_with[i].sha1 if i in came_with else _sha1(ours[i].wikitext)) == theirs[i].sha1
    }
    # The API normalizes texts (NFC) and the checksum is of what was stored: a text that differs from its own
    # checksum is compared itself. One without a checksum is asked for: it may not be read, or is gone.
    doubtful = [*untold, *(i for i in unchanged if i not in same)]
    fetched = {page.pageid: page for page in (wiki.pages(doubtful) if doubtful else ())}
    equal = {i for i, page in fetched.items() if _as_kept(page, erased) == ours[i]}
    same |= equal
    return ComparedTexts(
        same=sorted(same),
        different=[p for i, p in fetched.items() if p.revid == ours[i].revid and i not in equal],
        withheld=[i for i in untold if i not in fetched],
    )


def _as_kept(page: Page, erased: Erased) -> Page:
    if not erased:
        return page
    target = page.redirect_target
    return replace(
        page,
        wikitext=erased.masked(page.wikitext),
        redirect_target=None if target is None else erased.masked(target),
    )


def _sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
