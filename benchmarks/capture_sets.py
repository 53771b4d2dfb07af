"""Notes of real meetings with what their note takers wrote down, and the same notes without their markers.

A source is a folder with `labels.jsonl.xz`, a row a meeting, beside a `*.tar.xz` of the notes. A row names
its notes by `file`, or by `meeting`: a folder that holds the notes and, where there are any, the published
minutes (`*.html`). It may hold `present` or `attendees`, `topics`, `resolutions` or `decisions`, and
`actions`. A folder without labels is read too: then only what needs none is counted.
"""

import html
import json
import lzma
import re
import tarfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

_NOTES = (".log", ".md", ".rst", ".txt", ".vtt", ".srt", ".html")
_SKIPPED = re.compile(r"(?:^|/)(?:license|_index|readme)[^/]*$", re.I)


@dataclass(frozen=True, slots=True)
class GoldAction:
    """An action as the note taker wrote it."""

    text: str
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Gold:
    """What is known of a meeting. None: nothing is known, which is not the same as "there was none"."""

    present: tuple[str, ...] | None = None
    topics: tuple[str, ...] | None = None
    decisions: tuple[str, ...] | None = None
    actions: tuple[GoldAction, ...] | None = None


@dataclass(frozen=True, slots=True)
class MeetingNotes:
    """The notes of one meeting."""

    source: str
    name: str
    text: str
    gold: Gold

    @property
    def is_looked_at(self) -> bool:
        """Whether they are in the half that rules are made on; the other half checks them."""
        return sha256(self.name.encode()).digest()[0] % 2 == 0


@dataclass(slots=True)
class Source:
    """The meetings of one community."""

    name: str
    notes: list[MeetingNotes]
    nicks: Mapping[str, str] = field(default_factory=dict)
    """What the published minutes call whom the log calls by a nick."""

    @property
    def language(self) -> str:
        """Language of the source, as its folder's name begins."""
        return self.name.split("-")[0]


def read_sources(folder: Path) -> Iterator[Source]:
    """Yield the sources below a folder, by name.

    Args:
        folder: The data, the folder of all meetings in it, or one source.
    """
    archives = sorted({path.parent for path in folder.rglob("*.tar.xz")})
    for place in archives:
        if (place / "labels.jsonl.xz").exists() or place.parent.name == "meetings":
            source = _read_source(place)
            if source.notes:
                yield source


def _read_source(folder: Path) -> Source:
    texts = _texts(folder)
    labels = folder / "labels.jsonl.xz"
    if not labels.exists():
        notes = [
            MeetingNotes(folder.name, name, text, Gold()) for name, text in texts.items() if _is_notes(name)
        ]
        return Source(folder.name, notes)
    notes = []
    spoken: defaultdict[str, Counter[str]] = defaultdict(Counter)
    with lzma.open(labels, "rt", encoding="utf-8") as rows:
        for line in rows:
            row = json.loads(line)
            name = row.get("file") or _log_of(row["meeting"], texts)
            if name is None or name not in texts:
                continue
            notes.append(MeetingNotes(folder.name, name, texts[name], gold_of(row)))
            for other, minutes in texts.items():
                if other.startswith(f"{row.get('meeting')}/") and other.endswith(".html"):
                    _learn_nicks(texts[name], minutes, spoken)
    nicks = {nick: counts.most_common(1)[0][0] for nick, counts in spoken.items()}
    return Source(folder.name, notes, nicks)


def _texts(folder: Path) -> dict[str, str]:
    texts = {}
    for archive in sorted(folder.glob("*.tar.xz")):
        with tarfile.open(archive) as members:
            for member in members:
                data = members.extractfile(member) if member.isfile() else None
                if data is not None:
                    texts[member.name] = data.read().decode("utf-8", "replace")
    return texts


def _is_notes(name: str) -> bool:
    return name.endswith(_NOTES) and not _SKIPPED.search(name)


def _log_of(meeting: str, texts: Mapping[str, str]) -> str | None:
    inside = [name for name in texts if name.startswith(f"{meeting}/") and not name.endswith(".html")]
    # Beside the log there may be a short one of what was changed in it.
    return max(inside, key=lambda name: (name.endswith((".log", ".txt")), len(texts[name])), default=None)


def gold_of(row: Mapping[str, Any]) -> Gold:
    """Read a row of labels.

    Where labels were read from published minutes (`meeting`), an empty list says that there was none. Where
    they were read from a list in the notes themselves (`file`), it says that nobody wrote such a list.
    """
    complete = "meeting" in row

    def known(*keys: str) -> Sequence[Any] | None:
        value = next((row[key] for key in keys if key in row), None)
        return value if value or (complete and value is not None) else None

    people = known("present", "attendees")
    decisions = known("resolutions", "decisions")
    actions = known("actions")
    topics = known("topics")
    return Gold(
        present=tuple(_names(people)) if people else None,
        topics=tuple(topics) if topics else None,
        decisions=None if decisions is None else tuple(_text(item) for item in decisions),
        actions=None if actions is None else tuple(_action(item) for item in actions),
    )


def _names(labels: Sequence[str]) -> Iterator[str]:
    """Names out of labels that were taken line by line: several on one, an unticked box, what was said."""
    for label in labels:
        if re.match(r"^\[ ?\]", label):
            continue  # "[] Name": somebody who did not come
        for piece in label.split(","):
            bare = re.sub(r"\s*[(\[].*$|\s+(?:est|is|has|was|a)\s+(?:arrivé|arrived|joined).*$", "", piece)
            if bare.strip():
                yield bare.strip()


