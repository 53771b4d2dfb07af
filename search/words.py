"""From text to the words that the keyword index holds and that a snippet marks.

Stem first, fold accents after: the French stemmer needs its accents, and who types leaves them out.
What is no dictionary word (E-4012, C++, node.js, 2kΩ) is kept exactly as well.
"""

import re
import threading
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from search.language import LANGUAGES, Language
from search.stop_words import ENGLISH, FRENCH

if TYPE_CHECKING:
    import Stemmer

# What stands inside an exact token besides letters and digits; the keyword index tells its tokenizer.
EXACT_CHARACTERS: Final = "+#.-_/@&°"

WORD: Final = re.compile(r"[^\W_]+(?:['’ʼ][^\W_]+)*")
"""What `WordAnalyzer.words` makes one word of, elided article and all."""
EXACT_RUN: Final = re.compile(r"[\w" + re.escape(EXACT_CHARACTERS) + r"]+")
"""What `WordAnalyzer.exact_words` makes exact tokens of, if any."""
_ELISION = re.compile(r"(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|presqu)['’ʼ](?=\w)", re.IGNORECASE)
# An exact token that says something besides the words it is made of.
_CODE = re.compile(r"\d|[+#]$")
_LIGATURES = (("œ", "oe"), ("æ", "ae"), ("ø", "o"), ("ł", "l"), ("đ", "d"))
_LAST_LETTER = "\u02ff"  # combining characters come after it
# What stands in quotes. An apostrophe is no quote, and neither are the inches of 24".
_QUOTED = re.compile(r'(?<!\w)"(?=\S)([^"]+)(?<=\S)"(?!\w)|«([^«»]+)»|“([^“”„]+)”|„([^“”„]+)[“”]')
_QUOTES = str.maketrans(dict.fromkeys('"«»“”„', " "))
_MAX_TOKEN = 60
_KEPT_STEMS = 50_000
_SNOWBALL = {"fr": "french", "en": "english"}
_STOP_WORDS: Final[dict[Language, frozenset[str]]] = {"fr": FRENCH, "en": ENGLISH}


@dataclass(frozen=True, slots=True)
class Word:
    """A word where it stands: `text[start:end]`, elided article left out ("l'atelier": "atelier")."""

    start: int
    end: int
    form: str
    """Small letters, straight apostrophes, accents kept."""


Phrase = tuple[frozenset[str], ...]
"""Words that follow one another: for each, the folded stems (or exact tokens) that stand for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A word that the wiki does not have, and the words of the wiki that it was read as."""

    typed: str
    read_as: tuple[str, ...]
    """As people write them on the wiki, in small letters, the likeliest first."""


@dataclass(frozen=True, slots=True)
class QueryWords:
    """What a question asks the keyword index for."""

    terms: tuple[str, ...]
    """Folded stems, as each of the two languages makes them."""
    exact: tuple[str, ...]
    """Exact tokens (see `WordAnalyzer.exact_tokens`)."""
    groups: tuple[frozenset[str], ...] = ()
    """For each word or code of the question, what stands for it among `terms` and `exact`."""
    forms: tuple[str, ...] = ()
    """For each of `groups`, the word or code as it was typed, in small letters; may be empty."""
    phrases: tuple[Phrase, ...] = ()
    """What was asked for in quotes: a passage must hold each, its words in this order."""
    corrections: tuple[Correction, ...] = ()
    """Words that the wiki does not have, and what they were read as; `terms` and `groups` hold both."""


@dataclass(frozen=True, slots=True)
class _KeptStems:
    """Words that were met: those with each stem are there before the stems of the word are."""

    stems: dict[str, frozenset[str]]
    forms: dict[str, tuple[str, ...]]


