"""Who was at the meeting, who was not, and who led it and wrote it down."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from capture.blocks import Block
from capture.formats.speakers import chat_author
from capture.lines import LineKind, NoteLine, folded
from capture.people import clean_name, split_names, unique_names
from capture.vocabulary import PEOPLE_ROLES, Role, role_of

_FULL = r"[A-ZÀ-Þ][\w'’-]+(?: (?:de |du |le |la |van |von )?[A-ZÀ-Þ][\w'’-]+){0,3}"
# The commands of W3C's meeting bots (https://w3c.github.io/scribe2/scribedoc.html).
_CHAT_COMMAND = re.compile(
    r"^(present|regrets|scribe|scribenick|chairs?|guests?)\s*([+:-]|\s\+)\s*(.*)$", re.I
)
_CHAT_ROLES = {
    "present": Role.PRESENT,
    "guest": Role.PRESENT,
    "regret": Role.ABSENT,
    "scribe": Role.SCRIBE,
    "scribenick": Role.SCRIBE,
    "chair": Role.CHAIR,
}
_LABEL = re.compile(
    r"(?:^|(?<=[.;|)\]])\s+|(?<=[(\[])|\s+[–—/-]\s+)((?:[^:.;|,(\[]|\.(?=\w)|\([^()]{0,30}\)){2,60}?)\s?:\s*"
)
_JOINED = re.compile(
    r"(?:^|: )([^\W\d_][\w.'’ -]{1,50}?)(?: \([^()]{1,80}\))? (?:has |a )?(?:joined the "
    r"(?:conference|call|meeting)|rejoint (?:la réunion|l[’']appel|la conférence))\b"
)
_NOTICE = re.compile(
    r"^ack ([^\W\d_][\w.-]{1,30})$|([^\W\d_][\w.-]{1,30})(?: \([^()]{1,80}\))? has joined #", re.I
)
_ACTIVE = 2
"""Lines in a chat from which on somebody is there, whether they said so or not."""
_FEW = 2
"""Where no more said that they were present, that was no rule of the meeting."""
_LONGEST_LIST = 10_000
"""Characters of a list of people on one line: some 500 names."""
_SAID_ABSENT = re.compile(r"[(\[–—-]\s*(?:absent|excuse|regrets|apologies|pas la|not present)", re.I)
_MARKED_NAME = re.compile(
    r"(?P<who>[^,;()\n]{2,60}?)\s*\((?P<why>[^()]{0,60}\b(?:absente?|excusée?|regrets|apologies|"
    r"not present)\b"
    r"[^()]{0,60})\)",
    re.I,
)
# "Absents et excusés" does not say who is which.
_EXCUSED = re.compile(
    r"^(?!.*\babsent\w*\s*(?:et|ou|/|,|and|or)\s).*\b(?:excuse|regret|apolog|pouvoir|procuration|unable)"
)
_PROSE = (
    (
        Role.CHAIR,
        re.compile(
            rf"\b(?:présidée?|animée?|modérée?|dirigée?|menée?|facilitée?|chaired|moderated|facilitated|"
            rf"hosted|led) "
            rf"(?:par|by) (?P<who>{_FULL})"
        ),
    ),
    (
        Role.SCRIBE,
        re.compile(
            rf"\b(?:(?:notes? prises?|compte[- ]rendu rédigé|rédigée?) par|(?:minutes|notes) (?:taken|"
            rf"written) by|"
            rf"scribed by) (?P<who>{_FULL})|(?P<before>{_FULL}) (?:en est nommée? secrétaire|est (?:nommée? |"
            rf"désignée? )?secrétaire(?: de séance)?|is scrib(?:e|ing)|was scribe|took (?:the )?(?:minutes|"
            rf"notes))\b"
        ),
    ),
)
# "Alice Moore (chair)"
_ROLE_OF_NAME = tuple(
    (
        role,
        re.compile(
            rf"(?P<who>[^,;()\n]{{2,60}}?)\s*\((?:[^()]{{0,40}}\b)?(?:{words})(?:\b[^()]{{0,40}})?\)", re.I
        ),
    )
    for role, words in (
        (Role.CHAIR, "chair|chairing|moderator|host|président(?:e)? de séance|animat(?:eur|rice)|animation"),
        (Role.SCRIBE, "scribe|minutes|notes|note[- ]taker|secrétaire de séance|prise de notes"),
    )
)
_READ_FOR_CHAIR = 40
"""Blocks from the top in which a sentence may say who led the meeting."""
_ABSENT_GROUP = re.compile(r"^[^:,;]{0,30}\b(?:absent(?:e?s)?|excusee?s?|regrets|apologies)[^:,;\w]{0,3}:")
_HEADER_NAME = re.compile(r"nom|name|participant|attendee|qui|who|present|membre|member|personne", re.I)
_YES = re.compile(r"^(?:x|✓|✔|✅|oui|yes|present|presente|ok|1)$")
_NO = re.compile(r"^(?:absent|absente|excuse|excusee|non|no|regrets|0|-)$")


class _Lists:
    """Names by role, as they are found."""

    def __init__(self) -> None:
        self._names: dict[Role, list[str]] = {role: [] for role in PEOPLE_ROLES}
        self.excused: list[str] = []

    def of(self, role: Role) -> list[str]:
        return self._names[role]

    def add(self, role: Role, names: Iterable[str], *, label: str = "", text: str = "") -> None:
        """Add names of a role.

        Args:
            role: What a label, a heading or a command says that they are.
            names: The names.
            label: The words that say so.
            text: Where they stand: "Léa, Marc (excusé)" may say of one of them that they were not there.
        """
        marked = {
            folded(name): bool(_EXCUSED.search(folded(one.group("why"))))
            for one in _MARKED_NAME.finditer(text)
            if (name := clean_name(one.group("who"))) is not None
        }
        for other, pattern in _ROLE_OF_NAME:
            for one in pattern.finditer(text):
                name = clean_name(one.group("who"))
                if name is not None and role is Role.PRESENT:
                    self._names[other].append(name)
        excused = role is Role.ABSENT and bool(_EXCUSED.search(folded(label)))
        for name in names:
            away = marked.get(folded(name))
            self._names[Role.ABSENT if away is not None and role is Role.PRESENT else role].append(name)
            if away or (excused and away is not False):
                self.excused.append(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """The people of the meeting, each once, in the order of the notes."""

    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    excused: tuple[str, ...] = ()
    """Those of the absent who sent word."""
    chairs: tuple[str, ...] = ()
    scribes: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()
    """Everyone whom the notes let speak."""
    others: tuple[str, ...] = ()
    """Who came into the channel, or was given the word, and is not among the others."""

    @property
    def everyone(self) -> tuple[str, ...]:
        """All of them, each once."""
        groups = (self.present, self.absent, self.chairs, self.scribes, self.speakers, self.others)
        return tuple(unique_names(name for group in groups for name in group))


def attendance(lines: tuple[NoteLine, ...], blocks: list[Block]) -> Attendance:
    """Read the people of a meeting from its lists, labels, tables and chat commands.

    Where no list says who was there, those were who joined the call or speak in the notes.
    """
    found = _Lists()
    left: set[str] = set()
    listed = [block for block in blocks if block.role in (Role.PRESENT, Role.ABSENT)]
    ticked = any(block.checked for block in listed)
    boxes = sum(block.checked is not None for block in listed) >= 2
    for block in listed:
        if boxes and ticked and block.checked is None and block.kind is LineKind.ITEM:
            continue  # a list of something else that stands below the list of people
        if block.kind is LineKind.ROW:
            _read_row(block, listed, found)
        else:
            _read_listed(block, found, ticked=ticked)
    for block in blocks:
        if block.role in (Role.CHAIR, Role.SCRIBE) and block.kind is not LineKind.ROW and block.lines:
            found.add(block.role, split_names(block.text)[:4] if len(block.text) < 120 else [])
        if block.role not in (Role.PRESENT, Role.ABSENT):
            _read_labels(block.text, found)
            _read_prose(block, found)
    for line in lines:
        if line.kind is LineKind.HEADING:
            _read_labels(line.content, found)
        elif line.speaker and line.kind is LineKind.TEXT:
            _read_command(line, found, left)
    spoken = [line.speaker for line in lines if line.speaker and line.kind is not LineKind.META]
    speakers = [name for name in unique_names(spoken) if clean_name(name) and not name.startswith("*")]
    authors = [chat_author(line.text) for line in lines if line.speaker and line.kind is not LineKind.META]
    joined = [
        name for line in lines if (met := _JOINED.search(line.content)) and (name := clean_name(met.group(1)))
    ]
    # A log that starts late saw few people join; then those who write tell more.
    there = max(unique_names(joined), _people_of(authors), key=len) or speakers
    absent_keys = {folded(name) for name in found.of(Role.ABSENT)}
    present = [name for name in found.of(Role.PRESENT) if folded(name) not in absent_keys | left]
    if not present:
        present = [name for name in there if folded(name) not in absent_keys]
    elif any(authors):
        present = _with_active(present, found, speakers=spoken, authors=authors, gone=left)
    return Attendance(
        present=tuple(unique_names(present)),
        absent=tuple(unique_names(found.of(Role.ABSENT))),
        excused=tuple(unique_names(found.excused)),
        chairs=tuple(unique_names(found.of(Role.CHAIR))),
        scribes=tuple(unique_names(found.of(Role.SCRIBE))),
        speakers=tuple(speakers),
        others=tuple(unique_names(_in_channel(lines))),
    )


def _with_active(
    present: list[str],
    found: "_Lists",
    *,
    speakers: Sequence[str],
    authors: Sequence[str | None],
    gone: set[str],
) -> list[str]:
    """Add who led and took notes to those who said they were present, and who spoke, where few said so."""
    wrote = Counter(bare for nick in authors if nick and (bare := nick.lstrip("*+@%~& ")))
    people = _people_of([*present, *found.of(Role.CHAIR), *found.of(Role.SCRIBE)])
    if len(present) > _FEW:
        return [name for name in people if folded(name) not in gone]
    people = _people_of([*people, *(nick for nick, lines in wrote.items() if lines >= _ACTIVE)])
    reported = [name for name, times in Counter(speakers).items() if times >= _ACTIVE and name not in wrote]
    initials = {folded(name)[:1] for name in people}
    # "markus" may be the one who writes as "mlnt"; "sandro" is nobody whose nick is known.
    people += [name for name in _people_of(reported) if folded(name)[:1] not in initials]
    return [name for name in people if folded(name) not in gone]


def _in_channel(lines: tuple[NoteLine, ...]) -> list[str]:
    """Nicks in the notices of a chat: who came in, who was given the word."""
    notices = (_NOTICE.search(line.content) for line in lines if line.speaker or line.kind is LineKind.META)
    return [name.rstrip("_") for found in notices if found for name in (found.group(1) or found.group(2),)]


def _people_of(nicks: Iterable[str | None]) -> list[str]:
    """Return nicks, one for each person: "marc_", "marc2" and "marc|away" are marc after a lost line."""
    first: dict[str, str] = {}
    for mark_and_nick in nicks:
        nick = (mark_and_nick or "").lstrip("*+@%~& ")  # "* marc nods", and what a server shows of ranks
        if nick:
            bare = re.sub(r"(?:[\d_`^]+|\|.*)$", "", nick) or nick
            first.setdefault(folded(bare), bare)
    return list(first.values())


def _read_listed(block: Block, found: "_Lists", *, ticked: bool) -> None:
    role = block.role
    if role is None:
        return
    rest = _read_labels(block.text, found)
    if not rest.strip():
        return
    if len(rest) > 1500 or rest.startswith(("http://", "https://")):
        return
    if _ABSENT_GROUP.match(folded(rest)):
        role = Role.ABSENT
    if _SAID_ABSENT.search(folded(rest)) and block.kind is LineKind.ITEM:
        role = Role.ABSENT
    heading = block.heading_path[-1] if block.heading_path else ""
    if role is Role.PRESENT and ticked and block.checked is False:
        role = Role.ABSENT
    found.add(
        role, split_names(rest), label=f"{heading} {rest[:40]}" if role is Role.ABSENT else "", text=rest
    )


def _read_labels(text: str, found: "_Lists") -> str:
    """Read "Présents : A, B. Excusée : C" into `found`; return what stands before the first such label."""
    labels = [
        (match, role)
        for match in _LABEL.finditer(text[:3000])
        if (role := role_of(match.group(1))) in PEOPLE_ROLES
    ]
    if not labels:
        return text
    bracketed = False
    for position, (match, role) in enumerate(labels):
        end = labels[position + 1][0].start() if position + 1 < len(labels) else len(text)
        people = text[match.end() : min(end, match.end() + _LONGEST_LIST)]
        if role in (Role.CHAIR, Role.SCRIBE) and len(people) > 120:
            continue
        sentence = re.split(r"(?<=[^\W\d_]{3})\.\s+(?=[A-ZÀ-Þ])", people, maxsplit=1)[0]
        if text[match.start() - 1 : match.start()] in ("(", "[") and match.start():
            bracketed = True
        if bracketed:  # "(présents : Léa, Marc ; excusée : Ana)"
            sentence = re.split(r"[)\]]", sentence, maxsplit=1)[0]
        if role is not None:
            found.add(role, split_names(sentence), label=match.group(1), text=sentence)
    return text[: labels[0][0].start()]


def _read_prose(block: Block, found: "_Lists") -> None:
    """Read who led the meeting and who wrote it down, out of a sentence at its top."""
    if block.position >= _READ_FOR_CHAIR or block.speaker:
        return
    for role, pattern in _PROSE:
        said = pattern.search(block.text[:1000])
        name = clean_name(next(group for group in said.groups() if group)) if said else None
        if name is not None:
            found.add(role, [name])


def _read_command(line: NoteLine, found: "_Lists", left: set[str]) -> None:
    command = _CHAT_COMMAND.match(line.content)
    if not command or not line.speaker:
        return
    role = _CHAT_ROLES.get(command.group(1).lower().rstrip("s"), Role.PRESENT)
    # In these commands an underscore stands for the space in a name.
    said = command.group(3).replace("_", " ")
    names = split_names(said) if said.strip() else [line.speaker]
    if "-" in command.group(2):
        if role is Role.PRESENT:
            left.update(folded(name) for name in names if said.strip())
        return
    left.difference_update(folded(name) for name in names)
    found.add(role, names, label=command.group(1))


def _read_row(block: Block, rows: list[Block], found: "_Lists") -> None:
    if block.header or not block.cells:
        return
    header = next(
        (
            row
            for row in reversed(rows)
            if row.header and row.position < block.position and len(row.cells) == len(block.cells)
        ),
        None,
    )
    column = 0
    if header is not None:
        column = next(
            (index for index, cell in enumerate(header.cells) if _HEADER_NAME.search(folded(cell))), 0
        )
    name = clean_name(block.cells[column])
    if name is None or block.role is None:
        return
    marks = [folded(cell) for index, cell in enumerate(block.cells) if index != column]
    away = any(_NO.match(mark) for mark in marks) and not any(_YES.match(mark) for mark in marks)
    found.add(Role.ABSENT if away else block.role, [name], label=" ".join(marks) if away else "")
