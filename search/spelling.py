"""Reads misspelt words of a question as words that the wiki has.

Only a word that stands nowhere in the index is looked at, under any of its stems: what the wiki writes is
right. The wiki's own vocabulary is the dictionary, so a person's name is found in it and an ordinary word
that the wiki lacks is not made up. Distance: Damerau-Levenshtein as optimal string alignment, without
accents (https://en.wikipedia.org/wiki/Damerau%E2%80%93Levenshtein_distance).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from search.keyword_index import KeywordIndex, VocabularyWord
from search.language import LANGUAGES
from search.reach import Reach
from search.words import Correction, QueryWords, WordAnalyzer, fold, is_stop_word

_SHORTEST = 4
# From this many letters on, two may be wrong.
_LONG: Final = 8
_MOST_READINGS = 3
# Words as near as one another of which it is found out whether who asks may see them.
_MOST_LOOKED_INTO = 20
# Beside a reading, another that the wiki writes this many times less often is not meant.
_FAR_RARER = 10
# A pasted text of unknown words is no question that is misspelt.
_MOST_WORDS = 6
# Endings that make another word of the same family, and those they stand for: "bricoleur" is no misspelt
# "bricoler". Of a typed word and a reading that differ in such endings only, one has a heavy one.
_FAMILY = 4
_HEAVY_TEXT = """
able ables age ages al ale ance ation ations aux el elle ence eur eurs euse euses ful ible ibles ic if ifs ing
ings ion ions ique iques isme ism ist iste istes ite ites ity ive ives less ly ment ments ness ous trice
"""
_LIGHT_TEXT = "ait ant ante antes ants e ed ee ees ent er ers es ez ie ier iere ieres iers ies ir ons s y"
_HEAVY_ENDINGS = frozenset(_HEAVY_TEXT.split())
_LIGHT_ENDINGS = frozenset(_LIGHT_TEXT.split()) | {""}


class SpellingCorrector:
    """Corrects questions from the vocabulary of an index. Safe to share between threads; keeps nothing."""

    def __init__(self, keywords: KeywordIndex, *, analyzer: WordAnalyzer) -> None:
        self._keywords = keywords
        self._analyzer = analyzer

    def correct(
        self, words: QueryWords, *, frequencies: Mapping[str, int] | None = None, reach: Reach | None = None
    ) -> QueryWords:
        """Return the words of a question, with the likeliest readings of those that the index does not have.

        The words as typed stay: `terms`, `groups` and `phrases` gain the stems of the readings, and
        `corrections` tells of them, but for a word that only lacked its accents. Without any, `words` is
        returned itself.

        Args:
            words: of the question.
            frequencies: of its terms in the index, where they are known already; of those within reach.
            reach: whose words may be told of; None for all of the index.

        Raises:
            SearchError: the index cannot be used.
        """
        known = frequencies
        if known is None:
            known = self._keywords.frequencies((*words.terms, *words.exact))
        unknown = [
            (group, form)
            for group, form in zip(words.groups, words.forms, strict=False)
            if group.isdisjoint(known) and form.isalpha() and len(fold(form)) >= _SHORTEST
        ]
        added: dict[frozenset[str], frozenset[str]] = {}
        corrections = []
        for group, form in unknown[:_MOST_WORDS]:
            readings = self._readings(form, reach)
            if not readings:
                continue
            stems = frozenset(
                self._analyzer.stem(reading.form, language) for reading in readings for language in LANGUAGES
            )
            added[group] = group | (stems - {""})
            if readings[0].folded != fold(form):
                read_as = tuple(reading.form for reading in readings)
                corrections.append(Correction(typed=form, read_as=read_as))
        if not added:
            return words
        more = (stem for group in added.values() for stem in sorted(group))
        return replace(
            words,
            terms=tuple(dict.fromkeys((*words.terms, *more))),
            groups=tuple(added.get(group, group) for group in words.groups),
            phrases=tuple(tuple(added.get(group, group) for group in phrase) for phrase in words.phrases),
            corrections=tuple(corrections),
        )

    def _readings(self, form: str, reach: Reach | None) -> list[VocabularyWord]:
        """Return what a word was meant to be, the likeliest first; nothing when that is a little word."""
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import extract

        typed = fold(form)
        edits = 2 if len(typed) >= _LONG else 1
        near = self._keywords.words_like(typed, edits=edits)
        scored = extract(
            typed, [word.folded for word in near], scorer=OSA.distance, score_cutoff=edits, limit=None
        )
        scored = [each for each in scored if not _same_family(typed, each[0])]
        if reach is not None and reach.restricted:
            near, scored = self._seen(near, [(int(distance), place) for _, distance, place in scored], reach)
        likely = sorted(
            (distance, near[place].folded[0] != typed[0], -near[place].count, near[place].form, place)
            for _, distance, place in scored
        )
        if not likely or is_stop_word(likely[0][3], None):
            return []
        readings: list[VocabularyWord] = []
        stems: set[frozenset[str]] = set()
        for distance, _, _, _, place in likely:
            word = near[place]
            family = frozenset(self._analyzer.stem(word.form, language) for language in LANGUAGES)
            if distance > likely[0][0] or len(readings) == _MOST_READINGS:
                break
            if any(family & other for other in stems) or is_stop_word(word.form, None):
                continue
            if readings and word.count * _FAR_RARER < readings[0].count:
                continue
            stems.add(family)
            readings.append(word)
        return readings

    def _seen(
        self, near: Sequence[VocabularyWord], scored: Sequence[tuple[int, int]], reach: Reach
    ) -> tuple[list[VocabularyWord], list[tuple[str, int, int]]]:
        """Return the nearest words that who asks may see, and of each its letters, distance and place."""
        for distance in sorted({distance for distance, _ in scored}):
            nearest = [near[place] for each, place in scored if each == distance]
            nearest.sort(key=lambda word: (-word.count, word.form))
            seen = reach.vocabulary(nearest[:_MOST_LOOKED_INTO], self._analyzer)
            if seen:
                return seen, [(word.folded, distance, place) for place, word in enumerate(seen)]
        return [], []


def _same_family(typed: str, folded: str) -> bool:
    """Whether two words differ in the ending that makes one from the other."""
    shared = 0
    while shared < min(len(typed), len(folded)) and typed[shared] == folded[shared]:
        shared += 1
    for length in range(_FAMILY, shared + 1):
        one, other = typed[length:], folded[length:]
        if one == other:
            return False
        both = {one, other}
        if both & _HEAVY_ENDINGS and both <= _HEAVY_ENDINGS | _LIGHT_ENDINGS:
            return True
    return False
