"""Who says a line: chat logs (`12:03 <nick> text`), transcripts (`Name: text`), names on their own line."""

import re
from collections import Counter
from dataclasses import replace

from capture.lines import LineKind, NoteLine, visible
from capture.people import clean_name
from capture.vocabulary import role_of

_CHAT = re.compile(
    r"^\s*(?:(?:\d+:)?(?:[\[(][^\[\]()<>\n]{1,30}[\])]|(?:\d{4}-\d\d-\d\d[T "
    r"])?\d{1,2}:\d\d(?::\d\d)?(?:\.\d+)?(?:\s?[ap]m)?Z?)\s*)?"
    r"<\s*[@+%&~]?([^<>\s]{1,40})\s*>\s?(.*)$",
    re.I,
)
_STAMPED = re.compile(
    r"^\s*[\[(]?\d{1,2}:\d\d(?::\d\d)?(?:\.\d+)?(?:\s?[ap]m)?[\])]?\s+[-–]?\s*([^\W\d_][^\s:<>|"
    r"]{0,30}(?: [^\s:<>|]{1,30}){0,3})\s?:\s+(\S.*)$",
    re.I,
)
_NAMED = re.compile(
    r"^\s*([^\W\d_][\w.'’\-|\[\]]{0,30}(?: [^\W\d_][\w.'’\-]{0,30}){0,3})(?: ?\([^()]{1,40}\))?\s?:\s+(\S.*)$"
)
_NAME_ALONE = re.compile(r"^[^\W\d_][\w.'’\-]{0,30}(?: [^\W\d_(][\w.'’\-()]{0,30}){0,3}:?$")
_STAMP = re.compile(r"\s*[\[(]?\d{1,2}[:.]\d\d(?:[:.]\d\d)?[\])]?\s*$")
_PROGRAM = re.compile(r"(?:bot|logger|zakim|rrsagent|trackbot|minutes?bot|services?)\d*_*$", re.I)
_NOTICE = re.compile(
    r"^(?:\*{1,3}\s|-!-|→|←|.{1,80}\b(?:has |is )?(?:joined|left|quit|in) (?:the (?:channel|"
    r"conference|call|chat room|room)|#)|"
    r"\S+ has (?:joined|left|quit|changed the topic)\b|\S+ is now known as |(?:added|removed) "
    r"\S+ (?:to|from) the (?:speaker )?queue)",
    re.I,
)

# A label and not a person, whatever its capital letter: "Note: ...", "Attention : ...".
_NOT_NAMES = re.compile(
    r"^(?:note|nota|nb|ps|rappel|remarque|exemple|ex|example|attention|warning|info|infos|idee|"
    r"idée|idea|objectif|goal|"
    r"date|heure|lieu|question|q|a|r|réponse|reponse|answer|todo|action|actions|issue|pr|topic|"
    r"subtopic|sujet|agenda|"
    r"décision|decision|resolution|résolution|resolved|proposed|proposal|proposition|accord|"
    r"agreed|url|lien|link|http|https|"
    r"présents?|presents?|absents?|excusés?|regrets|chair|scribe|meeting|summary|résumé|resume|"
    r"conclusion|suite|pour|contre|"
    r"abstention|vote|oui|non|yes|no|total|prix|coût|cout|cost|budget|avantages?|inconvénients?|"
    r"pros|cons|update|status|"
    r"statut|important|contexte|problème|solution|étapes?|outils?|résultats?|context|problem|"
    r"steps?|tools?|results?|why|how|"
    r"who|what|when|where|quand|comment|qui|quoi|où|pourquoi|title|titre|author|auteur|par|by|"
    r"from|to|cc|subject|objet)s?$",
    re.I,
)


def with_speakers(lines: list[NoteLine]) -> list[NoteLine]:
    """Give lines their speakers, where the notes name them consistently.

    A chat log is one when most lines have a `<nick>`. "Name: text" counts as speech when at least two names
    come back, or when one name speaks three times. A name alone on its line, in bold or before text, counts
    when it comes back.
    """
    written = [line for line in lines if line.kind not in (LineKind.BLANK, LineKind.RULE, LineKind.CODE)]
    chat = sum(1 for line in written if _CHAT.match(line.text))
    if chat >= 3 and chat >= 0.5 * len(written):
        return _chat(lines)
    return _monologues(_named(lines))


