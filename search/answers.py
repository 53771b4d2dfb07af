"""Answers: what a question's answer looks like, and who can give one.

An answer is made of sentences, and each names the passages that it comes from. What nothing on the wiki says
enough about has no answer, rather than a wrong one.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from search.answer_sentences import Unit, answer_units, asks_broadly, expected_kind, shown
from search.chunking import Chunk
from search.embedding import Embedder
from search.language import LANGUAGES, Language
from search.words import WordAnalyzer, is_stop_word

Fallback = Literal["unavailable", "refused", "unreadable", "unsupported", "no answer"]
"""The model was not reached in time; its address or key is wrong; its reply could not be read; nothing that
it wrote was supported by the passages; it found no answer in them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Text of a page that an answer may be made from."""

    pageid: int
    revid: int
    title: str
    url: str
    """Of its section, as of a hit: the anchor is in it."""
    section: str
    """Heading path joined by " › "; empty before the first heading."""
    anchor: str
    language: str
    """ISO 639-1 code of the text's language."""
    text: str
    """Plain text; its lines are paragraphs and list items."""
    score: float
    """0 to 1, of the hit that it belongs to."""


def passages_of(
    chunk: Chunk, *, pageid: int, revid: int, score: float, url: Callable[[str], str]
) -> list[Passage]:
    """Return what may be quoted of a chunk: a passage for each of its sections, without their headings.

    What is said about the page (categories, status) is no text to quote.

    Args:
        chunk: a passage of the index.
        pageid: its page.
        revid: the page's revision.
        score: 0 to 1, of the hit that it belongs to.
        url: returns the page's address with an anchor, which may be empty.
    """
    passages = []
    for number, part in enumerate(chunk.parts):
        following = chunk.parts[number + 1].offset if number + 1 < len(chunk.parts) else len(chunk.text)
        text = chunk.text[part.offset : following]
        if number and part.section:
            text = text.partition("\n")[2]
        if text.strip() and not part.labels:
            passages.append(
                Passage(
                    pageid=pageid,
                    revid=revid,
                    title=chunk.title,
                    url=url(part.anchor),
                    section=part.section,
                    anchor=part.anchor,
                    language=chunk.language,
                    text=text.strip(),
                    score=score,
                )
            )
    return passages


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSentence:
    """A sentence of an answer."""

    text: str
    """One line of plain text."""
    sources: tuple[Passage, ...]
    """The passages that say it, at least one; exactly one in an extractive answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A few sentences that answer a question."""

    sentences: tuple[AnswerSentence, ...]
    """At least one, in the order to show them in."""
    language: str
    """ISO 639-1 code: the question's language when written, the first sentence's when extractive."""
    written: bool
    """Whether a language model wrote the sentences; else they stand in the passages as they are."""
    left_out: int = 0
    """Sentences that the language model wrote and no passage supported; none of them is shown."""
    fallback: Fallback | None = None
    """Why the sentences are not written although a language model is configured; None otherwise."""


class Answerer(Protocol):
    """Answers a question from passages. Safe to share between threads."""

    def answer(self, question: str, *, language: str, passages: Sequence[Passage]) -> Answer | None:
        """Return an answer, or None when the passages do not say enough.

        Every sentence names at least one of the `passages`. Its text is one line of plain text: whatever the
        passages and the question hold, it is to be escaped for the place where it is shown.

        Args:
            question: as it was asked; any text.
            language: ISO 639-1 code of the question's language, in which a written answer is given.
            passages: what may be quoted, best first; may be empty.
        """
        ...


class WordFrequencies(Protocol):
    """Says how rare words are; a keyword index does."""

    def frequencies(self, terms: Sequence[str]) -> Mapping[str, int]:
        """Return in how many passages each term stands; one that stands nowhere is not there."""
        ...

    def counts(self) -> tuple[int, int]:
        """Return the number of pages and of passages."""
        ...


_MOST_SENTENCES: Final = 3
_MOST_PASSAGES = 8
# Sentences whose meaning is compared: the best by their words, and the first of each passage.
_COMPARED = 8
# How a sentence's score is made up; see docs/decisions.md.
_BY_WORDS = 1.0
_BY_MEANING = 1.0
_BY_PASSAGE = 1.0
_BY_KIND = 0.25
# "What is ...", "how do ...": a page says it first. Who asks for a date or a name finds it anywhere.
_BY_OPENING = 0.25
_ASKS_BACK = 0.3
# Of a word's weight, what remains when the title or the heading has said it for every sentence below.
_SAID_ABOVE = 0.7
# A sentence per word: a short one must not win for being short, a long one not for holding everything.
_LENGTH_FREE_WORDS = 30
# What a further sentence must reach of the best one's score.
_NEARLY_AS_GOOD = 0.6
# Two sentences of which one says so much of the other's words are the same.
_SAME = 0.7
# What the best sentence must reach, of the question's words (0 to 1) and of its meaning (cosine) together: it
# refuses most of what comes from pages on other subjects, and 1 % of the right sentences.
_LEAST_SURE = 0.65


@dataclass(slots=True)
class _Candidate:
    rank: int
    """Of its passage, from 0."""
    number: int
    """Of the unit in its passage."""
    unit: Unit
    text: str
    stems: frozenset[str]
    words: float
    """How much of the question it says, 0 to 1, its headings' words for less."""
    covered: float
    """The share of the question's words, by weight, that it or its headings hold."""
    cosine: float = 0.0
    score: float = -1.0

    @property
    def sureness(self) -> float:
        """How near it comes to the question, by words and by meaning: -1 to 2."""
        return self.covered + self.cosine


