"""Answers to what was searched: quoted at once, or written by a language model that takes its time."""

import logging
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from connector.errors import SearchError

if TYPE_CHECKING:
    from collections.abc import Callable

    from search.answers import Answer, Answerer
    from search.indexer import Index
    from search.language_model import LanguageModel
    from search.results import SearchResult

logger = logging.getLogger(__name__)

WRITTEN_AT_ONCE = 3
"""A language model may take most of a minute, and every answer that waits for it holds one of the server's
threads: the rest of them stay free for the pages."""


def answers_from(index: "Index", model: "LanguageModel | None") -> "Answers":
    """Return the answers that an index, and a language model where there is one, can give."""
    from search.answers import ExtractiveAnswerer

    def quoted() -> "Answerer":
        return ExtractiveAnswerer(analyzer=index.analyzer, embedder=index.embedder, words=index.keywords)

    if model is None:
        return Answers(quoted=quoted)
    from search.support import SupportChecker
    from search.written_answers import WrittenAnswerer

    def written() -> "Answerer":
        checker = SupportChecker(analyzer=index.analyzer, embedder=index.embedder)
        return WrittenAnswerer(model=model, checker=checker, extractive=quoted(), detector=index.detector)

    return Answers(quoted=quoted, written=written)


class Answers:
    """Answers from the passages of a search. Safe to share between threads.

    There is an answer only where the search says that its hits are answers. Trouble with it is logged and
    never keeps the hits from being shown.
    """

    def __init__(
        self, *, quoted: "Callable[[], Answerer]", written: "Callable[[], Answerer] | None" = None
    ) -> None:
        """Take who says who answers; asked for each answer, because the embedding model may change.

        Args:
            quoted: gives who answers at once, in the pages' own sentences.
            written: gives who lets a language model write, when one is configured.
        """
        self._quoted = quoted
        self._written = written
        self._writing = threading.BoundedSemaphore(WRITTEN_AT_ONCE)

    @property
    def are_written(self) -> bool:
        """Whether a language model writes answers."""
        return self._written is not None

    def quoted(self, result: "SearchResult") -> "Answer | None":
        """Return the sentences that answer, as they stand in the pages, in a moment."""
        return _answer(self._quoted(), result)

    def best(self, result: "SearchResult") -> "Answer | None":
        """Return the written answer, where there is a language model and it is free; else the quoted one."""
        if self._written is None:
            return self.quoted(result)
        if not self._writing.acquire(blocking=False):
            quoted = self.quoted(result)
            return quoted and replace(quoted, fallback="unavailable")
        try:
            return _answer(self._written(), result)
        finally:
            self._writing.release()


def _answer(answerer: "Answerer", result: "SearchResult") -> "Answer | None":
    if not result.answerable or not result.passages:
        return None
    try:
        return answerer.answer(result.query, language=result.language, passages=result.passages)
    except SearchError as e:
        logger.warning("no answer could be made: %s", e)
        return None
