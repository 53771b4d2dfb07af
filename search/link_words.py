"""Words and phrases as link suggestions compare them: inflected forms, accents and capitals do not count."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from search.words import WordAnalyzer, fold, is_stop_word

_RAW_WORD = re.compile(r"[^\W_]+(?:['’ʼ][^\W_]+)*")
# Between two words of one phrase: spaces, or one sign that joins. A full stop between letters joins
# ("node.js"), one before a space ends a sentence.
_JOINT = re.compile(r"[ \u00a0\u202f]{1,2}|[-‐‑'’./&+_]| [&–-] ")
# A word beside one of these is a piece of something that is no prose (a path, an address, a variable), or of
# markup that a link would close or open.
_STUCK = frozenset("_/@\\=#$%~[]{}")
_NAME_WORDS = 3
MAX_WORDS = 9
"""A longer phrase is not looked for."""


# Furniture of pages and of the calendar, without accents.
_EVERYDAY_TEXT = """
page pages wiki home help link links example examples note notes date day week month year time today
tomorrow yesterday yes no new name names list lists table contents introduction monday tuesday wednesday
thursday friday saturday sunday january february march april may june july august september october november
december accueil aide lien liens exemple exemples jour jours semaine semaines mois annee annees aujourd'hui
demain hier oui nouveau nouvelle nom noms liste listes tableau sommaire lundi mardi mercredi jeudi vendredi
samedi dimanche janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre
"""
_EVERYDAY = frozenset(_EVERYDAY_TEXT.split())


@dataclass(frozen=True, slots=True)
class Token:
    """A word where it stands in a text."""

    start: int
    end: int
    stem: str
    joined: bool
    """Whether a phrase may go on from the word before to this one."""


class PhraseReader:
    """Reads words and phrases. One word gives one stem whatever the language of the text around it.

    French and English pages, and pages in both, stand side by side in one wiki; therefore a word is brought
    to its English stem and that one to its French stem, which makes "ateliers" and "atelier", "practices" and
    "practice" one word.
    """

    def __init__(self) -> None:
        self._analyzer = WordAnalyzer()
        self._known: dict[str, tuple[int, str]] = {}

    def tokens(self, text: str) -> list[Token]:
        """Return the words of a text in order; elided articles are left out ("l'atelier": "atelier")."""
        tokens = []
        before = -1
        for match in _RAW_WORD.finditer(text):
            raw = match.group()
            skip, stem = self._known.get(raw) or self._learn(raw)
            start = match.start() + skip
            # "purin d'ortie" goes on; its article belongs to neither word.
            joined = before >= 0 and _JOINT.fullmatch(text, before, match.start()) is not None
            before = match.end()
            tokens.append(Token(start, before, stem, joined))
        return tokens

    def key(self, phrase: str) -> str:
        """Return what all inflected forms of a phrase have in common; empty when it is no phrase of words."""
        stems = [token.stem for token in self.tokens(phrase)]
        return " ".join(stems) if 0 < len(stems) <= MAX_WORDS else ""

    def _learn(self, raw: str) -> tuple[int, str]:
        [word] = self._analyzer.words(raw)
        stem = self._analyzer.stem(self._analyzer.stem(word.form, "en"), "fr") or word.form
        self._known[raw] = known = (word.start, stem)
        return known


def phrases(tokens: list[Token], lengths: dict[str, tuple[int, ...]]) -> Iterator[tuple[int, int, str]]:
    """Yield the phrases of a text that may be known: first token, last token, key.

    Args:
        tokens: the words of the text.
        lengths: for the stem that a known phrase begins with, how many words such phrases have.
    """
    for first, token in enumerate(tokens):
        wanted = lengths.get(token.stem)
        if wanted is None:
            continue
        reach = 1
        while first + reach < len(tokens) and tokens[first + reach].joined and reach < wanted[-1]:
            reach += 1
        for count in wanted:
            if count <= reach:
                words = tokens[first : first + count]
                yield first, first + count - 1, " ".join([each.stem for each in words])


def is_stuck(text: str, start: int, end: int) -> bool:
    """Tell whether what stands at `start:end` is a piece of an address, a path or a name of a program."""
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    beyond = text[end + 1] if end + 1 < len(text) else " "
    return (
        before in _STUCK
        or after in _STUCK
        or (before in ".-" and start > 1 and not text[start - 2].isspace())
        or (after in ".-:" and beyond.isalnum())
    )


def is_ordinary(phrase: str) -> bool:
    """Tell whether a phrase says nothing: stop words, numbers, single letters; "1-2-4-All" is a name."""
    words = [word.form for word in WordAnalyzer.words(phrase)]
    meaning = [w for w in words if any(c.isalpha() for c in w) and not is_stop_word(w, None)]
    if len(words) >= _NAME_WORDS and any(c.isalpha() for c in phrase) and any(c.isdigit() for c in phrase):
        return False
    return not any(len(w) > 1 for w in meaning) or sum(map(len, _RAW_WORD.findall(phrase))) < 3


def is_everyday(phrase: str) -> bool:
    """Tell whether a phrase is a word like "home" or "mars": a page may be called so and not be meant."""
    return fold(phrase.casefold()).replace("’", "'") in _EVERYDAY
