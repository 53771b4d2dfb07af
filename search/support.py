"""Whether a text says what a sentence claims: what stands between a language model and the reader.

It is no proof. It finds what can be found without understanding: a number, a date, a name, an address that
the text does not hold, a "not" that came or went, a word turned into its opposite, an exception left out,
words or a meaning that have little to do with the text, a name in the place of another clause's. A sentence
that turns round two who stand in one clause passes. What cannot be told is refused.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import pairwise

from search.clause_names import swaps_names
from search.embedding import Embedder, Vectors
from search.foreign_marks import foreign_marks
from search.language import Language, base_language
from search.negations import negations
from search.opposites import contradict
from search.quantities import Quantities, is_measure, merged, read_quantities
from search.sentences import sentence_spans
from search.words import Word, WordAnalyzer, fold, is_stop_word

# Of a sentence's words, by their stems, what the text must hold. With a meaning near to the text's fewer do.
_ENOUGH_WORDS = 0.6
_FEW_WORDS = 0.35
_NEAR_MEANING = 0.6
# Across languages the bundled model compares badly, and words are alike where they have one origin: both
# together must come near.
_ENOUGH_RELATED = 0.6
_COGNATE_LETTERS = 4
# A clause says the same thing as another when it shares so many of its words.
_ALIGNED = 0.5
_NEARLY = 0.1
_CLAUSE_WORDS = 2

_WITHIN_NAME = re.compile(r" +|-")
_CODE = re.compile(r"\d|[+#]$")
CLAUSE_BREAK = re.compile(
    r"[,;:()—–!?]|\.\s|\b(?:but|mais|et|and|or|ou|car|because|parce|puisque|if|si|unless|sauf|although|quoique"
    r"|whereas|while|tandis|alors que|so that|afin)\b",
    re.IGNORECASE,
)
_EXCEPT = re.compile(r"\b(?:sauf|excepte|hormis|except|other than)\b([^,;:.!?()\n]{1,80})")
# What follows a verb of command and no name: "Organisez un ...", "Ask for ...".
_AFTER_FRENCH_VERB = """
un une le la les l des du de d votre vos son sa ses leur leurs ce cette ces à au aux en avec sans pour sur par
plusieurs quelques
"""
_AFTER_ENGLISH_VERB = """
a an the your their its this that these some any all each every for with to in on at by from up out it them
everyone people
"""
_AFTER_VERB = {
    "fr": frozenset(_AFTER_FRENCH_VERB.split()),
    "en": frozenset(_AFTER_ENGLISH_VERB.split()),
}
_NO_NAME_ENDINGS = ("ment", "ly", "ing", "ant", "ez", "tion", "tions", "isme", "ness")


class Problem(Enum):
    """Why a text does not support a sentence."""

    LINK = "link"
    """An address or markup that the text does not hold."""
    NUMBER = "number"
    """A number, a unit or a date that it does not hold."""
    NAME = "name"
    NEGATION = "negation"
    """It denies what the text affirms, or the reverse."""
    WORDS = "words"
    """Too few of its words, and its meaning is not near."""


@dataclass(frozen=True, slots=True)
class Support:
    """What was found about a sentence."""

    problems: frozenset[Problem]
    weaker: bool = False
    """Whether it was found by its meaning in another language: names and numbers are as sure, words not."""

    @property
    def supported(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.problems


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceText:
    """What a sentence is compared with: a passage, lines of notes."""

    text: str
    language: str
    """ISO 639-1 code."""
    about: str = ""
    """Its title and headings: their names and words may be used, they assert nothing."""


class SupportChecker:
    """Compares sentences with what they are said to come from. Safe to share between threads."""

    def __init__(self, *, analyzer: WordAnalyzer, embedder: Embedder | None = None) -> None:
        """Take what words and meanings are compared by.

        Args:
            analyzer: makes words comparable.
            embedder: makes meanings comparable; without it no sentence in another language is supported by
                its meaning, and a paraphrase needs the text's words.
        """
        self._analyzer = analyzer
        self._embedder = embedder

    def check(self, sentence: str, *, language: str, sources: Sequence[SourceText]) -> Support:
        """Return whether `sources` together say what `sentence` says.

        Args:
            sentence: one sentence of plain text.
            language: ISO 639-1 code of the language that it is in.
            sources: what it is said to come from; of none, nothing is supported.

        Raises:
            SearchError: the embedding model cannot be loaded.
        """
        said = _Read(sentence, base_language(language), self._analyzer)
        texts = [_Source(source, self._analyzer) for source in sources]
        problems = set()
        if foreign_marks(sentence, "\n".join(f"{s.about}\n{s.text}" for s in sources)):
            problems.add(Problem.LINK)
        if said.quantities.missing_from(merged([text.quantities for text in texts])):
            problems.add(Problem.NUMBER)
        if self._has_foreign_name(said, texts):
            problems.add(Problem.NAME)
        own = [text for text in texts if text.language == said.language]
        if swaps_names(
            sentence,
            [text.text for text in own],
            names=frozenset(name for text in own for name in text.capitals) - said.calendar,
            spoken=frozenset(word for text in own for word in text.about_forms),
            stems_of=said.stems_of,
        ):
            problems.add(Problem.NAME)
        weaker = not own
        if any(said.line in text.lines for text in texts):
            return Support(frozenset(problems), weaker=False)  # word for word
        # Numbers were compared as what they are: "12450" is "12 450".
        counted = frozenset(stem for stem in said.stems if not stem[0].isdigit()) or said.stems
        coverage = len(counted & {s for text in own for s in text.stems}) / len(counted) if counted else 0.0
        denied = self._denied(said, own) or _ignores_exception(said, own)
        if coverage < _ENOUGH_WORDS:
            nearest = self._nearest(said, texts)
            cosine = nearest[0][0] if nearest else 0.0
            by_meaning = coverage >= _FEW_WORDS and cosine >= _NEAR_MEANING
            across = any(text.language != said.language for text in texts)
            related = across and _related(said, texts, cosine) >= _ENOUGH_RELATED
            if not by_meaning and not related:
                problems.add(Problem.WORDS)
            elif related and not by_meaning:
                weaker = True
                # The nearest sentences must agree with it on what is denied.
                denied = denied or (
                    bool(nearest)
                    and all(
                        negations(text) % 2 != negations(sentence) % 2
                        for near, text in nearest
                        if near >= cosine - _NEARLY
                    )
                )
        if denied:
            problems.add(Problem.NEGATION)
        return Support(frozenset(problems), weaker=weaker)

    def _has_foreign_name(self, said: "_Read", texts: Sequence["_Source"]) -> bool:
        known = frozenset(form for text in texts for form in text.forms)
        stems = frozenset(stem for text in texts for stem in text.stems)
        words = said.words
        for number, word in enumerate(words):
            form = _bare(word.form)
            if form in known or len(form) < 2 or not said.text[word.start].isupper():
                continue
            if word.form in said.calendar:
                continue  # compared as dates
            if number == 0 or said.begins(word):
                following = words[number + 1] if number + 1 < len(words) else None
                if is_stop_word(word.form, said.language) or said.stem(word.form) in stems:
                    continue
                if not said.text[word.start : word.end].isupper() and not _may_be_name(said, word, following):
                    continue
            return True
        if any(not any(pair in text.neighbours for text in texts) for pair in _full_names(said, texts)):
            return True
        codes = (word.form for word in self._analyzer.exact_words(said.text) if _CODE.search(word.form))
        held = frozenset(w.form for text in texts for w in self._analyzer.exact_words(text.everything))
        return any(
            any(c.isalpha() for c in code) and code not in held for code in codes if not is_measure(code)
        )

    def _denied(self, said: "_Read", own: Sequence["_Source"]) -> bool:
        """Return whether a clause denies what the clauses nearest to it affirm, or the reverse."""
        theirs = [clause for text in own for clause in text.clauses]
        for mine in said.clauses:
            if len(mine.stems) < _CLAUSE_WORDS or not theirs:
                continue
            shares = [(len(mine.stems & other.stems) / len(mine.stems), other) for other in theirs]
            best = max(share for share, _ in shares)
            if best < _ALIGNED:
                # It denies something that nothing near it denies.
                if mine.denies and not any(other.denies for share, other in shares if share > 0):
                    return True
                continue
            nearest = [other for share, other in shares if share >= best - _NEARLY]
            if all(other.denies != mine.denies or contradict(mine.text, other.text) for other in nearest):
                return True
        return False

    def _nearest(self, said: "_Read", texts: Sequence["_Source"]) -> list[tuple[float, str]]:
        """Return (cosine, sentence) of the sources' sentences, nearest first."""
        lines = [line for text in texts for line in text.lines]
        if self._embedder is None or not lines:
            return []
        vectors: Vectors = self._embedder.embed_passages([said.text, *lines])
        near = [float(cosine) for cosine in vectors[1:] @ vectors[0]]
        return sorted(zip(near, lines, strict=True), key=lambda pair: -pair[0])


