"""The outline of the notes: which lines are headings, and under which headings a line stands.

Besides the headings that markup gives, people write a topic in bold, in capitals, with a number, with
"Topic:", or as a label that ends with a colon. A chat's scribe writes `topic: ...`.
"""

import re
from dataclasses import replace

from capture.lines import LineKind, NoteLine, folded
from capture.vocabulary import PRACTICE_ROLES, Role, clean_heading, role_of

LABEL_LEVEL = 7
"""Level of a label ("Actions :"): below every heading, and over sooner."""

_TOPIC_LINE = re.compile(
    r"^\s*(sub-?)?(?:topic|sujet|point|thème|theme|agenda item|pratique|practice)(?: "
    r"n?°?\s*\d{1,2})?\s*[:–—]\s+(\S.{0,149})$",
    re.I,
)
# MeetBot's (https://wiki.debian.org/MeetBot)
_BOT_TOPIC = re.compile(r"^#topic\s+(\S.{0,149})$", re.I)
_TAKEN_UP = re.compile(r"^(?:agendum|agenda item) \d+\s*(?:--|—|–)\s*(.+?)\s*(?:--|—|–)\s*taken up\b", re.I)
_GREETING = re.compile(
    r"^(?:hi|hello|hey|dear|good (?:morning|evening|afternoon)|bonjour|bonsoir|salut|coucou|"
    r"ch[eè]re?s?)\b",
    re.I,
)
_ENDS_SENTENCE = re.compile(r"[.!;,…]$")
_KEY_VALUE = re.compile(r"^[^:]{1,40}\s?:\s+\S")

# A heading with one of these roles says nothing about the headings below it ("Agenda" over the whole
# meeting).
# As a label these name who writes ("Notes : Noé"); as a heading they stand over what was written.
_WHAT_WAS_WRITTEN = re.compile(r"^(?:notes?|minutes|redaction)$")
_NOT_INHERITED = (Role.AGENDA, Role.META, Role.DATE, Role.SCRIBE, Role.CHAIR)


def with_headings(lines: list[NoteLine]) -> list[NoteLine]:
    """Promote the lines that are headings in all but markup, and give every line its heading path."""
    return _with_paths(_promoted(lines))


def line_role(path: tuple[str, ...]) -> Role | None:
    """Say what a line under these headings belongs to: the innermost heading that tells, outwards.

    Args:
        path: A line's heading path, outermost first.
    """
    for distance, heading in enumerate(reversed(path)):
        role = role_of(heading)
        if role is Role.SCRIBE and _WHAT_WAS_WRITTEN.match(folded(clean_heading(heading))):
            continue
        if role is not None:
            return None if distance and role in _NOT_INHERITED else role
    return None


def _promoted(lines: list[NoteLine]) -> list[NoteLine]:
    explicit = any(line.kind is LineKind.HEADING for line in lines)
    numbered = set() if explicit else _numbered_headings(lines)
    chat = sum(1 for line in lines if line.speaker) > 0.6 * sum(1 for line in lines if line.content)
    result: list[NoteLine] = []
    for index, line in enumerate(lines):
        level = 0
        content = line.content
        topic = _TOPIC_LINE.match(content) if line.kind in (LineKind.TEXT, LineKind.META) else None
        taken_up = _TAKEN_UP.match(content) if line.kind is LineKind.META else _BOT_TOPIC.match(content)
        if line.kind is LineKind.HEADING:
            result.append(line)
            continue
        if topic and not (line.kind is LineKind.META and not line.speaker):
            level, content = (3 if topic.group(1) else 2), topic.group(2)
            level += 3 if explicit else 0
        elif taken_up:
            level, content = 2, taken_up.group(1)
        elif chat and line.speaker:
            level = 0
        elif index in numbered:
            level = 2
        elif line.kind is LineKind.TEXT and not line.speaker:
            level = _text_level(lines, index, explicit=explicit)
        elif line.kind is LineKind.ITEM and _is_label(line):
            level = LABEL_LEVEL
        if level:
            kind_depth = line.depth if level == LABEL_LEVEL else 0
            result.append(
                replace(
                    line, kind=LineKind.HEADING, level=level, content=content, depth=kind_depth, speaker=None
                )
            )
        else:
            result.append(line)
    return result


def _is_label(line: NoteLine) -> bool:
    text = line.content
    return text.endswith(":") and line.checked is None and len(text) <= 60 and role_of(text) is not None


