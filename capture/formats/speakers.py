"""Who says a line, and when: chat logs, messages, transcripts (`Name: text`), names on their own line."""

import re
from collections import Counter
from dataclasses import replace

from capture.formats.chats import chat_author as chat_author
from capture.formats.chats import is_chat, read_chat
from capture.formats.clock import clock_time
from capture.formats.messages import with_messages
from capture.formats.transcripts import person_name
from capture.lines import LineKind, NoteLine
from capture.people import clean_name
from capture.vocabulary import role_of

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
    r"from|to|cc|subject|objet|"
    r"today|yesterday|tomorrow|(?:last|this|next) (?:week|sprint|time)|done|doing|next|blockers?|blocked|"
    r"aujourd[’']hui|hier|demain|(?:cette |la )?semaine(?: (?:dernière|prochaine))?|fait|en cours|blocages?|"
    r"bloqué)s?$",
    re.I,
)


def with_speakers(lines: list[NoteLine]) -> list[NoteLine]:
    """Give lines their speakers, where the notes name them consistently.

    A chat log is one when most lines have a `<nick>`; messages have heads with a name and a time. "Name:
    text" counts as speech when at least two names come back, or when one name speaks three times. A name
    alone on its line, in bold or before text, counts when it comes back.
    """
    if is_chat(lines):
        return read_chat(lines, not_names=_NOT_NAMES)
    messages = with_messages(
        lines, is_label=lambda name: bool(_NOT_NAMES.match(name)) or role_of(name) is not None
    )
    if messages is not None:
        return messages
    return _monologues(_named(lines))


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
        if not speech or not known:
            result.append(line)
            continue
        stamped = None if line.time or not _STAMPED.match(line.content) else clock_time(line.content[:14])
        name = person_name(speech[0]) if cues else speech[0]
        result.append(replace(line, speaker=name, content=speech[1], time=line.time or stamped))
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
