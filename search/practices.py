"""What the practice template of a page says: facts that a hit shows, and labelled text that is searched."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from connector.model import Page, Section, Site
from connector.practice import TEMPLATE, Practice, from_wikitext, status_word
from connector.practice_experiences import experiences_as_prose, read_experiences
from connector.wikitext import parse, template_calls
from search.language import Language, LanguageDetector, base_language
from search.people import PeopleFilter

_LABELS: dict[Language, dict[str, str]] = {
    "fr": {
        "context": "Contexte : ",
        "status": "Statut : ",
        "contacts": "Contacts : ",
        "sources": "Sources : ",
        "categories": "Catégories : ",
    },
    "en": {
        "context": "Context: ",
        "status": "Status: ",
        "contacts": "Contacts: ",
        "sources": "Sources: ",
        "categories": "Categories: ",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """A page as search reads it."""

    sections: tuple[Section, ...]
    """Plain text, without the practice template."""
    labels: str
    """What the template and the categories say, a labelled line each."""
    language: Language
    status: str | None
    """The practice's status; None for a page that is no practice."""
    contacts: tuple[str, ...]
    """Who the practice says to ask, without those who opted out."""


def read_page(
    page: Page,
    *,
    site: Site,
    detector: LanguageDetector,
    people: PeopleFilter,
    rendered: Sequence[Section] | None = None,
) -> PageText:
    """Return what search needs of a page; a page that is no wikitext has its title only.

    Args:
        page: the page.
        site: its wiki.
        detector: says the language of its text.
        people: leaves out who does not want to be found.
        rendered: the sections of its rendering, to be taken instead of the wikitext's.
    """
    wiki_language = base_language(site.language)
    if page.content_model != "wikitext":
        return PageText(sections=(), labels="", language=wiki_language, status=None, contacts=())
    practice = from_wikitext(page.title, page.wikitext, site=site)
    told = read_experiences(page.wikitext, site=site) if practice else ()
    parsed = parse(_without_templates(page.wikitext, site=site) if practice else page.wikitext, site=site)
    contacts = people.named(practice.contacts) if practice else ()
    sections, text = parsed.sections, parsed.text
    # The rendering shows what the templates were given, names of people who opted out included.
    named = [*(practice.contacts if practice else ()), *(each.by for each in told if each.by)]
    if rendered is not None and len(people.named(named)) == len(named):
        sections, text = tuple(rendered), "\n\n".join(section.text for section in rendered)
    fallback = base_language(practice.language, default=wiki_language) if practice else wiki_language
    language = detector.detect(text.strip() or page.title, fallback=fallback)
    return PageText(
        sections=sections,
        labels=_labels(practice, contacts, parsed.categories, language),
        language=language,
        status=practice.status.value if practice else None,
        contacts=contacts,
    )


def _without_templates(wikitext: str, *, site: Site) -> str:
    # What the template says is read from the template: its parameters' names are no text.
    text = experiences_as_prose(wikitext.replace("\r\n", "\n"), site=site)
    for call in reversed(template_calls(text, name=TEMPLATE, site=site)):
        text = text[: call.start] + text[call.end :]
    return text


def _labels(
    practice: Practice | None, contacts: Sequence[str], categories: Collection[str], language: Language
) -> str:
    values: dict[str, str] = {}
    if practice is not None:
        values = {
            "context": practice.summary_context,
            "status": status_word(practice.status, language=language),
            "contacts": ", ".join(contacts),
            "sources": ", ".join(practice.sources),
        }
    values["categories"] = ", ".join(categories)
    return "\n".join(_LABELS[language][name] + value for name, value in values.items() if value)
