"""Who was asked which question: so that nobody is asked too often, and each finds what waits for them.

Somebody is known by the number of their account in the wiki, or by their name where pages only name them.
What was taken back is kept as "dropped" and counts nowhere; who declined was asked all the same.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, func, insert, or_, select, update

from connector.errors import NotKeptError
from connector.store.engine import handfuls, reading, writing
from connector.store.schema import page, revision
from connector.store.schema_community import ask
from connector.store.schema_people import question
from connector.store.scrubbing import note_traces

AskState = Literal["asked", "declined", "answered", "dropped"]
LONGEST_NAME: Final = 255
_USER_TALK: Final = 3
# Whoever asks on a talk page says so here on the same day, as a rule: that is one ask, and not two.
_SAME_ASK: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Somebody was asked a question."""

    id: int
    question_id: int
    wiki_user_id: int | None
    """Number of the account of who was asked; None for who is only named in the wiki."""
    name: str
    """Their name at the time."""
    asked_by: int | None
    """The account of who says that they asked; None when it is gone, or when nobody had to sign in."""
    asked_at: datetime
    state: AskState
    ended_at: datetime | None
    """When they declined or answered, it was taken back, or the question was closed; None: it waits."""

    @property
    def waits(self) -> bool:
        """Whether an answer is still hoped for."""
        return self.state == "asked" and self.ended_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskCount:
    """How often somebody was asked in a span of time."""

    wiki_user_id: int | None
    name: str
    """As it was written the last time."""
    number: int
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AskLimit:
    """How often somebody may be asked."""

    most: int
    """So often at most since that moment."""
    since: datetime
    """Aware."""
    user_talk_title: str | None = None
    """Of their talk page in the wiki, where they are asked too; None where there is none."""


