"""For whom a page speaks, and how much: contacts, authors, editors, attendees, who answers on its talk page.

Votes are made from the mirror once and kept until something in it changes: a name that the wiki takes back is
gone with the next question.
"""

import hashlib
import math
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from connector.model import Page, PageHead, Revision, Site
from connector.store import Question, Store
from connector.store.changes import Mark
from connector.store.engine import handfuls
from connector.titles import split_title
from search.contributions import Contribution, contributions
from search.keyword_index import IndexedPage
from search.named_people import NamedPeople, named_people
from search.people import PeopleFilter, name_key
from search.readable import Readable, restriction
from search.settings import ExpertSettings

Reason = Literal["contact", "credited", "author", "editor", "attended", "answered_question", "answered"]

# Pages whose votes are kept, about 3 kB each.
_KEPT_PAGES = 5_000
_DAYS_A_YEAR = 365.25
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PageVote:
    """One person's part in one page."""

    name: str
    keys: tuple[str, ...]
    """Of all names that the person has here; of one who is only named, the one."""
    user_id: int | None
    """None for who is named and has no account that edited here."""
    lasting: float
    """What it counts however old it is: being named."""
    recent: float
    """What it counts for work, which fades with time; 1 for who has just written all of the page."""
    reason: Reason
    share: float
    edits: int
    last: datetime


@dataclass(frozen=True, slots=True)
class VotesOfPage:
    """Everybody for whom a page speaks, once each."""

    votes: tuple[PageVote, ...]
    newest: datetime
    """The moment from which on `recent` fades."""
    left_out: frozenset[int]
    """Accounts that have a name here under which they are not to be named, whatever their other names."""


class Identities:
    """Who is who among the votes of some pages: an account is known by its id, whatever its name was."""

    def __init__(self, voters: Sequence[VotesOfPage]) -> None:
        self._left_out = {user_id for voter in voters for user_id in voter.left_out}
        self._ids = {
            key: vote.user_id
            for voter in voters
            for vote in voter.votes
            if vote.user_id is not None
            for key in vote.keys
        }

    def of(self, vote: PageVote) -> int | str | None:
        """Return what tells the person of a vote from all others; None for who is to be left out."""
        user_id = self._ids.get(vote.keys[0]) if vote.user_id is None else vote.user_id
        if user_id in self._left_out:
            return None
        return vote.keys[0] if user_id is None else user_id

    def named(self, name: str) -> int | str | None:
        """Return the same of whom a name names; None for who is to be left out."""
        key = name_key(name)
        user_id = self._ids.get(key)
        return None if user_id in self._left_out else key if user_id is None else user_id


def name_now(votes: Iterable[PageVote]) -> str:
    """Return the name that a person has now, as far as these votes of theirs tell."""
    known = list(votes)
    accounts = [vote for vote in known if vote.user_id is not None]
    return max(accounts or known, key=lambda vote: vote.last).name


@dataclass(frozen=True, slots=True)
class _Kept:
    title: str
    contacts: tuple[str, ...]
    talk: PageHead | None
    with_talk: VotesOfPage
    without_talk: VotesOfPage


