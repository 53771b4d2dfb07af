"""What somebody tried, as it stands on a practice page: one `{{Experience}}` call, written and read.

The template and its parameters have the language of the wiki (`{{Expérience|par=|le=|issue=…}}`); both are
understood on reading, whatever the wiki.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from connector.model import Site
from connector.practice import Practice, from_wikitext
from connector.wikitext import (
    TemplateCall,
    escape,
    masked,
    one_line,
    parse,
    plain_text,
    template_calls,
    title_namespace,
)

Outcome = Literal["worked", "partly", "not"]

TEMPLATES: Final[Mapping[str, str]] = {"en": "Experience", "fr": "Expérience"}
"""Name of the template, by the language of the wiki."""

OUTCOME_WORDS: Final[Mapping[str, Mapping[Outcome, str]]] = {
    "en": {"worked": "worked", "partly": "partly", "not": "not"},
    "fr": {"worked": "réussi", "partly": "en partie", "not": "échec"},
}
"""What a page says of an outcome, by the language of the wiki."""

PARAMETERS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {"by": "by", "on": "on", "outcome": "outcome", "context": "context", "note": "note"},
    "fr": {"by": "par", "on": "le", "outcome": "issue", "context": "contexte", "note": "note"},
}
"""The template's parameters, in the order in which a page writes them."""

# Other words that people write for an outcome.
_OTHER_WORDS: Final[Mapping[str, Outcome]] = {
    **dict.fromkeys(("it worked", "yes", "success", "oui", "réussie", "réussite", "a marché"), "worked"),
    **dict.fromkeys(("partially", "in part", "mixed", "partiel", "partielle", "partiellement"), "partly"),
    **dict.fromkeys(("no", "did not", "did not work", "failed", "failure", "non", "raté"), "not"),
    **dict.fromkeys(("n'a pas marché", "échoué"), "not"),
}
_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})\Z")
# As people write it in French and in British English; of the American order nothing can be told for sure.
_DAY_FIRST: Final = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})\Z")
_USER: Final = 2
# What a page must have for any of it to be looked for.
_CALLED: Final = re.compile(r"exp[eé]rience", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageExperience:
    """What somebody tried, as the page says it. Texts are plain, on one line, and may be empty."""

    outcome: Outcome
    by: str = ""
    """Who tried it."""
    on: date | None = None
    context: str = ""
    """Where."""
    note: str = ""

    def __post_init__(self) -> None:
        for name in ("by", "context", "note"):
            object.__setattr__(self, name, one_line(getattr(self, name)))


def experience_call(experience: PageExperience, *, wiki_language: str) -> str:
    """Return the call of the template, on lines of its own; `read_experiences` reads the same again."""
    language = known_language(wiki_language)
    values = {
        "by": escape(experience.by),
        "on": experience.on.isoformat() if experience.on else "",
        "outcome": OUTCOME_WORDS[language][experience.outcome],
        "context": escape(experience.context),
        "note": escape(experience.note),
    }
    names = PARAMETERS[language]
    written = "\n".join(f"|{names[name]}={value}" for name, value in values.items() if value)
    return f"{{{{{TEMPLATES[language]}\n{written}\n}}}}"


def read_experiences(wikitext: str, *, site: Site) -> tuple[PageExperience, ...]:
    """Return the experiences that a page tells of, in its order.

    One whose outcome is not understood tells nothing, and is left out.
    """
    if not _CALLED.search(unicodedata.normalize("NFC", wikitext)):
        return ()
    read = (_read(call, site) for call in experience_calls(wikitext, site=site))
    return tuple(each for each in read if each is not None)


def experience_calls(wikitext: str, *, site: Site) -> list[TemplateCall]:
    """Return where a page calls the template, in whatever language, in its order."""
    calls = [call for name in TEMPLATES.values() for call in template_calls(wikitext, name=name, site=site)]
    return sorted(calls, key=lambda call: call.start)


def without_experiences(wikitext: str, *, site: Site) -> str:
    """Return a text without the calls of the template, and without headings that nothing follows then."""
    if not _CALLED.search(unicodedata.normalize("NFC", wikitext)):
        return wikitext
    calls = experience_calls(wikitext, site=site)
    if not calls:
        return wikitext
    text = wikitext
    for call in reversed(calls):
        text = text[: call.start].rstrip(" ") + text[call.end :]
    return _without_empty_sections(text)


def experiences_as_prose(wikitext: str, *, site: Site) -> str:
    """Return a text in which each call of the template stands as its context and its note, without names.

    So it is what people read and search for: the names of parameters are no text, and whoever tried it is
    asked about elsewhere.
    """
    if not _CALLED.search(unicodedata.normalize("NFC", wikitext)):
        return wikitext
    text = wikitext
    for call in reversed(experience_calls(wikitext, site=site)):
        read = _read(call, site)
        words = [escape(part) for part in (read.context, read.note) if part] if read is not None else []
        text = f"{text[: call.start]}{' – '.join(words)}{text[call.end :]}"
    return text


def is_practice(wikitext: str) -> bool:
    """Tell whether a page may call the template of practices: a cheap look, before it is parsed."""
    return "practice" in wikitext.casefold()


def practice_of(title: str, wikitext: str, *, site: Site) -> Practice | None:
    """Return the practice of a page, without parsing what cannot be one."""
    return from_wikitext(title, wikitext, site=site) if is_practice(wikitext) else None


def known_language(wiki_language: str) -> str:
    """Return `fr` or `en`: the language in which a wiki's template is written."""
    return "fr" if wiki_language.lower().partition("-")[0] == "fr" else "en"


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.replace("’", "'").casefold())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split()).strip(" .!")


