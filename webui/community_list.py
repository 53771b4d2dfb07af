"""The community's list as somebody may see it: which questions, who asked, and what they may do with each."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from community.model import Person
from connector.errors import NotKeptError
from connector.model import Page
from connector.store import Question, QuestionState
from connector.store.questions import QUESTION_STATES
from search.language import base_language
from webui.current import current_services
from webui.rights.pages import readable_pages
from webui.rights.readers import check_role, current_reader
from webui.rights.roles import Role

if TYPE_CHECKING:
    from search.experts import Expert


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedQuestion:
    """A question, and what may be told of it."""

    question: Question
    asker: str
    """Who asked; empty where they may not be named."""
    is_own: bool
    """Whether it is the question of who looks at it."""
    answer: Page | None
    """The page that answers, where who looks may read it."""


def check_list() -> None:
    """Make sure that who asks may see the list: on a private wiki a question may quote what is hidden.

    Raises:
        SignInWantedError: they have to sign in first.
    """
    site = current_services().site()
    if site is None or site.private:
        check_role(Role.MEMBER)


def may_see_list() -> bool:
    """Whether who asks may see the list; see `check_list`."""
    site = current_services().site()
    return current_reader().role >= Role.MEMBER or (site is not None and not site.private)


def told_people(experts: "Iterable[Expert]") -> "tuple[Expert, ...]":
    """Return people as who asks is told of them: who answered which question is for members."""
    from search.experts import without_answers

    return tuple(experts) if current_reader().role >= Role.MEMBER else without_answers(experts)


def visible_states() -> tuple[QuestionState, ...]:
    """Return which questions who asks is shown: what was withdrawn is its asker's and the coordinators'."""
    every = current_reader().role >= Role.COORDINATOR
    return tuple(state for state in QUESTION_STATES if every or state != "withdrawn")


def listed(questions: Collection[Question]) -> list[ListedQuestion]:
    """Return questions as who asks may see them."""
    reader = current_reader()
    services = current_services()
    answers = services.store.pages.get_many([each.answer_pageid for each in questions if each.answer_pageid])
    read = {page.pageid: page for page in readable_pages(answers.values())}
    return [
        ListedQuestion(
            question=each,
            asker=_asker(each),
            is_own=_is_own(each),
            answer=read.get(each.answer_pageid or 0),
        )
        for each in questions
        if each.state != "withdrawn" or _is_own(each) or reader.role >= Role.COORDINATOR
    ]


def visible_question(question_id: int) -> ListedQuestion:
    """Return a question as who asks may see it.

    Raises:
        SignInWantedError: they have to sign in first.
        NotKeptError: there is none, or it was withdrawn and is another one's.
    """
    check_list()
    shown = listed([current_services().store.questions.get(question_id)])
    if not shown:
        raise NotKeptError(f"there is no question {question_id}")
    return shown[0]


def may_close(listed_question: ListedQuestion) -> bool:
    """Whether who looks may close a question, or open it again: who asked it, and coordinators."""
    return listed_question.is_own or current_reader().role >= Role.COORDINATOR


def ask_community(text: str) -> tuple[Question, bool]:
    """Put a question on the list for who asks, and say whether it was not there.

    Raises:
        ValueError: it is empty or too long.
    """
    services, reader = current_services(), current_reader()
    site = services.store.site.get()
    guessed = services.index.detector.guess(text)
    language = guessed or base_language(site.language if site is not None else "en")
    asked_by = reader.account.id if reader.account is not None else None
    return services.store.questions.ask(text, language=language, asked_by=asked_by)


def answer_with(question_id: int, page: Page, *, given_by: Person | None = None) -> bool:
    """Close a question with the page that answers; say whether it was still open.

    Args:
        question_id: which question.
        page: the page.
        given_by: who gave the answer, where that is known.
    """
    return _close(question_id, state="answered", page=page, given_by=given_by)


def answered_at_meeting(question_id: int) -> bool:
    """Close a question that people answered when they met; say whether it was still open."""
    return _close(question_id, state="answered")


def withdraw(question_id: int) -> bool:
    """Take a question off the list; say whether it was still open."""
    return _close(question_id, state="withdrawn")


def reopen(question_id: int) -> bool:
    """Put a closed question on the list again; say whether it was closed."""
    services = current_services()
    if not services.store.questions.reopen(question_id):
        return False
    services.store.asks.resume(question_id)
    services.eraser.update_index_behind()
    return True


def credit(question_id: int, giver: Person | None) -> bool:
    """Say who gave the answer to a question, or that nobody is to be named; say whether it is answered."""
    name, number = (None, None) if giver is None else (giver.name, giver.user_id)
    return current_services().store.questions.credit(question_id, name=name, user_id=number)


def _close(
    question_id: int,
    *,
    state: Literal["answered", "withdrawn"],
    page: Page | None = None,
    given_by: Person | None = None,
) -> bool:
    services, account = current_services(), current_reader().account
    closed = services.store.questions.close(
        question_id,
        state=state,
        closed_by=account.id if account is not None else None,
        answer_pageid=page.pageid if page is not None else None,
        answered_by=None if given_by is None else given_by.name,
        answered_by_user_id=None if given_by is None else given_by.user_id,
    )
    if closed:
        services.store.asks.settle(
            question_id,
            now=datetime.now(UTC),
            answered_by=None if given_by is None else (given_by.name, given_by.user_id),
        )
    if closed and page is not None:
        services.eraser.update_index_behind()  # who asks the same finds it from then on
    return closed


def _is_own(question: Question) -> bool:
    account = current_reader().account
    return account is not None and account.id == question.asked_by


def _asker(question: Question) -> str:
    """Return who asked, for members; nobody who wants to be left out is named to others."""
    if current_reader().role < Role.MEMBER or not question.asker:
        return ""
    if _is_own(question):
        return question.asker
    return next(iter(current_services().index.people.named([question.asker])), "")