class WordAnalyzer:
    """Words, stems and exact tokens of French and English text. Safe to share between threads."""

    def __init__(self) -> None:
        self._local = threading.local()  # a Snowball stemmer is no object for two threads
        self._kept = _KeptStems({}, {})
        self._learning = threading.Lock()

    @staticmethod
    def words(text: str) -> Iterator[Word]:
        """Yield the words of a text in order, stop words included."""
        for match in WORD.finditer(text):
            start, end = match.span()
            form = match.group()
            if not form.isalnum():  # there is an apostrophe in it
                while elided := _ELISION.match(text, start, end):
                    start = elided.end()
                form = text[start:end]
            if not form.isascii():
                form = unicodedata.normalize("NFKC", form).replace("’", "'").replace("ʼ", "'")
            yield Word(start, end, form.lower())

    def stem(self, form: str, language: Language) -> str:
        """Return the folded stem of a word as the keyword index holds it."""
        return _bare(self._stemmer(language).stemWord(form))

    def stems_of(self, form: str) -> frozenset[str]:
        """Return the folded stems of a word in both languages; those of common words are kept at hand."""
        stems = self._kept.stems.get(form)
        return self._keep({form}).stems[form] if stems is None else stems

    def having(self, stems: Collection[str], forms: set[str]) -> set[str]:
        """Return those of some words that have one of these folded stems, in either language."""
        kept = self._keep(forms)
        return forms & {form for stem in stems for form in kept.forms.get(stem, ())}

    def stems(self, text: str, language: Language) -> list[str]:
        """Return the folded stems of all words of a text, in order."""
        forms = [word.form for word in self.words(text)]
        return [_bare(stem) for stem in self._stemmer(language).stemWords(forms)]

    def exact_tokens(self, text: str) -> list[str]:
        """Return what must be findable letter for letter: codes, versions, names with signs, compounds.

        A compound comes in a second form without its signs, so that `e-mail` finds `email` and back.
        """
        return [word.form for word in self.exact_words(text)]

    def exact_words(self, text: str) -> Iterator[Word]:
        """Yield the exact tokens of a text where they stand; the two forms of a compound share one place."""
        for match in EXACT_RUN.finditer(text):
            bare = match.group().lstrip("+.-_/&°")
            start = match.end() - len(bare)
            bare = bare.rstrip(".-_/@&")
            if bare.isalpha():
                continue  # a word like most
            end = start + len(bare)
            token = fold(unicodedata.normalize("NFKC", bare).lower())
            letters = token if token.isalnum() else "".join(c for c in token if c.isalnum())
            if not letters or len(token) > _MAX_TOKEN:
                continue
            if token != letters:
                yield Word(start, end, token)
                if not token.endswith(("+", "#")):
                    yield Word(start, end, letters)
            elif any(c.isdigit() for c in token):
                yield Word(start, end, token)

    def query(self, question: str, language: Language | None) -> QueryWords:
        """Return the words of a question without stop words; all its words when nothing else remains.

        A word is stemmed as both languages would: "installation" asked in French finds it in English too.
        """
        forms = [word.form for word in self.words(question)]
        exact = [
            word
            for word in self.exact_words(question)
            if not self._is_turn_of_phrase(question[word.start : word.end], language)
        ]
        meaningful = [f for f in forms if not is_stop_word(f, language)]
        if exact or any(len(f) > 1 for f in meaningful):
            meaningful = [f for f in meaningful if len(f) > 1]  # the E of E-4012, the C of C++
        meaningful = meaningful or ([] if exact else forms)
        stems = [(self._both_stems(form), form) for form in meaningful]
        terms = dict.fromkeys(term for group, _ in stems for term in sorted(group))
        codes = [word for word in exact if _CODE.search(word.form)]
        stems += [(frozenset(w.form for w in codes if w.start == word.start), word.form) for word in codes]
        groups: dict[frozenset[str], str] = {}
        for group, form in stems:
            if group:
                groups.setdefault(group, form)
        return QueryWords(
            terms=tuple(terms),
            exact=tuple(dict.fromkeys(word.form for word in exact)),
            groups=tuple(groups),
            forms=tuple(groups.values()),
            phrases=tuple(dict.fromkeys(self._phrases(question))),
        )

    def _phrases(self, question: str) -> Iterator[Phrase]:
        for quoted in _QUOTED.finditer(question):
            text = next(filter(None, quoted.groups()))
            stems = [self._both_stems(word.form) for word in self.words(text)]
            if phrase := tuple(group for group in stems if group):
                yield phrase
            # "C++" in quotes is not the letter C.
            codes = [word for word in self.exact_words(text) if _CODE.search(word.form)]
            for start in dict.fromkeys(word.start for word in codes):
                yield (frozenset(word.form for word in codes if word.start == start),)

    def _keep(self, forms: set[str]) -> "_KeptStems":
        """Return the stems of many words, these among them."""
        kept = self._kept
        if new := forms.difference(kept.stems):
            with self._learning:
                kept = self._kept
                if len(kept.stems) + len(forms) > _KEPT_STEMS:
                    kept = self._kept = _KeptStems({}, {})  # others may still read what is put aside
                new = forms.difference(kept.stems)
                each = (map(_bare, self._stemmer(language).stemWords(list(new))) for language in LANGUAGES)
                for form, *both in zip(new, *each, strict=True):
                    stems = frozenset(both) - {""}
                    for stem in stems:
                        kept.forms[stem] = (*kept.forms.get(stem, ()), form)
                    kept.stems[form] = stems
        return kept

    def _both_stems(self, form: str) -> frozenset[str]:
        return frozenset(self.stem(form, language) for language in LANGUAGES) - {""}

    def _is_turn_of_phrase(self, token: str, language: Language | None) -> bool:
        # "est-ce", "y a-t-il", "peut-on" are written as compounds are.
        parts = token.lower().split("-")
        return all(is_stop_word(part, language) for part in parts)

    def _stemmer(self, language: Language) -> "Stemmer.Stemmer":
        stemmers = self._local.__dict__.setdefault("stemmers", {})
        if language not in stemmers:
            import Stemmer

            stemmers[language] = Stemmer.Stemmer(_SNOWBALL[language])
        return stemmers[language]


def fold(text: str) -> str:
    """Return small-letter text without accents and ligatures."""
    if text.isascii():  # most words, and the costliest part of a snippet otherwise
        return text
    for ligature, letters in _LIGATURES:
        text = text.replace(ligature, letters)
    folded = unicodedata.normalize("NFD", text)
    for sign in set(folded):  # few are different, however long the text is
        if sign > _LAST_LETTER and unicodedata.combining(sign):
            folded = folded.replace(sign, "")
    return folded


def _bare(stem: str) -> str:
    return fold(stem).replace("'", "")


def without_quotes(text: str) -> str:
    """Return a text that was not written as a question: what it quotes need not stand on a page so."""
    return text.translate(_QUOTES)


def is_stop_word(form: str, language: Language | None) -> bool:
    """Whether a word says nothing about a subject; in either language when the text's is not known.

    One language's little word is another's subject: "comment", "car", "font", "or", "but".
    """
    return any(form in _STOP_WORDS[each] for each in ((language,) if language else LANGUAGES))
