"""An agenda to be put on a page of the wiki, or sent: as wikitext, or as Markdown.

Each item is a heading too, under which the notes can be written: pasted back, these tell what was said of it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from community.agenda import Agenda, AgendaLine
from community.model import AgendaItem
from connector.wikitext.escape import escape, one_line

# Whatever may begin or end markup in CommonMark (https://spec.commonmark.org/0.31.2/#backslash-escapes), and
# the bar of GitHub's tables.
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#+!|~&])")
_LIST_START = re.compile(r"^(\d*)([-=.)])")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """What stands in an agenda, in one language."""

    when: str
    minutes: str
    subject: str
    person: str
    opening: str
    closing: str
    rest: str
    notes: str
    duration: str
    kinds: Mapping[str, str]
    statuses: Mapping[str, str]


_WORDS: Final[Mapping[str, _Words]] = {
    "en": _Words(
        when="When",
        minutes="Minutes",
        subject="Subject",
        person="Who",
        opening="Opening round",
        closing="Who does what by when, and the next date",
        rest="What else comes up",
        notes="Notes",
        duration="{} minutes",
        kinds={
            "question": "Question",
            "action": "Overdue action",
            "contradiction": "Pages that disagree",
            "promotion": "Status to decide",
            "step_back": "Status to decide",
            "unwritten": "Missing page",
            "stale": "Reference to look through",
            "newcomer": "To welcome",
        },
        statuses={},
    ),
    "fr": _Words(
        when="Heure",
        minutes="Minutes",
        subject="Sujet",
        person="Qui",
        opening="Tour d’ouverture",
        closing="Qui fait quoi pour quand, et la prochaine date",
        rest="Autres sujets",
        notes="Notes",
        duration="{} minutes",
        kinds={
            "question": "Question",
            "action": "Action en retard",
            "contradiction": "Pages qui se contredisent",
            "promotion": "Statut à décider",
            "step_back": "Statut à décider",
            "unwritten": "Page manquante",
            "stale": "Référence à relire",
            "newcomer": "À accueillir",
        },
        statuses={
            "emerging": "émergente",
            "tested": "testée",
            "adopted": "adoptée",
            "reference": "référence",
            "retired": "retirée",
        },
    ),
}


def as_wikitext(agenda: Agenda) -> str:
    """Return an agenda as wikitext, in the language of its meeting; whatever stands in it is escaped."""
    words = _words(agenda)
    rows = []
    for when, minutes, line, subject in _rows(agenda, words):
        if line is None:
            cells = [when, str(minutes), escape(subject), ""]
        else:
            person = escape(_awaited(line.item))
            cells = [when, str(minutes), _kind(line, words, escape) + _wiki_title(line.item), person]
        rows.append("|-\n| " + " || ".join(cells))
    head = f"! {words.when} !! {words.minutes} !! {words.subject} !! {words.person}"
    parts = [
        f"== {escape(agenda.meeting.title)} ==",
        escape(_facts(agenda, words)),
        '{| class="wikitable"\n' + "\n".join([head, *rows]) + "\n|}",
        f"== {words.notes}{_colon(words)}{escape(agenda.meeting.title)} ==",
        *(f"=== {escape(line.item.title)} ===" for line in _told(agenda)),
    ]
    return "\n\n".join(parts) + "\n"


def as_markdown(agenda: Agenda) -> str:
    """Return an agenda as Markdown with GitHub's tables, in the language of its meeting; all is escaped."""
    words = _words(agenda)
    rows = []
    for when, minutes, line, subject in _rows(agenda, words):
        if line is None:
            cells = [when, str(minutes), markdown(subject), ""]
        else:
            person = markdown(_awaited(line.item))
            cells = [when, str(minutes), _kind(line, words, markdown) + markdown(line.item.title), person]
        rows.append("| " + " | ".join(cells) + " |")
    head = f"| {words.when} | {words.minutes} | {words.subject} | {words.person} |"
    parts = [
        f"# {markdown(agenda.meeting.title)}",
        markdown(_facts(agenda, words)),
        "\n".join([head, "| --- | ---: | --- | --- |", *rows]),
        f"# {words.notes}{_colon(words)}{markdown(agenda.meeting.title)}",
        *(f"## {markdown(line.item.title)}" for line in _told(agenda)),
    ]
    return "\n\n".join(parts) + "\n"


def markdown(text: str) -> str:
    """Return Markdown that looks like `text` to a reader and holds no markup, on one line."""
    return _LIST_START.sub(r"\1\\\2", _MARKDOWN.sub(r"\\\1", one_line(text)))


def clock(agenda: Agenda, offset: int) -> str:
    """Return when something begins: “18:45”, or where nobody has said when the meeting begins “+15”."""
    if not agenda.meeting.starts_at:
        return f"+{offset}"
    begins = datetime.strptime(agenda.meeting.starts_at, "%H:%M")
    return f"{begins + timedelta(minutes=offset):%H:%M}"


def _words(agenda: Agenda) -> _Words:
    return _WORDS.get(agenda.meeting.language, _WORDS["en"])


def _facts(agenda: Agenda, words: _Words) -> str:
    from babel.dates import format_date

    meeting = agenda.meeting
    day = format_date(meeting.planned_on, "full", locale="fr" if meeting.language == "fr" else "en")
    told = [day, meeting.starts_at, words.duration.format(meeting.minutes), meeting.place]
    return " · ".join(filter(None, told))


def _told(agenda: Agenda) -> list[AgendaLine]:
    return [line for line in agenda.lines if line.minutes]


def _rows(agenda: Agenda, words: _Words) -> list[tuple[str, int, AgendaLine | None, str]]:
    """Return when, how long, and which item or else which words."""
    total = agenda.meeting.minutes
    rows: list[tuple[str, int, AgendaLine | None, str]] = [
        (clock(agenda, 0), agenda.opening, None, words.opening)
    ]
    rows += [(clock(agenda, line.offset), line.minutes, line, "") for line in _told(agenda)]
    if agenda.rest:
        rows.append((clock(agenda, total - agenda.closing - agenda.rest), agenda.rest, None, words.rest))
    return [*rows, (clock(agenda, total - agenda.closing), agenda.closing, None, words.closing)]


def _kind(line: AgendaLine, words: _Words, escaped: Callable[[str], str]) -> str:
    """Return what kind of item it is, with what is to be decided; nothing for what somebody wrote."""
    kind = words.kinds.get(line.item.kind, "")
    if not kind:
        return ""
    status = words.statuses.get(line.item.status, line.item.status)
    told = f"{kind} ({status})" if status else kind
    return f"{escaped(told)}{_colon(words)}"


def _colon(words: _Words) -> str:
    return "\u00a0: " if words is _WORDS["fr"] else ": "


def _wiki_title(item: AgendaItem) -> str:
    """Return the title of an item, as links where it is about pages."""
    pages = [each.label for each in item.evidence if each.kind == "page"]
    if item.kind == "unwritten" or not pages:
        return escape(item.title)
    return " / ".join(f"[[:{title}]]" for title in dict.fromkeys(pages))


def _awaited(item: AgendaItem) -> str:
    """Return the name of whom the item waits for; nobody where it is about the person that it names."""
    return item.person.name if item.person is not None and item.kind != "newcomer" else ""
