"""People whom a page names itself: contacts and authors in its practice template, who was at its meeting.

What is written in a page is anybody's text, so names are taken only from where a page says who is who: the
template's own fields, and lists of attendees.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from connector.model import Page, Site
from connector.practice import TEMPLATE, from_wikitext
from connector.wikitext import parse, plain_text, title_namespace

_USER = 2
# A parameter of the practice template that Compagnon does not write itself, and communities add.
_AUTHOR_PARAMETER = re.compile(
    r"(?:authors?|written[ _]by|aut(?:eur|rice)(?:[·.(]?e?s?\)?)?(?:[·.]rice[·.]?s?)?|écrite?[ _]par)",
    re.IGNORECASE,
)
# "Présents : A, B" or "'''Attendees''': A, B", in a paragraph or as an item of a list. What was read once is
# not read in other ways ("*+"): there would be a hundred million of them for a line of a thousand spaces.
_ATTENDEES = re.compile(
    r"^[ \t*#;:']*+"
    r"(?:(?:étaient[ ])?présent(?:[·.(-]?e[·.)-]?)?s?\)?|participant(?:[·.(-]?e[·.)-]?)?s?\)?"
    r"|attendees|present|in attendance)"
    r"[ \t\u00a0']*+:[ \t']*+(?P<names>[^\n]{2,2000}+)$",
    re.IGNORECASE | re.MULTILINE,
)
_SEPARATOR = re.compile(r"[,;/]|<br\s*/?>|\s(?:et|and|&)\s", re.IGNORECASE)
_ASIDE = re.compile(r"\([^()]*\)")
# A name is short, and says nothing else.
_NAME = re.compile(r"[^\W\d_][\w.'’ -]{1,60}")
_MOST_NAMES = 60
# What is longer, or comes later on a page, is no list of people.
_MOST_CHARACTERS = 2_000
_MOST_LISTS = 20
# A sentence ends so; an initial keeps its point.
_FULL_STOP = re.compile(r"(?<=\w\w)\.$")


@dataclass(frozen=True, slots=True)
class NamedPeople:
    """Names as the page writes them; those of links to users' pages are the accounts' own."""

    contacts: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    attended: tuple[str, ...] = ()


def named_people(page: Page, *, site: Site) -> NamedPeople:
    """Return whom a page's wikitext names as contacts, as authors, and as those who were there."""
    text = page.wikitext
    practice = from_wikitext(page.title, text, site=site) if TEMPLATE.casefold() in text.casefold() else None
    authors = [
        value
        for name, value in (practice.other_parameters if practice else ())
        if _AUTHOR_PARAMETER.fullmatch(name.strip())
    ]
    attended = [found["names"] for found in islice(_ATTENDEES.finditer(text), _MOST_LISTS)]
    return NamedPeople(
        contacts=practice.contacts if practice else (),
        authors=_names(authors, site),
        attended=_names(attended, site),
    )


def _names(values: Sequence[str], site: Site) -> tuple[str, ...]:
    names: list[str] = []
    for value in values[:_MOST_LISTS]:
        if len(value) > _MOST_CHARACTERS:
            continue
        position = 0
        pieces: list[str] = []
        for link in parse(value, site=site).links:
            number, name = title_namespace(link.target, site)
            pieces.append(value[position : link.wikitext_offset])
            pieces.append(name if number == _USER else link.link_text)
            position = link.wikitext_offset + link.length
        pieces.append(value[position:])
        for item in _SEPARATOR.split("".join(pieces)):
            name = " ".join(_ASIDE.sub("", plain_text(item, site=site)).split())
            name = _FULL_STOP.sub("", name)
            if _NAME.fullmatch(name):
                names.append(name)
    return tuple(dict.fromkeys(names))[:_MOST_NAMES]
