"""A newcomer's path: five pages to read, somebody to ask, and a first small thing to do.

What others build on is read first: references and adopted practices, those first to which most pages link.
A first thing to do is small, real, and done in ten minutes, as Growth found that newcomers stay for
(https://www.mediawiki.org/wiki/Growth/Personalized_first_day/Newcomer_tasks).
"""

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from community.activity import Activity
from community.calls import Calls, Newcomer
from community.model import Person
from community.settings import MONTH
from connector.errors import IndexNotBuiltError, NotKeptError, SearchError
from connector.practice import Status
from connector.store import Store
from connector.store.changes import Mark
from search.gardening import Gardening
from search.indexer import Index
from search.keyword_index import IndexedPage
from search.people import name_key
from search.query import Searcher
from search.readable import Readable, readable_pages, restriction

PAGES: Final = 5
"""Pages to read."""
_RANKS: Final[Mapping[str | None, int]] = {
    Status.REFERENCE: 0,
    Status.ADOPTED: 1,
    Status.TESTED: 2,
    None: 3,
    Status.EMERGING: 4,
}
# Up to this rank a practice has stood a test.
_SOLID: Final = 2
# Who may be a contact wrote lately, and in so many months; in a younger wiki, in as many as it has lasted.
_LATELY: Final = timedelta(days=180)
_MONTHS_OF_A_CONTACT: Final = 3
_MOST_CONTACTS: Final = 30
# Open questions that are looked at for a newcomer, and people who could answer each.
_QUESTIONS: Final = 5
_KNOWING: Final = 8
_TASKS: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class PageToRead:
    """A page that a newcomer reads first."""

    pageid: int
    title: str
    language: str
    status: str | None
    """None for what is no practice."""
    linked_from: int
    """Pages that link to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstThing:
    """Something small to begin with."""

    kind: Literal["asked", "question", "link", "tell"]
    """They were asked a question; they could answer one; a link to be made; telling what they tried."""
    label: str
    """The question's words, or the page's title."""
    question_id: int | None = None
    pageid: int | None = None
    target: str = ""
    """Of a link: where it would lead."""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """All that a newcomer begins with."""

    pages: Sequence[PageToRead]
    contact: Person | None
    first_thing: FirstThing | None


class NewcomerPaths:
    """Makes them. Safe to share between threads."""

    def __init__(
        self,
        *,
        store: Store,
        index: Index,
        searcher: Searcher,
        gardening: Gardening,
        activity: Activity,
        calls: Calls,
    ) -> None:
        self._store = store
        self._index = index
        self._searcher = searcher
        self._gardening = gardening
        self._activity = activity
        self._calls = calls
        self._mutex = threading.Lock()
        self._kept: tuple[tuple[Mark, str], list[PageToRead]] | None = None

    def path(
        self,
        *,
        language: str,
        now: datetime,
        name: str = "",
        user_id: int | None = None,
        readable: Readable | None = None,
    ) -> Path:
        """Return somebody's path; without an account, everybody's.

        Args:
            language: code of the language that they read.
            now: aware.
            name: of their account.
            user_id: its number in the wiki.
            readable: what they may read; None: everything.

        Raises:
            IndexNotBuiltError: there is no index yet.
        """
        pages = self.pages_to_read(language=language, readable=readable)
        return Path(
            pages=pages,
            contact=self.contact_of(user_id) if user_id is not None else None,
            first_thing=self._first_thing(pages, language, name, user_id, now, readable),
        )

    def pages_to_read(self, *, language: str, readable: Readable | None = None) -> list[PageToRead]:
        """Return what to read first; arguments and errors as `path`.

        What the community has tested comes before what has only emerged, and of both what is in the reader's
        language before what is not.
        """
        found = self._central(readable)
        return sorted(found, key=lambda page: (_RANKS[page.status] > _SOLID, page.language != language))[
            :PAGES
        ]

    def contact_of(self, user_id: int) -> Person | None:
        """Return who shows somebody around, as long as they may be named."""
        kept = self._store.welcomes.all().get(user_id)
        people = self._index.people
        if kept is None or not people.is_person(kept.contact_name, kept.contact_user_id):
            return None
        return Person(name=kept.contact_name, user_id=kept.contact_user_id)

    def shown_around_by(self, name: str, user_id: int | None) -> list[Person]:
        """Return whom somebody shows around now."""
        people = self._index.people
        return [
            Person(name=each.name, user_id=each.wiki_user_id)
            for each in self._store.welcomes.of_contact(name, user_id)
            if people.is_person(each.name, each.wiki_user_id)
        ]

    def contacts(self, *, now: datetime, readable: Readable | None = None) -> list[Person]:
        """Return who could show a newcomer around: those first who show nobody around yet, by the alphabet.

        They wrote in three months (in a younger wiki, in as many as it has lasted) and lately, are no
        newcomers, and may be asked now.
        """
        site = self._store.site.get()
        people = self._index.people
        new = {each.person.user_id for each in self._calls.newcomers(now=now)}
        age = now - (self._activity.began(now=now) or now)
        months = max(1, min(_MONTHS_OF_A_CONTACT, age // MONTH))
        busy = Counter(each.contact_user_id for each in self._store.welcomes.all().values())
        found = []
        for user_id, did in self._activity.accounts(now=now, readable=readable).items():
            is_settled = len(did.by_month) >= months and now - did.last <= _LATELY
            if not is_settled or user_id in new or site is None:
                continue
            if people.availability(did.person.name, user_id, site=site, today=now.date()).available:
                found.append(did.person)
        return sorted(found, key=lambda each: (busy[each.user_id], name_key(each.name)))[:_MOST_CONTACTS]

    def assign(
        self,
        newcomer_id: int,
        contact_id: int,
        *,
        now: datetime,
        readable: Readable | None = None,
    ) -> tuple[Newcomer, Person]:
        """Say who shows a newcomer around, and return both.

        Raises:
            NotKeptError: the one is no newcomer, or the other nobody who could show them around.
            ValueError: somebody is to show themselves around.
        """
        newcomers = {each.person.user_id: each for each in self._calls.newcomers(now=now, readable=readable)}
        contacts = {each.user_id: each for each in self.contacts(now=now, readable=readable)}
        newcomer, contact = newcomers.get(newcomer_id), contacts.get(contact_id)
        if newcomer is None or contact is None:
            raise NotKeptError("there is no such newcomer, or nobody who could show them around")
        self._store.welcomes.put(
            newcomer_id,
            name=newcomer.person.name,
            contact_user_id=contact_id,
            contact_name=contact.name,
            now=now,
        )
        return newcomer, contact

    def _central(self, readable: Readable | None) -> list[PageToRead]:
        mark = (self._store.changes.mark_of_counted(), self._index.stats().built_at.isoformat())
        if restriction(readable) is not None:  # what somebody may read can change at any time
            return self._find_central(readable)
        with self._mutex:
            if self._kept is None or self._kept[0] != mark:
                self._kept = (mark, self._find_central(None))
            return self._kept[1]

    def _find_central(self, readable: Readable | None) -> list[PageToRead]:
        site = self._store.site.get()
        if site is None:
            raise IndexNotBuiltError("there is nothing to read yet: run `compagnon sync`")
        content = {number for number, namespace in site.namespaces.items() if namespace.content} or {0}
        indexed = (
            page
            for page in self._index.keywords.manifest().values()
            if page.namespace in content and page.title != site.main_page
        )
        pages = readable_pages((page for page in indexed if page.status in _RANKS), readable)
        links = self._linked_from(pages)
        ordered = sorted(
            pages.values(), key=lambda page: (_RANKS[page.status], -links[page.pageid], page.title)
        )
        return [
            PageToRead(
                pageid=page.pageid,
                title=page.title,
                language=page.language,
                status=page.status,
                linked_from=links[page.pageid],
            )
            for page in ordered
            # A page that is no practice is read because others build on it.
            if page.status is not None or links[page.pageid]
        ]

    def _linked_from(self, pages: Mapping[int, IndexedPage]) -> Counter[int]:
        numbers = {page.title: pageid for pageid, page in pages.items()}
        for title, target in self._store.pages.redirects().items():
            if target in numbers:
                numbers.setdefault(title, numbers[target])
        counts: Counter[int] = Counter()
        for source, links in self._store.links.get_many(list(pages)).items():
            counts.update({numbers[title] for title in links.links if title in numbers} - {source})
        return counts

    def _first_thing(
        self,
        pages: Sequence[PageToRead],
        language: str,
        name: str,
        user_id: int | None,
        now: datetime,
        readable: Readable | None,
    ) -> FirstThing | None:
        if user_id is not None:
            asked = self._question_for(name, user_id, now, readable)
            if asked is not None:
                return asked
        link = self._link_to_make(language, readable)
        if link is not None:
            return link
        practice = next((page for page in pages if page.status is not None), None)
        if practice is None:
            return None
        return FirstThing(
            kind="tell", label=practice.title, pageid=practice.pageid, language=practice.language
        )

    def _question_for(
        self, name: str, user_id: int, now: datetime, readable: Readable | None
    ) -> FirstThing | None:
        """Return a question that waits for somebody, or that they could answer by what they have written."""
        for ask in self._store.asks.of_person(name, user_id):
            if ask.waits:
                question = self._store.questions.get(ask.question_id)
                return FirstThing(
                    kind="asked", label=question.text, question_id=question.id, language=question.language
                )
        if user_id not in self._activity.accounts(now=now, readable=readable):
            return None
        for question in self._store.questions.list(state="open", limit=_QUESTIONS):
            try:
                found = self._searcher.experts(question.text, top_k=_KNOWING, readable=readable)
            except SearchError:  # words that cannot be searched for
                continue
            if any(name_key(each.user or each.name) == name_key(name) for each in found.experts):
                return FirstThing(
                    kind="question", label=question.text, question_id=question.id, language=question.language
                )
        return None

    def _link_to_make(self, language: str, readable: Readable | None) -> FirstThing | None:
        """Return a link that could be made, on a page in the reader's language if there is one."""
        queue = self._gardening.queue("suggestions", limit=_TASKS, readable=readable)
        manifest = self._index.keywords.manifest()
        able = [page for page in queue.pages if page.leads_to and page.pageid in manifest]
        able.sort(key=lambda page: manifest[page.pageid].language != language)
        if not able:
            return None
        return FirstThing(
            kind="link",
            label=able[0].title,
            pageid=able[0].pageid,
            target=able[0].leads_to[0].title,
            language=manifest[able[0].pageid].language,
        )