class PageVotes:
    """The votes of pages. Safe to share between threads."""

    def __init__(self, *, store: Store, people: PeopleFilter, settings: ExpertSettings) -> None:
        self._store = store
        self._people = people
        self._settings = settings
        self.half_life = timedelta(days=settings.half_life_years * _DAYS_A_YEAR)
        """Of `PageVote.recent`."""
        self._mutex = threading.Lock()
        self._mark: Mark | None = None
        self._site: Site | None = None
        self._kept: dict[int, _Kept] = {}
        # Whom each text names, with its title and checksum: reading templates is what takes longest.
        self._named: dict[int, tuple[str, str, NamedPeople]] = {}

    def of(
        self,
        pages: Sequence[IndexedPage],
        *,
        site: Site,
        readable: Readable | None = None,
    ) -> list[VotesOfPage]:
        """Return the votes of each page, without what talk pages say that may not be read."""
        mark = self._store.changes.mark_of_counted()  # before anything is read
        with self._mutex:
            if self._mark != mark or self._site != site:
                self._named = self._still_named() if self._site == site else {}
                self._kept, self._mark, self._site = {}, mark, site
            kept = self._kept
            known = {page.pageid: kept[page.pageid] for page in pages if page.pageid in kept}
        missing = [
            page
            for page in pages
            if page.pageid not in known
            or (known[page.pageid].title, known[page.pageid].contacts) != (page.title, page.contacts)
        ]
        for some in handfuls(missing):
            made = self._make(some, site)
            known |= made
            with self._mutex:
                # A dictionary that was put aside meanwhile is nobody's any more: writing to it does no harm.
                kept.update(made)
                while len(kept) > _KEPT_PAGES:
                    del kept[next(iter(kept))]
        votes = [known[page.pageid] for page in pages]
        asked = restriction(readable)
        if asked is None:
            return [each.with_talk for each in votes]
        talks = [each.talk for each in votes if each.talk is not None and each.with_talk != each.without_talk]
        allowed = asked.among(talks) if talks else frozenset()
        return [
            each.with_talk if each.talk is not None and each.talk.pageid in allowed else each.without_talk
            for each in votes
        ]

    def _still_named(self) -> dict[int, tuple[str, str, NamedPeople]]:
        """Return what is known of whom texts name, without texts that changed or are gone."""
        now = self._store.pages.hashes(list(self._named))
        return {
            pageid: known
            for pageid, known in self._named.items()
            if pageid in now and now[pageid].sha1 == known[1]
        }

    def _names_in(self, text: Page, site: Site) -> NamedPeople:
        sha1 = hashlib.sha1(text.wikitext.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
        with self._mutex:
            known = self._named.get(text.pageid)
        if known is not None and known[:2] == (text.title, sha1):
            return known[2]
        named = named_people(text, site=site)
        with self._mutex:
            self._named[text.pageid] = (text.title, sha1, named)
            while len(self._named) > _KEPT_PAGES:
                del self._named[next(iter(self._named))]
        return named

    def _make(self, pages: Sequence[IndexedPage], site: Site) -> dict[int, _Kept]:
        people = self._people.snapshot()
        talks = self._talk_pages(pages, site)
        texts = self._store.pages.get_many([page.pageid for page in pages])
        histories = self._store.revisions.of_pages(
            [*(page.pageid for page in pages), *(talk.pageid for talk in talks.values())]
        )
        answers: dict[int, list[Question]] = {}
        for question in self._store.questions.answered_with([page.pageid for page in pages]):
            answers.setdefault(question.answer_pageid or 0, []).append(question)
        made = {}
        for page in pages:
            text, talk = texts.get(page.pageid), talks.get(page.pageid)
            named = NamedPeople() if text is None else self._names_in(text, site)
            history, given = histories[page.pageid], answers.get(page.pageid, ())
            without_talk = self._votes(page, named, history, [], given, people)
            with_talk = (
                without_talk
                if talk is None
                else self._votes(page, named, history, histories[talk.pageid], given, people)
            )
            made[page.pageid] = _Kept(page.title, page.contacts, talk, with_talk, without_talk)
        return made

    def _talk_pages(self, pages: Sequence[IndexedPage], site: Site) -> dict[int, PageHead]:
        """Return the pages where these are discussed, by the pageid of what is discussed there."""
        titles = {}
        for page in pages:
            namespace = site.namespaces.get(page.namespace + 1)
            if namespace is None or not namespace.name:
                continue
            try:
                _, name = split_title(page.title, site=site)
            except ValueError:
                continue
            titles[page.pageid] = f"{namespace.name}:{name}"
        heads = self._store.pages.heads_by_title(set(titles.values()))
        return {pageid: heads[title] for pageid, title in titles.items() if title in heads}

    def _votes(
        self,
        page: IndexedPage,
        named: NamedPeople,
        history: Sequence[Revision],
        talk: Sequence[Revision],
        answers: Sequence[Question],
        people: PeopleFilter,
    ) -> VotesOfPage:
        accounts = {r.user: r.user_id for r in (*history, *talk) if r.user and r.user_id}
        accounts |= {
            each.answered_by: each.answered_by_user_id
            for each in answers
            if each.answered_by and each.answered_by_user_id and each.answered_by not in accounts
        }
        ids = {name_key(name): user_id for name, user_id in accounts.items()}
        newest = max((each[-1].timestamp for each in (history, talk) if each), default=_LONG_AGO)
        behind: dict[int | str, _Behind] = {}

        def person(name: str) -> _Behind:
            user_id = ids.get(name_key(name))
            return behind.setdefault(name_key(name) if user_id is None else user_id, _Behind(name, user_id))

        for written in self._contributions(history, newest, people):
            person(written.name).written = written
        for said in self._contributions(talk, newest, people):
            person(said.name).said = said
        for answer in answers:
            if answer.answered_by and people.is_person(answer.answered_by, answer.answered_by_user_id):
                person(answer.answered_by).answers += 1
        roles: tuple[tuple[Reason, tuple[str, ...]], ...] = (
            ("contact", page.contacts),
            ("credited", named.authors),
            ("attended", named.attended),
        )
        for role, names in roles:
            for name in filter(people.is_person, names):
                person(name).roles.add(role)
        votes = self._weigh(list(behind.values()), ids)
        return VotesOfPage(
            votes=tuple(v for v in votes if people.is_theirs(v.name, v.user_id, pageid=page.pageid)),
            newest=newest,
            left_out=frozenset(i for name, i in accounts.items() if not people.is_person(name, i)),
        )

    def _contributions(
        self, history: Sequence[Revision], until: datetime, people: PeopleFilter
    ) -> list[Contribution]:
        return contributions(history, until=until, half_life=self.half_life, is_person=people.is_person)

    def _weigh(self, behind: Sequence["_Behind"], ids: Mapping[str, int]) -> tuple[PageVote, ...]:
        settings = self._settings
        all_written = math.fsum(each.written.work for each in behind if each.written) or 1.0
        all_said = math.fsum(each.said.work for each in behind if each.said) or 1.0
        present = sum("attended" in each.roles for each in behind)
        votes = []
        for each in behind:
            written, said = each.written, each.said
            recent = 0.0
            if written:
                recent += written.recent_work / all_written
            if said:
                recent += settings.answer_vote * said.recent_work / all_said
            lasting = 0.0
            if "contact" in each.roles:
                lasting += settings.contact_vote
            if "credited" in each.roles:
                lasting += settings.author_vote
            if "attended" in each.roles:
                lasting += settings.attendance_vote / present
            lasting += settings.question_vote * (1 - 0.5**each.answers)
            newest = max((part for part in (written, said) if part), key=lambda part: part.last, default=None)
            votes.append(
                PageVote(
                    name=newest.name if newest else each.name,
                    keys=tuple(key for key, i in ids.items() if i == each.user_id) or (name_key(each.name),),
                    user_id=each.user_id,
                    lasting=lasting,
                    recent=recent,
                    reason=each.reason,
                    share=written.work / all_written if written else 0.0,
                    edits=written.edits if written else said.edits if said else 0,
                    last=newest.last if newest else _LONG_AGO,
                )
            )
        return tuple(votes)


@dataclass(slots=True)
class _Behind:
    """Somebody behind a page, while it is read."""

    name: str
    user_id: int | None
    written: Contribution | None = None
    said: Contribution | None = None
    roles: set[Reason] = field(default_factory=set)
    answers: int = 0
    """Questions to the community that they answered with the page."""

    @property
    def reason(self) -> Reason:
        """What tells the most."""
        for role in ("contact", "credited"):
            if role in self.roles:
                return role
        if self.written:
            return "author" if self.written.created else "editor"
        if self.answers:
            return "answered_question"
        return "attended" if "attended" in self.roles else "answered"
