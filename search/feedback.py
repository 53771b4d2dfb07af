"""What members said of hits, as questions of the exam: real ones, with the page that helped.

They are asked apart from those that the wiki sets itself, and no mean holds both: members judge what the
search showed them, so of these questions it has found more than of others. Of a page that is gone, or that
cannot be found, nothing is asked; verdicts go with their page.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

from connector.store import HitFeedback, Store
from search.exam_questions import ExamQuestion, Kind
from search.language import Language, LanguageDetector

MOST_QUESTIONS: Final = 200
"""Of one exam: each takes as long as one of the wiki's own."""


def member_questions(
    store: Store,
    *,
    languages: Mapping[int, Language],
    detector: LanguageDetector,
    seed: int,
    most: int = MOST_QUESTIONS,
) -> list[ExamQuestion]:
    """Return at most `most` questions for which a page helped more people than it did not.

    Where several pages helped with one question, the one that helped most is asked for.

    Args:
        store: the mirror, with what members said.
        languages: the pages that can be found, each with its language.
        detector: tells the language of a question.
        seed: another one draws others, where there are more.
        most: how many.
    """
    best: dict[str, HitFeedback] = {}
    for verdict in store.hit_feedback.all():
        if verdict.pageid not in languages or verdict.helped <= verdict.not_helped:
            continue
        key = verdict.question.casefold()
        if key not in best or _worth(verdict) > _worth(best[key]):
            best[key] = verdict
    questions = [
        ExamQuestion(
            kind=Kind.MEMBER,
            text=verdict.question,
            language=detector.detect(verdict.question, fallback=languages[verdict.pageid]),
            pageid=verdict.pageid,
        )
        for verdict in best.values()
    ]
    return sorted(questions, key=lambda question: _lot(seed, question))[:most]


def _worth(verdict: HitFeedback) -> tuple[int, int]:
    return verdict.helped - verdict.not_helped, -verdict.pageid


def _lot(seed: int, question: ExamQuestion) -> str:
    return hashlib.sha256(f"{seed}\n{question.digest}".encode()).hexdigest()
