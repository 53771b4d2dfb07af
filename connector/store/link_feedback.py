"""What editors say of the links that were suggested to them: offered, accepted, rejected and why.

Nothing says who judged. What is kept of a page goes with it, and the words of a suggestion, which are content
of the page, are kept only while the mirror's text of the page has them; what was said of the pair of pages
stays then, without words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, Engine, case, delete, func, select, tuple_, update

from connector.errors import NotOfferedError
from connector.store.engine import handfuls, insert, reading, writing
from connector.store.known_pages import known_pages
from connector.store.schema import link_feedback, page

Verdict = Literal["accepted", "rejected"]
Reason = Literal["everyday", "target", "span", "other"]
"""An ordinary word; the wrong page; the wrong words, but the right page; anything else."""

REJECTIONS_TO_DROP: Final = 2
MOST_UNJUDGED: Final = 100
"""Suggestions of one page that nobody has judged; of more the oldest are forgotten.

Whoever edits may have any text read: without a limit everything that it could name would be kept."""
_COUNTERS: Final = (
    "offered",
    "accepted",
    "rejected_everyday",
    "rejected_target",
    "rejected_span",
    "rejected_other",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkFeedback:
    """What became of the suggestion to link some words of a page to another page."""

    pageid: int
    target_pageid: int
    link_text: str
    """The words, as they stand in the page's wikitext; empty when the mirror's text does not have them."""
    revid: int
    """The newest revision that it was offered for."""
    offered: int
    """For how many revisions it was offered."""
    accepted: int
    rejected_everyday: int
    rejected_target: int
    rejected_span: int
    rejected_other: int
    offered_at: datetime
    """The last time, by the clock of this machine, as `judged_at`."""
    judged_at: datetime | None

    @property
    def rejected(self) -> int:
        """How often it was rejected, whatever the reason."""
        return self.rejected_everyday + self.rejected_target + self.rejected_span + self.rejected_other


class LinkFeedbackStore:
    """Feedback on suggested links, by page, target and words."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def offer(self, pageid: int, revid: int, links: Sequence[tuple[int, str]]) -> None:
        """Note that links are offered to someone who edits a page.

        However often they are offered for one revision, it counts once. Nothing is noted when the mirror does
        not have the page or has a newer revision of it, nor of targets that it does not have. Of what nobody
        judges only the newest are kept (`MOST_UNJUDGED`).

        Args:
            pageid: the page that is edited.
            revid: the revision that the editor began with.
            links: of each the target's pageid and the words that would become the link.
        """
        now = datetime.now(UTC)
        with writing(self._engine, "noting suggestions") as connection:
            wikitext = _wikitext(connection, pageid, revid)
            if wikitext is None:
                return
            known = known_pages(connection, (target for target, _ in links))
            wanted = {(target, _kept_words(text, wikitext)) for target, text in links if target in known}
            rows = [
                {
                    **dict.fromkeys(_COUNTERS, 0),
                    "pageid": pageid,
                    "target_pageid": target,
                    "link_text": words,
                    "revid": revid,
                    "offered": 1,
                    "offered_at": now,
                }
                for target, words in sorted(wanted)
            ]
            if not rows:
                return
            statement = insert(connection, link_feedback)
            newer = statement.excluded.revid > link_feedback.c.revid
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["pageid", "target_pageid", "link_text"],
                    set_={
                        "offered": link_feedback.c.offered + case((newer, 1), else_=0),
                        "revid": _later(link_feedback.c.revid, statement.excluded.revid),
                        "offered_at": statement.excluded.offered_at,
                    },
                ),
                rows,
            )
            _drop_oldest(connection, pageid)

    def judge(
        self,
        pageid: int,
        revid: int,
        target_pageid: int,
        link_text: str,
        verdict: Verdict,
        reason: Reason | None = None,
    ) -> None:
        """Note what someone says of a link that was offered.

        Args:
            pageid: the page that is edited.
            revid: the revision that the editor began with.
            target_pageid: where the link leads to.
            link_text: the words that would become the link.
            verdict: what was done with it.
            reason: why it was rejected; None counts as `other`.

        Raises:
            NotOfferedError: it was not offered for this revision, or the page has a newer one.
        """
        counter = "accepted" if verdict == "accepted" else f"rejected_{reason or 'other'}"
        table = link_feedback.c
        with writing(self._engine, "noting a verdict") as connection:
            if _wikitext(connection, pageid, revid) is None:
                raise NotOfferedError(
                    "the page has changed since this link was offered", pageid=pageid, revid=revid
                )
            # Words that are in no revision that the mirror has were offered without being kept.
            found = connection.execute(
                select(table.link_text)
                .where(
                    table.pageid == pageid,
                    table.target_pageid == target_pageid,
                    table.link_text.in_((link_text, "")),
                    table.revid == revid,
                )
                .order_by(table.link_text.desc())
                .limit(1)
            ).scalar_one_or_none()
            if found is None:
                raise NotOfferedError(
                    "this link was not offered for this revision", pageid=pageid, revid=revid
                )
            connection.execute(
                update(link_feedback)
                .where(
                    table.pageid == pageid,
                    table.target_pageid == target_pageid,
                    table.link_text == found,
                )
                .values({counter: table[counter] + 1, "judged_at": datetime.now(UTC)})
            )

    def dropped(self, pageid: int) -> frozenset[int]:
        """Return the targets that were rejected twice or more on a page, by whatever words."""
        table = link_feedback.c
        query = (
            select(table.target_pageid)
            .where(table.pageid == pageid)
            .group_by(table.target_pageid)
            .having(func.sum(_rejected()) >= REJECTIONS_TO_DROP)
        )
        with reading(self._engine, "reading feedback on links") as connection:
            return frozenset(connection.scalars(query))

    def all(self) -> Sequence[LinkFeedback]:
        """Return all that is kept, by page, target and words."""
        table = link_feedback.c
        query = select(link_feedback).order_by(table.pageid, table.target_pageid, table.link_text)
        with reading(self._engine, "reading feedback on links") as connection:
            return [LinkFeedback(**row._asdict()) for row in connection.execute(query)]

    def count_verdicts(self) -> int:
        """Return how many times a link was accepted or rejected."""
        query = select(func.coalesce(func.sum(link_feedback.c.accepted + _rejected()), 0))
        with reading(self._engine, "counting feedback on links") as connection:
            return int(connection.execute(query).scalar_one())


