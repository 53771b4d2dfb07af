"""Answered questions as keys of the page that answers them: who asks the same in other words finds it.

Each question is a passage of its own in both indexes, beside those that the page's text makes. It is never
shown as the page's text, nor is an answer made from it; and only a question that is answered by the page now
is named to anybody, whatever the index still has.
"""

import hashlib
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from connector.store import Question, Store
from connector.store.changes import Mark
from search.chunking import Chunk, Part
from search.keyword_index import KeywordIndex
from search.language import base_language

MOST_KEYS: Final = 100
"""Of one page; of more the questions that were answered last."""
KEYS: Final = "answered_questions"
"""Under this the index keeps the state of its keys (`keys_state`)."""
# From where to where two questions are more and more alike: by their cosine, and by the share of the words of
# the one that the other has. Short ones come near by their form alone ("how do I ...?").
_COSINES, _WORDS = (0.6, 0.85), (0.4, 0.8)
# What a key loses that is not alike at all, in standard deviations of the fused scores.
_LOST_UNLIKE = 2.5


def same_question(cosine: float, coverage: float) -> float:
    """Return how far a question may be taken for another: 1 for the same, 0 for one on the same subject only.

    Args:
        cosine: of the two.
        coverage: share (0 to 1) of the asked one's words, by rarity, that the other has.
    """
    return max(_part(cosine, *_COSINES), _part(coverage, *_WORDS))


def lost_by_key(cosine: float, coverage: float) -> float:
    """Return what a key's fused score loses: nothing when the question is asked again, else more and more.

    A question is short, and looks more like another question than any text does: by its score alone a key
    that shares nothing but the subject would come before pages that answer (docs/decisions.md).
    """
    return _LOST_UNLIKE * (1 - same_question(cosine, coverage))


@dataclass(frozen=True, slots=True, kw_only=True)
class PageKey:
    """A question that a page answers."""

    text: str
    language: str

    def chunk(self, title: str) -> Chunk:
        """Return the passage that stands for it; its page's title is looked up with it, and not embedded."""
        return Chunk(
            title=title,
            heading="",
            text=self.text,
            language=base_language(self.language),
            parts=(Part(0, "", "", labels=True),),
            is_key=True,
        )


def keys_of_pages(
    store: Store, *, titles: Mapping[int, str], redirects: Mapping[str, str]
) -> dict[int, tuple[PageKey, ...]]:
    """Return the keys of each page that has some, by pageid.

    Args:
        store: the mirror, with the community's questions.
        titles: of all pages, redirects too, by pageid.
        redirects: the title that each redirect leads to: what a page answered the one it became answers.
    """
    questions = store.questions.answered_with()
    if not questions:
        return {}
    pageids = {title: pageid for pageid, title in titles.items()}
    found: dict[int, list[Question]] = {}
    for question in questions:
        title = titles.get(question.answer_pageid or 0, "")
        pageid = pageids.get(redirects.get(title, title))
        if pageid is not None:
            found.setdefault(pageid, []).append(question)
    return {pageid: _keys(answered) for pageid, answered in found.items()}


def keys_state(store: Store) -> str:
    """Return a digest of all keys that there should be; empty for none."""
    keys = [f"{each.id} {each.answer_pageid} {each.text}" for each in store.questions.answered_with()]
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()[:24] if keys else ""


def lacks_answers(keywords: KeywordIndex, store: Store) -> bool:
    """Whether questions were answered, or opened again, since the index was brought in step.

    Raises:
        IndexNotBuiltError: there is no index yet.
    """
    return (keywords.get_meta(KEYS) or "") != keys_state(store)


def _keys(questions: Sequence[Question]) -> tuple[PageKey, ...]:
    last = sorted(questions, key=lambda each: (each.closed_at or each.asked_at, each.id))[-MOST_KEYS:]
    return tuple(
        PageKey(text=each.text, language=each.language) for each in sorted(last, key=lambda each: each.id)
    )


def _part(value: float, least: float, enough: float) -> float:
    return min(1.0, max(0.0, (value - least) / (enough - least)))


class AnsweredQuestions:
    """Which questions are answered now. Safe to share between threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._mutex = threading.Lock()
        self._kept: tuple[Mark, frozenset[str]] | None = None

    def still(self, texts: Collection[str]) -> frozenset[str]:
        """Return those of some questions that are answered: not opened again, reworded or erased since."""
        if not texts:
            return frozenset()
        mark = self._store.changes.mark()  # before anything is read
        with self._mutex:
            if self._kept is None or self._kept[0] != mark:
                answered = frozenset(each.text for each in self._store.questions.answered_with())
                self._kept = (mark, answered)
            return self._kept[1].intersection(texts)
