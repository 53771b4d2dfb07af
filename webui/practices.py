"""All that is known of a practice, as who asks may see it: its text, its people, and how it came to be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import url_for

from capture.review import ReviewedDraft
from connector.errors import CaptureError, IndexNotBuiltError, PageNotFoundError, SearchError
from connector.model import Page, Revision, Site
from connector.practice import Practice, from_wikitext, heading
from connector.practice_experiences import without_experiences
from connector.wikitext import parse
from search.experts import Expert
from search.language import base_language
from search.people import Availability, name_key
from search.results import SimilarPage
from webui.community_list import told_people
from webui.current import current_services
from webui.practice_text import TextPart, text_parts
from webui.rights.pages import readable_page, readable_pages
from webui.rights.readers import current_reader
from webui.rights.roles import Role

RELATED = 5
PEOPLE = 4
# Contacts are among those who know: so many more are looked for.
_CONTACTS = 10
# Who knows far less of it than the first is not named beside a single practice.
_LEAST_SHARE = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeSection:
    """One field of a practice."""

    field: str
    """One of `connector.practice.FIELDS`; "lead" for what stands before them."""
    heading: str
    """In the language of the practice; empty for the lead."""
    parts: Sequence[TextPart]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Somebody whom the practice says to ask."""

    name: str
    asking: Availability
    """How they may be asked now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A statement that the page was made from."""

    field: str
    text: str
    lines: tuple[int, ...]
    """Numbers of the lines of the notes."""
    said: tuple[str, ...]
    """What stands in these lines: for coordinators, else empty."""
    stands: bool
    """Whether the page still says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A draft that the page was published from, or that was added to it."""

    meeting: str
    """Title of the meeting; may be empty."""
    met_on: date | None
    notes_id: int | None
    """The notes, for coordinators."""
    sources: Sequence[Source]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageHistory:
    """Who wrote a page, in a few numbers. Nobody is named who wants to be left out, nor counted."""

    first_by: str
    """Empty where that cannot be told."""
    first_at: datetime
    last_by: str
    last_at: datetime
    editors: int
    """People who edited it, the first one included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeView:
    """A practice, and what is around it."""

    page: Page
    practice: Practice
    language: str
    """Code of the language of the prose."""
    url: str
    edit_url: str
    """Of the wiki's form; empty without a live wiki."""
    reviewed_by: str
    sections: Sequence[PracticeSection]
    contacts: Sequence[Contact]
    experts: Sequence[Expert]
    """People who know about it, besides the contacts."""
    related: Sequence[SimilarPage]
    origins: Sequence[Origin]
    history: PageHistory | None


def practice_view(pageid: int) -> PracticeView:
    """Return a practice as who asks may see it.

    Raises:
        PageNotFoundError: there is no such page, it is no practice, or they may not read it: told alike.
        IndexNotBuiltError: there is no mirror yet.
    """
    services = current_services()
    site = services.site()
    if site is None:
        raise IndexNotBuiltError("there is nothing to show yet: run `compagnon sync`")
    page = readable_page(pageid)
    # What was tried is shown in a part of its own: see `webui.practice_life`.
    practice = from_wikitext(page.title, without_experiences(page.wikitext, site=site), site=site)
    if practice is None:
        raise PageNotFoundError(f"no page {pageid} in the mirror", pageid=pageid)
    language = base_language(practice.language, default=base_language(site.language))
    experts = _experts(page)
    contacts = _contacts(page, practice, site=site)
    named = {name_key(contact.name) for contact in contacts}
    return PracticeView(
        page=page,
        practice=practice,
        language=language,
        url=site.page_url(page.title),
        edit_url=site.edit_url(page.title) if services.can_publish else "",
        reviewed_by=next(iter(services.index.people.named([practice.reviewed_by or ""])), ""),
        sections=_sections(page, practice, site=site, language=language),
        contacts=contacts,
        experts=[expert for expert in experts if name_key(expert.name) not in named][:PEOPLE],
        related=_related(page),
        origins=[_origin(draft, page, site=site) for draft in _drafts_of(page)],
        history=_history(page),
    )


