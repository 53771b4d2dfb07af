"""Publishing: a person puts a reviewed draft into the wiki, under their own account.

A draft becomes a page of its own, or a dated experience on a page that is there. What the wiki is about to be
asked is noted first; so a page that was saved while our record of it was lost is found again (`settle`), and
nothing is saved twice.
"""

import contextlib
import hashlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from capture.page_edits import DiffLine, Meeting, add_experience, text_diff
from capture.prose import source_of
from capture.review import ReviewDesk, ReviewedDraft
from connector.errors import (
    CaptureError,
    ConnectorError,
    DraftNotFoundError,
    DraftStateError,
    EditConflictError,
    PageNotFoundError,
    WikiUnavailableError,
)
from connector.model import Page, Revision, Site
from connector.practice import TEMPLATE, known_parameter
from connector.wiki import PageEdit, PageWriter, SavedEdit
from connector.wikitext import as_saved, escape_summary, plain_text, template_calls
from search.language import LanguageDetector, base_language

logger = logging.getLogger(__name__)

CHANGE_TAG = "compagnon"
"""Change tag of what Compagnon helped to write; the wiki adds it when it has it."""

# What was generated is said where every reader of the wiki's history sees it (DESIGN.md, rule 7).
_SUMMARIES = {
    "en": "Practice drafted from meeting notes ({source}), reviewed by {person}",
    "fr": "Pratique rédigée à partir de notes de réunion ({source}), relue par {person}",
}
_EXPERIENCE_SUMMARIES = {
    "en": "Experience added from meeting notes ({source}), reviewed by {person}",
    "fr": "Expérience ajoutée à partir de notes de réunion ({source}), relue par {person}",
}
# So long a save can still be under way, the connector's patience and a slow wiki's included.
_UNDER_WAY = timedelta(minutes=5)
# Our clock and the wiki's may differ by so much.
_CLOCKS = timedelta(minutes=10)
_SOURCE_LENGTH = 150


class PageEditor(PageWriter, Protocol):
    """A `PageWriter` that can also be read, under the same account."""

    def pages(self, pageids: Sequence[int]) -> Iterable[Page]:
        """See `Wiki.pages`."""


