"""What groups of texts are called: the nouns and names that one has and the others have not.

How telling a word is of a group is a z-score: the difference of its log-odds there and elsewhere, with the
wiki's own frequency of the word as a prior, over what chance makes of it (Monroe, Colaresi & Quinn, "Fightin'
Words: Lexical Feature Selection and Evaluation for Identifying the Content of Political Conflict", Political
Analysis 16, 2008). Pages are counted and not words, so that one long page names no group; a page counts more
for a word of its title than for one of its headings, and for these more than for one of its text.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from search.language import Language
from search.naming_words import NamingWords, likely_noun
from search.words import fold

# What a page counts for a word of its title, its headings, and its text, the first time and each other one.
_TITLE, _HEADING, _TEXT, _AGAIN = 1.0, 0.6, 0.25, 0.1
# A page counts in whole parts, so that their sum is the same in any order.
_WHOLE = 1000
# How many pages the prior is worth.
_PRIOR = 10.0
# It must stand on so many pages of a group, where the group has as many.
_LEAST_PAGES = 2
# Two words that begin alike are one ("organisation", "organizational"): so many letters, and most of them.
_LIKE_LETTERS, _LIKE_SHARE = 5, 0.7


@dataclass(slots=True)
class GroupText:
    """The words of one group in one language."""

    weights: Counter[str] = field(default_factory=Counter)
    """Of each stem, summed over pages, 0 to `_WHOLE` each."""
    pages: Counter[str] = field(default_factory=Counter)
    """On how many pages each stem stands."""
    forms: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """How each stem is written."""
    company: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    """What stands before each form, in small letters (see `search.naming_words`)."""
    number: int = 0
    """Of pages."""

    def add(
        self,
        title: str,
        texts: Iterable[str],
        *,
        headings: Iterable[str] = (),
        language: Language,
        naming: NamingWords,
        left_out: AbstractSet[str],
    ) -> None:
        """Add a page; words of `left_out` (small letters), of neither subject nor sense, are passed over."""
        here: Counter[str] = Counter()
        parts = (
            (title, _TITLE),
            *((each, _HEADING) for each in headings),
            *((each, _TEXT) for each in texts),
        )
        for text, weight in parts:
            for word, stem, before in naming.read(text, language):
                if word.form in left_out:
                    continue
                again = _AGAIN if weight == _TEXT and here[stem] else weight
                here[stem] = min(_WHOLE, here[stem] + round(_WHOLE * again))
                self.company[word.form][before] += 1
                self.forms[stem][text[word.start : word.end]] += 1
        self.weights.update(here)
        self.pages.update(here.keys())
        self.number += 1


def distinctive_terms(groups: Mapping[int, GroupText], *, most: int) -> dict[int, tuple[str, ...]]:
    """Return the words that name each group, the most telling first; empty for a group without any.

    Args:
        groups: texts of one language, by the number of the group.
        most: how many words at most.
    """
    everywhere: Counter[str] = Counter()
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    company: dict[str, Counter[int]] = defaultdict(Counter)
    for group in groups.values():
        everywhere.update(group.weights)
        for stem, written in group.forms.items():
            forms[stem].update(written)
        for form, seen in group.company.items():
            company[form].update(seen)
    nouns = {stem: _noun(written, company) for stem, written in forms.items()}
    pages = sum(group.number for group in groups.values())
    return {
        number: _terms(group, everywhere, pages=pages, nouns=nouns, most=most)
        for number, group in groups.items()
    }


def _noun(written: Counter[str], company: Mapping[str, Counter[int]]) -> tuple[float, str]:
    """Return how likely a stem is a noun's, and that noun: "facilitator" where "facilitate" stands too."""
    by_form: dict[str, Counter[str]] = defaultdict(Counter)
    for each, count in written.items():
        by_form[each.lower()][each] = count
    likely = {form: likely_noun(company[form]) for form in by_form if form in company}
    best = max(likely, key=lambda form: (likely[form] * by_form[form].total(), form), default="")
    return (likely[best], _written(by_form[best])) if best else (0.0, "")


def _terms(
    group: GroupText,
    everywhere: Mapping[str, int],
    *,
    pages: int,
    nouns: Mapping[str, tuple[float, str]],
    most: int,
) -> tuple[str, ...]:
    least = min(_LEAST_PAGES, group.number)
    values = {}
    for stem, weight in group.weights.items():
        noun, _ = nouns[stem]
        if group.pages[stem] < least or not noun:
            continue
        here, all_over = weight / _WHOLE, everywhere[stem] / _WHOLE
        if pages == group.number:  # nothing to tell it apart from
            values[stem] = noun * here
        elif (z := _z_score(here, group.number, all_over, pages)) > 0:
            values[stem] = noun * z
    chosen: list[str] = []
    for stem in sorted(values, key=lambda stem: (-values[stem], stem)):
        if not any(_begin_alike(stem, other) for other in chosen):
            chosen.append(stem)
    return tuple(nouns[stem][1] for stem in chosen[:most])


def _z_score(here: float, pages_here: int, all_over: float, pages: int) -> float:
    """Return how far a word's log-odds in a group are from those elsewhere, in standard deviations."""
    prior = _PRIOR * all_over / pages
    there = all_over - here
    one, other = here + prior, there + prior
    odds = math.log(one / (pages_here + _PRIOR - one)) - math.log(
        other / (pages - pages_here + _PRIOR - other)
    )
    return odds / math.sqrt(1 / one + 1 / other)


def _begin_alike(one: str, other: str) -> bool:
    one, other = fold(one), fold(other)
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    return same >= max(_LIKE_LETTERS, _LIKE_SHARE * min(len(one), len(other)))


def _written(forms: Counter[str]) -> str:
    """Return a word as it is mostly written: small letters where a text has it so at all ("Vélo", "vélo")."""
    small = Counter({form: count for form, count in forms.items() if form == form.lower()})
    usual = small if 3 * small.total() >= forms.total() else forms
    return min(usual, key=lambda form: (-usual[form], form))
