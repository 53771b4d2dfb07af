"""A draft's statements as wikitext, and how a page says where they come from.

A group of statements ends with a note (`<ref>`) that names the meeting, or the page of its notes, and the
lines; a wiki without the extension Cite has no notes, and its pages a list of sources. What comes from the
notes shows as text and does no more.
"""

import datetime
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from capture.dates import find_dates
from capture.draft import Statement
from capture.lines import visible
from connector.model import Site
from connector.wikitext import escape, normalize_title, one_line

_LISTED = ("tools", "cautions")
_ORDERED = "steps"
_WHOLE_SENTENCE = re.compile(r"[.!?…][\"'”’»)\]]*$")
_LINE_WORDS = {"fr": ("ligne", "lignes"), "en": ("line", "lines")}
_FRENCH_MONTHS = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
_ENGLISH_MONTHS = "January February March April May June July August September October November December"
_CITE = "Cite"
_HAS_NOTES = re.compile(r"<ref(?:erences)?[\s/>]", re.IGNORECASE)
_MAX_TITLE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """The meeting that statements come from."""

    title: str
    """"" when the notes have none."""
    date: datetime.date | None
    sha256: str
    """Of the notes' original bytes."""
    notes_page: str | None = None
    """Title of the wiki's page that has the notes."""


def source_of(*, meeting_title: str, date: datetime.date | None, sha256: str) -> str:
    """Return how a page names the meeting that it comes from."""
    title = _shown_title(meeting_title)
    parts = [part for part in (title, date.isoformat() if date and not _says(title, date) else "") if part]
    return ", ".join(parts) or f"notes {sha256[:12]}"


def dated_title(meeting: Meeting, *, language: str) -> str:
    """Return what a heading calls a meeting: its date in words, then its title, which may say the date."""
    title = _shown_title(meeting.title)
    if meeting.date is None or _says(title, meeting.date):
        return title or f"Notes {meeting.sha256[:12]}"
    french = _known(language) == "fr"
    month = (_FRENCH_MONTHS if french else _ENGLISH_MONTHS).split()[meeting.date.month - 1]
    day = "1er" if french and meeting.date.day == 1 else str(meeting.date.day)
    date = f"{day} {month} {meeting.date.year}"
    return f"{date} – {title}" if title else date


def can_cite(site: Site | None, *, wikitext: str = "") -> bool:
    """Tell whether pages of a wiki can have notes: it has Cite, or the page has some already."""
    return (site is not None and _CITE in site.extensions) or _HAS_NOTES.search(wikitext) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """How the statements of one page name their source.

    Args:
        source: Wikitext that names it.
        language: Of the page.
        notes: Whether the page can have notes (see `can_cite`).
    """

    source: str
    language: str
    notes: bool

    def note(self, lines: Sequence[int]) -> str:
        """Return the note of a group of statements; nothing where there are no lines, or no notes."""
        return f"<ref>{self.located(lines)}</ref>" if self.notes and lines else ""

    def located(self, lines: Sequence[int]) -> str:
        """Return the source and where in it."""
        one, many = _LINE_WORDS[_known(self.language)]
        ranges = list(_ranges(lines))
        if not ranges:
            return self.source
        word = one if len(ranges) == 1 and ranges[0][0] == ranges[0][1] else many
        shown = ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in ranges)
        return f"{self.source}, {word} {shown}"


def cited_meeting(meeting: Meeting, *, site: Site) -> str:
    """Return wikitext that names a meeting, with a link to the page of its notes when there is one."""
    name = source_of(meeting_title=meeting.title, date=meeting.date, sha256=meeting.sha256)
    if meeting.notes_page is None:
        return escape(name)
    try:
        page = normalize_title(meeting.notes_page, site=site)
    except ValueError:
        return escape(name)
    return f"[[:{page}|{escape(name)}]]"


def prose(name: str, statements: Sequence[Statement], *, citation: Citation | None = None) -> str:
    """Return the statements of a field as its section's text: sentences, or a list.

    Args:
        name: The field; steps are numbered, tools and cautions listed.
        statements: What it says.
        citation: How the source is named, or None for no notes.
    """
    noted = list(_noted(statements, citation))
    if name == _ORDERED:
        return "\n".join(f"# {text}" for text in noted)
    if name in _LISTED or not all(_WHOLE_SENTENCE.search(statement.text) for statement in statements):
        return "\n".join(f"* {text}" for text in noted) if len(noted) > 1 else noted[0]
    return " ".join(noted)


def lines_of(statements: Sequence[Statement]) -> tuple[int, ...]:
    """Return all lines that statements come from, in order."""
    return tuple(sorted({number for statement in statements for number in statement.lines}))


def _noted(statements: Sequence[Statement], citation: Citation | None) -> Iterator[str]:
    """Yield each statement's wikitext; the last of each group that has lines with the note of the group."""
    group: list[Statement] = []
    for statement, following in zip(statements, [*statements[1:], None], strict=True):
        text = escape(statement.text)
        group = [*group, statement] if statement.lines else []
        if citation is not None and group and (following is None or not following.lines):
            text += citation.note(lines_of(group))
        yield text


def _ranges(lines: Sequence[int]) -> Iterator[tuple[int, int]]:
    numbers = sorted(set(lines))
    start = 0
    for index, number in enumerate(numbers):
        if index + 1 == len(numbers) or numbers[index + 1] > number + 1:
            yield numbers[start], number
            start = index + 1


def _shown_title(title: str) -> str:
    return visible(one_line(title))[:_MAX_TITLE].strip()


def _says(title: str, date: datetime.date) -> bool:
    return any(
        found.date == date for reading in (True, None) for found in find_dates(title, day_first=reading)
    )


def _known(language: str) -> str:
    return "fr" if language.lower().partition("-")[0] == "fr" else "en"