class ExtractiveAnswerer:
    """An `Answerer` that quotes the two or three sentences that answer. Needs no network."""

    def __init__(
        self, *, analyzer: WordAnalyzer, embedder: Embedder, words: WordFrequencies | None = None
    ) -> None:
        """Take what sentences are compared by.

        Args:
            analyzer: makes words comparable.
            embedder: makes meanings comparable; a few sentences are embedded for an answer.
            words: says how rare a word is; without it all count alike.
        """
        self._analyzer = analyzer
        self._embedder = embedder
        self._words = words

    def answer(self, question: str, *, language: str, passages: Sequence[Passage]) -> Answer | None:
        """See `Answerer`."""
        passages = passages[:_MOST_PASSAGES]
        weights = self._weights(question, language)
        candidates = self._candidates(weights, passages) if weights else []
        if not candidates:
            return None
        self._judge(question, candidates, passages)
        best = max(candidates, key=lambda each: each.score)
        if best.sureness < _LEAST_SURE:
            return None
        chosen = _chosen(best, candidates)
        return Answer(
            sentences=tuple(
                AnswerSentence(text=each.text, sources=(passages[each.rank],)) for each in chosen
            ),
            language=passages[best.rank].language,
            written=False,
        )

    def _weights(self, question: str, language: str) -> dict[frozenset[str], float]:
        """Return what stands for each word of the question, and how much it counts: by how rare it is."""
        known: Language | None = next((each for each in LANGUAGES if each == language), None)
        if all(is_stop_word(word.form, known) for word in self._analyzer.words(question)):
            return {}
        words = self._analyzer.query(question, known)
        if self._words is None:
            return dict.fromkeys(words.groups, 1.0)
        found = self._words.frequencies((*words.terms, *words.exact))
        passages = self._words.counts()[1]
        return {
            group: max(math.log(1 + (passages + 1) / (found.get(term, 0) + 0.5)) for term in group)
            for group in words.groups
        }

    def _candidates(
        self, weights: Mapping[frozenset[str], float], passages: Sequence[Passage]
    ) -> list[_Candidate]:
        most = math.fsum(weights.values()) or 1.0
        candidates: list[_Candidate] = []
        seen: list[frozenset[str]] = []
        for rank, passage in enumerate(passages):
            above = self._stems(f"{passage.title}\n{passage.section}")
            held = {group: w * (_SAID_ABOVE if group & above else 1.0) for group, w in weights.items()}
            for number, unit in enumerate(answer_units(passage.text)):
                stems = self._stems(passage.text[unit.start : unit.end])
                # Passages overlap, and pages repeat each other: what was read before is not read again.
                if any(_same(stems, other) for other in seen):
                    continue
                seen.append(stems)
                said = math.fsum(weight for group, weight in held.items() if group & stems)
                covered = math.fsum(w for group, w in weights.items() if group & (stems | above))
                length = max(len(passage.text[unit.start : unit.end].split()), _LENGTH_FREE_WORDS)
                candidates.append(
                    _Candidate(
                        rank=rank,
                        number=number,
                        unit=unit,
                        text=shown(passage.text, unit),
                        stems=stems,
                        words=said / most * math.sqrt(_LENGTH_FREE_WORDS / length),
                        covered=covered / most,
                    )
                )
        return candidates

    def _judge(self, question: str, candidates: Sequence[_Candidate], passages: Sequence[Passage]) -> None:
        """Give each candidate its score."""
        best = passages[0].score or 1.0
        kind = expected_kind(question)
        broad = asks_broadly(question)
        for each in candidates:
            each.score = _BY_WORDS * each.words + _BY_PASSAGE * min(1.0, passages[each.rank].score / best)
            if kind is not None and kind.search(each.text):
                each.score += _BY_KIND
            if broad and each.number == 0 and not passages[each.rank].section:
                each.score += _BY_OPENING
            if each.text.endswith("?"):
                each.score -= _ASKS_BACK
        compared = sorted(candidates, key=lambda each: -each.score)[:_COMPARED]
        vectors = self._embedder.embed_passages([each.text for each in compared])
        near = vectors @ self._embedder.embed_query(question)
        for each, cosine in zip(compared, near, strict=True):
            each.cosine = float(cosine)
            each.score += _BY_MEANING * each.cosine

    def _stems(self, text: str) -> frozenset[str]:
        exact = (word.form for word in self._analyzer.exact_words(text))
        forms = {word.form for word in self._analyzer.words(text)}
        return frozenset(self._analyzer.stem(form, each) for form in forms for each in LANGUAGES) | {*exact}


def _chosen(best: _Candidate, candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Return the best sentence and what goes with it, in the order of passages and text."""
    chosen = [best]
    by_place = {(each.rank, each.number): each for each in candidates}
    for each in sorted(candidates, key=lambda each: -each.score):
        wanted = [each]
        # "Celui-ci ...": it is nothing without the sentence before.
        if each.unit.dependent and (before := by_place.get((each.rank, each.number - 1))):
            wanted.insert(0, before)
        wanted = [one for one in wanted if one not in chosen]
        if len(chosen) + len(wanted) > _MOST_SENTENCES or each.score < _NEARLY_AS_GOOD * best.score:
            continue
        chosen += wanted
    return sorted(chosen, key=lambda each: (each.rank, each.number))


def _same(stems: frozenset[str], other: frozenset[str]) -> bool:
    return len(stems & other) >= _SAME * max(len(stems), len(other))
