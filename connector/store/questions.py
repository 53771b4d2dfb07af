"""Questions that nobody has answered yet: what members put to the community, until someone closes them.

Who asked is known by their account, which may go: the question stays, and is nobody's then.
"""

import hashlib
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, Engine, Row, Select, func, insert, select, update

from connector.errors import NotKeptError
from connector.store.engine import handfuls, reading, writing
from connector.store.schema_people import account, question
from connector.store.scrubbing import note_traces
from connector.wikitext.escape import one_line

QuestionState = Literal["open", "answered", "withdrawn"]
QUESTION_STATES: Final[tuple[QuestionState, ...]] = ("open", "answered", "withdrawn")
LONGEST_QUESTION: Final = 1_000
"""Characters: as much as can be searched for."""
_OPEN: Final[dict[str, Any]] = {
    "state": "open",
    "closed_at": None,
    "closed_by": None,
    "answer_pageid": None,
    "answered_by": None,
    "answered_by_user_id": None,
}
# What ends a question does not make it another one.
_ENDS: Final = " ?!.…¿¡"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What somebody asked the community."""

    id: int
    state: QuestionState
    language: str
    """Code of the language that it is asked in."""
    text: str
    """On one line."""
    asked_by: int | None
    """Their account; None when it is gone, or when nobody had to sign in."""
    asker: str
    """Name of that account; empty without one."""
    asked_at: datetime
    closed_at: datetime | None
    closed_by: int | None
    answer_pageid: int | None
    """The page that answers; it may have left the mirror since."""
    answered_by_user_id: int | None = None
    """Number in the wiki of the account of who gave the answer."""
    answered_by: str | None = None
    """Their name; None where that is not known."""


class QuestionStore:
    """The community's list. Nothing here can be rebuilt: each change is one durable transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def ask(self, text: str, *, language: str, asked_by: int | None) -> tuple[Question, bool]:
        """Put a question on the list, and say whether it was not there before.

        The same words are one question, however they are capitalized, spaced and ended. One that is open or
        answered stays as it is; one that was withdrawn is open again, and is of who asks now.

        Args:
            text: the question; what cannot be stored is left out of it.
            language: code of its language.
            asked_by: the account of who asks.

        Raises:
            ValueError: there is no word in it, or it has more than `LONGEST_QUESTION` characters.
        """
        line = one_line(text)
        if not line.strip(_ENDS) or len(line) > LONGEST_QUESTION:
            raise ValueError(f"a question has 1 to {LONGEST_QUESTION:,} characters")
        digest = question_digest(line)
        now: dict[str, Any] = {**_OPEN, "text": line, "language": language[:16], "asked_by": asked_by}
        now["asked_at"] = datetime.now(UTC)
        with writing(self._engine, "keeping a question") as connection:
            known = connection.execute(_QUESTIONS.where(question.c.digest == digest)).one_or_none()
            if known is None:
                inserted = connection.execute(
                    insert(question).values(**now, digest=digest).returning(question.c.id)
                )
                return _one(connection, inserted.scalar_one()), True
            if known.state != "withdrawn":
                return _question(known), False
            connection.execute(update(question).where(question.c.id == known.id).values(**now))
            return _one(connection, known.id), True

    def get(self, question_id: int) -> Question:
        """Return a question.

        Raises:
            NotKeptError: there is none with this id.
        """
        with reading(self._engine, "reading a question") as connection:
            return _one(connection, question_id)

    def list(
        self, *, state: QuestionState | None = None, asked_by: int | None = None, limit: int, offset: int = 0
    ) -> Sequence[Question]:
        """Return questions, newest first: `limit` of them at most, without the first `offset`.

        Args:
            state: only those in this state.
            asked_by: only those that this account asked.
            limit: how many.
            offset: how many to leave out.
        """
        query = _QUESTIONS.order_by(question.c.asked_at.desc(), question.c.id.desc())
        if state is not None:
            query = query.where(question.c.state == state)
        if asked_by is not None:
            query = query.where(question.c.asked_by == asked_by)
        with reading(self._engine, "listing questions") as connection:
            return [_question(row) for row in connection.execute(query.limit(limit).offset(offset))]

    def counts(self) -> dict[QuestionState, int]:
        """Return how many questions are in each state."""
        query = select(question.c.state, func.count()).group_by(question.c.state)
        with reading(self._engine, "counting questions") as connection:
            found = {state: int(number) for state, number in connection.execute(query)}
        return {state: found.get(state, 0) for state in QUESTION_STATES}

    def close(
        self,
        question_id: int,
        *,
        state: Literal["answered", "withdrawn"],
        closed_by: int | None,
        answer_pageid: int | None = None,
        answered_by: str | None = None,
        answered_by_user_id: int | None = None,
    ) -> bool:
        """Close a question that is open, and say whether it still was.

        Args:
            question_id: which one.
            state: the state that it gets.
            closed_by: the account of who closes it.
            answer_pageid: the page that answers.
            answered_by: name of who gave the answer, where that is known.
            answered_by_user_id: number of their account in the wiki, where they have one.

        Raises:
            NotKeptError: there is none with this id.
        """
        now = datetime.now(UTC)
        return self._set(
            question_id,
            expected=("open",),
            values={
                "state": state,
                "closed_at": now,
                "closed_by": closed_by,
                "answer_pageid": answer_pageid,
                "answered_by": answered_by,
                "answered_by_user_id": answered_by_user_id,
            },
        )

    def credit(self, question_id: int, *, name: str | None, user_id: int | None) -> bool:
        """Say of an answered question who gave the answer, or that nobody is to be named; say whether it is.

        Raises:
            NotKeptError: there is none with this id.
        """
        values = {"answered_by": name, "answered_by_user_id": user_id}
        return self._set(question_id, expected=("answered",), values=values)

    def answered_with(self, pageids: Collection[int] | None = None) -> Sequence[Question]:
        """Return the answered questions that name a page, in the order of their ids.

        Args:
            pageids: only those that one of these answers; None: all.
        """
        query = _QUESTIONS.where(question.c.state == "answered", question.c.answer_pageid.is_not(None))
        query = query.order_by(question.c.id)
        with reading(self._engine, "reading answered questions") as connection:
            if pageids is None:
                return [_question(row) for row in connection.execute(query)]
            found = [
                _question(row)
                for some in handfuls(sorted(pageids))
                for row in connection.execute(query.where(question.c.answer_pageid.in_(some)))
            ]
        return sorted(found, key=lambda each: each.id)

    def answered_by(self, name: str, user_id: int | None, *, limit: int) -> Sequence[Question]:
        """Return the questions that somebody gave the answer to, the last first.

        Args:
            name: theirs.
            user_id: number of their account in the wiki, where they have one.
            limit: how many at most.
        """
        theirs = question.c.answered_by == name
        if user_id is not None:
            theirs = (question.c.answered_by_user_id == user_id) | (
                question.c.answered_by_user_id.is_(None) & theirs
            )
        query = _QUESTIONS.where(question.c.state == "answered", theirs)
        query = query.order_by(question.c.closed_at.desc(), question.c.id.desc()).limit(limit)
        with reading(self._engine, "reading what somebody answered") as connection:
            return [_question(row) for row in connection.execute(query)]

    def reopen(self, question_id: int) -> bool:
        """Open a closed question again, and say whether it was closed; errors as `close`."""
        return self._set(
            question_id,
            expected=("answered", "withdrawn"),
            values=dict(_OPEN),
        )

    def reword(self, rewrite: Callable[[str], str]) -> int:
        """Rewrite texts, as when somebody who is named in them is erased, and return how many changed.

        Args:
            rewrite: gives the text that is to stand instead of a text; what it gives back unchanged stays.
        """
        with writing(self._engine, "rewording questions") as connection:
            changed = 0
            for row in connection.execute(select(question.c.id, question.c.text)).all():
                text = one_line(rewrite(row.text))[:LONGEST_QUESTION]
                if text == row.text:
                    continue
                # Two questions may have become alike, and both stay: from now on none is found by its words.
                digest = hashlib.sha256(f"reworded {row.id}".encode()).hexdigest()
                new = {"text": text, "digest": digest}
                connection.execute(update(question).where(question.c.id == row.id).values(new))
                changed += 1
            if changed:
                note_traces(connection, "erased")
        return changed

    def _set(self, question_id: int, *, expected: Sequence[str], values: dict[str, Any]) -> bool:
        with writing(self._engine, "changing a question") as connection:
            changed = connection.execute(
                update(question)
                .where(question.c.id == question_id, question.c.state.in_(expected))
                .values(**values)
            )
            if changed.rowcount != 1:
                _one(connection, question_id)
        return changed.rowcount == 1


def question_digest(text: str) -> str:
    """Return what two ways of writing one question have in common, as 64 hexadecimal digits."""
    folded = unicodedata.normalize("NFC", one_line(text).casefold().strip(_ENDS))
    return hashlib.sha256(folded.encode()).hexdigest()


_QUESTIONS: Final[Select[Any]] = select(
    *(column for column in question.c if column.name != "digest"),
    func.coalesce(account.c.name, "").label("asker"),
).outerjoin(account, account.c.id == question.c.asked_by)


def _one(connection: Connection, question_id: int) -> Question:
    row = connection.execute(_QUESTIONS.where(question.c.id == question_id)).one_or_none()
    if row is None:
        raise NotKeptError(f"there is no question {question_id}")
    return _question(row)


def _question(row: Row[Any]) -> Question:
    return Question(**row._asdict())