@dataclass(frozen=True, slots=True)
class _Clause:
    stems: frozenset[str]
    denies: bool
    text: str
    """Folded, in small letters."""


class _Read:
    """A sentence, taken apart."""

    def __init__(self, text: str, language: Language, analyzer: WordAnalyzer) -> None:
        self.text = text
        self.language = language
        self._analyzer = analyzer
        self.words: list[Word] = list(analyzer.words(text))

    @property
    def line(self) -> str:
        return _plain_line(self.text)

    @cached_property
    def quantities(self) -> Quantities:
        return read_quantities(self.text)

    @cached_property
    def calendar(self) -> frozenset[str]:
        """Its capitalized words that are dates (English writes "Monday" and "May")."""
        return frozenset(
            word.form
            for word in self.words
            if (read := read_quantities(f"in {word.form}")) and (read.days or read.weekdays)
        )

    @cached_property
    def stems(self) -> frozenset[str]:
        return self.stems_of(self.text)

    @cached_property
    def clauses(self) -> list["_Clause"]:
        return [
            _Clause(self.stems_of(part), bool(negations(part) % 2), fold(part.lower()))
            for part in CLAUSE_BREAK.split(self.text)
        ]

    def stem(self, form: str) -> str:
        return self._analyzer.stem(form, self.language)

    def begins(self, word: Word) -> bool:
        """Whether a word stands where every word gets a capital letter."""
        return bool(re.search(r"(?:^|[.!?…:]\s+|[«“\"(]\s?)(?:\w+['’])?$", self.text[: word.start]))

    def stems_of(self, text: str) -> frozenset[str]:
        return frozenset(self._stems(text))

    def _stems(self, text: str) -> Iterator[str]:
        for word in self._analyzer.words(text):
            if not is_stop_word(word.form, self.language) and (len(word.form) > 1 or word.form.isdigit()):
                yield self.stem(word.form)


