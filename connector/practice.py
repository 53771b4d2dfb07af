"""A practice page: what it says, and its one written form in the wiki.

A practice is a page with a `{{Practice}}` call, one section for each of `FIELDS`, and categories. The names
of the template's parameters and the words of the status follow the language of the wiki, the section headings
the language of the page; both languages are understood on reading, whatever the wiki.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from connector.model import Site
from connector.wikitext import (
    TemplateCall,
    escape,
    heading_lines,
    masked,
    one_line,
    parse,
    plain_text,
    storable,
    template_calls,
    title_namespace,
)

FIELDS = ("context", "problem", "solution", "steps", "tools", "results", "cautions")
"""The sections of a practice, in the order of the page."""

TEMPLATE = "Practice"
"""Name of the template, the same on every wiki."""

HEADINGS: Mapping[str, Mapping[str, str]] = {
    "en": {name: name.capitalize() for name in FIELDS},
    "fr": {
        "context": "Contexte",
        "problem": "Problème",
        "solution": "Solution",
        "steps": "Étapes",
        "tools": "Outils",
        "results": "Résultats",
        "cautions": "Points de vigilance",
    },
}
"""Section headings by language."""


class Status(StrEnum):
    """How far a practice has come; the order is the order of its life."""

    EMERGING = "emerging"
    TESTED = "tested"
    ADOPTED = "adopted"
    REFERENCE = "reference"
    RETIRED = "retired"


_STATUS_WORDS = {
    "en": {status: status.value for status in Status},
    "fr": {
        Status.EMERGING: "émergente",
        Status.TESTED: "testée",
        Status.ADOPTED: "adoptée",
        Status.REFERENCE: "référence",
        Status.RETIRED: "retirée",
    },
}
_PARAMETERS = {
    "en": {
        "status": "status",
        "context": "context",
        "contacts": "contacts",
        "sources": "sources",
        "language": "language",
        "generated": "generated",
        "reviewed_by": "reviewed_by",
    },
    "fr": {
        "status": "statut",
        "context": "contexte",
        "contacts": "contacts",
        "sources": "sources",
        "language": "langue",
        "generated": "générée",
        "reviewed_by": "relue_par",
    },
}
PARAMETERS = tuple(_PARAMETERS["en"])
"""The parameters of the template, by their English names, in the order in which a page writes them."""
_YES = {"en": "yes", "fr": "oui"}
_CATEGORY = {"en": "Category", "fr": "Catégorie"}
_AFFIRMATIVE = frozenset(["yes", "oui", "true", "vrai", "1", "y", "o"])
_USER = 2
_SECTION_LEVEL = 2
_REFERENCES = "references"
# The list of the notes, where the wiki has notes; else what the page comes from.
_REFERENCES_HEADINGS = {"en": "References", "fr": "Références"}
_SOURCES_HEADING = "Sources"
_CATEGORY_LINK = re.compile(
    r"\[\[[ _]*(?:Category|Catégorie)[ _]*:[ _]*(?P<name>[^\[\]|#<>{}\n]+?)[ _]*(?:\|[^\[\]\n]*)?\]\]",
    re.IGNORECASE,
)
_CATEGORY_LINE = re.compile(
    rf"^(?:[ \t]*{_CATEGORY_LINK.pattern.replace('?P<name>', '?:')})+[ \t]*$\n?", re.M | re.I
)
# What separates the items of a list, unless it is the end of an entity.
_SEPARATOR = re.compile(r"(?P<entity>&#?\w+;)|[,;\n]|<br\s*/?>|^[*#:]+", re.MULTILINE)
# As in titles; three tildes are a signature, which the wiki writes out before it looks at brackets.
_FORBIDDEN_IN_CATEGORY = re.compile(r"[#<>\[\]|{}\n\x00-\x1f\x7f\ufffd]|~{3}")


@dataclass(frozen=True, kw_only=True)
class Practice:
    """One practice of the community.

    Values are brought to the form that the wiki would give them: texts of the template on one line, prose in
    NFC and without white space around it, empty sections left out, sections in the order of `FIELDS`.

    Raises:
        ValueError: a section is not one of `FIELDS` or comes twice, or a category has characters that no
            title can have.
    """

    title: str
    language: str
    """Language of the prose: "fr", "en"."""
    status: Status = Status.EMERGING
    summary_context: str = ""
    """In a few words, where this is practised; plain text."""
    contacts: tuple[str, ...] = ()
    """Names of the people to ask; plain text."""
    sources: tuple[str, ...] = ()
    """Where this comes from (meetings, pages, addresses); plain text."""
    generated: bool = False
    """Whether the text was written from notes by a program and only then reviewed."""
    reviewed_by: str | None = None
    categories: tuple[str, ...] = ()
    """Names without their prefix."""
    lead: str = ""
    """Wikitext between the template and the first heading that is a field's."""
    sections: tuple[tuple[str, str], ...] = ()
    """Field and its prose, which is wikitext."""
    references: str = ""
    """Wikitext of the last section: the list of the page's notes, or of what it comes from."""
    other_parameters: tuple[tuple[str, str], ...] = field(default=())
    """Parameters of the template that Compagnon does not know, as they stand in the wikitext."""

    def __post_init__(self) -> None:
        names = [name for name, _ in self.sections]
        if len(set(names)) != len(names) or not set(names) <= set(FIELDS):
            raise ValueError(f"sections must be different ones of {', '.join(FIELDS)}: {', '.join(names)}")
        prose = {name: _clean_prose(text) for name, text in self.sections}
        categories = _clean_list(tuple(name.replace("_", " ") for name in self.categories))
        if not all(is_category(name) for name in categories):
            raise ValueError(f"not a category: {', '.join(categories)}")
        cleaned: dict[str, object] = {
            "language": _clean_text(self.language),
            "summary_context": _clean_text(self.summary_context),
            "contacts": _clean_list(self.contacts),
            "sources": _clean_list(self.sources),
            "reviewed_by": _clean_text(self.reviewed_by or "") or None,
            "categories": categories,
            "lead": _clean_prose(self.lead),
            "references": _clean_prose(self.references),
            "sections": tuple((name, prose[name]) for name in FIELDS if prose.get(name)),
        }
        for name, value in cleaned.items():
            object.__setattr__(self, name, value)

    def section(self, name: str) -> str:
        """Return the prose of one of `FIELDS`, empty when the practice has none."""
        return dict(self.sections).get(name, "")


