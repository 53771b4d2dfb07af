"""The open questions as a page of the wiki: a list between two marks, and around it whatever people write.

Who asks is not named: a page of the wiki outlives a wish to be left out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from connector.store import Question
from connector.wikitext.escape import as_saved, escape

BEGIN: Final = "<!-- compagnon:questions:begin -->"
END: Final = "<!-- compagnon:questions:end -->"
MOST_QUESTIONS: Final = 500
"""On the page; of more the newest."""

_Language = Literal["fr", "en"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    heading: str
    none: str
    asked_on: str
    answer: str
    summary: str


_WORDS: Final[dict[_Language, _Words]] = {
    "fr": _Words(
        heading="Questions ouvertes",
        none="Aucune question n’est ouverte.",
        asked_on="posée le {day}",
        answer="répondre",
        summary="Liste des questions ouvertes, écrite par Compagnon ({number}), publiée par {person}",
    ),
    "en": _Words(
        heading="Open questions",
        none="No question is open.",
        asked_on="asked on {day}",
        answer="answer",
        summary="List of the open questions, written by Compagnon ({number}), published by {person}",
    ),
}


def questions_wikitext(
    questions: Sequence[Question], *, language: str, url_of: Callable[[Question], str | None], now: datetime
) -> str:
    """Return the list as wikitext, between its marks.

    Args:
        questions: open ones, in the order in which to show them.
        language: of the wiki; French ("fr") or English.
        url_of: gives the address where a question is answered; None where there is none.
        now: aware; says on which day the list was made.
    """
    from babel.dates import format_date

    known: _Language = "fr" if language == "fr" else "en"
    words = _WORDS[known]
    lines = [BEGIN, f"== {words.heading} ({format_date(now.date(), 'long', locale=known)}) =="]
    for question in questions[:MOST_QUESTIONS]:
        url = url_of(question)
        day = format_date(question.asked_at.date(), "long", locale=known)
        lines.append(
            f"* {escape(question.text)}"
            f" – <small>{words.asked_on.format(day=day)}</small>"
            + (f" – [{url} {words.answer}]" if url is not None else "")
        )
    if not questions:
        lines.append(words.none)
    return "\n".join([*lines, END])


def placed(page: str, part: str) -> str:
    """Return a page's text with the list in the place of the last one; at its end where there was none.

    Args:
        page: the text as it is; empty for a page that is not there yet.
        part: as `questions_wikitext` makes it.
    """
    start = page.find(BEGIN)
    end = page.find(END, start) if start >= 0 else -1
    if end < 0:
        return as_saved(f"{page.rstrip()}\n\n{part}" if page.strip() else part)
    return as_saved(page[:start] + part + page[end + len(END) :])


def questions_summary(number: int, *, person: str, language: str) -> str:
    """Return the summary of the edit: it says what was generated, and who published it."""
    words = _WORDS["fr" if language == "fr" else "en"]
    return words.summary.format(number=number, person=person)
