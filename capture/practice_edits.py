"""Small edits of a practice page that a person makes from here: what they tried, and its next status.

Each is saved under the person's own account, against the revision that it was made from, with a summary that
says who decided. What people wrote stays as it is, byte for byte: an experience is inserted, and of the
status only its word changes.
"""

import contextlib
from datetime import date
from typing import Final, Protocol

from capture.page_edits import Meeting, add_entry
from capture.prose import dated_title
from capture.publishing import CHANGE_TAG, PageEditor, language_of_page
from connector.errors import CaptureError, EditConflictError, PageNotFoundError
from connector.model import Page, Site
from connector.practice import (
    TEMPLATE,
    Status,
    from_wikitext,
    known_parameter,
    parameter,
    status_word,
)
from connector.practice_experiences import (
    OUTCOME_WORDS,
    TEMPLATES,
    PageExperience,
    experience_call,
    known_language,
    read_experiences,
)
from connector.titles import title_in
from connector.wiki import PageEdit, SavedEdit
from connector.wikitext import escape_summary, is_redirect, template_calls

_TEMPLATE_NAMESPACE: Final = 10
_EXPERIENCE_SUMMARIES: Final = {
    "en": "Experience added by {person} with Compagnon ({outcome})",
    "fr": "Expérience ajoutée par {person} avec Compagnon ({outcome})",
}
_STATUS_SUMMARIES: Final = {
    "en": "Status: {before} → {after}, decided by {person} with Compagnon ({evidence})",
    "fr": "Statut : {before} → {after}, décidé par {person} avec Compagnon ({evidence})",
}


class PracticeEditor(PageEditor, Protocol):
    """A `PageEditor` that can also be asked for a page by its title."""

    def current(self, title: str) -> Page:
        """Return a page as it is now.

        Raises:
            PageNotFoundError: there is no such page.
        """


def with_experience(
    wikitext: str, experience: PageExperience, *, day: date, site: Site, language: str
) -> str:
    """Return a page with an experience at the end of its section of experiences, under a heading of its day.

    What the page tells already is not told again.

    Args:
        wikitext: the page as it is now.
        experience: what is added.
        day: of the heading.
        site: the wiki.
        language: of the page's prose, for the headings.

    Raises:
        CaptureError: the page leads to another one, or there is no place on it where the text would show.
    """
    if is_redirect(wikitext):
        raise CaptureError("this page leads to another one: add the experience there")
    if experience in read_experiences(wikitext, site=site):
        return wikitext
    title = dated_title(Meeting(title="", date=day, sha256=""), language=language)
    call = experience_call(experience, wiki_language=site.language)
    return add_entry(wikitext, entry=call, title=title, site=site, language=language)


def with_status(wikitext: str, status: Status, *, site: Site) -> str:
    """Return a practice page with another status, and nothing else changed.

    Raises:
        CaptureError: the page is no practice.
    """
    call = next(iter(template_calls(wikitext, name=TEMPLATE, site=site)), None)
    if call is None:
        raise CaptureError("this page is no practice: it has no status")
    word = status_word(status, language=site.language)
    spans = [
        span
        for (name, _), span in zip(call.parameters, call.values, strict=True)
        if known_parameter(name) == "status"
    ]
    if not spans:
        start = call.start + len("{{") + len(wikitext[call.start + 2 : call.end].split("|")[0].rstrip("}"))
        new = f"|{parameter('status', wiki_language=site.language)}={word}"
        head = wikitext[:start]
        lines = len(head) - len(head.rstrip())
        ends = head[len(head) - lines :] if "\n" in head[len(head) - lines :] else ""
        return f"{head}{new}{ends}{wikitext[start:]}"
    # Of several the reader takes the last that says something.
    filled = [span for span in spans if wikitext[slice(*span)].strip()]
    first, last = (filled or spans)[-1]
    value = wikitext[first:last]
    lead = len(value) - len(value.lstrip()) if value.strip() else 0
    tail = len(value.rstrip()) if value.strip() else 0
    return f"{wikitext[: first + lead]}{word}{value[tail:]}{wikitext[last:]}"