def heading(name: str, *, language: str) -> str:
    """Return the heading of one of `FIELDS` in a language."""
    return HEADINGS[_known(language)][name]


def references_heading(references: str, *, language: str) -> str:
    """Return the heading of the last section in a language; of a plain list it is “Sources”."""
    listed = "<references" in references.lower()
    return _REFERENCES_HEADINGS[_known(language)] if listed else _SOURCES_HEADING


def parameter(name: str, *, wiki_language: str) -> str:
    """Return what a wiki of a language calls a parameter of the template, given its English name."""
    return _PARAMETERS[_known(wiki_language)][name]


def known_parameter(name: str) -> str | None:
    """Return the English name of a parameter, however a page writes it; None for one that is not known."""
    return _PARAMETER_OF_NAME.get(_fold(name))


def is_category(name: str) -> bool:
    """Tell whether a category can have this name."""
    return bool(name.strip(" _")) and not _FORBIDDEN_IN_CATEGORY.search(name)


def status_word(status: Status, *, language: str) -> str:
    """Return the word for a status in a language."""
    return _STATUS_WORDS[_known(language)][status]


def to_wikitext(practice: Practice, *, wiki_language: str) -> str:
    """Write a practice as the text of its page.

    `from_wikitext` reads the same practice again, when its prose ends what it begins (comments, tables) and
    holds no call of the template, no heading of a field or of the references, and no category on a line of
    its own.

    Args:
        practice: what to write; its prose is wikitext already, everything else is escaped here.
        wiki_language: language of the wiki, for the parameters and their words.
    """
    wiki = _known(wiki_language)
    names = _PARAMETERS[wiki]
    values = [
        (names["status"], status_word(practice.status, language=wiki)),
        (names["context"], escape(practice.summary_context)),
        (names["contacts"], _written_list(practice.contacts)),
        (names["sources"], _written_list(practice.sources)),
        (names["language"], escape(practice.language)),
        (names["generated"], _YES[wiki] if practice.generated else ""),
        (names["reviewed_by"], _written_list((practice.reviewed_by or "",))),
        *practice.other_parameters,
    ]
    call = "\n".join(f"|{name}={value}" for name, value in values if value)
    blocks = [f"{{{{{TEMPLATE}\n{call}\n}}}}"]
    if practice.lead:
        blocks.append(practice.lead)
    blocks.extend(
        f"== {heading(name, language=practice.language)} ==\n{prose}" for name, prose in practice.sections
    )
    if practice.references:
        title = references_heading(practice.references, language=practice.language)
        blocks.append(f"== {title} ==\n{practice.references}")
    if practice.categories:
        blocks.append("\n".join(f"[[{_CATEGORY[wiki]}:{name}]]" for name in practice.categories))
    return "\n\n".join(blocks) + "\n"