class AskStore:
    """Who was asked what. Nothing here can be rebuilt: each change is one durable transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(
        self,
        question_id: int,
        *,
        name: str,
        wiki_user_id: int | None,
        asked_by: int | None,
        now: datetime,
        limit: AskLimit | None = None,
    ) -> tuple[Ask, bool]:
        """Keep that somebody was asked a question, and say whether that is new.

        Who was asked it already, and has not declined, is not asked twice. Who declined can be asked again
        only when they take that back.

        Args:
            question_id: which question.
            name: who was asked.
            wiki_user_id: number of their account in the wiki, where they have one.
            asked_by: the account of who asked.
            now: aware.
            limit: how often they may be asked, whoever else asks them at this very moment; None: always.

        Raises:
            NotKeptError: there is no such question, it is not open, or they were asked often enough.
            ValueError: the name is empty or too long.
        """
        called = " ".join(name.split())
        if not 1 <= len(called) <= LONGEST_NAME:
            raise ValueError(f"a name has 1 to {LONGEST_NAME} characters")
        with writing(self._engine, "keeping who was asked") as connection:
            state = connection.execute(select(question.c.state).where(question.c.id == question_id))
            if state.scalar_one_or_none() != "open":
                raise NotKeptError(f"there is no open question {question_id}")
            theirs = select(ask).where(
                ask.c.question_id == question_id, ask.c.state != "dropped", _is(called, wiki_user_id)
            )
            known = connection.execute(theirs.order_by(ask.c.id).limit(1)).one_or_none()
            if known is not None:
                return _ask(known), False
            if limit is not None and len(_load(connection, called, wiki_user_id, limit)) >= limit.most:
                raise NotKeptError("they were asked often enough")
            new: dict[str, Any] = {"question_id": question_id, "wiki_user_id": wiki_user_id, "name": called}
            new |= {"asked_by": asked_by, "asked_at": now, "state": "asked"}
            row = connection.execute(insert(ask).values(**new).returning(*ask.c)).one()
        return _ask(row), True

    def get(self, ask_id: int) -> Ask:
        """Return one.

        Raises:
            NotKeptError: there is none with this id.
        """
        with reading(self._engine, "reading who was asked") as connection:
            row = connection.execute(select(ask).where(ask.c.id == ask_id)).one_or_none()
        if row is None:
            raise NotKeptError(f"nobody was asked with the number {ask_id}")
        return _ask(row)

    def of_questions(self, question_ids: Collection[int]) -> dict[int, list[Ask]]:
        """Return who was asked each of these questions, in the order in which they were; none taken back."""
        found: dict[int, list[Ask]] = {number: [] for number in question_ids}
        with reading(self._engine, "reading who was asked") as connection:
            for some in handfuls(sorted(found)):
                query = select(ask).where(ask.c.question_id.in_(some), ask.c.state != "dropped")
                for row in connection.execute(query.order_by(ask.c.asked_at, ask.c.id)):
                    found[row.question_id].append(_ask(row))
        return found

    def of_person(self, name: str, wiki_user_id: int | None) -> list[Ask]:
        """Return what somebody was asked, the last first; nothing that was taken back."""
        query = select(ask).where(ask.c.state != "dropped", _is(name, wiki_user_id))
        with reading(self._engine, "reading what somebody was asked") as connection:
            rows = connection.execute(query.order_by(ask.c.asked_at.desc(), ask.c.id.desc()))
            return [_ask(row) for row in rows]

    def end(self, ask_id: int, *, state: Literal["declined", "answered", "dropped"], now: datetime) -> bool:
        """End one that waits, and say whether it did."""
        waiting = (ask.c.id == ask_id, ask.c.state == "asked", ask.c.ended_at.is_(None))
        with writing(self._engine, "ending an ask") as connection:
            changed = connection.execute(update(ask).where(*waiting).values(state=state, ended_at=now))
        return changed.rowcount == 1

    def take_back(self, ask_id: int) -> bool:
        """Let one that was declined wait again, and say whether it was."""
        with writing(self._engine, "taking back a no") as connection:
            changed = connection.execute(
                update(ask)
                .where(ask.c.id == ask_id, ask.c.state == "declined")
                .values(state="asked", ended_at=None)
            )
        return changed.rowcount == 1

    def settle(
        self, question_id: int, *, now: datetime, answered_by: tuple[str, int | None] | None = None
    ) -> None:
        """End what waits of a question that was closed: nobody need answer any more.

        Args:
            question_id: which question.
            now: aware.
            answered_by: name and number of who gave the answer, where they are known.
        """
        waits = (ask.c.question_id == question_id, ask.c.state == "asked", ask.c.ended_at.is_(None))
        with writing(self._engine, "ending asks") as connection:
            if answered_by is not None:
                theirs = update(ask).where(*waits, _is(*answered_by))
                connection.execute(theirs.values(state="answered", ended_at=now))
            connection.execute(update(ask).where(*waits).values(ended_at=now))

    def resume(self, question_id: int) -> None:
        """Let what was ended with its question wait again: it was opened again."""
        ended = (ask.c.question_id == question_id, ask.c.state == "asked", ask.c.ended_at.is_not(None))
        with writing(self._engine, "resuming asks") as connection:
            connection.execute(update(ask).where(*ended).values(ended_at=None))

    def counts_since(self, moment: datetime) -> list[AskCount]:
        """Return how often each was asked since a moment, by name; what was taken back does not count.

        Who was asked with an account and, elsewhere, only by name is one where the names agree.

        Args:
            moment: aware.
        """
        query = select(ask.c.wiki_user_id, ask.c.name, ask.c.asked_at).where(
            ask.c.asked_at >= moment, ask.c.state != "dropped"
        )
        with reading(self._engine, "counting who was asked") as connection:
            rows = connection.execute(query.order_by(ask.c.asked_at, ask.c.id)).all()
        accounts = {_key(row.name): row.wiki_user_id for row in rows if row.wiki_user_id is not None}
        found: dict[int | str, AskCount] = {}
        for row in rows:
            user_id = row.wiki_user_id if row.wiki_user_id is not None else accounts.get(_key(row.name))
            who: int | str = _key(row.name) if user_id is None else user_id
            number = found[who].number + 1 if who in found else 1
            found[who] = AskCount(wiki_user_id=user_id, name=row.name, number=number, last_at=row.asked_at)
        return sorted(found.values(), key=lambda each: each.name)

    def load_of(
        self, name: str, wiki_user_id: int | None, *, since: datetime, user_talk_title: str | None = None
    ) -> list[datetime]:
        """Return when somebody was asked since a moment, the oldest first: here, and on their talk page.

        What others wrote on the talk page within a day of an ask that is kept here is the same ask.

        Args:
            name: theirs.
            wiki_user_id: number of their account, where they have one.
            since: aware.
            user_talk_title: of their talk page in the wiki; None where there is none.
        """
        limit = AskLimit(most=0, since=since, user_talk_title=user_talk_title)
        with reading(self._engine, "counting how often somebody was asked") as connection:
            return _load(connection, name, wiki_user_id, limit)

    def last_asked(self) -> dict[int | str, datetime]:
        """Return when each was last asked, by the number of their account, else by their name folded."""
        counts = self.counts_since(datetime.min.replace(tzinfo=UTC))
        return {
            _key(each.name) if each.wiki_user_id is None else each.wiki_user_id: each.last_at
            for each in counts
        }

    def forget(self, ids: Collection[int]) -> int:
        """Take these away for good, as when who was asked is erased; return how many there were."""
        gone = 0
        with writing(self._engine, "forgetting who was asked") as connection:
            for some in handfuls(sorted(ids)):
                gone += connection.execute(ask.delete().where(ask.c.id.in_(some))).rowcount
            if gone:
                note_traces(connection, "erased")
        return gone

    def all(self) -> Sequence[Ask]:
        """Return everything that is kept, what was taken back too, in the order in which it came."""
        with reading(self._engine, "reading who was asked") as connection:
            return [_ask(row) for row in connection.execute(select(ask).order_by(ask.c.id))]


def _load(connection: Connection, name: str, wiki_user_id: int | None, limit: AskLimit) -> list[datetime]:
    """Return when somebody was asked, as `AskStore.load_of` has it."""
    kept = select(ask.c.asked_at).where(
        ask.c.asked_at >= limit.since, ask.c.state != "dropped", _is(name, wiki_user_id)
    )
    here: list[datetime] = sorted(connection.execute(kept).scalars())
    if limit.user_talk_title is None:
        return here
    others = (
        revision.c.user_id.is_distinct_from(wiki_user_id)
        if wiki_user_id is not None
        else revision.c.user.is_distinct_from(name)
    )
    talk = (
        select(revision.c.timestamp)
        .join(page, page.c.pageid == revision.c.pageid)
        .where(
            page.c.namespace == _USER_TALK,
            page.c.title == limit.user_talk_title,
            revision.c.timestamp >= limit.since,
            others,
        )
    )
    written: list[datetime] = sorted(connection.execute(talk).scalars())
    for asked_at in here:
        same = next((each for each in written if abs(each - asked_at) <= _SAME_ASK), None)
        if same is not None:
            written.remove(same)
    return sorted([*here, *written])


def _key(name: str) -> str:
    return " ".join(name.replace("_", " ").split()).casefold()


def _is(name: str, wiki_user_id: int | None) -> ColumnElement[bool]:
    """Tell whose a row is: by number where both have one, else by name, whatever its capitals."""
    called = func.lower(ask.c.name) == func.lower(" ".join(name.replace("_", " ").split()))
    if wiki_user_id is None:
        return called
    return or_(ask.c.wiki_user_id == wiki_user_id, and_(ask.c.wiki_user_id.is_(None), called))


def _ask(row: Row[Any]) -> Ask:
    return Ask(**row._asdict())
