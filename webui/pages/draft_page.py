"""The page of a draft: what it shows beside the form, and what would be written into the wiki."""

from dataclasses import dataclass, replace

from flask import render_template, request

from capture.publishing import ExperiencePreview, preview_experience
from capture.review import ReviewedDraft
from connector.errors import CaptureError
from connector.model import Page
from connector.practice import FIELDS
from webui.current import current_services
from webui.errors import Trouble
from webui.language import LANGUAGES
from webui.pages.actor import given_name
from webui.pages.draft_form import DraftForm, UnusableLinesError
from webui.rights.drafts import open_categories, readable_draft
from webui.rights.pages import readable_pages


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A page of the wiki that the draft can be added to."""

    pageid: int
    title: str
    score: float | None = None
    """From 0 to 1; None for a page that a person chose."""
    why: str = ""


def draft_page(
    reviewed: ReviewedDraft,
    form: DraftForm,
    *,
    trouble: Trouble | None = None,
    detail: str = "",
    wrong: UnusableLinesError | None = None,
    yours: str = "",
    newer: Page | None = None,
) -> str:
    """Return the page of a draft.

    Args:
        reviewed: The draft as it is kept.
        form: What stands in its form.
        trouble: What went wrong, with its detail.
        detail: More about it, in English.
        wrong: What is wrong with the lines of a statement.
        yours: What the reviewer had written, when the form shows something else.
        newer: The page to add to, when the wiki has just told that it is another one than the mirror has.
    """
    services = current_services()
    reviewed = replace(reviewed, draft=readable_draft(reviewed.draft))
    into = _target_page(reviewed, newer)
    preview, preview_trouble = _preview(reviewed, into)
    return render_template(
        "draft.html",
        reviewed=reviewed,
        draft=reviewed.draft,
        form=form,
        languages_of_pages=tuple(dict.fromkeys([*LANGUAGES, form.language])),
        open_categories=frozenset(open_categories([each.name for each in form.categories])),
        candidates=_candidates(reviewed, into),
        into=into,
        preview=preview,
        preview_trouble=preview_trouble,
        notes=services.desk.notes_of(reviewed.id),
        events=services.desk.events(reviewed.id),
        published_title=_published_title(reviewed),
        page_fields=FIELDS,
        can_publish=services.can_publish,
        account=request.form.get("account", ""),
        is_mine=reviewed.reviewer is not None and reviewed.reviewer == given_name(),
        trouble=trouble,
        detail=detail,
        wrong=wrong,
        yours=yours,
    )


def _target_page(reviewed: ReviewedDraft, newer: Page | None) -> Page | None:
    if reviewed.merge_into is None or not reviewed.is_open:
        return None
    if newer is not None and newer.pageid == reviewed.merge_into:
        return newer
    return _readable(reviewed.merge_into)


def _preview(reviewed: ReviewedDraft, into: Page | None) -> tuple[ExperiencePreview | None, str]:
    if into is None:
        return None, ""
    try:
        return preview_experience(current_services().desk, reviewed.id, page=into), ""
    except CaptureError as e:
        return None, str(e)


def _readable(pageid: int) -> Page | None:
    """Return a page, unless it is gone or who asks may not read it."""
    page = current_services().store.pages.get(pageid)
    return page if page is not None and readable_pages([page]) else None


def _candidates(reviewed: ReviewedDraft, into: Page | None) -> list[Candidate]:
    found = [
        Candidate(pageid=page.pageid, title=page.title, score=page.score, why=page.why)
        for page in reviewed.draft.similar
    ]
    if into is not None and into.pageid not in {one.pageid for one in found}:
        found.append(Candidate(pageid=into.pageid, title=into.title))
    return found


def _published_title(reviewed: ReviewedDraft) -> str:
    """Return the title of the page that the draft is on now: pages are renamed, and may be somebody's."""
    page = _readable(reviewed.pageid) if reviewed.pageid is not None else None
    return page.title if page is not None else reviewed.draft.title
