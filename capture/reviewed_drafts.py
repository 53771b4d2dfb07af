"""A draft as its reviewer has it: what it says, its state, and what is under way with it."""

import datetime
from dataclasses import dataclass

from capture.draft import Draft
from capture.page import sources_in
from connector.store.drafts import OPEN_STATES, DraftRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingPage:
    """What the wiki was asked to save for a draft, by someone who has not told how it went."""

    title: str
    sha1: str
    """Of the text in UTF-8, hexadecimal."""
    by: str
    at: datetime.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedDraft:
    """A draft under review, and its state."""

    id: int
    notes_id: int
    state: str
    """`draft`, `review`, `published` or `dropped`."""
    version: int
    """Goes up by one with each change; an edit names the version that it was made from."""
    draft: Draft
    sources: tuple[str, ...]
    """Where it comes from, as the page names it: the meeting's title and date."""
    created_at: datetime.datetime
    updated_at: datetime.datetime
    pageid: int | None
    revid: int | None
    published_by: str | None
    reviewer: str | None
    """Who took it; kept when it is published or dropped."""
    merge_into: int | None
    """Pageid of the page that it is to be added to; None for a page of its own."""
    pending: PendingPage | None
    """What is being saved, or was when the process ended; None otherwise."""

    @property
    def is_open(self) -> bool:
        """Whether it can still be changed."""
        return self.state in OPEN_STATES


def reviewed_draft(record: DraftRecord) -> ReviewedDraft:
    """Return a draft from its row in the database."""
    draft = Draft.model_validate_json(record.content)
    pending = None
    if record.pending_title is not None and record.pending_at is not None:
        pending = PendingPage(
            title=record.pending_title,
            sha1=record.pending_sha1 or "",
            by=record.pending_by or "",
            at=record.pending_at,
        )
    return ReviewedDraft(
        id=record.id,
        notes_id=record.notes_id,
        state=record.state,
        version=record.version,
        draft=draft,
        sources=sources_in(draft.wikitext),
        created_at=record.created_at,
        updated_at=record.updated_at,
        pageid=record.pageid,
        revid=record.revid,
        published_by=record.published_by,
        reviewer=record.reviewer,
        merge_into=record.merge_into,
        pending=pending,
    )