def status_of(wikitext: str, *, site: Site) -> Status | None:
    """Return the status that a page says; None when it is no practice."""
    practice = from_wikitext("", wikitext, site=site)
    return practice.status if practice is not None else None


def experience_template(site: Site) -> str:
    """Return the title of the template of experiences in a wiki."""
    name = TEMPLATES[known_language(site.language)]
    return title_in(site, _TEMPLATE_NAMESPACE, name, canonical="Template")


def has_experience_template(wiki: PracticeEditor, *, site: Site) -> bool:
    """Tell whether the wiki can show experiences: without its template, readers see a red link.

    Raises:
        WikiUnavailableError: the wiki does not answer.
    """
    with contextlib.suppress(PageNotFoundError):
        wiki.current(experience_template(site))
        return True
    return False


def publish_experience(
    wiki: PageEditor, pageid: int, experience: PageExperience, *, day: date, site: Site
) -> SavedEdit | None:
    """Add an experience to a page, under the account of the person who publishes.

    Args:
        wiki: the wiki, with that account.
        pageid: the practice.
        experience: what is added.
        day: of its heading.
        site: the wiki.

    Returns:
        The page and its revision; None when the page tells it already, as after an answer that was lost.

    Raises:
        CaptureError: the page leads to another one, or has no place for it.
        EditConflictError: the page was deleted, or was changed at this very moment; try again.
        EditRefusedError: the wiki refuses it.
        WikiLoginError: the account may not write it.
        WikiUnavailableError: the wiki does not answer.
    """
    page = _page(wiki, pageid)
    language = language_of_page(page, site=site, fallback=site.language)
    wikitext = with_experience(page.wikitext, experience, day=day, site=site, language=language)
    if wikitext == page.wikitext:
        return None
    wiki_language = known_language(site.language)
    summary = _EXPERIENCE_SUMMARIES[wiki_language].format(
        person=wiki.user, outcome=OUTCOME_WORDS[wiki_language][experience.outcome]
    )
    return wiki.save(_edit(page, wikitext, summary))


def publish_status(
    wiki: PageEditor, pageid: int, *, expected: Status, status: Status, evidence: str, site: Site
) -> SavedEdit:
    """Give a practice another status, under the account of the person who decides.

    Args:
        wiki: the wiki, with that account.
        pageid: the practice.
        expected: the status that the person had before them.
        status: the one that it gets.
        evidence: what speaks for it, in a few words of the wiki's language, for the summary.
        site: the wiki.

    Raises:
        CaptureError: the page is no practice.
        EditConflictError: the page was deleted, has another status, or was changed at this very moment.
        EditRefusedError, WikiLoginError, WikiUnavailableError: as `publish_experience`.
    """
    page = _page(wiki, pageid)
    now = status_of(page.wikitext, site=site)
    if now is None:
        raise CaptureError(f"“{page.title}” is no practice any more")
    if now is not expected:
        raise EditConflictError(
            f"the status of “{page.title}” has been changed since: nothing was saved",
            title=page.title,
            base_revid=page.revid,
        )
    language = known_language(site.language)
    summary = _STATUS_SUMMARIES[language].format(
        before=status_word(expected, language=language),
        after=status_word(status, language=language),
        person=wiki.user,
        evidence=evidence,
    )
    return wiki.save(_edit(page, with_status(page.wikitext, status, site=site), summary))


def _page(wiki: PageEditor, pageid: int) -> Page:
    page = next(iter(wiki.pages([pageid])), None)
    if page is None:
        raise EditConflictError(
            f"page {pageid} has been deleted since it was read: nothing was saved", title="", base_revid=None
        )
    return page


def _edit(page: Page, wikitext: str, summary: str) -> PageEdit:
    return PageEdit(
        title=page.title,
        namespace=page.namespace,
        wikitext=wikitext,
        summary=escape_summary(summary),
        base_revid=page.revid,
        tags=(CHANGE_TAG,),
    )