class _Source(_Read):
    """A text that sentences are compared with."""

    def __init__(self, source: SourceText, analyzer: WordAnalyzer) -> None:
        super().__init__(source.text, base_language(source.language), analyzer)
        self.everything = f"{source.about}\n{source.text}"
        self.about_forms = frozenset(_bare(word.form) for word in analyzer.words(source.about))

    @cached_property
    def quantities(self) -> Quantities:
        return read_quantities(self.everything, generously=True)

    @cached_property
    def forms(self) -> frozenset[str]:
        return frozenset(_bare(word.form) for word in self._analyzer.words(self.everything))

    @cached_property
    def capitals(self) -> frozenset[str]:
        """Its words that have a capital letter wherever they stand, as names have."""
        all_words = list(self._analyzer.words(self.everything))
        small = {_bare(word.form) for word in all_words if not self.everything[word.start].isupper()}
        return frozenset(_bare(word.form) for word in all_words) - small

    @cached_property
    def neighbours(self) -> frozenset[tuple[str, str]]:
        """Its words by two, in either order, that nothing parts but a space or a hyphen."""
        all_words = list(self._analyzer.words(self.everything))
        pairs = [
            (_bare(one.form), _bare(other.form))
            for one, other in pairwise(all_words)
            if _WITHIN_NAME.fullmatch(self.everything[one.end : other.start])
        ]
        return frozenset(pairs) | {(other, one) for one, other in pairs}

    @cached_property
    def stems(self) -> frozenset[str]:
        return self.stems_of(self.everything)

    @cached_property
    def lines(self) -> list[str]:
        return [_plain_line(self.text[start:end]) for start, end in sentence_spans(self.text)]


def _full_names(said: _Read, texts: Sequence[_Source]) -> Iterator[tuple[str, str]]:
    """Yield the words of full names by two: "Maud Lambert" is nobody of "Maud Petit, Noé Lambert"."""
    known = frozenset(form for text in texts for form in text.capitals)
    for one, other in pairwise(said.words):
        pair = (_bare(one.form), _bare(other.form))
        if (
            said.text[one.start].isupper()
            and said.text[other.start].isupper()
            and _WITHIN_NAME.fullmatch(said.text[one.end : other.start])
            and not any(
                is_stop_word(word.form, said.language) or word.form in said.calendar for word in (one, other)
            )
            and known.issuperset(pair)
        ):
            yield pair


def _ignores_exception(said: _Read, texts: Sequence[_Source]) -> bool:
    """Whether a sentence affirms of all what a text says of all but these, of these: "sauf le lundi"."""
    if _EXCEPT.search(fold(said.text.lower())) or negations(said.text) % 2:
        return False
    for text in texts:
        folded = fold(text.text.lower())
        rest = text.stems_of(_EXCEPT.sub(" ", folded))
        for exception in _EXCEPT.finditer(folded):
            out = text.stems_of(exception[1])
            if out <= said.stems and not out <= rest:
                return True
    return False


def _related(said: _Read, texts: Sequence[_Source], cosine: float) -> float:
    """Return how near a sentence comes to text in another language: the cosine, and words of one origin."""
    starts = {
        form[:_COGNATE_LETTERS] for text in texts for form in text.forms if len(form) >= _COGNATE_LETTERS
    }
    mine = {
        fold(word.form)
        for word in said.words
        if not is_stop_word(word.form, said.language) and len(word.form) >= _COGNATE_LETTERS
    }
    shared = sum(form[:_COGNATE_LETTERS] in starts for form in mine) / len(mine) if mine else 0.0
    return cosine + shared / 2


def _may_be_name(said: _Read, word: Word, following: Word | None) -> bool:
    if word.form.endswith(_NO_NAME_ENDINGS):
        return False
    if following is None:
        return True
    if said.text[following.start].isupper():
        return True
    elided = said.text[following.start - 2 : following.start].casefold()
    return following.form not in _AFTER_VERB[said.language] and elided not in {"l'", "l’", "d'", "d’"}


def _bare(form: str) -> str:
    return fold(form.removesuffix("'s").removesuffix("'"))


def _plain_line(text: str) -> str:
    return " ".join(text.removeprefix("- ").split())
