"""Whom to call: newcomers whom nobody shows around, members gone quiet, people who are asked too often.

CHAOSS calls newcomers "new contributors" (https://chaoss.community/kb/metric-new-contributors/) and who has
gone quiet "inactive contributors" (https://chaoss.community/kb/metric-inactive-contributors/). Both are signs
that somebody may need a kind word, never marks: nobody is called who is left out or pauses, nor again for a
silence or a beginning that somebody has looked after, and everybody can see what is said of them (`about`).
Who founded the wiki is no newcomer, however young it is (`community.activity.FOUNDING`).

A sign of life counts whoever may read it, so that nobody seems new or silent who is neither; what is shown of
it, dates, numbers and edits, is of pages that the reader may read.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from community.activity import AccountActivity, Activity
from community.model import Call, Evidence, Person
from community.settings import CommunitySettings
from connector.errors import NotKeptError
from connector.store import Store
from search.people import A_MONTH, PeopleFilter
from search.readable import Readable

# Who wrote in fewer months came by, and was no member yet whose silence means something.
_MONTHS_BEFORE_QUIET = 3
# Who has been silent for longer than this on top has left, and is not called for ever.
_LEFT_AFTER = timedelta(days=365)
_MOST_QUESTIONS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """Somebody whose first edit, or for who only reads whose first sign-in, is not long ago.

    Nobody who founded the wiki.
    """

    person: Person
    since: datetime
    """That first sign of life."""
    edits: int
    """Of pages that the reader may read; 0 for who only signed in."""
    contact: Person | None
    """Who shows them around."""
    paused: bool
    """Whether they ask to be left alone now."""
    evidence: tuple[Evidence, ...]


class Calls:
    """Whom to call. Safe to share between threads."""

    def __init__(
        self, *, store: Store, people: PeopleFilter, activity: Activity, settings: CommunitySettings
    ) -> None:
        self._store = store
        self._people = people
        self._activity = activity
        self._settings = settings

    def all(self, *, now: datetime, readable: Readable | None = None) -> list[Call]:
        """Return everybody to call: newcomers, then who has gone quiet, then who is asked too often.

        Args:
            now: aware.
            readable: as of `Activity.accounts`.
        """
        return [*self._new(now, readable), *self._quiet(now, readable), *self._asked_too_often(now)]

    def about(self, user_id: int, *, now: datetime, readable: Readable | None = None) -> list[Call]:
        """Return what `all` says of one person, for themselves to see."""
        return [call for call in self.all(now=now, readable=readable) if call.person.user_id == user_id]

    def newcomers(self, *, now: datetime, readable: Readable | None = None) -> list[Newcomer]:
        """Return the newcomers, with or without a contact, who came first first.

        Arguments as of `all`.
        """
        days = self._settings.newcomer_days
        lately = now - timedelta(days=days)
        new_from = self._activity.newcomers_from(now=now, days=days)
        everything = self._activity.accounts(now=now)
        shown = everything if readable is None else self._activity.accounts(now=now, readable=readable)
        signed_in = self._store.activity.signed_in()
        contacts = self._contacts()
        found = []
        for user_id in {*shown, *signed_in}:
            wrote, visible = everything.get(user_id), shown.get(user_id)
            came = signed_in.get(user_id)
            if wrote is not None and wrote.first < new_from:
                continue
            if visible is not None:
                person, since = visible.person, visible.first
            elif came is not None and lately <= came.first <= now:
                if not self._people.is_person(came.name, user_id):
                    continue
                person, since = Person(name=came.name, user_id=user_id), came.first
            else:
                continue
            found.append(
                Newcomer(
                    person=person,
                    since=since,
                    edits=visible.edits if visible is not None else 0,
                    contact=contacts.get(user_id),
                    paused=self._is_paused(user_id, now),
                    evidence=self._activity.evidence(visible) if visible is not None else (),
                )
            )
        return sorted(found, key=lambda each: (each.since, each.person.name))

    def look_after(
        self, why: Literal["newcomer", "quiet"], user_id: int, *, verdict: str, judged_by: int | None
    ) -> None:
        """Keep that somebody has been called, or need not be: the list says it no more.

        A newcomer is not called again; who was quiet is when they wrote meanwhile, and fall silent once more.

        Args:
            why: what they were listed for.
            user_id: number of their account in the wiki.
            verdict: "called" or "pass".
            judged_by: the account of who says so.
        """
        self._store.judgements.put(why, _subject(user_id), verdict, judged_by=judged_by)

    def _contacts(self) -> dict[int, Person]:
        return {
            user_id: Person(name=kept.contact_name, user_id=kept.contact_user_id)
            for user_id, kept in self._store.welcomes.all().items()
            # Who is left out meanwhile shows nobody around any more.
            if self._people.is_person(kept.contact_name, kept.contact_user_id)
        }

    def _new(self, now: datetime, readable: Readable | None) -> Iterable[Call]:
        looked_after = self._store.judgements.of_kind("newcomer")
        for newcomer in self.newcomers(now=now, readable=readable):
            user_id = newcomer.person.user_id
            if newcomer.contact is not None or newcomer.paused or user_id is None:
                continue
            if _subject(user_id) not in looked_after:
                yield Call(
                    person=newcomer.person,
                    why="newcomer",
                    since=newcomer.since,
                    number=newcomer.edits,
                    evidence=newcomer.evidence,
                )

    def _quiet(self, now: datetime, readable: Readable | None) -> list[Call]:
        quiet_days = timedelta(days=self._settings.quiet_days)
        everything = self._activity.accounts(now=now)
        shown = everything if readable is None else self._activity.accounts(now=now, readable=readable)
        signed_in = self._store.activity.signed_in()
        looked_after = self._store.judgements.of_kind("quiet")
        found: list[AccountActivity] = []
        for user_id, visible in shown.items():
            if len(visible.by_month) < _MONTHS_BEFORE_QUIET:
                continue
            last = everything.get(user_id, visible).last
            came, judged = signed_in.get(user_id), looked_after.get(_subject(user_id))
            if came is not None and came.last <= now:
                last = max(last, came.last)
            if not quiet_days <= now - last < quiet_days + _LEFT_AFTER:
                continue
            if judged is not None and judged.judged_at > last:
                continue
            if not self._is_paused(user_id, now):
                found.append(visible)
        found.sort(key=lambda each: (-each.last.timestamp(), each.person.name))
        return [
            Call(
                person=each.person,
                why="quiet",
                since=each.last,
                number=each.edits,
                evidence=self._activity.evidence(each),
            )
            for each in found
        ]

    def _asked_too_often(self, now: datetime) -> Iterable[Call]:
        site = self._store.site.get()
        if site is None:  # there is no mirror yet
            return
        wishes = self._store.wishes.all().by_id
        since = now - A_MONTH
        for count in self._store.asks.counts_since(since):
            name, user_id = count.name, count.wiki_user_id
            if not self._people.is_person(name, user_id) or self._is_paused(user_id, now):
                continue
            wish = wishes.get(user_id) if user_id is not None else None
            cap = self._settings.asks_a_month
            if wish is not None and wish.asks_a_month is not None:
                cap = wish.asks_a_month
            asked = self._people.asked(name, user_id, site=site, now=now)
            if len(asked) >= cap:
                yield Call(
                    person=Person(name=name, user_id=user_id),
                    why="asked_too_often",
                    since=asked[-1],
                    number=len(asked),
                    evidence=self._questions(name, user_id, since),
                )

    def _questions(self, name: str, user_id: int | None, since: datetime) -> tuple[Evidence, ...]:
        found: list[Evidence] = []
        for ask in self._store.asks.of_person(name, user_id):
            if ask.asked_at < since or len(found) == _MOST_QUESTIONS:
                break
            try:
                question = self._store.questions.get(ask.question_id)
            except NotKeptError:  # gone since the asks were read
                continue
            found.append(
                Evidence(
                    kind="question",
                    label=question.text,
                    id=question.id,
                    when=ask.asked_at,
                    language=question.language,
                )
            )
        return tuple(found)

    def _is_paused(self, user_id: int | None, now: datetime) -> bool:
        wish = None if user_id is None else self._store.wishes.all().by_id.get(user_id)
        return wish is not None and wish.is_paused(now.date())


def _subject(user_id: int) -> str:
    return f"account {user_id}"
