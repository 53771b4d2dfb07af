"""What happened between two moments, as the database counts it: edits, questions, follow-ups, notes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine, Row, func, select

from connector.model import PageHead
from connector.store.engine import reading
from connector.store.schema import follow_up, notes, page, revision
from connector.store.schema_people import question


@dataclass(frozen=True, slots=True, kw_only=True)
class EditsOfPage:
    """What one account did to one page in a span of time."""

    page: PageHead
    user: str | None
    """None where the wiki hides it."""
    user_id: int | None
    edits: int
    first_at: datetime
    last_at: datetime
    last_revid: int
    begun_at: datetime
    """When the page was made, whoever made it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """A question or a follow-up to which something happened."""

    id: int
    text: str
    at: datetime
    language: str = ""
    pageid: int | None = None
    """Of a question that was answered: the page that answers."""


class RecentStore:
    """Reads what is between two moments: from the first one on, and before the second one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def edits(self, since: datetime, until: datetime, *, namespaces: Sequence[int]) -> list[EditsOfPage]:
        """Return who edited which pages, the page edited last first; redirects are left out.

        Args:
            since: aware.
            until: aware.
            namespaces: of the pages.
        """
        in_span = (revision.c.timestamp >= since) & (revision.c.timestamp < until)
        edited = select(revision.c.pageid).where(in_span)
        begun = (
            select(revision.c.pageid, func.min(revision.c.timestamp).label("begun_at"))
            .where(revision.c.pageid.in_(edited))
            .group_by(revision.c.pageid)
            .subquery()
        )
        query = (
            select(
                page.c.pageid,
                page.c.namespace,
                page.c.title,
                page.c.revid,
                revision.c.user,
                revision.c.user_id,
                func.count().label("edits"),
                func.min(revision.c.timestamp).label("first_at"),
                func.max(revision.c.timestamp).label("last_at"),
                func.max(revision.c.revid).label("last_revid"),
                begun.c.begun_at,
            )
            .select_from(revision)
            .join(page, page.c.pageid == revision.c.pageid)
            .join(begun, begun.c.pageid == revision.c.pageid)
            .where(in_span, page.c.namespace.in_(namespaces), page.c.redirect_target.is_(None))
            .group_by(
                page.c.pageid,
                page.c.namespace,
                page.c.title,
                page.c.revid,
                revision.c.user,
                revision.c.user_id,
                begun.c.begun_at,
            )
            .order_by(func.max(revision.c.timestamp).desc(), page.c.pageid)
        )
        with reading(self._engine, "reading what was edited") as connection:
            return [_edits(row) for row in connection.execute(query)]

    def asked(self, since: datetime, until: datetime) -> list[Occurrence]:
        """Return the questions that were asked and not withdrawn, the last one first."""
        moment = question.c.asked_at
        query = (
            select(question.c.id, question.c.text, moment.label("at"), question.c.language)
            .where(moment >= since, moment < until, question.c.state != "withdrawn")
            .order_by(moment.desc(), question.c.id.desc())
        )
        with reading(self._engine, "reading what was asked") as connection:
            return [Occurrence(**row._asdict()) for row in connection.execute(query)]

    def answered(self, since: datetime, until: datetime) -> list[Occurrence]:
        """Return the questions that were answered and still are, the last one first."""
        moment = question.c.closed_at
        query = (
            select(
                question.c.id,
                question.c.text,
                moment.label("at"),
                question.c.language,
                question.c.answer_pageid.label("pageid"),
            )
            .where(moment >= since, moment < until, question.c.state == "answered")
            .order_by(moment.desc(), question.c.id.desc())
        )
        with reading(self._engine, "reading what was answered") as connection:
            return [Occurrence(**row._asdict()) for row in connection.execute(query)]

    def done(self, since: datetime, until: datetime) -> list[Occurrence]:
        """Return the actions and questions of meetings that were done, the last one first.

        What the very notes that it comes from call done was never open: it is left out.
        """
        moment = follow_up.c.closed_at
        query = (
            select(follow_up.c.id, follow_up.c.text, moment.label("at"))
            .where(
                moment >= since,
                moment < until,
                follow_up.c.state == "done",
                follow_up.c.closed_in.is_distinct_from(follow_up.c.notes_id),
            )
            .order_by(moment.desc(), follow_up.c.id.desc())
        )
        with reading(self._engine, "reading what was done") as connection:
            return [Occurrence(**row._asdict()) for row in connection.execute(query)]

    def last_notes(self, until: date) -> tuple[int, str, date] | None:
        """Return number, title and day of the last meeting up to a day that there are notes of, if any."""
        query = (
            select(notes.c.id, func.coalesce(notes.c.title, ""), notes.c.met_on)
            .where(notes.c.met_on <= until)
            .order_by(notes.c.met_on.desc(), notes.c.id.desc())
            .limit(1)
        )
        with reading(self._engine, "looking for the last meeting") as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else (row[0], row[1], row[2])


def _edits(row: Row[Any]) -> EditsOfPage:
    return EditsOfPage(
        page=PageHead(pageid=row.pageid, namespace=row.namespace, title=row.title, revid=row.revid),
        user=row.user,
        user_id=row.user_id,
        edits=row.edits,
        first_at=row.first_at,
        last_at=row.last_at,
        last_revid=row.last_revid,
        begun_at=row.begun_at,
    )