def _text_level(lines: list[NoteLine], index: int, *, explicit: bool) -> int:
    """Return the level at which a line of text is a heading, 0 when it is none."""
    line = lines[index]
    text = line.content
    if not text or len(text) > 120 or _ENDS_SENTENCE.search(text) or not any(char.isalpha() for char in text):
        return 0
    if _is_label(line):
        return LABEL_LEVEL
    before = lines[index - 1].kind if index else LineKind.BLANK
    apart = before in (LineKind.BLANK, LineKind.HEADING, LineKind.RULE)
    following = next(
        (other for other in lines[index + 1 : index + 4] if other.kind is not LineKind.BLANK), None
    )
    if following is None:
        return 0
    words = len(text.split())
    # "Actions" needs no empty line above it when its list stands right below it.
    listed = index + 1 < len(lines) and lines[index + 1].kind is LineKind.ITEM
    if _KEY_VALUE.match(text):
        return 0
    if (apart or line.bold or listed) and words <= 4 and role_of(text) is not None:
        return LABEL_LEVEL if explicit else 3
    if line.bold and words <= 12:
        return 6 if explicit else 3
    if explicit or not apart:
        return 0
    letters = [char for char in text if char.isalpha()]
    if len(letters) >= 4 and all(char.isupper() for char in letters) and words <= 12:
        return 2
    if text.endswith(":") and words <= 8 and index > 0:
        return 3
    alone = index + 1 < len(lines) and lines[index + 1].kind is LineKind.BLANK
    if alone and index > 0 and words <= 6 and text[0].isupper() and not text.endswith("?"):
        return 4
    return 0


def _numbered_headings(lines: list[NoteLine]) -> set[int]:
    """Indices of numbered lines that open a topic: short, apart, each with something else below it."""
    starts = [
        index
        for index, line in enumerate(lines)
        if line.kind is LineKind.ITEM and line.ordered and line.depth == 1 and not line.text[:1].isspace()
    ]
    if not starts:
        return set()
    found: set[int] = set()
    for position, index in enumerate(starts):
        line = lines[index]
        end = starts[position + 1] if position + 1 < len(starts) else len(lines)
        body = [other for other in lines[index + 1 : end] if other.kind is not LineKind.BLANK]
        flat = [other for other in body if not other.text[:1].isspace() or other.kind is LineKind.ITEM]
        if flat and len(line.content) <= 100 and not _ENDS_SENTENCE.search(line.content):
            found.add(index)
    enough = len(found) >= 2 or (len(found) == 1 and len(starts) == 1)
    return found if enough and len(found) >= 0.6 * len(starts) else set()


def _with_paths(lines: list[NoteLine]) -> list[NoteLine]:
    stack: list[tuple[int, str]] = []
    label: NoteLine | None = None
    label_used = label_listed = False
    blank = False
    spaced = any(line.kind is LineKind.BLANK for line in lines)  # the text of HTML has no empty lines
    result: list[NoteLine] = []
    for line in lines:
        if line.kind is LineKind.HEADING:
            while stack and stack[-1][0] >= line.level:
                stack.pop()
            if line.level == LABEL_LEVEL:
                label, label_used, label_listed = line, False, False
            else:
                label = None
            stack.append((line.level, line.content))
            blank = False
        elif line.kind is LineKind.BLANK:
            blank = True
        elif line.kind is not LineKind.RULE:
            if label is not None and _label_is_over(
                label, line, used=label_used, listed=label_listed, blank=blank or not spaced
            ):
                stack = [entry for entry in stack if entry[0] != LABEL_LEVEL]
                label = None
            label_used = True
            label_listed = line.kind is LineKind.ITEM
            blank = False
        result.append(replace(line, heading_path=tuple(heading for _, heading in stack)))
    return result


def _label_is_over(label: NoteLine, line: NoteLine, *, used: bool, listed: bool, blank: bool) -> bool:
    if label.depth:
        return line.kind is not LineKind.ITEM or line.depth <= label.depth
    if role_of(label.content) in PRACTICE_ROLES:
        # It goes on over several paragraphs, until its list ends or another label begins one.
        if listed and blank and line.kind is LineKind.TEXT:
            return True
        return bool(_KEY_VALUE.match(line.content)) and role_of(line.content.split(":")[0]) is not None
    return used and blank and line.kind is LineKind.TEXT


def notes_title(lines: tuple[NoteLine, ...], document_title: str) -> str:
    """Return the title of the meeting: its top heading, else the document's, else its first line, else ""."""
    written = [
        line
        for line in lines
        if line.content and line.kind not in (LineKind.BLANK, LineKind.RULE, LineKind.CODE)
    ]
    spoken = next(
        (
            found.group(1)
            for line in written[:80]
            if (
                found := re.match(
                    r"^(?:(?:meeting|réunion|titre|title|objet|subject)\s?:\s*|#startmeeting\s+)"
                    r"(\S.{2,149})$",
                    line.content,
                    re.I,
                )
            )
        ),
        None,
    )
    mail = bool(written) and written[0].kind is LineKind.META and written[0].content.startswith("Subject: ")
    chat = bool(written) and sum(1 for line in written if line.speaker) > 0.6 * len(written)
    if chat:
        return spoken or document_title
    visible_lines = [line for line in written if line.kind is not LineKind.META]
    for position, line in enumerate(visible_lines[:12]):
        if (
            line.kind is LineKind.HEADING
            and role_of(line.content) is None
            and (line.level == 1 or position == 0)
        ):
            return line.content
    if document_title or spoken:
        return document_title if mail else spoken or document_title
    first = visible_lines[0] if visible_lines else None
    if first is not None and _GREETING.match(first.content):
        return ""
    if first is not None and first.kind in (LineKind.TEXT, LineKind.HEADING) and len(first.content) <= 120:
        opening = _KEY_VALUE.match(first.content)
        if role_of(first.content) is None and not (
            opening and role_of(first.content.split(":")[0]) is not None
        ):
            return clean_heading(first.content)
    return ""
