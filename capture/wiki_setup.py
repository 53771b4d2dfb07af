"""Making a wiki ready for practices: the pages that it lacks, made once, after a person has said yes.

A page that exists is never touched, whatever it says: it is the community's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from capture.experience_template import experience_documentation, experience_template_text
from capture.publishing import CHANGE_TAG
from capture.wiki_setup_texts import (
    category_names,
    category_text,
    documentation_text,
    form_text,
    known_language,
    template_text,
)
from connector.errors import EditConflictError, PageNotFoundError
from connector.model import Page, Site
from connector.practice import TEMPLATE
from connector.practice_experiences import TEMPLATES as EXPERIENCE_TEMPLATES
from connector.titles import title_in
from connector.wiki import PageEdit, PageWriter, SavedEdit

_TEMPLATE_NAMESPACE = 10
_CATEGORY_NAMESPACE = 14
_FORM_NAMESPACE = 106
# Page Forms' own (https://www.mediawiki.org/wiki/Extension:Page_Forms).
_SUMMARIES = {
    "en": "Set up for practice pages, by {person} with Compagnon",
    "fr": "Mise en place des pages de pratique, par {person} avec Compagnon",
}


class SetupWiki(PageWriter, Protocol):
    """What setting up needs of a live wiki."""

    def site(self) -> Site:
        """See `connector.wiki.Wiki.site`."""
        ...

    def current(self, title: str) -> Page:
        """Return a page as it is now, or raise PageNotFoundError."""
        ...

    def define_tag(self, tag: str, *, reason: str) -> bool:
        """Make a change tag; whether the wiki has it then."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupPage:
    """A page that a wiki needs for practices."""

    title: str
    namespace: int
    kind: Literal["template", "documentation", "category", "form"]
    wikitext: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupPlan:
    """What setting up a wiki would do."""

    missing: tuple[SetupPage, ...]
    """In the order in which they are to be made: each one's links lead to pages that are there."""
    present: tuple[SetupPage, ...]
    """Pages that exist, and stay as they are."""


def setup_pages(site: Site) -> tuple[SetupPage, ...]:
    """Return the pages that a wiki needs, in its language (French or English) and for its extensions."""
    language = known_language(site.language)
    extensions = frozenset(name.replace(" ", "") for name in site.extensions)
    template = title_in(site, _TEMPLATE_NAMESPACE, TEMPLATE, canonical="Template")
    pages = [
        SetupPage(
            title=title_in(site, _CATEGORY_NAMESPACE, name, canonical="Category"),
            namespace=_CATEGORY_NAMESPACE,
            kind="category",
            wikitext=category_text(status, language=language),
        )
        for status, name in category_names(language).items()
    ]
    experience = title_in(site, _TEMPLATE_NAMESPACE, EXPERIENCE_TEMPLATES[language], canonical="Template")
    # The documentation of each comes first: its template shows it.
    pages += _template(
        template,
        documentation=documentation_text(language=language, extensions=extensions),
        wikitext=template_text(language=language, extensions=extensions),
    )
    pages += _template(
        experience,
        documentation=experience_documentation(language=language, extensions=extensions),
        wikitext=experience_template_text(language=language),
    )
    if "PageForms" in extensions:
        pages.append(
            SetupPage(
                title=title_in(site, _FORM_NAMESPACE, TEMPLATE, canonical="Form"),
                namespace=_FORM_NAMESPACE,
                kind="form",
                wikitext=form_text(language=language),
            )
        )
    return tuple(pages)


def _template(title: str, *, documentation: str, wikitext: str) -> tuple[SetupPage, SetupPage]:
    doc = f"{title}/doc"
    return (
        SetupPage(title=doc, namespace=_TEMPLATE_NAMESPACE, kind="documentation", wikitext=documentation),
        SetupPage(title=title, namespace=_TEMPLATE_NAMESPACE, kind="template", wikitext=wikitext),
    )


def plan_setup(wiki: SetupWiki) -> SetupPlan:
    """Compare what the wiki has with what it needs; nothing is written.

    Raises:
        WikiUnavailableError: the wiki does not answer.
    """
    missing: list[SetupPage] = []
    present: list[SetupPage] = []
    for page in setup_pages(wiki.site()):
        try:
            wiki.current(page.title)
        except PageNotFoundError:
            missing.append(page)
        else:
            present.append(page)
    return SetupPlan(missing=tuple(missing), present=tuple(present))


def carry_out(plan: SetupPlan, *, wiki: SetupWiki) -> Iterator[tuple[SetupPage, SavedEdit | None]]:
    """Make the pages that are missing, one after the other, under the account's own name.

    Yields:
        Each page and its revision; None for one that somebody made in the meantime.

    Raises:
        EditRefusedError: the wiki refuses a page; those before it are made.
        WikiLoginError: the account may not make it.
        WikiUnavailableError: the wiki does not answer.
    """
    language = known_language(wiki.site().language)
    summary = _SUMMARIES[language].format(person=wiki.user)
    for page in plan.missing:
        edit = PageEdit(
            title=page.title,
            namespace=page.namespace,
            wikitext=page.wikitext,
            summary=summary,
            base_revid=None,
            tags=(CHANGE_TAG,),
        )
        try:
            saved = wiki.save(edit)
        except EditConflictError:
            yield page, None
        else:
            yield page, saved


def set_up_tag(wiki: SetupWiki) -> bool:
    """Make the change tag of Compagnon's edits; whether the wiki has it then.

    It has not when the account may not make one, which no bot password may: see `connector.change_tags`.
    """
    return wiki.define_tag(CHANGE_TAG, reason="Compagnon")
