"""Whom a question can be put to, who was asked it, and what each of them may do with that."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from community.asking import Candidate, WhomToAsk
from community.model import Person
from connector.errors import NotKeptError, SearchError
from connector.store import Account, Question
from connector.store.asks import Ask
from search.people import name_key
from webui.community_list import ListedQuestion, listed
from webui.current import current_services
from webui.rights.readers import current_reader
from webui.rights.roles import Role

_PROPOSED_TO_CHECK = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAsk:
    """That somebody was asked, as who looks may see it."""

    ask: Ask
    is_you: bool
    """Whether who looks was asked."""
    may_take_back: bool
    """Whether who looks may say that it was not asked after all."""


def people_for(question: Question) -> WhomToAsk:
    """Return whom to ask a question that is open; nobody for visitors, and without an index."""
    reader, services = current_reader(), current_services()
    if question.state != "open" or reader.role < Role.MEMBER:
        return WhomToAsk(candidates=(), resting=0)
    try:
        return services.asking.find(question, now=datetime.now(UTC), readable=reader.readable)
    except SearchError:
        return WhomToAsk(candidates=(), resting=0)


def asked_people(question: Question) -> list[ShownAsk]:
    """Return who was asked a question, for members; nobody who is left out, but oneself."""
    reader = current_reader()
    if reader.role < Role.MEMBER:
        return []
    asks = current_services().store.asks.of_questions([question.id])[question.id]
    return [shown for each in asks if (shown := _shown(each)) is not None]


def own_ask(question: Question) -> Ask | None:
    """Return that who looks was asked a question, where an answer of theirs is still hoped for."""
    asks = current_services().store.asks.of_questions([question.id])[question.id]
    return next((each for each in asks if each.waits and is_mine(each)), None)


def may_answer(shown: ListedQuestion) -> bool:
    """Whether who looks may close a question with an answer: who asked, who was asked, coordinators."""
    return shown.is_own or current_reader().role >= Role.COORDINATOR or own_ask(shown.question) is not None


def may_credit(shown: ListedQuestion) -> bool:
    """Whether who looks may say who gave the answer: who asked, coordinators, who gave it, who was asked."""
    question = shown.question
    if question.state != "answered" or current_reader().role < Role.MEMBER:
        return False
    if shown.is_own or current_reader().role >= Role.COORDINATOR:
        return True
    giver = question.answered_by
    if giver is not None and is_mine_person(Person(name=giver, user_id=question.answered_by_user_id)):
        return True
    return any(each.is_you and each.ask.state == "answered" for each in asked_people(question))


def keep_ask(question: Question, name: str, *, with_pair: bool = False) -> tuple[list[Ask], bool]:
    """Keep that who sends this has asked somebody whom they were proposed; errors as `AskStore.put`.

    Args:
        question: which question.
        name: one of those who are proposed now.
        with_pair: whether the experienced person who was proposed with a newcomer was asked too.

    Returns:
        What is kept, and whether it is new.

    Raises:
        NotKeptError: nobody of this name may be asked it now.
    """
    services, reader = current_services(), current_reader()
    now = datetime.now(UTC)
    asked_by = reader.account.id if reader.account is not None else None
    proposed = services.asking.whom_to_ask(
        question, now=now, readable=reader.readable, top_k=_PROPOSED_TO_CHECK
    )
    chosen: Candidate | None = next(
        (each for each in proposed if name_key(each.person.name) == name_key(name)), None
    )
    if chosen is None:
        for each in asked_people(question):  # who is left out is not told of, in this way neither
            if name_key(each.ask.name) == name_key(name):
                return [each.ask], False  # the form was sent twice
        raise NotKeptError("this person is not to be asked now")
    kept = [_kept(question, chosen.person, asked_by=asked_by, now=now)]
    if with_pair and chosen.paired_with is not None:
        with suppress(NotKeptError):  # somebody else has just asked them once too often
            kept.append(_kept(question, chosen.paired_with, asked_by=asked_by, now=now))
    return kept, True


def _kept(question: Question, person: Person, *, asked_by: int | None, now: datetime) -> Ask:
    """Keep that somebody was asked, unless others who ask at the same moment have left no room for it."""
    services = current_services()
    ask, _ = services.store.asks.put(
        question.id,
        name=person.name,
        wiki_user_id=person.user_id,
        asked_by=asked_by,
        now=now,
        limit=services.asking.limit_of(person, now=now),
    )
    return ask


def visible_ask(question: Question, ask_id: int) -> ShownAsk:
    """Return one of those who were asked a question.

    Raises:
        NotKeptError: there is none, or who asks may not see it.
    """
    shown = next((each for each in asked_people(question) if each.ask.id == ask_id), None)
    if shown is None:
        raise NotKeptError(f"nobody was asked question {question.id} with the number {ask_id}")
    return shown


def questions_for(account: Account) -> list[tuple[ListedQuestion, Ask]]:
    """Return the open questions that somebody was asked and has not said no to, the last first."""
    store = current_services().store
    waiting = [each for each in store.asks.of_person(account.name, account.wiki_user_id) if each.waits]
    found = []
    for ask in waiting:
        try:
            question = store.questions.get(ask.question_id)
        except NotKeptError:
            continue  # it went a moment ago
        if question.state == "open":
            found += [(shown, ask) for shown in listed([question])]
    return found


def givers(question: Question) -> list[Person]:
    """Return who may have given the answer: who looks first, then who was asked, as far as they are shown."""
    account = current_reader().account
    found = [Person(name=account.name, user_id=account.wiki_user_id)] if account is not None else []
    for each in asked_people(question):
        found.append(Person(name=each.ask.name, user_id=each.ask.wiki_user_id))
    if question.answered_by is not None:
        found += _named([Person(name=question.answered_by, user_id=question.answered_by_user_id)])
    return list({name_key(person.name): person for person in reversed(found)}.values())[::-1]


def giver_of(question: Question) -> Person | None:
    """Return who gave the answer, for members, where they may be named."""
    if question.answered_by is None or current_reader().role < Role.MEMBER:
        return None
    person = Person(name=question.answered_by, user_id=question.answered_by_user_id)
    return person if is_mine_person(person) else next(iter(_named([person])), None)


def is_mine(ask: Ask) -> bool:
    """Whether who looks is who was asked."""
    return is_mine_person(Person(name=ask.name, user_id=ask.wiki_user_id))


def is_mine_person(person: Person) -> bool:
    """Whether who looks is this person."""
    account = current_reader().account
    if account is None:
        return False
    if person.user_id is not None:
        return person.user_id == account.wiki_user_id
    return name_key(person.name) == name_key(account.name)


def _shown(ask: Ask) -> ShownAsk | None:
    reader = current_reader()
    mine = is_mine(ask)
    if not mine and not _named([Person(name=ask.name, user_id=ask.wiki_user_id)]):
        return None
    theirs = reader.account is not None and reader.account.id == ask.asked_by
    return ShownAsk(
        ask=ask, is_you=mine, may_take_back=ask.waits and (theirs or reader.role >= Role.COORDINATOR)
    )


def _named(people: Collection[Person]) -> Sequence[Person]:
    known = current_services().index.people
    return [
        person
        for person in people
        if known.is_person(person.name, person.user_id) and known.named([person.name])
    ]
