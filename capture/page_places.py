"""Where on a page that people wrote something can be added, so that it stands where they would put it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from capture.lines import folded
from connector.model import Site
from connector.wikitext import CLOSED, HeadingLine, heading_lines, masked
from connector.wikitext.notes import lists_notes
from connector.wikitext.templates import is_navigation

EXPERIENCES = {"fr": "Expériences", "en": "Experiences"}
"""Heading of the section of dated experiences, by language."""

_NAMES = frozenset(
    [
        *(
            "experiences",
            "experience",
            "retours d'experience",
            "retour d'experience",
            "retours d'experiences",
        ),
        *("experience reports", "experience report", "field reports"),
    ]
)
# Sections that stand at the end of a page, and stay there.
_LAST_SECTIONS = frozenset(
    [
        *("references", "notes", "notes et references", "notes and references", "sources", "bibliographie"),
        *(
            "voir aussi",
            "see also",
            "liens externes",
            "external links",
            "liens",
            "further reading",
            "footnotes",
        ),
    ]
)
_CATEGORY = 14
_INTERLANGUAGE = re.compile(r"\[\[[ ]*[a-z]{2,3}(?:-[a-z-]{2,12})?[ ]*:[^\[\]\n|]+\]\]")
_SWITCH = re.compile(r"__\w+?__")
_LIST_OF_NOTES = re.compile(r"<references[^<>]*/>|<references[^<>]*>.*?</references\s*>", re.I | re.S)
_CALL = re.compile(r"\{\{\s*(?P<name>[^|{}\n<>]+?)\s*(?:[|\n}])")
_SORT_KEY = re.compile(
    r"(?:DEFAULTSORT(?:KEY)?|DEFAULTCATEGORYSORT|CLEF?DETRI|DISPLAYTITLE|AFFICHERTITRE)\s*:", re.IGNORECASE
)
_RULE = re.compile(r"^-{4,}$")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
_USUAL_LEVEL = 2
_DEEPEST = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an experience goes."""

    offsets: tuple[int, ...]
    """In characters from the start of the page: the best first, then those before what is in its way."""
    level: int
    """Level of the section of experiences."""
    begun: bool
    """Whether the page has that section."""
    same_meeting: bool
    """Whether the section has a part with the heading that was asked for: what is added goes on with it."""


def find_place(wikitext: str, *, title: str, site: Site) -> Place:
    """Return where an experience called `title` (wikitext of its heading) goes on a page."""
    headings = heading_lines(wikitext)
    section = next((i for i, each in enumerate(headings) if _name(each) in _NAMES), None)
    if section is None:
        level = _level(headings)
        end = _before_last_sections(headings, len(wikitext), level=level)
        return Place(
            offsets=_offsets(wikitext, 0, end, site=site), level=level, begun=False, same_meeting=False
        )
    level = min(headings[section].level, _DEEPEST - 1)
    last = _end_of(headings, section)
    wanted = _folded_title(title)
    for index in range(section + 1, last):
        if _name(headings[index]) == wanted:
            end = _offset(headings, _end_of(headings, index), wikitext)
            offsets = _offsets(wikitext, _after(headings[index], wikitext), end, site=site)
            return Place(offsets=offsets, level=level, begun=True, same_meeting=True)
    end = _offset(headings, last, wikitext)
    offsets = _offsets(wikitext, _after(headings[section], wikitext), end, site=site)
    return Place(offsets=offsets, level=level, begun=True, same_meeting=False)


def experiences_of(wikitext: str) -> str:
    """Return the wikitext of a page's section of experiences; "" when it has none."""
    headings = heading_lines(wikitext)
    for index, each in enumerate(headings):
        if _name(each) in _NAMES:
            return wikitext[each.end : _offset(headings, _end_of(headings, index), wikitext)]
    return ""


def _name(heading: HeadingLine) -> str:
    return _folded_title(heading.title)


def _folded_title(title: str) -> str:
    return folded(re.sub(r"'{2,}|<[^<>]*>", "", title)).strip(" :.")


def _level(headings: Sequence[HeadingLine]) -> int:
    """Return the level of the page's sections: 2, unless all of its headings are others."""
    levels = [each.level for each in headings]
    if not levels or _USUAL_LEVEL in levels:
        return _USUAL_LEVEL
    return min(*levels, _DEEPEST - 1)


def _end_of(headings: Sequence[HeadingLine], index: int) -> int:
    """Return the index of the heading that ends a section, or how many headings there are."""
    level = headings[index].level
    following = range(index + 1, len(headings))
    return next((i for i in following if headings[i].level <= level), len(headings))


def _offset(headings: Sequence[HeadingLine], index: int, wikitext: str) -> int:
    return headings[index].start if index < len(headings) else len(wikitext)


def _after(heading: HeadingLine, wikitext: str) -> int:
    line_end = wikitext.find("\n", heading.end)
    return len(wikitext) if line_end < 0 else line_end + 1


def _before_last_sections(headings: Sequence[HeadingLine], end: int, *, level: int) -> int:
    """Return where the run of sections begins that every page ends with."""
    for each in reversed([each for each in headings if each.level <= level]):
        if _name(each) not in _LAST_SECTIONS:
            break
        end = each.start
    return end


def _offsets(wikitext: str, start: int, end: int, *, site: Site) -> tuple[int, ...]:
    """Return the ends of the last lines between two places that say something, the last first.

    What a page ends with is passed over: empty lines, categories, links to the page in other languages, sort
    keys, switches, navigation, lists of notes. A comment goes with what follows it.
    """
    lines = list(_lines(wikitext, start, end))
    while lines and _ends_pages(lines[-1].written, site):
        lines.pop()
    found = [lines[-1].offset + len(lines[-1].written)] if lines else [start]
    # What is closed and has no end (a table, say) would swallow what follows: that may go before it, then.
    while lines and (lines[-1].hidden.rstrip().endswith(CLOSED) or not lines[-1].written.strip()):
        found.append(lines.pop().offset)
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a page with its end; what is closed (a template call, a comment) is whole in one line."""

    offset: int
    written: str
    hidden: str


def _lines(wikitext: str, start: int, end: int) -> Iterator[_Line]:
    position = start
    for hidden in re.findall(r"[^\n]*\n|[^\n]+\Z", masked(wikitext)[start:end]):
        yield _Line(position, wikitext[position : position + len(hidden)], hidden)
        position += len(hidden)


def _ends_pages(written: str, site: Site) -> bool:
    text = _COMMENT.sub("", written).strip()
    for markup in (_category(site), _INTERLANGUAGE, _SWITCH, _LIST_OF_NOTES, _RULE):
        text = markup.sub("", text).strip()
    if not text:
        return True
    call = _CALL.match(text)
    if call is None or set(masked(text)) != {CLOSED}:
        return False
    name = call["name"]
    return bool(_SORT_KEY.match(name)) or is_navigation(name) or lists_notes(name)


def _category(site: Site) -> re.Pattern[str]:
    namespace = site.namespaces.get(_CATEGORY)
    names = {"Category"}
    if namespace is not None:
        names |= {namespace.name, namespace.canonical, *namespace.aliases} - {""}
    either = "|".join(sorted(map(re.escape, names)))
    return re.compile(rf"\[\[[ _]*(?:{either})[ _]*:[^\[\]\n]*\]\]", re.IGNORECASE)
