"""Whose accounts in the wiki the names in the notes are, where that is sure.

Notes call people by what a meeting calls them ("Léa", "mdubois", "Dubois Marc"), and a wiki knows accounts. A
wrong match would put somebody's name under what they never said: whatever could be two people is left alone.
"""

import re
from collections import defaultdict
from collections.abc import Iterable

from capture.lines import folded

_WORD = re.compile(r"[^\W\d_]+")
_LEAST = 4
"""Letters of the shortest name that is read as one with initials: "mdu" is too little to be sure of."""


def match_accounts(names: Iterable[str], user_names: Iterable[str]) -> dict[str, str]:
    """Return the accounts that are surely those of people whom notes name.

    An account is somebody's when both have the same words, whatever their order, case and accents ("Dubois
    Marc" and "Marc Dubois"); or when one has the other's first or last name as an initial ("mdubois",
    "Marc D.") and no other person of the notes and no other account could be meant. A first name alone is
    nobody's.

    Args:
        names: As the notes name people.
        user_names: The accounts of the wiki, as MediaWiki shows them ("Marc Dubois", "Mdubois").

    Returns:
        The account by the name in the notes; names without a sure account are not in it.
    """
    people = {name: _words(name) for name in dict.fromkeys(names)}
    accounts = {name: _words(name) for name in dict.fromkeys(user_names)}
    by_words: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for account, words in accounts.items():
        by_words[tuple(sorted(words))].append(account)
    found = {
        name: same[0]
        for name, words in people.items()
        if words and len(same := by_words[tuple(sorted(words))]) == 1
    }
    taken = set(found.values())
    for name, words in people.items():
        if name in found or by_words[tuple(sorted(words))]:
            continue
        candidates = [account for account, theirs in accounts.items() if _may_be(words, theirs)]
        if len(candidates) != 1 or candidates[0] in taken:
            continue
        rivals = {
            tuple(sorted(other)) for other in people.values() if _may_be(other, accounts[candidates[0]])
        }
        if rivals == {tuple(sorted(words))}:
            found[name] = candidates[0]
    return {name: found[name] for name in people if name in found}


def _words(name: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(folded(name)))


def _may_be(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether one of two names may be the other with an initial."""
    return "".join(one) in _shortened(other) or "".join(other) in _shortened(one)


def _shortened(words: tuple[str, ...]) -> set[str]:
    """Return a name of several words written as one, or with an initial ("mdubois", "marcd", "duboism")."""
    if len(words) < 2 or any(len(word) < 2 for word in (words[0], words[-1])):
        return set()
    first, last = words[0], words[-1]
    initials = "".join(word[0] for word in words[:-1])
    forms = {first + last, last + first, first[0] + last, initials + last, first + last[0], last + first[0]}
    return {form for form in {*forms, "".join(words)} if len(form) >= _LEAST}