def from_wikitext(title: str, wikitext: str, *, site: Site) -> Practice | None:
    """Read a practice from the text of its page.

    Nothing that the page says is lost: a section that is not a field's stays, with its heading, in the prose
    of the field above it (or in the lead), an unknown parameter in `other_parameters`. A field that comes
    twice gives its prose one after the other.

    Returns:
        The practice, or None when the page has no call of the template.
    """
    text = wikitext.replace("\r\n", "\n")
    calls = template_calls(text, name=TEMPLATE, site=site)
    if not calls:
        return None
    call = calls[0]
    values, others = _values(call)
    body = text[: call.start].rstrip() + "\n" + text[call.end :]
    body, categories = _without_categories(body)
    lead, prose = _split(body)
    references = prose.pop(_REFERENCES, "")
    return Practice(
        title=title,
        language=_plain(values.get("language", ""), site) or site.language,
        status=_read_status(_plain(values.get("status", ""), site)),
        summary_context=_plain(values.get("context", ""), site),
        contacts=_read_list(values.get("contacts", ""), site),
        sources=_read_list(values.get("sources", ""), site),
        generated=_fold(_plain(values.get("generated", ""), site)) in _AFFIRMATIVE,
        reviewed_by=next(iter(_read_list(values.get("reviewed_by", ""), site)), None),
        categories=tuple(categories),
        lead=lead,
        sections=tuple(prose.items()),
        references=references,
        other_parameters=tuple(others),
    )


def _known(language: str) -> str:
    return "fr" if language.lower().partition("-")[0] == "fr" else "en"


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).replace("_", " ").strip()


_FIELD_OF_HEADING = {_fold(words): name for table in HEADINGS.values() for name, words in table.items()}
_FIELD_OF_HEADING |= {
    _fold(words): _REFERENCES for words in (*_REFERENCES_HEADINGS.values(), _SOURCES_HEADING)
}
_PARAMETER_OF_NAME = {_fold(words): name for table in _PARAMETERS.values() for name, words in table.items()}
# "Testé" says the same as "testée".
_STATUS_OF_WORD = {
    _fold(words).rstrip("e"): status for table in _STATUS_WORDS.values() for status, words in table.items()
}


def _read_status(word: str) -> Status:
    return _STATUS_OF_WORD.get(_fold(word).rstrip("e"), Status.EMERGING)


def _values(call: TemplateCall) -> tuple[dict[str, str], list[tuple[str, str]]]:
    values: dict[str, str] = {}
    others = []
    for name, value in call.parameters:
        known = _PARAMETER_OF_NAME.get(_fold(name))
        if known is None:
            others.append((name, value))
        elif value:
            values[known] = value
    return values, others


def _without_categories(body: str) -> tuple[str, list[str]]:
    """Return a text without its lines of categories, and their names; what is commented out stays."""
    kept: list[str] = []
    names: list[str] = []
    position = 0
    for found in _CATEGORY_LINE.finditer(masked(body)):
        if found.group() == body[found.start() : found.end()]:
            kept.append(body[position : found.start()])
            names += [link["name"] for link in _CATEGORY_LINK.finditer(found.group())]
            position = found.end()
    return "".join([*kept, body[position:]]), names


def _split(body: str) -> tuple[str, dict[str, str]]:
    """Return what stands before the first field's heading, and the prose of each field."""
    prose: dict[str, str] = {}
    lead = ""
    current: str | None = None
    start = 0
    headings = [each for each in heading_lines(body) if each.level == _SECTION_LEVEL]
    for found in [*headings, None]:
        name = _FIELD_OF_HEADING.get(_fold(found.title)) if found else None
        if found and (name is None or "<!--" in body[found.start : found.end]):
            continue
        part = body[start : found.start if found else len(body)].strip()
        if current is None:
            lead = part
        else:
            prose[current] = "\n\n".join(each for each in (prose.get(current, ""), part) if each)
        if found:
            current, start = name, found.end
    return lead, prose


def _plain(value: str, site: Site) -> str:
    return _clean_text(plain_text(value, site=site))


def _written_list(items: tuple[str, ...]) -> str:
    # An encoded comma separates nothing.
    return ", ".join(escape(item).replace(",", "&#44;") for item in items)


def _read_list(value: str, site: Site) -> tuple[str, ...]:
    """Return the items of a list in whatever way people write one: commas, semicolons, breaks, bullets.

    A link to a user's page gives the user's name, whatever it shows.
    """
    pieces = []
    position = 0
    for link in parse(value, site=site).links:
        number, name = title_namespace(link.target, site)
        pieces.append(value[position : link.wikitext_offset])
        pieces.append(_written_list((name if number == _USER else link.link_text,)))
        position = link.wikitext_offset + link.length
    written = "".join([*pieces, value[position:]])
    items = []
    position = 0
    for found in [*_SEPARATOR.finditer(written), None]:
        if found and found["entity"]:  # its semicolon separates nothing
            continue
        items.append(_plain(written[position : found.start() if found else len(written)], site))
        position = found.end() if found else position
    return _clean_list(tuple(items))


def _clean_text(text: str) -> str:
    return " ".join(one_line(text).split())


def _clean_list(items: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in map(_clean_text, items) if text))


def _clean_prose(text: str) -> str:
    return storable(text.replace("\r\n", "\n")).strip()
