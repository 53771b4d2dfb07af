"""Adds what a meeting told to a practice page that people wrote, and leaves theirs as it is.

An edit is made of insertions only: what is taken out of the new text again gives the old one, byte for byte.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from capture.draft import Draft, Statement
from capture.lines import folded
from capture.page_places import EXPERIENCES, Place, experiences_of, find_place
from capture.prose import (
    Citation,
    Meeting,
    can_cite,
    cited_meeting,
    dated_title,
    lines_of,
    prose,
    source_of,
)
from capture.text_diff import DiffLine, text_diff
from connector.errors import CaptureError
from connector.model import Site
from connector.practice import HEADINGS, TEMPLATE, from_wikitext, known_parameter, parameter
from connector.wikitext import (
    TemplateCall,
    escape,
    heading_lines,
    is_redirect,
    masked,
    one_line,
    template_calls,
)

__all__ = ["DiffLine", "Meeting", "add_entry", "add_experience", "text_diff"]

# A shorter sentence may stand anywhere by chance; in the section of experiences it counts.
_TELLING = 30
_LINK = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]")
_LABELS = {"fr": "'''{}''' :", "en": "'''{}''':"}
_SOURCE_LABELS = {"fr": "Source : {}", "en": "Source: {}"}


@dataclass(frozen=True, slots=True)
class _Insertion:
    offset: int
    text: str


def add_experience(
    wikitext: str,
    *,
    draft: Draft,
    meeting: Meeting,
    site: Site,
    language: str,
    link: Callable[[str, tuple[int, int]], str] | None = None,
) -> str:
    """Return a page with what a draft says as a dated experience, its people and its meeting added.

    The experience stands at the end of the page's section of experiences, which is made, before references
    and categories, when there is none. The lists of contacts and sources of the practice template grow by
    what they lack. What the page says already is not said again: a draft that was added before gives the
    same text. Nothing else changes.

    Args:
        wikitext: The page as it is now.
        draft: What is added.
        meeting: Where it comes from.
        site: The wiki.
        language: Of the page's prose.
        link: Makes links in a span of the page, that of the experience, and changes nothing else.

    Raises:
        CaptureError: The page redirects to another one, or there is no place on it where the text would show.
    """
    if is_redirect(wikitext):
        raise CaptureError("this page leads to another one: add the experience there")
    fields = _not_said_yet(wikitext, draft)
    insertions: list[_Insertion] = []
    experience: _Insertion | None = None
    if fields:
        title = escape(dated_title(meeting, language=language))
        place = find_place(wikitext, title=title, site=site)
        citation = Citation(
            source=cited_meeting(meeting, site=site),
            language=language,
            notes=can_cite(site, wikitext=wikitext),
        )
        block = _block(fields, title=title, place=place, citation=citation)
        experience = _placed(wikitext, block, place)
        insertions.append(experience)
    call = next(iter(template_calls(wikitext, name=TEMPLATE, site=site)), None)
    if call is not None:
        insertions += _grown_lists(wikitext, call, draft=draft, meeting=meeting, site=site)
    text = _applied(wikitext, insertions)
    if experience is None or link is None:
        return text
    start = experience.offset
    start += sum(len(each.text) for each in insertions if each.offset < experience.offset)
    return link(text, (start, start + len(experience.text)))


def add_entry(wikitext: str, *, entry: str, title: str, site: Site, language: str) -> str:
    """Return a page with some wikitext at the end of its section of experiences, under a heading of its own.

    The section is made where it is missing, and the heading where the section has none like it, as
    `add_experience` does. Nothing else changes.

    Args:
        wikitext: The page as it is now.
        entry: What is added: wikitext that is whole in itself.
        title: Plain text of its heading.
        site: The wiki.
        language: Of the page's prose.

    Raises:
        CaptureError: There is no place on the page where the text would show.
    """
    place = find_place(wikitext, title=escape(title), site=site)
    headings = _headings(escape(title), place=place, language=_known(language))
    return _applied(wikitext, [_placed(wikitext, "\n".join([*headings, entry]), place)])


def _not_said_yet(wikitext: str, draft: Draft) -> dict[str, list[Statement]]:
    """Return the statements that the page does not have, by field."""
    page = _words(wikitext)
    experiences = _words(experiences_of(wikitext))
    fields: dict[str, list[Statement]] = {}
    for name, statements in draft.fields.items():
        for statement in statements:
            text = _words(escape(statement.text))
            if text not in experiences and (len(text) < _TELLING or text not in page):
                fields.setdefault(name, []).append(statement)
    return fields


def _words(wikitext: str) -> str:
    """Return a text for comparing: links as their words, single spaces."""
    return " ".join(_LINK.sub(r"\1", wikitext).split())


def _block(fields: dict[str, list[Statement]], *, title: str, place: Place, citation: Citation) -> str:
    """Return what is added: a heading or two, and a paragraph or a list for each field."""
    language = _known(citation.language)
    parts = _headings(title, place=place, language=language)
    blocks = []
    for name, statements in fields.items():
        label = _LABELS[language].format(HEADINGS[language][name])
        text = prose(name, statements, citation=citation)
        blocks.append(f"{label}\n{text}" if text.startswith(("#", "*")) else f"{label} {text}")
    lines = lines_of([statement for statements in fields.values() for statement in statements])
    if not citation.notes and lines:
        blocks.append(f"''{_SOURCE_LABELS[language].format(citation.located(lines))}''")
    return "\n".join([*parts, "\n\n".join(blocks)])


def _headings(title: str, *, place: Place, language: str) -> list[str]:
    """Return the headings that are missing above what is added; `title` is wikitext."""
    headings = [] if place.begun else [_heading(EXPERIENCES[language], place.level)]
    return headings if place.same_meeting else [*headings, _heading(title, place.level + 1)]


def _known(language: str) -> str:
    return "fr" if language.lower().partition("-")[0] == "fr" else "en"


def _heading(title: str, level: int) -> str:
    return f"{'=' * level} {title} {'=' * level}"


def _placed(wikitext: str, block: str, place: Place) -> _Insertion:
    """Return the block at the first place where it shows as it is meant."""
    old_headings = [each.title for each in heading_lines(wikitext)]
    own = [each.title for each in heading_lines(block)]
    for offset in place.offsets:
        insertion = _spaced(wikitext, block, offset)
        text = _applied(wikitext, [insertion])
        shown = masked(text)[offset : offset + len(insertion.text)]
        before = sum(each.start < offset for each in heading_lines(wikitext))
        headings = [each.title for each in heading_lines(text)]
        wanted = [*old_headings[:before], *own, *old_headings[before:]]
        if shown == masked(insertion.text) and headings == wanted:
            return insertion
    raise CaptureError("there is no place on this page where the experience would show")


def _spaced(wikitext: str, block: str, offset: int) -> _Insertion:
    """Return the block with an empty line before and after it, in the line ends of the page."""
    before, after = wikitext[:offset], wikitext[offset:]
    lead = "" if not before.strip() else "\n" if before.endswith("\n") else "\n\n"
    if before.endswith(("\n\n", "\n\r\n")):
        lead = ""
    if not after:
        tail = "\n" if before.endswith("\n") else ""
    else:
        tail = "\n" if after.startswith(("\n", "\r\n")) else "\n\n"
    text = f"{lead}{block}{tail}"
    return _Insertion(offset, text.replace("\n", "\r\n") if "\r\n" in wikitext else text)


def _grown_lists(
    wikitext: str, call: TemplateCall, *, draft: Draft, meeting: Meeting, site: Site
) -> Iterator[_Insertion]:
    """Yield what the template's lists of people and of sources lack."""
    practice = from_wikitext("", wikitext, site=site)
    if practice is None:
        return
    source = source_of(meeting_title=meeting.title, date=meeting.date, sha256=meeting.sha256)
    missing = {
        "contacts": _missing_people(draft.people, practice.contacts),
        "sources": [source] if folded(source) not in map(folded, practice.sources) else [],
    }
    for name, items in missing.items():
        if items:
            yield _grown(wikitext, call, name, items, wiki_language=site.language)