def _text(item: Any) -> str:
    return str(item["text"] if isinstance(item, Mapping) else item).replace("**", " ").strip()


_TO = re.compile(r"^(?P<who>@?[\w.'’-]+(?: [A-ZÀ-Þ][\w.'’-]+){0,2}) (?:to|will)\s")
_AFTER = re.compile(r"\s:\s(?P<who>[A-ZÀ-Þ][\w'’-]+)\s*$")


def _action(item: Any) -> GoldAction:
    if isinstance(item, Mapping):
        text, owner = str(item.get("task") or item.get("text")), item.get("owner")
    else:
        text, owner = str(item), None
    text = text.replace("**", " ").strip()
    found = None if owner else _AFTER.search(text) or _TO.match(text)
    return GoldAction(text, owner or (found.group("who") if found else None))


_SAID = re.compile(r"<[\s@+]*([^<>\s]{1,40})>\s*(.*)$")
_PUBLISHED = re.compile(r'class="name">([^<]{2,60})</span>\s*:(.*?)</div>', re.S)


def _learn_nicks(log: str, minutes: str, spoken: defaultdict[str, Counter[str]]) -> None:
    """Count which name stands in the minutes before the words that a nick wrote, or was reported to say."""
    by_words: dict[str, str] = {}
    for line in log.splitlines():
        found = _SAID.search(line)
        if found:
            nick, said = found.groups()
            reported = re.match(r"^([\w.'’-]{2,30}): (.+)$", said)
            if reported:
                by_words.setdefault(_key(reported.group(2)), reported.group(1))
            by_words.setdefault(_key(said), nick)
    for name, words in _PUBLISHED.findall(minutes):
        nick = by_words.get(_key(html.unescape(re.sub(r"<[^>]*>", "", words)).replace("✪", "")))
        if nick:
            spoken[nick.casefold().rstrip("_")][html.unescape(name)] += 1


def _key(words: str) -> str:
    return "".join(re.findall(r"\w", words.casefold()))[:60]


_MARKER = (
    r"(?:action(?: items?| points?)?|todo|to-do|à faire|a faire|tâche|resolved|resolution|résolution|résolu|"
    r"decision|décision|decided|décidé|agreed|accord|proposed(?: resolution)?|proposal|proposition|proposé|"
    r"motion|résolu|vote)s?"
)
_MARKED_LINE = re.compile(
    r"^(?P<before>\s*(?:\S{0,14}\s*\S{0,10}\s*<[^<>\s]{1,40}>\s*)?(?:[-*+#>]+\s*)?(?:\[[ xX]?\]\s*)?[*_`]*)"
    rf"{_MARKER}\s?(?:[#n°]?\d[\d.]*)?\s?[*_`]*\s?:\s*[*_`]*\s*(?=\S)",
    re.I,
)
_BOT = re.compile(r"<[^<>\s]*(?:bot|agent|zakim)[^<>\s]*>", re.I)
_HEADING = re.compile(r"^(?P<marks>#{1,6})\s+(?P<text>.+?)[\s#:*]*$")
_UNDERLINE = re.compile(r"^([=\-~^*\"'])\1{2,}\s*$")
_LABEL = re.compile(r"^[\s*_]*(?P<text>[^:|]{3,60}?)[\s*_]*:[\s*_]*$")
_SECTION = re.compile(
    r"\b(?:actions?|todos?|to do|à faire|décisions?|decisions?|résolutions?|resolutions?|next steps)\b", re.I
)
_OF_TABLE = re.compile(r"^\|?\s*\**(?:decisions?|actions?)(?: items?)?\**\s*\|", re.I)


def without_marker_words(text: str) -> str:
    """Return notes without words that mark a line, and without headings over lists of actions or decisions.

    What they mark stays: the words of the line, the items of the list, the rows of the table.
    """
    kept: list[str] = []
    lines = text.splitlines()
    for index, line in enumerate(lines):
        if _BOT.search(line) and re.search(_MARKER, line, re.I):
            continue  # a bot that repeats what it has written down
        heading = _heading_text(lines, index)
        if heading is not None and _SECTION.search(heading) and len(heading) <= 80:
            continue
        if _OF_TABLE.match(line):
            continue
        kept.append(_MARKED_LINE.sub(lambda found: found.group("before"), line))
    return "\n".join(kept) + "\n"


def without_sections(text: str) -> str:
    """Return notes without marker words, and without the lists and tables below such headings."""
    kept: list[str] = []
    lines = text.splitlines()
    inside = 0
    table = False
    for index, line in enumerate(lines):
        heading = _heading_text(lines, index)
        if heading is not None:
            level = _heading_level(lines, index)
            if inside and level > inside and not _SECTION.search(heading):
                continue
            inside = level if _SECTION.search(heading) and len(heading) <= 80 else 0
        table = bool(_OF_TABLE.match(line)) or (table and "|" in line)
        if not inside and not table:
            kept.append(line)
    return without_marker_words("\n".join(kept))


def _heading_text(lines: Sequence[str], index: int) -> str | None:
    found = _HEADING.match(lines[index]) or _LABEL.match(lines[index])
    if found:
        return found.group("text")
    below = lines[index + 1] if index + 1 < len(lines) else ""
    if lines[index].strip() and _UNDERLINE.match(below) and not lines[index].startswith(("|", "-", "*")):
        return lines[index].strip()
    return None


def _heading_level(lines: Sequence[str], index: int) -> int:
    found = _HEADING.match(lines[index])
    return len(found.group("marks")) if found else 2 if not _LABEL.match(lines[index]) else 7
