"""Publishing: a person puts a reviewed draft into the wiki, as a new page, under their own account."""

from collections.abc import Sequence

from capture.review import ReviewDesk
from connector.errors import DraftStateError
from connector.wiki import PageEdit, PageWriter, SavedEdit
from connector.wikitext import escape_summary

CHANGE_TAG = "compagnon"
"""Change tag of what Compagnon helped to write; the wiki adds it when it has it."""

# What was generated is said where every reader of the wiki's history sees it (DESIGN.md, rule 7).
_SUMMARIES = {
    "en": "Practice drafted from meeting notes ({source}), reviewed by {person}",
    "fr": "Pratique rédigée à partir de notes de réunion ({source}), relue par {person}",
}


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
        DraftStateError: It is published or dropped, or was changed since `version`.
        EditConflictError: A page has this title already; the draft stays.
        EditRefusedError: The wiki refuses the page as it stands; the draft stays.
        WikiLoginError: The account may not publish; the draft stays.
        WikiUnavailableError: The wiki does not answer; the draft stays.
    """
    reviewed = desk.get(draft_id)
    if reviewed.state != "draft":
        raise DraftStateError(f"draft {draft_id} is already {reviewed.state}", draft_id=draft_id)
    if reviewed.version != version:
        raise DraftStateError(
            f"draft {draft_id} was changed by someone else in the meantime: reload it and try again",
            draft_id=draft_id,
        )
    person = writer.user
    saved = writer.save(
        PageEdit(
            title=reviewed.draft.title,
            wikitext=desk.wikitext(reviewed, reviewed_by=person),
            summary=publishing_summary(
                sources=reviewed.sources, person=person, wiki_language=desk.wiki_language
            ),
            base_revid=None,
            tags=(CHANGE_TAG,),
        )
    )
    try:
        desk.mark_published(
            draft_id, version=version, pageid=saved.pageid, revid=saved.revid, published_by=person
        )
    except DraftStateError:
        # Someone changed it while the wiki was saving. The page is there, and that must be kept.
        current = desk.get(draft_id)
        if current.state != "draft":
            raise
        desk.mark_published(
            draft_id, version=current.version, pageid=saved.pageid, revid=saved.revid, published_by=person
        )
    return saved


def publishing_summary(*, sources: Sequence[str], person: str, wiki_language: str) -> str:
    """Return the edit summary, in the wiki's language; what comes from the notes makes no link in it."""
    language = "fr" if wiki_language.split("-")[0].lower() == "fr" else "en"
    source = "; ".join(sources)
    short = source if len(source) <= 150 else source[:149].rstrip() + "…"
    return escape_summary(_SUMMARIES[language].format(source=short, person=person))
