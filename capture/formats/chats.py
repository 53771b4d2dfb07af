"""Chat logs: `12:03 <nick> text`, as IRC clients and meeting bots write them.

What programs write (who came and went, the bots of a meeting) and what is said to them says nothing of the
meeting. Nicks become people where the log itself says who they are. The bots' commands are those of Zakim,
RRSAgent and scribe.perl (https://w3c.github.io/scribe2/scribedoc.html).
"""

import re
from collections import Counter
from dataclasses import replace

from capture.formats.clock import clock_time
from capture.lines import LineKind, NoteLine, folded, visible
from capture.vocabulary import role_of

_STAMP = (
    r"(?P<stamp>(?:\d+:)?(?:[\[(][^\[\]()<>\n]{1,30}[\])]|(?:\d{4}-\d\d-\d\d[T ])?"
    r"\d{1,2}:\d\d(?::\d\d)?(?:\.\d+)?(?:\s?[ap]m)?Z?))"
)
_SAID = re.compile(rf"^\s*(?:{_STAMP}\s*)?<\s*[@+%&~]?(?P<nick>[^<>\s]{{1,40}})\s*>\s?(?P<said>.*)$", re.I)
# WeeChat writes columns; "-->", "<--" and "--" stand where programs speak.
_COLUMNS = re.compile(rf"^{_STAMP}\t[@+%&~ ]?(?P<nick>[^\t<>:]{{1,40}})\t(?P<said>.*)$", re.I)
_DOES = re.compile(rf"^\s*(?:{_STAMP}\s*)?\*{{1,3}} ?(?P<nick>[^\s*<>]{{1,40}}) (?P<said>\S.*)$", re.I)
_INNER_NAME = re.compile(
    r"^\s*([^\W\d_][\w.'’\-|\[\]]{0,30}(?: [^\W\d_][\w.'’\-]{0,30}){0,3})(?: ?\([^()]{1,40}\))?\s?:\s+(\S.*)$"
)
_PROGRAM = re.compile(r"(?:bot|logger|zakim|rrsagent|trackbot|minutes?bot|services?)\d*_*$", re.I)
_NOTICE = re.compile(
    r"^(?:\*{1,3}\s|-!-|→|←|.{1,80}\b(?:has |is )?(?:joined|left|quit|in) (?:the (?:channel|"
    r"conference|call|chat room|room)|#)|"
    r"\S+ has (?:joined|left|quit|changed the topic)\b|\S+ is now known as |(?:added|removed) "
    r"\S+ (?:to|from) the (?:speaker )?queue)",
    re.I,
)
# Said to a bot, or to put oneself on the list of speakers; and scribes' corrections, s/this/that/.
_COMMAND = re.compile(
    r"^(?:(?:zakim|rrsagent|trackbot(?:-ng)?|agendabot|ghurlbot|gb|scribe\.perl|minutes?bot)\s?[,:]\s|"
    r"(?:v?q(?:ueue)?\s?[+?=-]|agenda\s?[+?-]|ack\s+\S+\s*$|i/|s/[^/]{1,200}/[^/]{0,200}/?[gG]?\s*$|"
    r"#(?:startmeeting|endmeeting|meetingname|lurk|unlurk)\b))",
    re.I,
)
_RENAMED = re.compile(
    r"(?:^|[\s*])(?P<old>\S{1,40}) (?:is now known as|s[’']appelle désormais) (?P<new>\S{1,40})"
)
_PRESENT = re.compile(r"^present\s?\+\s?:?\s+(?P<name>[^,;]{3,60})$", re.I)


def is_chat(lines: list[NoteLine]) -> bool:
    """Whether notes are a chat log: most lines have a nick."""
    written = [line for line in lines if line.kind not in (LineKind.BLANK, LineKind.RULE)]
    said = sum(1 for line in written if _match(line.text))
    return said >= 3 and said >= 0.5 * len(written)


def chat_author(text: str) -> str | None:
    """Return the nick of a line of a chat log, whoever's words it reports; None for another line."""
    found = _match(text)
    return found.group("nick") if found else None


def _match(text: str) -> re.Match[str] | None:
    found = _SAID.match(text)
    if found or "\t" not in text:
        return found
    found = _COLUMNS.match(text)
    return found if found and any(char.isalpha() for char in found.group("nick")) else None


