"""What was tried of each practice: on its page, and said here and not on the page yet; each once.

Whoever may not be named is in no experience and in no count: neither what they wrote on a page nor what they
said here.
"""

import hashlib
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, Literal

from community.model import Person
from connector.model import PageHead, Site, TextHash
from connector.practice import Status
from connector.practice_experiences import PageExperience, practice_of, read_experiences
from connector.store import Store
from connector.store.changes import Mark
from connector.store.engine import handfuls
from connector.store.experiences import KeptExperience
from search.people import PeopleFilter, name_key
from search.readable import Readable, restriction

Outcome = Literal["worked", "partly", "not"]
# Where no practice of the community stands: templates, their forms, people's own pages, the software's.
_NO_PRACTICES: Final = frozenset([2, 8, 10, 106])


@dataclass(frozen=True, slots=True, kw_only=True)
class Experience:
    """Something that somebody tried."""

    pageid: int
    person: Person | None
    """Who tried it; None where nobody is named."""
    outcome: Outcome
    context: str
    """Where, in a few words; may be empty."""
    note: str
    tried_on: date | None
    published: bool
    """Whether it stands on the page in the wiki."""
    id: int | None = None
    """Its number here, where it was said here."""
    account_id: int | None = None
    """The account that said it here."""
    said_at: datetime | None = None
    """When it was said here."""

    @property
    def day(self) -> date | None:
        """The day that it counts for: when it was tried, else when it was said."""
        return self.tried_on or (self.said_at.date() if self.said_at else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticePage:
    """A practice in the mirror, as far as its life goes."""

    head: PageHead
    status: Status
    timestamp: datetime
    """Of its newest revision."""
    language: str
    """Code of the language of its prose, as the page says."""
    told: tuple[PageExperience, ...]
    """What its page says that was tried."""


class PracticePages:
    """The practices of the mirror; a page is read again when it has another text. Safe between threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._mutex = threading.Lock()
        # With revision and checksum: who is erased is in a text no more that has no new revision.
        self._read: dict[int, tuple[int, str, PracticePage | None]] = {}
        self._kept: tuple[Mark, Site, Mapping[int, PracticePage]] | None = None

    def all(self) -> Mapping[int, PracticePage]:
        """Return the practices by pageid; none before the first sync."""
        site = self._store.site.get()
        if site is None:
            return {}
        mark = self._store.changes.mark_of_counted()  # before anything is read
        with self._mutex:
            if self._kept is not None and self._kept[:2] == (mark, site):
                return self._kept[2]
            if self._kept is not None and self._kept[1] != site:
                self._read = {}
            read = dict(self._read)
        heads = {head.pageid: head for head in self._store.pages.heads() if _may_be_one(head)}
        texts = self._store.pages.hashes(sorted(number for number, (_, _, one) in read.items() if one))
        read = {i: each for i, each in read.items() if each[2] is None or _is_same(each[1], texts.get(i))}
        new = [
            number for number, head in heads.items() if number not in read or read[number][0] != head.revid
        ]
        for some in handfuls(new):
            for number, page in self._store.pages.get_many(some).items():
                practice = practice_of(page.title, page.wikitext, site=site)
                one = None
                if practice is not None:
                    one = PracticePage(
                        head=heads[number],
                        status=practice.status,
                        timestamp=page.timestamp,
                        language=practice.language,
                        told=read_experiences(page.wikitext, site=site),
                    )
                sha1 = hashlib.sha1(page.wikitext.encode(), usedforsecurity=False).hexdigest()
                read[number] = (page.revid, sha1, one)
        read = {number: each for number, each in read.items() if number in heads}
        practices = {
            # The title is the one that the page has now: moving it makes no new text.
            number: one if one.head == heads[number] else replace(one, head=heads[number])
            for number, (_, _, one) in read.items()
            if one is not None
        }
        with self._mutex:
            self._read, self._kept = read, (mark, site, practices)
        return practices

    def readable(self, readable: Readable | None) -> Mapping[int, PracticePage]:
        """Return the practices that somebody may read, by pageid."""
        practices = self.all()
        asked = restriction(readable)
        if asked is None:
            return practices
        allowed = asked.among([each.head for each in practices.values()])
        return {number: each for number, each in practices.items() if number in allowed}


class Experiences:
    """What was tried, as it may be told. Safe to share between threads.

    Args:
        store: the mirror, and what was said here.
        people: knows who may be named.
        pages: the practices of the mirror; None to read them itself.
    """

    def __init__(self, store: Store, people: PeopleFilter, *, pages: PracticePages | None = None) -> None:
        self._store = store
        self._people = people
        self.pages = pages or PracticePages(store)

    def of(
        self, pageids: Collection[int] | None = None, readable: Readable | None = None
    ) -> dict[int, list[Experience]]:
        """Return what was tried of practices, by pageid, each time in the order of the days, oldest first.

        Args:
            pageids: the practices; None for all.
            readable: who asks; nothing is told of a practice that they may not read.
        """
        practices = self.pages.readable(readable)
        wanted = practices.keys() if pageids is None else practices.keys() & set(pageids)
        if pageids is None:
            kept = self._store.experiences.all()
        else:
            kept = self._store.experiences.of_pages(sorted(wanted))
        ids = self._ids()
        found: dict[int, list[Experience]] = {}
        for number in wanted:
            if one := self._of_page(practices[number], kept.get(number, ()), ids):
                found[number] = one
        return found

    def since(self, moment: datetime, *, readable: Readable | None = None) -> list[Experience]:
        """Return what was said here after a moment, or tried on a later day, oldest first."""
        every = [each for some in self.of(readable=readable).values() for each in some]
        late = [each for each in every if _is_since(each, moment)]
        return sorted(late, key=_order)

    def _of_page(
        self, page: PracticePage, kept: Iterable[KeptExperience], ids: Mapping[str, int]
    ) -> list[Experience]:
        waiting = list(kept)
        found = []
        for told in page.told:
            said = _the_same(told, waiting)
            if said is not None:
                waiting.remove(said)
            found.append(_experience(page.head.pageid, told, said, ids))
        # What was published, and is not on the page that has come since, was taken off it or changed there.
        found += [_of_kept(each) for each in waiting if each.revid is None or each.revid > page.head.revid]
        return sorted(filter(self._may_be_told, found), key=_order)

    def _may_be_told(self, experience: Experience) -> bool:
        person = experience.person
        return person is None or self._people.is_person(person.name, person.user_id)

    def _ids(self) -> dict[str, int]:
        """Return the numbers of the accounts of who has signed in here, by the key of their name."""
        return {name_key(each.name): each.wiki_user_id for each in self._store.accounts.list()}


def person_key(person: Person) -> int | str:
    """Return what tells a person from all others."""
    return name_key(person.name) if person.user_id is None else person.user_id


def context_key(context: str) -> str:
    """Return what two ways of writing one context have in common."""
    return " ".join(context.casefold().split()).strip(" .")


def _is_same(sha1: str, now: TextHash | None) -> bool:
    return now is not None and now.sha1 == sha1


def _may_be_one(head: PageHead) -> bool:
    return head.namespace % 2 == 0 and head.namespace not in _NO_PRACTICES


def _the_same(told: PageExperience, kept: Sequence[KeptExperience]) -> KeptExperience | None:
    """Return which experience a page tells: it was published, or somebody has copied it there."""
    words = (told.outcome, told.on, context_key(told.context), context_key(told.note))
    for each in kept:
        day = each.tried_on or each.created_at.date()
        if words != (each.outcome, day, context_key(each.context), context_key(each.note)):
            continue
        # Who was renamed since is known by what was published; else the name has to be theirs.
        if each.revid is not None or name_key(each.name) == name_key(told.by):
            return each
    return None


def _experience(
    pageid: int, told: PageExperience, said: KeptExperience | None, ids: Mapping[str, int]
) -> Experience:
    if said is not None:
        return replace(_of_kept(said), published=True)
    person = Person(name=told.by, user_id=ids.get(name_key(told.by))) if told.by else None
    return Experience(
        pageid=pageid,
        person=person,
        outcome=told.outcome,
        context=told.context,
        note=told.note,
        tried_on=told.on,
        published=True,
    )


def _of_kept(kept: KeptExperience) -> Experience:
    return Experience(
        pageid=kept.pageid,
        person=Person(name=kept.name, user_id=kept.wiki_user_id) if kept.name else None,
        outcome=kept.outcome,
        context=kept.context,
        note=kept.note,
        tried_on=kept.tried_on,
        published=False,
        id=kept.id,
        account_id=kept.account_id,
        said_at=kept.created_at,
    )


def _order(experience: Experience) -> tuple[date, int]:
    return experience.day or date.min, experience.id or 0


def _is_since(experience: Experience, moment: datetime) -> bool:
    if experience.said_at is not None:
        return experience.said_at > moment
    return experience.tried_on is not None and experience.tried_on > moment.date()