def _missing_people(people: Sequence[str], named: Sequence[str]) -> list[str]:
    """Return who is not named; “Zoé” is when “Zoé Blanc” is."""
    known = [frozenset(folded(name).split()) for name in named]
    missing = []
    for name in people:
        words = frozenset(folded(one_line(name)).split())
        if words and not any(words <= each for each in known):
            known.append(words)
            missing.append(name)
    return missing


def _grown(
    wikitext: str, call: TemplateCall, name: str, items: Sequence[str], *, wiki_language: str
) -> _Insertion:
    written = [escape(item).replace(",", "&#44;") for item in items]
    spans = [
        span
        for (each, _), span in zip(call.parameters, call.values, strict=True)
        if known_parameter(each) == name
    ]
    if not spans:
        inner = call.end - len("}}")
        new = f"|{parameter(name, wiki_language=wiki_language)}={', '.join(written)}"
        multiline = wikitext[call.start : inner].endswith("\n")
        end = "\r\n" if "\r\n" in wikitext else "\n"
        return _Insertion(inner, f"{new}{end}" if multiline else new)
    # The wiki takes the last of several; what is empty gives way to what is not, on reading.
    filled = [span for span in spans if wikitext[slice(*span)].strip()]
    start, end_of_value = (filled or spans)[-1]
    value = wikitext[start:end_of_value]
    if not value.strip():
        lead = len(value) - len(value.lstrip(" \t"))
        return _Insertion(start + lead, ", ".join(written))
    return _Insertion(start + len(value.rstrip()), "".join(_separator(value) + item for item in written))


def _separator(value: str) -> str:
    """Return what stands between the items of a list as a person wrote it."""
    bullets = re.findall(r"^([*#]+[ \t]*)", value, re.MULTILINE)
    if bullets:
        return f"\n{bullets[-1]}"
    if "," not in value and re.search(r"<br\s*/?>", value):
        return "<br>"
    return "; " if "," not in value and ";" in re.sub(r"&#?\w+;", "", value) else ", "


def _applied(wikitext: str, insertions: Sequence[_Insertion]) -> str:
    pieces = []
    position = 0
    for insertion in sorted(insertions, key=lambda each: each.offset):
        pieces += [wikitext[position : insertion.offset], insertion.text]
        position = insertion.offset
    return "".join([*pieces, wikitext[position:]])