def _chat(lines: list[NoteLine]) -> list[NoteLine]:
    result: list[NoteLine] = []
    said_by = [(found.group(1), found.group(2)) for line in lines if (found := _CHAT.match(line.text))]
    nicks = {nick.casefold() for nick, _ in said_by}
    programs = _programs(said_by)
    # A scribe writes "name: what they say"; a name that comes once may be any word.
    names = Counter(inner.group(1) for _, said in said_by if (inner := _NAMED.match(said)))
    returning = {name for name, count in names.items() if count >= 2 or name.casefold() in nicks}
    reported: dict[str, str] = {}
    for line in lines:
        found = _CHAT.match(line.text)
        if not found:
            kind = LineKind.BLANK if line.kind is LineKind.BLANK else LineKind.META
            result.append(replace(line, kind=kind, content=visible(line.text), level=0, depth=0))
            continue
        nick, said = found.group(1), visible(found.group(2))
        program = nick in programs or bool(_NOTICE.match(said))
        speaker, content = nick, said
        if not program:
            inner = _NAMED.match(said)
            if inner and inner.group(1) in returning and not _NOT_NAMES.match(inner.group(1)):
                speaker, content = inner.group(1), inner.group(2)
                if role_of(speaker) is not None:
                    speaker, content = nick, said
                else:
                    reported[nick] = speaker
            elif re.match(r"^(?:\.\.\.|…)", said) and nick in reported:
                speaker, content = reported[nick], said.lstrip(".… ")
            elif nick.casefold() in nicks:
                reported.pop(nick, None)
        kind = LineKind.META if program else LineKind.TEXT if content else LineKind.BLANK
        result.append(
            replace(
                line, kind=kind, content=content, speaker=speaker, level=0, depth=0, checked=None, cells=()
            )
        )
    return result


def _programs(said_by: list[tuple[str, str]]) -> set[str]:
    """Nicks of programs: by their name, or because most of what they say is who came and went."""
    total = Counter(nick for nick, _ in said_by)
    notices = Counter(nick for nick, said in said_by if _NOTICE.match(visible(said)))
    return {nick for nick in total if _PROGRAM.search(nick) or notices[nick] >= max(2, 0.4 * total[nick])}


def chat_author(text: str) -> str | None:
    """Return the nick of a line of a chat log, whoever's words it reports; None for another line."""
    found = _CHAT.match(text)
    return found.group(1) if found else None


def _speech(line: NoteLine, *, cues: bool) -> tuple[str, str] | None:
    if line.kind not in (LineKind.TEXT, LineKind.ITEM) or line.checked is not None:
        return None
    found = _STAMPED.match(line.content) or _NAMED.match(line.content)
    if not found:
        return None
    name = found.group(1).strip()
    if clean_name(name) is None:
        return None
    if _NOT_NAMES.match(name) or role_of(name) is not None:
        return None
    if cues:  # a subtitle has its speaker in front, as the call knew them: "zoe" as well as "Zoe"
        return name, found.group(2)
    if not name[:1].isupper():
        return None
    if len(name.split()) > 1 and not all(part[:1].isupper() or len(part) <= 3 for part in name.split()):
        return None
    return name, found.group(2)


def _named(lines: list[NoteLine]) -> list[NoteLine]:
    cues = any(line.time and line.kind is LineKind.TEXT for line in lines)
    counts = Counter(speech[0] for line in lines if (speech := _speech(line, cues=cues)))
    returning = {name for name, count in counts.items() if count >= 2}
    if len(returning) < 2 and not any(count >= 3 for count in counts.values()):
        return lines
    written = sum(1 for line in lines if line.kind in (LineKind.TEXT, LineKind.ITEM))
    if sum(counts.values()) < 0.25 * written:
        return lines  # a few "Name: task" lines in minutes are no conversation
    result: list[NoteLine] = []
    for line in lines:
        speech = _speech(line, cues=cues)
        known = speech is not None and (speech[0] in returning or len(speech[0].split()) <= 3)
        result.append(replace(line, speaker=speech[0], content=speech[1]) if speech and known else line)
    return result


def _monologues(lines: list[NoteLine]) -> list[NoteLine]:
    """Names that stand on their own line before what they say, as in transcripts and verbatim minutes."""
    alone: Counter[str] = Counter()
    for index, line in enumerate(lines):
        name = _name_alone(line)
        if name and _said_below(lines, index):
            alone[name] += 1
    names = {name for name, count in alone.items() if count >= 2}
    if not names or sum(count for name, count in alone.items() if name in names) < 4:
        return lines
    result: list[NoteLine] = []
    speaker: str | None = None
    for line in lines:
        name = _name_alone(line)
        if name in names or (name and line.bold and alone.get(name)):
            speaker = name
            result.append(replace(line, kind=LineKind.META, speaker=name, level=0))
        elif line.kind is LineKind.HEADING or line.kind is LineKind.RULE:
            speaker = None
            result.append(line)
        elif speaker and line.speaker is None and line.kind in (LineKind.TEXT, LineKind.ITEM):
            result.append(replace(line, speaker=speaker))
        else:
            result.append(line)
    return result


def _name_alone(line: NoteLine) -> str | None:
    if line.kind is not LineKind.TEXT and not (line.kind is LineKind.HEADING and line.level >= 3):
        return None
    text = _STAMP.sub("", line.content).strip()
    if not _NAME_ALONE.match(text) or not text[:1].isupper():
        return None
    name = text.rstrip(":").strip()
    if (
        _NOT_NAMES.match(name)
        or role_of(name) is not None
        or not (line.bold or text.endswith(":") or " " in name)
    ):
        return None
    if not all(part[:1].isupper() or part[:1] == "(" or len(part) <= 3 for part in name.split()):
        return None
    return name


def _said_below(lines: list[NoteLine], index: int) -> bool:
    below = lines[index + 1 : index + 3]
    return any(line.kind in (LineKind.TEXT, LineKind.ITEM) for line in below)