def _sections(page: Page, practice: Practice, *, site: Site, language: str) -> list[PracticeSection]:
    addresses = _addresses(page, site=site)

    def section(field: str, title: str, wikitext: str) -> PracticeSection:
        parts = text_parts(wikitext, site=site, href=lambda target: addresses.get(target, ""))
        return PracticeSection(field=field, heading=title, parts=parts)

    every = [section("lead", "", practice.lead)]
    every += [section(name, heading(name, language=language), text) for name, text in practice.sections]
    return [each for each in every if each.parts]


def _addresses(page: Page, *, site: Site) -> dict[str, str]:
    """Return where the links of a page lead to, by their targets: to pages that are there and may be read."""
    store = current_services().store
    targets = dict.fromkeys(link.target for link in parse(page.wikitext, site=site).links)
    found = {target: known for target in targets if (known := store.pages.by_title(target)) is not None}
    shown = {each.pageid for each in readable_pages(found.values())}
    return {
        target: practice_url(known, site=site) for target, known in found.items() if known.pageid in shown
    }


def practice_url(page: Page, *, site: Site) -> str:
    """Return where a page is shown: here if it is a practice, else in the wiki."""
    if "{{" in page.wikitext and from_wikitext(page.title, page.wikitext, site=site) is not None:
        return url_for("pages.practice", pageid=page.pageid)
    return site.page_url(page.title)


def _contacts(page: Page, practice: Practice, *, site: Site) -> list[Contact]:
    people = current_services().index.people
    names = people.to_ask(practice.contacts, pageid=page.pageid)
    return [Contact(name=name, asking=people.availability(name, None, site=site)) for name in names]


def _experts(page: Page) -> Sequence[Expert]:
    """Return who knows about the subject of a page; nobody without an index."""
    # What stands in quotes must stand on a page so: that is for who asks, not for a title.
    subject = page.title.replace('"', " ")
    readable = current_reader().readable
    try:
        found = current_services().searcher.experts(subject, top_k=PEOPLE + _CONTACTS, readable=readable)
    except SearchError:
        return ()
    least = _LEAST_SHARE * max((expert.score for expert in found.experts), default=0.0)
    return [expert for expert in told_people(found.experts) if expert.score >= least]


def _related(page: Page) -> Sequence[SimilarPage]:
    try:
        return current_services().searcher.related(
            page.pageid, top_k=RELATED, readable=current_reader().readable
        )
    except SearchError:
        return ()


def _drafts_of(page: Page) -> list[ReviewedDraft]:
    services = current_services()
    kept = services.store.drafts.list(state="published", pageid=page.pageid)
    return [services.desk.get(each.id) for each in reversed(kept)]


def _origin(reviewed: ReviewedDraft, page: Page, *, site: Site) -> Origin:
    """Return what a draft brought to a page.

    What the page does not say any more may have been taken away for a reason: it is told to coordinators
    only, who have the notes.
    """
    desk = current_services().desk
    entry = desk.entry(reviewed.notes_id)
    may_see_lines = current_reader().role >= Role.COORDINATOR
    lines: dict[int, str] = {}
    if may_see_lines:
        try:
            lines = {line.number: line.text for line in desk.notes(reviewed.notes_id).lines}
        except CaptureError:
            lines = {}  # they were kept by another version, whose format is not read any more
    now = _folded(parse(page.wikitext, site=site).text)
    sources = [
        Source(
            field=field,
            text=statement.text,
            lines=statement.lines,
            said=tuple(lines[number] for number in statement.lines if number in lines),
            stands=_folded(statement.text).rstrip(".") in now,
        )
        for field, statements in reviewed.draft.fields.items()
        for statement in statements
    ]
    return Origin(
        meeting=entry.title or "",
        met_on=entry.met_on,
        notes_id=reviewed.notes_id if may_see_lines else None,
        sources=[each for each in sources if each.stands or may_see_lines],
    )


def _history(page: Page) -> PageHistory | None:
    services = current_services()
    history = services.store.revisions.of_page(page.pageid)
    if not history:
        return None
    people = services.index.people

    def named(revision: Revision) -> str:
        user = revision.user or ""
        return user if user and people.is_person(user, revision.user_id) else ""

    editors = {name_key(name) for each in history if (name := named(each))}
    return PageHistory(
        first_by=named(history[0]),
        first_at=history[0].timestamp,
        last_by=named(history[-1]),
        last_at=history[-1].timestamp,
        editors=len(editors),
    )


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