_PARAMETER_OF_NAME = {_fold(word): name for names in PARAMETERS.values() for name, word in names.items()}
_OUTCOME_OF_WORD: dict[str, Outcome] = {
    _fold(word): outcome for words in OUTCOME_WORDS.values() for outcome, word in words.items()
}
_OUTCOME_OF_WORD |= {_fold(word): outcome for word, outcome in _OTHER_WORDS.items()}


def _read(call: TemplateCall, site: Site) -> PageExperience | None:
    values: dict[str, str] = {}
    for name, value in call.parameters:
        known = _PARAMETER_OF_NAME.get(_fold(name))
        if known is not None and value:
            values[known] = _person(value, site) if known == "by" else one_line(plain_text(value, site=site))
    outcome = _OUTCOME_OF_WORD.get(_fold(values.get("outcome", "")))
    if outcome is None:
        return None
    return PageExperience(
        outcome=outcome,
        by=values.get("by", ""),
        on=_day(values.get("on", "")),
        context=values.get("context", ""),
        note=values.get("note", ""),
    )


def _person(value: str, site: Site) -> str:
    """Return who is named: of a link to a user's page the user's name, whatever it shows."""
    for link in parse(value, site=site).links:
        number, name = title_namespace(link.target, site)
        if number == _USER:
            return one_line(name)
    return one_line(plain_text(value, site=site))


def _day(text: str) -> date | None:
    if found := _ISO.match(text.strip()):
        year, month, day = map(int, found.groups())
    elif found := _DAY_FIRST.match(text.strip()):
        day, month, year = map(int, found.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:  # there is no such day
        return None


_HEADING: Final = re.compile(r"^(={1,6})[^\n]*?\1[ \t]*\r?$\n?", re.MULTILINE)


def _without_empty_sections(text: str) -> str:
    """Return a text without headings under which nothing stands: the deepest go first."""
    while True:
        hidden = masked(text)
        found = list(_HEADING.finditer(hidden))
        for index, each in enumerate(found):
            following = found[index + 1] if index + 1 < len(found) else None
            end = following.start() if following else len(text)
            deeper = following is not None and len(following[1]) > len(each[1])
            if not deeper and not text[each.end() : end].strip():
                text = text[: each.start()] + text[end:]
                break
        else:
            return text
