"""A draft as its reviewer has it: what it says, its state, and what is under way with it."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from capture import kept_notes
from capture.draft import Draft, KeptSummary
from capture.left_out import LeftOut, names_of
from capture.page import sources_in
from connector.store import Store
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


def content_of(draft: Draft) -> str:
    """Return a draft as it is kept: titles of pages are left to the mirror, for pages come and go."""
    similar = tuple(one.model_copy(update={"title": ""}) for one in draft.similar)
    return draft.model_copy(update={"similar": similar}).model_dump_json()


class DraftReader:
    """Reads drafts as they may be shown now, whatever was so when they were kept.

    A page that the mirror has no more is not named, and neither is who wants to be left out since.

    Args:
        store: The database.
        left_out: Who is not among a draft's people.
        wikitext: Writes the page of a draft anew, for its sources.
    """

    def __init__(self, *, store: Store, left_out: LeftOut, wikitext: "WriteWikitext") -> None:
        self._store = store
        self._left_out = left_out
        self._wikitext = wikitext

    def read_one(self, record: DraftRecord) -> ReviewedDraft:
        """Return a draft from its row in the database."""
        return self.read([record])[0]

    def read(self, records: Sequence[DraftRecord]) -> list[ReviewedDraft]:
        """Return drafts from their rows in the database."""
        drafts = [Draft.model_validate_json(record.content) for record in records]
        titles = kept_notes.titles(self._store, [one.pageid for draft in drafts for one in draft.similar])
        return [
            _reviewed_draft(record, self._without_left_out(record, _with_titles(draft, titles)))
            for record, draft in zip(records, drafts, strict=True)
        ]

    def _without_left_out(self, record: DraftRecord, draft: Draft) -> Draft:
        if not any(self._left_out.may_have(name) for name in draft.people):
            return draft
        stored = self._store.notes.get(record.notes_id)
        told = stored.summary if stored is not None else None
        others = names_of(KeptSummary.model_validate_json(told).notes) if told is not None else []
        shown = self._left_out.draft(draft, others=others)
        if shown == draft:
            return draft
        wikitext = self._wikitext(shown, sources=sources_in(draft.wikitext))
        return shown.model_copy(update={"wikitext": wikitext})


class WriteWikitext(Protocol):
    """Writes the page of a draft."""

    def __call__(self, draft: Draft, *, sources: Sequence[str]) -> str:
        """Return its wikitext."""
        ...


def _with_titles(draft: Draft, titles: Mapping[int, str]) -> Draft:
    """Return a draft whose similar pages are those that the mirror has, as they are called there."""
    similar = tuple(
        one.model_copy(update={"title": titles[one.pageid]}) for one in draft.similar if one.pageid in titles
    )
    return draft.model_copy(update={"similar": similar})


def _reviewed_draft(record: DraftRecord, draft: Draft) -> ReviewedDraft:
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
