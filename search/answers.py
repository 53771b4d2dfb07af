"""Answers: what a question's answer looks like, and who can give one.

An answer is made of sentences, and each names the passages that it comes from. What nothing on the wiki says
enough about has no answer, rather than a wrong one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


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
    fallback: str | None = None
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