class RevisionReader(Protocol):
    """Somewhere that tells what was saved under a title."""

    def current(self, title: str) -> Page:
        """Return a page as it is now, a redirect as itself.

        Raises:
            PageNotFoundError: no such page, or none whose text can be seen.
        """

    def revisions(self, pageids: Sequence[int]) -> Iterable[Revision]:
        """See `Wiki.revisions`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperiencePreview:
    """What adding a draft to a page would make of it."""

    pageid: int
    title: str
    base_revid: int
    """The revision that it was made from, for `publish_experience`."""
    wikitext: str
    """The whole page."""
    diff: tuple[DiffLine, ...]
    """Empty when the page says it all already."""


def publish(desk: ReviewDesk, draft_id: int, *, version: int, writer: PageWriter) -> SavedEdit:
    """Create the page that a draft describes.

    The page is new, or nothing is written: a page that has the title already is never touched. A draft is
    published once.

    Args:
        desk: Where the draft is.
        draft_id: Which draft.
        version: The version that the person had before them.
        writer: The wiki, with the account of the person who publishes.

    Returns:
        The page and its revision.

    Raises:
        DraftNotFoundError: There is no such draft.
        DraftStateError: It is published, dropped or being published, or was changed since `version`.
        EditConflictError: A page has this title already; the draft stays.
        EditRefusedError: The wiki refuses the page as it stands; the draft stays.
        WikiLoginError: The account may not publish; the draft stays.
        WikiUnavailableError: The wiki does not answer; the draft stays. Where it may have saved the page all
            the same (`maybe_saved`), `settle` finds out.
    """
    reviewed = _to_publish(desk, draft_id, version=version)
    person = writer.user
    edit = PageEdit(
        title=reviewed.draft.title,
        wikitext=desk.wikitext(reviewed, reviewed_by=person),
        summary=publishing_summary(sources=reviewed.sources, person=person, wiki_language=desk.wiki_language),
        base_revid=None,
        tags=(CHANGE_TAG,),
    )
    return _save(desk, reviewed, edit, writer=writer)


def preview_experience(desk: ReviewDesk, draft_id: int, *, page: Page) -> ExperiencePreview:
    """Return what adding a draft to a page would change; nothing is written.

    Args:
        desk: Where the draft is.
        draft_id: Which draft.
        page: The page as it is now, from the wiki or the mirror.

    Raises:
        CaptureError: The page redirects to another one, or has no place for an experience; or the wiki is not
            known yet.
        DraftNotFoundError: There is no such draft.
    """
    wikitext = _with_experience(desk, desk.get(draft_id), page)
    return ExperiencePreview(
        pageid=page.pageid,
        title=page.title,
        base_revid=page.revid,
        wikitext=wikitext,
        diff=text_diff(page.wikitext, wikitext),
    )


def publish_experience(
    desk: ReviewDesk, draft_id: int, *, version: int, writer: PageEditor, pageid: int, base_revid: int
) -> SavedEdit:
    """Add a draft to a page that is there, as the person has seen it in the diff.

    Args:
        desk: Where the draft is.
        draft_id: Which draft.
        version: The version that the person had before them.
        writer: The wiki, with the account of the person who publishes.
        pageid: The page.
        base_revid: The revision that the diff was made from (`ExperiencePreview.base_revid`).

    Returns:
        The page and its revision.

    Raises:
        CaptureError: The page redirects to another one, has no place for an experience, or says it already.
        EditConflictError: The page was changed, moved or deleted since; the draft stays.
        DraftNotFoundError, DraftStateError, EditRefusedError, WikiLoginError, WikiUnavailableError: As
            `publish`; a page that is protected from the account is refused.
    """
    reviewed = _to_publish(desk, draft_id, version=version)
    page = next(iter(writer.pages([pageid])), None)
    if page is None:
        raise EditConflictError(
            f"page {pageid} has been deleted since it was read: nothing was saved",
            title=reviewed.draft.title,
            base_revid=base_revid,
        )
    if page.revid != base_revid:
        raise EditConflictError(
            f"“{page.title}” has been changed since it was read: nothing was saved",
            title=page.title,
            base_revid=base_revid,
        )
    wikitext = _with_experience(desk, reviewed, page)
    if wikitext == page.wikitext:
        raise CaptureError(f"“{page.title}” says all of this already")
    person = writer.user
    edit = PageEdit(
        title=page.title,
        wikitext=wikitext,
        summary=publishing_summary(
            sources=reviewed.sources, person=person, wiki_language=desk.wiki_language, experience=True
        ),
        base_revid=base_revid,
        tags=(CHANGE_TAG,),
        namespace=page.namespace,
    )
    return _save(desk, reviewed, edit, writer=writer)


def settle(
    desk: ReviewDesk, draft_id: int, *, wiki: RevisionReader, now: datetime | None = None
) -> ReviewedDraft:
    """Find out what became of a draft whose publishing did not come to its end here, and note it.

    The wiki is asked for a revision with the text that was to be saved. With one, the draft is published;
    without one, and when no save can be under way any more, it can be changed and published again. Nothing
    is ever saved by this.

    Args:
        desk: Where the draft is.
        draft_id: Which draft.
        wiki: The wiki, read under any account that sees its pages.
        now: Our clock; None for the time that it is.

    Raises:
        DraftNotFoundError: There is no such draft.
        WikiUnavailableError, WikiLoginError: The wiki does not tell; the draft stays as it is.
    """
    reviewed = desk.get(draft_id)
    if reviewed.pending is None or not reviewed.is_open:
        return reviewed
    try:
        found = _find_saved(reviewed, wiki)
        if found is not None:
            return desk.mark_published(
                draft_id,
                version=reviewed.version,
                pageid=found.pageid,
                revid=found.revid,
                published_by=reviewed.pending.by,
            )
        if (now or datetime.now(UTC)) - reviewed.pending.at > _UNDER_WAY:
            return desk.abandon_intent(
                draft_id, version=reviewed.version, actor=reviewed.pending.by, why="not in the wiki"
            )
    except DraftStateError:
        return desk.get(draft_id)  # who published it, or another look at it, was quicker
    return reviewed


def publishing_summary(
    *, sources: Sequence[str], person: str, wiki_language: str, experience: bool = False
) -> str:
    """Return the edit summary, in the wiki's language; what comes from the notes makes no link in it."""
    summaries = _EXPERIENCE_SUMMARIES if experience else _SUMMARIES
    source = "; ".join(sources)
    short = source if len(source) <= _SOURCE_LENGTH else source[: _SOURCE_LENGTH - 1].rstrip() + "…"
    return escape_summary(summaries[base_language(wiki_language)].format(source=short, person=person))


def language_of_page(page: Page, *, site: Site, fallback: str) -> str:
    """Return the language of a page: what its template says, else what its words are."""
    for call in template_calls(page.wikitext, name=TEMPLATE, site=site)[:1]:
        for name, value in call.parameters:
            if known_parameter(name) == "language" and value:
                return plain_text(value, site=site)
    own = base_language(site.language, default=base_language(fallback))
    return LanguageDetector().detect(plain_text(page.wikitext[:4_000], site=site), fallback=own)


