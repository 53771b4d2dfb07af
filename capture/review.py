"""Review: drafts wait in the database, next to the notes they come from.

A person corrects them there, and then publishes or drops them.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from capture.draft import CaptureResult, Draft, Statement
from capture.notes import Notes, read_notes
from capture.page import page_title, page_wikitext, sources_in
from connector.errors import CaptureError
from connector.model import Site
from connector.store import Store
from connector.store.drafts import DraftEvent, DraftRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedDraft:
    """A draft under review, and its state."""

    id: int
    notes_id: int
    state: str
    """`draft`, `published` or `dropped`."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftEdit:
    """What a reviewer changes. None leaves a part as it is."""

    title: str | None = None
    language: str | None = None
    fields: Mapping[str, Sequence[Statement]] | None = None
    """New statements of the fields that are named here; an empty list empties a field, others stay. A
    statement keeps its lines through a change of its words; one without lines must be `by_human`."""
    people: Sequence[str] | None = None


class ReviewDesk:
    """Where drafts are looked through, corrected, and given away for publishing.

    Args:
        store: The database: drafts, notes, and the wiki's own description.
    """

    def __init__(self, *, store: Store) -> None:
        self._store = store
        self._drafts = store.drafts

    @property
    def wiki_language(self) -> str:
        """Language of the wiki, for the parameters of its template and for edit summaries."""
        return self._site.language if self._site is not None else "en"

    @property
    def _site(self) -> Site | None:
        return self._store.site.get()

    def add(self, result: CaptureResult, notes: Notes, *, actor: str) -> list[int]:
        """Keep the notes (once, whoever gives them and however often) and the drafts made from them.

        Notes that were captured before bring back the drafts that are still under review: a paste repeated by
        mistake doubles nothing, and nothing that a person has corrected is overwritten. Once all of them are
        published or dropped, the notes can be captured anew.

        Args:
            result: What `CaptureService.capture` made of the notes.
            notes: Those notes.
            actor: Who does it.

        Returns:
            Ids of the drafts, in the order of the notes.

        Raises:
            CaptureError: The result was made from other notes.
            StoreError: The database refuses.
        """
        if result.notes.sha256 != notes.sha256:
            raise CaptureError("these drafts were made from other notes")
        notes_id = self._drafts.add_notes(
            sha256=notes.sha256,
            filename=notes.filename or "",
            media_type=notes.media_type,
            original=notes.original,
        )
        waiting = self._drafts.list(state="draft", notes_id=notes_id)
        if waiting:
            return sorted(record.id for record in waiting)
        return [
            self._drafts.add(
                notes_id=notes_id,
                title=draft.title,
                language=draft.language,
                content=draft.model_dump_json(),
                actor=actor,
            )
            for draft in result.drafts
        ]

    def list(self, *, state: str | None = None) -> "list[ReviewedDraft]":
        """Return drafts, newest first; those of one state, when it is given."""
        return [_reviewed(record) for record in self._drafts.list(state=state)]

    def get(self, draft_id: int) -> ReviewedDraft:
        """Return a draft.

        Raises:
            DraftNotFoundError: There is none with this id.
        """
        return _reviewed(self._drafts.get(draft_id))

    def notes_of(self, draft_id: int) -> Notes:
        """Return the notes that a draft comes from, read anew from their original bytes.

        Raises:
            DraftNotFoundError: There is no such draft.
        """
        record = self._drafts.get(draft_id)
        stored = self._drafts.notes(record.notes_id)
        if stored is None:
            raise CaptureError(f"the notes of draft {draft_id} are gone")
        return read_notes(
            stored.original,
            filename=stored.filename or None,
            media_type=stored.media_type,
        )

    def events(self, draft_id: int) -> Sequence[DraftEvent]:
        """Return who did what to a draft, and when, oldest first."""
        return self._drafts.events(draft_id)

    def edit(self, draft_id: int, edit: DraftEdit, *, version: int, actor: str) -> ReviewedDraft:
        """Change a draft; its wikitext follows.

        Args:
            draft_id: Which draft.
            edit: What changes.
            version: The version that the reviewer had before them.
            actor: Who does it.

        Returns:
            The draft as it is now.

        Raises:
            CaptureError: The edit cannot be kept (a title that no page can have, a line that the notes do not
                have, a statement without lines that nobody says they wrote); the message says why.
            DraftNotFoundError: There is no such draft.
            DraftStateError: It was changed by someone else since `version`, or is published or dropped.
        """
        current = self.get(draft_id)
        draft = self._changed(current, edit, line_count=self.notes_of(draft_id).line_count)
        changed = [name for name in ("title", "language", "people") if getattr(edit, name) is not None]
        changed += sorted(edit.fields or {})
        record = self._drafts.update(
            draft_id,
            version=version,
            actor=actor,
            action="edited",
            detail=", ".join(changed),
            title=draft.title,
            language=draft.language,
            content=draft.model_dump_json(),
        )
        return _reviewed(record)

    def drop(self, draft_id: int, *, version: int, actor: str) -> ReviewedDraft:
        """Put a draft aside for good; the notes and what was done stay on record.

        Raises:
            DraftNotFoundError: There is no such draft.
            DraftStateError: It was changed by someone else since `version`, or is published or dropped.
        """
        return _reviewed(
            self._drafts.update(draft_id, version=version, actor=actor, action="dropped", state="dropped")
        )

    def mark_published(
        self, draft_id: int, *, version: int, pageid: int, revid: int, published_by: str
    ) -> ReviewedDraft:
        """Record that a draft is a page now (see `capture.publishing`)."""
        return _reviewed(
            self._drafts.update(
                draft_id,
                version=version,
                actor=published_by,
                action="published",
                detail=f"revision {revid}",
                state="published",
                pageid=pageid,
                revid=revid,
                published_by=published_by,
            )
        )

    def wikitext(self, reviewed: ReviewedDraft, *, reviewed_by: str | None = None) -> str:
        """Return the page that a draft makes, naming its reviewer when there is one."""
        return self._wikitext(reviewed.draft, sources=reviewed.sources, reviewed_by=reviewed_by)

    def _wikitext(self, draft: Draft, *, sources: Sequence[str], reviewed_by: str | None = None) -> str:
        return page_wikitext(
            title=draft.title,
            language=draft.language,
            fields=draft.fields,
            people=draft.people,
            sources=sources,
            wiki_language=self._site.language if self._site else draft.language,
            reviewed_by=reviewed_by,
        )

    def _changed(self, current: ReviewedDraft, edit: DraftEdit, *, line_count: int) -> Draft:
        draft = current.draft
        data = draft.model_dump()
        try:
            if edit.title is not None:
                data["title"] = page_title(edit.title, site=self._site)
        except ValueError as error:
            raise CaptureError(f"this title cannot be used: {error}") from error
        if edit.language is not None:
            data["language"] = edit.language
        if edit.people is not None:
            data["people"] = tuple(dict.fromkeys(name.strip() for name in edit.people if name.strip()))
        if edit.fields is not None:
            changed = {name: [one.model_dump() for one in group] for name, group in edit.fields.items()}
            data["fields"] = {**data["fields"], **changed}
        try:
            updated = Draft.model_validate(data, context={"line_count": line_count})
        except ValidationError as error:
            first = error.errors()[0]
            reason = str(first["msg"]).removeprefix("Value error, ")
            raise CaptureError(f"this edit cannot be kept: {reason}") from error
        if not updated.fields:
            raise CaptureError("a draft needs at least one statement: drop it instead")
        return updated.model_copy(update={"wikitext": self._wikitext(updated, sources=current.sources)})


def _reviewed(record: DraftRecord) -> ReviewedDraft:
    draft = Draft.model_validate_json(record.content)
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
    )