def read_chat(lines: list[NoteLine], *, not_names: re.Pattern[str]) -> list[NoteLine]:
    """Give the lines of a chat log their speakers and times.

    Args:
        lines: The lines of the log.
        not_names: What stands before a colon and is no one's name.
    """
    result: list[NoteLine] = []
    said_by = [(met.group("nick"), met.group("said")) for line in lines if (met := _match(line.text))]
    nicks = {nick.casefold() for nick, _ in said_by}
    programs = _programs(said_by)
    people = _people(lines, said_by)
    # A scribe writes "name: what they say"; a name that comes once may be any word.
    names = Counter(inner.group(1) for _, said in said_by if (inner := _INNER_NAME.match(said)))
    returning = {name for name, count in names.items() if count >= 2 or name.casefold() in nicks}
    reported: dict[str, str] = {}
    for line in lines:
        found = _match(line.text)
        if not found:
            result.append(_apart(line, nicks, programs, people))
            continue
        nick, said = found.group("nick"), visible(found.group("said"))
        silent = nick in programs or bool(_NOTICE.match(said)) or bool(_COMMAND.match(said))
        speaker, content = nick, said
        if not silent:
            inner = _INNER_NAME.match(said)
            if inner and inner.group(1) in returning and not not_names.match(inner.group(1)):
                speaker, content = inner.group(1), inner.group(2)
                if role_of(speaker) is not None:
                    speaker, content = nick, said
                else:
                    reported[nick] = speaker
            elif re.match(r"^(?:\.\.\.|…)", said) and nick in reported:
                speaker, content = reported[nick], said.lstrip(".… ")
            elif nick.casefold() in nicks:
                reported.pop(nick, None)
        kind = LineKind.META if silent else LineKind.TEXT if content else LineKind.BLANK
        result.append(
            _said(
                line, kind=kind, content=content, speaker=people.get(speaker, speaker), stamp=found["stamp"]
            )
        )
    return result


def _said(
    line: NoteLine, *, kind: LineKind, content: str, speaker: str | None, stamp: str | None
) -> NoteLine:
    return replace(
        line,
        kind=kind,
        content=content,
        speaker=speaker,
        time=clock_time(stamp or ""),
        level=0,
        depth=0,
        checked=None,
        cells=(),
    )


def _apart(line: NoteLine, nicks: set[str], programs: set[str], people: dict[str, str]) -> NoteLine:
    """Read a line that no one says: what someone does, or what the server tells."""
    does = _DOES.match(line.text)
    if does and does["nick"].casefold() in nicks and does["nick"] not in programs:
        told = f"{does['nick']} {does['said']}"
        if not _NOTICE.match(told):
            speaker = people.get(does["nick"], does["nick"])
            content = visible(f"{speaker} {does['said']}")
            return _said(line, kind=LineKind.TEXT, content=content, speaker=speaker, stamp=does["stamp"])
    kind = LineKind.BLANK if line.kind is LineKind.BLANK else LineKind.META
    return replace(line, kind=kind, content=visible(line.text), level=0, depth=0, checked=None, cells=())


def _programs(said_by: list[tuple[str, str]]) -> set[str]:
    """Nicks of programs: by their name, or because most of what they say is who came and went."""
    total = Counter(nick for nick, _ in said_by)
    notices = Counter(nick for nick, said in said_by if _NOTICE.match(visible(said)))
    return {nick for nick in total if _PROGRAM.search(nick) or notices[nick] >= max(2, 0.4 * total[nick])}


def _people(lines: list[NoteLine], said_by: list[tuple[str, str]]) -> dict[str, str]:
    """Return who the nicks are that the log tells: "present+ Jane_Doe" by jdoe, and new nicks of old ones."""
    people: dict[str, str] = {}
    for nick, said in said_by:
        told = _PRESENT.match(visible(said))
        if told:
            name = told["name"].replace("_", " ").strip()
            if _is_name_of(name, nick):
                people.setdefault(nick, name)
    spoke = {nick for nick, _ in said_by}
    for line in lines:
        renamed = _RENAMED.search(line.text)
        if renamed and renamed["old"] in spoke:
            old, new = renamed["old"], renamed["new"].rstrip(".")
            if new not in people and people.get(old, old) != new:
                people[new] = people.get(old, old)
    return people


def _is_name_of(name: str, nick: str) -> bool:
    """Whether a full name can be that of who has the nick; people also report others as present."""
    parts = [folded(part) for part in re.split(r"[\s-]+", name) if part]
    bare = re.sub(r"[^a-z]", "", folded(nick))
    if len(parts) < 2 or len(bare) < 2:
        return False
    initials = "".join(part[0] for part in parts)
    short = {initials, parts[0][0] + parts[-1], parts[0] + parts[-1][0], parts[-1] + parts[0][0]}
    return (
        bare in short
        or "".join(parts) == bare
        or any(len(part) >= 3 and (bare.startswith(part) or part.startswith(bare)) for part in parts)
    )
