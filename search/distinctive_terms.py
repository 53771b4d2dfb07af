"""What groups of texts are called: the words that one has and the others have not.

Class-based TF-IDF (Grootendorst, "BERTopic: Neural topic modeling with a class-based TF-IDF procedure",
arXiv:2203.05794, 2022): a group is one long text, and a word weighs its part of it times log(1 + A / f),
where A is the mean length of the groups and f how often the word stands in all of them.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from search.language import LANGUAGES, Language
from search.words import WordAnalyzer, is_stop_word

_SHORTEST = 3
_LONGEST = 24
# A word of a title says more of a page than one of its text.
_TITLE = 5
# It must stand on so many pages of a group, where the group has as many.
_LEAST_PAGES = 2


@dataclass(slots=True)
class GroupText:
    """The words of one group in one language."""

    counts: Counter[str] = field(default_factory=Counter)
    """By stem."""
    pages: Counter[str] = field(default_factory=Counter)
    """On how many pages each stem stands."""
    forms: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """How each stem is written."""
    number: int = 0
    """Of pages."""

    def add(
        self,
        title: str,
        texts: Iterable[str],
        *,
        language: Language,
        analyzer: WordAnalyzer,
        left_out: AbstractSet[str],
    ) -> None:
        """Add a page; words of `left_out` (small letters), of neither subject nor sense, are passed over."""
        here: Counter[str] = Counter()
        for text, weight in ((title, _TITLE), *((text, 1) for text in texts)):
            for word in analyzer.words(text):
                form = word.form
                if (
                    not _SHORTEST <= len(form) <= _LONGEST
                    or not form.isalpha()
                    or form in left_out
                    or any(is_stop_word(form, each) for each in LANGUAGES)
                ):
                    continue
                stem = analyzer.stem(form, language)
                here[stem] += weight
                self.forms[stem][text[word.start : word.end]] += 1
        self.counts.update(here)
        self.pages.update(here.keys())
        self.number += 1


def distinctive_terms(groups: Mapping[int, GroupText], *, most: int) -> dict[int, tuple[str, ...]]:
    """Return the words that name each group, the most telling first; empty for a group without any.

    Args:
        groups: texts of one language, by the number of the group.
        most: how many words at most.
    """
    everywhere: Counter[str] = Counter()
    for group in groups.values():
        everywhere.update(group.counts)
    mean = everywhere.total() / max(len(groups), 1)
    return {number: _terms(group, everywhere, mean, most) for number, group in groups.items()}


def _terms(group: GroupText, everywhere: Mapping[str, int], mean: float, most: int) -> tuple[str, ...]:
    total = max(group.counts.total(), 1)
    least = min(_LEAST_PAGES, group.number)
    weights = {
        stem: count / total * math.log1p(mean / everywhere[stem])
        for stem, count in group.counts.items()
        if group.pages[stem] >= least
    }
    ordered: Sequence[str] = sorted(weights, key=lambda stem: (-weights[stem], stem))
    return tuple(_written(group.forms[stem]) for stem in ordered[:most])


def _written(forms: Counter[str]) -> str:
    """Return a word as it is mostly written: small letters where a text has it so at all ("Vélo", "vélo")."""
    small = Counter({form: count for form, count in forms.items() if form == form.lower()})
    usual = small if 3 * small.total() >= forms.total() else forms
    return min(usual, key=lambda form: (-usual[form], form))
