"""What members tried, as they said it here: kept at once, and for good where they may not write in the wiki.

An experience that was published stands on its page too, and from then on the page is the truth.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, Literal

from sqlalchemy import Engine, Row, Select, delete, func, insert, select, update

from connector.errors import NotKeptError
from connector.store.engine import handfuls, reading, writing
from connector.store.schema_community import experience
from connector.store.schema_people import account
from connector.store.scrubbing import note_traces
from connector.wikitext.escape import one_line

Outcome = Literal["worked", "partly", "not"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("worked", "partly", "not")
LONGEST_NAME: Final = 255
LONGEST_CONTEXT: Final = 280
LONGEST_NOTE: Final = 2_000
"""Characters: a paragraph or two; what is longer belongs on a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptExperience:
    """What somebody said that they tried."""

    id: int
    pageid: int
    account_id: int | None
    """Whose it is; None where nobody signs in."""
    name: str
    """Of that account now, or as they called themselves; may be empty."""
    wiki_user_id: int | None
    """Number of the account in the wiki."""
    outcome: Outcome
    context: str
    """Where, in a few words, on one line; may be empty."""
    note: str
    """What they say of it, on one line; may be empty."""
    tried_on: date | None
    created_at: datetime
    revid: int | None
    """The revision in which it was published; None: not yet."""


class ExperienceStore:
    """Experiences, by page. Nothing here can be rebuilt: each change is one durable transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(
        self,
        pageid: int,
        outcome: Outcome,
        *,
        account_id: int | None,
        name: str = "",
        context: str = "",
        note: str = "",
        tried_on: date | None = None,
    ) -> KeptExperience:
        """Keep what somebody tried; the same words of the same person on the same day are one.

        Args:
            pageid: the practice.
            outcome: how it went.
            account_id: who says it.
            name: how they call themselves, where nobody signs in.
            context: where, put on one line.
            note: what they say of it, put on one line.
            tried_on: the day, if they say it.

        Raises:
            ValueError: a text is too long, or the outcome is none of `OUTCOMES`.
        """
        values: dict[str, Any] = {
            "pageid": pageid,
            "account_id": account_id,
            "name": one_line(name) if account_id is None else "",
            "outcome": outcome,
            "context": one_line(context),
            "note": one_line(note),
            "tried_on": tried_on,
        }
        if outcome not in OUTCOMES:
            raise ValueError(f"an outcome is one of {', '.join(OUTCOMES)}")
        for column, longest in (("name", LONGEST_NAME), ("context", LONGEST_CONTEXT), ("note", LONGEST_NOTE)):
            if len(values[column]) > longest:
                raise ValueError(f"the {column} of an experience has at most {longest:,} characters")
        same = [experience.c[column].is_not_distinct_from(value) for column, value in values.items()]
        with writing(self._engine, "keeping an experience") as connection:
            known = connection.execute(_EXPERIENCES.where(*same)).first()
            if known is not None:
                return _experience(known)
            made = insert(experience).values(**values, created_at=datetime.now(UTC), revid=None)
            number = connection.execute(made.returning(experience.c.id)).scalar_one()
            return _experience(connection.execute(_EXPERIENCES.where(experience.c.id == number)).one())

    def get(self, experience_id: int) -> KeptExperience:
        """Return an experience.

        Raises:
            NotKeptError: there is none with this id.
        """
        with reading(self._engine, "reading an experience") as connection:
            row = connection.execute(_EXPERIENCES.where(experience.c.id == experience_id)).one_or_none()
        if row is None:
            raise NotKeptError(f"there is no experience {experience_id}")
        return _experience(row)

    def of_pages(self, pageids: Sequence[int]) -> dict[int, list[KeptExperience]]:
        """Return what was said of some pages, oldest first; pages of which nothing was said are not there."""
        found: dict[int, list[KeptExperience]] = {}
        with reading(self._engine, "reading experiences") as connection:
            for ids in handfuls(list(pageids)):
                for row in connection.execute(_EXPERIENCES.where(experience.c.pageid.in_(ids))):
                    found.setdefault(row.pageid, []).append(_experience(row))
        return found

    def all(self) -> dict[int, list[KeptExperience]]:
        """Return what was said of every page, oldest first."""
        found: dict[int, list[KeptExperience]] = {}
        with reading(self._engine, "reading experiences") as connection:
            for row in connection.execute(_EXPERIENCES):
                found.setdefault(row.pageid, []).append(_experience(row))
        return found

    def of_account(self, account_id: int) -> list[KeptExperience]:
        """Return what somebody said, oldest first."""
        query = _EXPERIENCES.where(experience.c.account_id == account_id)
        with reading(self._engine, "reading somebody's experiences") as connection:
            return [_experience(row) for row in connection.execute(query)]

    def mark_published(self, experience_id: int, *, revid: int) -> None:
        """Note the revision in which an experience was published; nothing happens when it is gone."""
        change = update(experience).where(experience.c.id == experience_id).values(revid=revid)
        with writing(self._engine, "noting that an experience was published") as connection:
            connection.execute(change)

    def remove(self, experience_id: int) -> bool:
        """Forget an experience, and say whether it was there; what the wiki's page says of it stays there."""
        with writing(self._engine, "forgetting an experience") as connection:
            gone = connection.execute(delete(experience).where(experience.c.id == experience_id)).rowcount
            if gone:
                note_traces(connection, "erased")
        return gone == 1

    def reword(self, rewrite: Callable[[str], str]) -> int:
        """Rewrite contexts and notes, as when somebody who is named in them is erased.

        Args:
            rewrite: gives the text that is to stand instead of a text; what it gives back unchanged stays.

        Returns:
            How many experiences changed.
        """
        with writing(self._engine, "rewording experiences") as connection:
            changed = 0
            rows = connection.execute(select(experience.c.id, experience.c.context, experience.c.note)).all()
            for row in rows:
                context = one_line(rewrite(row.context))[:LONGEST_CONTEXT]
                note = one_line(rewrite(row.note))[:LONGEST_NOTE]
                if (context, note) == (row.context, row.note):
                    continue
                new = {"context": context, "note": note}
                connection.execute(update(experience).where(experience.c.id == row.id).values(new))
                changed += 1
            if changed:
                note_traces(connection, "erased")
        return changed


_EXPERIENCES: Final[Select[Any]] = (
    select(
        *(column for column in experience.c if column.name != "name"),
        func.coalesce(account.c.name, experience.c.name).label("name"),
        account.c.wiki_user_id,
    )
    .outerjoin(account, account.c.id == experience.c.account_id)
    .order_by(experience.c.created_at, experience.c.id)
)


def _experience(row: Row[Any]) -> KeptExperience:
    return KeptExperience(**row._asdict())
