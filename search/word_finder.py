"""Where the words of a question stand in texts: what every answer asks of a dozen passages."""

from typing import NamedTuple

from search.language import LANGUAGES
from search.words import EXACT_RUN, WORD, QueryWords, WordAnalyzer


class Match(NamedTuple):
    """A word of the question in a text: `text[start:end]`."""

    start: int
    end: int
    term: str
    """What it stands for: a stem of the question, or an exact token."""


class WordFinder:
    """Finds the words of one question; what it has read of a text, or of a word, it does not read again."""

    def __init__(self, words: QueryWords, *, analyzer: WordAnalyzer) -> None:
        self._analyzer = analyzer
        self._terms = frozenset(words.terms)
        self._exact = frozenset(words.exact)
        self._texts: dict[str, list[Match]] = {}
        # By what a text has between its spaces and signs: the matches in it, which are none most of the time.
        self._words: dict[str, tuple[Match, ...]] = {}
        self._runs: dict[str, tuple[Match, ...]] = {}

    def find(self, text: str) -> list[Match]:
        """Return the question's words in a text in order, then its codes in order; not to be changed."""
        found = self._texts.get(text)
        if found is None:
            found = self._texts[text] = []
            for place in WORD.finditer(text):
                token = place.group()
                matches = self._words.get(token)
                if matches is None:
                    matches = self._words[token] = self._in_word(token)
                if matches:
                    found += _moved(matches, place.start())
            if self._has_codes(text):
                for place in EXACT_RUN.finditer(text):
                    if matches := self._runs[place.group()]:
                        found += _moved(matches, place.start())
        return found

    def _has_codes(self, text: str) -> bool:
        """Look whether any exact token of a text matches: where they stand takes longer to find."""
        tokens = set(EXACT_RUN.findall(text))
        for token in tokens - self._runs.keys():
            self._runs[token] = self._in_run(token)
        return any(self._runs[token] for token in tokens)

    def _in_word(self, token: str) -> tuple[Match, ...]:
        if token.isascii() and token.isalnum():
            form = token.lower()  # as most are: read at once
            term = self._term(form)
            return () if term is None else (Match(0, len(token), term),)
        return tuple(
            Match(word.start, word.end, term)
            for word in self._analyzer.words(token)
            if (term := self._term(word.form)) is not None
        )

    def _in_run(self, token: str) -> tuple[Match, ...]:
        if token.isalpha():
            return ()
        return tuple(
            Match(word.start, word.end, term)
            for word in self._analyzer.exact_words(token)
            if (term := self._term(word.form)) is not None
        )

    def _term(self, form: str) -> str | None:
        if form in self._exact:
            return form
        if self._terms.isdisjoint(self._analyzer.stems_of(form)):
            return None
        stems = (self._analyzer.stem(form, language) for language in LANGUAGES)
        return next((stem for stem in stems if stem in self._terms), None)


def _moved(matches: tuple[Match, ...], by: int) -> list[Match]:
    return [Match(start + by, end + by, term) for start, end, term in matches]
