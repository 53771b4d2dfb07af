"""What people may have erased by themselves: names that are theirs alone.

Erasing cannot be undone, and masks a name wherever it stands. An account can be called anything, by whoever
opens one in the wiki: like somebody else but for an accent, like a page, or by words that many pages have.
Such a name is erased by an administrator, who knows who asks.
"""

from collections.abc import Sequence
from typing import Final

from connector.erased import finder, name_words
from connector.errors import SearchError
from connector.store import Account
from search.chunking import pageid_of
from search.keyword_index import KeywordIndex
from search.words import QueryWords
from webui.bootstrap import Services

MOST_PAGES: Final = 20
"""On which a name of several words may stand for its bearer to have it masked without being asked."""
_LEAST_LETTERS: Final = 3
_MOST_PASSAGES: Final = 1_000


def are_theirs_alone(services: Services, account: Account, others: Sequence[str]) -> bool:
    """Whether somebody's account's name, and other ways to write it, are names of nobody and nothing else.

    Args:
        services: where the texts are.
        account: theirs.
        others: how they say that they are called besides.
    """
    if not all(_is_like(name, account.name) for name in others):
        return False
    names = [account.name, *others]
    site = services.site()
    spaces = [site.namespaces[n].name for n in (2, 3) if n in site.namespaces] if site is not None else []
    found = finder(names, user_spaces=spaces)
    masking = services.store.masking
    if not masking.is_theirs_alone(found, account_id=account.id, user_id=account.wiki_user_id):
        return False
    return all(_pages_with(services, name) <= MOST_PAGES for name in names if len(name_words(name)) > 1)


def _is_like(name: str, account: str) -> bool:
    """Whether a name has a word of an account's: "Camille Roux" of "Camille R", or of "CRoux"."""
    whole = "".join(name_words(account))
    return any(word in whole for word in name_words(name) if len(word) >= _LEAST_LETTERS)


def _pages_with(services: Services, name: str) -> int:
    """Return on about how many pages the words of a name stand in a row, however they are accented."""
    index = services.index
    try:
        forms = [_accented(index.keywords, word) for word in name_words(name)]
        phrase = tuple(frozenset[str]().union(*map(index.analyzer.stems_of, each)) for each in forms)
        terms = tuple(dict.fromkeys(stem for stems in phrase for stem in sorted(stems)))
        words = QueryWords(terms=terms, exact=(), phrases=(phrase,))
        found = index.keywords.search(words, limit=_MOST_PASSAGES)
    except SearchError:
        return 0  # there is no index
    return len({pageid_of(chunk_id) for chunk_id, _ in found})


def _accented(keywords: KeywordIndex, word: str) -> set[str]:
    return {word, *(known.form for known in keywords.words_like(word, edits=1) if known.folded == word)}