def drop_lost_words(connection: Connection, texts: Mapping[int, str]) -> None:
    """Forget, within a transaction, the words that pages no longer have.

    Args:
        connection: of the transaction that gives the pages their texts.
        texts: the new wikitext of each page, by pageid.
    """
    table = link_feedback.c
    worded = select(link_feedback).where(table.link_text != "")
    for ids in handfuls(list(texts)):
        for row in connection.execute(worded.where(table.pageid.in_(ids))).all():
            if row.link_text in texts[row.pageid]:
                continue
            kept = row._asdict()
            statement = insert(connection, link_feedback).values({**kept, "link_text": ""})
            changes = {name: table[name] + statement.excluded[name] for name in _COUNTERS}
            changes["revid"] = _later(table.revid, statement.excluded.revid)
            changes["offered_at"] = _later(table.offered_at, statement.excluded.offered_at)
            changes["judged_at"] = func.coalesce(
                _later(table.judged_at, statement.excluded.judged_at),
                table.judged_at,
                statement.excluded.judged_at,
            )
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["pageid", "target_pageid", "link_text"], set_=changes
                )
            )
            connection.execute(
                delete(link_feedback).where(
                    table.pageid == row.pageid,
                    table.target_pageid == row.target_pageid,
                    table.link_text == row.link_text,
                )
            )


def _wikitext(connection: Connection, pageid: int, revid: int) -> str | None:
    """Return the text that the mirror has of a page; None when it has none, or that of a newer revision."""
    query = select(page.c.wikitext).where(page.c.pageid == pageid, page.c.revid <= revid)
    return connection.execute(query).scalar_one_or_none()


def _drop_oldest(connection: Connection, pageid: int) -> None:
    """Forget, of a page's suggestions that nobody has judged, the oldest beyond `MOST_UNJUDGED`."""
    table = link_feedback.c
    unjudged = (table.pageid == pageid, table.judged_at.is_(None))
    key = (table.target_pageid, table.link_text)
    too_many = select(*key).where(*unjudged).order_by(table.offered_at.desc(), *key).offset(MOST_UNJUDGED)
    connection.execute(delete(link_feedback).where(*unjudged, tuple_(*key).in_(too_many)))


def _kept_words(link_text: str, wikitext: str) -> str:
    """Return the words, if they are the page's: what is only being written is no one else's business."""
    return link_text if link_text in wikitext else ""


def _later(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[Any]:
    """The greater of two values: each database has a function of its own for it."""
    return case((one > other, one), else_=other)


def _rejected() -> ColumnElement[int]:
    table = link_feedback.c
    return table.rejected_everyday + table.rejected_target + table.rejected_span + table.rejected_other
