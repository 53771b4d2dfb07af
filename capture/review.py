"""Review: drafts wait in the database, next to the notes they come from.

A person takes one, corrects it, and then publishes or drops it.
"""

import datetime
import logging
from collections.abc import Sequence

from capture import kept_notes
from capture.draft import CaptureResult, Draft, KeptSummary
from capture.draft_edits import DraftEdit, edited, told
from capture.follow_ups import follow_ups_of
from capture.kept_notes import ForgottenNotes
from capture.left_out import LeftOut
from capture.notes import Notes
from capture.page import page_wikitext
from capture.prose import can_cite
from capture.reviewed_drafts import DraftReader, PendingPage, ReviewedDraft, content_of
from capture.suggesting import PageLinker, find_notes_page
from connector.errors import CaptureError, DraftStateError, NotKeptError
from connector.model import Site
from connector.store import Store
from connector.store.drafts import DraftEvent, NewDraft
from connector.store.notes import NotesEntry, StoredNotes

__all__ = ["DraftEdit", "ForgottenNotes", "PendingPage", "ReviewDesk", "ReviewedDraft"]

logger = logging.getLogger(__name__)


class ReviewDesk:
    """Where drafts are looked through, corrected, and given away for publishing.

    Args:
        store: The database: drafts, notes, and the wiki's own description.
        linker: Makes the links of pages; None makes none.
        left_out: Who is named neither on pages nor in what is told of notes.
    """

    def __init__(
        self, *, store: Store, linker: PageLinker | None = None, left_out: LeftOut | None = None
    ) -> None:
        self._store = store
        self.linker = linker
        self._left_out = left_out or LeftOut()
        self._drafts = store.drafts
        self._reader = DraftReader(store=store, left_out=self._left_out, wikitext=self._wikitext)

    @property
    def wiki_language(self) -> str:
        """Language of the wiki, for the parameters of its template and for edit summaries."""
        return self.site.language if self.site is not None else "en"

    @property
    def site(self) -> Site | None:
        """The wiki as the mirror knows it; None before the first sync."""
        return self._store.site.get()

    def notes_page(self, source: str) -> str | None:
        """Return the wiki's page that has the notes of a meeting (see `find_notes_page`)."""
        return find_notes_page(source, store=self._store)

    def add_notes(self, notes: Notes) -> int:
        """Keep notes as they were given, once, whoever gives them and however often; return their id."""
        return kept_notes.keep(self._store, notes)

    def add(
        self, result: CaptureResult, notes: Notes, *, actor: str, job_id: int | None = None
    ) -> "list[int]":
        """Keep the notes, what they say, and the drafts and follow-ups made from them: all, or nothing.

        Notes that were captured before bring back the drafts that are still under review: a paste repeated by
        mistake doubles nothing, and nothing that a person has corrected is overwritten. Once all of them are
        published or dropped, the notes can be captured anew.

        Args:
            result: What `CaptureService.capture` made of the notes.
            notes: Those notes.
            actor: Who does it.
            job_id: The job that is done with it, if a job does it (see `capture.jobs`).

        Returns:
            Ids of the drafts, in the order of the notes.

        Raises:
            CaptureError: The result was made from other notes, or these are kept as another format, in which
                its lines are others.
            NotKeptError: The notes of a job, or the job, were deleted in the meantime.
            StoreError: The database refuses.
        """
        if result.notes.sha256 != notes.sha256:
            raise CaptureError("these drafts were made from other notes")
        if job_id is None:
            notes_id = self.add_notes(notes)
            kept_notes.require_same_lines(notes, self._stored(notes_id))
        else:
            notes_id = self._store.capture_jobs.get(job_id).notes_id
        kept = self._store.notes.keep_capture(
            notes_id,
            title=result.notes.title,
            met_on=result.notes.date,
            summary=KeptSummary(notes=result.notes, remarks=result.remarks).model_dump_json(),
            drafts=[
                NewDraft(title=draft.title, language=draft.language, content=content_of(draft))
                for draft in result.drafts
            ],
            follow_ups=follow_ups_of(result.notes),
            actor=actor,
            job_id=job_id,
        )
        return [*kept]

    def summary(self, notes_id: int) -> KeptSummary | None:
        """Return what notes say, as it was kept; None while they have not been read.

        Raises:
            NotKeptError: There are no such notes.
        """
        text = self._stored(notes_id).summary
        if text is None:
            return None
        kept = KeptSummary.model_validate_json(text)
        return kept.model_copy(update={"notes": self._left_out.summary(kept.notes)})

    def notes(self, notes_id: int) -> Notes:
        """Return notes, read anew from their original bytes.

        Raises:
            NotKeptError: There are no such notes.
        """
        return kept_notes.read(self._stored(notes_id))

    def entry(self, notes_id: int) -> NotesEntry:
        """Return which notes these are, also where they cannot be read any more.

        Raises:
            NotKeptError: There are no such notes.
        """
        return self._stored(notes_id)

    def notes_of(self, draft_id: int) -> Notes:
        """Return the notes that a draft comes from.

        Raises:
            DraftNotFoundError: There is no such draft.
        """
        return self.notes(self._drafts.get(draft_id).notes_id)

    def _stored(self, notes_id: int) -> StoredNotes:
        stored = self._store.notes.get(notes_id)
        if stored is None:
            raise NotKeptError(f"there are no notes {notes_id}")
        return stored

    def list(self, *, state: str | None = None, notes_id: int | None = None) -> "list[ReviewedDraft]":
        """Return drafts, newest first; those of one state or of one set of notes, when given."""
        return self._reader.read(self._drafts.list(state=state, notes_id=notes_id))

    def get(self, draft_id: int) -> ReviewedDraft:
        """Return a draft.

        Raises:
            DraftNotFoundError: There is none with this id.
        """
        return self._reader.read_one(self._drafts.get(draft_id))

    def events(self, draft_id: int) -> Sequence[DraftEvent]:
        """Return who did what to a draft, and when, oldest first."""
        return self._drafts.events(draft_id)

    def take(self, draft_id: int, *, version: int, actor: str, over: bool = False) -> ReviewedDraft:
        """Take a draft to review it, so that others see who does; again by the same person changes nothing.

        Args:
            draft_id: Which draft.
            version: The version that the reviewer had before them.
            actor: Who reviews it.
            over: Take it over from whoever reviews it now.

        Raises:
            DraftNotFoundError: There is no such draft.
            DraftStateError: Another person reviews it, it was changed since `version`, or it is published,
                dropped or being published.
        """
        current = self._changeable(draft_id)
        if current.reviewer == actor and current.state == "review":
            return current
        if current.state == "review" and not over:
            raise DraftStateError(f"{current.reviewer} is reviewing draft {draft_id}", draft_id=draft_id)
        return self._reader.read_one(
            self._drafts.update(
                draft_id,
                version=version,
                actor=actor,
                action="taken",
                detail=f"from {current.reviewer}" if current.state == "review" else "",
                state="review",
                reviewer=actor,
            )
        )

    def release(self, draft_id: int, *, version: int, actor: str) -> ReviewedDraft:
        """Give a draft back, for another person to review.

        Raises:
            DraftNotFoundError: There is no such draft.
            DraftStateError: As `take`.
        """
        self._changeable(draft_id)
        return self._reader.read_one(
            self._drafts.update(
                draft_id, version=version, actor=actor, action="released", state="draft", reviewer=None
            )
        )

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
                have, a statement without lines that nobody says they wrote, a page to merge with that the
                wiki does not have); the message says why.
            DraftNotFoundError: There is no such draft.
            DraftStateError: It was changed by someone else since `version`, or is published, dropped or being
                published.
        """
        current = self._changeable(draft_id)
        line_count = self.notes(current.notes_id).line_count
        changed = edited(current.draft, edit, site=self.site, line_count=line_count)
        draft = changed.model_copy(update={"wikitext": self._wikitext(changed, sources=current.sources)})
        merge_into = current.merge_into if edit.merge_into is None else edit.merge_into or None
        if edit.merge_into and self._store.pages.get(edit.merge_into) is None:
            raise CaptureError(f"the wiki has no page {edit.merge_into} to add this to")
        return self._reader.read_one(
            self._drafts.update(
                draft_id,
                version=version,
                actor=actor,
                action="edited",
                detail=told(edit, before=current.draft, after=draft),
                title=draft.title,
                language=draft.language,
                content=content_of(draft),
                merge_into=merge_into,
            )
        )

    def drop(self, draft_id: int, *, version: int, actor: str) -> ReviewedDraft:
        """Put a draft aside for good; the notes and what was done stay on record.

        Raises:
            DraftNotFoundError: There is no such draft.
            DraftStateError: It was changed by someone else since `version`, or is published, dropped or being
                published.
        """
        self._changeable(draft_id)
        return self._reader.read_one(
            self._drafts.update(draft_id, version=version, actor=actor, action="dropped", state="dropped")
        )

    def intend(self, draft_id: int, *, version: int, title: str, sha1: str, actor: str) -> ReviewedDraft:
        """Note what the wiki is about to be asked to save, so that a crash meanwhile can be healed.

        Nobody can change the draft until `mark_published` or `abandon_intent`.

        Args:
            draft_id: Which draft.
            version: The version that is published.
            title: Of the page.
            sha1: Of its text in UTF-8, hexadecimal.
            actor: Who publishes.

        Returns:
            The draft; its version is the one that `mark_published` and `abandon_intent` want.

        Raises:
            DraftNotFoundError: There is no such draft.
            DraftStateError: It is published, dropped or being published, or was changed since `version`.
        """
        self._changeable(draft_id)
        return self._reader.read_one(
            self._drafts.update(
                draft_id,
                version=version,
                actor=actor,
                action="publishing",
                detail=title,
                pending_title=title,
                pending_sha1=sha1,
                pending_by=actor,
                pending_at=datetime.datetime.now(datetime.UTC),
            )
        )

    def abandon_intent(self, draft_id: int, *, version: int, actor: str, why: str = "") -> ReviewedDraft:
        """Note that the wiki did not save what it was asked to: the draft can be changed again.

        Raises:
            DraftNotFoundError: There is no such draft.
            DraftStateError: It was changed since `version`, or is published or dropped.
        """
        return self._reader.read_one(
            self._drafts.update(
                draft_id, version=version, actor=actor, action="abandoned", detail=why, **_NOTHING_PENDING
            )
        )

    def mark_published(
        self, draft_id: int, *, version: int, pageid: int, revid: int, published_by: str
    ) -> ReviewedDraft:
        """Record that a draft is in the wiki now (see `capture.publishing`).

        Raises:
            DraftNotFoundError: There is no such draft.
            DraftStateError: It was changed since `version`, or is published or dropped.
        """
        return self._reader.read_one(
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
                **_NOTHING_PENDING,
            )
        )

    def forget_notes(self, notes_id: int, *, actor: str) -> ForgottenNotes:
        """Delete notes and all that came from them here, overwritten on disk: nothing of it comes back.

        Args:
            notes_id: Which notes.
            actor: Who asks for it; only the log keeps that.

        Raises:
            NotKeptError: There are no such notes.
            StoreError: The disk is full or fails; what is to be wiped stays noted.
        """
        drafts = self._drafts.list(notes_id=notes_id)
        follow_ups = self._store.follow_ups.list(notes_id=notes_id)
        published = {draft.pageid: draft.title for draft in drafts if draft.pageid is not None}
        self._store.notes.forget(notes_id)
        logger.info("notes %d were deleted, as %s asked", notes_id, actor)
        return ForgottenNotes(
            drafts=len(drafts),
            follow_ups=len(follow_ups),
            published=tuple({**published, **kept_notes.titles(self._store, [*published])}.items()),
            wiped=self._store.scrub(),
        )

    def wikitext(self, reviewed: ReviewedDraft, *, reviewed_by: str | None = None) -> str:
        """Return the page that a draft makes, naming its reviewer when there is one."""
        return self._wikitext(reviewed.draft, sources=reviewed.sources, reviewed_by=reviewed_by)

    def _wikitext(self, draft: Draft, *, sources: Sequence[str], reviewed_by: str | None = None) -> str:
        wikitext = page_wikitext(
            title=draft.title,
            language=draft.language,
            fields=draft.fields,
            people=draft.people,
            sources=sources,
            wiki_language=self.site.language if self.site else draft.language,
            reviewed_by=reviewed_by,
            categories=draft.categories,
            notes=can_cite(self.site),
            notes_page=self.notes_page("; ".join(sources)),
        )
        return wikitext if self.linker is None else self.linker.link(wikitext, title=draft.title)

    def _changeable(self, draft_id: int) -> ReviewedDraft:
        current = self.get(draft_id)
        if not current.is_open:
            raise DraftStateError(f"draft {draft_id} is already {current.state}", draft_id=draft_id)
        if current.pending is not None:
            raise DraftStateError(
                f"{current.pending.by} is publishing draft {draft_id}: wait for it to end", draft_id=draft_id
            )
        return current


_NOTHING_PENDING = dict.fromkeys(("pending_title", "pending_sha1", "pending_by", "pending_at"))
