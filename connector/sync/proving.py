"""Proving texts: what the mirror holds, byte for byte, against the wiki's own checksums."""

import hashlib
import random
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from connector.model import Page
from connector.store import Store
from connector.wiki import Wiki

_TEXTS_AT_ONCE = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedTexts:
    """What comparing some texts has shown. A page that has changed since it was copied is in neither."""

    same: list[int]
    """Pages whose text is the wiki's."""
    different: list[Page]
    """Pages whose text is not, although its revision is, as the wiki has them."""


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
    # Of the text itself: a checksum that was kept beside it would prove nothing about it.
    ours = {i: page for i, page in store.pages.get_many(pageids).items() if i in theirs}
    unchanged = [i for i, page in ours.items() if page.revid == theirs[i].revid]
    doubtful = [i for i in unchanged if _sha1(ours[i].wikitext) != theirs[i].sha1]
    # The API normalizes texts (NFC) and the checksum is of what was stored: a text that differs from its own
    # checksum is compared itself.
    fetched = list(wiki.pages(doubtful)) if doubtful else []
    different = [
        page for page in fetched if page.revid == ours[page.pageid].revid and page != ours[page.pageid]
    ]
    other = set(doubtful) - {page.pageid for page in fetched if page == ours[page.pageid]}
    return ComparedTexts(same=[i for i in unchanged if i not in other], different=different)


def _sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
