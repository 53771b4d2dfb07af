"""Messages with a head that names who writes or speaks, and when.

The chats of Zoom, Teams and WhatsApp, and the transcripts of Teams and its like: the head stands before the
text, or on a line of its own.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from capture.formats.clock import clock_time, elapsed_time
from capture.formats.transcripts import person_name
from capture.lines import LineKind, NoteLine
from capture.people import clean_name

_NAME = r"(?P<name>[^\W\d_][^\t\n:<>]{0,60}?)"
# Zoom: "10:31:22 From Jane Doe to Everyone : text", "00:03:15<tab>Jane Doe:<tab>text".
_ZOOM = re.compile(
    rf"^\s*(?P<stamp>\d{{1,2}}:\d\d:\d\d)(?:[ \t]+(?:From|De|Von)[ \t]+|[ \t]*\t[ \t]*){_NAME}"
    r"(?:[ \t]+(?:to|à|an)[ \t]+[^\t\n:]{1,60}?)?[ \t]*:(?:[ \t]+(?P<said>\S.*))?\s*$",
    re.I,
)
# Teams: "[10:31] Doe, Jane"; WhatsApp: "[03/03/2026 10:31:22] Jane: text", "03/03/2026, 10:31 - Jane: text".
_STAMP_FIRST = re.compile(
    r"^\s*(?:\[(?P<stamp>[^\[\]\n]{0,24}\d{1,2}:\d\d(?::\d\d)?(?:\s?[ap]m)?)\]\s*|"
    r"(?P<dated>\d{1,2}[./]\d{1,2}[./]\d{2,4},? (?:à |at )?\d{1,2}:\d\d(?::\d\d)?(?:\s?[ap]m)?) [-–] )"
    rf"{_NAME}(?:\s?:\s+(?P<said>\S.*))?\s*$",
    re.I,
)
# Teams' transcripts: "Jane Doe   0:03", the text below; Slack: "Jane Doe  10:31 AM".
_STAMP_LAST = re.compile(
    rf"^\s*{_NAME}\s+(?P<stamp>\d{{1,2}}:\d\d(?::\d\d)?(?:\s?[ap]m)?)(?P<said>)\s*$",
    re.I,
)
# Written beside a message, not in it.
_REACTION = re.compile(
    r"^(?:reacted to [\"“«]|removed an? .{1,30} reaction|a réagi à|replying to [\"“])", re.I
)
_LINE_NAME = re.compile(r"^[^\W\d_][\w.'’ ,()|/&-]{0,60}$")


@dataclass(frozen=True, slots=True)
class _Head:
    name: str
    stamp: str
    said: str


def with_messages(lines: list[NoteLine], *, is_label: Callable[[str], bool]) -> list[NoteLine] | None:
    """Give the lines of messages their speakers and times.

    Args:
        lines: The lines of the notes.
        is_label: Says of a text whether it is a label of notes ("Decision") and no one's name.

    Returns:
        The lines; None when they are no messages.
    """
    written = sum(1 for line in lines if line.content)
    for pattern, share in ((_ZOOM, 0.3), (_STAMP_FIRST, 0.2), (_STAMP_LAST, 0.15)):
        heads = {
            index: head
            for index, line in enumerate(lines)
            if (head := _head(line, pattern, is_label)) is not None
        }
        if len(heads) < 2 or len(heads) < share * written:
            continue
        if pattern is _STAMP_LAST and not _come_back(heads):
            continue  # the times of an agenda stand behind its points
        return _with_heads(lines, heads, recording=pattern is _STAMP_LAST and _is_elapsed(heads))
    return None


def _head(line: NoteLine, pattern: re.Pattern[str], is_label: Callable[[str], bool]) -> _Head | None:
    if line.kind not in (LineKind.TEXT, LineKind.ITEM) and not (
        line.kind is LineKind.HEADING and line.level > 2
    ):
        return None
    met = pattern.match(line.text) if len(line.text) < 3_000 else None
    if not met:
        return None
    name = person_name(met["name"])
    if not _LINE_NAME.match(name) or len(name.split()) > 5 or is_label(name) or clean_name(name) is None:
        return None
    found = met.groupdict()
    return _Head(name=name, stamp=found["stamp"] or found.get("dated") or "", said=found["said"] or "")


def _come_back(heads: dict[int, _Head]) -> bool:
    counts = Counter(head.name for head in heads.values())
    returning = sum(count for count in counts.values() if count >= 2)
    return len(heads) >= 3 and returning >= 0.5 * len(heads)


def _is_elapsed(heads: dict[int, _Head]) -> bool:
    """Whether the times are those from the start of a recording: they begin near zero."""
    first = next(iter(heads.values())).stamp
    half = any(head.stamp[-1:] in "mM" for head in heads.values())
    return not half and bool(re.match(r"^0?\d:[0-5]\d$|^0?0:", first)) and not re.match(r"^0[89]:", first)


def _with_heads(lines: list[NoteLine], heads: dict[int, _Head], *, recording: bool) -> list[NoteLine]:
    result: list[NoteLine] = []
    current: _Head | None = None
    time: str | None = None
    for index, line in enumerate(lines):
        head = heads.get(index)
        if head is not None:
            current = head
            time = elapsed_time(head.stamp) if recording else clock_time(head.stamp)
            content = head.said if head.said and not _REACTION.match(head.said) else ""
            result.append(
                replace(
                    line,
                    kind=LineKind.TEXT if content else LineKind.META,
                    content=content or line.content,
                    speaker=head.name,
                    time=time,
                    level=0,
                    depth=0,
                    bold=False,
                )
            )
        elif line.kind in (LineKind.HEADING, LineKind.RULE):
            current = None
            result.append(line)
        elif current is not None and line.kind in (LineKind.TEXT, LineKind.ITEM):
            kind = LineKind.META if _REACTION.match(line.content) else line.kind
            result.append(replace(line, kind=kind, speaker=current.name, time=time))
        else:
            result.append(line)
    return result
