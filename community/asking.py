"""Whom to ask a question: who knows, has room for it, and is not always the same person.

Who knows is what the search says of people (`search.experts`), which counts who answered such questions
before. Nobody is proposed who was asked as often in the last thirty days as they want, or as the settings
say for who has not said it. Among people who know about as much, who was asked least and longest ago comes
first: so the second one grows into it, and the first one does not tire. Somebody new is proposed together
with somebody experienced, and who has not been seen for a year after everybody else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from community.activity import Activity
from community.model import Person
from community.risk import STILL_HERE
from community.settings import CommunitySettings
from connector.model import Site
from connector.store import Question, Store
from connector.store.asks import AskLimit
from search.experts import Evidence, Expert
from search.people import A_MONTH, PeopleFilter, name_key, user_talk_title
from search.query import Searcher
from search.readable import Readable

PROPOSED: Final = 3
"""People who are proposed for one question: more would be asked at once, and nobody would feel meant."""
# People among whom is chosen: some of the first ones are asked already, pause, or have no room.
_POOL: Final = 20
# Who has at least this part of the score of who knows most is about as capable.
_ABOUT_EQUAL: Final = 0.5
# Who has less than this part of it has hardly to do with the question.
_LEAST: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody who may be asked a question now."""

    person: Person
    evidence: tuple[Evidence, ...]
    """Why: pages, the most telling one first; `Evidence.why` has the words."""
    load: int
    """How often they were asked in the last thirty days."""
    cap: int
    """How often that may be at most; always more than `load`."""
    last_asked: datetime | None
    """In these thirty days."""
    is_new: bool
    """Whether they are a newcomer."""
    paired_with: Person | None = None
    """Somebody experienced to ask together with a newcomer, who has room for it too; None for others."""
    is_silent: bool = False
    """Whether their last sign of life is longer ago than `STILL_HERE`: they may have left. It may stand on a
    page that who looks may not read: so it is not said when."""
    languages: tuple[str, ...] = ()
    """In which they can be asked."""
    words: str = ""
    """What they say of how to reach them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhomToAsk:
    """The people for one question."""

    candidates: tuple[Candidate, ...]
    resting: int
    """How many others know about it and are not to be asked now: they pause, or were asked often enough."""


@dataclass(frozen=True, slots=True)
class _Able:
    candidate: Candidate
    score: float


class Asking:
    """Knows whom to ask. Safe to share between threads."""

    def __init__(
        self,
        *,
        store: Store,
        searcher: Searcher,
        people: PeopleFilter,
        activity: Activity,
        settings: CommunitySettings,
    ) -> None:
        self._store = store
        self._searcher = searcher
        self._people = people
        self._activity = activity
        self._settings = settings

    def whom_to_ask(
        self,
        question: Question,
        *,
        now: datetime,
        readable: Readable | None = None,
        top_k: int = PROPOSED,
    ) -> list[Candidate]:
        """Return the people to ask; see `find`."""
        return list(self.find(question, now=now, readable=readable, top_k=top_k).candidates)

    def find(
        self,
        question: Question,
        *,
        now: datetime,
        readable: Readable | None = None,
        top_k: int = PROPOSED,
    ) -> WhomToAsk:
        """Return whom to ask a question, in the order in which to ask them.

        Neither who asks is among them, nor who was asked it already, nor who cannot be asked in its language.

        Args:
            question: the question.
            now: aware.
            readable: what who looks may read: people are found by nothing else. None: everything.
            top_k: how many people at most.

        Raises:
            SearchError: there is no index, or it cannot be used.
        """
        site = self._store.site.get()
        if site is None:
            return WhomToAsk(candidates=(), resting=0)
        experts = self._searcher.experts(question.text, top_k=_POOL, readable=readable).experts
        asked = self._asked_already(question)
        least = _LEAST * max((expert.score for expert in experts), default=0.0)
        able: list[_Able] = []
        resting = 0
        for expert in experts:
            user_id = expert.user_id
            if expert.score < least or name_key(expert.name) in asked or user_id in asked:
                continue
            candidate = self._candidate(expert, question, site, now)
            if candidate is None:
                resting += 1
            else:
                able.append(_Able(candidate, expert.score))
        here = in_turn([each for each in able if not each.candidate.is_silent])
        gone = in_turn([each for each in able if each.candidate.is_silent])
        experienced = [each.candidate for each in here if not each.candidate.is_new]
        chosen = [each.candidate for each in (*here, *gone)][:top_k]
        return WhomToAsk(
            candidates=tuple(_paired(candidate, experienced) for candidate in chosen), resting=resting
        )

    def cap_of(self, person: Person) -> int:
        """Return how often somebody may be asked in thirty days: as they say, else as the settings say."""
        wish = self._people.wish_of(person.name, person.user_id)
        if wish is None or wish.asks_a_month is None:
            return self._settings.asks_a_month
        return wish.asks_a_month

    def limit_of(self, person: Person, *, now: datetime) -> AskLimit:
        """Return how often somebody may be asked, to be looked at again when it is kept that they were."""
        site = self._store.site.get()
        title = None if site is None else user_talk_title(person.name, site=site)
        return AskLimit(most=self.cap_of(person), since=now - A_MONTH, user_talk_title=title)

    def _candidate(self, expert: Expert, question: Question, site: Site, now: datetime) -> Candidate | None:
        """Return somebody with what speaks for asking them; None for who is not to be asked now."""
        person = Person(name=expert.name, user_id=expert.user_id)
        wish = self._people.wish_of(person.name, person.user_id)
        if wish is not None and wish.is_paused(now.date()):
            return None
        if wish is not None and wish.languages and _base(question.language) not in map(_base, wish.languages):
            return None
        asked = self._people.asked(person.name, person.user_id, site=site, now=now)
        cap = self.cap_of(person)
        if len(asked) >= cap:
            return None
        return Candidate(
            person=person,
            evidence=expert.evidence,
            load=len(asked),
            cap=cap,
            last_asked=asked[-1] if asked else None,
            is_new=self._is_new(person.user_id, now),
            is_silent=self._is_silent(person.user_id, now),
            languages=expert.languages,
            words=expert.availability,
        )

    def _is_new(self, user_id: int | None, now: datetime) -> bool:
        if user_id is None:
            return False
        # When somebody first wrote anywhere: this says nothing of what they wrote.
        activity = self._activity.accounts(now=now).get(user_id)
        days = self._settings.newcomer_days
        return activity is not None and activity.first >= self._activity.newcomers_from(now=now, days=days)

    def _is_silent(self, user_id: int | None, now: datetime) -> bool:
        if user_id is None:  # only named on the pages: nothing tells
            return False
        wrote = self._activity.accounts(now=now).get(user_id)
        came = self._store.activity.signed_in().get(user_id)
        signs = [each.last for each in (wrote, came) if each is not None]
        return bool(signs) and now - max(signs) > STILL_HERE

    def _asked_already(self, question: Question) -> set[int | str]:
        """Return who was asked the question, and who asks it: numbers of accounts, and keys of names."""
        who: set[int | str] = set()
        for ask in self._store.asks.of_questions([question.id])[question.id]:
            who |= {name_key(ask.name)} | ({ask.wiki_user_id} if ask.wiki_user_id is not None else set())
        account = None if question.asked_by is None else self._store.accounts.get(question.asked_by)
        if account is not None:
            who |= {name_key(account.name), account.wiki_user_id}
        return who


def _base(code: str) -> str:
    """Return a language without its country: "fr-CA" is "fr"."""
    return code.casefold().partition("-")[0]


def in_turn(able: Sequence[_Able]) -> list[_Able]:
    """Return people in the order in which to ask them: of equally capable ones who was asked least first."""
    left = sorted(able, key=lambda each: (-each.score, each.candidate.person.name))
    order: list[_Able] = []
    while left:
        peers = [each for each in left if each.score >= _ABOUT_EQUAL * left[0].score]
        chosen = min(peers, key=_weariness)  # of equally weary ones the one who knows more
        order.append(chosen)
        left.remove(chosen)
    return order


def _weariness(able: _Able) -> tuple[int, float]:
    candidate = able.candidate
    return candidate.load, 0.0 if candidate.last_asked is None else candidate.last_asked.timestamp()


def _paired(candidate: Candidate, experienced: Sequence[Candidate]) -> Candidate:
    if not candidate.is_new:
        return candidate
    other = next((each.person for each in experienced if each.person != candidate.person), None)
    return replace(candidate, paired_with=other)