def _to_publish(desk: ReviewDesk, draft_id: int, *, version: int) -> ReviewedDraft:
    reviewed = desk.get(draft_id)
    if not reviewed.is_open:
        raise DraftStateError(f"draft {draft_id} is already {reviewed.state}", draft_id=draft_id)
    if reviewed.version != version:
        raise DraftStateError(
            f"draft {draft_id} was changed by someone else in the meantime: reload it and try again",
            draft_id=draft_id,
        )
    return reviewed


def _save(desk: ReviewDesk, reviewed: ReviewedDraft, edit: PageEdit, *, writer: PageWriter) -> SavedEdit:
    person = writer.user
    intended = desk.intend(
        reviewed.id, version=reviewed.version, title=edit.title, sha1=_sha1(edit.wikitext), actor=person
    )
    try:
        saved = writer.save(edit)
    except WikiUnavailableError as error:
        if not error.maybe_saved:
            _abandon(desk, intended, why="no answer")
        raise
    except ConnectorError as error:
        _abandon(desk, intended, why=type(error).__name__.removesuffix("Error"))
        raise
    _mark(desk, intended, saved, person=person)
    return saved


def _abandon(desk: ReviewDesk, intended: ReviewedDraft, *, why: str) -> None:
    """Note that nothing was saved, unless someone settled it meanwhile or deleted the notes."""
    actor = intended.pending.by if intended.pending is not None else ""
    with contextlib.suppress(DraftStateError, DraftNotFoundError):
        desk.abandon_intent(intended.id, version=intended.version, actor=actor, why=why)


def _mark(desk: ReviewDesk, intended: ReviewedDraft, saved: SavedEdit, *, person: str) -> None:
    version = intended.version
    try:
        desk.mark_published(
            intended.id, version=version, pageid=saved.pageid, revid=saved.revid, published_by=person
        )
    except DraftNotFoundError:
        # Its notes were deleted while the wiki was saving: there is nothing left to note it on.
        logger.warning("draft %d is gone, and its page %d is in the wiki", intended.id, saved.pageid)
    except DraftStateError:
        # Someone looked at it while the wiki was saving, and settled it. The page is there: that is kept.
        current = desk.get(intended.id)
        if current.is_open:
            version = current.version
            desk.mark_published(
                intended.id, version=version, pageid=saved.pageid, revid=saved.revid, published_by=person
            )
        elif current.revid != saved.revid:
            raise


def _sha1(wikitext: str) -> str:
    """Return the checksum that the wiki gives to a text."""
    return hashlib.sha1(as_saved(wikitext).encode(), usedforsecurity=False).hexdigest()


def _find_saved(reviewed: ReviewedDraft, wiki: RevisionReader) -> Revision | None:
    pending = reviewed.pending
    if pending is None:
        return None
    try:
        page = wiki.current(pending.title)
    except PageNotFoundError:
        return None
    pageids = [page.pageid]
    if page.redirect_target is not None:  # it may have been moved since
        with contextlib.suppress(PageNotFoundError):
            pageids.append(wiki.current(page.redirect_target).pageid)
    since = pending.at - _CLOCKS
    found = [
        revision
        for revision in wiki.revisions(pageids)
        if revision.sha1 == pending.sha1 and revision.user == pending.by and revision.timestamp >= since
    ]
    return max(found, key=lambda revision: revision.revid, default=None)


def _with_experience(desk: ReviewDesk, reviewed: ReviewedDraft, page: Page) -> str:
    site = desk.site
    if site is None:
        raise CaptureError("the wiki is not known yet: run `compagnon sync`")
    linker = desk.linker

    def link(wikitext: str, span: tuple[int, int]) -> str:
        if linker is None:
            return wikitext
        return linker.link(wikitext, title=page.title, pageid=page.pageid, within=[span])

    return add_experience(
        page.wikitext,
        draft=reviewed.draft,
        meeting=_meeting(desk, reviewed),
        site=site,
        language=language_of_page(page, site=site, fallback=reviewed.draft.language),
        link=link,
    )


def _meeting(desk: ReviewDesk, reviewed: ReviewedDraft) -> Meeting:
    kept = desk.summary(reviewed.notes_id)
    if kept is not None:
        title, date, sha256 = kept.notes.title, kept.notes.date, kept.notes.sha256
        source = source_of(meeting_title=title, date=date, sha256=sha256)
        return Meeting(title=title, date=date, sha256=sha256, notes_page=desk.notes_page(source))
    # Captured by an earlier version, which kept no more than how the page names it.
    sha256 = desk.notes(reviewed.notes_id).sha256
    return Meeting(title="; ".join(reviewed.sources), date=None, sha256=sha256)
